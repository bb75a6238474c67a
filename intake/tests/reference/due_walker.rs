//! Due dates again, by a walker that shares nothing with the code under test: it counts minutes one by one, in whole
//! numbers, over its own list of days.

use intake::calendar::Calendar;
use intake::catalogue::TimeLimit;
use intake::due::{Wait, due, due_after};
use intake::moment::Moment;
use intake::rules::SupplementClock;
use jiff::civil::time;
use proptest::prelude::*;

/// 2026-01-01T00:00+07:00, a Thursday.
const START_MS: i64 = 1_767_200_400_000;
const DAY: i64 = 24 * 60;
/// Neither 2026 nor 2027 is a leap year.
const MONTHS: [i64; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

const OFF: [(i64, i64, i64); 30] = [
    (2026, 1, 1),
    (2026, 1, 2),
    (2026, 2, 16),
    (2026, 2, 17),
    (2026, 2, 18),
    (2026, 2, 19),
    (2026, 2, 20),
    (2026, 4, 26),
    (2026, 4, 27),
    (2026, 4, 30),
    (2026, 5, 1),
    (2026, 8, 31),
    (2026, 9, 1),
    (2026, 9, 2),
    (2027, 1, 1),
    (2027, 2, 5),
    (2027, 2, 6),
    (2027, 2, 7),
    (2027, 2, 8),
    (2027, 2, 9),
    (2027, 2, 10),
    (2027, 2, 11),
    (2027, 4, 16),
    (2027, 4, 30),
    (2027, 5, 1),
    (2027, 5, 3),
    (2027, 9, 2),
    (2027, 9, 3),
    (2027, 9, 4),
    (2027, 9, 5),
];
const MADE_UP: [(i64, i64, i64); 2] = [(2026, 1, 10), (2026, 8, 22)];

/// Whether the office works in each day from the start.
fn works() -> Vec<bool> {
    let index = |(year, month, day): (i64, i64, i64)| {
        let months: i64 = MONTHS[..month as usize - 1].iter().sum();
        ((year - 2026) * 365 + months + day - 1) as usize
    };
    // Days 0, 7, … are Thursdays, so 2 and 3 of each seven are the weekend.
    let mut works: Vec<bool> = (0..800).map(|day| !matches!(day % 7, 2 | 3)).collect();
    OFF.iter().for_each(|&day| works[index(day)] = false);
    MADE_UP.iter().for_each(|&day| works[index(day)] = true);
    works
}

fn is_working(works: &[bool], minute: i64) -> bool {
    let in_shift = matches!(minute % DAY, 420..690 | 810..1020);
    in_shift && works[(minute / DAY) as usize]
}

fn first_working(works: &[bool], mut minute: i64) -> i64 {
    while !is_working(works, minute) {
        minute += 1;
    }
    minute
}

fn walk(works: &[bool], limit: TimeLimit, accepted: i64) -> Option<i64> {
    let start = first_working(works, accepted);
    let closing = |minute: i64| minute - minute % DAY + 1020;
    match limit {
        TimeLimit::None => None,
        TimeLimit::WorkingHours { hours } => Some(count(works, start, i64::from(hours) * 60)),
        TimeLimit::WorkingDays { days } => Some(count(works, start, i64::from(days) * 480)),
        TimeLimit::Instant { .. } if start % DAY <= 900 => Some(closing(start)),
        TimeLimit::Instant { .. } => Some(closing(first_working(works, closing(start)))),
        TimeLimit::CalendarDays { days } => {
            let mut end = start + i64::from(days) * DAY;
            while !works[(end / DAY) as usize] {
                end += DAY;
            }
            Some(closing(end))
        }
    }
}

fn count(works: &[bool], mut minute: i64, mut left: i64) -> i64 {
    while left > 0 {
        left -= i64::from(is_working(works, minute));
        minute += 1;
    }
    minute
}

fn limits() -> impl Strategy<Value = TimeLimit> {
    prop_oneof![
        Just(TimeLimit::None),
        Just(TimeLimit::Instant { same_day_cutoff: time(15, 0, 0, 0) }),
        (1..200u16).prop_map(|hours| TimeLimit::WorkingHours { hours }),
        (1..25u16).prop_map(|days| TimeLimit::WorkingDays { days }),
        (1..45u16).prop_map(|days| TimeLimit::CalendarDays { days }),
    ]
}

/// Any minute of the two years, with shift edges, midnights and cutoffs far more often than chance would have them.
fn minutes() -> impl Strategy<Value = i64> {
    let edge = prop::sample::select(vec![0, 419, 420, 689, 690, 809, 810, 900, 901, 1019, 1020]);
    let of_day = prop_oneof![0..DAY, edge];
    (0..660i64, of_day).prop_map(|(day, minute)| day * DAY + minute)
}

/// The promise after waits, minute by minute: a minute of work counts when nobody is awaited.
fn walk_paused(works: &[bool], limit: TimeLimit, accepted: i64, waits: &[(i64, i64)]) -> Option<i64> {
    let left = match limit {
        TimeLimit::WorkingHours { hours } => i64::from(hours) * 60,
        TimeLimit::WorkingDays { days } => i64::from(days) * 480,
        _ => return None,
    };
    let awaited = |minute: i64| waits.iter().any(|&(from, to)| (from..to).contains(&minute));
    let last = waits.last().map_or(accepted, |wait| wait.1);
    let (mut minute, mut left) = (accepted, left);
    while left > 0 {
        left -= i64::from(is_working(works, minute) && !awaited(minute));
        minute += 1;
    }
    // What had run out before the last papers came is due as soon as the office works again.
    Some(if minute > last { minute } else { first_working(works, last) })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn the_walker_agrees(limit in limits(), accepted in minutes(), second in 0..60i64) {
        let calendar = Calendar::hanoi().unwrap();
        let works = works();
        let moment = Moment(START_MS + accepted * 60_000 + second * 1_000);
        let expected = walk(&works, limit, accepted).map(|end| Moment(START_MS + end * 60_000));
        prop_assert_eq!(due(limit, moment, &calendar).map(|due| due.at), expected);
    }

    #[test]
    fn the_walker_agrees_after_waits(
        limit in limits(),
        accepted in minutes(),
        lengths in prop::collection::vec((0..9_000i64, 0..9_000i64), 1..4),
    ) {
        let calendar = Calendar::hanoi_police().unwrap();
        let works = works();
        let moment = |minute: i64| Moment(START_MS + minute * 60_000);
        let mut waits: Vec<(i64, i64)> = Vec::new();
        for (before, length) in lengths {
            let from = waits.last().map_or(accepted, |wait| wait.1) + before;
            waits.push((from, from + length));
        }
        let told: Vec<Wait> = waits.iter().map(|&(a, b)| Wait { asked: moment(a), brought: moment(b) }).collect();
        let paused = due_after(limit, moment(accepted), &told, SupplementClock::Pause, &calendar).map(|due| due.at);
        if let Some(expected) = walk_paused(&works, limit, accepted, &waits) {
            prop_assert_eq!(paused, Some(moment(expected)));
        }
        let anew = due_after(limit, moment(accepted), &told, SupplementClock::Restart, &calendar).map(|due| due.at);
        prop_assert_eq!(anew, walk(&works, limit, waits[waits.len() - 1].1).map(moment));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn open_hours_agree(minute in minutes(), length in 0..20_000i64) {
        let calendar = Calendar::hanoi().unwrap();
        let works = works();
        let moment = Moment(START_MS + minute * 60_000);
        prop_assert_eq!(calendar.is_working(moment), is_working(&works, minute));
        let next = Moment(START_MS + first_working(&works, minute) * 60_000);
        prop_assert_eq!(calendar.next_working(moment), Some(next));
        let worked = (minute..minute + length).filter(|&it| is_working(&works, it)).count() as u64;
        let end = moment.plus_ms(length * 60_000);
        prop_assert_eq!(calendar.working_minutes_between(moment, end), worked);
    }

    #[test]
    fn a_later_receipt_is_never_due_earlier(limit in limits(), accepted in minutes(), later in 0..5_000i64) {
        let calendar = Calendar::hanoi().unwrap();
        let first = Moment(START_MS + accepted * 60_000);
        let second = first.plus_ms(later * 60_000);
        let at = |moment| due(limit, moment, &calendar).map(|due| due.at);
        prop_assert!(at(first) <= at(second));
    }
}

proptest! {
    #[test]
    fn no_moment_is_too_early_or_too_late_to_ask(limit in limits(), moment in any::<i64>()) {
        let calendar = Calendar::hanoi_police().unwrap();
        if let Some(promise) = due(limit, Moment(moment), &calendar) {
            prop_assert!(promise.at >= Moment(moment));
        }
    }
}
