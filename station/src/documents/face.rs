//! The two faces of a document, parsed once for the life of the program.

use std::sync::OnceLock;

use ab_glyph::{Font, FontRef, GlyphId};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::decompose_canonical;

use super::DocumentFault;

static REGULAR: &[u8] = include_bytes!("../../../fixtures/fonts/BeVietnamPro-Regular.ttf");
static BOLD: &[u8] = include_bytes!("../../../fixtures/fonts/BeVietnamPro-Bold.ttf");

/// Millimetres in a typographic point.
pub(super) const MM_PER_PT: f32 = 25.4 / 72.0;

/// How heavy a text is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) enum Weight {
    Regular,
    Bold,
}

impl Weight {
    #[cfg(test)]
    pub const ALL: [Weight; 2] = [Weight::Regular, Weight::Bold];

    /// The face of this weight.
    pub fn face(self) -> Result<&'static Face, DocumentFault> {
        static FACES: OnceLock<Option<[Face; 2]>> = OnceLock::new();
        let faces = FACES.get_or_init(|| {
            Some([Face::parse("BeVietnamPro-Regular", REGULAR)?, Face::parse("BeVietnamPro-Bold", BOLD)?])
        });
        let [regular, bold] = faces.as_ref().ok_or(DocumentFault::Font("not a TrueType font"))?;
        Ok(match self {
            Weight::Regular => regular,
            Weight::Bold => bold,
        })
    }
}

/// A parsed font.
pub(super) struct Face {
    pub name: &'static str,
    pub bytes: &'static [u8],
    pub outlines: FontRef<'static>,
    pub units_per_em: f32,
    pub ascent_units: i16,
    pub descent_units: i16,
    /// By character; 0 where the font has no glyph. The fonts end with `₫` (U+20AB).
    glyphs: Vec<u16>,
    /// By glyph, in font units.
    advances: Vec<u16>,
}

impl Face {
    fn parse(name: &'static str, bytes: &'static [u8]) -> Option<Face> {
        let outlines = FontRef::try_from_slice(bytes).ok()?;
        let units_per_em = outlines.units_per_em()?;
        let mut glyphs = vec![];
        for (id, character) in outlines.codepoint_ids() {
            let at = character as usize;
            if glyphs.len() <= at {
                glyphs.resize(at + 1, 0);
            }
            glyphs[at] = id.0;
        }
        let count = u16::try_from(outlines.glyph_count()).ok()?;
        let advances = (0..count).map(|id| outlines.h_advance_unscaled(GlyphId(id)) as u16).collect();
        Some(Face {
            name,
            bytes,
            units_per_em,
            ascent_units: outlines.ascent_unscaled() as i16,
            descent_units: outlines.descent_unscaled() as i16,
            outlines,
            glyphs,
            advances,
        })
    }

    /// The glyph of a character; none where the font has none.
    pub fn glyph(&self, character: char) -> Option<u16> {
        self.glyphs.get(character as usize).copied().filter(|glyph| *glyph != 0)
    }

    /// How far a glyph moves the pen, in font units.
    pub fn advance_units(&self, glyph: u16) -> u16 {
        self.advances.get(usize::from(glyph)).copied().unwrap_or(0)
    }

    /// How wide a text is in millimetres.
    pub fn width_mm(&self, text: &str, size_pt: f32) -> f32 {
        let units: u32 = text
            .chars()
            .filter_map(|character| self.glyph(character))
            .map(|glyph| u32::from(self.advance_units(glyph)))
            .sum();
        let units = units as f32;
        units / self.units_per_em * size_pt * MM_PER_PT
    }

    /// A text in NFC that this font can show: a foreign letter without its marks, anything else unknown as `?`.
    pub fn shown(&self, text: &str) -> String {
        text.nfc().map(|character| if character.is_whitespace() { ' ' } else { self.nearest(character) }).collect()
    }

    fn nearest(&self, character: char) -> char {
        if self.glyph(character).is_some() {
            return character;
        }
        let mut base = None;
        decompose_canonical(character, |part| base = base.or(Some(part)));
        base.filter(|base| self.glyph(*base).is_some()).unwrap_or('?')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_vietnamese_letter_has_a_glyph_in_both_faces() {
        let vowels = "aăâeêioôơuưyAĂÂEÊIOÔƠUƯY";
        let tones = ["", "\u{300}", "\u{309}", "\u{303}", "\u{301}", "\u{323}"];
        for weight in Weight::ALL {
            let face = weight.face().unwrap();
            for vowel in vowels.chars() {
                for tone in tones {
                    let letter: String = format!("{vowel}{tone}").nfc().collect();
                    assert_eq!(letter.chars().count(), 1, "{letter}");
                    assert_eq!(face.shown(&letter), letter, "{weight:?}");
                }
            }
            assert_eq!(face.shown("đĐ•–…₫×"), "đĐ•–…₫×");
        }
    }

    #[test]
    fn text_is_shown_as_nearly_as_the_font_can() {
        let face = Weight::Regular.face().unwrap();
        for (given, expected) in [
            ("Nguye\u{302}\u{303}n Thi\u{323} Ma\u{302}\u{303}u", "Nguyễn Thị Mẫu"),
            ("Ḿa\tb\nc", "Ma b c"),
            ("漢 字", "? ?"),
            ("", ""),
        ] {
            assert_eq!(face.shown(given), expected);
        }
    }

    #[test]
    fn a_width_grows_with_text_and_size() {
        let face = Weight::Bold.face().unwrap();
        let narrow = face.width_mm("Mã hồ sơ", 9.0);
        assert!((10.0..20.0).contains(&narrow), "{narrow} mm");
        assert!((face.width_mm("Mã hồ sơ", 18.0) - 2.0 * narrow).abs() < 1e-3);
    }
}
