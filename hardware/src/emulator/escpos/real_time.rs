//! Commands that a printer obeys on arrival, out of their turn. Pure; total.

use super::{Command, Parsed, with};

/// After DLE, in its turn. These were obeyed when they arrived.
pub(super) fn parse(rest: &[u8]) -> Parsed {
    match rest {
        [0x04 | 0x05, tail @ ..] => with(tail, 1, 2, |_| Command::Nothing),
        [0x14, 8, tail @ ..] => with(tail, 7, 3, |_| Command::Nothing),
        [0x14, _, tail @ ..] => with(tail, 2, 3, |_| Command::Nothing),
        [0x14] => Parsed::Incomplete,
        _ => Parsed::Command(Command::Unknown, 1),
    }
}

/// A command that is obeyed the moment it arrives, whatever else the printer is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RealTime {
    /// `DLE EOT n`.
    Status(u8),
    /// `DLE ENQ n`: 1 recover, 2 recover and clear.
    Recover(u8),
    /// `DLE DC4 8`.
    Clear,
}

/// Finds real-time commands in the raw stream, also in the midst of raster data, as printers do.
#[derive(Debug, Default)]
pub(crate) struct RealTimeFinder {
    tail: Vec<u8>,
}

impl RealTimeFinder {
    pub(crate) fn push(&mut self, byte: u8) -> Option<RealTime> {
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
