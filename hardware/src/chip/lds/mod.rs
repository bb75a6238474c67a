//! The logical data structure of ICAO Doc 9303 part 10: the files on a card's chip, read from bytes, and what proves them.
//!
//! Everything here is pure: bytes in, values or a named error out; no clock, no card, no file but the trust list. The reading of the chip is
//! elsewhere.

pub(crate) mod algorithm;
pub mod cert;
pub mod com;
pub mod curve;
pub mod dg1;
pub mod dg13;
pub mod dg15;
pub mod dg2;
pub mod digest;
pub mod face;
pub mod holder;
pub mod key;
pub mod mrz;
pub mod passive;
pub mod sod;
pub mod tlv;
pub mod trust;

use std::fmt;

use serde::Serialize;

/// A data group's number, 1 to 16.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct DataGroup(u8);

impl DataGroup {
    /// The machine-readable zone.
    pub const DG1: Self = Self(1);
    /// The face.
    pub const DG2: Self = Self(2);
    /// What the issuing state adds; on a Vietnamese card the holder's details in Vietnamese.
    pub const DG13: Self = Self(13);
    /// How the chip can be spoken to and prove itself.
    pub const DG14: Self = Self(14);
    /// The key of active authentication.
    pub const DG15: Self = Self(15);

    /// A group, if the number is 1 to 16.
    #[must_use]
    pub fn new(number: u8) -> Option<Self> {
        (1..=16).contains(&number).then_some(Self(number))
    }

    /// The number.
    #[must_use]
    pub fn number(self) -> u8 {
        self.0
    }
}

impl fmt::Display for DataGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DG{}", self.0)
    }
}

/// A file of the travel application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LdsFile {
    /// EF.COM: the versions, and which groups there are.
    Com,
    /// A data group.
    Group(DataGroup),
    /// EF.SOD: the hashes of the groups, signed.
    Sod,
}

/// The tags of the sixteen groups.
const GROUP_TAGS: [u8; 16] =
    [0x61, 0x75, 0x63, 0x76, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6A, 0x6B, 0x6C, 0x6D, 0x6E, 0x6F, 0x70];

impl LdsFile {
    /// The file identifier for SELECT.
    #[must_use]
    pub fn identifier(self) -> [u8; 2] {
        [0x01, self.short_identifier()]
    }

    /// The short file identifier for READ BINARY.
    #[must_use]
    pub fn short_identifier(self) -> u8 {
        match self {
            Self::Com => 0x1E,
            Self::Group(group) => group.0,
            Self::Sod => 0x1D,
        }
    }

    /// The tag that the file begins with.
    #[must_use]
    pub fn tag(self) -> u8 {
        match self {
            Self::Com => 0x60,
            Self::Group(group) => GROUP_TAGS[usize::from(group.0) - 1],
            Self::Sod => 0x77,
        }
    }

    /// The file that begins with a tag; EF.COM lists the groups by their tags.
    #[must_use]
    pub fn of_tag(tag: u8) -> Option<Self> {
        let group = |at: usize| u8::try_from(at + 1).ok().and_then(DataGroup::new).map(Self::Group);
        match tag {
            0x60 => Some(Self::Com),
            0x77 => Some(Self::Sod),
            tag => GROUP_TAGS.iter().position(|of_group| *of_group == tag).and_then(group),
        }
    }

    /// The file with an identifier, if it is one of the travel application.
    #[must_use]
    pub fn of_identifier(identifier: [u8; 2]) -> Option<Self> {
        match identifier {
            [0x01, 0x1E] => Some(Self::Com),
            [0x01, 0x1D] => Some(Self::Sod),
            [0x01, number] => DataGroup::new(number).map(Self::Group),
            _ => None,
        }
    }
}

impl fmt::Display for LdsFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Com => f.write_str("COM"),
            Self::Group(group) => group.fmt(f),
            Self::Sod => f.write_str("SOD"),
        }
    }
}

/// Which part of a chip's data could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Tags and lengths.
    Tlv,
    /// The machine-readable zone.
    Mrz,
    /// The list of groups.
    Com,
    /// The record around the face.
    FaceRecord,
    /// The face's picture.
    FaceImage,
    /// A public key.
    PublicKey,
    /// The curve of a public key.
    Curve,
    /// The list of hashes.
    SecurityObject,
    /// The signed message around the list of hashes.
    SignedData,
    /// The way in which something is hashed or signed.
    Algorithm,
    /// A certificate.
    Certificate,
}

/// Why data of a chip could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum LdsError {
    /// The bytes end too early: read them again.
    #[error("CHIP-DATA-CUT")]
    Cut,
    /// The bytes are not what this part must be.
    #[error("CHIP-DATA-MALFORMED")]
    Malformed(Part),
    /// The bytes are well formed and of a kind that this program cannot use.
    #[error("CHIP-DATA-UNSUPPORTED")]
    Unsupported(Part),
}

impl LdsError {
    /// Malformed tags or lengths.
    pub const TLV: Self = Self::Malformed(Part::Tlv);

    /// All codes, so that a catalogue can prove it is whole.
    pub const CODES: [&str; 3] = ["CHIP-DATA-CUT", "CHIP-DATA-MALFORMED", "CHIP-DATA-UNSUPPORTED"];

    /// The stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Cut => "CHIP-DATA-CUT",
            Self::Malformed(_) => "CHIP-DATA-MALFORMED",
            Self::Unsupported(_) => "CHIP-DATA-UNSUPPORTED",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_have_the_identifiers_and_tags_of_doc_9303() {
        let group = |number| LdsFile::Group(DataGroup::new(number).unwrap());
        for (file, identifier, tag) in [
            (LdsFile::Com, [0x01, 0x1E], 0x60),
            (LdsFile::Sod, [0x01, 0x1D], 0x77),
            (group(1), [0x01, 0x01], 0x61),
            (group(2), [0x01, 0x02], 0x75),
            (group(3), [0x01, 0x03], 0x63),
            (group(13), [0x01, 0x0D], 0x6D),
            (group(14), [0x01, 0x0E], 0x6E),
            (group(15), [0x01, 0x0F], 0x6F),
            (group(16), [0x01, 0x10], 0x70),
        ] {
            assert_eq!((file.identifier(), file.tag()), (identifier, tag), "{file}");
            assert_eq!(file.short_identifier(), identifier[1]);
            assert_eq!(LdsFile::of_identifier(identifier), Some(file));
            assert_eq!(LdsFile::of_tag(tag), Some(file));
        }
        assert_eq!((DataGroup::new(0), DataGroup::new(17)), (None, None));
        assert_eq!((LdsFile::of_tag(0x7F), LdsFile::of_identifier([0x01, 0x1C])), (None, None));
        assert_eq!((group(13).to_string(), LdsFile::Sod.to_string()), ("DG13".to_owned(), "SOD".to_owned()));
    }

    #[test]
    fn errors_have_stable_codes() {
        for error in [LdsError::Cut, LdsError::TLV, LdsError::Unsupported(Part::Curve)] {
            assert_eq!(error.to_string(), error.code());
        }
    }
}
