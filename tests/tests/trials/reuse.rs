//! Submit once, use many times: what was granted at one desk is offered at another, taken over with consent, and counted.

use crate::centre::{Centre, OFFICER, PIN, program};
use crate::citizen::{MARITAL_STATUS, Wish, accept, ask_to_accept, call, get_paper, leave, take_number};
use crate::evidence::{events, field};
use crate::hall::{Hall, Post};
use crate::offline::wait_until_online;
use crate::process::verify;
use ciborium::Value as Cbor;
use intake::ids::Desk;
use serde_json::{Value, json};
use station::config::Config;
use std::path::Path;
use std::process::Command;
use tests::checker::paper::pdf_text;

/// Đăng ký kết hôn: asks for a confirmation of marital status, which is what [`MARITAL_STATUS`] gives.
const MARRIAGE: &str = "1.000894";
const CONFIRMATION: &str = "xac-nhan-hon-nhan";
const NUMBER: &str = "001199000123";

/// Desk 4, beside the hall's own.
fn another_desk(centre: &Centre) -> Post {
    let folder = centre.station("counter-4");
    std::fs::create_dir_all(&folder).unwrap();
    let mut config = Config::read(&centre.station("counter")).unwrap();
    config.station.desk = Desk::new("4");
    (config.station.label, config.station.name) = ("Q4".into(), "Quầy 4".into());
    config.devices.clear();
    config.write(&folder).unwrap();
    let part = &config.station;
    let mut invite = Command::new(program("motcua-central"));
    invite.args(["invite", "--role", "counter", "--label", "Quầy 4"]);
    invite.args(["--site", part.site.as_str(), "--agency", part.agency.as_str()]);
    invite.arg("--store").arg(format!("sqlite:{}", centre.plan.central.store.display()));
    let token = invite.output().unwrap();
    assert!(token.status.success(), "{}", String::from_utf8_lossy(&token.stderr));
    std::fs::write(folder.join("invitation"), token.stdout).unwrap();
    let mut post = Post::of(folder, (OFFICER, PIN));
    post.start();
    post
}

/// Somebody stands at the desk that is the hall's counter now.
fn come(hall: &mut Hall, procedure: &'static str) -> String {
    let (visit, _) = take_number(hall, Wish { procedure, card: false });
    get_paper(hall, &visit);
    call(hall, &visit);
    visit
}

fn offers(hall: &mut Hall) -> Vec<Value> {
    let found = hall.counter.must("counter_offers", &json!({ "procedure": MARRIAGE }));
    found.as_array().unwrap().clone()
}

/// An intake that takes the confirmation over.
fn marry(hall: &mut Hall, visit: &str, from: &Value) -> Value {
    let procedures = hall.counter.must("counter_procedures", &json!({ "words": MARRIAGE }));
    let mut ask = ask_to_accept(&procedures, visit, MARRIAGE);
    ask["ask"]["reuse"] = json!([{ "paper": CONFIRMATION, "from": from }]);
    ask["ask"]["consent"] = true.into();
    ask["ask"]["slip"] = true.into();
    ask
}

fn till(hall: &mut Hall) -> (u64, u64) {
    let till = hall.counter.must("counter_till", &json!({}));
    (till["reused"].as_u64().unwrap(), till["papers"].as_u64().unwrap())
}

/// Papers of accepted dossiers that name another one, each with the consent.
fn reused(log: &Path) -> Vec<String> {
    let accepted = events(log).into_iter().filter(|(kind, _)| kind == "DossierAccepted");
    let papers = accepted.flat_map(|(_, body)| field(&body, "papers").and_then(Cbor::as_array).cloned().unwrap());
    let consent = |paper: Cbor| Some(field(field(&paper, "reused")?, "consent")?.as_text()?.to_owned());
    papers.filter_map(consent).collect()
}

#[test]
fn what_was_granted_at_one_desk_is_taken_over_at_another_with_consent_and_counted_once() {
    let mut hall = Hall::open();
    let mut other = another_desk(&hall.centre);
    // Desk 3 takes in, decides and returns a confirmation.
    let visit = come(&mut hall, MARITAL_STATUS);
    let code = accept(&mut hall, &visit, MARITAL_STATUS);
    let asked_for = till(&mut hall);
    assert!(asked_for.0 == 0 && asked_for.1 > 0, "{asked_for:?}");
    let dossier = hall.counter.must("counter_view", &json!({}))["current"]["accepted"][0]["dossier"].clone();
    leave(&mut hall);
    for order in [json!({ "order": "finish", "number": "" }), json!({ "order": "return", "by": "desk" })] {
        hall.counter.must("counter_work", &json!({ "dossier": dossier, "ask": order, "note": "" }));
    }
    hall.look("counter", "counter_view", &json!({}), |view| (view["sync"]["waiting"] == 0).then_some(()));

    // Desk 4 serves the same person.
    std::mem::swap(&mut hall.counter, &mut other);
    let visit = come(&mut hall, MARRIAGE);
    assert_eq!(offers(&mut hall), Vec::<Value>::new(), "nobody looked the person up");
    let found = hall.counter.must("counter_earlier", &json!({ "number": NUMBER }));
    assert_eq!(found["from_centre"], true);
    let offered = offers(&mut hall);
    let [offer] = &offered[..] else { panic!("{offered:?}") };
    assert_eq!((&offer["paper"], &offer["code"], &offer["from"]), (&json!(CONFIRMATION), &json!(code), &dossier));
    assert_eq!((&offer["result"], &offer["expired"]), (&json!(true), &json!(false)));
    assert!(offer["until"]["vi"].as_str().unwrap().starts_with("đến hết "), "{offer}");

    let ask = marry(&mut hall, &visit, &dossier);
    let mut silent = ask.clone();
    silent["ask"]["consent"] = false.into();
    assert_eq!(hall.counter.refused("counter_accept", &silent).code, "CONSENT-MISSING");
    let mut of_another = ask.clone();
    of_another["ask"]["applicant"]["number"] = "001199000124".into();
    assert_eq!(hall.counter.refused("counter_accept", &of_another).code, "REUSE-NOT-OFFERED");
    let accepted = hall.counter.must("counter_accept", &ask);
    assert_eq!(hall.counter.must("counter_accept", &ask)["code"], accepted["code"]);
    let known = json!({ "dossier": accepted["dossier"] });
    let view =
        hall.look("counter", "counter_dossier", &known, |view| view["receipt_file"].is_string().then(|| view.clone()));
    let papers = view["papers"].as_array().unwrap();
    let paper = papers.iter().find(|paper| paper["id"] == CONFIRMATION).unwrap();
    assert_eq!((&paper["digitised"], &paper["reused"]["code"]), (&json!(3), &json!(code)));
    let receipt = pdf_text(Path::new(view["receipt_file"].as_str().unwrap())).unwrap();
    let receipt = receipt.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(receipt.contains("tái sử dụng từ kết quả"), "{receipt}");
    assert_eq!(till(&mut hall), (1, 3));
    leave(&mut hall);

    // Without the centre, from the desk's own log.
    let visit = come(&mut hall, MARRIAGE);
    hall.centre.cable.set_up(false);
    let found = hall.counter.must("counter_earlier", &json!({ "number": NUMBER }));
    assert_eq!(found["from_centre"], false);
    assert_eq!(offers(&mut hall).len(), 1);
    let ask = marry(&mut hall, &visit, &dossier);
    hall.counter.must("counter_accept", &ask);
    assert_eq!(till(&mut hall), (2, 6));
    leave(&mut hall);
    assert_eq!(offers(&mut hall), Vec::<Value>::new(), "what was told outlived the visit");
    hall.centre.cable.set_up(true);
    wait_until_online(&mut hall, true);
    hall.look("counter", "counter_view", &json!({}), |view| (view["sync"]["waiting"] == 0).then_some(()));

    let folder = hall.counter.folder.clone();
    hall.counter.stop();
    let own = folder.join("log.db");
    assert_eq!(reused(&own), ["said_at_desk"; 2]);
    let looks = events(&own).into_iter().filter(|(kind, body)| {
        kind == "RecordViewed" && field(body, "reason").and_then(Cbor::as_text) == Some("earlier")
    });
    assert_eq!(looks.count(), 2, "each look is written down, whoever answered");
    verify(&folder).unwrap();
    // Desk 3 hears of both, and counts none of them for itself.
    std::mem::swap(&mut hall.counter, &mut other);
    hall.look("counter", "counter_dossiers", &json!({ "words": "Nguyen Thi Mau" }), |list| {
        (list["found"] == 3).then_some(())
    });
    assert_eq!(till(&mut hall), asked_for);
}
