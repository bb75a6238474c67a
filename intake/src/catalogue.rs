//! The catalogue of procedures (thủ tục hành chính): what a citizen may come for, and what is known of it.

use crate::fee::{Fee, FeeRule};
use crate::ids::ProcedureCode;
use crate::jurisdiction::Place;
use crate::known::Known;
use crate::words::WordSearch;
use jiff::civil::{Date, Time};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A field (lĩnh vực): a group of procedures, as a kiosk shows them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Its name in data, such as `ho-tich`.
    pub id: String,
    /// In Vietnamese.
    pub name_vi: String,
    /// In English.
    pub name_en: String,
}

/// Who decides.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Authority {
    /// The commune's or ward's People's Committee (UBND cấp xã).
    Commune,
    /// The province's or city's authorities.
    Province,
    /// The commune's police (Công an cấp xã).
    CommunePolice,
    /// The province's or city's police (Công an cấp tỉnh).
    ProvincePolice,
    /// Social insurance (Bảo hiểm xã hội).
    SocialInsurance,
}

impl Authority {
    /// All kinds.
    pub const ALL: [Authority; 5] = [
        Authority::Commune,
        Authority::Province,
        Authority::CommunePolice,
        Authority::ProvincePolice,
        Authority::SocialInsurance,
    ];

    /// Its name in data.
    pub fn id(self) -> &'static str {
        match self {
            Authority::Commune => "commune",
            Authority::Province => "province",
            Authority::CommunePolice => "commune_police",
            Authority::ProvincePolice => "province_police",
            Authority::SocialInsurance => "social_insurance",
        }
    }

    /// Whether each commune has one of its own.
    pub fn is_local(self) -> bool {
        matches!(self, Authority::Commune | Authority::CommunePolice)
    }
}

/// A paper that a dossier needs (thành phần hồ sơ).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaperNeeded {
    /// Its name in data, one of its kind within the procedure.
    pub id: String,
    /// In Vietnamese.
    pub name_vi: String,
    /// In English.
    pub name_en: String,
    /// Originals (bản chính).
    #[serde(default)]
    pub original: u16,
    /// Certified copies (bản chứng thực).
    #[serde(default)]
    pub certified: u16,
    /// Plain copies (bản photo).
    #[serde(default)]
    pub copies: u16,
    /// Whether it is only presented (xuất trình) and given back, so it is not scanned or counted.
    #[serde(default)]
    pub only_presented: bool,
    /// Whether it is needed in some cases only, such as after an earlier marriage.
    #[serde(default)]
    pub only_if_applicable: bool,
    /// The id of its [`PaperKind`]; none for what is written anew each time, such as an application.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
}

/// A kind of paper that several procedures know: what one asks for and another asked for before, or gave.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaperKind {
    /// Its name in data, such as `khai-sinh`.
    pub id: String,
    /// In Vietnamese.
    pub name_vi: String,
    /// In English.
    pub name_en: String,
    /// How long it is good from the day on which it was given.
    pub validity: Known<Validity>,
}

/// How long a paper is good.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Validity {
    /// It does not lapse.
    Unlimited,
    /// Months from the day on which it was given.
    Months {
        /// How many.
        months: u16,
    },
}

/// How long the authority may take.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum TimeLimit {
    /// On the spot: the same day, or the next working day when received after the cutoff.
    Instant {
        /// After this time of day it is the next working day's.
        same_day_cutoff: Time,
    },
    /// Hours of work.
    WorkingHours {
        /// How many.
        hours: u16,
    },
    /// Working days (ngày làm việc) of eight hours.
    WorkingDays {
        /// How many.
        days: u16,
    },
    /// Days, of whatever kind (ngày).
    CalendarDays {
        /// How many.
        days: u16,
    },
    /// No day is promised.
    None,
}

impl TimeLimit {
    /// Whether it is done on the spot.
    pub fn is_instant(self) -> bool {
        matches!(self, TimeLimit::Instant { .. })
    }
}

/// A case in which the authority may take another time, such as when another place must verify.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitCase {
    /// Its name in data.
    pub id: String,
    /// In Vietnamese.
    pub name_vi: String,
    /// In English.
    pub name_en: String,
    /// The limit in that case.
    pub limit: Known<TimeLimit>,
    /// Whether a receipt with day and hour must then be given, asked for or not.
    #[serde(default)]
    pub slip_required: bool,
}

/// Whose forms are used: who decides sets their layout.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum FormSet {
    /// TT 03/2025/TT-VPCP: Giấy tiếp nhận hồ sơ và hẹn trả kết quả and its companions.
    #[serde(rename = "tt03-2025")]
    Tt03,
    /// The police's for residence: CT04, CT05, CT06.
    #[serde(rename = "police-cutru")]
    PoliceResidence,
    /// The police's for identity cards: CC02.
    #[serde(rename = "police-cancuoc")]
    PoliceIdentity,
}

/// A procedure.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Procedure {
    /// Its national code.
    pub code: ProcedureCode,
    /// In Vietnamese.
    pub name_vi: String,
    /// In plain English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_en: Option<String>,
    /// Where code and Vietnamese name were read.
    pub name_source: String,
    /// The id of its [`Field`].
    pub field: String,
    /// Who decides.
    pub authority: Known<Authority>,
    /// Whose place says which commune decides.
    #[serde(default = "no_place")]
    pub place: Known<Place>,
    /// What must be brought.
    pub papers: Known<Vec<PaperNeeded>>,
    /// How long it may take.
    pub time_limit: Known<TimeLimit>,
    /// Cases in which it may take another time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limit_cases: Vec<LimitCase>,
    /// What it costs.
    pub fee: Known<Fee>,
    /// Whether a receipt is given only when the citizen asks (instant procedures).
    #[serde(default)]
    pub slip_on_request: bool,
    /// The id of the [`PaperKind`] that its result is; none where it is not known or no paper.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
    /// Whose forms.
    pub form_set: FormSet,
    /// Whether a kiosk gives numbers for it.
    pub kiosk: bool,
    /// Its place among what people come for most, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub popular: Option<u16>,
}

fn no_place() -> Known<Place> {
    Known::Unknown { why: "no source read says whose place counts".into() }
}

impl Procedure {
    /// Whether it is known to be done on the spot.
    pub fn is_instant(&self) -> bool {
        self.time_limit.value().is_some_and(|limit| limit.is_instant())
    }

    /// The English name, or the Vietnamese where there is none.
    pub fn name_en_or_vi(&self) -> &str {
        self.name_en.as_deref().unwrap_or(&self.name_vi)
    }
}

/// The catalogue as a document.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: String,
    as_of: Date,
    fields: Vec<Field>,
    #[serde(default)]
    kinds: Vec<PaperKind>,
    procedures: Vec<Procedure>,
}

/// What is wrong with a catalogue.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CatalogueFault {
    /// It is not the JSON of a catalogue.
    #[error("not a catalogue: {0}")]
    Unreadable(String),
    /// A code is not of the shape `1.004873`.
    #[error("not a procedure's code: {0}")]
    Code(ProcedureCode),
    /// A procedure stands twice.
    #[error("procedure {0} stands twice")]
    Twice(ProcedureCode),
    /// A field stands twice.
    #[error("field {0} stands twice")]
    FieldTwice(String),
    /// A procedure is in a field that the catalogue does not have.
    #[error("procedure {code} is in the unknown field {field}")]
    NoField {
        /// The procedure.
        code: ProcedureCode,
        /// The field that is missing.
        field: String,
    },
    /// Two papers of a procedure have the same id, or one has none.
    #[error("procedure {code}: the paper {paper:?} stands twice or has no id")]
    Paper {
        /// The procedure.
        code: ProcedureCode,
        /// The paper's id.
        paper: String,
    },
    /// A kind of paper stands twice.
    #[error("the kind of paper {0} stands twice")]
    KindTwice(String),
    /// A paper or a result is of a kind that the catalogue does not have.
    #[error("procedure {code} names the unknown kind of paper {kind}")]
    NoKind {
        /// The procedure.
        code: ProcedureCode,
        /// The kind that is missing.
        kind: String,
    },
    /// A paper that is good for no time.
    #[error("the kind of paper {0} is good for no time")]
    Validity(String),
    /// A time limit of nothing.
    #[error("procedure {0} has a time limit of zero")]
    Limit(ProcedureCode),
    /// A fee below zero.
    #[error("procedure {0} has a fee below zero")]
    Fee(ProcedureCode),
    /// A name is empty, or is not in NFC.
    #[error("procedure {0} has a name that is empty or not in NFC")]
    Name(ProcedureCode),
}

/// All procedures that are known.
#[derive(Clone, Debug)]
pub struct Catalogue {
    document: Document,
    by_code: BTreeMap<ProcedureCode, usize>,
    search: WordSearch<usize>,
}

impl Catalogue {
    /// Reads and checks a catalogue.
    pub fn parse(json: &str) -> Result<Self, CatalogueFault> {
        let mut document: Document =
            serde_json::from_str(json).map_err(|fault| CatalogueFault::Unreadable(fault.to_string()))?;
        check_fields(&document)?;
        check_kinds(&document.kinds)?;
        document.procedures.sort_by_key(|procedure| (procedure.popular.unwrap_or(u16::MAX), procedure.code.clone()));
        let mut by_code = BTreeMap::new();
        for (at, procedure) in document.procedures.iter().enumerate() {
            check_procedure(procedure, &document.fields)?;
            check_named_kinds(procedure, &document.kinds)?;
            if by_code.insert(procedure.code.clone(), at).is_some() {
                return Err(CatalogueFault::Twice(procedure.code.clone()));
            }
        }
        let search = WordSearch::new(document.procedures.iter().enumerate().map(|(at, it)| (at, titles(it))));
        Ok(Self { document, by_code, search })
    }

    /// The catalogue that is shipped.
    pub fn embedded() -> Result<Self, CatalogueFault> {
        Self::parse(include_str!("../../fixtures/procedures/catalogue.json"))
    }

    /// The version of the data.
    pub fn version(&self) -> &str {
        &self.document.version
    }

    /// The day on which the data was collected.
    pub fn as_of(&self) -> Date {
        self.document.as_of
    }

    /// The fields, in the order in which a kiosk shows them.
    pub fn fields(&self) -> &[Field] {
        &self.document.fields
    }

    /// A field by its id.
    pub fn field(&self, id: &str) -> Option<&Field> {
        self.document.fields.iter().find(|field| field.id == id)
    }

    /// The kinds of papers that several procedures know.
    pub fn kinds(&self) -> &[PaperKind] {
        &self.document.kinds
    }

    /// A kind of paper by its id.
    pub fn kind(&self, id: &str) -> Option<&PaperKind> {
        self.document.kinds.iter().find(|kind| kind.id == id)
    }

    /// All procedures: what people come for most first, then by code.
    pub fn procedures(&self) -> &[Procedure] {
        &self.document.procedures
    }

    /// A procedure by its code.
    pub fn get(&self, code: &ProcedureCode) -> Option<&Procedure> {
        self.by_code.get(code).map(|&at| &self.document.procedures[at])
    }

    /// The procedures of a field, in the order of [`Catalogue::procedures`].
    pub fn in_field<'a>(&'a self, field: &'a str) -> impl Iterator<Item = &'a Procedure> {
        self.document.procedures.iter().filter(move |procedure| procedure.field == field)
    }

    /// The procedures whose code or name in either language has words beginning with each of `words`; best first, and all
    /// of them where no words are given.
    pub fn search(&self, words: &str) -> Vec<&Procedure> {
        self.search.find(words).into_iter().map(|&at| &self.document.procedures[at]).collect()
    }
}

fn titles(procedure: &Procedure) -> Vec<String> {
    // A code is found by both of its halves, and when it is typed without its point.
    let code = procedure.code.as_str();
    let mut titles = vec![procedure.name_vi.clone(), code.to_owned(), code.replace('.', "")];
    titles.extend(procedure.name_en.clone());
    titles
}

fn check_fields(document: &Document) -> Result<(), CatalogueFault> {
    let mut seen = BTreeSet::new();
    match document.fields.iter().find(|field| !seen.insert(&field.id)) {
        Some(twice) => Err(CatalogueFault::FieldTwice(twice.id.clone())),
        None => Ok(()),
    }
}

fn check_kinds(kinds: &[PaperKind]) -> Result<(), CatalogueFault> {
    let mut seen = BTreeSet::new();
    if let Some(twice) = kinds.iter().find(|kind| !seen.insert(&kind.id)) {
        return Err(CatalogueFault::KindTwice(twice.id.clone()));
    }
    match kinds.iter().find(|kind| kind.validity.value() == Some(&Validity::Months { months: 0 })) {
        Some(wrong) => Err(CatalogueFault::Validity(wrong.id.clone())),
        None => Ok(()),
    }
}

fn check_named_kinds(procedure: &Procedure, kinds: &[PaperKind]) -> Result<(), CatalogueFault> {
    let papers = procedure.papers.value().map_or(&[][..], Vec::as_slice);
    let mut named = papers.iter().filter_map(|paper| paper.kind.as_ref()).chain(&procedure.result);
    match named.find(|id| kinds.iter().all(|kind| kind.id != **id)) {
        Some(kind) => Err(CatalogueFault::NoKind { code: procedure.code.clone(), kind: kind.clone() }),
        None => Ok(()),
    }
}

fn check_procedure(procedure: &Procedure, fields: &[Field]) -> Result<(), CatalogueFault> {
    let code = || procedure.code.clone();
    if !is_code(procedure.code.as_str()) {
        return Err(CatalogueFault::Code(code()));
    }
    if !fields.iter().any(|field| field.id == procedure.field) {
        return Err(CatalogueFault::NoField { code: code(), field: procedure.field.clone() });
    }
    let name = procedure.name_vi.as_str();
    if name.trim().is_empty() || crate::words::nfc(name) != name {
        return Err(CatalogueFault::Name(code()));
    }
    let limits = procedure.limit_cases.iter().map(|case| &case.limit);
    if limits.chain([&procedure.time_limit]).filter_map(Known::value).any(|&limit| is_empty(limit)) {
        return Err(CatalogueFault::Limit(code()));
    }
    if procedure.fee.value().is_some_and(has_negative) {
        return Err(CatalogueFault::Fee(code()));
    }
    check_papers(procedure)
}

fn check_papers(procedure: &Procedure) -> Result<(), CatalogueFault> {
    let mut seen = BTreeSet::new();
    let papers = procedure.papers.value().map_or(&[][..], Vec::as_slice);
    match papers.iter().find(|paper| paper.id.is_empty() || !seen.insert(&paper.id)) {
        Some(wrong) => {
            let (code, paper) = (procedure.code.clone(), wrong.id.clone());
            Err(CatalogueFault::Paper { code, paper })
        }
        None => Ok(()),
    }
}

/// `D.DDDDDD`.
fn is_code(text: &str) -> bool {
    let digits = |part: &str| part.bytes().all(|c| c.is_ascii_digit());
    text.split_once('.')
        .is_some_and(|(group, number)| group.len() == 1 && number.len() == 6 && digits(group) && digits(number))
}

fn is_empty(limit: TimeLimit) -> bool {
    match limit {
        TimeLimit::WorkingHours { hours } => hours == 0,
        TimeLimit::WorkingDays { days } | TimeLimit::CalendarDays { days } => days == 0,
        TimeLimit::Instant { .. } | TimeLimit::None => false,
    }
}

fn has_negative(fee: &Fee) -> bool {
    fee.0.iter().any(|rate| match rate.rule {
        FeeRule::Free => false,
        FeeRule::Flat { amount } | FeeRule::PerCopy { amount } => amount.0 < 0,
        FeeRule::PerPage { first_rate, further_rate, cap_per_copy, .. } => {
            first_rate.0 < 0 || further_rate.0 < 0 || cap_per_copy.0 < 0
        }
    })
}
