//! What a counter decides of the queue: whom to call, who waits for whom, when the desk rests.

use super::{Answer, Deciding, Decision, Effect, Refused, desk_is_free, next_to_call};
use crate::event::{Draft, Subject};
use crate::fact::{
    DeskPaused, DeskResumed, OfficerSignedIn, OfficerSignedOut, ServiceAdded, TicketAdmitted, TicketCalled,
    TicketMissed, TicketParked, TicketReturned, TicketTransferred, VisitClosed,
};
use crate::ids::{OfficerId, ProcedureCode, VisitId};
use crate::queue::{PauseReason, Stage, TransferTo, Visit};
use std::collections::BTreeSet;

impl Deciding<'_> {
    pub(super) fn sign_in(&mut self, officer: OfficerId) -> Decision {
        let fact = OfficerSignedIn { desk: self.here.desk.clone() };
        let mut drafts = vec![self.at_site(Subject::Officer(officer), fact)];
        // Whoever paused it may have gone without signing out.
        drafts.extend(self.resumed());
        Decision::of(drafts, Answer::Done)
    }

    pub(super) fn sign_out(&mut self, officer: OfficerId) -> Decision {
        let fact = OfficerSignedOut { desk: self.here.desk.clone() };
        let mut drafts = vec![self.at_site(Subject::Officer(officer), fact)];
        drafts.extend(self.resumed());
        drafts.extend(self.let_go());
        Decision::of(drafts, Answer::Done)
    }

    /// The visit at this desk.
    fn present(&self) -> Option<&Visit> {
        self.state.visits().find(|visit| visit.is_at(&self.here.desk))
    }

    pub(super) fn present_id(&self) -> Result<VisitId, Refused> {
        self.present().map(|visit| visit.id).ok_or(Refused::StepNotLegal)
    }

    pub(super) fn admit(&mut self, visit: VisitId) -> Result<Decision, Refused> {
        let known = self.state.visit(visit).ok_or(Refused::StepNotLegal)?;
        if known.day != self.now.day() {
            return Err(Refused::TicketOld(known.day));
        }
        if known.stage == Stage::Closed {
            return Err(Refused::TicketServed);
        }
        // A desk that waits for the citizen itself, or to which they were sent, has nothing to learn.
        let is_awaited_here =
            known.parked_at(&self.here.desk).is_some() || known.sent_to.as_ref() == Some(&self.here.desk);
        let is_awaited_elsewhere = known.stage == Stage::Missed || !known.parked.is_empty() || known.sent_to.is_some();
        if is_awaited_here || (known.came_by_paper && !is_awaited_elsewhere) {
            return Ok(Decision::nothing(Answer::Visit(visit)));
        }
        let fact = TicketAdmitted { desk: self.here.desk.clone() };
        Ok(Decision::of(vec![self.at_site(Subject::Visit(visit), fact)], Answer::Visit(visit)))
    }

    pub(super) fn call_next(&mut self) -> Result<Decision, Refused> {
        let next = next_to_call(self.state, self.here, self.now, &BTreeSet::new())?;
        match next.and_then(|visit| self.state.visit(visit)) {
            Some(visit) => Ok(self.call(visit)),
            None => Ok(Decision::nothing(Answer::NobodyWaits)),
        }
    }

    pub(super) fn call_claimed(&mut self, visit: VisitId) -> Result<Decision, Refused> {
        desk_is_free(self.state, self.here)?;
        let visit = self.state.visit(visit).filter(|visit| visit.may_be_called()).ok_or(Refused::StepNotLegal)?;
        Ok(self.call(visit))
    }

    pub(super) fn recall(&mut self) -> Result<Decision, Refused> {
        self.present().map(|visit| self.call(visit)).ok_or(Refused::StepNotLegal)
    }

    fn call(&self, visit: &Visit) -> Decision {
        let fact = TicketCalled { desk: self.here.desk.clone(), at: self.now };
        let draft = self.at_site(Subject::Visit(visit.id), fact);
        Decision::of(vec![draft], Answer::Visit(visit.id)).with(Effect::Call {
            number: visit.number.clone(),
            desk: self.here.desk.clone(),
            times: visit.calls.iter().filter(|call| call.desk == self.here.desk).count() as u32 + 1,
            priority: visit.priority.is_some(),
        })
    }

    pub(super) fn miss(&mut self) -> Result<Decision, Refused> {
        let visit = self.present_id()?;
        let fact = TicketMissed { desk: self.here.desk.clone() };
        Ok(Decision::of(vec![self.at_site(Subject::Visit(visit), fact)], Answer::Visit(visit)))
    }

    pub(super) fn close(&mut self) -> Result<Decision, Refused> {
        let visit = self.present_id()?;
        let fact = VisitClosed { desk: self.here.desk.clone(), at: self.now };
        Ok(Decision::of(vec![self.at_site(Subject::Visit(visit), fact)], Answer::Visit(visit)))
    }

    /// The citizen is away from the desk for a while: it is free, and no other desk calls them.
    pub(super) fn park(&mut self) -> Result<Decision, Refused> {
        let visit = self.present_id()?;
        let fact = TicketParked { desk: self.here.desk.clone(), at: self.now };
        Ok(Decision::of(vec![self.at_site(Subject::Visit(visit), fact)], Answer::Visit(visit)))
    }

    /// Whom the desk waits for is called again.
    pub(super) fn take_back(&mut self, visit: VisitId) -> Result<Decision, Refused> {
        desk_is_free(self.state, self.here)?;
        let parked = self.state.visit(visit).filter(|visit| visit.parked_at(&self.here.desk).is_some());
        Ok(self.call(parked.ok_or(Refused::StepNotLegal)?))
    }

    /// Who is at the desk, or whom it waits for, goes back to those who wait, in the place of their number.
    pub(super) fn send_back(&mut self, visit: Option<VisitId>) -> Result<Decision, Refused> {
        let visit = match visit {
            None => self.present_id()?,
            Some(visit) => self.parked_here().find(|parked| *parked == visit).ok_or(Refused::StepNotLegal)?,
        };
        Ok(Decision::of(vec![self.sent_back(visit)], Answer::Visit(visit)))
    }

    pub(super) fn transfer(&mut self, to: TransferTo) -> Result<Decision, Refused> {
        let visit = self.present().ok_or(Refused::StepNotLegal)?;
        match &to {
            TransferTo::Desk(desk) if *desk == self.here.desk => return Err(Refused::StepNotLegal),
            TransferTo::Desk(desk) if !self.state.is_staffed(desk, self.now.day()) => {
                return Err(Refused::DeskNotStaffed(desk.clone()));
            }
            TransferTo::Service(procedure) if *procedure == visit.procedure => return Err(Refused::StepNotLegal),
            TransferTo::Service(procedure) => self.offered(procedure)?,
            TransferTo::Desk(_) => {}
        }
        let fact = TicketTransferred { desk: self.here.desk.clone(), to, at: self.now };
        Ok(Decision::of(vec![self.at_site(Subject::Visit(visit.id), fact)], Answer::Visit(visit.id)))
    }

    pub(super) fn add_service(&mut self, procedure: ProcedureCode) -> Result<Decision, Refused> {
        let visit = self.present().ok_or(Refused::StepNotLegal)?;
        self.offered(&procedure)?;
        if visit.services.contains(&procedure) {
            return Ok(Decision::nothing(Answer::Visit(visit.id)));
        }
        let fact = ServiceAdded { desk: self.here.desk.clone(), procedure };
        Ok(Decision::of(vec![self.at_site(Subject::Visit(visit.id), fact)], Answer::Visit(visit.id)))
    }

    fn offered(&self, procedure: &ProcedureCode) -> Result<(), Refused> {
        let known = self.here.catalogue.get(procedure);
        known.map(drop).ok_or_else(|| Refused::ProcedureUnknown(procedure.clone()))
    }

    pub(super) fn pause(&mut self, reason: PauseReason) -> Result<Decision, Refused> {
        match desk_is_free(self.state, self.here) {
            Err(Refused::DeskPaused) => return Err(Refused::StepNotLegal),
            free => free?,
        }
        let fact = DeskPaused { desk: self.here.desk.clone(), reason, at: self.now };
        let mut drafts = vec![self.at_site(Subject::Station(self.here.station), fact)];
        if reason == PauseReason::EndOfShift {
            drafts.extend(self.let_go());
        }
        Ok(Decision::of(drafts, Answer::Done))
    }

    pub(super) fn resume(&mut self) -> Result<Decision, Refused> {
        let resumed = self.resumed().ok_or(Refused::StepNotLegal)?;
        Ok(Decision::of(vec![resumed], Answer::Done))
    }

    /// That the desk goes on, where it is paused.
    fn resumed(&self) -> Option<Draft> {
        self.state.pause_of(&self.here.desk)?;
        let fact = DeskResumed { desk: self.here.desk.clone(), at: self.now };
        Some(self.at_site(Subject::Station(self.here.station), fact))
    }

    /// Nobody waits for a desk that calls nobody any more: whoever is to come back to it waits for any desk.
    fn let_go(&self) -> Vec<Draft> {
        self.parked_here().map(|visit| self.sent_back(visit)).collect()
    }

    fn parked_here(&self) -> impl Iterator<Item = VisitId> {
        let parked = self.state.visits().filter(|visit| visit.parked_at(&self.here.desk).is_some());
        parked.map(|visit| visit.id)
    }

    fn sent_back(&self, visit: VisitId) -> Draft {
        let fact = TicketReturned { desk: self.here.desk.clone(), at: self.now };
        self.at_site(Subject::Visit(visit), fact)
    }
}
