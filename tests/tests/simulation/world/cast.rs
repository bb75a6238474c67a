//! Who takes part, and what they know from the first.

use super::World;
use crate::hub::{HUBS, HubNode};
use crate::node::Node;
use intake::calendar::Calendars;
use intake::catalogue::Catalogue;
use intake::code::Templates;
use intake::decide::Here;
use intake::event::Scope;
use intake::ids::{Desk, Incarnation, StationId};
use intake::jurisdiction::Authorities;
use intake::moment::Moment;
use intake::person::{Evidence, Identity};
use intake::queue::QueueRules;
use intake::rules::Workflow;
use intake::state::State;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicI64;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;
use sync::earlier::PEOPLE;
use sync::protocol::StationRole;
use sync::store::{EnrolKeys, Invitation, NewStation, Store};
use uuid::Uuid;

pub(super) const SITE: &str = "00004";
pub(super) const AGENCY: &str = "H26.112.00";
/// A commune elsewhere, and its authority: what is taken in here for them must reach them.
pub(super) const FAR_SITE: &str = "00070";
pub(super) const FAR_AGENCY: &str = "H26.7.00";
/// Who takes part, and for which commune and authority.
pub(super) const CAST: [(StationRole, &str, &str, &str); 6] = [
    (StationRole::Kiosk, "kiosk", SITE, AGENCY),
    (StationRole::Kiosk, "kiosk", SITE, AGENCY),
    (StationRole::Counter, "counter", SITE, AGENCY),
    (StationRole::Counter, "counter", SITE, AGENCY),
    (StationRole::Counter, "far counter", FAR_SITE, FAR_AGENCY),
    (StationRole::Agent, "agent", SITE, AGENCY),
];
/// Personal text that must never be seen where nobody may read it.
pub const MARKER: &str = "Nguyễn Thị Mẫu";
pub(super) const MARKED_NUMBER: &str = "001199000123";
pub(super) const START: Moment = Moment(1_795_410_000_000);

fn shipped() -> Here {
    static RULES: OnceLock<Here> = OnceLock::new();
    let make = || Here {
        station: StationId(Uuid::nil()),
        incarnation: Incarnation(Uuid::nil()),
        knows_its_past: true,
        clock_is_right: false,
        label: String::new(),
        site: SITE.into(),
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
    };
    RULES.get_or_init(make).clone()
}

pub(super) fn someone() -> Identity {
    Identity {
        number: MARKED_NUMBER.into(),
        old_number: None,
        name: MARKER.into(),
        birth: "1999-02-15".into(),
        sex: "Nữ".into(),
        residence: "Số 1 Phố Mẫu, Hà Nội".into(),
        issued: None,
        extra: vec![],
        evidence: Evidence::Qr,
        warnings: vec![],
    }
}

impl World {
    pub(super) fn enrol(&self, centre: &mut Store, at: usize) -> Node {
        let (role, name, site, agency) = CAST[at];
        let (of_site, of_agency) = (Scope::site(&site.into()), Scope::agency(&agency.into()));
        let is_kiosk = role == StationRole::Kiosk;
        let (scopes, reads) = match role {
            StationRole::Kiosk => (vec![of_site], vec![]),
            // Its own scope comes with its identity.
            StationRole::Agent => (vec![of_agency], vec![]),
            _ => (vec![of_site.clone(), of_agency.clone()], vec![of_site, of_agency, Scope(PEOPLE.into())]),
        };
        let label = format!("{name} {at}");
        let expires_at = START.plus_ms(3_600_000);
        let invitation = Invitation { label, role, site: site.into(), scopes, reads, expires_at };
        let dir = self.root.join(format!("s{at}"));
        let token = centre.invite(&invitation).unwrap();
        let keys = EnrolKeys::load_or_new(&dir).unwrap();
        let ask = keys.ask(&token, "", role).unwrap();
        let enrolment = centre.enrol(START, &ask).unwrap();
        let store = Store::create(Node::paths(&dir), NewStation::from_enrolment(keys, enrolment).unwrap()).unwrap();
        let here = Here {
            station: store.station(),
            incarnation: store.incarnation(),
            label: if is_kiosk { format!("K{at}") } else { format!("Q{at}") },
            prefix: if is_kiosk { ["A", "B"][at].into() } else { String::new() },
            desk: Desk::new(if is_kiosk { String::new() } else { at.to_string() }),
            site: site.into(),
            agency: agency.into(),
            ..shipped()
        };
        let mut node = Node {
            name: format!("{name} {at}"),
            dir,
            store: Some(Mutex::new(store)),
            state: State::default(),
            here,
            skew_ms: 0,
            acknowledged: BTreeSet::new(),
            told: BTreeMap::new(),
            role,
            net: Arc::clone(&self.net),
            who: at,
            // An agent's shop, and another commune, are not in the hall.
            hubs: if site == SITE && role != StationRole::Agent { (0..HUBS).collect() } else { vec![] },
            uplink: None,
            row: 0,
        };
        node.connect();
        node
    }

    /// The site's hub in this place, new, with a disk of its own and an identity from the centre.
    pub(super) fn enrol_hub(&self, centre: &mut Store, place: usize) -> HubNode {
        let guest = hub_guest(place);
        let token = centre.invite(&guest.invitation(START).unwrap()).unwrap();
        let dir = self.hub_dir(place);
        let keys = EnrolKeys::load_or_new(&dir).unwrap();
        let enrolment = centre.enrol(START, &keys.ask(&token, "", StationRole::Hub).unwrap()).unwrap();
        let store = Store::create(Node::paths(&dir), NewStation::from_enrolment(keys, enrolment).unwrap()).unwrap();
        HubNode {
            name: guest.label,
            place,
            who: CAST.len() + place,
            dir,
            card: store.card().clone(),
            skew_ms: Arc::new(AtomicI64::new(0)),
            // The one that leads from the first is told by a person to lead again, or takes over late.
            promote_after: Some(Duration::from_secs(if place == 0 { 30 } else { 2 })),
            runs: None,
            is_lost: false,
        }
    }
}

pub(super) fn hub_guest(place: usize) -> central::invitation::Guest {
    let label = ["hub 0", "hub 1"][place].into();
    central::invitation::Guest { site: SITE.into(), role: StationRole::Hub, label, agency: Some(AGENCY.into()) }
}
