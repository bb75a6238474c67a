//! The only place where a station reads the time and throws dice; tests pass their own.

use intake::moment::Moment;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Moment;
}

/// The machine's clock.
#[derive(Default)]
pub struct MachineClock {
    ahead_ms: AtomicI64,
}

impl MachineClock {
    /// A clock that runs `ahead_ms` ahead of the machine's (or behind, when negative): a wrong clock, for trials.
    pub fn ahead_by(ahead_ms: i64) -> Self {
        Self { ahead_ms: AtomicI64::new(ahead_ms) }
    }

    /// Sets how far ahead it runs.
    pub fn set_ahead(&self, ahead_ms: i64) {
        self.ahead_ms.store(ahead_ms, Ordering::Relaxed);
    }
}

impl Clock for MachineClock {
    fn now(&self) -> Moment {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Moment(since.as_millis() as i64 + self.ahead_ms.load(Ordering::Relaxed))
    }
}

/// 128 bits from the operating system; where it has none, bits that differ by time and count.
///
/// Ids need to differ, not to be secret: keys are drawn elsewhere, and there a lack of randomness is an error.
pub fn random_bits() -> u128 {
    static COUNT: AtomicI64 = AtomicI64::new(0);
    let mut bytes = [0; 16];
    if getrandom::fill(&mut bytes).is_err() {
        let count = COUNT.fetch_add(1, Ordering::Relaxed) as u128;
        let nanos = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
        return (nanos << 32) ^ count ^ (u128::from(std::process::id()) << 96);
    }
    u128::from_be_bytes(bytes)
}
