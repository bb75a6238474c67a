//! The service's clock, passed in so that a simulation can turn its hands.

use intake::moment::Moment;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Tells the time.
pub type Clock = Arc<dyn Fn() -> Moment + Send + Sync>;

/// The machine's clock.
pub fn system() -> Clock {
    Arc::new(|| {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Moment(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    })
}

/// Time that only goes forward, from any beginning: for how long something takes, whoever sets the clock meanwhile.
pub type Ticks = Arc<dyn Fn() -> Duration + Send + Sync>;

/// The machine's, from now.
pub fn ticks() -> Ticks {
    let began = Instant::now();
    Arc::new(move || began.elapsed())
}
