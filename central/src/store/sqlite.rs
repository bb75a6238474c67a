//! One SQLite file: the default. One process, one thread at a time.

use super::dossiers::{canonical, state_of};
use super::lease_rules::{self, LeaseBook};
use super::{CentreStore, Counts, outcome};
use crate::news::News;
use intake::event::{Draft, Event, Scope, Subject};
use intake::ids::{SiteCode, StationId};
use intake::moment::Moment;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use sync::checked::check_all;
use sync::checkpoint::Checkpoint;
use sync::earlier::Tag;
use sync::protocol::WrappedKey;
use sync::protocol::{
    EnrolAsk, Enrolment, LeaseAsk, PublicState, PullAnswer, PullAsk, SegmentOutcome, SegmentWithGrants, StationCard,
};
use sync::store::{Invitation, NewStation, Paths, ReceiveFault, Store, StoreFault, VerifyReport};
use sync::stream::Heads;
use sync::wrap::Secret;

/// The log in one file.
pub struct Sqlite {
    books: Mutex<Books>,
    news: Arc<News>,
}

/// What changes together, under one lock.
struct Books {
    store: Store,
    leases: LeaseBook,
    /// How many events are held, each once.
    events: u64,
}

impl Sqlite {
    /// Opens the centre's log, and makes it (with the centre's own identity) where there is none.
    ///
    /// # Errors
    /// See [`StoreFault`].
    pub fn open(paths: Paths, site: &SiteCode) -> Result<Self, StoreFault> {
        if Store::exists(paths.clone()) {
            Self::over(Store::open(paths)?)
        } else {
            Self::over(Store::create(paths, NewStation::centre("Trung tâm", site.clone())?)?)
        }
    }

    /// Over a log that is open already.
    ///
    /// # Errors
    /// See [`StoreFault`].
    pub fn over(store: Store) -> Result<Self, StoreFault> {
        let mut leases = LeaseBook::of(store.station());
        store.lease_events()?.iter().for_each(|event| leases.apply(event));
        let events = store.count_events()?;
        Ok(Self { books: Mutex::new(Books { store, leases, events }), news: Arc::default() })
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        // A panic in the midst of a transaction rolled it back; the folds are made only after a commit.
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes under the lock; what came of it is counted, and those who wait are told.
    fn write<T, E: From<StoreFault>>(
        &self,
        act: impl FnOnce(&mut Store) -> Result<(T, Vec<Event>), E>,
    ) -> Result<T, E> {
        self.write_books(|books| act(&mut books.store))
    }

    fn write_books<T, E>(&self, act: impl FnOnce(&mut Books) -> Result<(T, Vec<Event>), E>) -> Result<T, E> {
        let mut books = self.books();
        let (done, events) = act(&mut books)?;
        books.events += events.len() as u64;
        events.iter().for_each(|event| books.leases.apply(event));
        if !events.is_empty() {
            self.news.spread(&scopes_of(&events));
        }
        Ok(done)
    }
}

impl CentreStore for Sqlite {
    fn station_card(&self, station: StationId) -> Result<Option<StationCard>, StoreFault> {
        let books = self.books();
        let own = books.store.card();
        if own.station == station { Ok(Some(own.clone())) } else { books.store.station_card(station) }
    }

    fn ensure_group(&self, name: &str) -> Result<(), StoreFault> {
        self.books().store.ensure_group(name).map(drop)
    }

    fn invite(&self, invitation: &Invitation) -> Result<String, StoreFault> {
        self.books().store.invite(invitation)
    }

    fn enrol(&self, now: Moment, ask: &EnrolAsk) -> Result<Enrolment, ReceiveFault> {
        let enrolment = self.books().store.enrol(now, ask)?;
        // Those who wait hear of their new neighbour with the next answer.
        self.news.spread(&enrolment.card.scopes);
        Ok(enrolment)
    }

    fn publish(&self, now: Moment, draft: Draft) -> Result<(), StoreFault> {
        self.write(|store| Ok(((), store.append(now, None, vec![draft], vec![], &[])?)))
    }

    fn lease(&self, now: Moment, to: &StationCard, ask: &LeaseAsk) -> Result<(), ReceiveFault> {
        self.write_books(|books| {
            let standing = || books.leases.standing(to.station, ask);
            let Some(draft) = lease_rules::decide(now, to, ask, standing)? else { return Ok(((), vec![])) };
            Ok(((), books.store.append(now, None, vec![draft], vec![], &[])?))
        })
    }

    fn push(&self, now: Moment, segments: &[SegmentWithGrants]) -> Result<Vec<SegmentOutcome>, StoreFault> {
        let cards = self.books().store.cards_of(segments)?;
        // Signatures and chains are checked while others use the store.
        let checked = check_all(segments, &cards);
        self.write(|store| {
            let taken = store.take_push_checked(now, segments, checked)?;
            let mut events = Vec::new();
            let outcomes = taken.into_iter().map(|taken| {
                let receipt = taken.map(|accepted| {
                    events.extend(accepted.events);
                    accepted.receipt
                });
                outcome(receipt, SegmentOutcome::Receipt)
            });
            Ok((outcomes.collect(), events))
        })
    }

    fn heads(&self, scopes: &[Scope]) -> Result<Heads, StoreFault> {
        self.books().store.heads(scopes)
    }

    fn pull(&self, now: Moment, ask: &PullAsk) -> Result<PullAnswer, StoreFault> {
        self.books().store.pull_answer(now, ask)
    }

    fn countersign(&self, checkpoint: &Checkpoint) -> Result<Checkpoint, ReceiveFault> {
        self.books().store.countersign(checkpoint)
    }

    fn public_state(&self, code: &str) -> Result<Option<PublicState>, StoreFault> {
        let Some(code) = canonical(code) else { return Ok(None) };
        let books = self.books();
        for subject in books.store.named(&code)? {
            let Subject::Dossier(id) = subject else { continue };
            let state = state_of(id, &books.store.subject_events(&subject)?);
            if let Some((state, _)) = state.filter(|(_, names)| names.contains(&code)) {
                return Ok(Some(state));
            }
        }
        Ok(None)
    }

    fn counts(&self) -> Result<Counts, StoreFault> {
        let books = self.books();
        let (streams, stations) = (books.store.streams()?.0.len() as u64, books.store.stations()?.len() as u64);
        Ok(Counts { events: books.events, streams, stations, bytes: books.store.size_bytes()? })
    }

    fn events(&self) -> Result<Vec<Event>, StoreFault> {
        self.books().store.events()
    }

    fn of_person(&self, tags: &[Tag]) -> Result<Vec<Subject>, StoreFault> {
        self.books().store.of_person(tags)
    }

    fn history(&self, subject: &Subject) -> Result<Vec<Event>, StoreFault> {
        self.books().store.subject_events(subject)
    }

    fn streams(&self) -> Result<Heads, StoreFault> {
        self.books().store.streams()
    }

    fn verify(&self) -> Result<VerifyReport, StoreFault> {
        self.books().store.verify()
    }

    fn check_writable(&self) -> Result<(), StoreFault> {
        self.books().store.settle()
    }

    fn limit_bytes(&self, bytes: u64) -> Result<(), StoreFault> {
        self.books().store.limit_bytes(bytes)
    }

    fn open_for_recovery(&self, info: &[u8], wrapped: &WrappedKey) -> Result<Option<Secret>, StoreFault> {
        Ok(self.books().store.open_for_recovery(info, wrapped))
    }

    fn news(&self) -> &Arc<News> {
        &self.news
    }
}

fn scopes_of(events: &[Event]) -> Vec<Scope> {
    let scopes: BTreeSet<&Scope> = events.iter().flat_map(|event| &event.scopes).collect();
    scopes.into_iter().cloned().collect()
}
