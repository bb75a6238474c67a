//! The printer's own letters: every one in a cell of the same width, drawn from the embedded font and squeezed into it, so that a page looks like
//! a receipt.

use std::collections::HashMap;

use ab_glyph::{Font, FontRef, PxScale, ScaleFont, point};

use super::bitmap::Bitmap;
use crate::printer::raster::REGULAR;

/// Where the coverage of a dot makes ink; letters this small need their thin strokes.
const INK_FROM: f32 = 0.42;

/// Rows of a capital, and of the cell down to its foot, in 24ths of the cell: what ESC/POS printers' fonts are like.
const CAPITALS: usize = 17;
const BASELINE: usize = 20;

/// One of the two sets of letters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) enum Face {
    /// 12 x 24.
    #[default]
    A,
    /// 9 x 17.
    B,
}

impl Face {
    /// Width and height of a cell in dots.
    pub(super) const fn cell(self) -> (usize, usize) {
        match self {
            Self::A => (12, 24),
            Self::B => (9, 17),
        }
    }
}

pub(super) struct Letters {
    font: Option<FontRef<'static>>,
    drawn: HashMap<(char, Face), Bitmap>,
}

impl Letters {
    pub(super) fn new() -> Self {
        Self { font: FontRef::try_from_slice(REGULAR).ok(), drawn: HashMap::new() }
    }

    pub(super) fn cell(&mut self, letter: char, face: Face) -> Bitmap {
        let font = self.font.as_ref();
        self.drawn.entry((letter, face)).or_insert_with(|| draw(font, letter, face)).clone()
    }
}

/// The scale at which capitals and digits are as high as a cell has them.
fn capitals_scale(font: &FontRef<'_>, height: usize) -> f32 {
    let capital = font.outline_glyph(font.glyph_id('H').with_scale(height as f32));
    let natural = capital.map_or(0.0, |capital| capital.px_bounds().height());
    if natural > 0.0 { height as f32 * (height * CAPITALS / 24) as f32 / natural } else { height as f32 }
}

fn draw(font: Option<&FontRef<'_>>, letter: char, face: Face) -> Bitmap {
    let (width, height) = face.cell();
    let mut cell = Bitmap::new(width, height);
    if draw_block(&mut cell, letter) || letter.is_whitespace() {
        return cell;
    }
    let Some(font) = font else { return cell };
    let id = font.glyph_id(letter);
    if id.0 == 0 {
        // No such letter: an empty box says so.
        cell.ink_rectangle(1, 2, width - 2, 1);
        cell.ink_rectangle(1, height - 3, width - 2, 1);
        cell.ink_rectangle(1, 2, 1, height - 4);
        cell.ink_rectangle(width - 2, 2, 1, height - 4);
        return cell;
    }
    let natural = font.as_scaled(PxScale::from(height as f32)).h_advance(id);
    let squeeze = (width as f32 / natural.max(0.1)).min(1.0);
    let scale = PxScale { x: height as f32 * squeeze, y: capitals_scale(font, height) };
    let scaled = font.as_scaled(scale);
    let left = ((width as f32 - scaled.h_advance(id)) / 2.0).max(0.0);
    let Some(outline) =
        font.outline_glyph(id.with_scale_and_position(scale, point(left, (height * BASELINE / 24) as f32)))
    else {
        return cell;
    };
    let bounds = outline.px_bounds();
    // A mark that stands out of the cell is moved in rather than lost.
    let shift = |low: f32, high: f32, room: f32| if low < 0.0 { -low } else { (room - high).min(0.0) };
    let (dx, dy) = (
        shift(bounds.min.x, bounds.max.x, width as f32) + bounds.min.x,
        shift(bounds.min.y, bounds.max.y, height as f32) + bounds.min.y,
    );
    outline.draw(|x, y, coverage| {
        let (x, y) = (x as f32 + dx, y as f32 + dy);
        if coverage >= INK_FROM && x >= 0.0 && y >= 0.0 {
            cell.ink(x as usize, y as usize);
        }
    });
    cell
}

/// Lines and blocks of the old code pages meet at the edges of the cell; no font's outlines do.
fn draw_block(cell: &mut Bitmap, letter: char) -> bool {
    let (width, height) = (cell.width, cell.height);
    let (x, y) = (width / 2 - 1, height / 2 - 1);
    match letter {
        '█' => cell.ink_rectangle(0, 0, width, height),
        '▀' => cell.ink_rectangle(0, 0, width, height / 2),
        '▄' => cell.ink_rectangle(0, height / 2, width, height),
        '▌' => cell.ink_rectangle(0, 0, width / 2, height),
        '▐' => cell.ink_rectangle(width / 2, 0, width, height),
        _ => {
            let Some([left, right, up, down]) = strokes(letter) else { return false };
            for (is, (x, y, width, height)) in
                [(left, (0, y, x + 2, 2)), (right, (x, y, width, 2)), (up, (x, 0, 2, y + 2)), (down, (x, y, 2, height))]
            {
                if is {
                    cell.ink_rectangle(x, y, width, height);
                }
            }
        }
    }
    true
}

/// To which sides a line letter goes: left, right, up, down. Double lines are drawn single.
fn strokes(letter: char) -> Option<[bool; 4]> {
    let sides = match letter {
        '─' | '═' => "lr",
        '│' | '║' => "ud",
        '┌' | '╭' | '╔' | '╒' | '╓' => "rd",
        '┐' | '╮' | '╗' | '╕' | '╖' => "ld",
        '└' | '╰' | '╚' | '╘' | '╙' => "ru",
        '┘' | '╯' | '╝' | '╛' | '╜' => "lu",
        '├' | '╠' | '╞' | '╟' => "rud",
        '┤' | '╣' | '╡' | '╢' => "lud",
        '┬' | '╦' | '╤' | '╥' => "lrd",
        '┴' | '╩' | '╧' | '╨' => "lru",
        '┼' | '╬' | '╪' | '╫' => "lrud",
        _ => return None,
    };
    Some(['l', 'r', 'u', 'd'].map(|side| sides.contains(side)))
}
