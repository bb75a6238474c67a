//! A hall for trials: decides, stamps and folds, as a station's loop does with a disk beneath.

use intake::calendar::Calendars;
use intake::catalogue::Catalogue;
use intake::code::Templates;
use intake::decide::{Answer, Effect, Here, Input, Refused, decide};
use intake::event::{Draft, Event, Hlc, Scope, Subject};
use intake::fact::CodesLeased;
use intake::ids::{AgencyCode, Desk, EventId, Incarnation, LeaseId, SiteCode, StationId};
use intake::jurisdiction::Authorities;
use intake::moment::Moment;
use intake::person::{Evidence, Identity};
use intake::queue::QueueRules;
use intake::rules::Workflow;
use intake::state::State;
use jiff::civil::date;
use std::sync::{Arc, OnceLock};
use uuid::Uuid;

/// An invented agency: the codes of Hanoi's units are not public.
pub const AGENCY: &str = "H26.112.00";

/// Where decisions of a trial come together.
#[derive(Clone)]
pub struct Hall {
    pub state: State,
    pub events: Vec<Event>,
    pub effects: Vec<Effect>,
    pub now: Moment,
    pub catalogue: Arc<Catalogue>,
    pub dice: u128,
}

/// A moment in November 2026, in Vietnam.
pub fn at(day: i8, hour: i8, minute: i8) -> Moment {
    Moment::from_civil(date(2026, 11, day).at(hour, minute, 0, 0))
}

/// A kiosk with its letter.
pub fn kiosk(prefix: &str) -> Here {
    here(1, "K1", prefix, "")
}

/// A counter with its desk.
pub fn counter(desk: &str) -> Here {
    here(100 + desk.parse::<u128>().unwrap(), &format!("Q{desk}"), "", desk)
}

fn here(station: u128, label: &str, prefix: &str, desk: &str) -> Here {
    static RULES: OnceLock<Here> = OnceLock::new();
    let rules = RULES.get_or_init(shipped).clone();
    Here {
        station: StationId(Uuid::from_u128(station)),
        incarnation: Incarnation(Uuid::from_u128(station << 64 | station)),
        label: label.into(),
        prefix: prefix.into(),
        desk: Desk::new(desk),
        ..rules
    }
}

fn shipped() -> Here {
    Here {
        station: StationId(Uuid::nil()),
        incarnation: Incarnation(Uuid::nil()),
        knows_its_past: true,
        clock_is_right: false,
        label: String::new(),
        site: SiteCode::from("00004"),
        agency: AGENCY.into(),
        prefix: String::new(),
        desk: Desk::new(""),
        calls: vec![],
        catalogue: Arc::new(Catalogue::embedded().unwrap()),
        calendars: Arc::new(Calendars::hanoi().unwrap()),
        authorities: Arc::new(Authorities::embedded().unwrap()),
        workflow: Arc::new(Workflow::embedded().unwrap()),
        templates: Templates::embedded().unwrap(),
        rules: QueueRules::embedded().unwrap(),
    }
}

/// An invented person.
pub fn identity(birth: &str) -> Identity {
    Identity {
        number: "001199000123".into(),
        old_number: None,
        name: "Nguyễn Thị Mẫu".into(),
        birth: birth.into(),
        sex: "Nữ".into(),
        residence: "Số 1 Phố Mẫu, Hà Nội".into(),
        issued: None,
        extra: vec![],
        evidence: Evidence::Qr,
        warnings: vec![],
    }
}

impl Hall {
    /// Monday 23 November 2026, ten o'clock.
    pub fn opens() -> Self {
        Self {
            state: State::default(),
            events: vec![],
            effects: vec![],
            now: at(23, 10, 0),
            catalogue: kiosk("A").catalogue,
            dice: 0,
        }
    }

    /// Decides, writes and folds.
    pub fn does(&mut self, here: &Here, input: Input) -> Result<Answer, Refused> {
        let mut dice = self.dice;
        let mut random = || {
            dice += 1;
            dice
        };
        let decision = decide(&self.state, here, input, self.now, &mut random)?;
        self.dice = dice;
        for draft in decision.drafts {
            self.writes(here.station, draft);
        }
        self.effects.extend(decision.effects);
        Ok(decision.answer)
    }

    /// Writes a fact, as its station would.
    pub fn writes(&mut self, station: StationId, draft: Draft) {
        let at = Hlc::tick(self.state.last_written(station), self.now);
        self.dice += 1;
        let event = Event {
            id: EventId(Uuid::from_u128(self.dice << 64 | station.0.as_u128())),
            at,
            station,
            officer: None,
            subject: draft.subject,
            scopes: draft.scopes,
            has_personal: draft.personal.is_some(),
            fact: draft.fact,
        };
        self.events.push(event.clone());
        self.state.apply(event);
    }

    /// The centre leases numbers to desk 3.
    pub fn leases(&mut self, day: i8, first: u32, count: u32) {
        let lease = CodesLeased {
            agency: AgencyCode::from(AGENCY),
            day: date(2026, 11, day),
            first,
            count,
            to: counter("3").station,
        };
        let draft = Draft {
            subject: Subject::Lease(LeaseId(Uuid::from_u128(u128::from(first)))),
            fact: lease.into(),
            personal: None,
            scopes: vec![Scope::site(&SiteCode::from("00004"))],
        };
        self.writes(StationId(Uuid::from_u128(999)), draft);
    }

    /// Takes in what another hall knows.
    pub fn hears(&mut self, other: &Hall) {
        for event in &other.events {
            self.state.apply(event.clone());
        }
    }
}
