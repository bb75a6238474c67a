//! The driver of a document printer: one document at a time, handed over once, and what became of it.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::records::{Records, Step};
use super::{DocumentJob, folder};
use crate::address::Address;
use crate::printer::{JobId, KnownBy, Outcome};
use crate::spooler::{Fate, SpoolDocument, Spooler};
use crate::status::{DeviceState, DeviceStatus, Fault, Knowledge};
use crate::transport::{LineError, Refusal};

const MIME_TYPE: &str = "application/pdf";
/// How long the spooler may take to say how a queue is.
const ASK_WITHIN: Duration = Duration::from_secs(2);
/// How long a document is looked after once the spooler took it.
const PATIENCE: Duration = Duration::from_secs(20);
/// What handing a document over may take: this, and a time for each megabyte.
const HAND_OVER: Duration = Duration::from_secs(5);
const MEGABYTE: Duration = Duration::from_secs(1);

/// The account of one document. It is never `Confirmed`: a spooler and a folder know nothing of paper.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DocumentReport {
    /// Which job.
    pub job: JobId,
    /// What is known about its pages.
    #[serde(flatten, serialize_with = "crate::printer::outcome")]
    pub outcome: Outcome,
    /// The length of the document.
    pub bytes: usize,
    /// Whether this very job had been handed over before, and was not handed over again.
    pub repeated: bool,
    /// How it is known: nobody ever tells what became of the pages.
    pub known_by: KnownBy,
    /// What went wrong.
    #[serde(rename = "cause")]
    pub fault: Option<Fault>,
}

impl DocumentReport {
    /// A document of which nothing was handed over.
    #[must_use]
    pub fn refused(job: &DocumentJob, fault: Fault) -> Self {
        report(job, Outcome::NotPrinted, Some(fault))
    }
}

enum Place {
    Queue(Spooler, String),
    Folder(PathBuf),
}

/// A document printer.
pub struct DocumentPrinter {
    place: Place,
    records: Records,
    patience: Duration,
}

impl DocumentPrinter {
    /// A printer at `cups:QUEUE` or `file:FOLDER`. `records` is a folder of its own, where it keeps which jobs it has handed over.
    ///
    /// # Errors
    /// [`Fault::DocumentPrinterAbsent`] at an address of another kind.
    pub fn new(address: &Address, records: impl Into<PathBuf>) -> Result<Self, Fault> {
        let place = match address {
            Address::Cups { queue } => Place::Queue(Spooler::system(), queue.clone()),
            Address::File { path } => Place::Folder(path.clone()),
            _ => return Err(Fault::DocumentPrinterAbsent),
        };
        Ok(Self { place, records: Records::new(records.into()), patience: PATIENCE })
    }

    /// The same with another spooler than this machine's.
    #[must_use]
    pub fn with_spooler(mut self, spooler: Spooler) -> Self {
        if let Place::Queue(system, _) = &mut self.place {
            *system = spooler;
        }
        self
    }

    /// The same with another time for which a document is looked after.
    #[must_use]
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// How the printer is, as far as the spooler or the file system says.
    #[must_use]
    pub fn status(&self) -> DeviceStatus {
        let knowledge = match self.place {
            Place::Queue(..) => Knowledge::Reported,
            Place::Folder(_) => Knowledge::Inferred,
        };
        match self.check() {
            Ok(()) => DeviceStatus::new(DeviceState::Ready, Vec::new(), knowledge),
            Err(fault) => DeviceStatus::new(fault.state(), vec![fault], knowledge),
        }
    }

    /// Prints a document, unless this very job was handed over before.
    pub fn print(&self, job: &DocumentJob) -> DocumentReport {
        match self.earlier(job) {
            Ok(Some(report)) => report,
            Ok(None) => self.print_anew(job),
            Err(fault) => DocumentReport::refused(job, fault),
        }
    }

    /// What became of the same job before.
    fn earlier(&self, job: &DocumentJob) -> Result<Option<DocumentReport>, Fault> {
        let Some(record) = self.records.read(job).map_err(|error| folder::fault(&error))? else { return Ok(None) };
        let unknown = Outcome::Unknown { bytes_sent: record.bytes };
        let outcome = match (record.step, &self.place) {
            (Step::Sent, _) => Outcome::SentUnconfirmed,
            // A file appears whole or not at all, so that a crash leaves nothing in doubt.
            (_, Place::Folder(folder)) if folder::path_of(folder, job).exists() => Outcome::SentUnconfirmed,
            (_, Place::Folder(_)) => return Ok(None),
            (Step::Handing | Step::Unknown, Place::Queue(..)) => unknown,
        };
        if !record.is_of(job) && record.step != Step::Unknown {
            return Err(Fault::DocumentNumberReused);
        }
        Ok(Some(DocumentReport { repeated: true, ..report(job, outcome, None) }))
    }

    fn print_anew(&self, job: &DocumentJob) -> DocumentReport {
        let begun = self.check().and_then(|()| self.note(job, Step::Handing));
        if let Err(fault) = begun {
            return DocumentReport::refused(job, fault);
        }
        let (outcome, fault) = self.hand_over(job);
        let noted = match outcome {
            Outcome::NotPrinted => self.records.remove(job.id).map_err(|error| folder::fault(&error)),
            Outcome::Unknown { .. } => self.note(job, Step::Unknown),
            Outcome::Confirmed | Outcome::SentUnconfirmed => self.note(job, Step::Sent),
        };
        if let Err(fault) = noted {
            // The first note stands: asked again, the job counts as handed over.
            tracing::warn!(%fault, "what became of a document was not noted");
        }
        report(job, outcome, fault)
    }

    fn note(&self, job: &DocumentJob, step: Step) -> Result<(), Fault> {
        self.records.write(job, step).map_err(|error| folder::fault(&error))
    }

    fn check(&self) -> Result<(), Fault> {
        match &self.place {
            Place::Folder(folder) => folder::check(folder),
            Place::Queue(spooler, queue) => {
                let queue = spooler.queue(queue, Instant::now() + ASK_WITHIN).map_err(|error| line_fault(&error))?;
                queue.trouble().map_or(Ok(()), |refusal| Err(refused(refusal)))
            }
        }
    }

    fn hand_over(&self, job: &DocumentJob) -> (Outcome, Option<Fault>) {
        match &self.place {
            Place::Queue(spooler, queue) => self.spool(spooler, queue, job),
            Place::Folder(folder) => match folder::print(folder, job) {
                Ok(()) => (Outcome::SentUnconfirmed, None),
                // It may have got its name before the disk failed.
                Err(fault) if folder::path_of(folder, job).exists() => (unknown(job), Some(fault)),
                Err(fault) => (Outcome::NotPrinted, Some(fault)),
            },
        }
    }

    fn spool(&self, spooler: &Spooler, queue: &str, job: &DocumentJob) -> (Outcome, Option<Fault>) {
        let document = SpoolDocument {
            bytes: job.pdf.bytes(),
            mime_type: MIME_TYPE,
            title: &job.name(),
            copies: job.copies,
            keywords: &[("media", job.media.keyword()), ("sides", job.sides.keyword())],
        };
        let megabytes = u32::try_from(job.pdf.bytes().len() >> 20).unwrap_or(u32::MAX);
        let deadline = Instant::now() + HAND_OVER + MEGABYTE.saturating_mul(megabytes);
        let spooled = match spooler.submit(queue, &document, deadline) {
            Ok(spooled) => spooled,
            Err(not) if not.may_print => return (unknown(job), Some(line_fault(&not.cause))),
            Err(not) => return (Outcome::NotPrinted, Some(line_fault(&not.cause))),
        };
        match spooler.follow(queue, spooled, Instant::now() + self.patience) {
            Fate::Sent => (Outcome::SentUnconfirmed, None),
            Fate::Withdrawn(cause) => (Outcome::NotPrinted, Some(line_fault(&cause))),
            Fate::Unknown(cause) => (unknown(job), Some(line_fault(&cause))),
        }
    }
}

fn unknown(job: &DocumentJob) -> Outcome {
    Outcome::Unknown { bytes_sent: job.pdf.bytes().len() }
}

fn report(job: &DocumentJob, outcome: Outcome, fault: Option<Fault>) -> DocumentReport {
    DocumentReport {
        job: job.id,
        outcome,
        bytes: job.pdf.bytes().len(),
        repeated: false,
        known_by: KnownBy::Nothing,
        fault,
    }
}

fn line_fault(error: &LineError) -> Fault {
    match error {
        LineError::Refused(refusal) => refused(*refusal),
        LineError::Absent => Fault::DocumentPrinterAbsent,
        LineError::Denied | LineError::InUse => Fault::DocumentPrinterDenied,
        LineError::Closed | LineError::TimedOut | LineError::Failed(_) => Fault::DocumentSpoolerDown,
    }
}

fn refused(refusal: Refusal) -> Fault {
    match refusal {
        Refusal::SpoolerDown => Fault::DocumentSpoolerDown,
        Refusal::NoQueue => Fault::DocumentPrinterAbsent,
        Refusal::NotAllowed => Fault::DocumentPrinterDenied,
        Refusal::Stopped | Refusal::Rejecting => Fault::DocumentPrinterStopped,
        Refusal::Job => Fault::DocumentRefused,
        Refusal::PaperOut | Refusal::CoverOpen | Refusal::Jam => Fault::DocumentPrinterBlocked,
        Refusal::Offline => Fault::DocumentPrinterOffline,
    }
}
