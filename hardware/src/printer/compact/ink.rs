//! A drawn piece, looked at a word at a time.

use std::ops::Range;

use super::STRIP_ROWS;
use crate::printer::canvas::Canvas;
use crate::printer::raster::Piece;

/// Rows of dots as words, the leftmost dot the highest bit. Below the last row all is blank.
pub(super) struct Ink {
    width_dots: usize,
    width_words: usize,
    words: Vec<u64>,
    /// The same turned: columns, the top dot the highest bit.
    column_words: usize,
    columns: Vec<u64>,
    /// The bytes of each row that hold ink.
    inked: Vec<Option<Range<usize>>>,
    /// Blank rows from each row on.
    blank: Vec<usize>,
    /// Whether a row and the next are alike and made of dots twice as wide.
    doubled: Vec<bool>,
    /// Where text stands: its baseline, and the em of its letters.
    pub(super) baselines: Vec<(usize, u32)>,
}

impl Ink {
    /// The dots of a piece; none of one that the printer draws.
    pub(super) fn of(piece: &Piece) -> Self {
        let none = Canvas::new(8);
        let canvas = if let Piece::Dots(canvas) = piece { canvas } else { &none };
        let (width_dots, height) = (canvas.width_dots(), canvas.height_dots());
        let word = |bytes: &[u8]| {
            let mut word = [0; 8];
            word[..bytes.len()].copy_from_slice(bytes);
            u64::from_be_bytes(word)
        };
        let mut ink = Self {
            width_dots,
            width_words: width_dots.div_ceil(64),
            words: canvas.rows().flat_map(|row| row.chunks(8).map(word)).collect(),
            column_words: height.div_ceil(64),
            columns: vec![0; width_dots * height.div_ceil(64)],
            inked: Vec::new(),
            blank: vec![0; height + 1],
            doubled: Vec::new(),
            baselines: canvas.baselines().to_vec(),
        };
        ink.inked = (0..height).map(|at| inked_bytes(ink.row(at))).collect();
        for at in (0..height).rev() {
            ink.blank[at] = if ink.inked[at].is_none() { ink.blank[at + 1] + 1 } else { 0 };
        }
        ink.doubled = (0..height).map(|at| at + 1 < height && ink.is_doubled(at)).collect();
        ink.turn();
        ink
    }

    fn turn(&mut self) {
        for (at, row) in self.words.chunks_exact(self.width_words).enumerate() {
            let bit = 1 << 63 >> (at % 64);
            for x in runs(row).into_iter().flatten() {
                self.columns[x * self.column_words + at / 64] |= bit;
            }
        }
    }

    pub(super) fn height(&self) -> usize {
        self.words.len() / self.width_words
    }

    pub(super) fn width_dots(&self) -> usize {
        self.width_dots
    }

    pub(super) fn row(&self, at: usize) -> &[u64] {
        self.words.get(at * self.width_words..(at + 1) * self.width_words).unwrap_or_default()
    }

    pub(super) fn blank_rows(&self, at: usize) -> usize {
        self.blank.get(at).copied().unwrap_or(0)
    }

    /// Whether this row and the next can go as one of dots twice as large.
    pub(super) fn doubled(&self, at: usize) -> bool {
        self.doubled.get(at).copied().unwrap_or(false)
    }

    fn is_doubled(&self, at: usize) -> bool {
        const RIGHT: u64 = 0x5555_5555_5555_5555;
        self.row(at) == self.row(at + 1) && self.row(at).iter().all(|word| (word ^ (word >> 1)) & RIGHT == 0)
    }

    pub(super) fn is_inked(&self, x: usize, at: usize) -> bool {
        self.row(at).get(x / 64).is_some_and(|word| word & (1 << 63 >> (x % 64)) != 0)
    }

    /// From the first byte of a row that holds ink to behind the last; none of a blank row.
    pub(super) fn inked_bytes(&self, at: usize) -> Option<Range<usize>> {
        self.inked.get(at).cloned().flatten()
    }

    /// The columns in which any row of a strip is inked.
    pub(super) fn inked_columns(&self, at: usize) -> Vec<u64> {
        let mut union = vec![0; self.width_words];
        for row in at..self.height().min(at + STRIP_ROWS) {
            union.iter_mut().zip(self.row(row)).for_each(|(all, word)| *all |= word);
        }
        union
    }

    /// A column of a strip, its top dot the highest of 24 bits.
    pub(super) fn column(&self, x: usize, at: usize) -> u32 {
        let column = self.columns.get(x * self.column_words..(x + 1) * self.column_words).unwrap_or_default();
        let word = |index: usize| u128::from(column.get(index).copied().unwrap_or(0));
        let two = word(at / 64) << 64 | word(at / 64 + 1);
        (two << (at % 64) >> (128 - STRIP_ROWS)) as u32
    }
}

fn inked_bytes(row: &[u64]) -> Option<Range<usize>> {
    let first = row.iter().position(|word| *word != 0)?;
    let last = row.iter().rposition(|word| *word != 0)?;
    let start = first * 8 + row[first].leading_zeros() as usize / 8;
    Some(start..last * 8 + 8 - row[last].trailing_zeros() as usize / 8)
}

/// The stretches of columns without a blank one among them.
pub(super) fn runs(columns: &[u64]) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for (index, word) in columns.iter().enumerate() {
        let mut rest = *word;
        let mut done = 0;
        while rest != 0 {
            let blank = rest.leading_zeros();
            let inked = (rest << blank).leading_ones();
            let start = index * 64 + (done + blank) as usize;
            let end = start + inked as usize;
            match runs.last_mut() {
                Some(run) if run.end == start => run.end = end,
                _ => runs.push(start..end),
            }
            done += blank + inked;
            rest = if done < 64 { word << done } else { 0 };
        }
    }
    runs
}
