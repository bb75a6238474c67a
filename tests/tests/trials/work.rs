//! The legal routes of a dossier at a real counter: asked for papers, refused, promised anew, decided, returned; with the
//! network and without, and every paper read back.

use crate::citizen::{MARITAL_STATUS, Wish, ask_to_accept, call, get_paper, leave, take_number};
use crate::evidence::{events, judge};
use crate::hall::Hall;
use crate::offline::{admit_and_call, take_with_card, wait_until_online};
use serde_json::{Value, json};
use std::path::Path;
use tests::checker::paper::{pdf_qr_texts, pdf_text};

const WISH: Wish = Wish { procedure: MARITAL_STATUS, card: false };

/// A citizen stands at the desk; where no network carried their number, their paper did.
fn come(hall: &mut Hall) -> String {
    if hall.counter.must("counter_view", &json!({}))["sync"]["online"] == false {
        let (visit, paper) = take_with_card(hall, MARITAL_STATUS);
        admit_and_call(hall, &visit, &paper);
        return visit;
    }
    let (visit, _) = take_number(hall, WISH);
    get_paper(hall, &visit);
    call(hall, &visit);
    visit
}

fn ask_for(hall: &mut Hall, visit: &str) -> Value {
    let procedures = hall.counter.must("counter_procedures", &json!({ "words": MARITAL_STATUS }));
    ask_to_accept(&procedures, visit, MARITAL_STATUS)
}

fn work(hall: &mut Hall, dossier: &str, ask: &Value, note: &str) -> Value {
    hall.counter.must("counter_work", &json!({ "dossier": dossier, "ask": ask, "note": note }))
}

/// The paper that the last step printed, read back once it is written.
fn printed(hall: &mut Hall, dossier: &str) -> String {
    let file = hall.look("counter", "counter_dossier", &json!({ "dossier": dossier }), |view| {
        view["history"].as_array()?.last()?["file"].as_str().map(str::to_owned)
    });
    let text = pdf_text(Path::new(&file)).unwrap();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn says(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "the paper does not say {part:?}: {text}");
    }
}

fn legal(view: &Value) -> Vec<&str> {
    view["legal"].as_array().unwrap().iter().map(|order| order.as_str().unwrap()).collect()
}

/// Papers are lacking: taken down, asked for in one request, brought on another visit, accepted under the same code.
fn lacks_papers(hall: &mut Hall) {
    let visit = come(hall);
    let ask = ask_for(hall, &visit);
    let taken_down = hall.counter.must("counter_register", &ask);
    let (dossier, code) =
        (taken_down["dossier"].as_str().unwrap().to_owned(), taken_down["code"].as_str().unwrap().to_owned());
    let order = json!({ "order": "ask_papers", "bring_by": "2026-12-31", "papers": [
        { "id": "Bản án ly hôn đã có hiệu lực pháp luật", "fault": "missing" }, { "id": "to-khai", "fault": "wrong_form" },
    ] });
    let none =
        json!({ "dossier": dossier, "ask": { "order": "ask_papers", "bring_by": "", "papers": [] }, "note": "" });
    assert_eq!(hall.counter.refused("counter_work", &none).code, "PAPERS-NONE-NAMED");
    let view = work(hall, &dossier, &order, "Mang theo bản gốc để đối chiếu.");
    assert_eq!((view["row"]["status"].as_u64(), legal(&view)), (Some(5), vec!["refuse", "withdraw", "stop"]));
    let paper = printed(hall, &dossier);
    says(
        &paper,
        &["PHIẾU YÊU CẦU BỔ SUNG, HOÀN THIỆN HỒ SƠ", &code, "Bản án ly hôn đã có hiệu lực pháp luật", "Còn thiếu"],
    );
    says(&paper, &["Mang theo bản gốc để đối chiếu.", "31 tháng 12 năm 2026"]);
    hall.counter.must("counter_close", &json!({}));

    let visit = come(hall);
    let mut ask = ask_for(hall, &visit);
    ask["ask"]["draft"] = dossier.clone().into();
    let accepted = hall.counter.must("counter_accept", &ask);
    assert_eq!((&accepted["dossier"], &accepted["code"]), (&json!(dossier), &json!(code)));
    hall.look("counter", "counter_dossier", &json!({ "dossier": dossier }), |view| {
        view["receipt_file"].as_str().map(drop)
    });
    leave(hall);
}

/// A dossier that is not taken in.
fn refused(hall: &mut Hall) {
    let visit = come(hall);
    let ask = ask_for(hall, &visit);
    let dossier = hall.counter.must("counter_register", &ask)["dossier"].as_str().unwrap().to_owned();
    let order = json!({ "order": "refuse", "ground": "not_competent" });
    let unsaid = json!({ "dossier": dossier, "ask": order, "note": " " });
    assert_eq!(hall.counter.refused("counter_work", &unsaid).code, "REASON-MISSING");
    let view = work(hall, &dossier, &order, "Thuộc thẩm quyền của Toà án nhân dân.");
    assert_eq!((view["row"]["status"].as_u64(), legal(&view)), (Some(3), vec![]));
    let paper = printed(hall, &dossier);
    says(&paper, &["PHIẾU TỪ CHỐI", "Không thuộc thẩm quyền. Thuộc thẩm quyền của Toà án nhân dân."]);
    hall.counter.must("counter_close", &json!({}));
}

/// From acceptance to the returned result, by way of a request for papers and an apology.
fn decided(hall: &mut Hall) {
    let visit = come(hall);
    let mut ask = ask_for(hall, &visit);
    ask["ask"]["authority"] = "commune:00004".into();
    let dossier = hall.counter.must("counter_accept", &ask)["dossier"].as_str().unwrap().to_owned();
    leave(hall);
    work(hall, &dossier, &json!({ "order": "forward" }), "");
    work(hall, &dossier, &json!({ "order": "take_over" }), "");
    work(
        hall,
        &dossier,
        &json!({ "order": "ask_papers", "bring_by": "", "papers": [{ "id": "Sổ hộ khẩu cũ", "fault": "illegible" }] }),
        "",
    );
    says(&printed(hall, &dossier), &["Sổ hộ khẩu cũ", "Không đọc được"]);
    let brought = json!({ "order": "papers_brought", "papers": [{ "id": "Sổ hộ khẩu cũ", "original": 0, "certified": 0, "copies": 1 }] });
    let view = work(hall, &dossier, &brought, "");
    assert_eq!(view["row"]["status"], 4, "it goes on where it stood");
    let again = json!({ "dossier": dossier, "note": "", "ask": { "order": "ask_papers", "bring_by": "", "papers": [{ "id": "Giấy khác", "fault": "missing" }] } });
    assert_eq!(hall.counter.refused("counter_work", &again).code, "PAPERS-ASKED-BEFORE");

    let sunday = json!({ "dossier": dossier, "note": "Chờ", "ask": { "order": "reappoint", "due": "2099-02-01T10:00", "ground": "awaits_others" } });
    assert_eq!(hall.counter.refused("counter_work", &sunday).code, "PROMISE-DAY-NOT-FIT");
    let monday = json!({ "order": "reappoint", "due": "2099-02-02T10:00", "ground": "awaits_others" });
    work(hall, &dossier, &monday, "Phường Cửa Nam chưa trả lời xác minh.");
    says(
        &printed(hall, &dossier),
        &["XIN LỖI", "10 giờ 00 phút, ngày 02 tháng 02 năm 2099", "Phường Cửa Nam chưa trả lời xác minh."],
    );

    work(hall, &dossier, &json!({ "order": "finish", "number": "12/XN-UBND" }), "");
    let view = work(hall, &dossier, &json!({ "order": "return", "by": "desk" }), "");
    assert_eq!((view["row"]["status"].as_u64(), legal(&view)), (Some(10), vec![]));
    let slip = hall.counter.must("counter_control_slip", &json!({ "dossier": dossier }));
    let slip = pdf_text(Path::new(slip.as_str().unwrap())).unwrap();
    let slip = slip.split_whitespace().collect::<Vec<_>>().join(" ");
    says(&slip, &["PHIẾU KIỂM SOÁT", "Tiếp nhận", "Chuyển xử lý", "Trước hạn"]);
}

fn found(hall: &mut Hall, words: &str) -> u64 {
    hall.counter.must("counter_dossiers", &json!({ "words": words }))["found"].as_u64().unwrap()
}

#[test]
fn every_legal_route_is_played_with_and_without_the_centre_and_its_papers_are_read_back() {
    let mut hall = Hall::open();
    lacks_papers(&mut hall);
    refused(&mut hall);
    decided(&mut hall);
    hall.centre.cable.set_up(false);
    wait_until_online(&mut hall, false);
    lacks_papers(&mut hall);
    refused(&mut hall);
    decided(&mut hall);
    hall.centre.cable.set_up(true);
    wait_until_online(&mut hall, true);
    // Whoever it was is found however they are written; an empty search shows what is open.
    let all = found(&mut hall, "261");
    assert!(all >= 6, "{all}");
    let open = found(&mut hall, "");
    assert_eq!(open, 2, "those that lacked papers and were accepted");
    assert_eq!(judge(&mut hall).findings, []);
}

/// The fee of a certified copy is paid with the acceptance; a transfer is announced, arrives, and is given back; the till is
/// counted. Every receipt has its number and its paper.
#[test]
fn money_has_receipts_and_the_till_comes_out_even() {
    let mut hall = Hall::open();
    let visit = come(&mut hall);
    let ask = ask_for(&mut hall, &visit);
    let dossier = hall.counter.must("counter_accept", &ask)["dossier"].as_str().unwrap().to_owned();
    let money = |hall: &mut Hall, ask: Value, note: &str| {
        hall.counter.must("counter_money", &json!({ "dossier": dossier, "ask": ask, "note": note }))
    };
    let before = hall.counter.must("counter_till", &json!({}));
    money(&mut hall, json!({ "money": "take", "amount": 20000, "by": "cash" }), "");
    let view = money(&mut hall, json!({ "money": "take", "amount": 15000, "by": "transfer" }), "");
    let transfer = view["payments"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&transfer["stands"], transfer["qr"].is_string()), (&json!("announced"), true), "{transfer}");
    let of = |what: &str| json!({ "money": what, "series": transfer["series"], "number": transfer["number"] });
    let refund = json!({ "dossier": dossier, "ask": of("refund"), "note": "Thu nhầm" });
    assert_eq!(hall.counter.refused("counter_money", &refund).code, "STEP-NOT-LEGAL", "it has not arrived");
    money(&mut hall, of("confirm"), "");
    assert_eq!(
        hall.counter.refused("counter_money", &json!({ "dossier": dossier, "ask": of("refund"), "note": "" })).code,
        "REASON-MISSING"
    );
    hall.counter.must("counter_money", &refund);

    let row = hall.look("counter", "counter_dossier", &json!({ "dossier": dossier }), |view| {
        view["payments"]
            .as_array()?
            .iter()
            .rev()
            .find(|row| row["file"].is_string() && row["by"] == "transfer")
            .cloned()
    });
    let file = Path::new(row["file"].as_str().unwrap());
    let text = pdf_text(file).unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
    says(
        &text,
        &["BIÊN LAI", "15.000", "Mười lăm nghìn đồng", row["series"].as_str().unwrap(), "Liên 1", "Liên 2", "Liên 3"],
    );
    let scratch = tempfile::tempdir().unwrap();
    let codes = pdf_qr_texts(file, scratch.path()).unwrap();
    assert!(codes.iter().any(|code| code.starts_with("000201") && code.contains("540515000")), "{codes:?}");

    let after = hall.counter.must("counter_close_till", &json!({ "counted": 20000 }));
    let gained = |name: &str| after[name].as_i64().unwrap() - before[name].as_i64().unwrap();
    assert_eq!((gained("receipts"), gained("expected")), (2, 20_000));
    leave(&mut hall);
    assert_eq!(judge(&mut hall).findings, []);
}

/// The power goes when the paper of a step is written and not yet told of: the step stands, and the paper is made once.
#[test]
fn a_paper_that_a_power_cut_left_owed_is_written_and_told_once() {
    let mut hall = Hall::open();
    let visit = come(&mut hall);
    let ask = ask_for(&mut hall, &visit);
    let dossier = hall.counter.must("counter_register", &ask)["dossier"].as_str().unwrap().to_owned();
    let deaths = hall.counter.deaths;
    hall.counter.start_to_crash_at("slip-written");
    let order = json!({ "order": "refuse", "ground": "not_competent" });
    let ask = json!({ "dossier": dossier, "ask": order, "note": "Thuộc thẩm quyền của Toà án nhân dân." });
    // It dies over this; asked again, it knows that it did it.
    let again = hall.counter.call("counter_work", &ask);
    assert_eq!(again.unwrap_err().code, "STEP-NOT-LEGAL");
    assert_eq!(hall.counter.deaths, deaths + 1);
    says(&printed(&mut hall, &dossier), &["PHIẾU TỪ CHỐI", "Thuộc thẩm quyền của Toà án nhân dân."]);
    let view = hall.counter.must("counter_dossier", &json!({ "dossier": dossier }));
    assert_eq!(view["history"].as_array().unwrap().len(), 1, "{view}");
    let papers = std::fs::read_dir(hall.centre.station("counter").join("papers")).unwrap();
    let names: Vec<_> = papers.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert!(matches!(&names[..], [one] if one.ends_with("-1.pdf")), "one paper, and no part of another: {names:?}");
    hall.counter.must("counter_close", &json!({}));
    let verdict = judge(&mut hall);
    assert_eq!(verdict.findings, []);
    assert_eq!(verdict.events_station, verdict.events_central);
}

/// Who looked at names and at a dossier stands in the log.
#[test]
fn no_list_of_names_and_no_dossier_is_shown_without_an_event_before_it() {
    let mut hall = Hall::open();
    let visit = come(&mut hall);
    let ask = ask_for(&mut hall, &visit);
    let dossier = hall.counter.must("counter_accept", &ask)["dossier"].as_str().unwrap().to_owned();
    leave(&mut hall);
    let looks = |hall: &Hall| {
        let told = events(&hall.counter.folder.join("log.db"));
        told.iter().filter(|(kind, _)| kind == "RecordViewed").count()
    };
    let before = looks(&hall);
    for (at, words) in ["", "nguyen thi mau", "001199000123", "0900 000 000", "261"].into_iter().enumerate() {
        assert_eq!(found(&mut hall, words), 1, "{words}");
        assert_eq!(looks(&hall), before + at + 1, "{words}");
    }
    hall.counter.must("counter_dossier", &json!({ "dossier": dossier }));
    assert_eq!(looks(&hall), before + 6);
    let abroad = json!({ "dossier": dossier, "ask": { "order": "forward" }, "note": "" });
    assert_eq!(hall.counter.refused("counter_work", &abroad).code, "AUTHORITY-NOT-TOLD");
    assert_eq!(judge(&mut hall).findings, []);
}
