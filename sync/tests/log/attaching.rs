//! A scan is attached to a record: durable before its event, readable by those who were granted the record, and by nobody
//! once the person was forgotten.

use super::house::*;
use intake::event::Subject;
use intake::fact::Fact;
use std::io::Cursor;
use sync::blob::budget::{Budget, Choice, Spent};
use sync::blob::protocol::{Blobs, GetAsk, Held, Named, Part};
use sync::blob::shelf::Shelf;
use sync::blob::transfer::{Sender, TransferFault, fetch};
use sync::blob::{BlobId, Naming};
use sync::protocol::StationRole::{Counter, Kiosk};
use sync::store::{AttachFault, Attachment};
use sync::wire::{Fixed, unhex};
use sync::{CentreFault, Refusal};

fn attach(seat: &Seat, number: u32, scan: &[u8]) -> Result<(BlobId, u64), AttachFault> {
    let attachment = Attachment {
        subject: Subject::Visit(visit(number)),
        scopes: vec![site()],
        paper: "to-khai".into(),
        pages: 2,
        media_type: "image/jpeg".into(),
        plain: &mut Cursor::new(scan),
    };
    let event = seat.store().attach(NOON, None, attachment)?;
    let Fact::PaperAttached(attached) = event.fact else { panic!("{:?}", event.fact) };
    Ok((BlobId(Fixed::from_slice(&unhex(&attached.blob).unwrap()).unwrap()), attached.size_bytes))
}

fn opened(seat: &Seat, blob: BlobId) -> Result<Vec<u8>, AttachFault> {
    let mut out = Vec::new();
    seat.store().open_blob(blob, &mut out).map(|()| out)
}

fn of(blob: BlobId, number: u32) -> Named {
    Named::new(blob, &Subject::Visit(visit(number)))
}

/// What waits to be sent, and its size.
fn waiting(seat: &Seat) -> Vec<(BlobId, u64)> {
    let (found, row) = seat.store().attached_after(0, 1).unwrap();
    let (more, _) = seat.store().attached_after(row, 100).unwrap();
    found.into_iter().chain(more).map(|one| (one.of.blob, one.size)).collect()
}

/// A kiosk's two tickets, which a counter knows.
fn served() -> (Seat, Seat, Seat) {
    let centre = new_centre();
    let (kiosk, counter) = (enrol(&centre, Kiosk), enrol(&centre, Counter));
    kiosk.store().append(NOON, None, vec![ticket(1), ticket(2)], vec![], &[]).unwrap();
    sync(&kiosk, &centre);
    sync(&counter, &centre);
    (centre, kiosk, counter)
}

#[test]
fn a_scan_attached_twice_is_stored_and_waits_once_and_for_another_person_again() {
    let (_centre, _kiosk, counter) = served();
    let scan = vec![7; 200_000];
    let (first, size) = attach(&counter, 1, &scan).unwrap();
    assert_eq!(attach(&counter, 1, &scan).unwrap().0, first);
    let other = attach(&counter, 2, &scan).unwrap().0;
    assert_ne!(other, first);
    assert_eq!(waiting(&counter), [(first, size), (first, size), (other, size)], "by event");
    counter.store().blob_sent(NOON, first).unwrap();
    assert_eq!(waiting(&counter), [(other, size)]);
    assert_eq!(opened(&counter, first).unwrap(), scan);
}

#[test]
fn who_may_not_read_the_record_attaches_and_opens_nothing() {
    let (_centre, kiosk, counter) = served();
    assert!(matches!(attach(&kiosk, 1, b"scan"), Err(AttachFault::NotReadable)));
    let (blob, _) = attach(&counter, 1, b"scan").unwrap();
    let bytes = counter.store().shelf().unwrap().read(blob, 0).unwrap();
    assert!(!bytes.windows(4).any(|four| four == b"scan"));
    let copied = kiosk.store().shelf().unwrap().store(|out| Ok(out.write_all(&bytes)?)).unwrap().0;
    assert_eq!(copied, blob);
    assert!(matches!(opened(&kiosk, blob), Err(AttachFault::NotReadable)));
}

#[test]
fn a_scan_of_a_person_who_was_forgotten_opens_nowhere_and_no_more_are_taken() {
    let (centre, _kiosk, counter) = served();
    let (blob, _) = attach(&counter, 1, b"scan").unwrap();
    sync(&counter, &centre);
    counter.store().forget(NOON, None, &Subject::Visit(visit(1)), "QĐ 12/2026").unwrap();
    assert!(matches!(opened(&counter, blob), Err(AttachFault::NotReadable)));
    assert!(matches!(attach(&counter, 1, b"scan"), Err(AttachFault::NotReadable)));
}

#[test]
fn the_events_say_who_may_ask_for_a_blob() {
    let (centre, _kiosk, counter) = served();
    let (blob, _) = attach(&counter, 1, b"scan").unwrap();
    let namings = |number| centre.store().blob_namings(&of(blob, number)).unwrap();
    assert_eq!(namings(1), []);
    sync(&counter, &centre);
    let station = counter.store().station();
    let size = counter.store().shelf().unwrap().read(blob, 0).unwrap().len() as u64;
    assert_eq!(namings(1), [Naming { station, scopes: vec![site()], size }]);
    assert_eq!(namings(2), [], "another record does not name it");
}

#[test]
fn a_disk_that_takes_no_file_takes_no_event_and_a_file_without_event_is_collected() {
    let (_centre, _kiosk, counter) = served();
    let (named, _) = attach(&counter, 1, b"named").unwrap();
    let orphan = counter.store().shelf().unwrap().store(|out| Ok(out.write_all(b"orphan")?)).unwrap().0;
    assert_eq!(counter.store().collect_blobs().unwrap(), 1);
    assert!(matches!(opened(&counter, orphan), Err(AttachFault::Blob(_))));
    assert_eq!(opened(&counter, named).unwrap(), b"named");
    let before = counter.store().subject_events(&Subject::Visit(visit(1))).unwrap().len();
    let dir = counter.dir.path().join("log.db.blobs");
    std::fs::remove_dir_all(&dir).unwrap();
    std::fs::write(&dir, b"no folder").unwrap();
    assert!(matches!(attach(&counter, 1, b"more"), Err(AttachFault::Store(_))));
    assert_eq!(counter.store().subject_events(&Subject::Visit(visit(1))).unwrap().len(), before);
}

/// Takes every part, and loses every second answer. Refuses the blobs of a list.
struct Losing {
    shelf: Shelf,
    puts: std::cell::Cell<u32>,
    refused: std::cell::RefCell<Vec<BlobId>>,
}

impl Losing {
    fn on(dir: &tempfile::TempDir) -> Self {
        Self { shelf: Shelf::open(dir.path()).unwrap(), puts: 0.into(), refused: vec![].into() }
    }
}

impl Blobs for Losing {
    fn held(&self, of: &Named) -> Result<Held, CentreFault> {
        if self.refused.borrow().contains(&of.blob) {
            return Err(Refusal::NotFound { what: "an event".into() }.into());
        }
        Blobs::held(&self.shelf, of)
    }
    fn put(&self, part: &Part) -> Result<Held, CentreFault> {
        let held = self.shelf.put(part)?;
        self.puts.set(self.puts.get() + 1);
        if self.puts.get() % 2 == 1 { Err(CentreFault::Unreachable("lost".into())) } else { Ok(held) }
    }
    fn get(&self, ask: &GetAsk) -> Result<sync::wire::Bytes, CentreFault> {
        self.shelf.get(ask)
    }
}

const EVER: Budget = Budget([u64::MAX; 24]);

#[test]
fn scans_go_out_hour_by_hour_though_answers_are_lost_and_the_sender_dies_and_a_second_station_sends_nothing_again() {
    const HOUR_MS: i64 = 3_600_000;
    let (centre, _kiosk, counter) = served();
    let scan: Vec<u8> = (0..700_000u32).map(|at| (at * 7 / 3) as u8).collect();
    let (blob, size) = attach(&counter, 1, &scan).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let far = Losing::on(&dir);
    let budget = Budget([300_000; 24]);
    let (mut now, mut hours) = (NOON, 0);
    let mut sender = Sender::open(&counter.store).unwrap();
    assert!(matches!(sender.step(&counter.store, &far, &budget, now, true), Ok(Choice::Defer { .. })));
    assert_eq!((far.puts.get(), sender.waiting()), (0, 1), "records go first");
    loop {
        // Started anew at every step: what an hour cost is on the disk.
        sender = Sender::open(&counter.store).unwrap();
        match sender.step(&counter.store, &far, &budget, now, false) {
            Ok(Choice::Rest) => break,
            Ok(Choice::Defer { until }) => {
                assert!(until.0 - now.0 <= HOUR_MS);
                (now, hours) = (until, hours + 1);
            }
            Ok(Choice::Send { .. }) | Err(_) => {}
        }
    }
    assert_eq!(hours, size.div_ceil(300_000) - 1);
    assert_eq!(far.shelf.held(blob).unwrap(), Held::Whole { bytes: size });
    // Another counter of the site attaches the same scan to the same record: the far end has it, nothing is sent.
    sync(&counter, &centre);
    let second = enrol(&centre, Counter);
    sync(&second, &centre);
    assert_eq!(attach(&second, 1, &scan).unwrap().0, blob);
    let (puts, mut sender) = (far.puts.get(), Sender::open(&second.store).unwrap());
    sender.step(&second.store, &far, &budget, now, false).unwrap();
    assert_eq!((far.puts.get(), sender.spent(), sender.waiting()), (puts, &Spent::default(), 0));
    assert!(waiting(&second).is_empty());
}

#[test]
fn one_that_is_refused_holds_up_no_other_and_goes_when_it_may() {
    let (_centre, _kiosk, counter) = served();
    let (small, _) = attach(&counter, 1, b"small").unwrap();
    let (large, _) = attach(&counter, 2, &[9; 1_000]).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let far = Losing::on(&dir);
    far.refused.replace(vec![small]);
    let mut sender = Sender::open(&counter.store).unwrap();
    let mut step = |now| sender.step(&counter.store, &far, &EVER, now, false);
    let refused = step(NOON);
    assert!(matches!(refused, Err(TransferFault::Centre(CentreFault::Refused(_)))), "{refused:?}");
    // The other one's answer is lost once, and then it is there.
    assert!(step(NOON).is_err());
    step(NOON).unwrap();
    assert!(matches!(far.shelf.held(large).unwrap(), Held::Whole { .. }));
    let Ok(Choice::Defer { until }) = step(NOON) else { panic!("it waits for a while") };
    far.refused.replace(vec![]);
    step(until).unwrap();
    assert!(matches!(far.shelf.held(small).unwrap(), Held::Whole { .. }));
    assert!(matches!(step(until), Ok(Choice::Rest)));
}

#[test]
fn a_file_that_is_gone_from_this_disk_holds_up_no_other() {
    let (_centre, _kiosk, counter) = served();
    let (gone, _) = attach(&counter, 1, b"gone").unwrap();
    let (there, _) = attach(&counter, 2, b"there and longer").unwrap();
    counter.store().shelf().unwrap().remove(gone).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let far = Losing::on(&dir);
    let mut sender = Sender::open(&counter.store).unwrap();
    let fault = sender.step(&counter.store, &far, &EVER, NOON, false);
    assert!(matches!(fault, Err(TransferFault::Blob(_))), "{fault:?}");
    for _ in 0..2 {
        let _ = sender.step(&counter.store, &far, &EVER, NOON, false);
    }
    assert!(matches!(far.shelf.held(there).unwrap(), Held::Whole { .. }));
    assert_eq!(sender.waiting(), 1);
}

#[test]
fn what_is_fetched_is_checked_by_its_name_and_opened_by_whom_it_was_granted() {
    let (centre, _kiosk, counter) = served();
    let scan: Vec<u8> = (0..600_000u32).map(|at| (at / 3) as u8).collect();
    let (blob, _) = attach(&counter, 1, &scan).unwrap();
    sync(&counter, &centre);
    let second = enrol(&centre, Counter);
    let nobody = fetch(&second.store, &counter.store().shelf().unwrap(), &of(blob, 1));
    assert!(matches!(nobody, Err(TransferFault::Centre(CentreFault::Refused(Refusal::NotFound { .. })))), "{nobody:?}");
    sync(&second, &centre);
    let file = counter.dir.path().join("log.db.blobs").join(blob.to_string());
    let right = std::fs::read(&file).unwrap();
    let mut wrong = right.clone();
    wrong[400_000] ^= 1;
    std::fs::write(&file, &wrong).unwrap();
    let shelf = counter.store().shelf().unwrap();
    let changed = fetch(&second.store, &shelf, &of(blob, 1));
    assert!(matches!(changed, Err(TransferFault::Blob(_))), "{changed:?}");
    assert!(opened(&second, blob).is_err(), "nothing of it stands");
    std::fs::write(&file, &right).unwrap();
    fetch(&second.store, &shelf, &of(blob, 1)).unwrap();
    assert_eq!(opened(&second, blob).unwrap(), scan);
}
