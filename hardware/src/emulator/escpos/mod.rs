//! ESC/POS, the way in: from bytes to commands. Pure; total. One file a family: `esc`, `gs`, `fs`, `graphics`, `real_time`.
//!
//! A command that is not understood is skipped by its documented length, so that its parameters never show as letters.

mod command;
mod esc;
mod fs;
mod graphics;
mod gs;
mod real_time;

pub use command::{Command, Graphics, ImageKey, ImageSource, Large, UserLetters};
pub(crate) use real_time::{RealTime, RealTimeFinder};

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
        [0x1B, rest @ ..] => esc::parse(rest),
        [0x1D, rest @ ..] => gs::parse(rest),
        [0x1C, rest @ ..] => fs::parse(rest),
        [0x10, rest @ ..] => real_time::parse(rest),
        [0x09, ..] => Parsed::Command(Command::Tab, 1),
        [0x0A, ..] => Parsed::Command(Command::Line, 1),
        [0x0C, ..] => Parsed::Command(Command::FormFeed, 1),
        [0x18, ..] => Parsed::Command(Command::Cancel, 1),
        [byte @ 0x20..=0xFF, ..] => Parsed::Command(Command::Text(*byte), 1),
        _ => Parsed::Command(Command::Nothing, 1),
    }
}

/// A command of `head` bytes and `count` parameters, which begin `tail`.
fn with(tail: &[u8], count: usize, head: usize, command: impl FnOnce(&[u8]) -> Command) -> Parsed {
    match tail.get(..count) {
        Some(parameters) => Parsed::Command(command(parameters), head + count),
        None => Parsed::Incomplete,
    }
}

/// The same with the one parameter.
fn with_one(tail: &[u8], head: usize, command: impl FnOnce(u8) -> Command) -> Parsed {
    with(tail, 1, head, |parameters| command(parameters[0]))
}

/// The same with two parameters that are a number, its low byte first.
fn with_word(tail: &[u8], head: usize, command: impl FnOnce(u16) -> Command) -> Parsed {
    with(tail, 2, head, |parameters| command(word(parameters[0], parameters[1])))
}

const fn word(low: u8, high: u8) -> u16 {
    u16::from_le_bytes([low, high])
}

#[cfg(test)]
mod tests;
