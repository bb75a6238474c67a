//! The flow that fills a receipt's pages from the top.

use super::DocumentFault;
use super::face::Weight::{Bold, Regular};
use super::page::{Anchor, Column, HEIGHT_MM, Page, Span, Type, WIDTH_MM, lines};

const MARGIN_MM: f32 = 9.0;
pub(super) const BOTTOM_MM: f32 = HEIGHT_MM - 14.0;
pub(super) const FULL: Column = Column { x_mm: MARGIN_MM, width_mm: WIDTH_MM - 2.0 * MARGIN_MM };
pub(super) const BODY: Type = Type::new(Regular, 9.0);
pub(super) const HEAD_STRONG: Type = Type::new(Bold, 8.0);
pub(super) const NOTE: Type = Type::new(Regular, 6.5);
/// Between two fields.
const FIELD_GAP_MM: f32 = 0.5;

/// Stands where nothing was told.
const NONE: &str = "–";

/// Something at the right that text must keep clear of.
#[derive(Clone, Copy)]
pub(super) struct Beside {
    pub width_mm: f32,
    pub until_mm: f32,
}

/// Pages that fill from the top.
pub(super) struct Flow {
    pub pages: Vec<Page>,
    pub y_mm: f32,
    /// What begins every page behind the first.
    continued: String,
    pub beside: Option<Beside>,
}

impl Flow {
    pub fn new(continued: String) -> Self {
        Self { pages: vec![Page::default()], y_mm: MARGIN_MM, continued, beside: None }
    }

    /// The page that is being filled.
    pub fn page(&mut self) -> &mut Page {
        if self.pages.is_empty() {
            self.pages.push(Page::default());
        }
        let last = self.pages.len() - 1;
        &mut self.pages[last]
    }

    /// Begins a page unless `height_mm` is left on this one; tells whether it did.
    pub fn room(&mut self, height_mm: f32) -> Result<bool, DocumentFault> {
        if self.y_mm + height_mm <= BOTTOM_MM {
            return Ok(false);
        }
        self.pages.push(Page::default());
        self.beside = None;
        self.y_mm = MARGIN_MM;
        let continued = self.continued.clone();
        self.y_mm = self.page().place(&continued, HEAD_STRONG, FULL, MARGIN_MM, Anchor::Left)? + 1.0;
        Ok(true)
    }

    /// A label with its value.
    pub fn field(&mut self, label: &str, value: &str) -> Result<(), DocumentFault> {
        self.line(&[(Regular, &format!("{label}: {}", or_none(value)))])
    }

    /// Small print.
    pub fn note(&mut self, text: &str) -> Result<(), DocumentFault> {
        self.paragraph(&[(Regular, text)], NOTE.size_pt)
    }

    /// A paragraph of running text.
    pub fn line(&mut self, spans: &[Span<'_>]) -> Result<(), DocumentFault> {
        self.paragraph(spans, BODY.size_pt)
    }

    fn paragraph(&mut self, spans: &[Span<'_>], size_pt: f32) -> Result<(), DocumentFault> {
        let line_mm = Type::new(Regular, size_pt).line_mm();
        let (top_mm, beside) = (self.y_mm, self.beside);
        let width_mm = |line: usize| match beside {
            Some(beside) if top_mm + line as f32 * line_mm < beside.until_mm => beside.width_mm,
            _ => FULL.width_mm,
        };
        for line in lines(spans, size_pt, width_mm)? {
            self.room(line_mm)?;
            let y_mm = self.y_mm;
            self.page().set(&line, FULL, y_mm, size_pt, Anchor::Left)?;
            self.y_mm += line_mm;
        }
        self.y_mm += FIELD_GAP_MM;
        Ok(())
    }

    /// Goes below what stands at the right.
    pub fn clear_beside(&mut self) {
        if let Some(beside) = self.beside.take() {
            self.y_mm = self.y_mm.max(beside.until_mm);
        }
    }
}

/// The text, or a dash where there is none.
pub(super) fn or_none(text: &str) -> &str {
    if text.trim().is_empty() { NONE } else { text }
}
