//! What opens a chip: the number printed for it, or the machine-readable zone's number and dates.

use std::fmt;

use sha1::{Digest, Sha1};
use zeroize::Zeroizing;

use super::cipher::Key;

/// A key that cannot be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The card access number has six digits.
    #[error("the card access number has six digits")]
    Can,
    /// The document number has at least nine letters, digits or `<`.
    #[error("the document number has at least nine letters or digits")]
    Document,
    /// A date is six digits: year, month, day.
    #[error("a date is six digits: year, month, day")]
    Date,
}

/// What opens a chip. `Debug` shows none of it; it is wiped when it is dropped.
#[derive(Clone)]
pub enum ChipKey {
    /// The card access number.
    Can(Can),
    /// The machine-readable zone.
    Mrz(MrzKey),
}

impl fmt::Debug for ChipKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Can(_) => "ChipKey::Can",
            Self::Mrz(_) => "ChipKey::Mrz",
        })
    }
}

impl ChipKey {
    /// What PACE derives its password's key from: the access number itself, or the zone's hash.
    #[must_use]
    pub fn password(&self) -> Key {
        match self {
            Self::Can(can) => Zeroizing::new(can.0.to_vec()),
            Self::Mrz(mrz) => mrz.hash(),
        }
    }

    /// The number by which PACE is told which password is meant.
    #[must_use]
    pub const fn reference(&self) -> u8 {
        match self {
            Self::Mrz(_) => 1,
            Self::Can(_) => 2,
        }
    }
}

/// A card access number.
#[derive(Clone)]
pub struct Can(Zeroizing<Vec<u8>>);

impl Can {
    /// A number of six digits.
    ///
    /// # Errors
    /// [`KeyError::Can`].
    pub fn new(digits: &str) -> Result<Self, KeyError> {
        let fits = digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_digit());
        if fits { Ok(Self(Zeroizing::new(digits.as_bytes().to_vec()))) } else { Err(KeyError::Can) }
    }
}

/// Number, birth and expiry as they stand in the machine-readable zone.
#[derive(Clone)]
pub struct MrzKey(Zeroizing<Vec<u8>>);

impl MrzKey {
    /// From the document's number, of which a Vietnamese card's zone holds the last nine of twelve digits, and the dates as `YYMMDD`.
    ///
    /// # Errors
    /// [`KeyError`] says which of them cannot be.
    pub fn new(document: &str, birth: &str, expiry: &str) -> Result<Self, KeyError> {
        let document = document.to_ascii_uppercase();
        let is_number =
            document.len() >= 9 && document.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'<');
        if !is_number {
            return Err(KeyError::Document);
        }
        let is_date = |date: &str| date.len() == 6 && date.bytes().all(|digit| digit.is_ascii_digit() || digit == b'<');
        if !is_date(birth) || !is_date(expiry) {
            return Err(KeyError::Date);
        }
        let mut information = Zeroizing::new(Vec::with_capacity(24));
        for field in [&document[document.len() - 9..], birth, expiry] {
            information.extend_from_slice(field.as_bytes());
            information.push(check_digit(field.as_bytes()));
        }
        Ok(Self(information))
    }

    /// Number, birth and expiry, each with its check digit.
    #[must_use]
    pub fn information(&self) -> &[u8] {
        &self.0
    }

    /// The seed of the keys of BAC.
    #[must_use]
    pub fn seed(&self) -> Key {
        let mut hash = self.hash();
        hash.truncate(16);
        hash
    }

    fn hash(&self) -> Key {
        Zeroizing::new(Sha1::digest(&self.0[..]).to_vec())
    }
}

/// The check digit of a field: weights 7, 3, 1 (Doc 9303 part 3, 4.9).
fn check_digit(field: &[u8]) -> u8 {
    let value = |byte: u8| match byte {
        b'0'..=b'9' => u32::from(byte - b'0'),
        b'A'..=b'Z' => u32::from(byte - b'A') + 10,
        _ => 0,
    };
    let sum: u32 = field.iter().zip([7, 3, 1].into_iter().cycle()).map(|(byte, weight)| value(*byte) * weight).sum();
    b'0' + (sum % 10) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_twelve_digits_the_last_nine_open() {
        let (whole, nine) =
            (MrzKey::new("001199000123", "990215", "390215"), MrzKey::new("199000123", "990215", "390215"));
        assert_eq!(whole.unwrap().information(), nine.unwrap().information());
        assert_eq!(MrzKey::new("199000123", "990215", "390215").unwrap().information(), b"199000123999021523902150");
    }

    #[test]
    fn what_cannot_be_a_key_is_told() {
        assert_eq!(Can::new("12345").err(), Some(KeyError::Can));
        assert_eq!(Can::new("12345a").err(), Some(KeyError::Can));
        assert_eq!(MrzKey::new("12345678", "990215", "390215").err(), Some(KeyError::Document));
        assert_eq!(MrzKey::new("199000123", "99021", "390215").err(), Some(KeyError::Date));
        assert_eq!(MrzKey::new("199000123é", "990215", "390215").err(), Some(KeyError::Document));
        assert_eq!(format!("{:?}", ChipKey::Can(Can::new("123456").unwrap())), "ChipKey::Can");
    }
}
