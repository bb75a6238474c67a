//! When an office works: weekly shifts, holidays and made-up working days, as dated data with sources.
//!
//! An office may receive people at a time that no time limit counts (the police on Saturday mornings), so being open
//! and counting are two things. Shifts are half open: at 11:30 the morning is over.

use crate::moment::Moment;
use jiff::ToSpan;
use jiff::civil::{Date, DateTime, Time};
use std::collections::BTreeMap;

mod agencies;
mod table;
pub use agencies::{AgencyRow, Calendars, CalendarsFault, Found};
pub use table::{CalendarFault, CalendarTable, DayKind, DayOfWeek, DayRow, Duty, Shift, Standing, Week, WeekRow};

/// Whether announced rows count.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Announcements {
    /// They do not.
    #[default]
    Ignored,
    /// They do.
    Counted,
}

/// An agency's working time, ready to reckon with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Calendar {
    table: CalendarTable,
    days: BTreeMap<Date, DayRow>,
    ignored: BTreeMap<Date, DayRow>,
}

impl Calendar {
    /// Reads and checks a table.
    pub fn parse(json: &str, announcements: Announcements) -> Result<Self, CalendarFault> {
        let table: CalendarTable =
            serde_json::from_str(json).map_err(|fault| CalendarFault::Unreadable(fault.to_string()))?;
        Self::new(table, announcements)
    }

    /// Checks a table.
    pub fn new(mut table: CalendarTable, announcements: Announcements) -> Result<Self, CalendarFault> {
        table.weeks.sort_by_key(|week| week.from);
        table.check()?;
        let (mut days, mut ignored) = (BTreeMap::new(), BTreeMap::new());
        for row in &table.days {
            if row.day < table.covers_from || table.covers_until < row.day {
                return Err(CalendarFault::Outside(row.day));
            }
            let counts = row.standing != Standing::Announced || announcements == Announcements::Counted;
            let rows = if counts { &mut days } else { &mut ignored };
            if rows.insert(row.day, row.clone()).is_some() {
                return Err(CalendarFault::DayTwice(row.day));
            }
        }
        Ok(Self { table, days, ignored })
    }

    /// The working time of Hanoi's one-stop centres, 2026 and 2027.
    pub fn hanoi() -> Result<Self, CalendarFault> {
        let json = include_str!("../../fixtures/calendars/hanoi.json");
        Self::parse(json, Announcements::Ignored)
    }

    /// The working time of police desks in Hanoi's communes, 2026 and 2027: they receive on Saturday mornings too.
    pub fn hanoi_police() -> Result<Self, CalendarFault> {
        let json = include_str!("../../fixtures/calendars/hanoi-police.json");
        Self::parse(json, Announcements::Ignored)
    }

    /// The table's version.
    pub fn version(&self) -> &str {
        &self.table.version
    }

    /// The day on which the table was collected.
    pub fn as_of(&self) -> Date {
        self.table.as_of
    }

    /// Whether the table knows the holidays of `day`.
    pub fn covers(&self, day: Date) -> bool {
        (self.table.covers_from..=self.table.covers_until).contains(&day)
    }

    /// The holiday or made-up working day on `day`, where there is one that counts.
    pub fn row(&self, day: Date) -> Option<&DayRow> {
        self.days.get(&day)
    }

    /// The row on `day` that was announced and does not count.
    pub fn ignored_row(&self, day: Date) -> Option<&DayRow> {
        self.ignored.get(&day)
    }

    /// The week that holds on `day`.
    pub fn week(&self, day: Date) -> &Week {
        let weeks = &self.table.weeks;
        // A table without weeks cannot be made, and before the first the first holds.
        weeks.iter().rev().find(|week| week.from <= day).unwrap_or(&weeks[0])
    }

    /// The shifts of `day`, of either duty.
    pub fn shifts(&self, day: Date) -> &[Shift] {
        let weekday = match self.days.get(&day).map(|row| row.kind) {
            Some(DayKind::Holiday) => return &[],
            Some(DayKind::WorksLike(weekday)) => weekday,
            None => DayOfWeek::of(day),
        };
        let mut rows = self.week(day).rows.iter();
        rows.find(|row| row.days.contains(&weekday)).map_or(&[], |row| &row.shifts)
    }

    /// The shifts of `day` in which time limits run.
    pub fn working_shifts(&self, day: Date) -> impl Iterator<Item = &Shift> {
        self.shifts(day).iter().filter(|shift| shift.duty == Duty::Work)
    }

    /// Whether time limits run at any time of `day`.
    pub fn is_working_day(&self, day: Date) -> bool {
        self.working_shifts(day).next().is_some()
    }

    /// Whether time limits run at `moment`.
    pub fn is_working(&self, moment: Moment) -> bool {
        let now = moment.civil();
        self.working_shifts(now.date()).any(|shift| shift.holds(now.time()))
    }

    /// Whether people are received at `moment`.
    pub fn is_open(&self, moment: Moment) -> bool {
        let now = moment.civil();
        self.shifts(now.date()).iter().any(|shift| shift.holds(now.time()))
    }

    /// The first moment, `moment` or later, at which time limits run. None only beyond the end of all calendars.
    pub fn next_working(&self, moment: Moment) -> Option<Moment> {
        if self.is_working(moment) {
            return Some(moment);
        }
        self.first_shift(moment, |shift| shift.duty == Duty::Work)
    }

    /// The first moment, `moment` or later, at which people are received.
    pub fn next_opening(&self, moment: Moment) -> Option<Moment> {
        if self.is_open(moment) {
            return Some(moment);
        }
        self.first_shift(moment, |_| true)
    }

    /// The first working day after `day`.
    pub fn next_working_day(&self, day: Date) -> Option<Date> {
        days_from(day.tomorrow().ok()?).find(|&next| self.is_working_day(next))
    }

    /// When the work of `day` ends; none on a day without work.
    pub fn closing(&self, day: Date) -> Option<Moment> {
        let last = self.working_shifts(day).last()?;
        Some(Moment::from_civil(day.to_datetime(last.to)))
    }

    /// The earliest moment at which the office has worked for `minutes` since `start`, counted in whole minutes.
    pub fn add_working_minutes(&self, start: Moment, minutes: u32) -> Option<Moment> {
        let begin = whole_minute(self.next_working(start)?);
        let mut left = i64::from(minutes);
        let mut day = begin.date();
        let mut since = begin.time();
        // Every table has work in each year, so this ends.
        loop {
            for shift in self.working_shifts(day).filter(|shift| since < shift.to) {
                let from = shift.from.max(since);
                let here = minutes_between(from, shift.to);
                if left <= here {
                    let at = from.checked_add(left.minutes()).ok()?;
                    return Some(Moment::from_civil(day.to_datetime(at)));
                }
                left -= here;
            }
            day = self.next_working_day(day)?;
            since = Time::midnight();
        }
    }

    /// How many whole minutes the office works from `start` to `end`; none when `end` is the earlier.
    pub fn working_minutes_between(&self, start: Moment, end: Moment) -> u64 {
        let (from, to) = (whole_minute(start), whole_minute(end));
        let days = days_between(from.date(), to.date());
        let minutes = days.map(|day| {
            let since = if day == from.date() { from.time() } else { Time::midnight() };
            let until = if day == to.date() { to.time() } else { Time::MAX };
            let of = |shift: &Shift| minutes_between(shift.from.max(since), shift.to.min(until));
            self.working_shifts(day).map(|shift| of(shift).max(0)).sum::<i64>()
        });
        minutes.sum::<i64>().max(0) as u64
    }

    fn first_shift(&self, moment: Moment, fits: impl Fn(&Shift) -> bool) -> Option<Moment> {
        let now = moment.civil();
        days_from(now.date()).find_map(|day| {
            let mut shifts = self.shifts(day).iter();
            let at = |shift: &Shift| day.to_datetime(shift.from);
            shifts.find(|shift| fits(shift) && now <= at(shift)).map(|shift| Moment::from_civil(at(shift)))
        })
    }
}

/// The days from `first` to `last`, both included.
pub(crate) fn days_between(first: Date, last: Date) -> impl Iterator<Item = Date> {
    days_from(first).take_while(move |day| *day <= last)
}

/// What a clock that shows no seconds shows.
pub(crate) fn whole_minute(moment: Moment) -> DateTime {
    let civil = moment.civil();
    civil.date().at(civil.hour(), civil.minute(), 0, 0)
}

fn days_from(first: Date) -> impl Iterator<Item = Date> {
    std::iter::successors(Some(first), |day| day.tomorrow().ok())
}

fn minutes_between(from: Time, to: Time) -> i64 {
    let minutes = |time: Time| i64::from(time.hour()) * 60 + i64::from(time.minute());
    minutes(to) - minutes(from)
}
