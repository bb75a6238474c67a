//! A promise after the citizen was asked for more papers: the clock starts anew or had stood still, as the rules say.

use super::{Due, ReasonStep, WORKING_DAY_MINUTES, assumptions, begun, due, passed};
use crate::calendar::{Calendar, whole_minute};
use crate::catalogue::TimeLimit;
use crate::moment::Moment;
use crate::rules::SupplementClock;
use jiff::ToSpan;

/// A time in which the office waited for the citizen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Wait {
    /// When papers were asked for.
    pub asked: Moment,
    /// When they came.
    pub brought: Moment,
}

/// When the result is promised once the papers have come; none where no day is promised.
///
/// `waits` are in order; a wait that ended before it began counts as none.
pub fn due_after(
    limit: TimeLimit,
    accepted: Moment,
    waits: &[Wait],
    clock: SupplementClock,
    calendar: &Calendar,
) -> Option<Due> {
    let Some(last) = waits.last() else {
        return due(limit, accepted, calendar);
    };
    let whole = match clock {
        SupplementClock::Restart => due(limit, last.brought, calendar)?,
        SupplementClock::Pause => paused(limit, accepted, waits, calendar)?,
    };
    let told = |wait: &Wait| ReasonStep::Waited { from: minute(wait.asked), to: minute(wait.brought), clock };
    let mut reasoning = vec![ReasonStep::Received { at: minute(accepted) }];
    reasoning.extend(waits.iter().map(told));
    reasoning.extend(whole.reasoning.into_iter().skip(1));
    Some(Due { reasoning, ..whole })
}

fn minute(moment: Moment) -> Moment {
    Moment::from_civil(whole_minute(moment))
}

/// The working time (or, for plain days, the days) that had run before each wait is kept.
fn paused(limit: TimeLimit, accepted: Moment, waits: &[Wait], calendar: &Calendar) -> Option<Due> {
    let total = match limit {
        TimeLimit::WorkingHours { hours } => u32::from(hours) * 60,
        TimeLimit::WorkingDays { days } => u32::from(days) * WORKING_DAY_MINUTES,
        TimeLimit::CalendarDays { days } => return paused_days(days, accepted, waits, calendar),
        // What is done on the spot is done on the spot once it is complete.
        TimeLimit::Instant { .. } | TimeLimit::None => return due(limit, waits.last()?.brought, calendar),
    };
    let mut since = accepted;
    let mut worked = 0;
    for wait in waits {
        worked += calendar.working_minutes_between(since, wait.asked);
        since = wait.brought.max(wait.asked);
    }
    // A dossier that was overdue when papers were asked for is due as soon as they are there.
    let left = total.saturating_sub(u32::try_from(worked).unwrap_or(u32::MAX));
    let at = calendar.add_working_minutes(since, left)?;
    let since = calendar.next_working(minute(since))?;
    let mut reasoning = vec![ReasonStep::Received { at: minute(accepted) }, ReasonStep::Limit { limit }];
    reasoning.push(ReasonStep::Left { working_minutes: left, from: since });
    reasoning.extend(passed(since.day(), at.day(), calendar));
    Some(finished(at, reasoning, accepted, calendar))
}

fn paused_days(days: u16, accepted: Moment, waits: &[Wait], calendar: &Calendar) -> Option<Due> {
    let start = calendar.next_working(minute(accepted))?;
    let length = |wait: &Wait| (wait.brought.day() - wait.asked.day()).get_days().max(0);
    let waited: i32 = waits.iter().map(length).sum();
    let end = start.day().checked_add((i32::from(days) + waited).days()).ok()?;
    let last = waits.last().map_or(accepted, |wait| wait.brought).day();
    let end = end.max(last);
    let mut reasoning = begun(minute(accepted), start, calendar);
    reasoning.push(ReasonStep::Limit { limit: TimeLimit::CalendarDays { days } });
    if let Some(at) = calendar.closing(end) {
        return Some(finished(at, reasoning, accepted, calendar));
    }
    let to = calendar.next_working_day(end)?;
    reasoning.push(ReasonStep::MovedOffDayOff { from: end, to });
    reasoning.extend(passed(end, to, calendar));
    Some(finished(calendar.closing(to)?, reasoning, accepted, calendar))
}

fn finished(at: Moment, reasoning: Vec<ReasonStep>, accepted: Moment, calendar: &Calendar) -> Due {
    let assumptions = assumptions(accepted.day(), at.day(), calendar);
    Due { at, calendar_version: calendar.version().to_owned(), reasoning, assumptions }
}
