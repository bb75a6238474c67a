//! The final check: do both ends hold the same, log by log, by number and by hash?
//!
//! One call for heads and no events: a hash stands for all that lies before it. A log has no gaps, so its number is its
//! count of events. Our logs in scopes that this station may not read are covered by the centre's receipts, whose hashes were
//! compared when they were kept.

use crate::engine::SyncFault;
use crate::protocol::Centre;
use crate::store::{Store, StoreFault};
use crate::stream::{Heads, StreamId};
use std::sync::{Mutex, MutexGuard, PoisonError};
use thiserror::Error;

/// What a comparison of both ends found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Comparison {
    /// Logs that were compared.
    pub streams: u64,
    /// Events in them, an event in two logs counted twice.
    pub events: u64,
    /// The first difference; none when both ends hold the same and the centre has confirmed all of ours.
    pub difference: Option<Difference>,
}

/// How two ends can differ.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum Difference {
    /// The same number, and not the same history.
    #[error("log {} of {}: another history at {no}", stream.scope, stream.station)]
    OtherHistory {
        /// Which log.
        stream: StreamId,
        /// Where.
        no: u64,
    },
    /// The other end holds less than we.
    #[error("log {} of {}: {here} here, {there} at the other end", stream.scope, stream.station)]
    MissingThere {
        /// Which log.
        stream: StreamId,
        /// How far it goes here.
        here: u64,
        /// How far it goes there.
        there: u64,
    },
    /// We hold less than the other end.
    #[error("log {} of {}: {here} here, {there} at the other end", stream.scope, stream.station)]
    MissingHere {
        /// Which log.
        stream: StreamId,
        /// How far it goes here.
        here: u64,
        /// How far it goes there.
        there: u64,
    },
    /// The centre has not confirmed all that we wrote.
    #[error("{waiting} records without the centre's receipt")]
    NotConfirmed {
        /// How many.
        waiting: u64,
    },
}

/// Compares what this store and the other end hold of the station's scopes.
///
/// # Errors
/// [`SyncFault`] when the other end gives no answer; what merely differs is in the comparison.
pub fn compare(store: &Mutex<Store>, centre: &dyn Centre) -> Result<Comparison, SyncFault> {
    let (scopes, ours) = {
        let store = lock(store);
        let scopes = store.card().readable();
        let heads = store.heads(&scopes)?;
        (scopes, heads)
    };
    // Ours first: what is written while the question travels is no difference.
    let theirs = centre.heads(&scopes)?;
    let store = lock(store);
    let mut difference = first_difference(&store, &ours, &theirs)?;
    if difference.is_none() {
        let waiting = store.outbox()?.waiting;
        difference = (waiting > 0).then_some(Difference::NotConfirmed { waiting });
    }
    let events = theirs.0.iter().map(|(_, head)| head.no).sum();
    Ok(Comparison { streams: theirs.0.len() as u64, events, difference })
}

fn first_difference(store: &Store, ours: &Heads, theirs: &Heads) -> Result<Option<Difference>, StoreFault> {
    for (stream, head) in &theirs.0 {
        let stream = stream.clone();
        match store.hash_of(&stream, head.no)? {
            Some(hash) if hash != head.hash => return Ok(Some(Difference::OtherHistory { stream, no: head.no })),
            Some(_) => {}
            None => {
                let here = ours.no(&stream);
                return Ok(Some(Difference::MissingHere { stream, here, there: head.no }));
            }
        }
    }
    let there = theirs.to_map();
    for (stream, head) in &ours.0 {
        let reached = there.get(stream).map_or(0, |head| head.no);
        if reached < head.no {
            let stream = stream.clone();
            return Ok(Some(Difference::MissingThere { stream, here: head.no, there: reached }));
        }
    }
    Ok(None)
}

fn lock(store: &Mutex<Store>) -> MutexGuard<'_, Store> {
    store.lock().unwrap_or_else(PoisonError::into_inner)
}
