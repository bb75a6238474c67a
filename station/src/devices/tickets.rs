//! Tickets on paper: the printers of the file as one group, and the journal that lets a job be printed once, whatever dies meanwhile.

use super::Devices;
use hardware::printer::journal::{Journal, PaperCameOut, SettleError};
use hardware::{JobId, Outcome, Paper, PrintReport};
use std::path::Path;
use std::sync::mpsc::Receiver;

/// The folder of the journal of print jobs, in a station's folder.
pub const JOURNAL: &str = "print-jobs";

impl Devices {
    /// Hands paper to the first ticket printer that takes it; the report comes when the printer has told. The error is the code of why
    /// nothing was handed over.
    pub(crate) fn print(&self, job: JobId, paper: Paper) -> Result<Receiver<PrintReport>, String> {
        let printers = self.printers.as_ref().ok_or_else(|| "DEVICE-NOT-SET".to_owned())?;
        printers.print(job, paper).map_err(|error| {
            tracing::error!(%error, "no thread to follow a ticket");
            "PRINT-NOT-PRINTED".to_owned()
        })
    }

    /// What the printer said of a job before the station ended, and the fault that goes with it; none where it never told.
    pub(crate) fn told_of(&self, job: JobId) -> Option<(Outcome, Option<&'static str>)> {
        let kept = self.journal()?.jobs().inspect_err(|error| tracing::warn!(%error, "print jobs")).ok()?;
        let end = kept.into_iter().find(|kept| kept.job == job)?.end?;
        Some((end.outcome, end.fault.map(hardware::Fault::code)))
    }

    /// A person said whether a job's paper came out: its name is then never in doubt again.
    pub(crate) fn settle(&self, job: JobId, came_out: PaperCameOut) {
        let Some(journal) = self.journal() else { return };
        match journal.settle(job, came_out, jiff::Timestamp::now()) {
            Ok(_) => {}
            Err(SettleError::Journal(error)) => tracing::warn!(%error, "what a person saw is not in the journal"),
            // A printer that was away noted nothing, and one that told knows better: the log of events has the person's word.
            Err(why) => tracing::debug!(%why, %job, "not settled in the journal"),
        }
    }

    fn journal(&self) -> Option<Journal> {
        let folder: &Path = self.printers.as_ref().map(|_| self.journal.as_path())?;
        Journal::open(folder).inspect_err(|error| tracing::warn!(%error, "the journal of print jobs")).ok()
    }
}
