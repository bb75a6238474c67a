//! The conformance kit on every emulator, over TCP and a pty; and each of its checks seen to fail on a device with just that defect.

use std::time::Duration;

use hardware::board::BoardListener;
use hardware::board::protocol::{BoardMessage, Frame, FrameStream, Received};
use hardware::conformance::{Class, Person, Report, Settings, Step, Verdict, run};
use hardware::emulator::{
    Defect, EmulatedPrinter, EmulatedScanner, FarSide, Faults, LineServer, LineSpec, PrinterModel, Terminator,
};
use hardware::{Address, Profile};

use crate::{LINES, qr_on};

fn report(class: Class, address: Address, profile: Option<&str>, person: Option<&mut dyn Person>) -> Report {
    let settings = Settings {
        class,
        address,
        profile: profile.map(|name| Profile::named(name).unwrap()),
        person,
        hands_within: Duration::from_secs(3),
        at: "2026-11-25T08:00:00Z".parse().unwrap(),
    };
    let mut told = Vec::new();
    let report = run(settings, |check| told.push(check.clone()));
    assert_eq!(told, report.checks);
    assert!(report.is_unchanged());
    report
}

/// Whoever stands beside an emulated printer.
struct BesidePrinter<'a>(&'a EmulatedPrinter);

impl Person for BesidePrinter<'_> {
    fn please(&mut self, step: &Step) -> bool {
        match step {
            Step::OpenCover => self.0.set_cover_open(true),
            Step::CloseCover => self.0.set_cover_open(false),
            Step::TakePaperOut => self.0.set_paper_mm(0),
            Step::PutPaperIn => self.0.load_roll(),
            Step::LookAtCalibration => {
                let page = self.0.pages().pop();
                return page.is_some_and(|page| {
                    let both_edges = page.png.len() > 2000 && right_edge_is_inked(&page.png);
                    both_edges && qr_on(&page) == "MOTCUA:CALIBRATION:0123456789"
                });
            }
            Step::Scan(_) => return false,
        }
        true
    }
}

/// Whether the rule at the page's foot reaches the last dot that the profile claims.
fn right_edge_is_inked(png: &[u8]) -> bool {
    let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().unwrap();
    let mut dots = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut dots).unwrap();
    info.width == 576 && dots.chunks_exact(info.width as usize / 8).any(|row| row.iter().all(|byte| *byte == 0))
}

/// The checks that fail on a model.
fn failing(spec: &LineSpec, model: PrinterModel, faults: Faults, profile: &str) -> Vec<String> {
    let far = EmulatedPrinter::start(spec, model, None).unwrap();
    far.line().set_faults(faults);
    let report = report(Class::Printer, far.line().address(), Some(profile), Some(&mut BesidePrinter(&far)));
    assert_eq!(report.conformant, report.with_verdict(Verdict::Failed).is_empty());
    report.with_verdict(Verdict::Failed).into_iter().map(str::to_owned).collect()
}

#[test]
fn every_printer_profile_conforms_on_its_emulator() {
    for line in LINES {
        for (profile, asb, process_id) in [("generic-80mm", true, true), ("clone-80mm", false, false)] {
            let model = PrinterModel { asb, process_id, ..PrinterModel::default() };
            assert_eq!(failing(&line(), model, Faults::default(), profile), [""; 0], "{profile}");
        }
    }
    let split = Faults { split: true, ..Faults::default() };
    assert_eq!(failing(&LineSpec::free_port(), PrinterModel::default(), split, "generic-80mm"), [""; 0]);
}

#[test]
fn every_embedded_profile_conforms_on_a_printer_that_keeps_it() {
    // Some of the database are customer displays, or printers that no dots can be told to: nothing of ours can be printed on them.
    let profiles = Profile::all().unwrap().into_iter().filter(Profile::prints_dots);
    std::thread::scope(|scope| {
        for profile in profiles {
            scope.spawn(move || {
                let model = PrinterModel {
                    width_dots: profile.width_dots,
                    answers_status: profile.answers_status,
                    asb: profile.asb,
                    process_id: profile.confirms_by_process_id,
                    ..PrinterModel::default()
                };
                let far = EmulatedPrinter::start(&LineSpec::Pty { link: None }, model, None).unwrap();
                let report = report(Class::Printer, far.line().address(), Some(&profile.name), None);
                assert_eq!(report.with_verdict(Verdict::Failed), [""; 0], "{}", profile.name);
                assert!(report.with_verdict(Verdict::Passed).contains(&"calibration-page"), "{}", profile.name);
                assert_eq!(report.with_verdict(Verdict::Passed).contains(&"asb-on"), profile.asb, "{}", profile.name);
                let timed = report.with_verdict(Verdict::Passed).contains(&"speed");
                assert_eq!(timed, profile.answers_status, "{}", profile.name);
            });
        }
    });
}

#[test]
fn without_a_person_the_checks_of_hands_are_left_out() {
    let far = EmulatedPrinter::start(&LineSpec::free_port(), PrinterModel::default(), None).unwrap();
    let report = report(Class::Printer, far.line().address(), Some("generic-80mm"), None);
    assert!(report.conformant);
    let left_out = report.with_verdict(Verdict::NotApplicable);
    assert_eq!(left_out, ["calibration-looks-right", "cover", "paper-end"]);
}

#[test]
fn each_defect_of_a_printer_fails_its_check_and_no_other() {
    let defects = [
        (Defect::WrongFixedBits, vec!["status-real-time"]),
        (Defect::WrongAsbBits, vec!["asb-on"]),
        (Defect::AsbCannotEnd, vec!["asb-off"]),
        (Defect::NoSensor, vec!["roll-sensor"]),
        (Defect::WrongConfirmation, vec!["confirmation"]),
        (Defect::EarlyConfirmation, vec!["confirmation-in-turn"]),
        (Defect::DeafInRaster, vec!["status-in-raster"]),
        (Defect::HangsOnNuls, vec!["nuls"]),
        (Defect::StuckInTornRaster, vec!["torn-raster"]),
        (Defect::HidesCover, vec!["cover"]),
        (Defect::HidesPaperEnd, vec!["paper-end"]),
    ];
    // Side by side: a suite mostly waits for answers that must not come.
    std::thread::scope(|scope| {
        for (defect, expected) in defects {
            scope.spawn(move || {
                let model = PrinterModel { defect: Some(defect), ..PrinterModel::default() };
                let failed = failing(&LineSpec::free_port(), model, Faults::default(), "generic-80mm");
                assert_eq!(failed, expected, "{defect:?}");
            });
        }
    });
}

#[test]
fn a_slow_narrow_or_tardy_printer_fails_by_that() {
    let narrow = PrinterModel { width_dots: 512, ..PrinterModel::default() };
    assert_eq!(failing(&LineSpec::free_port(), narrow, Faults::default(), "generic-80mm"), ["calibration-looks-right"]);
    let tardy = Faults { answer_after_ms: Some(400), ..Faults::default() };
    assert_eq!(failing(&LineSpec::free_port(), PrinterModel::default(), tardy, "generic-80mm"), ["answer-time"]);
    let slow = Faults { bytes_per_second: Some(9600), ..Faults::default() };
    assert_eq!(failing(&LineSpec::free_port(), PrinterModel::default(), slow, "generic-80mm"), ["speed"]);
    let nobody = Address::tcp("127.0.0.1", 9);
    assert!(!report(Class::Printer, nobody, Some("generic-80mm"), None).conformant);
}

/// Whoever holds codes before an emulated scanner, as the scanner is set.
struct BesideScanner<'a> {
    far: &'a EmulatedScanner,
    terminator: Terminator,
    spoil: fn(&str) -> Vec<u8>,
}

impl Person for BesideScanner<'_> {
    fn please(&mut self, step: &Step) -> bool {
        let Step::Scan(text) = step else { return false };
        self.far.put_card(&(self.spoil)(text), self.terminator);
        true
    }
}

#[test]
fn scanners_conform_or_fail_by_how_they_are_set() {
    let whole: fn(&str) -> Vec<u8> = |text| text.as_bytes().to_vec();
    let latin: fn(&str) -> Vec<u8> = |text| text.chars().map(|letter| letter as u32 as u8).collect();
    let short: fn(&str) -> Vec<u8> = |text| text.as_bytes()[..text.len().min(200)].to_vec();
    let twice: fn(&str) -> Vec<u8> = |text| format!("{text}\r{text}").into_bytes();
    for line in LINES {
        for (spoil, terminator, expected) in [
            (whole, Terminator::Cr, vec![]),
            (whole, Terminator::CrLf, vec![]),
            (whole, Terminator::None, vec!["terminator"]),
            (latin, Terminator::Cr, vec!["vietnamese"]),
            (short, Terminator::Cr, vec!["long"]),
            (twice, Terminator::Cr, vec!["whole"]),
        ] {
            let far = EmulatedScanner::start(&line()).unwrap();
            let mut person = BesideScanner { far: &far, terminator, spoil };
            let report = report(Class::Scanner, far.line().address(), None, Some(&mut person));
            assert_eq!(report.with_verdict(Verdict::Failed), expected);
        }
    }
    let far = EmulatedScanner::start(&LineSpec::free_port()).unwrap();
    let report = report(Class::Scanner, far.line().address(), None, None);
    assert!(!report.conformant && report.with_verdict(Verdict::Passed).is_empty());
}

#[test]
fn our_own_board_conforms() {
    for line in LINES {
        let far = BoardListener::listen(&line(), None).unwrap();
        let report = report(Class::Board, far.line().address(), None, None);
        assert!(report.conformant, "{report:#?}");
    }
}

/// What a board does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quirk {
    None,
    Mute,
    IgnoresRepeats,
    TakesAnything,
    AnswersDamaged,
    WantsFrameFirst,
    WantsWholeFrames,
    CannotClear,
    ShowsNumbers,
}

struct QuirkyBoard {
    quirk: Quirk,
    stream: FrameStream,
    last: Option<u16>,
}

impl FarSide for QuirkyBoard {
    fn receive(&mut self, bytes: &[u8]) -> Vec<u8> {
        if self.quirk == Quirk::WantsFrameFirst && bytes[0] != 2 {
            return Vec::new();
        }
        if self.quirk == Quirk::WantsWholeFrames {
            self.stream = FrameStream::new();
        }
        let received = self.stream.push(bytes);
        received
            .into_iter()
            .filter_map(|received| self.answer(received, bytes))
            .flat_map(|frame| frame.encode())
            .collect()
    }
}

impl QuirkyBoard {
    fn answer(&mut self, received: Received, bytes: &[u8]) -> Option<Frame> {
        let ack = |sequence| Some(Frame { sequence, message: BoardMessage::Ack });
        let nak = |sequence| Some(Frame { sequence, message: BoardMessage::Nak });
        match received {
            _ if self.quirk == Quirk::Mute => None,
            Received::Frame(frame) => {
                let repeated = self.last.replace(frame.sequence) == Some(frame.sequence);
                match (self.quirk, &frame.message) {
                    (Quirk::IgnoresRepeats, _) if repeated => None,
                    (Quirk::CannotClear, BoardMessage::Clear) => nak(frame.sequence),
                    _ => ack(frame.sequence),
                }
            }
            Received::Refused(Some(sequence)) => {
                let news = bytes.windows(4).any(|word| word == b"NEWS");
                match self.quirk {
                    Quirk::TakesAnything if !news => ack(sequence),
                    Quirk::ShowsNumbers if news => ack(sequence),
                    _ => nak(sequence),
                }
            }
            Received::Refused(None) => None,
            Received::Damaged if self.quirk == Quirk::AnswersDamaged => nak(1),
            Received::Damaged => None,
        }
    }
}

#[test]
fn each_quirk_of_a_board_fails_its_check_and_no_other() {
    for (quirk, expected) in [
        (Quirk::None, vec![]),
        (Quirk::Mute, vec!["ack"]),
        (Quirk::IgnoresRepeats, vec!["repeat"]),
        (Quirk::TakesAnything, vec!["unknown-kind"]),
        (Quirk::ShowsNumbers, vec!["no-numbers"]),
        (Quirk::AnswersDamaged, vec!["damaged"]),
        (Quirk::WantsFrameFirst, vec!["junk", "pieces"]),
        (Quirk::WantsWholeFrames, vec!["pieces"]),
        (Quirk::CannotClear, vec!["clear"]),
    ] {
        let board = QuirkyBoard { quirk, stream: FrameStream::new(), last: None };
        let far = LineServer::start(&LineSpec::free_port(), board).unwrap();
        let report = report(Class::Board, far.line().address(), None, None);
        assert_eq!(report.with_verdict(Verdict::Failed), expected, "{quirk:?}");
    }
    let board = QuirkyBoard { quirk: Quirk::None, stream: FrameStream::new(), last: None };
    let far = LineServer::start(&LineSpec::free_port(), board).unwrap();
    far.line().set_faults(Faults { answer_after_ms: Some(400), ..Faults::default() });
    let report = report(Class::Board, far.line().address(), None, None);
    assert_eq!(report.with_verdict(Verdict::Failed), ["answer-time"]);
}
