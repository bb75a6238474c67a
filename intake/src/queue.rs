//! The queue: numbers, who goes first, and how a visit folds from its events.

use crate::event::Event;
use crate::fact::{Fact, PaperOutcome};
use crate::ids::{Desk, JobId, ProcedureCode, StationId, VisitId};
use crate::moment::Moment;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A queue number: the kiosk's own letters and a sequence that starts anew each day, such as `A105`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct TicketNumber {
    /// The letters of the kiosk that gave it: no two kiosks of a site share them.
    pub prefix: String,
    /// Counts from 1 each day.
    pub sequence: u32,
}

impl fmt::Display for TicketNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{:03}", self.prefix, self.sequence)
    }
}

/// Why somebody goes first (đối tượng ưu tiên).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Người cao tuổi, from an age that is a setting.
    Elderly,
    /// Người khuyết tật nặng, đặc biệt nặng.
    Disabled,
    /// Phụ nữ mang thai, nuôi con nhỏ.
    Pregnant,
    /// Trẻ em.
    Child,
    /// Người có công với cách mạng.
    Merit,
}

/// The rules of the queue, as dated data.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct QueueRules {
    /// From which age a person goes first.
    pub priority_age_years: i16,
    /// After how many priority calls in a row an ordinary number is called.
    pub priority_in_a_row: u32,
    /// Where the rules come from.
    pub source: String,
    /// Since when they are so.
    pub as_of: Date,
}

impl QueueRules {
    /// The rules as they stand in `fixtures/queue/rules.json`.
    pub fn embedded() -> Result<Self, serde_json::Error> {
        serde_json::from_str(include_str!("../../fixtures/queue/rules.json"))
    }
}

/// What is known of a ticket's paper.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Paper {
    /// The printer has it, or is about to.
    Printing,
    /// The printer said that it is out, a person saw it, or a counter scanned it.
    Confirmed,
    /// All was sent, and the printer cannot say more.
    Sent,
    /// It is certain that none came out.
    NotPrinted,
    /// Nobody knows: a person must look.
    InDoubt,
}

impl Paper {
    /// Whether a number with such paper may be called.
    pub fn may_be_called(self) -> bool {
        matches!(self, Paper::Confirmed | Paper::Sent)
    }
}

/// Where a visit stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// In the hall.
    Waiting,
    /// Called to a desk, or served there.
    Called,
    /// Called, and nobody came.
    Missed,
    /// Away from a desk for a while; that desk takes them back without a new turn.
    Parked,
    /// Gone home.
    Closed,
}

/// One call of a number.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Call {
    /// To which desk.
    pub desk: Desk,
    /// When.
    pub at: Moment,
}

/// A stay away from a desk that waits for the citizen.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Parked {
    /// Which desk.
    pub desk: Desk,
    /// Since when.
    pub since: Moment,
}

/// For what a citizen waits who was sent on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransferTo {
    /// For this desk, which calls them before its ordinary queue.
    Desk(Desk),
    /// For another service, at any desk.
    Service(ProcedureCode),
}

/// Why a desk calls nobody.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PauseReason {
    /// The officer comes back.
    Break,
    /// The officer does not come back today.
    EndOfShift,
}

/// A desk that calls nobody for a while.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pause {
    /// Why.
    pub reason: PauseReason,
    /// Since when.
    pub since: Moment,
}

/// One citizen's stay.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Visit {
    /// Its id.
    pub id: VisitId,
    /// The kiosk that gave the number.
    pub kiosk: StationId,
    /// The number.
    pub number: TicketNumber,
    /// The day on which it is good.
    pub day: Date,
    /// What the citizen waits for, or is served with: what they came for, or the service to which they were sent on.
    pub procedure: ProcedureCode,
    /// All that they want in this visit, each once.
    pub services: Vec<ProcedureCode>,
    /// Why they go first, if they do.
    pub priority: Option<Priority>,
    /// The language of the ticket.
    pub language: String,
    /// When the number was given.
    pub issued_at: Moment,
    /// Whether a card was read, so that a sealed identity stands behind it.
    pub identified: bool,
    /// The job of the paper that counts: the last copy asked for.
    pub job: JobId,
    /// What is known of that paper.
    pub paper: Paper,
    /// Since when that paper has been asked for.
    pub paper_since: Moment,
    /// The code of the printer's fault, where there was one.
    pub paper_fault: Option<String>,
    /// Whether a person has told what became of that paper.
    pub paper_settled: bool,
    /// Where it stands.
    pub stage: Stage,
    /// All calls, in order.
    pub calls: Vec<Call>,
    /// The desks that have called it and have not yet told that nobody came or that it is done: one, unless two desks could
    /// not hear each other.
    pub desks: Vec<Desk>,
    /// The desks that wait for them to come back: one, unless two desks could not hear each other.
    pub parked: Vec<Parked>,
    /// The one desk that is to call them next.
    pub sent_to: Option<Desk>,
    /// A desk sent them back to wait, whatever another desk that called them too says of it.
    pub sent_back: bool,
    /// Whether two desks called it before either could hear of the other: shown to a person.
    pub called_twice: bool,
    /// Whether a desk learnt of it from its paper.
    pub came_by_paper: bool,
    /// When the citizen left.
    pub closed_at: Option<Moment>,
}

impl Visit {
    /// Folds a visit from its events in canonical order; none before the ticket was issued.
    pub fn fold<'a>(id: VisitId, events: impl Iterator<Item = &'a Event> + Clone) -> Option<Visit> {
        let mut visit = events.clone().find_map(|event| Self::begin(id, event))?;
        for event in events {
            visit.apply(event);
        }
        Some(visit)
    }

    fn begin(id: VisitId, event: &Event) -> Option<Visit> {
        let Fact::TicketIssued(issued) = &event.fact else {
            return None;
        };
        Some(Visit {
            id,
            kiosk: event.station,
            number: issued.number.clone(),
            day: issued.day,
            procedure: issued.procedure.clone(),
            services: vec![issued.procedure.clone()],
            priority: issued.priority,
            language: issued.language.clone(),
            issued_at: issued.at,
            identified: event.has_personal,
            job: issued.job,
            paper: Paper::Printing,
            paper_since: issued.at,
            paper_fault: None,
            paper_settled: false,
            stage: Stage::Waiting,
            calls: vec![],
            desks: vec![],
            parked: vec![],
            sent_to: None,
            sent_back: false,
            called_twice: false,
            came_by_paper: false,
            closed_at: None,
        })
    }

    fn apply(&mut self, event: &Event) {
        match &event.fact {
            // A job is reported once; what a person saw, or a scanner read, outweighs what a printer says later.
            Fact::PaperReported(report) if report.job == self.job && self.paper == Paper::Printing => {
                self.paper = paper_of(report.outcome);
                self.paper_fault.clone_from(&report.fault);
            }
            Fact::PaperSettled(settled) => {
                self.paper_settled = true;
                self.paper = if settled.came_out { Paper::Confirmed } else { Paper::NotPrinted };
            }
            Fact::CopyRequested(copy) => {
                self.job = copy.job;
                self.paper = Paper::Printing;
                self.paper_since = copy.at;
                self.paper_fault = None;
                self.paper_settled = false;
            }
            Fact::TicketAdmitted(_) => {
                self.came_by_paper = true;
                self.paper = Paper::Confirmed;
                // Who missed the call, or was waited for elsewhere, and comes with the paper waits again for whichever desk, in
                // the place of their number.
                self.parked.clear();
                self.sent_to = None;
                if matches!(self.stage, Stage::Missed | Stage::Parked) {
                    self.stage = if self.closed_at.is_some() { Stage::Closed } else { Stage::Waiting };
                }
            }
            Fact::TicketCalled(call) => self.called(Call { desk: call.desk.clone(), at: call.at }),
            Fact::TicketMissed(missed) => self.left(&missed.desk, Stage::Missed),
            Fact::TicketParked(parked) => self.park(Parked { desk: parked.desk.clone(), since: parked.at }),
            Fact::TicketReturned(returned) => self.send_back(&returned.desk, None),
            Fact::TicketTransferred(transferred) => match &transferred.to {
                TransferTo::Desk(to) => self.send_back(&transferred.desk, Some(to.clone())),
                TransferTo::Service(procedure) => {
                    self.change_service(procedure);
                    self.send_back(&transferred.desk, None);
                }
            },
            Fact::ServiceAdded(added) => self.want(&added.procedure),
            Fact::VisitClosed(closed) => {
                self.closed_at = Some(closed.at);
                self.left(&closed.desk, Stage::Closed);
            }
            _ => {}
        }
    }

    fn called(&mut self, call: Call) {
        let mut others = self.desks.iter().chain(self.parked.iter().map(|parked| &parked.desk));
        self.called_twice |= others.any(|desk| *desk != call.desk) || self.closed_at.is_some();
        self.parked.retain(|parked| parked.desk != call.desk);
        self.sent_to = None;
        // Who was sent back has their turn with this call, unless another desk still has them.
        self.sent_back &= !self.desks.is_empty();
        if !self.desks.contains(&call.desk) {
            self.desks.push(call.desk.clone());
        }
        self.stage = Stage::Called;
        self.calls.push(call);
    }

    fn park(&mut self, parked: Parked) {
        let desk = parked.desk.clone();
        self.parked.retain(|known| known.desk != desk);
        self.parked.push(parked);
        self.desks.retain(|known| *known != desk);
        self.settle(Stage::Parked);
    }

    fn send_back(&mut self, desk: &Desk, to: Option<Desk>) {
        self.sent_to = to;
        self.sent_back = true;
        self.left(desk, Stage::Waiting);
    }

    /// The service that the citizen waited for was the wrong one, unless they want the other one as well.
    fn change_service(&mut self, to: &ProcedureCode) {
        if !self.services.contains(to) {
            self.services.retain(|known| *known != self.procedure);
            self.services.push(to.clone());
        }
        self.procedure = to.clone();
    }

    fn want(&mut self, procedure: &ProcedureCode) {
        if !self.services.contains(procedure) {
            self.services.push(procedure.clone());
        }
    }

    /// A desk is done with it; another that called it too is not.
    fn left(&mut self, desk: &Desk, stage: Stage) {
        self.desks.retain(|known| known != desk);
        self.parked.retain(|parked| parked.desk != *desk);
        self.settle(stage);
    }

    /// Where it stands once a desk has let it go: where the others say, and else where that desk said.
    fn settle(&mut self, stage: Stage) {
        self.stage = if !self.desks.is_empty() {
            Stage::Called
        } else if !self.parked.is_empty() {
            Stage::Parked
        } else if self.closed_at.is_some() {
            Stage::Closed
        } else if self.sent_back {
            Stage::Waiting
        } else {
            stage
        };
    }

    /// Whether a desk may call it now.
    pub fn may_be_called(&self) -> bool {
        self.paper.may_be_called() && self.stage == Stage::Waiting
    }

    /// Whether the citizen stands at this desk, as far as it knows.
    pub fn is_at(&self, desk: &Desk) -> bool {
        self.desks.contains(desk)
    }

    /// Since when this desk waits for the citizen to come back.
    pub fn parked_at(&self, desk: &Desk) -> Option<Moment> {
        self.parked.iter().find(|parked| parked.desk == *desk).map(|parked| parked.since)
    }
}

fn paper_of(outcome: PaperOutcome) -> Paper {
    match outcome {
        PaperOutcome::Confirmed => Paper::Confirmed,
        PaperOutcome::SentUnconfirmed => Paper::Sent,
        PaperOutcome::NotPrinted => Paper::NotPrinted,
        PaperOutcome::Unknown => Paper::InDoubt,
    }
}

/// Waiting visits of a day, in the order in which they will be called.
///
/// Priority goes first; after `priority_in_a_row` priority calls one ordinary number is called, so that nobody starves.
/// `priority_run` is how many priority numbers were called in a row just now.
pub fn calling_order<'a>(
    waiting: impl Iterator<Item = &'a Visit>,
    rules: &QueueRules,
    mut priority_run: u32,
) -> Vec<&'a Visit> {
    let (mut first, mut rest): (Vec<_>, Vec<_>) = waiting.partition(|visit| visit.priority.is_some());
    let by_arrival = |a: &&Visit, b: &&Visit| b.arrival().cmp(&a.arrival());
    first.sort_by(by_arrival);
    rest.sort_by(by_arrival);
    let mut order = Vec::with_capacity(first.len() + rest.len());
    loop {
        let ordinary_is_due = priority_run >= rules.priority_in_a_row && !rest.is_empty();
        let next = if first.is_empty() || ordinary_is_due { rest.pop() } else { first.pop() };
        let Some(visit) = next else { return order };
        priority_run = if visit.priority.is_some() { priority_run + 1 } else { 0 };
        order.push(visit);
    }
}

impl Visit {
    /// The place of its number.
    pub(crate) fn arrival(&self) -> (Moment, &TicketNumber) {
        (self.issued_at, &self.number)
    }
}
