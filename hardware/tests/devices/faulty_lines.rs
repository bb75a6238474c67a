//! Each fault of a line does what it says, and what a printer's driver makes of it.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use hardware::emulator::{EmulatedPrinter, Faults, LineSpec, PrinterModel};
use hardware::printer::LastSlip;
use hardware::{Fault, JobId, Outcome};

use crate::{LINES, open, printer, ticket};

fn far(faults: Faults) -> EmulatedPrinter {
    let far = EmulatedPrinter::start(&LineSpec::free_port(), PrinterModel::default(), None).unwrap();
    far.line().set_faults(faults);
    far
}

fn connect(far: &EmulatedPrinter) -> TcpStream {
    let line = TcpStream::connect(far.line().address().to_string().strip_prefix("tcp:").unwrap()).unwrap();
    line.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    line
}

#[test]
fn a_split_line_prints_the_same() {
    for line in LINES {
        let (far, mut near) = printer(&line(), PrinterModel::default(), "generic-80mm");
        far.line().set_faults(Faults { split: true, ..Faults::default() });
        let mut near_patient = near.with_patience(Duration::from_secs(20));
        let report = near_patient.print(JobId(1), &ticket("A105"), Instant::now());
        assert_eq!((report.outcome, report.fault), (Outcome::Confirmed, None));
        near = near_patient;
        far.line().set_faults(Faults::default());
        near.print(JobId(2), &ticket("A105"), Instant::now());
        let pages = far.pages();
        assert_eq!(pages[0].png, pages[1].png);
    }
}

#[test]
fn a_line_that_stalls_at_a_byte_leaves_the_outcome_unknown() {
    for line in LINES {
        let (far, mut near) = printer(&line(), PrinterModel::default(), "generic-80mm");
        near.status(Instant::now() + Duration::from_secs(2));
        let before = far.line().received_bytes();
        far.line().set_faults(Faults { stall_after_bytes: Some(500), ..Faults::default() });
        let report = near.print(JobId(1), &ticket("A105"), Instant::now());
        assert!(matches!(report.outcome, Outcome::Unknown { .. }), "{report:?}");
        assert_eq!(report.fault, Some(Fault::PrinterNoAnswer));
        assert_eq!(far.line().received_bytes() - before, 500);
    }
}

#[test]
fn junk_at_a_byte_comes_once_and_is_survived() {
    let far = far(Faults { garbage_after_bytes: Some(5), ..Faults::default() });
    let mut line = connect(&far);
    line.write_all(b"\x10\x04\x01\x10\x04\x01\x10\x04\x01").unwrap();
    let mut answer = [0; 10];
    line.read_exact(&mut answer).unwrap();
    assert_eq!(answer.iter().filter(|byte| **byte == 0x12).count(), 3);
    drop(line);
    far.line().set_faults(Faults { garbage_after_bytes: Some(2000), ..Faults::default() });
    let mut near = open(&far, "generic-80mm", LastSlip::Whole).unwrap();
    assert_eq!(near.print(JobId(1), &ticket("A105"), Instant::now()).outcome, Outcome::Confirmed);
}

#[test]
fn connections_are_refused_after_their_number() {
    let far = far(Faults { refuse_after_connections: Some(1), ..Faults::default() });
    drop(open(&far, "generic-80mm", LastSlip::Whole).unwrap());
    let refused = crate::eventually("connections are refused", || open(&far, "generic-80mm", LastSlip::Whole).err());
    assert!(matches!(refused, Fault::PrinterAbsent | Fault::PrinterLineLost), "{refused:?}");
    far.line().set_faults(Faults::default());
    crate::eventually("connections are taken again", || open(&far, "generic-80mm", LastSlip::Whole).ok());
}

#[test]
fn a_line_is_never_faster_than_its_baud() {
    let far = far(Faults { bytes_per_second: Some(1920), ..Faults::default() });
    let mut line = connect(&far);
    let began = Instant::now();
    line.write_all(&[&[0; 1920][..], b"\x10\x04\x01"].concat()).unwrap();
    line.read_exact(&mut [0]).unwrap();
    assert!(began.elapsed() >= Duration::from_millis(850), "{:?}", began.elapsed());
}

#[test]
fn answers_can_be_late() {
    let far = far(Faults { answer_after_ms: Some(300), ..Faults::default() });
    let mut line = connect(&far);
    let began = Instant::now();
    line.write_all(b"\x10\x04\x01").unwrap();
    line.read_exact(&mut [0]).unwrap();
    assert!(began.elapsed() >= Duration::from_millis(300));
}
