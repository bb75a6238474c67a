//! A station in the simulation: the shipping decisions, log, sealing and sync over a simulated disk, clock and printer. The
//! loop around them is this one instead of `station/src/core.rs`: decide, write, fold, do what is owed.

use crate::line::{End, Line, Net, Right, Site, one_in};
use crate::vfs;
use intake::authority;
use intake::decide::{Answer, Decision, Effect, Here, Input, Refused, decide};
use intake::event::{Event, Scope, Subject};
use intake::fact::{Fact, PaperOutcome};
use intake::ids::{EventId, IntentId, JobId, OfficerId, VisitId};
use intake::moment::Moment;
use intake::state::State;
use station::uplink::Uplink;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use sync::hub::{ClaimAnswer, ClaimAsk};
use sync::protocol::StationRole;
use sync::store::{EffectDraft, Paths, Store, StoreFault};
use sync::wrap::chance;
use uuid::Uuid;

pub struct Node {
    pub name: String,
    pub dir: PathBuf,
    pub store: Option<Mutex<Store>>,
    pub state: State,
    pub here: Here,
    pub skew_ms: i64,
    /// Events that it wrote and said so to somebody: they must outlive everything but the loss of the disk.
    pub acknowledged: BTreeSet<EventId>,
    /// What they were, and in which life of the disk, to tell of one that is lost.
    pub told: BTreeMap<EventId, String>,
    pub role: StationRole,
    pub net: Arc<Net>,
    /// Who it is to the lines.
    pub who: usize,
    /// The places of the hubs that its file names.
    pub hubs: Vec<usize>,
    /// The line upwards, while the station runs.
    pub uplink: Option<Uplink<Site>>,
    /// Up to which row of the log the state was folded.
    pub row: i64,
}

/// What a station did for somebody.
pub enum Done {
    /// A ticket whose paper may be printed.
    Ticket {
        visit: VisitId,
        job: JobId,
        effect: Uuid,
    },
    Other(Answer),
}

impl Node {
    pub fn paths(dir: &std::path::Path) -> Paths {
        Paths::from(dir).over(vfs::NAME)
    }

    pub fn store(&self) -> std::sync::MutexGuard<'_, Store> {
        self.store.as_ref().expect("the station runs").lock().unwrap()
    }

    pub fn uplink(&self) -> &Uplink<Site> {
        self.uplink.as_ref().expect("the station runs")
    }

    /// The line upwards as the program makes it when it starts.
    pub fn connect(&mut self) {
        let (card, centre, epoch) = {
            let store = self.store();
            let epoch = store.followed_epoch().expect("the log is readable");
            (store.card().clone(), store.centre_sign_public(), epoch)
        };
        let site = Site::new(&self.net, self.who, &card, centre, &self.hubs);
        let line = Line { net: Arc::clone(&self.net), who: self.who, card, end: End::Centre };
        let net = Arc::clone(&self.net);
        self.uplink = Some(Uplink::over(line, Arc::new(site), Box::new(move || net.ticks()), epoch));
    }

    /// Asks the hub for a visit, or only lets this desk be heard there, as `station/src/roles/counter.rs` does; with the right
    /// that the answer gave.
    pub fn claim(&self, visit: Option<VisitId>) -> (Option<ClaimAnswer>, Option<Right>) {
        let bits = (u128::from(chance::next().unwrap_or(0)) << 64) | u128::from(chance::next().unwrap_or(0));
        let request = IntentId(Uuid::from_u128(bits));
        let turn = visit
            .map_or(0, |visit| authority::turn(self.state.history(&Subject::Visit(visit)).iter(), &self.here.desk));
        let _ = self.net.take_right();
        let ask = |epoch| {
            let mut store = self.store();
            store.follow_epoch(epoch).ok()?;
            let site = Scope::site(&self.here.site);
            let (before, written) = (store.written_before(&site).ok()?, store.written(&site));
            Some(ClaimAsk { request, visit, desk: self.here.desk.clone(), turn, epoch, written, before })
        };
        let answer = self.uplink().claim(ask);
        let right = self.net.take_right().filter(|_| matches!(answer, Some(ClaimAnswer::Yours { .. })));
        (answer, right)
    }

    pub fn is_kiosk(&self) -> bool {
        self.role == StationRole::Kiosk
    }

    pub fn is_counter(&self) -> bool {
        self.role == StationRole::Counter
    }

    pub fn now(&self, now: Moment) -> Moment {
        now.plus_ms(self.skew_ms)
    }

    /// Opens the log again after a loss of power, folds it, and settles what was owed: nobody knows whether paper came.
    pub fn start(&mut self, now: Moment) -> Result<(), StoreFault> {
        let store = Store::open(Self::paths(&self.dir))?;
        if store.incarnation() != self.here.incarnation {
            self.here.incarnation = store.incarnation();
            self.here.knows_its_past = false;
        }
        let mut state = State::default();
        let (events, row) = store.events_since(0)?;
        events.into_iter().for_each(|event| state.apply(event));
        self.row = row;
        let owed = store.effects_owed()?;
        (self.state, self.store) = (state, Some(Mutex::new(store)));
        self.connect();
        // An agent gives no numbers.
        if !self.here.knows_its_past && self.role != StationRole::Agent {
            let _ = self.act(now, Input::LeaveOutNumbers, &[])?;
        }
        if self.here.knows_its_past {
            self.store().carry_on()?;
        }
        for effect in owed {
            let (visit, job) = (&effect.body[..16], effect.id);
            let visit = VisitId(Uuid::from_slice(visit).expect("a visit's id"));
            let input = Input::PaperReported { visit, job: JobId(job), outcome: PaperOutcome::Unknown, fault: None };
            // A job that was reported already is reported no more.
            let _ = self.act(now, input, &[job])?;
        }
        Ok(())
    }

    /// Decides, writes all or nothing, folds.
    pub fn act(&mut self, now: Moment, input: Input, done: &[Uuid]) -> Result<Result<Done, Refused>, StoreFault> {
        let now = self.now(now);
        let mut dice = || (u128::from(chance::next().unwrap_or(0)) << 64) | u128::from(chance::next().unwrap_or(0));
        let Decision { drafts, effects, answer } = match decide(&self.state, &self.here, input, now, &mut dice) {
            Ok(decision) => decision,
            Err(refused) => return Ok(Err(refused)),
        };
        let mut ticket = None;
        let mut owed = Vec::new();
        for effect in effects {
            if let Effect::PrintTicket { job, visit, .. } = effect {
                owed.push(EffectDraft { id: job.0, kind: "ticket".into(), body: visit.0.as_bytes().to_vec() });
                ticket = Some(Done::Ticket { visit, job, effect: job.0 });
            }
        }
        if drafts.is_empty() && done.is_empty() {
            return Ok(Ok(Done::Other(answer)));
        }
        let officer = (!self.is_kiosk()).then(|| OfficerId::new("demo"));
        let events = self.store().append(now, officer, drafts, owed, done)?;
        self.acknowledge(&events);
        self.fold(events);
        Ok(Ok(ticket.unwrap_or(Done::Other(answer))))
    }

    /// Somebody was told of these.
    pub fn acknowledge(&mut self, events: &[Event]) {
        for event in events {
            self.acknowledged.insert(event.id);
            let told = format!(
                "{} of {} in life {} at write {}",
                event.fact.kind(),
                event.subject,
                self.here.incarnation,
                vfs::writes()
            );
            self.told.insert(event.id, told);
        }
    }

    /// Folds what sync brought, however the round ended.
    pub fn catch_up(&mut self, now: Moment) {
        let news = self.store().events_since(self.row);
        if let Ok((events, row)) = news {
            self.row = row;
            let told = self.store().forget_further(self.now(now), &events);
            self.fold(events);
            if let Ok(told) = told {
                self.acknowledge(&told);
                self.fold(told);
            }
        }
    }

    /// Something of a former life came late: it may be for others as well.
    pub fn heard_late(&self, received: &[Event]) {
        if self.here.knows_its_past && received.iter().any(|event| event.station == self.here.station) {
            // A full disk or a power cut: the next start says it.
            let _ = self.store().carry_on();
        }
    }

    pub fn fold(&mut self, events: Vec<Event>) {
        events.into_iter().for_each(|event| self.state.apply(event));
    }

    /// A visit that stands at this desk.
    pub fn present(&self) -> Option<VisitId> {
        self.state.visits().find(|visit| visit.is_at(&self.here.desk)).map(|visit| visit.id)
    }

    /// A visit for which this desk waits.
    pub fn parked(&self) -> Option<VisitId> {
        let parked = self.state.visits().find(|visit| visit.parked_at(&self.here.desk).is_some());
        parked.map(|visit| visit.id)
    }

    /// An event about a visit that this kiosk wrote.
    pub fn ticket_event(&self, visit: VisitId) -> Option<EventId> {
        let issued = |event: &&Event| matches!(event.fact, Fact::TicketIssued(_));
        self.state.history(&Subject::Visit(visit)).iter().find(issued).map(|event| event.id)
    }

    /// Whether this step's printer works.
    pub fn printer_outcome() -> PaperOutcome {
        match (one_in(8), one_in(8)) {
            (true, true) => PaperOutcome::NotPrinted,
            (true, false) => PaperOutcome::Unknown,
            (false, true) => PaperOutcome::SentUnconfirmed,
            (false, false) => PaperOutcome::Confirmed,
        }
    }
}
