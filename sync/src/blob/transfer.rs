//! One step of sending: the next bytes of what goes first, charged before they leave.

use super::budget::{Budget, Choice, Spent, Waiting, choose};
use super::protocol::{Blobs, Held, Part};
use super::sealed::BlobFault;
use crate::refusal::CentreFault;
use crate::wire::Bytes;
use crate::{Store, StoreFault};
use intake::moment::Moment;
use thiserror::Error;

/// Why a step did not go through. What was sent before stands; the next step asks what the other end holds.
#[derive(Debug, Error)]
pub enum SendFault {
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

/// Sends at most one part. Says what was chosen; [`Choice::Rest`] when nothing waits. A blob that the other end holds
/// already costs nothing.
///
/// # Errors
/// [`SendFault`]; the step can then be made again.
pub fn step(
    store: &mut Store,
    to: &dyn Blobs,
    budget: &Budget,
    spent: &mut Spent,
    now: Moment,
    records_wait: bool,
) -> Result<Choice, SendFault> {
    let waiting = store.blobs_waiting()?;
    let choice = choose(budget, spent, now, records_wait, &waiting);
    let Choice::Send { blob, bytes } = choice else { return Ok(choice) };
    let size = waiting.iter().find(|one: &&Waiting| one.blob == blob).map_or(0, |one| one.left);
    let offset = match to.held(blob)? {
        Held::Whole { .. } => {
            store.blob_sent(now, blob)?;
            return Ok(choice);
        }
        Held::Part { bytes } => bytes,
    };
    let mut next = store.shelf()?.read(blob, offset)?;
    next.truncate(usize::try_from(bytes).unwrap_or(usize::MAX));
    spent.charge(now, next.len() as u64);
    if let Held::Whole { .. } = to.put(&Part { blob, size, offset, bytes: Bytes(next) })? {
        store.blob_sent(now, blob)?;
    }
    Ok(choice)
}
