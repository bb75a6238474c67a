//! When a result is promised (ngày hẹn trả), and why: every step of the reckoning is told.
//!
//! The reckoning follows a working provincial system and NĐ 61/2018 Art. 18: a dossier that comes in outside working time
//! counts from the next opening; a working day is eight hours; what is done on the spot is done the same day, or the
//! next working day after the cutoff; plain days are all counted to the end of the last, which moves off a day off.
//! Seconds are dropped, so that a promise can be checked against the minute that the receipt shows.

use crate::calendar::{Calendar, DayKind, Standing, days_between, whole_minute};
use crate::catalogue::TimeLimit;
use crate::moment::Moment;
use crate::rules::SupplementClock;
use jiff::ToSpan;
use jiff::civil::{Date, Time};
use serde::{Deserialize, Serialize};

mod supplement;
pub use supplement::{Wait, due_after};

/// A working day in minutes, as the decisions print it ("30 ngày / 240 giờ").
pub const WORKING_DAY_MINUTES: u32 = 8 * 60;

/// A promise.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Due {
    /// When the result is promised.
    pub at: Moment,
    /// The table of working time that it was reckoned with.
    pub calendar_version: String,
    /// How it was reckoned, in order.
    pub reasoning: Vec<ReasonStep>,
    /// What it rests on that is not certain.
    pub assumptions: Vec<Assumption>,
}

/// A step of the reckoning.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum ReasonStep {
    /// The dossier came in.
    Received {
        /// When.
        at: Moment,
    },
    /// It came in outside working time, and counts from here.
    CountsFrom {
        /// When.
        at: Moment,
        /// Why not from its receipt.
        because: OutsideHours,
    },
    /// The limit that was counted.
    Limit {
        /// The limit.
        limit: TimeLimit,
    },
    /// It came in before the cutoff: the same day.
    BeforeCutoff {
        /// The cutoff.
        cutoff: Time,
    },
    /// It came in after the cutoff: the next working day.
    AfterCutoff {
        /// The cutoff.
        cutoff: Time,
        /// The next working day.
        next: Date,
    },
    /// Days of the week on which no time runs were passed over.
    WeekendSkipped {
        /// The first.
        from: Date,
        /// The last.
        to: Date,
    },
    /// A holiday was passed over.
    HolidaySkipped {
        /// Which day.
        day: Date,
        /// Its name in Vietnamese.
        name_vi: String,
        /// Its name in English.
        name_en: String,
    },
    /// A made-up working day was counted.
    MadeUpDayCounted {
        /// Which day.
        day: Date,
        /// Its name in Vietnamese.
        name_vi: String,
        /// Its name in English.
        name_en: String,
    },
    /// The citizen was asked for more papers, and brought them.
    Waited {
        /// From when.
        from: Moment,
        /// Until when.
        to: Moment,
        /// What that does to the limit.
        clock: SupplementClock,
    },
    /// What was left of the limit when the clock ran on.
    Left {
        /// Working time in minutes.
        working_minutes: u32,
        /// From when it runs.
        from: Moment,
    },
    /// The end fell on a day off and moved behind it.
    MovedOffDayOff {
        /// Where it fell.
        from: Date,
        /// Where it is now.
        to: Date,
    },
}

/// Why a dossier does not count from the moment of its receipt.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutsideHours {
    /// Before the first shift.
    BeforeOpening,
    /// Between two shifts.
    Break,
    /// After the last shift.
    AfterClosing,
    /// On a day without work.
    DayOff,
    /// People were received, but no time limit runs then.
    ReceptionOnly,
}

/// Something uncertain that a promise rests on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "assumption", rename_all = "snake_case")]
pub enum Assumption {
    /// The hours of work are assumed.
    Hours {
        /// The first day of the week's row.
        since: Date,
        /// Where they are from.
        source: String,
    },
    /// No table of working time is known for the agency; the city's was used.
    CityTable {
        /// Which agency.
        agency: String,
    },
    /// A holiday or made-up working day on the way is assumed.
    Day {
        /// Which day.
        day: Date,
        /// Its name in Vietnamese.
        name_vi: String,
        /// Its name in English.
        name_en: String,
    },
    /// A day on the way was announced as a holiday, is not enacted, and was counted as an ordinary day.
    AnnouncedNotCounted {
        /// Which day.
        day: Date,
        /// Its name in Vietnamese.
        name_vi: String,
        /// Its name in English.
        name_en: String,
    },
    /// The table does not know the holidays from this day on.
    BeyondTable {
        /// The first day on the way that is not covered.
        from: Date,
    },
}

/// When the result of a dossier accepted at `accepted` is promised; none where no day is promised
/// ([`TimeLimit::None`]).
pub fn due(limit: TimeLimit, accepted: Moment, calendar: &Calendar) -> Option<Due> {
    let accepted = Moment::from_civil(whole_minute(accepted));
    let start = calendar.next_working(accepted)?;
    let mut reasoning = begun(accepted, start, calendar);
    reasoning.push(ReasonStep::Limit { limit });
    let at = match limit {
        TimeLimit::None => return None,
        TimeLimit::Instant { same_day_cutoff } => instant(same_day_cutoff, start, calendar, &mut reasoning)?,
        TimeLimit::WorkingHours { hours } => calendar.add_working_minutes(start, u32::from(hours) * 60)?,
        TimeLimit::WorkingDays { days } => {
            calendar.add_working_minutes(start, u32::from(days) * WORKING_DAY_MINUTES)?
        }
        TimeLimit::CalendarDays { days } => calendar_days(days, start, calendar, &mut reasoning)?,
    };
    if !matches!(limit, TimeLimit::CalendarDays { .. }) {
        reasoning.extend(passed(start.day(), at.day(), calendar));
    }
    let assumptions = assumptions(accepted.day(), at.day(), calendar);
    Some(Due { at, calendar_version: calendar.version().to_owned(), reasoning, assumptions })
}

/// When it came in, and from when it counts.
fn begun(accepted: Moment, start: Moment, calendar: &Calendar) -> Vec<ReasonStep> {
    let mut reasoning = vec![ReasonStep::Received { at: accepted }];
    if start != accepted {
        reasoning.push(ReasonStep::CountsFrom { at: start, because: outside(accepted, calendar) });
    }
    reasoning
}

/// The day's closing, or the next working day's. A dossier that came in after closing counts as the next morning's.
fn instant(cutoff: Time, start: Moment, calendar: &Calendar, reasoning: &mut Vec<ReasonStep>) -> Option<Moment> {
    if start.civil().time() <= cutoff {
        reasoning.push(ReasonStep::BeforeCutoff { cutoff });
        return calendar.closing(start.day());
    }
    let next = calendar.next_working_day(start.day())?;
    reasoning.push(ReasonStep::AfterCutoff { cutoff, next });
    calendar.closing(next)
}

/// The closing of the day that is `days` later, or of the next working day where that is a day off (Bộ luật Dân sự 2015,
/// Art. 147 and 148: the first day is not counted, and the last one counts to its end).
fn calendar_days(days: u16, start: Moment, calendar: &Calendar, reasoning: &mut Vec<ReasonStep>) -> Option<Moment> {
    let from = start.day().checked_add(i32::from(days).days()).ok()?;
    if let Some(closing) = calendar.closing(from) {
        return Some(closing);
    }
    let to = calendar.next_working_day(from)?;
    reasoning.push(ReasonStep::MovedOffDayOff { from, to });
    reasoning.extend(passed(from, to, calendar));
    calendar.closing(to)
}

fn outside(accepted: Moment, calendar: &Calendar) -> OutsideHours {
    let now = accepted.civil();
    let mut shifts = calendar.working_shifts(now.date());
    let first = shifts.next();
    let last = shifts.last().or(first);
    match (first, last) {
        _ if calendar.is_open(accepted) => OutsideHours::ReceptionOnly,
        (Some(first), _) if now.time() < first.from => OutsideHours::BeforeOpening,
        (_, Some(last)) if now.time() < last.to => OutsideHours::Break,
        (Some(_), _) => OutsideHours::AfterClosing,
        (None, _) => OutsideHours::DayOff,
    }
}

/// What was passed over from `first` to `last`, day by day; days off of the week are told as one stretch.
fn passed(first: Date, last: Date, calendar: &Calendar) -> Vec<ReasonStep> {
    let mut steps = Vec::new();
    for day in days_between(first, last) {
        match calendar.row(day) {
            Some(row) => {
                let (name_vi, name_en) = (row.name_vi.clone(), row.name_en.clone());
                steps.push(match row.kind {
                    DayKind::Holiday => ReasonStep::HolidaySkipped { day, name_vi, name_en },
                    DayKind::WorksLike(_) => ReasonStep::MadeUpDayCounted { day, name_vi, name_en },
                });
            }
            None if calendar.is_working_day(day) => {}
            None => match steps.last_mut() {
                Some(ReasonStep::WeekendSkipped { to, .. }) if to.tomorrow().is_ok_and(|next| next == day) => {
                    *to = day;
                }
                _ => steps.push(ReasonStep::WeekendSkipped { from: day, to: day }),
            },
        }
    }
    steps
}

fn assumptions(first: Date, last: Date, calendar: &Calendar) -> Vec<Assumption> {
    let mut found = Vec::new();
    let week = calendar.week(first);
    if week.standing == Standing::Assumed {
        found.push(Assumption::Hours { since: week.from, source: week.source.clone() });
    }
    for day in days_between(first, last) {
        if let Some(row) = calendar.row(day).filter(|row| row.standing == Standing::Assumed) {
            let (name_vi, name_en) = (row.name_vi.clone(), row.name_en.clone());
            found.push(Assumption::Day { day, name_vi, name_en });
        }
        if let Some(row) = calendar.ignored_row(day) {
            let (name_vi, name_en) = (row.name_vi.clone(), row.name_en.clone());
            found.push(Assumption::AnnouncedNotCounted { day, name_vi, name_en });
        }
    }
    if let Some(from) = days_between(first, last).find(|&day| !calendar.covers(day)) {
        found.push(Assumption::BeyondTable { from });
    }
    found
}
