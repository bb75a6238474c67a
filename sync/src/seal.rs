//! Sealing: what is personal is compressed, padded, then encrypted under a key of one subject.

use crate::Refusal;
use crate::grant::KeyId;
use crate::sign::tagged;
use crate::wire::to_cbor;
use crate::wrap::{NONCE_BYTES, NoRandomness, Secret, TAG_BYTES, decrypt, encrypt_with_nonce, random};
use intake::event::Scope;
use intake::ids::{EventId, Incarnation, StationId};
use std::sync::LazyLock;
use uuid::Uuid;
use zeroize::Zeroizing;
use zstd::bulk::{Compressor, Decompressor};
use zstd::dict::{DecoderDictionary, EncoderDictionary};
use zstd::zstd_safe::CParameter;

/// Plaintexts are padded to a multiple of this, so that lengths say less.
pub const PAD_BYTES: usize = 32;
/// The dictionary that is used for new sealed parts.
pub const CURRENT_DICTIONARY: u8 = 2;
/// The most that a sealed part may unpack to.
pub const MAX_PERSONAL_BYTES: usize = 48 << 10;

const LENGTH_BYTES: usize = 2;
const LEVEL: i32 = 12;
/// Trained by `examples/train_dictionary.rs`; never changed, only followed by a next number.
const DICTIONARY_1: &[u8] = include_bytes!("records-1.dict");
/// The same, with what is written of dossiers.
const DICTIONARY_2: &[u8] = include_bytes!("records-2.dict");

/// The sealed part of an event: key id (16 bytes), dictionary (1), nonce (24), ciphertext and tag.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sealed {
    /// Under which content key.
    pub key: KeyId,
    /// Which dictionary the compression used; 0 is none.
    pub dictionary: u8,
    /// Nonce, ciphertext, tag.
    pub box_bytes: Vec<u8>,
}

/// What a sealed part is bound to: moved to another event, stream or kind it does not open.
#[derive(Clone, Copy, Debug)]
pub struct Binding<'a> {
    /// The event.
    pub event: EventId,
    /// Who wrote it.
    pub station: StationId,
    /// In which life of the writer's disk.
    pub incarnation: Incarnation,
    /// Its home.
    pub home: &'a Scope,
    /// The open part's kind.
    pub kind: &'a str,
}

impl Sealed {
    /// Seals a plaintext.
    ///
    /// # Errors
    /// [`SealFault`] when it is too large or there is no randomness.
    pub fn seal(key: KeyId, secret: &Secret, binding: &Binding, plain: &[u8]) -> Result<Self, SealFault> {
        Self::seal_with(key, secret, &random::<NONCE_BYTES>()?, CURRENT_DICTIONARY, binding, plain)
    }

    /// [`Sealed::seal`] with nonce and dictionary given; for test vectors.
    ///
    /// # Errors
    /// See [`Sealed::seal`].
    pub fn seal_with(
        key: KeyId,
        secret: &Secret,
        nonce: &[u8; NONCE_BYTES],
        dictionary: u8,
        binding: &Binding,
        plain: &[u8],
    ) -> Result<Self, SealFault> {
        if plain.len() > MAX_PERSONAL_BYTES {
            return Err(SealFault::TooLarge);
        }
        let packed = Zeroizing::new(compress(dictionary, plain)?);
        let length = u16::try_from(packed.len()).map_err(|_| SealFault::TooLarge)?;
        let mut padded = Zeroizing::new(Vec::with_capacity(LENGTH_BYTES + packed.len() + PAD_BYTES));
        padded.extend_from_slice(&length.to_be_bytes());
        padded.extend_from_slice(&packed);
        let whole = padded.len().next_multiple_of(PAD_BYTES);
        padded.resize(whole, 0);
        let box_bytes = encrypt_with_nonce(secret, nonce, &binding.aad(key, dictionary), &padded);
        Ok(Self { key, dictionary, box_bytes })
    }

    /// Opens it.
    ///
    /// # Errors
    /// [`Refusal::BadSignature`] when the key, the binding or a byte is another; [`Refusal::Version`] when the
    /// dictionary is not known here.
    pub fn open(&self, secret: &Secret, binding: &Binding) -> Result<Zeroizing<Vec<u8>>, Refusal> {
        let aad = binding.aad(self.key, self.dictionary);
        let padded = decrypt(secret, &aad, &self.box_bytes).ok_or(Refusal::BadSignature)?;
        let (length, rest) = padded.split_first_chunk::<LENGTH_BYTES>().ok_or(Refusal::Truncated)?;
        let packed = rest.get(..u16::from_be_bytes(*length).into()).ok_or(Refusal::Truncated)?;
        decompress(self.dictionary, packed)
    }

    /// Its bytes.
    pub fn encode(&self) -> Vec<u8> {
        [self.key.0.as_bytes().as_slice(), &[self.dictionary], &self.box_bytes].concat()
    }

    /// Reads its bytes.
    ///
    /// # Errors
    /// [`Refusal::Truncated`] when they are too few.
    pub fn decode(bytes: &[u8]) -> Result<Self, Refusal> {
        let (key, rest) = bytes.split_first_chunk::<16>().ok_or(Refusal::Truncated)?;
        let (&dictionary, box_bytes) = rest.split_first().ok_or(Refusal::Truncated)?;
        if box_bytes.len() < NONCE_BYTES + TAG_BYTES + PAD_BYTES {
            return Err(Refusal::Truncated);
        }
        Ok(Self { key: KeyId(Uuid::from_bytes(*key)), dictionary, box_bytes: box_bytes.to_vec() })
    }
}

impl Binding<'_> {
    fn aad(&self, key: KeyId, dictionary: u8) -> Vec<u8> {
        let Self { event, station, incarnation, home, kind } = self;
        tagged("motcua/seal/1", &to_cbor(&(event, station, incarnation, home, kind, key, dictionary)))
    }
}

/// Why nothing was sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealFault {
    /// More than [`MAX_PERSONAL_BYTES`].
    #[error("the personal part is too large")]
    TooLarge,
    /// See [`NoRandomness`].
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// A dictionary as zstd wants it: digesting one takes longer than packing a record.
struct Prepared {
    encoder: EncoderDictionary<'static>,
    decoder: DecoderDictionary<'static>,
}

impl Prepared {
    fn new(bytes: &'static [u8]) -> Self {
        Self { encoder: EncoderDictionary::copy(bytes, LEVEL), decoder: DecoderDictionary::copy(bytes) }
    }
}

static PREPARED: [LazyLock<Prepared>; 3] = [
    LazyLock::new(|| Prepared::new(&[])),
    LazyLock::new(|| Prepared::new(DICTIONARY_1)),
    LazyLock::new(|| Prepared::new(DICTIONARY_2)),
];

pub(crate) fn compress(dictionary: u8, plain: &[u8]) -> Result<Vec<u8>, SealFault> {
    // zstd fails only when it is out of memory.
    let fault = |_| SealFault::TooLarge;
    let dictionary = PREPARED.get(usize::from(dictionary)).unwrap_or(&PREPARED[0]);
    let mut compressor = Compressor::with_prepared_dictionary(&dictionary.encoder).map_err(fault)?;
    for lean in [CParameter::ContentSizeFlag(false), CParameter::DictIdFlag(false)] {
        compressor.set_parameter(lean).map_err(fault)?;
    }
    compressor.compress(plain).map_err(fault)
}

pub(crate) fn decompress(dictionary: u8, packed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Refusal> {
    let prepared = PREPARED.get(usize::from(dictionary)).ok_or(Refusal::Version { got: dictionary.into() })?;
    let fault = |_| Refusal::malformed("a sealed part that does not unpack");
    let mut decompressor = Decompressor::with_prepared_dictionary(&prepared.decoder).map_err(fault)?;
    decompressor.decompress(packed, MAX_PERSONAL_BYTES).map(Zeroizing::new).map_err(fault)
}
