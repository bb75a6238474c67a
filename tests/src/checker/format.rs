//! The log's bytes, read from docs/format.md alone: events, segments, carried events, chains.
//!
//! None of it is shared with the system: a fault in the system's decoder cannot hide itself here.

use super::cbor;
use crate::fault::{Doing, Fault, Outcome};
use ciborium::Value;
use ed25519_dalek::{Signature, VerifyingKey};
use std::fmt;

/// Dictionary 1 of the format; it is part of the format and never changes.
const DICTIONARY_1: &[u8] = include_bytes!("../../../sync/src/records-1.dict");
/// The dictionary of codec 2; the same holds for it.
const SEGMENTS_DICTIONARY: &[u8] = include_bytes!("../../../sync/src/segments-1.dict");
/// More than any event or segment unpacks to.
const MAX_UNPACKED_BYTES: usize = 8 << 20;

/// A BLAKE3 hash.
pub type Hash = [u8; 32];
/// An id of sixteen bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(pub [u8; 16]);

/// One chain: station, incarnation, scope.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Stream {
    /// Who wrote it.
    pub station: Id,
    /// In which life of its disk.
    pub incarnation: Id,
    /// For whom.
    pub scope: String,
}

/// An event, as far as the checker asks.
#[derive(Clone, PartialEq, Debug)]
pub struct Event {
    /// Its id.
    pub id: Id,
    /// Who wrote it.
    pub station: Id,
    /// What it is about, such as `visit:…`.
    pub subject: String,
    /// Where it stands.
    pub scopes: Vec<String>,
    /// What happened, such as `TicketIssued`.
    pub kind: String,
    /// The open part.
    pub body: Value,
    /// All of its bytes.
    pub bytes: Vec<u8>,
}

/// A segment's header, body and what was signed.
#[derive(Clone, Debug)]
pub struct Segment {
    /// Which stream.
    pub stream: Stream,
    /// The number of its first event.
    pub first: u64,
    /// The chain before it.
    pub previous: Hash,
    /// The chain at its last event.
    pub last: Hash,
    /// The events' bytes, in order.
    pub events: Vec<Vec<u8>>,
    signed: Vec<u8>,
    signature: [u8; 64],
}

/// An event on paper.
#[derive(Clone, Debug)]
pub struct Carried {
    /// The event.
    pub event: Event,
    signed: Vec<u8>,
    signature: [u8; 64],
}

impl Stream {
    /// The chain before the first event.
    pub fn origin(&self) -> Hash {
        let parts: [&[u8]; 4] = [b"motcua/stream/1", &self.station.0, &self.incarnation.0, self.scope.as_bytes()];
        blake3::hash(&parts.concat()).into()
    }
}

/// The chain after one more event.
pub fn extended(before: &Hash, no: u64, event: &[u8]) -> Hash {
    let event_hash: Hash = blake3::hash(event).into();
    let parts: [&[u8]; 4] = [b"motcua/link/1", before, &no.to_be_bytes(), &event_hash];
    blake3::hash(&parts.concat()).into()
}

impl Event {
    /// Reads an event's bytes.
    ///
    /// # Errors
    /// When they are none of version 1.
    pub fn read(event: &[u8]) -> Outcome<Self> {
        let value = cbor::read(event)?;
        let form = cbor::array(&value, 11)?;
        if cbor::integer::<u64>(&form[0])? != 1 {
            return Err(Fault::new("event", "another version"));
        }
        let scopes = cbor::array(&form[7], 1)?.iter().map(|scope| cbor::text(scope).map(str::to_owned));
        Ok(Self {
            id: Id(cbor::fixed(&form[1])?),
            station: Id(cbor::fixed(&form[3])?),
            subject: cbor::text(&form[6])?.to_owned(),
            scopes: scopes.collect::<Outcome<_>>()?,
            kind: cbor::text(&form[8])?.to_owned(),
            body: cbor::read(cbor::bytes(&form[9])?)?,
            bytes: event.to_vec(),
        })
    }
}

impl Segment {
    /// Reads a segment's bytes.
    ///
    /// # Errors
    /// When they are none of version 1.
    pub fn read(bytes: &[u8]) -> Outcome<Self> {
        let rest = bytes.strip_prefix(b"MCSG\x01").ok_or_else(|| Fault::new("segment", "another beginning"))?;
        let (header_bytes, rest) = counted::<2>(rest)?;
        let (body, rest) = counted::<4>(rest)?;
        let signature = rest.try_into().doing("a segment's signature")?;
        let header = cbor::read(header_bytes)?;
        let form = cbor::array(&header, 9)?;
        let dictionary: &[u8] = match cbor::integer::<u8>(&form[8])? {
            1 => &[],
            2 => SEGMENTS_DICTIONARY,
            _ => return Err(Fault::new("segment", "another codec")),
        };
        let mut decompressor = zstd::bulk::Decompressor::with_dictionary(dictionary).doing("a dictionary")?;
        let plain = decompressor.decompress(body, MAX_UNPACKED_BYTES).doing("unpacking a segment")?;
        let segment = Self {
            stream: Stream {
                station: Id(cbor::fixed(&form[0])?),
                incarnation: Id(cbor::fixed(&form[1])?),
                scope: cbor::text(&form[2])?.to_owned(),
            },
            first: cbor::integer(&form[4])?,
            previous: cbor::fixed(&form[6])?,
            last: cbor::fixed(&form[7])?,
            events: split_events(&plain)?,
            signed: tagged(b"motcua/segment/1", &[header_bytes, blake3::hash(body).as_bytes()].concat()),
            signature,
        };
        if segment.events.len() as u64 == cbor::integer::<u64>(&form[5])? {
            Ok(segment)
        } else {
            Err(Fault::new("segment", "another number of events than its header says"))
        }
    }

    /// Checks the signature and the chain from `previous` to `last`.
    ///
    /// # Errors
    /// When one of them is not right.
    pub fn check(&self, station: &[u8; 32]) -> Outcome<()> {
        check_signature(station, &self.signed, &self.signature)?;
        let numbered = (self.first..).zip(&self.events);
        let last = numbered.fold(self.previous, |hash, (no, event)| extended(&hash, no, event));
        if last == self.last { Ok(()) } else { Err(Fault::new("segment", "its chain does not end at its last hash")) }
    }
}

impl Carried {
    /// Reads a ticket's QR text: `MC1:` and base45.
    ///
    /// # Errors
    /// When it is no carried event of version 1.
    pub fn read(text: &str) -> Outcome<Self> {
        let text = text.strip_prefix("MC1:").ok_or_else(|| Fault::new("ticket", "its QR code is none of ours"))?;
        let bytes = base45::decode(text).doing("a ticket's base45")?;
        let rest = bytes.strip_prefix(b"MCC\x01").ok_or_else(|| Fault::new("ticket", "another beginning"))?;
        let (packed, signature) = rest.split_last_chunk::<64>().ok_or_else(|| Fault::new("ticket", "it is cut"))?;
        let mut unpacking = zstd::bulk::Decompressor::with_dictionary(DICTIONARY_1).doing("a ticket")?;
        let plain = unpacking.decompress(packed, MAX_UNPACKED_BYTES).doing("unpacking a ticket")?;
        let value = cbor::read(&plain)?;
        let event = Event::read(cbor::bytes(&cbor::array(&value, 3)?[1])?)?;
        Ok(Self { event, signed: tagged(b"motcua/carried/1", packed), signature: *signature })
    }

    /// Checks the station's signature.
    ///
    /// # Errors
    /// When it is not right.
    pub fn check(&self, station: &[u8; 32]) -> Outcome<()> {
        check_signature(station, &self.signed, &self.signature)
    }
}

/// `tag`, a zero byte, then the bytes: what is signed.
pub fn tagged(tag: &[u8], bytes: &[u8]) -> Vec<u8> {
    [tag, &[0], bytes].concat()
}

/// Checks an Ed25519 signature strictly.
///
/// # Errors
/// When it is not right, or the key is none.
pub fn check_signature(public: &[u8; 32], signed: &[u8], signature: &[u8; 64]) -> Outcome<()> {
    let key = VerifyingKey::from_bytes(public).doing("a public key")?;
    key.verify_strict(signed, &Signature::from_bytes(signature)).doing("a signature")
}

/// Bytes behind their length, which is `N` bytes long and big-endian; and the rest.
fn counted<const N: usize>(bytes: &[u8]) -> Outcome<(&[u8], &[u8])> {
    let cut = || Fault::new("length", "bytes are missing");
    let (length, rest) = bytes.split_first_chunk::<N>().ok_or_else(cut)?;
    let length = length.iter().fold(0, |sum, byte| (sum << 8) | usize::from(*byte));
    rest.split_at_checked(length).ok_or_else(cut)
}

fn split_events(plain: &[u8]) -> Outcome<Vec<Vec<u8>>> {
    let mut rest = plain;
    let mut events = Vec::new();
    while !rest.is_empty() {
        let (event, after) = counted::<4>(rest)?;
        events.push(event.to_vec());
        rest = after;
    }
    Ok(events)
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
