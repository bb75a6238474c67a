//! The sealed form of an attachment: a header, then chunks that are encrypted each alone, so that a file of any size
//! needs the memory of one chunk.
//!
//! Each blob has a key of its own, derived from the subject's content key and a keyed hash of the plain bytes. The
//! same file for the same subject therefore gives the same bytes, and is stored and sent once; for another subject it
//! gives bytes that have nothing in common. Whoever lost the content key (its grants were destroyed) lost the blob.

use crate::Refusal;
use crate::grant::KeyId;
use crate::sign::tagged;
use crate::wire::to_cbor;
use crate::wrap::{NONCE_BYTES, Secret, TAG_BYTES, decrypt, encrypt_with_nonce};
use std::io::{self, Read, Write};
use thiserror::Error;
use uuid::Uuid;
use zeroize::Zeroizing;

/// Plain bytes of each chunk but the last, which has fewer and may have none.
pub const CHUNK_BYTES: usize = 64 << 10;
/// Bytes of the header.
pub const HEADER_BYTES: usize = 4 + 1 + 16 + 32;

const MAGIC: &[u8; 4] = b"MCBL";
const VERSION: u8 = 1;

/// Why a blob was not sealed or not opened.
#[derive(Debug, Error)]
pub enum BlobFault {
    /// The file changed while it was read; nothing of it may be kept.
    #[error("the file changed while it was read")]
    Changed,
    /// The bytes are not what they should be.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Reading or writing failed.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// What stands before the chunks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Header {
    /// Under which content key.
    pub key: KeyId,
    /// The plain bytes' hash, keyed by the content key: tells nothing to who lacks it.
    pub tag: [u8; 32],
}

/// The hash of the plain bytes, keyed by the content key: the first of the two readings.
///
/// # Errors
/// [`BlobFault::Io`].
pub fn tag_of(secret: &Secret, plain: &mut dyn Read) -> Result<[u8; 32], BlobFault> {
    let mut hasher = tag_hasher(secret);
    let mut chunk = Zeroizing::new(vec![0; CHUNK_BYTES]);
    loop {
        let length = fill(plain, &mut chunk)?;
        hasher.update(&chunk[..length]);
        if length < CHUNK_BYTES {
            return Ok(*hasher.finalize().as_bytes());
        }
    }
}

/// Seals what `plain` reads, the second reading, into `out`. The same plain bytes, key and tag give the same sealed bytes.
///
/// # Errors
/// [`BlobFault::Changed`] when `tag` is not of these bytes: what was written must then be thrown away, since one key
/// must never encrypt two contents; [`BlobFault::Io`].
pub fn seal(header: Header, secret: &Secret, plain: &mut dyn Read, out: &mut dyn Write) -> Result<(), BlobFault> {
    let blob_key = blob_key(secret, &header);
    let mut hasher = tag_hasher(secret);
    out.write_all(&header.encode())?;
    let mut chunk = Zeroizing::new(vec![0; CHUNK_BYTES]);
    for number in 0u64.. {
        let length = fill(plain, &mut chunk)?;
        hasher.update(&chunk[..length]);
        let last = length < CHUNK_BYTES;
        let sealed = encrypt_with_nonce(&blob_key, &nonce(number), &header.aad(number, last), &chunk[..length]);
        // The nonce is the chunk's number and need not be stored.
        out.write_all(&sealed[NONCE_BYTES..])?;
        if last {
            break;
        }
    }
    if *hasher.finalize().as_bytes() == header.tag { Ok(()) } else { Err(BlobFault::Changed) }
}

/// Opens a sealed blob chunk by chunk. What reached `out` before a fault counts for nothing.
///
/// # Errors
/// [`BlobFault::Refused`]: [`Refusal::BadSignature`] when a chunk was changed, moved, is another blob's, or the key is another;
/// [`Refusal::Truncated`] when the end is missing, [`Refusal::BadMagic`], [`Refusal::Version`]. [`BlobFault::Io`].
pub fn open(secret: &Secret, sealed: &mut dyn Read, out: &mut dyn Write) -> Result<(), BlobFault> {
    let header = Header::read(sealed)?;
    let blob_key = blob_key(secret, &header);
    let mut chunk = vec![0; CHUNK_BYTES + TAG_BYTES];
    for number in 0u64.. {
        let length = fill(sealed, &mut chunk)?;
        if length < TAG_BYTES {
            return Err(Refusal::Truncated.into());
        }
        let last = length < chunk.len();
        out.write_all(&open_chunk(&blob_key, &header, number, last, &chunk[..length])?)?;
        if last {
            break;
        }
    }
    Ok(())
}

impl Header {
    /// Reads it.
    ///
    /// # Errors
    /// See [`open`].
    pub fn read(sealed: &mut dyn Read) -> Result<Self, BlobFault> {
        let mut bytes = [0; HEADER_BYTES];
        if fill(sealed, &mut bytes)? < HEADER_BYTES {
            return Err(Refusal::Truncated.into());
        }
        Ok(Self::decode(&bytes)?)
    }

    /// Its bytes.
    pub fn encode(&self) -> Vec<u8> {
        [MAGIC.as_slice(), &[VERSION], self.key.0.as_bytes(), &self.tag].concat()
    }

    fn decode(bytes: &[u8; HEADER_BYTES]) -> Result<Self, Refusal> {
        let rest = bytes.strip_prefix(MAGIC).ok_or(Refusal::BadMagic)?;
        let (&version, rest) = rest.split_first().ok_or(Refusal::Truncated)?;
        if version != VERSION {
            return Err(Refusal::Version { got: version.into() });
        }
        let (key, rest) = rest.split_first_chunk::<16>().ok_or(Refusal::Truncated)?;
        let tag = rest.try_into().map_err(|_| Refusal::Truncated)?;
        Ok(Self { key: KeyId(Uuid::from_bytes(*key)), tag })
    }

    /// Binds a chunk to its blob, its place in it, and whether it is the end.
    fn aad(&self, number: u64, last: bool) -> Vec<u8> {
        tagged("motcua/blob/1", &to_cbor(&(self.key, crate::wire::Fixed(self.tag), number, last)))
    }
}

fn open_chunk(
    blob_key: &Secret,
    header: &Header,
    number: u64,
    last: bool,
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Refusal> {
    let whole = [nonce(number).as_slice(), sealed].concat();
    decrypt(blob_key, &header.aad(number, last), &whole).ok_or(Refusal::BadSignature)
}

fn tag_hasher(secret: &Secret) -> blake3::Hasher {
    let key = Zeroizing::new(blake3::derive_key("motcua/blob-tag/1", secret.as_slice()));
    blake3::Hasher::new_keyed(&key)
}

fn blob_key(secret: &Secret, header: &Header) -> Secret {
    let base = Zeroizing::new(blake3::derive_key("motcua/blob-key/1", secret.as_slice()));
    Zeroizing::new(*blake3::keyed_hash(&base, &header.tag).as_bytes())
}

fn nonce(number: u64) -> [u8; NONCE_BYTES] {
    let mut nonce = [0; NONCE_BYTES];
    nonce[NONCE_BYTES - 8..].copy_from_slice(&number.to_be_bytes());
    nonce
}

/// Reads until the buffer is full or the end has come.
fn fill(from: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < buffer.len() {
        match from.read(&mut buffer[length..]) {
            Ok(0) => break,
            Ok(more) => length += more,
            Err(fault) if fault.kind() == io::ErrorKind::Interrupted => {}
            Err(fault) => return Err(fault),
        }
    }
    Ok(length)
}
