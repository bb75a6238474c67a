//! The centre itself, with no HTTP in it: one log, who may ask it what, and what it answers.
//!
//! A handler, a simulation or a test takes [`Service::for_station`] and speaks sync's [`Centre`](sync::protocol::Centre)
//! to it.

mod access;
mod blobs;
mod earlier;
mod export;
mod office;
mod station;
mod stick;

pub use crate::news::News;
pub use crate::store::{AHEAD_DAYS, BACK_DAYS, Counts, MAX_COUNT};
pub use export::{Export, ExportedEvent, ExportedStream};
pub use office::{Appointment, OfficeFault};
pub use station::AsStation;
pub use stick::{Carried, NotCarried};

use crate::clock::Clock;
use crate::store::CentreStore;
use intake::ids::StationId;
use intake::moment::Moment;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};
use sync::auth::{RequestGuard, RequestSignature};
use sync::protocol::{EnrolAsk, Enrolment, PublicState, StationCard};
use sync::store::{ReceiveFault, StoreFault};
use sync::tls::Fingerprint;
use sync::{CentreFault, Refusal};

/// How long a station is asked to wait when the store cannot serve, in milliseconds.
pub const BUSY_RETRY_MS: u64 = 5_000;
/// For so long a failed write counts against the service's health, in milliseconds.
const FAULT_FRESH_MS: u64 = 60_000;

/// The centre. Cheap to share: clone the `Arc` around it.
pub struct Service {
    store: Box<dyn CentreStore>,
    /// Cards that were asked for; a card never changes.
    cards: RwLock<HashMap<StationId, StationCard>>,
    guard: Mutex<RequestGuard>,
    /// Why the store could not be written the last time, if it could not.
    write_fault: Mutex<Option<(Moment, &'static str)>>,
    clock: Clock,
    /// The authority that vouches for this service on the wire, where it speaks TLS.
    known_by: OnceLock<Fingerprint>,
    /// Where attachments are kept, where this is the centre itself.
    depot: OnceLock<crate::blobs::Depot>,
}

impl Service {
    /// The centre over any store.
    pub fn over(store: Box<dyn CentreStore>, clock: Clock) -> Arc<Self> {
        let (cards, guard, write_fault) = (RwLock::default(), Mutex::default(), Mutex::default());
        let (known_by, depot) = (OnceLock::new(), OnceLock::new());
        Arc::new(Self { store, cards, guard, write_fault, clock, known_by, depot })
    }

    /// From now on invitations carry this fingerprint, so that their stations trust nobody else.
    pub fn be_known_by(&self, authority: Fingerprint) {
        // It is said once, when the service starts.
        let _ = self.known_by.set(authority);
    }

    /// The service as one station sees it.
    pub fn for_station(self: &Arc<Self>, card: StationCard) -> AsStation {
        AsStation::new(Arc::clone(self), card)
    }

    /// Who signed this request?
    ///
    /// # Errors
    /// [`Refusal::UnknownStation`], [`Refusal::BadSignature`], [`Refusal::ClockSkew`], [`Refusal::Replay`];
    /// [`CentreFault::Busy`] when the store cannot tell.
    pub fn authenticate(
        &self,
        request: &RequestSignature,
        method: &str,
        path: &str,
        body: &[u8],
    ) -> Result<StationCard, CentreFault> {
        let card = self.card(request.station)?.ok_or(Refusal::UnknownStation { station: request.station })?;
        // The signature is what costs time, so it is checked outside the lock that all requests share.
        request.check_signature(method, path, body, &card.sign_public)?;
        let mut guard = self.guard.lock().unwrap_or_else(PoisonError::into_inner);
        guard.admit(request, self.now())?;
        Ok(card)
    }

    /// Turns a one-time token into a station. The same token with the same keys gives the same station again.
    ///
    /// # Errors
    /// [`Refusal::BadToken`] for a token that is unknown, used by another, expired, or meant for another role.
    pub fn enrol(&self, ask: &EnrolAsk) -> Result<Enrolment, CentreFault> {
        self.note_write(self.store.enrol(self.now(), ask))
    }

    /// What the public may know of a dossier: its code and state. None for every text that names no dossier.
    ///
    /// # Errors
    /// [`CentreFault::Busy`] when the store cannot tell.
    pub fn public_state(&self, code: &str) -> Result<Option<PublicState>, CentreFault> {
        self.store.public_state(code).map_err(|fault| fault_for_station(fault.into()))
    }

    /// The queue's authority, where this is a site's hub.
    pub fn authority(&self) -> Option<&crate::hub::Authority> {
        self.store.authority()
    }

    /// What the hall's boards show, where this is a site's hub that leads.
    pub fn hall(&self) -> Option<&crate::hub::Hall> {
        self.store.hall().filter(|_| self.authority().is_some_and(crate::hub::Authority::leads))
    }

    /// Which scopes have something new.
    pub fn news(&self) -> &Arc<News> {
        self.store.news()
    }

    /// The service's clock.
    pub fn now(&self) -> Moment {
        (self.clock)()
    }

    /// The card of a station that was enrolled.
    ///
    /// # Errors
    /// [`CentreFault::Busy`] when the store cannot tell.
    pub fn card(&self, station: StationId) -> Result<Option<StationCard>, CentreFault> {
        if let Some(card) = self.cards.read().unwrap_or_else(PoisonError::into_inner).get(&station) {
            return Ok(Some(card.clone()));
        }
        let found = self.store.station_card(station).map_err(|fault| fault_for_station(fault.into()))?;
        if let Some(card) = &found {
            self.cards.write().unwrap_or_else(PoisonError::into_inner).insert(station, card.clone());
        }
        Ok(found)
    }

    /// What the service holds, in numbers.
    ///
    /// # Errors
    /// See [`StoreFault`].
    pub fn counts(&self) -> Result<Counts, StoreFault> {
        self.store.counts()
    }

    /// Whether the store takes writes: the last one worked, and the database says that it does.
    ///
    /// # Errors
    /// The code of what is wrong.
    pub fn check_writable(&self) -> Result<(), &'static str> {
        match *self.write_fault.lock().unwrap_or_else(PoisonError::into_inner) {
            // An old fault says little: the next write may find room again, and nobody may be sent here until then.
            Some((at, code)) if self.now().0.abs_diff(at.0) < FAULT_FRESH_MS => return Err(code),
            _ => {}
        }
        self.store.check_writable().map_err(|fault| fault.code())
    }

    /// Never lets the log grow beyond `bytes`, so that others on this disk live on. Stations keep what is not taken.
    ///
    /// # Errors
    /// See [`StoreFault`].
    pub fn limit_bytes(&self, bytes: u64) -> Result<(), StoreFault> {
        self.store.limit_bytes(bytes)
    }

    /// Remembers whether a write worked, and says to a station what it may know.
    fn note_write<T, E: Into<ReceiveFault>>(&self, done: Result<T, E>) -> Result<T, CentreFault> {
        let done = done.map_err(Into::into);
        let mut known = self.write_fault.lock().unwrap_or_else(PoisonError::into_inner);
        *known = match &done {
            // A hub whose centre is away is well itself.
            Err(ReceiveFault::Store(StoreFault::Upstream(_))) => *known,
            Err(ReceiveFault::Store(fault)) => Some((self.now(), fault.code())),
            // A refusal wrote nothing, so it says nothing of the disk.
            Err(ReceiveFault::Refused(_)) => *known,
            Ok(_) => None,
        };
        drop(known);
        done.map_err(fault_for_station)
    }
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
