//! Letters onto the line, and lines onto the paper.

use std::collections::BTreeMap;

use super::bitmap::Bitmap;
use super::code_page;
use super::letters::Face;
use super::{Mechanism, line::LineBuffer};
use crate::emulator::escpos::{Large, UserLetters};

/// What stands in a page's texts for a letter that the sender drew.
pub(super) const DRAWN_LETTER: char = '\u{FFFD}';

/// The letters that the sender drew, by face and code.
pub(super) type DrawnLetters = BTreeMap<(bool, u8), Bitmap>;

impl Mechanism {
    /// Puts a letter on the line; a full line is printed first.
    pub(super) fn letter(&mut self, byte: u8) {
        let (letter, mut cell) = self.cell_of(byte);
        let (_, area) = self.settings.area(self.paper_width());
        cell = self.styled(cell);
        if self.line.pen + cell.width > area && !self.line.is_empty() {
            self.print_line();
        }
        self.line.text.push(letter);
        let space = usize::from(self.settings.letter_space) * usize::from(self.settings.large.wide);
        self.line.place(cell, space);
    }

    fn cell_of(&mut self, byte: u8) -> (char, Bitmap) {
        let face = self.settings.face;
        let drawn = self.drawn_letters.get(&(face == Face::B, byte)).filter(|_| self.settings.use_letters);
        if let Some(drawn) = drawn {
            return (DRAWN_LETTER, drawn.clone());
        }
        let letter = code_page::letter(self.settings.code_page, byte).unwrap_or(' ');
        (letter, self.letters.cell(letter, face))
    }

    fn styled(&self, mut cell: Bitmap) -> Bitmap {
        let settings = &self.settings;
        if settings.bold {
            cell = bold(&cell);
        }
        cell = cell.enlarged(settings.large);
        let thick = usize::from(settings.underline).min(cell.height);
        if thick > 0 && !settings.reverse && !settings.turned {
            cell.ink_rectangle(0, cell.height - thick, cell.width, thick);
        }
        if settings.reverse {
            cell = cell.inverted();
        }
        if settings.turned { cell.turned_quarter() } else { cell }
    }

    /// HT: the next tab stop; none left is no move.
    pub(super) fn tab(&mut self) {
        let width = Face::A.cell().0;
        let next = self.settings.tabs.iter().map(|stop| usize::from(*stop) * width).find(|stop| *stop > self.line.pen);
        if let Some(stop) = next {
            self.line.text.push('\t');
            self.line.go_to(stop);
        }
    }

    /// Prints what is on the line and feeds a line.
    pub(super) fn print_line(&mut self) {
        self.print_and_feed(self.settings.line_dots());
    }

    /// Prints what is on the line, if anything.
    pub(super) fn flush_line(&mut self) {
        if !self.line.is_empty() {
            self.print_line();
        }
        self.line = LineBuffer::default();
    }

    /// Prints the line; paper goes on by `dots`, and never by less than the line is high.
    pub(super) fn print_and_feed(&mut self, dots: usize) {
        let line = std::mem::take(&mut self.line);
        let text = line.text.trim_end();
        if !text.is_empty() {
            self.texts.push(text.to_owned());
        }
        let (left, area) = self.settings.area(self.paper_width());
        let drawn = line.drawn(&self.settings, area);
        self.put(left, &drawn);
        self.feed(dots.saturating_sub(drawn.height));
    }

    /// A picture in a line of its own, between the margins.
    pub(super) fn put_aligned(&mut self, picture: &Bitmap) {
        let (left, area) = self.settings.area(self.paper_width());
        let picture = picture.cropped(area);
        self.put(left + self.settings.offset(area, picture.width), &picture);
    }

    pub(super) fn define_letters(&mut self, letters: UserLetters) {
        let face = self.settings.face;
        let (width, height) = face.cell();
        for (code, columns) in (letters.first..=u8::MAX).zip(letters.letters) {
            let drawn = Bitmap::from_columns(usize::from(letters.column_bytes), &columns);
            let rows: Vec<u8> = drawn.cropped(width).rows().flat_map(|row| padded(row, width.div_ceil(8))).collect();
            self.drawn_letters.insert((face == Face::B, code), Bitmap::from_rows(width, height, &rows));
        }
    }

    pub(super) fn forget_letter(&mut self, code: u8) {
        self.drawn_letters.remove(&(self.settings.face == Face::B, code));
    }

    /// A bit image at the pen.
    pub(super) fn bit_image(&mut self, mode: u8, columns: &[u8]) {
        let column_bytes = if mode < 32 { 1 } else { 3 };
        // 8 dots at 203 dpi stand three times as high as 24; the single densities are twice as wide.
        let large = Large { wide: if mode & 1 == 0 { 2 } else { 1 }, high: if mode < 32 { 3 } else { 1 } };
        let image = Bitmap::from_columns(column_bytes, columns).cropped(self.paper_width());
        self.line.place(image.enlarged(large), 0);
    }
}

fn padded(row: &[u8], bytes: usize) -> Vec<u8> {
    let mut row = row.to_vec();
    row.resize(bytes, 0);
    row
}

/// Every stroke a dot thicker.
fn bold(cell: &Bitmap) -> Bitmap {
    let mut bold = cell.clone();
    for y in 0..cell.height {
        for x in (0..cell.width).filter(|x| cell.is_ink(*x, y)) {
            bold.ink(x + 1, y);
        }
    }
    bold
}
