//! What an event is: a fact in the past tense, who did it, what it is about, and when.

use crate::fact::Fact;
use crate::ids::{AgencyCode, DossierId, EventId, LeaseId, OfficerId, SiteCode, StationId, VisitId};
use crate::moment::Moment;
use crate::person::Personal;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A hybrid logical clock: 48 bits of wall-clock milliseconds, 16 bits of counter. It never goes back.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Hlc(pub u64);

impl Hlc {
    /// The clock's next reading after `previous`, at the wall time `now`.
    ///
    /// A wall clock that was set back leaves the milliseconds where they were and counts on.
    pub fn tick(previous: Hlc, now: Moment) -> Hlc {
        let wall = (now.0.max(0) as u64) << 16;
        Hlc(wall.max(previous.0.saturating_add(1)))
    }

    /// The milliseconds of this reading.
    pub fn wall(self) -> Moment {
        Moment((self.0 >> 16) as i64)
    }
}

/// Whom an event concerns: a place or an authority. The group of its readers has the same name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Scope(pub String);

impl Scope {
    /// The scope of what happens at a site: `site:00004`.
    pub fn site(site: &SiteCode) -> Self {
        Self(format!("site:{site}"))
    }

    /// The scope of what an authority must decide: `agency:H26.112.00`.
    pub fn agency(agency: &AgencyCode) -> Self {
        Self(format!("agency:{agency}"))
    }

    /// The scope of what one branch agent takes in: `agent:` and the station's id. Nobody else works in it.
    pub fn agent(station: StationId) -> Self {
        Self(format!("agent:{station}"))
    }

    /// Is it an authority's?
    pub fn is_agency(&self) -> bool {
        self.0.starts_with("agency:")
    }

    /// Is it a branch agent's?
    pub fn is_agent(&self) -> bool {
        self.0.starts_with("agent:")
    }

    /// The scope's name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What an event is about. State is folded a subject at a time.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Subject {
    /// A citizen's stay.
    Visit(VisitId),
    /// A dossier.
    Dossier(DossierId),
    /// A lease of dossier numbers.
    Lease(LeaseId),
    /// A station's own affairs (clock, devices).
    Station(StationId),
    /// An officer's account and shifts.
    Officer(OfficerId),
    /// A setting that the centre publishes.
    Setting(String),
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Subject::Visit(id) => write!(f, "visit:{id}"),
            Subject::Dossier(id) => write!(f, "dossier:{id}"),
            Subject::Lease(id) => write!(f, "lease:{id}"),
            Subject::Station(id) => write!(f, "station:{id}"),
            Subject::Officer(id) => write!(f, "officer:{id}"),
            Subject::Setting(name) => write!(f, "setting:{name}"),
        }
    }
}

/// A subject's text that names no kind of subject that we know.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not a subject: {0}")]
pub struct NotASubject(pub String);

impl FromStr for Subject {
    type Err = NotASubject;

    fn from_str(text: &str) -> Result<Self, NotASubject> {
        let fault = || NotASubject(text.to_owned());
        let (kind, id) = text.split_once(':').ok_or_else(fault)?;
        match kind {
            "visit" => id.parse().map(Subject::Visit).map_err(|_| fault()),
            "dossier" => id.parse().map(Subject::Dossier).map_err(|_| fault()),
            "lease" => id.parse().map(Subject::Lease).map_err(|_| fault()),
            "station" => id.parse().map(Subject::Station).map_err(|_| fault()),
            "officer" => Ok(Subject::Officer(OfficerId::new(id))),
            "setting" => Ok(Subject::Setting(id.to_owned())),
            _ => Err(fault()),
        }
    }
}

/// A fact that has been decided and not yet been written: the log gives it an id, a time and a place.
#[derive(Clone, PartialEq, Debug)]
pub struct Draft {
    /// What it is about.
    pub subject: Subject,
    /// The open part.
    pub fact: Fact,
    /// The part that is sealed.
    pub personal: Option<Personal>,
    /// Where it stands; the first is its home.
    pub scopes: Vec<Scope>,
}

/// A fact in the log.
#[derive(Clone, PartialEq, Debug)]
pub struct Event {
    /// Its id, the same in every stream.
    pub id: EventId,
    /// When, by the writer's hybrid logical clock.
    pub at: Hlc,
    /// The station that wrote it.
    pub station: StationId,
    /// The officer who did it, where one did.
    pub officer: Option<OfficerId>,
    /// What it is about.
    pub subject: Subject,
    /// Where it stands; the first is its home.
    pub scopes: Vec<Scope>,
    /// The open part.
    pub fact: Fact,
    /// Whether it has a sealed part.
    pub has_personal: bool,
}

impl Event {
    /// The order in which every machine folds, whatever the order of arrival.
    pub fn order(&self) -> (Hlc, StationId, EventId) {
        (self.at, self.station, self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_clock_set_back_a_day_counts_on() {
        let noon = Moment(1_795_410_000_000);
        let before = Hlc::tick(Hlc::default(), noon);
        let after = Hlc::tick(before, noon.plus_ms(-86_400_000));
        assert!(after > before);
        assert_eq!(after.wall(), noon);
    }

    #[test]
    fn more_events_in_a_millisecond_than_the_counter_counts_go_on_into_the_next() {
        let noon = Moment(1_795_410_000_000);
        let first = Hlc::tick(Hlc::default(), noon);
        let full = (1..1 << 16).fold(first, |clock, _| Hlc::tick(clock, noon));
        assert_eq!(full.wall(), noon);
        let over = Hlc::tick(full, noon);
        assert!(over > full);
        assert_eq!(over.wall(), noon.plus_ms(1));
        // The wall clock catches up, and no reading is given twice.
        let after = Hlc::tick(over, noon.plus_ms(1));
        assert!(after > over);
    }

    #[test]
    fn the_order_holds_across_midnight_a_month_and_clocks_set_to_and_fro() {
        let late = Moment(1_795_453_199_999);
        let steps = [0, 1, 2_000, -7_200_000, 31 * 86_400_000, 86_400_000, 32 * 86_400_000];
        let days: Vec<_> = [0, 1].map(|ms| late.plus_ms(ms).day().to_string()).into();
        assert_eq!(days, ["2026-11-23", "2026-11-24"], "the day turns at midnight in Vietnam");
        let readings: Vec<Hlc> = steps
            .iter()
            .scan(Hlc::default(), |clock, ms| {
                *clock = Hlc::tick(*clock, late.plus_ms(*ms));
                Some(*clock)
            })
            .collect();
        assert!(readings.windows(2).all(|pair| pair[0] < pair[1]), "{readings:?}");
    }

    #[test]
    fn subjects_print_and_parse() {
        for subject in [
            Subject::Visit(VisitId(Uuid::from_u128(7))),
            Subject::Officer(OfficerId::new("demo")),
            Subject::Setting("calendar:vn".into()),
        ] {
            assert_eq!(subject.to_string().parse::<Subject>(), Ok(subject));
        }
        assert!("tomato:1".parse::<Subject>().is_err());
    }
}
