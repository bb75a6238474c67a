//! How long to wait before a call that failed is made again: longer each time, never in step with the others who wait for the
//! same centre, and not before the centre wants to be asked. Chance is passed in.

use std::time::Duration;

/// The longest that an end can ask us to stay away: a mistake of its, or of a proxy's, silences nobody for long.
const LONGEST_ASKED: Duration = Duration::from_secs(60);

/// The pauses of one who tries again.
#[derive(Clone, Debug)]
pub struct Pauses {
    first: Duration,
    longest: Duration,
    ceiling: Duration,
}

impl Pauses {
    /// The first pause is at most `first`; each further one may be twice as long, up to `longest`.
    pub fn new(first: Duration, longest: Duration) -> Self {
        Self { first, longest, ceiling: first }
    }

    /// A call went well: the next failure is a first one.
    pub fn went_well(&mut self) {
        self.ceiling = self.first;
    }

    /// The pause after a failure: anything up to a ceiling that doubles ("full jitter"), so that all stations of a city, which
    /// lost the centre at one moment, do not come back at one. Where the other end said when it wants to be asked
    /// (`asked`), not before that, and spread over as much time again. All of `dice` counts as chance.
    pub fn after(&mut self, asked: Option<Duration>, dice: u64) -> Duration {
        let asked = asked.unwrap_or_default().min(LONGEST_ASKED);
        let spread = self.ceiling.max(asked);
        self.ceiling = (self.ceiling * 2).min(self.longest);
        asked + part(spread, dice)
    }
}

/// A time that is `period` on average and differs by up to a quarter, so that what all do now and then they do not do at once.
pub fn about(period: Duration, dice: u64) -> Duration {
    period * 3 / 4 + part(period / 2, dice)
}

fn part(of: Duration, dice: u64) -> Duration {
    of.mul_f64(dice as f64 / u64::MAX as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FIRST: Duration = Duration::from_millis(250);
    const LONGEST: Duration = Duration::from_secs(5);

    /// Numbers that look random and come again with the same seed (SplitMix64).
    fn dice(seed: u64) -> impl FnMut() -> u64 {
        let mut state = seed;
        move || {
            state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            mixed ^ (mixed >> 31)
        }
    }

    proptest! {
        #[test]
        fn a_pause_is_bounded_and_not_before_it_was_asked_for(seed: u64, asked_ms in proptest::option::of(0..10_000_000_u64)) {
            let mut throw = dice(seed);
            let mut pauses = Pauses::new(FIRST, LONGEST);
            let asked = asked_ms.map(Duration::from_millis);
            let at_least = asked.unwrap_or_default().min(LONGEST_ASKED);
            for failure in 0..12_u32 {
                let ceiling = (FIRST * 2_u32.pow(failure)).min(LONGEST);
                let pause = pauses.after(asked, throw());
                prop_assert!(pause >= at_least && pause <= at_least + ceiling.max(at_least), "{failure}: {pause:?}");
            }
            pauses.went_well();
            prop_assert!(pauses.after(None, u64::MAX) <= FIRST);
        }

        #[test]
        fn what_is_done_now_and_then_stays_near_its_period(seed: u64) {
            let period = Duration::from_secs(180);
            let next = about(period, dice(seed)());
            prop_assert!(next >= period * 3 / 4 && next <= period * 5 / 4 + Duration::from_millis(1));
        }
    }

    #[test]
    fn a_thousand_stations_that_lost_the_centre_together_do_not_come_back_together() {
        let mut throw = dice(7);
        let mut arrivals = [0; 50];
        for _ in 0..1_000 {
            let mut pauses = Pauses::new(FIRST, LONGEST);
            let failures = (0..8).map(|_| pauses.after(None, throw()));
            let last = failures.last().unwrap();
            arrivals[(last.as_millis() / 100).min(49) as usize] += 1;
        }
        // In step, all thousand came within one tenth of a second; spread evenly, it is twenty.
        assert!(arrivals.iter().all(|count| *count < 45), "{arrivals:?}");
        assert!(arrivals.iter().all(|count| *count > 0), "{arrivals:?}");
    }

    #[test]
    fn those_whom_a_busy_centre_sent_away_are_spread_as_well() {
        let mut throw = dice(11);
        let asked = Some(Duration::from_secs(3));
        let times: Vec<_> = (0..1_000).map(|_| Pauses::new(FIRST, LONGEST).after(asked, throw())).collect();
        let within =
            |from: u64, to: u64| times.iter().filter(|time| (from..to).contains(&(time.as_millis() as u64))).count();
        assert_eq!(within(0, 3_000), 0);
        for tenth in (3_000..6_000).step_by(300) {
            assert!((60..140).contains(&within(tenth, tenth + 300)), "{tenth}");
        }
    }
}
