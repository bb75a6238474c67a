//! What stands where: the cheapest way on from each row, found from the bottom up.

use super::ink::{Ink, runs};
use super::strip::dots_bytes;
use super::{STRIP_ROWS, Takes};
use crate::printer::protocol::BAND_ROWS;

/// Bytes of `ESC J n`, of `GS L nL nH` and of `GS v 0 m xL xH yL yH`.
const FEED_BYTES: usize = 3;
const MARGIN_BYTES: usize = 4;
const RASTER_HEAD_BYTES: usize = 8;
/// The largest letters whose lines are cut alike; larger ones take several strips.
const LARGEST_CUT_EM: u32 = 28;

/// How a slip goes on from a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Feed(usize),
    Rows(usize),
    DoubledRows(usize),
    Strip,
}

impl Step {
    const fn rows(self) -> usize {
        match self {
            Self::Feed(rows) | Self::Rows(rows) | Self::DoubledRows(rows) => rows,
            Self::Strip => STRIP_ROWS,
        }
    }
}

/// A piece and what its rows cost.
pub(super) struct Planner {
    pub(super) ink: Ink,
    takes: Takes,
    /// What a strip from each row costs as dots.
    strip_bytes: Vec<usize>,
}

impl Planner {
    pub(super) fn new(ink: Ink, takes: Takes) -> Self {
        let cost = |at: usize| dots_bytes(&runs(&ink.inked_columns(at)));
        let strip_bytes = (0..ink.height()).map(|at| if takes.columns { cost(at) } else { 0 }).collect();
        Self { ink, takes, strip_bytes }
    }

    /// The steps from the top. With a `cut`, a strip begins so far above the baseline of every line of text (in dots of an em of 24).
    pub(super) fn steps(&self, cut: Option<usize>) -> Vec<(usize, Step)> {
        let plan = self.plan(&self.forced(cut));
        let mut steps = Vec::new();
        let mut at = 0;
        while let Some(step) = plan.get(at) {
            steps.push((at, *step));
            at += step.rows();
        }
        steps
    }

    fn forced(&self, cut: Option<usize>) -> Vec<usize> {
        let Some(cut) = cut else { return Vec::new() };
        let lines = self.ink.baselines.iter().filter(|(_, em)| *em <= LARGEST_CUT_EM);
        lines.filter_map(|(baseline, em)| baseline.checked_sub(cut * *em as usize / 24)).collect()
    }

    fn plan(&self, forced: &[usize]) -> Vec<Step> {
        let height = self.ink.height();
        let mut costs = vec![0; height + 1];
        let mut steps = vec![Step::Rows(1); height];
        // No step reaches over the next forced strip.
        let mut limit = height;
        for at in (0..height).rev() {
            let is_forced = forced.contains(&at) && limit - at >= STRIP_ROWS;
            let blank = self.ink.blank_rows(at).min(limit - at);
            let (cost, step) = if is_forced {
                (self.strip_cost(at, &costs), Step::Strip)
            } else if blank > 0 {
                (costs[at + blank] + feed_bytes(blank), Step::Feed(blank))
            } else {
                self.cheapest(at, limit, &costs)
            };
            costs[at] = cost;
            steps[at] = step;
            if is_forced {
                limit = at;
            }
        }
        steps
    }

    fn strip_cost(&self, at: usize, costs: &[usize]) -> usize {
        let after = self.ink.height().min(at + STRIP_ROWS);
        // The feed over the blank rows below is one with the strip's own.
        let blank = self.ink.blank_rows(after);
        costs[after] + self.strip_bytes[at] + feed_bytes(STRIP_ROWS + blank) - feed_bytes(blank)
    }

    /// The cheapest way on from an inked row, when what follows costs `costs`.
    fn cheapest(&self, at: usize, limit: usize, costs: &[usize]) -> (usize, Step) {
        let Takes { rows: takes_rows, columns, margin, .. } = self.takes;
        let mut best = (usize::MAX, Step::Rows(1));
        let mut consider = |cost: usize, step| {
            if cost < best.0 {
                best = (cost, step);
            }
        };
        let room = limit - at;
        if columns && (room >= STRIP_ROWS || !takes_rows) {
            consider(self.strip_cost(at, costs), Step::Strip);
        }
        if takes_rows || !columns {
            let (mut start, mut end, mut doubled) = (usize::MAX, 0, takes_rows);
            for rows in 1..=room.min(BAND_ROWS) {
                if let Some(inked) = self.ink.inked_bytes(at + rows - 1) {
                    (start, end) = (start.min(inked.start), end.max(inked.end));
                }
                let cropped = if margin && start > 0 { MARGIN_BYTES + rows * (end - start) } else { usize::MAX };
                consider(costs[at + rows] + RASTER_HEAD_BYTES + cropped.min(rows * end), Step::Rows(rows));
                doubled &= rows % 2 == 0 || self.ink.doubled(at + rows - 1);
                if doubled && rows % 2 == 0 {
                    let cost = RASTER_HEAD_BYTES + rows / 2 * end.div_ceil(2);
                    consider(costs[at + rows] + cost, Step::DoubledRows(rows));
                }
            }
        }
        best
    }
}

const fn feed_bytes(rows: usize) -> usize {
    rows.div_ceil(255) * FEED_BYTES
}
