//! A carried event: one event on paper (a ticket's QR code), signed by its station, with the grant that lets the site
//! read its sealed part. Whoever scans the paper can admit the citizen though no network ever carried the ticket.
//!
//! `"MCC" version(1) zstd(dictionary 1, CBOR [key_no, event, grant | null]) signature(64)`.

use crate::grant::{Grant, KeyId};
use crate::protocol::WrappedKey;
use crate::record::{MAX_EVENT_BYTES, Record};
use crate::wire::{Bytes, Fixed, PublicKey, Signature, from_cbor, to_cbor};
use crate::{Refusal, seal, sign};
use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};

/// The version of a carried event's bytes.
pub const CARRIED_VERSION: u8 = 1;
/// The budget on paper: what a QR code holds that a counter's scanner reads at arm's length.
pub const BUDGET_BYTES: usize = 700;

const MAGIC: &[u8; 3] = b"MCC";
const TAG: &str = "motcua/carried/1";
const DICTIONARY: u8 = 1;

/// A carried event that has been taken apart; its signature has not been checked yet.
#[derive(Clone, Debug)]
pub struct Carried {
    /// The event.
    pub record: Record,
    /// The event's own bytes.
    pub event_bytes: Vec<u8>,
    /// Lets the group of the event's home read the sealed part.
    pub grant: Option<Grant>,
    /// Which of the station's signing keys signed.
    pub key_no: u32,
    packed: Vec<u8>,
    signature: Signature,
}

#[derive(Serialize, Deserialize)]
struct Form(u32, Bytes, Option<GrantForm>);

/// Key id and subject are the event's, the group is its home's: only the rest is carried.
#[derive(Serialize, Deserialize)]
struct GrantForm(u32, Fixed<32>, Bytes);

/// Makes the bytes for paper. A grant must be to the group of the event's home.
pub fn make(event_bytes: &[u8], grant: Option<&Grant>, key_no: u32, key: &SigningKey) -> Result<Vec<u8>, Refusal> {
    let grant = grant.map(|it| GrantForm(it.epoch, it.wrapped.enc, it.wrapped.wrapped.clone()));
    let plain = to_cbor(&Form(key_no, Bytes(event_bytes.to_vec()), grant));
    let packed = seal::compress(DICTIONARY, &plain).map_err(|_| Refusal::malformed("cannot be packed"))?;
    let signature = sign::sign(key, &sign::tagged(TAG, &packed));
    Ok([MAGIC.as_slice(), &[CARRIED_VERSION], &packed, &signature.0].concat())
}

impl Carried {
    /// Takes the bytes apart.
    ///
    /// # Errors
    /// A named refusal for every input that is not a whole carried event of this version.
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        if bytes.len() > MAX_EVENT_BYTES {
            return Err(Refusal::TooLarge { what: "carried event".into(), limit_bytes: MAX_EVENT_BYTES as u64 });
        }
        let rest = after_magic(bytes)?;
        let (packed, signature) = rest.split_last_chunk::<64>().ok_or(Refusal::Truncated)?;
        let plain = seal::decompress(DICTIONARY, packed).map_err(|_| Refusal::Truncated)?;
        let Form(key_no, event, grant) = from_cbor(&plain)?;
        let record = Record::decode(&event.0)?;
        let grant = grant.and_then(|form| site_grant(&record, record.key()?, form));
        Ok(Self { record, event_bytes: event.0, grant, key_no, packed: packed.to_vec(), signature: Fixed(*signature) })
    }

    /// Checks the station's signature.
    ///
    /// # Errors
    /// [`Refusal::BadSignature`].
    pub fn check(&self, station: &PublicKey) -> Result<(), Refusal> {
        sign::check(station, &sign::tagged(TAG, &self.packed), &self.signature)
    }
}

fn site_grant(record: &Record, key: KeyId, GrantForm(epoch, enc, wrapped): GrantForm) -> Option<Grant> {
    let group = record.home().as_str().to_owned();
    Some(Grant { key, subject: record.subject.to_string(), group, epoch, wrapped: WrappedKey { enc, wrapped } })
}

fn after_magic(bytes: &[u8]) -> Result<&[u8], Refusal> {
    if bytes.len() < MAGIC.len() {
        return Err(if MAGIC.starts_with(bytes) { Refusal::Truncated } else { Refusal::BadMagic });
    }
    let rest = bytes.strip_prefix(MAGIC).ok_or(Refusal::BadMagic)?;
    match rest.split_first() {
        None => Err(Refusal::Truncated),
        Some((&CARRIED_VERSION, rest)) => Ok(rest),
        Some((&got, _)) => Err(Refusal::Version { got: got.into() }),
    }
}
