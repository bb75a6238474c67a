//! Streams, positions and hash chains: `h_n = BLAKE3(tag || h_{n-1} || n || BLAKE3(event bytes))`.

use crate::wire::Hash;
use intake::event::Scope;
use intake::ids::{Incarnation, StationId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const ORIGIN_TAG: &[u8] = b"motcua/stream/1";
const LINK_TAG: &[u8] = b"motcua/link/1";

/// One chain: what one life of one station's disk wrote for one scope.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct StreamId {
    /// Who wrote it.
    pub station: StationId,
    /// In which life of its disk.
    pub incarnation: Incarnation,
    /// For which readers.
    pub scope: Scope,
}

/// A position in a stream: the number of an event (from 1; 0 is before the first) and the chain's hash there.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Head {
    /// The number of the last event; 0 when there is none.
    pub no: u64,
    /// The chain hash at that number.
    pub hash: Hash,
}

/// How far each stream is known.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Heads(pub Vec<(StreamId, Head)>);

impl StreamId {
    /// `h_0`: the hash before the first event, derived from the stream's name.
    pub fn origin(&self) -> Hash {
        let mut hasher = blake3::Hasher::new();
        hasher.update(ORIGIN_TAG);
        hasher.update(self.station.0.as_bytes());
        hasher.update(self.incarnation.0.as_bytes());
        hasher.update(self.scope.0.as_bytes());
        Hash::from(hasher)
    }

    /// The position before the first event.
    pub fn start(&self) -> Head {
        Head { no: 0, hash: self.origin() }
    }
}

impl Head {
    /// The position after one more event.
    pub fn extended(self, event_bytes: &[u8]) -> Self {
        let no = self.no + 1;
        let mut hasher = blake3::Hasher::new();
        hasher.update(LINK_TAG);
        hasher.update(&self.hash.0);
        hasher.update(&no.to_be_bytes());
        hasher.update(blake3::hash(event_bytes).as_bytes());
        Self { no, hash: Hash::from(hasher) }
    }
}

impl Heads {
    /// How far `stream` is known; 0 when it is not known at all.
    pub fn no(&self, stream: &StreamId) -> u64 {
        self.get(stream).map_or(0, |head| head.no)
    }

    /// The head of `stream`.
    pub fn get(&self, stream: &StreamId) -> Option<&Head> {
        self.0.iter().find(|(id, _)| id == stream).map(|(_, head)| head)
    }

    /// The same as a map, for many look-ups.
    pub fn to_map(&self) -> BTreeMap<&StreamId, &Head> {
        self.0.iter().map(|(id, head)| (id, head)).collect()
    }
}

impl From<blake3::Hasher> for Hash {
    fn from(hasher: blake3::Hasher) -> Self {
        Self(*hasher.finalize().as_bytes())
    }
}
