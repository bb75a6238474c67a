//! Pages as a picture, for a screen.

use ab_glyph::{Font, GlyphId, PxScale, point};

use super::DocumentFault;
use super::face::{MM_PER_PT, Weight};
use super::page::{A5, Mark, Page};
use super::qr::Modules;

const WIDTH_PX: usize = 800;
const PX_PER_MM: f32 = WIDTH_PX as f32 / A5.width_mm;
/// Between two pages.
const GAP_PX: usize = 8;
const GAP_GREY: u8 = 0xB0;

/// The pages, which are A5, below one another as PNG.
pub(super) fn draw(pages: &[Page]) -> Result<Vec<u8>, DocumentFault> {
    let height_px = px(A5.height_mm);
    let mut grey = Vec::with_capacity((height_px + GAP_PX) * WIDTH_PX * pages.len());
    for (index, page) in pages.iter().enumerate() {
        if index > 0 {
            grey.resize(grey.len() + GAP_PX * WIDTH_PX, GAP_GREY);
        }
        let mut sheet = Sheet { grey: vec![255; height_px * WIDTH_PX] };
        sheet.page(page)?;
        grey.append(&mut sheet.grey);
    }
    grey_png(WIDTH_PX, &grey)
}

/// Eight bits of grey a pixel, as PNG.
pub(super) fn grey_png(width_px: usize, grey: &[u8]) -> Result<Vec<u8>, DocumentFault> {
    let fault = |fault: &dyn std::fmt::Display| DocumentFault::Picture(fault.to_string());
    let width = u32::try_from(width_px).map_err(|error| fault(&error))?;
    let height = u32::try_from(grey.len() / width_px.max(1)).map_err(|error| fault(&error))?;
    let mut png = Vec::with_capacity(grey.len() / 8);
    let mut encoder = png::Encoder::new(&mut png, width, height);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header().map_err(|error| fault(&error))?;
    writer.write_image_data(grey).map_err(|error| fault(&error))?;
    writer.finish().map_err(|error| fault(&error))?;
    Ok(png)
}

struct Sheet {
    grey: Vec<u8>,
}

impl Sheet {
    fn page(&mut self, page: &Page) -> Result<(), DocumentFault> {
        for mark in &page.marks {
            match mark {
                Mark::Text { x_mm, baseline_mm, size_pt, weight, text } => {
                    self.text(text, *weight, *size_pt, (*x_mm * PX_PER_MM, *baseline_mm * PX_PER_MM))?;
                }
                Mark::Bar { x_mm, y_mm, width_mm, height_mm } => {
                    self.fill(px(*x_mm), px(*y_mm), px(*width_mm).max(1), px(*height_mm).max(1));
                }
                Mark::Qr { x_mm, y_mm, edge_mm, modules } => self.code(px(*x_mm), px(*y_mm), px(*edge_mm), modules),
            }
        }
        Ok(())
    }

    fn text(
        &mut self,
        text: &str,
        weight: Weight,
        size_pt: f32,
        (x_px, baseline_px): (f32, f32),
    ) -> Result<(), DocumentFault> {
        let face = weight.face()?;
        let px_per_em = size_pt * MM_PER_PT * PX_PER_MM;
        // ab_glyph scales by the height from ascent to descent, not by the em.
        let scale = PxScale::from(px_per_em * face.outlines.height_unscaled() / face.units_per_em);
        let mut pen_px = x_px;
        for glyph in text.chars().filter_map(|letter| face.glyph(letter)) {
            let placed = GlyphId(glyph).with_scale_and_position(scale, point(pen_px, baseline_px));
            if let Some(outline) = face.outlines.outline_glyph(placed) {
                let bounds = outline.px_bounds();
                outline.draw(|x, y, ink| {
                    self.ink(bounds.min.x as i64 + i64::from(x), bounds.min.y as i64 + i64::from(y), ink)
                });
            }
            pen_px += f32::from(face.advance_units(glyph)) / face.units_per_em * px_per_em;
        }
        Ok(())
    }

    fn ink(&mut self, x: i64, y: i64, ink: f32) {
        let (Ok(x), Ok(y)) = (usize::try_from(x), usize::try_from(y)) else { return };
        if x < WIDTH_PX
            && let Some(pixel) = self.grey.get_mut(y * WIDTH_PX + x)
        {
            *pixel = (f32::from(*pixel) * (1.0 - ink.clamp(0.0, 1.0))) as u8;
        }
    }

    fn fill(&mut self, left: usize, top: usize, width: usize, height: usize) {
        let right = (left + width).min(WIDTH_PX);
        for row in self.grey.chunks_exact_mut(WIDTH_PX).skip(top).take(height) {
            row[left.min(right)..right].fill(0);
        }
    }

    fn code(&mut self, left: usize, top: usize, edge_px: usize, modules: &Modules) {
        let at = |module: usize| module * edge_px / modules.edge();
        for run in modules.runs() {
            let (x, y) = (at(run.x), at(run.y));
            self.fill(left + x, top + y, at(run.x + run.length) - x, at(run.y + 1) - y);
        }
    }
}

fn px(mm: f32) -> usize {
    (mm * PX_PER_MM).round() as usize
}
