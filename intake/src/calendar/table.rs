//! The table of an agency's working time, as a document: what a row may say, and when a table holds together.

use jiff::civil::{Date, Time};
use serde::{Deserialize, Serialize};

/// How sure a row is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// A law or a decision sets it.
    Enacted,
    /// It has been announced and is not enacted: it does not count until somebody switches it on.
    Announced,
    /// Our assumption, until a source is found: it counts, and is told with every date that rests on it.
    Assumed,
}

/// What a shift is for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Duty {
    /// People are received and time limits run.
    #[default]
    Work,
    /// People are received; no time limit runs.
    ReceptionOnly,
}

/// A stretch of a day in which the office is open: from (included) to (not included).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shift {
    /// The first minute.
    pub from: Time,
    /// The minute after the last.
    pub to: Time,
    /// What it is for.
    #[serde(default)]
    pub duty: Duty,
}

/// A day of the week.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum DayOfWeek {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

/// The shifts of some days of the week.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WeekRow {
    /// Which days.
    pub days: Vec<DayOfWeek>,
    /// Their shifts, in order.
    pub shifts: Vec<Shift>,
}

/// An office's week, from a day on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Week {
    /// The first day.
    pub from: Date,
    /// The shifts; a day that is not named has none.
    pub rows: Vec<WeekRow>,
    /// How sure it is.
    pub standing: Standing,
    /// Who says so.
    pub source: String,
}

/// What is unlike other days.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayKind {
    /// The office is closed.
    Holiday,
    /// A made-up working day (làm bù): the office works as on the given day of the week.
    WorksLike(DayOfWeek),
}

/// A day that is unlike others of its weekday.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DayRow {
    /// Which day.
    pub day: Date,
    /// What it is.
    pub kind: DayKind,
    /// In Vietnamese.
    pub name_vi: String,
    /// In English.
    pub name_en: String,
    /// How sure it is.
    pub standing: Standing,
    /// Who says so.
    pub source: String,
}

/// A table of an agency's working time, as a document.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalendarTable {
    /// Its version: a promise names the one that it was reckoned with.
    pub version: String,
    /// The day on which the data was collected.
    pub as_of: Date,
    /// The first day of which the table knows the holidays.
    pub covers_from: Date,
    /// The last.
    pub covers_until: Date,
    /// The weeks; the latest that has begun counts.
    pub weeks: Vec<Week>,
    /// Holidays and made-up working days.
    pub days: Vec<DayRow>,
}

/// What is wrong with a table.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CalendarFault {
    /// It is not the JSON of a table.
    #[error("not a calendar: {0}")]
    Unreadable(String),
    /// No week begins on or before the first day covered.
    #[error("no week covers {0}")]
    NoWeek(Date),
    /// A week without any counted working time: nothing would ever fall due.
    #[error("the week from {0} has no working time")]
    NoWork(Date),
    /// Shifts of a day that overlap, are empty or out of order; or a day of the week that stands twice.
    #[error("the week from {0} has shifts out of order, or a day twice")]
    Shifts(Date),
    /// A day stands twice.
    #[error("{0} stands twice")]
    DayTwice(Date),
    /// A day lies outside of what the table covers, or the table ends before it begins.
    #[error("{0} is not covered by the table")]
    Outside(Date),
}

impl Shift {
    /// Whether `time` lies in it.
    pub fn holds(&self, time: Time) -> bool {
        self.from <= time && time < self.to
    }
}

impl DayOfWeek {
    /// The day of the week of `day`.
    pub fn of(day: Date) -> Self {
        use jiff::civil::Weekday;
        match day.weekday() {
            Weekday::Monday => DayOfWeek::Mon,
            Weekday::Tuesday => DayOfWeek::Tue,
            Weekday::Wednesday => DayOfWeek::Wed,
            Weekday::Thursday => DayOfWeek::Thu,
            Weekday::Friday => DayOfWeek::Fri,
            Weekday::Saturday => DayOfWeek::Sat,
            Weekday::Sunday => DayOfWeek::Sun,
        }
    }
}

impl CalendarTable {
    /// Checks that the weeks, sorted by their first day, cover the table and hold work.
    pub(super) fn check(&self) -> Result<(), CalendarFault> {
        if self.covers_until < self.covers_from {
            return Err(CalendarFault::Outside(self.covers_until));
        }
        if self.weeks.first().is_none_or(|week| self.covers_from < week.from) {
            return Err(CalendarFault::NoWeek(self.covers_from));
        }
        for week in &self.weeks {
            let mut seen = Vec::new();
            let mut days = week.rows.iter().flat_map(|row| &row.days);
            let twice = days.any(|day| {
                let known = seen.contains(day);
                seen.push(*day);
                known
            });
            if twice || !week.rows.iter().all(|row| in_order(&row.shifts)) {
                return Err(CalendarFault::Shifts(week.from));
            }
            let works = |row: &WeekRow| !row.days.is_empty() && row.shifts.iter().any(|shift| shift.duty == Duty::Work);
            if !week.rows.iter().any(works) {
                return Err(CalendarFault::NoWork(week.from));
            }
        }
        Ok(())
    }
}

fn in_order(shifts: &[Shift]) -> bool {
    let whole = |time: Time| time.second() == 0 && time.subsec_nanosecond() == 0;
    let each = shifts.iter().all(|it| it.from < it.to && whole(it.from) && whole(it.to));
    each && shifts.windows(2).all(|pair| pair[0].to <= pair[1].from)
}
