//! A small picture of dots on its way to the paper.

use crate::emulator::escpos::{ImageSource, Large};

/// Rows of dots; the leftmost is the highest bit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bitmap {
    pub(super) width: usize,
    pub(super) height: usize,
    row_bytes: usize,
    bits: Vec<u8>,
}

impl Bitmap {
    pub(super) fn new(width: usize, height: usize) -> Self {
        let row_bytes = width.div_ceil(8);
        Self { width, height, row_bytes, bits: vec![0; row_bytes * height] }
    }

    /// Rows of `width` dots in whole bytes; what `bits` lacks is blank.
    pub(super) fn from_rows(width: usize, height: usize, bits: &[u8]) -> Self {
        let mut bitmap = Self::new(width, height);
        let length = bits.len().min(bitmap.bits.len());
        bitmap.bits[..length].copy_from_slice(&bits[..length]);
        bitmap
    }

    /// Columns of `column_bytes` each; the topmost dot is the highest bit.
    pub(super) fn from_columns(column_bytes: usize, columns: &[u8]) -> Self {
        let width = columns.len().checked_div(column_bytes).unwrap_or(0);
        let mut bitmap = Self::new(width, column_bytes * 8);
        for (x, column) in columns.chunks_exact(column_bytes.max(1)).enumerate() {
            for y in (0..column_bytes * 8).filter(|y| column[y / 8] & (0x80 >> (y % 8)) != 0) {
                bitmap.ink(x, y);
            }
        }
        bitmap
    }

    pub(super) fn of(source: &ImageSource) -> Self {
        match source {
            ImageSource::Rows { width, height, dots } => {
                Self::from_rows(usize::from(*width), usize::from(*height), dots)
            }
            ImageSource::Columns { height, dots, .. } => Self::from_columns(usize::from(*height).div_ceil(8), dots),
        }
    }

    pub(super) fn is_ink(&self, x: usize, y: usize) -> bool {
        x < self.width && self.bits.get(y * self.row_bytes + x / 8).is_some_and(|byte| byte & (0x80 >> (x % 8)) != 0)
    }

    /// Inks a dot; outside there is nothing to ink.
    pub(super) fn ink(&mut self, x: usize, y: usize) {
        if x < self.width
            && let Some(byte) = self.bits.get_mut(y * self.row_bytes + x / 8)
        {
            *byte |= 0x80 >> (x % 8);
        }
    }

    pub(super) fn ink_rectangle(&mut self, x: usize, y: usize, width: usize, height: usize) {
        for row in y..(y + height).min(self.height) {
            for column in x..(x + width).min(self.width) {
                self.ink(column, row);
            }
        }
    }

    /// Inks another picture with its corner at (`x`, `y`).
    pub(super) fn draw(&mut self, x: usize, y: usize, picture: &Self) {
        for row in 0..picture.height {
            for column in (0..picture.width).filter(|column| picture.is_ink(*column, row)) {
                self.ink(x + column, y + row);
            }
        }
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.height).map(|y| &self.bits[y * self.row_bytes..(y + 1) * self.row_bytes])
    }

    /// Each dot so many times.
    pub(super) fn enlarged(&self, times: Large) -> Self {
        let (wide, high) = (usize::from(times.wide.max(1)), usize::from(times.high.max(1)));
        if (wide, high) == (1, 1) {
            return self.clone();
        }
        self.redrawn(self.width * wide, self.height * high, |x, y| (x / wide, y / high))
    }

    /// No wider than the paper.
    pub(super) fn cropped(&self, width: usize) -> Self {
        if self.width <= width { self.clone() } else { self.redrawn(width, self.height, |x, y| (x, y)) }
    }

    /// On its head.
    pub(super) fn turned_half(&self) -> Self {
        self.redrawn(self.width, self.height, |x, y| (self.width - 1 - x, self.height - 1 - y))
    }

    /// Turned clockwise by a quarter.
    pub(super) fn turned_quarter(&self) -> Self {
        self.redrawn(self.height, self.width, |x, y| (y, self.height - 1 - x))
    }

    pub(super) fn inverted(&self) -> Self {
        let mut inverted = Self::new(self.width, self.height);
        for y in 0..self.height {
            for x in (0..self.width).filter(|x| !self.is_ink(*x, y)) {
                inverted.ink(x, y);
            }
        }
        inverted
    }

    /// Every dot of the new picture comes from a place of the old one.
    fn redrawn(&self, width: usize, height: usize, from: impl Fn(usize, usize) -> (usize, usize)) -> Self {
        let mut drawn = Self::new(width, height);
        for y in 0..height {
            for x in 0..width {
                let (old_x, old_y) = from(x, y);
                if self.is_ink(old_x, old_y) {
                    drawn.ink(x, y);
                }
            }
        }
        drawn
    }
}
