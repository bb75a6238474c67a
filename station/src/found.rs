//! Dossiers by what people say of them: a name with or without its marks, a number, a telephone, a code. The names stand in
//! memory only; on disk they stay sealed. A thread reads them, so that nobody waits for all of them.

mod lines;
mod names;
#[cfg(test)]
mod tests;

use crate::config::RoleName;
use crate::core::{Station, lock};
use crate::problem;
use intake::event::{Event, Subject};
use intake::ids::{DossierId, EventId};
use intake::state::State;
use names::{Names, Query, Read};
use std::collections::BTreeSet;
use std::sync::{Condvar, Mutex, PoisonError};
use sync::store::StoreFault;

/// Who is behind the dossiers of a station, as far as they were read.
#[derive(Default)]
pub(crate) struct Found {
    known: Mutex<Known>,
    news: Condvar,
}

#[derive(Default)]
struct Known {
    names: Names,
    stopped: bool,
}

impl Found {
    /// Of a station that begins: every dossier by its code, and everybody still to be read.
    pub(crate) fn of(role: RoleName, state: &State) -> Self {
        let found = Self::default();
        if role == RoleName::Counter {
            found.note(state, state.dossiers().map(|dossier| dossier.id));
        }
        found
    }

    fn note(&self, state: &State, dossiers: impl IntoIterator<Item = DossierId>) {
        let mut known = lock(&self.known);
        for dossier in dossiers.into_iter().filter_map(|id| state.dossier(id)) {
            known.names.note(dossier, state.is_forgotten(&Subject::Dossier(dossier.id)));
        }
        drop(known);
        self.news.notify_all();
    }

    /// Something came: it may hold a key to what could not be read.
    pub(crate) fn try_again(&self) {
        lock(&self.known).names.try_again();
        self.news.notify_all();
    }

    /// Ends the thread that reads.
    pub(crate) fn stop(&self) {
        lock(&self.known).stopped = true;
        self.news.notify_all();
    }

    /// Waits for somebody to read; none once the station stops.
    fn next(&self) -> Option<(DossierId, EventId)> {
        let known = lock(&self.known);
        let nothing = |known: &mut Known| !known.stopped && known.names.is_all_read();
        let mut known = self.news.wait_while(known, nothing).unwrap_or_else(PoisonError::into_inner);
        if known.stopped { None } else { known.names.next() }
    }
}

/// Starts the thread that reads who is behind the dossiers; only officers search.
pub(crate) fn start(station: &Station) {
    if station.config.station.role != RoleName::Counter {
        return;
    }
    let station = station.clone();
    let body = move || {
        while let Some((dossier, event)) = station.found.next() {
            let read = station.read_person(event).unwrap_or_else(|fault| {
                drop(problem::of_store(fault));
                Read::Closed
            });
            lock(&station.found.known).names.learn(dossier, read);
        }
    };
    if let Err(error) = std::thread::Builder::new().name("names".into()).spawn(body) {
        tracing::error!(%error, "no thread: dossiers are found by their codes only until the station is started again");
    }
}

impl Station {
    /// Reads whose an event is. The store is held only while it is looked up: opening takes ten times as long.
    fn read_person(&self, event: EventId) -> Result<Read, StoreFault> {
        let sealed = lock(&self.store).sealed_part(event)?;
        Ok(match sealed {
            None => Read::Nobody,
            Some(sealed) => sealed.open().map_or(Read::Closed, |personal| Read::Person(Box::new(personal))),
        })
    }

    /// Takes in the dossiers that these events, which were just folded, are about.
    pub(crate) fn note_dossiers(&self, state: &State, events: &[Event]) {
        if self.config.station.role != RoleName::Counter {
            return;
        }
        let about = |event: &Event| match event.subject {
            Subject::Dossier(dossier) => Some(dossier),
            _ => None,
        };
        let dossiers: BTreeSet<DossierId> = events.iter().filter_map(about).collect();
        if !dossiers.is_empty() {
            self.found.note(state, dossiers);
        }
    }

    /// The dossiers that this station holds and that fit the words, in the order of their ids.
    pub(crate) fn find_dossiers(&self, words: &str) -> Vec<DossierId> {
        lock(&self.found.known).names.find(&Query::of(words))
    }

    /// How many people behind dossiers are still to be read: a search by name may miss them.
    pub fn still_reading(&self) -> usize {
        lock(&self.found.known).names.still_to_read()
    }

    /// How many bytes of memory the names and codes take, about.
    pub fn bytes_of_names(&self) -> usize {
        lock(&self.found.known).names.bytes()
    }
}
