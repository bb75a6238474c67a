//! Who decides on a dossier (cơ quan có thẩm quyền giải quyết). Any desk takes any procedure in, whatever the boundary (phi
//! địa giới); the authority follows from the procedure, from the place that counts, and from the table of authorities.

use crate::catalogue::{Authority, Procedure};
use crate::ids::{AgencyCode, SiteCode};
use crate::known::Known;
use crate::units::{Unit, Units};
use crate::words::search_key;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// Whose place says which commune is competent.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// Nobody's: every authority of the kind may decide.
    Anywhere,
    /// Where the applicant lives.
    Residence,
    /// Where the thing is that it is about: land, a dwelling, a business. The officer tells.
    Object,
}

/// An authority: its kind, and its commune where each commune has one. As text `commune:00004`, or `social_insurance`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct AuthorityId {
    kind: Authority,
    unit: Option<SiteCode>,
}

/// A text that names no authority.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not an authority: {0}")]
pub struct NotAnAuthority(pub String);

impl AuthorityId {
    /// The authority of this kind; where each commune has one of its own, that of `unit`.
    pub fn of(kind: Authority, unit: &SiteCode) -> Self {
        Self { kind, unit: kind.is_local().then(|| unit.clone()) }
    }

    /// Its kind.
    pub fn kind(&self) -> Authority {
        self.kind
    }

    /// Its commune or ward.
    pub fn unit(&self) -> Option<&SiteCode> {
        self.unit.as_ref()
    }
}

impl fmt::Display for AuthorityId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.id())?;
        self.unit.as_ref().map_or(Ok(()), |unit| write!(f, ":{unit}"))
    }
}

impl FromStr for AuthorityId {
    type Err = NotAnAuthority;

    fn from_str(text: &str) -> Result<Self, NotAnAuthority> {
        let fault = || NotAnAuthority(text.to_owned());
        let (name, unit) = text.split_once(':').map_or((text, None), |(name, unit)| (name, Some(unit)));
        let kind = Authority::ALL.into_iter().find(|kind| kind.id() == name).ok_or_else(fault)?;
        let is_code = |unit: &str| unit.len() == 5 && unit.bytes().all(|c| c.is_ascii_digit());
        let fits = unit.map_or(!kind.is_local(), |unit| kind.is_local() && is_code(unit));
        if fits { Ok(Self { kind, unit: unit.map(SiteCode::from) }) } else { Err(fault()) }
    }
}

impl TryFrom<String> for AuthorityId {
    type Error = NotAnAuthority;

    fn try_from(text: String) -> Result<Self, NotAnAuthority> {
        text.parse()
    }
}

impl From<AuthorityId> for String {
    fn from(id: AuthorityId) -> Self {
        id.to_string()
    }
}

/// What was found of who decides.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Competence {
    /// It is this one.
    Sure(AuthorityId),
    /// It may be this one: an address names the place without saying that it is a commune, and a former district or a street
    /// may have the same name. The officer looks.
    Perhaps(AuthorityId),
    /// One of this kind; which, the officer tells.
    Ask(Authority),
    /// No source says who decides.
    Unknown,
}

impl Competence {
    /// The authority, where one was found.
    pub fn found(&self) -> Option<&AuthorityId> {
        match self {
            Competence::Sure(id) | Competence::Perhaps(id) => Some(id),
            Competence::Ask(_) | Competence::Unknown => None,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: String,
    authorities: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    authority: AuthorityId,
    agency: Known<AgencyCode>,
}

/// What is wrong with a table of authorities.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AuthoritiesFault {
    /// It is not the JSON of such a table.
    #[error("not a table of authorities: {0}")]
    Unreadable(String),
    /// The city has no such commune.
    #[error("no commune or ward for {0}")]
    NoUnit(AuthorityId),
    /// An authority stands twice.
    #[error("{0} stands twice")]
    Twice(AuthorityId),
    /// The list of units cannot be used.
    #[error(transparent)]
    Units(#[from] crate::units::UnitsFault),
}

/// The authorities of a city: one of each kind, or one of each kind in each commune; and the codes of those that are known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Authorities {
    version: String,
    units: Units,
    agencies: BTreeMap<AuthorityId, Known<AgencyCode>>,
}

impl Authorities {
    /// Reads the table: JSON of the version and of the authorities' electronic identification codes.
    pub fn parse(units: Units, json: &str) -> Result<Self, AuthoritiesFault> {
        let document: Document =
            serde_json::from_str(json).map_err(|fault| AuthoritiesFault::Unreadable(fault.to_string()))?;
        let mut agencies = BTreeMap::new();
        for Row { authority, agency } in document.authorities {
            if authority.unit().is_some_and(|unit| units.get(unit).is_none()) {
                return Err(AuthoritiesFault::NoUnit(authority));
            }
            if agencies.insert(authority.clone(), agency).is_some() {
                return Err(AuthoritiesFault::Twice(authority));
            }
        }
        Ok(Self { version: document.version, units, agencies })
    }

    /// The table that is shipped.
    pub fn embedded() -> Result<Self, AuthoritiesFault> {
        Self::parse(Units::embedded()?, include_str!("../../fixtures/units/authorities.json"))
    }

    /// The version of the table.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The city's communes and wards.
    pub fn units(&self) -> &Units {
        &self.units
    }

    /// The commune or ward of an authority.
    pub fn unit_of(&self, id: &AuthorityId) -> Option<&Unit> {
        id.unit().and_then(|unit| self.units.get(unit))
    }

    /// Whether the city has this authority.
    pub fn has(&self, id: &AuthorityId) -> bool {
        id.unit().is_none_or(|unit| self.units.get(unit).is_some())
    }

    /// The code to which its dossiers are sent, where it is known.
    pub fn agency(&self, id: &AuthorityId) -> Option<&AgencyCode> {
        self.agencies.get(id).and_then(Known::value)
    }

    /// All authorities of a kind, in the order of the Vietnamese alphabet.
    pub fn all(&self, kind: Authority) -> Vec<AuthorityId> {
        if !kind.is_local() {
            return vec![AuthorityId { kind, unit: None }];
        }
        self.units.all().into_iter().map(|unit| AuthorityId::of(kind, &unit.code)).collect()
    }

    /// Who decides on a procedure for somebody who lives at `residence`, taken in at `here`.
    pub fn competent(&self, procedure: &Procedure, residence: &str, here: &SiteCode) -> Competence {
        let Some(kind) = procedure.authority.value().copied() else {
            return Competence::Unknown;
        };
        if !kind.is_local() {
            return Competence::Sure(AuthorityId { kind, unit: None });
        }
        match procedure.place.value() {
            Some(Place::Anywhere) => Competence::Sure(AuthorityId::of(kind, here)),
            Some(Place::Residence) => self.by_residence(kind, residence),
            Some(Place::Object) | None => Competence::Ask(kind),
        }
    }

    /// The commune stands just before the city: `…, phường Ba Đình, thành phố Hà Nội`. Before 1/7/2025 a district stood there,
    /// and cards say it still.
    fn by_residence(&self, kind: Authority, residence: &str) -> Competence {
        let mut parts = residence.split(',').map(str::trim).filter(|part| !part.is_empty()).rev();
        let mut last = parts.next();
        if last.is_some_and(is_city) {
            last = parts.next();
        }
        let found = last.map(|part| self.units.by_name(part)).unwrap_or_default();
        match found.as_slice() {
            [unit] if last.is_some_and(says_its_kind) => Competence::Sure(AuthorityId::of(kind, &unit.code)),
            [unit, ..] => Competence::Perhaps(AuthorityId::of(kind, &unit.code)),
            [] => Competence::Ask(kind),
        }
    }
}

fn is_city(part: &str) -> bool {
    let key = search_key(part);
    key == "ha noi" || key.ends_with(" ha noi")
}

fn says_its_kind(part: &str) -> bool {
    let key = search_key(part);
    key.starts_with("phuong ") || key.starts_with("xa ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Catalogue;

    fn found(code: &str, residence: &str) -> Competence {
        let (authorities, catalogue) = (Authorities::embedded().unwrap(), Catalogue::embedded().unwrap());
        authorities.competent(catalogue.get(&code.into()).unwrap(), residence, &"00004".into())
    }

    fn commune(unit: &str) -> AuthorityId {
        AuthorityId::of(Authority::Commune, &unit.into())
    }

    #[test]
    fn what_every_commune_may_decide_is_decided_where_it_was_taken_in() {
        assert_eq!(found("2.000815", "Số 2, phường Hoàn Kiếm, Hà Nội"), Competence::Sure(commune("00004")));
    }

    #[test]
    fn the_residence_says_which_commune_decides() {
        for address in
            ["Số 2 phố Mẫu, phường Hoàn Kiếm, thành phố Hà Nội", "PHƯỜNG HOÀN KIẾM, TP Hà Nội", "phuong Hoan Kiem"]
        {
            assert_eq!(found("1.004873", address), Competence::Sure(commune("00070")), "{address}");
        }
    }

    #[test]
    fn a_name_that_a_district_had_as_well_is_only_offered() {
        let card = "Số 1 Phố Mẫu, Hàng Trống, Hoàn Kiếm, Hà Nội";
        assert_eq!(found("1.004873", card), Competence::Perhaps(commune("00070")));
    }

    #[test]
    fn what_no_address_tells_is_asked() {
        for address in ["", ",", "Hà Nội", "Số 5, quận Hai Bà Trưng, Hà Nội", "Số 5, xã Không Có, Hà Nội", "Đà Nẵng"]
        {
            assert_eq!(found("1.004873", address), Competence::Ask(Authority::Commune), "{address}");
        }
        // Where the business or the land is stands in no card.
        assert_eq!(found("1.001612", "phường Hoàn Kiếm, Hà Nội"), Competence::Ask(Authority::Commune));
    }

    #[test]
    fn the_citys_one_authority_is_found_without_a_place() {
        let id: AuthorityId = "social_insurance".parse().unwrap();
        assert_eq!(found("1.001613", ""), Competence::Sure(id));
    }

    #[test]
    fn an_id_is_read_as_it_is_written_and_others_are_refused() {
        let authorities = Authorities::embedded().unwrap();
        for kind in Authority::ALL {
            for id in authorities.all(kind) {
                assert_eq!(id.to_string().parse::<AuthorityId>().as_ref(), Ok(&id));
                assert!(authorities.has(&id));
            }
        }
        for bad in [
            "",
            "commune",
            "commune:",
            "commune:4",
            "commune:0000x",
            "social_insurance:00004",
            "king",
            "commune:00004:1",
        ] {
            assert!(bad.parse::<AuthorityId>().is_err(), "{bad}");
        }
        assert!(!authorities.has(&"commune:99999".parse().unwrap()));
    }

    #[test]
    fn a_table_with_a_fault_is_refused_by_name() {
        let units = || Units::embedded().unwrap();
        let row = |id: &str| format!(r#"{{"authority":"{id}","agency":{{"unknown":{{"why":"-"}}}}}}"#);
        let table = |rows: &[String]| format!(r#"{{"version":"1","authorities":[{}]}}"#, rows.join(","));
        let parse = |rows: &[String]| Authorities::parse(units(), &table(rows)).unwrap_err();
        assert!(matches!(parse(&[row("commune:99999")]), AuthoritiesFault::NoUnit(_)));
        assert!(matches!(parse(&[row("commune:00004"), row("commune:00004")]), AuthoritiesFault::Twice(_)));
        assert!(matches!(parse(&[row("commune")]), AuthoritiesFault::Unreadable(_)));
    }
}
