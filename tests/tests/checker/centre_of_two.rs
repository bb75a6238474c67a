//! Evidence of a small centre: a kiosk that gave two numbers, a counter that accepted a dossier, all of it at the centre.

use ed25519_dalek::SigningKey;
use intake::event::{Draft, Event, Scope, Subject};
use intake::fact::{
    CodeGiven, DossierAccepted, Fact, PaperOutcome, PaperReported, SlipMade, TicketCalled, TicketIssued,
};
use intake::ids::{AgencyCode, Desk, DossierId, IntentId, JobId, OfficerId, ProcedureCode, SiteCode, VisitId};
use intake::moment::Moment;
use intake::person::{Evidence, Identity, Personal};
use intake::queue::TicketNumber;
use rusqlite::Connection;
use station::documents::{Language, Party, SlipCode, SlipData, carried_to_text, qr_png, slip_pdf, text_to_carried};
use std::collections::HashSet;
use std::fs;
use std::num::NonZeroU8;
use std::path::Path;
use sync::carried::{self, Carried};
use sync::protocol::{PullAsk, StationRole};
use sync::store::{EnrolKeys, Invitation, NewStation, Store};
use tests::checker::{Verdict, check};
use uuid::Uuid;

const CODE: &str = "H26.112.00-261123-0001";
/// 2026-11-23 09:00 in Vietnam.
const NOW: Moment = Moment(1_795_399_200_000);
/// 2026-11-26 16:30 in Vietnam.
const DUE: Moment = Moment(1_795_685_400_000);

/// A folder of evidence.
pub struct Story {
    folder: tempfile::TempDir,
    first_ticket: String,
}

impl Story {
    /// Evidence of a day on which all went well.
    pub fn new() -> Self {
        Self::told(|_| {})
    }

    /// The same, with something more that the kiosk did.
    pub fn told(more: impl FnOnce(&mut Store)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let machines = tempfile::tempdir().unwrap();
        let mut centre =
            Store::create(machines.path().join("centre"), NewStation::centre("Trung tâm", site()).unwrap()).unwrap();
        let mut kiosk = enrolled(&mut centre, machines.path(), "kiosk", StationRole::Kiosk, &[]);
        let mut counter = enrolled(&mut centre, machines.path(), "counter", StationRole::Counter, &[home()]);
        fs::create_dir_all(folder.path().join("paper")).unwrap();
        fs::create_dir_all(folder.path().join("receipts")).unwrap();

        let tickets: Vec<String> = (1..=2).map(|sequence| give_number(&mut kiosk, sequence)).collect();
        for (no, ticket) in (1..).zip(&tickets) {
            fs::write(folder.path().join(format!("paper/{no}.png")), picture(ticket)).unwrap();
        }
        more(&mut kiosk);
        push(&mut kiosk, &mut centre);
        pull(&mut counter, &mut centre);
        let receipt = receipt(CODE, 0);
        accept(&mut counter, &receipt);
        fs::write(folder.path().join("receipts/1.pdf"), receipt).unwrap();
        push(&mut counter, &mut centre);

        drop((centre, kiosk, counter));
        for (machine, place) in [("centre", "central"), ("kiosk", "stations/kiosk"), ("counter", "stations/counter")] {
            fs::create_dir_all(folder.path().join(place)).unwrap();
            let db = Connection::open(machines.path().join(machine).join("log.db")).unwrap();
            let copy = folder.path().join(place).join("log.db");
            db.execute("VACUUM INTO ?1", [copy.to_str().unwrap()]).unwrap();
        }
        Self { folder, first_ticket: tickets[0].clone() }
    }

    /// The same evidence in another folder.
    pub fn again(&self) -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy_all(self.folder.path(), folder.path());
        Self { folder, first_ticket: self.first_ticket.clone() }
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn verdict(&self) -> Verdict {
        check(self.folder()).unwrap()
    }

    pub fn code(&self) -> &'static str {
        CODE
    }

    pub fn at_centre(&self, sql: &str) {
        run(&self.folder().join("central/log.db"), sql);
    }

    pub fn at_station(&self, station: &str, sql: &str) {
        run(&self.folder().join("stations").join(station).join("log.db"), sql);
    }

    /// Flips a byte of a row at the centre; a negative place counts from the end.
    pub fn flip_at_centre(&self, table: &str, condition: &str, place: isize) {
        let db = Connection::open(self.folder().join("central/log.db")).unwrap();
        let select = format!("SELECT row, bytes FROM {table} WHERE {condition} ORDER BY row LIMIT 1");
        let (row, mut bytes): (i64, Vec<u8>) = db.query_row(&select, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        let place = if place < 0 { bytes.len() - place.unsigned_abs() } else { place.unsigned_abs() };
        bytes[place] ^= 1;
        db.execute(&format!("UPDATE {table} SET bytes = ?1 WHERE row = ?2"), (bytes, row)).unwrap();
    }

    pub fn remove(&self, file: &str) {
        fs::remove_file(self.folder().join(file)).unwrap();
    }

    pub fn copy(&self, from: &str, to: &str) {
        fs::copy(self.folder().join(from), self.folder().join(to)).unwrap();
    }

    pub fn put(&self, file: &str, bytes: &[u8]) {
        fs::write(self.folder().join(file), bytes).unwrap();
    }

    pub fn append(&self, file: &str, bytes: &[u8]) {
        let mut whole = fs::read(self.folder().join(file)).unwrap();
        whole.extend_from_slice(bytes);
        self.put(file, &whole);
    }

    pub fn picture(&self, text: &str) -> Vec<u8> {
        picture(text)
    }

    pub fn receipt(&self, code: &str, later_ms: i64) -> Vec<u8> {
        receipt(code, later_ms)
    }

    /// The first ticket's QR text with the number 9 in it, signed by somebody who is no station.
    pub fn altered_ticket(&self) -> String {
        let carried = Carried::parse(&text_to_carried(&self.first_ticket).unwrap()).unwrap();
        let mut record = carried.record;
        let Fact::TicketIssued(mut issued) = Fact::decode(&record.kind, &record.body) else { panic!("not a ticket") };
        issued.number.sequence = 9;
        record.body = Fact::from(issued).encode();
        let nobody = SigningKey::from_bytes(&[7; 32]);
        carried_to_text(&carried::make(&record.encode(), carried.grant.as_ref(), 0, &nobody).unwrap())
    }
}

/// The kiosk gives its second number once more.
pub fn give_same_number_again(kiosk: &mut Store) {
    let (draft, visit, job) = ticket(2);
    append(kiosk, vec![draft]);
    append(kiosk, vec![reported(visit, job, PaperOutcome::NotPrinted)]);
}

fn give_number(kiosk: &mut Store, sequence: u32) -> String {
    let (draft, visit, job) = ticket(sequence);
    let issued = append(kiosk, vec![draft]);
    append(kiosk, vec![reported(visit, job, PaperOutcome::Confirmed)]);
    carried_to_text(&kiosk.carry(issued[0].id).unwrap())
}

fn ticket(sequence: u32) -> (Draft, VisitId, JobId) {
    let (visit, job) = (VisitId(Uuid::now_v7()), JobId(Uuid::now_v7()));
    let issued = TicketIssued {
        intent: IntentId(Uuid::now_v7()),
        number: TicketNumber { prefix: "A".into(), sequence },
        day: NOW.day(),
        procedure: ProcedureCode::new("1.004873"),
        priority: None,
        language: "vi".into(),
        at: NOW,
        job,
    };
    let personal = Personal { identity: Some(somebody()), ..Personal::default() };
    let mut draft = at_site(Subject::Visit(visit), issued.into());
    draft.personal = Some(personal);
    (draft, visit, job)
}

fn reported(visit: VisitId, job: JobId, outcome: PaperOutcome) -> Draft {
    at_site(Subject::Visit(visit), PaperReported { job, outcome, fault: None }.into())
}

fn accept(counter: &mut Store, receipt: &[u8]) {
    let issued =
        counter.events().unwrap().into_iter().find(|event| matches!(event.fact, Fact::TicketIssued(_))).unwrap();
    let Subject::Visit(visit) = issued.subject else { panic!("a ticket is about a visit") };
    let (dossier, slip, desk) = (Subject::Dossier(DossierId(Uuid::now_v7())), JobId(Uuid::now_v7()), Desk::new("3"));
    let accepted = DossierAccepted {
        intent: IntentId(Uuid::now_v7()),
        visit,
        procedure: ProcedureCode::new("1.004873"),
        agency: agency(),
        site: site(),
        desk: desk.clone(),
        code: CodeGiven::Official { code: CODE.parse().unwrap(), sequence: 1 },
        papers: vec![],
        sets: 1,
        at: NOW,
        due: Some(DUE),
        calendar: "hanoi-2026".into(),
        fee: None,
        fee_paid: false,
        slip: Some(slip),
        registered: false,
        authority: None,
    };
    let made = SlipMade { job: slip, hash: blake3::hash(receipt).to_string(), size: receipt.len() as u64 };
    append(counter, vec![at_site(issued.subject, TicketCalled { desk, at: NOW }.into())]);
    append(counter, vec![at_both(dossier.clone(), accepted.into())]);
    append(counter, vec![at_both(dossier, made.into())]);
}

fn receipt(code: &str, later_ms: i64) -> Vec<u8> {
    let nobody = || Party { name: "Nguyễn Thị Mẫu".into(), ..Party::default() };
    slip_pdf(&SlipData {
        parent_unit: "UBND THÀNH PHỐ HÀ NỘI".into(),
        unit: "UBND PHƯỜNG BA ĐÌNH".into(),
        place: "Hà Nội".into(),
        code: SlipCode::Official(code.into()),
        check: "0A1B".into(),
        received_by: "Quầy 3".into(),
        applicant: nobody(),
        channel: intake::fee::Channel::Direct,
        owner: None,
        procedure_code: "1.004873".into(),
        procedure_name: "Cấp Giấy xác nhận tình trạng hôn nhân".into(),
        papers: vec![],
        sets: 1,
        time_limit: Some("03 ngày làm việc".into()),
        instant: false,
        received_at: NOW,
        due: Some(DUE.plus_ms(later_ms)),
        fee: None,
        fee_paid: false,
        calendar: "hanoi-2026".into(),
        look_up: "1022".into(),
        hotline: "1022".into(),
        result_by: None,
        officer: "Cán bộ mẫu".into(),
        form_set: intake::catalogue::FormSet::Tt03,
        language: Language::Vi,
        reissue: None,
    })
    .unwrap()
}

fn somebody() -> Identity {
    Identity {
        number: "001199000123".into(),
        old_number: None,
        name: "Nguyễn Thị Mẫu".into(),
        birth: "1999-02-15".into(),
        sex: "Nữ".into(),
        residence: "Số 1 Phố Mẫu, Ba Đình, Hà Nội".into(),
        issued: None,
        extra: vec![],
        evidence: Evidence::Qr,
        warnings: vec![],
    }
}

fn enrolled(centre: &mut Store, machines: &Path, name: &str, role: StationRole, reads: &[Scope]) -> Store {
    let invitation = Invitation {
        label: name.into(),
        role,
        site: site(),
        scopes: vec![home(), Scope::agency(&agency())],
        reads: reads.to_vec(),
        expires_at: NOW.plus_ms(60_000),
    };
    let token = centre.invite(&invitation).unwrap();
    let folder = machines.join(name);
    let keys = EnrolKeys::load_or_new(&folder).unwrap();
    let ask = keys.ask(&token, name, role).unwrap();
    let enrolment = centre.enrol(NOW, &ask).unwrap();
    Store::create(folder, NewStation::from_enrolment(keys, enrolment).unwrap()).unwrap()
}

fn push(station: &mut Store, centre: &mut Store) {
    let segments = station.to_push(100, &HashSet::new()).unwrap();
    for taken in centre.take_push(NOW, &segments).unwrap() {
        station.note_receipt(&taken.unwrap().receipt).unwrap();
    }
}

fn pull(station: &mut Store, centre: &mut Store) {
    let scopes = station.card().scopes.clone();
    let heads = station.heads(&scopes).unwrap();
    let ask = PullAsk { heads, scopes, roster: 0, wait_ms: 0, limit_bytes: 1 << 20, receipted: vec![], own: None };
    let answer = centre.pull_answer(NOW, &ask).unwrap();
    station.note_roster(&answer).unwrap();
    for segment in answer.segments {
        station.receive(NOW, &segment.segment.0, &segment.grants).unwrap();
    }
}

fn append(store: &mut Store, drafts: Vec<Draft>) -> Vec<Event> {
    store.append(NOW, Some(OfficerId::new("demo")), drafts, vec![], &[]).unwrap()
}

fn at_site(subject: Subject, fact: Fact) -> Draft {
    Draft { subject, fact, personal: None, scopes: vec![home()] }
}

fn at_both(subject: Subject, fact: Fact) -> Draft {
    Draft { subject, fact, personal: None, scopes: vec![home(), Scope::agency(&agency())] }
}

fn picture(text: &str) -> Vec<u8> {
    qr_png(text, NonZeroU8::new(4).unwrap()).unwrap()
}

fn run(file: &Path, sql: &str) {
    let db = Connection::open(file).unwrap();
    // Whoever tampers with a file is not held back by its rules.
    db.pragma_update(None, "foreign_keys", "OFF").unwrap();
    assert!(db.execute(sql, []).unwrap() > 0, "{sql} changed nothing");
}

fn copy_all(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_all(&entry.path(), &target)
        } else {
            assert!(fs::copy(entry.path(), target).unwrap() > 0)
        }
    }
}

fn site() -> SiteCode {
    SiteCode::new("00004")
}

fn agency() -> AgencyCode {
    AgencyCode::new("H26.112.00")
}

fn home() -> Scope {
    Scope::site(&site())
}
