//! DG1: the machine-readable zone.

use super::mrz::Mrz;
use super::{DataGroup, LdsError, LdsFile, Part, tlv};

const TAG_MRZ: u32 = 0x5F1F;

/// Reads DG1.
///
/// # Errors
/// [`LdsError`] for bytes that are no such file, or whose zone cannot be read.
pub fn parse(bytes: &[u8]) -> Result<Mrz, LdsError> {
    let zone = tlv::file(bytes, tag())?.inside().expect(TAG_MRZ)?;
    Mrz::parse(std::str::from_utf8(zone.value).map_err(|_| LdsError::Malformed(Part::Mrz))?)
}

/// Writes DG1.
#[must_use]
pub fn write(mrz: &Mrz) -> Vec<u8> {
    tlv::write(tag(), &tlv::write(TAG_MRZ, mrz.print().as_bytes()))
}

fn tag() -> u32 {
    u32::from(LdsFile::Group(DataGroup::DG1).tag())
}
