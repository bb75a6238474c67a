//! Jobs that can be asked for twice and are printed once.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::device::{EscPosPrinter, LastSlip};
use super::journal::{Decision, JobEnd, Journal, JournalError, KeptJob, PaperHash};
use super::report::{JobId, KnownBy, Outcome, PrintReport};
use crate::address::Address;
use crate::paper::{Align, Block, Paper, TextSize};
use crate::status::Fault;

/// What stands at the top of every copy.
pub const COPY_MARK: &str = "BẢN SAO / COPY";

/// What is to be printed, and under which name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrintOrder {
    /// The job.
    pub job: JobId,
    /// The slip. A copy's mark is not on it: the driver prints it.
    pub paper: Paper,
    /// The job that this is a copy of.
    pub copy_of: Option<JobId>,
}

impl PrintOrder {
    /// An original.
    #[must_use]
    pub fn new(job: JobId, paper: Paper) -> Self {
        Self { job, paper, copy_of: None }
    }

    /// A copy of another job: a job of its own, and marked as a copy on paper.
    #[must_use]
    pub fn copy(job: JobId, paper: Paper, original: JobId) -> Self {
        Self { job, paper, copy_of: Some(original) }
    }

    /// The slip as it is printed: a copy says first of all that it is one.
    #[must_use]
    pub fn slip(&self) -> Paper {
        if self.copy_of.is_none() {
            return self.paper.clone();
        }
        let mark = Block::Text { text: COPY_MARK.to_owned(), size: TextSize::Large, bold: true, align: Align::Center };
        let blocks = [mark, Block::Rule].into_iter().chain(self.paper.blocks.iter().cloned()).collect();
        Paper { blocks }
    }
}

/// Prints each job once. Without a journal it does not know what was before, and prints what it is asked.
pub struct JobDesk {
    folder: Option<PathBuf>,
    journal: Option<Journal>,
    printer: String,
}

impl JobDesk {
    /// A desk for the printer at `address`, with its journal in `folder` where one is named.
    #[must_use]
    pub fn new(address: &Address, folder: Option<&Path>) -> Self {
        Self { folder: folder.map(Path::to_owned), journal: None, printer: address.to_string() }
    }

    /// How the last slip ended, as the journal knows it; `believed` where it is not kept or cannot be read.
    pub fn last_slip(&mut self, believed: LastSlip) -> LastSlip {
        match self.journal() {
            Ok(Some(journal)) => journal.last_slip(&self.printer).unwrap_or(believed).max(believed),
            Ok(None) | Err(_) => believed,
        }
    }

    /// The answer to an order that moves no paper: it was printed, is in doubt, or is refused. None where it may be printed.
    pub fn answered(&mut self, order: &PrintOrder, submitted: Instant) -> Option<PrintReport> {
        let paper = PaperHash::of(&order.paper, order.copy_of);
        let decision = self.journal().and_then(|journal| match journal {
            Some(journal) => journal.look(order.job, &paper, order.copy_of),
            None => Ok(Decision::Print),
        });
        without_paper(order, decision, submitted)
    }

    /// Prints an order, unless it was printed before; notes it before its first byte moves, and what became of it.
    pub fn print(&mut self, printer: &mut EscPosPrinter, order: &PrintOrder, submitted: Instant) -> PrintReport {
        if let Some(report) = self.answered(order, submitted) {
            return report;
        }
        let mut begun = false;
        let mut report = printer.print_noted(order.job, &order.slip(), submitted, |bytes| {
            let stopped = without_paper(order, self.begin(order, bytes), submitted);
            begun = stopped.is_none();
            stopped
        });
        report.copy_of = order.copy_of;
        if begun && self.end(&report).is_err() {
            // What became of it is known, and is told; that the disk does not know it yet is told too.
            report.fault = report.fault.or(Some(Fault::PrintJournal));
        }
        report
    }

    fn begin(&self, order: &PrintOrder, bytes: usize) -> Result<Decision, JournalError> {
        let Some(journal) = &self.journal else { return Ok(Decision::Print) };
        let begun = KeptJob {
            job: order.job,
            paper: Some(PaperHash::of(&order.paper, order.copy_of)),
            copy_of: order.copy_of,
            bytes,
            printer: self.printer.clone(),
            begun_at: Timestamp::now(),
            end: None,
        };
        journal.begin(begun)
    }

    fn end(&self, report: &PrintReport) -> Result<(), JournalError> {
        let Some(journal) = &self.journal else { return Ok(()) };
        let (outcome, fault, known_by) = (report.outcome, report.fault, report.known_by);
        journal.end(report.job, JobEnd { outcome, fault, known_by, at: Timestamp::now() })
    }

    /// The journal, opened when it is first needed and again after it failed to open.
    fn journal(&mut self) -> Result<Option<Journal>, JournalError> {
        if let (None, Some(folder)) = (&self.journal, &self.folder) {
            self.journal = Some(Journal::open(folder)?);
        }
        Ok(self.journal.clone())
    }
}

fn without_paper(
    order: &PrintOrder,
    decision: Result<Decision, JournalError>,
    submitted: Instant,
) -> Option<PrintReport> {
    let refused =
        |fault| PrintReport { copy_of: order.copy_of, ..PrintReport::refused(order.job, fault, submitted.elapsed()) };
    match decision {
        Ok(Decision::Print) => None,
        Ok(Decision::Printed(kept)) => Some(told_again(&kept, None, submitted)),
        Ok(Decision::InDoubt(kept)) => Some(told_again(&kept, Some(Fault::PrintInDoubt), submitted)),
        Ok(Decision::Changed) => Some(refused(Fault::PrintJobChanged)),
        Err(error) => {
            tracing::error!(%error, "nothing is printed that cannot be noted");
            Some(refused(Fault::PrintJournal))
        }
    }
}

/// The account of a job that is kept; `doubt` takes the place of its fault where nobody knows its end.
#[must_use]
pub fn told_again(kept: &KeptJob, doubt: Option<Fault>, submitted: Instant) -> PrintReport {
    PrintReport {
        job: kept.job,
        outcome: kept.end.map_or(Outcome::Unknown { bytes_sent: kept.bytes }, |end| end.outcome),
        fault: doubt.or(kept.end.and_then(|end| end.fault)),
        known_by: kept.end.map_or(KnownBy::Nothing, |end| end.known_by),
        bytes: kept.bytes,
        handed_over: Duration::ZERO,
        settled: submitted.elapsed(),
        repeated: true,
        copy_of: kept.copy_of,
        device: None,
    }
}
