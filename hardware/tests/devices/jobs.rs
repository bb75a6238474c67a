//! A job is printed once, however often it is asked for, whatever happens in between.

use std::io::Write;
use std::path::Path;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use hardware::emulator::{EmulatedPrinter, Faults, LineSpec, PrinterModel};
use hardware::printer::journal::{Decision, JobEnd, Journal, KeptJob, PaperCameOut, PaperHash};
use hardware::printer::{EscPosPrinter, JobDesk, LastSlip};
use hardware::{
    Address, Fault, JobId, KnownBy, Outcome, Paper, PrintOrder, PrintReport, PrinterSpec, Profile, Supervisor,
};
use jiff::Timestamp;

use crate::{open, ticket};

fn emulated() -> EmulatedPrinter {
    EmulatedPrinter::start(&LineSpec::free_port(), PrinterModel::default(), None).unwrap()
}

/// Asks for a job as a program that was started anew does.
fn ask(far: &EmulatedPrinter, folder: &Path, order: &PrintOrder) -> PrintReport {
    let submitted = Instant::now();
    let mut desk = JobDesk::new(&far.line().address(), Some(folder));
    if let Some(report) = desk.answered(order, submitted) {
        return report;
    }
    let last_slip = desk.last_slip(LastSlip::Whole);
    match open(far, "generic-80mm", last_slip) {
        Ok(mut near) => desk.print(&mut near, order, submitted),
        Err(fault) => PrintReport::refused(order.job, fault, submitted.elapsed()),
    }
}

fn order(job: u128, number: &str) -> PrintOrder {
    PrintOrder::new(JobId(job), ticket(number))
}

/// The slips with ink on them.
fn inked(far: &EmulatedPrinter) -> usize {
    far.pages().iter().filter(|page| !page.blank).count()
}

#[test]
fn a_job_asked_for_again_is_told_again_and_not_printed() {
    let (far, folder) = (emulated(), tempfile::tempdir().unwrap());
    let first = ask(&far, folder.path(), &order(1, "A105"));
    assert_eq!((first.outcome, first.repeated, first.known_by), (Outcome::Confirmed, false, KnownBy::ProcessId));
    let received = far.line().received_bytes();
    let again = ask(&far, folder.path(), &order(1, "A105"));
    assert_eq!((again.outcome, again.repeated, again.known_by), (Outcome::Confirmed, true, KnownBy::ProcessId));
    assert_eq!((again.bytes, far.line().received_bytes(), inked(&far)), (first.bytes, received, 1));
    let changed = ask(&far, folder.path(), &order(1, "A106"));
    assert_eq!((changed.outcome, changed.fault), (Outcome::NotPrinted, Some(Fault::PrintJobChanged)));
    // The next job is no repetition, and follows a whole slip: no blank paper between.
    assert_eq!(ask(&far, folder.path(), &order(2, "A106")).outcome, Outcome::Confirmed);
    assert_eq!((inked(&far), far.pages().len()), (2, 3));
}

#[test]
fn the_first_job_ever_begins_with_a_clean_edge_of_paper() {
    let (far, folder) = (emulated(), tempfile::tempdir().unwrap());
    for job in 1..=3 {
        assert_eq!(ask(&far, folder.path(), &order(job, "A105")).outcome, Outcome::Confirmed);
    }
    let blanks: Vec<_> = far.pages().iter().map(|page| page.blank).collect();
    assert_eq!(blanks, [true, false, false, false]);
}

#[test]
fn what_surely_did_not_print_may_be_tried_again() {
    let (far, folder) = (emulated(), tempfile::tempdir().unwrap());
    far.set_cover_open(true);
    let refused = ask(&far, folder.path(), &order(1, "A105"));
    assert_eq!((refused.outcome, refused.fault), (Outcome::NotPrinted, Some(Fault::CoverOpen)));
    far.set_cover_open(false);
    assert_eq!(ask(&far, folder.path(), &order(1, "A105")).outcome, Outcome::Confirmed);
    assert_eq!(inked(&far), 1);
}

#[test]
fn what_is_in_doubt_waits_for_a_person() {
    let (far, folder) = (emulated(), tempfile::tempdir().unwrap());
    assert_eq!(ask(&far, folder.path(), &order(1, "A104")).outcome, Outcome::Confirmed);
    far.line().set_faults(Faults { cut_after_bytes: Some(3000), ..Faults::default() });
    let torn = ask(&far, folder.path(), &order(2, "A105"));
    assert!(matches!(torn.outcome, Outcome::Unknown { .. }), "{torn:?}");
    far.line().set_faults(Faults::default());
    let received = far.line().received_bytes();
    for _ in 0..2 {
        let doubt = ask(&far, folder.path(), &order(2, "A105"));
        assert_eq!((doubt.outcome, doubt.fault, doubt.repeated), (torn.outcome, Some(Fault::PrintInDoubt), true));
    }
    assert_eq!(far.line().received_bytes(), received);
    let journal = Journal::open(folder.path()).unwrap();
    assert_eq!(journal.last_slip(&far.line().address().to_string()).unwrap(), LastSlip::MaybeTorn);
    assert!(journal.settle(JobId(9), PaperCameOut::No, Timestamp::now()).is_err());
    assert!(journal.settle(JobId(1), PaperCameOut::No, Timestamp::now()).is_err());
    journal.settle(JobId(2), PaperCameOut::No, Timestamp::now()).unwrap();
    let printed = ask(&far, folder.path(), &order(2, "A105"));
    assert_eq!((printed.outcome, printed.repeated), (Outcome::Confirmed, false));
    assert_eq!(qr_texts(&far), 2, "two tickets with a whole code");
}

/// Slips whose code can be read: whole tickets.
fn qr_texts(far: &EmulatedPrinter) -> usize {
    let clean = |number| {
        let other = emulated();
        open(&other, "generic-80mm", LastSlip::Whole).unwrap().print(JobId(1), &ticket(number), Instant::now());
        other.take_pages().remove(0).png
    };
    let whole = [clean("A104"), clean("A105")];
    far.pages().iter().filter(|page| whole.contains(&page.png)).count()
}

#[test]
fn a_person_who_saw_the_paper_ends_the_job() {
    let (far, folder) = (emulated(), tempfile::tempdir().unwrap());
    far.set_cutter_jammed(true);
    assert!(matches!(ask(&far, folder.path(), &order(1, "A105")).outcome, Outcome::Unknown { .. }));
    let journal = Journal::open(folder.path()).unwrap();
    journal.settle(JobId(1), PaperCameOut::Yes, Timestamp::now()).unwrap();
    let told = ask(&far, folder.path(), &order(1, "A105"));
    assert_eq!((told.outcome, told.known_by, told.repeated), (Outcome::Confirmed, KnownBy::Person, true));
}

#[test]
fn a_copy_is_a_job_of_its_own_and_says_that_it_is_one() {
    let (far, folder) = (emulated(), tempfile::tempdir().unwrap());
    let original = order(1, "A105");
    ask(&far, folder.path(), &original);
    let copy = PrintOrder::copy(JobId(2), ticket("A105"), JobId(1));
    let report = ask(&far, folder.path(), &copy);
    assert_eq!((report.outcome, report.copy_of), (Outcome::Confirmed, Some(JobId(1))));
    assert_eq!(ask(&far, folder.path(), &copy).copy_of, Some(JobId(1)));
    let pages: Vec<_> = far.pages().into_iter().filter(|page| !page.blank).collect();
    assert_eq!(pages.len(), 2);
    // Its mark and a rule stand above all that the original has.
    assert!(pages[1].height_dots > pages[0].height_dots);
    assert_eq!(copy.slip().blocks[2..], ticket("A105").blocks);
    let text = serde_json::to_string(&copy.slip().blocks[0]).unwrap();
    assert!(text.contains("BẢN SAO / COPY") && text.contains("\"large\""), "{text}");
    // Asked for as an original under the copy's name, or as a copy of itself, it is refused.
    assert_eq!(ask(&far, folder.path(), &order(2, "A105")).fault, Some(Fault::PrintJobChanged));
    let of_itself = PrintOrder::copy(JobId(3), ticket("A105"), JobId(3));
    assert_eq!(ask(&far, folder.path(), &of_itself).fault, Some(Fault::PrintJobChanged));
}

#[test]
fn a_supervised_printer_keeps_its_jobs_across_restarts_and_tells_them_while_its_line_is_down() {
    let (far, folder) = (emulated(), tempfile::tempdir().unwrap());
    let spec = PrinterSpec {
        journal: Some(folder.path().to_owned()),
        ..PrinterSpec::new(far.line().address(), Profile::named("generic-80mm").unwrap())
    };
    let print = |job: u128| {
        let mut supervisor = Supervisor::new(channel().0);
        let printer = supervisor.printer("ticket", spec.clone()).unwrap();
        printer.print(JobId(job), ticket("A105")).recv_timeout(Duration::from_secs(30)).unwrap()
    };
    assert_eq!((print(1).outcome, print(1).repeated, inked(&far)), (Outcome::Confirmed, true, 1));
    far.line().set_faults(Faults { refuse: true, ..Faults::default() });
    let told = print(1);
    assert_eq!((told.outcome, told.repeated), (Outcome::Confirmed, true));
    assert_eq!(print(2).outcome, Outcome::NotPrinted);
}

#[test]
fn damage_is_named_skipped_and_kept_aside() {
    let (far, folder) = (emulated(), tempfile::tempdir().unwrap());
    ask(&far, folder.path(), &order(1, "A105"));
    ask(&far, folder.path(), &order(2, "A106"));
    let path = folder.path().join("print-jobs.journal");
    let mut bytes = std::fs::read(&path).unwrap();
    // The first line of the second job, in the midst of its record.
    let lines: Vec<_> = bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::len).collect();
    bytes[lines[0] + lines[1] + 90] ^= 0x20;
    std::fs::write(&path, &bytes).unwrap();
    let journal = Journal::open(folder.path()).unwrap();
    assert_eq!(journal.damage().len(), 1);
    assert_eq!((journal.damage()[0].line, &journal.damage()[0].jobs), (3, &vec![JobId(2)]));
    // Its last line is whole and tells all that the damaged one told.
    assert_eq!(ask(&far, folder.path(), &order(2, "A106")).outcome, Outcome::Confirmed);
    assert_eq!(std::fs::read(folder.path().join("print-jobs.damaged")).unwrap(), bytes);
    assert!(Journal::open(folder.path()).unwrap().damage().is_empty(), "it was written anew");
    assert_eq!(inked(&far), 2);
}

#[test]
fn a_torn_tail_is_skipped_and_written_over() {
    let (far, folder) = (emulated(), tempfile::tempdir().unwrap());
    ask(&far, folder.path(), &order(1, "A105"));
    let path = folder.path().join("print-jobs.journal");
    std::fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(b"0123456789abcdef {\"job\":\"").unwrap();
    assert!(ask(&far, folder.path(), &order(1, "A105")).repeated);
    assert_eq!(ask(&far, folder.path(), &order(2, "A106")).outcome, Outcome::Confirmed);
    let journal = Journal::open(folder.path()).unwrap();
    assert_eq!((journal.jobs().unwrap().len(), journal.damage().len()), (2, 0));
}

#[test]
fn nothing_is_printed_that_cannot_be_noted() {
    let (far, folder) = (emulated(), tempfile::tempdir().unwrap());
    // A file where the folder should be: no journal can be there, whoever asks.
    let blocked = folder.path().join("journal");
    std::fs::write(&blocked, "").unwrap();
    let report = ask(&far, &blocked, &order(1, "A105"));
    assert_eq!((report.outcome, report.fault), (Outcome::NotPrinted, Some(Fault::PrintJournal)));
    assert_eq!((far.pages().len(), far.line().received_bytes()), (0, 0));
    // And when it can be again, the job is printed.
    std::fs::remove_file(&blocked).unwrap();
    assert_eq!(ask(&far, &blocked, &order(1, "A105")).outcome, Outcome::Confirmed);
}

#[test]
fn programs_that_share_a_journal_print_a_job_once() {
    let (far, folder) = (emulated(), tempfile::tempdir().unwrap());
    ask(&far, folder.path(), &order(1, "A104"));
    let reports: Vec<_> = std::thread::scope(|scope| {
        let ask = || ask(&far, folder.path(), &order(2, "A105"));
        let asked: Vec<_> = (0..4).map(|_| scope.spawn(ask)).collect();
        asked.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(inked(&far), 2, "{reports:?}");
    let printed = reports.iter().filter(|report| report.outcome == Outcome::Confirmed && !report.repeated).count();
    assert_eq!(printed, 1, "{reports:?}");
}

#[test]
fn a_long_journal_is_rewritten_and_stays_bounded() {
    let folder = tempfile::tempdir().unwrap();
    let lp0 = Address::File { path: folder.path().join("lp0") };
    let profile = Profile::named("write-only-80mm").unwrap();
    let mut near = EscPosPrinter::open(&lp0, profile, LastSlip::Whole).unwrap();
    let lines = |count| {
        let text = std::fs::read_to_string(folder.path().join("print-jobs.journal")).unwrap();
        text.lines().count() < count
    };
    // Two programs, so that the file is read anew each time.
    let mut desks = [(); 2].map(|()| JobDesk::new(&lp0, Some(folder.path())));
    for job in 0..2100 {
        let paper = PrintOrder::new(JobId(job), Paper::new().space(8));
        let report = desks[(job % 2) as usize].print(&mut near, &paper, Instant::now());
        assert_eq!(report.outcome, Outcome::SentUnconfirmed);
    }
    assert!(lines(4100), "rewritten");
    let kept = Journal::open(folder.path()).unwrap().jobs().unwrap();
    assert!(kept.len() < 2100 && kept.last().unwrap().job == JobId(2099), "{}", kept.len());
}

#[test]
fn an_end_that_cannot_be_written_is_known_and_written_later() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open(folder.path()).unwrap();
    let paper = PaperHash::of(&Paper::new(), None);
    let begun = |job: u128| KeptJob {
        job: JobId(job),
        paper: Some(paper.clone()),
        copy_of: None,
        bytes: 10,
        printer: "tcp:p:1".to_owned(),
        begun_at: Timestamp::now(),
        end: None,
    };
    assert_eq!(journal.begin(begun(1)).unwrap(), Decision::Print);
    // A folder in the place of the file: nothing can be read or written.
    let (file, aside) = (folder.path().join("print-jobs.journal"), folder.path().join("aside"));
    std::fs::rename(&file, &aside).unwrap();
    std::fs::create_dir(&file).unwrap();
    let end = JobEnd { outcome: Outcome::Confirmed, fault: None, known_by: KnownBy::ProcessId, at: Timestamp::now() };
    assert!(journal.end(JobId(1), end).is_err());
    assert!(journal.begin(begun(2)).is_err(), "nothing begins that cannot be noted");
    std::fs::remove_dir(&file).unwrap();
    std::fs::rename(&aside, &file).unwrap();
    let other = Journal::open(folder.path()).unwrap();
    assert!(matches!(other.look(JobId(1), &paper, None).unwrap(), Decision::InDoubt(_)), "the disk does not know it");
    assert!(matches!(journal.look(JobId(1), &paper, None).unwrap(), Decision::Printed(_)), "whoever printed it does");
    assert_eq!(journal.begin(begun(2)).unwrap(), Decision::Print);
    assert!(matches!(other.look(JobId(1), &paper, None).unwrap(), Decision::Printed(_)), "now the disk knows it too");
}
