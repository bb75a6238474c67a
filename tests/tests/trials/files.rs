//! The station's folder in trouble: a second program in it, a newer or damaged file, a key that is gone, a wrong clock.

use crate::citizen::{CERTIFIED_COPY, Wish, serve, take_number};
use crate::evidence::{events, judge};
use crate::hall::Hall;
use crate::process::{refuses_to_start, verify};
use rusqlite::Connection;
use serde_json::json;
use std::fs::{self, OpenOptions};
use std::io::{Seek, SeekFrom, Write};

const WISH: Wish = Wish { procedure: CERTIFIED_COPY, card: false };

#[test]
fn a_folder_has_one_station_and_the_first_one_works_on() {
    let mut hall = Hall::open();
    let folder = hall.kiosk.folder.clone();
    assert_eq!(refuses_to_start(&folder), "STATION-SECOND-INSTANCE");
    serve(&mut hall, WISH);
    assert_eq!(judge(&mut hall).findings, []);
}

#[test]
fn a_file_that_cannot_be_used_is_named_and_left_as_it_is() {
    let mut hall = Hall::open();
    serve(&mut hall, WISH);
    hall.kiosk.stop();
    let folder = hall.kiosk.folder.clone();
    let (log, key) = (folder.join("log.db"), folder.join("station.key"));

    fs::rename(&key, folder.join("lost")).unwrap();
    assert_eq!(refuses_to_start(&folder), "STORE-KEY-MISSING");
    fs::copy(hall.counter.folder.join("station.key"), &key).unwrap();
    assert_eq!(refuses_to_start(&folder), "STORE-KEY-MISSING", "the key of another station");
    fs::rename(folder.join("lost"), &key).unwrap();

    let version = |version: i64| {
        let db = Connection::open(&log).unwrap();
        let was: i64 = db.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
        db.pragma_update(None, "user_version", version).unwrap();
        was
    };
    let was = version(999);
    assert_eq!(refuses_to_start(&folder), "STORE-NEWER-VERSION");
    assert_eq!(version(was), 999, "the newer file was changed");

    // Everything was right again in between: the same station goes on.
    serve(&mut hall, WISH);
    assert_eq!(judge(&mut hall).findings, []);

    hall.kiosk.stop();
    let db = Connection::open(&log).unwrap();
    let flip = "UPDATE event SET bytes = substr(bytes, 1, 60) \
                || CASE substr(bytes, 61, 1) WHEN x'00' THEN x'01' ELSE x'00' END || substr(bytes, 62) \
                WHERE kind = 'TicketIssued'";
    assert!(db.execute(flip, []).unwrap() > 0);
    // Leaves no write-ahead log behind that would heal the file.
    db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    drop(db);
    let found = verify(&folder).expect_err("a changed byte was not noticed");
    assert!(!found.is_empty());
    let mut file = OpenOptions::new().write(true).open(&log).unwrap();
    file.seek(SeekFrom::Start(0)).unwrap();
    file.write_all(&[0xAA; 8_192]).unwrap();
    drop(file);
    assert_eq!(refuses_to_start(&folder), "STORE-DAMAGED");

    fs::write(folder.join("station.toml"), "[station]\nrole = \"kiosk\"\n").unwrap();
    assert_eq!(refuses_to_start(&folder), "CONFIG-FAULT");
}

#[test]
fn a_station_that_never_reached_its_centre_says_that_it_is_not_enrolled() {
    let mut hall = Hall::open();
    hall.kiosk.stop();
    for file in ["log.db", "log.db-wal", "log.db-shm"] {
        // The write-ahead log is gone where the last process closed it.
        let _ = fs::remove_file(hall.kiosk.folder.join(file));
    }
    // The token was used: nobody becomes this station a second time.
    assert_eq!(refuses_to_start(&hall.kiosk.folder), "STATION-NOT-ENROLLED");
}

#[test]
fn a_clock_that_is_set_back_a_day_is_shown_and_doubles_no_number() {
    let mut hall = Hall::open();
    serve(&mut hall, WISH);
    serve(&mut hall, WISH);
    for post in [&mut hall.kiosk, &mut hall.counter] {
        post.stop();
        post.clock_ahead_ms = -24 * 3_600_000;
        post.start();
    }
    let shown = |problems: &serde_json::Value| problems[0]["code"].as_str().map(str::to_owned);
    let at_kiosk = hall.kiosk.must("kiosk_view", &json!({}));
    assert_eq!(shown(&at_kiosk["problems"]).as_deref(), Some("CLOCK-SET-BACK"), "{at_kiosk}");
    let at_counter = hall.counter.must("counter_view", &json!({}));
    assert_eq!(shown(&at_counter["problems"]).as_deref(), Some("CLOCK-SET-BACK"), "{at_counter}");
    let (_, number) = take_number(&mut hall, WISH);
    assert_eq!(number, "A003");
    // Put right again, both have told the centre once.
    for post in [&mut hall.kiosk, &mut hall.counter] {
        post.stop();
        post.clock_ahead_ms = 0;
    }
    assert_eq!(judge(&mut hall).findings, []);
    let told = events(&hall.evidence.folder.join("central").join("log.db"));
    assert_eq!(told.iter().filter(|(kind, _)| kind == "ClockFoundBehind").count(), 2);
}
