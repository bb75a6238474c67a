//! The link to the centre: pushes what was written, pulls what others wrote, asks for dossier numbers ahead of need.
//!
//! Two threads, so that a pull that waits for news never holds up a push. No lock is held while the network is asked.

use crate::api::{Problem, ReceiptSeen, SyncView};
use crate::clock::{Clock, random_bits};
use crate::config::{Config, HubPart, RoleName};
use crate::core::{Station, lock};
use crate::ends::{self, Ends};
use crate::uplink::Uplink;
use crate::{crash, owed, problem};
use intake::decide::Input;
use intake::fact::CodeGiven;
use intake::moment::Moment;
use jiff::ToSpan;
use jiff::civil::Date;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};
use sync::Store;
use sync::engine::{SyncFault, SyncOutcome, check_heads, pull_once, push_all, sync_once};
use sync::http::HttpCentre;
use sync::hubs::Hubs;
use sync::pauses::{Pauses, about};
use sync::protocol::{Centre, LeaseAsk};
use sync::{CentreFault, NextStep};
use uuid::Uuid;

/// How long a pull waits at the centre for news, in milliseconds.
const PULL_WAIT_MS: u64 = 10_000;
/// The longest first pause after a failure; each further one may be twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// How often everything is asked for from the start, so that what was refused once is tried again.
const WHOLE_EVERY: Duration = Duration::from_secs(180);
/// How far a clock may be from the centre's and be right, in milliseconds.
const CLOCK_RIGHT_MS: i64 = 5 * 60 * 1000;
/// How many numbers one lease holds.
const LEASE_SIZE: u32 = 100;
/// Below how many numbers more are asked for.
const LEASE_LOW: usize = 30;
/// For how many days ahead, today counted, numbers are kept.
const LEASE_DAYS: i64 = 4;

/// What is known of the link.
pub(crate) struct Link {
    url: Option<String>,
    known: Mutex<Known>,
    wishes: (Mutex<Wishes>, Condvar),
    uplink: Mutex<Option<Arc<Uplink>>>,
    scans: (Mutex<Scans>, Condvar),
    stopped: AtomicBool,
}

/// Why a push should not wait.
#[derive(Default)]
struct Wishes {
    /// Something was written.
    push: bool,
    /// The centre was heard again.
    retry: bool,
}

/// When scans may go.
#[derive(Default)]
struct Scans {
    /// How often something was written,
    written: u64,
    /// and how often that was when all of it was last taken; none while the line is down.
    pushed: Option<u64>,
    /// Records are through, or the station stops: look again.
    wish: bool,
    waiting: usize,
}

struct Known {
    online: bool,
    since: Moment,
    clock_ahead_ms: Option<i64>,
    /// Since when the clock differs by so much that somebody is told.
    clock_off_since: Option<Moment>,
    /// When what waits is tried again.
    next_try: Option<Moment>,
    ends: Ends,
    problem: Option<Problem>,
    slip_problem: Option<Problem>,
}

impl Link {
    pub(crate) fn new(config: &Config, now: Moment) -> Self {
        let known = Known {
            online: false,
            since: now,
            clock_ahead_ms: None,
            clock_off_since: None,
            next_try: None,
            ends: Ends::default(),
            problem: None,
            slip_problem: None,
        };
        Self {
            url: config.centre.as_ref().map(|centre| centre.url.clone()),
            known: Mutex::new(known),
            wishes: (Mutex::default(), Condvar::new()),
            uplink: Mutex::default(),
            scans: Default::default(),
            stopped: AtomicBool::new(false),
        }
    }

    /// There is something to push.
    pub(crate) fn wake(&self) {
        lock(&self.scans.0).written += 1;
        lock(&self.wishes.0).push = true;
        self.wishes.1.notify_all();
    }

    /// The centre was heard again: what waits for its next try need not wait.
    fn heard_again(&self) {
        lock(&self.wishes.0).retry = true;
        self.wishes.1.notify_all();
    }

    /// Ends the threads at their next look.
    pub(crate) fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
        self.wake();
        self.scans.1.notify_all();
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    /// Waits until there is something to push, at most `limit`.
    fn wait_for_push(&self, limit: Duration) {
        self.wait(limit, |wishes| wishes.push);
    }

    /// Waits for the next try, at most `pause`; a wish to push does not make a dead line better.
    fn wait_for_retry(&self, pause: Duration) {
        self.wait(pause, |wishes| wishes.retry);
    }

    fn wait(&self, limit: Duration, granted: impl Fn(&Wishes) -> bool) {
        let wishes = lock(&self.wishes.0);
        let waited = self.wishes.1.wait_timeout_while(wishes, limit, |wishes| !granted(wishes) && !self.is_stopped());
        *waited.unwrap_or_else(PoisonError::into_inner).0 = Wishes::default();
    }

    fn written(&self) -> u64 {
        lock(&self.scans.0).written
    }

    /// What had been written so often was taken, or could not be sent: scans go, or wait.
    fn note_pushed(&self, written: Option<u64>) {
        let mut scans = lock(&self.scans.0);
        scans.wish = written.is_some() && written != scans.pushed;
        scans.pushed = written;
        drop(scans);
        self.scans.1.notify_all();
    }

    /// Whether a record is still to be sent, or it is not known that none is.
    pub(crate) fn records_wait(&self) -> bool {
        let scans = lock(&self.scans.0);
        scans.pushed != Some(scans.written)
    }

    /// Waits until records are through, at most `limit`.
    pub(crate) fn wait_for_scans(&self, limit: Duration) {
        let scans = lock(&self.scans.0);
        let waited = self.scans.1.wait_timeout_while(scans, limit, |scans| !scans.wish && !self.is_stopped());
        waited.unwrap_or_else(PoisonError::into_inner).0.wish = false;
    }

    pub(crate) fn note_scans_waiting(&self, waiting: usize) {
        lock(&self.scans.0).waiting = waiting;
    }

    pub(crate) fn scans_waiting(&self) -> usize {
        lock(&self.scans.0).waiting
    }

    pub(crate) fn slip_problem(&self, problem: Option<Problem>) {
        lock(&self.known).slip_problem = problem;
    }

    /// Whether the centre, which answers, found our clock right within five minutes.
    pub(crate) fn clock_is_right(&self) -> bool {
        let known = lock(&self.known);
        known.online && known.clock_ahead_ms.is_some_and(|ahead_ms| ahead_ms.abs() <= CLOCK_RIGHT_MS)
    }

    fn note_clock(&self, now: Moment, centre_time: Moment) {
        let ahead_ms = now.0 - centre_time.0;
        let mut known = lock(&self.known);
        known.clock_ahead_ms = Some(ahead_ms);
        let since = known.clock_off_since.unwrap_or(now);
        known.clock_off_since = crate::standing::is_off(ahead_ms).then_some(since);
    }

    /// By how much the clock was found ahead of the centre's, and since when, where it is off.
    pub(crate) fn clock_off(&self) -> Option<(i64, Moment)> {
        let known = lock(&self.known);
        known.clock_ahead_ms.zip(known.clock_off_since)
    }

    /// What the comparison of both ends found, or that something was written since.
    pub(crate) fn note_ends(&self, ends: Ends) {
        lock(&self.known).ends = ends;
    }

    pub(crate) fn ends(&self) -> Ends {
        lock(&self.known).ends.clone()
    }

    /// When what waits is tried again.
    pub(crate) fn next_try(&self) -> Option<Moment> {
        lock(&self.known).next_try
    }

    fn note_next_try(&self, at: Option<Moment>) {
        lock(&self.known).next_try = at;
    }

    /// The line upwards, where the station has one.
    pub(crate) fn uplink(&self) -> Option<Arc<Uplink>> {
        lock(&self.uplink).clone()
    }

    /// What is wrong with the site's hubs.
    pub(crate) fn hub_problem(&self) -> Option<Problem> {
        self.uplink().filter(|uplink| uplink.is_doubled()).map(|_| Problem::new("HUB-DOUBLED"))
    }

    pub(crate) fn owed_problem(&self) -> Option<Problem> {
        lock(&self.known).slip_problem.clone()
    }
}

/// Starts the threads of a station that has a centre.
pub(crate) fn start(station: &Station) {
    let Some(url) = &station.link.url else { return };
    let uplink = Arc::new(uplink(&lock(&station.store), &station.config, url, &station.clock));
    lock(&station.link.uplink).replace(Arc::clone(&uplink));
    let (pusher, puller, carrier) = (Arc::clone(&uplink), Arc::clone(&uplink), uplink);
    let (pushes, pulls, scans) = (station.clone(), station.clone(), station.clone());
    spawn("push", move || push_loop(&pushes, &pusher));
    spawn("pull", move || pull_loop(&pulls, &puller));
    spawn("scans", move || crate::scans::send_loop(&scans, &carrier));
}

/// The line upwards of the station whose store this is.
pub(crate) fn uplink(store: &Store, config: &Config, centre_url: &str, clock: &Arc<dyn Clock>) -> Uplink {
    let authority = store.centre_authority().unwrap_or_else(|fault| {
        tracing::error!(%fault, "whom to trust cannot be read: no centre over TLS is believed");
        None
    });
    let (clock, signer) = (Arc::clone(clock), store.signer());
    let dial = move |url: &str| {
        let clock = Arc::clone(&clock);
        HttpCentre::new(url, Box::new(move || clock.now())).trusting(authority.as_deref()).signed(signer.clone())
    };
    let centre = dial(centre_url);
    let none = HubPart { urls: Vec::new(), search: Some(false) };
    let part = config.hub.as_ref().unwrap_or(&none);
    let hubs = Hubs::new(store.card().site.clone(), store.centre_sign_public(), &part.urls, Box::new(dial));
    let epoch = store.followed_epoch().unwrap_or_else(|fault| {
        tracing::error!(%fault, "which hub was followed cannot be read");
        0
    });
    Uplink::new(centre, hubs, part.searches(), epoch)
}

fn spawn(name: &str, body: impl FnOnce() + Send + 'static) {
    if let Err(error) = std::thread::Builder::new().name(name.into()).spawn(body) {
        tracing::error!(%error, name, "no thread: the station works on and sends nothing until it is started again");
    }
}

fn push_loop(station: &Station, centre: &Uplink) {
    let mut pauses = Pauses::new(FIRST_PAUSE, LONGEST_PAUSE);
    let mut whole_at = Instant::now() + about(WHOLE_EVERY, dice());
    while !station.link.is_stopped() {
        let turned = centre.take_changed();
        if turned {
            // What one hub held another, or the centre, may not hold.
            lock(&station.store).push_held_again();
        }
        let written = station.link.written();
        let pushed = push_all(&station.store, centre);
        let ok = note(station, &pushed);
        station.link.note_pushed(ok.then_some(written));
        if ok && turned && station.config.station.role == RoleName::Counter {
            // A hub that was just promoted waits for this: that the desk follows it, and that it knows the desk's calls.
            station.follow(centre);
        }
        if pushed.as_ref().is_ok_and(|outcome| outcome.new_incarnation.is_some()) {
            station.begin_new_life();
        }
        if let Ok(outcome) = &pushed
            && outcome.pushed > 0
        {
            crash::point("push-answered");
            station.notices.tell();
        }
        if ok {
            keep_codes(station, centre);
        }
        if ok && Instant::now() >= whole_at {
            whole_at = Instant::now() + about(WHOLE_EVERY, dice());
            let clock = || station.clock.now();
            take_in(station, &sync_once(&station.store, centre, &clock));
            ends::compare_now(station, centre);
        }
        owed::retry_slips(station);
        let tried_again = match &pushed {
            Ok(_) => LONGEST_PAUSE,
            Err(fault) => pauses.after(fault.retry_after(), dice()),
        };
        station.link.note_next_try(Some(station.clock.now().plus_ms(tried_again.as_millis() as i64)));
        if ok {
            if pushed.as_ref().is_ok_and(|outcome| outcome.pushed > 0) || !station.link.ends().are_known() {
                ends::compare_now(station, centre);
            }
            pauses.went_well();
            station.link.wait_for_push(LONGEST_PAUSE);
        } else {
            station.link.wait_for_retry(tried_again);
        }
    }
}

fn pull_loop(station: &Station, centre: &Uplink) {
    let mut pauses = Pauses::new(FIRST_PAUSE, LONGEST_PAUSE);
    let mut checked = false;
    while !station.link.is_stopped() {
        let clock = || station.clock.now();
        // The first round waits for nothing, so that a station soon knows what it missed.
        let wait_ms = if checked { PULL_WAIT_MS } else { 0 };
        if !checked {
            let heads = check_heads(&station.store, centre);
            checked = heads.is_ok();
            if let Ok(Some(_)) = heads {
                station.begin_new_life();
            }
        }
        let pulled = pull_once(&station.store, centre, &clock, wait_ms);
        note(station, &pulled);
        if pulled.as_ref().is_ok_and(|outcome| !outcome.received.is_empty()) {
            crash::point("pull-taken");
        }
        take_in(station, &pulled);
        if checked && pulled.as_ref().is_ok_and(is_whole) {
            learn_the_past(station, centre);
        }
        match &pulled {
            Ok(_) => pauses.went_well(),
            Err(fault) => std::thread::park_timeout(pauses.after(fault.retry_after(), dice())),
        }
    }
}

fn is_whole(outcome: &SyncOutcome) -> bool {
    !outcome.more && outcome.new_incarnation.is_none()
}

/// A disk that was put back asks the centre itself what it did: a hub may not hold all of it, being new, or cut off since.
fn learn_the_past(station: &Station, uplink: &Uplink) {
    if station.knows_its_past.load(Ordering::Relaxed) {
        return;
    }
    let clock = || station.clock.now();
    let asked = sync_once(&station.store, uplink.centre(), &clock);
    take_in(station, &asked);
    if asked.as_ref().is_ok_and(is_whole) {
        station.past_is_whole();
    }
}

/// Chance for pauses: what two stations throw differs.
fn dice() -> u64 {
    random_bits() as u64
}

/// Takes in what a round brought, whether it ended well or not: what is on disk must be in the state too.
fn take_in(station: &Station, outcome: &Result<SyncOutcome, SyncFault>) {
    station.catch_up();
    let Ok(outcome) = outcome else { return };
    if let Some(centre_time) = outcome.centre_time {
        station.link.note_clock(station.clock.now(), centre_time);
    }
    if outcome.new_incarnation.is_some() {
        station.begin_new_life();
    }
    station.heard_late(&outcome.received);
    let leased = outcome.received.iter().any(|event| event.fact.kind() == "CodesLeased");
    if leased && let Err(problem) = station.act(None, Input::AssignCodes) {
        tracing::error!(%problem, "official codes could not be assigned");
    }
}

/// Remembers whether the centre answered; true where it did.
fn note(station: &Station, outcome: &Result<SyncOutcome, SyncFault>) -> bool {
    let problem = match outcome {
        Ok(outcome) => {
            outcome.refused.first().map(|(_, refusal)| problem::of_centre(&CentreFault::Refused(refusal.clone())))
        }
        Err(SyncFault::Centre(fault)) => Some(problem::of_centre(fault)),
        Err(SyncFault::Store(fault)) => {
            tracing::error!(code = fault.code(), %fault, "sync");
            Some(Problem::new("STATION-FAULT").with("why", fault))
        }
    };
    let online = match outcome {
        Ok(_) => true,
        Err(fault) => fault.next_step() == NextStep::AskPerson,
    };
    let mut known = lock(&station.link.known);
    let changed = known.online != online || known.problem != problem;
    if known.online != online {
        known.since = station.clock.now();
        known.online = online;
        tracing::info!(online, "the link to the centre");
        if online {
            station.link.heard_again();
        }
    }
    known.problem = problem;
    drop(known);
    if changed {
        station.notices.tell();
    }
    outcome.is_ok()
}

/// Keeps enough dossier numbers for some days ahead, and asks for numbers of the days whose dossiers have none.
fn keep_codes(station: &Station, centre: &Uplink) {
    if station.config.station.role != RoleName::Counter {
        return;
    }
    for (day, request) in days_without_codes(station) {
        let agency = station.here.agency.clone();
        let ask = LeaseAsk { request, agency, day, count: LEASE_SIZE, to: None };
        if let Err(fault) = centre.lease(&ask) {
            tracing::warn!(%fault, %day, "no dossier numbers");
            // A day that the centre refuses says nothing of the other days; a centre that is away does.
            if fault.next_step() == NextStep::TryAgain {
                return;
            }
        }
    }
}

fn days_without_codes(station: &Station) -> Vec<(Date, Uuid)> {
    let state = lock(&station.state);
    let here = &station.here;
    let today = station.clock.now().day();
    let ahead = (0..LEASE_DAYS).filter_map(|days| today.checked_add(days.days()).ok());
    let mut days: BTreeSet<Date> = ahead.collect();
    let temporary = state.dossiers().filter(|dossier| matches!(dossier.code, CodeGiven::Temporary { .. }));
    let ours = temporary.filter(|dossier| dossier.site == here.site && dossier.desk == here.desk);
    days.extend(ours.map(|dossier| dossier.accepted_at.day()));
    let low = |day: &Date| state.free_codes(here.station, &here.agency, *day).take(LEASE_LOW).count() < LEASE_LOW;
    let request = |day: Date| {
        // The same need asked again is the same request: it changes only when a lease of that day has arrived.
        let leases = state.leases(here.station, &here.agency, day).count() as u128;
        let days = day.duration_since(jiff::civil::date(1970, 1, 1)).as_hours() as u128 / 24;
        Uuid::from_u128(here.station.0.as_u128() ^ (days << 24) ^ leases)
    };
    days.into_iter().filter(low).map(|day| (day, request(day))).collect()
}

/// How far the centre knows what this station knows.
pub(crate) fn view(station: &Station) -> Result<SyncView, Problem> {
    let outbox = lock(&station.store).outbox().map_err(problem::of_store)?;
    let synced_at = ends::synced_at(station).map(|at| at.0);
    let here = &station.here;
    let today = station.clock.now().day();
    let codes_left = lock(&station.state).free_codes(here.station, &here.agency, today).count() as u32;
    let known = lock(&station.link.known);
    let waiting = outbox.waiting as u32;
    let problem = known.problem.clone().map(|problem| {
        let since = known.since.civil().strftime("%H:%M").to_string();
        problem.with("since", since).with("waiting", waiting)
    });
    Ok(SyncView {
        online: known.online,
        since: known.since.0,
        synced_at,
        waiting,
        last_receipt: outbox
            .last_receipt
            .map(|receipt| ReceiptSeen { no: receipt.receipt_no.to_string(), at: receipt.at.0 }),
        problem,
        codes_left,
        clock_ahead_ms: known.clock_ahead_ms,
    })
}
