//! A job that was torn never spills onto the next slip: wherever it was torn, by whomever, on whatever line.

use std::time::{Duration, Instant};

use hardware::emulator::{
    Defect, EmulatedPrinter, Faults, LineSpec, Page, Parsed, Printed, PrinterModel, parse, slips_of, slips_of_parts,
};
use hardware::printer::{EscPosPrinter, LastSlip, LineSpeed, protocol};
use hardware::{Address, Align, Fault, JobId, Outcome, Paper, Profile, TextSize, transport};

use crate::{LINES, eventually, printer, qr_on, ticket};

/// A kind of job: the printer's profile, and how fast its line is taken to be. Between them they use every command of a job: rasters, columns, letters of
/// our own, codes that the printer draws.
type Kind = (&'static str, LineSpeed);
const KINDS: [Kind; 4] = [
    ("generic-80mm", LineSpeed::Fast),
    ("generic-80mm", LineSpeed::Slow),
    ("clone-80mm", LineSpeed::Fast),
    ("clone-80mm", LineSpeed::Slow),
];
const ROLL_MM: u32 = 80_000;
/// Cuts at no boundary that are tried too.
const STRIDE: usize = 61;
/// Tried at the same time.
const SIDE_BY_SIDE: usize = 8;

fn profile(kind: Kind) -> Profile {
    Profile { line: kind.1, ..Profile::named(kind.0).unwrap() }
}

fn slip(number: &str) -> Paper {
    Paper::new()
        .bold(number, TextSize::Large, Align::Center)
        .text("Chứng thực", TextSize::Small, Align::Left)
        .qr(&format!("MOTCUA:{number}:{}", "ABCDEFGH0123456789".repeat(4)), 4)
}

/// A job's bytes, as they leave on a line with no way back.
fn job(kind: Kind, paper: &Paper) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lp0");
    let mut near = EscPosPrinter::open(&Address::File { path: path.clone() }, profile(kind), LastSlip::Whole).unwrap();
    assert_eq!(near.print(JobId(1), paper, Instant::now()).outcome, Outcome::SentUnconfirmed);
    std::fs::read(path).unwrap()
}

fn the_page(printed: Printed) -> Page {
    assert_eq!(printed.pages.len(), 1);
    printed.pages.into_iter().next().unwrap()
}

/// Where each command of a job ends.
fn boundaries(bytes: &[u8]) -> Vec<usize> {
    let mut ends = Vec::new();
    let mut at = 0;
    while let Parsed::Command(_, length) = parse(&bytes[at..]) {
        at += length;
        ends.push(at);
    }
    assert_eq!(at, bytes.len(), "a job is whole commands");
    ends
}

/// Every byte of the first commands, one before, at and after each boundary, and others in between.
fn cuts(bytes: &[u8]) -> Vec<usize> {
    let around = boundaries(bytes).into_iter().flat_map(|end| end - 1..=end + 1);
    let mut cuts: Vec<_> = around.chain(1..40).chain((0..bytes.len()).step_by(STRIDE)).collect();
    cuts.retain(|cut| (1..bytes.len()).contains(cut));
    cuts.sort_unstable();
    cuts.dedup();
    cuts
}

/// Tries all, some side by side.
fn each<T: Sync>(cases: &[T], check: impl Fn(&T) + Sync) {
    std::thread::scope(|scope| {
        for part in cases.chunks(cases.len().div_ceil(SIDE_BY_SIDE).max(1)) {
            let check = &check;
            scope.spawn(move || part.iter().for_each(check));
        }
    });
}

#[test]
fn the_bytes_before_the_next_job_make_it_clean_wherever_the_one_before_was_torn() {
    for kind in KINDS {
        let (torn, next) = (job(kind, &slip("A1")), job(kind, &slip("B2")));
        let model = PrinterModel::default();
        let [first, clean] = [&torn, &next].map(|bytes| the_page(slips_of(model, ROLL_MM, bytes)));
        // What the driver says when it opens the line anew, and what it puts before the job.
        let greeting = [&protocol::GUARD[..], &protocol::all_real_time_queries(), &protocol::ENABLE_ASB].concat();
        let resync = protocol::resync(&profile(kind));
        each(&cuts(&torn), |cut| {
            for clears_buffer in [true, false] {
                let model = PrinterModel { clears_buffer, ..model };
                let parts = [&torn[..*cut], &greeting, &resync, &next];
                let pages = slips_of_parts(model, ROLL_MM, &parts).pages;
                let what = format!("{kind:?} torn at {cut} of {}, clears_buffer {clears_buffer}", torn.len());
                assert_eq!(pages.last().unwrap().png, clean.png, "{what}");
                assert!(pages.iter().filter(|page| page.png == first.png).count() <= 1, "{what}");
                // The remains, perhaps whole; perhaps a blank edge after them; and the next one.
                assert!(pages.len() <= 3, "{what}: {} slips", pages.len());
            }
        });
    }
}

/// Tears a job at a byte of its line, opens the line anew, prints another; gives all slips.
fn torn_at(line: &LineSpec, kind: Kind, model: PrinterModel, byte: usize) -> Vec<Page> {
    let far = EmulatedPrinter::start(line, model, None).unwrap();
    // The number of a pty is given again before whoever held the last one has let go of it.
    let mut near = eventually("the line opens", || open(&far, kind, LastSlip::Whole).ok());
    near.status(Instant::now() + Duration::from_secs(5));
    far.line().set_faults(Faults { cut_after_bytes: Some(byte as u64), ..Faults::default() });
    let report = near.print(JobId(1), &slip("A1"), Instant::now());
    assert!(matches!(report.outcome, Outcome::Unknown { .. }), "{byte}: {report:?}");
    assert_eq!(near.last_slip(), LastSlip::MaybeTorn);
    far.line().set_faults(Faults::default());
    let mut near = eventually("the line opens again", || open(&far, kind, LastSlip::MaybeTorn).ok());
    let report = near.print(JobId(2), &slip("B2"), Instant::now());
    assert!(matches!(report.outcome, Outcome::Confirmed | Outcome::SentUnconfirmed), "{byte}: {report:?}");
    assert_eq!(near.last_slip(), LastSlip::Whole);
    far.take_pages()
}

fn open(far: &EmulatedPrinter, kind: Kind, last_slip: LastSlip) -> Result<EscPosPrinter, Fault> {
    let printer = EscPosPrinter::open(&far.line().address(), profile(kind), last_slip)?;
    Ok(printer.with_patience(Duration::from_secs(3)))
}

#[test]
fn a_line_that_tears_a_job_at_a_boundary_leaves_nothing_for_the_next_slip() {
    for kind in [KINDS[0], KINDS[1]] {
        let torn = job(kind, &slip("A1"));
        let clean = the_page(slips_of(PrinterModel::default(), ROLL_MM, &job(kind, &slip("B2"))));
        let mut cuts: Vec<_> = boundaries(&torn).into_iter().flat_map(|end| [end - 1, end, end + 1]).collect();
        // At its end a job is not torn: its word is what is lost.
        cuts.retain(|cut| *cut < torn.len());
        cuts.dedup();
        each(&cuts, |cut| {
            for line in LINES {
                for clears_buffer in [true, false] {
                    let model = PrinterModel { clears_buffer, ..PrinterModel::default() };
                    let pages = torn_at(&line(), kind, model, *cut);
                    let what = format!("{kind:?} torn at {cut}, clears_buffer {clears_buffer}");
                    assert_eq!(pages.last().unwrap().png, clean.png, "{what}");
                    assert!(pages.len() <= 3, "{what}");
                }
            }
        });
    }
    assert!(qr_on(&the_page(slips_of(PrinterModel::default(), ROLL_MM, &job(KINDS[0], &slip("B2"))))).contains("B2"));
}

#[test]
fn a_whole_slip_before_is_not_followed_by_an_empty_one() {
    let (far, mut near) = printer(&LineSpec::free_port(), PrinterModel::default(), "generic-80mm");
    for _ in 0..3 {
        assert_eq!(near.print(JobId(1), &ticket("B002"), Instant::now()).outcome, Outcome::Confirmed);
    }
    let pages = far.pages();
    assert!(pages.iter().all(|page| page.png == pages[0].png));
    assert_eq!(pages.len(), 3);
}

/// Another program sends the beginning of a job of its own and ends; then we print. Gives all slips.
fn after_another(model: PrinterModel, torn: &[u8], kind: Kind, last_slip: LastSlip) -> Vec<Page> {
    let far = EmulatedPrinter::start(&LineSpec::free_port(), model, None).unwrap();
    let mut other = transport::open(&far.line().address(), Instant::now() + Duration::from_secs(5)).unwrap();
    other.write_all(torn, Instant::now() + Duration::from_secs(5)).unwrap();
    eventually("it arrived", || (far.line().received_bytes() == torn.len() as u64).then_some(()));
    drop(other);
    let mut near = eventually("the line opens", || open(&far, kind, last_slip).ok());
    let report = near.print(JobId(2), &slip("B2"), Instant::now());
    assert!(matches!(report.outcome, Outcome::Confirmed | Outcome::SentUnconfirmed), "{report:?}");
    eventually("the slip is cut", || far.pages().last().map(drop));
    far.take_pages()
}

#[test]
fn what_another_program_tore_is_found_out_and_cut_off() {
    let torn = job(KINDS[0], &slip("A1"));
    let raster = torn.windows(4).position(|bytes| bytes == b"\x1Dv0\0").unwrap();
    // A picture in one piece, larger than any that we send.
    let large = [&b"\x1Dv0\0\x48\0\xE8\x03"[..], &[0xAA; 20_000]].concat();
    // A printer that names jobs, and one that only answers for its sensor.
    for kind in [KINDS[0], KINDS[2]] {
        let clean = the_page(slips_of(PrinterModel::default(), ROLL_MM, &job(kind, &slip("B2"))));
        for torn in [&torn[..raster + 600], &large] {
            let pages = after_another(PrinterModel::default(), torn, kind, LastSlip::Whole);
            assert_eq!(pages.last().unwrap().png, clean.png, "{kind:?} {}", torn.len());
            assert_eq!(pages.len(), 2, "the remains and the slip");
        }
    }
}

#[test]
fn where_nobody_knows_how_the_last_slip_ended_the_next_begins_on_a_clean_edge() {
    let torn = job(KINDS[0], &slip("A1"));
    let clean = the_page(slips_of(PrinterModel::default(), ROLL_MM, &job(KINDS[0], &slip("B2"))));
    // Between two commands nothing can be found out: only the edge helps.
    each(&boundaries(&torn), |end| {
        let pages = after_another(PrinterModel::default(), &torn[..*end], KINDS[0], LastSlip::Unsure);
        assert_eq!(pages.last().unwrap().png, clean.png, "torn at {end}");
    });
    // Nothing is lost that another program sent whole and nobody confirmed.
    let pages = after_another(PrinterModel::default(), &torn, KINDS[0], LastSlip::Unsure);
    assert_eq!(pages.len(), 3, "the other's slip, the edge, and ours");
    assert!(pages[1].blank);
}

#[test]
fn a_printer_that_answers_nothing_in_turn_is_believed_as_before() {
    let model = PrinterModel { process_id: false, defect: Some(Defect::NoSensor), ..PrinterModel::default() };
    let clean = the_page(slips_of(PrinterModel::default(), ROLL_MM, &job(KINDS[0], &slip("B2"))));
    for (last_slip, slips) in [(LastSlip::Whole, 1), (LastSlip::Unsure, 2)] {
        let pages = after_another(model, b"\0", KINDS[0], last_slip);
        assert_eq!((pages.len(), pages.last().map(|page| &page.png)), (slips, Some(&clean.png)));
    }
}
