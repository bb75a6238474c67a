//! What is said about blobs: which bytes are held, the next bytes, and the bytes back. Every call can be repeated.

use super::BlobId;
use crate::refusal::CentreFault;
use crate::wire::Bytes;
use serde::{Deserialize, Serialize};

/// The most bytes that one call carries.
pub const MAX_PART_BYTES: usize = 256 << 10;

/// How much of a blob somebody holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Held {
    /// The first bytes, which were not yet checked as a whole.
    Part { bytes: u64 },
    /// All, durably, and the hash was right.
    Whole { bytes: u64 },
}

/// The next bytes of a blob.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Part {
    /// Which blob.
    pub blob: BlobId,
    /// The size of the whole, in bytes.
    pub size: u64,
    /// Where these bytes begin.
    pub offset: u64,
    /// At most [`MAX_PART_BYTES`].
    pub bytes: Bytes,
}

/// Who takes and gives blobs: the centre, a hub, or a folder.
pub trait Blobs {
    /// How much is held; [`Held::Part`] of 0 bytes when nothing is.
    ///
    /// # Errors
    /// Unreachable, busy, or refused.
    fn held(&self, blob: BlobId) -> Result<Held, CentreFault>;

    /// Hands over the next bytes; the answer says how much is then held. Bytes that do not begin where the held ones end
    /// change nothing.
    ///
    /// # Errors
    /// [`crate::Refusal::TooLarge`]; [`crate::Refusal::BadChain`] when all is there and the hash is another: the blob then begins anew.
    fn put(&self, part: &Part) -> Result<Held, CentreFault>;

    /// Bytes from `offset`, at most [`MAX_PART_BYTES`]; empty at the end.
    ///
    /// # Errors
    /// [`crate::Refusal::NotFound`] when the blob is not held as a whole.
    fn get(&self, blob: BlobId, offset: u64) -> Result<Bytes, CentreFault>;
}
