//! DG15: the public key with which the chip proves that it is no copy (active authentication).

use super::key::PublicKey;
use super::{DataGroup, LdsError, LdsFile, tlv};

/// Reads DG15.
///
/// # Errors
/// [`LdsError`] for bytes that are no such file, or whose key cannot be used.
pub fn parse(bytes: &[u8]) -> Result<PublicKey, LdsError> {
    PublicKey::parse(tlv::file(bytes, tag())?.value)
}

/// Writes DG15.
#[must_use]
pub fn write(key: &PublicKey) -> Vec<u8> {
    tlv::write(tag(), &key.write())
}

fn tag() -> u32 {
    u32::from(LdsFile::Group(DataGroup::DG15).tag())
}
