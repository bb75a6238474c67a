//! Every fault of a line at every moment of a job: what is told is true, comes in bounded time, and the next job is whole and clean. The table of
//! `hardware/docs/outcomes.md` is what this measures; with `MOTCUA_WRITE_DOCS=1` it is written, otherwise compared.

use std::fmt::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use hardware::emulator::{EmulatedPrinter, Faults, Garbage, LineSpec, Page, PrinterModel};
use hardware::printer::{EscPosPrinter, LastSlip, LineSpeed};
use hardware::{Align, Fault, JobId, Outcome, Paper, PrintReport, Profile, TextSize};

use crate::{LINES, eventually};

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/outcomes.md");
/// Within this time every job of this size is settled, whatever happens to its line.
const BOUND: Duration = Duration::from_secs(60);

/// A fault by its name.
type NamedFault = (&'static str, fn() -> Faults);
const FAULTS: [NamedFault; 7] = [
    ("cut", || Faults { cut_after_bytes: Some(0), ..Faults::default() }),
    ("stall", || Faults { stall: true, ..Faults::default() }),
    ("split", || Faults { split: true, ..Faults::default() }),
    ("slow", || Faults { bytes_per_second: Some(1500), ..Faults::default() }),
    ("garbage", || Faults { garbage: Some(Garbage::Instead), ..Faults::default() }),
    ("refuse", || Faults { refuse: true, ..Faults::default() }),
    ("black hole", || Faults { black_hole: true, ..Faults::default() }),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moment {
    BeforeOpening,
    Greeting,
    BeforeFirstByte,
    Midst,
    LastByte,
    Awaiting,
}

const MOMENTS: [(&str, Moment); 6] = [
    ("before opening", Moment::BeforeOpening),
    ("greeting", Moment::Greeting),
    ("idle, before the first byte", Moment::BeforeFirstByte),
    ("in the midst of the job", Moment::Midst),
    ("before the last byte", Moment::LastByte),
    ("awaiting confirmation", Moment::Awaiting),
];

const LINE_NAMES: [&str; 2] = ["tcp", "pty"];

/// A kind of job: its name, the printer's profile, how it is encoded.
type Kind = (&'static str, &'static str, LineSpeed);
const KINDS: [Kind; 3] = [
    ("raster", "generic-80mm", LineSpeed::Fast),
    ("compact", "generic-80mm", LineSpeed::Slow),
    ("raster, without a name for the job", "clone-80mm", LineSpeed::Fast),
];
/// Cells tried at the same time: most of one is waiting for a line that says nothing.
const SIDE_BY_SIDE: usize = 24;

fn open(far: &EmulatedPrinter, kind: Kind, last_slip: LastSlip) -> Result<EscPosPrinter, Fault> {
    let profile = Profile { line: kind.2, ..Profile::named(kind.1).unwrap() };
    let printer = EscPosPrinter::open(&far.line().address(), profile, last_slip)?;
    Ok(printer.with_patience(Duration::from_secs(3)))
}

fn slip(number: &str) -> Paper {
    Paper::new().bold(number, TextSize::Large, Align::Center).text("Chứng thực", TextSize::Small, Align::Left)
}

/// The slip on a healthy printer, and the length of its job.
fn clean(kind: Kind, number: &str) -> (Page, usize) {
    let far = EmulatedPrinter::start(&LineSpec::free_port(), PrinterModel::default(), None).unwrap();
    let report = open(&far, kind, LastSlip::Whole).unwrap().print(JobId(1), &slip(number), Instant::now());
    (eventually("the slip is cut", || far.take_pages().pop()), report.bytes)
}

/// Prints A1 while the fault happens at its moment; gives the account and how the slip ended.
fn faulty(far: &EmulatedPrinter, kind: Kind, faults: Faults, moment: Moment, bytes: u64) -> (PrintReport, LastSlip) {
    match moment {
        Moment::BeforeOpening => begin_before_opening(far, kind, faults.clone()),
        Moment::Greeting => far.line().set_faults_after(3, faults.clone()),
        _ => {}
    }
    let submitted = Instant::now();
    // The number of a pty is given again before whoever held the last one has let go of it.
    let opened = eventually("nobody else holds the line", || {
        Some(open(far, kind, LastSlip::Whole)).filter(|opened| !matches!(opened, Err(Fault::PrinterInUse)))
    });
    let mut near = match opened {
        Ok(near) => near,
        Err(fault) => return (PrintReport::refused(JobId(1), fault, submitted.elapsed()), LastSlip::Whole),
    };
    near.status(Instant::now() + Duration::from_secs(5));
    match moment {
        Moment::BeforeOpening | Moment::Greeting => {}
        Moment::BeforeFirstByte => {
            far.line().set_faults(faults);
            // As the poll of an idle printer does.
            near.status(Instant::now() + Duration::from_secs(5));
        }
        Moment::Midst => far.line().set_faults_after(bytes / 2, faults),
        Moment::LastByte => far.line().set_faults_after(bytes - 1, faults),
        Moment::Awaiting => far.line().set_faults_after(bytes, faults),
    }
    (near.print(JobId(1), &slip("A1"), submitted), near.last_slip())
}

/// Makes it so that the fault surely meets the opening. A pty is there before it is opened, so a cut waits for the first byte; a cable that is out is
/// waited for until nothing is there any more: a far side that is told so still takes who came before it heard.
fn begin_before_opening(far: &EmulatedPrinter, kind: Kind, faults: Faults) {
    let (refuse, cut) = (faults.refuse, faults.cut_after_bytes.map(|_| 1));
    far.line().set_faults(Faults { cut_after_bytes: cut, ..faults });
    if refuse {
        eventually("nothing is there", || {
            open(far, kind, LastSlip::Whole).err().filter(|fault| *fault == Fault::PrinterAbsent)
        });
    }
}

/// What healthy printing gives.
struct Healthy {
    first: Page,
    second: Page,
    bytes: u64,
}

/// One cell of the matrix: checked against the paper, and told as it stands in the table.
fn cell(place: Place, healthy: &Healthy) -> String {
    let (kind, moment) = (KINDS[place.kind], MOMENTS[place.moment].1);
    // A pty has a name of its own: the number of one that is gone is given to the next, which may be another cell's.
    let folder = tempfile::tempdir().unwrap();
    let spec = match LINES[place.line]() {
        LineSpec::Pty { .. } => LineSpec::Pty { link: Some(folder.path().join("ttyTICKET")) },
        tcp @ LineSpec::Tcp(_) => tcp,
    };
    let far = EmulatedPrinter::start(&spec, PrinterModel::default(), None).unwrap();
    let began = Instant::now();
    let (report, last_slip) = faulty(&far, kind, FAULTS[place.fault].1(), moment, healthy.bytes);
    assert!(began.elapsed() < BOUND, "{place:?} took {:?}", began.elapsed());
    let told = match report.fault {
        Some(fault) => format!("{} ({fault})", report.outcome.name()),
        None => report.outcome.name().to_owned(),
    };
    is_true(&far, &report, &healthy.first, &format!("{place:?} {told}"));
    far.line().set_faults(Faults::default());
    let mut near = eventually("the line opens again", || open(&far, kind, last_slip).ok());
    let next = near.print(JobId(2), &slip("B2"), Instant::now());
    assert_eq!(next.outcome, best(kind), "{place:?} {told}: {next:?}");
    let pages = eventually("the next slip is cut", || {
        let pages = far.pages();
        pages.last().is_some_and(|page| page.png == healthy.second.png).then_some(pages)
    });
    let whole = pages.iter().filter(|page| page.png == healthy.first.png).count();
    assert!(whole <= 1 && pages.len() <= 3, "{place:?} {told}: {whole} of {} slips", pages.len());
    if report.outcome == Outcome::NotPrinted {
        let ink = pages.iter().filter(|page| !page.blank).count();
        assert_eq!(ink, 1, "{place:?} {told}: only the next job made ink");
    }
    told
}

/// The best that a printer of this kind can say.
fn best(kind: Kind) -> Outcome {
    let confirms = Profile::named(kind.1).unwrap().confirms_by_process_id;
    if confirms { Outcome::Confirmed } else { Outcome::SentUnconfirmed }
}

/// Whether what was told agrees with the paper.
fn is_true(far: &EmulatedPrinter, report: &PrintReport, clean: &Page, told: &str) {
    let pages = far.pages();
    match report.outcome {
        Outcome::Confirmed => {
            assert_eq!(pages.len(), 1, "{told}");
            assert_eq!(pages[0].png, clean.png, "{told}");
        }
        Outcome::NotPrinted => assert!(pages.is_empty(), "{told}"),
        // Nobody confirmed it; the slip is cut a moment later at most, and is the one.
        Outcome::SentUnconfirmed => {
            let pages = eventually("the slip that was sent", || Some(far.pages()).filter(|pages| !pages.is_empty()));
            assert!(pages.len() == 1 && pages[0].png == clean.png, "{told}");
        }
        Outcome::Unknown { bytes_sent } => assert!(bytes_sent > 0 && pages.len() <= 1, "{told}"),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    kind: usize,
    fault: usize,
    line: usize,
    moment: usize,
}

fn places() -> Vec<Place> {
    let all = KINDS.len() * FAULTS.len() * LINES.len() * MOMENTS.len();
    let place = |at: usize| {
        let (rest, moment) = (at / MOMENTS.len(), at % MOMENTS.len());
        let (rest, line) = (rest / LINES.len(), rest % LINES.len());
        Place { kind: rest / FAULTS.len(), fault: rest % FAULTS.len(), line, moment }
    };
    (0..all).map(place).collect()
}

fn table(told: &[(Place, String)]) -> String {
    let mut text = HEAD.to_owned();
    for (kind, (kind_name, profile, _)) in KINDS.iter().enumerate() {
        write!(text, "\n## A job as {kind_name} (`{profile}`)\n\n| fault | line |").unwrap();
        MOMENTS.iter().for_each(|(name, _)| write!(text, " {name} |").unwrap());
        write!(text, "\n|---|---|{}\n", "---|".repeat(MOMENTS.len())).unwrap();
        for row in told.iter().filter(|(place, _)| place.kind == kind).collect::<Vec<_>>().chunks(MOMENTS.len()) {
            let place = row[0].0;
            write!(text, "| {} | {} |", FAULTS[place.fault].0, LINE_NAMES[place.line]).unwrap();
            row.iter().for_each(|(_, cell)| write!(text, " {cell} |").unwrap());
            text.push('\n');
        }
    }
    text
}

const HEAD: &str = "# What becomes of a print job when its line fails

Measured by `cargo test -p hardware --test devices outcomes` on an emulated printer, over TCP and over a pty; `MOTCUA_WRITE_DOCS=1` writes this
file, and without it the test fails when the file says other than what it measured. In every case the account agrees with the paper (Confirmed:
exactly one whole slip; NotPrinted: no ink of the job; never two), and the next job after the fault is whole and clean. Split: bytes come and go
one by one. Slow: 1,500 bytes a second. Refuse: the cable is out. Garbage: junk instead of every answer.
";

#[test]
fn every_fault_at_every_moment_is_told_truly_and_the_document_says_the_same() {
    let healthy = KINDS.map(|kind| {
        let (first, bytes) = clean(kind, "A1");
        Healthy { first, second: clean(kind, "B2").0, bytes: bytes as u64 }
    });
    let places = places();
    let (next, told) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..SIDE_BY_SIDE {
            scope.spawn(|| {
                while let Some(place) = places.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let cell = cell(*place, &healthy[place.kind]);
                    told.lock().unwrap().push((*place, cell));
                }
            });
        }
    });
    let mut told = told.into_inner().unwrap();
    told.sort_by_key(|(place, _)| places.iter().position(|at| at == place));
    let measured = table(&told);
    if std::env::var_os("MOTCUA_WRITE_DOCS").is_some() {
        std::fs::write(DOCUMENT, &measured).unwrap();
    }
    let kept = std::fs::read_to_string(DOCUMENT).unwrap();
    let differs: Vec<_> = kept.lines().zip(measured.lines()).filter(|(kept, measured)| kept != measured).collect();
    assert!(kept == measured, "kept and measured: {differs:#?}; MOTCUA_WRITE_DOCS=1 writes it anew");
}
