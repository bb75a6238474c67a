//! Documents through the real print spooler, and into a folder.

use std::sync::mpsc::channel;
use std::time::Duration;

use hardware::document::printer::{DocumentJob, DocumentPrinter, Pdf, Sides};
use hardware::{Address, DeviceState, Fault, JobId, Outcome, Supervisor};

use crate::cupsd::{Catcher, Cupsd};
use crate::eventually;

fn pdf(filling: usize) -> Pdf {
    let mut bytes = b"%PDF-1.4\n".to_vec();
    bytes.extend((0..filling).map(|at| (at % 251) as u8));
    bytes.extend(b"\n%%EOF\n");
    Pdf::new(bytes).unwrap()
}

fn job(id: u128, filling: usize) -> DocumentJob {
    DocumentJob::new(JobId(id), "receipt", pdf(filling)).unwrap()
}

struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let place = Self { folder: tempfile::tempdir().unwrap() };
        std::fs::create_dir(place.out()).unwrap();
        place
    }

    fn out(&self) -> std::path::PathBuf {
        self.folder.path().join("out")
    }

    fn records(&self) -> std::path::PathBuf {
        self.folder.path().join("records")
    }

    fn to_folder(&self) -> DocumentPrinter {
        DocumentPrinter::new(&Address::File { path: self.out() }, self.records()).unwrap()
    }

    fn to_queue(&self, cupsd: &Cupsd, queue: &str) -> DocumentPrinter {
        let address = Address::Cups { queue: queue.to_owned() };
        let printer = DocumentPrinter::new(&address, self.records()).unwrap();
        printer.with_spooler(cupsd.spooler()).with_patience(Duration::from_secs(4))
    }

    fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.out()).unwrap().flatten();
        entries.map(|entry| entry.file_name().into_string().unwrap()).collect()
    }
}

#[test]
fn a_document_arrives_byte_for_byte_and_the_same_number_prints_once() {
    let (cupsd, caught, place) = (Cupsd::start(), Catcher::start(), Place::new());
    cupsd.queue("PAGES", caught.port());
    let mut first = job(7, 200_000);
    first.sides = Sides::LongEdge;
    let report = place.to_queue(&cupsd, "PAGES").print(&first);
    assert_eq!((report.outcome, report.fault, report.repeated), (Outcome::SentUnconfirmed, None, false));
    assert_eq!(caught.await_jobs(1), [first.pdf.bytes().to_vec()]);
    // A new driver, as after a restart.
    let again = place.to_queue(&cupsd, "PAGES").print(&first);
    assert_eq!((again.outcome, again.repeated), (Outcome::SentUnconfirmed, true));
    // The same number on another document is a mistake of whoever asks.
    let other = place.to_queue(&cupsd, "PAGES").print(&job(7, 10));
    assert_eq!((other.outcome, other.fault), (Outcome::NotPrinted, Some(Fault::DocumentNumberReused)));
    let last = job(8, 10);
    assert_eq!(place.to_queue(&cupsd, "PAGES").print(&last).outcome, Outcome::SentUnconfirmed);
    assert_eq!(caught.await_jobs(2), [first.pdf.bytes().to_vec(), last.pdf.bytes().to_vec()]);
}

#[test]
fn what_stops_a_queue_is_named_and_the_job_may_be_asked_for_again() {
    let (mut cupsd, caught, place) = (Cupsd::start(), Catcher::start(), Place::new());
    let print = |cupsd: &Cupsd, queue: &str| {
        let report = place.to_queue(cupsd, queue).print(&job(1, 10));
        (report.outcome, report.fault)
    };
    assert_eq!(print(&cupsd, "NOWHERE"), (Outcome::NotPrinted, Some(Fault::DocumentPrinterAbsent)));
    cupsd.queue("PAGES", caught.port());
    cupsd.tool("/usr/sbin/cupsdisable", &["PAGES"]);
    assert_eq!(print(&cupsd, "PAGES"), (Outcome::NotPrinted, Some(Fault::DocumentPrinterStopped)));
    assert_eq!(place.to_queue(&cupsd, "PAGES").status().state, DeviceState::Blocked);
    cupsd.tool("/usr/sbin/cupsenable", &["PAGES"]);
    cupsd.tool("/usr/sbin/cupsreject", &["PAGES"]);
    assert_eq!(print(&cupsd, "PAGES"), (Outcome::NotPrinted, Some(Fault::DocumentPrinterStopped)));
    cupsd.kill();
    assert_eq!(print(&cupsd, "PAGES"), (Outcome::NotPrinted, Some(Fault::DocumentSpoolerDown)));
    cupsd.run();
    cupsd.queue("PAGES", caught.port());
    cupsd.tool("/usr/sbin/cupsaccept", &["PAGES"]);
    assert_eq!(print(&cupsd, "PAGES"), (Outcome::SentUnconfirmed, None));
    assert_eq!(caught.await_jobs(1).len(), 1);
}

#[test]
fn a_crash_while_handing_over_leaves_a_doubt_that_is_never_printed_again_by_itself() {
    let (cupsd, caught, place) = (Cupsd::start(), Catcher::start(), Place::new());
    cupsd.queue("PAGES", caught.port());
    let doubtful = job(1, 10);
    assert_eq!(place.to_queue(&cupsd, "PAGES").print(&doubtful).outcome, Outcome::SentUnconfirmed);
    // What the disk holds when the power fails between the first note and the last.
    let record = std::fs::read_dir(place.records()).unwrap().next().unwrap().unwrap().path();
    let note = std::fs::read_to_string(&record).unwrap();
    std::fs::write(&record, note.replace("\"sent\"", "\"handing\"")).unwrap();
    let report = place.to_queue(&cupsd, "PAGES").print(&doubtful);
    assert_eq!((report.outcome, report.repeated), (Outcome::Unknown { bytes_sent: report.bytes }, true));
    // A note that the disk has damaged is a doubt too.
    std::fs::write(&record, "").unwrap();
    assert!(matches!(place.to_queue(&cupsd, "PAGES").print(&doubtful).outcome, Outcome::Unknown { .. }));
    assert_eq!(caught.await_jobs(1).len(), 1);
}

#[test]
fn a_folder_takes_whole_files_once() {
    let place = Place::new();
    let first = job(0xAB, 1000);
    let report = place.to_folder().print(&first);
    assert_eq!((report.outcome, report.fault), (Outcome::SentUnconfirmed, None));
    assert_eq!(place.files(), ["receipt-000000000000000000000000000000ab.pdf"]);
    let path = place.out().join(&place.files()[0]);
    assert_eq!(std::fs::read(&path).unwrap(), first.pdf.bytes());
    // Whoever takes the files away does not make them come again.
    std::fs::remove_file(&path).unwrap();
    assert!(place.to_folder().print(&first).repeated);
    assert!(place.files().is_empty());
    // A crash before the file had its name: nothing is in doubt, and it is printed.
    let record = std::fs::read_dir(place.records()).unwrap().next().unwrap().unwrap().path();
    let note = std::fs::read_to_string(&record).unwrap();
    std::fs::write(&record, note.replace("\"sent\"", "\"handing\"")).unwrap();
    let report = place.to_folder().print(&first);
    assert_eq!((report.outcome, report.repeated, place.files().len()), (Outcome::SentUnconfirmed, false, 1));
}

#[test]
fn a_folder_that_is_missing_or_full_is_named_and_keeps_nothing() {
    let place = Place::new();
    std::fs::remove_dir(place.out()).unwrap();
    let report = place.to_folder().print(&job(1, 10));
    assert_eq!((report.outcome, report.fault), (Outcome::NotPrinted, Some(Fault::DocumentPrinterAbsent)));
    let full = DocumentPrinter::new(&"file:/dev/full".parse().unwrap(), place.records()).unwrap();
    assert_eq!(full.print(&job(2, 10)).fault, Some(Fault::DocumentPrinterAbsent), "not a folder");
    // No records, no printing: a job that cannot be remembered could come twice.
    std::fs::create_dir(place.out()).unwrap();
    let unkept = DocumentPrinter::new(&Address::File { path: place.out() }, "/proc/nowhere").unwrap();
    assert_eq!(unkept.print(&job(3, 10)).outcome, Outcome::NotPrinted);
    assert!(place.files().is_empty());
    assert!(DocumentPrinter::new(&Address::tcp("127.0.0.1", 9100), place.records()).is_err());
}

#[test]
fn a_supervised_printer_tells_how_its_queue_is_and_prints_in_order() {
    let (cupsd, caught, place) = (Cupsd::start(), Catcher::start(), Place::new());
    let mut supervisor = Supervisor::new(channel().0);
    let printer = supervisor.document_printer("pages", place.to_queue(&cupsd, "PAGES")).unwrap();
    eventually("it is missed", || (printer.status().fault() == Some(Fault::DocumentPrinterAbsent)).then_some(()));
    let settle = |id| printer.print(job(id, 10)).recv_timeout(Duration::from_secs(30)).unwrap();
    assert_eq!(settle(1).outcome, Outcome::NotPrinted);
    cupsd.queue("PAGES", caught.port());
    eventually("it is found", || (printer.status().state == DeviceState::Ready).then_some(()));
    for id in 1..=3 {
        assert_eq!(settle(id).outcome, Outcome::SentUnconfirmed);
    }
    assert_eq!(caught.await_jobs(3).len(), 3);
    supervisor.stop();
    assert_eq!(settle(4).outcome, Outcome::NotPrinted);
}
