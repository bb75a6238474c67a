//! One round of sync: push what the centre has not confirmed, pull what it has beyond us. Decides nothing about time
//! or repetition (the station's loop does) and holds no lock while the network is used.

use crate::protocol::{Centre, PullAnswer, SegmentWithGrants};
use crate::refusal::{CentreFault, NextStep, Refusal};
use crate::segment::Segment;
use crate::store::{ReceiveFault, Store, StoreFault};
use crate::stream::StreamId;
use intake::event::Event;
use intake::ids::Incarnation;
use intake::moment::Moment;
use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use thiserror::Error;

/// Segments that are taken out of the store at once.
const PUSH_BATCH: usize = 16;
/// About how many bytes of segments one answer to a pull may hold.
const PULL_BYTES: u64 = 2 << 20;

/// What a round of sync did.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct SyncOutcome {
    /// Places in streams that the centre confirmed.
    pub pushed: u64,
    /// Events that were new here.
    pub received: Vec<Event>,
    /// What was refused, by the centre or here. It is in quarantine there or here, and blocks no other stream.
    pub refused: Vec<(Option<StreamId>, Refusal)>,
    /// Segments that came, new or not.
    pub segments: u64,
    /// The centre has more.
    pub more: bool,
    /// The centre's clock when it answered.
    pub centre_time: Option<Moment>,
    /// The centre knew more of our own streams than we: this disk was restored and has begun a new life.
    pub new_incarnation: Option<Incarnation>,
}

/// What ended a round.
#[derive(Debug, Error)]
pub enum SyncFault {
    /// The centre or the way to it.
    #[error(transparent)]
    Centre(#[from] CentreFault),
    /// Our own store.
    #[error(transparent)]
    Store(#[from] StoreFault),
}

impl SyncFault {
    /// The stable code under which the catalogue of messages knows it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Centre(fault) => fault.code(),
            Self::Store(fault) => fault.code(),
        }
    }

    /// Is it worth trying again, or does it need a person?
    pub fn next_step(&self) -> NextStep {
        match self {
            Self::Centre(fault) => fault.next_step(),
            // Room may be made, and another process may end.
            Self::Store(StoreFault::DiskFull | StoreFault::InUse) => NextStep::TryAgain,
            Self::Store(_) => NextStep::AskPerson,
        }
    }
}

/// Compares heads, pushes all, pulls all.
///
/// # Errors
/// [`SyncFault`]; what was done before it stays done.
pub fn sync_once(
    store: &Mutex<Store>,
    centre: &dyn Centre,
    clock: &dyn Fn() -> Moment,
) -> Result<SyncOutcome, SyncFault> {
    let mut outcome = SyncOutcome { new_incarnation: check_heads(store, centre)?, ..SyncOutcome::default() };
    outcome.add(push_all(store, centre)?);
    lock(store).pull_all_streams_again();
    loop {
        let round = pull_once(store, centre, clock, 0)?;
        outcome.more = round.more;
        // Each round either goes on in a stream or sets one aside, so this ends.
        let go_on = round.more && round.segments > 0;
        outcome.add(round);
        if !go_on {
            break;
        }
    }
    if outcome.new_incarnation.is_some() {
        // What came back of our former life still wants its receipts.
        outcome.add(push_all(store, centre)?);
    }
    Ok(outcome)
}

/// Asks how far the centre holds our streams. When it holds more than we wrote, our disk is a restored copy and
/// begins a new incarnation.
///
/// # Errors
/// [`SyncFault`].
pub fn check_heads(store: &Mutex<Store>, centre: &dyn Centre) -> Result<Option<Incarnation>, SyncFault> {
    let scopes = lock(store).card().scopes.clone();
    let theirs = centre.heads(&scopes)?;
    let mut store = lock(store);
    let ours = store.heads(&scopes)?;
    let ahead = theirs.0.iter().any(|(stream, head)| store.is_mine_now(stream) && head.no > ours.no(stream));
    if ahead { Ok(Some(store.new_incarnation()?)) } else { Ok(None) }
}

/// Pushes until the centre has confirmed all that it will take.
///
/// # Errors
/// [`SyncFault`]; a refusal of one stream is in the outcome, not an error.
pub fn push_all(store: &Mutex<Store>, centre: &dyn Centre) -> Result<SyncOutcome, SyncFault> {
    let mut outcome = SyncOutcome::default();
    let mut refused: HashSet<StreamId> = HashSet::new();
    let mut gaps = 0;
    loop {
        let batch = lock(store).to_push(PUSH_BATCH, &refused)?;
        if batch.is_empty() {
            return Ok(outcome);
        }
        for push in &batch {
            let Some(stream) = stream_of(push) else { continue };
            if refused.contains(&stream) {
                continue;
            }
            match push_one(store, centre, push, &mut outcome)? {
                None => {}
                Some(Refusal::Gap { have, .. }) if gaps < PUSH_BATCH => {
                    gaps += 1;
                    lock(store).push_again_from(&stream, have)?;
                    break;
                }
                Some(Refusal::Fork { .. }) if outcome.new_incarnation.is_none() && lock(store).is_mine_now(&stream) => {
                    outcome.new_incarnation = Some(lock(store).new_incarnation()?);
                    break;
                }
                Some(refusal) => {
                    tracing::warn!(scope = %stream.scope, code = refusal.code(), "the centre refused a segment");
                    outcome.refused.push((Some(stream.clone()), refusal));
                    refused.insert(stream);
                }
            }
        }
    }
}

/// Asks once for what lies beyond our heads, waiting up to `wait_ms` at the centre, and takes it in.
///
/// # Errors
/// [`SyncFault`]; a refusal of one segment is in the outcome, not an error.
pub fn pull_once(
    store: &Mutex<Store>,
    centre: &dyn Centre,
    clock: &dyn Fn() -> Moment,
    wait_ms: u64,
) -> Result<SyncOutcome, SyncFault> {
    let ask = lock(store).pull_ask(wait_ms, PULL_BYTES)?;
    let answer = centre.pull(&ask)?;
    let mut outcome = SyncOutcome { more: answer.more, centre_time: Some(answer.time), ..SyncOutcome::default() };
    take_in(store, &answer, clock, &mut outcome)?;
    Ok(outcome)
}

impl SyncOutcome {
    fn add(&mut self, other: Self) {
        self.pushed += other.pushed;
        self.received.extend(other.received);
        self.refused.extend(other.refused);
        self.segments += other.segments;
        self.centre_time = other.centre_time.or(self.centre_time);
        self.new_incarnation = other.new_incarnation.or(self.new_incarnation);
    }
}

fn take_in(
    store: &Mutex<Store>,
    answer: &PullAnswer,
    clock: &dyn Fn() -> Moment,
    outcome: &mut SyncOutcome,
) -> Result<(), SyncFault> {
    if let Some(refusal) = refusal_of(lock(store).note_roster(answer))? {
        outcome.refused.push((None, refusal));
    }
    outcome.segments = answer.segments.len() as u64;
    for push in &answer.segments {
        // The lock is taken for each segment: the hot path waits for one, not for all.
        let mut store = lock(store);
        let stream = stream_of(push);
        if stream.as_ref().is_some_and(|stream| store.is_behind_itself(push, stream)) {
            outcome.new_incarnation = Some(store.new_incarnation()?);
        }
        match store.receive(clock(), &push.segment.0, &push.grants) {
            Ok(events) => outcome.received.extend(events),
            Err(ReceiveFault::Refused(refusal)) => {
                tracing::warn!(code = refusal.code(), "a segment from the centre was refused");
                store.set_stream_aside(stream.as_ref());
                outcome.refused.push((stream, refusal));
            }
            Err(ReceiveFault::Store(fault)) => return Err(fault.into()),
        }
    }
    Ok(())
}

/// Pushes one segment and keeps its receipt; a refusal, by the centre or of its receipt, is a value.
fn push_one(
    store: &Mutex<Store>,
    centre: &dyn Centre,
    push: &SegmentWithGrants,
    outcome: &mut SyncOutcome,
) -> Result<Option<Refusal>, SyncFault> {
    match centre.push(push) {
        Ok(receipt) => {
            let Ok(Segment { header, .. }) = Segment::parse(&push.segment.0) else { return Ok(None) };
            if receipt.stream != header.stream || receipt.no < header.last_no() {
                return Ok(Some(Refusal::malformed("a receipt for something else")));
            }
            let refused = refusal_of(lock(store).note_receipt(&receipt))?;
            if refused.is_none() {
                outcome.pushed += header.count;
                outcome.centre_time = Some(receipt.at);
            }
            Ok(refused)
        }
        Err(CentreFault::Refused(refusal)) if refusal.is_about_bytes() => Ok(Some(refusal)),
        Err(fault) => Err(fault.into()),
    }
}

fn refusal_of(done: Result<(), ReceiveFault>) -> Result<Option<Refusal>, SyncFault> {
    match done {
        Ok(()) => Ok(None),
        Err(ReceiveFault::Refused(refusal)) => Ok(Some(refusal)),
        Err(ReceiveFault::Store(fault)) => Err(fault.into()),
    }
}

fn stream_of(push: &SegmentWithGrants) -> Option<StreamId> {
    Segment::parse(&push.segment.0).ok().map(|segment| segment.header.stream)
}

/// A thread that died while it held the store left no transaction open: what it had begun was rolled back.
fn lock(store: &Mutex<Store>) -> MutexGuard<'_, Store> {
    store.lock().unwrap_or_else(PoisonError::into_inner)
}
