//! A queue number in the printer's own letters, as large as the drawn one. Pure.

use serde::{Deserialize, Serialize};

/// The widest and highest that `GS !` makes letters.
const MOST_TIMES: usize = 8;

/// The cell of a letter of the printer's font A, unenlarged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LetterCell {
    /// The advance of a letter.
    pub width_dots: u8,
    /// The height of the cell, which is what a line takes of the paper.
    pub height_dots: u8,
    /// Rows of the cell above a capital letter or a digit.
    pub cap_top_dots: u8,
    /// Rows of a capital letter or a digit.
    pub cap_dots: u8,
}

impl LetterCell {
    /// Font A as ESC/POS printers of 203 dpi have it: 12 by 24, its digits 17 high above four rows. General knowledge of
    /// the class.
    pub const FONT_A: Self = Self { width_dots: 12, height_dots: 24, cap_top_dots: 3, cap_dots: 17 };
}

/// How the same text is when it is drawn by us.
#[derive(Clone, Copy, Debug)]
pub struct Drawn {
    /// Its width.
    pub width_dots: usize,
    /// The height of its digits.
    pub cap_dots: usize,
    /// From the top of its line to its baseline.
    pub above_dots: usize,
    /// The height of its line.
    pub height_dots: usize,
}

/// A line in the printer's own letters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NativeText {
    /// Digits, capital letters, hyphens: what every code page has.
    pub text: String,
    /// Where the first cell begins.
    pub left_dots: usize,
    /// How many times as wide as they come, 1 to 8.
    pub times_wide: usize,
    /// How many times as high.
    pub times_high: usize,
    /// Emphasised.
    pub bold: bool,
    /// The cell of the letters.
    pub cell: LetterCell,
}

impl NativeText {
    /// The text with digits as high as the drawn ones, as nearly as whole multiples allow, and as wide; none where the text is no queue
    /// number or does not fit.
    #[must_use]
    pub fn like(text: &str, drawn: &Drawn, cell: LetterCell, width_dots: usize) -> Option<Self> {
        let is_number = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_uppercase() || byte == b'-';
        if text.is_empty() || !text.bytes().all(is_number) || cell.width_dots == 0 || cell.cap_dots == 0 {
            return None;
        }
        let one_dots = text.len() * usize::from(cell.width_dots);
        let times_wide = nearest(drawn.width_dots, one_dots).min(width_dots / one_dots);
        let times_high = nearest(drawn.cap_dots, usize::from(cell.cap_dots));
        let text = text.to_owned();
        (times_wide > 0).then_some(Self { text, left_dots: 0, times_wide, times_high, bold: false, cell })
    }

    /// Its width.
    #[must_use]
    pub fn width_dots(&self) -> usize {
        self.text.len() * usize::from(self.cell.width_dots) * self.times_wide
    }

    /// The paper that it takes.
    #[must_use]
    pub fn height_dots(&self) -> usize {
        usize::from(self.cell.height_dots) * self.times_high
    }

    /// Blank rows above it that put its digits on the drawn baseline; none where it would have to stand higher than its line.
    #[must_use]
    pub fn rows_above(&self, drawn: &Drawn) -> Option<usize> {
        let baseline = usize::from(self.cell.cap_top_dots) + usize::from(self.cell.cap_dots);
        drawn.above_dots.checked_sub(baseline * self.times_high)
    }
}

/// How many times `one_dots` comes nearest to `wanted_dots`.
fn nearest(wanted_dots: usize, one_dots: usize) -> usize {
    ((wanted_dots + one_dots / 2) / one_dots).clamp(1, MOST_TIMES)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CELL: LetterCell = LetterCell::FONT_A;
    const DRAWN: Drawn = Drawn { width_dots: 300, cap_dots: 84, above_dots: 132, height_dots: 156 };

    #[test]
    fn multiples_come_nearest_to_the_drawn_number() {
        let number = NativeText::like("A105", &DRAWN, CELL, 576).unwrap();
        assert_eq!((number.times_wide, number.times_high), (6, 5));
        assert_eq!((number.width_dots(), number.height_dots()), (288, 120));
        assert_eq!(number.rows_above(&DRAWN), Some(132 - 100));
    }

    #[test]
    fn a_long_number_gets_narrower_and_what_is_no_number_stays_drawn() {
        let long = Drawn { width_dots: 700, ..DRAWN };
        assert_eq!(NativeText::like("A105-B205", &long, CELL, 576).unwrap().times_wide, 5);
        assert_eq!(NativeText::like(&"A".repeat(60), &DRAWN, CELL, 576), None);
        for text in ["", "Đ105", "a1", "A 1", "A\n1"] {
            assert_eq!(NativeText::like(text, &DRAWN, CELL, 576), None, "{text}");
        }
    }
}
