//! The hashes that chips and certificates use.

use serde::Serialize;
use sha1::Sha1;
use sha2::{Digest as _, Sha224, Sha256, Sha384, Sha512};

use super::tlv::{self, Tlv, tag};
use super::{LdsError, Part};

/// A hash function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Digest {
    /// SHA-1: weak, and still met on older chips.
    Sha1,
    /// SHA-224.
    Sha224,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

/// The content bytes of each function's object identifier.
const IDENTIFIERS: [(Digest, &[u8]); 5] = [
    (Digest::Sha1, &[0x2B, 0x0E, 0x03, 0x02, 0x1A]),
    (Digest::Sha224, &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x04]),
    (Digest::Sha256, &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01]),
    (Digest::Sha384, &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02]),
    (Digest::Sha512, &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03]),
];

impl Digest {
    /// The function of an AlgorithmIdentifier.
    ///
    /// # Errors
    /// [`LdsError::Unsupported`] for another function; other [`LdsError`]s for bytes that are no AlgorithmIdentifier.
    pub fn parse(algorithm: &Tlv<'_>) -> Result<Self, LdsError> {
        let identifier = algorithm.inside().expect(tag::OID)?;
        Self::of_identifier(identifier.value).ok_or(LdsError::Unsupported(Part::Algorithm))
    }

    /// The function with an object identifier, given by its content bytes.
    #[must_use]
    pub fn of_identifier(content: &[u8]) -> Option<Self> {
        IDENTIFIERS.iter().find(|(_, known)| *known == content).map(|(digest, _)| *digest)
    }

    /// The AlgorithmIdentifier, without parameters.
    #[must_use]
    pub fn write(self) -> Vec<u8> {
        let known = IDENTIFIERS.iter().find(|(digest, _)| *digest == self);
        tlv::sequence(&[&tlv::oid(known.map_or(&[], |(_, content)| *content))])
    }

    /// The hash of some bytes.
    #[must_use]
    pub fn hash(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha1 => Sha1::digest(bytes).to_vec(),
            Self::Sha224 => Sha224::digest(bytes).to_vec(),
            Self::Sha256 => Sha256::digest(bytes).to_vec(),
            Self::Sha384 => Sha384::digest(bytes).to_vec(),
            Self::Sha512 => Sha512::digest(bytes).to_vec(),
        }
    }
}
