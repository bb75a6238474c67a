//! `GS (`, `GS 8 L` and `GS *`: commands that tell their length; pictures, QR codes, the confirmation.

use super::{Command, Graphics, ImageSource, Large, Parsed, with, word};

/// After `GS (`: `X pL pH` and so many parameters.
pub(super) fn extended(tail: &[u8]) -> Parsed {
    let [name, low, high, parameters @ ..] = tail else { return Parsed::Incomplete };
    let length = usize::from(word(*low, *high));
    with(parameters, length, 5, |parameters| match (name, parameters) {
        (b'k', [49, function, parameters @ ..]) => qr(*function, parameters),
        (b'H', [48, 48, a, b, c, d]) => Command::Confirm([*a, *b, *c, *d]),
        (b'L', parameters) => picture(parameters),
        _ => Command::Nothing,
    })
}

/// After `GS 8`: `L p1 p2 p3 p4` and so many parameters.
pub(super) fn extended_long(tail: &[u8]) -> Parsed {
    match tail {
        [b'L', a, b, c, d, parameters @ ..] => {
            let length = u32::from_le_bytes([*a, *b, *c, *d]);
            with(parameters, usize::try_from(length).unwrap_or(usize::MAX), 7, picture)
        }
        [] | [b'L', ..] => Parsed::Incomplete,
        _ => Parsed::Command(Command::Unknown, 2),
    }
}

/// After `ESC (` and `FS (`: nothing there changes the paper.
pub(super) fn skipped(tail: &[u8]) -> Parsed {
    let [_, low, high, parameters @ ..] = tail else { return Parsed::Incomplete };
    with(parameters, usize::from(word(*low, *high)), 5, |_| Command::Nothing)
}

/// After `GS *`: `x y` (in eights of dots) and the columns.
pub(super) fn download(tail: &[u8]) -> Parsed {
    let [x, y, dots @ ..] = tail else { return Parsed::Incomplete };
    let (width, height) = (u16::from(*x) * 8, u16::from(*y) * 8);
    with(dots, usize::from(width) * usize::from(*y), 4, |dots| {
        Command::Graphics(Graphics::Download([0, 0], ImageSource::Columns { width, height, dots: dots.to_vec() }))
    })
}

fn qr(function: u8, parameters: &[u8]) -> Command {
    match (function, parameters) {
        (65, [model, ..]) => Command::QrModel(*model),
        (67, [module]) => Command::QrModule(*module),
        (69, [level]) => Command::QrLevel(*level),
        (80, [48, text @ ..]) => Command::QrText(text.to_vec()),
        (81, [48, ..]) => Command::QrPrint,
        _ => Command::Nothing,
    }
}

/// `m fn` and what the function takes.
fn picture(parameters: &[u8]) -> Command {
    let graphics = match parameters {
        [48, 112, _, wide, high, _, size @ ..] => {
            rows(size).map(|image| Graphics::Load(image, Large { wide: times(*wide), high: times(*high) }))
        }
        [48, 113, _, wide, high, _, size @ ..] => {
            columns(size).map(|image| Graphics::Load(image, Large { wide: times(*wide), high: times(*high) }))
        }
        [48, 2 | 50] => Some(Graphics::Print),
        [48, 65, ..] => Some(Graphics::Forget(None)),
        [48, 66, a, b] => Some(Graphics::Forget(Some([*a, *b]))),
        [48, 67, 48, a, b, _, size @ ..] => {
            colour(size, rows).map(|image| Graphics::Keep(vec![([*a, *b], image)], false))
        }
        [48, 68, 48, a, b, _, size @ ..] => {
            colour(size, columns).map(|image| Graphics::Keep(vec![([*a, *b], image)], false))
        }
        [48, 69, a, b, wide, high] => {
            Some(Graphics::PrintKept([*a, *b], Large { wide: times(*wide), high: times(*high) }))
        }
        [48, 83, 48, a, b, _, size @ ..] => colour(size, rows).map(|image| Graphics::Download([*a, *b], image)),
        [48, 84, 48, a, b, _, size @ ..] => colour(size, columns).map(|image| Graphics::Download([*a, *b], image)),
        [48, 85, a, b, wide, high] => {
            Some(Graphics::PrintDownloaded([*a, *b], Large { wide: times(*wide), high: times(*high) }))
        }
        _ => None,
    };
    graphics.map_or(Command::Nothing, Command::Graphics)
}

const fn times(n: u8) -> u8 {
    if n == 2 { 2 } else { 1 }
}

/// Stored pictures name the colour between their size and their dots.
fn colour(size: &[u8], read: impl FnOnce(&[u8]) -> Option<ImageSource>) -> Option<ImageSource> {
    let [xl, xh, yl, yh, _, dots @ ..] = size else { return None };
    read(&[&[*xl, *xh, *yl, *yh], dots].concat())
}

/// `xL xH yL yH` in dots, and rows; `None` when dots are missing.
fn rows(size: &[u8]) -> Option<ImageSource> {
    let [xl, xh, yl, yh, dots @ ..] = size else { return None };
    let (width, height) = (word(*xl, *xh), word(*yl, *yh));
    let dots = dots.get(..usize::from(width).div_ceil(8) * usize::from(height))?;
    Some(ImageSource::Rows { width, height, dots: dots.to_vec() })
}

/// The same with columns.
fn columns(size: &[u8]) -> Option<ImageSource> {
    let [xl, xh, yl, yh, dots @ ..] = size else { return None };
    let (width, height) = (word(*xl, *xh), word(*yl, *yh));
    let dots = dots.get(..usize::from(width) * usize::from(height).div_ceil(8))?;
    Some(ImageSource::Columns { width, height, dots: dots.to_vec() })
}
