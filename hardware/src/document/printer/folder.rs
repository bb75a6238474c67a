//! A folder as a printer: each document a file that is there whole or not at all.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::DocumentJob;
use super::records::put;
use crate::status::Fault;

pub(super) fn path_of(folder: &Path, job: &DocumentJob) -> PathBuf {
    folder.join(format!("{}.pdf", job.name()))
}

/// Whether files can be put there.
pub(super) fn check(folder: &Path) -> Result<(), Fault> {
    let about = std::fs::metadata(folder).map_err(|error| fault(&error))?;
    if !about.is_dir() {
        return Err(Fault::DocumentPrinterAbsent);
    }
    if about.permissions().readonly() { Err(Fault::DocumentPrinterDenied) } else { Ok(()) }
}

pub(super) fn print(folder: &Path, job: &DocumentJob) -> Result<(), Fault> {
    put(&path_of(folder, job), job.pdf.bytes()).map_err(|error| fault(&error))
}

/// What a file system that refuses means.
pub(super) fn fault(error: &io::Error) -> Fault {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => Fault::DocumentPrinterAbsent,
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => Fault::DocumentPrinterDenied,
        _ => Fault::DocumentFolderFull,
    }
}
