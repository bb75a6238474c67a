//! What `ESC @` sets back.

use super::letters::Face;
use crate::emulator::escpos::Large;

/// Dots of a line feed at power-on: 3.75 mm.
pub(super) const LINE_DOTS: u8 = 30;
/// Motion units an inch at power-on: one dot each.
const DPI: usize = 203;

/// Where a line stands between the margins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Side {
    #[default]
    Left,
    Center,
    Right,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Settings {
    pub(super) side: Side,
    pub(super) face: Face,
    pub(super) large: Large,
    pub(super) bold: bool,
    pub(super) underline: u8,
    pub(super) reverse: bool,
    pub(super) upside_down: bool,
    pub(super) turned: bool,
    pub(super) letter_space: u8,
    pub(super) line_units: Option<u8>,
    pub(super) code_page: u8,
    pub(super) use_letters: bool,
    pub(super) left_margin: usize,
    pub(super) area_width: Option<usize>,
    pub(super) units: (u8, u8),
    /// In letters of face A.
    pub(super) tabs: Vec<u8>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            side: Side::Left,
            face: Face::A,
            large: Large::NO,
            bold: false,
            underline: 0,
            reverse: false,
            upside_down: false,
            turned: false,
            letter_space: 0,
            line_units: None,
            code_page: 0,
            use_letters: false,
            left_margin: 0,
            area_width: None,
            units: (0, 0),
            tabs: (1..32).map(|stop| stop * 8).collect(),
        }
    }
}

impl Settings {
    /// `ESC !`.
    pub(super) fn mode(&mut self, n: u8) {
        self.face = if n & 1 == 0 { Face::A } else { Face::B };
        self.bold = n & 0x08 != 0;
        self.large = Large::of_mode(n);
        self.underline = u8::from(n & 0x80 != 0);
    }

    /// Motion units across, as dots.
    pub(super) fn across(&self, units: usize) -> usize {
        dots(units, self.units.0)
    }

    /// Motion units down, as dots.
    pub(super) fn down(&self, units: usize) -> usize {
        dots(units, self.units.1)
    }

    /// The paper between the tops of two lines.
    pub(super) fn line_dots(&self) -> usize {
        self.line_units.map_or(usize::from(LINE_DOTS), |units| self.down(usize::from(units)))
    }

    /// The first dot and the width of the print area on paper of this width.
    pub(super) fn area(&self, paper: usize) -> (usize, usize) {
        let left = self.left_margin.min(paper.saturating_sub(1));
        let room = paper - left;
        (left, self.area_width.map_or(room, |width| width.clamp(1, room)))
    }
}

fn dots(units: usize, an_inch: u8) -> usize {
    if an_inch == 0 { units } else { units * DPI / usize::from(an_inch) }
}
