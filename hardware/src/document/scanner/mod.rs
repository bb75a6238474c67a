//! Document scanners: a SANE device by its command line, or a folder into which people put pictures. Either way pages come into a folder one by
//! one, each visible only when it is whole, and are told as they come.

mod device;
mod drop_folder;
mod image;
mod options;
mod pages;
mod process;
pub mod protocol;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::Serialize;

pub use device::{DocumentScanner, SaneScanner};
pub use drop_folder::DropFolder;
pub use image::{Format, Inspection, inspect};
pub use options::{Mode, OptionError, PageSize, ScanRequest, Source, arguments};
pub use pages::PagesFolder;
pub use protocol::{Capabilities, Constraint, FoundScanner, SaneStatus};

use crate::status::Fault;

/// What a scan has to say. `Finished`, `Stopped` or `Cancelled` is the last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum ScanEvent {
    /// A page is being read.
    Progress {
        /// Its number in the folder.
        no: u32,
        /// How much of it is read.
        percent: u8,
    },
    /// A page is in the folder, whole.
    Page(Page),
    /// A file in the drop folder is no page; it lies in `refused`.
    Refused {
        /// Its name.
        name: FileName,
        /// Why.
        why: Refusal,
    },
    /// All pages are there.
    Finished {
        /// Pages of this scan.
        pages: u32,
    },
    /// The scan ended before its end; the pages before are kept.
    Stopped {
        /// Why.
        fault: Fault,
        /// Pages of this scan that are in the folder.
        pages: u32,
    },
    /// Someone ended the scan; the pages before are kept.
    Cancelled {
        /// Pages of this scan that are in the folder.
        pages: u32,
    },
}

impl ScanEvent {
    /// Whether nothing comes after it.
    #[must_use]
    pub const fn is_last(&self) -> bool {
        matches!(self, Self::Finished { .. } | Self::Stopped { .. } | Self::Cancelled { .. })
    }
}

/// A page in the folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Page {
    /// Its number in the folder, from 1.
    pub no: u32,
    /// The file.
    pub path: PathBuf,
    /// What kind of file it is.
    pub format: Format,
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: String,
    /// Width in dots; none for a PDF.
    pub width: Option<u32>,
    /// Height in dots; none for a PDF.
    pub height: Option<u32>,
    /// Length of the file.
    pub bytes: u64,
}

/// The name that a person gave a file. It may hold a person's name: `Debug` tells only its length.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct FileName(pub String);

impl fmt::Debug for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FileName({} letters)", self.0.chars().count())
    }
}

/// Why a file is no page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// Its first bytes are those of no JPEG, PNG, TIFF or PDF.
    NotAPicture,
    /// It begins as one and has no end, and has not grown for long.
    CutOff,
    /// Longer than a page is taken to be.
    TooLong,
    /// No plain file (a link, a pipe).
    NotAFile,
}

/// Ends a scan. Clones end the same one.
#[derive(Clone, Debug, Default)]
pub struct Cancel {
    asked: Arc<AtomicBool>,
    /// What else ends it: the end of the thread that scans.
    besides: Option<Arc<AtomicBool>>,
}

impl Cancel {
    /// Not asked yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks the scan to end; what is whole stays.
    pub fn cancel(&self) {
        self.asked.store(true, Ordering::Release);
    }

    /// The same, asked also when `flag` is set.
    #[must_use]
    pub(crate) fn or(&self, flag: Arc<AtomicBool>) -> Self {
        Self { asked: self.asked.clone(), besides: Some(flag) }
    }

    /// Whether it was asked to end.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        let set = |flag: &Arc<AtomicBool>| flag.load(Ordering::Acquire);
        set(&self.asked) || self.besides.as_ref().is_some_and(set)
    }
}
