//! The flow that fills a paper's pages from the top.

use std::borrow::Cow;

use super::DocumentFault;
use super::face::Weight::{self, Bold, Regular};
use super::language::{Language, Words};
use super::page::{Anchor, Column, Line, Page, Sheet, Span, Type, lines};

const MARGIN_MM: f32 = 9.0;
/// Kept free for the foot.
const FOOT_MM: f32 = 14.0;
pub(super) const BODY: Type = Type::new(Regular, 9.0);
pub(super) const STRONG: Type = Type::new(Bold, 9.0);
pub(super) const HEAD: Type = Type::new(Regular, 8.0);
pub(super) const HEAD_STRONG: Type = Type::new(Bold, 8.0);
pub(super) const NOTE: Type = Type::new(Regular, 6.5);
/// English sentences below Vietnamese ones.
pub(super) const BELOW: Type = Type::new(Regular, 7.5);
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
    pub language: Language,
    sheet: Sheet,
    /// What begins every page behind the first; nothing where it is empty.
    continued: String,
    pub beside: Option<Beside>,
}

impl Flow {
    pub fn new(sheet: Sheet, language: Language, continued: String) -> Self {
        Self { pages: vec![Page::new(sheet)], y_mm: MARGIN_MM, language, sheet, continued, beside: None }
    }

    /// The page's width between its margins.
    pub fn full(&self) -> Column {
        full(self.sheet)
    }

    /// Where the foot begins.
    pub fn bottom_mm(&self) -> f32 {
        bottom_mm(self.sheet)
    }

    /// The page that is being filled.
    pub fn page(&mut self) -> &mut Page {
        if self.pages.is_empty() {
            self.pages.push(Page::new(self.sheet));
        }
        let last = self.pages.len() - 1;
        &mut self.pages[last]
    }

    /// Begins a page.
    pub fn turn(&mut self) -> Result<(), DocumentFault> {
        self.pages.push(Page::new(self.sheet));
        self.beside = None;
        self.y_mm = MARGIN_MM;
        if !self.continued.is_empty() {
            let (continued, full) = (self.continued.clone(), self.full());
            self.y_mm = self.page().place(&continued, HEAD_STRONG, full, MARGIN_MM, Anchor::Left)? + 1.0;
        }
        Ok(())
    }

    /// Begins a page unless `height_mm` is left on this one.
    pub fn room(&mut self, height_mm: f32) -> Result<(), DocumentFault> {
        if self.y_mm + height_mm <= self.bottom_mm() { Ok(()) } else { self.turn() }
    }

    /// Draws what must not be torn over two pages, unless it is longer than one.
    pub fn together(&mut self, draw: impl Fn(&mut Flow) -> Result<(), DocumentFault>) -> Result<(), DocumentFault> {
        let mut trial = Flow::new(self.sheet, self.language, String::new());
        draw(&mut trial)?;
        if trial.pages.len() == 1 {
            self.room(trial.y_mm - MARGIN_MM)?;
        }
        draw(self)
    }

    /// A label in the paper's languages.
    pub fn label<'a>(&self, words: Words<'a>) -> Cow<'a, str> {
        self.language.label(words)
    }

    /// A label with its value.
    pub fn field(&mut self, words: Words<'_>, value: &str) -> Result<(), DocumentFault> {
        let text = format!("{}: {}", self.label(words), or_none(value));
        self.line(&[(Regular, &text)])
    }

    /// A label with a value that is looked for first.
    pub fn strong_field(&mut self, words: Words<'_>, value: &str) -> Result<(), DocumentFault> {
        let label = format!("{}:", self.label(words));
        self.line(&[(Regular, &label), (Bold, or_none(value))])
    }

    /// Small print.
    pub fn note(&mut self, text: &str) -> Result<(), DocumentFault> {
        self.paragraph(&[(Regular, text)], NOTE.size_pt)
    }

    /// A paragraph of running text.
    pub fn line(&mut self, spans: &[Span<'_>]) -> Result<(), DocumentFault> {
        self.paragraph(spans, BODY.size_pt)
    }

    /// A sentence, with its English below it where the paper speaks English.
    pub fn say(&mut self, (vi, en): Words<'_>) -> Result<(), DocumentFault> {
        self.line(&[(Regular, vi)])?;
        self.below(en)
    }

    /// English below what was just set, where the paper speaks English.
    pub fn below(&mut self, en: &str) -> Result<(), DocumentFault> {
        if self.language.is_english() { self.paragraph(&[(Regular, en)], BELOW.size_pt) } else { Ok(()) }
    }

    /// A gap.
    pub fn gap(&mut self, height_mm: f32) {
        self.y_mm += height_mm;
    }

    fn paragraph(&mut self, spans: &[Span<'_>], size_pt: f32) -> Result<(), DocumentFault> {
        let line_mm = Type::new(Regular, size_pt).line_mm();
        let (top_mm, beside, full) = (self.y_mm, self.beside, self.full());
        let width_mm = |line: usize| match beside {
            Some(beside) if top_mm + line as f32 * line_mm < beside.until_mm => beside.width_mm,
            _ => full.width_mm,
        };
        for line in lines(spans, size_pt, width_mm)? {
            self.room(line_mm)?;
            let y_mm = self.y_mm;
            self.page().set(&line, full, y_mm, size_pt, Anchor::Left)?;
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

/// A page's width between its margins.
pub(super) fn full(sheet: Sheet) -> Column {
    Column { x_mm: MARGIN_MM, width_mm: sheet.width_mm - 2.0 * MARGIN_MM }
}

/// Where a page's foot begins.
pub(super) fn bottom_mm(sheet: Sheet) -> f32 {
    sheet.height_mm - FOOT_MM
}

/// The text, or a dash where there is none.
pub(super) fn or_none(text: &str) -> &str {
    if text.trim().is_empty() { NONE } else { text }
}

/// A text wrapped into a column. A line end in it is kept, and an empty line between two.
pub(super) fn wrapped(weight: Weight, text: &str, size_pt: f32, width_mm: f32) -> Result<Vec<Line>, DocumentFault> {
    let mut all = vec![];
    for part in text.lines() {
        let mut part = lines(&[(weight, part)], size_pt, |_| width_mm)?;
        if part.is_empty() {
            part.push(Line::default());
        }
        all.append(&mut part);
    }
    Ok(all)
}
