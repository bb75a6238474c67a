//! A stick: what a station has that the centre has not confirmed, as one sealed and signed file, for the day when no network
//! comes. Only the centre opens it; who finds it learns which station wrote it and when, and nothing else.
//!
//! `"MCST" version(1) header length(2) header`, then chunks `length(4) sealed`, then `0000 signature(64)`. The header is CBOR
//! `[station, made at, enc, wrapped]`; a chunk's plaintext is a framed push. The signature is over the header and all chunks.

use crate::protocol::{Fixed32, SegmentWithGrants, WrappedKey};
use crate::sign::{sign, tagged};
use crate::wire::{Bytes, PublicKey, Signature, from_cbor, to_cbor};
use crate::wrap::{self, Secret, new_secret, wrap_to};
use crate::{Refusal, frame};
use ed25519_dalek::SigningKey;
use intake::ids::StationId;
use intake::moment::Moment;
use serde::{Deserialize, Serialize};
use std::io::{Read, Write};

/// The version of a stick's bytes.
pub const STICK_VERSION: u8 = 1;
/// The largest chunk, sealed.
const MAX_CHUNK_BYTES: usize = 16 << 20;

const MAGIC: &[u8; 4] = b"MCST";
const TAG: &str = "motcua/stick/1";

/// Who wrote a stick, when, and the key to it for the centre.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Header {
    /// The station.
    pub station: StationId,
    /// When, by its clock.
    pub made_at: Moment,
    /// The key to the chunks, wrapped to the group `recovery`.
    pub key: WrappedKey,
}

#[derive(Serialize, Deserialize)]
struct HeaderForm(StationId, Moment, Fixed32, Bytes);

/// Writes a stick, chunk by chunk.
pub struct Writer<'a, W> {
    out: W,
    secret: Secret,
    header: Vec<u8>,
    hasher: blake3::Hasher,
    chunks: u64,
    signing: &'a SigningKey,
}

/// Why a stick could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum StickFault {
    /// The medium.
    #[error("the stick: {0}")]
    Io(#[from] std::io::Error),
    /// The bytes.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// No randomness.
    #[error(transparent)]
    NoRandomness(#[from] wrap::NoRandomness),
}

impl<'a, W: Write> Writer<'a, W> {
    /// Begins a stick that only the holder of `reader`'s private key opens.
    ///
    /// # Errors
    /// See [`StickFault`].
    pub fn begin(
        mut out: W,
        station: StationId,
        made_at: Moment,
        reader: &PublicKey,
        signing: &'a SigningKey,
    ) -> Result<Self, StickFault> {
        let secret = new_secret()?;
        let wrapped = wrap_to(reader, &info(station, made_at), &secret)?;
        let header = to_cbor(&HeaderForm(station, made_at, wrapped.enc, wrapped.wrapped));
        out.write_all(MAGIC)?;
        out.write_all(&[STICK_VERSION])?;
        // A header has about 150 bytes.
        out.write_all(&(header.len() as u16).to_be_bytes())?;
        out.write_all(&header)?;
        let mut hasher = blake3::Hasher::new();
        hasher.update(&header);
        Ok(Self { out, secret, header, hasher, chunks: 0, signing })
    }

    /// Adds segments as one chunk.
    ///
    /// # Errors
    /// See [`StickFault`].
    pub fn put(&mut self, segments: &[SegmentWithGrants]) -> Result<(), StickFault> {
        let sealed = wrap::encrypt(&self.secret, &chunk_aad(&self.header, self.chunks), &frame::encode_push(segments))?;
        self.out.write_all(&(sealed.len() as u32).to_be_bytes())?;
        self.out.write_all(&sealed)?;
        self.hasher.update(&sealed);
        self.chunks += 1;
        Ok(())
    }

    /// Ends it and gives the medium back, which is to be flushed to the stick before anybody pulls it out.
    ///
    /// # Errors
    /// See [`StickFault`].
    pub fn end(mut self) -> Result<W, StickFault> {
        let signature = sign(self.signing, &signed_bytes(&self.hasher, self.chunks));
        self.out.write_all(&[0; 4])?;
        self.out.write_all(&signature.0)?;
        Ok(self.out)
    }
}

/// Reads a stick: `open` gives the station's public key and the key to the chunks for a header, and `take` gets each chunk's
/// segments. What came whole before a cut was taken: the same stick can be read again.
///
/// # Errors
/// [`Refusal::BadMagic`], [`Refusal::Version`], [`Refusal::Truncated`], [`Refusal::TooLarge`]; [`Refusal::BadSignature`] for a
/// chunk that was changed, moved or left out, and for a stick of another centre; what `open` and `take` refuse.
pub fn read<E: From<StickFault>>(
    mut from: impl Read,
    open: impl FnOnce(&Header) -> Result<(PublicKey, Option<Secret>), E>,
    mut take: impl FnMut(&Header, Vec<SegmentWithGrants>) -> Result<(), E>,
) -> Result<Header, E> {
    let refused = |refusal: Refusal| E::from(refusal.into());
    let mut start = [0; 7];
    fill(&mut from, &mut start)?;
    if &start[..4] != MAGIC {
        return Err(refused(Refusal::BadMagic));
    }
    if start[4] != STICK_VERSION {
        return Err(refused(Refusal::Version { got: start[4].into() }));
    }
    let mut header_bytes = vec![0; u16::from_be_bytes([start[5], start[6]]).into()];
    fill(&mut from, &mut header_bytes)?;
    let HeaderForm(station, made_at, enc, wrapped) =
        from_cbor(&header_bytes).map_err(|_| refused(Refusal::malformed("a stick's header")))?;
    let header = Header { station, made_at, key: WrappedKey { enc, wrapped } };
    let (public, secret) = open(&header)?;
    let secret = secret.ok_or_else(|| refused(Refusal::BadSignature))?;
    let mut hasher = blake3::Hasher::new();
    hasher.update(&header_bytes);
    let mut chunks = 0;
    loop {
        let mut length = [0; 4];
        fill(&mut from, &mut length)?;
        let length = u32::from_be_bytes(length) as usize;
        if length == 0 {
            break;
        }
        if length > MAX_CHUNK_BYTES {
            return Err(refused(Refusal::TooLarge { what: "chunk".into(), limit_bytes: MAX_CHUNK_BYTES as u64 }));
        }
        let mut sealed = vec![0; length];
        fill(&mut from, &mut sealed)?;
        hasher.update(&sealed);
        let plain = wrap::decrypt(&secret, &chunk_aad(&header_bytes, chunks), &sealed);
        let plain = plain.ok_or_else(|| refused(Refusal::BadSignature))?;
        let (segments, complete) = frame::decode_push(&plain).map_err(refused)?;
        if !complete {
            return Err(refused(Refusal::Truncated));
        }
        take(&header, segments)?;
        chunks += 1;
    }
    let mut signature: Signature = crate::wire::Fixed([0; 64]);
    fill(&mut from, &mut signature.0)?;
    crate::sign::check(&public, &signed_bytes(&hasher, chunks), &signature).map_err(refused)?;
    Ok(header)
}

/// What the key to a stick is bound to.
pub fn info(station: StationId, made_at: Moment) -> Vec<u8> {
    tagged(TAG, &to_cbor(&(station, made_at)))
}

fn fill<E: From<StickFault>>(from: &mut impl Read, bytes: &mut [u8]) -> Result<(), E> {
    from.read_exact(bytes).map_err(|error| match error.kind() {
        std::io::ErrorKind::UnexpectedEof => E::from(Refusal::Truncated.into()),
        _ => E::from(error.into()),
    })
}

fn chunk_aad(header: &[u8], number: u64) -> Vec<u8> {
    tagged(TAG, &[header, &number.to_be_bytes()].concat())
}

fn signed_bytes(hasher: &blake3::Hasher, chunks: u64) -> Vec<u8> {
    tagged(TAG, &[hasher.finalize().as_bytes().as_slice(), &chunks.to_be_bytes()].concat())
}
