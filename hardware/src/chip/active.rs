//! Active authentication (Doc 9303 part 11, 6.1): the chip signs what the reader made up, with a key that cannot be read out. A copy cannot.

use rsa::BoxedUint;
use rsa::traits::PublicKeyParts;
use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};
use subtle::ConstantTimeEq;

use super::curve::Curve;
use super::lds::key::PublicKey;
use super::tlv;

/// A hash, by what ISO 9796-2 calls it in its trailer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hash {
    /// Trailer BC.
    Sha1,
    /// Trailer 38 CC.
    Sha224,
    /// Trailer 34 CC.
    Sha256,
    /// Trailer 36 CC.
    Sha384,
    /// Trailer 35 CC.
    Sha512,
}

impl Hash {
    const ALL: [Self; 5] = [Self::Sha1, Self::Sha224, Self::Sha256, Self::Sha384, Self::Sha512];

    /// Bytes of it.
    #[must_use]
    pub const fn bytes(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha224 => 28,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// The hash of a message.
    #[must_use]
    pub fn of(self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha1 => Sha1::digest(message).to_vec(),
            Self::Sha224 => Sha224::digest(message).to_vec(),
            Self::Sha256 => Sha256::digest(message).to_vec(),
            Self::Sha384 => Sha384::digest(message).to_vec(),
            Self::Sha512 => Sha512::digest(message).to_vec(),
        }
    }

    fn by_trailer(message: &[u8]) -> Option<(Self, &[u8])> {
        let long = [(0x38, Self::Sha224), (0x34, Self::Sha256), (0x36, Self::Sha384), (0x35, Self::Sha512)];
        match message {
            [rest @ .., 0xBC] => Some((Self::Sha1, rest)),
            [rest @ .., name, 0xCC] => long.into_iter().find(|(byte, _)| byte == name).map(|(_, hash)| (hash, rest)),
            _ => None,
        }
    }
}

/// Whether this is the chip's signature of `challenge`, with the key of DG15. `hash_bytes` is what DG14 says of the hash of an elliptic signature;
/// when it says nothing every hash is tried.
#[must_use]
pub fn verifies(key: &PublicKey, challenge: &[u8], signature: &[u8], hash_bytes: Option<usize>) -> bool {
    match key {
        PublicKey::Rsa { modulus, exponent } => verify_rsa(modulus, exponent, challenge, signature).is_some(),
        PublicKey::Ec { curve, point } => {
            let said = |hash: &&Hash| hash_bytes.is_none_or(|bytes| bytes == hash.bytes());
            let right = |hash: &Hash| verify_elliptic(*curve, point, &hash.of(challenge), signature);
            Hash::ALL.iter().filter(said).any(right)
        }
    }
}

/// A signature in its plain form, or as a sequence of two integers, which some chips give.
fn verify_elliptic(curve: Curve, point: &[u8], hash: &[u8], signature: &[u8]) -> bool {
    curve.verifies(point, hash, signature)
        || plain_signature(curve, signature).is_some_and(|plain| curve.verifies(point, hash, &plain))
}

fn plain_signature(curve: Curve, sequence: &[u8]) -> Option<Vec<u8>> {
    let numbers = tlv::all(tlv::value(sequence, 0x30)?)?;
    let [first, second] = numbers[..] else { return None };
    let mut plain = Vec::new();
    for number in [first.value, second.value] {
        let significant = &number[number.iter().position(|byte| *byte != 0)?..];
        plain.resize(plain.len() + curve.bytes().checked_sub(significant.len())?, 0);
        plain.extend_from_slice(significant);
    }
    Some(plain)
}

/// ISO 9796-2, scheme 1, with partial recovery: 6A, the chip's own part of the message, the hash, the trailer.
fn verify_rsa(modulus: &[u8], exponent: &[u8], challenge: &[u8], signature: &[u8]) -> Option<()> {
    let number = |bytes: &[u8]| BoxedUint::from_be_slice_vartime(bytes);
    let key = rsa::PublicKey::new(number(modulus), number(exponent)).ok()?;
    let length = key.size();
    let number = BoxedUint::from_be_slice(signature, key.n_bits_precision()).ok()?;
    if signature.len() != length || number >= *key.n().as_ref() {
        return None;
    }
    let opened = rsa::hazmat::rsa_encrypt(&key, &number).ok()?.to_be_bytes();
    let opened = &opened[opened.len().checked_sub(length)?..];
    let (hash, recovered) = Hash::by_trailer(opened.strip_prefix(&[0x6A])?)?;
    let (own, digest) = recovered.split_at_checked(recovered.len().checked_sub(hash.bytes())?)?;
    let right = hash.of(&[own, challenge].concat());
    bool::from(right.ct_eq(digest)).then_some(())
}

/// The message that a card signs with RSA: its own part fills the modulus up. None when the modulus is too short.
#[must_use]
pub fn rsa_message(
    modulus_bytes: usize,
    own: &mut dyn FnMut(usize) -> Vec<u8>,
    challenge: &[u8],
    hash: Hash,
) -> Option<Vec<u8>> {
    let trailer: &[u8] = match hash {
        Hash::Sha1 => &[0xBC],
        Hash::Sha224 => &[0x38, 0xCC],
        Hash::Sha256 => &[0x34, 0xCC],
        Hash::Sha384 => &[0x36, 0xCC],
        Hash::Sha512 => &[0x35, 0xCC],
    };
    let own = own(modulus_bytes.checked_sub(1 + hash.bytes() + trailer.len())?);
    let digest = hash.of(&[&own, challenge].concat());
    Some([&[0x6A], &own[..], &digest, trailer].concat())
}
