//! How long a station may live apart before that becomes unsafe. The rule is a pure function of limits and how things stand.
//!
//! At a limit nothing new is begun: no number, no intake. What was begun goes on, and so do sync, print, verify and export.

use serde::{Deserialize, Serialize};

const DAY_MS: i64 = 24 * 3600 * 1000;
const MEGABYTE: u64 = 1 << 20;

/// `[limits]` of the station's file. Zero is no limit.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// For how many days the oldest record may wait for the centre's receipt.
    pub days_unconfirmed: u32,
    /// How many records may wait.
    pub records_unconfirmed: u64,
    /// How much room the disk must keep, in megabytes.
    pub free_disk_mb: u64,
    /// How large the store may be, in megabytes.
    pub store_mb: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { days_unconfirmed: 30, records_unconfirmed: 100_000, free_disk_mb: 256, store_mb: 8_192 }
    }
}

impl Limits {
    /// Whether these are the limits of a file that names none.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// How things stand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Standing {
    /// How long the oldest record has waited for the centre's receipt, in milliseconds; 0 where none waits.
    pub oldest_ms: i64,
    /// How many records wait.
    pub waiting: u64,
    /// What is free on the disk, in bytes; none where the machine does not say.
    pub free_bytes: Option<u64>,
    /// The store's size, in bytes.
    pub store_bytes: u64,
}

/// What a limit is of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Of {
    /// The age of the oldest record without a receipt.
    Days,
    /// The number of records without a receipt.
    Records,
    /// Room on the disk.
    Disk,
    /// The store's size.
    Store,
}

/// How near a limit is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Level {
    /// Half of it is used: time to look why.
    Early,
    /// Four fifths are used: act today.
    Soon,
    /// Nothing new is begun.
    Reached,
}

/// What is near its limit, and how near; each limit once at most.
pub fn judge(limits: &Limits, standing: &Standing) -> Vec<(Of, Level)> {
    let oldest_ms = standing.oldest_ms.max(0) as u64;
    let days = used(oldest_ms, u64::from(limits.days_unconfirmed).saturating_mul(DAY_MS as u64));
    let records = used(standing.waiting, limits.records_unconfirmed);
    let disk = standing.free_bytes.and_then(|free| left(free, limits.free_disk_mb.saturating_mul(MEGABYTE)));
    let store = used(standing.store_bytes, limits.store_mb.saturating_mul(MEGABYTE));
    let all = [(Of::Days, days), (Of::Records, records), (Of::Disk, disk), (Of::Store, store)];
    all.into_iter().filter_map(|(of, level)| level.map(|level| (of, level))).collect()
}

/// Whether something new may be begun.
pub fn may_begin(limits: &Limits, standing: &Standing) -> bool {
    judge(limits, standing).iter().all(|(_, level)| *level < Level::Reached)
}

/// How near is a value that grows?
fn used(value: u64, limit: u64) -> Option<Level> {
    let (value, limit) = (u128::from(value), u128::from(limit));
    match limit {
        0 => None,
        _ if value >= limit => Some(Level::Reached),
        _ if value * 5 >= limit * 4 => Some(Level::Soon),
        _ if value * 2 >= limit => Some(Level::Early),
        _ => None,
    }
}

/// How near is a value that shrinks? Warned at four times and at twice of what must stay free.
fn left(free: u64, limit: u64) -> Option<Level> {
    let (free, limit) = (u128::from(free), u128::from(limit));
    match limit {
        0 => None,
        _ if free <= limit => Some(Level::Reached),
        _ if free <= limit * 2 => Some(Level::Soon),
        _ if free <= limit * 4 => Some(Level::Early),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn limits() -> impl Strategy<Value = Limits> {
        (0..90_u32, 0..200_000_u64, 0..10_000_u64, 0..10_000_u64).prop_map(
            |(days_unconfirmed, records_unconfirmed, free_disk_mb, store_mb)| Limits {
                days_unconfirmed,
                records_unconfirmed,
                free_disk_mb,
                store_mb,
            },
        )
    }

    fn standing() -> impl Strategy<Value = Standing> {
        let free = proptest::option::of(0..50_000 * MEGABYTE);
        (-DAY_MS..120 * DAY_MS, 0..300_000_u64, free, 0..20_000 * MEGABYTE).prop_map(
            |(oldest_ms, waiting, free_bytes, store_bytes)| Standing { oldest_ms, waiting, free_bytes, store_bytes },
        )
    }

    fn level(limits: &Limits, standing: &Standing, of: Of) -> Option<Level> {
        judge(limits, standing).into_iter().find(|(found, _)| *found == of).map(|(_, level)| level)
    }

    proptest! {
        #[test]
        fn worse_is_never_judged_better(limits in limits(), standing in standing(), more in 0..1_000_000_u64) {
            let worse = Standing {
                oldest_ms: standing.oldest_ms + more as i64,
                waiting: standing.waiting + more,
                free_bytes: standing.free_bytes.map(|free| free.saturating_sub(more)),
                store_bytes: standing.store_bytes + more,
            };
            for of in [Of::Days, Of::Records, Of::Disk, Of::Store] {
                prop_assert!(level(&limits, &worse, of) >= level(&limits, &standing, of));
            }
        }

        #[test]
        fn it_stops_exactly_at_a_limit(limits in limits(), standing in standing()) {
            let over = |value: u64, limit: u64| limit > 0 && value >= limit;
            let stopped = over(standing.oldest_ms.max(0) as u64, u64::from(limits.days_unconfirmed) * DAY_MS as u64)
                || over(standing.waiting, limits.records_unconfirmed)
                || over(standing.store_bytes, limits.store_mb * MEGABYTE)
                || (limits.free_disk_mb > 0
                    && standing.free_bytes.is_some_and(|free| free <= limits.free_disk_mb * MEGABYTE));
            prop_assert_eq!(may_begin(&limits, &standing), !stopped);
        }

        #[test]
        fn nobody_is_stopped_unwarned(limits in limits(), waiting in 0..200_000_u64) {
            prop_assume!(limits.records_unconfirmed >= 10);
            let at = |waiting| Standing { oldest_ms: 0, waiting, free_bytes: None, store_bytes: 0 };
            if level(&limits, &at(waiting + 1), Of::Records) == Some(Level::Reached) {
                prop_assert!(level(&limits, &at(waiting), Of::Records) >= Some(Level::Soon));
            }
        }

        #[test]
        fn zero_is_no_limit(standing in standing()) {
            let none = Limits { days_unconfirmed: 0, records_unconfirmed: 0, free_disk_mb: 0, store_mb: 0 };
            prop_assert_eq!(judge(&none, &standing), vec![]);
        }
    }
}
