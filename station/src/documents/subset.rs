//! A TrueType font with only the outlines that a document uses. Glyph ids stay as they are, so nothing else has to know.
//!
//! Tables and their fields: OpenType 1.9.1, `head`, `loca`, `glyf`, `hmtx`.

use super::DocumentFault;

/// What a PDF reader needs of a TrueType font that is addressed by glyph id.
const TABLES: [&[u8; 4]; 6] = [b"glyf", b"head", b"hhea", b"hmtx", b"loca", b"maxp"];

const COMPONENT_WORDS: u16 = 0x0001;
const COMPONENT_SCALE: u16 = 0x0008;
const COMPONENT_MORE: u16 = 0x0020;
const COMPONENT_SCALE_XY: u16 = 0x0040;
const COMPONENT_MATRIX: u16 = 0x0080;

/// The font with the outlines of `.notdef` and `used`, and of what these are composed of.
///
/// # Errors
/// [`DocumentFault::Font`] when the file is not TrueType or is cut.
pub(super) fn subset(font: &[u8], used: &[u16]) -> Result<Vec<u8>, DocumentFault> {
    trim(font, used).ok_or(DocumentFault::Font("a table is missing or cut"))
}

fn trim(font: &[u8], used: &[u16]) -> Option<Vec<u8>> {
    let source = Source::open(font)?;
    let keep = source.with_components(used)?;
    let mut glyf = Vec::with_capacity(keep.len() * 160);
    let mut loca = Vec::with_capacity(source.loca.len());
    let mut hmtx = Vec::with_capacity(source.hmtx.len());
    for glyph in 0..source.glyph_count {
        source.push_offset(&mut loca, glyf.len())?;
        let kept = keep.binary_search(&glyph).is_ok();
        if kept {
            glyf.extend_from_slice(source.outline(glyph)?);
            glyf.resize(glyf.len().next_multiple_of(4), 0);
        }
        source.push_metric(&mut hmtx, glyph, kept)?;
    }
    source.push_offset(&mut loca, glyf.len())?;
    let made = |tag: &[u8; 4]| match tag {
        b"glyf" => Some(glyf.as_slice()),
        b"loca" => Some(loca.as_slice()),
        b"hmtx" => Some(hmtx.as_slice()),
        _ => table(font, tag),
    };
    assemble(TABLES.map(|tag| made(tag).map(|bytes| (tag, bytes))).into_iter().collect::<Option<Vec<_>>>()?.as_slice())
}

struct Source<'a> {
    glyf: &'a [u8],
    loca: &'a [u8],
    hmtx: &'a [u8],
    glyph_count: u16,
    metric_count: u16,
    long_offsets: bool,
}

impl<'a> Source<'a> {
    fn open(font: &'a [u8]) -> Option<Source<'a>> {
        Some(Source {
            glyf: table(font, b"glyf")?,
            loca: table(font, b"loca")?,
            hmtx: table(font, b"hmtx")?,
            glyph_count: be16(table(font, b"maxp")?, 4)?,
            metric_count: be16(table(font, b"hhea")?, 34)?,
            long_offsets: be16(table(font, b"head")?, 50)? == 1,
        })
    }

    fn offset(&self, glyph: usize) -> Option<usize> {
        if self.long_offsets {
            be32(self.loca, glyph * 4)
        } else {
            be16(self.loca, glyph * 2).map(|half| usize::from(half) * 2)
        }
    }

    fn push_offset(&self, loca: &mut Vec<u8>, offset: usize) -> Option<()> {
        if self.long_offsets {
            loca.extend_from_slice(&u32::try_from(offset).ok()?.to_be_bytes());
        } else {
            loca.extend_from_slice(&u16::try_from(offset / 2).ok()?.to_be_bytes());
        }
        Some(())
    }

    fn outline(&self, glyph: u16) -> Option<&'a [u8]> {
        let glyph = usize::from(glyph);
        self.glyf.get(self.offset(glyph)?..self.offset(glyph + 1)?)
    }

    /// The metric of a glyph that is kept, zeros for one that is not: zeros compress to nothing.
    fn push_metric(&self, hmtx: &mut Vec<u8>, glyph: u16, kept: bool) -> Option<()> {
        let full = usize::from(self.metric_count);
        let glyph = usize::from(glyph);
        let (at, length) = if glyph < full { (glyph * 4, 4) } else { (full * 4 + (glyph - full) * 2, 2) };
        let metric = self.hmtx.get(at..at + length)?;
        hmtx.extend_from_slice(if kept { metric } else { &[0; 4][..length] });
        Some(())
    }

    /// Sorted, with `.notdef`, and with every part of a composed glyph.
    fn with_components(&self, used: &[u16]) -> Option<Vec<u16>> {
        let mut seen = vec![false; usize::from(self.glyph_count)];
        let mut open: Vec<u16> = std::iter::once(0).chain(used.iter().copied()).collect();
        while let Some(glyph) = open.pop() {
            let seen = seen.get_mut(usize::from(glyph))?;
            if !std::mem::replace(seen, true) {
                push_components(self.outline(glyph)?, &mut open)?;
            }
        }
        Some((0..self.glyph_count).filter(|glyph| seen[usize::from(*glyph)]).collect())
    }
}

/// Adds the glyphs of which an outline is composed; none for a simple one.
fn push_components(outline: &[u8], open: &mut Vec<u16>) -> Option<()> {
    let is_composed = outline.first().is_some_and(|byte| byte & 0x80 != 0);
    let mut at = 10;
    let mut more = is_composed;
    while more {
        let flags = be16(outline, at)?;
        open.push(be16(outline, at + 2)?);
        let has = |flag: u16| flags & flag != 0;
        let arguments = if has(COMPONENT_WORDS) { 4 } else { 2 };
        let scale = match () {
            () if has(COMPONENT_SCALE) => 2,
            () if has(COMPONENT_SCALE_XY) => 4,
            () if has(COMPONENT_MATRIX) => 8,
            () => 0,
        };
        at += 4 + arguments + scale;
        more = has(COMPONENT_MORE);
    }
    Some(())
}

/// A font file of these tables, which are sorted by tag. Checksums are left zero: PDF readers do not look at them.
fn assemble(tables: &[(&[u8; 4], &[u8])]) -> Option<Vec<u8>> {
    let count = u16::try_from(tables.len()).ok()?;
    let power = count.checked_ilog2()?;
    let range = 16_u16 << power;
    let mut file = vec![0, 1, 0, 0];
    for word in [count, range, u16::try_from(power).ok()?, count * 16 - range] {
        file.extend_from_slice(&word.to_be_bytes());
    }
    let mut offset = 12 + 16 * tables.len();
    for (tag, bytes) in tables {
        file.extend_from_slice(*tag);
        for word in [0, offset, bytes.len()] {
            file.extend_from_slice(&u32::try_from(word).ok()?.to_be_bytes());
        }
        offset += bytes.len().next_multiple_of(4);
    }
    for (_, bytes) in tables {
        file.extend_from_slice(bytes);
        file.resize(file.len().next_multiple_of(4), 0);
    }
    Some(file)
}

fn table<'a>(font: &'a [u8], tag: &[u8; 4]) -> Option<&'a [u8]> {
    let count = usize::from(be16(font, 4)?);
    let record = font.get(12..12 + 16 * count)?.chunks_exact(16).find(|record| record.starts_with(tag))?;
    let (offset, length) = (be32(record, 8)?, be32(record, 12)?);
    font.get(offset..offset.checked_add(length)?)
}

fn be16(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn be32(bytes: &[u8], at: usize) -> Option<usize> {
    usize::try_from(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?)).ok()
}

#[cfg(test)]
mod tests {
    use super::super::face::Weight;
    use super::*;
    use ab_glyph::{Font, FontRef, GlyphId};

    #[test]
    fn kept_glyphs_have_their_outlines_and_others_none() {
        for weight in Weight::ALL {
            let face = weight.face().unwrap();
            let used: Vec<u16> = "Nguyễn Thị Mẫu, Ệ".chars().filter_map(|letter| face.glyph(letter)).collect();
            let small = subset(face.bytes, &used).unwrap();
            assert!(small.len() * 4 < face.bytes.len(), "{} bytes", small.len());
            let source = Source::open(&small).unwrap();
            let original = Source::open(face.bytes).unwrap();
            let kept = original.with_components(&used).unwrap();
            for glyph in 0..original.glyph_count {
                let outline = source.outline(glyph).unwrap();
                if kept.contains(&glyph) {
                    assert!(outline.starts_with(original.outline(glyph).unwrap()));
                } else {
                    assert!(outline.is_empty());
                }
            }
        }
    }

    #[test]
    fn a_cut_font_is_a_named_fault() {
        let bytes = Weight::Regular.face().unwrap().bytes;
        for length in [0, 3, 11, 40, 400, bytes.len() / 2] {
            assert!(matches!(subset(&bytes[..length], &[5]), Err(DocumentFault::Font(_))), "{length}");
        }
        assert!(subset(bytes, &[u16::MAX]).is_err());
    }

    #[test]
    fn advances_of_kept_glyphs_stay() {
        let face = Weight::Regular.face().unwrap();
        let glyph = face.glyph('ễ').unwrap();
        let small = subset(face.bytes, &[glyph]).unwrap();
        let hmtx = Source::open(&small).unwrap();
        assert_eq!(be16(hmtx.hmtx, usize::from(glyph) * 4), Some(face.advance_units(glyph)));
        let full = FontRef::try_from_slice(face.bytes).unwrap();
        assert!(full.outline(GlyphId(glyph)).is_some());
    }
}
