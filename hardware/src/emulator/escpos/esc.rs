//! After ESC.

use super::{Command, Large, Parsed, UserLetters, graphics, with, with_one, with_word, word};

/// The longest list of tab stops.
const MOST_TABS: usize = 32;

pub(super) fn parse(rest: &[u8]) -> Parsed {
    match rest {
        [] => Parsed::Incomplete,
        [b'*', tail @ ..] => bit_image(tail),
        [b'&', tail @ ..] => define_letters(tail),
        [b'D', tail @ ..] => tabs(tail),
        [b'(', tail @ ..] => graphics::skipped(tail),
        [b'$', tail @ ..] => with_word(tail, 2, Command::Absolute),
        [b'\\', tail @ ..] => with_word(tail, 2, |units| Command::Relative(units as i16)),
        [b'p', tail @ ..] => with(tail, 3, 2, |n| Command::Drawer(n[0] & 1)),
        [b'W', tail @ ..] => with(tail, 8, 2, |n| {
            Command::PageArea([word(n[0], n[1]), word(n[2], n[3]), word(n[4], n[5]), word(n[6], n[7])])
        }),
        [name, ..] if bare(*name).is_some() => Parsed::Command(bare(*name).unwrap_or(Command::Nothing), 2),
        // Panel buttons, paper sensors; the buzzer of many clones.
        [b'c' | b'B' | b'f', tail @ ..] => with(tail, 2, 2, |_| Command::Nothing),
        [name, tail @ ..] if takes_one(*name) => with_one(tail, 2, |n| one(*name, n)),
        [_, ..] => Parsed::Command(Command::Unknown, 2),
    }
}

/// Commands with no parameter.
fn bare(name: u8) -> Option<Command> {
    Some(match name {
        b'@' => Command::Initialise,
        b'2' => Command::LineSpacing(None),
        b'i' | b'm' => Command::Cut(0),
        b'L' => Command::PageMode,
        b'S' => Command::StandardMode,
        0x0C => Command::PrintPage,
        b'<' | b'v' | b'4' | b'5' => Command::Nothing,
        _ => return None,
    })
}

const fn takes_one(name: u8) -> bool {
    matches!(
        name,
        b' ' | b'!' | b'%' | b'+' | b'-' | b'3' | b'=' | b'?' | b'A' | b'E' | b'G' | b'J' | b'K' | b'M' | b'Q'
    ) || matches!(name, b'R' | b'T' | b'U' | b'V' | b'a' | b'd' | b'e' | b'q' | b'r' | b's' | b't' | b'u' | b'{')
}

fn one(name: u8, n: u8) -> Command {
    match name {
        b' ' => Command::LetterSpace(n),
        b'!' => Command::Mode(n),
        b'%' => Command::UseLetters(n & 1 == 1),
        b'-' => Command::Underline(if n < 48 { n.min(2) } else { (n - 48).min(2) }),
        b'3' | b'A' | b'+' => Command::LineSpacing(Some(n)),
        b'?' => Command::ForgetLetter(n),
        b'E' | b'G' => Command::Bold(n & 1 == 1),
        b'J' => Command::FeedDots(n),
        b'M' => Command::Font(n & 1),
        b'V' => Command::Turned(n & 3 != 0),
        b'a' => Command::Align(n & 3),
        b'd' => Command::FeedLines(n),
        b't' => Command::CodePage(n),
        b'{' => Command::UpsideDown(n & 1 == 1),
        _ => Command::Nothing,
    }
}

/// `m nL nH` and the columns.
fn bit_image(tail: &[u8]) -> Parsed {
    let [mode, low, high, columns @ ..] = tail else { return Parsed::Incomplete };
    let column_bytes = match mode {
        0 | 1 => 1,
        32 | 33 => 3,
        // No such mode: what follows is no image, as on a real one.
        _ => return Parsed::Command(Command::Unknown, 5),
    };
    let length = usize::from(word(*low, *high)) * column_bytes;
    with(columns, length, 5, |columns| Command::BitImage { mode: *mode, columns: columns.to_vec() })
}

/// `y c1 c2`, and for each letter from c1 to c2 its columns: `x` and `x * y` bytes.
fn define_letters(tail: &[u8]) -> Parsed {
    let [column_bytes, first, last, rest @ ..] = tail else { return Parsed::Incomplete };
    let mut rest = rest;
    let mut letters = Vec::new();
    let mut length = 5;
    for _ in *first..=*last {
        let [columns, dots @ ..] = rest else { return Parsed::Incomplete };
        let count = usize::from(*columns) * usize::from(*column_bytes);
        let Some(letter) = dots.get(..count) else { return Parsed::Incomplete };
        letters.push(letter.to_vec());
        rest = &dots[count..];
        length += 1 + count;
    }
    let letters = UserLetters { first: *first, column_bytes: *column_bytes, letters };
    Parsed::Command(Command::DefineLetters(letters), length)
}

/// Rising numbers up to a NUL; a number that does not rise ends the list and is a command's or letter's first byte.
fn tabs(tail: &[u8]) -> Parsed {
    let mut stops: Vec<u8> = Vec::new();
    for byte in tail {
        if *byte == 0 {
            let length = 3 + stops.len();
            return Parsed::Command(Command::Tabs(stops), length);
        }
        if stops.len() == MOST_TABS || stops.last().is_some_and(|last| byte <= last) {
            let length = 2 + stops.len();
            return Parsed::Command(Command::Tabs(stops), length);
        }
        stops.push(*byte);
    }
    Parsed::Incomplete
}

/// The sizes of `ESC !`.
impl Large {
    /// As small as they come.
    pub const NO: Self = Self { wide: 1, high: 1 };

    /// Of `ESC !`.
    #[must_use]
    pub const fn of_mode(n: u8) -> Self {
        Self { wide: 1 + ((n >> 5) & 1), high: 1 + ((n >> 4) & 1) }
    }

    /// Of `GS !`.
    #[must_use]
    pub const fn of_size(n: u8) -> Self {
        Self { wide: 1 + ((n >> 4) & 7), high: 1 + (n & 7) }
    }

    /// Of `GS v 0`, `FS p` and `GS /`: bit 0 doubles across, bit 1 down.
    #[must_use]
    pub const fn of_raster(mode: u8) -> Self {
        Self { wide: 1 + (mode & 1), high: 1 + ((mode >> 1) & 1) }
    }
}
