//! What a promise tells of itself: each step, each assumption. Monday is 23 November 2026; the days themselves: `due_table`.

use crate::at;
use intake::calendar::Calendar;
use intake::catalogue::TimeLimit;
use intake::due::{Assumption, OutsideHours, ReasonStep, due};
use jiff::civil::date;

fn hours(hours: u16) -> TimeLimit {
    TimeLimit::WorkingHours { hours }
}

fn working_days(days: u16) -> TimeLimit {
    TimeLimit::WorkingDays { days }
}

fn days(days: u16) -> TimeLimit {
    TimeLimit::CalendarDays { days }
}

#[test]
fn an_announced_holiday_is_told_where_it_is_not_counted() {
    let ignored = due(working_days(1), at("2026-11-23 08:00"), &Calendar::hanoi().unwrap());
    let told =
        |found: &Assumption| matches!(found, Assumption::AnnouncedNotCounted { day, .. } if *day == date(2026, 11, 24));
    let ignored = ignored.unwrap();
    assert_eq!(ignored.at, at("2026-11-24 08:00"));
    assert!(ignored.assumptions.iter().any(told), "{:?}", ignored.assumptions);
}

#[test]
fn no_day_is_promised_where_there_is_no_limit() {
    assert_eq!(due(TimeLimit::None, at("2026-11-23 09:00"), &Calendar::hanoi().unwrap()), None);
}

#[test]
fn the_reasoning_tells_each_step() {
    let promise = due(working_days(3), at("2026-02-13 17:20"), &Calendar::hanoi().unwrap());
    let promise = promise.unwrap();
    let tet = |day| ReasonStep::HolidaySkipped {
        day: date(2026, 2, day),
        name_vi: "Tết Nguyên đán Bính Ngọ".into(),
        name_en: "Lunar New Year".into(),
    };
    // It counts from the 23rd, so nothing after that is passed over; what lies before is why it counts from there.
    assert_eq!(
        promise.reasoning,
        [
            ReasonStep::Received { at: at("2026-02-13 17:20") },
            ReasonStep::CountsFrom { at: at("2026-02-23 07:00"), because: OutsideHours::AfterClosing },
            ReasonStep::Limit { limit: working_days(3) },
        ]
    );
    assert_eq!(promise.at, at("2026-02-25 17:00"));

    let over = due(working_days(1), at("2026-02-13 16:00"), &Calendar::hanoi().unwrap()).unwrap();
    let weekend = |from, to| ReasonStep::WeekendSkipped { from: date(2026, 2, from), to: date(2026, 2, to) };
    assert_eq!(over.reasoning[2..], [weekend(14, 15), tet(16), tet(17), tet(18), tet(19), tet(20), weekend(21, 22)]);
}

#[test]
fn why_a_dossier_does_not_count_from_its_receipt() {
    let hanoi = Calendar::hanoi().unwrap();
    let police = Calendar::hanoi_police().unwrap();
    let cases = [
        (&hanoi, "2026-11-23 06:59", OutsideHours::BeforeOpening),
        (&hanoi, "2026-11-23 11:30", OutsideHours::Break),
        (&hanoi, "2026-11-23 17:00", OutsideHours::AfterClosing),
        (&hanoi, "2026-11-28 09:00", OutsideHours::DayOff),
        (&police, "2026-11-28 09:00", OutsideHours::ReceptionOnly),
        (&police, "2026-11-28 12:00", OutsideHours::DayOff),
    ];
    for (calendar, accepted, expected) in cases {
        let promise = due(hours(1), at(accepted), calendar).unwrap();
        let ReasonStep::CountsFrom { because, .. } = promise.reasoning[1] else {
            panic!("{accepted}: {:?}", promise.reasoning);
        };
        assert_eq!(because, expected, "{accepted}");
    }
}

#[test]
fn a_promise_beyond_the_table_says_so() {
    let promise = due(days(30), at("2027-12-20 09:00"), &Calendar::hanoi().unwrap()).unwrap();
    let expected = Assumption::BeyondTable { from: date(2028, 1, 1) };
    assert!(promise.assumptions.contains(&expected), "{:?}", promise.assumptions);
    let within = due(days(3), at("2026-11-23 09:00"), &Calendar::hanoi().unwrap()).unwrap();
    assert!(!within.assumptions.iter().any(|it| matches!(it, Assumption::BeyondTable { .. })));
}

#[test]
fn the_largest_limits_end() {
    let hanoi = Calendar::hanoi().unwrap();
    for limit in [hours(u16::MAX), working_days(u16::MAX), days(u16::MAX)] {
        let promise = due(limit, at("2026-11-23 09:00"), &hanoi).unwrap();
        assert!(promise.at > at("2034-01-01 00:00"), "{limit:?}: {}", promise.at);
    }
}

#[test]
fn a_plain_limit_that_ends_on_a_day_off_tells_where_it_moved() {
    let promise = due(days(5), at("2026-11-23 09:12"), &Calendar::hanoi().unwrap()).unwrap();
    let (from, to) = (date(2026, 11, 28), date(2026, 11, 30));
    assert_eq!(
        promise.reasoning[2..],
        [ReasonStep::MovedOffDayOff { from, to }, ReasonStep::WeekendSkipped { from, to: date(2026, 11, 29) }]
    );
}
