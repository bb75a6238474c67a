//! A counter that begins with dossiers in its log, searched while it reads them and after.

use crate::bridge;
use crate::clock::{Clock, MachineClock};
use crate::core::{Station, lock};
use argon2::Argon2;
use argon2::password_hash::PasswordHasher;
use intake::event::{Draft, Scope, Subject};
use intake::fact::{CodeGiven, DossierAccepted, OfficerAppointed};
use intake::ids::{DossierId, IntentId, OfficerId, SiteCode, VisitId};
use intake::moment::Moment;
use intake::person::{Account, Contact, Evidence, Identity, Personal};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, Instant};
use sync::store::{NewStation, Store};
use tempfile::TempDir;
use uuid::Uuid;

const DOSSIERS: u64 = 300;
const PIN: &str = "246810";
const SITE: &str = "00004";
const PATIENCE: Duration = Duration::from_secs(60);
const CONFIG: &str = r#"
[station]
role = "counter"
label = "Q3"
name = "Quầy 3"
site = "00004"
site_name = { vi = "Ba Đình", en = "Ba Dinh" }
parent_name = { vi = "Hà Nội", en = "Hanoi" }
agency = "H26.112.00"
desk = "3"
zone = { vi = "Khu A", en = "Zone A" }
place = "Hà Nội"
hotline = "1022"
"#;

/// A counter that opened a log with dossiers, an officer signed in.
struct Counter {
    station: Station,
    _folder: TempDir,
}

impl Counter {
    fn open() -> Self {
        let folder = TempDir::new().unwrap();
        let clock = Arc::new(MachineClock::default());
        let mut store =
            Store::create(folder.path(), NewStation::centre("Quầy 3", SiteCode::new(SITE)).unwrap()).unwrap();
        let now = clock.now();
        let drafts = std::iter::once(account()).chain((0..DOSSIERS).map(|no| dossier(no, now)));
        store.append(now, None, drafts.collect(), vec![], &[]).unwrap();
        drop(store);
        std::fs::write(folder.path().join("station.toml"), CONFIG).unwrap();
        let counter = Self { station: Station::open(folder.path(), clock).unwrap(), _folder: folder };
        counter.must("counter_sign_in", &json!({ "officer": "demo", "pin": PIN }));
        counter
    }

    fn must(&self, name: &str, arguments: &Value) -> Value {
        bridge::call(&self.station, name, arguments).unwrap()
    }

    /// How many fit, and how many names were still to be read.
    fn search(&self, words: &str) -> (u64, u64) {
        let list = self.must("counter_dossiers", &json!({ "words": words }));
        (list["found"].as_u64().unwrap(), list["still_reading"].as_u64().unwrap())
    }

    /// How many fit once everything is read.
    fn found(&self, words: &str) -> u64 {
        let begun = Instant::now();
        loop {
            match self.search(words) {
                (found, 0) => return found,
                (_, still) => assert!(begun.elapsed() < PATIENCE, "{still} are still to be read"),
            }
        }
    }
}

impl Drop for Counter {
    fn drop(&mut self) {
        self.station.stop();
    }
}

fn account() -> Draft {
    let officer = OfficerId::new("demo");
    let pin_hash = Argon2::default().hash_password(PIN.as_bytes()).unwrap().to_string();
    let account = Account { officer: officer.clone(), name: "Cán bộ".into(), pin_hash };
    Draft {
        subject: Subject::Officer(officer),
        fact: OfficerAppointed { site: SiteCode::new(SITE), roles: vec!["counter".into()] }.into(),
        personal: Some(Personal { account: Some(account), ..Personal::default() }),
        scopes: vec![Scope::site(&SiteCode::new(SITE))],
    }
}

fn id(kind: u128, no: u64) -> Uuid {
    Uuid::from_u128(kind << 96 | u128::from(no))
}

fn dossier(no: u64, at: Moment) -> Draft {
    let accepted = DossierAccepted {
        intent: IntentId(id(1, no)),
        visit: VisitId(id(2, no)),
        procedure: "1.004873".into(),
        agency: "H26.112.00".into(),
        site: SiteCode::new(SITE),
        desk: "3".into(),
        authority: None,
        code: CodeGiven::Temporary { code: format!("TẠM-Q3-261201-{no:06}") },
        papers: vec![],
        sets: 1,
        at,
        due: None,
        calendar: "hanoi".into(),
        fee: None,
        fee_paid: false,
        slip: None,
        registered: false,
    };
    let identity = Identity {
        number: format!("001099{no:06}"),
        old_number: None,
        name: if no == 0 { "Nguyễn Thị Đào" } else { "Trần Văn Mẫu" }.into(),
        birth: "1999-02-15".into(),
        sex: "Nữ".into(),
        residence: "Số 1 Phố Mẫu, phường Ba Đình, Hà Nội".into(),
        issued: None,
        extra: vec![],
        evidence: Evidence::Typed,
        warnings: vec![],
    };
    let contact = Contact { phone: format!("0912{no:06}"), email: String::new() };
    Draft {
        subject: Subject::Dossier(DossierId(id(3, no))),
        fact: accepted.into(),
        personal: Some(Personal { identity: Some(identity), contact: Some(contact), ..Personal::default() }),
        scopes: vec![Scope::site(&SiteCode::new(SITE))],
    }
}

#[test]
fn a_search_waits_for_no_name_and_says_how_many_it_may_have_missed() {
    let counter = Counter::open();
    // While the store is held nobody can be read, and what is known is found all the same.
    let held = lock(&counter.station.store);
    assert_eq!(counter.station.find_dossiers("261201-000007").len(), 1, "codes are known from the start");
    drop(held);
    let everybody = DOSSIERS - 1;
    let begun = Instant::now();
    loop {
        let (found, still) = counter.search("mau");
        assert!(found <= everybody && found + still >= everybody, "{found} found, {still} still to be read");
        if still == 0 {
            break;
        }
        assert!(begun.elapsed() < PATIENCE, "{still} are still to be read");
    }
    assert_eq!((counter.search("mau"), counter.search("dao nguyen")), ((everybody, 0), (1, 0)));
    assert_eq!((counter.search("001099000042"), counter.search("0912 000 042")), ((1, 0), (1, 0)));
}

#[test]
fn an_amended_person_is_found_by_the_new_name_only() {
    let counter = Counter::open();
    assert_eq!(counter.found("dao"), 1);
    let dossier = id(3, 0).to_string();
    let view = counter.must("counter_amend_view", &json!({ "dossier": dossier }));
    let mut applicant = view["applicant"].clone();
    applicant["name"] = "Nguyễn Thị Quỳnh".into();
    let ask = json!({
        "applicant": applicant, "papers": view["papers"], "sets": view["sets"],
        "authority": view["authority"]["found"], "reason": "Ghi sai tên.",
    });
    counter.must("counter_amend", &json!({ "dossier": dossier, "ask": ask }));
    assert_eq!(counter.search("dao").0, 0, "the old name is gone before the new one is read");
    assert_eq!((counter.found("quynh"), counter.found("dao")), (1, 0));
}

#[test]
fn a_forgotten_person_is_not_found() {
    let counter = Counter::open();
    assert_eq!(counter.found("dao"), 1);
    let subject = Subject::Dossier(DossierId(id(3, 0)));
    let officer = Some(OfficerId::new("demo"));
    lock(&counter.station.store).forget(counter.station.now(), officer, &subject, "QĐ 1/2026").unwrap();
    counter.station.catch_up();
    assert_eq!((counter.search("dao").0, counter.search("001099000000").0), (0, 0));
    assert_eq!(counter.found("261201-000000"), 1, "the dossier itself stays");
}

#[test]
fn who_comes_is_found_by_code_at_once_and_then_by_name() {
    let counter = Counter::open();
    let mut new = dossier(DOSSIERS, counter.station.now());
    if let Some(identity) = new.personal.as_mut().and_then(|personal| personal.identity.as_mut()) {
        identity.name = "Bùi Thị Ước".into();
    }
    counter.station.write_one(&OfficerId::new("demo"), new).unwrap();
    assert_eq!(counter.search("261201-000300").0, 1);
    assert_eq!(counter.found("uoc"), 1);
}
