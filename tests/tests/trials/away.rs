//! Two desks under one hub: a citizen who is away for a while, sent back, or sent on, is called by one desk at a time, and
//! the board hears of each call.

use crate::centre::{Centre, PATIENCE, PIN, program};
use crate::citizen::{CERTIFIED_COPY, MARITAL_STATUS, Wish, get_paper, take_number};
use crate::hall::{Hall, Post};
use serde_json::{Value, json};
use station::Config;
use station::api::BoardView;
use station::clock::MachineClock;
use std::path::PathBuf;
use std::sync::Arc;
use tests::fault::wait_for;
use tests::site::SiteHub;

/// The account of the second desk.
const SECOND: &str = "hai";

/// A second counter beside the demo's, at desk 4, with an officer of its own.
fn second_counter(centre: &Centre, hub: &SiteHub) -> PathBuf {
    let (first, folder) = (centre.station("counter"), centre.station("counter-4"));
    std::fs::create_dir_all(&folder).unwrap();
    let mut config = Config::read(&first).unwrap();
    (config.station.desk, config.station.label, config.station.name) = ("4".into(), "Q4".into(), "Quầy 4".into());
    // Its devices are the first one's, which two stations cannot share.
    config.devices.clear();
    config.write(&folder).unwrap();
    let invitation = hub.invites_counter(&centre.plan, "Quầy 4", config.station.agency.as_str()).unwrap();
    std::fs::write(folder.join("invitation"), invitation).unwrap();
    hub.appoints(&centre.plan, SECOND, "Cán bộ quầy hai", PIN).unwrap();
    hub.serves(&folder).unwrap();
    folder
}

fn look<T>(post: &mut Post, what: &str, look: impl Fn(&Value) -> Option<T>) -> T {
    let mut last = Value::Null;
    let found = wait_for(what, PATIENCE, || {
        last = post.must("counter_view", &json!({}));
        Ok(look(&last))
    });
    found.unwrap_or_else(|fault| panic!("{fault}: {} {} {}", last["queue"], last["parked"], last["desks"]))
}

fn waits(post: &mut Post, visit: &str) {
    look(post, "a ticket in the queue", |view| {
        view["queue"].as_array()?.iter().find(|row| row["visit"] == visit).map(drop)
    });
}

fn called(post: &mut Post) -> String {
    let row = wait_for("a call", PATIENCE, || match post.call("counter_call_next", &json!({})) {
        Ok(row) => Ok(row["visit"].as_str().map(str::to_owned)),
        Err(problem) if problem.code == "HUB-LISTENS" => Ok(None),
        Err(problem) => panic!("{problem}"),
    });
    row.unwrap()
}

fn shows(board: &station::Hall, number: &str, desk: &str) {
    let look = |view: &BoardView| view.now.iter().any(|call| call.number == number && call.desk == desk);
    let found = wait_for("a call on the board", PATIENCE, || Ok(look(&board.board_view()).then_some(())));
    found.unwrap_or_else(|fault| panic!("{fault}: {number} at {desk}: {:?}", board.board_view()));
}

#[test]
fn who_is_away_sent_back_or_sent_on_is_called_by_one_desk_at_a_time() {
    let mut prepared = None;
    let mut hall = Hall::open_after(|centre| {
        let hub = SiteHub::start(&program("motcua-central"), &centre.plan, &centre.station("hub")).unwrap();
        hub.serves(&centre.station("kiosk")).unwrap();
        hub.serves(&centre.station("counter")).unwrap();
        let board = hub.tells_board(&centre.plan).unwrap();
        let second = second_counter(centre, &hub);
        prepared = Some((hub, board, second));
    });
    let (_hub, board, second) = prepared.unwrap();
    let board = station::Hall::open(&board, Arc::new(MachineClock::default())).unwrap();
    let mut four = Post::new(second, tests::place::Place::default(), Some((SECOND, PIN)));
    four.start();
    let mut tickets = Vec::new();
    for _ in 0..2 {
        let (visit, number) = take_number(&mut hall, Wish { procedure: CERTIFIED_COPY, card: false });
        let paper = get_paper(&mut hall, &visit);
        waits(&mut hall.counter, &visit);
        waits(&mut four, &visit);
        tickets.push((visit, number, paper));
    }
    let [(first, first_number, _), (second, second_number, paper)] = tickets.try_into().unwrap();

    // Away for a while: desk 3 is free, desk 4 gets the next one, and desk 3 calls them again.
    assert_eq!(called(&mut hall.counter), first);
    hall.counter.must("counter_park", &json!({}));
    look(&mut hall.counter, "who is away", |view| (view["parked"][0]["row"]["visit"] == first.as_str()).then_some(()));
    assert_eq!(called(&mut four), second, "nobody else calls who is away");
    shows(&board, &second_number, "4");
    hall.counter.must("counter_take_back", &json!({ "visit": first }));
    let again = wait_for("the second call on the board", PATIENCE, || {
        let view = board.board_view();
        Ok(view.now.iter().any(|call| call.number == first_number && call.times == 2).then_some(()))
    });
    again.unwrap();

    // One more service, then on to desk 4, which calls them although its own queue would have others first.
    hall.counter.must("counter_add_service", &json!({ "procedure": MARITAL_STATUS }));
    let services = hall.counter.must("counter_view", &json!({}))["current"]["services"].clone();
    assert_eq!(services.as_array().unwrap().len(), 2, "{services}");
    look(&mut hall.counter, "that somebody is at desk 4", |view| (view["desks"][0]["desk"] == "4").then_some(()));
    let nobody = hall.counter.call("counter_transfer", &json!({ "to": { "desk": "5" } }));
    assert_eq!(nobody.unwrap_err().code, "DESK-NOT-STAFFED");
    hall.counter.must("counter_transfer", &json!({ "to": { "desk": "4" } }));
    assert!(hall.counter.must("counter_call_next", &json!({})).is_null(), "desk 3 does not call them");
    four.must("counter_send_back", &json!({ "visit": null }));
    look(&mut four, "who was sent here", |view| (view["queue"][0]["sent_here"] == true).then_some(()));
    assert_eq!(called(&mut four), first);
    shows(&board, &first_number, "4");

    // Sent back by desk 4, the second is anybody's.
    waits(&mut hall.counter, &second);
    assert_eq!(called(&mut hall.counter), second);
    shows(&board, &second_number, "3");
    let view = hall.counter.must("counter_view", &json!({}));
    assert_eq!(view["current"]["row"]["called_twice"], false, "one desk after the other");
    four.must("counter_close", &json!({}));

    // Away from desk 3, the second comes to desk 4 with the paper, which opens every door: desk 3 gets them no more.
    hall.counter.must("counter_park", &json!({}));
    look(&mut four, "that the second is away", |view| {
        view["queue"].as_array()?.iter().all(|row| row["visit"] != second.as_str()).then_some(())
    });
    four.must("counter_admit", &json!({ "text": paper }));
    let elsewhere = wait_for("the second at desk 4", PATIENCE, || {
        // Until the hub has heard of the paper, and of the stay away, it says that desk 3 has them.
        let row = four.must("counter_call_next", &json!({}));
        if row.is_null() {
            four.must("counter_admit", &json!({ "text": paper }));
            return Ok(None);
        }
        Ok((row["visit"] == second.as_str()).then_some(()))
    });
    elsewhere.unwrap();
    let refused = hall.counter.call("counter_take_back", &json!({ "visit": second })).unwrap_err();
    assert!(["VISIT-ELSEWHERE", "STEP-NOT-LEGAL"].contains(&refused.code.as_str()), "{refused}");
    four.must("counter_close", &json!({}));

    // A paused desk calls nobody until it goes on.
    hall.counter.must("counter_pause", &json!({ "why": "break" }));
    assert_eq!(hall.counter.call("counter_call_next", &json!({})).unwrap_err().code, "DESK-PAUSED");
    look(&mut four, "that desk 3 is paused", |view| (view["desks"][0]["paused"] == true).then_some(()));
    hall.counter.must("counter_resume", &json!({}));
    assert!(hall.counter.must("counter_call_next", &json!({})).is_null());
}
