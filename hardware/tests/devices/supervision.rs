//! Devices that come and go.

use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use hardware::board::BoardListener;
use hardware::emulator::{EmulatedPrinter, EmulatedScanner, Faults, LineSpec, PrinterModel, Terminator, registry};
use hardware::{
    Address, Call, DeviceEvent, DeviceEventKind, DeviceState, Fault, JobId, Outcome, PrintReport, PrinterHandle,
    PrinterSpec, PrintersHandle, Profile, Supervisor,
};

use crate::{LINES, eventually, ticket};

fn spec(address: Address) -> PrinterSpec {
    let mut spec = PrinterSpec::new(address, Profile::named("generic-80mm").unwrap());
    spec.patience = Duration::from_millis(300);
    spec
}

fn print(printer: &PrinterHandle) -> PrintReport {
    printer.print(JobId(1), ticket("A105")).recv_timeout(Duration::from_secs(20)).unwrap()
}

fn until_state(printer: &PrinterHandle, state: DeviceState) {
    eventually(&format!("{state:?}"), || (printer.status().state == state).then_some(()));
}

fn statuses(events: &Receiver<DeviceEvent>) -> Vec<(DeviceState, Option<Fault>)> {
    let status = |event: DeviceEvent| match event.kind {
        DeviceEventKind::Status(status) => Some((status.state, status.fault())),
        _ => None,
    };
    events.try_iter().filter_map(status).collect()
}

#[test]
fn an_idle_printer_tells_within_a_second_what_happens_to_it() {
    for line in LINES {
        for asb in [true, false] {
            let far = EmulatedPrinter::start(&line(), PrinterModel { asb, ..PrinterModel::default() }, None).unwrap();
            let (events, heard) = channel();
            let mut supervisor = Supervisor::new(events);
            let printer = supervisor.printer("ticket", spec(far.line().address())).unwrap();
            until_state(&printer, DeviceState::Ready);
            for (state, fault, change) in [
                (
                    DeviceState::Blocked,
                    Some(Fault::CoverOpen),
                    (|far| far.set_cover_open(true)) as fn(&EmulatedPrinter),
                ),
                (DeviceState::Ready, None, |far| far.set_cover_open(false)),
                (DeviceState::Blocked, Some(Fault::PaperOut), |far| far.set_paper_mm(0)),
                (DeviceState::Ready, None, EmulatedPrinter::load_roll),
                (DeviceState::Degraded, Some(Fault::PaperNearEnd), |far| far.set_near_end(true)),
            ] {
                change(&far);
                let began = Instant::now();
                eventually("the change", || {
                    let status = printer.status();
                    (status.state == state && status.fault() == fault).then_some(())
                });
                assert!(began.elapsed() < Duration::from_millis(1500), "{fault:?} took {:?}", began.elapsed());
            }
            supervisor.stop();
            let told = statuses(&heard);
            assert_eq!(told.last(), Some(&(DeviceState::Degraded, Some(Fault::PaperNearEnd))));
            assert!(told.windows(2).all(|pair| pair[0] != pair[1]), "only changes are told: {told:?}");
        }
    }
}

#[test]
fn a_pulled_cable_answers_at_once_and_the_printer_comes_back_by_itself() {
    for line in LINES {
        let folder = tempfile::tempdir().unwrap();
        let spec_of_line = match line() {
            LineSpec::Pty { .. } => LineSpec::Pty { link: Some(folder.path().join("ttyTICKET")) },
            tcp => tcp,
        };
        let far = EmulatedPrinter::start(&spec_of_line, PrinterModel::default(), None).unwrap();
        let mut supervisor = Supervisor::new(channel().0);
        let printer = supervisor.printer("ticket", spec(far.line().address())).unwrap();
        assert_eq!(print(&printer).outcome, Outcome::Confirmed);
        far.line().set_faults(Faults { refuse: true, ..Faults::default() });
        eventually("the cable is missed", || (!printer.status().works()).then_some(()));
        let began = Instant::now();
        let report = print(&printer);
        assert_eq!(report.outcome, Outcome::NotPrinted);
        assert!(report.fault.is_some() && began.elapsed() < Duration::from_secs(3), "{report:?}");
        far.line().set_faults(Faults::default());
        until_state(&printer, DeviceState::Ready);
        assert_eq!(print(&printer).outcome, Outcome::Confirmed);
        assert_eq!(far.pages().len(), 2);
    }
}

#[test]
fn a_torn_job_is_remembered_across_the_new_line() {
    let far = EmulatedPrinter::start(&LineSpec::free_port(), PrinterModel::default(), None).unwrap();
    let mut supervisor = Supervisor::new(channel().0);
    let printer = supervisor.printer("ticket", spec(far.line().address())).unwrap();
    assert_eq!(print(&printer).outcome, Outcome::Confirmed);
    let clean = far.take_pages().remove(0);
    far.line().set_faults(Faults { cut_after_bytes: Some(5000), ..Faults::default() });
    assert!(matches!(print(&printer).outcome, Outcome::Unknown { .. }));
    far.line().set_faults(Faults::default());
    until_state(&printer, DeviceState::Ready);
    assert_eq!(print(&printer).outcome, Outcome::Confirmed);
    assert_eq!(far.pages().last().unwrap().png, clean.png);
}

#[test]
fn a_dead_device_slows_no_other() {
    let black_hole = EmulatedPrinter::start(&LineSpec::free_port(), PrinterModel::default(), None).unwrap();
    black_hole.line().set_faults(Faults { black_hole: true, ..Faults::default() });
    let far = EmulatedPrinter::start(&LineSpec::free_port(), PrinterModel::default(), None).unwrap();
    let (events, heard) = channel();
    let mut supervisor = Supervisor::new(events);
    let _dead = supervisor.printer("dead", spec(black_hole.line().address())).unwrap();
    let _none = supervisor.scanner("none", Address::serial("/nowhere/tty")).unwrap();
    let printer = supervisor.printer("ticket", spec(far.line().address())).unwrap();
    for _ in 0..5 {
        assert_eq!(print(&printer).outcome, Outcome::Confirmed);
    }
    let mut codes = Vec::new();
    eventually("both faults are told", || {
        codes.extend(statuses(&heard).into_iter().filter_map(|(_, fault)| fault));
        (codes.contains(&Fault::PrinterNoAnswer) && codes.contains(&Fault::ScannerAbsent)).then_some(())
    });
}

#[test]
fn scans_come_as_events_and_the_scanner_comes_back() {
    let far = EmulatedScanner::start(&LineSpec::free_port()).unwrap();
    registry::publish("supervision-scanner", far.line().address());
    let (events, heard) = channel();
    let mut supervisor = Supervisor::new(events);
    let scanner = supervisor.scanner("qr", "emulator:supervision-scanner".parse().unwrap()).unwrap();
    let next_scan = || loop {
        if let DeviceEventKind::Scan(scan) = heard.recv_timeout(Duration::from_secs(10)).unwrap().kind {
            return scan.text;
        }
    };
    far.put_card("Mẫu|1".as_bytes(), Terminator::Cr);
    assert_eq!(next_scan(), "Mẫu|1");
    far.line().cut();
    far.put_card("Mẫu|2".as_bytes(), Terminator::CrLf);
    // What is scanned in the very moment of the cut may be lost with the line; a person holds the card there again.
    eventually("the line is open again", || (far.line().connections() == 2).then_some(()));
    far.put_card("Mẫu|3".as_bytes(), Terminator::CrLf);
    eventually("the card is read again", || (next_scan() == "Mẫu|3").then_some(()));
    assert_eq!(scanner.status().state, DeviceState::Ready);
}

#[test]
fn a_board_that_was_away_shows_the_latest_calls_when_it_is_back() {
    let far = BoardListener::listen(&LineSpec::free_port(), None).unwrap();
    let mut supervisor = Supervisor::new(channel().0);
    let board = supervisor.board("hall", far.line().address()).unwrap();
    let call = |number: &str, desk| Call { number: number.to_owned(), desk, times: 1 };
    assert_eq!(board.call(call("A1", 1)).recv().unwrap(), Ok(()));
    far.line().set_faults(Faults { refuse: true, ..Faults::default() });
    eventually("the cable is missed", || (board.status().state != DeviceState::Ready).then_some(()));
    assert!(board.call(call("A2", 1)).recv().unwrap().is_err());
    assert!(board.call(call("B7", 2)).recv().unwrap().is_err());
    far.line().set_faults(Faults::default());
    eventually("both calls", || {
        let numbers: Vec<_> = far.state().now.into_iter().map(|call| call.number).collect();
        (numbers == ["B7", "A2"]).then_some(())
    });
    let heard = far.state().heard_at;
    eventually("a heartbeat", || (far.state().heard_at > heard).then_some(()));
}

#[test]
fn after_the_supervisor_nothing_hangs() {
    let far = EmulatedPrinter::start(&LineSpec::free_port(), PrinterModel::default(), None).unwrap();
    let mut supervisor = Supervisor::new(channel().0);
    let printer = supervisor.printer("ticket", spec(far.line().address())).unwrap();
    supervisor.stop();
    assert_eq!(print(&printer).outcome, Outcome::NotPrinted);
}

/// Two printers in one role.
fn two(supervisor: &mut Supervisor, first: &EmulatedPrinter, second: &EmulatedPrinter) -> PrintersHandle {
    let specs = [("left", first), ("right", second)].map(|(name, far)| (name.to_owned(), spec(far.line().address())));
    let role = supervisor.printers("ticket", specs.into()).unwrap();
    role.printers().iter().for_each(|printer| until_state(printer, DeviceState::Ready));
    role
}

#[test]
fn a_job_goes_to_the_first_printer_that_can_take_it_and_work_returns() {
    let [first, second] =
        [(); 2].map(|()| EmulatedPrinter::start(&LineSpec::free_port(), PrinterModel::default(), None).unwrap());
    let mut supervisor = Supervisor::new(channel().0);
    let role = two(&mut supervisor, &first, &second);
    let print = |job| role.print(JobId(job), ticket("A105")).unwrap().recv_timeout(Duration::from_secs(30)).unwrap();
    let pages = || (first.pages().len(), second.pages().len());
    let report = print(1);
    assert_eq!((report.outcome, report.device.as_deref(), pages()), (Outcome::Confirmed, Some("left"), (1, 0)));
    eventually("it is done", || (role.status().state == DeviceState::Ready).then_some(()));
    first.set_cover_open(true);
    eventually("the cover is missed", || (role.status().state == DeviceState::Degraded).then_some(()));
    assert_eq!(role.status().fault(), Some(Fault::CoverOpen));
    let report = print(2);
    assert_eq!((report.outcome, report.device.as_deref(), pages()), (Outcome::Confirmed, Some("right"), (1, 1)));
    second.set_paper_mm(0);
    eventually("none is left", || (role.status().state == DeviceState::Blocked).then_some(()));
    let report = print(3);
    assert_eq!((report.outcome, report.fault, pages()), (Outcome::NotPrinted, Some(Fault::CoverOpen), (1, 1)));
    first.set_cover_open(false);
    eventually("the first is back", || (role.status().state == DeviceState::Ready).then_some(()));
    assert_eq!((print(3).device.as_deref(), pages()), (Some("left"), (2, 1)));
}

#[test]
fn a_job_in_doubt_never_goes_on_to_another_printer() {
    let [first, second] =
        [(); 2].map(|()| EmulatedPrinter::start(&LineSpec::free_port(), PrinterModel::default(), None).unwrap());
    let mut supervisor = Supervisor::new(channel().0);
    let role = two(&mut supervisor, &first, &second);
    first.line().set_faults(Faults { cut_after_bytes: Some(3000), ..Faults::default() });
    let report = role.print(JobId(1), ticket("A105")).unwrap().recv_timeout(Duration::from_secs(30)).unwrap();
    assert!(matches!(report.outcome, Outcome::Unknown { .. }), "{report:?}");
    assert_eq!((report.device.as_deref(), second.pages().len()), (Some("left"), 0));
}

#[test]
fn a_role_without_printers_is_refused() {
    assert!(Supervisor::new(channel().0).printers("ticket", Vec::new()).is_err());
}
