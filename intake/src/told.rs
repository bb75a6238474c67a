//! What was written of something before, told in a later event to who did not get it when it was written.

use crate::event::{Event, Hlc, Scope, Subject};
use crate::fact::Fact;
use crate::ids::{EventId, OfficerId, StationId};
use serde::{Deserialize, Serialize};

/// The open part of an event, told to who did not get it when it was written.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Told {
    /// Its id.
    pub id: EventId,
    /// When.
    pub at: Hlc,
    /// The station that wrote it.
    pub station: StationId,
    /// The officer who did it.
    pub officer: Option<OfficerId>,
    /// Where it stands.
    pub scopes: Vec<Scope>,
    /// The fact's kind.
    pub kind: String,
    /// Its CBOR.
    #[serde(with = "bytes")]
    pub body: Vec<u8>,
}

impl Told {
    /// What is told of an event.
    pub fn of(event: &Event) -> Self {
        Self {
            id: event.id,
            at: event.at,
            station: event.station,
            officer: event.officer.clone(),
            scopes: event.scopes.clone(),
            kind: event.fact.kind().to_owned(),
            body: event.fact.encode(),
        }
    }

    /// The event about `subject`, without its sealed part.
    pub fn event(&self, subject: &Subject) -> Event {
        Event {
            id: self.id,
            at: self.at,
            station: self.station,
            officer: self.officer.clone(),
            subject: subject.clone(),
            scopes: self.scopes.clone(),
            fact: Fact::decode(&self.kind, &self.body),
            has_personal: false,
        }
    }
}

/// Bytes as a byte string, where serde would make a list of numbers of them.
mod bytes {
    use serde::de::{Error, Visitor};
    use serde::{Deserializer, Serializer};
    use std::fmt;

    pub fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bytes(bytes)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        from.deserialize_byte_buf(Bytes)
    }

    struct Bytes;

    impl Visitor<'_> for Bytes {
        type Value = Vec<u8>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a byte string")
        }

        fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
            Ok(bytes.to_vec())
        }

        fn visit_byte_buf<E: Error>(self, bytes: Vec<u8>) -> Result<Vec<u8>, E> {
            Ok(bytes)
        }
    }
}
