//! The QR code of an identity card, both generations.
//!
//! Seven fields: number, old number, name, birth, sex, residence, issue date. The cards issued since July 2024 carry more; their order is not
//! published, so what follows the seventh field is kept as it is and never interpreted.

use std::fmt;
use std::sync::OnceLock;

use jiff::civil::Date;
use serde::Serialize;
use unicode_normalization::UnicodeNormalization;

use super::protocol::MAX_CODE_BYTES;
use crate::status::Fault;

mod encoding;

/// Why a code is not an identity card. Each has a stable code for the failure catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum CardError {
    /// The code is something else.
    #[error("CARD-QR-NOT-ID")]
    NotId,
    /// It begins like a card and ends too early.
    #[error("CARD-QR-CUT")]
    Cut,
    /// A field cannot be what it should be.
    #[error("CARD-QR-FIELD")]
    Field(CardField),
    /// The text went through the wrong encoding: the scanner is set wrongly.
    #[error("SCAN-ENCODING")]
    Encoding,
}

impl CardError {
    /// One of each kind, so that a catalogue can prove it is whole.
    pub const ALL: &[CardError] = &[Self::NotId, Self::Cut, Self::Field(CardField::Name), Self::Encoding];

    /// The stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NotId => "CARD-QR-NOT-ID",
            Self::Cut => "CARD-QR-CUT",
            Self::Field(_) => "CARD-QR-FIELD",
            Self::Encoding => Fault::ScanEncoding.code(),
        }
    }
}

/// A field of the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CardField {
    /// The holder's name.
    Name,
    /// The birth date.
    Birth,
    /// The sex.
    Sex,
    /// The issue date.
    Issued,
}

/// The twelve-digit personal number. Printed and debugged only masked; [`CardNumber::digits`] gives it.
#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct CardNumber(String);

impl CardNumber {
    /// A number, if the text has exactly twelve digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| Self(text.to_owned()))
    }

    /// The twelve digits.
    #[must_use]
    pub fn digits(&self) -> &str {
        &self.0
    }

    /// The sex that the number was made for (fourth digit: even for men).
    #[must_use]
    pub fn sex(&self) -> Sex {
        if self.century_digit().is_multiple_of(2) { Sex::Male } else { Sex::Female }
    }

    /// The year of birth that the number was made for (fourth digit: the century, from 1900; then two digits).
    #[must_use]
    pub fn birth_year(&self) -> i16 {
        let in_century: i16 = self.0[4..6].parse().unwrap_or(0);
        1900 + i16::from(self.century_digit() / 2) * 100 + in_century
    }

    fn century_digit(&self) -> u8 {
        self.0.as_bytes()[3] - b'0'
    }
}

impl fmt::Debug for CardNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&masked(&self.0))
    }
}

impl fmt::Display for CardNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&masked(&self.0))
    }
}

/// A number as it may stand on a screen in a hall: `001•••••0123`. A text too short to mask is hidden whole.
#[must_use]
pub fn masked(number: &str) -> String {
    let letters: Vec<char> = number.chars().collect();
    let shown = |at: usize| letters.len() >= 9 && (at < 3 || at + 4 >= letters.len());
    letters.iter().enumerate().map(|(at, letter)| if shown(at) { *letter } else { '•' }).collect()
}

/// A birth date as far as it is known; old records lack the day, or day and month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(tag = "known", rename_all = "snake_case")]
pub enum BirthDate {
    /// Day, month and year.
    Full {
        /// The date.
        date: Date,
    },
    /// Month and year.
    YearMonth {
        /// The year.
        year: i16,
        /// The month, 1 to 12.
        month: i8,
    },
    /// The year alone.
    Year {
        /// The year.
        year: i16,
    },
}

impl BirthDate {
    /// The year, which is always known.
    #[must_use]
    pub fn year(self) -> i16 {
        match self {
            Self::Full { date } => date.year(),
            Self::YearMonth { year, .. } | Self::Year { year } => year,
        }
    }
}

/// As the card says: Nam or Nữ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Sex {
    /// Nam.
    Male,
    /// Nữ.
    Female,
}

/// Something on a card that is unusual, and no reason to refuse it: the law promises only that the number has twelve digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CardWarning {
    /// The number's first three digits are no known province (a birth abroad, perhaps).
    UnknownProvince,
    /// The number was made for another year of birth.
    NumberBirthYear,
    /// The number was made for the other sex.
    NumberSex,
    /// The old number has not nine (or twelve) digits.
    OldNumber,
    /// The issue date is empty or no date.
    IssueDate,
}

/// What an identity card's QR code says. `Debug` shows no personal data.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct CardQr {
    /// The personal number.
    pub number: CardNumber,
    /// The number of the older, nine-digit card.
    pub old_number: Option<String>,
    /// The name, NFC.
    pub name: String,
    /// The birth date.
    pub birth: BirthDate,
    /// The sex.
    pub sex: Sex,
    /// The place of residence, NFC.
    pub residence: String,
    /// When the card was issued.
    pub issued: Option<Date>,
    /// Fields after the seventh, not interpreted.
    pub extra: Vec<String>,
    /// What is unusual.
    pub warnings: Vec<CardWarning>,
}

impl fmt::Debug for CardQr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CardQr")
            .field("number", &self.number)
            .field("extra_fields", &self.extra.len())
            .field("warnings", &self.warnings)
            .finish_non_exhaustive()
    }
}

impl CardQr {
    /// Reads the text of a code.
    ///
    /// # Errors
    /// [`CardError`] says whether it is another code, a cut one, one in a wrong encoding, or which field is impossible.
    pub fn parse(text: &str) -> Result<Self, CardError> {
        if text.len() > MAX_CODE_BYTES {
            return Err(CardError::NotId);
        }
        let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{FEFF}' || c == '\0');
        let fields: Vec<&str> = text.split('|').map(str::trim).collect();
        let number = CardNumber::parse(fields[0]).ok_or(CardError::NotId)?;
        if fields.len() == 1 {
            return Err(CardError::NotId);
        }
        if encoding::is_mangled(text) {
            return Err(CardError::Encoding);
        }
        let [_, old, name, birth, sex, residence, issued, extra @ ..] = &fields[..] else {
            return Err(CardError::Cut);
        };
        if extra.is_empty() && issued.len() < 8 {
            return Err(CardError::Cut);
        }
        if name.contains('?') {
            return Err(CardError::Encoding);
        }
        let mut card = Self {
            number,
            old_number: (!old.is_empty()).then(|| (*old).to_owned()),
            name: Some(nfc(name)).filter(|name| !name.is_empty()).ok_or(CardError::Field(CardField::Name))?,
            birth: parse_birth(birth).ok_or(CardError::Field(CardField::Birth))?,
            sex: parse_sex(sex).ok_or(CardError::Field(CardField::Sex))?,
            residence: nfc(residence),
            issued: parse_date(issued),
            extra: extra.iter().map(|field| nfc(field)).collect(),
            warnings: Vec::new(),
        };
        card.warnings = warnings(&card);
        Ok(card)
    }
}

/// The province where the number's birth was registered, by its first three digits.
#[must_use]
pub fn province(number: &CardNumber) -> Option<&'static str> {
    static PROVINCES: OnceLock<Vec<(&str, &str)>> = OnceLock::new();
    let rows = || include_str!("../../../fixtures/cards/provinces.csv").lines().skip(1);
    let provinces = PROVINCES.get_or_init(|| rows().filter_map(|row| row.split_once(',')).collect());
    provinces.iter().find(|(prefix, _)| number.digits().starts_with(prefix)).map(|(_, name)| *name)
}

fn warnings(card: &CardQr) -> Vec<CardWarning> {
    let is_number = |old: &str| matches!(old.len(), 9 | 12) && old.bytes().all(|byte| byte.is_ascii_digit());
    let checks = [
        (province(&card.number).is_none(), CardWarning::UnknownProvince),
        (card.number.birth_year() != card.birth.year(), CardWarning::NumberBirthYear),
        (card.number.sex() != card.sex, CardWarning::NumberSex),
        (card.old_number.as_deref().is_some_and(|old| !is_number(old)), CardWarning::OldNumber),
        (card.issued.is_none(), CardWarning::IssueDate),
    ];
    checks.into_iter().filter_map(|(is, warning)| is.then_some(warning)).collect()
}

pub(crate) fn nfc(text: &str) -> String {
    text.nfc().collect()
}

/// `ddMMyyyy`, `00MMyyyy`, `0000yyyy` or `yyyy`.
pub(crate) fn parse_birth(text: &str) -> Option<BirthDate> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let year = |digits: &str| digits.parse().ok().filter(|year| (1850..=2200).contains(year));
    match text.len() {
        4 => Some(BirthDate::Year { year: year(text)? }),
        8 if text.starts_with("0000") => Some(BirthDate::Year { year: year(&text[4..])? }),
        8 if text.starts_with("00") => {
            let month = text[2..4].parse().ok().filter(|month| (1..=12).contains(month))?;
            Some(BirthDate::YearMonth { year: year(&text[4..])?, month })
        }
        8 => {
            year(&text[4..])?;
            parse_date(text).map(|date| BirthDate::Full { date })
        }
        _ => None,
    }
}

/// `ddMMyyyy`.
pub(crate) fn parse_date(text: &str) -> Option<Date> {
    if text.len() != 8 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Date::new(text[4..].parse().ok()?, text[2..4].parse().ok()?, text[..2].parse().ok()?).ok()
}

pub(crate) fn parse_sex(text: &str) -> Option<Sex> {
    match nfc(text).to_lowercase().as_str() {
        "nam" => Some(Sex::Male),
        "nữ" | "nu" => Some(Sex::Female),
        _ => None,
    }
}

#[cfg(test)]
#[path = "card_tests.rs"]
mod tests;
