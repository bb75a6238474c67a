//! A centre and its stations on temporary folders, and what they write.

use intake::event::{Draft, Scope, Subject};
use intake::fact::{Fact, TicketCalled, TicketIssued};
use intake::ids::{Desk, IntentId, JobId, ProcedureCode, SiteCode, VisitId};
use intake::moment::Moment;
use intake::person::{Evidence, Identity, Personal};
use intake::queue::TicketNumber;
use std::path::Path;
use std::sync::Mutex;
use sync::checkpoint::Checkpoint;
use sync::protocol::*;
use sync::store::{Accepted, EnrolKeys, Invitation, NewStation, Store};
use sync::stream::Heads;
use sync::{CentreFault, ReceiveFault};
use tempfile::TempDir;
use uuid::Uuid;

/// Noon of 23 November 2026 in Vietnam.
pub const NOON: Moment = Moment(1_795_410_000_000);

pub struct Seat {
    pub dir: TempDir,
    pub store: Mutex<Store>,
}

impl Seat {
    pub fn store(&self) -> std::sync::MutexGuard<'_, Store> {
        self.store.lock().unwrap()
    }

    /// Closes the store and gives the folder.
    pub fn close(self) -> TempDir {
        self.dir
    }
}

pub fn site() -> Scope {
    Scope::site(&SiteCode::new("00004"))
}

pub fn agency() -> Scope {
    Scope("agency:H26.112.00".into())
}

pub fn new_centre() -> Seat {
    let dir = TempDir::new().unwrap();
    let new = NewStation::centre("Trung tâm", SiteCode::new("00000")).unwrap();
    let store = Mutex::new(Store::create(dir.path(), new).unwrap());
    Seat { dir, store }
}

pub fn enrol(centre: &Seat, role: StationRole) -> Seat {
    let dir = TempDir::new().unwrap();
    let store = Mutex::new(enrol_in(centre, role, dir.path()));
    Seat { dir, store }
}

pub fn enrol_in(centre: &Seat, role: StationRole, dir: &Path) -> Store {
    let token = centre.store().invite(&invitation(role)).unwrap();
    let keys = EnrolKeys::load_or_new(dir).unwrap();
    let ask = keys.ask(&token, "", role).unwrap();
    let enrolment = centre.store().enrol(NOON, &ask).unwrap();
    Store::create(dir, NewStation::from_enrolment(keys, enrolment).unwrap()).unwrap()
}

pub fn invitation(role: StationRole) -> Invitation {
    let reads = if role == StationRole::Kiosk { vec![] } else { vec![site()] };
    let expires_at = NOON.plus_ms(3_600_000);
    let (label, site_code) = (format!("{role:?}"), SiteCode::new("00004"));
    Invitation { label, role, site: site_code, scopes: vec![site()], reads, expires_at }
}

pub fn visit(number: u32) -> VisitId {
    VisitId(Uuid::from_u128(0xA000_0000 + u128::from(number)))
}

pub fn ticket(number: u32) -> Draft {
    let intent = IntentId(Uuid::from_u128(0xB000_0000 + u128::from(number)));
    let fact = TicketIssued {
        intent,
        number: TicketNumber { prefix: "A".into(), sequence: number },
        day: NOON.day(),
        procedure: ProcedureCode::new("1.004873"),
        priority: None,
        language: "vi".into(),
        at: NOON,
        job: JobId(Uuid::from_u128(0xC000_0000 + u128::from(number))),
    };
    Draft { subject: Subject::Visit(visit(number)), fact: fact.into(), personal: Some(someone()), scopes: vec![site()] }
}

pub fn called(number: u32, desk: &str) -> Draft {
    let fact = TicketCalled { desk: Desk::new(desk), at: NOON };
    Draft { subject: Subject::Visit(visit(number)), fact: Fact::from(fact), personal: None, scopes: vec![site()] }
}

pub fn someone() -> Personal {
    let identity = Identity {
        number: "001199000123".into(),
        old_number: Some("012345678".into()),
        name: "Nguyễn Thị Mẫu".into(),
        birth: "1999-02-15".into(),
        sex: "Nữ".into(),
        residence: "Số 1 Phố Mẫu, Hàng Trống, Hoàn Kiếm, Hà Nội".into(),
        issued: Some("2021-05-10".into()),
        extra: vec![],
        evidence: Evidence::Qr,
        warnings: vec![],
    };
    Personal { identity: Some(identity), ..Personal::default() }
}

/// The centre's service without a network: the same store calls, for one station.
pub struct Direct<'a> {
    pub centre: &'a Seat,
    /// The service answers a push only after so many were taken and their answers lost.
    pub lose_answers: Mutex<u32>,
}

impl<'a> Direct<'a> {
    pub fn new(centre: &'a Seat) -> Self {
        Self { centre, lose_answers: Mutex::new(0) }
    }
}

impl Centre for Direct<'_> {
    fn enrol(&self, ask: &EnrolAsk) -> Result<Enrolment, CentreFault> {
        self.centre.store().enrol(NOON, ask).map_err(fault)
    }
    fn heads(&self, scopes: &[Scope]) -> Result<Heads, CentreFault> {
        self.centre.store().heads(scopes).map_err(|it| fault(it.into()))
    }
    fn push(&self, segments: &[SegmentWithGrants]) -> Result<Vec<SegmentOutcome>, CentreFault> {
        let taken = self.centre.store().take_push(NOON, segments).map_err(|it| fault(it.into()))?;
        let mut lose = self.lose_answers.lock().unwrap();
        if *lose > 0 {
            *lose -= 1;
            return Err(CentreFault::Unreachable("the answer was lost".into()));
        }
        let outcome = |taken: Result<Accepted, _>| match taken {
            Ok(Accepted { receipt, .. }) => SegmentOutcome::Receipt(receipt),
            Err(refusal) => SegmentOutcome::Refused(refusal),
        };
        Ok(taken.into_iter().map(outcome).collect())
    }
    fn pull(&self, ask: &PullAsk) -> Result<PullAnswer, CentreFault> {
        self.centre.store().pull_answer(NOON, ask).map_err(|it| fault(it.into()))
    }
    fn lease(&self, _: &LeaseAsk) -> Result<(), CentreFault> {
        Err(CentreFault::Busy { retry_after_ms: 1 })
    }
    fn checkpoint(&self, checkpoint: &Checkpoint) -> Result<Checkpoint, CentreFault> {
        self.centre.store().countersign(checkpoint).map_err(fault)
    }
    fn public_state(&self, _: &str) -> Result<Option<PublicState>, CentreFault> {
        Ok(None)
    }
}

/// A centre with somebody on the way who changes its answers.
pub struct Between<'a> {
    pub inner: Direct<'a>,
    pub pull: &'a dyn Fn(PullAnswer) -> PullAnswer,
    pub push: &'a dyn Fn(Vec<SegmentOutcome>) -> Vec<SegmentOutcome>,
}

impl<'a> Between<'a> {
    /// One who changes nothing yet.
    pub fn new(centre: &'a Seat) -> Self {
        Self { inner: Direct::new(centre), pull: &|answer| answer, push: &|outcomes| outcomes }
    }
}

impl Centre for Between<'_> {
    fn enrol(&self, ask: &EnrolAsk) -> Result<Enrolment, CentreFault> {
        self.inner.enrol(ask)
    }
    fn heads(&self, scopes: &[Scope]) -> Result<Heads, CentreFault> {
        self.inner.heads(scopes)
    }
    fn push(&self, segments: &[SegmentWithGrants]) -> Result<Vec<SegmentOutcome>, CentreFault> {
        self.inner.push(segments).map(self.push)
    }
    fn pull(&self, ask: &PullAsk) -> Result<PullAnswer, CentreFault> {
        self.inner.pull(ask).map(self.pull)
    }
    fn lease(&self, ask: &LeaseAsk) -> Result<(), CentreFault> {
        self.inner.lease(ask)
    }
    fn checkpoint(&self, checkpoint: &Checkpoint) -> Result<Checkpoint, CentreFault> {
        self.inner.checkpoint(checkpoint)
    }
    fn public_state(&self, code: &str) -> Result<Option<PublicState>, CentreFault> {
        self.inner.public_state(code)
    }
}

fn fault(fault: ReceiveFault) -> CentreFault {
    match fault {
        ReceiveFault::Refused(refusal) => CentreFault::Refused(refusal),
        ReceiveFault::Store(_) => CentreFault::Busy { retry_after_ms: 1 },
    }
}

pub fn sync(seat: &Seat, centre: &Seat) -> sync::SyncOutcome {
    sync::engine::sync_once(&seat.store, &Direct::new(centre), &|| NOON).unwrap()
}

pub fn assert_whole(seat: &Seat) {
    let report = seat.store().verify().unwrap();
    assert_eq!(report.difference, None);
}

pub fn views(seat: &Seat) -> sync::wire::Hash {
    seat.store().views_hash().unwrap()
}

/// SQL that gives the blob in `column` with its byte number `at` (from 1, itself SQL) changed, whatever it was.
pub fn changed(column: &str, at: &str) -> String {
    let other = format!("CASE substr({column}, {at}, 1) WHEN x'ff' THEN x'00' ELSE x'ff' END");
    format!("CAST(substr({column}, 1, {at} - 1) || {other} || substr({column}, {at} + 1) AS BLOB)")
}
