//! The journal of print jobs: what was begun and what became of it, on disk before the first byte moves, so that neither a crash nor a power cut nor a
//! second asking ever makes two slips of one job.
//!
//! A folder holds `print-jobs.journal` (appended, checksummed, bounded), `print-jobs.lock` (programs that share the folder take turns) and, after damage,
//! `print-jobs.damaged` (the file as it was found).

mod file;
mod ledger;
mod record;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

use file::{FolderLock, JournalFile};
pub use ledger::{Decision, KEPT_FOR, KEPT_JOBS};
pub use record::{Damage, JobEnd, KeptJob, PaperHash, Reading, read};

use super::device::LastSlip;
use super::report::{JobId, KnownBy, Outcome};

/// Why the journal did not do its part.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The folder or a file in it cannot be made, read or written: a full disk, no permission.
    #[error("the journal of print jobs: {0}")]
    Io(#[from] std::io::Error),
    /// Another program held the folder for too long.
    #[error("the journal of print jobs is held by another program")]
    Held,
}

/// Why a job cannot be settled by a person.
#[derive(Debug, thiserror::Error)]
pub enum SettleError {
    /// The journal did not do its part.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// No job of this name is kept.
    #[error("no job of this name is in the journal")]
    NoSuchJob,
    /// The printer, or a person, has told already, and told otherwise.
    #[error("this job is not in doubt: its outcome is {}", .0.name())]
    NotInDoubt(Outcome),
}

/// What a person saw who looked for the paper of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaperCameOut {
    /// It is there.
    Yes,
    /// It is not, or not wholly.
    No,
}

/// A journal of print jobs. Clones are the same journal; programs that open the same folder share it.
#[derive(Clone, Debug)]
pub struct Journal {
    lock: Arc<FolderLock>,
    file: Arc<Mutex<JournalFile>>,
}

impl Journal {
    /// Opens the journal in a folder, which is made where it is missing.
    ///
    /// # Errors
    /// [`JournalError`] when it cannot be read or made.
    pub fn open(folder: &Path) -> Result<Self, JournalError> {
        std::fs::create_dir_all(folder)?;
        let lock = Arc::new(FolderLock::open(folder)?);
        let journal = Self { lock, file: Arc::new(Mutex::new(JournalFile::new(folder))) };
        journal.held(|_| Ok(()))?;
        Ok(journal)
    }

    /// What would be done if this job were asked for now.
    ///
    /// # Errors
    /// [`JournalError`] when the journal cannot be read.
    pub fn look(&self, job: JobId, paper: &PaperHash, copy_of: Option<JobId>) -> Result<Decision, JournalError> {
        self.held(|file| Ok(file.ledger.decide(job, paper, copy_of)))
    }

    /// Notes that a job begins, where it may be printed: after [`Decision::Print`] this is on disk, whatever happens.
    ///
    /// # Errors
    /// [`JournalError`] when it could not be noted; then it must not be printed.
    pub fn begin(&self, begun: KeptJob) -> Result<Decision, JournalError> {
        self.held(|file| {
            let decision = match &begun.paper {
                Some(paper) => file.ledger.decide(begun.job, paper, begun.copy_of),
                None => Decision::Changed,
            };
            if decision == Decision::Print {
                file.append(begun)?;
            }
            Ok(decision)
        })
    }

    /// Notes how a job ended.
    ///
    /// # Errors
    /// [`JournalError`] when it could not be written. It is then written with the next record; until then a crash leaves the job in doubt.
    pub fn end(&self, job: JobId, end: JobEnd) -> Result<(), JournalError> {
        let written = self.held(|file| file.ended(job, end).map_or(Ok(()), |ended| file.append(ended)));
        if written.is_err() {
            let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(ended) = file.ended(job, end) {
                file.owe(ended);
            }
        }
        written
    }

    /// A person says what became of a job that is in doubt, or that no printer confirmed.
    ///
    /// # Errors
    /// [`SettleError`] where there is nothing to settle.
    pub fn settle(&self, job: JobId, came_out: PaperCameOut, at: Timestamp) -> Result<KeptJob, SettleError> {
        let outcome = match came_out {
            PaperCameOut::Yes => Outcome::Confirmed,
            PaperCameOut::No => Outcome::NotPrinted,
        };
        self.held(|file| {
            let Some(kept) = file.ledger.job(job).cloned() else { return Ok(Err(SettleError::NoSuchJob)) };
            match kept.end {
                Some(end) if end.outcome == outcome => return Ok(Ok(kept)),
                Some(end) if matches!(end.outcome, Outcome::Confirmed | Outcome::NotPrinted) => {
                    return Ok(Err(SettleError::NotInDoubt(end.outcome)));
                }
                _ => {}
            }
            let end = JobEnd { outcome, fault: None, known_by: KnownBy::Person, at };
            let settled = KeptJob { end: Some(end), ..kept };
            file.append(settled.clone())?;
            Ok(Ok(settled))
        })?
    }

    /// How the last slip of the printer at this address ended.
    ///
    /// # Errors
    /// [`JournalError`] when the journal cannot be read.
    pub fn last_slip(&self, printer: &str) -> Result<LastSlip, JournalError> {
        self.held(|file| Ok(file.ledger.last_slip(printer)))
    }

    /// All jobs that are kept, the oldest first.
    ///
    /// # Errors
    /// [`JournalError`] when the journal cannot be read.
    pub fn jobs(&self) -> Result<Vec<KeptJob>, JournalError> {
        self.held(|file| Ok(file.ledger.jobs().into_iter().cloned().collect()))
    }

    /// Lines that were found damaged since this was opened, and were skipped.
    #[must_use]
    pub fn damage(&self) -> Vec<Damage> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner).damage.clone()
    }

    /// Does one thing with the journal as it is on disk now, while no other program touches it.
    fn held<T>(&self, act: impl FnOnce(&mut JournalFile) -> Result<T, JournalError>) -> Result<T, JournalError> {
        // What is behind the lock is read from disk anew where it is in doubt; a panic elsewhere leaves it usable.
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let _turn = self.lock.take()?;
        file.refresh()?;
        act(&mut file)
    }
}
