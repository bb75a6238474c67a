//! A scan is attached to a record: durable before its event, readable by those who were granted the record, and by nobody
//! once the person was forgotten.

use super::house::*;
use intake::event::Subject;
use intake::fact::Fact;
use std::io::Cursor;
use sync::blob::BlobId;
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
