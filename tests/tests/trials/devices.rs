//! Every device of a station's file at work: two printers as one, paper in doubt, a receipt on paper, the display at a desk.

use crate::centre::{Centre, PATIENCE};
use crate::citizen::{CERTIFIED_COPY, MARITAL_STATUS, Wish, call, leave, serve, take_number};
use crate::evidence::judge;
use crate::hall::Hall;
use hardware::emulator::{EmulatedDisplay, EmulatedPrinter, Faults, LineSpec, PrinterModel};
use hardware::printer::journal::Journal;
use hardware::{Address, DeviceEntry, DeviceRole, KnownBy, Outcome};
use serde_json::{Value, json};
use station::config::Config;
use std::path::{Path, PathBuf};
use tests::fault::wait_for;

const WISH: Wish = Wish { procedure: CERTIFIED_COPY, card: false };

/// Writes one more device into a station's file.
fn add(centre: &Centre, role: &str, id: &str, kind: DeviceRole, address: Address) {
    let folder = centre.station(role);
    let mut config = Config::read(&folder).unwrap();
    let (profile, folder_of, clips, required) = (None, None, None, false);
    let entry =
        DeviceEntry { id: id.into(), kind, address: Some(address), profile, folder: folder_of, clips, required };
    config.devices.push(entry);
    config.write(&folder).unwrap();
}

fn second_printer() -> EmulatedPrinter {
    EmulatedPrinter::start(&LineSpec::free_port(), PrinterModel::default(), None).unwrap()
}

/// A hall whose kiosk has a second ticket printer.
fn hall_with(second: &EmulatedPrinter) -> Hall {
    let address = second.line().address();
    Hall::open_after(|centre| add(centre, "kiosk", "printer-2", DeviceRole::TicketPrinter, address))
}

/// What the kiosk tells of a ticket's paper once it knows, and the code that goes with it.
fn told(hall: &mut Hall, visit: &str) -> (String, String) {
    hall.look("kiosk", "kiosk_ticket", &json!({ "visit": visit }), |ticket| {
        let paper = ticket["paper"].as_str().filter(|paper| *paper != "printing")?;
        Some((paper.to_owned(), ticket["problem"]["code"].as_str().unwrap_or_default().to_owned()))
    })
}

/// Whether the kiosk says that it gives no paper.
fn says_no_paper(view: &Value) -> bool {
    view["problems"].as_array().unwrap().iter().any(|problem| problem["code"] == "SERVICE-NO-PAPER")
}

fn journal(hall: &Hall) -> Journal {
    Journal::open(&hall.kiosk.folder.join("print-jobs")).unwrap()
}

/// The officer tells what lies in the tray, and has a copy printed where nothing does.
fn look_into_the_tray(hall: &mut Hall, visit: &str, came_out: bool) {
    hall.look("counter", "counter_view", &json!({}), |view| {
        let rows = view["to_settle"].as_array()?;
        rows.iter().any(|row| row["visit"] == visit && row["paper"] == "in_doubt").then_some(())
    });
    hall.counter.must("counter_settle_paper", &json!({ "visit": visit, "came_out": came_out }));
}

#[test]
fn a_ticket_comes_out_of_the_second_printer_when_the_first_has_no_paper() {
    let second = second_printer();
    let mut hall = hall_with(&second);
    hall.centre.printer.set_paper_mm(0);
    let (visit, number) = take_number(&mut hall, WISH);
    let (paper, code) = told(&mut hall, &visit);
    assert!(["confirmed", "sent"].contains(&paper.as_str()), "{number}: {paper} {code}");
    assert_eq!(hall.evidence.collect(&hall.centre.printer), Vec::<String>::new());
    assert_eq!(hall.evidence.collect(&second).len(), 1, "one paper, out of the second printer");
    // One of the two prints, so that the kiosk goes on giving paper.
    let view = hall
        .look("kiosk", "kiosk_view", &json!({}), |view| (view["printer"]["state"] == "degraded").then(|| view.clone()));
    assert!(!says_no_paper(&view), "{view}");
    call(&mut hall, &visit);
    leave(&mut hall);

    second.set_paper_mm(0);
    hall.look("kiosk", "kiosk_view", &json!({}), |view| says_no_paper(view).then_some(()));
    hall.centre.printer.load_roll();
    hall.look("kiosk", "kiosk_view", &json!({}), |view| (!says_no_paper(view)).then_some(()));
    serve(&mut hall, WISH);
    assert_eq!(judge(&mut hall).findings, []);
}

#[test]
fn a_ticket_that_may_be_out_of_the_first_printer_never_comes_out_of_the_second() {
    let second = second_printer();
    let mut hall = hall_with(&second);
    // Both printers are known to be well.
    serve(&mut hall, WISH);
    hall.centre.printer.line().set_faults(Faults { cut_after_bytes: Some(1_500), ..Faults::default() });
    let (visit, _) = take_number(&mut hall, WISH);
    assert_eq!(told(&mut hall, &visit), ("in_doubt".to_owned(), "PRINT-LINE-LOST".to_owned()));
    assert!(second.take_pages().is_empty(), "a second paper");
    let called = hall.counter.must("counter_call_next", &json!({}));
    assert!(called.is_null(), "called in doubt: {called}");

    look_into_the_tray(&mut hall, &visit, false);
    hall.counter.must("counter_reprint", &json!({ "visit": visit }));
    call(&mut hall, &visit);
    let copies = [hall.evidence.collect(&hall.centre.printer), hall.evidence.collect(&second)].concat();
    assert_eq!(copies.len(), 1, "the copy is the only whole paper");
    leave(&mut hall);
    assert_eq!(judge(&mut hall).findings, []);
}

#[test]
fn a_kiosk_that_dies_while_it_prints_makes_no_second_paper_and_asks_a_person() {
    let mut hall = Hall::open();
    serve(&mut hall, WISH);
    let line = hall.centre.printer.line().clone();
    line.set_faults(Faults { bytes_per_second: Some(600), ..Faults::default() });
    let before = line.received_bytes();
    let (visit, _) = take_number(&mut hall, WISH);
    wait_for("a part of the ticket", PATIENCE, || Ok((line.received_bytes() > before + 1_000).then_some(()))).unwrap();
    hall.kiosk.killer().kill();
    // What the system still held for the line goes with the power.
    line.cut();
    line.set_faults(Faults::default());

    assert_eq!(told(&mut hall, &visit), ("in_doubt".to_owned(), "PRINT-IN-DOUBT".to_owned()));
    let doubts = |hall: &Hall| journal(hall).jobs().unwrap().iter().filter(|kept| kept.in_doubt()).count();
    assert_eq!(doubts(&hall), 1, "the journal knows as much as the station");
    // The next ticket begins on clean paper; of the one before no whole paper comes out.
    let (next, _) = take_number(&mut hall, WISH);
    let (paper, code) = told(&mut hall, &next);
    assert!(["confirmed", "sent"].contains(&paper.as_str()), "{paper} {code}");
    assert_eq!(hall.evidence.collect(&hall.centre.printer).len(), 1, "one whole paper, of the next ticket");

    look_into_the_tray(&mut hall, &visit, false);
    let settled = |hall: &Hall| {
        let jobs = journal(hall).jobs().unwrap();
        let by_person = jobs.iter().filter_map(|kept| kept.end).find(|end| end.known_by == KnownBy::Person);
        by_person.map(|end| end.outcome)
    };
    let outcome = wait_for("the journal of the kiosk", PATIENCE, || Ok(settled(&hall))).unwrap();
    assert_eq!((outcome, doubts(&hall)), (Outcome::NotPrinted, 0));
    hall.counter.must("counter_reprint", &json!({ "visit": visit }));
    call(&mut hall, &visit);
    leave(&mut hall);
    call(&mut hall, &next);
    leave(&mut hall);
    assert_eq!(judge(&mut hall).findings, []);
}

#[test]
fn a_kiosk_without_its_required_printer_says_so_and_still_gives_numbers() {
    let mut hall = Hall::open_after(|centre| {
        centre.printer.line().set_faults(Faults { refuse: true, ..Faults::default() });
    });
    hall.look("kiosk", "kiosk_view", &json!({}), |view| says_no_paper(view).then_some(()));
    let (visit, number) = take_number(&mut hall, WISH);
    assert!(!number.is_empty());
    assert_eq!(told(&mut hall, &visit).0, "not_printed");

    hall.centre.printer.line().set_faults(Faults::default());
    hall.look("kiosk", "kiosk_view", &json!({}), |view| (!says_no_paper(view)).then_some(()));
    hall.counter.must("counter_reprint", &json!({ "visit": visit }));
    call(&mut hall, &visit);
    leave(&mut hall);
    assert_eq!(judge(&mut hall).findings, []);
}

/// The documents in a folder, in the order of their names, each with its bytes.
fn documents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let paths = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut pdfs: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|ending| ending == "pdf"))
        .map(|path| (path.clone(), std::fs::read(path).unwrap()))
        .collect();
    pdfs.sort();
    pdfs
}

#[test]
fn a_receipt_is_printed_once_also_when_the_power_is_cut_before_it_is() {
    let printed = tempfile::tempdir().unwrap();
    let address = Address::File { path: printed.path().to_owned() };
    let mut hall = Hall::open_after(|centre| add(centre, "counter", "receipts", DeviceRole::DocumentPrinter, address));
    let wish = Wish { procedure: MARITAL_STATUS, card: false };
    let printed_after = |citizens: usize| {
        wait_for("the receipt", PATIENCE, || {
            let found = documents(printed.path());
            Ok((found.len() >= citizens).then_some(found))
        })
    };
    serve(&mut hall, wish);
    assert_eq!(printed_after(1).unwrap().len(), 1);

    let deaths = hall.counter.deaths;
    hall.counter.start_to_crash_at("slip-recorded");
    serve(&mut hall, wish);
    assert_eq!(hall.counter.deaths, deaths + 1);
    assert_eq!(printed_after(2).unwrap().len(), 2);

    // Asked for again by a start after everything was done, none comes a second time.
    hall.counter.killer().kill();
    serve(&mut hall, wish);
    let mut on_paper: Vec<Vec<u8>> = printed_after(3).unwrap().into_iter().map(|(_, bytes)| bytes).collect();
    let mut made: Vec<Vec<u8>> =
        documents(&hall.counter.folder.join("receipts")).into_iter().map(|(_, bytes)| bytes).collect();
    on_paper.sort();
    made.sort();
    assert!(on_paper == made, "{} on paper, {} made", on_paper.len(), made.len());
    assert_eq!(judge(&mut hall).findings, []);
}

#[test]
fn the_display_of_a_desk_shows_who_is_called_and_nobody_afterwards() {
    let display = EmulatedDisplay::start(&LineSpec::free_port(), 20, 2, None).unwrap();
    let address = display.line().address();
    let mut hall = Hall::open_after(|centre| add(centre, "counter", "display", DeviceRole::Display, address));
    let (visit, number) = take_number(&mut hall, WISH);
    told(&mut hall, &visit);
    call(&mut hall, &visit);
    let shown = || display.screen().rows.join("\n");
    wait_for("the number", PATIENCE, || Ok(shown().contains(&number).then_some(()))).unwrap();
    leave(&mut hall);
    wait_for("an empty display", PATIENCE, || Ok(shown().trim().is_empty().then_some(()))).unwrap();
}
