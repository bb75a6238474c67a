//! The centre itself, with no HTTP in it: one log, who may ask it what, and what it answers.
//!
//! A handler, a simulation or a test takes [`Service::for_station`] and speaks sync's [`Centre`](sync::protocol::Centre)
//! to it.

mod access;
mod dossiers;
mod export;
mod leases;
mod news;
mod office;
mod station;

pub use export::{Export, ExportedEvent, ExportedStream};
pub use leases::{AHEAD_DAYS, BACK_DAYS, MAX_COUNT};
pub use news::News;
pub use office::{Appointment, OfficeFault};
pub use station::AsStation;

use crate::clock::Clock;
use dossiers::Dossiers;
use intake::event::{Event, Scope};
use intake::ids::{SiteCode, StationId};
use intake::moment::Moment;
use leases::LeaseBook;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use sync::auth::{RequestGuard, RequestSignature};
use sync::protocol::{EnrolAsk, Enrolment, PublicState, StationCard};
use sync::store::{NewStation, Paths, ReceiveFault, Store, StoreFault};
use sync::{CentreFault, Refusal};

/// How long a station is asked to wait when the store cannot serve, in milliseconds.
pub const BUSY_RETRY_MS: u64 = 5_000;
/// For so long a failed write counts against the service's health, in milliseconds.
const FAULT_FRESH_MS: u64 = 60_000;

/// The centre. Cheap to share: clone the `Arc` around it.
pub struct Service {
    books: Mutex<Books>,
    dossiers: RwLock<Dossiers>,
    cards: RwLock<HashMap<StationId, StationCard>>,
    guard: Mutex<RequestGuard>,
    news: News,
    clock: Clock,
}

/// What changes together, under one lock.
struct Books {
    store: Store,
    leases: LeaseBook,
    /// Rows of the store that the folds have seen.
    row: i64,
    /// How many events that were.
    events: u64,
    /// Why the store could not be written the last time, if it could not.
    write_fault: Option<(Moment, &'static str)>,
}

/// What the service holds, in numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    /// Events, each once.
    pub events: u64,
    /// Streams.
    pub streams: u64,
    /// Stations, the centre among them.
    pub stations: u64,
}

impl Service {
    /// Opens the centre's log, and makes it (with the centre's own identity) where there is none.
    ///
    /// # Errors
    /// See [`StoreFault`].
    pub fn open(paths: Paths, site: &SiteCode, clock: Clock) -> Result<Arc<Self>, StoreFault> {
        let store = if Store::exists(paths.clone()) {
            Store::open(paths)?
        } else {
            Store::create(paths, NewStation::centre("Trung tâm", site.clone())?)?
        };
        let own = store.card().clone();
        let mut cards: HashMap<_, _> =
            store.stations()?.into_iter().map(|known| (known.card.station, known.card)).collect();
        cards.insert(own.station, own.clone());
        let books = Books { store, leases: LeaseBook::of(own.station), row: 0, events: 0, write_fault: None };
        let service = Self {
            books: Mutex::new(books),
            dossiers: RwLock::default(),
            cards: RwLock::new(cards),
            guard: Mutex::default(),
            news: News::default(),
            clock,
        };
        service.fold_news(&mut service.books())?;
        Ok(Arc::new(service))
    }

    /// The service as one station sees it.
    pub fn for_station(self: &Arc<Self>, card: StationCard) -> AsStation {
        AsStation::new(Arc::clone(self), card)
    }

    /// Who signed this request?
    ///
    /// # Errors
    /// [`Refusal::UnknownStation`], [`Refusal::BadSignature`], [`Refusal::ClockSkew`], [`Refusal::Replay`].
    pub fn authenticate(
        &self,
        request: &RequestSignature,
        method: &str,
        path: &str,
        body: &[u8],
    ) -> Result<StationCard, Refusal> {
        let card = self.card(request.station).ok_or(Refusal::UnknownStation { station: request.station })?;
        let mut guard = self.guard.lock().unwrap_or_else(PoisonError::into_inner);
        guard.check(request, method, path, body, &card.sign_public, self.now())?;
        Ok(card)
    }

    /// Turns a one-time token into a station. The same token with the same keys gives the same station again.
    ///
    /// # Errors
    /// [`Refusal::BadToken`] for a token that is unknown, used by another, expired, or meant for another role.
    pub fn enrol(&self, ask: &EnrolAsk) -> Result<Enrolment, CentreFault> {
        let now = self.now();
        let enrolment = self.write(|books| books.store.enrol(now, ask))?;
        let mut cards = self.cards.write().unwrap_or_else(PoisonError::into_inner);
        cards.insert(enrolment.card.station, enrolment.card.clone());
        drop(cards);
        // Those who wait hear of their new neighbour with the next answer.
        self.news.spread(&enrolment.card.scopes);
        Ok(enrolment)
    }

    /// What the public may know of a dossier: its code and state. None for every text that names no dossier.
    pub fn public_state(&self, code: &str) -> Option<PublicState> {
        self.dossiers.read().unwrap_or_else(PoisonError::into_inner).by_code(code)
    }

    /// Which scopes have something new.
    pub fn news(&self) -> &News {
        &self.news
    }

    /// The service's clock.
    pub fn now(&self) -> Moment {
        (self.clock)()
    }

    /// The card of a station that was enrolled.
    pub fn card(&self, station: StationId) -> Option<StationCard> {
        self.cards.read().unwrap_or_else(PoisonError::into_inner).get(&station).cloned()
    }

    /// What the service holds, in numbers.
    ///
    /// # Errors
    /// See [`StoreFault`].
    pub fn counts(&self) -> Result<Counts, StoreFault> {
        let books = self.books();
        let streams = books.store.streams()?.0.len() as u64;
        let events = books.events;
        drop(books);
        let stations = self.cards.read().unwrap_or_else(PoisonError::into_inner).len() as u64;
        Ok(Counts { events, streams, stations })
    }

    /// Whether the store takes writes: the last one worked, and moving the write-ahead log into the file works.
    ///
    /// # Errors
    /// The code of what is wrong.
    pub fn check_writable(&self) -> Result<(), &'static str> {
        let books = self.books();
        match books.write_fault {
            // An old fault says little: the next write may find room again, and nobody may be sent here until then.
            Some((at, code)) if self.now().0.abs_diff(at.0) < FAULT_FRESH_MS => return Err(code),
            _ => {}
        }
        books.store.settle().map_err(|fault| fault.code())
    }

    /// Never lets the log grow beyond `bytes`, so that others on this disk live on. Stations keep what is not taken.
    ///
    /// # Errors
    /// See [`StoreFault`].
    pub fn limit_bytes(&self, bytes: u64) -> Result<(), StoreFault> {
        self.books().store.limit_bytes(bytes)
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        // A panic in the midst of a transaction rolled it back; the folds are made only after a commit.
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes under the lock, then folds what came of it and tells those who wait.
    fn write<T, E: Into<ReceiveFault>>(&self, act: impl FnOnce(&mut Books) -> Result<T, E>) -> Result<T, CentreFault> {
        let mut books = self.books();
        let done = act(&mut books).map_err(Into::into);
        books.write_fault = match &done {
            Err(ReceiveFault::Store(fault)) => Some((self.now(), fault.code())),
            // A refusal wrote nothing, so it says nothing of the disk.
            Err(ReceiveFault::Refused(_)) => books.write_fault,
            Ok(_) => None,
        };
        let done = done.map_err(fault_for_station)?;
        self.fold_news(&mut books).map_err(|fault| fault_for_station(fault.into()))?;
        Ok(done)
    }

    fn fold_news(&self, books: &mut Books) -> Result<(), StoreFault> {
        let (events, row) = books.store.events_since(books.row)?;
        if events.is_empty() {
            return Ok(());
        }
        books.row = row;
        books.events += events.len() as u64;
        events.iter().for_each(|event| books.leases.apply(event));
        let mut dossiers = self.dossiers.write().unwrap_or_else(PoisonError::into_inner);
        events.iter().for_each(|event| dossiers.apply(event));
        drop(dossiers);
        self.news.spread(&scopes_of(&events));
        Ok(())
    }
}

fn scopes_of(events: &[Event]) -> Vec<Scope> {
    let scopes: BTreeSet<&Scope> = events.iter().flat_map(|event| &event.scopes).collect();
    scopes.into_iter().cloned().collect()
}

/// A refusal goes to the station as it is; a fault of our own store is ours to mend, and logged here, once.
fn fault_for_station(fault: ReceiveFault) -> CentreFault {
    match fault {
        ReceiveFault::Refused(refusal) => CentreFault::Refused(refusal),
        ReceiveFault::Store(fault) => {
            tracing::error!(code = fault.code(), "the store cannot serve");
            CentreFault::Busy { retry_after_ms: BUSY_RETRY_MS }
        }
    }
}
