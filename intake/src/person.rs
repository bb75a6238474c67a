//! A person, as a card or an officer's typing tells. Everything here is personal data: it is sealed in the log.

use crate::ids::OfficerId;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How sure it is who stands there, from the weakest to the strongest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// Typed by an officer.
    Typed,
    /// Read from the QR code on a card; a QR code can be copied.
    Qr,
    /// Read from the chip.
    ChipRead,
    /// Read from the chip, and the chip proved to be genuine.
    ChipAuthenticated,
}

/// Who a card says that its holder is.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The twelve-digit number (số định danh cá nhân).
    pub number: String,
    /// The nine-digit number of an earlier card (CMND).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old_number: Option<String>,
    /// Full name, NFC.
    pub name: String,
    /// `1999-02-15`, `1950-06` or `1950`: a card may know the year only.
    pub birth: String,
    /// As printed: `Nam` or `Nữ`.
    pub sex: String,
    /// Place of residence as printed.
    pub residence: String,
    /// The day of issue, `2021-05-10`, where the card tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issued: Option<String>,
    /// Fields behind the seventh that later cards carry, kept as they came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extra: Vec<String>,
    /// How it was learnt.
    pub evidence: Evidence,
    /// Codes of what does not fit together (never a reason to refuse).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

impl Identity {
    /// The number with its middle hidden: `001•••••0123`, for screens and paper.
    pub fn masked_number(&self) -> String {
        masked(&self.number)
    }

    /// The year of birth, where it is known.
    pub fn birth_year(&self) -> Option<i16> {
        self.birth.get(..4)?.parse().ok()
    }
}

/// A number with all but its first three and last four characters hidden.
pub fn masked(number: &str) -> String {
    let digits: Vec<char> = number.chars().collect();
    if digits.len() < 8 {
        return "•".repeat(digits.len());
    }
    let head: String = digits[..3].iter().collect();
    let tail: String = digits[digits.len() - 4..].iter().collect();
    format!("{head}{}{tail}", "•".repeat(digits.len() - 7))
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity({})", self.masked_number())
    }
}

/// How to reach a person.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Contact {
    /// Telephone.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub phone: String,
    /// Email.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub email: String,
}

/// The sealed part of an event.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Personal {
    /// Whom the event concerns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Identity>,
    /// How to reach them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<Contact>,
    /// What an officer wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// An officer's account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<Account>,
}

impl fmt::Debug for Contact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Contact(…)")
    }
}

impl fmt::Debug for Personal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Personal(…)")
    }
}

/// What a station needs to let an officer sign in with no network.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Account name.
    pub officer: OfficerId,
    /// The officer's name, as colleagues read it.
    pub name: String,
    /// PHC string of the PIN (argon2id).
    pub pin_hash: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_a_number_is_hidden() {
        assert_eq!(masked("001199000123"), "001•••••0123");
        assert_eq!(masked("1234567"), "•••••••");
        assert_eq!(masked(""), "");
    }

    #[test]
    fn debug_output_carries_no_name() {
        let identity = Identity {
            number: "001199000123".into(),
            old_number: None,
            name: "Nguyễn Thị Mẫu".into(),
            birth: "1999-02-15".into(),
            sex: "Nữ".into(),
            residence: "Số 1 Phố Mẫu".into(),
            issued: None,
            extra: vec![],
            evidence: Evidence::Qr,
            warnings: vec![],
        };
        assert_eq!(identity.birth_year(), Some(1999));
        let personal = Personal { identity: Some(identity), ..Personal::default() };
        assert!(!format!("{personal:?} {:?}", personal.identity).contains("Nguyễn"));
    }
}
