//! A SANE scanner, driven by `scanimage`, and the choice between it and a drop folder.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::time::{Duration, Instant};

use super::options::{ScanRequest, Source, arguments};
use super::pages::PagesFolder;
use super::process::{Line, Next, Running};
use super::protocol::{Capabilities, FoundScanner, LIST_FORMAT, SaneStatus, Word, found, word};
use super::{Cancel, DropFolder, ScanEvent};
use crate::address::Address;
use crate::status::Fault;

/// How often it is looked whether the scan is to end.
const LOOK: Duration = Duration::from_millis(50);
/// How long a device may take to tell what it can.
const ANSWER_WITHIN: Duration = Duration::from_secs(20);
/// How long a scanner may be silent: warming up its lamp and reading a page at the finest resolution.
const PATIENCE: Duration = Duration::from_secs(120);

/// A document scanner.
#[derive(Clone, Debug)]
pub enum DocumentScanner {
    /// Driven by SANE.
    Sane(SaneScanner),
    /// A folder into which people put pictures.
    Folder(DropFolder),
}

impl DocumentScanner {
    /// The scanner at `sane:DEVICE` or `file:FOLDER`.
    ///
    /// # Errors
    /// [`Fault::DocumentScannerAbsent`] for other kinds of address: no scanner can be there.
    pub fn at(address: &Address) -> Result<Self, Fault> {
        match address {
            Address::Sane { device } => Ok(Self::Sane(SaneScanner::new(device))),
            Address::File { path } => Ok(Self::Folder(DropFolder::new(path))),
            _ => Err(Fault::DocumentScannerAbsent),
        }
    }

    /// Whether it is there.
    ///
    /// # Errors
    /// The fault that keeps it from scanning.
    pub fn check(&self, cancel: &Cancel) -> Result<(), Fault> {
        match self {
            Self::Sane(scanner) => scanner.capabilities(cancel).map(drop),
            Self::Folder(folder) => folder.check(),
        }
    }

    /// Scans into a folder and tells each page as it comes. Returns the last event, which is told too.
    pub fn scan(
        &self,
        request: &ScanRequest,
        into: &Path,
        cancel: &Cancel,
        tell: &mut dyn FnMut(ScanEvent),
    ) -> ScanEvent {
        let last = match PagesFolder::open(into) {
            Ok(mut pages) => match self {
                Self::Sane(scanner) => scanner.scan(request, &mut pages, cancel, tell),
                Self::Folder(folder) => folder.collect(request, &mut pages, cancel, tell),
            },
            Err(error) => {
                tracing::warn!(%error, "the folder of pages cannot be opened");
                ScanEvent::Stopped { fault: Fault::DocumentScannerFolder, pages: 0 }
            }
        };
        tell(last.clone());
        last
    }
}

/// A scanner that SANE drives.
#[derive(Clone, Debug)]
pub struct SaneScanner {
    program: PathBuf,
    device: String,
    environment: Vec<(String, String)>,
    patience: Duration,
}

impl SaneScanner {
    /// A scanner by the name that SANE gives it.
    #[must_use]
    pub fn new(device: &str) -> Self {
        Self { program: "scanimage".into(), device: device.to_owned(), environment: Vec::new(), patience: PATIENCE }
    }

    /// The same with another program that takes scanimage's options.
    #[must_use]
    pub fn with_program(mut self, program: impl Into<PathBuf>) -> Self {
        self.program = program.into();
        self
    }

    /// The same with a variable in scanimage's environment, such as `SANE_CONFIG_DIR`.
    #[must_use]
    pub fn with_environment(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same with another longest silence.
    #[must_use]
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// The scanners that SANE finds.
    ///
    /// # Errors
    /// [`Fault::DocumentScannerToolAbsent`] where scanimage is not installed, [`Fault::DocumentScannerTimeout`] when it does not end.
    pub fn list(&self, cancel: &Cancel) -> Result<Vec<FoundScanner>, Fault> {
        let mut command = self.command();
        command.args(["-f", LIST_FORMAT]);
        Ok(found(&self.ask(command, cancel)?))
    }

    /// What the device can do.
    ///
    /// # Errors
    /// As [`SaneScanner::list`], and the fault that keeps it from being opened.
    pub fn capabilities(&self, cancel: &Cancel) -> Result<Capabilities, Fault> {
        let mut command = self.command();
        command.args(["-d", &self.device, "-A"]);
        Ok(Capabilities::parse(&self.ask(command, cancel)?))
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        // Its words are read in the C locale.
        command.env("LC_ALL", "C").env_remove("LANGUAGE").envs(self.environment.iter().cloned());
        command
    }

    /// Runs a question to its end; gives its standard output.
    fn ask(&self, command: Command, cancel: &Cancel) -> Result<String, Fault> {
        let mut running = Running::start(command).map_err(|_| Fault::DocumentScannerToolAbsent)?;
        let deadline = Instant::now() + ANSWER_WITHIN;
        let (mut answer, mut fault) = (String::new(), None);
        while Instant::now() < deadline && !cancel.is_asked() {
            match running.next(LOOK).map_err(|_| Fault::DocumentScannerFailed)? {
                Next::Line(Line::Out(line)) => answer.extend([line.as_str(), "\n"]),
                Next::Line(Line::Err(line)) => {
                    if let Some(Word::Failed(told)) = word(&line) {
                        fault = fault.or(Some(told));
                    }
                }
                Next::Silent => {}
                Next::Ended(status) => return fault.or_else(|| of_exit(status)).map_or(Ok(answer), Err),
            }
        }
        Err(Fault::DocumentScannerTimeout)
    }

    /// Scans into a folder of pages.
    pub(super) fn scan(
        &self,
        request: &ScanRequest,
        pages: &mut PagesFolder,
        cancel: &Cancel,
        tell: &mut dyn FnMut(ScanEvent),
    ) -> ScanEvent {
        let mut scan = Scan { request, pages, tell, count: 0, percent: None, fault: None };
        match self.run(&mut scan, cancel) {
            _ if cancel.is_asked() => ScanEvent::Cancelled { pages: scan.count },
            Ok(()) => ScanEvent::Finished { pages: scan.count },
            Err(fault) => ScanEvent::Stopped { fault, pages: scan.count },
        }
    }

    fn run(&self, scan: &mut Scan<'_>, cancel: &Cancel) -> Result<(), Fault> {
        let can = self.capabilities(cancel)?;
        let options = arguments(scan.request, &can).map_err(|error| {
            tracing::warn!(%error, "the scanner cannot scan so");
            Fault::DocumentScannerOption
        })?;
        let staging = scan.pages.staging().map_err(|_| Fault::DocumentScannerFolder)?;
        let mut command = self.command();
        command.args(["-d", &self.device, "--format=png", "--batch=%d.png", "--batch-print", "--progress"]);
        command.args(scan.request.most_pages().map(|most| format!("--batch-count={most}")));
        command.args(options).current_dir(staging.path());
        let mut running = Running::start(command).map_err(|_| Fault::DocumentScannerToolAbsent)?;
        let mut heard_at = Instant::now();
        while !cancel.is_asked() {
            match running.next(LOOK).map_err(|_| Fault::DocumentScannerFailed)? {
                Next::Line(line) => {
                    heard_at = Instant::now();
                    scan.take(line, staging.path())?;
                }
                Next::Silent if heard_at.elapsed() > self.patience => return Err(Fault::DocumentScannerTimeout),
                Next::Silent => {}
                Next::Ended(status) => return scan.judge(status),
            }
        }
        Ok(())
    }
}

/// The fault of an exit code that no word explains; scanimage ends with SANE's status, or with 1 for its own troubles.
fn of_exit(status: ExitStatus) -> Option<Fault> {
    match status.code().and_then(|code| u32::try_from(code).ok()) {
        Some(0) => None,
        Some(number @ 2..) => {
            Some(SaneStatus::of_number(number).and_then(SaneStatus::fault).unwrap_or(Fault::DocumentScannerFailed))
        }
        _ => Some(Fault::DocumentScannerFailed),
    }
}

/// A scan under way.
struct Scan<'a> {
    request: &'a ScanRequest,
    pages: &'a mut PagesFolder,
    tell: &'a mut dyn FnMut(ScanEvent),
    count: u32,
    percent: Option<u8>,
    fault: Option<Fault>,
}

impl Scan<'_> {
    fn take(&mut self, line: Line, staging: &Path) -> Result<(), Fault> {
        match line {
            Line::Out(name) => return self.page(&staging.join(name)),
            Line::Err(line) => match word(&line) {
                Some(Word::Started(_)) => self.percent = None,
                Some(Word::Progress(percent)) if self.percent.replace(percent) != Some(percent) => {
                    (self.tell)(ScanEvent::Progress { no: self.pages.next(), percent });
                }
                Some(Word::Ended(status)) => self.fault = self.fault.or(status.fault()),
                Some(Word::Failed(fault)) => self.fault = self.fault.or(Some(fault)),
                Some(Word::Progress(_)) | None => {}
            },
        }
        Ok(())
    }

    /// scanimage names a page when its file is closed.
    fn page(&mut self, file: &Path) -> Result<(), Fault> {
        let bytes = std::fs::read(file).map_err(|_| Fault::DocumentScannerFailed)?;
        let page = self.pages.keep(&bytes).map_err(|error| match error.kind() {
            std::io::ErrorKind::InvalidData => Fault::DocumentScannerFailed,
            _ => Fault::DocumentScannerFolder,
        })?;
        // The staging folder goes as a whole; this only keeps a long stack from lying on the disk twice.
        let _ = std::fs::remove_file(file);
        self.count += 1;
        (self.tell)(ScanEvent::Page(page));
        Ok(())
    }

    fn judge(&self, status: ExitStatus) -> Result<(), Fault> {
        match self.fault.or_else(|| of_exit(status)) {
            // A stack ends when the feeder has no more.
            Some(Fault::DocumentScannerEmpty) if self.count > 0 && self.request.source != Source::Flatbed => Ok(()),
            Some(fault) => Err(fault),
            None if self.count == 0 => Err(Fault::DocumentScannerFailed),
            None => Ok(()),
        }
    }
}
