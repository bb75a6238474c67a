//! "Something changed": pages read their views again. A count, so that nobody misses a change between two looks.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Counts changes and wakes those who wait for one.
#[derive(Default)]
pub struct Notices {
    count: Mutex<u64>,
    changed: Condvar,
}

impl Notices {
    /// Something changed.
    pub fn tell(&self) {
        let mut count = self.count.lock().unwrap_or_else(PoisonError::into_inner);
        *count += 1;
        self.changed.notify_all();
    }

    /// Waits until the count is beyond `seen`, at most `limit`; gives the count.
    pub fn wait_beyond(&self, seen: u64, limit: Duration) -> u64 {
        let count = self.count.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.changed.wait_timeout_while(count, limit, |count| *count <= seen);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }
}
