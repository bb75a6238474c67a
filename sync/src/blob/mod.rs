//! Attachments: scans of papers. Sealed before they leave the station, named by the hash of what is stored, kept in
//! files of their own, and sent after the events within an hourly budget. docs/attachments.md says why.

pub mod budget;
pub mod protocol;
pub mod sealed;
pub mod shelf;
pub mod transfer;

use crate::wire::{Fixed, Hash, unhex};
use intake::event::{Event, Scope};
use intake::fact::{Fact, PaperAttached};
use intake::ids::StationId;
use intake::moment::Moment;
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

/// An event that names a blob: who attached it, and whoever may read one of the scopes may get it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Naming {
    /// Who attached it.
    pub station: StationId,
    /// Where the event stands.
    pub scopes: Vec<Scope>,
    /// The blob's size, in bytes.
    pub size: u64,
}

/// What this station attached, and is to send.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Attached {
    /// The blob and its record.
    pub of: protocol::Named,
    /// The blob's size, in bytes.
    pub size: u64,
    /// When it was attached.
    pub since: Moment,
}

/// Which of a record's events name a blob.
pub fn namings(history: &[Event], blob: BlobId) -> Vec<Naming> {
    let naming = |event: &Event| {
        let Fact::PaperAttached(attached) = &event.fact else { return None };
        let names = BlobId::of(attached)? == blob;
        names.then(|| Naming { station: event.station, scopes: event.scopes.clone(), size: attached.size_bytes })
    };
    history.iter().filter_map(naming).collect()
}

impl BlobId {
    /// The blob that a fact names; none where its text is no name of a blob.
    pub fn of(attached: &PaperAttached) -> Option<Self> {
        Some(Self(Fixed::from_slice(&unhex(&attached.blob)?)?))
    }
}
