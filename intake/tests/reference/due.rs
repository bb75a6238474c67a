//! Due dates worked out by hand. Monday is 23 November 2026; shifts are 07:00-11:30 and 13:30-17:00.

use crate::at;
use intake::calendar::{Announcements, Calendar};
use intake::catalogue::TimeLimit;
use intake::due::{Assumption, OutsideHours, ReasonStep, due};
use intake::moment::Moment;
use jiff::civil::{date, time};

const INSTANT: TimeLimit = TimeLimit::Instant { same_day_cutoff: time(15, 0, 0, 0) };

fn hours(hours: u16) -> TimeLimit {
    TimeLimit::WorkingHours { hours }
}

fn working_days(days: u16) -> TimeLimit {
    TimeLimit::WorkingDays { days }
}

fn days(days: u16) -> TimeLimit {
    TimeLimit::CalendarDays { days }
}

fn check(calendar: &Calendar, cases: &[(TimeLimit, &str, &str)]) {
    for &(limit, accepted, expected) in cases {
        let promise = due(limit, at(accepted), calendar).unwrap();
        assert_eq!(promise.at, at(expected), "{limit:?} from {accepted}");
        assert_eq!(promise.calendar_version, calendar.version());
        assert_eq!(promise.reasoning[0], ReasonStep::Received { at: minute(accepted) });
    }
}

/// The minute that a receipt would show.
fn minute(text: &str) -> Moment {
    at(&text[.."2026-11-23 09:12".len()])
}

#[test]
fn what_is_done_on_the_spot_is_due_at_closing() {
    check(
        &Calendar::hanoi().unwrap(),
        &[
            (INSTANT, "2026-11-23 07:00", "2026-11-23 17:00"),
            (INSTANT, "2026-11-23 06:10", "2026-11-23 17:00"),
            (INSTANT, "2026-11-23 12:00", "2026-11-23 17:00"),
            (INSTANT, "2026-11-23 14:59", "2026-11-23 17:00"),
            (INSTANT, "2026-11-23 15:00", "2026-11-23 17:00"),
            (INSTANT, "2026-12-23 15:00:30", "2026-12-23 17:00"),
            (INSTANT, "2026-11-23 15:01", "2026-11-24 17:00"),
            (INSTANT, "2026-11-23 17:00", "2026-11-24 17:00"),
            (INSTANT, "2026-11-27 16:00", "2026-11-30 17:00"),
            (INSTANT, "2026-11-28 09:00", "2026-11-30 17:00"),
            (INSTANT, "2026-11-29 23:59", "2026-11-30 17:00"),
            // Tết 2026: off from Saturday 14 to Sunday 22 February.
            (INSTANT, "2026-02-13 15:30", "2026-02-23 17:00"),
            (INSTANT, "2026-02-17 10:00", "2026-02-23 17:00"),
            // 2 January is exchanged for Saturday the 10th.
            (INSTANT, "2026-01-02 09:00", "2026-01-05 17:00"),
            (INSTANT, "2026-01-09 15:30", "2026-01-10 17:00"),
            (INSTANT, "2026-01-10 09:00", "2026-01-10 17:00"),
            // The Hùng Kings' day is a Sunday, so Monday is off.
            (INSTANT, "2026-04-27 08:00", "2026-04-28 17:00"),
            (INSTANT, "2026-04-29 16:00", "2026-05-04 17:00"),
            // National Day: off from 29 August to 2 September; Saturday 22 August is worked.
            (INSTANT, "2026-08-22 14:00", "2026-08-22 17:00"),
            (INSTANT, "2026-08-28 15:10", "2026-09-03 17:00"),
        ],
    );
}

#[test]
fn a_working_day_is_eight_hours_of_work() {
    check(
        &Calendar::hanoi().unwrap(),
        &[
            (working_days(3), "2026-11-23 09:12", "2026-11-26 09:12"),
            (working_days(3), "2026-11-23 07:00", "2026-11-25 17:00"),
            (working_days(3), "2026-11-23 05:00", "2026-11-25 17:00"),
            (working_days(3), "2026-11-23 12:15", "2026-11-26 11:30"),
            (working_days(3), "2026-11-23 11:30", "2026-11-26 11:30"),
            (working_days(3), "2026-11-23 11:29", "2026-11-26 11:29"),
            (working_days(3), "2026-11-23 11:29:59", "2026-11-26 11:29"),
            (working_days(3), "2026-11-23 17:00", "2026-11-26 17:00"),
            (working_days(3), "2026-11-23 16:59", "2026-11-26 16:59"),
            (working_days(3), "2026-11-27 10:00", "2026-12-02 10:00"),
            (working_days(3), "2026-11-26 13:30", "2026-12-01 11:30"),
            (working_days(3), "2026-11-28 09:00", "2026-12-02 17:00"),
            (working_days(3), "2026-02-13 09:00", "2026-02-25 09:00"),
            (working_days(3), "2026-08-24 08:00", "2026-08-27 08:00"),
            (working_days(3), "2026-08-20 08:00", "2026-08-24 08:00"),
            (working_days(3), "2026-08-27 14:00", "2026-09-04 14:00"),
            (working_days(3), "2025-12-31 08:00", "2026-01-07 08:00"),
            (working_days(7), "2026-11-23 09:12", "2026-12-02 09:12"),
            (working_days(1), "2026-11-24 08:00", "2026-11-25 08:00"),
            (working_days(1), "2026-12-18 16:00", "2026-12-21 16:00"),
            // Tết 2027 as assumed: off from Friday 5 to Thursday 11 February.
            (working_days(5), "2027-02-04 10:00", "2027-02-18 10:00"),
            (working_days(3), "2027-04-29 11:00", "2027-05-06 11:00"),
            (working_days(2), "2027-09-01 15:00", "2027-09-07 15:00"),
        ],
    );
}

#[test]
fn hours_of_work_run_over_breaks_nights_and_weekends() {
    check(
        &Calendar::hanoi().unwrap(),
        &[
            (hours(1), "2026-11-23 11:00", "2026-11-23 14:00"),
            (hours(1), "2026-11-23 16:30", "2026-11-24 07:30"),
            (hours(4), "2026-11-27 13:30", "2026-11-30 07:30"),
            (hours(8), "2026-11-29 10:00", "2026-11-30 17:00"),
            // "30 ngày / 240 giờ": the thirtieth working day is 4 January, for 1 January is off.
            (hours(240), "2026-11-23 07:00", "2027-01-04 17:00"),
            (working_days(30), "2026-11-23 07:00", "2027-01-04 17:00"),
        ],
    );
}

#[test]
fn plain_days_are_all_counted_and_the_end_moves_off_days_off() {
    check(
        &Calendar::hanoi().unwrap(),
        &[
            (days(1), "2026-11-23 16:00", "2026-11-24 17:00"),
            (days(10), "2026-11-23 09:12", "2026-12-03 17:00"),
            (days(5), "2026-11-23 09:12", "2026-11-30 17:00"),
            (days(7), "2026-02-10 10:00", "2026-02-23 17:00"),
            (days(30), "2026-04-01 14:00", "2026-05-04 17:00"),
            (days(3), "2026-11-27 18:00", "2026-12-03 17:00"),
            (days(1), "2026-01-09 08:00", "2026-01-10 17:00"),
        ],
    );
}

#[test]
fn police_receive_on_saturday_mornings_and_count_from_monday() {
    check(
        &Calendar::hanoi_police().unwrap(),
        &[
            (working_days(7), "2026-11-28 09:00", "2026-12-08 17:00"),
            (working_days(3), "2026-11-27 10:00", "2026-12-02 10:00"),
            (INSTANT, "2026-11-28 09:00", "2026-11-30 17:00"),
            (days(5), "2026-11-23 09:12", "2026-11-30 17:00"),
        ],
    );
}

#[test]
fn an_announced_holiday_counts_only_when_it_is_switched_on() {
    let json = include_str!("../../../fixtures/calendars/hanoi.json");
    let counted = Calendar::parse(json, Announcements::Counted).unwrap();
    check(
        &counted,
        &[(working_days(1), "2026-11-23 08:00", "2026-11-25 08:00"), (INSTANT, "2026-11-23 15:30", "2026-11-25 17:00")],
    );
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
