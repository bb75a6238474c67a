//! A page as marks in millimetres from its top left corner, and the flow that fills pages with text.

use super::DocumentFault;
use super::face::{MM_PER_PT, Weight};
use super::qr::Modules;

/// A sheet's size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Sheet {
    pub width_mm: f32,
    pub height_mm: f32,
}

/// A5, upright (ISO 216), as are the others.
pub(super) const A5: Sheet = Sheet { width_mm: 148.0, height_mm: 210.0 };
/// A4, upright.
pub(super) const A4: Sheet = Sheet { width_mm: 210.0, height_mm: 297.0 };
/// A4, lying.
pub(super) const A4_WIDE: Sheet = Sheet { width_mm: 297.0, height_mm: 210.0 };

/// Line height over type size: a stacked mark such as that of `Ễ` keeps clear of the line above.
const LEADING: f32 = 1.36;
/// The baseline's share of the line height, from its top.
const BASELINE: f32 = 0.76;

/// Something on a page.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Mark {
    /// A line of text in one face.
    Text { x_mm: f32, baseline_mm: f32, size_pt: f32, weight: Weight, text: String },
    /// A filled rectangle: every line is one.
    Bar { x_mm: f32, y_mm: f32, width_mm: f32, height_mm: f32 },
    /// A QR code without its quiet zone.
    Qr { x_mm: f32, y_mm: f32, edge_mm: f32, modules: Modules },
}

/// One page.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Page {
    pub sheet: Sheet,
    pub marks: Vec<Mark>,
}

/// How a text is set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Type {
    pub weight: Weight,
    pub size_pt: f32,
}

impl Type {
    pub const fn new(weight: Weight, size_pt: f32) -> Self {
        Self { weight, size_pt }
    }

    /// The height of one line in millimetres.
    pub fn line_mm(self) -> f32 {
        self.size_pt * LEADING * MM_PER_PT
    }
}

/// Where text stands in its column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    Left,
    Center,
    Right,
}

/// A column: its left edge and its width.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Column {
    pub x_mm: f32,
    pub width_mm: f32,
}

/// A stretch of a paragraph in one weight.
pub(super) type Span<'a> = (Weight, &'a str);

/// A word with the weight that it is set in.
#[derive(Clone, Debug, PartialEq)]
struct Word {
    weight: Weight,
    text: String,
    width_mm: f32,
}

/// A line of words that fits its column.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Line {
    words: Vec<Word>,
    width_mm: f32,
}

/// Breaks a paragraph into lines; `width_mm` tells how wide the line with that number may be. A word that fits no line is broken inside.
pub(super) fn lines(
    spans: &[Span<'_>],
    size_pt: f32,
    width_mm: impl Fn(usize) -> f32,
) -> Result<Vec<Line>, DocumentFault> {
    let mut lines: Vec<Line> = vec![];
    let mut line = Line::default();
    for (weight, text) in spans {
        let face = weight.face()?;
        let space_mm = face.width_mm(" ", size_pt);
        for word in face.shown(text).split_whitespace() {
            for part in parts(word, |text| face.width_mm(text, size_pt), width_mm(lines.len())) {
                let part_mm = face.width_mm(&part, size_pt);
                let gap_mm = if line.words.is_empty() { 0.0 } else { space_mm };
                if line.width_mm + gap_mm + part_mm > width_mm(lines.len()) && !line.words.is_empty() {
                    lines.push(std::mem::take(&mut line));
                }
                line.width_mm += part_mm + if line.words.is_empty() { 0.0 } else { space_mm };
                line.words.push(Word { weight: *weight, text: part, width_mm: part_mm });
            }
        }
    }
    if !line.words.is_empty() {
        lines.push(line);
    }
    Ok(lines)
}

/// A word in parts that each fit `limit_mm`, broken behind a mark such as a hyphen where that is possible.
fn parts(word: &str, measure: impl Fn(&str) -> f32, limit_mm: f32) -> Vec<String> {
    let mut parts = vec![];
    let mut part = String::new();
    let mut part_mm = 0.0;
    for letter in word.chars() {
        let letter_mm = measure(letter.encode_utf8(&mut [0; 4]));
        if part_mm + letter_mm > limit_mm && !part.is_empty() {
            let at = part.rfind(['-', '/', '.', '@', '_']).map_or(part.len(), |mark| mark + 1);
            let rest = part.split_off(at);
            parts.push(std::mem::replace(&mut part, rest));
            part_mm = measure(&part);
        }
        part.push(letter);
        part_mm += letter_mm;
    }
    parts.push(part);
    parts
}

impl Page {
    /// An empty page.
    pub fn new(sheet: Sheet) -> Self {
        Self { sheet, marks: vec![] }
    }

    /// Sets a line with its top at `y_mm`: one mark for each stretch of one weight.
    pub fn set(
        &mut self,
        line: &Line,
        column: Column,
        y_mm: f32,
        size_pt: f32,
        anchor: Anchor,
    ) -> Result<(), DocumentFault> {
        let slack_mm = match anchor {
            Anchor::Left => 0.0,
            Anchor::Center => (column.width_mm - line.width_mm).max(0.0) / 2.0,
            Anchor::Right => (column.width_mm - line.width_mm).max(0.0),
        };
        let mut x_mm = column.x_mm + slack_mm;
        let baseline_mm = y_mm + size_pt * LEADING * BASELINE * MM_PER_PT;
        for (at, stretch) in line.words.chunk_by(|a, b| a.weight == b.weight).enumerate() {
            let weight = stretch[0].weight;
            let space_mm = weight.face()?.width_mm(" ", size_pt);
            // The gap belongs to the text behind it, so that a reader of the file sees two words.
            let mut text = if at == 0 { String::new() } else { " ".to_owned() };
            text.push_str(&stretch.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" "));
            let words_mm: f32 = stretch.iter().map(|word| word.width_mm).sum();
            let gaps = text.matches(' ').count();
            self.marks.push(Mark::Text { x_mm, baseline_mm, size_pt, weight, text });
            let gaps = gaps as f32;
            x_mm += words_mm + gaps * space_mm;
        }
        Ok(())
    }

    /// Sets a short text, wrapped into its column; returns where the next one begins.
    pub fn place(
        &mut self,
        text: &str,
        kind: Type,
        column: Column,
        y_mm: f32,
        anchor: Anchor,
    ) -> Result<f32, DocumentFault> {
        let mut y_mm = y_mm;
        for line in lines(&[(kind.weight, text)], kind.size_pt, |_| column.width_mm)? {
            self.set(&line, column, y_mm, kind.size_pt, anchor)?;
            y_mm += kind.line_mm();
        }
        Ok(y_mm)
    }

    /// Sets a heading in the middle of its column, in lines of about one length; returns where the next text begins.
    pub fn head(&mut self, text: &str, kind: Type, column: Column, y_mm: f32) -> Result<f32, DocumentFault> {
        let count = |width_mm: f32| lines(&[(kind.weight, text)], kind.size_pt, |_| width_mm).map(|lines| lines.len());
        let wide = count(column.width_mm)?;
        let (mut narrow_mm, mut width_mm) = (column.width_mm / 2.0, column.width_mm);
        while wide > 1 && width_mm - narrow_mm > 1.0 {
            let middle_mm = f32::midpoint(narrow_mm, width_mm);
            if count(middle_mm)? > wide { narrow_mm = middle_mm } else { width_mm = middle_mm }
        }
        let x_mm = column.x_mm + (column.width_mm - width_mm) / 2.0;
        self.place(text, kind, Column { x_mm, width_mm }, y_mm, Anchor::Center)
    }

    /// A line across.
    pub fn rule(&mut self, column: Column, y_mm: f32, thickness_mm: f32) {
        self.marks.push(Mark::Bar { x_mm: column.x_mm, y_mm, width_mm: column.width_mm, height_mm: thickness_mm });
    }

    /// A line down.
    pub fn upright(&mut self, x_mm: f32, top_mm: f32, bottom_mm: f32, thickness_mm: f32) {
        self.marks.push(Mark::Bar { x_mm, y_mm: top_mm, width_mm: thickness_mm, height_mm: bottom_mm - top_mm });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn texts(lines: &[Line]) -> Vec<String> {
        lines
            .iter()
            .map(|line| line.words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" "))
            .collect()
    }

    #[test]
    fn a_paragraph_flows_around_what_stands_beside_it() {
        let text = "một hai ba bốn năm sáu bảy tám chín mười";
        let wrapped = lines(&[(Weight::Regular, text)], 10.0, |line| if line == 0 { 20.0 } else { 40.0 }).unwrap();
        assert!(wrapped[0].width_mm <= 20.0 && wrapped[1].width_mm > 20.0);
        assert_eq!(texts(&wrapped).join(" "), text);
    }

    #[test]
    fn weights_are_kept_apart_and_words_do_not_touch() {
        let line = lines(&[(Weight::Regular, "Mã hồ sơ:"), (Weight::Bold, "H26")], 9.0, |_| 100.0).unwrap();
        let mut page = Page::new(A5);
        page.set(&line[0], Column { x_mm: 10.0, width_mm: 100.0 }, 0.0, 9.0, Anchor::Left).unwrap();
        let texts: Vec<&str> =
            page.marks.iter().map(|mark| if let Mark::Text { text, .. } = mark { text.as_str() } else { "" }).collect();
        assert_eq!(texts, ["Mã hồ sơ:", " H26"]);
    }

    #[test]
    fn a_heading_has_lines_of_about_one_length() {
        let mut page = Page::new(A5);
        let column = Column { x_mm: 0.0, width_mm: 54.0 };
        page.head("TRUNG TÂM PHỤC VỤ HÀNH CHÍNH CÔNG", Type::new(Weight::Bold, 8.0), column, 0.0).unwrap();
        let texts: Vec<&str> =
            page.marks.iter().map(|mark| if let Mark::Text { text, .. } = mark { text.as_str() } else { "" }).collect();
        assert_eq!(texts, ["TRUNG TÂM PHỤC VỤ", "HÀNH CHÍNH CÔNG"]);
    }

    proptest! {
        #[test]
        fn no_line_is_wider_than_its_column_and_no_letter_is_lost(
            text in "[a-zà-ỹ]{1,40}( [a-zà-ỹ]{1,40}){0,8}",
            limit_mm in 12.0_f32..90.0,
        ) {
            let shown = Weight::Regular.face().unwrap().shown(&text);
            let wrapped = lines(&[(Weight::Regular, &text)], 9.0, |_| limit_mm).unwrap();
            for line in &wrapped {
                prop_assert!(line.width_mm <= limit_mm + 0.01);
            }
            prop_assert_eq!(texts(&wrapped).concat().replace(' ', ""), shown.replace(' ', ""));
        }
    }
}
