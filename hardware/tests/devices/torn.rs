//! A job that was torn never spills onto the next slip.

use std::time::{Duration, Instant};

use hardware::emulator::{EmulatedPrinter, Faults, LineSpec, Page, PrinterModel};
use hardware::printer::{EscPosPrinter, LastSlip, LineSpeed};
use hardware::{Fault, JobId, Outcome, Profile};

use crate::{eventually, qr_on, ticket};

/// The usual printer, on a line where bytes cost nothing (rows of dots) or each counts (columns, taught letters, a code by the printer).
fn profile(line: LineSpeed) -> Profile {
    Profile { line, ..Profile::named("generic-80mm").unwrap() }
}

fn open(far: &EmulatedPrinter, line: LineSpeed, last_slip: LastSlip) -> Result<EscPosPrinter, Fault> {
    let near = EscPosPrinter::open(&far.line().address(), profile(line), last_slip)?;
    Ok(near.with_patience(Duration::from_millis(300)))
}

/// The slip of a healthy printer, and the length of its job.
fn clean_page(line: LineSpeed) -> (Page, usize) {
    let far = EmulatedPrinter::start(&LineSpec::free_port(), PrinterModel::default(), None).unwrap();
    let report = open(&far, line, LastSlip::Whole).unwrap().print(JobId(1), &ticket("B002"), Instant::now());
    (far.take_pages().remove(0), report.bytes)
}

/// Tears a job at a byte, opens the line anew, prints another; gives all slips.
fn torn_at(model: PrinterModel, line: LineSpeed, byte: u64) -> Vec<Page> {
    let far = EmulatedPrinter::start(&LineSpec::free_port(), model, None).unwrap();
    let mut near = open(&far, line, LastSlip::Whole).unwrap();
    near.status(Instant::now() + Duration::from_secs(2));
    far.line().set_faults(Faults { cut_after_bytes: Some(byte), ..Faults::default() });
    let report = near.print(JobId(1), &ticket("A001"), Instant::now());
    assert!(matches!(report.outcome, Outcome::Unknown { .. }), "{byte}: {report:?}");
    assert_eq!(near.last_slip(), LastSlip::MaybeTorn);
    far.line().set_faults(Faults::default());
    let mut near = eventually("the line opens again", || open(&far, line, near.last_slip()).ok());
    let report = near.print(JobId(2), &ticket("B002"), Instant::now());
    assert_eq!(report.outcome, Outcome::Confirmed, "after {byte}");
    assert_eq!(near.last_slip(), LastSlip::Whole);
    far.take_pages()
}

/// The next slip is the healthy one, wherever the job before was torn.
fn is_clean_after_each_of(line: LineSpeed, clean: &Page, bytes: impl Iterator<Item = u64> + Clone + Send) {
    std::thread::scope(|scope| {
        for clears_buffer in [true, false] {
            let bytes = bytes.clone();
            scope.spawn(move || {
                for byte in bytes {
                    let pages = torn_at(PrinterModel { clears_buffer, ..PrinterModel::default() }, line, byte);
                    let last = pages.last().unwrap();
                    assert_eq!(last.png, clean.png, "torn at {byte}, clears_buffer {clears_buffer}");
                    // Before it at most the remains, never a second whole ticket.
                    assert!(pages.len() <= 2, "torn at {byte}");
                }
            });
        }
    });
}

#[test]
fn the_next_slip_is_clean_wherever_the_job_before_was_torn() {
    let (clean, length) = clean_page(LineSpeed::Fast);
    let whole_job = (1..60).chain((60..length as u64 - 40).step_by(977));
    is_clean_after_each_of(LineSpeed::Fast, &clean, whole_job);
    assert!(qr_on(&clean).contains("B002"));
}

#[test]
fn the_next_compact_slip_is_clean_wherever_the_job_before_was_torn() {
    let (clean, length) = clean_page(LineSpeed::Slow);
    // A sample, by a prime step so that it does not keep to one place of commands that repeat; not every boundary of a command.
    let whole_job = (1..60).chain((60..length as u64 - 40).step_by(61));
    is_clean_after_each_of(LineSpeed::Slow, &clean, whole_job);
    assert!(qr_on(&clean).contains("B002"));
}

#[test]
fn a_whole_slip_before_is_not_followed_by_an_empty_one() {
    let far = EmulatedPrinter::start(&LineSpec::free_port(), PrinterModel::default(), None).unwrap();
    let mut near = open(&far, LineSpeed::Fast, LastSlip::Whole).unwrap();
    for _ in 0..3 {
        assert_eq!(near.print(JobId(1), &ticket("B002"), Instant::now()).outcome, Outcome::Confirmed);
    }
    let (clean, _) = clean_page(LineSpeed::Fast);
    assert!(far.pages().iter().all(|page| page.png == clean.png));
    assert_eq!(far.pages().len(), 3);
}
