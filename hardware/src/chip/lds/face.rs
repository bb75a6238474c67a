//! The face's picture: its size, and the pixels of a JPEG 2000, which windows do not show by themselves.
//!
//! A picture comes from a chip that may be anybody's, so only what a face can be is decoded: one or three components of at most eight bits, not
//! subsampled, at most [`MAX_PIXELS`]. Of a JP2 file only the code stream is used.

use std::fmt;

use hayro_jpeg2000::{DecodeSettings, DecoderContext, Image};

use super::{LdsError, Part};

/// The most pixels that are decoded: far more than any card's face has.
pub const MAX_PIXELS: u32 = 4_000_000;
/// The most tiles that a picture may be cut into.
const MAX_TILES: u32 = 64;

const MALFORMED: LdsError = LdsError::Malformed(Part::FaceImage);
const UNSUPPORTED: LdsError = LdsError::Unsupported(Part::FaceImage);
/// The first bytes of a JP2 file.
const JP2: &[u8] = b"\x00\x00\x00\x0CjP  ";
/// The first bytes of a code stream: SOC and SIZ.
const CODESTREAM: &[u8] = b"\xFF\x4F\xFF\x51";

/// A picture's pixels. `Debug` shows none.
#[derive(Clone, PartialEq, Eq)]
pub struct Pixels {
    /// The width.
    pub width: u32,
    /// The height.
    pub height: u32,
    /// Red, green and blue of each pixel, row by row.
    pub rgb: Vec<u8>,
}

impl fmt::Debug for Pixels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pixels {{ {}x{} }}", self.width, self.height)
    }
}

/// Decodes a JPEG 2000.
///
/// # Errors
/// [`LdsError::Unsupported`] for a picture that is larger or otherwise than a face's; other [`LdsError`]s for bytes that are no picture.
pub fn decode(image: &[u8]) -> Result<Pixels, LdsError> {
    let stream = codestream(image)?;
    let components = check_size(stream)?;
    let settings = DecodeSettings { strict: true, ..DecodeSettings::default() };
    let picture = Image::new(stream, &settings).map_err(|_| MALFORMED)?;
    let (width, height) = (picture.width(), picture.height());
    let mut context = DecoderContext::default();
    let samples = picture.decode(&mut context).map_err(|_| MALFORMED)?.data_u8();
    let pixels = usize::try_from(width * height).map_err(|_| UNSUPPORTED)?;
    if samples.len() != pixels * components {
        return Err(MALFORMED);
    }
    let rgb = if components == 3 { samples } else { samples.iter().flat_map(|grey| [*grey; 3]).collect() };
    Ok(Pixels { width, height, rgb })
}

/// The size of a picture as the picture itself tells it, JPEG or JPEG 2000; none if it does not.
#[must_use]
pub fn size(image: &[u8]) -> Option<(u32, u32)> {
    if image.starts_with(b"\xFF\xD8") {
        return jpeg_size(&image[2..]);
    }
    let size = Size::parse(codestream(image).ok()?).ok()?;
    Some((size.width, size.height))
}

/// The code stream of a JP2 file, or of a bare stream.
fn codestream(image: &[u8]) -> Result<&[u8], LdsError> {
    if image.starts_with(CODESTREAM) {
        return Ok(image);
    }
    let mut rest = if image.starts_with(JP2) { image } else { return Err(MALFORMED) };
    while !rest.is_empty() {
        let length = usize::try_from(number(rest, 0, 4)?).map_err(|_| MALFORMED)?;
        let is_stream = rest.get(4..8).ok_or(LdsError::Cut)? == b"jp2c";
        let (head, length) = match length {
            0 => (8, rest.len()),
            1 if number(rest, 8, 4)? == 0 => (16, usize::try_from(number(rest, 12, 4)?).map_err(|_| MALFORMED)?),
            length => (8, length),
        };
        if length < head {
            return Err(MALFORMED);
        }
        let whole = rest.get(..length).ok_or(LdsError::Cut)?;
        if is_stream {
            return Ok(&whole[head..]);
        }
        rest = &rest[length..];
    }
    Err(LdsError::Cut)
}

/// What the SIZ segment says.
struct Size<'a> {
    width: u32,
    height: u32,
    tiles: u32,
    /// Precision and two steps of each component.
    components: &'a [u8],
}

impl<'a> Size<'a> {
    fn parse(stream: &'a [u8]) -> Result<Self, LdsError> {
        let fields = stream.strip_prefix(CODESTREAM).ok_or(MALFORMED)?;
        let side = |at: usize| number(fields, at, 4);
        let (right, bottom, left, top) = (side(4)?, side(8)?, side(12)?, side(16)?);
        let (width, height) = (right.checked_sub(left).ok_or(MALFORMED)?, bottom.checked_sub(top).ok_or(MALFORMED)?);
        let (tile_width, tile_height) = (side(20)?, side(24)?);
        let count = usize::try_from(number(fields, 36, 2)?).map_err(|_| MALFORMED)?;
        let components = fields.get(38..38 + 3 * count).ok_or(LdsError::Cut)?;
        if [width, height, tile_width, tile_height].contains(&0) {
            return Err(MALFORMED);
        }
        let tiles = width.div_ceil(tile_width).saturating_mul(height.div_ceil(tile_height));
        Ok(Self { width, height, tiles, components })
    }
}

/// How many components a picture has, if it is one that is decoded.
fn check_size(stream: &[u8]) -> Result<usize, LdsError> {
    let size = Size::parse(stream)?;
    let pixels = size.width.checked_mul(size.height).filter(|pixels| *pixels <= MAX_PIXELS);
    let plain = size.components.chunks_exact(3).all(|one| one[0] < 8 && one[1..] == [1, 1]);
    let count = size.components.len() / 3;
    if pixels.is_none() || size.tiles > MAX_TILES || !plain || ![1, 3].contains(&count) {
        return Err(UNSUPPORTED);
    }
    Ok(count)
}

/// The size in a JPEG's first frame header; `rest` follows the two bytes of its start.
fn jpeg_size(mut rest: &[u8]) -> Option<(u32, u32)> {
    loop {
        let kind = match rest {
            [0xFF, 0xFF, ..] => {
                rest = &rest[1..];
                continue;
            }
            [0xFF, kind, ..] => *kind,
            _ => return None,
        };
        // The frame headers are C0 to CF, but for tables (C4), extensions (C8) and arithmetic conditioning (CC).
        if matches!(kind, 0xC0..=0xCF) && !matches!(kind, 0xC4 | 0xC8 | 0xCC) {
            return Some((number(rest, 7, 2).ok()?, number(rest, 5, 2).ok()?));
        }
        let length = usize::try_from(number(rest, 2, 2).ok()?).ok()?;
        rest = rest.get(2 + length.max(2)..)?;
    }
}

fn number(bytes: &[u8], at: usize, count: usize) -> Result<u32, LdsError> {
    let digits = bytes.get(at..at + count).ok_or(LdsError::Cut)?;
    Ok(digits.iter().fold(0, |number, byte| number << 8 | u32::from(*byte)))
}

#[cfg(test)]
#[path = "face_tests.rs"]
mod tests;
