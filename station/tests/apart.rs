//! A station that lives apart from its centre: what it says of its limits, what it then begins no more, and what goes on.

use intake::ids::SiteCode;
use intake::moment::Moment;
use serde_json::{Value, json};
use station::clock::Clock;
use station::{Station, bridge};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use sync::store::{NewStation, Store};
use tempfile::TempDir;

/// Noon of 23 November 2026 in Vietnam.
const NOON: i64 = 1_795_410_000_000;
const DAY: i64 = 24 * 3600 * 1000;

/// A clock that stands until it is set.
struct Hand(AtomicI64);

impl Clock for Hand {
    fn now(&self) -> Moment {
        Moment(self.0.load(Ordering::Relaxed))
    }
}

fn config(limits: &str) -> String {
    format!(
        r#"
        [station]
        role = "kiosk"
        label = "K1"
        name = "Kiốt 1"
        site = "00004"
        site_name = {{ vi = "Ba Đình", en = "Ba Dinh" }}
        parent_name = {{ vi = "Hà Nội", en = "Hanoi" }}
        agency = "H26.112.00"
        prefix = "A"
        zone = {{ vi = "Khu A", en = "Zone A" }}
        place = "Hà Nội"
        hotline = "1022"
        [centre]
        url = "http://127.0.0.1:9"
        [limits]
        {limits}
        "#
    )
}

fn open(folder: &Path, clock: &Arc<Hand>) -> Station {
    Station::open(folder, clock.clone()).unwrap()
}

/// A kiosk whose centre never answers.
fn kiosk(limits: &str) -> (TempDir, Arc<Hand>, Station) {
    let dir = TempDir::new().unwrap();
    let new = NewStation::centre("Kiốt 1", SiteCode::new("00004")).unwrap();
    drop(Store::create(dir.path(), new).unwrap());
    std::fs::write(dir.path().join("station.toml"), config(limits)).unwrap();
    let clock = Arc::new(Hand(AtomicI64::new(NOON)));
    let station = open(dir.path(), &clock);
    (dir, clock, station)
}

fn take(station: &Station, intent: u128) -> Result<Value, station::api::Problem> {
    let intent = uuid::Uuid::from_u128(intent).to_string();
    let ask =
        json!({ "intent": intent, "procedure": "1.004873", "use_card": false, "priority": null, "language": "vi" });
    bridge::call(station, "kiosk_take_number", &json!({ "ask": ask }))
}

fn told(station: &Station) -> Vec<String> {
    let view = bridge::call(station, "kiosk_view", &json!({})).unwrap();
    let problems = view["problems"].as_array().unwrap().clone();
    let codes = problems.iter().map(|problem| problem["code"].as_str().unwrap().to_owned());
    codes.filter(|code| code.starts_with("LIMIT")).collect()
}

#[test]
fn a_month_without_the_centre_is_warned_of_twice_and_then_stops_what_is_new() {
    let (_dir, clock, station) = kiosk("days_unconfirmed = 30");
    let first = take(&station, 1).unwrap();
    assert_eq!(told(&station), Vec::<String>::new());
    let at = |days: i64| clock.0.store(NOON + days * DAY, Ordering::Relaxed);
    at(16);
    assert_eq!(told(&station), ["LIMIT-UNCONFIRMED-EARLY"]);
    take(&station, 2).unwrap();
    at(25);
    assert_eq!(told(&station), ["LIMIT-UNCONFIRMED-SOON"]);
    take(&station, 3).unwrap();
    at(31);
    assert_eq!(told(&station), ["LIMIT-UNCONFIRMED-REACHED"]);
    let refused = take(&station, 4).unwrap_err();
    assert_eq!(refused.code, "LIMIT-UNCONFIRMED-REACHED");
    assert_eq!((refused.params["days"].as_str(), refused.params["days_limit"].as_str()), ("31", "30"));
    // A button that was pressed before is answered as before: it begins nothing.
    assert_eq!(take(&station, 1).unwrap()["number"], first["number"]);
    station.stop();
}

#[test]
fn so_many_records_without_a_receipt_and_no_more() {
    let (_dir, _clock, station) = kiosk("records_unconfirmed = 12");
    let begun = (1..100).take_while(|intent| take(&station, *intent).is_ok()).count();
    assert!((1..=12).contains(&begun), "{begun}");
    assert_eq!(take(&station, 500).unwrap_err().code, "LIMIT-UNCONFIRMED-REACHED");
    station.stop();
}

#[test]
fn a_disk_with_too_little_room_stops_what_is_new_and_says_how_much_is_left() {
    // No disk has so much room.
    let (_dir, _clock, station) = kiosk("free_disk_mb = 1000000000000");
    let refused = take(&station, 1).unwrap_err();
    assert_eq!(refused.code, "LIMIT-ROOM-REACHED");
    assert!(refused.params["free_mb"].parse::<u64>().unwrap() > 0);
    assert_eq!(told(&station), ["LIMIT-ROOM-REACHED"]);
    station.stop();
}

#[test]
fn the_outbox_and_the_way_out_are_for_officers() {
    let (_dir, _clock, station) = kiosk("");
    let refused = bridge::call(&station, "counter_outbox", &json!({ "open": false, "before": null })).unwrap_err();
    assert_eq!(refused.code, "SIGN-IN-NEEDED");
    for name in ["counter_ask_again", "counter_export_aside"] {
        assert_eq!(bridge::call(&station, name, &json!({ "id": "1" })).unwrap_err().code, "SIGN-IN-NEEDED");
    }
    assert_eq!(bridge::call(&station, "counter_reissue", &json!({})).unwrap_err().code, "SIGN-IN-NEEDED");
    station.stop();
}

#[test]
fn verify_says_what_it_saw_and_names_a_changed_byte() {
    let (dir, _clock, station) = kiosk("");
    take(&station, 1).unwrap();
    station.stop();
    // Written by another, so that no thread of the station still holds the folder.
    let copy = TempDir::new().unwrap();
    let db = copied(dir.path(), copy.path());
    let well = station::verify_ends(copy.path()).unwrap();
    assert_eq!(well.difference, None);
    assert!(well.seen.iter().any(|line| line.starts_with("the other end was not compared")), "{:?}", well.seen);
    let bytes = std::fs::read(&db).unwrap();
    let at = bytes.windows(12).rposition(|bytes| bytes == b"TicketIssued").unwrap();
    let mut changed = bytes;
    changed[at] = b'X';
    std::fs::write(&db, changed).unwrap();
    let ill = station::verify_ends(copy.path()).unwrap();
    assert!(ill.difference.is_some(), "{ill:?}");
}

/// Copies a station's files; gives the database's place.
fn copied(from: &Path, to: &Path) -> std::path::PathBuf {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_file() {
            std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
    to.join("log.db")
}
