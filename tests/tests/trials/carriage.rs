//! Papers handed over from one ward to another: two go, one comes, and both wards miss the other; the result comes back.

use crate::abroad::{THERE, come, elsewhere, look, words, work};
use crate::centre::PATIENCE;
use crate::citizen::leave;
use crate::evidence::judge;
use crate::hall::{Hall, Post};
use intake::event::Subject;
use serde_json::{Value, json};
use sync::store::Store;
use tests::fault::wait_for;

const LONG: &str = "Công Tằng Tôn Nữ Nguyễn Phúc Hoàng Thị Thuỳ Dương Nghiêm Ước";

/// A dossier that the other ward decides, sent on: its id and code.
fn forwarded(hall: &mut Hall, name: &str) -> (String, String) {
    let mut ask = come(hall, THERE);
    ask["ask"]["again"] = true.into();
    ask["ask"]["applicant"]["name"] = name.into();
    let accepted = hall.counter.must("counter_accept", &ask);
    let [dossier, code] = ["dossier", "code"].map(|field| accepted[field].as_str().unwrap().to_owned());
    assert_eq!(papers(&mut hall.counter)["to_hand_over"].as_array().unwrap().len(), 0, "it was not sent on yet");
    leave(hall);
    (dossier, code)
}

fn papers(post: &mut Post) -> Value {
    post.must("counter_papers", &json!({}))
}

/// What is on its way, once it is so many dossiers: their codes, and whether this desk confirms.
fn missing(post: &mut Post, count: usize) -> (Vec<String>, bool) {
    let found = wait_for("papers on their way", PATIENCE, || {
        let view = papers(post);
        let records = view["on_the_way"].as_array().unwrap();
        let rows = records.iter().flat_map(|record| record["rows"].as_array().unwrap());
        let codes: Vec<String> = rows.map(|row| row["code"].as_str().unwrap().to_owned()).collect();
        let confirms = records.iter().any(|record| record["confirms"] == true);
        Ok((codes.len() == count).then_some((codes, confirms)))
    });
    found.unwrap()
}

#[test]
fn two_dossiers_are_handed_over_one_is_received_and_both_wards_miss_the_other() {
    let mut hall = Hall::open();
    let mut there = elsewhere(&hall.centre);
    let (first, first_code) = forwarded(&mut hall, LONG);
    let (second, second_code) = forwarded(&mut hall, "Đặng Thị Quỳnh");
    for dossier in [&first, &second] {
        work(&mut hall.counter, dossier, &json!({ "order": "forward" }));
    }
    let ready = papers(&mut hall.counter)["to_hand_over"].clone();
    assert_eq!((&ready[0]["to"], ready[0]["rows"].as_array().unwrap().len()), (&json!("commune:00070"), 2));
    assert_eq!(ready[0]["name"]["vi"], "UBND phường Hoàn Kiếm");
    assert_eq!(
        hall.counter.refused("counter_hand_over", &json!({ "to": "commune:00070", "rows": [] })).code,
        "HAND-OVER-EMPTY"
    );
    let rows = json!([{ "dossier": first, "sheets": 4 }, { "dossier": second, "sheets": 3 }]);
    let over = hall.counter.must("counter_hand_over", &json!({ "to": "commune:00070", "rows": rows }));
    assert!(over["number"].as_str().unwrap().ends_with("-0001"), "{over}");
    let paper = words(&over["file"]);
    for part in
        ["BIÊN BẢN BÀN GIAO", "UBND phường Hoàn Kiếm", "Thuỳ", "Quỳnh", "2 hồ sơ, 7 tờ", &first_code, &second_code]
    {
        assert!(paper.contains(part), "{part}: {paper}");
    }
    let again = json!({ "to": "commune:00070", "rows": [{ "dossier": first, "sheets": 4 }] });
    assert_eq!(hall.counter.refused("counter_hand_over", &again).code, "STEP-NOT-LEGAL");
    // The record is written again, the same, and each reading of it is written down.
    let bytes = std::fs::read(over["file"].as_str().unwrap()).unwrap();
    std::fs::remove_file(over["file"].as_str().unwrap()).unwrap();
    let written = hall.counter.must("counter_hand_over_paper", &json!({ "number": over["number"] }));
    assert_eq!((&written["file"], std::fs::read(over["file"].as_str().unwrap()).unwrap()), (&over["file"], bytes));

    let number = over["number"].clone();

    // One of them lies in the bag.
    let (codes, confirms) = missing(&mut there, 2);
    assert_eq!((codes.len(), confirms), (2, true));
    assert_eq!(missing(&mut hall.counter, 2), (vec![first_code.clone(), second_code.clone()], false));
    let mine = json!({ "dossiers": [first] });
    assert_eq!(hall.counter.refused("counter_receive_papers", &mine).code, "STEP-NOT-LEGAL");
    there.must("counter_receive_papers", &mine);
    there.must("counter_receive_papers", &mine);
    assert_eq!(missing(&mut there, 1), (vec![second_code.clone()], true));
    assert_eq!(missing(&mut hall.counter, 1), (vec![second_code.clone()], false));
    look(&mut hall.counter, &first, |view| view["carriages"][0]["received"].is_i64().then_some(()));
    look(&mut hall.counter, &second, |view| view["carriages"][0]["received"].is_null().then_some(()));

    // The result comes back on a record of the other ward's own.
    work(&mut there, &first, &json!({ "order": "take_over" }));
    work(&mut there, &first, &json!({ "order": "finish", "number": "7/XN-UBND" }));
    let back = papers(&mut there)["to_hand_over"][0].clone();
    assert_eq!((&back["to"], &back["results"]), (&json!("site:00004"), &json!(true)));
    let rows = json!({ "to": back["to"], "rows": [{ "dossier": first, "sheets": 1 }] });
    let over = there.must("counter_hand_over", &rows);
    assert!(words(&over["file"]).contains("số 7/XN-UBND"), "{}", words(&over["file"]));
    let (codes, _) = missing(&mut hall.counter, 2);
    assert!(codes.contains(&first_code), "{codes:?}");
    hall.counter.must("counter_receive_papers", &mine);
    assert_eq!(missing(&mut hall.counter, 1), (vec![second_code.clone()], false));
    assert_eq!(missing(&mut there, 1), (vec![second_code], true));

    // Somebody on it is to be forgotten: no paper that names several people stays, and the record is written again without them.
    hall.counter.must("counter_book", &json!({ "from": "", "until": "" }));
    there.stop();
    let mut store = Store::open(&there.folder).unwrap();
    let now = store.events().unwrap().iter().map(|event| event.at.wall()).max().unwrap();
    store.forget(now, None, &Subject::Dossier(first.parse().unwrap()), "QĐ 1/2026").unwrap();
    drop(store);
    there.start();
    let books = hall.centre.station("counter").join("books");
    wait_for("the books to be gone", PATIENCE, || Ok((!books.exists()).then_some(()))).unwrap();
    let written = hall.counter.must("counter_hand_over_paper", &json!({ "number": number }));
    let paper = words(&written["file"]);
    assert!(!paper.contains("Thuỳ") && paper.contains("Quỳnh") && paper.contains(&first_code), "{paper}");
    there.stop();
    // The receipt of whoever was forgotten is gone with them, and nothing else.
    let findings: Vec<_> = judge(&mut hall).findings.into_iter().map(|finding| finding.what).collect();
    assert_eq!(findings, [format!("dossier {first_code}: its receipt is not there")]);
}
