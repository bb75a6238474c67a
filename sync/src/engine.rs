//! One round of sync: push what the centre has not confirmed, pull what it has beyond us. Decides nothing about time
//! or repetition (the station's loop does) and holds no lock while the network is used.

use crate::checked::{Checked, check_all};
use crate::protocol::{Centre, PullAnswer, PullAsk, SegmentOutcome, SegmentWithGrants};
use crate::refusal::{CentreFault, NextStep, Refusal};
use crate::segment::Segment;
use crate::store::{ReceiveFault, Store, StoreFault};
use crate::stream::{Head, Heads, StreamId};
use intake::event::Event;
use intake::ids::Incarnation;
use intake::moment::Moment;
use std::collections::{BTreeMap, HashSet};
use std::sync::mpsc::sync_channel;
use std::sync::{Mutex, MutexGuard, PoisonError};
use thiserror::Error;

/// Segments that travel in one push at most.
const PUSH_BATCH: usize = 64;
/// How often a push may be answered with a gap before the round ends: the other end forgets as fast as we send.
const MAX_GAPS: usize = 16;
/// About how many bytes of segments are taken in at once: whoever needs the store waits for so much and no more.
const TAKE_BYTES: usize = 256 << 10;
/// About how many bytes of segments one answer to a pull may hold.
const PULL_BYTES: u64 = 1 << 20;

/// What a round of sync did.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct SyncOutcome {
    /// Places in streams that the centre confirmed.
    pub pushed: u64,
    /// Places in streams that a hub holds, and that the centre has not confirmed yet.
    pub held: u64,
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

    /// After how long the other end wants to be asked again, where it said so.
    pub fn retry_after(&self) -> Option<std::time::Duration> {
        match self {
            Self::Centre(CentreFault::Busy { retry_after_ms }) => {
                Some(std::time::Duration::from_millis(*retry_after_ms))
            }
            _ => None,
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
    pull_all(store, centre, clock, &mut |round| {
        outcome.more = round.more;
        outcome.add(round);
    })?;
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
    let scopes = lock(store).card().readable();
    let theirs = centre.heads(&scopes)?;
    let mut store = lock(store);
    store.note_heads_of_hub(&theirs, &scopes);
    let ours = store.heads(&scopes)?;
    let ahead = theirs.0.iter().any(|(stream, head)| store.is_mine_now(stream) && head.no > ours.no(stream));
    if ahead { Ok(Some(store.new_incarnation()?)) } else { Ok(None) }
}

/// Pushes until the centre has confirmed all that it will take, or a hub holds it.
///
/// # Errors
/// [`SyncFault`]; a refusal of one stream is in the outcome, not an error.
pub fn push_all(store: &Mutex<Store>, centre: &dyn Centre) -> Result<SyncOutcome, SyncFault> {
    let mut outcome = SyncOutcome::default();
    let mut refused: HashSet<StreamId> = HashSet::new();
    let mut gaps = 0;
    let mut prepared = Vec::new();
    loop {
        let batch = match std::mem::take(&mut prepared) {
            none if none.is_empty() => lock(store).to_push(PUSH_BATCH, &refused)?,
            batch => batch,
        };
        if batch.is_empty() {
            return Ok(outcome);
        }
        let mut next = Ok(Vec::new());
        let mut prepare = || next = lock(store).next_to_push(&batch, PUSH_BATCH, &refused);
        let answer = push_batch(centre, &batch, &mut prepare).inspect_err(|_| lock(store).note_unanswered(&batch))?;
        if answer.is_empty() {
            return Err(CentreFault::Unreachable("a push was answered with nothing".into()).into());
        }
        let was_whole = answer.len() == batch.len();
        let not_taken = note_outcomes(store, &batch, answer, &mut outcome)?;
        if was_whole && not_taken.is_empty() {
            prepared = next?;
        }
        for (stream, refusal) in not_taken {
            let is_new = !refused.contains(&stream);
            match refusal {
                // What follows a refused segment of the same stream is refused for that alone.
                _ if !is_new => {}
                Refusal::Gap { have, .. } if gaps < MAX_GAPS => {
                    gaps += 1;
                    lock(store).push_again_from(&stream, have)?;
                    break;
                }
                Refusal::Fork { .. } if outcome.new_incarnation.is_none() && lock(store).is_mine_now(&stream) => {
                    outcome.new_incarnation = Some(lock(store).new_incarnation()?);
                    break;
                }
                refusal => {
                    tracing::warn!(scope = %stream.scope, code = refusal.code(), "the centre refused a segment");
                    lock(store).note_refused(&stream, &refusal);
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
    take_in(store, &answer, clock)
}

/// Pulls until the centre has no more; `each` hears what every answer brought. While an answer is taken in, the next one is on
/// its way already.
///
/// # Errors
/// [`SyncFault`]; a refusal of one segment is in an outcome, not an error.
pub fn pull_all(
    store: &Mutex<Store>,
    centre: &dyn Centre,
    clock: &dyn Fn() -> Moment,
    each: &mut dyn FnMut(SyncOutcome),
) -> Result<(), SyncFault> {
    let mut ahead = None;
    loop {
        let (ask, answer) = match ahead.take() {
            Some(ahead) => ahead,
            None => {
                let ask = lock(store).pull_ask(0, PULL_BYTES)?;
                let answer = centre.pull(&ask)?;
                (ask, answer)
            }
        };
        let next_ask = (answer.more && !answer.segments.is_empty()).then(|| asked_after(&ask, &answer));
        let (round, next) = match next_ask {
            None => (take_in(store, &answer, clock)?, None),
            Some(next_ask) => {
                let mut round = Ok(SyncOutcome::default());
                let next = centre.pull_meanwhile(&next_ask, &mut || round = take_in(store, &answer, clock));
                (round?, Some((next_ask, next)))
            }
        };
        let went_well = round.refused.is_empty() && round.new_incarnation.is_none();
        // Each round either goes on in a stream or sets one aside, so this ends.
        let go_on = round.more && round.segments > 0;
        each(round);
        if !go_on {
            return Ok(());
        }
        // After a refusal another question is due than the one that was asked ahead.
        if let Some((ask, answer)) = next.filter(|_| went_well) {
            ahead = Some((ask, answer?));
        }
    }
}

/// The question that follows an answer, when all of it was taken in.
fn asked_after(ask: &PullAsk, answer: &PullAnswer) -> PullAsk {
    let mut heads: BTreeMap<StreamId, Head> = ask.heads.0.iter().cloned().collect();
    for push in &answer.segments {
        if let Ok(Segment { header, .. }) = Segment::parse(&push.segment.0) {
            let head = Head { no: header.last_no(), hash: header.last };
            let held = heads.entry(header.stream).or_insert(head);
            if held.no < head.no {
                *held = head;
            }
        }
    }
    PullAsk { heads: Heads(heads.into_iter().collect()), ..ask.clone() }
}

impl SyncOutcome {
    fn add(&mut self, other: Self) {
        self.pushed += other.pushed;
        self.held += other.held;
        self.received.extend(other.received);
        self.refused.extend(other.refused);
        self.segments += other.segments;
        self.centre_time = other.centre_time.or(self.centre_time);
        self.new_incarnation = other.new_incarnation.or(self.new_incarnation);
    }
}

fn take_in(store: &Mutex<Store>, answer: &PullAnswer, clock: &dyn Fn() -> Moment) -> Result<SyncOutcome, SyncFault> {
    let mut outcome = SyncOutcome { more: answer.more, centre_time: Some(answer.time), ..SyncOutcome::default() };
    if let Some(refusal) = refusal_of(lock(store).note_roster(answer))? {
        outcome.refused.push((None, refusal));
    }
    outcome.segments = answer.segments.len() as u64;
    let cards = lock(store).cards_of(&answer.segments)?;
    let parts = parts_of(&answer.segments);
    std::thread::scope(|scope| {
        // One part is checked while the one before it is written.
        let (hand_on, checked) = sync_channel(1);
        if parts.len() > 1 {
            let (cards, parts) = (&cards, &parts);
            scope.spawn(move || parts.iter().try_for_each(|part| hand_on.send(check_all(part, cards))));
        } else {
            drop(hand_on);
        }
        parts.iter().try_for_each(|part| {
            let checked = checked.recv().unwrap_or_else(|_| check_all(part, &cards));
            take_some(&mut lock(store), part, checked, clock(), &mut outcome)
        })
    })?;
    // After the segments: a receipt may be for what a former life of this disk wrote, which came back with them just now.
    for (stream, refusal) in lock(store).note_receipts_held(&answer.receipts)? {
        outcome.refused.push((Some(stream), refusal));
    }
    Ok(outcome)
}

/// Segments in parts that are taken in at once.
fn parts_of(mut segments: &[SegmentWithGrants]) -> Vec<&[SegmentWithGrants]> {
    let mut parts = Vec::new();
    while !segments.is_empty() {
        let (part, rest) = segments.split_at(some_of(segments));
        parts.push(part);
        segments = rest;
    }
    parts
}

/// How many of these segments are taken in at once; at least one.
fn some_of(segments: &[SegmentWithGrants]) -> usize {
    let mut bytes = 0;
    let fits = |push: &&SegmentWithGrants| {
        bytes += push.segment.0.len();
        bytes <= TAKE_BYTES
    };
    segments.iter().take_while(fits).count().max(1)
}

fn take_some(
    store: &mut Store,
    some: &[SegmentWithGrants],
    checked: Vec<Result<Checked, Refusal>>,
    now: Moment,
    outcome: &mut SyncOutcome,
) -> Result<(), SyncFault> {
    let streams: Vec<Option<StreamId>> = some.iter().map(stream_of).collect();
    let behind = |(push, stream): (&SegmentWithGrants, &Option<StreamId>)| {
        stream.as_ref().is_some_and(|stream| store.is_behind_itself(push, stream))
    };
    if some.iter().zip(&streams).any(behind) {
        outcome.new_incarnation = Some(store.new_incarnation()?);
    }
    let taken = store.receive_checked(now, some, checked)?;
    store.note_from_centre(some)?;
    for (taken, stream) in taken.into_iter().zip(streams) {
        match taken {
            Ok(events) => outcome.received.extend(events),
            Err(refusal) => {
                tracing::warn!(code = refusal.code(), "a segment from the centre was refused");
                store.set_stream_aside(stream.as_ref());
                outcome.refused.push((stream, refusal));
            }
        }
    }
    Ok(())
}

/// Pushes a batch. One that is refused as a whole (too large, not in the form) is refused for its first segment, so that
/// the others are tried without it.
fn push_batch(
    centre: &dyn Centre,
    batch: &[SegmentWithGrants],
    meanwhile: &mut dyn FnMut(),
) -> Result<Vec<SegmentOutcome>, SyncFault> {
    match centre.push_meanwhile(batch, meanwhile) {
        Ok(outcomes) => Ok(outcomes),
        Err(CentreFault::Refused(refusal)) if refusal.is_about_bytes() => Ok(vec![SegmentOutcome::Refused(refusal)]),
        Err(fault) => Err(fault.into()),
    }
}

/// Keeps what the answer says of each segment; gives the refusals, by the other end or of its receipts.
fn note_outcomes(
    store: &Mutex<Store>,
    batch: &[SegmentWithGrants],
    answer: Vec<SegmentOutcome>,
    outcome: &mut SyncOutcome,
) -> Result<Vec<(StreamId, Refusal)>, SyncFault> {
    let mut receipts = Vec::new();
    let mut refused = Vec::new();
    for (push, said) in batch.iter().zip(answer) {
        let Ok(Segment { header, .. }) = Segment::parse(&push.segment.0) else { continue };
        lock(store).note_answered(&header.stream);
        let covers = |stream: &StreamId, no: u64| *stream == header.stream && no >= header.last_no();
        match said {
            // Of a former life of this disk the centre may hold more than came back here yet: the receipt comes again with it.
            SegmentOutcome::Receipt(receipt)
                if covers(&receipt.stream, receipt.no) && lock(store).is_more_of_a_former_life(&receipt)? =>
            {
                lock(store).note_held(&header.stream, header.last_no());
            }
            SegmentOutcome::Receipt(receipt) if covers(&receipt.stream, receipt.no) => {
                receipts.push((receipt, header.count));
            }
            SegmentOutcome::Held { stream, no, .. } if covers(&stream, no) => {
                outcome.held += header.count;
                lock(store).note_held(&stream, no);
            }
            SegmentOutcome::Receipt(_) | SegmentOutcome::Held { .. } => {
                refused.push((header.stream, Refusal::malformed("a receipt for something else")));
            }
            SegmentOutcome::Refused(refusal) => refused.push((header.stream, refusal)),
        }
    }
    let (receipts, counts): (Vec<_>, Vec<_>) = receipts.into_iter().unzip();
    let not_kept = lock(store).note_receipts(&receipts)?;
    for (receipt, count) in receipts.iter().zip(counts) {
        if !not_kept.iter().any(|(stream, _)| *stream == receipt.stream) {
            outcome.pushed += count;
            outcome.centre_time = Some(receipt.at);
        }
    }
    refused.extend(not_kept);
    Ok(refused)
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
