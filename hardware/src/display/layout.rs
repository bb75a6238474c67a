//! What stands in which row of a display. Pure.

use unicode_normalization::UnicodeNormalization;

use super::profile::{Charset, DisplayProfile};
use super::{Call, Content};

/// The rows of a display, each exactly as wide as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rows {
    /// The text of each row, filled up with blanks.
    pub rows: Vec<String>,
    /// Whether letters were shown without their marks because the display has no others.
    pub simplified: bool,
}

/// Why something is not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LayoutError {
    /// It may not be shown in public.
    #[error("not fit for a public display")]
    NotPublic,
    /// Not even its shortest form fits.
    #[error("does not fit this display")]
    TooLong,
}

/// Plain letters for a display that has no others: marks are dropped, Đ becomes D, an arrow `->`, dashes and quotes their plain forms, and anything
/// else `?`. Never longer than one character for one, but for the arrow.
#[must_use]
pub fn plain(text: &str) -> String {
    let mut out = String::new();
    for letter in text.nfd() {
        match letter {
            ' '..='~' => out.push(letter),
            '\u{300}'..='\u{36F}' => {}
            'đ' => out.push('d'),
            'Đ' => out.push('D'),
            '→' => out.push_str("->"),
            '–' | '—' | '‑' => out.push('-'),
            '‘' | '’' => out.push('\''),
            '“' | '”' => out.push('"'),
            '\u{A0}' => out.push(' '),
            _ => out.push('?'),
        }
    }
    out
}

/// Lays content out on a display.
///
/// # Errors
/// [`LayoutError`] when it may not be shown or does not fit.
pub fn rows(content: &Content, profile: &DisplayProfile) -> Result<Rows, LayoutError> {
    content.check().map_err(|_| LayoutError::NotPublic)?;
    let mut fit = Fit { profile, simplified: false };
    let mut rows = match content {
        Content::Blank => Vec::new(),
        Content::Call(call) => fit.call(call)?,
        Content::Serving { number, .. } => fit.serving(number)?,
        Content::Text { text } => fit.wrapped(text)?,
    };
    rows.resize(usize::from(profile.lines), String::new());
    let rows = rows.iter().map(|row| centred(row, usize::from(profile.columns))).collect();
    Ok(Rows { rows, simplified: fit.simplified })
}

struct Fit<'a> {
    profile: &'a DisplayProfile,
    simplified: bool,
}

impl Fit<'_> {
    /// Who is called where; in a second row, where there is one, the how-manieth time.
    fn call(&mut self, call: &Call) -> Result<Vec<String>, LayoutError> {
        let Call { number, desk, times } = call;
        let forms = [format!("{number} → QUẦY {desk}"), format!("{number} → {desk}"), format!("{number} {desk}")];
        let mut rows = vec![self.first_that_fits(&forms)?];
        if *times > 1 && self.profile.lines > 1 {
            let forms = [format!("MỜI LẦN {times}"), format!("LẦN {times}"), String::new()];
            rows.push(self.first_that_fits(&forms)?);
        }
        Ok(rows)
    }

    fn serving(&mut self, number: &str) -> Result<Vec<String>, LayoutError> {
        if self.profile.lines == 1 {
            let forms = [format!("ĐANG PHỤC VỤ {number}"), format!("PHỤC VỤ {number}"), number.to_owned()];
            return Ok(vec![self.first_that_fits(&forms)?]);
        }
        let above = self.first_that_fits(&["ĐANG PHỤC VỤ".to_owned(), "PHỤC VỤ".to_owned(), String::new()])?;
        Ok(vec![above, self.first_that_fits(&[number.to_owned()])?])
    }

    /// Word by word; a word that is longer than a row does not fit.
    fn wrapped(&mut self, text: &str) -> Result<Vec<String>, LayoutError> {
        let text = self.shown(text);
        let mut rows: Vec<String> = Vec::new();
        for word in text.split_whitespace() {
            match rows.last_mut() {
                Some(row) if row.chars().count() + 1 + word.chars().count() <= usize::from(self.profile.columns) => {
                    row.push(' ');
                    row.push_str(word);
                }
                _ => rows.push(word.to_owned()),
            }
        }
        let fits = rows.len() <= usize::from(self.profile.lines) && rows.iter().all(|row| self.fits(row));
        if fits { Ok(rows) } else { Err(LayoutError::TooLong) }
    }

    fn first_that_fits(&mut self, forms: &[String]) -> Result<String, LayoutError> {
        let simplified = self.simplified;
        for form in forms {
            self.simplified = simplified;
            let shown = self.shown(form);
            if self.fits(&shown) {
                return Ok(shown);
            }
        }
        Err(LayoutError::TooLong)
    }

    fn shown(&mut self, text: &str) -> String {
        let whole: String = text.nfc().collect();
        match self.profile.charset {
            Charset::Utf8 => whole,
            Charset::Ascii => {
                let plain = plain(&whole);
                // An arrow is drawn, not spelt: only letters count as simplified.
                self.simplified |= plain != whole.replace('→', "->");
                plain
            }
        }
    }

    fn fits(&self, text: &str) -> bool {
        text.chars().count() <= usize::from(self.profile.columns)
    }
}

fn centred(text: &str, columns: usize) -> String {
    format!("{text:^columns$}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn profile(columns: u8, lines: u8, charset: Charset) -> DisplayProfile {
        DisplayProfile { columns, lines, charset, ..DisplayProfile::named("vfd-2x20").unwrap() }
    }

    fn call(number: &str, desk: u16, times: u8) -> Content {
        Content::Call(Call { number: number.to_owned(), desk, times })
    }

    fn shown(content: &Content, columns: u8, lines: u8, charset: Charset) -> Vec<String> {
        rows(content, &profile(columns, lines, charset)).unwrap().rows
    }

    #[test]
    fn a_call_takes_the_longest_form_that_fits() {
        use Charset::{Ascii, Utf8};
        assert_eq!(shown(&call("A105", 3, 1), 20, 2, Ascii), ["   A105 -> QUAY 3   ", " ".repeat(20).as_str()]);
        assert_eq!(shown(&call("A105", 3, 2), 20, 2, Ascii)[1].trim(), "MOI LAN 2");
        assert_eq!(shown(&call("A105", 3, 1), 16, 1, Utf8), [" A105 → QUẦY 3  "]);
        assert_eq!(shown(&call("A105", 3, 1), 10, 1, Ascii), ["A105 -> 3 "]);
        assert_eq!(shown(&call("A105", 3, 1), 6, 1, Ascii), ["A105 3"]);
        assert_eq!(rows(&call("A105", 3, 1), &profile(5, 1, Ascii)), Err(LayoutError::TooLong));
        let serving = Content::Serving { number: "A105".to_owned(), desk: 3 };
        assert_eq!(shown(&serving, 20, 2, Ascii)[0].trim(), "DANG PHUC VU");
        assert_eq!(shown(&serving, 16, 1, Ascii)[0].trim(), "PHUC VU A105");
    }

    #[test]
    fn marks_are_dropped_and_that_is_told() {
        assert_eq!(plain("Nghỉ trưa đến 13:30 – Đường “Láng” ☃"), "Nghi trua den 13:30 - Duong \"Lang\" ?");
        // Composed or not, the same comes out.
        assert_eq!(plain(&"Quầy Ướt".nfd().collect::<String>()), plain("Quầy Ướt"));
        let text = Content::Text { text: "Nghỉ trưa đến 13:30".to_owned() };
        let laid = rows(&text, &profile(10, 2, Charset::Ascii)).unwrap();
        assert_eq!((laid.rows[0].as_str(), laid.simplified), ("Nghi trua ", true));
        assert!(!rows(&text, &profile(10, 2, Charset::Utf8)).unwrap().simplified);
        assert_eq!(rows(&text, &profile(10, 1, Charset::Ascii)), Err(LayoutError::TooLong));
    }

    #[test]
    fn nothing_personal_is_shown() {
        let number = Content::Serving { number: "001199000123".to_owned(), desk: 1 };
        let notice = Content::Text { text: "Mời ông 001199000123".to_owned() };
        for content in [call("001199000123", 1, 1), number, notice] {
            assert_eq!(rows(&content, &profile(40, 4, Charset::Utf8)), Err(LayoutError::NotPublic));
        }
    }

    proptest! {
        #[test]
        fn rows_are_as_wide_as_the_display(
            text: String, number in "[A-Z][0-9]{1,4}", desk in 1..999_u16, times in 1..9_u8, columns in 4..80_u8, lines in 1..8_u8,
        ) {
            for charset in [Charset::Ascii, Charset::Utf8] {
                let profile = profile(columns, lines, charset);
                for content in [Content::Text { text: text.clone() }, call(&number, desk, times)] {
                    let Ok(laid) = rows(&content, &profile) else { continue };
                    prop_assert_eq!(laid.rows.len(), usize::from(lines));
                    prop_assert!(laid.rows.iter().all(|row| row.chars().count() == usize::from(columns)));
                    prop_assert!(charset == Charset::Utf8 || laid.rows.iter().all(|row| row.is_ascii()));
                }
            }
        }

        #[test]
        fn every_letter_becomes_plain(text: String) {
            prop_assert!(plain(&text).bytes().all(|byte| (b' '..=b'~').contains(&byte)));
        }
    }
}
