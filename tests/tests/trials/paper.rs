//! Printers in trouble, and scanned paper: a ticket whose paper did not come out is not called until somebody has seen to it.

use crate::centre::PATIENCE;
use crate::citizen::{CERTIFIED_COPY, Wish, accept, call, leave, serve, take_number};
use crate::evidence::judge;
use crate::hall::Hall;
use hardware::emulator::{Faults, Garbage};
use serde_json::{Value, json};
use station::documents::{carried_to_text, text_to_carried};
use std::time::Duration;

const WISH: Wish = Wish { procedure: CERTIFIED_COPY, card: false };

/// A network line may have a slow serial one behind it: after a torn slip it is given more than a minute before a silence counts.
const ANSWER_WITHIN: Duration = PATIENCE.saturating_mul(3);

/// What is done to the printer, what puts it right again, and what becomes of the paper.
struct Trouble {
    name: &'static str,
    begin: fn(&Hall),
    end: fn(&Hall),
    /// Papers that may be told, with the codes that go with them.
    told: &'static [(&'static str, &'static str)],
}

fn line(hall: &Hall, faults: Faults) {
    hall.centre.printer.line().set_faults(faults);
}

const TROUBLES: &[Trouble] = &[
    Trouble {
        name: "no paper",
        begin: |hall| hall.centre.printer.set_paper_mm(0),
        end: |hall| hall.centre.printer.load_roll(),
        told: &[("not_printed", "PRINT-PAPER-OUT")],
    },
    Trouble {
        name: "the cover is open",
        begin: |hall| hall.centre.printer.set_cover_open(true),
        end: |hall| hall.centre.printer.set_cover_open(false),
        told: &[("not_printed", "PRINT-COVER-OPEN")],
    },
    Trouble {
        name: "the line is dead",
        begin: |hall| line(hall, Faults { refuse: true, ..Faults::default() }),
        end: |hall| line(hall, Faults::default()),
        told: &[("not_printed", "PRINT-LINE-LOST"), ("not_printed", "PRINT-ABSENT")],
    },
    Trouble {
        name: "junk in its answers",
        begin: |hall| line(hall, Faults { garbage: Some(Garbage::Instead), ..Faults::default() }),
        end: |hall| line(hall, Faults::default()),
        told: &[("in_doubt", "PRINT-JUNK"), ("not_printed", "PRINT-JUNK"), ("in_doubt", "PRINT-NO-ANSWER")],
    },
    Trouble {
        name: "it reads nothing any more",
        begin: |hall| line(hall, Faults { stall: true, ..Faults::default() }),
        end: |hall| line(hall, Faults::default()),
        told: &[("in_doubt", "PRINT-NO-ANSWER"), ("not_printed", "PRINT-NO-ANSWER")],
    },
    Trouble {
        name: "the line breaks in the midst of a page",
        begin: |hall| line(hall, Faults { cut_after_bytes: Some(6_000), ..Faults::default() }),
        end: |hall| line(hall, Faults::default()),
        told: &[("in_doubt", "PRINT-LINE-LOST"), ("not_printed", "PRINT-LINE-LOST")],
    },
];

/// What the kiosk tells of a ticket's paper, once it knows.
fn told(hall: &mut Hall, visit: &str) -> (String, String) {
    hall.look_within(ANSWER_WITHIN, "kiosk", "kiosk_ticket", &json!({ "visit": visit }), |ticket| {
        let paper = ticket["paper"].as_str().filter(|paper| *paper != "printing")?;
        Some((paper.to_owned(), ticket["problem"]["code"].as_str().unwrap_or_default().to_owned()))
    })
}

/// The ticket's row in a list of the counter.
fn row_in(hall: &mut Hall, list: &str, visit: &str) -> Value {
    hall.look("counter", "counter_view", &json!({}), |view| {
        view[list].as_array()?.iter().find(|row| row["visit"] == visit).cloned()
    })
}

#[test]
fn a_printer_in_trouble_is_named_and_its_ticket_not_called_until_a_copy_is_out() {
    let mut hall = Hall::open();
    // The printer is known to be well.
    serve(&mut hall, WISH);
    for trouble in TROUBLES {
        (trouble.begin)(&hall);
        let (visit, number) = take_number(&mut hall, WISH);
        let (paper, code) = told(&mut hall, &visit);
        assert!(trouble.told.contains(&(paper.as_str(), code.as_str())), "{}: {paper} {code}", trouble.name);

        // The counter may have the row before, as a ticket whose paper is overdue; then it learns what became of it.
        let row = hall.look("counter", "counter_view", &json!({}), |view| {
            view["to_settle"].as_array()?.iter().find(|row| row["visit"] == visit && row["paper"] == paper).cloned()
        });
        assert_eq!(row["paper_problem"]["code"], json!(code), "{}", trouble.name);
        let called = hall.counter.must("counter_call_next", &json!({}));
        assert!(called.is_null(), "{}: {number} was called without paper: {called}", trouble.name);

        (trouble.end)(&hall);
        hall.look("kiosk", "kiosk_view", &json!({}), |view| {
            ["ready", "degraded"].iter().any(|state| view["printer"]["state"] == *state).then_some(())
        });
        let came_out = !hall.evidence.collect(&hall.centre.printer).is_empty();
        if came_out {
            hall.counter.must("counter_settle_paper", &json!({ "visit": visit, "came_out": true }));
        } else {
            hall.counter.must("counter_reprint", &json!({ "visit": visit }));
        }
        row_in(&mut hall, "queue", &visit);
        let copies = hall.evidence.collect(&hall.centre.printer);
        assert_eq!(copies.len(), usize::from(!came_out), "{}: {number} has one paper", trouble.name);
        call(&mut hall, &visit);
        accept(&mut hall, &visit, CERTIFIED_COPY);
        leave(&mut hall);
    }
    let verdict = judge(&mut hall);
    assert_eq!(verdict.findings, []);
    assert_eq!(verdict.tickets, TROUBLES.len() + 1);
}

/// The counter's code for a scanned text.
fn refused(hall: &mut Hall, text: &str) -> String {
    hall.counter.refused("counter_admit", &json!({ "text": text })).code
}

/// A ticket's text as it stands on its paper.
fn ticket_text(hall: &mut Hall, visit: &str) -> String {
    told(hall, visit);
    hall.evidence.collect(&hall.centre.printer).pop().expect("a page with a code")
}

#[test]
fn a_scanned_ticket_that_is_not_right_is_refused_by_its_code() {
    let mut hall = Hall::open();
    let served = serve_and_keep_paper(&mut hall);
    assert_eq!(refused(&mut hall, &served), "TICKET-ALREADY-ADMITTED");

    let (visit, _) = take_number(&mut hall, WISH);
    let text = ticket_text(&mut hall, &visit);
    let bytes = text_to_carried(&text).unwrap();
    for at in [bytes.len() / 2, bytes.len() - 1] {
        let mut tampered = bytes.clone();
        tampered[at] ^= 1;
        let code = refused(&mut hall, &carried_to_text(&tampered));
        assert!(["TICKET-UNREADABLE", "TICKET-NOT-OURS"].contains(&code.as_str()), "byte {at}: {code}");
    }
    assert_eq!(refused(&mut hall, &text[..text.len() / 2]), "TICKET-UNREADABLE");
    assert_eq!(refused(&mut hall, "MC1:"), "TICKET-UNREADABLE");

    let mut elsewhere = Hall::open();
    assert_eq!(refused(&mut elsewhere, &text), "TICKET-NOT-OURS", "a ticket of another centre");

    // The counter's scanner tells the same as the officer's keyboard.
    hall.centre.scan_at_counter(b"MC1:ABC");
    hall.look("counter", "counter_view", &json!({}), |view| {
        view["problems"].as_array()?.iter().any(|problem| problem["code"] == "TICKET-UNREADABLE").then_some(())
    });
    hall.counter.stop();
    hall.counter.clock_ahead_ms = 24 * 3_600_000;
    assert_eq!(refused(&mut hall, &text), "TICKET-OLD", "a ticket of yesterday");
}

fn serve_and_keep_paper(hall: &mut Hall) -> String {
    let (visit, _) = take_number(hall, WISH);
    let text = ticket_text(hall, &visit);
    call(hall, &visit);
    leave(hall);
    text
}
