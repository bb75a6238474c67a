//! Public keys of chips and certificates, and the checking of signatures with them.

use std::fmt;

use ecdsa::signature::hazmat::PrehashVerifier;
use rsa::{BoxedUint, Pkcs1v15Sign, Pss};
use sha1::Sha1;
use sha2::{Sha224, Sha256, Sha384, Sha512};

use super::curve::Curve;
use super::digest::Digest;
use super::tlv::{self, Reader, tag};
use super::{LdsError, Part};

/// The content bytes of rsaEncryption, 1.2.840.113549.1.1.1.
pub(crate) const RSA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01];
/// Those of id-RSASSA-PSS; a certificate may tie its key to it.
pub(crate) const RSA_PSS: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0A];
/// Those of id-ecPublicKey, 1.2.840.10045.2.1.
pub(crate) const EC: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01];

const MALFORMED: LdsError = LdsError::Malformed(Part::PublicKey);

/// A public key.
#[derive(Clone, PartialEq, Eq)]
pub enum PublicKey {
    /// RSA, of 1024 to 8192 bits.
    Rsa {
        /// The modulus, big-endian, without leading zeros.
        modulus: Vec<u8>,
        /// The exponent, big-endian, without leading zeros.
        exponent: Vec<u8>,
    },
    /// A point of a curve.
    Ec {
        /// The curve.
        curve: Curve,
        /// The point as SEC 1 writes it.
        point: Vec<u8>,
    },
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rsa { modulus, .. } => write!(f, "RSA-{}", modulus.len() * 8),
            Self::Ec { curve, .. } => write!(f, "EC-{curve:?}"),
        }
    }
}

/// In which way a message is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// RSA PKCS#1 v1.5.
    RsaPkcs1(Digest),
    /// RSA-PSS; the mask is made with the same hash.
    RsaPss {
        /// The hash, also of the mask.
        digest: Digest,
        /// How long the salt is, in bytes.
        salt: usize,
    },
    /// ECDSA; the signature is the DER of the two numbers.
    Ecdsa(Digest),
}

impl PublicKey {
    /// Reads a SubjectPublicKeyInfo.
    ///
    /// # Errors
    /// [`LdsError::Unsupported`] for another kind of key or curve; other [`LdsError`]s for bytes that are no key.
    pub fn parse(bytes: &[u8]) -> Result<Self, LdsError> {
        let mut info = tlv::file(bytes, tag::SEQUENCE)?.inside();
        let mut algorithm = info.expect(tag::SEQUENCE)?.inside();
        let kind = algorithm.expect(tag::OID)?.value;
        let key = info.expect(tag::BIT_STRING)?.value.strip_prefix(&[0]).ok_or(MALFORMED)?;
        match kind {
            RSA | RSA_PSS => Self::parse_rsa(key),
            EC => {
                let curve = Curve::parse(&mut algorithm)?;
                if !curve.has_point(key) {
                    return Err(MALFORMED);
                }
                Ok(Self::Ec { curve, point: key.to_vec() })
            }
            _ => Err(LdsError::Unsupported(Part::PublicKey)),
        }
    }

    fn parse_rsa(key: &[u8]) -> Result<Self, LdsError> {
        let mut numbers = tlv::file(key, tag::SEQUENCE)?.inside();
        let mut number = || -> Result<Vec<u8>, LdsError> { Ok(digits(numbers.expect(tag::INTEGER)?.value).to_vec()) };
        let key = Self::Rsa { modulus: number()?, exponent: number()? };
        key.rsa().map(|_| key)
    }

    /// Writes a SubjectPublicKeyInfo; a curve is named.
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        match self {
            Self::Rsa { modulus, exponent } => {
                let algorithm = tlv::sequence(&[&tlv::oid(RSA), &tlv::write(tag::NULL, &[])]);
                let key = tlv::sequence(&[&tlv::integer(modulus), &tlv::integer(exponent)]);
                tlv::sequence(&[&algorithm, &tlv::bit_string(&key)])
            }
            Self::Ec { curve, point } => {
                let algorithm = tlv::sequence(&[&tlv::oid(EC), &tlv::oid(curve.identifier())]);
                tlv::sequence(&[&algorithm, &tlv::bit_string(point)])
            }
        }
    }

    /// Whether a signature over a message is this key's. A scheme of another kind of key is never right.
    ///
    /// # Errors
    /// [`LdsError`] if the key itself cannot be used.
    pub fn verify(&self, scheme: Scheme, message: &[u8], signature: &[u8]) -> Result<bool, LdsError> {
        match (self, scheme) {
            (Self::Rsa { .. }, Scheme::RsaPkcs1(digest)) => {
                Ok(verify_pkcs1(&self.rsa()?, digest, &digest.hash(message), signature))
            }
            (Self::Rsa { .. }, Scheme::RsaPss { digest, salt }) => {
                Ok(verify_pss(&self.rsa()?, digest, salt, &digest.hash(message), signature))
            }
            (Self::Ec { curve, point }, Scheme::Ecdsa(digest)) => {
                Ok(verify_ecdsa(*curve, point, &digest.hash(message), signature))
            }
            _ => Ok(false),
        }
    }

    fn rsa(&self) -> Result<rsa::PublicKey, LdsError> {
        let Self::Rsa { modulus, exponent } = self else { return Err(MALFORMED) };
        if !(128..=1024).contains(&modulus.len()) || exponent.len() > 5 {
            return Err(LdsError::Unsupported(Part::PublicKey));
        }
        let number = |digits: &[u8]| BoxedUint::from_be_slice_vartime(digits);
        rsa::PublicKey::new(number(modulus), number(exponent)).map_err(|_| MALFORMED)
    }
}

/// A number without its leading zeros.
pub(crate) fn digits(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    &number[zeros..]
}

fn verify_pkcs1(key: &rsa::PublicKey, digest: Digest, hash: &[u8], signature: &[u8]) -> bool {
    let padding = match digest {
        Digest::Sha1 => Pkcs1v15Sign::new::<Sha1>(),
        Digest::Sha224 => Pkcs1v15Sign::new::<Sha224>(),
        Digest::Sha256 => Pkcs1v15Sign::new::<Sha256>(),
        Digest::Sha384 => Pkcs1v15Sign::new::<Sha384>(),
        Digest::Sha512 => Pkcs1v15Sign::new::<Sha512>(),
    };
    key.verify(padding, hash, signature).is_ok()
}

fn verify_pss(key: &rsa::PublicKey, digest: Digest, salt: usize, hash: &[u8], signature: &[u8]) -> bool {
    match digest {
        Digest::Sha1 => key.verify(Pss::<Sha1>::new_with_salt(salt), hash, signature),
        Digest::Sha224 => key.verify(Pss::<Sha224>::new_with_salt(salt), hash, signature),
        Digest::Sha256 => key.verify(Pss::<Sha256>::new_with_salt(salt), hash, signature),
        Digest::Sha384 => key.verify(Pss::<Sha384>::new_with_salt(salt), hash, signature),
        Digest::Sha512 => key.verify(Pss::<Sha512>::new_with_salt(salt), hash, signature),
    }
    .is_ok()
}

fn verify_ecdsa(curve: Curve, point: &[u8], hash: &[u8], signature: &[u8]) -> bool {
    let Some(fixed) = fixed_signature(signature, curve.bytes()) else { return false };
    macro_rules! verify {
        ($curve:ty) => {{
            let key = ecdsa::VerifyingKey::<$curve>::from_sec1_bytes(point);
            let signature = ecdsa::Signature::<$curve>::from_slice(&fixed);
            matches!((key, signature), (Ok(key), Ok(signature)) if key.verify_prehash(hash, &signature).is_ok())
        }};
    }
    match curve {
        Curve::P256 => verify!(p256::NistP256),
        Curve::P384 => verify!(p384::NistP384),
        Curve::P521 => verify!(p521::NistP521),
        Curve::BrainpoolP256r1 => verify!(bp256::BrainpoolP256r1),
        Curve::BrainpoolP384r1 => verify!(bp384::BrainpoolP384r1),
    }
}

/// The two numbers of an ECDSA signature, each as wide as the curve's order.
fn fixed_signature(der: &[u8], width: usize) -> Option<Vec<u8>> {
    let mut numbers = tlv::file(der, tag::SEQUENCE).ok()?.inside();
    let number = |numbers: &mut Reader<'_>| {
        let value = digits(numbers.expect(tag::INTEGER).ok()?.value);
        let missing = width.checked_sub(value.len())?;
        Some([vec![0; missing].as_slice(), value].concat())
    };
    let (r, s) = (number(&mut numbers)?, number(&mut numbers)?);
    Some([r, s].concat())
}
