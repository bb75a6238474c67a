//! Tables that grow over pages: the head stands on each, and a row that no page holds goes on over the next.

use super::DocumentFault;
use super::face::Weight::{self, Bold, Regular};
use super::flow::{Flow, wrapped};
use super::language::Words;
use super::page::{Anchor, Column, Line, Type};

pub(super) const RULE_MM: f32 = 0.2;
const PAD_MM: f32 = 1.0;
const SIZE: Sizes = Sizes { head_pt: 7.5, row_pt: 8.0 };
const DENSE: Sizes = Sizes { head_pt: 7.0, row_pt: 7.0 };
/// Behind the table.
const BEHIND_MM: f32 = 1.5;
/// A row is torn only where this many of its lines find room.
const LEAST_LINES: usize = 3;

/// A table's column: its width, what stands at its head, and where its texts stand.
#[derive(Clone, Copy)]
pub(super) struct Head<'a> {
    pub width_mm: f32,
    pub words: Words<'a>,
    pub anchor: Anchor,
}

impl<'a> Head<'a> {
    pub const fn left(width_mm: f32, words: Words<'a>) -> Self {
        Self { width_mm, words, anchor: Anchor::Left }
    }

    pub const fn center(width_mm: f32, words: Words<'a>) -> Self {
        Self { width_mm, words, anchor: Anchor::Center }
    }
}

#[derive(Clone, Copy)]
struct Sizes {
    head_pt: f32,
    row_pt: f32,
}

/// A table that is being filled.
pub(super) struct Table<const N: usize> {
    row_pt: f32,
    widths_mm: [f32; N],
    anchors: [Anchor; N],
    head: Row<N>,
    /// Where it began on this page.
    began_mm: f32,
}

impl<const N: usize> Table<N> {
    /// Draws the head, on a new page where it would stand alone.
    pub fn begin(flow: &mut Flow, heads: [Head<'_>; N]) -> Result<Self, DocumentFault> {
        Self::open(flow, heads, SIZE)
    }

    /// The same in smaller type, for a book.
    pub fn dense(flow: &mut Flow, heads: [Head<'_>; N]) -> Result<Self, DocumentFault> {
        Self::open(flow, heads, DENSE)
    }

    fn open(flow: &mut Flow, heads: [Head<'_>; N], sizes: Sizes) -> Result<Self, DocumentFault> {
        let widths_mm = heads.map(|head| head.width_mm);
        let labels = heads.map(|head| flow.label(head.words));
        let head = Row::wrap(labels.each_ref().map(|label| label.as_ref()), &widths_mm, Bold, sizes.head_pt)?;
        flow.room(head.height_mm(0) * 2.0 + row_mm(LEAST_LINES, sizes.row_pt))?;
        let mut table =
            Table { row_pt: sizes.row_pt, widths_mm, anchors: heads.map(|head| head.anchor), head, began_mm: 0.0 };
        table.draw_head(flow)?;
        Ok(table)
    }

    /// Adds a row.
    pub fn row(&mut self, flow: &mut Flow, texts: [&str; N]) -> Result<(), DocumentFault> {
        let row = Row::wrap(texts, &self.widths_mm, Regular, self.row_pt)?;
        let mut from = 0;
        while from < row.most() {
            let left_mm = flow.bottom_mm() - flow.y_mm;
            if row.height_mm(from) <= left_mm {
                self.draw(flow, &row, self.anchors, from..row.most())?;
                return Ok(());
            }
            let fresh = self.stands_alone(flow);
            let fits = lines_in(left_mm, self.row_pt);
            if !fresh && (fits < LEAST_LINES || (from == 0 && row.height_mm(0) <= self.fresh_mm(flow))) {
                self.turn(flow)?;
                continue;
            }
            let until = (from + fits.max(1)).min(row.most());
            self.draw(flow, &row, self.anchors, from..until)?;
            from = until;
            if from < row.most() {
                self.turn(flow)?;
            }
        }
        Ok(())
    }

    /// Draws what is still open.
    pub fn end(self, flow: &mut Flow) {
        self.uprights(flow);
        flow.y_mm += BEHIND_MM;
    }

    fn draw_head(&mut self, flow: &mut Flow) -> Result<(), DocumentFault> {
        self.began_mm = flow.y_mm;
        let (full, top_mm) = (self.across(flow), flow.y_mm);
        flow.page().rule(full, top_mm, RULE_MM);
        self.draw(flow, &self.head, [Anchor::Center; N], 0..self.head.most())
    }

    fn draw(
        &self,
        flow: &mut Flow,
        row: &Row<N>,
        anchors: [Anchor; N],
        which: std::ops::Range<usize>,
    ) -> Result<(), DocumentFault> {
        let (line_mm, top_mm, across) = (row.line_mm(), flow.y_mm, self.across(flow));
        let bottom_mm = top_mm + which.len() as f32 * line_mm + 2.0 * PAD_MM;
        let page = flow.page();
        let mut x_mm = across.x_mm;
        for ((cell, width_mm), anchor) in row.cells.iter().zip(self.widths_mm).zip(anchors) {
            let column = Column { x_mm: x_mm + PAD_MM, width_mm: width_mm - 2.0 * PAD_MM };
            for (at, line) in cell.iter().take(which.end).skip(which.start).enumerate() {
                page.set(line, column, top_mm + PAD_MM + at as f32 * line_mm, row.size_pt, anchor)?;
            }
            x_mm += width_mm;
        }
        page.rule(across, bottom_mm, RULE_MM);
        flow.y_mm = bottom_mm;
        Ok(())
    }

    fn turn(&mut self, flow: &mut Flow) -> Result<(), DocumentFault> {
        self.uprights(flow);
        flow.turn()?;
        self.draw_head(flow)
    }

    fn uprights(&self, flow: &mut Flow) {
        let (top_mm, bottom_mm) = (self.began_mm, flow.y_mm);
        let mut x_mm = self.across(flow).x_mm;
        let page = flow.page();
        page.upright(x_mm, top_mm, bottom_mm, RULE_MM);
        for width_mm in self.widths_mm {
            x_mm += width_mm;
            page.upright(x_mm, top_mm, bottom_mm, RULE_MM);
        }
    }

    fn across(&self, flow: &Flow) -> Column {
        Column { width_mm: self.widths_mm.iter().sum(), ..flow.full() }
    }

    /// Whether nothing but the head stands on this page yet.
    fn stands_alone(&self, flow: &Flow) -> bool {
        flow.pages.len() > 1 && flow.y_mm <= self.began_mm + self.head.height_mm(0) + 0.01
    }

    /// What a page of its own would hold.
    fn fresh_mm(&self, flow: &Flow) -> f32 {
        flow.bottom_mm() - self.head.height_mm(0) - 2.0 * flow.full().x_mm
    }
}

/// A row, wrapped into its columns.
struct Row<const N: usize> {
    cells: [Vec<Line>; N],
    size_pt: f32,
}

impl<const N: usize> Row<N> {
    fn wrap(texts: [&str; N], widths_mm: &[f32; N], weight: Weight, size_pt: f32) -> Result<Self, DocumentFault> {
        let mut cells = std::array::from_fn(|_| vec![]);
        for ((into, text), width_mm) in cells.iter_mut().zip(texts).zip(widths_mm) {
            *into = wrapped(weight, text, size_pt, width_mm - 2.0 * PAD_MM)?;
        }
        Ok(Row { cells, size_pt })
    }

    /// The lines of its longest cell, one at least.
    fn most(&self) -> usize {
        self.cells.iter().map(Vec::len).max().unwrap_or(1).max(1)
    }

    fn line_mm(&self) -> f32 {
        Type::new(Regular, self.size_pt).line_mm()
    }

    /// The height of its lines from that one on.
    fn height_mm(&self, from: usize) -> f32 {
        (self.most() - from) as f32 * self.line_mm() + 2.0 * PAD_MM
    }
}

fn row_mm(lines: usize, size_pt: f32) -> f32 {
    lines as f32 * Type::new(Regular, size_pt).line_mm() + 2.0 * PAD_MM
}

/// How many lines of a row find room in that height.
fn lines_in(height_mm: f32, size_pt: f32) -> usize {
    // A negative height saturates at none.
    ((height_mm - 2.0 * PAD_MM) / Type::new(Regular, size_pt).line_mm()) as usize
}
