//! Where documents come from and go to: a scanner by SANE's own test backend, a folder, a queue of a real print spooler.

use std::fs;
use std::path::PathBuf;
use std::sync::mpsc::channel;
use std::time::Duration;

use hardware::document::printer::{DocumentJob, DocumentPrinter, Pdf};
use hardware::document::scanner::{
    DocumentScanner, DropFolder, Mode, PageSize, SaneScanner, ScanEvent, ScanRequest, Source,
};
use hardware::{Address, DocumentPrinterHandle, DocumentScannerHandle, Fault, JobId, Outcome, Supervisor};
use tempfile::TempDir;

use super::{ANSWER_WITHIN, Class};
use crate::cupsd::Cupsd;

/// A supervised document scanner.
struct Papers {
    near: DocumentScannerHandle,
    _supervisor: Supervisor,
    pages: PathBuf,
}

impl Papers {
    fn of(scanner: DocumentScanner, pages: PathBuf) -> Self {
        let mut supervisor = Supervisor::new(channel().0);
        let near = supervisor.document_scanner("papers", scanner).unwrap();
        Self { near, _supervisor: supervisor, pages }
    }

    /// Scans one page, which is not kept; how that ended.
    fn scan(&self) -> ScanEvent {
        let (mode, size) = (Mode::Grey, PageSize::A5);
        let one = ScanRequest { resolution_dpi: 75, mode, size, source: Source::Flatbed, ..ScanRequest::default() };
        let job = self.near.scan(ScanRequest { max_pages: Some(1), ..one }, &self.pages);
        let last = loop {
            let event = job.events.recv_timeout(ANSWER_WITHIN).unwrap();
            if event.is_last() {
                break event;
            }
        };
        let _ = fs::remove_dir_all(&self.pages);
        last
    }

    /// An idle scanner is looked for once a minute; whoever scans hears at once.
    fn is_missed(&self) -> bool {
        self.scan() == ScanEvent::Stopped { fault: Fault::DocumentScannerAbsent, pages: 0 }
            && !self.near.status().works()
    }

    fn is_there(&self) -> bool {
        self.near.status().works()
    }

    fn scans(&self) -> bool {
        self.scan() == ScanEvent::Finished { pages: 1 }
    }
}

/// The second of two scanners, which comes and goes with their number.
pub struct Sane {
    papers: Papers,
    configuration: PathBuf,
    two: String,
    _folder: TempDir,
}

impl Sane {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let etc = folder.path().join("sane");
        fs::create_dir_all(&etc).unwrap();
        fs::write(etc.join("dll.conf"), "test\n").unwrap();
        let two = fs::read_to_string("/etc/sane.d/test.conf").unwrap();
        assert!(two.contains("number_of_devices 2"));
        // Its bed is as large as a page.
        let two = two.replace("geometry_max 200.0", "geometry_max 300.0");
        let configuration = etc.join("test.conf");
        fs::write(&configuration, &two).unwrap();
        let scanner = SaneScanner::new("test:1").with_environment("SANE_CONFIG_DIR", etc.to_str().unwrap());
        let papers = Papers::of(DocumentScanner::Sane(scanner), folder.path().join("pages"));
        Self { papers, configuration, two, _folder: folder }
    }
}

impl Class for Sane {
    fn name(&self) -> &'static str {
        "document scanner by SANE"
    }

    fn unplug(&mut self) {
        fs::write(&self.configuration, self.two.replace("number_of_devices 2", "number_of_devices 1")).unwrap();
    }

    fn plug(&mut self) {
        fs::write(&self.configuration, &self.two).unwrap();
    }

    fn is_missed(&mut self) -> bool {
        self.papers.is_missed()
    }

    fn serves(&mut self) -> bool {
        self.papers.is_there() && self.papers.scans()
    }
}

/// A folder into which people put pages: a share that is mounted and unmounted.
pub struct Folder {
    papers: Papers,
    folder: TempDir,
}

impl Folder {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("in")).unwrap();
        let times = (Duration::from_millis(20), Duration::from_secs(30), Duration::from_secs(30));
        let scanner = DropFolder::new(folder.path().join("in")).with_times(times.0, times.1, times.2);
        let papers = Papers::of(DocumentScanner::Folder(scanner), folder.path().join("pages"));
        Self { papers, folder }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

impl Class for Folder {
    fn name(&self) -> &'static str {
        "folder for pages"
    }

    fn unplug(&mut self) {
        fs::rename(self.at("in"), self.at("away")).unwrap();
    }

    fn plug(&mut self) {
        fs::rename(self.at("away"), self.at("in")).unwrap();
    }

    fn is_missed(&mut self) -> bool {
        self.papers.is_missed()
    }

    fn serves(&mut self) -> bool {
        if !self.papers.is_there() {
            return false;
        }
        fs::write(self.at("in/page.pdf"), b"%PDF-1.7\n1 0 obj\n<< >>\nendobj\n%%EOF\n").unwrap();
        self.papers.scans()
    }
}

/// A document printer behind a queue, whose spooler is killed and run again.
pub struct Queue {
    near: DocumentPrinterHandle,
    jobs: u128,
    _supervisor: Supervisor,
    spooler: Cupsd,
    _records: TempDir,
}

impl Queue {
    pub fn new() -> Self {
        let (spooler, records) = (Cupsd::start(), tempfile::tempdir().unwrap());
        spooler.tool("/usr/sbin/lpadmin", &["-p", "PAPERS", "-E", "-v", "file:///dev/null", "-m", "raw"]);
        let address = Address::Cups { queue: "PAPERS".to_owned() };
        let printer = DocumentPrinter::new(&address, records.path()).unwrap().with_spooler(spooler.spooler());
        let mut supervisor = Supervisor::new(channel().0);
        let near = supervisor.document_printer("papers", printer).unwrap();
        Self { near, jobs: 0, _supervisor: supervisor, spooler, _records: records }
    }

    fn print(&mut self) -> Outcome {
        self.jobs += 1;
        let pdf = Pdf::new(b"%PDF-1.4\n%%EOF\n".to_vec()).unwrap();
        let job = DocumentJob::new(JobId(self.jobs), "receipt", pdf).unwrap();
        self.near.print(job).recv_timeout(ANSWER_WITHIN * 2).unwrap().outcome
    }
}

impl Class for Queue {
    fn name(&self) -> &'static str {
        "document printer by CUPS"
    }

    fn unplug(&mut self) {
        self.spooler.kill();
    }

    fn plug(&mut self) {
        self.spooler.run();
    }

    /// The spooler is looked for every three seconds; whoever prints hears at once.
    fn is_missed(&mut self) -> bool {
        self.print() == Outcome::NotPrinted && !self.near.status().works()
    }

    fn serves(&mut self) -> bool {
        self.print() == Outcome::SentUnconfirmed && self.near.status().works()
    }
}
