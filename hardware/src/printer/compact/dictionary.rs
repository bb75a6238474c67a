//! The letters that are defined once (`ESC &`) and then named with one byte.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use super::strip::{CELL_COLUMNS, COLUMN_BYTES, Run, Strip};

/// Bytes of `ESC & y c1 c2`, and of `ESC % n`.
const DEFINE_HEAD_BYTES: usize = 5;
const SWITCH_BYTES: usize = 3;
/// The codes that letters can have.
const FIRST_CODE: u8 = b'!';
const CODES: usize = 94;

/// Which shapes are defined.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Dictionary {
    shapes: Vec<bool>,
}

impl Dictionary {
    pub(super) fn has(&self, run: &Run) -> bool {
        run.fits && self.shapes.get(run.shape).copied().unwrap_or(false)
    }

    pub(super) fn is_empty(&self) -> bool {
        !self.shapes.contains(&true)
    }
}

/// All shapes of some strips: which there are, how often they come, and of which cells they are made.
pub(super) struct Shapes {
    counts: Vec<usize>,
    /// The cells of each shape, by number.
    cells: Vec<Vec<usize>>,
    /// The columns of each cell.
    columns: Vec<Vec<u32>>,
}

impl Shapes {
    /// Finds the shapes, and numbers the runs by them.
    pub(super) fn number(strips: &mut [&mut Strip]) -> Self {
        let mut shapes = Self { counts: Vec::new(), cells: Vec::new(), columns: Vec::new() };
        let (mut shape_of, mut cell_of) = (HashMap::<Vec<u32>, usize>::new(), HashMap::<Vec<u32>, usize>::new());
        for run in strips.iter_mut().flat_map(|strip| &mut strip.runs).filter(|run| run.fits) {
            let next = shape_of.len();
            run.shape = *shape_of.entry(run.columns.clone()).or_insert(next);
            if run.shape == next {
                shapes.counts.push(0);
                let cells = run.columns.chunks(CELL_COLUMNS).map(|cell| {
                    let next = cell_of.len();
                    *cell_of.entry(cell.to_vec()).or_insert_with(|| {
                        shapes.columns.push(cell.to_vec());
                        next
                    })
                });
                shapes.cells.push(cells.collect());
            }
            shapes.counts[run.shape] += 1;
        }
        shapes
    }

    /// The shapes that come more than once, as far as there are codes.
    pub(super) fn often(&self) -> Dictionary {
        let mut dictionary = Dictionary { shapes: vec![false; self.counts.len()] };
        for shape in self.by_count().into_iter().filter(|shape| self.counts[*shape] > 1) {
            dictionary.shapes[shape] = true;
            if self.codes(&dictionary).len() > CODES {
                dictionary.shapes[shape] = false;
            }
        }
        dictionary
    }

    /// A dictionary with which the strips are shorter still: whichever shape helps is added or taken out, the most frequent first.
    pub(super) fn better(&self, mut best: Dictionary, strips: &[&Strip]) -> Dictionary {
        let mut best_bytes = self.bytes(&best, strips);
        for shape in self.by_count() {
            best.shapes[shape] ^= true;
            match self.bytes(&best, strips) {
                Some(bytes) if best_bytes.is_none_or(|best| bytes < best) => best_bytes = Some(bytes),
                _ => best.shapes[shape] ^= true,
            }
        }
        let none = Dictionary::default();
        if self.bytes(&none, strips) <= best_bytes { none } else { best }
    }

    /// What the strips and the definitions cost; none where there are more cells than codes.
    pub(super) fn bytes(&self, dictionary: &Dictionary, strips: &[&Strip]) -> Option<usize> {
        let cells = self.used(dictionary);
        let count = cells.iter().filter(|used| **used).count();
        if count > CODES {
            return None;
        }
        let used = cells.iter().zip(&self.columns).filter(|(used, _)| **used);
        let defined: usize = used.map(|(_, columns)| 1 + columns.len() * COLUMN_BYTES).sum();
        let head = if count == 0 { 0 } else { DEFINE_HEAD_BYTES + SWITCH_BYTES };
        Some(head + defined + strips.iter().map(|strip| strip.bytes(dictionary)).sum::<usize>())
    }

    /// The code of each cell that a dictionary needs.
    pub(super) fn codes(&self, dictionary: &Dictionary) -> BTreeMap<&[u32], u8> {
        let used = self.used(dictionary);
        let cells = used.iter().zip(&self.columns).filter(|(used, _)| **used);
        cells.zip(FIRST_CODE..).map(|((_, columns), code)| (&columns[..], code)).collect()
    }

    fn used(&self, dictionary: &Dictionary) -> Vec<bool> {
        let mut used = vec![false; self.columns.len()];
        let defined = self.cells.iter().zip(&dictionary.shapes).filter(|(_, defined)| **defined);
        defined.flat_map(|(cells, _)| cells).for_each(|cell| used[*cell] = true);
        used
    }

    fn by_count(&self) -> Vec<usize> {
        let mut shapes: Vec<usize> = (0..self.counts.len()).collect();
        shapes.sort_by_key(|shape| Reverse(self.counts[*shape]));
        shapes
    }
}

/// `ESC & 3 c1 c2` and the cells.
pub(super) fn define(bytes: &mut Vec<u8>, codes: &BTreeMap<&[u32], u8>) {
    let mut cells: Vec<_> = codes.iter().map(|(columns, code)| (*code, *columns)).collect();
    cells.sort_unstable();
    let (Some(first), Some(last)) = (cells.first(), cells.last()) else { return };
    bytes.extend([0x1B, b'&', 3, first.0, last.0]);
    for (_, columns) in cells {
        bytes.push(columns.len() as u8);
        bytes.extend(columns.iter().flat_map(|column| column.to_be_bytes().into_iter().skip(1)));
    }
}
