//! One citizen from the kiosk to the door, whatever dies on the way.

use crate::centre::{ADULT, PATIENCE};
use crate::hall::Hall;
use serde_json::{Value, json};
use tests::fault::wait_for;
use uuid::Uuid;

/// Xác nhận tình trạng hôn nhân: three working days, with a receipt.
pub const MARITAL_STATUS: &str = "1.004873";
/// Chứng thực bản sao từ bản chính: done at once, a receipt on request only.
pub const CERTIFIED_COPY: &str = "2.000815";

/// What a citizen came for.
#[derive(Clone, Copy, Debug)]
pub struct Wish {
    pub procedure: &'static str,
    /// Whether they hold their card before the scanner.
    pub card: bool,
}

/// What a citizen got.
#[derive(Clone, PartialEq, Debug)]
pub struct Served {
    pub visit: String,
    pub number: String,
    pub code: String,
}

/// Plays the whole job and checks, on the way, what the citizen would notice.
pub fn serve(hall: &mut Hall, wish: Wish) -> Served {
    let (visit, number) = take_number(hall, wish);
    get_paper(hall, &visit);
    call(hall, &visit);
    let code = accept(hall, &visit, wish.procedure);
    leave(hall);
    let all_pages = hall.evidence.collect(&hall.centre.printer);
    assert!(all_pages.is_empty(), "paper came out after {number} was served: {all_pages:?}");
    Served { visit, number, code }
}

/// Takes a number; asks the same twice, as a finger that trembles.
pub fn take_number(hall: &mut Hall, wish: Wish) -> (String, String) {
    if wish.card {
        hall.centre.scan_at_kiosk(ADULT.as_bytes());
        hall.look("kiosk", "kiosk_view", &json!({}), |view| {
            // Read, or read and forgotten by a station that died since.
            (!view["card"].is_null() || view["scanner"]["state"] == "ready").then_some(())
        });
    }
    let ask = json!({ "ask": {
        "intent": Uuid::now_v7(), "procedure": wish.procedure, "use_card": wish.card, "priority": null, "language": "vi",
    } });
    let ticket = hall.kiosk.must("kiosk_take_number", &ask);
    let again = hall.kiosk.must("kiosk_take_number", &ask);
    let field = |ticket: &Value, name: &str| ticket[name].as_str().unwrap().to_owned();
    assert_eq!(field(&ticket, "number"), field(&again, "number"), "one wish, two numbers");
    assert_eq!(field(&ticket, "visit"), field(&again, "visit"));
    hall.kiosk.must("kiosk_leave", &json!({}));
    let number = field(&ticket, "number");
    assert!(hall.numbers.insert((hall.day.clone(), number.clone())), "{number} was given twice");
    (field(&ticket, "visit"), number)
}

/// Waits for the paper; where it did not come out, or nobody knows, the officer looks, and has it printed. Gives the text of
/// its code.
pub fn get_paper(hall: &mut Hall, visit: &str) -> String {
    let mut in_hand = Vec::new();
    for _ in 0..10 {
        let paper = hall.look("kiosk", "kiosk_ticket", &json!({ "visit": visit }), |ticket| {
            let paper = ticket["paper"].as_str().unwrap().to_owned();
            (paper != "printing").then_some(paper)
        });
        in_hand.extend(hall.evidence.collect(&hall.centre.printer));
        match paper.as_str() {
            "confirmed" | "sent" => {
                return in_hand.pop().expect("the paper is said to be out and is not");
            }
            _ => settle(hall, visit, !in_hand.is_empty()),
        }
    }
    panic!("no paper after ten tries");
}

/// The officer tells what lies in the tray, and asks for a copy where nothing does.
fn settle(hall: &mut Hall, visit: &str, came_out: bool) {
    let row = look_at_row(hall, visit);
    assert!(row["paper_problem"]["code"].is_string() || row["paper"] == "confirmed", "doubt without a reason: {row}");
    if row["paper"] == "in_doubt" || came_out {
        hall.counter.must("counter_settle_paper", &json!({ "visit": visit, "came_out": came_out }));
    }
    if came_out {
        // The kiosk learns from the centre what the officer said.
        return hall.look("kiosk", "kiosk_ticket", &json!({ "visit": visit }), |ticket| {
            (ticket["paper"] == "confirmed").then_some(())
        });
    }
    match hall.counter.call("counter_reprint", &json!({ "visit": visit })) {
        Ok(_) => {}
        // Asked already, by the station that died over it.
        Err(problem) => assert_eq!(problem.code, "STEP-NOT-LEGAL"),
    }
    look_at_row(hall, visit);
}

/// The ticket's row at the counter, once something is known of its paper.
fn look_at_row(hall: &mut Hall, visit: &str) -> Value {
    hall.look("counter", "counter_view", &json!({}), |view| {
        let rows = ["queue", "to_settle"].map(|list| view[list].as_array().cloned().unwrap_or_default()).concat();
        rows.into_iter().find(|row| row["visit"] == visit).filter(|row| row["paper"] != "printing")
    })
}

/// Calls the citizen to the desk.
pub fn call(hall: &mut Hall, visit: &str) {
    let waits = |view: &Value| {
        let queue = view["queue"].as_array().unwrap();
        let here = view["current"]["row"]["visit"] == visit;
        (here || queue.iter().any(|row| row["visit"] == visit)).then_some(())
    };
    hall.look("counter", "counter_view", &json!({}), waits);
    let called = wait_for("a call", PATIENCE, || match hall.counter.call("counter_call_next", &json!({})) {
        Ok(row) => {
            assert_eq!(row["visit"], visit, "somebody else was called: {row}");
            Ok(Some(()))
        }
        // A hub that was just promoted has not heard all desks.
        Err(problem) if problem.code == "HUB-LISTENS" => Ok(None),
        // Called already, by the station that died over it.
        Err(problem) => {
            assert_eq!(problem.code, "DESK-TAKEN", "{problem}");
            Ok(Some(()))
        }
    });
    called.unwrap();
    let view = hall.counter.must("counter_view", &json!({}));
    assert_eq!(view["current"]["row"]["visit"], visit);
    assert_eq!(view["current"]["row"]["called_twice"], false);
}

/// Accepts the dossier of whoever stands at the desk; presses the button twice. Gives the code.
pub fn accept(hall: &mut Hall, visit: &str, procedure: &str) -> String {
    let ask = ask_to_accept(&hall.counter.must("counter_procedures", &json!({ "words": procedure })), visit, procedure);
    let accepted = hall.counter.must("counter_accept", &ask);
    let again = hall.counter.must("counter_accept", &ask);
    assert_eq!(accepted["code"], again["code"], "one acceptance, two codes");
    assert_eq!(accepted["dossier"], again["dossier"]);
    if procedure == MARITAL_STATUS {
        let file = again["receipt_file"].as_str().unwrap_or_else(|| panic!("no receipt: {again}"));
        let bytes = std::fs::read(file).unwrap();
        let whole = bytes.starts_with(b"%PDF") && String::from_utf8_lossy(&bytes[bytes.len() - 16..]).contains("%%EOF");
        assert!(whole, "{file} is not whole");
    }
    let code = accepted["code"].as_str().unwrap().to_owned();
    assert!(hall.codes.insert(code.clone()), "{code} was given twice");
    code
}

/// What the officer's page sends.
pub fn ask_to_accept(procedures: &Value, visit: &str, procedure: &str) -> Value {
    let found = procedures.as_array().unwrap().iter().find(|known| known["code"] == procedure);
    let papers = found.unwrap()["papers"].as_array().cloned().unwrap_or_default();
    let ticks = papers.iter().filter(|paper| paper["required"] == true);
    let ticks: Vec<Value> = ticks
        .map(|paper| json!({ "id": paper["id"], "original": paper["original"], "certified": paper["certified"], "copies": paper["copies"] }))
        .collect();
    json!({ "ask": {
        "intent": Uuid::now_v7(), "visit": visit, "procedure": procedure, "again": true,
        "applicant": {
            "name": "Nguyễn Thị Mẫu", "number": "001199000123", "birth": "1999-02-15", "sex": "Nữ",
            "residence": "Số 1 Phố Mẫu, Hà Nội", "phone": "0900000000", "email": "",
        },
        "papers": ticks, "sets": 1, "pages": 2, "copies": 1, "fee_paid": true, "slip": false, "note": "",
    } })
}

/// The citizen leaves the desk.
pub fn leave(hall: &mut Hall) {
    match hall.counter.call("counter_close", &json!({})) {
        Ok(_) => {}
        // Closed already, by the station that died over it.
        Err(problem) => assert_eq!(problem.code, "STEP-NOT-LEGAL", "{problem}"),
    }
    assert!(hall.counter.must("counter_view", &json!({}))["current"].is_null());
}
