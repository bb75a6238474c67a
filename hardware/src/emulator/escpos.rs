//! ESC/POS, the way in: from bytes to commands. Pure; total.

/// What a printer is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// A letter of text in the printer's own code page.
    Text(u8),
    /// LF: print the line.
    Line,
    /// `ESC @`.
    Initialise,
    /// `ESC a`: 0 left, 1 centre, 2 right.
    Align(u8),
    /// `ESC !` or `GS !`: whether letters are wide or high.
    Large(Large),
    /// `ESC J`: feed dots.
    FeedDots(u8),
    /// `ESC d`: feed lines.
    FeedLines(u8),
    /// `GS v 0`.
    Raster {
        /// Bytes a row.
        width_bytes: usize,
        /// The rows.
        dots: Vec<u8>,
    },
    /// `GS ( k` function 67: the size of a QR module.
    QrModule(u8),
    /// `GS ( k` function 80: the text of a QR code.
    QrText(Vec<u8>),
    /// `GS ( k` function 81: print it.
    QrPrint,
    /// `GS V`: cut, after feeding so many dots.
    Cut(u8),
    /// `GS a`: what to report by itself.
    EnableAsb(u8),
    /// `GS r`.
    SendSensor(u8),
    /// `GS ( H` function 48: say that all before was processed.
    Confirm([u8; 4]),
    /// Understood, and nothing to do here (settings that do not change the paper; real-time commands, which were obeyed on arrival).
    Nothing,
    /// Not understood.
    Unknown,
}

/// Whether letters are enlarged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Large {
    /// As small as they come.
    No,
    /// Wide, high or both.
    Yes,
}

/// The first command of a buffer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parsed {
    /// More bytes are needed.
    Incomplete,
    /// A command and the bytes that it takes.
    Command(Command, usize),
}

/// Reads the first command of a buffer.
#[must_use]
pub fn parse(buffer: &[u8]) -> Parsed {
    match buffer {
        [] | [0x1B | 0x1D | 0x10 | 0x1C] => Parsed::Incomplete,
        [0x1B, rest @ ..] => parse_esc(rest),
        [0x1D, rest @ ..] => parse_gs(rest),
        [0x10, rest @ ..] => parse_dle(rest),
        [0x1C, ..] => Parsed::Command(Command::Nothing, 2),
        [b'\n', ..] => Parsed::Command(Command::Line, 1),
        [byte @ 0x20..=0xFF, ..] => Parsed::Command(Command::Text(*byte), 1),
        _ => Parsed::Command(Command::Nothing, 1),
    }
}

/// After ESC.
fn parse_esc(rest: &[u8]) -> Parsed {
    match rest {
        [b'@', ..] => Parsed::Command(Command::Initialise, 2),
        [b'2' | b'<', ..] => Parsed::Command(Command::Nothing, 2),
        [b'$' | b'\\', tail @ ..] => with(tail, 2, 2, |_| Command::Nothing),
        [name, tail @ ..] => with(tail, 1, 2, |parameters| esc_command(*name, parameters[0])),
        [] => Parsed::Incomplete,
    }
}

fn esc_command(name: u8, n: u8) -> Command {
    match name {
        b'a' => Command::Align(n & 0x03),
        b'!' => Command::Large(if n & 0x30 == 0 { Large::No } else { Large::Yes }),
        b'J' => Command::FeedDots(n),
        b'd' => Command::FeedLines(n),
        b't' | b'R' | b'M' | b'E' | b'G' | b'-' | b'{' | b'3' | b' ' | b'r' | b'V' | b'c' => Command::Nothing,
        _ => Command::Unknown,
    }
}

/// After GS.
fn parse_gs(rest: &[u8]) -> Parsed {
    match rest {
        [b'v', tail @ ..] => parse_raster(tail),
        [b'(', tail @ ..] => parse_extended(tail),
        [b'V', 65 | 66 | 97 | 98 | 103 | 104, tail @ ..] => with(tail, 1, 3, |n| Command::Cut(n[0])),
        [b'V'] => Parsed::Incomplete,
        [b'V', _, ..] => Parsed::Command(Command::Cut(0), 3),
        [b'L' | b'W' | b'P' | b'$' | b'\\', tail @ ..] => with(tail, 2, 2, |_| Command::Nothing),
        [name, tail @ ..] => with(tail, 1, 2, |parameters| gs_command(*name, parameters[0])),
        [] => Parsed::Incomplete,
    }
}

fn gs_command(name: u8, n: u8) -> Command {
    match name {
        b'a' => Command::EnableAsb(n),
        b'r' => Command::SendSensor(n),
        b'!' => Command::Large(if n == 0 { Large::No } else { Large::Yes }),
        b'B' | b'H' | b'h' | b'w' | b'f' | b'I' => Command::Nothing,
        _ => Command::Unknown,
    }
}

/// After `GS v`: `0 m xL xH yL yH` and the dots.
fn parse_raster(tail: &[u8]) -> Parsed {
    let [_, _, xl, xh, yl, yh, dots @ ..] = tail else { return Parsed::Incomplete };
    let width_bytes = usize::from(u16::from_le_bytes([*xl, *xh]));
    let length = width_bytes * usize::from(u16::from_le_bytes([*yl, *yh]));
    let raster = |dots: &[u8]| Command::Raster { width_bytes, dots: dots.to_vec() };
    with(dots, length, 8, raster)
}

/// After `GS (`: `X pL pH` and so many parameters.
fn parse_extended(tail: &[u8]) -> Parsed {
    let [name, low, high, parameters @ ..] = tail else { return Parsed::Incomplete };
    let length = usize::from(u16::from_le_bytes([*low, *high]));
    with(parameters, length, 5, |parameters| match (name, parameters) {
        (b'k', [49, 67, module]) => Command::QrModule(*module),
        (b'k', [49, 80, 48, text @ ..]) => Command::QrText(text.to_vec()),
        (b'k', [49, 81, ..]) => Command::QrPrint,
        (b'H', [48, 48, a, b, c, d]) => Command::Confirm([*a, *b, *c, *d]),
        _ => Command::Nothing,
    })
}

/// After DLE. These were obeyed when they arrived.
fn parse_dle(rest: &[u8]) -> Parsed {
    match rest {
        [0x04 | 0x05, tail @ ..] => with(tail, 1, 2, |_| Command::Nothing),
        [0x14, 8, tail @ ..] => with(tail, 7, 3, |_| Command::Nothing),
        [0x14, _, tail @ ..] => with(tail, 2, 3, |_| Command::Nothing),
        [0x14] => Parsed::Incomplete,
        _ => Parsed::Command(Command::Unknown, 1),
    }
}

/// A command of `head` bytes and `count` parameters, which begin `tail`.
fn with(tail: &[u8], count: usize, head: usize, command: impl FnOnce(&[u8]) -> Command) -> Parsed {
    match tail.get(..count) {
        Some(parameters) => Parsed::Command(command(parameters), head + count),
        None => Parsed::Incomplete,
    }
}

/// A command that is obeyed the moment it arrives, whatever else the printer is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RealTime {
    /// `DLE EOT n`.
    Status(u8),
    /// `DLE ENQ n`: 1 recover, 2 recover and clear.
    Recover(u8),
    /// `DLE DC4 8`.
    Clear,
}

/// Finds real-time commands in the raw stream, also in the midst of raster data, as printers do.
#[derive(Debug, Default)]
pub(super) struct RealTimeFinder {
    tail: Vec<u8>,
}

impl RealTimeFinder {
    pub(super) fn push(&mut self, byte: u8) -> Option<RealTime> {
        if self.tail.is_empty() && byte != 0x10 {
            return None;
        }
        self.tail.push(byte);
        let found = match self.tail[..] {
            [0x10, 0x04, n @ 1..=4] => Some(RealTime::Status(n)),
            [0x10, 0x05, n @ 1..=2] => Some(RealTime::Recover(n)),
            [0x10, 0x14, 8, 1, 3, 20, 1, 6, 2, 8] => Some(RealTime::Clear),
            [0x10] | [0x10, 0x04 | 0x05 | 0x14] => return None,
            [0x10, 0x14, ref rest @ ..] if [8, 1, 3, 20, 1, 6, 2, 8].starts_with(rest) => return None,
            _ => None,
        };
        self.tail.clear();
        if found.is_none() && byte == 0x10 {
            self.tail.push(byte);
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(mut bytes: &[u8]) -> Vec<Command> {
        let mut commands = Vec::new();
        while let Parsed::Command(command, length) = parse(bytes) {
            commands.push(command);
            bytes = &bytes[length..];
        }
        commands
    }

    #[test]
    fn commands_are_read_with_their_parameters() {
        assert_eq!(
            all(b"\x1B@\x1Ba\x01A\n\x1BJ\x10\x1DV\x01\x1DVB\x08\x1Da\x0F\x1Dr\x01\x1D(H\x06\0\x30\x30abcd"),
            [
                Command::Initialise,
                Command::Align(1),
                Command::Text(b'A'),
                Command::Line,
                Command::FeedDots(16),
                Command::Cut(0),
                Command::Cut(8),
                Command::EnableAsb(15),
                Command::SendSensor(1),
                Command::Confirm(*b"abcd"),
            ]
        );
        let raster = Command::Raster { width_bytes: 2, dots: vec![1, 2, 3, 4] };
        assert_eq!(all(b"\x1Dv0\0\x02\0\x02\0\x01\x02\x03\x04"), [raster]);
        assert_eq!(parse(b"\x1Dv0\0\x02\0\x02\0\x01\x02\x03"), Parsed::Incomplete);
        assert_eq!(all(b"\x1D(k\x04\0\x31\x50\x30Q"), [Command::QrText(b"Q".to_vec())]);
    }

    #[test]
    fn real_time_commands_are_found_wherever_they_stand() {
        let mut finder = RealTimeFinder::default();
        let bytes = b"\xFF\x10\x10\x04\x01\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08\x10\x05\x02\x10\x04\x09";
        let found: Vec<_> = bytes.iter().filter_map(|byte| finder.push(*byte)).collect();
        assert_eq!(found, [RealTime::Status(1), RealTime::Clear, RealTime::Recover(2)]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_to_their_end_or_wait(bytes: Vec<u8>) {
            let mut rest = &bytes[..];
            while let Parsed::Command(_, length) = parse(rest) {
                prop_assert!(length > 0 && length <= rest.len());
                rest = &rest[length..];
            }
        }
    }
}
