//! The journal's file: appended and made durable record by record, rewritten when it grew long or was found damaged.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Seek, SeekFrom, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::JournalError;
use super::ledger::{KEPT_JOBS, Ledger};
use super::record::{Damage, JobEnd, KeptJob, read};
use crate::printer::report::JobId;

const FILE: &str = "print-jobs.journal";
const NEW_FILE: &str = "print-jobs.journal.new";
const DAMAGED_FILE: &str = "print-jobs.damaged";
const LOCK_FILE: &str = "print-jobs.lock";
/// Lines after which the file is rewritten: each job has two, and a rewrite should be rare.
const LONGEST_LINES: usize = 4 * KEPT_JOBS;
/// How long to wait for another program's turn to end; a turn is one read and one durable write.
const TURN_WITHIN: Duration = Duration::from_secs(5);
/// How often it is looked whether that turn has ended.
const TURN_LOOK: Duration = Duration::from_millis(2);

/// The lock of a journal's folder. It is the operating system's, so a killed program holds nothing.
#[derive(Debug)]
pub(super) struct FolderLock {
    file: File,
}

/// A turn at the folder; it ends when dropped.
pub(super) struct Turn<'a> {
    file: &'a File,
}

impl FolderLock {
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(folder.join(LOCK_FILE))?;
        Ok(Self { file })
    }

    pub(super) fn take(&self) -> Result<Turn<'_>, JournalError> {
        let deadline = Instant::now() + TURN_WITHIN;
        loop {
            match self.file.try_lock() {
                Ok(()) => return Ok(Turn { file: &self.file }),
                Err(TryLockError::Error(error)) => return Err(error.into()),
                Err(TryLockError::WouldBlock) if Instant::now() >= deadline => return Err(JournalError::Held),
                Err(TryLockError::WouldBlock) => std::thread::sleep(TURN_LOOK),
            }
        }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        // Were it not released here, it would be when the file is closed.
        let _ = self.file.unlock();
    }
}

/// What tells whether the file is still the one that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    inode: u64,
    bytes: u64,
    changed: (i64, i64),
}

/// The file and what it says.
#[derive(Debug)]
pub(super) struct JournalFile {
    folder: PathBuf,
    stamp: Option<Stamp>,
    whole_bytes: u64,
    lines: usize,
    /// Ends that could not be written yet.
    owed: Vec<KeptJob>,
    pub(super) ledger: Ledger,
    pub(super) damage: Vec<Damage>,
}

impl JournalFile {
    pub(super) fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            stamp: None,
            whole_bytes: 0,
            lines: 0,
            owed: Vec::new(),
            ledger: Ledger::default(),
            damage: Vec::new(),
        }
    }

    /// Reads the file again where another program wrote to it.
    pub(super) fn refresh(&mut self) -> Result<(), JournalError> {
        let stamp = self.stamp_now()?;
        if stamp.is_some() && stamp == self.stamp {
            return Ok(());
        }
        let bytes = match std::fs::read(self.path(FILE)) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => self.make()?,
            Err(error) => return Err(error.into()),
        };
        let reading = read(&bytes);
        self.whole_bytes = reading.whole_bytes as u64;
        self.lines = reading.jobs.len();
        self.damage.extend(reading.damage.iter().cloned());
        self.ledger = Ledger::new(reading);
        self.owed.iter().cloned().for_each(|job| self.ledger.note(job));
        self.tidy();
        self.stamp = self.stamp_now()?;
        Ok(())
    }

    /// Makes a record durable, after those that are owed.
    pub(super) fn append(&mut self, job: KeptJob) -> Result<(), JournalError> {
        let mut lines = self.owed.iter().flat_map(KeptJob::line).collect::<Vec<_>>();
        lines.extend(job.line());
        let written = self.write(&lines);
        self.stamp = None;
        written?;
        self.lines += self.owed.len() + 1;
        self.owed.clear();
        self.whole_bytes += lines.len() as u64;
        self.stamp = self.stamp_now()?;
        self.ledger.note(job);
        Ok(())
    }

    /// What is kept of a job, with its end.
    pub(super) fn ended(&self, job: JobId, end: JobEnd) -> Option<KeptJob> {
        self.ledger.job(job).map(|kept| KeptJob { end: Some(end), ..kept.clone() })
    }

    /// Takes in what has happened and could not be written: it is known all the same, and written with the next record.
    pub(super) fn owe(&mut self, job: KeptJob) {
        self.ledger.note(job.clone());
        self.owed.push(job);
    }

    /// Writes after the last whole line and waits until it is on disk. What was written in part is taken back.
    fn write(&self, lines: &[u8]) -> io::Result<()> {
        let mut file = OpenOptions::new().write(true).open(self.path(FILE))?;
        file.set_len(self.whole_bytes)?;
        file.seek(SeekFrom::Start(self.whole_bytes))?;
        let written = file.write_all(lines).and_then(|()| file.sync_data());
        if written.is_err() {
            // If this fails too, a torn tail stays, which every reader skips.
            let _ = file.set_len(self.whole_bytes);
        }
        written
    }

    /// Rewrites a file that grew long or is damaged. Where that is not possible the old one still says all that it can.
    fn tidy(&mut self) {
        let damaged = !self.ledger.damaged().is_empty();
        if !damaged && self.lines < LONGEST_LINES {
            return;
        }
        for damage in self.ledger.damaged() {
            tracing::error!(line = damage.line, jobs = ?damage.jobs, "a damaged record in the journal of print jobs");
        }
        match self.rewrite(damaged) {
            Ok((lines, bytes)) => (self.lines, self.whole_bytes) = (lines, bytes),
            Err(error) => tracing::warn!(%error, "the journal of print jobs stays as it is"),
        }
    }

    fn rewrite(&self, damaged: bool) -> io::Result<(usize, u64)> {
        if damaged {
            std::fs::copy(self.path(FILE), self.path(DAMAGED_FILE))?;
        }
        let kept = self.ledger.kept(Timestamp::now());
        let bytes: Vec<u8> = kept.iter().flat_map(|job| job.line()).collect();
        let mut file = File::create(self.path(NEW_FILE))?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        std::fs::rename(self.path(NEW_FILE), self.path(FILE))?;
        self.sync_folder()?;
        Ok((kept.len(), bytes.len() as u64))
    }

    fn make(&self) -> io::Result<Vec<u8>> {
        File::create(self.path(FILE))?.sync_all()?;
        self.sync_folder()?;
        Ok(Vec::new())
    }

    /// A file's name is durable only when its folder is.
    fn sync_folder(&self) -> io::Result<()> {
        File::open(&self.folder)?.sync_all()
    }

    fn stamp_now(&self) -> io::Result<Option<Stamp>> {
        match std::fs::metadata(self.path(FILE)) {
            Ok(found) => {
                let changed = (found.mtime(), found.mtime_nsec());
                Ok(Some(Stamp { inode: found.ino(), bytes: found.len(), changed }))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}
