//! After GS.

use super::{Command, Large, Parsed, graphics, with, with_one, with_word, word};

/// The longest text of a bar code in the form that a NUL ends.
const MOST_BARCODE_BYTES: usize = 255;

pub(super) fn parse(rest: &[u8]) -> Parsed {
    match rest {
        [] | [b'V'] => Parsed::Incomplete,
        [b'v', tail @ ..] => raster(tail),
        [b'(', tail @ ..] => graphics::extended(tail),
        [b'8', tail @ ..] => graphics::extended_long(tail),
        [b'*', tail @ ..] => graphics::download(tail),
        [b'k', tail @ ..] => barcode(tail),
        [b'V', 65 | 66 | 97 | 98 | 103 | 104, tail @ ..] => with(tail, 1, 3, |n| Command::Cut(n[0])),
        [b'V', _, ..] => Parsed::Command(Command::Cut(0), 3),
        [b'L', tail @ ..] => with_word(tail, 2, Command::LeftMargin),
        [b'W', tail @ ..] => with_word(tail, 2, Command::AreaWidth),
        [b'$', tail @ ..] => with_word(tail, 2, |units| Command::PageLine { units: i32::from(units), relative: false }),
        [b'\\', tail @ ..] => {
            with_word(tail, 2, |units| Command::PageLine { units: i32::from(units as i16), relative: true })
        }
        [b'P', tail @ ..] => with(tail, 2, 2, |n| Command::MotionUnits(n[0], n[1])),
        [b':' | b'c', ..] => Parsed::Command(Command::Nothing, 2),
        [b'^' | b'z', tail @ ..] => with(tail, 3, 2, |_| Command::Nothing),
        [b'g', tail @ ..] => with(tail, 4, 2, |_| Command::Nothing),
        [b'C', tail @ ..] => counter(tail),
        [b'Q', tail @ ..] => variable_raster(tail),
        [name, tail @ ..] if takes_one(*name) => with_one(tail, 2, |n| one(*name, n)),
        [_, ..] => Parsed::Command(Command::Unknown, 2),
    }
}

const fn takes_one(name: u8) -> bool {
    matches!(name, b'!' | b'#' | b'/' | b'B' | b'E' | b'H' | b'I' | b'T' | b'a' | b'b' | b'f' | b'h' | b'j' | b'r')
        || matches!(name, b'u' | b'w')
}

fn one(name: u8, n: u8) -> Command {
    match name {
        b'!' => Command::Large(Large::of_size(n)),
        b'/' => Command::Graphics(super::Graphics::PrintDownloaded([0, 0], Large::of_raster(n))),
        b'B' => Command::Reverse(n & 1 == 1),
        b'H' => Command::BarcodeText(n & 3),
        b'I' => Command::SendId(n),
        b'a' => Command::EnableAsb(n),
        b'h' => Command::BarcodeHeight(n),
        b'r' => Command::SendSensor(n),
        b'w' => Command::BarcodeModule(n),
        _ => Command::Nothing,
    }
}

/// After `GS v`: `0 m xL xH yL yH` and the dots.
fn raster(tail: &[u8]) -> Parsed {
    let [_, mode, xl, xh, yl, yh, dots @ ..] = tail else { return Parsed::Incomplete };
    let width_bytes = usize::from(word(*xl, *xh));
    let length = width_bytes * usize::from(word(*yl, *yh));
    let raster = |dots: &[u8]| Command::Raster { mode: mode & 3, width_bytes, dots: dots.to_vec() };
    with(dots, length, 8, raster)
}

/// After `GS Q`: `0 m xL xH yL yH` and columns; an old form that we skip.
fn variable_raster(tail: &[u8]) -> Parsed {
    let [_, _, xl, xh, yl, yh, dots @ ..] = tail else { return Parsed::Incomplete };
    let length = usize::from(word(*xl, *xh)) * usize::from(word(*yl, *yh));
    with(dots, length, 8, |_| Command::Unknown)
}

/// After `GS C`: the serial counter, which we do not have.
fn counter(tail: &[u8]) -> Parsed {
    match tail {
        [] => Parsed::Incomplete,
        [b'0' | 0 | b'2' | 2, rest @ ..] => with(rest, 2, 3, |_| Command::Nothing),
        [b'1' | 1, rest @ ..] => with(rest, 6, 3, |_| Command::Nothing),
        _ => Parsed::Command(Command::Unknown, 2),
    }
}

/// After `GS k`: `m` below 7 and a text up to NUL, or `m` from 65 on and a length before the text.
fn barcode(tail: &[u8]) -> Parsed {
    match tail {
        [kind @ 0..=6, text @ ..] => {
            let looked_at = &text[..text.len().min(MOST_BARCODE_BYTES)];
            match looked_at.iter().position(|byte| *byte == 0) {
                Some(end) => Parsed::Command(Command::Barcode { kind: kind + 65, data: text[..end].to_vec() }, end + 4),
                None if text.len() < MOST_BARCODE_BYTES => Parsed::Incomplete,
                None => Parsed::Command(Command::Unknown, 3),
            }
        }
        [kind @ 65..=79, length, text @ ..] => {
            with(text, usize::from(*length), 4, |data| Command::Barcode { kind: *kind, data: data.to_vec() })
        }
        [] | [65..=79] => Parsed::Incomplete,
        _ => Parsed::Command(Command::Unknown, 3),
    }
}
