//! The machine-readable zone of Doc 9303 parts 4 and 5: three lines of thirty (identity cards) or two of forty-four (passports).
//!
//! A wrong check digit is told and refuses nothing: what to make of it is for the caller, who knows whether a chip or a camera read it.

use std::fmt;

use serde::Serialize;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use zeroize::Zeroizing;

use super::{LdsError, Part};
use crate::scanner::CardNumber;

const MALFORMED: LdsError = LdsError::Malformed(Part::Mrz);

/// The layout of a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum MrzFormat {
    /// Three lines of thirty: identity cards.
    Td1,
    /// Two lines of forty-four: passports.
    Td3,
}

/// A check digit of a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckDigit {
    /// That of the document number.
    DocumentNumber,
    /// That of the birth date.
    Birth,
    /// That of the expiry date.
    Expiry,
    /// That of the optional data: of a passport, or of a Vietnamese card, whose first line ends with one.
    Optional,
    /// That of the whole zone.
    Composite,
}

/// What a zone says. Fillers at the end of a field are taken off; within a name they are spaces. `Debug` shows no personal data.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Mrz {
    /// The layout.
    pub format: MrzFormat,
    /// The kind of document: `ID`, `P`.
    pub document_code: String,
    /// The issuing state.
    pub issuer: String,
    /// The document's number; on a Vietnamese card the last nine digits of the personal number.
    pub document_number: String,
    /// The optional data behind the number, without its check digit; on a Vietnamese card the personal number.
    pub optional: String,
    /// The optional data of a TD1 zone's second line.
    pub optional_2: String,
    /// The birth date, `YYMMDD`; unknown parts are fillers.
    pub birth: String,
    /// The sex: `M`, `F`, or `<` where it is not said.
    pub sex: char,
    /// The expiry date, `YYMMDD`; fillers on a card that does not expire.
    pub expiry: String,
    /// The holder's nationality.
    pub nationality: String,
    /// The surname, without diacritics.
    pub surname: String,
    /// The other names, without diacritics.
    pub given_names: String,
    /// The check digits that are wrong.
    pub wrong_checks: Vec<CheckDigit>,
}

impl fmt::Debug for Mrz {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mrz")
            .field("format", &self.format)
            .field("issuer", &self.issuer)
            .field("wrong_checks", &self.wrong_checks)
            .finish_non_exhaustive()
    }
}

impl Mrz {
    /// Reads a zone: 90 or 88 letters, with or without line ends.
    ///
    /// # Errors
    /// [`LdsError::Malformed`] if it has another length or letters other than capitals, digits and fillers.
    pub fn parse(text: &str) -> Result<Self, LdsError> {
        let letters: String = text.chars().filter(|letter| !matches!(letter, '\r' | '\n')).collect();
        if !letters.bytes().all(|byte| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'<')) {
            return Err(MALFORMED);
        }
        match letters.len() {
            90 => Ok(parse_td1(&letters[..30], &letters[30..60], &letters[60..])),
            88 => Ok(parse_td3(&letters[..44], &letters[44..])),
            _ => Err(MALFORMED),
        }
    }

    /// The zone as it is printed, lines one after another, with right check digits. Fields that are too long are cut.
    #[must_use]
    pub fn print(&self) -> String {
        match self.format {
            MrzFormat::Td1 => self.print_td1(),
            MrzFormat::Td3 => self.print_td3(),
        }
    }

    /// The personal number of a Vietnamese card.
    #[must_use]
    pub fn personal_number(&self) -> Option<CardNumber> {
        (self.issuer == "VNM").then(|| CardNumber::parse(&self.optional)).flatten()
    }

    /// The text from which the keys of BAC, or of PACE by the zone, are made.
    #[must_use]
    pub fn key_text(&self) -> Zeroizing<String> {
        key_text(&self.document_number, &self.birth, &self.expiry)
    }

    fn print_td1(&self) -> String {
        let number_block = self.td1_number_block();
        let first = format!("{}{}{number_block}", field(&self.document_code, 2), field(&self.issuer, 3));
        let birth = with_check(&field(&self.birth, 6));
        let expiry = with_check(&field(&self.expiry, 6));
        let optional_2 = field(&self.optional_2, 11);
        let composite = check_digit(&format!("{number_block}{birth}{expiry}{optional_2}"));
        let nationality = field(&self.nationality, 3);
        let second = format!("{birth}{}{expiry}{nationality}{optional_2}{composite}", self.sex);
        format!("{first}{second}{}", self.print_names(30))
    }

    /// Number, check digit and optional data: 25 letters. A number of more than nine letters runs on into the optional data.
    fn td1_number_block(&self) -> String {
        if self.document_number.len() > 9 {
            let (head, tail) = self.document_number.split_at(9);
            let check = check_digit(&self.document_number);
            return format!("{head}<{}", field(&format!("{tail}{check}"), 15));
        }
        let number = with_check(&field(&self.document_number, 9));
        match self.personal_number() {
            Some(_) => format!("{number}{}", with_check(&field(&self.optional, 14))),
            None => format!("{number}{}", field(&self.optional, 15)),
        }
    }

    fn print_td3(&self) -> String {
        let first = format!("{}{}{}", field(&self.document_code, 2), field(&self.issuer, 3), self.print_names(39));
        let number = with_check(&field(&self.document_number, 9));
        let birth = with_check(&field(&self.birth, 6));
        let expiry = with_check(&field(&self.expiry, 6));
        let optional = with_check(&field(&self.optional, 14));
        let composite = check_digit(&format!("{number}{birth}{expiry}{optional}"));
        format!("{first}{number}{}{birth}{}{expiry}{optional}{composite}", field(&self.nationality, 3), self.sex)
    }

    fn print_names(&self, width: usize) -> String {
        let names = if self.given_names.is_empty() {
            self.surname.clone()
        } else {
            format!("{}<<{}", self.surname, self.given_names)
        };
        field(&names.replace(' ', "<"), width)
    }
}

/// The text from which the keys of BAC, or of PACE by the zone, are made: number, birth and expiry, each with its check digit. Of a Vietnamese
/// card the number is the last nine digits of the personal number. A number is filled up to nine letters.
#[must_use]
pub fn key_text(document_number: &str, birth: &str, expiry: &str) -> Zeroizing<String> {
    let filled = format!("{document_number:<<9}");
    Zeroizing::new([filled.as_str(), birth, expiry].map(with_check).concat())
}

/// [`key_text`] of a Vietnamese card.
#[must_use]
pub fn card_key_text(number: &CardNumber, birth: &str, expiry: &str) -> Zeroizing<String> {
    key_text(&number.digits()[3..], birth, expiry)
}

/// The check digit of a text: weights 7, 3, 1; digits are themselves, letters 10 to 35, a filler nothing.
#[must_use]
pub fn check_digit(text: &str) -> char {
    let value = |letter: char| letter.to_digit(36).unwrap_or(0);
    let sum: u32 = text.chars().zip([7, 3, 1].into_iter().cycle()).map(|(letter, weight)| value(letter) * weight).sum();
    char::from_digit(sum % 10, 10).unwrap_or('0')
}

/// A name as the machine-readable zone has it: capitals without diacritics.
#[must_use]
pub fn latin_name(name: &str) -> String {
    let plain = |letter: char| if matches!(letter, 'đ' | 'Đ') { 'D' } else { letter };
    let letters = name.nfd().filter(|letter| !is_combining_mark(*letter)).map(plain);
    let folded: String = letters.map(|letter| if letter.is_ascii_alphabetic() { letter } else { ' ' }).collect();
    folded.to_ascii_uppercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn with_check(text: &str) -> String {
    format!("{text}{}", check_digit(text))
}

/// A text filled, or cut, to a width. Only letters that a zone may hold are kept.
fn field(text: &str, width: usize) -> String {
    let allowed = |letter: &char| matches!(letter, 'A'..='Z' | '0'..='9' | '<');
    let kept: String = text.chars().filter(allowed).take(width).collect();
    format!("{kept:<<width$}")
}

fn trimmed(text: &str) -> String {
    text.trim_end_matches('<').to_owned()
}

/// Whether a digit is that of a text; a filler stands for zero where the field is optional.
fn is_check(text: &str, digit: &str) -> bool {
    let right = check_digit(text);
    digit.starts_with(right) || (digit == "<" && right == '0')
}

fn wrong<const N: usize>(checks: [(CheckDigit, bool); N]) -> Vec<CheckDigit> {
    checks.into_iter().filter_map(|(check, is_right)| (!is_right).then_some(check)).collect()
}

fn names(text: &str) -> (String, String) {
    let clean = |part: &str| part.split('<').filter(|name| !name.is_empty()).collect::<Vec<_>>().join(" ");
    let (surname, given) = text.split_once("<<").unwrap_or((text, ""));
    (clean(surname), clean(given))
}

fn parse_td1(first: &str, second: &str, third: &str) -> Mrz {
    let (document_number, number_is_right, rest) = td1_number(first);
    let issuer = trimmed(&first[2..5]);
    // A Vietnamese card closes its first line with a check digit over the personal number, which Doc 9303 does not know.
    let own_check = issuer == "VNM" && CardNumber::parse(&first[15..27]).is_some();
    let optional = if own_check { trimmed(&first[15..29]) } else { rest };
    let composite = format!("{}{}{}{}", &first[5..], &second[..7], &second[8..15], &second[18..29]);
    let (surname, given_names) = names(third);
    Mrz {
        format: MrzFormat::Td1,
        document_code: trimmed(&first[..2]),
        issuer,
        document_number,
        optional,
        optional_2: trimmed(&second[18..29]),
        birth: second[..6].to_owned(),
        sex: second[7..].chars().next().unwrap_or('<'),
        expiry: second[8..14].to_owned(),
        nationality: trimmed(&second[15..18]),
        surname,
        given_names,
        wrong_checks: wrong([
            (CheckDigit::DocumentNumber, number_is_right),
            (CheckDigit::Optional, !own_check || is_check(&first[15..29], &first[29..])),
            (CheckDigit::Birth, is_check(&second[..6], &second[6..7])),
            (CheckDigit::Expiry, is_check(&second[8..14], &second[14..15])),
            (CheckDigit::Composite, is_check(&composite, &second[29..])),
        ]),
    }
}

/// The document number, whether its check digit is right, and the optional data behind it.
fn td1_number(first: &str) -> (String, bool, String) {
    let tail = first[15..].split('<').next().unwrap_or("");
    if &first[14..15] == "<" && !tail.is_empty() && !first[5..14].contains('<') {
        let (more, check) = tail.split_at(tail.len() - 1);
        let number = format!("{}{more}", &first[5..14]);
        let is_right = is_check(&number, check);
        return (number, is_right, trimmed(&first[15 + tail.len()..]).trim_start_matches('<').to_owned());
    }
    (trimmed(&first[5..14]), is_check(&first[5..14], &first[14..15]), trimmed(&first[15..]))
}

fn parse_td3(first: &str, second: &str) -> Mrz {
    let (surname, given_names) = names(&first[5..]);
    let composite = format!("{}{}{}", &second[..10], &second[13..20], &second[21..43]);
    Mrz {
        format: MrzFormat::Td3,
        document_code: trimmed(&first[..2]),
        issuer: trimmed(&first[2..5]),
        document_number: trimmed(&second[..9]),
        optional: trimmed(&second[28..42]),
        optional_2: String::new(),
        birth: second[13..19].to_owned(),
        sex: second[20..].chars().next().unwrap_or('<'),
        expiry: second[21..27].to_owned(),
        nationality: trimmed(&second[10..13]),
        surname,
        given_names,
        wrong_checks: wrong([
            (CheckDigit::DocumentNumber, is_check(&second[..9], &second[9..10])),
            (CheckDigit::Birth, is_check(&second[13..19], &second[19..20])),
            (CheckDigit::Expiry, is_check(&second[21..27], &second[27..28])),
            (CheckDigit::Optional, is_check(&second[28..42], &second[42..43])),
            (CheckDigit::Composite, is_check(&composite, &second[43..])),
        ]),
    }
}

#[cfg(test)]
#[path = "mrz_tests.rs"]
mod tests;
