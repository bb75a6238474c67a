//! DG13 of a Vietnamese card: the holder's details, in Vietnamese.
//!
//! The layout is not published; what is known of it was learnt from readers of real cards. So the reader looks for numbered items wherever they
//! stand, takes any kind of text, and keeps what it does not understand as it is. A missing item is no error.

use std::fmt;

use jiff::civil::Date;
use serde::Serialize;

use super::tlv::{self, Reader, Tlv, tag};
use super::{DataGroup, LdsError, LdsFile};
use crate::scanner::{BirthDate, CardNumber, Sex, card};

/// The items, by their numbers.
pub mod item {
    /// The personal number, twelve digits.
    pub const NUMBER: u32 = 1;
    /// The name.
    pub const NAME: u32 = 2;
    /// The birth date, `dd/MM/yyyy`.
    pub const BIRTH: u32 = 3;
    /// The sex.
    pub const SEX: u32 = 4;
    /// The nationality.
    pub const NATIONALITY: u32 = 5;
    /// The ethnicity.
    pub const ETHNICITY: u32 = 6;
    /// The religion.
    pub const RELIGION: u32 = 7;
    /// The place of origin.
    pub const ORIGIN: u32 = 8;
    /// The place of permanent residence.
    pub const RESIDENCE: u32 = 9;
    /// Distinguishing marks.
    pub const MARKS: u32 = 10;
    /// The issue date, `dd/MM/yyyy`.
    pub const ISSUED: u32 = 11;
    /// The expiry date, `dd/MM/yyyy`, or words.
    pub const EXPIRY: u32 = 12;
    /// The parents: father, then mother.
    pub const PARENTS: u32 = 13;
    /// The spouse; often empty.
    pub const SPOUSE: u32 = 14;
    /// The number of the older, nine-digit card.
    pub const OLD_NUMBER: u32 = 15;
    /// Sixteen letters, of which sources say different things: an id of the chip, or of an older document.
    pub const SIXTEEN: u32 = 16;
}

/// When a card expires.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Expiry {
    /// On a day.
    On {
        /// The day.
        date: Date,
    },
    /// Never: "Không thời hạn".
    Never,
    /// Other words than are known.
    Words {
        /// The words.
        text: String,
    },
}

/// An item that is not understood, as it is.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct RawItem {
    /// Its number.
    pub number: u32,
    /// All that stands behind the number.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for RawItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawItem").field("number", &self.number).field("length", &self.bytes.len()).finish()
    }
}

/// What DG13 says. All text is NFC. `Debug` shows no personal data.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct Dg13 {
    /// The personal number.
    pub number: Option<CardNumber>,
    /// The name.
    pub name: Option<String>,
    /// The birth date.
    pub birth: Option<BirthDate>,
    /// The sex.
    pub sex: Option<Sex>,
    /// The nationality, in words.
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
    /// The father's name.
    pub father: Option<String>,
    /// The mother's name.
    pub mother: Option<String>,
    /// The spouse's name.
    pub spouse: Option<String>,
    /// The number of the older, nine-digit card.
    pub old_number: Option<String>,
    /// Item 16, of which sources say different things.
    pub item_16: Option<String>,
    /// Items that are not understood.
    pub other: Vec<RawItem>,
}

impl fmt::Debug for Dg13 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dg13").field("number", &self.number).field("other", &self.other).finish_non_exhaustive()
    }
}

/// Reads DG13.
///
/// # Errors
/// [`LdsError`] for bytes that are no such file. An item that cannot be understood is no error: it is kept in [`Dg13::other`].
pub fn parse(bytes: &[u8]) -> Result<Dg13, LdsError> {
    let content = tlv::file(bytes, u32::from(LdsFile::Group(DataGroup::DG13).tag()))?;
    let mut items = Vec::new();
    find_items(content.inside(), 0, &mut items)?;
    let mut dg13 = Dg13::default();
    for (number, value) in items {
        if !value.is_empty() && dg13.take(number, value).is_none() {
            dg13.other.push(RawItem { number, bytes: value.rest().to_vec() });
        }
    }
    Ok(dg13)
}

/// Items at any depth: a SEQUENCE that begins with a number above zero. Whatever is wrapped around them is passed through.
fn find_items<'a>(reader: Reader<'a>, depth: usize, found: &mut Vec<(u32, Reader<'a>)>) -> Result<(), LdsError> {
    if depth > tlv::MAX_DEPTH {
        return Err(LdsError::TLV);
    }
    for element in reader.all()?.into_iter().filter(Tlv::is_constructed) {
        let mut inside = element.inside();
        let number = inside.optional(tag::INTEGER)?.and_then(|number| number.small_number());
        match number.filter(|number| *number > 0 && element.tag == tag::SEQUENCE) {
            Some(number) => found.push((number, inside)),
            None => find_items(element.inside(), depth + 1, found)?,
        }
    }
    Ok(())
}

impl Dg13 {
    /// Puts an item in its place; none if it is not understood.
    fn take(&mut self, number: u32, value: Reader<'_>) -> Option<()> {
        let texts = texts(value, 0)?;
        if number == item::PARENTS {
            return self.take_parents(texts);
        }
        let [text] = <[String; 1]>::try_from(texts).ok()?;
        if text.is_empty() {
            return Some(());
        }
        match number {
            item::NUMBER => self.number = Some(CardNumber::parse(&text)?),
            item::BIRTH => self.birth = Some(card::parse_birth(&digits_of_date(&text))?),
            item::SEX => self.sex = Some(card::parse_sex(&text)?),
            item::ISSUED => self.issued = Some(card::parse_date(&digits_of_date(&text))?),
            item::EXPIRY => self.expiry = Some(expiry(text)),
            _ => *self.text_of(number)? = Some(text),
        }
        Some(())
    }

    fn take_parents(&mut self, texts: Vec<String>) -> Option<()> {
        let mut names = texts.into_iter().map(|name| (!name.is_empty()).then_some(name));
        let (father, mother) = (names.next().flatten(), names.next().flatten());
        if names.next().is_some() {
            return None;
        }
        (self.father, self.mother) = (father, mother);
        Some(())
    }

    fn text_of(&mut self, number: u32) -> Option<&mut Option<String>> {
        match number {
            item::NAME => Some(&mut self.name),
            item::NATIONALITY => Some(&mut self.nationality),
            item::ETHNICITY => Some(&mut self.ethnicity),
            item::RELIGION => Some(&mut self.religion),
            item::ORIGIN => Some(&mut self.origin),
            item::RESIDENCE => Some(&mut self.residence),
            item::MARKS => Some(&mut self.marks),
            item::SPOUSE => Some(&mut self.spouse),
            item::OLD_NUMBER => Some(&mut self.old_number),
            item::SIXTEEN => Some(&mut self.item_16),
            _ => None,
        }
    }
}

/// Every text of an item in order, nested or not; an empty SEQUENCE is an empty text. None if there is anything else.
fn texts(reader: Reader<'_>, depth: usize) -> Option<Vec<String>> {
    let mut found = Vec::new();
    for element in reader.all().ok()? {
        match element.tag {
            tag::UTF8 | tag::PRINTABLE | tag::IA5 => {
                let text = std::str::from_utf8(element.value).ok()?;
                found.push(card::nfc(text.trim_matches(|c: char| c.is_whitespace() || c == '\0')));
            }
            tag::SEQUENCE | tag::SET if element.value.is_empty() => found.push(String::new()),
            tag::SEQUENCE | tag::SET if depth < tlv::MAX_DEPTH => found.extend(texts(element.inside(), depth + 1)?),
            _ => return None,
        }
    }
    Some(found)
}

/// `15/02/1999` as the `15021999` of the QR code.
fn digits_of_date(text: &str) -> String {
    text.chars().filter(|letter| !matches!(letter, '/' | '-' | '.' | ' ')).collect()
}

fn expiry(text: String) -> Expiry {
    if let Some(date) = card::parse_date(&digits_of_date(&text)) {
        return Expiry::On { date };
    }
    if text.to_lowercase().contains("không thời hạn") { Expiry::Never } else { Expiry::Words { text } }
}

/// Writes DG13: the items that are there, in order, and behind them those that are not understood.
#[must_use]
pub fn write(dg13: &Dg13) -> Vec<u8> {
    let slashed = |date: Date| date.strftime("%d/%m/%Y").to_string();
    let birth = dg13.birth.map(|birth| match birth {
        BirthDate::Full { date } => slashed(date),
        BirthDate::YearMonth { year, month } => format!("00/{month:02}/{year:04}"),
        BirthDate::Year { year } => format!("00/00/{year:04}"),
    });
    let sex = dg13.sex.map(|sex| if sex == Sex::Male { "Nam" } else { "Nữ" });
    let expiry = dg13.expiry.as_ref().map(|expiry| match expiry {
        Expiry::On { date } => slashed(*date),
        Expiry::Never => "Không thời hạn".to_owned(),
        Expiry::Words { text } => text.clone(),
    });
    let issued = dg13.issued.map(slashed);
    let texts = [
        (item::NUMBER, tag::PRINTABLE, dg13.number.as_ref().map(CardNumber::digits)),
        (item::NAME, tag::UTF8, dg13.name.as_deref()),
        (item::BIRTH, tag::PRINTABLE, birth.as_deref()),
        (item::SEX, tag::UTF8, sex),
        (item::NATIONALITY, tag::UTF8, dg13.nationality.as_deref()),
        (item::ETHNICITY, tag::UTF8, dg13.ethnicity.as_deref()),
        (item::RELIGION, tag::UTF8, dg13.religion.as_deref()),
        (item::ORIGIN, tag::UTF8, dg13.origin.as_deref()),
        (item::RESIDENCE, tag::UTF8, dg13.residence.as_deref()),
        (item::MARKS, tag::UTF8, dg13.marks.as_deref()),
        (item::ISSUED, tag::PRINTABLE, issued.as_deref()),
        (item::EXPIRY, tag::UTF8, expiry.as_deref()),
        (item::OLD_NUMBER, tag::PRINTABLE, dg13.old_number.as_deref()),
        (item::SIXTEEN, tag::PRINTABLE, dg13.item_16.as_deref()),
    ];
    let mut items: Vec<(u32, Vec<u8>)> = texts
        .into_iter()
        .filter_map(|(number, kind, text)| text.map(|text| (number, tlv::write(kind, text.as_bytes()))))
        .collect();
    let parents = [&dg13.father, &dg13.mother];
    if parents.iter().any(|name| name.is_some()) {
        items.push((item::PARENTS, parents.into_iter().flat_map(|name| nested(name.as_deref())).collect()));
    }
    items.push((item::SPOUSE, dg13.spouse.as_deref().map_or_else(Vec::new, |name| nested(Some(name)))));
    items.sort_by_key(|(number, _)| *number);
    items.extend(dg13.other.iter().map(|raw| (raw.number, raw.bytes.clone())));
    let write_item = |(number, value): &(u32, Vec<u8>)| tlv::sequence(&[&tlv::integer(&number.to_be_bytes()), value]);
    let content: Vec<u8> = items.iter().flat_map(write_item).collect();
    tlv::write(u32::from(LdsFile::Group(DataGroup::DG13).tag()), &content)
}

/// A name in a SEQUENCE of its own, as parents and spouses stand.
fn nested(name: Option<&str>) -> Vec<u8> {
    tlv::sequence(&[&name.map_or_else(Vec::new, |name| tlv::write(tag::UTF8, name.as_bytes()))])
}

#[cfg(test)]
#[path = "dg13_tests.rs"]
mod tests;
