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
use sync::store::{Store, StoreFault};

/// How long a pull waits at the centre, in milliseconds. Ends with the relay at the latest after this.
const PULL_WAIT_MS: u64 = 2_000;
/// The longest first pause after a failure; each further one may be twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Who hears of what the centre sends.
pub(super) struct Known {
    pub(super) authority: Arc<Authority>,
    pub(super) hall: Arc<Hall>,
}

/// Ends its threads when it is dropped.
pub(super) struct Relay {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

struct Shared {
    store: Arc<Mutex<Store>>,
    news: Arc<News>,
    clock: Clock,
    known: Known,
    wish: (Mutex<bool>, Condvar),
    ended: AtomicBool,
}

impl Relay {
    pub(super) fn start(
        store: Arc<Mutex<Store>>,
        news: Arc<News>,
        pusher: HttpCentre,
        puller: HttpCentre,
        clock: &Clock,
        known: Known,
    ) -> Result<Self, StoreFault> {
        let wish = (Mutex::new(true), Condvar::new());
        let shared =
            Arc::new(Shared { store, news, clock: Arc::clone(clock), known, wish, ended: AtomicBool::new(false) });
        let (pushing, pulling) = (Arc::clone(&shared), Arc::clone(&shared));
        let push = std::thread::Builder::new().name("relay-push".into()).spawn(move || pushing.push_loop(&pusher))?;
        let pull = std::thread::Builder::new().name("relay-pull".into()).spawn(move || pulling.pull_loop(&puller))?;
        Ok(Self { shared, threads: vec![push, pull] })
    }

    /// There is something to push.
    pub(super) fn wake(&self) {
        self.shared.wake();
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::Relaxed);
        self.shared.wake();
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

impl Shared {
    fn wake(&self) {
        *self.wish.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.wish.1.notify_all();
    }

    fn is_ended(&self) -> bool {
        self.ended.load(Ordering::Relaxed)
    }

    fn push_loop(&self, centre: &HttpCentre) {
        let mut pauses = Pauses::new(FIRST_PAUSE, LONGEST_PAUSE);
        while !self.is_ended() {
            let pushed = push_all(&self.store, centre);
            self.note(&pushed);
            let wait = match &pushed {
                Ok(_) => {
                    pauses.went_well();
                    LONGEST_PAUSE
                }
                Err(fault) => pauses.after(fault.retry_after(), dice()),
            };
            if pushed.as_ref().is_ok_and(|outcome| outcome.pushed > 0) {
                // Stations wait for the centre's receipts as they do for others' news.
                self.news.spread_everywhere();
            }
            let wish = self.wish.0.lock().unwrap_or_else(PoisonError::into_inner);
            let waited = self.wish.1.wait_timeout_while(wish, wait, |wish| !*wish && !self.is_ended());
            *waited.unwrap_or_else(PoisonError::into_inner).0 = false;
        }
    }

    fn pull_loop(&self, centre: &HttpCentre) {
        let mut pauses = Pauses::new(FIRST_PAUSE, LONGEST_PAUSE);
        let clock = || (self.clock)();
        while !self.is_ended() {
            let pulled = pull_once(&self.store, centre, &clock, PULL_WAIT_MS);
            self.note(&pulled);
            match pulled {
                Ok(_) => pauses.went_well(),
                Err(fault) => std::thread::park_timeout(pauses.after(fault.retry_after(), dice())),
            }
        }
    }

    fn note(&self, outcome: &Result<SyncOutcome, SyncFault>) {
        match outcome {
            Ok(outcome) => {
                let scopes: Vec<Scope> =
                    outcome.received.iter().flat_map(|event| event.scopes.iter().cloned()).collect();
                // Another hub of this site, which nobody named to this one, is known by its appointment in the log.
                let appointed = outcome.received.iter().any(|event| event.fact.kind() == "HubAppointed");
                if appointed && let Err(fault) = self.known.authority.reconsider() {
                    tracing::error!(code = fault.code(), "who leads is not known");
                }
                let store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
                if let Err(fault) = self.known.hall.note(&store, &outcome.received) {
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
