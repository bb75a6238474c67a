//! Whose working time counts: each agency's table, found by who decides and by the agency's code.

use super::{Announcements, Calendar, CalendarFault, Standing};
use crate::catalogue::Authority;
use crate::ids::AgencyCode;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Which agencies keep a table.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgencyRow {
    /// The kinds of authority that it holds for; empty for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authorities: Vec<Authority>,
    /// The beginning of the agencies' codes, whole parts of it (`H26`, `H26.112`); none for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agencies: Option<String>,
    /// The name of the table.
    pub calendar: String,
    /// How sure it is.
    pub standing: Standing,
    /// Who says so.
    pub source: String,
}

impl AgencyRow {
    fn holds(&self, authority: Option<Authority>, agency: Option<&AgencyCode>) -> bool {
        let by_authority =
            self.authorities.is_empty() || authority.is_some_and(|asked| self.authorities.contains(&asked));
        let by_code =
            self.agencies.as_deref().is_none_or(|head| agency.is_some_and(|code| begins_with(code.as_str(), head)));
        by_authority && by_code
    }
}

/// Whether a code begins with the whole parts of `head`: `H26.112.00` begins with `H26.112` and not with `H26.1`.
fn begins_with(code: &str, head: &str) -> bool {
    code.strip_prefix(head).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// What is wrong with the tables.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CalendarsFault {
    /// One table cannot be used.
    #[error("the calendar {name}: {fault}")]
    Table {
        /// Which.
        name: String,
        /// Why not.
        fault: CalendarFault,
    },
    /// The rows are not the JSON of such rows.
    #[error("which agency keeps which calendar cannot be read: {0}")]
    Unreadable(String),
    /// A row names a table that is not there.
    #[error("no calendar has the name {0}")]
    NoSuchTable(String),
}

/// The working time of all agencies.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Calendars {
    tables: BTreeMap<String, Calendar>,
    rows: Vec<AgencyRow>,
    common: Calendar,
}

/// A table, and whether a row names the agency that asked for it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Found<'a> {
    /// The table.
    pub calendar: &'a Calendar,
    /// Whether a row holds for the agency; otherwise it is the city's, for want of a better one.
    pub is_its_own: bool,
}

impl Calendars {
    /// The tables by name, the rows that say who keeps which, and the table of those that no row names.
    ///
    /// # Errors
    /// A row names a table that is not there, or the rows cannot be read.
    pub fn new(tables: BTreeMap<String, Calendar>, rows_json: &str, common: &str) -> Result<Self, CalendarsFault> {
        let rows: Vec<AgencyRow> =
            serde_json::from_str(rows_json).map_err(|fault| CalendarsFault::Unreadable(fault.to_string()))?;
        let table = |name: &str| tables.get(name).ok_or_else(|| CalendarsFault::NoSuchTable(name.to_owned()));
        rows.iter().try_for_each(|row| table(&row.calendar).map(|_| ()))?;
        let common = table(common)?.clone();
        Ok(Self { tables, rows, common })
    }

    /// Hanoi's.
    ///
    /// # Errors
    /// The data that is built in does not hold together.
    pub fn hanoi() -> Result<Self, CalendarsFault> {
        Self::hanoi_with(Announcements::Ignored)
    }

    /// Hanoi's, with announced holidays counted or not.
    ///
    /// # Errors
    /// The data that is built in does not hold together.
    pub fn hanoi_with(announcements: Announcements) -> Result<Self, CalendarsFault> {
        let files = [
            ("hanoi", include_str!("../../../fixtures/calendars/hanoi.json")),
            ("hanoi-police", include_str!("../../../fixtures/calendars/hanoi-police.json")),
        ];
        let read = |(name, json): (&str, &str)| {
            let table = Calendar::parse(json, announcements);
            let fault = |fault| CalendarsFault::Table { name: name.to_owned(), fault };
            table.map(|table| (name.to_owned(), table)).map_err(fault)
        };
        let tables = files.into_iter().map(read).collect::<Result<_, _>>()?;
        Self::new(tables, include_str!("../../../fixtures/calendars/agencies.json"), "hanoi")
    }

    /// The working time of an agency that decides as `authority`.
    pub fn of(&self, authority: Option<Authority>, agency: Option<&AgencyCode>) -> Found<'_> {
        let row = self.rows.iter().find(|row| row.holds(authority, agency));
        let named = row.and_then(|row| self.tables.get(&row.calendar));
        Found { calendar: named.unwrap_or(&self.common), is_its_own: named.is_some() }
    }

    /// The table of this version, where it is still here.
    pub fn by_version(&self, version: &str) -> Option<&Calendar> {
        self.tables.values().find(|table| table.version() == version)
    }

    /// All tables.
    pub fn all(&self) -> impl Iterator<Item = &Calendar> {
        self.tables.values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> AgencyCode {
        AgencyCode::new(text)
    }

    #[test]
    fn the_police_keep_their_own_hours_and_the_citys_offices_theirs() {
        let hanoi = Calendars::hanoi().unwrap();
        let commune = code("H26.112.00");
        let version = |authority, agency| hanoi.of(authority, agency).calendar.version().to_owned();
        assert!(version(Some(Authority::CommunePolice), Some(&commune)).starts_with("hanoi-police-"));
        assert!(version(Some(Authority::Commune), Some(&commune)).starts_with("hanoi-2"));
        assert!(hanoi.of(None, Some(&commune)).is_its_own);
    }

    #[test]
    fn an_agency_that_no_row_names_gets_the_citys_table_and_is_told() {
        let hanoi = Calendars::hanoi().unwrap();
        for other in ["H48.100.00", "H260.1.00"] {
            let found = hanoi.of(Some(Authority::Commune), Some(&code(other)));
            assert!(!found.is_its_own, "{other}");
            assert!(found.calendar.version().starts_with("hanoi-2"));
        }
        assert!(!hanoi.of(Some(Authority::Commune), None).is_its_own);
    }

    #[test]
    fn a_row_that_names_no_table_is_a_fault() {
        let rows = r#"[{"calendar": "moon", "standing": "assumed", "source": "none"}]"#;
        let made = Calendars::new([("hanoi".to_owned(), Calendar::hanoi().unwrap())].into(), rows, "hanoi");
        assert_eq!(made, Err(CalendarsFault::NoSuchTable("moon".into())));
    }
}
