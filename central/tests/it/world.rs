//! A centre and its stations, each in a folder of its own.

use central::clock;
use central::http::Limits;
use central::invitation::Guest;
use central::{Handle, Options, serve};
use intake::code::{AgencyDay, CodeTemplate, DossierCode};
use intake::event::{Draft, Event, Scope, Subject};
use intake::fact::{CodeGiven, DossierAccepted, TicketIssued};
use intake::ids::{AgencyCode, DossierId, IntentId, JobId, SiteCode, VisitId};
use intake::moment::Moment;
use intake::person::{Evidence, Identity, Personal};
use intake::queue::TicketNumber;
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use sync::auth::RequestSigner;
use sync::http::HttpCentre;
use sync::protocol::{Centre, Enrolment, StationRole};
use sync::store::{EnrolKeys, NewStation, Store};
use tempfile::TempDir;
use uuid::Uuid;

pub const SITE: &str = "00004";
pub const AGENCY: &str = "H26.112.00";
pub const NAME: &str = "Nguyễn Thị Mẫu";

pub struct World {
    pub dir: TempDir,
    pub handle: Handle,
}

pub struct Station {
    pub dir: PathBuf,
    pub store: Mutex<Store>,
    pub centre: HttpCentre,
}

/// Limits that do not keep a test waiting.
pub fn quick() -> Limits {
    Limits {
        header_wait: Duration::from_millis(400),
        body_wait: Duration::from_millis(400),
        stop_wait: Duration::from_secs(5),
        stranger_burst: 1_000,
        ..Limits::default()
    }
}

pub fn now() -> Moment {
    clock::system()()
}

pub fn site_scope() -> Scope {
    Scope::site(&SITE.into())
}

pub fn agency_scope() -> Scope {
    Scope::agency(&AGENCY.into())
}

pub fn guest(role: StationRole) -> Guest {
    Guest { site: SITE.into(), role, label: format!("{role:?}"), agency: Some(AGENCY.into()) }
}

/// Waits until `ready` gives something.
pub fn wait_for<T>(what: &str, mut ready: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(value) = ready() {
            return value;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "waited too long for {what}");
        std::thread::yield_now();
    }
}

impl World {
    pub fn new() -> Self {
        Self::with(Limits { stranger_burst: 1_000, ..Limits::default() })
    }

    pub fn with(limits: Limits) -> Self {
        Self::run(Options { limits, ..Options::default() })
    }

    pub fn run(options: Options) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let handle = open(&dir, options);
        Self { dir, handle }
    }

    /// Stops the service and starts it again on the same log, at another port.
    pub fn restarted(self) -> Self {
        let Self { dir, handle } = self;
        handle.stop();
        let handle = open(&dir, Options::default());
        Self { dir, handle }
    }

    pub fn stranger(&self) -> HttpCentre {
        HttpCentre::new(&self.handle.url(), Box::new(now))
    }

    pub fn enrol(&self, role: StationRole, name: &str) -> Station {
        self.enrol_as(guest(role), name)
    }

    pub fn enrol_as(&self, guest: Guest, name: &str) -> Station {
        let token = self.handle.service().invite(&guest).unwrap();
        let dir = self.dir.path().join(name);
        let (keys, enrolment) = enrol_at(&self.stranger(), &dir, &token, guest.role).unwrap();
        Station::create(&dir, keys, enrolment, &self.handle.url())
    }
}

fn open(dir: &TempDir, options: Options) -> Handle {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    serve(listener, &crate::place::store(dir.path()), options).unwrap()
}

pub fn enrol_at(
    centre: &HttpCentre,
    dir: &std::path::Path,
    token: &str,
    role: StationRole,
) -> Result<(EnrolKeys, Enrolment), sync::CentreFault> {
    std::fs::create_dir_all(dir).unwrap();
    let keys = EnrolKeys::load_or_new(dir).unwrap();
    let ask = keys.ask(token, "", role).unwrap();
    let enrolment = centre.enrol(&ask)?;
    Ok((keys, enrolment))
}

impl Station {
    pub fn create(dir: &std::path::Path, keys: EnrolKeys, enrolment: Enrolment, url: &str) -> Self {
        let new = NewStation::from_enrolment(keys, enrolment).unwrap();
        let store = Store::create(dir.to_owned(), new).unwrap();
        let centre = HttpCentre::new(url, Box::new(now)).signed(store.signer());
        Self { dir: dir.to_owned(), store: Mutex::new(store), centre }
    }

    pub fn moved_to(&mut self, url: &str) {
        self.centre = HttpCentre::new(url, Box::new(now)).signed(self.signer());
    }

    pub fn signer(&self) -> RequestSigner {
        self.store.lock().unwrap().signer()
    }

    pub fn scopes(&self) -> Vec<Scope> {
        self.store.lock().unwrap().card().scopes.clone()
    }

    pub fn write(&self, drafts: Vec<Draft>) -> Vec<Event> {
        self.store.lock().unwrap().append(now(), None, drafts, vec![], &[]).unwrap()
    }

    /// Pushes and pulls until both sides have all.
    pub fn sync(&self) -> Vec<Event> {
        let mut received = vec![];
        loop {
            let outcome = sync::engine::sync_once(&self.store, &self.centre, &now).unwrap();
            assert!(outcome.refused.is_empty(), "{:?}", outcome.refused);
            received.extend(outcome.received);
            if !outcome.more {
                return received;
            }
        }
    }
}

pub fn ticket(sequence: u32) -> Draft {
    let at = now();
    Draft {
        subject: Subject::Visit(VisitId(Uuid::now_v7())),
        fact: TicketIssued {
            intent: IntentId(Uuid::now_v7()),
            number: TicketNumber { prefix: "A".into(), sequence },
            day: at.day(),
            procedure: "1.004873".into(),
            priority: None,
            language: "vi".into(),
            at,
            job: JobId(Uuid::now_v7()),
        }
        .into(),
        personal: Some(Personal { identity: Some(identity()), ..Personal::default() }),
        scopes: vec![site_scope()],
    }
}

pub fn identity() -> Identity {
    Identity {
        number: "001199000123".into(),
        old_number: None,
        name: NAME.into(),
        birth: "1999-02-15".into(),
        sex: "Nữ".into(),
        residence: "Số 1 Phố Mẫu".into(),
        issued: None,
        extra: vec![],
        evidence: Evidence::Qr,
        warnings: vec![],
    }
}

pub fn code(sequence: u32) -> DossierCode {
    let place = AgencyDay { agency: AgencyCode::new(AGENCY), day: now().day() };
    DossierCode::issue(CodeTemplate::New, &place, sequence).unwrap()
}

pub fn dossier(code: CodeGiven) -> Draft {
    Draft {
        subject: Subject::Dossier(DossierId(Uuid::now_v7())),
        fact: DossierAccepted {
            intent: IntentId(Uuid::now_v7()),
            visit: VisitId(Uuid::now_v7()),
            procedure: "1.004873".into(),
            agency: AGENCY.into(),
            site: SiteCode::new(SITE),
            desk: "3".into(),
            code,
            papers: vec![],
            sets: 1,
            at: now(),
            due: None,
            calendar: "hanoi".into(),
            fee: None,
            fee_paid: false,
            slip: None,
            registered: false,
            authority: None,
        }
        .into(),
        personal: Some(Personal { identity: Some(identity()), ..Personal::default() }),
        scopes: vec![site_scope(), agency_scope()],
    }
}
