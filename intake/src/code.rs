//! Dossier codes (mã hồ sơ): the templates by date, official codes, and temporary ones that cannot be taken for official.

use crate::ids::{AgencyCode, Incarnation};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// An agency's numbers of one day: the sequence that the centre leases out.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct AgencyDay {
    /// Whose dossiers.
    pub agency: AgencyCode,
    /// The day of receipt.
    pub day: Date,
}

/// The shape of a dossier code, as a circular sets it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeTemplate {
    /// `V1V2V3.Z1Z2.Y1Y2.MX1X2-YYMMDD-XXXX`: TT 01/2018/TT-VPCP, Art. 19.
    Old,
    /// `MX1X2.Y1Y2Y3.Z1Z2-YYMMDD-XXXX`, with `T.` before it for the Treasury: TT 03/2025/TT-VPCP, Art. 13.
    New,
}

/// Which template holds from which day.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TemplateRow {
    /// The first day.
    pub from: Date,
    /// The template.
    pub template: CodeTemplate,
    /// The text that sets it.
    pub source: String,
    /// What about the row is not certain, if anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assumption: Option<String>,
}

/// The templates by date.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Templates(Vec<TemplateRow>);

/// What is wrong with a code, or with the table of templates.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CodeFault {
    /// The text has the shape of no template.
    #[error("not a dossier code: {0}")]
    Shape(String),
    /// The six digits in the middle are no day.
    #[error("no such day in the dossier code: {0}")]
    Day(String),
    /// The sequence is zero or has more than nine digits.
    #[error("the sequence of a dossier code is 1 to 999999999: {0}")]
    Sequence(String),
    /// The agency's code does not have the template's shape.
    #[error("the agency {agency} has no code in the template {template:?}")]
    Agency {
        /// The agency.
        agency: AgencyCode,
        /// The template.
        template: CodeTemplate,
    },
    /// A temporary code needs a station letter of one to four capitals or digits and a counter from 1.
    #[error("not a temporary code: {0}")]
    Temporary(String),
    /// The table of templates cannot be read.
    #[error("the table of templates: {0}")]
    Table(String),
}

impl Templates {
    /// Reads the table from JSON: a list of [`TemplateRow`].
    pub fn parse(json: &str) -> Result<Self, CodeFault> {
        let mut rows: Vec<TemplateRow> =
            serde_json::from_str(json).map_err(|fault| CodeFault::Table(fault.to_string()))?;
        rows.sort_by_key(|row| row.from);
        if rows.is_empty() {
            return Err(CodeFault::Table("no rows".into()));
        }
        Ok(Self(rows))
    }

    /// The table that is shipped.
    pub fn embedded() -> Result<Self, CodeFault> {
        Self::parse(include_str!("../../fixtures/codes/templates.json"))
    }

    /// The template that holds on `day`; none before the first.
    pub fn on(&self, day: Date) -> Option<CodeTemplate> {
        self.0.iter().rev().find(|row| row.from <= day).map(|row| row.template)
    }

    /// The rows, by date.
    pub fn rows(&self) -> &[TemplateRow] {
        &self.0
    }
}

/// An official dossier code, such as `H26.112.00-261123-0001`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DossierCode(String);

impl DossierCode {
    /// Makes the code of the `sequence`-th dossier of an agency in a day. Four digits at least, more when they are needed.
    pub fn issue(template: CodeTemplate, place: &AgencyDay, sequence: u32) -> Result<Self, CodeFault> {
        let agency = place.agency.as_str();
        if template_of_agency(agency) != Some(template) {
            let agency = place.agency.clone();
            return Err(CodeFault::Agency { agency, template });
        }
        let day = place.day;
        if !(2000..=2099).contains(&day.year()) {
            return Err(CodeFault::Day(day.to_string()));
        }
        let year = day.year() - 2000;
        let (month, date) = (day.month(), day.day());
        format!("{agency}-{year:02}{month:02}{date:02}-{sequence:04}").parse()
    }

    /// The template that the code follows.
    pub fn template(&self) -> CodeTemplate {
        template_of_agency(self.agency_text()).unwrap_or(CodeTemplate::New)
    }

    /// The agency and the day of receipt.
    pub fn place(&self) -> AgencyDay {
        // The text was checked when the value was made; a day that cannot be read cannot be here.
        let day = parse_day(self.part(1)).unwrap_or(Date::ZERO);
        AgencyDay { agency: AgencyCode::from(self.agency_text()), day }
    }

    /// The number within the agency and day. In codes of ministries' central systems it begins with two digits of the
    /// host agency (TT 04/2025/TT-VPCP).
    pub fn sequence(&self) -> u32 {
        self.part(2).parse().unwrap_or(0)
    }

    /// Whether it is a code of the State Treasury.
    pub fn is_treasury(&self) -> bool {
        self.0.starts_with("T.")
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn agency_text(&self) -> &str {
        self.part(0)
    }

    fn part(&self, at: usize) -> &str {
        self.0.split('-').nth(at).unwrap_or_default()
    }
}

impl FromStr for DossierCode {
    type Err = CodeFault;

    /// Reads a code as a person types it: blanks around it and small letters are forgiven.
    fn from_str(text: &str) -> Result<Self, CodeFault> {
        let code = text.trim().to_ascii_uppercase();
        let shape = || CodeFault::Shape(text.to_owned());
        let [agency, day, sequence] = parts(&code).ok_or_else(shape)?;
        template_of_agency(agency).ok_or_else(shape)?;
        if !all_digits(day, 6..=6) || !all_digits(sequence, 4..=usize::MAX) {
            return Err(shape());
        }
        parse_day(day).ok_or_else(|| CodeFault::Day(text.to_owned()))?;
        if sequence.len() > 9 || sequence.bytes().all(|digit| digit == b'0') {
            return Err(CodeFault::Sequence(text.to_owned()));
        }
        Ok(Self(code))
    }
}

impl TryFrom<String> for DossierCode {
    type Error = CodeFault;
    fn try_from(text: String) -> Result<Self, CodeFault> {
        text.parse()
    }
}

impl From<DossierCode> for String {
    fn from(code: DossierCode) -> String {
        code.0
    }
}

impl fmt::Display for DossierCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for DossierCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DossierCode({})", self.0)
    }
}

/// A code for a dossier that was accepted while the station held no number: `TẠM-K2-7F3QXM-0007`.
///
/// It is made of the word *tạm* (temporary), the station's letter or label, six characters of the station's
/// incarnation and a counter that the station's own log keeps. An incarnation is new whenever a disk is restored or
/// replaced, so no two stations and no two lives of one station make the same code. It stays an alias of the
/// official code for ever. Its first letters can begin no official code.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TemporaryCode(String);

const TEMPORARY: &str = "TẠM";
/// Crockford's base 32: no I, L, O or U, which are misread.
const BASE32: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const SHORT_ID: usize = 6;

impl TemporaryCode {
    /// Makes the `counter`-th temporary code of a station's incarnation. `label` is the station's letter or label: one
    /// to four capital letters or digits.
    pub fn new(label: &str, incarnation: Incarnation, counter: u32) -> Result<Self, CodeFault> {
        let short = short_id(incarnation);
        format!("{TEMPORARY}-{label}-{short}-{counter:04}").parse()
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TemporaryCode {
    type Err = CodeFault;

    /// Reads a code as a person types it: `tam-k2-7f3qxm-0007` is the same code.
    fn from_str(text: &str) -> Result<Self, CodeFault> {
        let fault = || CodeFault::Temporary(text.to_owned());
        let typed = crate::words::nfc(text.trim()).to_uppercase();
        let mut fields = typed.split('-');
        let mut next = || fields.next().unwrap_or_default();
        let (word, label, short, counter) = (next(), next(), next(), next());
        let label_fits =
            (1..=4).contains(&label.len()) && label.bytes().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
        let short_fits = short.len() == SHORT_ID && short.bytes().all(|c| BASE32.contains(&c));
        let counter_fits = all_digits(counter, 4..=9) && counter.bytes().any(|c| c != b'0');
        let word_fits = word == TEMPORARY || word == "TAM";
        if !(word_fits && label_fits && short_fits && counter_fits) || fields.next().is_some() {
            return Err(fault());
        }
        Ok(Self(format!("{TEMPORARY}-{label}-{short}-{counter}")))
    }
}

impl TryFrom<String> for TemporaryCode {
    type Error = CodeFault;
    fn try_from(text: String) -> Result<Self, CodeFault> {
        text.parse()
    }
}

impl From<TemporaryCode> for String {
    fn from(code: TemporaryCode) -> String {
        code.0
    }
}

impl fmt::Display for TemporaryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for TemporaryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TemporaryCode({})", self.0)
    }
}

/// Thirty bits of the incarnation's random end, as six characters.
pub(crate) fn short_id(incarnation: Incarnation) -> String {
    let bits = incarnation.0.as_u128();
    let character = |at: usize| BASE32[(bits >> (5 * at)) as usize & 31] as char;
    (0..SHORT_ID).rev().map(character).collect()
}

fn parts(code: &str) -> Option<[&str; 3]> {
    let mut fields = code.split('-');
    let found = [fields.next()?, fields.next()?, fields.next()?];
    fields.next().is_none().then_some(found)
}

/// The template whose shape an agency's code has. Level-2 codes of two and of three digits are both in use.
fn template_of_agency(agency: &str) -> Option<CodeTemplate> {
    let bare = agency.strip_prefix("T.");
    let fields: Vec<&str> = bare.unwrap_or(agency).split('.').collect();
    match fields[..] {
        [head, unit, part] if is_letter_code(head) && all_digits(unit, 2..=3) && all_digits(part, 2..=2) => {
            Some(CodeTemplate::New)
        }
        [team, part, unit, head]
            if bare.is_none()
                && all_digits(team, 3..=3)
                && all_digits(part, 2..=2)
                && all_digits(unit, 2..=3)
                && is_letter_code(head) =>
        {
            Some(CodeTemplate::Old)
        }
        _ => None,
    }
}

/// `H26`: a capital letter and two digits.
fn is_letter_code(text: &str) -> bool {
    text.len() == 3 && text.as_bytes()[0].is_ascii_uppercase() && all_digits(&text[1..], 2..=2)
}

fn all_digits(text: &str, length: std::ops::RangeInclusive<usize>) -> bool {
    length.contains(&text.len()) && text.bytes().all(|c| c.is_ascii_digit())
}

fn parse_day(six: &str) -> Option<Date> {
    let number = |range: std::ops::Range<usize>| six.get(range)?.parse::<i8>().ok();
    let (year, month, day) = (number(0..2)?, number(2..4)?, number(4..6)?);
    Date::new(2000 + i16::from(year), month, day).ok()
}
