//! The record book of a place, read back from its paper: every dossier in the order of taking in, and nobody looks unseen.

use crate::centre::PIN;
use crate::citizen::{MARITAL_STATUS, Wish, ask_to_accept, call, get_paper, leave, take_number};
use crate::evidence::{events, field, judge};
use crate::hall::Hall;
use crate::offline::wait_until_online;
use ciborium::Value as Cbor;
use serde_json::{Value, json};
use std::path::Path;
use tests::checker::paper::pdf_text;

const WISH: Wish = Wish { procedure: MARITAL_STATUS, card: false };
const LONG: &str = "Công Tằng Tôn Nữ Nguyễn Phúc Hoàng Thị Thuỳ Dương Nghiêm Ước";
const FAR: &str = "Số 128C, ngách 45/12, tổ dân phố số 7, phường Văn Miếu - Quốc Tử Giám, thành phố Hà Nội";

/// Somebody at the desk, with what the officer's page would send for them.
fn come(hall: &mut Hall, name: &str) -> Value {
    let (visit, _) = take_number(hall, WISH);
    get_paper(hall, &visit);
    call(hall, &visit);
    let procedures = hall.counter.must("counter_procedures", &json!({ "words": MARITAL_STATUS }));
    let mut ask = ask_to_accept(&procedures, &visit, MARITAL_STATUS);
    (ask["ask"]["applicant"]["name"], ask["ask"]["applicant"]["residence"]) = (name.into(), FAR.into());
    ask
}

fn work(hall: &mut Hall, dossier: &Value, ask: &Value) {
    hall.counter.must("counter_work", &json!({ "dossier": dossier, "ask": ask, "note": "Lý do ghi ở đây." }));
}

fn looks(hall: &Hall) -> usize {
    let told = events(&hall.counter.folder.join("log.db"));
    let reads = |(kind, body): &&(String, Cbor)| {
        kind == "RecordViewed" && field(body, "reason").and_then(Cbor::as_text) == Some("register")
    };
    told.iter().filter(reads).count()
}

#[test]
fn the_book_names_every_dossier_that_was_taken_in_and_each_reading_is_written_down_first() {
    let mut hall = Hall::open();
    let ask = come(&mut hall, LONG);
    let first = hall.counter.must("counter_accept", &ask);
    leave(&mut hall);
    let ask = come(&mut hall, "Đặng Thị Quỳnh");
    let second = hall.counter.must("counter_register", &ask);
    work(&mut hall, &second["dossier"], &json!({ "order": "refuse", "ground": "not_competent" }));
    hall.counter.must("counter_close", &json!({}));
    work(&mut hall, &first["dossier"], &json!({ "order": "finish", "number": "" }));
    work(&mut hall, &first["dossier"], &json!({ "order": "return", "by": "post" }));

    // Without the network as well.
    hall.centre.cable.set_up(false);
    wait_until_online(&mut hall, false);
    assert_eq!(looks(&hall), 0);
    let book = hall.counter.must("counter_book", &json!({ "from": "", "until": "" }));
    assert_eq!((&book["rows"], &book["pages"]), (&json!(2), &json!(1)));
    assert_eq!(looks(&hall), 1);
    let text = pdf_text(Path::new(book["file"].as_str().unwrap())).unwrap();
    let lines: Vec<&str> = text.lines().filter(|line| line.contains("H26.") || line.contains("TẠM")).collect();
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in ["SỔ THEO DÕI HỒ SƠ", "Thuỳ", "Quỳnh", "Từ chối", "qua bưu", "Văn Miếu", "Trang 1/1", "2 (01 - 02)"]
    {
        assert!(words.contains(part), "{part}: {words}");
    }
    assert!(lines.iter().any(|line| line.trim_start().starts_with("01 ")), "{text}");

    // Days before: an empty book; days that are none, or that are turned round.
    let before = hall.counter.must("counter_book", &json!({ "from": "2020-01-01", "until": "2020-12-31" }));
    assert_eq!((&before["rows"], &before["pages"]), (&json!(0), &json!(1)));
    let turned = json!({ "from": "2026-12-02", "until": "2026-12-01" });
    assert_eq!(hall.counter.refused("counter_book", &turned).code, "BOOK-DAYS-NOT-FIT");
    let no_day = json!({ "from": "2026-02-30", "until": "" });
    assert_eq!(hall.counter.refused("counter_book", &no_day).code, "TIME-UNREADABLE");
    assert_eq!(looks(&hall), 2);
    hall.counter.must("counter_sign_out", &json!({}));
    assert_eq!(hall.counter.refused("counter_book", &json!({ "from": "", "until": "" })).code, "SIGN-IN-NEEDED");
    hall.counter.must("counter_sign_in", &json!({ "officer": crate::centre::OFFICER, "pin": PIN }));
    hall.centre.cable.set_up(true);
    wait_until_online(&mut hall, true);
    assert_eq!(judge(&mut hall).findings, []);
}
