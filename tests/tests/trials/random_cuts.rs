//! The power is cut at random, many times, and every job is finished. `MOTCUA_TRIALS` sets how often (200), `MOTCUA_SEED`
//! repeats a run. One trial in ten is of the desktop app: see [`crate::desktop`].

use crate::citizen::{CERTIFIED_COPY, MARITAL_STATUS, Wish, serve};
use crate::evidence::judge;
use crate::hall::{Hall, kill_later};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The longest delay of the first cuts, before it is known how long a job takes.
const FIRST_GUESS: Duration = Duration::from_millis(800);

/// How many trials are wanted in all.
pub fn trials() -> u32 {
    std::env::var("MOTCUA_TRIALS").ok().and_then(|count| count.parse().ok()).unwrap_or(200)
}

/// Numbers that look random and come again with the same seed (SplitMix64).
pub struct Dice(u64);

impl Dice {
    /// From `MOTCUA_SEED`, or from the clock; says which.
    pub fn thrown(what: &str) -> Self {
        let given = std::env::var("MOTCUA_SEED").ok().and_then(|seed| seed.parse().ok());
        let seed = given.unwrap_or_else(|| SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as u64);
        println!("{what}: MOTCUA_SEED={seed}");
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// True once in `times`.
    pub fn one_in(&mut self, times: u64) -> bool {
        self.next().is_multiple_of(times)
    }

    /// A time up to `longest`.
    pub fn up_to(&mut self, longest: Duration) -> Duration {
        Duration::from_micros(self.next() % (longest.as_micros() as u64).max(1))
    }
}

#[test]
fn power_cuts_at_random_lose_and_double_nothing() {
    let cuts = trials() - trials() / 10;
    let mut dice = Dice::thrown("random cuts");
    let mut hall = Hall::open();
    let (mut done, mut citizens, mut longest) = (0, 0, FIRST_GUESS);
    while done < cuts {
        let wish =
            Wish { procedure: if dice.one_in(4) { MARITAL_STATUS } else { CERTIFIED_COPY }, card: dice.one_in(3) };
        let role = if dice.one_in(2) { "kiosk" } else { "counter" };
        if dice.one_in(8) {
            // Cut again while it comes up.
            hall.post(role).kill_after_start = Some(dice.up_to(Duration::from_millis(200)));
        }
        let deaths = hall.kiosk.deaths + hall.counter.deaths;
        let begun = Instant::now();
        let cut = kill_later(hall.post(role).killer(), dice.up_to(longest));
        serve(&mut hall, wish);
        let took = begun.elapsed();
        // It may have been cut already, while it came up.
        cut.join().unwrap();
        hall.post(role).tend();
        if hall.kiosk.deaths + hall.counter.deaths == deaths + 1 {
            // With a cut in it, a job takes longer than one without: delays that fit both reach all of it.
            longest = (longest * 7 + took) / 8;
        }
        done += hall.kiosk.deaths + hall.counter.deaths - deaths;
        citizens += 1;
    }
    let verdict = judge(&mut hall);
    assert_eq!(verdict.findings, []);
    assert_eq!((verdict.tickets, verdict.dossiers), (citizens, citizens));
    assert_eq!(verdict.events_station, verdict.events_central);
    println!("{done} cuts, {citizens} citizens, {} papers, {} events", verdict.papers, verdict.events_central);
}
