//! Which letters a printer's bytes are, by its code page (`fixtures/devices/codepages.toml`).

use std::sync::LazyLock;

use serde::Deserialize;

#[derive(Deserialize)]
struct File {
    page: Vec<CodePage>,
}

#[derive(Deserialize)]
struct CodePage {
    select: Vec<u8>,
    letters: String,
}

/// By number: 128 letters each. An unreadable file leaves ASCII; a test holds it right.
static PAGES: LazyLock<Vec<(u8, Vec<char>)>> = LazyLock::new(|| {
    let file = toml::from_str::<File>(include_str!("../../../../fixtures/devices/codepages.toml"));
    let pages = file.map(|file| file.page).unwrap_or_default();
    let numbered = |page: &CodePage| -> Vec<_> {
        page.select.iter().map(|number| (*number, page.letters.chars().collect())).collect()
    };
    pages.iter().flat_map(numbered).collect()
});

/// The letter of a byte; `None` where the page has none. A page that this printer does not have prints as page 0.
pub(super) fn letter(page: u8, byte: u8) -> Option<char> {
    if byte.is_ascii() {
        return Some(char::from(byte));
    }
    let found = PAGES.iter().find(|(number, _)| *number == page).or_else(|| PAGES.first())?;
    found.1.get(usize::from(byte) - 128).copied().filter(|letter| *letter != char::REPLACEMENT_CHARACTER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_has_its_128_letters() {
        assert!(PAGES.len() >= 12);
        for (number, letters) in PAGES.iter() {
            assert_eq!(letters.len(), 128, "page {number}");
        }
    }

    #[test]
    fn vietnamese_pages_hold_the_letters_of_their_standards() {
        assert_eq!([0xB8, 0xC5, 0xD6, 0xFE].map(|byte| letter(30, byte)), [Some('á'), None, Some('ệ'), Some('ỵ')]);
        assert_eq!([0xB8, 0xA7, 0xD6].map(|byte| letter(31, byte)), [Some('Á'), Some('Đ'), Some('Ệ')]);
        assert_eq!([0xD0, 0xF2, 0xFE].map(|byte| letter(52, byte)), [Some('Đ'), Some('\u{323}'), Some('₫')]);
        assert_eq!(letter(0, 0x82), Some('é'));
        assert_eq!(letter(200, b'A'), Some('A'));
    }
}
