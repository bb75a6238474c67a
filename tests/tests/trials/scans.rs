//! Scans of papers, from a real station to a real centre and back to another counter.

use crate::centre::PATIENCE;
use central::http::Limits;
use central::invitation::Guest;
use central::store_path::StorePath;
use central::{Handle, Options, serve};
use intake::event::{Draft, Scope, Subject};
use intake::fact::{CodeGiven, DossierAccepted, Fact};
use intake::ids::{DossierId, IntentId, OfficerId, SiteCode, VisitId};
use intake::moment::Moment;
use intake::person::{Evidence, Identity, Personal};
use station::Station;
use station::clock::{Clock, MachineClock};
use std::collections::BTreeMap;
use std::io::Cursor;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use sync::HttpCentre;
use sync::blob::BlobId;
use sync::protocol::{Centre as _, StationRole};
use sync::store::{Attachment, EnrolKeys, NewStation, Store};
use tempfile::TempDir;
use tests::fault;
use uuid::Uuid;

const HOUR_MS: i64 = 3_600_000;
const MEGABYTE: u64 = 1 << 20;

/// A centre with counters, all by one clock.
struct World {
    dir: TempDir,
    clock: Arc<MachineClock>,
    handle: Handle,
}

impl World {
    fn with(limits: Limits) -> Self {
        let (dir, clock) = (tempfile::tempdir().unwrap(), Arc::new(MachineClock::default()));
        let time = Arc::clone(&clock);
        // A station that stops lets go of its folder within one pull.
        let limits = Limits { pull_wait: Duration::from_millis(300), ..limits };
        let options = Options { limits, clock: Arc::new(move || time.now()), ..Options::default() };
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let handle = serve(listener, &StorePath::new(dir.path().join("central.db")), options).unwrap();
        Self { dir, clock, handle }
    }

    /// A counter's folder, with a dossier in its log.
    fn counter(&self, desk: &str, attachments: &str) -> (PathBuf, Subject) {
        let guest = Guest {
            site: SiteCode::new("00004"),
            role: StationRole::Counter,
            label: format!("Quầy {desk}"),
            agency: Some("H26.112.00".into()),
        };
        let token = self.handle.service().invite(&guest).unwrap();
        let folder = self.dir.path().join(desk);
        std::fs::create_dir_all(&folder).unwrap();
        let keys = EnrolKeys::load_or_new(&folder).unwrap();
        let clock = Arc::clone(&self.clock);
        let centre = HttpCentre::new(&self.handle.url(), Box::new(move || clock.now()));
        let enrolment = centre.enrol(&keys.ask(&token, "", StationRole::Counter).unwrap()).unwrap();
        let mut store = Store::create(folder.clone(), NewStation::from_enrolment(keys, enrolment).unwrap()).unwrap();
        let written = store.append(self.clock.now(), None, vec![dossier(self.clock.now())], vec![], &[]).unwrap();
        std::fs::write(folder.join("station.toml"), config(desk, &self.handle.url(), attachments)).unwrap();
        (folder, written[0].subject.clone())
    }

    fn open(&self, folder: &Path) -> Station {
        until("the folder", || Station::open(folder, self.clock.clone()).ok())
    }

    /// How much of a blob has come to the centre, in bytes, and whether it is whole.
    fn come(&self, blob: BlobId) -> (u64, bool) {
        let (name, place) = (blob.to_string(), StorePath::new(self.dir.path().join("central.db")));
        let size = |path: PathBuf| std::fs::metadata(path).map(|about| about.len()).ok();
        match size(place.blobs().join(&name[..2]).join(&name)) {
            Some(bytes) => (bytes, true),
            None => (size(place.arriving_blobs().join(format!("{name}.part"))).unwrap_or(0), false),
        }
    }
}

/// Waits until `look` gives something.
fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    fault::wait_for(what, PATIENCE, || Ok(look())).unwrap()
}

fn config(desk: &str, url: &str, attachments: &str) -> String {
    format!(
        r#"
        [station]
        role = "counter"
        label = "Q{desk}"
        name = "Quầy {desk}"
        site = "00004"
        site_name = {{ vi = "Ba Đình", en = "Ba Dinh" }}
        parent_name = {{ vi = "Hà Nội", en = "Hanoi" }}
        agency = "H26.112.00"
        desk = "{desk}"
        zone = {{ vi = "Khu A", en = "Zone A" }}
        place = "Hà Nội"
        hotline = "1022"
        [centre]
        url = "{url}"
        [attachments]
        {attachments}
        "#
    )
}

fn scopes() -> Vec<Scope> {
    vec![Scope::site(&SiteCode::new("00004")), Scope::agency(&"H26.112.00".into())]
}

fn dossier(at: Moment) -> Draft {
    let identity = Identity {
        number: "001199000123".into(),
        old_number: None,
        name: "Nguyễn Thị Mẫu".into(),
        birth: "1999-02-15".into(),
        sex: "Nữ".into(),
        residence: "Số 1 Phố Mẫu".into(),
        issued: None,
        extra: vec![],
        evidence: Evidence::Qr,
        warnings: vec![],
    };
    let fact = DossierAccepted {
        intent: IntentId(Uuid::now_v7()),
        visit: VisitId(Uuid::now_v7()),
        procedure: "1.004873".into(),
        agency: "H26.112.00".into(),
        site: SiteCode::new("00004"),
        desk: "3".into(),
        code: CodeGiven::Temporary { code: "TẠM-Q3-261123-01".into() },
        papers: vec![],
        sets: 1,
        at,
        due: None,
        calendar: "hanoi".into(),
        fee: None,
        fee_paid: false,
        slip: None,
        registered: false,
        authority: None,
    };
    Draft {
        subject: Subject::Dossier(DossierId(Uuid::now_v7())),
        fact: fact.into(),
        personal: Some(Personal { identity: Some(identity), ..Personal::default() }),
        scopes: scopes(),
    }
}

fn scan(length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    blake3::Hasher::new().finalize_xof().fill(&mut bytes);
    bytes
}

fn attach(station: &Station, subject: &Subject, scan: &[u8]) -> (BlobId, u64) {
    let attachment = Attachment {
        subject: subject.clone(),
        scopes: scopes(),
        paper: "to-khai".into(),
        pages: 1,
        media_type: "image/jpeg".into(),
        plain: &mut Cursor::new(scan),
    };
    let Fact::PaperAttached(fact) = station.attach(None, attachment).unwrap().fact else { panic!("another fact") };
    (BlobId::of(&fact).unwrap(), fact.size_bytes)
}

#[test]
fn a_scan_goes_to_the_centre_within_the_budget_of_each_hour_over_a_restart_and_opens_at_another_counter() {
    let world = World::with(Limits { stranger_burst: 1_000, ..Limits::default() });
    let (folder, subject) = world.counter("3", "mb_per_hour = 1");
    let (elsewhere, _) = world.counter("4", "");
    let (first, second) = (world.open(&folder), world.open(&elsewhere));
    let picture = scan(2_500_000);
    let (blob, size) = attach(&first, &subject, &picture);
    let reaches = |what: &str, bytes: u64| {
        until(what, || (world.come(blob).0 >= bytes).then_some(()));
    };
    reaches("an hour's budget", MEGABYTE);
    // Another counter knows of it before it is there, and is told so.
    let officer = OfficerId::new("demo");
    let look = |out: &mut Vec<u8>| second.open_scan(&officer, &subject, blob, out);
    let code = until("the event", || {
        let problem = look(&mut Vec::new()).err()?;
        problem.params.get("why").is_some_and(|why| !why.contains("no record")).then_some(problem.code)
    });
    assert_eq!(code, "ATTACH-NOT-HERE");
    first.stop();
    drop(first);
    let first = world.open(&folder);
    for hour in 1..=2 {
        assert!(!world.come(blob).1);
        world.clock.set_ahead(hour * HOUR_MS);
        reaches("the next hour's budget", size.min((hour as u64 + 1) * MEGABYTE));
    }
    until("the whole", || (world.come(blob) == (size, true) && first.scans_waiting() == 0).then_some(()));
    let mut opened = Vec::new();
    look(&mut opened).unwrap();
    assert!(opened == picture);
    first.stop();
    drop(first);
    let store = until("the folder", || Store::open(&folder).ok());
    let spent: BTreeMap<i64, u64> = sync::wire::from_cbor(&sync::wire::to_cbor(&store.blobs_spent().unwrap())).unwrap();
    assert_eq!(spent.values().sum::<u64>(), size, "{spent:?}");
    assert!(spent.len() == 3 && spent.values().all(|bytes| *bytes <= MEGABYTE), "{spent:?}");
    // Each look was written down, also that which found nothing.
    second.stop();
    drop(second);
    let store = until("the folder", || Store::open(&elsewhere).ok());
    let history = store.subject_events(&subject).unwrap();
    assert!(history.iter().filter(|event| event.fact.kind() == "RecordViewed").count() >= 2);
}

#[test]
fn records_go_on_while_no_scan_can_and_nobody_opens_what_no_record_names() {
    let world = World::with(Limits { max_scans: 0, work_wait: Duration::from_millis(50), ..Limits::default() });
    let (folder, subject) = world.counter("3", "");
    let station = world.open(&folder);
    let (blob, _) = attach(&station, &subject, &scan(300_000));
    until("receipts", || (station.waiting_for_receipt().ok()? == 0 && station.scans_waiting() == 1).then_some(()));
    let kinds: Vec<String> =
        world.handle.service().export().unwrap().events.into_iter().map(|event| event.kind).collect();
    assert!(["DossierAccepted", "PaperAttached"].iter().all(|kind| kinds.iter().any(|held| held == kind)), "{kinds:?}");
    let officer = OfficerId::new("demo");
    // It is on this disk: it opens with the centre's door for scans shut.
    station.open_scan(&officer, &subject, blob, &mut Vec::new()).unwrap();
    let other = Subject::Dossier(DossierId(Uuid::now_v7()));
    let refused = station.open_scan(&officer, &other, blob, &mut Vec::new()).unwrap_err();
    assert_eq!(refused.code, "ATTACH-NOT-HERE");
    station.stop();
}
