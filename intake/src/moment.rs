//! Time, passed in and never read: an instant in milliseconds, and its civil reading in Vietnam.

use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Vietnam keeps UTC+7 all year and has no summer time.
const VIETNAM: Offset = jiff::tz::offset(7);

/// An instant: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Moment(pub i64);

impl Moment {
    /// The instant of a civil time in Vietnam.
    pub fn from_civil(at: DateTime) -> Self {
        let utc = VIETNAM.to_timestamp(at).map(|stamp| stamp.as_millisecond());
        // Only civil times at the very edge of the calendar (year 9999) have no instant.
        Self(utc.unwrap_or(i64::MAX))
    }

    /// What a clock on the wall in Vietnam shows.
    pub fn civil(self) -> DateTime {
        let stamp = jiff::Timestamp::from_millisecond(self.0).unwrap_or(jiff::Timestamp::MAX);
        VIETNAM.to_datetime(stamp)
    }

    /// The civil day in Vietnam.
    pub fn day(self) -> Date {
        self.civil().date()
    }

    /// This instant, `ms` milliseconds later.
    pub fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}+07:00", self.civil().strftime("%Y-%m-%dT%H:%M:%S"))
    }
}

impl fmt::Debug for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::datetime;

    #[test]
    fn a_civil_time_in_vietnam_is_seven_hours_ahead_of_utc() {
        let noon = Moment::from_civil(datetime(2026, 11, 23, 12, 0, 0, 0));
        assert_eq!(noon.0, 1_795_410_000_000);
        assert_eq!(noon.civil(), datetime(2026, 11, 23, 12, 0, 0, 0));
        assert_eq!(noon.to_string(), "2026-11-23T12:00:00+07:00");
    }

    #[test]
    fn the_day_turns_at_midnight_in_vietnam() {
        let late = Moment::from_civil(datetime(2026, 11, 23, 23, 59, 59, 999_000_000));
        assert_eq!(late.day().to_string(), "2026-11-23");
        assert_eq!(late.plus_ms(1).day().to_string(), "2026-11-24");
    }
}
