//! Active authentication (Doc 9303 part 11, 6.1): the chip signs what the reader made up, with a key that cannot be read out. A copy cannot.

use rsa::BoxedUint;
use rsa::traits::PublicKeyParts;
use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};
use subtle::ConstantTimeEq;

use super::curve::Curve;
use super::security_infos::PublicKey;
use super::tlv;

const DG15: u32 = 0x6F;

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

/// The key of DG15.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActiveKey {
    /// RSA, with a signature by ISO 9796-2.
    Rsa(rsa::PublicKey),
    /// ECDSA.
    Elliptic(PublicKey),
}

impl ActiveKey {
    /// Reads DG15; none when its key is of no known kind.
    #[must_use]
    pub fn parse(dg15: &[u8]) -> Option<Self> {
        let info = tlv::value(dg15, DG15)?;
        PublicKey::parse(info).map(Self::Elliptic).or_else(|| parse_rsa(info).map(Self::Rsa))
    }

    /// Whether this is the chip's signature of `challenge`. `hash_bytes` is what DG14 says of the hash of an elliptic signature; when it says
    /// nothing every hash is tried.
    #[must_use]
    pub fn verifies(&self, challenge: &[u8], signature: &[u8], hash_bytes: Option<usize>) -> bool {
        match self {
            Self::Rsa(key) => verify_rsa(key, challenge, signature).is_some(),
            Self::Elliptic(key) => {
                let said = |hash: &Hash| hash_bytes.is_none_or(|bytes| bytes == hash.bytes());
                Hash::ALL
                    .iter()
                    .filter(|hash| said(hash))
                    .any(|hash| verify_elliptic(key, &hash.of(challenge), signature))
            }
        }
    }
}

/// A signature in its plain form, or as a sequence of two integers, which some chips give.
fn verify_elliptic(key: &PublicKey, hash: &[u8], signature: &[u8]) -> bool {
    key.curve.verifies(&key.point, hash, signature)
        || plain_signature(key.curve, signature).is_some_and(|plain| key.curve.verifies(&key.point, hash, &plain))
}

fn plain_signature(curve: Curve, sequence: &[u8]) -> Option<Vec<u8>> {
    let numbers = tlv::all(tlv::value(sequence, 0x30)?)?;
    let [first, second] = numbers[..] else { return None };
    let mut plain = Vec::new();
    for number in [first.value, second.value] {
        let significant = &number[number.iter().position(|byte| *byte != 0)?..];
        plain.resize(plain.len() + curve.field_bytes().checked_sub(significant.len())?, 0);
        plain.extend_from_slice(significant);
    }
    Some(plain)
}

/// The RSA key of a SubjectPublicKeyInfo.
fn parse_rsa(info: &[u8]) -> Option<rsa::PublicKey> {
    /// Moduli of real chips have 1,024 to 3,072 bits; a far larger one would only cost time.
    const MODULUS_BYTES: std::ops::RangeInclusive<usize> = 64..=512;
    let (_, rest) = tlv::first(tlv::value(info, 0x30)?)?;
    let key = tlv::value(tlv::value(rest, 0x03)?.strip_prefix(&[0])?, 0x30)?;
    let numbers = tlv::all(key)?;
    let [modulus, exponent] = numbers[..] else { return None };
    let modulus = &modulus.value[modulus.value.iter().position(|byte| *byte != 0)?..];
    if !MODULUS_BYTES.contains(&modulus.len()) || exponent.value.len() > 8 {
        return None;
    }
    let number = |bytes: &[u8]| BoxedUint::from_be_slice_vartime(bytes);
    rsa::PublicKey::new(number(modulus), number(exponent.value)).ok()
}

/// ISO 9796-2, scheme 1, with partial recovery: 6A, the chip's own part of the message, the hash, the trailer.
fn verify_rsa(key: &rsa::PublicKey, challenge: &[u8], signature: &[u8]) -> Option<()> {
    let length = key.size();
    let number = BoxedUint::from_be_slice(signature, key.n_bits_precision()).ok()?;
    if signature.len() != length || number >= *key.n().as_ref() {
        return None;
    }
    let opened = rsa::hazmat::rsa_encrypt(key, &number).ok()?.to_be_bytes();
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
