//! What to send next, and how much of it now: a decision without clock or network.
//!
//! Bytes are charged before they are sent, whether or not they arrive, so that an hour never costs more than it may.

use super::BlobId;
use super::protocol::MAX_PART_BYTES;
use intake::moment::Moment;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const HOUR_MS: i64 = 3_600_000;
/// Vietnam's civil time is UTC+7 all year.
const CIVIL_OFFSET_MS: i64 = 7 * HOUR_MS;
/// What has waited so long goes before all that has not, oldest first: nothing starves.
pub const PATIENCE_MS: i64 = 24 * HOUR_MS;
/// Hours that are remembered, so that a clock set back does not get an hour's budget twice.
const REMEMBERED_HOURS: usize = 72;

/// Bytes that may be sent in each hour of the civil day, from 0 to 23.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Budget(pub [u64; 24]);

/// What each hour cost so far, by hours since 1970.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Spent(BTreeMap<i64, u64>);

/// A blob that the other end does not hold yet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Waiting {
    /// Which.
    pub blob: BlobId,
    /// Bytes that are still to be sent.
    pub left: u64,
    /// When it was attached.
    pub since: Moment,
    /// Its dossier was forwarded today, or somebody asks for it.
    pub urgent: bool,
}

/// What to do now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Choice {
    /// Send so many bytes of this one, and charge them first.
    Send { blob: BlobId, bytes: u64 },
    /// This hour's budget is spent, or records wait: ask again then, or when records are through.
    Defer { until: Moment },
    /// Nothing waits.
    Rest,
}

/// Chooses. `records_wait`: events are to be pushed, which go first.
pub fn choose(budget: &Budget, spent: &Spent, now: Moment, records_wait: bool, waiting: &[Waiting]) -> Choice {
    let Some(next) = waiting.iter().filter(|one| one.left > 0).min_by_key(|one| rank(one, now)) else {
        return Choice::Rest;
    };
    let bytes = spent.left(budget, now).min(next.left).min(MAX_PART_BYTES as u64);
    if records_wait || bytes == 0 {
        return Choice::Defer { until: if records_wait { now } else { next_hour(now) } };
    }
    Choice::Send { blob: next.blob, bytes }
}

impl Spent {
    /// What may still be sent in this hour.
    pub fn left(&self, budget: &Budget, now: Moment) -> u64 {
        let allowed = budget.0[(now.0 + CIVIL_OFFSET_MS).div_euclid(HOUR_MS).rem_euclid(24) as usize];
        allowed.saturating_sub(self.0.get(&hour(now)).copied().unwrap_or(0))
    }

    /// Charges bytes to this hour; call it before they are sent.
    pub fn charge(&mut self, now: Moment, bytes: u64) {
        let this = hour(now);
        let cost = self.0.entry(this).or_default();
        *cost = cost.saturating_add(bytes);
        while self.0.len() > REMEMBERED_HOURS {
            let farthest = self.0.keys().copied().max_by_key(|other| other.abs_diff(this));
            farthest.map(|hour| self.0.remove(&hour));
        }
    }
}

/// Lower goes first. Those out of patience by age; then the urgent, the small, the old.
fn rank(one: &Waiting, now: Moment) -> (bool, i64, bool, u64, i64, BlobId) {
    let patient = now.0.saturating_sub(one.since.0) < PATIENCE_MS;
    if patient {
        (true, 0, !one.urgent, one.left, one.since.0, one.blob)
    } else {
        (false, one.since.0, false, 0, 0, one.blob)
    }
}

fn hour(now: Moment) -> i64 {
    now.0.div_euclid(HOUR_MS)
}

fn next_hour(now: Moment) -> Moment {
    Moment((hour(now) + 1) * HOUR_MS)
}
