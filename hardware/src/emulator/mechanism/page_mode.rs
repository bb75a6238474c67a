//! Page mode, as far as receipts use it: lines are set one below the other into an area, and the page is printed as a whole. Letters are not turned
//! (`ESC T`).

use super::Mechanism;
use super::bitmap::Bitmap;
use crate::printer::canvas::Canvas;

/// The longest page, in dots (about 1.6 m); a printer has less.
const LONGEST: usize = 13_000;

pub(super) struct PageArea {
    canvas: Canvas,
    left: usize,
    top: usize,
    y: usize,
}

impl PageArea {
    fn new(width_dots: u16) -> Self {
        Self { canvas: Canvas::new(width_dots), left: 0, top: 0, y: 0 }
    }

    /// Inks a picture below what is there.
    pub(super) fn put(&mut self, x: usize, picture: &Bitmap) {
        for (row, bits) in picture.rows().enumerate() {
            if self.top + self.y + row < LONGEST {
                self.canvas.ink_row(self.left + x, self.top + self.y + row, bits);
            }
        }
        self.feed(picture.height);
    }

    pub(super) fn feed(&mut self, dots: usize) {
        self.y = (self.y + dots).min(LONGEST);
    }
}

impl Mechanism {
    pub(super) fn enter_page_mode(&mut self) {
        self.flush_line();
        self.page_area.get_or_insert_with(|| PageArea::new(self.model.width_dots));
    }

    pub(super) fn set_page_area(&mut self, [x, y, _, height]: [u16; 4]) {
        let (left, top) = (self.settings.across(usize::from(x)), self.settings.down(usize::from(y)));
        let bottom = top + self.settings.down(usize::from(height));
        if let Some(page) = &mut self.page_area {
            (page.left, page.top, page.y) = (left, top.min(LONGEST), 0);
            page.canvas.grow(bottom.min(LONGEST));
        }
    }

    pub(super) fn set_page_line(&mut self, units: i32, relative: bool) {
        let dots = self.settings.down(units.unsigned_abs() as usize);
        if let Some(page) = &mut self.page_area {
            page.y = match (relative, units < 0) {
                (false, _) => dots.min(LONGEST),
                (true, false) => (page.y + dots).min(LONGEST),
                (true, true) => page.y.saturating_sub(dots),
            };
        }
    }

    /// Prints the page; it stays as it is until it is left.
    pub(super) fn print_page(&mut self) {
        self.flush_line();
        if let Some(page) = &self.page_area {
            self.rows.extend(page.canvas.rows().map(<[u8]>::to_vec));
        }
    }
}
