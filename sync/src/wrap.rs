//! The two ways in which a key is wrapped: HPKE to a public key, XChaCha20-Poly1305 under a key that both sides hold.

use crate::Refusal;
use crate::protocol::WrappedKey;
use crate::wire::{Bytes, Fixed, PublicKey};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable};
use zeroize::Zeroizing;

/// A secret of 32 bytes that is wiped when it is dropped.
pub type Secret = Zeroizing<[u8; 32]>;

/// Bytes of a nonce of XChaCha20-Poly1305.
pub const NONCE_BYTES: usize = 24;
/// Bytes that Poly1305 adds.
pub const TAG_BYTES: usize = 16;

/// Fills a new array from the operating system's randomness.
///
/// # Errors
/// When the operating system has none to give, which a station cannot mend.
pub fn random<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    #[cfg(feature = "simulation")]
    if chance::fill(&mut bytes) {
        return Ok(bytes);
    }
    getrandom::fill(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(bytes)
}

/// Seeded chance for the simulation, a thread at a time. Not in a shipped build.
#[cfg(feature = "simulation")]
pub mod chance {
    use std::cell::Cell;

    thread_local! {
        static STATE: Cell<Option<u64>> = const { Cell::new(None) };
    }

    /// From now on this thread's randomness follows from `seed`; with none, it is the operating system's again.
    pub fn seed(seed: Option<u64>) {
        STATE.set(seed);
    }

    /// The next number (splitmix64); none where nothing was seeded.
    pub fn next() -> Option<u64> {
        let state = STATE.get()?.wrapping_add(0x9E37_79B9_7F4A_7C15);
        STATE.set(Some(state));
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        Some(mixed ^ (mixed >> 31))
    }

    pub(super) fn fill(bytes: &mut [u8]) -> bool {
        for part in bytes.chunks_mut(8) {
            let Some(number) = next() else { return false };
            part.copy_from_slice(&number.to_le_bytes()[..part.len()]);
        }
        true
    }
}

/// The operating system gave no randomness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gives no randomness")]
pub struct NoRandomness;

/// A new secret.
///
/// # Errors
/// See [`random`].
pub fn new_secret() -> Result<Secret, NoRandomness> {
    random().map(Zeroizing::new)
}

/// The X25519 public key of a private key; `None` when the bytes are not a key.
pub fn wrap_public(private: &Secret) -> Option<PublicKey> {
    let key = <X25519HkdfSha256 as Kem>::PrivateKey::from_bytes(private.as_slice()).ok()?;
    Fixed::from_slice(&X25519HkdfSha256::sk_to_pk(&key).to_bytes())
}

/// Wraps `secret` to a public key with HPKE (RFC 9180: base mode, X25519-HKDF-SHA256, HKDF-SHA256, ChaCha20Poly1305).
///
/// # Errors
/// [`Refusal::Malformed`] when `public` is not a usable key.
pub fn wrap_to(public: &PublicKey, info: &[u8], secret: &Secret) -> Result<WrappedKey, Refusal> {
    let unusable = |_| Refusal::malformed("a public key that cannot be wrapped to");
    let key = <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(&public.0).map_err(unusable)?;
    let (enc, wrapped) = hpke::single_shot_seal::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeS::Base,
        &key,
        info,
        secret.as_slice(),
        &[],
    )
    .map_err(unusable)?;
    let enc = Fixed::from_slice(&enc.to_bytes()).ok_or(Refusal::malformed("an encapsulated key of another size"))?;
    Ok(WrappedKey { enc, wrapped: Bytes(wrapped) })
}

/// Opens what [`wrap_to`] made; `None` when it was not made for this key and `info`.
pub fn unwrap_with(private: &Secret, info: &[u8], wrapped: &WrappedKey) -> Option<Secret> {
    let key = <X25519HkdfSha256 as Kem>::PrivateKey::from_bytes(private.as_slice()).ok()?;
    let enc = <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(&wrapped.enc.0).ok()?;
    let opened = hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeR::Base,
        &key,
        &enc,
        info,
        &wrapped.wrapped.0,
        &[],
    );
    let opened = Zeroizing::new(opened.ok()?);
    opened.as_slice().try_into().ok().map(Zeroizing::new)
}

/// Encrypts under a key that is held: nonce, then ciphertext and tag.
///
/// # Errors
/// See [`random`].
pub fn encrypt(key: &Secret, aad: &[u8], plain: &[u8]) -> Result<Vec<u8>, NoRandomness> {
    let nonce = random::<NONCE_BYTES>()?;
    Ok(encrypt_with_nonce(key, &nonce, aad, plain))
}

/// [`encrypt`] with a nonce that is given; for test vectors.
pub fn encrypt_with_nonce(key: &Secret, nonce: &[u8; NONCE_BYTES], aad: &[u8], plain: &[u8]) -> Vec<u8> {
    let cipher = XChaCha20Poly1305::new((&**key).into());
    let payload = Payload { msg: plain, aad };
    // Only a plaintext beyond 256 GiB cannot be encrypted.
    let sealed = cipher.encrypt(&XNonce::from(*nonce), payload).unwrap_or_default();
    [nonce.as_slice(), &sealed].concat()
}

/// Opens what [`encrypt`] made; `None` when a byte of it, the key or `aad` is another.
pub fn decrypt(key: &Secret, aad: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>()?;
    let cipher = XChaCha20Poly1305::new((&**key).into());
    cipher.decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad }).ok().map(Zeroizing::new)
}
