//! The queue at the counter: the next number, who is away for a while, who is sent on, when the desk rests.

use super::{id, rows};
use crate::api::queue::{DeskSeen, ParkedRow, PauseWhy, PausedSeen, TransferAsk};
use crate::api::{Problem, TicketRow};
use crate::clock::random_bits;
use crate::core::{Station, lock};
use crate::problem;
use crate::uplink::{Turn, Uplink, next_turn};
use intake::authority;
use intake::decide::{Answer, Input, PAPER_OVERDUE_MS, desk_is_free, next_to_call};
use intake::event::{Scope, Subject};
use intake::ids::{Desk, IntentId, ProcedureCode, VisitId};
use intake::queue::{Paper, PauseReason, Stage, TransferTo, Visit};
use std::collections::BTreeSet;
use sync::hub::{ClaimAnswer, ClaimAsk};

impl Station {
    /// Who waits, in the order in which they will be called; and whose paper a person must settle.
    pub(super) fn queues(&self) -> (Vec<TicketRow>, Vec<TicketRow>) {
        let (today, now) = (self.today(), self.clock.now());
        let state = lock(&self.state);
        let waiting = state.waiting_for(&self.here.desk, today, &self.here.rules).into_iter();
        let waiting = waiting.map(|visit| rows::ticket(self, visit));
        let unsettled = |visit: &&Visit| {
            let overdue = visit.paper == Paper::Printing && now.0 - visit.paper_since.0 >= PAPER_OVERDUE_MS;
            let doubtful = overdue || matches!(visit.paper, Paper::NotPrinted | Paper::InDoubt);
            visit.day == today && visit.stage == Stage::Waiting && doubtful && !visit.paper_settled
        };
        let to_settle = state.visits().filter(unsettled).map(|visit| rows::ticket(self, visit));
        (waiting.collect(), to_settle.collect())
    }

    /// Whom this desk waits for today, longest away first.
    pub(super) fn parked(&self) -> Vec<ParkedRow> {
        let today = self.today();
        let state = lock(&self.state);
        let here = |visit: &Visit| visit.parked_at(&self.here.desk).filter(|_| visit.day == today);
        let parked = state.visits().filter_map(|visit| here(visit).map(|since| (since, visit)));
        let mut rows: Vec<ParkedRow> =
            parked.map(|(since, visit)| ParkedRow { row: rows::ticket(self, visit), since: since.0 }).collect();
        rows.sort_by(|one, other| (one.since, &one.row.number).cmp(&(other.since, &other.row.number)));
        rows
    }

    /// Why this desk calls nobody.
    pub(super) fn paused(&self) -> Option<PausedSeen> {
        let pause = lock(&self.state).pause_of(&self.here.desk)?;
        let why = match pause.reason {
            PauseReason::Break => PauseWhy::Break,
            PauseReason::EndOfShift => PauseWhy::EndOfShift,
        };
        Some(PausedSeen { why, since: pause.since.0 })
    }

    /// The other desks to which a citizen can be sent.
    pub(super) fn other_desks(&self) -> Vec<DeskSeen> {
        let (today, state) = (self.today(), lock(&self.state));
        let staffed = state.officers().filter(|officer| officer.site == self.here.site);
        let desks: BTreeSet<&Desk> = staffed.filter_map(|officer| officer.desk.as_ref()).collect();
        let others = desks.into_iter().filter(|desk| **desk != self.here.desk && state.is_staffed(desk, today));
        others.map(|desk| DeskSeen { desk: desk.to_string(), paused: state.pause_of(desk).is_some() }).collect()
    }

    /// Calls the next number to this desk; none when nobody waits.
    ///
    /// # Errors
    /// `DESK-TAKEN` while somebody stands at the desk, `DESK-PAUSED`, `HUB-LISTENS`, `SIGN-IN-NEEDED`.
    pub fn counter_call_next(&self) -> Result<Option<TicketRow>, Problem> {
        self.officer()?;
        // From the hub's answer to the call's being written no other thread says that all calls are told.
        let _calling = lock(&self.calling);
        let Some(input) = self.next_call()? else { return Ok(None) };
        match self.officer_does(input)? {
            Answer::Visit(visit) => self.row(visit).map(Some),
            _ => Ok(None),
        }
    }

    /// Whom to call: the next of whom the hub says that no other desk has them. With no hub that is heard the desk goes on
    /// by itself, with its own letters.
    fn next_call(&self) -> Result<Option<Input>, Problem> {
        let Some(uplink) = self.link.uplink().filter(|uplink| uplink.has_hub()) else {
            return Ok(Some(Input::CallNext));
        };
        let next =
            |taken: &BTreeSet<VisitId>| next_to_call(&lock(&self.state), &self.here_now(), self.clock.now(), taken);
        let turn = next_turn(next, |visit| self.claim(&uplink, Some(visit)));
        match turn.map_err(problem::of_refusal)? {
            Turn::Of(visit) => Ok(Some(Input::CallClaimed { visit })),
            Turn::Nobody => Ok(None),
            Turn::NotYet(ms) => Err(hub_listens(ms)),
        }
    }

    /// Lets this desk be heard by the hub: that it follows, and that it has told all that it called.
    pub(crate) fn follow(&self, uplink: &Uplink) {
        let _calling = lock(&self.calling);
        self.claim(uplink, None);
    }

    /// Asks the hub for a visit, or only lets this desk be heard there.
    fn claim(&self, uplink: &Uplink, visit: Option<VisitId>) -> Option<ClaimAnswer> {
        let request = IntentId(uuid::Uuid::from_u128(random_bits()));
        let turn = visit.map_or(0, |visit| self.turn(visit));
        uplink.claim(|epoch| {
            let mut store = lock(&self.store);
            let site = Scope::site(&self.here.site);
            let kept = store.follow_epoch(epoch).and_then(|()| store.written_before(&site));
            let before = kept.inspect_err(|fault| {
                tracing::error!(code = fault.code(), "the desk cannot promise to follow the hub");
            });
            let (before, written) = (before.ok()?, store.written(&site));
            Some(ClaimAsk { request, visit, desk: self.here.desk.clone(), turn, epoch, written, before })
        })
    }

    /// How often the citizen has left this desk.
    fn turn(&self, visit: VisitId) -> u32 {
        authority::turn(lock(&self.state).history(&Subject::Visit(visit)).iter(), &self.here.desk)
    }

    pub(super) fn row(&self, visit: VisitId) -> Result<TicketRow, Problem> {
        let known = lock(&self.state).visit(visit).cloned().ok_or_else(|| Problem::new("TICKET-UNKNOWN"))?;
        Ok(rows::ticket(self, &known))
    }

    /// Calls the number at the desk again.
    ///
    /// # Errors
    /// `STEP-NOT-LEGAL` when nobody was called, `SIGN-IN-NEEDED`.
    pub fn counter_recall(&self) -> Result<(), Problem> {
        self.officer_does(Input::Recall).map(drop)
    }

    /// Nobody came.
    ///
    /// # Errors
    /// `STEP-NOT-LEGAL` when nobody was called, `SIGN-IN-NEEDED`.
    pub fn counter_no_show(&self) -> Result<(), Problem> {
        self.leaves(Input::Miss)
    }

    /// The citizen leaves the desk: what was opened is closed.
    ///
    /// # Errors
    /// `STEP-NOT-LEGAL` when nobody is there, `SIGN-IN-NEEDED`.
    pub fn counter_close(&self) -> Result<(), Problem> {
        self.leaves(Input::Close)
    }

    /// Does what lets the citizen leave the desk: what was opened is closed.
    fn leaves(&self, input: Input) -> Result<(), Problem> {
        self.officer_does(input)?;
        lock(&self.session).leave();
        Ok(())
    }

    /// The citizen leaves the desk for a while, and it waits for them.
    ///
    /// # Errors
    /// `STEP-NOT-LEGAL` when nobody is there, `SIGN-IN-NEEDED`.
    pub fn counter_park(&self) -> Result<(), Problem> {
        self.leaves(Input::Park)
    }

    /// Calls a citizen for whom this desk waits.
    ///
    /// # Errors
    /// `STEP-NOT-LEGAL` when it does not wait for them, `DESK-TAKEN`, `DESK-PAUSED`, `VISIT-ELSEWHERE` when the hub gave them to
    /// another desk to which they brought their paper, `HUB-LISTENS`, `SIGN-IN-NEEDED`.
    pub fn counter_take_back(&self, visit: &str) -> Result<TicketRow, Problem> {
        self.officer()?;
        let visit: VisitId = id(visit)?;
        let _calling = lock(&self.calling);
        desk_is_free(&lock(&self.state), &self.here).map_err(problem::of_refusal)?;
        if let Some(uplink) = self.link.uplink().filter(|uplink| uplink.has_hub()) {
            match self.claim(&uplink, Some(visit)) {
                Some(ClaimAnswer::Taken { by, .. }) => {
                    let by = by.map_or_else(|| "?".to_owned(), |desk| desk.to_string());
                    return Err(Problem::new("VISIT-ELSEWHERE").with("desk", by));
                }
                Some(ClaimAnswer::Wait { ms, .. }) => return Err(hub_listens(ms)),
                Some(ClaimAnswer::Yours { .. } | ClaimAnswer::NotLeading { .. }) | None => {}
            }
        }
        self.officer_does(Input::TakeBack { visit })?;
        self.row(visit)
    }

    /// Sends who is at the desk, or one for whom it waits, back to those who wait.
    ///
    /// # Errors
    /// `STEP-NOT-LEGAL` when nobody is there, or it does not wait for them; `SIGN-IN-NEEDED`.
    pub fn counter_send_back(&self, visit: Option<&str>) -> Result<(), Problem> {
        match visit {
            None => self.leaves(Input::SendBack { visit: None }),
            Some(visit) => self.officer_does(Input::SendBack { visit: Some(id(visit)?) }).map(drop),
        }
    }

    /// Sends who is at the desk on, to another desk or for another service.
    ///
    /// # Errors
    /// `STEP-NOT-LEGAL` when nobody is there, or they are sent where they are; `DESK-NOT-STAFFED`, `PROCEDURE-UNKNOWN`,
    /// `SIGN-IN-NEEDED`.
    pub fn counter_transfer(&self, to: TransferAsk) -> Result<(), Problem> {
        let to = match to {
            TransferAsk::Desk(desk) => TransferTo::Desk(Desk::new(desk)),
            TransferAsk::Service(procedure) => TransferTo::Service(ProcedureCode::new(procedure)),
        };
        self.leaves(Input::Transfer { to })
    }

    /// Who is at the desk wants one more thing in this visit.
    ///
    /// # Errors
    /// `STEP-NOT-LEGAL` when nobody is there, `PROCEDURE-UNKNOWN`, `SIGN-IN-NEEDED`.
    pub fn counter_add_service(&self, procedure: &str) -> Result<(), Problem> {
        self.officer_does(Input::AddService { procedure: ProcedureCode::new(procedure) }).map(drop)
    }

    /// This desk calls nobody until it goes on. At the end of a shift whom it waits for is sent back to those who wait.
    ///
    /// # Errors
    /// `DESK-TAKEN` while somebody is there, `STEP-NOT-LEGAL` when it is paused already, `SIGN-IN-NEEDED`.
    pub fn counter_pause(&self, why: PauseWhy) -> Result<(), Problem> {
        let reason = match why {
            PauseWhy::Break => PauseReason::Break,
            PauseWhy::EndOfShift => PauseReason::EndOfShift,
        };
        self.officer_does(Input::Pause { reason }).map(drop)
    }

    /// This desk goes on.
    ///
    /// # Errors
    /// `STEP-NOT-LEGAL` when it is not paused, `SIGN-IN-NEEDED`.
    pub fn counter_resume(&self) -> Result<(), Problem> {
        self.officer_does(Input::Resume).map(drop)
    }
}

fn hub_listens(ms: u64) -> Problem {
    Problem::new("HUB-LISTENS").with("seconds", ms.div_ceil(1000))
}
