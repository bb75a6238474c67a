//! What a kiosk decides: numbers, and what becomes of their paper.

use super::{Answer, Deciding, Decision, Effect, Refused, about};
use crate::event::Subject;
use crate::fact::{CopyRequested, NumbersLeftOut, PaperOutcome, PaperReported, PaperSettled, TicketIssued};
use crate::ids::{IntentId, JobId, ProcedureCode, VisitId};
use crate::person::Identity;
use crate::queue::{Paper, Priority, Stage, TicketNumber};
use jiff::ToSpan;

/// How many numbers a kiosk with a restored disk leaves out, once: more than it can have given since the copy was made that
/// day.
pub const PERHAPS_GIVEN: u32 = 500;
/// How many days off a clock may have been when a kiosk gave the numbers that are missing.
const DAYS_BESIDE: i64 = 3;
/// How long a paper may be on its way before a person may settle it or ask for another, in milliseconds.
pub const PAPER_OVERDUE_MS: i64 = 60_000;

impl Deciding<'_> {
    pub(super) fn take_number(
        &mut self,
        intent: IntentId,
        procedure: ProcedureCode,
        identity: Option<Identity>,
        priority: Option<Priority>,
        language: String,
    ) -> Result<Decision, Refused> {
        if let Some(subject) = self.state.outcome_of(intent) {
            return Ok(Decision::nothing(Answer::Already(subject.clone())));
        }
        if self.here.catalogue.get(&procedure).is_none() {
            return Err(Refused::ProcedureUnknown(procedure));
        }
        let visit = VisitId(self.id());
        let job = JobId(self.id());
        let day = self.now.day();
        // With the number itself, if it could not be written before: no number of a disk that was put back goes without.
        let left_out = if self.here.knows_its_past { vec![] } else { self.leave_out_numbers().drafts };
        let skipped = if left_out.is_empty() { 0 } else { PERHAPS_GIVEN };
        let sequence = self.state.last_number(&self.here.prefix, day) + skipped + 1;
        let issued = TicketIssued {
            intent,
            number: TicketNumber { prefix: self.here.prefix.clone(), sequence },
            day,
            procedure,
            priority: priority.or_else(|| self.priority_by_age(identity.as_ref())),
            language,
            at: self.now,
            job,
        };
        let mut draft = self.at_site(Subject::Visit(visit), issued);
        draft.personal = about(identity);
        let drafts = left_out.into_iter().chain([draft]).collect();
        Ok(Decision::of(drafts, Answer::Visit(visit)).with(Effect::PrintTicket { job, visit, copy: false }))
    }

    /// A new life of the disk, of which nobody knows what is missing: leaves out more numbers than a day gives, in the log,
    /// so that a copy of this very disk knows of it too. Once a life.
    pub(super) fn leave_out_numbers(&mut self) -> Decision {
        let (prefix, day, life) = (self.here.prefix.clone(), self.now.day(), self.here.incarnation);
        if prefix.is_empty() || self.state.has_left_out(life) {
            return Decision::nothing(Answer::Done);
        }
        // The days beside it too: the clock may be off now, or have been in the missing time.
        let days = (-DAYS_BESIDE..=DAYS_BESIDE).filter_map(|beside| day.checked_add(beside.days()).ok());
        let left_out = |day| {
            let through = self.state.last_number(&prefix, day) + PERHAPS_GIVEN;
            NumbersLeftOut { prefix: prefix.clone(), day, through, life }
        };
        let subject = Subject::Station(self.here.station);
        let drafts = days.map(|day| self.at_site(subject.clone(), left_out(day))).collect();
        Decision::of(drafts, Answer::Done)
    }

    fn priority_by_age(&self, identity: Option<&Identity>) -> Option<Priority> {
        let age_years = self.now.day().year() - identity?.birth_year()?;
        (age_years >= self.here.rules.priority_age_years).then_some(Priority::Elderly)
    }

    pub(super) fn paper_reported(
        &mut self,
        visit: VisitId,
        job: JobId,
        outcome: PaperOutcome,
        fault: Option<String>,
    ) -> Result<Decision, Refused> {
        let known = self.state.visit(visit).ok_or(Refused::StepNotLegal)?;
        if known.job != job || known.paper != Paper::Printing {
            return Ok(Decision::nothing(Answer::Visit(visit)));
        }
        let report = PaperReported { job, outcome, fault };
        Ok(Decision::of(vec![self.at_site(Subject::Visit(visit), report)], Answer::Visit(visit)))
    }

    pub(super) fn settle_paper(&mut self, visit: VisitId, came_out: bool) -> Result<Decision, Refused> {
        let known = self.state.visit(visit).ok_or(Refused::StepNotLegal)?;
        if known.paper.may_be_called() {
            return Ok(Decision::nothing(Answer::Visit(visit)));
        }
        let settled = PaperSettled { came_out };
        Ok(Decision::of(vec![self.at_site(Subject::Visit(visit), settled)], Answer::Visit(visit)))
    }

    /// Another copy of a ticket: only of one whose paper is not known to be out, so that two papers are the exception.
    pub(super) fn copy_ticket(&mut self, visit: VisitId) -> Result<Decision, Refused> {
        let known = self.state.visit(visit).ok_or(Refused::StepNotLegal)?;
        let on_its_way = known.paper == Paper::Printing && self.now.0 - known.paper_since.0 < PAPER_OVERDUE_MS;
        if on_its_way || known.stage != Stage::Waiting {
            return Err(Refused::StepNotLegal);
        }
        let copy = known.paper != Paper::NotPrinted;
        let job = JobId(self.id());
        let draft = self.at_site(Subject::Visit(visit), CopyRequested { job, at: self.now });
        Ok(Decision::of(vec![draft], Answer::Visit(visit)).with(Effect::PrintTicket { job, visit, copy }))
    }
}
