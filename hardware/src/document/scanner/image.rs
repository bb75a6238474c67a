//! What kind of picture some bytes are, how large, and whether they are all there: by their content, never by a name. Pure; total.

use serde::{Deserialize, Serialize};

/// A kind of file that holds a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// TIFF.
    Tiff,
    /// PDF.
    Pdf,
}

impl Format {
    /// The ending of such a file's name.
    #[must_use]
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Tiff => "tif",
            Self::Pdf => "pdf",
        }
    }

    /// By the first bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Option<Self> {
        let begins = |magic: &[u8]| bytes.starts_with(magic);
        if begins(&[0xFF, 0xD8, 0xFF]) {
            Some(Self::Jpeg)
        } else if begins(PNG) {
            Some(Self::Png)
        } else if begins(b"II*\0") || begins(b"MM\0*") {
            Some(Self::Tiff)
        } else {
            begins(b"%PDF-").then_some(Self::Pdf)
        }
    }
}

/// What is known of some bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inspection {
    /// The kind.
    pub format: Format,
    /// Width and height in dots, where they stand in the bytes.
    pub size: Option<(u32, u32)>,
    /// Whether the end is there.
    pub whole: bool,
}

/// Looks at the bytes of a file; none when they are of no known kind.
#[must_use]
pub fn inspect(bytes: &[u8]) -> Option<Inspection> {
    let format = Format::of(bytes)?;
    let (size, whole) = match format {
        Format::Png => png(bytes),
        Format::Jpeg => jpeg(bytes),
        Format::Tiff => tiff(bytes),
        Format::Pdf => (None, bytes[bytes.len().saturating_sub(2048)..].windows(5).any(|part| part == b"%%EOF")),
    };
    Some(Inspection { format, size, whole })
}

const PNG: &[u8] = b"\x89PNG\r\n\x1A\n";

type Found = (Option<(u32, u32)>, bool);

fn u32_be(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

fn u16_be(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

/// From chunk to chunk until IEND.
fn png(bytes: &[u8]) -> Found {
    let size = (bytes.get(12..16) == Some(b"IHDR")).then(|| Some((u32_be(bytes, 16)?, u32_be(bytes, 20)?))).flatten();
    let mut at = PNG.len();
    while let Some(length) = u32_be(bytes, at) {
        let end = at.saturating_add(12).saturating_add(length as usize);
        if end > bytes.len() {
            return (size, false);
        }
        if &bytes[at + 4..at + 8] == b"IEND" {
            return (size, size.is_some());
        }
        at = end;
    }
    (size, false)
}

/// From marker to marker until the end of the image; a small picture inside a segment is passed over, and so is what a camera puts after the end.
fn jpeg(bytes: &[u8]) -> Found {
    let (mut size, mut at) = (None, 2);
    loop {
        let Some(marker) = bytes.get(at + 1).copied().filter(|_| bytes[at] == 0xFF) else { return (size, false) };
        match marker {
            0xFF => at += 1,
            0xD9 => return (size, size.is_some()),
            0x01 | 0xD0..=0xD7 => at += 2,
            _ => {
                let Some(length) = u16_be(bytes, at + 2) else { return (size, false) };
                // All frame headers but the tables that share their range.
                if (0xC0..=0xCF).contains(&marker) && ![0xC4, 0xC8, 0xCC].contains(&marker) {
                    let sides = u16_be(bytes, at + 7).zip(u16_be(bytes, at + 5));
                    size = sides.map(|(width, height)| (u32::from(width), u32::from(height)));
                }
                at += 2 + usize::from(length.max(2));
                if marker == 0xDA {
                    at = after_scan(bytes, at);
                }
            }
        }
    }
}

/// Where the marker after a scan's data is.
fn after_scan(bytes: &[u8], from: usize) -> usize {
    let data = bytes.get(from..).unwrap_or_default();
    let marker = data.windows(2).position(|pair| pair[0] == 0xFF && !matches!(pair[1], 0x00 | 0xD0..=0xD7));
    from + marker.unwrap_or(data.len())
}

/// A TIFF file's numbers, in its own order of bytes.
struct Tiff<'a> {
    bytes: &'a [u8],
    little: bool,
}

impl Tiff<'_> {
    fn number(&self, at: usize, width: usize) -> Option<u32> {
        let part = self.bytes.get(at..at.checked_add(width)?)?;
        let fold = |number: u32, byte: &u8| (number << 8) | u32::from(*byte);
        Some(if self.little { part.iter().rev().fold(0, fold) } else { part.iter().fold(0, fold) })
    }

    /// The values of an entry of short or long numbers.
    fn values(&self, entry: usize) -> Option<Vec<u32>> {
        let width = match self.number(entry + 2, 2)? {
            3 => 2,
            4 => 4,
            _ => return None,
        };
        let count = self.number(entry + 4, 4)? as usize;
        let inside = count.checked_mul(width)? <= 4;
        let at = if inside { entry + 8 } else { self.number(entry + 8, 4)? as usize };
        // A count that the file cannot hold must not become memory.
        (count <= self.bytes.len()).then_some(())?;
        (0..count).map(|index| self.number(at.checked_add(index * width)?, width)).collect()
    }

    /// The first picture: its size, and whether all of its strips or tiles are there.
    fn first(&self) -> Option<Found> {
        let directory = self.number(4, 4)? as usize;
        let entries = self.number(directory, 2)? as usize;
        let entry = |tag: u32| {
            let at = |index: usize| directory.saturating_add(2 + index * 12);
            (0..entries).map(at).find(|at| self.number(*at, 2) == Some(tag)).and_then(|at| self.values(at))
        };
        let single = |tag| entry(tag).and_then(|values| values.first().copied());
        let size = single(256).zip(single(257));
        let (starts, lengths) = entry(273).zip(entry(279)).or_else(|| entry(324).zip(entry(325)))?;
        let there = |(start, length): (&u32, &u32)| u64::from(*start) + u64::from(*length) <= self.bytes.len() as u64;
        let whole = size.is_some() && starts.len() == lengths.len() && starts.iter().zip(&lengths).all(there);
        // The directory may stand before the data or after; either way its end must be there.
        Some((size, whole && directory.saturating_add(6 + entries * 12) <= self.bytes.len()))
    }
}

fn tiff(bytes: &[u8]) -> Found {
    Tiff { bytes, little: bytes.starts_with(b"II") }.first().unwrap_or((None, false))
}

#[cfg(test)]
#[path = "image_tests.rs"]
mod tests;
