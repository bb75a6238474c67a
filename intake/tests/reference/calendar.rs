//! The table of working time: what it refuses, and what it says of the days that it ships with.

use crate::at;
use intake::calendar::{Announcements, Calendar, CalendarFault, CalendarTable, DayOfWeek, Duty, Standing};
use jiff::civil::date;

const HANOI: &str = include_str!("../../../fixtures/calendars/hanoi.json");

fn table() -> CalendarTable {
    serde_json::from_str(HANOI).unwrap()
}

fn refused(change: impl FnOnce(&mut CalendarTable)) -> CalendarFault {
    let mut table = table();
    change(&mut table);
    Calendar::new(table, Announcements::Ignored).unwrap_err()
}

#[test]
fn a_table_that_does_not_hold_together_is_refused() {
    assert!(matches!(Calendar::parse("{", Announcements::Ignored), Err(CalendarFault::Unreadable(_))));
    let none = refused(|table| table.weeks.clear());
    assert_eq!(none, CalendarFault::NoWeek(date(2026, 1, 1)));
    let late = refused(|table| table.weeks[0].from = date(2026, 6, 1));
    assert_eq!(late, CalendarFault::NoWeek(date(2026, 1, 1)));
    let idle = refused(|table| {
        table.weeks[0].rows[0].shifts.iter_mut().for_each(|it| it.duty = Duty::ReceptionOnly);
    });
    assert_eq!(idle, CalendarFault::NoWork(date(2025, 7, 1)));
    let swapped = refused(|table| table.weeks[0].rows[0].shifts.reverse());
    assert_eq!(swapped, CalendarFault::Shifts(date(2025, 7, 1)));
    let twice = refused(|table| table.weeks[0].rows[0].days.push(DayOfWeek::Mon));
    assert_eq!(twice, CalendarFault::Shifts(date(2025, 7, 1)));
    let doubled = refused(|table| table.days.push(table.days[0].clone()));
    assert_eq!(doubled, CalendarFault::DayTwice(date(2026, 1, 1)));
    let outside = refused(|table| table.days[0].day = date(2028, 1, 1));
    assert_eq!(outside, CalendarFault::Outside(date(2028, 1, 1)));
    let backwards = refused(|table| table.covers_until = date(2025, 1, 1));
    assert_eq!(backwards, CalendarFault::Outside(date(2025, 1, 1)));
}

#[test]
fn every_row_names_its_source() {
    for calendar in [table(), serde_json::from_str(POLICE).unwrap()] {
        assert!(calendar.weeks.iter().all(|week| !week.source.is_empty()));
        for row in &calendar.days {
            assert!(!row.source.is_empty(), "{}", row.day);
            assert!(!row.name_vi.is_empty() && !row.name_en.is_empty(), "{}", row.day);
        }
    }
}

const POLICE: &str = include_str!("../../../fixtures/calendars/hanoi-police.json");

#[test]
fn both_offices_keep_the_same_holidays() {
    let police: CalendarTable = serde_json::from_str(POLICE).unwrap();
    assert_eq!(police.days, table().days);
}

#[test]
fn opening_and_working_are_two_things() {
    let police = Calendar::hanoi_police().unwrap();
    let saturday = at("2026-11-28 09:00");
    assert!(police.is_open(saturday) && !police.is_working(saturday));
    assert_eq!(police.next_opening(at("2026-11-27 17:00")), Some(at("2026-11-28 07:00")));
    assert_eq!(police.next_working(at("2026-11-27 17:00")), Some(at("2026-11-30 07:00")));
    assert_eq!(police.next_opening(saturday), Some(saturday));
    let hanoi = Calendar::hanoi().unwrap();
    assert_eq!(hanoi.next_opening(saturday), Some(at("2026-11-30 07:00")));
    assert!(!hanoi.is_open(at("2026-11-23 11:30")));
    assert!(hanoi.is_open(at("2026-11-23 11:29:59")));
}

#[test]
fn closing_is_the_end_of_the_last_shift() {
    let hanoi = Calendar::hanoi().unwrap();
    assert_eq!(hanoi.closing(date(2026, 11, 23)), Some(at("2026-11-23 17:00")));
    assert_eq!(hanoi.closing(date(2026, 11, 28)), None);
    assert_eq!(hanoi.closing(date(2026, 1, 10)), Some(at("2026-01-10 17:00")));
}

#[test]
fn a_newer_week_counts_from_its_first_day() {
    let mut table = table();
    let mut summer = table.weeks[0].clone();
    summer.from = date(2026, 6, 1);
    summer.standing = Standing::Enacted;
    summer.rows[0].shifts.truncate(1);
    table.weeks.insert(0, summer);
    let calendar = Calendar::new(table, Announcements::Ignored).unwrap();
    assert_eq!(calendar.closing(date(2026, 5, 29)), Some(at("2026-05-29 17:00")));
    assert_eq!(calendar.closing(date(2026, 6, 1)), Some(at("2026-06-01 11:30")));
}

#[test]
fn no_minutes_lead_to_the_next_working_minute() {
    let hanoi = Calendar::hanoi().unwrap();
    assert_eq!(hanoi.add_working_minutes(at("2026-11-23 09:00"), 0), Some(at("2026-11-23 09:00")));
    assert_eq!(hanoi.add_working_minutes(at("2026-11-23 12:00"), 0), Some(at("2026-11-23 13:30")));
    assert_eq!(hanoi.working_minutes_between(at("2026-11-24 09:00"), at("2026-11-23 09:00")), 0);
}
