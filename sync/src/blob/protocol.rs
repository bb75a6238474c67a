//! What is said about blobs: which bytes are held, the next bytes, and the bytes back. Every call can be repeated.

use super::BlobId;
use crate::refusal::{CentreFault, Refusal};
use crate::wire::Bytes;
use intake::event::Subject;
use serde::{Deserialize, Serialize};

/// The most bytes that one call carries.
pub const MAX_PART_BYTES: usize = 256 << 10;

/// Paths under the centre's address: POST with a CBOR body, signed.
pub mod path {
    /// A [`super::Named`]; answered with [`super::Held`].
    pub const HELD: &str = "/v2/blob/held";
    /// A [`super::Part`]; answered with [`super::Held`].
    pub const PUT: &str = "/v2/blob/put";
    /// A [`super::GetAsk`]; answered with a byte string.
    pub const GET: &str = "/v2/blob/get";
}

/// A blob, and the record to whose history the event belongs that names it. By that event the other end decides who may
/// put the blob and who may get it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Named {
    /// Which blob.
    pub blob: BlobId,
    /// Which record, such as `dossier:…`.
    pub subject: String,
}

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
    pub of: Named,
    /// The size of the whole, in bytes.
    pub size: u64,
    /// Where these bytes begin.
    pub offset: u64,
    /// At most [`MAX_PART_BYTES`].
    pub bytes: Bytes,
}

/// "Give me the bytes from here."
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct GetAsk {
    /// Which blob.
    pub of: Named,
    /// Where to begin.
    pub offset: u64,
}

/// Who takes and gives blobs: the centre, a hub, or a folder.
pub trait Blobs {
    /// How much is held; [`Held::Part`] of 0 bytes when nothing is.
    ///
    /// # Errors
    /// Unreachable, busy, or refused: [`crate::Refusal::NotFound`] when no event there lets the asker put or get it.
    fn held(&self, of: &Named) -> Result<Held, CentreFault>;

    /// Hands over the next bytes; the answer says how much is then held. Bytes that do not begin where the held ones end
    /// change nothing.
    ///
    /// # Errors
    /// As [`Blobs::held`]; [`crate::Refusal::TooLarge`]; [`crate::Refusal::BadChain`] when all is there and the hash is
    /// another: the blob then begins anew.
    fn put(&self, part: &Part) -> Result<Held, CentreFault>;

    /// Bytes from `offset`, at most [`MAX_PART_BYTES`]; empty at the end.
    ///
    /// # Errors
    /// [`crate::Refusal::NotFound`] when the blob is not held as a whole, or is not the asker's to get.
    fn get(&self, ask: &GetAsk) -> Result<Bytes, CentreFault>;
}

impl Named {
    /// A blob of a record.
    pub fn new(blob: BlobId, subject: &Subject) -> Self {
        Self { blob, subject: subject.to_string() }
    }

    /// The record.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] for a text that names none.
    pub fn subject(&self) -> Result<Subject, Refusal> {
        self.subject.parse().map_err(|fault: intake::event::NotASubject| Refusal::malformed(fault.to_string()))
    }
}
