//! From paper to dots. Every text is drawn by us with Be Vietnam Pro, so a letter is right whatever code pages the printer has.

use std::collections::HashMap;

use ab_glyph::{Font, FontRef, PxScale, ScaleFont};

use super::canvas::Canvas;
use super::native::{Drawn, LetterCell, NativeText};
use super::profile::QrMode;
use super::qr::QrBits;
use crate::paper::{Align, Block, Paper, TextSize};
use crate::status::Fault;

pub(crate) static REGULAR: &[u8] = include_bytes!("../../../fixtures/fonts/BeVietnamPro-Regular.ttf");
static BOLD: &[u8] = include_bytes!("../../../fixtures/fonts/BeVietnamPro-Bold.ttf");

/// Thickness of a rule, and the space above and below it.
const RULE_DOTS: usize = 2;
const RULE_SPACE_DOTS: usize = 8;
/// The least space between the two texts of a columns line.
const COLUMN_GAP_DOTS: usize = 16;

/// A part of a slip, from the top.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Dots.
    Dots(Canvas),
    /// A QR code that the printer draws, in the middle. Its blank surroundings are dots of the pieces next to it.
    NativeQr {
        /// What it says.
        text: String,
        /// The edge of a module.
        module_dots: u8,
        /// The edge of the code.
        edge_dots: usize,
    },
    /// A line in the printer's own letters.
    NativeText(NativeText),
}

impl Piece {
    /// How much paper it takes.
    #[must_use]
    pub fn height_dots(&self) -> usize {
        match self {
            Self::Dots(canvas) => canvas.height_dots(),
            Self::NativeQr { edge_dots, .. } => *edge_dots,
            Self::NativeText(text) => text.height_dots(),
        }
    }
}

/// What the printer draws by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Natives {
    /// QR codes.
    pub qr: QrMode,
    /// Queue numbers, in these letters.
    pub letters: Option<LetterCell>,
}

/// One letter at one size, ready to be inked.
#[derive(Debug)]
struct Glyph {
    advance_dots: f32,
    left_dots: i32,
    /// Of the top row, relative to the baseline; above is negative.
    top_dots: i32,
    row_bytes: usize,
    bits: Vec<u8>,
}

impl Glyph {
    fn height_dots(&self) -> usize {
        self.bits.len().checked_div(self.row_bytes).unwrap_or(0)
    }
}

/// Height above and below the baseline.
#[derive(Clone, Copy)]
struct LineBox {
    above_dots: usize,
    below_dots: usize,
}

/// Draws slips; keeps every letter that it has drawn, across jobs.
pub struct Rasterizer {
    fonts: [FontRef<'static>; 2],
    glyphs: HashMap<(char, TextSize, bool), Glyph>,
}

impl Rasterizer {
    /// A rasterizer with the embedded fonts.
    ///
    /// # Errors
    /// When an embedded font is damaged; a test holds them right.
    pub fn new() -> Result<Self, ab_glyph::InvalidFont> {
        let fonts = [FontRef::try_from_slice(REGULAR)?, FontRef::try_from_slice(BOLD)?];
        Ok(Self { fonts, glyphs: HashMap::new() })
    }

    /// Draws a slip; QR codes are drawn here or left to the printer.
    ///
    /// # Errors
    /// [`Fault::PaperUnprintable`] when a QR code does not fit the paper or holds too much.
    pub fn draw(&mut self, paper: &Paper, width_dots: u16, qr: QrMode) -> Result<Vec<Piece>, Fault> {
        self.draw_with(paper, width_dots, Natives { qr, letters: None })
    }

    /// Draws a slip but for what the printer draws by itself. Every block has the same place and height either way.
    ///
    /// # Errors
    /// [`Fault::PaperUnprintable`] when a QR code does not fit the paper or holds too much.
    pub fn draw_with(&mut self, paper: &Paper, width_dots: u16, natives: Natives) -> Result<Vec<Piece>, Fault> {
        let mut strip = Strip { pieces: Vec::new(), canvas: Canvas::new(width_dots) };
        for block in &paper.normalised().blocks {
            match block {
                Block::Text { text, size, bold, align } => {
                    let number = natives.letters.and_then(|cell| self.number(block, cell, strip.canvas.width_dots()));
                    match number {
                        Some((above, number, below)) => strip.native(above, Piece::NativeText(number), below),
                        None => self.text(&mut strip.canvas, text, (*size, *bold), *align),
                    }
                }
                Block::Columns { left, right } => self.columns(&mut strip.canvas, left, right),
                Block::Rule => rule(&mut strip.canvas),
                Block::Space { dots } => strip.canvas.grow(strip.canvas.height_dots() + usize::from(*dots)),
                Block::Qr { text, module_dots } => {
                    let code = QrBits::fit(text, *module_dots, strip.canvas.width_dots())?;
                    match natives.qr {
                        QrMode::Raster => code.draw(&mut strip.canvas)?,
                        QrMode::Native => {
                            let quiet_dots = code.quiet_dots();
                            strip.native(quiet_dots, code.native(text), quiet_dots);
                        }
                    }
                }
            }
        }
        strip.pieces.push(Piece::Dots(strip.canvas));
        Ok(strip.pieces)
    }

    /// A queue number in the printer's own letters, with the blank rows above and below that make it as high as the drawn one.
    fn number(&mut self, block: &Block, cell: LetterCell, width_dots: usize) -> Option<(usize, NativeText, usize)> {
        let Block::Text { text, size: TextSize::Huge, bold, align } = block else { return None };
        let style = (TextSize::Huge, *bold);
        let line_box = self.line_box(&[(text, *align)], style);
        let like = Drawn {
            width_dots: self.width(text, style),
            cap_dots: cap_dots(&self.fonts[usize::from(*bold)], TextSize::Huge),
            above_dots: line_box.above_dots,
            height_dots: line_box.above_dots + line_box.below_dots,
        };
        let mut number = NativeText::like(text, &like, cell, width_dots)?;
        number.bold = *bold;
        number.left_dots = left_of(*align, width_dots.saturating_sub(number.width_dots()));
        let above = number.rows_above(&like)?;
        let below = like.height_dots.checked_sub(above + number.height_dots())?;
        Some((above, number, below))
    }

    fn text(&mut self, canvas: &mut Canvas, text: &str, style: (TextSize, bool), align: Align) {
        for paragraph in text.split('\n') {
            for line in self.lines(paragraph, style, canvas.width_dots()) {
                let top = canvas.height_dots();
                self.line(canvas, top, &[(&line, align)], style);
            }
        }
    }

    fn columns(&mut self, canvas: &mut Canvas, left: &str, right: &str) {
        let style = (TextSize::Normal, false);
        if self.width(left, style) + self.width(right, style) + COLUMN_GAP_DOTS <= canvas.width_dots() {
            let top = canvas.height_dots();
            self.line(canvas, top, &[(left, Align::Left), (right, Align::Right)], style);
        } else {
            self.text(canvas, left, style, Align::Left);
            self.text(canvas, right, style, Align::Right);
        }
    }

    /// Inks one line whose box begins at `top`, and makes the canvas reach its bottom.
    fn line(&mut self, canvas: &mut Canvas, top: usize, parts: &[(&str, Align)], style: (TextSize, bool)) {
        let line_box = self.line_box(parts, style);
        let baseline = top + line_box.above_dots;
        canvas.grow(baseline + line_box.below_dots);
        canvas.note_baseline(baseline, style.0.em_dots());
        for (text, align) in parts {
            let room = canvas.width_dots().saturating_sub(self.width(text, style));
            self.ink(canvas, left_of(*align, room), baseline, text, style);
        }
    }

    fn ink(&mut self, canvas: &mut Canvas, x: usize, baseline: usize, text: &str, style: (TextSize, bool)) {
        let mut pen = x as f32;
        for letter in printable(text) {
            let glyph = self.glyph(letter, style);
            // A letter whose ink begins left of the margin is moved in, never cut.
            let left = (pen.round() as i32 + glyph.left_dots).max(0) as usize;
            let top = (baseline as i32 + glyph.top_dots).max(0) as usize;
            if glyph.row_bytes > 0 {
                for (row, bits) in glyph.bits.chunks_exact(glyph.row_bytes).enumerate() {
                    canvas.ink_row(left, top + row, bits);
                }
            }
            pen += glyph.advance_dots;
        }
    }

    /// The font's own box, made larger where stacked marks need it: a tone over a circumflex is never cut.
    fn line_box(&mut self, parts: &[(&str, Align)], style: (TextSize, bool)) -> LineBox {
        let font = &self.fonts[usize::from(style.1)];
        let scaled = font.as_scaled(scale(font, style.0));
        let mut above = scaled.ascent().ceil() as i32;
        let mut below = (-scaled.descent()).ceil() as i32;
        for letter in parts.iter().flat_map(|(text, _)| printable(text)) {
            let glyph = self.glyph(letter, style);
            above = above.max(-glyph.top_dots);
            below = below.max(glyph.top_dots + glyph.height_dots() as i32);
        }
        LineBox { above_dots: above.max(0) as usize, below_dots: below.max(0) as usize }
    }

    fn width(&mut self, text: &str, style: (TextSize, bool)) -> usize {
        let advances: f32 = printable(text).map(|letter| self.glyph(letter, style).advance_dots).sum();
        advances.ceil() as usize
    }

    /// Breaks a paragraph between words; a word wider than the paper is broken between letters.
    fn lines(&mut self, paragraph: &str, style: (TextSize, bool), width_dots: usize) -> Vec<String> {
        let mut lines = vec![String::new()];
        for word in paragraph.split(' ').filter(|word| !word.is_empty()) {
            let last = lines.last().cloned().unwrap_or_default();
            let longer = if last.is_empty() { word.to_owned() } else { format!("{last} {word}") };
            if self.width(&longer, style) <= width_dots {
                lines.pop();
                lines.push(longer);
                continue;
            }
            if last.is_empty() {
                lines.pop();
            }
            lines.extend(self.broken(word, style, width_dots));
        }
        lines
    }

    fn broken(&mut self, word: &str, style: (TextSize, bool), width_dots: usize) -> Vec<String> {
        let mut parts = vec![String::new()];
        let mut used = 0.0;
        for letter in word.chars() {
            let advance = self.glyph(letter, style).advance_dots;
            if used + advance > width_dots as f32 && used > 0.0 {
                parts.push(String::new());
                used = 0.0;
            }
            used += advance;
            if let Some(part) = parts.last_mut() {
                part.push(letter);
            }
        }
        parts
    }

    fn glyph(&mut self, letter: char, style: (TextSize, bool)) -> &Glyph {
        let font = &self.fonts[usize::from(style.1)];
        self.glyphs.entry((letter, style.0, style.1)).or_insert_with(|| draw_glyph(font, letter, style.0))
    }
}

/// The slip so far: what is finished, and the dots that grow.
struct Strip {
    pieces: Vec<Piece>,
    canvas: Canvas,
}

impl Strip {
    /// Puts a piece that the printer draws below the dots, with blank rows around it.
    fn native(&mut self, above_dots: usize, piece: Piece, below_dots: usize) {
        self.canvas.grow(self.canvas.height_dots() + above_dots);
        let mut next = self.canvas.empty();
        next.grow(below_dots);
        self.pieces.push(Piece::Dots(std::mem::replace(&mut self.canvas, next)));
        self.pieces.push(piece);
    }
}

const fn left_of(align: Align, room: usize) -> usize {
    match align {
        Align::Left => 0,
        Align::Center => room / 2,
        Align::Right => room,
    }
}

/// The height of a capital letter or a digit.
fn cap_dots(font: &FontRef<'static>, size: TextSize) -> usize {
    let outline = font.outline_glyph(font.glyph_id('H').with_scale(scale(font, size)));
    outline.map_or(0, |outline| outline.px_bounds().height() as usize)
}

/// Control characters leave no trace on paper.
fn printable(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars().filter(|letter| !letter.is_control())
}

fn scale(font: &FontRef<'_>, size: TextSize) -> PxScale {
    let units_per_em = font.units_per_em().unwrap_or(1000.0);
    PxScale::from(size.em_dots() as f32 * font.height_unscaled() / units_per_em)
}

fn draw_glyph(font: &FontRef<'_>, letter: char, size: TextSize) -> Glyph {
    let scale = scale(font, size);
    let id = font.glyph_id(letter);
    let advance_dots = font.as_scaled(scale).h_advance(id);
    let mut glyph = Glyph { advance_dots, left_dots: 0, top_dots: 0, row_bytes: 0, bits: Vec::new() };
    let Some(outline) = font.outline_glyph(id.with_scale(scale)) else { return glyph };
    let bounds = outline.px_bounds();
    glyph.left_dots = bounds.min.x as i32;
    glyph.top_dots = bounds.min.y as i32;
    glyph.row_bytes = (bounds.width() as usize).div_ceil(8);
    glyph.bits = vec![0; glyph.row_bytes * bounds.height() as usize];
    outline.draw(|x, y, coverage| {
        // One threshold, no dithering: a thermal head makes a dot or none.
        if coverage >= 0.5
            && let Some(byte) = glyph.bits.get_mut(y as usize * glyph.row_bytes + x as usize / 8)
        {
            *byte |= 0x80 >> (x % 8);
        }
    });
    glyph
}

fn rule(canvas: &mut Canvas) {
    let top = canvas.height_dots() + RULE_SPACE_DOTS;
    canvas.ink_rectangle(0, top, canvas.width_dots(), RULE_DOTS);
    canvas.grow(top + RULE_DOTS + RULE_SPACE_DOTS);
}

#[cfg(test)]
#[path = "raster_tests.rs"]
mod tests;
