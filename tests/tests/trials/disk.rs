//! A disk that is full: the kiosk in a small file system of its own, filled to the brim and emptied again.

use crate::citizen::{CERTIFIED_COPY, MARITAL_STATUS, Wish, accept, ask_to_accept, call, leave, serve, take_number};
use crate::evidence::judge;
use crate::hall::Hall;
use serde_json::{Value, json};
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::Command;
use uuid::Uuid;

const WISH: Wish = Wish { procedure: CERTIFIED_COPY, card: false };
/// The variable that tells that this process has mounts of its own.
const ALONE: &str = "MOTCUA_TRIALS_OWN_MOUNTS";

fn ask() -> Value {
    json!({ "ask": {
        "intent": Uuid::now_v7(), "procedure": CERTIFIED_COPY, "use_card": false, "priority": null, "language": "vi",
    } })
}

fn done(command: &mut Command) -> bool {
    command.status().is_ok_and(|status| status.success())
}

/// Fills a file system to its last byte; gives the file that does it.
fn fill(folder: &Path) -> std::path::PathBuf {
    let file = folder.join("filler");
    let mut filler = File::create(&file).unwrap();
    for size in [65_536, 4_096, 512, 1] {
        while filler.write_all(&vec![0; size]).is_ok() {}
    }
    file
}

#[test]
fn a_kiosk_on_a_full_disk_gives_no_number_and_goes_on_when_there_is_room() {
    if std::env::var_os(ALONE).is_some() {
        return on_a_full_disk();
    }
    if !done(Command::new("unshare").args(["-rm", "true"])) {
        println!("not tried: this system gives no process mounts of its own (unshare -rm)");
        return;
    }
    let this = "disk::a_kiosk_on_a_full_disk_gives_no_number_and_goes_on_when_there_is_room";
    let mut again = Command::new("unshare");
    again.arg("-rm").arg(std::env::current_exe().unwrap()).args(["--exact", this, "--nocapture"]).env(ALONE, "1");
    assert!(done(&mut again), "see above");
}

fn on_a_full_disk() {
    let mut hall = Hall::open_after(|centre| {
        let (kiosk, aside) = (centre.station("kiosk"), centre.station("aside"));
        assert!(done(Command::new("cp").arg("-a").arg(&kiosk).arg(&aside)));
        assert!(done(Command::new("mount").args(["-t", "tmpfs", "-o", "size=4m", "tmpfs"]).arg(&kiosk)));
        assert!(done(Command::new("cp").arg("-aT").arg(&aside).arg(&kiosk)));
        // The limit that stops a station long before its disk is full is another trial's.
        let file = kiosk.join("station.toml");
        let text = fs::read_to_string(&file).unwrap();
        fs::write(file, format!("{text}\n[limits]\nfree_disk_mb = 0\n")).unwrap();
    });
    serve(&mut hall, WISH);

    let filler = fill(&hall.kiosk.folder);
    let mut given = 0;
    let mut wish = ask();
    // What still has room goes well; then a wish is refused, and refused again.
    while hall.kiosk.call("kiosk_take_number", &wish).is_ok() {
        given += 1;
        assert!(given < 500, "the disk was never full");
        wish = ask();
    }
    for _ in 0..3 {
        assert_eq!(hall.kiosk.refused("kiosk_take_number", &wish).code, "DISK-FULL");
    }
    assert_eq!(hall.kiosk.deaths, 0);

    fs::remove_file(filler).unwrap();
    let ticket = hall.kiosk.must("kiosk_take_number", &wish);
    assert_eq!(ticket["number"], format!("A{:03}", given + 2), "a number was left out or given twice");
    // Whatever was given on the way: what became of its paper is known in the end.
    hall.look("counter", "counter_view", &json!({}), |view| {
        (view["queue"].as_array()?.len() == given + 1).then_some(())
    });
    let verdict = judge(&mut hall);
    assert_eq!(verdict.findings, []);
    assert_eq!(verdict.tickets, given + 2);
}

#[test]
fn a_receipt_that_finds_no_room_stays_owed_and_is_written_when_there_is_some() {
    let mut hall = Hall::open();
    serve(&mut hall, Wish { procedure: MARITAL_STATUS, card: false });
    let (visit, _) = take_number(&mut hall, WISH);
    call(&mut hall, &visit);

    let receipts = hall.counter.folder.join("receipts");
    let aside = hall.counter.folder.join("receipts-aside");
    fs::rename(&receipts, &aside).unwrap();
    // A file stands where the folder should be: no receipt can be written, and the log can.
    fs::write(&receipts, b"").unwrap();
    let procedures = hall.counter.must("counter_procedures", &json!({ "words": MARITAL_STATUS }));
    let ask = ask_to_accept(&procedures, &visit, MARITAL_STATUS);
    let accepted = hall.counter.must("counter_accept", &ask);
    assert!(accepted["receipt_file"].is_null(), "{accepted}");
    let view = hall.counter.must("counter_view", &json!({}));
    assert!(!view["problems"].as_array().unwrap().is_empty(), "nobody is told that a receipt is owed");

    fs::remove_file(&receipts).unwrap();
    fs::rename(&aside, &receipts).unwrap();
    let written = hall.look("counter", "counter_view", &json!({}), |view| {
        let found = view["current"]["accepted"].as_array()?.iter().find(|known| known["code"] == accepted["code"])?;
        found["receipt_file"].as_str().map(str::to_owned)
    });
    assert!(fs::read(written).unwrap().starts_with(b"%PDF"));
    accept(&mut hall, &visit, CERTIFIED_COPY);
    leave(&mut hall);
    assert_eq!(judge(&mut hall).findings, []);
}
