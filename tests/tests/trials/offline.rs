//! The cable is cut: the paper carries the ticket, the intake is done, and all of it arrives when the network is back.

use crate::centre::{ADULT, Centre, PATIENCE};
use crate::citizen::{CERTIFIED_COPY, MARITAL_STATUS, Wish, ask_to_accept, leave, serve};
use crate::evidence::judge;
use crate::hall::Hall;
use serde_json::{Value, json};
use station::config::Config;
use tests::fault::wait_for;
use uuid::Uuid;

/// More dossiers than any lease holds numbers for.
const MANY: usize = 500;

pub fn wait_until_online(hall: &mut Hall, online: bool) {
    hall.look("counter", "counter_view", &json!({}), |view| (view["sync"]["online"] == online).then_some(()));
}

/// Takes a number with a card; gives the visit and what the paper's code says.
pub fn take_with_card(hall: &mut Hall, procedure: &str) -> (String, String) {
    hall.centre.scan_at_kiosk(ADULT.as_bytes());
    hall.look("kiosk", "kiosk_view", &json!({}), |view| (!view["card"].is_null()).then_some(()));
    let ask = json!({ "ask": {
        "intent": Uuid::now_v7(), "procedure": procedure, "use_card": true, "priority": null, "language": "en",
    } });
    let visit = hall.kiosk.must("kiosk_take_number", &ask)["visit"].as_str().unwrap().to_owned();
    hall.kiosk.must("kiosk_leave", &json!({}));
    hall.look("kiosk", "kiosk_ticket", &json!({ "visit": visit }), |ticket| {
        (ticket["paper"] == "confirmed").then_some(())
    });
    (visit, hall.evidence.collect(&hall.centre.printer).pop().expect("a page with a code"))
}

/// The counter scans the paper, and calls.
pub fn admit_and_call(hall: &mut Hall, visit: &str, paper: &str) {
    hall.centre.scan_at_counter(paper.as_bytes());
    let row = hall.look("counter", "counter_view", &json!({}), |view| {
        view["queue"].as_array()?.iter().find(|row| row["visit"] == visit).cloned()
    });
    assert_eq!((&row["came_by"], &row["has_card"]), (&json!("paper"), &json!(true)));
    assert_eq!(hall.counter.must("counter_call_next", &json!({}))["visit"], visit);
}

fn accept(hall: &mut Hall, visit: &str, procedure: &str) -> Value {
    let procedures = hall.counter.must("counter_procedures", &json!({ "words": procedure }));
    hall.counter.must("counter_accept", &ask_to_accept(&procedures, visit, procedure))
}

#[test]
fn the_job_is_done_with_the_cable_cut_and_arrives_when_it_is_back() {
    let mut hall = Hall::open();
    serve(&mut hall, Wish { procedure: MARITAL_STATUS, card: false });
    hall.look("counter", "counter_view", &json!({}), |view| {
        view["sync"]["codes_left"].as_u64().filter(|left| *left > 0)
    });
    hall.centre.cable.set_up(false);
    wait_until_online(&mut hall, false);

    let (visit, paper) = take_with_card(&mut hall, MARITAL_STATUS);
    admit_and_call(&mut hall, &visit, &paper);
    let person = hall.counter.must("counter_open_person", &json!({}));
    assert_eq!(person["name"], "Nguyễn Thị Mẫu", "the paper carries who the citizen is");
    let accepted = accept(&mut hall, &visit, MARITAL_STATUS);
    assert_eq!(accepted["code_official"], true, "numbers were leased ahead: {accepted}");
    assert!(std::fs::metadata(accepted["receipt_file"].as_str().unwrap()).unwrap().len() > 0);
    leave(&mut hall);
    let code = accepted["code"].as_str().unwrap().to_owned();
    assert_eq!(hall.kiosk.refused("kiosk_look_up", &json!({ "code": code })).code, "NET-CENTRE-DOWN");
    let view = hall.counter.must("counter_view", &json!({}));
    assert_eq!(view["sync"]["problem"]["code"], "NET-CENTRE-DOWN");
    assert!(view["sync"]["waiting"].as_u64().unwrap() > 0);

    hall.centre.cable.set_up(true);
    let state = wait_for("the dossier at the centre", PATIENCE, || {
        Ok(hall.kiosk.call("kiosk_look_up", &json!({ "code": code })).ok())
    });
    assert_eq!(state.unwrap()["status"], 2);
    let verdict = judge(&mut hall);
    assert_eq!(verdict.findings, []);
    assert_eq!((verdict.tickets, verdict.dossiers), (2, 2));
}

#[test]
fn with_no_number_left_a_dossier_gets_a_temporary_code_and_the_official_one_later() {
    let mut hall = Hall::open();
    hall.look("counter", "counter_view", &json!({}), |view| {
        view["sync"]["codes_left"].as_u64().filter(|left| *left > 0)
    });
    hall.centre.cable.set_up(false);
    wait_until_online(&mut hall, false);
    let (visit, paper) = take_with_card(&mut hall, CERTIFIED_COPY);
    admit_and_call(&mut hall, &visit, &paper);

    let mut codes = std::collections::BTreeSet::new();
    let temporary = (0..MANY).find_map(|_| {
        let accepted = accept(&mut hall, &visit, CERTIFIED_COPY);
        assert!(codes.insert(accepted["code"].as_str().unwrap().to_owned()), "a code twice: {accepted}");
        (accepted["code_official"] == false).then_some(accepted)
    });
    let temporary = temporary.expect("a lease ends");
    let code = temporary["code"].as_str().unwrap().to_owned();
    assert!(!code.starts_with("H26"), "{code} looks official");
    let view = hall.counter.must("counter_view", &json!({}));
    assert!(view["problems"].as_array().unwrap().iter().any(|problem| problem["code"] == "CODES-NONE-LEFT"), "{view}");

    hall.centre.cable.set_up(true);
    let official = hall.look("counter", "counter_view", &json!({}), |view| {
        let accepted = view["current"]["accepted"].as_array()?;
        let same = accepted.iter().find(|known| known["dossier"] == temporary["dossier"])?;
        (same["code_official"] == true).then(|| same["code"].as_str().unwrap().to_owned())
    });
    assert!(codes.insert(official.clone()), "{official} is another dossier's");
    leave(&mut hall);
    for asked in [&code, &official] {
        let state = wait_for("the dossier at the centre", PATIENCE, || {
            let found = hall.kiosk.call("kiosk_look_up", &json!({ "code": asked })).ok();
            Ok(found.filter(|state| state["code"] == official.as_str()))
        });
        assert!(state.is_ok(), "{asked}: {state:?}");
    }
    assert_eq!(judge(&mut hall).findings, []);
}

#[test]
fn a_centre_that_refuses_is_not_a_dead_line_and_what_it_refused_arrives_later() {
    let mut hall = Hall::open();
    serve(&mut hall, Wish { procedure: CERTIFIED_COPY, card: false });
    // Another city's centre has never heard of this station.
    let elsewhere = Centre::open();
    let file = hall.counter.folder.join("station.toml");
    let right = std::fs::read_to_string(&file).unwrap();
    let mut config = Config::read(&hall.counter.folder).unwrap();
    config.centre.as_mut().unwrap().url = format!("http://{}", elsewhere.plan.central.listen);
    hall.counter.stop();
    config.write(&hall.counter.folder).unwrap();
    hall.counter.start();
    let sync = hall.look("counter", "counter_view", &json!({}), |view| {
        (view["sync"]["problem"]["code"] == "NET-CENTRE-REFUSED").then(|| view["sync"].clone())
    });
    assert_eq!(sync["online"], true, "the centre answers: {sync}");
    assert!(sync["waiting"].as_u64().unwrap() > 0, "the sign-in waits: {sync}");

    hall.counter.stop();
    std::fs::write(&file, right).unwrap();
    let verdict = judge(&mut hall);
    assert_eq!(verdict.findings, []);
    assert_eq!(verdict.events_station, verdict.events_central);
}

#[test]
fn a_clock_that_is_hours_wrong_closes_no_door() {
    let mut hall = Hall::open();
    hall.counter.stop();
    hall.counter.clock_ahead_ms = 5 * 3_600_000;
    hall.counter.start();
    hall.look("counter", "counter_view", &json!({}), |view| {
        // By how much it is wrong is known, and everything is sent.
        let ahead_ms = view["sync"]["clock_ahead_ms"].as_i64()?;
        (ahead_ms > 4 * 3_600_000 && view["sync"]["waiting"] == 0).then_some(())
    });
    serve(&mut hall, Wish { procedure: CERTIFIED_COPY, card: false });
    hall.look("counter", "counter_view", &json!({}), |view| (view["sync"]["waiting"] == 0).then_some(()));
}
