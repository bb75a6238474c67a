//! A job that was torn never spills onto the next slip.

use std::time::{Duration, Instant};

use hardware::emulator::{EmulatedPrinter, Faults, LineSpec, Page, PrinterModel};
use hardware::printer::LastSlip;
use hardware::{JobId, Outcome};

use crate::{eventually, open, printer, qr_on, ticket};

/// The slip of a healthy printer.
fn clean_page() -> Page {
    let (far, mut near) = printer(&LineSpec::free_port(), PrinterModel::default(), "generic-80mm");
    near.print(JobId(1), &ticket("B002"), Instant::now());
    far.pages().remove(0)
}

/// Tears a job at a byte, opens the line anew, prints another; gives all slips.
fn torn_at(model: PrinterModel, byte: u64) -> Vec<Page> {
    let (far, mut near) = printer(&LineSpec::free_port(), model, "generic-80mm");
    near.status(Instant::now() + Duration::from_secs(2));
    far.line().set_faults(Faults { cut_after_bytes: Some(byte), ..Faults::default() });
    let report = near.print(JobId(1), &ticket("A001"), Instant::now());
    assert!(matches!(report.outcome, Outcome::Unknown { .. }), "{report:?}");
    assert_eq!(near.last_slip(), LastSlip::MaybeTorn);
    far.line().set_faults(Faults::default());
    next_slip(&far, near.last_slip());
    far.take_pages()
}

fn next_slip(far: &EmulatedPrinter, last_slip: LastSlip) {
    let mut near = eventually("the line opens again", || open(far, "generic-80mm", last_slip).ok());
    let report = near.print(JobId(2), &ticket("B002"), Instant::now());
    assert_eq!(report.outcome, Outcome::Confirmed);
    assert_eq!(near.last_slip(), LastSlip::Whole);
}

#[test]
fn the_next_slip_is_clean_wherever_the_job_before_was_torn() {
    let clean = clean_page();
    for clears_buffer in [true, false] {
        let model = PrinterModel { clears_buffer, ..PrinterModel::default() };
        for byte in [1, 5, 6, 9, 13, 40, 500, 2000, 4000, 6001] {
            let pages = torn_at(model, byte);
            let last = pages.last().unwrap();
            assert_eq!(last.png, clean.png, "torn at {byte}, clears_buffer {clears_buffer}");
            // Before it at most the remains, never a second whole ticket.
            assert!(pages.len() <= 2, "torn at {byte}");
        }
    }
    assert!(qr_on(&clean).contains("B002"));
}

#[test]
fn a_whole_slip_before_is_not_followed_by_an_empty_one() {
    let (far, mut near) = printer(&LineSpec::free_port(), PrinterModel::default(), "generic-80mm");
    for _ in 0..3 {
        assert_eq!(near.print(JobId(1), &ticket("B002"), Instant::now()).outcome, Outcome::Confirmed);
    }
    let clean = clean_page();
    assert!(far.pages().iter().all(|page| page.png == clean.png));
    assert_eq!(far.pages().len(), 3);
}
