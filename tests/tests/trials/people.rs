//! Nobody sees what is not theirs: who can read a citizen's record, what a look leaves behind, and how a person is forgotten.

use crate::centre::{OFFICER, PATIENCE, PIN};
use crate::citizen::{CERTIFIED_COPY, Wish, ask_to_accept, call, leave, take_number};
use crate::evidence::{events, judge};
use crate::hall::Hall;
use hardware::emulator::Terminator;
use intake::event::Subject;
use intake::fact::Fact;
use intake::ids::{EventId, OfficerId};
use intake::moment::Moment;
use serde_json::json;
use std::fs;
use std::path::Path;
use sync::store::{Opened, Paths, Store};
use tests::fault::wait_for;

const NEW_CARD: &str = "001092000789|013456789|Trần Quốc Thử Nghiệm|01011992|Nam|Số 9 Đường Mẫu, Cầu Giấy, Hà Nội|20092024|Trần Văn Cha|Phạm Thị Mẹ||";
const NAME: &str = "Trần Quốc Thử Nghiệm";
const NUMBER: &str = "001092000789";

/// A citizen with a card takes a number and is called; gives the visit.
fn come_with_card(hall: &mut Hall) -> String {
    hall.centre.kiosk_scanner.put_card(NEW_CARD.as_bytes(), Terminator::Cr);
    hall.look("kiosk", "kiosk_view", &json!({}), |view| (!view["card"].is_null()).then_some(()));
    let ask = json!({ "ask": {
        "intent": uuid::Uuid::now_v7(), "procedure": CERTIFIED_COPY, "use_card": true, "priority": null, "language": "vi",
    } });
    let ticket = hall.kiosk.must("kiosk_take_number", &ask);
    hall.kiosk.must("kiosk_leave", &json!({}));
    let visit = ticket["visit"].as_str().unwrap().to_owned();
    assert_eq!(hall.counter.refused("counter_open_person", &json!({})).code, "STEP-NOT-LEGAL");
    call(hall, &visit);
    visit
}

/// The event that issued the only ticket.
fn issued(store: &Store) -> (EventId, Subject) {
    let events = store.events().unwrap();
    let event = events.into_iter().find(|event| matches!(event.fact, Fact::TicketIssued(_))).unwrap();
    (event.id, event.subject)
}

fn central(hall: &Hall) -> Paths {
    Paths::for_database(&hall.centre.station("central").join("central.db"))
}

fn personal(paths: impl Into<Paths>) -> Opened {
    let store = Store::open(paths).unwrap();
    store.personal(issued(&store).0).unwrap()
}

fn count(file: &Path, kind: &str) -> usize {
    events(file).iter().filter(|(known, _)| known == kind).count()
}

/// What was taken in is found again at the next visit: from the centre while it is heard, and from what the counter holds while
/// it is not; each look is written down first.
#[test]
fn what_a_person_handed_in_before_is_found_again_with_and_without_the_centre() {
    let mut hall = Hall::open();
    let first = come_with_card(&mut hall);
    hall.counter.must("counter_open_person", &json!({}));
    let earlier = json!({ "number": NUMBER });
    let before = hall.counter.must("counter_earlier", &earlier);
    assert_eq!((before["from_centre"].as_bool(), before["dossiers"].as_array().unwrap().len()), (Some(true), 0));
    let procedures = hall.counter.must("counter_procedures", &json!({ "words": CERTIFIED_COPY }));
    let mut ask = ask_to_accept(&procedures, &first, CERTIFIED_COPY);
    ask["ask"]["applicant"]["number"] = NUMBER.into();
    let code = hall.counter.must("counter_accept", &ask)["code"].clone();
    leave(&mut hall);
    hall.codes.insert(code.as_str().unwrap().to_owned());
    hall.look("counter", "counter_view", &json!({}), |view| (view["sync"]["waiting"] == 0).then_some(()));

    come_with_card(&mut hall);
    let found = hall.counter.must("counter_earlier", &earlier);
    assert_eq!((found["from_centre"].as_bool(), &found["dossiers"][0]["code"]), (Some(true), &code));
    assert_eq!(found["dossiers"][0]["site"], "phường Ba Đình");
    assert_eq!(hall.counter.refused("counter_earlier", &json!({ "number": "12" })).code, "APPLICANT-INCOMPLETE");
    hall.centre.cable.set_up(false);
    let found = hall.counter.must("counter_earlier", &earlier);
    assert_eq!((found["from_centre"].as_bool(), &found["dossiers"][0]["code"]), (Some(false), &code));
    hall.centre.cable.set_up(true);
    leave(&mut hall);
    assert_eq!(hall.counter.refused("counter_earlier", &earlier).code, "STEP-NOT-LEGAL");
    assert_eq!(count(&hall.counter.folder.join("log.db"), "RecordViewed"), 4);
    assert_eq!(judge(&mut hall).findings, []);
    for role in ["kiosk", "counter", "central"] {
        nothing_personal_lies_open(&hall.centre.station(role));
    }
}

#[test]
fn a_record_is_read_where_it_is_needed_and_each_look_is_written_down_first() {
    let mut hall = Hall::open();
    come_with_card(&mut hall);
    let log = hall.counter.folder.join("log.db");
    assert_eq!(count(&log, "RecordViewed"), 0);
    assert!(hall.counter.must("counter_view", &json!({}))["current"]["person"].is_null(), "shown before it was opened");
    let person = hall.counter.must("counter_open_person", &json!({}));
    assert_eq!((person["name"].as_str(), person["number"].as_str()), (Some(NAME), Some(NUMBER)));
    assert_eq!(count(&log, "RecordViewed"), 1);
    leave(&mut hall);
    let view = hall.counter.must("counter_view", &json!({}));
    assert!(!view.to_string().contains(NAME), "the record outlived the visit on the screen");

    assert_eq!(judge(&mut hall).findings, []);
    for role in ["kiosk", "counter", "central"] {
        nothing_personal_lies_open(&hall.centre.station(role));
    }
    assert_eq!(personal(&hall.kiosk.folder), Opened::NotOurs, "a kiosk reads what it sealed");
    for reader in [Paths::from(&hall.counter.folder), central(&hall)] {
        if reader.db.ends_with("central.db") {
            hall.centre.end_service();
        }
        let Opened::Personal(opened) = personal(reader.clone()) else { panic!("{reader:?} cannot read it") };
        let identity = opened.identity.unwrap();
        assert_eq!(identity.name, NAME);
        assert_eq!(identity.extra, ["Trần Văn Cha", "Phạm Thị Mẹ", "", ""], "what later cards carry is kept");
    }
}

/// No file of a folder holds a name or a number as it is.
fn nothing_personal_lies_open(folder: &Path) {
    for entry in fs::read_dir(folder).unwrap().flatten().filter(|entry| entry.path().is_file()) {
        let bytes = fs::read(entry.path()).unwrap();
        for open in [NAME, NUMBER, "Phạm Thị Mẹ"] {
            let found = bytes.windows(open.len()).any(|window| window == open.as_bytes());
            assert!(!found, "{} holds {open}", entry.path().display());
        }
    }
}

#[test]
fn a_person_is_forgotten_everywhere_and_the_chains_stay_whole() {
    let mut hall = Hall::open();
    come_with_card(&mut hall);
    leave(&mut hall);
    // The kiosk's paper and the ticket's story are at the counter; now the order comes.
    hall.counter.stop();
    let mut store = Store::open(&hall.counter.folder).unwrap();
    let (event, subject) = issued(&store);
    assert!(matches!(store.personal(event).unwrap(), Opened::Personal(_)));
    let officer = OfficerId::new(OFFICER);
    store.forget(Moment(jiff_now()), Some(officer), &subject, "QĐ 1/2026").unwrap();
    assert_eq!(store.personal(event).unwrap(), Opened::Erased);
    drop(store);
    hall.counter.start();

    assert_eq!(judge(&mut hall).findings, []);
    hall.centre.end_service();
    assert_eq!(personal(central(&hall)), Opened::Erased);
    let report = Store::open(central(&hall)).unwrap().verify().unwrap();
    assert_eq!(report.difference, None);
}

fn jiff_now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    since.as_millis() as i64
}

#[test]
fn a_guessed_pin_waits_and_nothing_is_done_unsigned() {
    let mut hall = Hall::open();
    take_number(&mut hall, Wish { procedure: CERTIFIED_COPY, card: false });
    hall.counter.must("counter_sign_out", &json!({}));
    for name in ["counter_call_next", "counter_recall", "counter_no_show", "counter_close", "counter_open_person"] {
        assert_eq!(hall.counter.refused(name, &json!({})).code, "SIGN-IN-NEEDED", "{name}");
    }
    let view = hall.counter.must("counter_view", &json!({}));
    assert_eq!((&view["queue"], &view["current"]), (&json!([]), &json!(null)), "the queue is shown to nobody");

    let guess = |pin: &str| json!({ "officer": OFFICER, "pin": pin });
    for wrong in ["000000", "", "246811"] {
        assert_eq!(hall.counter.refused("counter_sign_in", &guess(wrong)).code, "SIGN-IN-WRONG");
    }
    let wait = hall.counter.refused("counter_sign_in", &guess(PIN));
    assert_eq!(wait.code, "SIGN-IN-WAIT", "the right PIN shortens no wait");
    assert!((1..=5).contains(&wait.params["seconds"].parse::<u32>().unwrap()), "{wait}");
    wait_for("the wait to be over", PATIENCE, || Ok(hall.counter.call("counter_sign_in", &guess(PIN)).ok())).unwrap();
    let nobody = json!({ "officer": "nobody", "pin": PIN });
    assert_eq!(hall.counter.refused("counter_sign_in", &nobody).code, "SIGN-IN-WRONG");
}
