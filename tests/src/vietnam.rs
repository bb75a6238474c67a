//! Vietnam's civil time, reckoned by hand: UTC+7 all year. The checker compares the system's reckoning with it.

/// A civil minute in Vietnam.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Civil {
    /// Year.
    pub year: i64,
    /// Month, from 1.
    pub month: i64,
    /// Day, from 1.
    pub day: i64,
    /// Hour.
    pub hour: i64,
    /// Minute.
    pub minute: i64,
    /// Second.
    pub second: i64,
}

impl Civil {
    /// What a clock on the wall shows, `ms` milliseconds after 1970-01-01T00:00:00Z.
    pub fn at(ms: i64) -> Self {
        let seconds = ms.div_euclid(1000) + 7 * 3600;
        let (year, month, day) = date(seconds.div_euclid(86_400));
        let of_day = seconds.rem_euclid(86_400);
        Self { year, month, day, hour: of_day / 3600, minute: of_day / 60 % 60, second: of_day % 60 }
    }

    /// As ISO 8601 writes it: `2026-11-26T16:30:00+07:00`.
    pub fn iso(self) -> String {
        let Self { year, month, day, hour, minute, second } = self;
        format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}+07:00")
    }
}

/// Year, month and day of a day counted from 1970-01-01 (proleptic Gregorian calendar).
fn date(days: i64) -> (i64, i64, i64) {
    let mut year = 1970 + days.div_euclid(366);
    while days_before(year + 1) <= days {
        year += 1;
    }
    let mut left = days - days_before(year);
    let leap = i64::from(days_before(year + 1) - days_before(year) == 366);
    let lengths = [31, 28 + leap, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 1;
    for length in lengths {
        if left < length {
            break;
        }
        left -= length;
        month += 1;
    }
    (year, month, left + 1)
}

/// Days from 1970-01-01 to the first of January of a year.
fn days_before(year: i64) -> i64 {
    let leaps = |year: i64| year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    (year - 1970) * 365 + leaps(year - 1) - leaps(1969)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_named_as_a_calendar_names_them() {
        let cases = [
            (0, (1970, 1, 1)),
            (59, (1970, 3, 1)),
            (11_016, (2000, 2, 29)),
            (20_780, (2026, 11, 23)),
            (20_818, (2026, 12, 31)),
        ];
        for (days, expected) in cases {
            assert_eq!(date(days), expected);
        }
    }

    #[test]
    fn noon_in_vietnam_is_five_in_the_morning_in_greenwich() {
        assert_eq!(Civil::at(1_795_410_000_000).iso(), "2026-11-23T12:00:00+07:00");
        assert_eq!(Civil::at(1_795_410_000_000 + 12 * 3_600_000 - 1).iso(), "2026-11-23T23:59:59+07:00");
    }
}
