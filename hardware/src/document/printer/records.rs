//! What became of each document job, kept on disk: a job that is asked for twice, even after a crash, is handed over once.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::DocumentJob;
use crate::printer::JobId;

/// How many jobs are remembered; the oldest are forgotten.
const REMEMBERED: usize = 2000;

/// How far a job came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Step {
    /// It is about to be handed over. Found after a crash: it may have been.
    Handing,
    /// It was handed over.
    Sent,
    /// Whether it was handed over, or what came of it, is not known.
    Unknown,
}

/// The record of a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) step: Step,
    /// The hash of the document, so that a number that is used for another document is noticed.
    pub(super) digest: String,
    pub(super) bytes: usize,
}

/// The folder of records.
#[derive(Clone, Debug)]
pub(super) struct Records {
    folder: PathBuf,
}

impl Records {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// The record of a job, if there is one. One that cannot be read is a job that may have been handed over.
    pub(super) fn read(&self, job: &DocumentJob) -> io::Result<Option<Record>> {
        match fs::read(self.path(job.id)) {
            Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes).unwrap_or_else(|_| Record::new(job, Step::Unknown)))),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(super) fn write(&self, job: &DocumentJob, step: Step) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        if step == Step::Handing {
            self.forget_the_oldest();
        }
        let bytes = serde_json::to_vec(&Record::new(job, step))?;
        put(&self.path(job.id), &bytes)
    }

    /// The job was not printed, and may be asked for again.
    pub(super) fn remove(&self, job: JobId) -> io::Result<()> {
        fs::remove_file(self.path(job))?;
        File::open(&self.folder)?.sync_all()
    }

    fn path(&self, job: JobId) -> PathBuf {
        self.folder.join(format!("{:032x}.json", job.0))
    }

    fn forget_the_oldest(&self) {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let mut records: Vec<(SystemTime, PathBuf)> =
            entries.filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path()))).collect();
        if records.len() < REMEMBERED {
            return;
        }
        records.sort();
        let surplus = records.len() + 1 - REMEMBERED;
        for (_, path) in records.into_iter().take(surplus) {
            // One that stays is forgotten next time.
            let _ = fs::remove_file(path);
        }
    }
}

impl Record {
    fn new(job: &DocumentJob, step: Step) -> Self {
        Self { step, digest: digest(job), bytes: job.pdf.bytes().len() }
    }

    /// Whether it is of this very document.
    pub(super) fn is_of(&self, job: &DocumentJob) -> bool {
        self.digest == digest(job)
    }
}

fn digest(job: &DocumentJob) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(job.pdf.bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Writes a file that is there whole and on the disk, or not at all.
pub(super) fn put(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let aside = folder.join(format!(".{name}.part"));
    let written = write_through(&aside, bytes).and_then(|()| fs::rename(&aside, path));
    if let Err(error) = written {
        // What could not be written is of no use; if it cannot be removed, the next try overwrites it.
        let _ = fs::remove_file(&aside);
        return Err(error);
    }
    File::open(folder)?.sync_all()
}

fn write_through(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
