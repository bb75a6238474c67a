//! The line under way: letters and bit images, until a command prints them. All stand on the same bottom; what overlaps is inked once.

use super::bitmap::Bitmap;
use super::settings::{Settings, Side};

/// A place that no command can push the pen beyond.
const FARTHEST: usize = 1 << 17;

#[derive(Default)]
pub(super) struct LineBuffer {
    placed: Vec<(usize, Bitmap)>,
    /// Where the next one goes, from the left margin.
    pub(super) pen: usize,
    /// What the letters say.
    pub(super) text: String,
}

impl LineBuffer {
    pub(super) fn is_empty(&self) -> bool {
        self.placed.is_empty()
    }

    /// Puts a picture at the pen.
    pub(super) fn place(&mut self, bitmap: Bitmap, then: usize) {
        let advance = bitmap.width + then;
        self.placed.push((self.pen, bitmap));
        self.go_to(self.pen + advance);
    }

    pub(super) fn go_to(&mut self, pen: usize) {
        self.pen = pen.min(FARTHEST);
    }

    fn height(&self) -> usize {
        self.placed.iter().map(|(_, bitmap)| bitmap.height).max().unwrap_or(0)
    }

    fn extent(&self) -> usize {
        self.placed.iter().map(|(x, bitmap)| x + bitmap.width).max().unwrap_or(0)
    }

    /// The line as one picture of the print area's width.
    pub(super) fn drawn(&self, settings: &Settings, area: usize) -> Bitmap {
        let height = self.height();
        let offset = settings.offset(area, self.extent());
        let mut line = Bitmap::new(area, height);
        for (x, bitmap) in &self.placed {
            line.draw(offset + x, height - bitmap.height, bitmap);
        }
        if settings.upside_down { line.turned_half() } else { line }
    }
}

impl Settings {
    /// What is left of something so wide.
    pub(super) fn offset(&self, area: usize, width: usize) -> usize {
        let room = area.saturating_sub(width);
        match self.side {
            Side::Left => 0,
            Side::Center => room / 2,
            Side::Right => room,
        }
    }
}
