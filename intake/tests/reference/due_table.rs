//! Due dates worked out by hand, each with its reasoning. Shifts are 07:00-11:30 and 13:30-17:00: four and a half hours, then
//! three and a half. 23 November 2026 is a Monday.

use crate::at;
use intake::calendar::{Announcements, Calendars};
use intake::catalogue::{Authority, TimeLimit};
use intake::due::{ReasonStep, Wait, due_after};
use intake::moment::Moment;
use intake::rules::SupplementClock::{self, Pause, Restart};
use jiff::civil::time;

/// Whose table.
#[derive(Clone, Copy, PartialEq)]
enum Table {
    /// The city's offices.
    City,
    /// The police of a commune, who receive on Saturday mornings too.
    Police,
    /// The city's, with announced holidays switched on.
    Announced,
}
use Table::{Announced, City, Police};

/// Done on the spot, or the next working day when received after 15:00.
const SPOT: TimeLimit = TimeLimit::Instant { same_day_cutoff: time(15, 0, 0, 0) };

const fn hours(hours: u16) -> TimeLimit {
    TimeLimit::WorkingHours { hours }
}

const fn work(days: u16) -> TimeLimit {
    TimeLimit::WorkingDays { days }
}

const fn days(days: u16) -> TimeLimit {
    TimeLimit::CalendarDays { days }
}

type Case = (Table, TimeLimit, &'static str, &'static str, &'static str);

const CASES: &[Case] = &[
    // On the spot.
    (City, SPOT, "2026-11-23 07:00", "2026-11-23 17:00", "At opening: the same day, until closing"),
    (City, SPOT, "2026-11-23 06:10", "2026-11-23 17:00", "Before opening: counts from 07:00 of that day"),
    (City, SPOT, "2026-11-23 09:30", "2026-11-23 17:00", "In the morning"),
    (City, SPOT, "2026-11-23 12:00", "2026-11-23 17:00", "In the midday break: counts from 13:30, before 15:00"),
    (City, SPOT, "2026-11-23 14:59", "2026-11-23 17:00", "The last minute before the cutoff"),
    (City, SPOT, "2026-11-23 15:00", "2026-11-23 17:00", "At the cutoff itself: not yet after it"),
    (City, SPOT, "2026-12-23 15:00:30", "2026-12-23 17:00", "Seconds are dropped: 15:00 on the receipt"),
    (City, SPOT, "2026-11-23 15:01", "2026-11-24 17:00", "After the cutoff: Tuesday, for 24/11 is not enacted"),
    (City, SPOT, "2026-11-23 17:00", "2026-11-24 17:00", "At closing: counts from 07:00 on Tuesday"),
    (City, SPOT, "2026-11-23 23:59", "2026-11-24 17:00", "In the night: Tuesday morning's"),
    (City, SPOT, "2026-11-27 16:00", "2026-11-30 17:00", "Friday after the cutoff: Monday"),
    (City, SPOT, "2026-11-28 09:00", "2026-11-30 17:00", "Saturday: Monday morning's"),
    (City, SPOT, "2026-11-29 23:59", "2026-11-30 17:00", "Sunday night: Monday morning's"),
    (City, SPOT, "2026-02-13 14:30", "2026-02-13 17:00", "The last working day before Tết, before the cutoff"),
    (City, SPOT, "2026-02-13 15:30", "2026-02-23 17:00", "After the cutoff: Tết is off from Sat 14 to Sun 22 February"),
    (City, SPOT, "2026-02-17 10:00", "2026-02-23 17:00", "New Year's day itself: the first day after Tết"),
    (City, SPOT, "2026-01-01 10:00", "2026-01-05 17:00", "1 January off, the 2nd exchanged, then a weekend"),
    (City, SPOT, "2026-01-02 09:00", "2026-01-05 17:00", "2 January is exchanged for Saturday the 10th"),
    (City, SPOT, "2026-01-09 15:30", "2026-01-10 17:00", "The next working day is the made-up Saturday"),
    (City, SPOT, "2026-01-10 09:00", "2026-01-10 17:00", "The made-up Saturday works like a Friday"),
    (City, SPOT, "2026-01-10 15:20", "2026-01-12 17:00", "After its cutoff: Monday"),
    (
        City,
        SPOT,
        "2026-04-24 15:30",
        "2026-04-28 17:00",
        "Friday late; the Hùng Kings' day is Sunday, Monday off instead",
    ),
    (City, SPOT, "2026-04-27 08:00", "2026-04-28 17:00", "The day off instead: Tuesday"),
    (City, SPOT, "2026-04-29 16:00", "2026-05-04 17:00", "30/4 and 1/5 are Thursday and Friday, then a weekend"),
    (City, SPOT, "2026-08-22 14:00", "2026-08-22 17:00", "Saturday worked for 31 August"),
    (City, SPOT, "2026-08-28 15:10", "2026-09-03 17:00", "National Day: off from 29 August to 2 September"),
    (City, SPOT, "2026-12-31 15:01", "2027-01-04 17:00", "New Year 2027 is a Friday, then a weekend"),
    (City, SPOT, "2027-02-04 15:30", "2027-02-12 17:00", "Tết 2027 as assumed: Fri 5 to Thu 11 February"),
    (City, SPOT, "2027-04-15 15:30", "2027-04-19 17:00", "Hùng Kings' day 2027 is Friday 16 April"),
    (City, SPOT, "2027-04-29 15:30", "2027-05-04 17:00", "30/4 a Friday, 1/5 a Saturday: Monday 3 May off instead"),
    // Working days of eight hours.
    (City, work(1), "2026-11-24 08:00", "2026-11-25 08:00", "Eight hours on: 08:00 of the next working day"),
    (City, work(1), "2026-11-23 07:00", "2026-11-23 17:00", "A whole day from opening ends at closing"),
    (City, work(1), "2026-11-23 07:01", "2026-11-24 07:01", "One minute later one minute is left for Tuesday"),
    (City, work(1), "2026-12-18 16:00", "2026-12-21 16:00", "Friday to Monday"),
    (City, work(2), "2027-09-01 15:00", "2027-09-07 15:00", "2 and 3/9 off as assumed, a weekend; Mon 6 and Tue 7"),
    (City, work(3), "2026-11-23 09:12", "2026-11-26 09:12", "Three times eight hours: Thursday at the same time"),
    (City, work(3), "2026-11-23 07:00", "2026-11-25 17:00", "Three whole days: Monday to Wednesday, at closing"),
    (City, work(3), "2026-11-23 05:00", "2026-11-25 17:00", "Before opening: the same three days"),
    (
        City,
        work(3),
        "2026-11-23 12:15",
        "2026-11-26 11:30",
        "From 13:30: half past eleven is as far into the third day's end",
    ),
    (City, work(3), "2026-11-23 11:30", "2026-11-26 11:30", "The morning is over at 11:30: from 13:30"),
    (City, work(3), "2026-11-23 11:29", "2026-11-26 11:29", "One minute of the morning is still counted"),
    (City, work(3), "2026-11-23 11:29:59", "2026-11-26 11:29", "Seconds are dropped"),
    (City, work(3), "2026-11-23 13:30", "2026-11-26 11:30", "From the afternoon's opening"),
    (City, work(3), "2026-11-23 17:00", "2026-11-26 17:00", "At closing: Tuesday to Thursday"),
    (City, work(3), "2026-11-23 16:59", "2026-11-26 16:59", "One minute of Monday is counted"),
    (City, work(3), "2026-11-26 13:30", "2026-12-01 11:30", "Thursday afternoon, Friday, Monday, Tuesday morning"),
    (City, work(3), "2026-11-27 10:00", "2026-12-02 10:00", "Over a weekend: Monday, Tuesday, Wednesday"),
    (City, work(3), "2026-11-28 09:00", "2026-12-02 17:00", "Saturday: Monday to Wednesday, whole"),
    (City, work(3), "2026-02-13 09:00", "2026-02-25 09:00", "Over Tết: Mon 23, Tue 24, Wed 25"),
    (City, work(3), "2026-08-24 08:00", "2026-08-27 08:00", "An ordinary week in August"),
    (City, work(3), "2026-08-20 08:00", "2026-08-24 08:00", "Thu, Fri and the made-up Sat 22: Monday at 08:00"),
    (City, work(3), "2026-08-27 14:00", "2026-09-04 14:00", "Over National Day: Fri 28, Thu 3, Fri 4"),
    (City, work(3), "2025-12-31 08:00", "2026-01-07 08:00", "Wed; 1 and 2/1 off; Mon 5, Tue 6, Wed 7"),
    (City, work(3), "2027-04-29 11:00", "2027-05-06 11:00", "Thu; 30/4 and 3/5 off; Tue 4, Wed 5, Thu 6"),
    (City, work(5), "2026-11-23 10:00", "2026-11-30 10:00", "A week of work: Monday to Monday"),
    (City, work(5), "2027-02-04 10:00", "2027-02-18 10:00", "Over Tết 2027: Fri 12, Mon 15 to Thu 18"),
    (City, work(7), "2026-11-23 09:12", "2026-12-02 09:12", "Seven days: Tue to Fri, Mon to Wed"),
    (City, work(10), "2026-12-21 08:30", "2027-01-05 08:30", "22 to 25, 28 to 31 December, 4 and 5 January"),
    (City, work(15), "2026-11-23 16:00", "2026-12-14 16:00", "Three weeks of work"),
    (City, work(20), "2026-02-02 10:00", "2026-03-09 10:00", "Nine to 13/2, then 23/2 to 9/3: eleven"),
    (City, work(30), "2026-11-23 07:00", "2027-01-04 17:00", "The thirtieth day is 4 January, for the 1st is off"),
    // Hours of work.
    (City, hours(1), "2026-11-23 11:00", "2026-11-23 14:00", "Half an hour before the break, half after"),
    (City, hours(1), "2026-11-23 10:30", "2026-11-23 11:30", "Just up to the break"),
    (City, hours(1), "2026-11-23 16:30", "2026-11-24 07:30", "Half an hour before closing, half on Tuesday"),
    (City, hours(2), "2026-11-27 16:00", "2026-11-30 08:00", "An hour on Friday, one on Monday"),
    (City, hours(4), "2026-11-27 13:30", "2026-11-30 07:30", "Three and a half on Friday, a half on Monday"),
    (City, hours(4), "2026-11-23 07:00", "2026-11-23 11:00", "All in the morning"),
    (City, hours(8), "2026-11-29 10:00", "2026-11-30 17:00", "Sunday: the whole of Monday"),
    (
        City,
        hours(12),
        "2026-11-23 09:00",
        "2026-11-24 15:00",
        "Six on Monday; on Tuesday the morning\'s four and a half, and one and a half",
    ),
    (City, hours(240), "2026-11-23 07:00", "2027-01-04 17:00", "\"30 ngày / 240 giờ\": the same as thirty days"),
    // Plain days.
    (City, days(1), "2026-11-23 16:00", "2026-11-24 17:00", "The next day, to its end; 24/11 is not enacted"),
    (City, days(1), "2026-11-27 08:00", "2026-11-30 17:00", "Saturday moves to Monday"),
    (City, days(1), "2026-01-09 08:00", "2026-01-10 17:00", "The made-up Saturday is a working day"),
    (City, days(3), "2026-11-23 23:00", "2026-11-27 17:00", "After closing: counts from Tuesday, so Friday"),
    (City, days(3), "2026-11-27 18:00", "2026-12-03 17:00", "Friday night counts from Monday: Thursday"),
    (City, days(5), "2026-11-23 09:12", "2026-11-30 17:00", "Saturday the 28th moves to Monday"),
    (City, days(7), "2026-02-10 10:00", "2026-02-23 17:00", "Tết's first day moves behind Tết"),
    (City, days(10), "2026-11-23 09:12", "2026-12-03 17:00", "Weekends count: ten days on"),
    (City, days(15), "2026-12-18 09:00", "2027-01-04 17:00", "2 January is a Saturday: Monday the 4th"),
    (City, days(30), "2026-04-01 14:00", "2026-05-04 17:00", "1 May is off, then a weekend"),
    (City, days(30), "2026-11-23 10:00", "2026-12-23 17:00", "Thirty days on is a Wednesday"),
    (City, days(45), "2026-06-01 10:00", "2026-07-16 17:00", "29 days are left of June, 16 of July: a Thursday"),
    // The police.
    (Police, work(7), "2026-11-23 10:00", "2026-12-02 10:00", "1.004222: no time limit runs on Saturdays"),
    (Police, work(7), "2026-11-28 09:00", "2026-12-08 17:00", "Received on a Saturday: seven days from Monday, whole"),
    (Police, work(3), "2026-11-27 10:00", "2026-12-02 10:00", "1.004194 over a weekend"),
    (Police, SPOT, "2026-11-28 09:00", "2026-11-30 17:00", "Reception only: Monday's"),
    (Police, hours(1), "2026-11-28 09:00", "2026-11-30 08:00", "Saturday counts for nothing: Monday from 07:00"),
    (Police, hours(1), "2026-11-27 16:30", "2026-11-30 07:30", "From Friday to Monday, over the open Saturday"),
    (Police, days(5), "2026-11-23 09:12", "2026-11-30 17:00", "A promise is not kept on a Saturday morning"),
    (Police, work(1), "2026-08-21 08:00", "2026-08-22 08:00", "The made-up Saturday works like a Monday for them too"),
    // 24 November switched on.
    (Announced, work(1), "2026-11-23 08:00", "2026-11-25 08:00", "Tuesday is off"),
    (Announced, SPOT, "2026-11-23 15:30", "2026-11-25 17:00", "Wednesday is the next working day"),
    (Announced, days(1), "2026-11-23 08:00", "2026-11-25 17:00", "Tuesday moves to Wednesday"),
];

type Waited =
    (TimeLimit, &'static str, SupplementClock, &'static [(&'static str, &'static str)], &'static str, &'static str);

/// After papers were asked for, at an office of the city.
const WAITED: &[Waited] = &[
    (
        work(3),
        "2026-11-23 10:00",
        Restart,
        &[("2026-11-24 09:00", "2026-11-30 09:00")],
        "2026-12-03 09:00",
        "Three days from Monday the 30th",
    ),
    (
        work(3),
        "2026-11-23 10:00",
        Restart,
        &[("2026-11-24 09:00", "2026-11-28 09:00")],
        "2026-12-02 17:00",
        "Brought on a Saturday: from Monday, whole",
    ),
    (
        work(3),
        "2026-11-23 10:00",
        Pause,
        &[("2026-11-24 10:00", "2026-11-30 10:00")],
        "2026-12-02 10:00",
        "One day had run; two are left from the 30th",
    ),
    (
        work(3),
        "2026-11-23 10:00",
        Pause,
        &[("2026-11-23 10:00", "2026-11-25 10:00")],
        "2026-11-30 10:00",
        "Nothing had run: as if it came on Wednesday",
    ),
    (
        work(3),
        "2026-11-23 07:00",
        Pause,
        &[("2026-11-23 11:30", "2026-11-24 13:30")],
        "2026-11-26 17:00",
        "Four and a half of 24 hours had run; Tuesday afternoon, Wednesday, Thursday are 19.5",
    ),
    (
        work(3),
        "2026-11-23 10:00",
        Pause,
        &[("2026-11-24 10:00", "2026-11-25 10:00"), ("2026-11-26 10:00", "2026-11-27 10:00")],
        "2026-11-30 10:00",
        "Two waits of a day each: one day was left on Friday",
    ),
    (
        work(1),
        "2026-11-23 10:00",
        Pause,
        &[("2026-11-26 10:00", "2026-11-27 10:00")],
        "2026-11-27 10:00",
        "It was overdue when papers were asked for: nothing is left",
    ),
    (
        work(3),
        "2026-11-27 16:00",
        Pause,
        &[("2026-11-28 09:00", "2026-11-29 09:00")],
        "2026-12-02 16:00",
        "The wait lay in a weekend and moves nothing",
    ),
    (
        hours(4),
        "2026-11-23 09:00",
        Pause,
        &[("2026-11-23 10:00", "2026-11-23 14:00")],
        "2026-11-23 17:00",
        "One hour had run; three from 14:00",
    ),
    (
        days(10),
        "2026-11-23 09:00",
        Pause,
        &[("2026-11-25 09:00", "2026-11-30 09:00")],
        "2026-12-08 17:00",
        "Five days later than 3 December",
    ),
    (
        days(5),
        "2026-11-23 09:00",
        Pause,
        &[("2026-11-24 09:00", "2026-11-25 09:00")],
        "2026-11-30 17:00",
        "Saturday the 28th is now Sunday the 29th: Monday",
    ),
    (
        days(5),
        "2026-11-23 09:00",
        Restart,
        &[("2026-11-24 09:00", "2026-11-25 09:00")],
        "2026-11-30 17:00",
        "Five days from Wednesday",
    ),
    (
        SPOT,
        "2026-11-23 09:00",
        Pause,
        &[("2026-11-23 10:00", "2026-11-25 15:30")],
        "2026-11-26 17:00",
        "Complete on Wednesday after the cutoff: Thursday",
    ),
    (
        SPOT,
        "2026-11-23 09:00",
        Restart,
        &[("2026-11-23 10:00", "2026-11-23 14:00")],
        "2026-11-23 17:00",
        "Complete the same day before the cutoff",
    ),
];

#[test]
fn the_table_holds() {
    let city = Calendars::hanoi().unwrap();
    let announced = Calendars::hanoi_with(Announcements::Counted).unwrap();
    for &(table, limit, accepted, expected, why) in CASES {
        let (calendars, authority) = match table {
            City => (&city, Authority::Commune),
            Police => (&city, Authority::CommunePolice),
            Announced => (&announced, Authority::Commune),
        };
        let calendar = calendars.of(Some(authority), None).calendar;
        let promise = intake::due::due(limit, at(accepted), calendar).unwrap();
        assert_eq!(promise.at, at(expected), "{limit:?} from {accepted}: {why}");
        assert_eq!(promise.calendar_version, calendar.version());
        assert_eq!(promise.reasoning[0], ReasonStep::Received { at: minute(accepted) });
    }
}

#[test]
fn the_table_of_supplements_holds() {
    let city = Calendars::hanoi().unwrap();
    let calendar = city.of(Some(Authority::Commune), None).calendar;
    for &(limit, accepted, clock, waits, expected, why) in WAITED {
        let waits: Vec<Wait> =
            waits.iter().map(|(asked, brought)| Wait { asked: at(asked), brought: at(brought) }).collect();
        let promise = due_after(limit, at(accepted), &waits, clock, calendar).unwrap();
        assert_eq!(promise.at, at(expected), "{limit:?} from {accepted}, {clock:?}: {why}");
        let told = promise.reasoning.iter().filter(|step| matches!(step, ReasonStep::Waited { .. })).count();
        assert_eq!(told, waits.len(), "every wait is told: {:?}", promise.reasoning);
    }
}

#[test]
fn the_table_is_as_long_as_it_says() {
    assert!(CASES.len() + WAITED.len() >= 100, "{}", CASES.len() + WAITED.len());
    assert!(CASES.iter().all(|case| !case.4.is_empty()));
}

/// The minute that a receipt would show.
fn minute(text: &str) -> Moment {
    at(&text[.."2026-11-23 09:12".len()])
}
