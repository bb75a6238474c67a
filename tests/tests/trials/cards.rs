//! What is held before a scanner, through the scanner's real bytes: good cards, bad cards, and what is none.

use crate::centre::ADULT;
use crate::citizen::{CERTIFIED_COPY, Wish, take_number};
use crate::hall::Hall;
use hardware::emulator::Terminator;
use serde_json::{Value, json};

const PAYLOADS: &str = include_str!("../../../fixtures/cards/payloads.tsv");

/// Holds it before the kiosk's scanner; gives the view once it tells something.
fn scan(hall: &mut Hall, payload: &[u8]) -> Value {
    hall.kiosk.must("kiosk_leave", &json!({}));
    hall.centre.kiosk_scanner.put_card(payload, Terminator::CrLf);
    hall.look("kiosk", "kiosk_view", &json!({}), |view| {
        (!view["card"].is_null() || !view["card_problem"].is_null()).then(|| view.clone())
    })
}

#[test]
fn every_card_is_read_or_refused_by_its_code() {
    let mut hall = Hall::open();
    let mut seen = 0;
    for line in PAYLOADS.lines().skip(1) {
        let [name, payload, expected] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let view = scan(&mut hall, payload.as_bytes());
        let (card, problem) = (&view["card"], &view["card_problem"]);
        match expected {
            "ok" => assert_eq!(card["warnings"], json!([]), "{name}: {problem}"),
            _ if expected.starts_with("warns ") => {
                assert_eq!(card["warnings"].as_array().map(Vec::len), Some(1), "{name}: {problem}");
            }
            code => assert_eq!((card, &problem["code"]), (&Value::Null, &json!(code)), "{name}"),
        }
        seen += 1;
    }
    assert!(seen >= 20, "{seen} cards");
    // Nothing of all that gave a number.
    let (_, number) = take_number(&mut hall, Wish { procedure: CERTIFIED_COPY, card: false });
    assert_eq!(number, "A001");
}

#[test]
fn bytes_that_are_no_text_and_texts_without_end_are_named_and_the_next_card_is_read() {
    let mut hall = Hall::open();
    let windows_1258 =
        b"001199000123|012345678|Nguy\xEA\xDEn Th\xEB M\xE2u|15021999|N\xFD|H\xE0 N\xF4i|10052021".to_vec();
    for (payload, code) in [(windows_1258, "SCAN-ENCODING"), (vec![b'7'; 5_000], "SCAN-TOO-LONG")] {
        assert_eq!(scan(&mut hall, &payload)["card_problem"]["code"], code);
        assert_eq!(scan(&mut hall, ADULT.as_bytes())["card"]["name"], "Nguyễn Thị Mẫu");
    }
}

#[test]
fn a_card_shows_nothing_more_than_the_holder_needs_and_leaves_with_them() {
    let mut hall = Hall::open();
    let view = scan(&mut hall, "001048000456||Lê Văn Cao Tuổi|00001948|Nam|Số 3 Ngõ Mẫu, Hà Nội|12082021".as_bytes());
    assert_eq!(view["card"]["masked_number"], "001•••••0456");
    assert_eq!(view["card"]["birth_year"], "1948");
    assert_eq!(view["card"]["priority"], "elderly");
    assert!(!view.to_string().contains("001048000456") && !view.to_string().contains("Ngõ Mẫu"));
    hall.kiosk.must("kiosk_leave", &json!({}));
    assert!(hall.kiosk.must("kiosk_view", &json!({}))["card"].is_null());
}
