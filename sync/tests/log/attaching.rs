//! A scan is attached to a record: durable before its event, readable by those who were granted the record, and by nobody
//! once the person was forgotten.

use super::house::*;
use intake::event::Subject;
use intake::fact::Fact;
use std::io::Cursor;
use sync::CentreFault;
use sync::blob::BlobId;
use sync::blob::budget::{Budget, Choice, Spent};
use sync::blob::protocol::{Blobs, Held, Part};
use sync::blob::shelf::Shelf;
use sync::blob::transfer::step;
use sync::protocol::StationRole::{Counter, Kiosk};
use sync::store::{AttachFault, Attachment};
use sync::wire::{Fixed, unhex};

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
    let waiting = counter.store().blobs_waiting().unwrap();
    assert_eq!(waiting.iter().map(|one| (one.blob, one.left)).collect::<Vec<_>>(), [(first, size), (other, size)]);
    counter.store().blob_sent(NOON, first).unwrap();
    assert_eq!(counter.store().blobs_waiting().unwrap().len(), 1);
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
    assert!(centre.store().blob_scopes(blob).unwrap().is_empty());
    sync(&counter, &centre);
    assert_eq!(centre.store().blob_scopes(blob).unwrap().into_iter().collect::<Vec<_>>(), [site()]);
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

/// Takes every part, and loses every second answer.
struct Losing {
    shelf: Shelf,
    puts: std::cell::Cell<u32>,
}

impl Blobs for Losing {
    fn held(&self, blob: BlobId) -> Result<Held, CentreFault> {
        Blobs::held(&self.shelf, blob)
    }
    fn put(&self, part: &Part) -> Result<Held, CentreFault> {
        let held = self.shelf.put(part)?;
        self.puts.set(self.puts.get() + 1);
        if self.puts.get() % 2 == 1 { Err(CentreFault::Unreachable("lost".into())) } else { Ok(held) }
    }
    fn get(&self, blob: BlobId, offset: u64) -> Result<sync::wire::Bytes, CentreFault> {
        self.shelf.get(blob, offset)
    }
}

#[test]
fn scans_go_out_hour_by_hour_though_answers_are_lost_and_a_second_station_sends_nothing_again() {
    const HOUR_MS: i64 = 3_600_000;
    let (centre, _kiosk, counter) = served();
    let scan: Vec<u8> = (0..700_000u32).map(|at| (at * 7 / 3) as u8).collect();
    let (blob, size) = attach(&counter, 1, &scan).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let far = Losing { shelf: Shelf::open(dir.path()).unwrap(), puts: 0.into() };
    let budget = Budget([300_000; 24]);
    let (mut spent, mut now, mut hours) = (Spent::default(), NOON, 0);
    assert!(matches!(step(&mut counter.store(), &far, &budget, &mut spent, now, true), Ok(Choice::Defer { .. })));
    assert_eq!(far.puts.get(), 0, "records go first");
    loop {
        match step(&mut counter.store(), &far, &budget, &mut spent, now, false) {
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
    let (puts, mut nothing) = (far.puts.get(), Spent::default());
    step(&mut second.store(), &far, &budget, &mut nothing, now, false).unwrap();
    assert_eq!((far.puts.get(), nothing), (puts, Spent::default()));
    assert!(second.store().blobs_waiting().unwrap().is_empty());
}
