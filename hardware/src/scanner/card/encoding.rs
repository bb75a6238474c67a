//! Finding text that went through the wrong encoding on its way from the scanner.

/// The letters at bytes 80 to 9F of CP1252; CP1258 shares what it defines there.
const HIGH_CONTROLS: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8D}', 'Ž', '\u{8F}', '\u{90}', '‘', '’',
    '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9D}', 'ž', 'Ÿ',
];

/// Where CP1258 differs from CP1252 above A0.
const CP1258: [(char, u8); 12] = [
    ('Ă', 0xC3),
    ('\u{300}', 0xCC),
    ('Đ', 0xD0),
    ('\u{309}', 0xD2),
    ('Ơ', 0xD5),
    ('Ư', 0xDD),
    ('\u{303}', 0xDE),
    ('ă', 0xE3),
    ('\u{301}', 0xEC),
    ('đ', 0xF0),
    ('\u{323}', 0xF2),
    ('ơ', 0xF5),
];
const CP1258_MORE: [(char, u8); 2] = [('ư', 0xFD), ('₫', 0xFE)];

/// Whether a text shows that it was read in a wrong encoding: replacement characters, or letters that are really the bytes of UTF-8
/// text (`Nguyá»…n` for `Nguyễn`).
pub(super) fn is_mangled(text: &str) -> bool {
    text.contains('\u{FFFD}') || is_utf8_read_as(text, cp1252) || is_utf8_read_as(text, cp1258)
}

/// Word by word, so that a mangled name beside a good address is found. Correct Vietnamese hardly ever reads as UTF-8 bytes: a word would need a
/// letter such as `Ã` or `á` followed by the very signs that stand for continuation bytes.
fn is_utf8_read_as(text: &str, byte_of: fn(char) -> Option<u8>) -> bool {
    text.split(|c: char| c.is_ascii()).filter(|word| !word.is_empty()).any(|word| {
        let bytes: Option<Vec<u8>> = word.chars().map(byte_of).collect();
        bytes.is_some_and(|bytes| std::str::from_utf8(&bytes).is_ok())
    })
}

fn cp1252(letter: char) -> Option<u8> {
    match u32::from(letter) {
        code @ (0..=0x7F | 0xA0..=0xFF) => u8::try_from(code).ok(),
        _ => HIGH_CONTROLS.iter().position(|high| *high == letter).and_then(|at| u8::try_from(0x80 + at).ok()),
    }
}

fn cp1258(letter: char) -> Option<u8> {
    let own = CP1258.iter().chain(&CP1258_MORE).find(|(own, _)| *own == letter);
    own.map_or_else(|| cp1252(letter), |(_, byte)| Some(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_normalization::UnicodeNormalization;

    /// Every precomposed Vietnamese letter.
    fn letters() -> Vec<String> {
        let tones = ["", "\u{300}", "\u{309}", "\u{303}", "\u{301}", "\u{323}"];
        let vowels = "aăâeêioôơuưyAĂÂEÊIOÔƠUƯY".chars();
        let toned = vowels.flat_map(|vowel| tones.map(|tone| format!("{vowel}{tone}").nfc().collect()));
        toned.chain(["đ".to_owned(), "Đ".to_owned()]).filter(|letter: &String| !letter.is_ascii()).collect()
    }

    fn misread(text: &str, table: fn(char) -> Option<u8>) -> String {
        let all: Vec<char> = (0..=0x2FFF).chain(0x20AB..=0x20AC).filter_map(char::from_u32).collect();
        let letter_of = |byte: &u8| all.iter().find(|letter| table(**letter) == Some(*byte)).copied();
        text.bytes().map(|byte| letter_of(&byte).unwrap_or('?')).collect()
    }

    #[test]
    fn every_letter_is_found_when_misread_and_never_when_right() {
        for letter in letters() {
            assert!(is_mangled(&misread(&letter, cp1252)), "{letter}");
            for good in [letter.clone(), letter.nfd().collect(), format!("ng{letter}n")] {
                assert!(!is_mangled(&good), "{good}");
            }
        }
        assert!(!is_mangled("Lê Quốc Đạt – số 5 “Phố Huế” Ý Yên"));
    }
}
