//! After FS: stored logos, and the settings of East Asian letters, which this printer has none of.

use super::{Command, Graphics, ImageSource, Large, Parsed, graphics, with, word};

pub(super) fn parse(rest: &[u8]) -> Parsed {
    match rest {
        [] => Parsed::Incomplete,
        [b'p', tail @ ..] => {
            with(tail, 2, 2, |n| Command::Graphics(Graphics::PrintKept([0, n[0]], Large::of_raster(n[1]))))
        }
        [b'q', tail @ ..] => keep(tail),
        [b'(', tail @ ..] => graphics::skipped(tail),
        [b'&' | b'.', ..] => Parsed::Command(Command::Nothing, 2),
        [b'!' | b'-' | b'C' | b'W', tail @ ..] => with(tail, 1, 2, |_| Command::Nothing),
        [b'S' | b'?', tail @ ..] => with(tail, 2, 2, |_| Command::Nothing),
        [b'E', tail @ ..] => with(tail, 6, 2, |_| Command::Nothing),
        [b'2', tail @ ..] => with(tail, 74, 2, |_| Command::Nothing),
        [b'g', tail @ ..] => user_memory(tail),
        [_, ..] => Parsed::Command(Command::Unknown, 2),
    }
}

/// `n`, and for each picture `xL xH yL yH` (in eights of dots) and its columns.
fn keep(tail: &[u8]) -> Parsed {
    let [count, rest @ ..] = tail else { return Parsed::Incomplete };
    let mut rest = rest;
    let mut pictures = Vec::new();
    let mut length = 3;
    for number in 1..=*count {
        let [xl, xh, yl, yh, dots @ ..] = rest else { return Parsed::Incomplete };
        let (width, height) = (word(*xl, *xh).saturating_mul(8), word(*yl, *yh).saturating_mul(8));
        let bytes = usize::from(width) * usize::from(height / 8);
        let Some(columns) = dots.get(..bytes) else { return Parsed::Incomplete };
        pictures.push(([0, number], ImageSource::Columns { width, height, dots: columns.to_vec() }));
        rest = &dots[bytes..];
        length += 4 + bytes;
    }
    Parsed::Command(Command::Graphics(Graphics::Keep(pictures, true)), length)
}

/// `FS g 1 m a1-a4 nL nH d...` writes, `FS g 2 m a1-a4 nL nH` reads: memory that we do not have.
fn user_memory(tail: &[u8]) -> Parsed {
    match tail {
        [b'1' | 1, _, _, _, _, _, low, high, data @ ..] => {
            with(data, usize::from(word(*low, *high)), 10, |_| Command::Nothing)
        }
        [b'2' | 2, _, _, _, _, _, _, _, ..] => Parsed::Command(Command::Nothing, 10),
        [b'1' | 1 | b'2' | 2, ..] | [] => Parsed::Incomplete,
        _ => Parsed::Command(Command::Unknown, 2),
    }
}
