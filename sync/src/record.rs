//! An event's bytes: a CBOR array, deterministic, the same in every stream that it stands in.

use crate::Refusal;
use crate::grant::KeyId;
use crate::seal::Sealed;
use crate::wire::{Bytes, from_cbor, to_cbor};
use intake::event::{Event, Hlc, Scope, Subject};
use intake::fact::Fact;
use intake::ids::{EventId, Incarnation, OfficerId, StationId};
use serde::{Deserialize, Serialize};

/// The version of an event's bytes.
pub const EVENT_VERSION: u64 = 1;
/// The largest event, in bytes.
pub const MAX_EVENT_BYTES: usize = 64 << 10;

/// An event with all that its bytes hold.
#[derive(Clone, PartialEq, Debug)]
pub struct Record {
    /// Its id, the same in every stream.
    pub id: EventId,
    /// When.
    pub at: Hlc,
    /// Who wrote it.
    pub station: StationId,
    /// In which life of the writer's disk it was made (a later life may carry it further).
    pub incarnation: Incarnation,
    /// The officer who did it.
    pub officer: Option<OfficerId>,
    /// What it is about.
    pub subject: Subject,
    /// Where it stands; the first is its home.
    pub scopes: Vec<Scope>,
    /// The open part's kind.
    pub kind: String,
    /// The open part.
    pub body: Vec<u8>,
    /// The sealed part.
    pub sealed: Option<Sealed>,
}

#[derive(Serialize, Deserialize)]
struct Form(
    u64,
    EventId,
    Hlc,
    StationId,
    Incarnation,
    Option<OfficerId>,
    String,
    Vec<Scope>,
    String,
    Bytes,
    Option<Bytes>,
);

impl Record {
    /// Its bytes.
    pub fn encode(&self) -> Vec<u8> {
        to_cbor(&Form(
            EVENT_VERSION,
            self.id,
            self.at,
            self.station,
            self.incarnation,
            self.officer.clone(),
            self.subject.to_string(),
            self.scopes.clone(),
            self.kind.clone(),
            Bytes(self.body.clone()),
            self.sealed.as_ref().map(|sealed| Bytes(sealed.encode())),
        ))
    }

    /// Reads an event's bytes.
    ///
    /// # Errors
    /// A named refusal for every input that is not the one encoding of an event of this version.
    pub fn decode(bytes: &[u8]) -> Result<Self, Refusal> {
        let record = Self::read(bytes)?;
        // One event has one form: what is signed and hashed cannot be written in two ways.
        if record.encode() != bytes { Err(Refusal::malformed("not the canonical encoding")) } else { Ok(record) }
    }

    /// [`Record::decode`] for bytes that passed it before.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        if bytes.len() > MAX_EVENT_BYTES {
            return Err(Refusal::TooLarge { what: "event".into(), limit_bytes: MAX_EVENT_BYTES as u64 });
        }
        let form: Form = match from_cbor(bytes) {
            Ok(form) => form,
            Err(refusal) => return Err(newer_version(bytes).unwrap_or(refusal)),
        };
        let Form(version, id, at, station, incarnation, officer, subject, scopes, kind, body, sealed) = form;
        if version != EVENT_VERSION {
            return Err(Refusal::Version { got: version });
        }
        let subject = subject.parse().map_err(|fault| Refusal::malformed(format!("{fault}")))?;
        let sealed = sealed.map(|bytes| Sealed::decode(&bytes.0)).transpose()?;
        let record = Self { id, at, station, incarnation, officer, subject, scopes, kind, body: body.0, sealed };
        if record.scopes.is_empty() {
            return Err(Refusal::malformed("an event that stands nowhere"));
        }
        Ok(record)
    }

    /// Where it belongs first.
    pub fn home(&self) -> &Scope {
        // Decoding refuses an event without a scope, and so does writing one.
        &self.scopes[0]
    }

    /// The content key of its sealed part.
    pub fn key(&self) -> Option<KeyId> {
        self.sealed.as_ref().map(|sealed| sealed.key)
    }

    /// The code that this event gives to a dossier.
    pub fn code_given(&self) -> Option<String> {
        let (Subject::Dossier(_), "DossierRegistered" | "DossierAccepted" | "CodeAssigned") =
            (&self.subject, self.kind.as_str())
        else {
            return None;
        };
        match Fact::decode(&self.kind, &self.body) {
            Fact::DossierRegistered(registered) => Some(registered.code.text()),
            Fact::DossierAccepted(accepted) => Some(accepted.code.text()),
            Fact::CodeAssigned(assigned) => Some(assigned.code.to_string()),
            _ => None,
        }
    }

    /// The event as the domain knows it.
    pub fn into_event(self) -> Event {
        Event {
            id: self.id,
            at: self.at,
            station: self.station,
            officer: self.officer,
            subject: self.subject,
            scopes: self.scopes,
            fact: Fact::decode(&self.kind, &self.body),
            has_personal: self.sealed.is_some(),
        }
    }
}

/// A newer version may have another form: its number, the first element of the array, is told all the same.
fn newer_version(bytes: &[u8]) -> Option<Refusal> {
    let value: ciborium::Value = from_cbor(bytes).ok()?;
    let first = value.as_array()?.first()?.as_integer()?;
    let got = u64::try_from(first).ok()?;
    (got != EVENT_VERSION).then_some(Refusal::Version { got })
}
