//! Segments: a batch of consecutive events of one stream, compressed and signed. Made once, kept and served as it came.
//!
//! `"MCSG" version(1) header_len(2) header body_len(4) body signature(64)`, numbers big-endian.

use crate::pack;
use crate::record::{MAX_EVENT_BYTES, Record};
use crate::sign;
use crate::stream::{Head, StreamId};
use crate::wire::{Hash, PublicKey, Signature, from_cbor, to_cbor};
use crate::{Refusal, wire};
use ed25519_dalek::SigningKey;
use intake::event::Scope;
use intake::ids::{Incarnation, StationId};
use serde::{Deserialize, Serialize};

/// The version of a segment's bytes.
pub const SEGMENT_VERSION: u8 = 1;
/// A segment is cut at so many events,
pub const CUT_EVENTS: usize = 512;
/// or at so many bytes of events, whichever comes first.
pub const CUT_BYTES: usize = 256 << 10;
/// The largest segment that is taken, packed.
pub const MAX_SEGMENT_BYTES: usize = 1 << 20;
/// The largest body that is unpacked.
pub const MAX_UNPACKED_BYTES: usize = 4 << 20;

const MAGIC: &[u8; 4] = b"MCSG";
const TAG: &str = "motcua/segment/1";

/// What stands before a segment's body.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Header {
    /// Which stream.
    pub stream: StreamId,
    /// Which of the station's signing keys signed, from 0.
    pub key_no: u32,
    /// The number of the first event.
    pub first: u64,
    /// How many events, at least 1.
    pub count: u64,
    /// The chain's hash before the first event.
    pub previous: Hash,
    /// The chain's hash at the last event.
    pub last: Hash,
    /// How the body is packed: 1 is zstd, 2 is zstd with the segments' dictionary.
    pub codec: u8,
}

/// A segment whose bytes have been taken apart and whose signature and chain have not been checked yet.
#[derive(Clone, Debug)]
pub struct Segment<'a> {
    /// What stands before the body.
    pub header: Header,
    header_bytes: &'a [u8],
    body: &'a [u8],
    signature: Signature,
}

#[derive(Serialize, Deserialize)]
struct HeaderForm(StationId, Incarnation, Scope, u32, u64, u64, Hash, Hash, u8);

impl Header {
    /// The number of the last event.
    pub fn last_no(&self) -> u64 {
        self.first + self.count - 1
    }

    /// The position before the first event.
    pub fn before(&self) -> Head {
        Head { no: self.first - 1, hash: self.previous }
    }
}

/// Makes a segment of consecutive events after `before`.
///
/// # Errors
/// [`Refusal::TooLarge`] when it would not be taken, [`Refusal::Malformed`] when there is no event.
pub fn make<B: AsRef<[u8]>>(
    stream: &StreamId,
    key_no: u32,
    before: Head,
    events: &[B],
    key: &SigningKey,
) -> Result<Vec<u8>, Refusal> {
    if events.is_empty() {
        return Err(Refusal::malformed("a segment without an event"));
    }
    let mut plain = Vec::new();
    let mut head = before;
    for event in events {
        let event = event.as_ref();
        head = head.extended(event);
        let length = u32::try_from(event.len()).map_err(|_| too_large("event", MAX_EVENT_BYTES))?;
        plain.extend_from_slice(&length.to_be_bytes());
        plain.extend_from_slice(event);
    }
    let (codec, body) = pack::pack(&plain)?;
    let StreamId { station, incarnation, scope } = stream.clone();
    let form = HeaderForm(
        station,
        incarnation,
        scope,
        key_no,
        before.no + 1,
        events.len() as u64,
        before.hash,
        head.hash,
        codec,
    );
    let header = to_cbor(&form);
    let signature = sign::sign(key, &signed_bytes(&header, &body));
    let segment = assemble(&header, &body, &signature)?;
    if segment.len() > MAX_SEGMENT_BYTES || plain.len() > MAX_UNPACKED_BYTES {
        return Err(too_large("segment", MAX_SEGMENT_BYTES));
    }
    Ok(segment)
}

impl<'a> Segment<'a> {
    /// Takes a segment's bytes apart.
    ///
    /// # Errors
    /// A named refusal for every input that is not a whole segment of this version.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Refusal> {
        if bytes.len() > MAX_SEGMENT_BYTES {
            return Err(too_large("segment", MAX_SEGMENT_BYTES));
        }
        let rest = after_magic(bytes)?;
        let (header_len, rest) = rest.split_first_chunk::<2>().ok_or(Refusal::Truncated)?;
        let (header_bytes, rest) = split(rest, u16::from_be_bytes(*header_len).into())?;
        let (body_len, rest) = rest.split_first_chunk::<4>().ok_or(Refusal::Truncated)?;
        let (body, rest) = split(rest, u32::from_be_bytes(*body_len) as usize)?;
        let (signature, rest) = rest.split_first_chunk::<64>().ok_or(Refusal::Truncated)?;
        if !rest.is_empty() {
            return Err(Refusal::malformed("bytes after the end"));
        }
        let header = parse_header(header_bytes)?;
        Ok(Self { header, header_bytes, body, signature: wire::Fixed(*signature) })
    }

    /// Checks the station's signature.
    ///
    /// # Errors
    /// [`Refusal::BadSignature`].
    pub fn check(&self, station: &PublicKey) -> Result<(), Refusal> {
        sign::check(station, &signed_bytes(self.header_bytes, self.body), &self.signature)
    }

    /// Unpacks the events and re-computes the chain: each event's bytes, what they say, and the position after it.
    ///
    /// # Errors
    /// [`Refusal::TooLarge`] before more than [`MAX_UNPACKED_BYTES`] are unpacked, [`Refusal::BadChain`] when the last
    /// hash is not the header's, and a named refusal for every event that is not one of this stream.
    pub fn events(&self) -> Result<Vec<(Vec<u8>, Record, Head)>, Refusal> {
        let plain = pack::unpack(self.header.codec, self.body)?;
        let mut rest = plain.as_slice();
        let mut head = self.header.before();
        let mut events = Vec::new();
        while !rest.is_empty() {
            let (length, after) = rest.split_first_chunk::<4>().ok_or(Refusal::Truncated)?;
            let (event, after) = split(after, u32::from_be_bytes(*length) as usize)?;
            let record = Record::decode(event)?;
            self.belongs(&record)?;
            head = head.extended(event);
            events.push((event.to_vec(), record, head));
            rest = after;
        }
        if events.len() as u64 != self.header.count {
            return Err(Refusal::malformed("another number of events than the header says"));
        }
        if head.hash != self.header.last {
            return Err(Refusal::BadChain { no: head.no });
        }
        Ok(events)
    }

    fn belongs(&self, record: &Record) -> Result<(), Refusal> {
        let stream = &self.header.stream;
        if record.station != stream.station {
            return Err(Refusal::malformed("an event of another station"));
        }
        if !record.scopes.contains(&stream.scope) {
            return Err(Refusal::malformed("an event that does not stand in this scope"));
        }
        Ok(())
    }
}

fn parse_header(bytes: &[u8]) -> Result<Header, Refusal> {
    // The bytes are all here, so a header that ends too early is malformed, not cut.
    let form: HeaderForm = from_cbor(bytes).map_err(|_| Refusal::malformed("a segment's header"))?;
    if to_cbor(&form) != bytes {
        return Err(Refusal::malformed("not the canonical encoding"));
    }
    let HeaderForm(station, incarnation, scope, key_no, first, count, previous, last, codec) = form;
    if !matches!(codec, pack::ZSTD | pack::ZSTD_DICTIONARY) {
        return Err(Refusal::Version { got: codec.into() });
    }
    if first == 0 || count == 0 || first.checked_add(count).is_none_or(|end| end > i64::MAX as u64) {
        return Err(Refusal::malformed("numbers that no stream has"));
    }
    Ok(Header { stream: StreamId { station, incarnation, scope }, key_no, first, count, previous, last, codec })
}

fn after_magic(bytes: &[u8]) -> Result<&[u8], Refusal> {
    if bytes.len() < MAGIC.len() {
        return Err(if MAGIC.starts_with(bytes) { Refusal::Truncated } else { Refusal::BadMagic });
    }
    let rest = bytes.strip_prefix(MAGIC).ok_or(Refusal::BadMagic)?;
    match rest.split_first() {
        None => Err(Refusal::Truncated),
        Some((&SEGMENT_VERSION, rest)) => Ok(rest),
        Some((&got, _)) => Err(Refusal::Version { got: got.into() }),
    }
}

fn assemble(header: &[u8], body: &[u8], signature: &Signature) -> Result<Vec<u8>, Refusal> {
    let header_len = u16::try_from(header.len()).map_err(|_| too_large("header", u16::MAX.into()))?;
    let body_len = u32::try_from(body.len()).map_err(|_| too_large("segment", MAX_SEGMENT_BYTES))?;
    Ok([
        MAGIC.as_slice(),
        &[SEGMENT_VERSION],
        &header_len.to_be_bytes(),
        header,
        &body_len.to_be_bytes(),
        body,
        &signature.0,
    ]
    .concat())
}

fn signed_bytes(header: &[u8], body: &[u8]) -> Vec<u8> {
    sign::tagged(TAG, &[header, blake3::hash(body).as_bytes()].concat())
}

fn split(bytes: &[u8], at: usize) -> Result<(&[u8], &[u8]), Refusal> {
    bytes.split_at_checked(at).ok_or(Refusal::Truncated)
}

fn too_large(what: &str, limit_bytes: usize) -> Refusal {
    Refusal::TooLarge { what: what.into(), limit_bytes: limit_bytes as u64 }
}
