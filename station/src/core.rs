//! A station's loop: decide, write, fold, do what is then owed, and tell whoever watches.

use crate::api::Problem;
use crate::clock::{Clock, random_bits};
use crate::config::{Config, RoleName};
use crate::crash;
use crate::devices::Devices;
use crate::found::Found;
use crate::link::Link;
use crate::notices::Notices;
use crate::owed::Settled;
use crate::session::Session;
use crate::{owed, problem, slips};
use intake::calendar::Calendars;
use intake::catalogue::Catalogue;
use intake::code::Templates;
use intake::decide::{Answer, Decision, Effect, Here, Input, decide, reckoned_now};
use intake::event::{Draft, Event, Scope, Subject};
use intake::fact::ClockFoundBehind;
use intake::ids::{Incarnation, OfficerId};
use intake::jurisdiction::Authorities;
use intake::moment::Moment;
use intake::queue::QueueRules;
use intake::rules::Workflow;
use intake::state::State;
use jiff::civil::Date;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use sync::store::{EffectDraft, Store};
use uuid::Uuid;

/// How far a clock may be behind the station's own log before somebody is told, in milliseconds.
const CLOCK_TOLERANCE_MS: i64 = 60_000;

/// A running station. Cheap to clone; all clones are the same station.
#[derive(Clone)]
pub struct Station {
    inner: Arc<Inner>,
}

/// What all clones of a station share.
pub struct Inner {
    pub(crate) config: Config,
    pub(crate) folder: PathBuf,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) here: Here,
    pub(crate) store: Mutex<Store>,
    pub(crate) state: Mutex<State>,
    pub(crate) session: Mutex<Session>,
    /// Who is behind the dossiers.
    pub(crate) found: Found,
    /// Held while a receipt is made.
    pub(crate) slips: Mutex<()>,
    /// Held from a claim to its call.
    pub(crate) calling: Mutex<()>,
    /// False between the restoring of a disk and the next word with the centre.
    pub(crate) knows_its_past: AtomicBool,
    /// The store's row up to which the state was folded.
    learnt_row: Mutex<i64>,
    pub(crate) devices: Devices,
    pub(crate) link: Link,
    pub(crate) notices: Notices,
}

impl std::ops::Deref for Station {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.inner
    }
}

/// A lock whose holder panicked is still a lock: what it guards is changed in one step only.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Station {
    /// Opens the station in `folder`: reads its file, enrols it at the first start, folds its log, settles what a crash
    /// left owed, and starts devices and sync.
    ///
    /// # Errors
    /// A problem with its code: `CONFIG-FAULT`, `STATION-SECOND-INSTANCE`, `STATION-NOT-ENROLLED`, `STORE-…`.
    pub fn open(folder: &Path, clock: Arc<dyn Clock>) -> Result<Self, Problem> {
        let config = Config::read(folder)?;
        let store = crate::enrol::open_or_enrol(folder, &config, &*clock)?;
        let here = rules(&config, &store)?;
        let restored = has_a_former_life(&store)? && !past_is_known(folder, store.incarnation());
        let mut state = State::default();
        let (events, row) = store.events_since(0).map_err(problem::of_store)?;
        events.into_iter().for_each(|event| state.apply(event));
        let last_slip = owed::last_slip(&store)?;
        let (devices, device_events) = Devices::start(&config, folder, last_slip)?;
        let link = Link::new(&config, clock.now());
        let found = Found::of(config.station.role, &state);
        let inner = Inner {
            config,
            folder: folder.to_owned(),
            clock,
            here,
            store: Mutex::new(store),
            state: Mutex::new(state),
            session: Mutex::new(Session::default()),
            found,
            slips: Mutex::new(()),
            calling: Mutex::new(()),
            knows_its_past: AtomicBool::new(!restored),
            learnt_row: Mutex::new(row),
            devices,
            link,
            notices: Notices::default(),
        };
        let station = Self { inner: Arc::new(inner) };
        station.note_clock()?;
        if restored {
            station.leave_out_numbers();
        } else {
            station.carry_on();
        }
        owed::settle_after_crash(&station)?;
        crate::devices::listen(&station, device_events);
        crate::link::start(&station);
        crate::found::start(&station);
        if matches!(station.config.station.role, RoleName::Kiosk | RoleName::Counter) {
            crate::finder::warm(&station.here.catalogue);
        }
        Ok(station)
    }

    /// Decides, writes all or nothing, folds, and does what is then owed.
    pub(crate) fn act(&self, officer: Option<&OfficerId>, input: Input) -> Result<Answer, Problem> {
        self.act_and_finish(officer, input, &[])
    }

    /// The same, and marks effects as done in the same transaction.
    pub(crate) fn act_and_finish(
        &self,
        officer: Option<&OfficerId>,
        input: Input,
        done: &[Uuid],
    ) -> Result<Answer, Problem> {
        self.act_and_owe(officer, input, vec![], done)
    }

    /// The same, and more is owed from then on than what the decision itself asks for.
    pub(crate) fn act_and_owe(
        &self,
        officer: Option<&OfficerId>,
        input: Input,
        mut owed: Vec<EffectDraft>,
        done: &[Uuid],
    ) -> Result<Answer, Problem> {
        let point = Points::of(&input);
        let leaves_desk = matches!(
            input,
            Input::Close | Input::Miss | Input::Park | Input::SendBack { visit: None } | Input::Transfer { .. }
        );
        let now = self.clock.now();
        let mut state = lock(&self.state);
        let mut random = random_bits;
        let decision = decide(&state, &self.here_now(), input, now, &mut random).map_err(problem::of_refusal)?;
        if let Some(points) = point {
            crash::point(points.decided);
        }
        let Decision { drafts, effects, answer } = decision;
        self.within_limits(&drafts)?;
        let effects: Vec<Effect> =
            effects.into_iter().filter(|effect| owed::is_ours(&state, &self.here, effect)).collect();
        let writes = !drafts.is_empty() || !done.is_empty();
        let mut settled = Vec::new();
        if writes {
            owed.extend(effects.iter().filter_map(owed::durable));
            settled = self.write(&mut state, officer, now, drafts, owed, done)?;
        }
        drop(state);
        if let Some(points) = point {
            crash::point(points.committed);
        }
        for effect in effects {
            self.perform(effect);
        }
        owed::tell_journal(self, settled);
        if leaves_desk {
            self.devices.clear_displays();
        }
        if writes {
            // Only now: a push writes to the same store, and paper that a citizen waits for must not stand behind it.
            self.link.wake();
        }
        self.notices.tell();
        Ok(answer)
    }

    /// Where decisions are made now: a restored disk may begin a new life while the station runs.
    pub(crate) fn here_now(&self) -> Here {
        Here {
            incarnation: lock(&self.store).incarnation(),
            knows_its_past: self.knows_its_past.load(Ordering::Relaxed),
            clock_is_right: self.link.clock_is_right(),
            ..self.here.clone()
        }
    }

    /// The day by which the station reckons: its clock's, or its log's where the clock was set back.
    pub(crate) fn today(&self) -> Date {
        reckoned_now(&lock(&self.state), &self.here_now(), self.clock.now()).day()
    }

    fn write(
        &self,
        state: &mut State,
        officer: Option<&OfficerId>,
        now: Moment,
        drafts: Vec<Draft>,
        owed: Vec<EffectDraft>,
        done: &[Uuid],
    ) -> Result<Vec<Settled>, Problem> {
        let written = lock(&self.store).append(now, officer.cloned(), drafts, owed, done);
        Ok(self.fold(state, written.map_err(problem::of_store)?))
    }

    /// Writes one event of an officer's.
    pub(crate) fn write_one(&self, officer: &OfficerId, draft: Draft) -> Result<(), Problem> {
        let mut state = lock(&self.state);
        self.write(&mut state, Some(officer), self.clock.now(), vec![draft], vec![], &[])?;
        drop(state);
        self.link.wake();
        Ok(())
    }

    /// Takes events into the state; gives what people said of this station's own papers.
    fn fold(&self, state: &mut State, events: Vec<Event>) -> Vec<Settled> {
        let fold_one = |event: &Event| {
            state.apply(event.clone());
            owed::settled_here(state, &self.here, event)
        };
        let settled = events.iter().filter_map(fold_one).collect();
        self.note_dossiers(state, &events);
        settled
    }

    fn perform(&self, effect: Effect) {
        match effect {
            Effect::PrintTicket { job, visit, copy } => owed::print_ticket(self, job, visit, copy),
            Effect::MakeSlip { job, dossier } => owed::make_slip(self, job, dossier),
            Effect::Call { number, desk, times, priority } => {
                self.devices.call(&number.to_string(), desk.as_str(), times, priority);
            }
        }
    }

    /// Takes in what the store got since the last look, whoever wrote it and however a round of sync ended.
    pub(crate) fn catch_up(&self) {
        let mut learnt = lock(&self.learnt_row);
        let news = lock(&self.store).events_since(*learnt);
        match news {
            Ok((events, row)) => {
                *learnt = row;
                drop(learnt);
                self.learn(events);
            }
            Err(fault) => drop(problem::of_store(fault)),
        }
    }

    /// A new life of the disk began while the station runs.
    pub(crate) fn begin_new_life(&self) {
        self.knows_its_past.store(false, Ordering::Relaxed);
        self.leave_out_numbers();
    }

    /// Before the next number of a disk that was put back.
    fn leave_out_numbers(&self) {
        if let Err(problem) = self.act(None, Input::LeaveOutNumbers) {
            tracing::error!(%problem, "numbers that may have been given could not be left out");
        }
    }

    /// Everything that the centre holds in our scopes is here, our own former lives too.
    pub(crate) fn past_is_whole(&self) {
        if self.knows_its_past.load(Ordering::Relaxed) {
            return;
        }
        // First, so that no number of before is given in between.
        let given_up = self.act(None, Input::LeaveOutNumbers).and_then(|_| self.act(None, Input::GiveUpCodes));
        if let Err(problem) = given_up {
            tracing::error!(%problem, "numbers of the former life could not be given up: temporary codes go on");
            return;
        }
        if !self.carry_on() {
            return;
        }
        if self.knows_its_past.swap(true, Ordering::Relaxed) {
            return;
        }
        let life = lock(&self.store).incarnation();
        if let Err(error) = std::fs::write(self.folder.join(PAST_KNOWN), life.to_string()) {
            tracing::warn!(%error, "the next start without the centre will leave out numbers again");
        }
        if let Err(problem) = self.act(None, Input::AssignCodes) {
            tracing::error!(%problem, "official codes could not be assigned");
        }
    }

    /// Says again what a former life wrote for others and they never got; true where nothing is left to say.
    fn carry_on(&self) -> bool {
        let carried_on = lock(&self.store).carry_on();
        if let Err(fault) = &carried_on {
            tracing::error!(%fault, "what a former life wrote for others could not be said again: it is tried with the next news");
        }
        carried_on.is_ok()
    }

    /// Something of a former life came late, from a hub that the centre had not heard until now: it may be for others as well.
    pub(crate) fn heard_late(&self, received: &[Event]) {
        let ours = |event: &Event| event.station == self.here.station;
        if received.iter().any(ours) && self.knows_its_past.load(Ordering::Relaxed) {
            self.carry_on();
        }
    }

    /// Takes in events that the network or a paper brought.
    pub(crate) fn learn(&self, events: Vec<Event>) {
        if events.is_empty() {
            return;
        }
        let (settled, copies) = {
            let mut state = lock(&self.state);
            let settled = self.fold(&mut state, events.clone());
            self.forget_further(&mut state, &events);
            (settled, owed::copies_asked(&state, &self.here, &events))
        };
        owed::tell_journal(self, settled);
        owed::print_copies(self, copies);
        slips::forget(self, &events);
        self.found.try_again();
        self.notices.tell();
    }

    /// An order to forget follows a dossier that was handed on by somebody who had not heard of it.
    fn forget_further(&self, state: &mut State, events: &[Event]) {
        match lock(&self.store).forget_further(self.clock.now(), events) {
            Ok(told) => told.into_iter().for_each(|event| state.apply(event)),
            Err(fault) => tracing::error!(code = fault.code(), "an order to forget was not told further"),
        }
    }

    /// By how much the clock is behind the station's own log, where that is more than a trifle.
    pub(crate) fn clock_behind_ms(&self) -> Option<i64> {
        if self.link.clock_is_right() {
            return None;
        }
        let last = lock(&self.state).last_reckoned(self.here.station);
        let behind_ms = last.0 - self.clock.now().0;
        (behind_ms > CLOCK_TOLERANCE_MS).then_some(behind_ms)
    }

    fn note_clock(&self) -> Result<(), Problem> {
        let Some(behind_ms) = self.clock_behind_ms() else { return Ok(()) };
        let draft = Draft {
            subject: Subject::Station(self.here.station),
            fact: ClockFoundBehind { behind_ms }.into(),
            personal: None,
            scopes: vec![Scope::site(&self.here.site)],
        };
        let mut state = lock(&self.state);
        self.write(&mut state, None, self.clock.now(), vec![draft], vec![], &[]).map(drop)
    }

    /// The notices of this station.
    pub fn notices(&self) -> &Notices {
        &self.inner.notices
    }

    /// What the station's clock shows.
    pub fn now(&self) -> Moment {
        self.clock.now()
    }

    /// The station's file.
    pub fn config(&self) -> &Config {
        &self.inner.config
    }

    /// How much the centre has no receipt for.
    ///
    /// # Errors
    /// `STORE-…` when the store cannot be read.
    pub fn waiting_for_receipt(&self) -> Result<u64, Problem> {
        lock(&self.store).outbox().map(|outbox| outbox.waiting).map_err(problem::of_store)
    }

    /// Ends threads and devices; what is on disk is whole at any time, so nothing else needs an end.
    pub fn stop(&self) {
        self.link.stop();
        self.found.stop();
        self.devices.stop();
        self.notices.tell();
    }
}

/// The crash points of an input's decision and commit.
#[derive(Clone, Copy)]
struct Points {
    decided: &'static str,
    committed: &'static str,
}

impl Points {
    fn of(input: &Input) -> Option<Self> {
        match input {
            Input::TakeNumber { .. } => Some(Self { decided: "ticket-decided", committed: "ticket-committed" }),
            Input::Accept(_) => Some(Self { decided: "accept-decided", committed: "accept-committed" }),
            Input::PaperReported { .. } => Some(Self { decided: "paper-reporting", committed: "paper-reported" }),
            Input::SlipMade { .. } => Some(Self { decided: "slip-recording", committed: "slip-recorded" }),
            Input::CallNext => Some(Self { decided: "call-decided", committed: "call-committed" }),
            _ => None,
        }
    }
}

/// The file that names the life of the disk whose past is known.
const PAST_KNOWN: &str = "past-is-known";

fn past_is_known(folder: &Path, life: Incarnation) -> bool {
    std::fs::read_to_string(folder.join(PAST_KNOWN)).is_ok_and(|known| known == life.to_string())
}

/// Whether this disk was restored or replaced: the log then knows lives of this station other than the present one.
fn has_a_former_life(store: &Store) -> Result<bool, Problem> {
    let stations = store.stations().map_err(problem::of_store)?;
    let own = stations.into_iter().find(|known| known.card.station == store.station());
    Ok(own.is_some_and(|own| own.incarnations.iter().any(|life| *life != store.incarnation())))
}

/// Checks the store in a station's folder, and starts nothing: every chain, every signature, the views rebuilt and compared.
///
/// # Errors
/// `STATION-NOT-ENROLLED` where there is none, `STATION-SECOND-INSTANCE` while the station runs, `STORE-…`.
pub fn verify(folder: &Path) -> Result<sync::store::VerifyReport, Problem> {
    Store::open(folder).and_then(|store| store.verify()).map_err(problem::of_store)
}

fn rules(config: &Config, store: &Store) -> Result<Here, Problem> {
    let fault = |what: &str, why: String| Problem::new("CONFIG-FAULT").with("file", what).with("why", why);
    Ok(Here {
        station: store.station(),
        incarnation: store.incarnation(),
        knows_its_past: true,
        clock_is_right: false,
        label: config.station.label.clone(),
        site: config.station.site.clone(),
        agency: config.station.agency.clone(),
        prefix: config.station.prefix.clone(),
        desk: config.station.desk.clone(),
        calls: config.station.calls.clone(),
        catalogue: Arc::new(Catalogue::embedded().map_err(|error| fault("catalogue", error.to_string()))?),
        calendars: Arc::new(Calendars::hanoi().map_err(|error| fault("calendars", error.to_string()))?),
        authorities: Arc::new(Authorities::embedded().map_err(|error| fault("authorities", error.to_string()))?),
        workflow: Arc::new(Workflow::embedded().map_err(|error| fault("workflow", error.to_string()))?),
        templates: Templates::embedded().map_err(|error| fault("templates", error.to_string()))?,
        rules: QueueRules::embedded().map_err(|error| fault("queue rules", error.to_string()))?,
    })
}
