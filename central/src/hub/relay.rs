//! The hub's line to the centre: two threads, so that a pull that waits for news holds up no push.

use super::{Authority, Hall};
use crate::clock::Clock;
use crate::news::News;
use intake::event::Scope;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use sync::HttpCentre;
use sync::engine::{SyncFault, SyncOutcome, pull_once, push_all};
use sync::pauses::Pauses;
use sync::protocol::Centre;
use sync::store::{Store, StoreFault};

/// How long a pull waits at the centre, in milliseconds. Ends with the relay at the latest after this.
const PULL_WAIT_MS: u64 = 2_000;
/// The longest first pause after a failure; each further one may be twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// What goes between the hub's log and the centre, a step at a time.
pub struct Carrier {
    store: Arc<Mutex<Store>>,
    news: Arc<News>,
    clock: Clock,
    authority: Arc<Authority>,
    hall: Arc<Hall>,
    wish: (Mutex<bool>, Condvar),
}

/// The threads that take the steps; ends them when it is dropped.
pub(super) struct Relay {
    carrier: Arc<Carrier>,
    ended: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Relay {
    pub(super) fn start(carrier: &Arc<Carrier>, pusher: HttpCentre, puller: HttpCentre) -> Result<Self, StoreFault> {
        let ended = Arc::new(AtomicBool::new(false));
        let (pushes, pulls) = (Arc::clone(carrier), Arc::clone(carrier));
        let (pushing, pulling) = (Arc::clone(&ended), Arc::clone(&ended));
        let push = move || push_loop(&pushes, &pusher, &pushing);
        let pull = move || pull_loop(&pulls, &puller, &pulling);
        let push = std::thread::Builder::new().name("relay-push".into()).spawn(push)?;
        let pull = std::thread::Builder::new().name("relay-pull".into()).spawn(pull)?;
        Ok(Self { carrier: Arc::clone(carrier), ended, threads: vec![push, pull] })
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        self.carrier.wake();
        for thread in self.threads.drain(..) {
            thread.thread().unpark();
            if thread.join().is_err() {
                tracing::error!("a relay's thread did not end well");
            }
        }
    }
}

/// Chance for pauses; without any, all of a pause is waited.
fn dice() -> u64 {
    sync::wrap::random::<8>().map_or(u64::MAX, u64::from_le_bytes)
}

fn push_loop(carrier: &Carrier, centre: &HttpCentre, ended: &AtomicBool) {
    let mut pauses = Pauses::new(FIRST_PAUSE, LONGEST_PAUSE);
    while !ended.load(Ordering::Relaxed) {
        let wait = match carrier.push(centre) {
            Ok(_) => {
                pauses.went_well();
                LONGEST_PAUSE
            }
            Err(fault) => pauses.after(fault.retry_after(), dice()),
        };
        carrier.wait_for_wish(wait, ended);
    }
}

fn pull_loop(carrier: &Carrier, centre: &HttpCentre, ended: &AtomicBool) {
    let mut pauses = Pauses::new(FIRST_PAUSE, LONGEST_PAUSE);
    while !ended.load(Ordering::Relaxed) {
        match carrier.pull(centre, PULL_WAIT_MS) {
            Ok(_) => pauses.went_well(),
            Err(fault) => std::thread::park_timeout(pauses.after(fault.retry_after(), dice())),
        }
    }
}

impl Carrier {
    pub(super) fn new(
        store: &Arc<Mutex<Store>>,
        news: &Arc<News>,
        clock: &Clock,
        authority: &Arc<Authority>,
        hall: &Arc<Hall>,
    ) -> Self {
        Self {
            store: Arc::clone(store),
            news: Arc::clone(news),
            clock: Arc::clone(clock),
            authority: Arc::clone(authority),
            hall: Arc::clone(hall),
            wish: (Mutex::new(true), Condvar::new()),
        }
    }

    /// The hub's log, for who looks into it from the same process.
    pub fn store(&self) -> &Mutex<Store> {
        &self.store
    }

    /// Hands over all that the centre has not confirmed: what the stations gave, and the hub's own.
    ///
    /// # Errors
    /// [`SyncFault`]; a refusal of one stream is in the outcome.
    pub fn push(&self, centre: &dyn Centre) -> Result<SyncOutcome, SyncFault> {
        let pushed = push_all(&self.store, centre);
        self.note(&pushed);
        if pushed.as_ref().is_ok_and(|outcome| outcome.pushed > 0) {
            // Stations wait for the centre's receipts as they do for others' news.
            self.news.spread_everywhere();
        }
        pushed
    }

    /// Asks the centre once for what is new to this hub, waiting there up to `wait_ms`.
    ///
    /// # Errors
    /// [`SyncFault`]; a refusal of one segment is in the outcome.
    pub fn pull(&self, centre: &dyn Centre, wait_ms: u64) -> Result<SyncOutcome, SyncFault> {
        let clock = || (self.clock)();
        let pulled = pull_once(&self.store, centre, &clock, wait_ms);
        self.note(&pulled);
        pulled
    }

    /// There is something to push.
    pub(super) fn wake(&self) {
        *self.wish.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.wish.1.notify_all();
    }

    fn wait_for_wish(&self, limit: Duration, ended: &AtomicBool) {
        let wish = self.wish.0.lock().unwrap_or_else(PoisonError::into_inner);
        let still = |wish: &mut bool| !*wish && !ended.load(Ordering::Relaxed);
        let waited = self.wish.1.wait_timeout_while(wish, limit, still);
        *waited.unwrap_or_else(PoisonError::into_inner).0 = false;
    }

    fn note(&self, outcome: &Result<SyncOutcome, SyncFault>) {
        match outcome {
            Ok(outcome) => {
                let scopes: Vec<Scope> =
                    outcome.received.iter().flat_map(|event| event.scopes.iter().cloned()).collect();
                // Another hub of this site, which nobody named to this one, is known by its appointment in the log.
                let appointed = outcome.received.iter().any(|event| event.fact.kind() == "HubAppointed");
                if appointed && let Err(fault) = self.authority.reconsider() {
                    tracing::error!(code = fault.code(), "who leads is not known");
                }
                let store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
                if let Err(fault) = self.hall.note(&store, &outcome.received) {
                    tracing::error!(code = fault.code(), "what was called elsewhere is not known");
                }
                drop(store);
                if !scopes.is_empty() {
                    self.news.spread(&scopes);
                }
                for (_, refusal) in &outcome.refused {
                    tracing::warn!(code = refusal.code(), "the centre and this hub do not agree");
                }
            }
            Err(fault) => tracing::debug!(code = fault.code(), "the line to the centre"),
        }
    }
}
