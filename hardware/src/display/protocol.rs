//! The customer display command set, as Epson DM-D displays and their many likes have it. Pure; total.

const ESC: u8 = 0x1B;
const US: u8 = 0x1F;

/// A command to a display.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// `ESC @`: clear, and everything as after switching on.
    Initialise,
    /// `CLR`: clear, and the cursor to the first place.
    Clear,
    /// `CAN`: clear the cursor's row.
    ClearRow,
    /// `US $ column row`: the cursor there; both count from 1.
    MoveTo {
        /// From 1.
        column: u8,
        /// From 1.
        row: u8,
    },
    /// `HOM`: the cursor to the first place.
    Home,
    /// `CR`: the cursor to the begin of its row.
    RowBegin,
    /// `LF`: the cursor a row down.
    Down,
    /// `BS`: the cursor a place back.
    Back,
    /// `HT`: the cursor a place on.
    Forward,
    /// `US MD1`: what is written replaces what was there.
    Overwrite,
    /// `US X n`: brightness 1 to 4.
    Brightness(u8),
    /// `US E n`: blink every n times 50 ms; 0 not at all, 255 dark.
    Blink(u8),
    /// `US C n`: the cursor is seen, or not.
    Cursor(u8),
    /// A character in the cursor's place.
    Character(u8),
    /// A command that is known in its length and changes nothing that is shown here (character sets, reverse, peripheral).
    Other,
    /// A byte that is no command.
    Unknown(u8),
}

impl Command {
    /// The bytes on the line. [`Command::Other`] has none.
    #[must_use]
    pub fn encode(self) -> Vec<u8> {
        match self {
            Self::Initialise => vec![ESC, b'@'],
            Self::Clear => vec![0x0C],
            Self::ClearRow => vec![0x18],
            Self::MoveTo { column, row } => vec![US, b'$', column, row],
            Self::Home => vec![0x0B],
            Self::RowBegin => vec![b'\r'],
            Self::Down => vec![b'\n'],
            Self::Back => vec![0x08],
            Self::Forward => vec![b'\t'],
            Self::Overwrite => vec![US, 0x01],
            Self::Brightness(level) => vec![US, b'X', level],
            Self::Blink(interval) => vec![US, b'E', interval],
            Self::Cursor(seen) => vec![US, b'C', seen],
            Self::Character(byte) | Self::Unknown(byte) => vec![byte],
            Self::Other => Vec::new(),
        }
    }
}

/// The bytes that write rows of plain text over all that a display shows, without a moment of darkness.
#[must_use]
pub fn write_rows(rows: &[String]) -> Vec<u8> {
    let row = |(index, text): (usize, &String)| {
        let place = Command::MoveTo { column: 1, row: u8::try_from(index + 1).unwrap_or(u8::MAX) };
        [place.encode(), text.clone().into_bytes()].concat()
    };
    rows.iter().enumerate().flat_map(row).collect()
}

/// Reads commands from a stream, wherever it is cut.
#[derive(Clone, Debug, Default)]
pub struct CommandStream {
    waiting: Vec<u8>,
}

impl CommandStream {
    /// Takes bytes as they arrive; gives the commands that they complete.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<Command> {
        bytes.iter().filter_map(|byte| self.push_byte(*byte)).collect()
    }

    fn push_byte(&mut self, byte: u8) -> Option<Command> {
        self.waiting.push(byte);
        let command = read(&self.waiting)?;
        self.waiting.clear();
        Some(command)
    }
}

/// The command that some bytes are; none when they are only its begin. At most four bytes are ever waited for.
fn read(bytes: &[u8]) -> Option<Command> {
    Some(match *bytes {
        [ESC] | [US] | [ESC, b'R' | b't' | b'=' | b'%'] | [US, b'X' | b'E' | b'C' | b'r' | b'$'] | [US, b'$', _] => {
            return None;
        }
        [ESC, b'@'] => Command::Initialise,
        [ESC, b'R' | b't' | b'=' | b'%', _] | [US, b'r', _] => Command::Other,
        [US, b'$', column, row] => Command::MoveTo { column, row },
        [US, b'X', level] => Command::Brightness(level),
        [US, b'E', interval] => Command::Blink(interval),
        [US, b'C', seen] => Command::Cursor(seen),
        [US, 0x01] => Command::Overwrite,
        [0x08] => Command::Back,
        [b'\t'] => Command::Forward,
        [b'\n'] => Command::Down,
        [0x0B] => Command::Home,
        [0x0C] => Command::Clear,
        [b'\r'] => Command::RowBegin,
        [0x18] => Command::ClearRow,
        [character @ 0x20..=0xFF] => Command::Character(character),
        [.., last] => Command::Unknown(last),
        [] => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_bytes_are_those_of_the_command_set() {
        assert_eq!(Command::Initialise.encode(), [0x1B, 0x40]);
        assert_eq!(Command::MoveTo { column: 1, row: 2 }.encode(), [0x1F, 0x24, 1, 2]);
        assert_eq!(Command::Brightness(4).encode(), [0x1F, 0x58, 4]);
        assert_eq!(Command::Blink(10).encode(), [0x1F, 0x45, 10]);
        assert_eq!(write_rows(&["AB".to_owned()]), b"\x1F$\x01\x01AB");
    }

    fn commands() -> impl Strategy<Value = Command> {
        prop_oneof![
            (any::<u8>(), any::<u8>()).prop_map(|(column, row)| Command::MoveTo { column, row }),
            any::<u8>().prop_map(Command::Brightness),
            any::<u8>().prop_map(Command::Blink),
            (0x20..=0xFF_u8).prop_map(Command::Character),
            Just(Command::Initialise),
            Just(Command::Clear),
            Just(Command::ClearRow),
            Just(Command::Home),
            Just(Command::Overwrite),
        ]
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_wherever_it_is_cut(written in prop::collection::vec(commands(), 0..40), cut: prop::sample::Index) {
            let bytes: Vec<u8> = written.iter().flat_map(|command| command.encode()).collect();
            let at = cut.index(bytes.len() + 1);
            let mut stream = CommandStream::default();
            let mut read = stream.push(&bytes[..at]);
            read.extend(stream.push(&bytes[at..]));
            prop_assert_eq!(read, written);
        }

        #[test]
        fn after_any_bytes_a_display_can_be_initialised(bytes: Vec<u8>) {
            let mut stream = CommandStream::default();
            stream.push(&bytes);
            // Three blanks complete whatever waits.
            stream.push(b"   ");
            prop_assert_eq!(stream.push(&Command::Initialise.encode()).pop(), Some(Command::Initialise));
        }
    }
}
