//! What becomes of a print job, fault by fault.

use std::time::{Duration, Instant};

use hardware::emulator::{EmulatedPrinter, Faults, Garbage, LineSpec, PrinterModel};
use hardware::printer::{EscPosPrinter, LastSlip, LineSpeed};
use hardware::{
    Address, Align, DeviceState, Fault, JobId, Knowledge, KnownBy, Outcome, Paper, PrintReport, Profile, TextSize,
};

use crate::{LINES, open, printer, qr_on, ticket};

fn print(near: &mut EscPosPrinter) -> PrintReport {
    near.print(JobId(7), &ticket("A105"), Instant::now())
}

/// Sets a fault up on a healthy, open printer, prints, and gives outcome, fault and the number of slips.
fn after(spec: &LineSpec, profile: &str, fault: impl Fn(&EmulatedPrinter)) -> (Outcome, Option<Fault>, usize) {
    let model = match profile {
        "clone-80mm" => PrinterModel { asb: false, process_id: false, ..PrinterModel::default() },
        _ => PrinterModel::default(),
    };
    let (far, mut near) = printer(spec, model, profile);
    fault(&far);
    // An automatic report may be on its way still; a kiosk's poll would have seen the new state as well.
    near.status(Instant::now() + Duration::from_secs(2));
    let report = print(&mut near);
    (report.outcome, report.fault, far.pages().len())
}

#[test]
fn a_healthy_printer_confirms_and_the_code_on_paper_can_be_read() {
    for line in LINES {
        let (far, mut near) = printer(&line(), PrinterModel::default(), "generic-80mm");
        let report = print(&mut near);
        assert_eq!((report.outcome, report.fault), (Outcome::Confirmed, None));
        assert!(report.handed_over <= report.settled && report.handed_over > Duration::ZERO);
        let pages = far.pages();
        assert_eq!(pages.len(), 1);
        assert_eq!(qr_on(&pages[0]), "MOTCUA:A105:ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
        let status = near.status(Instant::now() + Duration::from_secs(2));
        assert_eq!((status.state, status.knowledge), (DeviceState::Ready, Knowledge::Reported));
    }
}

#[test]
fn what_is_known_to_be_wrong_before_the_first_byte_prints_nothing() {
    for line in LINES {
        for profile in ["generic-80mm", "clone-80mm"] {
            let spec = line();
            let refused = |fault| (Outcome::NotPrinted, Some(fault), 0);
            assert_eq!(after(&spec, profile, |far| far.set_paper_mm(0)), refused(Fault::PaperOut));
            assert_eq!(after(&spec, profile, |far| far.set_cover_open(true)), refused(Fault::CoverOpen));
            assert_eq!(after(&spec, profile, |far| far.set_head_hot(true)), refused(Fault::HeadHot));
        }
    }
}

#[test]
fn a_dead_or_mute_line_that_is_noticed_in_time_prints_nothing() {
    for line in LINES {
        let dead = |faults: Faults| move |far: &EmulatedPrinter| far.line().set_faults(faults.clone());
        let mute = dead(Faults { black_hole: true, ..Faults::default() });
        assert_eq!(after(&line(), "generic-80mm", mute), (Outcome::NotPrinted, Some(Fault::PrinterNoAnswer), 0));
        let junk = dead(Faults { garbage: Some(Garbage::Instead), ..Faults::default() });
        assert_eq!(after(&line(), "generic-80mm", junk), (Outcome::NotPrinted, Some(Fault::PrinterJunk), 0));
        let pulled = dead(Faults { refuse: true, ..Faults::default() });
        assert_eq!(after(&line(), "generic-80mm", pulled), (Outcome::NotPrinted, Some(Fault::PrinterLineLost), 0));
    }
}

#[test]
fn what_goes_wrong_in_the_midst_leaves_the_outcome_unknown() {
    for line in LINES {
        for profile in ["generic-80mm", "clone-80mm"] {
            let (outcome, fault, pages) = after(&line(), profile, |far| far.set_paper_mm(20));
            assert!(matches!(outcome, Outcome::Unknown { bytes_sent } if bytes_sent > 0), "{profile} {outcome:?}");
            assert_eq!((fault, pages), (Some(Fault::PaperOut), 0));
            let (outcome, fault, pages) = after(&line(), profile, |far| far.set_cutter_jammed(true));
            assert!(matches!(outcome, Outcome::Unknown { .. }), "{profile} {outcome:?}");
            assert_eq!((fault, pages), (Some(Fault::CutterJam), 0));
        }
    }
}

/// Sets a fault after the driver knows that all is well, so that the job meets it unprepared.
fn surprised(spec: &LineSpec, faults: Faults) -> PrintReport {
    let (far, mut near) = printer(spec, PrinterModel::default(), "generic-80mm");
    near.status(Instant::now() + Duration::from_secs(2));
    far.line().set_faults(faults);
    print(&mut near)
}

#[test]
fn a_line_that_dies_under_a_job_leaves_the_outcome_unknown() {
    let byte = |byte| Faults { cut_after_bytes: Some(byte), ..Faults::default() };
    let black_hole = Faults { black_hole: true, ..Faults::default() };
    let stall = Faults { stall: true, ..Faults::default() };
    let junk = Faults { garbage: Some(Garbage::Instead), ..Faults::default() };
    let (lost, mute) = (&[Fault::PrinterLineLost][..], &[Fault::PrinterNoAnswer][..]);
    let cases = [
        (byte(1), lost),
        (byte(100), lost),
        (byte(3000), lost),
        (black_hole, mute),
        (stall, mute),
        (junk, &[Fault::PrinterJunk]),
    ];
    // What is mute is waited for; all of them side by side.
    std::thread::scope(|scope| {
        for line in LINES {
            for (faults, expected) in &cases {
                scope.spawn(move || {
                    let report = surprised(&line(), faults.clone());
                    assert!(matches!(report.outcome, Outcome::Unknown { .. }), "{faults:?}: {report:?}");
                    assert!(report.fault.is_some_and(|fault| expected.contains(&fault)), "{faults:?}: {report:?}");
                });
            }
        }
    });
}

#[test]
fn junk_before_answers_and_a_slow_line_are_only_slower() {
    for line in LINES {
        for faults in [
            Faults { garbage: Some(Garbage::Before), ..Faults::default() },
            Faults { bytes_per_second: Some(20_000), ..Faults::default() },
        ] {
            let report = surprised(&line(), faults.clone());
            assert_eq!((report.outcome, report.fault), (Outcome::Confirmed, None), "{faults:?}");
        }
    }
}

#[test]
fn paper_near_its_end_prints_and_says_so() {
    let near_end = |far: &EmulatedPrinter| far.set_near_end(true);
    let expected = (Outcome::Confirmed, Some(Fault::PaperNearEnd), 1);
    assert_eq!(after(&LineSpec::free_port(), "generic-80mm", near_end), expected);
}

#[test]
fn a_printer_that_cannot_confirm_is_believed_no_further_than_its_state() {
    for line in LINES {
        let (outcome, fault, pages) = after(&line(), "clone-80mm", |_| {});
        assert_eq!((outcome, fault, pages), (Outcome::SentUnconfirmed, None, 1));
    }
    // A profile that promises more than the printer keeps.
    let model = PrinterModel { process_id: false, ..PrinterModel::default() };
    let (far, mut near) = printer(&LineSpec::free_port(), model, "generic-80mm");
    assert_eq!(print(&mut near).outcome, Outcome::SentUnconfirmed);
    assert_eq!(far.pages().len(), 1);
}

#[test]
fn a_code_that_the_printer_draws_can_be_read_too() {
    let model = PrinterModel { asb: false, process_id: false, ..PrinterModel::default() };
    let (far, mut near) = printer(&LineSpec::free_port(), model, "clone-80mm");
    let report = print(&mut near);
    let page = far.pages().remove(0);
    assert_eq!(page.qr_texts, ["MOTCUA:A105:ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"]);
    assert_eq!(qr_on(&page), page.qr_texts[0]);
    assert!(page.raw.len() <= report.bytes);
}

#[test]
fn a_line_with_no_way_back_is_sent_and_never_confirmed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lp0");
    let profile = Profile::named("write-only-80mm").unwrap();
    let mut near = EscPosPrinter::open(&Address::File { path: path.clone() }, profile, LastSlip::Whole).unwrap();
    let report = print(&mut near);
    assert_eq!(report.outcome, Outcome::SentUnconfirmed);
    assert_eq!(std::fs::metadata(&path).unwrap().len(), report.bytes as u64);
    assert_eq!(near.known().knowledge, Knowledge::Unknown);
}

#[test]
fn what_cannot_be_opened_says_why() {
    let far = EmulatedPrinter::start(&LineSpec::free_port(), PrinterModel::default(), None).unwrap();
    let address = far.line().address();
    far.line().set_faults(Faults { black_hole: true, ..Faults::default() });
    assert_eq!(open(&far, "generic-80mm", LastSlip::Whole).err(), Some(Fault::PrinterNoAnswer));
    drop(far);
    let profile = Profile::named("generic-80mm").unwrap();
    assert_eq!(EscPosPrinter::open(&address, profile.clone(), LastSlip::Whole).err(), Some(Fault::PrinterAbsent));
    let nowhere = Address::serial("/nowhere/tty");
    assert_eq!(EscPosPrinter::open(&nowhere, profile, LastSlip::Whole).err(), Some(Fault::PrinterAbsent));
}

#[test]
fn how_the_outcome_is_known_is_told() {
    let known_by = |profile: Profile, model: PrinterModel| {
        let far = EmulatedPrinter::start(&LineSpec::free_port(), model, None).unwrap();
        let mut near = EscPosPrinter::open(&far.line().address(), profile, LastSlip::Whole).unwrap();
        let report = print(&mut near);
        (report.outcome, report.known_by)
    };
    let named = Profile::named("generic-80mm").unwrap();
    let nameless = Profile { confirms_by_process_id: false, ..named.clone() };
    let plain = PrinterModel { process_id: false, ..PrinterModel::default() };
    let mute = PrinterModel { asb: false, ..plain };
    assert_eq!(known_by(named, PrinterModel::default()), (Outcome::Confirmed, KnownBy::ProcessId));
    assert_eq!(known_by(nameless.clone(), plain), (Outcome::SentUnconfirmed, KnownBy::AutomaticStatus));
    assert_eq!(known_by(nameless, mute), (Outcome::SentUnconfirmed, KnownBy::StatusAfter));
    let silent = Profile::named("write-only-80mm").unwrap();
    assert_eq!(known_by(silent, plain), (Outcome::SentUnconfirmed, KnownBy::Nothing));
}

/// A serial line is as fast as its address says; a network line says nothing.
fn at_9600(far: &EmulatedPrinter) -> EscPosPrinter {
    let address = match far.line().address() {
        Address::Serial { path, .. } => Address::Serial { path, baud: 9600 },
        other => other,
    };
    let profile = Profile { line: LineSpeed::Fast, ..Profile::named("generic-80mm").unwrap() };
    EscPosPrinter::open(&address, profile, LastSlip::Whole).unwrap().with_patience(Duration::from_secs(1))
}

#[test]
fn a_long_receipt_on_a_slow_line_is_never_cut_by_a_clock() {
    // Dense rows, so that few blanks are skipped: forty thousand bytes, at 1,200 bytes a second.
    let lines = (0..22).map(|line| format!("{line:02} Biên nhận hồ sơ và kết quả"));
    let receipt = lines.fold(Paper::new(), |paper, line| paper.text(&line, TextSize::Normal, Align::Left));
    std::thread::scope(|scope| {
        for line in LINES {
            let receipt = &receipt;
            scope.spawn(move || {
                let far = EmulatedPrinter::start(&line(), PrinterModel::default(), None).unwrap();
                let mut near = at_9600(&far);
                far.line().set_faults(Faults { bytes_per_second: Some(1200), ..Faults::default() });
                let report = near.print(JobId(2), receipt, Instant::now());
                assert_eq!(report.outcome, Outcome::Confirmed, "{report:?}");
                assert!(report.bytes > 36_000 && report.settled > Duration::from_secs(25), "{report:?}");
                assert_eq!(far.pages().len(), 1);
            });
        }
    });
}

#[test]
fn a_receipt_that_stalls_is_noticed_in_the_time_of_its_bytes() {
    std::thread::scope(|scope| {
        for line in LINES {
            scope.spawn(move || {
                let far = EmulatedPrinter::start(&line(), PrinterModel::default(), None).unwrap();
                let mut near = at_9600(&far);
                far.line().set_faults_after(500, Faults { stall: true, ..Faults::default() });
                let report = print(&mut near);
                assert!(matches!(report.outcome, Outcome::Unknown { .. }), "{report:?}");
                // Its bytes at the slowest, the paper, patience twice, and the last question; not for ever.
                assert!(report.settled < Duration::from_secs(45), "{report:?}");
            });
        }
    });
}
