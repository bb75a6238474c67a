//! Ed25519 signatures over tagged bytes, so that a signature made for one purpose is worth nothing for another.

use crate::Refusal;
use crate::wire::{PublicKey, Signature};
use ed25519_dalek::{Signer, SigningKey, VerifyingKey};

/// `tag`, a zero byte, then the bytes.
pub fn tagged(tag: &str, bytes: &[u8]) -> Vec<u8> {
    [tag.as_bytes(), &[0], bytes].concat()
}

/// Signs bytes that [`tagged`] made.
pub fn sign(key: &SigningKey, tagged_bytes: &[u8]) -> Signature {
    crate::wire::Fixed(key.sign(tagged_bytes).to_bytes())
}

/// Checks a signature strictly (RFC 8032, no small-order keys).
///
/// # Errors
/// [`Refusal::BadSignature`], also when the key is not a key.
pub fn check(public: &PublicKey, tagged_bytes: &[u8], signature: &Signature) -> Result<(), Refusal> {
    let key = VerifyingKey::from_bytes(&public.0).map_err(|_| Refusal::BadSignature)?;
    let signature = ed25519_dalek::Signature::from_bytes(&signature.0);
    key.verify_strict(tagged_bytes, &signature).map_err(|_| Refusal::BadSignature)
}
