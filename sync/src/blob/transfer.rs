//! Sending what was attached here, a part at a time and charged before it leaves, and fetching what is asked for. No lock is
//! held while the other end is asked.

use super::BlobId;
use super::budget::{Budget, Choice, Spent, Waiting, choose};
use super::protocol::{Blobs, GetAsk, Held, Named, Part};
use super::sealed::BlobFault;
use crate::refusal::CentreFault;
use crate::wire::Bytes;
use crate::{Refusal, Store, StoreFault};
use intake::moment::Moment;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use thiserror::Error;

/// Events that are looked at while the store is held.
const AT_ONCE: usize = 256;
/// For how long a blob that was refused is set aside first; each further time doubles it,
const ASIDE_MS: i64 = 15_000;
/// up to this.
const LONGEST_ASIDE_MS: i64 = 3_600_000;

/// Why a step did not go through. What was sent before stands; the next step asks what the other end holds.
#[derive(Debug, Error)]
pub enum TransferFault {
    /// The other end.
    #[error(transparent)]
    Centre(#[from] CentreFault),
    /// Our store.
    #[error(transparent)]
    Store(#[from] StoreFault),
    /// Our file.
    #[error(transparent)]
    Blob(#[from] BlobFault),
}

/// Sends what this station attached. What waits is in memory, found anew at the start; what was spent and what is sent is
/// in the store.
#[derive(Debug)]
pub struct Sender {
    /// The store's row up to which events were looked at.
    row: i64,
    waiting: BTreeMap<BlobId, One>,
    spent: Spent,
}

/// One that waits.
#[derive(Debug)]
struct One {
    of: Named,
    size: u64,
    since: Moment,
    /// How much the other end holds, where it said so and nothing went wrong since.
    there: Option<u64>,
    /// Not tried before; set when it was refused, so that the others go on.
    aside_until: Option<Moment>,
    refusals: u32,
}

impl Sender {
    /// Begins with what the store says was spent.
    ///
    /// # Errors
    /// Store faults.
    pub fn open(store: &Mutex<Store>) -> Result<Self, StoreFault> {
        Ok(Self { row: 0, waiting: BTreeMap::new(), spent: lock(store).blobs_spent()? })
    }

    /// How many wait, as far as was looked.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// What each hour cost so far.
    pub fn spent(&self) -> &Spent {
        &self.spent
    }

    /// Sends at most one part and says what was chosen; [`Choice::Rest`] when nothing waits. A blob that the other end holds
    /// already costs nothing. One that is refused (its event is not there yet) is set aside for a while, and the next step
    /// takes another.
    ///
    /// # Errors
    /// [`TransferFault`]; the step can then be made again.
    pub fn step(
        &mut self,
        store: &Mutex<Store>,
        to: &dyn Blobs,
        budget: &Budget,
        now: Moment,
        records_wait: bool,
    ) -> Result<Choice, TransferFault> {
        self.look(store)?;
        let ready: Vec<Waiting> = self.waiting.values().filter(|one| one.is_ready(now)).map(One::as_waiting).collect();
        let choice = choose(budget, &self.spent, now, records_wait, &ready);
        match choice {
            Choice::Send { blob, bytes } => match self.send(store, to, now, blob, bytes) {
                Ok(()) => Ok(choice),
                Err(fault) => {
                    self.note_fault(blob, now, &fault);
                    Err(fault)
                }
            },
            Choice::Rest => {
                let aside = self.waiting.values().filter_map(|one| one.aside_until).min();
                Ok(aside.map_or(Choice::Rest, |until| Choice::Defer { until }))
            }
            Choice::Defer { .. } => Ok(choice),
        }
    }

    /// Finds what was attached since the last look.
    fn look(&mut self, store: &Mutex<Store>) -> Result<(), StoreFault> {
        loop {
            let (found, row) = lock(store).attached_after(self.row, AT_ONCE)?;
            for super::Attached { of, size, since } in found {
                let one = One { size, since, there: None, aside_until: None, refusals: 0, of };
                self.waiting.entry(one.of.blob).or_insert(one);
            }
            if row == self.row {
                return Ok(());
            }
            self.row = row;
        }
    }

    fn send(
        &mut self,
        store: &Mutex<Store>,
        to: &dyn Blobs,
        now: Moment,
        blob: BlobId,
        bytes: u64,
    ) -> Result<(), TransferFault> {
        let Some(one) = self.waiting.get_mut(&blob) else { return Ok(()) };
        let offset = match one.there {
            Some(there) => there,
            None => match to.held(&one.of)? {
                Held::Whole { .. } => return self.sent(store, now, blob),
                Held::Part { bytes } => bytes,
            },
        };
        let mut next = lock(store).shelf()?.read(blob, offset)?;
        next.truncate(usize::try_from(bytes).unwrap_or(usize::MAX));
        self.spent.charge(now, next.len() as u64);
        lock(store).keep_blobs_spent(&self.spent)?;
        let part = Part { of: one.of.clone(), size: one.size, offset, bytes: Bytes(next) };
        match to.put(&part)? {
            Held::Whole { .. } => self.sent(store, now, blob),
            Held::Part { bytes } => {
                (one.there, one.refusals) = (Some(bytes), 0);
                Ok(())
            }
        }
    }

    fn sent(&mut self, store: &Mutex<Store>, now: Moment, blob: BlobId) -> Result<(), TransferFault> {
        lock(store).blob_sent(now, blob)?;
        self.waiting.remove(&blob);
        Ok(())
    }

    fn note_fault(&mut self, blob: BlobId, now: Moment, fault: &TransferFault) {
        let Some(one) = self.waiting.get_mut(&blob) else { return };
        one.there = None;
        let about_this_one = match fault {
            TransferFault::Centre(CentreFault::Refused(refusal)) => refusal.is_about_bytes(),
            TransferFault::Blob(_) => true,
            TransferFault::Centre(_) | TransferFault::Store(_) => false,
        };
        if about_this_one {
            let pause_ms = ASIDE_MS.saturating_mul(1 << one.refusals.min(20)).min(LONGEST_ASIDE_MS);
            (one.aside_until, one.refusals) = (Some(now.plus_ms(pause_ms)), one.refusals.saturating_add(1));
        }
    }
}

impl One {
    /// A clock that was set back does not set anything aside for longer than is ever meant.
    fn is_ready(&self, now: Moment) -> bool {
        self.aside_until.is_none_or(|until| until <= now || until.0 - now.0 > LONGEST_ASIDE_MS)
    }

    fn as_waiting(&self) -> Waiting {
        // One of which all is there waits for the other end's word that it is whole: it is not done yet.
        let left = self.size.saturating_sub(self.there.unwrap_or(0)).max(1);
        Waiting { blob: self.of.blob, left, since: self.since, urgent: false }
    }
}

/// Fetches a blob that an event of the record names; takes up where it stopped. The hash is checked before it stands.
///
/// # Errors
/// [`Refusal::NotFound`] when no event held here names it, or the other end does not hold it for us; [`Refusal::BadChain`]
/// when the bytes are not those of its name: they are then gone, and it can be fetched anew. [`TransferFault`].
pub fn fetch(store: &Mutex<Store>, from: &dyn Blobs, of: &Named) -> Result<(), TransferFault> {
    let refused = |refusal: Refusal| TransferFault::Centre(refusal.into());
    let named = lock(store).blob_namings(of).map_err(TransferFault::Store)?;
    let size = named.first().map(|naming| naming.size);
    let size = size.ok_or_else(|| refused(Refusal::NotFound { what: format!("an event that names {}", of.blob) }))?;
    loop {
        let held = lock(store).shelf()?.held(of.blob).map_err(BlobFault::from)?;
        let Held::Part { bytes: offset } = held else { return Ok(()) };
        let bytes = from.get(&GetAsk { of: of.clone(), offset })?;
        if bytes.0.is_empty() {
            return Err(refused(Refusal::Truncated));
        }
        lock(store).shelf()?.take(&Part { of: of.clone(), size, offset, bytes })?;
    }
}

/// A lock whose holder panicked is still a lock: the store changes in transactions only.
fn lock(store: &Mutex<Store>) -> MutexGuard<'_, Store> {
    store.lock().unwrap_or_else(PoisonError::into_inner)
}
