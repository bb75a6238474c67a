//! A strip of 24 rows: its letters, as dots or as letters that are defined once.

use std::ops::Range;

use super::dictionary::Dictionary;
use super::ink::{Ink, runs};

/// Bytes of a column of dots, of `ESC * m nL nH`, and of `ESC $ nL nH`.
pub(super) const COLUMN_BYTES: usize = 3;
const DOTS_HEAD_BYTES: usize = 5;
const POSITION_BYTES: usize = 4;
/// A gap narrower than this is sent as blank columns.
const SKIP_COLUMNS: usize = (DOTS_HEAD_BYTES + POSITION_BYTES) / COLUMN_BYTES + 1;
/// Columns of a letter of font A.
pub(super) const CELL_COLUMNS: usize = 12;

/// Columns that touch: a letter, a mark, a part of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) x: usize,
    pub(super) columns: Vec<u32>,
    /// Its number among the different ones of its slip.
    pub(super) shape: usize,
    /// Whether it can stand as cells: one that reached over the edge would be put on a line of its own.
    pub(super) fits: bool,
}

impl Run {
    pub(super) fn end(&self) -> usize {
        self.x + self.columns.len()
    }

    pub(super) fn cells(&self) -> impl Iterator<Item = &[u32]> {
        self.columns.chunks(CELL_COLUMNS)
    }

    fn cell_count(&self) -> usize {
        self.columns.len().div_ceil(CELL_COLUMNS)
    }

    /// Where the pen is behind its last cell.
    pub(super) fn pen(&self) -> usize {
        self.x + self.cell_count() * CELL_COLUMNS
    }
}

/// The runs of a strip, from the left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Strip {
    pub(super) runs: Vec<Run>,
}

impl Strip {
    pub(super) fn of(ink: &Ink, at: usize) -> Self {
        let run = |columns: Range<usize>| {
            let x = columns.start;
            let mut run = Run { x, columns: columns.map(|x| ink.column(x, at)).collect(), shape: 0, fits: false };
            run.fits = run.pen() <= ink.width_dots();
            run
        };
        Self { runs: runs(&ink.inked_columns(at)).into_iter().map(run).collect() }
    }

    /// The runs in groups that go in one command: one that is defined, or dots with no gap worth skipping.
    pub(super) fn groups<'a>(&'a self, dictionary: &'a Dictionary) -> impl Iterator<Item = (&'a [Run], bool)> {
        let mut rest = &self.runs[..];
        std::iter::from_fn(move || {
            let first = rest.first()?;
            let mut count = 1;
            if !dictionary.has(first) {
                while let Some(next) = rest.get(count)
                    && !dictionary.has(next)
                    && next.x - rest[count - 1].end() < SKIP_COLUMNS
                {
                    count += 1;
                }
            }
            let (group, others) = rest.split_at(count);
            rest = others;
            Some((group, dictionary.has(first)))
        })
    }

    pub(super) fn bytes(&self, dictionary: &Dictionary) -> usize {
        let mut pen = 0;
        let mut bytes = 0;
        for (group, defined) in self.groups(dictionary) {
            let (first, last) = (&group[0], &group[group.len() - 1]);
            bytes += if first.x == pen { 0 } else { POSITION_BYTES };
            bytes += if defined { first.cell_count() } else { DOTS_HEAD_BYTES + (last.end() - first.x) * COLUMN_BYTES };
            pen = if defined { first.pen() } else { last.end() };
        }
        bytes
    }
}

/// What the runs of a strip cost as dots.
pub(super) fn dots_bytes(runs: &[Range<usize>]) -> usize {
    let mut bytes = 0;
    let mut end: Option<usize> = None;
    for run in runs {
        let gap = end.map(|end| run.start - end).filter(|gap| *gap < SKIP_COLUMNS);
        let position = if run.start == 0 { 0 } else { POSITION_BYTES };
        bytes += gap.map_or(position + DOTS_HEAD_BYTES, |gap| gap * COLUMN_BYTES) + run.len() * COLUMN_BYTES;
        end = Some(run.end);
    }
    bytes
}
