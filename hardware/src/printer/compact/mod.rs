//! The way out over a slow line: a slip in as few bytes as its ink allows. Pure.
//!
//! A strip of dots can go as rows (`GS v 0`), as rows of dots twice as wide and high where they are, as columns of 24 dots (`ESC *`) with the
//! gaps between letters skipped (`ESC $`), as letters that we define once and name with one byte (`ESC &`), or as fed blank paper (`ESC J`).
//! Which of them stands where is computed: the least number of bytes for the whole slip. Paper advances exactly as its raster twin does.

mod dictionary;
mod ink;
mod plan;
mod strip;
mod writer;

use self::dictionary::{Dictionary, Shapes};
use self::ink::Ink;
use self::plan::{Planner, Step};
use self::strip::Strip;
use self::writer::Writer;
use super::raster::Piece;

/// Rows of a strip of columns (`ESC *` 33), and of a letter that we define.
const STRIP_ROWS: usize = 24;
/// How far above the baseline strips of text are tried to begin, for an em of 24 dots. Lines that are cut alike share their letters.
const CUTS_DOTS: std::ops::RangeInclusive<usize> = 14..=24;

/// How many of the ways to cut are looked into closely.
const WALKED: usize = 3;

/// In what forms a printer takes dots. One that takes neither rows nor columns is given rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Takes {
    /// `GS v 0`.
    pub rows: bool,
    /// `ESC *` 33.
    pub columns: bool,
    /// `ESC &` and `ESC %`.
    pub letters: bool,
    /// `GS L`, also for rows.
    pub margin: bool,
}

/// What is done to the paper, one after the other.
enum Act<'a> {
    Feed(usize),
    Rows(&'a Ink, std::ops::Range<usize>),
    DoubledRows(&'a Ink, std::ops::Range<usize>),
    Strip(Strip),
    Native(&'a Piece),
}

/// Adds the bytes for the pieces of a slip. Only a printer that takes nothing but columns may be fed more than they are high: up to 23 rows a
/// piece.
pub fn pieces(bytes: &mut Vec<u8>, pieces: &[Piece], takes: Takes) {
    let inks: Vec<(&Piece, Planner)> =
        pieces.iter().map(|piece| (piece, Planner::new(Ink::of(piece), takes))).collect();
    let cuts = CUTS_DOTS.filter(|_| takes.letters && takes.columns).map(Some);
    let mut slips: Vec<Slip<'_>> = std::iter::once(None)
        .chain(cuts)
        .map(|cut| Slip::new(inks.iter().flat_map(|(piece, planner)| acts(piece, planner, cut)).collect(), takes))
        .collect();
    slips.sort_by_cached_key(|slip| slip.written(takes).len());
    let best = slips.into_iter().take(WALKED).map(|slip| slip.with_better_letters(takes).written(takes));
    bytes.extend(best.min_by_key(Vec::len).unwrap_or_default());
}

/// A way to put a slip on paper.
struct Slip<'a> {
    acts: Vec<Act<'a>>,
    shapes: Shapes,
    dictionary: Dictionary,
}

impl<'a> Slip<'a> {
    fn new(mut acts: Vec<Act<'a>>, takes: Takes) -> Self {
        let strips = acts.iter_mut().filter_map(|act| if let Act::Strip(strip) = act { Some(strip) } else { None });
        let shapes = Shapes::number(&mut strips.collect::<Vec<_>>());
        let dictionary = if takes.letters { shapes.often() } else { Dictionary::default() };
        Self { acts, shapes, dictionary }
    }

    fn with_better_letters(mut self, takes: Takes) -> Self {
        if takes.letters {
            let strips =
                self.acts.iter().filter_map(|act| if let Act::Strip(strip) = act { Some(strip) } else { None });
            self.dictionary = self.shapes.better(self.dictionary, &strips.collect::<Vec<_>>());
        }
        self
    }

    fn written(&self, takes: Takes) -> Vec<u8> {
        let mut writer = Writer::new(takes.margin, &self.dictionary, self.shapes.codes(&self.dictionary));
        for act in &self.acts {
            match act {
                Act::Feed(rows) => writer.feed(*rows),
                Act::Rows(ink, rows) => writer.rows(ink, rows.clone(), 1),
                Act::DoubledRows(ink, rows) => writer.rows(ink, rows.clone(), 2),
                Act::Strip(strip) => writer.strip(strip),
                Act::Native(piece) => writer.native(piece),
            }
        }
        writer.finish()
    }
}

fn acts<'a>(piece: &'a Piece, planner: &'a Planner, cut: Option<usize>) -> Vec<Act<'a>> {
    if !matches!(piece, Piece::Dots(_)) {
        return vec![Act::Native(piece)];
    }
    let ink = &planner.ink;
    let act = |(at, step)| match step {
        Step::Feed(rows) => Act::Feed(rows),
        Step::Rows(rows) => Act::Rows(ink, at..at + rows),
        Step::DoubledRows(rows) => Act::DoubledRows(ink, at..at + rows),
        Step::Strip => Act::Strip(Strip::of(ink, at)),
    };
    planner.steps(cut).into_iter().map(act).collect()
}

#[cfg(test)]
mod tests;
