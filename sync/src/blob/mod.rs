//! Attachments: scans of papers. Sealed before they leave the station, named by the hash of what is stored, kept in
//! files of their own, and sent after the events within an hourly budget. docs/attachments.md says why.

pub mod budget;
pub mod protocol;
pub mod sealed;
pub mod shelf;
pub mod transfer;

use crate::wire::Hash;
use serde::{Deserialize, Serialize};

/// The largest attachment, sealed, in bytes.
pub const MAX_BLOB_BYTES: u64 = 64 << 20;

/// Names a blob: BLAKE3 of its stored (sealed) bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BlobId(pub Hash);

impl std::fmt::Display for BlobId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}
