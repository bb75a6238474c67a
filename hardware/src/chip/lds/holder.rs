//! Who the holder is, as the chip says: the details of DG13, with DG1 for what is missing there. Where the two contradict each other that is told,
//! and DG13 stands.

use std::fmt;

use jiff::civil::Date;
use serde::Serialize;

use super::dg13::{Dg13, Expiry};
use super::mrz::{CheckDigit, Mrz, MrzFormat, latin_name};
use crate::scanner::card::province;
use crate::scanner::{BirthDate, CardNumber, CardWarning, Sex};

/// Something in which a chip is unusual; nothing of it refuses a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(tag = "warning", rename_all = "snake_case")]
pub enum HolderWarning {
    /// DG1 and DG13 give different values.
    Contradiction {
        /// Of which field.
        field: HolderField,
    },
    /// A check digit of the machine-readable zone is wrong.
    WrongCheckDigit {
        /// Which.
        check: CheckDigit,
    },
    /// An item of DG13 is not understood.
    UnknownItem {
        /// Its number.
        item: u32,
    },
    /// The number is unusual.
    Number {
        /// In which way.
        reason: CardWarning,
    },
}

/// A field that both groups give.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HolderField {
    /// The personal number.
    Number,
    /// The name.
    Name,
    /// The birth date.
    Birth,
    /// The sex.
    Sex,
    /// The expiry date.
    Expiry,
}

/// The holder. All text is NFC. `Debug` shows no personal data.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct Holder {
    /// The personal number; none on a foreign document.
    pub number: Option<CardNumber>,
    /// The document's number, as the machine-readable zone has it.
    pub document_number: Option<String>,
    /// The name with diacritics, from DG13.
    pub name: Option<String>,
    /// The name in capitals without diacritics, from DG1.
    pub latin_name: Option<String>,
    /// The birth date.
    pub birth: Option<BirthDate>,
    /// The sex.
    pub sex: Option<Sex>,
    /// The nationality: in words from DG13, or else the three letters of DG1.
    pub nationality: Option<String>,
    /// The ethnicity.
    pub ethnicity: Option<String>,
    /// The religion.
    pub religion: Option<String>,
    /// The place of origin.
    pub origin: Option<String>,
    /// The place of permanent residence.
    pub residence: Option<String>,
    /// Distinguishing marks.
    pub marks: Option<String>,
    /// When the card was issued.
    pub issued: Option<Date>,
    /// When the card expires.
    pub expiry: Option<Expiry>,
    /// The number of the older card.
    pub old_number: Option<String>,
    /// The father's name.
    pub father: Option<String>,
    /// The mother's name.
    pub mother: Option<String>,
    /// The spouse's name.
    pub spouse: Option<String>,
    /// What is unusual.
    pub warnings: Vec<HolderWarning>,
}

impl fmt::Debug for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Holder").field("number", &self.number).field("warnings", &self.warnings).finish_non_exhaustive()
    }
}

impl Holder {
    /// The holder from what was read. `read_on` is the day of the reading: a birth year of two digits is the latest that is not after it, where the
    /// number does not tell the century.
    #[must_use]
    pub fn merge(mrz: Option<&Mrz>, details: Option<&Dg13>, read_on: Date) -> Self {
        let mut holder = details.map(Self::of_details).unwrap_or_default();
        if let Some(mrz) = mrz {
            holder.add_zone(mrz, read_on);
        }
        holder.warn_of_number();
        holder
    }

    fn of_details(details: &Dg13) -> Self {
        let details = details.clone();
        let unknown = |item: u32| HolderWarning::UnknownItem { item };
        Self {
            number: details.number,
            name: details.name,
            birth: details.birth,
            sex: details.sex,
            nationality: details.nationality,
            ethnicity: details.ethnicity,
            religion: details.religion,
            origin: details.origin,
            residence: details.residence,
            marks: details.marks,
            issued: details.issued,
            expiry: details.expiry,
            old_number: details.old_number,
            father: details.father,
            mother: details.mother,
            spouse: details.spouse,
            warnings: details.other.iter().map(|raw| unknown(raw.number)).collect(),
            ..Self::default()
        }
    }

    fn add_zone(&mut self, mrz: &Mrz, read_on: Date) {
        let wrong = |check: &CheckDigit| HolderWarning::WrongCheckDigit { check: *check };
        self.warnings.extend(mrz.wrong_checks.iter().map(wrong));
        let latin = format!("{} {}", mrz.surname, mrz.given_names).trim().to_owned();
        self.warnings.extend(self.contradictions(mrz, &latin).map(|field| HolderWarning::Contradiction { field }));
        self.number = self.number.take().or_else(|| mrz.personal_number());
        self.birth = self.birth.or_else(|| birth(&mrz.birth, self.number.as_ref(), read_on));
        self.sex = self.sex.or_else(|| sex(mrz.sex));
        self.expiry = self.expiry.take().or_else(|| expiry(&mrz.expiry));
        self.nationality = self.nationality.take().or_else(|| text(&mrz.nationality));
        self.document_number = text(&mrz.document_number);
        self.latin_name = text(&latin);
    }

    /// The fields of which the zone says something else. What either does not give is no contradiction.
    fn contradictions(&self, mrz: &Mrz, latin: &str) -> impl Iterator<Item = HolderField> + use<> {
        let differ = |own: Option<String>, zone: Option<String>| own.is_some() && zone.is_some() && own != zone;
        let number = |number: &CardNumber| number.digits().to_owned();
        let fields = [
            (HolderField::Number, differ(self.number.as_ref().map(number), mrz.personal_number().as_ref().map(number))),
            (HolderField::Name, self.name.as_deref().is_some_and(|name| !is_same_name(name, latin, mrz.format))),
            (HolderField::Birth, differ(self.birth.map(birth_digits), Some(mrz.birth.replace('<', "0")))),
            (HolderField::Sex, self.sex.is_some() && sex(mrz.sex).is_some_and(|sex| Some(sex) != self.sex)),
            (
                HolderField::Expiry,
                differ(expiry_digits(self.expiry.as_ref()), expiry_digits(expiry(&mrz.expiry).as_ref())),
            ),
        ];
        fields.into_iter().filter_map(|(field, differs)| differs.then_some(field))
    }

    fn warn_of_number(&mut self) {
        let Some(number) = &self.number else { return };
        let checks = [
            (province(number).is_none(), CardWarning::UnknownProvince),
            (self.birth.is_some_and(|birth| birth.year() != number.birth_year()), CardWarning::NumberBirthYear),
            (self.sex.is_some_and(|sex| sex != number.sex()), CardWarning::NumberSex),
        ];
        let found = checks.into_iter().filter_map(|(is, reason)| is.then_some(HolderWarning::Number { reason }));
        self.warnings.extend(found);
    }
}

fn text(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn sex(letter: char) -> Option<Sex> {
    match letter {
        'M' => Some(Sex::Male),
        'F' => Some(Sex::Female),
        _ => None,
    }
}

/// Whether a name is the one in the zone, which is cut where its field ends.
fn is_same_name(name: &str, latin: &str, format: MrzFormat) -> bool {
    let width = if format == MrzFormat::Td1 { 30 } else { 39 };
    // Two fillers stand for the space behind the surname; a filler at the end cannot be seen.
    let may_be_cut = latin.len() + 2 >= width;
    let (folded, latin) = (latin_name(name).replace(' ', ""), latin.replace(' ', ""));
    folded == latin || (may_be_cut && folded.starts_with(&latin))
}

/// `YYMMDD`, with zeros for what is not known.
fn birth_digits(birth: BirthDate) -> String {
    let (year, month, day) = match birth {
        BirthDate::Full { date } => (date.year(), date.month(), date.day()),
        BirthDate::YearMonth { year, month } => (year, month, 0),
        BirthDate::Year { year } => (year, 0, 0),
    };
    format!("{:02}{month:02}{day:02}", year.rem_euclid(100))
}

/// A birth date of the zone. Its century is that of the number, or the latest that is not after the day of reading.
fn birth(digits: &str, number: Option<&CardNumber>, read_on: Date) -> Option<BirthDate> {
    let in_century: i16 = digits.get(..2)?.parse().ok()?;
    let of_number = number.map(CardNumber::birth_year).filter(|year| year.rem_euclid(100) == in_century);
    let this_century = read_on.year() - read_on.year().rem_euclid(100) + in_century;
    let latest = if this_century > read_on.year() { this_century - 100 } else { this_century };
    let year = of_number.unwrap_or(latest);
    let month = digits.get(2..4)?.parse::<i8>().ok().filter(|month| (1..=12).contains(month));
    let day = digits.get(4..6)?.parse::<i8>().ok().filter(|day| *day > 0);
    match (month, day) {
        (Some(month), Some(day)) => Date::new(year, month, day).ok().map(|date| BirthDate::Full { date }),
        (Some(month), None) => Some(BirthDate::YearMonth { year, month }),
        (None, _) => Some(BirthDate::Year { year }),
    }
}

/// An expiry date of the zone, always of this century; fillers are a card that does not expire.
fn expiry(digits: &str) -> Option<Expiry> {
    if digits.bytes().all(|letter| letter == b'<') {
        return Some(Expiry::Never);
    }
    let number = |at: std::ops::Range<usize>| digits.get(at)?.parse::<i8>().ok();
    let date = Date::new(2000 + i16::from(number(0..2)?), number(2..4)?, number(4..6)?).ok()?;
    Some(Expiry::On { date })
}

fn expiry_digits(expiry: Option<&Expiry>) -> Option<String> {
    match expiry {
        Some(Expiry::On { date }) => Some(date.strftime("%y%m%d").to_string()),
        _ => None,
    }
}

#[cfg(test)]
#[path = "holder_tests.rs"]
mod tests;
