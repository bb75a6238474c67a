//! Administrative units: the communes and wards of Hanoi and the provinces of the country, since 1/7/2025.

use crate::ids::SiteCode;
use crate::words::{exact_key, search_key, sort_key};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What kind of unit.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnitKind {
    /// Phường.
    Ward,
    /// Xã.
    Commune,
}

impl UnitKind {
    /// In Vietnamese, as it stands before a name.
    pub fn name_vi(self) -> &'static str {
        match self {
            UnitKind::Ward => "phường",
            UnitKind::Commune => "xã",
        }
    }
}

/// A commune or ward.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unit {
    /// Its five-character code; QĐ 19/2025/QĐ-TTg.
    pub code: SiteCode,
    /// What kind.
    pub kind: UnitKind,
    /// Its name, without the kind.
    pub name: String,
}

impl Unit {
    /// The kind and the name: `phường Ba Đình`.
    pub fn full_name(&self) -> String {
        format!("{} {}", self.kind.name_vi(), self.name)
    }
}

/// What kind of province.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProvinceKind {
    /// Thành phố trực thuộc trung ương.
    City,
    /// Tỉnh.
    Province,
}

/// A province or a city of its rank.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Province {
    /// Its two-character code.
    pub code: String,
    /// What kind.
    pub kind: ProvinceKind,
    /// Its name, without the kind.
    pub name: String,
}

/// What is wrong with a list of units.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum UnitsFault {
    /// It is not the CSV of units.
    #[error("not a list of units: {0}")]
    Unreadable(String),
    /// A code has not five (a province: two) digits.
    #[error("not the code of a unit: {0}")]
    Code(String),
    /// A code stands twice.
    #[error("the code {0} stands twice")]
    Twice(String),
}

/// The units that are known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Units {
    units: BTreeMap<SiteCode, Unit>,
    provinces: BTreeMap<String, Province>,
}

impl Units {
    /// Reads communes and wards, and provinces: CSV with the columns `code,kind,name`.
    pub fn parse(units_csv: &str, provinces_csv: &str) -> Result<Self, UnitsFault> {
        let mut units = BTreeMap::new();
        for unit in rows::<Unit>(units_csv)? {
            check_code(unit.code.as_str(), 5)?;
            if let Some(twice) = units.insert(unit.code.clone(), unit) {
                return Err(UnitsFault::Twice(twice.code.to_string()));
            }
        }
        let mut provinces = BTreeMap::new();
        for province in rows::<Province>(provinces_csv)? {
            check_code(&province.code, 2)?;
            if let Some(twice) = provinces.insert(province.code.clone(), province) {
                return Err(UnitsFault::Twice(twice.code));
            }
        }
        Ok(Self { units, provinces })
    }

    /// The lists that are shipped: Hanoi's 126 communes and wards, and the 34 provinces.
    pub fn embedded() -> Result<Self, UnitsFault> {
        Self::parse(include_str!("../../fixtures/units/hanoi.csv"), include_str!("../../fixtures/units/provinces.csv"))
    }

    /// A commune or ward by its code.
    pub fn get(&self, code: &SiteCode) -> Option<&Unit> {
        self.units.get(code)
    }

    /// The communes and wards of a name, with or without its kind, its marks, or the newer placement of its tones. One
    /// that is written just so comes first.
    pub fn by_name(&self, name: &str) -> Vec<&Unit> {
        let (key, exact) = (search_key(name), exact_key(name));
        let fits = |unit: &&Unit| key == search_key(&unit.name) || key == search_key(&unit.full_name());
        let mut found: Vec<&Unit> = self.units.values().filter(fits).collect();
        found.sort_by_key(|unit| exact != exact_key(&unit.name) && exact != exact_key(&unit.full_name()));
        found
    }

    /// All communes and wards, in the order of the Vietnamese alphabet.
    pub fn all(&self) -> Vec<&Unit> {
        let mut all: Vec<&Unit> = self.units.values().collect();
        all.sort_by_cached_key(|unit| sort_key(&unit.name));
        all
    }

    /// A province by its code.
    pub fn province(&self, code: &str) -> Option<&Province> {
        self.provinces.get(code)
    }

    /// All provinces, by code.
    pub fn provinces(&self) -> impl Iterator<Item = &Province> {
        self.provinces.values()
    }
}

fn rows<T: serde::de::DeserializeOwned>(csv: &str) -> Result<Vec<T>, UnitsFault> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let rows: Result<Vec<T>, csv::Error> = reader.deserialize().collect();
    rows.map_err(|fault| UnitsFault::Unreadable(fault.to_string()))
}

fn check_code(code: &str, length: usize) -> Result<(), UnitsFault> {
    let fits = code.len() == length && code.bytes().all(|c| c.is_ascii_digit());
    if fits { Ok(()) } else { Err(UnitsFault::Code(code.to_owned())) }
}
