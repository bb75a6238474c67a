//! A page of 1-bit dots that grows downwards; ink is 1, the leftmost dot is the highest bit, as `GS v 0` wants it.

/// A bitmap of fixed width and growing height.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Canvas {
    width_bytes: usize,
    dots: Vec<u8>,
    baselines: Vec<(usize, u32)>,
}

impl Canvas {
    /// An empty canvas, `width_dots` wide (a multiple of eight).
    #[must_use]
    pub fn new(width_dots: u16) -> Self {
        Self { width_bytes: usize::from(width_dots / 8).max(1), dots: Vec::new(), baselines: Vec::new() }
    }

    /// An empty canvas of the same width.
    #[must_use]
    pub fn empty(&self) -> Self {
        Self { width_bytes: self.width_bytes, dots: Vec::new(), baselines: Vec::new() }
    }

    /// The width in dots.
    #[must_use]
    pub fn width_dots(&self) -> usize {
        self.width_bytes * 8
    }

    /// The height in dots.
    #[must_use]
    pub fn height_dots(&self) -> usize {
        self.dots.len() / self.width_bytes
    }

    /// The rows from the top, each `width / 8` bytes.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        self.dots.chunks_exact(self.width_bytes)
    }

    /// All dots, row after row.
    #[must_use]
    pub fn dots(&self) -> &[u8] {
        &self.dots
    }

    /// Whether a dot is inked; dots outside are blank.
    #[must_use]
    pub fn is_ink(&self, x: usize, y: usize) -> bool {
        x < self.width_dots()
            && self.dots.get(y * self.width_bytes + x / 8).is_some_and(|byte| byte & (0x80 >> (x % 8)) != 0)
    }

    /// Whether no dot is inked.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.dots.iter().all(|byte| *byte == 0)
    }

    /// Where text stands, from the top: the row of its baseline, and the em of its letters.
    #[must_use]
    pub fn baselines(&self) -> &[(usize, u32)] {
        &self.baselines
    }

    /// Notes where text stands, so that lines of the same size can be cut alike.
    pub fn note_baseline(&mut self, row: usize, em_dots: u32) {
        self.baselines.push((row, em_dots));
    }

    /// Makes the canvas at least `height_dots` high.
    pub fn grow(&mut self, height_dots: usize) {
        let length = height_dots * self.width_bytes;
        if length > self.dots.len() {
            self.dots.resize(length, 0);
        }
    }

    /// Inks `bits` (a row of dots, highest bit first) at (`x`, `y`); what falls outside the width is dropped.
    pub fn ink_row(&mut self, x: usize, y: usize, bits: &[u8]) {
        self.grow(y + 1);
        let shift = x % 8;
        let row = &mut self.dots[y * self.width_bytes..(y + 1) * self.width_bytes];
        for (index, bits) in bits.iter().enumerate() {
            let at = x / 8 + index;
            if let Some(byte) = row.get_mut(at) {
                *byte |= bits >> shift;
            }
            if shift > 0
                && let Some(byte) = row.get_mut(at + 1)
            {
                *byte |= bits << (8 - shift);
            }
        }
    }

    /// Inks a rectangle.
    pub fn ink_rectangle(&mut self, x: usize, y: usize, width: usize, height: usize) {
        let mut bits = vec![0xFF; width / 8];
        if !width.is_multiple_of(8) {
            bits.push(0xFF << (8 - width % 8));
        }
        for row in y..y + height {
            self.ink_row(x, row, &bits);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_land_on_their_dots() {
        let mut canvas = Canvas::new(24);
        canvas.ink_row(5, 2, &[0b1010_0001]);
        assert_eq!(canvas.height_dots(), 3);
        let inked: Vec<_> = (0..24).filter(|x| canvas.is_ink(*x, 2)).collect();
        assert_eq!(inked, [5, 7, 12]);
        assert!(!canvas.is_ink(5, 1));
    }

    #[test]
    fn what_is_outside_is_dropped() {
        let mut canvas = Canvas::new(16);
        canvas.ink_row(12, 0, &[0xFF, 0xFF]);
        assert_eq!(canvas.dots(), [0x00, 0x0F]);
        canvas.ink_rectangle(3, 0, 10, 2);
        assert_eq!(canvas.dots(), [0x1F, 0xFF, 0x1F, 0xF8]);
    }
}
