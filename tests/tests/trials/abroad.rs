//! Whatever the boundary: a dossier is taken in at one commune, decided at another, and returned where it was taken in; what
//! stands on it is put right; the same wish is not taken in twice unseen.

use crate::centre::{Centre, OFFICER, PATIENCE, PIN, program};
use crate::citizen::{MARITAL_STATUS, Wish, ask_to_accept, call, get_paper, leave, take_number};
use crate::evidence::judge;
use crate::hall::{Hall, Post};
use crate::offline::wait_until_online;
use intake::ids::Desk;
use serde_json::{Value, json};
use station::config::Config;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use tests::checker::paper::pdf_text;
use tests::fault::wait_for;
use tests::place::Place;

const WISH: Wish = Wish { procedure: MARITAL_STATUS, card: false };
pub const THERE: &str = "Số 5 phố Mẫu, phường Hoàn Kiếm, thành phố Hà Nội";

/// The counter of another ward, with an officer of its own.
pub fn elsewhere(centre: &Centre) -> Post {
    let folder = centre.station("elsewhere");
    std::fs::create_dir_all(&folder).unwrap();
    let mut config = Config::read(&centre.station("counter")).unwrap();
    (config.station.site, config.station.agency) = ("00070".into(), "H26.7.00".into());
    (config.station.label, config.station.desk) = ("Q7".into(), Desk::new("7"));
    config.devices.clear();
    config.write(&folder).unwrap();
    let who = ["--site", "00070", "--role", "counter", "--label", "Quầy 7", "--agency", "H26.7.00"];
    std::fs::write(folder.join("invitation"), ask_centre(centre, "invite", &who, "")).unwrap();
    let who = ["--site", "00070", "--officer", OFFICER, "--name", "Lê Thị Hoàn Kiếm", "--pin-stdin"];
    ask_centre(centre, "appoint", &who, PIN);
    let mut post = Post::new(folder, Place::default(), Some((OFFICER, PIN)));
    post.start();
    post
}

fn ask_centre(centre: &Centre, what: &str, arguments: &[&str], input: &str) -> String {
    let store = format!("sqlite:{}", centre.plan.central.store.display());
    let mut command = Command::new(program("motcua-central"));
    command.arg(what).args(["--store", &store]).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut asked = command.spawn().unwrap();
    asked.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let answer = asked.wait_with_output().unwrap();
    assert!(answer.status.success(), "{what}: {}", answer.status);
    String::from_utf8_lossy(&answer.stdout).trim().to_owned()
}

/// A citizen at the desk whose dossier is not the only one of theirs.
pub fn come(hall: &mut Hall, residence: &str) -> Value {
    let (visit, _) = take_number(hall, WISH);
    get_paper(hall, &visit);
    call(hall, &visit);
    let procedures = hall.counter.must("counter_procedures", &json!({ "words": MARITAL_STATUS }));
    let mut ask = ask_to_accept(&procedures, &visit, MARITAL_STATUS);
    ask["ask"]["applicant"]["residence"] = residence.into();
    ask["ask"]["again"] = false.into();
    ask
}

pub fn look<T>(post: &mut Post, dossier: &str, find: impl Fn(&Value) -> Option<T>) -> T {
    let ask = json!({ "dossier": dossier });
    let found = wait_for("a dossier", PATIENCE, || match post.call("counter_dossier", &ask) {
        Ok(view) => Ok(find(&view)),
        Err(_) => Ok(None),
    });
    found.unwrap()
}

pub fn work(post: &mut Post, dossier: &str, ask: &Value) -> Value {
    post.must("counter_work", &json!({ "dossier": dossier, "ask": ask, "note": "" }))
}

fn amended(post: &mut Post, dossier: &str) -> Value {
    let view = post.must("counter_amend_view", &json!({ "dossier": dossier }));
    json!({ "dossier": dossier, "ask": {
        "applicant": view["applicant"], "papers": view["papers"], "sets": view["sets"],
        "authority": view["authority"]["found"], "reason": "Công dân báo sai địa chỉ.",
    } })
}

pub fn words(file: &Value) -> String {
    let text = pdf_text(Path::new(file.as_str().unwrap())).unwrap();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn status(view: &Value, status: u64) -> Option<()> {
    (view["row"]["status"] == status).then_some(())
}

#[test]
fn a_dossier_is_taken_in_at_one_commune_decided_at_another_and_returned_where_it_was_taken_in() {
    let mut hall = Hall::open();
    let mut there = elsewhere(&hall.centre);
    let ask = come(&mut hall, THERE);
    let told = json!({ "procedure": MARITAL_STATUS, "residence": THERE });
    let found = hall.counter.must("counter_authority", &told);
    assert_eq!((&found["found"], &found["sure"]), (&json!("commune:00070"), &json!(true)));
    let dossier = hall.counter.must("counter_accept", &ask)["dossier"].as_str().unwrap().to_owned();
    let sent = work(&mut hall.counter, &dossier, &json!({ "order": "forward" }));
    assert_eq!(sent["authority"]["text"]["vi"], "UBND phường Hoàn Kiếm");
    assert_eq!(sent["abroad"]["en"], "Elsewhere: not taken over yet");
    leave(&mut hall);

    // The other ward's officer has it with the applicant's name, and knows nothing else of this hall.
    look(&mut there, &dossier, |view| (view["row"]["person"] == "Nguyễn Thị Mẫu").then_some(()));
    assert_eq!(there.must("counter_dossiers", &json!({ "words": "" }))["found"], 1);
    look(&mut there, &dossier, |view| view["abroad"].is_object().then_some(()));
    work(&mut there, &dossier, &json!({ "order": "take_over" }));
    // The line is cut here while it is decided there.
    hall.centre.cable.set_up(false);
    wait_until_online(&mut hall, false);
    work(&mut there, &dossier, &json!({ "order": "finish", "number": "7/XN-UBND" }));
    let before = hall.counter.must("counter_dossier", &json!({ "dossier": dossier }));
    assert_ne!(before["row"]["status"], 9);
    hall.centre.cable.set_up(true);
    look(&mut hall.counter, &dossier, |view| status(view, 9));
    let view = work(&mut hall.counter, &dossier, &json!({ "order": "return", "by": "desk" }));
    assert_eq!(view["abroad"]["en"], "Elsewhere: result returned");
    look(&mut there, &dossier, |view| status(view, 10));
    there.stop();
    assert_eq!(judge(&mut hall).findings, []);
}

#[test]
fn a_wrong_authority_is_put_right_and_the_right_one_goes_on_from_there() {
    let mut hall = Hall::open();
    let mut there = elsewhere(&hall.centre);
    let ask = come(&mut hall, "Số 5 phố Mẫu, phường Ba Đình, Hà Nội");
    let accepted = hall.counter.must("counter_accept", &ask);
    let dossier = accepted["dossier"].as_str().unwrap().to_owned();
    look(&mut hall.counter, &dossier, |view| view["receipt_file"].as_str().map(drop));

    let mut amend = amended(&mut hall.counter, &dossier);
    assert_eq!(hall.counter.refused("counter_amend", &amend).code, "NOTHING-AMENDED");
    amend["ask"]["applicant"]["residence"] = THERE.into();
    amend["ask"]["authority"] = "commune:99999".into();
    assert_eq!(hall.counter.refused("counter_amend", &amend).code, "AUTHORITY-NOT-FIT");
    amend["ask"]["authority"] = "commune:00070".into();
    let other_person = {
        let mut other = amend.clone();
        other["ask"]["applicant"]["number"] = "001199000999".into();
        other
    };
    assert_eq!(hall.counter.refused("counter_amend", &other_person).code, "AMEND-OTHER-PERSON");
    let unsaid = {
        let mut unsaid = amend.clone();
        unsaid["ask"]["reason"] = " ".into();
        unsaid
    };
    assert_eq!(hall.counter.refused("counter_amend", &unsaid).code, "REASON-MISSING");
    hall.counter.must("counter_amend", &amend);
    // The receipt is given anew, says so, and has the new address; the old one stays as it was.
    let row = look(&mut hall.counter, &dossier, |view| {
        view["history"].as_array()?.iter().find(|row| row["file"].is_string()).cloned()
    });
    assert_eq!(
        (&row["what"]["en"], &row["note"]),
        (&json!("Put right: applicant, authority"), &json!("Công dân báo sai địa chỉ."))
    );
    let paper = words(&row["file"]);
    for part in ["CẤP LẠI", "phường Hoàn Kiếm", accepted["code"].as_str().unwrap()] {
        assert!(paper.contains(part), "{part}: {paper}");
    }
    assert!(words(&accepted["receipt_file"]).contains("phường Ba Đình"));
    work(&mut hall.counter, &dossier, &json!({ "order": "forward" }));
    leave(&mut hall);

    let money = json!({ "dossier": dossier, "ask": { "money": "take", "amount": 15000, "by": "cash" }, "note": "" });
    hall.counter.must("counter_money", &money);

    // The other ward heard nothing of it before; it works on it all the same, and this hall hears of that.
    look(&mut there, &dossier, |view| view["abroad"].is_object().then_some(()));
    let view = there.must("counter_dossier", &json!({ "dossier": dossier }));
    assert_eq!((&view["row"]["code"], &view["row"]["person"]), (&accepted["code"], &json!("Nguyễn Thị Mẫu")));
    let steps = |view: &Value| {
        view["history"].as_array().unwrap().iter().map(|row| row["what"]["en"].clone()).collect::<Vec<_>>()
    };
    let here = hall.counter.must("counter_dossier", &json!({ "dossier": dossier }));
    assert_eq!((steps(&view), view["payments"].as_array().unwrap().len()), (steps(&here), 1), "it has the whole past");
    assert_eq!(there.must("counter_till", &json!({}))["receipts"], 0, "the money is in the other ward's till");
    work(&mut there, &dossier, &json!({ "order": "take_over" }));
    look(&mut hall.counter, &dossier, |view| status(view, 4));
    // Who works on it cannot lose it to a third behind their back.
    let mut third = amended(&mut hall.counter, &dossier);
    third["ask"]["authority"] = "commune:00004".into();
    assert_eq!(hall.counter.refused("counter_amend", &third).code, "STEP-NOT-LEGAL");
    there.stop();
    assert_eq!(judge(&mut hall).findings, []);
}

/// Without the network as well: the same person, the same procedure, one still open.
#[test]
fn the_same_wish_is_not_taken_in_twice_unless_the_officer_says_that_it_is_another() {
    let mut hall = Hall::open();
    let ask = come(&mut hall, THERE);
    let first = hall.counter.must("counter_accept", &ask);
    assert_eq!(hall.counter.must("counter_accept", &ask)["dossier"], first["dossier"], "pressed twice, it is one");
    leave(&mut hall);
    let mut ask = come(&mut hall, THERE);
    hall.centre.cable.set_up(false);
    wait_until_online(&mut hall, false);
    let problem = hall.counter.refused("counter_accept", &ask);
    assert_eq!(
        (problem.code.as_str(), &problem.params["code"]),
        ("DOSSIER-OPEN-ALREADY", &first["code"].as_str().unwrap().to_owned())
    );
    ask["ask"]["again"] = true.into();
    let second = hall.counter.must("counter_accept", &ask);
    assert_ne!(second["dossier"], first["dossier"]);
    hall.centre.cable.set_up(true);
    wait_until_online(&mut hall, true);
    leave(&mut hall);
    assert_eq!(judge(&mut hall).findings, []);
}

/// The power goes when a receipt that is given anew is written and not yet told of: the correction stands once, and so does its paper.
#[test]
fn a_receipt_given_anew_that_a_power_cut_left_owed_is_written_and_told_once() {
    let mut hall = Hall::open();
    let ask = come(&mut hall, THERE);
    let dossier = hall.counter.must("counter_accept", &ask)["dossier"].as_str().unwrap().to_owned();
    let mut amend = amended(&mut hall.counter, &dossier);
    amend["ask"]["sets"] = 2.into();
    let deaths = hall.counter.deaths;
    hall.counter.start_to_crash_at("slip-written");
    // It dies over this; asked again, it knows that nothing is left to put right.
    assert_eq!(hall.counter.refused("counter_amend", &amend).code, "NOTHING-AMENDED");
    assert_eq!(hall.counter.deaths, deaths + 1);
    let row = look(&mut hall.counter, &dossier, |view| {
        view["history"].as_array()?.iter().find(|row| row["file"].is_string()).cloned()
    });
    assert!(words(&row["file"]).contains("CẤP LẠI"));
    let view = hall.counter.must("counter_dossier", &json!({ "dossier": dossier }));
    assert_eq!((&view["sets"], view["history"].as_array().unwrap().len()), (&json!(2), 2), "{view}");
    leave(&mut hall);
    let verdict = judge(&mut hall);
    assert_eq!((verdict.findings, verdict.events_station), (vec![], verdict.events_central));
}
