//! What a store says when the disk, the file or the key is not as it should be.

use crate::house::*;
use intake::event::{Draft, Subject};
use rusqlite::Connection;
use sync::protocol::StationRole::{Counter, Kiosk};
use sync::store::{EnrolKeys, NewStation, Store};
use tempfile::TempDir;

fn kiosk_with_a_ticket() -> TempDir {
    let centre = new_centre();
    let kiosk = enrol(&centre, Kiosk);
    kiosk.store().append(NOON, None, vec![ticket(1)], vec![], &[]).unwrap();
    kiosk.close()
}

fn opens_with(dir: &TempDir) -> &'static str {
    Store::open(dir.path()).map(|_| ()).unwrap_err().code()
}

#[test]
fn a_file_of_a_newer_version_is_left_alone() {
    let dir = kiosk_with_a_ticket();
    let db = Connection::open(dir.path().join("log.db")).unwrap();
    db.pragma_update(None, "user_version", 99).unwrap();
    drop(db);
    assert_eq!(opens_with(&dir), "STORE-NEWER-VERSION");
}

#[test]
fn what_is_not_a_database_is_damaged() {
    let dir = kiosk_with_a_ticket();
    std::fs::write(dir.path().join("log.db"), b"not a database, and long enough to be looked at twice".repeat(100))
        .unwrap();
    let _ = std::fs::remove_file(dir.path().join("log.db-wal"));
    assert_eq!(opens_with(&dir), "STORE-DAMAGED");
}

#[test]
fn keys_that_are_missing_or_of_another_station_are_named() {
    let dir = kiosk_with_a_ticket();
    let key = dir.path().join("station.key");
    std::fs::write(&key, [1; 32]).unwrap();
    assert_eq!(opens_with(&dir), "STORE-KEY-WRONG");
    std::fs::write(&key, [1; 5]).unwrap();
    assert_eq!(opens_with(&dir), "STORE-KEY-WRONG");
    std::fs::remove_file(&key).unwrap();
    assert_eq!(opens_with(&dir), "STORE-KEY-MISSING");
}

#[cfg(unix)]
#[test]
fn the_station_key_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let dir = kiosk_with_a_ticket();
    let mode = std::fs::metadata(dir.path().join("station.key")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(!dir.path().join("enrolment.key").exists(), "keys before enrolment are gone");
}

#[test]
fn a_second_opener_and_a_second_enrolment_are_refused() {
    let centre = new_centre();
    let kiosk = enrol(&centre, Kiosk);
    assert_eq!(opens_with(&kiosk.dir), "STORE-IN-USE");
    let dir = kiosk.close();
    let new = NewStation::centre("x", intake::ids::SiteCode::new("00004")).unwrap();
    assert_eq!(Store::create(dir.path(), new).map(|_| ()).unwrap_err().code(), "STORE-ALREADY-ENROLLED");
    assert_eq!(opens_with(&TempDir::new().unwrap()), "STORE-NOT-ENROLLED");
}

#[test]
fn a_full_disk_leaves_nothing_half_done_and_room_mends_it() {
    let centre = new_centre();
    let kiosk = enrol(&centre, Kiosk);
    let size = std::fs::metadata(kiosk.dir.path().join("log.db")).unwrap().len();
    kiosk.store().limit_bytes(size + (64 << 10)).unwrap();
    let mut written = 0;
    let fault = loop {
        let appended = kiosk.store().append(NOON, None, vec![ticket(written + 1)], vec![], &[]);
        match appended {
            Ok(_) => written += 1,
            Err(fault) => break fault,
        }
    };
    assert_eq!(fault.code(), "STORE-DISK-FULL");
    assert!(written > 3);
    assert_eq!(kiosk.store().events().unwrap().len(), written as usize);
    assert_whole(&kiosk);
    kiosk.store().limit_bytes(1 << 30).unwrap();
    kiosk.store().append(NOON, None, vec![ticket(written + 1)], vec![], &[]).unwrap();
    assert_eq!(kiosk.store().events().unwrap().len(), written as usize + 1);
    assert_whole(&kiosk);
}

#[test]
fn a_clock_set_back_a_day_keeps_the_order() {
    let centre = new_centre();
    let counter = enrol(&centre, Counter);
    let first = counter.store().append(NOON, None, vec![ticket(1)], vec![], &[]).unwrap();
    let dir = counter.close();
    let mut store = Store::open(dir.path()).unwrap();
    let second = store.append(NOON.plus_ms(-86_400_000), None, vec![called(1, "3")], vec![], &[]).unwrap();
    assert!(second[0].at > first[0].at);
    assert_eq!(store.events().unwrap(), [first, second].concat());
}

#[test]
fn a_draft_that_cannot_be_written_is_named() {
    let centre = new_centre();
    let kiosk = enrol(&centre, Kiosk);
    let nowhere = Draft { scopes: vec![], ..ticket(1) };
    assert_eq!(kiosk.store().append(NOON, None, vec![nowhere], vec![], &[]).unwrap_err().code(), "STORE-INVALID");
    let kind = "Big".to_owned();
    let huge = Draft { fact: intake::fact::Fact::Unknown { kind, body: vec![0; 70_000] }, ..ticket(1) };
    let both = kiosk.store().append(NOON, None, vec![ticket(2), huge], vec![], &[]);
    assert_eq!(both.unwrap_err().code(), "STORE-INVALID");
    assert_eq!(kiosk.store().events().unwrap(), [], "not one of the two");
}

#[test]
fn a_token_is_worth_one_station() {
    let centre = new_centre();
    let token = centre.store().invite(&invitation(Kiosk)).unwrap();
    let (one, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let ask = |dir: &TempDir, role| EnrolKeys::load_or_new(dir.path()).unwrap().ask(&token, "K1", role).unwrap();
    assert_eq!(centre.store().enrol(NOON, &ask(&one, Counter)).unwrap_err().code(), "SYNC-BAD-TOKEN");
    let late = NOON.plus_ms(86_400_000);
    assert_eq!(centre.store().enrol(late, &ask(&one, Kiosk)).unwrap_err().code(), "SYNC-BAD-TOKEN");
    let first = centre.store().enrol(NOON, &ask(&one, Kiosk)).unwrap();
    let again = centre.store().enrol(late, &ask(&one, Kiosk)).unwrap();
    assert_eq!(
        (first.card, first.incarnation),
        (again.card, again.incarnation),
        "a lost answer can be asked for again"
    );
    assert_eq!(centre.store().enrol(NOON, &ask(&other, Kiosk)).unwrap_err().code(), "SYNC-BAD-TOKEN");
}

#[test]
fn whatever_is_changed_on_the_disk_verify_names_it() {
    let event = format!("UPDATE event SET bytes = {} WHERE row = 1", changed("bytes", "21"));
    let segment = format!("UPDATE segment SET bytes = {}", changed("bytes", "length(bytes)"));
    let changes = [
        ("UPDATE view SET body = x'00'", "view"),
        ("DELETE FROM view", "views"),
        ("UPDATE place SET hash = zeroblob(32) WHERE no = 1", "stream"),
        ("UPDATE stream SET head = head - 1", "stream"),
        (&event, "event"),
        ("UPDATE event SET subject = 'visit:x' WHERE row = 1", "event"),
        ("UPDATE event SET carried = 1 WHERE row = 1", "event"),
        (&segment, "segment"),
    ];
    for (change, name) in changes {
        let centre = new_centre();
        let kiosk = enrol(&centre, Kiosk);
        kiosk.store().append(NOON, None, vec![ticket(1), ticket(2)], vec![], &[]).unwrap();
        sync(&kiosk, &centre);
        assert_whole(&kiosk);
        let dir = kiosk.close();
        let db = Connection::open(dir.path().join("log.db")).unwrap();
        assert!(db.execute(change, []).unwrap() > 0, "{change}");
        drop(db);
        let difference = Store::open(dir.path()).unwrap().verify().unwrap().difference;
        assert!(difference.as_ref().is_some_and(|it| it.starts_with(name)), "{change}: {difference:?}");
    }
}

#[test]
fn a_person_that_nobody_knows_cannot_be_forgotten() {
    let centre = new_centre();
    let forgot = centre.store().forget(NOON, None, &Subject::Visit(visit(9)), "QĐ 1");
    assert_eq!(forgot.unwrap_err().code(), "STORE-INVALID");
}
