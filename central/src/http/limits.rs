//! Sizes, times and counts: what one visitor may cost the others.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use sync::protocol::{MAX_BODY_BYTES, MAX_WAIT_MS};

/// What one visitor may cost the others.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Limits {
    /// How long a connection may be silent before or within a request's headers.
    pub header_wait: Duration,
    /// How long a request's body may take.
    pub body_wait: Duration,
    /// How long the other side may take no byte of an answer.
    pub write_wait: Duration,
    /// How long a request may queue for the store.
    pub work_wait: Duration,
    /// How long requests that were begun may take when the service stops.
    pub stop_wait: Duration,
    /// The longest that a pull may wait for news.
    pub pull_wait: Duration,
    /// The largest body of a request.
    pub max_body_bytes: usize,
    /// Open connections. When all are taken, the oldest on which no station has shown itself makes room for the next one.
    pub max_connections: usize,
    /// Requests that are in the store's hands or queue for it in memory.
    pub max_working: usize,
    /// Requests with large bodies (catching up) that are read or worked on at once, so that small ones find the store free,
    pub max_bulk: usize,
    /// and how many of them may be one station's.
    pub bulk_share: usize,
    /// Requests for attachments that are read or worked on at once, beside those,
    pub max_scans: usize,
    /// and how many of them may be one station's.
    pub scan_share: usize,
    /// Unsigned requests that one address may make at once,
    pub stranger_burst: u32,
    /// and per second in the long run.
    pub stranger_per_second: f64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            // Longer than the 15 s for which a station's client keeps an idle connection.
            header_wait: Duration::from_secs(20),
            body_wait: Duration::from_secs(30),
            write_wait: Duration::from_secs(30),
            work_wait: Duration::from_secs(10),
            stop_wait: Duration::from_secs(10),
            pull_wait: Duration::from_millis(MAX_WAIT_MS),
            max_body_bytes: MAX_BODY_BYTES,
            max_connections: 4096,
            max_working: 16,
            max_bulk: 6,
            bulk_share: 2,
            max_scans: 4,
            scan_share: 2,
            stranger_burst: 60,
            stranger_per_second: 2.0,
        }
    }
}

/// A token bucket an address, for those who show no signature.
pub(super) struct RateLimit {
    burst: f64,
    per_second: f64,
    buckets: Mutex<HashMap<IpAddr, Bucket>>,
}

struct Bucket {
    left: f64,
    seen: Instant,
}

/// So many addresses are remembered; beyond it those that have been quiet longest are forgotten.
const MAX_BUCKETS: usize = 10_000;

impl RateLimit {
    pub(super) fn new(burst: u32, per_second: f64) -> Self {
        Self { burst: burst.into(), per_second, buckets: Mutex::default() }
    }

    /// May this address ask once more at this instant?
    pub(super) fn allows(&self, address: IpAddr, now: Instant) -> bool {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MAX_BUCKETS && !buckets.contains_key(&address) {
            self.forget_the_quiet(&mut buckets, now);
        }
        let bucket = buckets.entry(address).or_insert(Bucket { left: self.burst, seen: now });
        bucket.left = self.refilled(bucket, now);
        bucket.seen = now;
        let allowed = bucket.left >= 1.0;
        if allowed {
            bucket.left -= 1.0;
        }
        allowed
    }

    fn refilled(&self, bucket: &Bucket, now: Instant) -> f64 {
        let quiet = now.saturating_duration_since(bucket.seen).as_secs_f64();
        (bucket.left + quiet * self.per_second).min(self.burst)
    }

    /// Full buckets say nothing. If none is full, somebody has many addresses: all begin anew.
    fn forget_the_quiet(&self, buckets: &mut HashMap<IpAddr, Bucket>, now: Instant) {
        buckets.retain(|_, bucket| self.refilled(bucket, now) < self.burst);
        if buckets.len() >= MAX_BUCKETS {
            buckets.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_allowed_and_then_the_rate() {
        let limit = RateLimit::new(3, 1.0);
        let (one, other) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        let start = Instant::now();
        let allowed = (0..5).filter(|_| limit.allows(one, start)).count();
        assert_eq!(allowed, 3);
        assert!(limit.allows(other, start));
        assert!(!limit.allows(one, start + Duration::from_millis(900)));
        assert!(limit.allows(one, start + Duration::from_millis(2000)));
    }

    #[test]
    fn many_addresses_do_not_fill_the_memory() {
        let limit = RateLimit::new(1, 0.001);
        let now = Instant::now();
        for number in 0..(MAX_BUCKETS as u32 + 10) {
            limit.allows(IpAddr::from(number.to_be_bytes()), now);
        }
        assert!(limit.buckets.lock().unwrap().len() <= MAX_BUCKETS);
    }
}
