//! What can go wrong with the store: a small set of codes, each with what to do.

use crate::Refusal;
use crate::seal::SealFault;
use crate::wrap::NoRandomness;
use rusqlite::ErrorCode;
use thiserror::Error;

/// Why the store did not do what was asked. Nothing is left half done.
#[derive(Debug, Error)]
pub enum StoreFault {
    /// The file was written by a newer version of the program.
    #[error("the database is of version {file}, this program knows up to {known}")]
    NewerVersion { file: i64, known: i64 },
    /// The file is not a database of ours, or a part of it cannot be read.
    #[error("the database is damaged: {0}")]
    Damaged(String),
    /// No room on the disk, or the limit given to the store is reached.
    #[error("the disk is full")]
    DiskFull,
    /// Another process has this folder open.
    #[error("another process uses this data folder")]
    InUse,
    /// The station key's file is not there.
    #[error("the station key is missing")]
    KeyMissing,
    /// The station key is not the one that wrapped the keys in the database.
    #[error("the station key is of another station")]
    KeyWrong,
    /// There is no database: the station is not enrolled.
    #[error("the station is not enrolled")]
    NotEnrolled,
    /// There is a database already.
    #[error("the station is enrolled already")]
    AlreadyEnrolled,
    /// What only the centre can do was asked of a hub that does not reach it.
    #[error("the centre cannot be reached: {0}")]
    Upstream(String),
    /// What was asked for cannot be written.
    #[error("cannot be written: {0}")]
    Invalid(String),
    /// The disk or the operating system failed.
    #[error("input or output failed: {0}")]
    Io(String),
}

/// Why bytes from elsewhere were not taken in.
#[derive(Debug, Error)]
pub enum ReceiveFault {
    /// The bytes are at fault.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Our store is at fault: the same bytes may be taken later.
    #[error(transparent)]
    Store(#[from] StoreFault),
}

impl StoreFault {
    /// The stable code under which the catalogue of messages knows it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Upstream(_) => "CENTRE-UNREACHABLE",
            Self::NewerVersion { .. } => "STORE-NEWER-VERSION",
            Self::Damaged(_) => "STORE-DAMAGED",
            Self::DiskFull => "STORE-DISK-FULL",
            Self::InUse => "STORE-IN-USE",
            Self::KeyMissing => "STORE-KEY-MISSING",
            Self::KeyWrong => "STORE-KEY-WRONG",
            Self::NotEnrolled => "STORE-NOT-ENROLLED",
            Self::AlreadyEnrolled => "STORE-ALREADY-ENROLLED",
            Self::Invalid(_) => "STORE-INVALID",
            Self::Io(_) => "STORE-IO",
        }
    }

    /// Something in our own file that cannot be read back.
    pub(crate) fn unreadable(refusal: Refusal) -> Self {
        Self::Damaged(refusal.to_string())
    }
}

impl ReceiveFault {
    /// The stable code under which the catalogue of messages knows it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.code(),
            Self::Store(fault) => fault.code(),
        }
    }
}

impl From<rusqlite::Error> for StoreFault {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::DiskFull,
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => Self::Damaged(error.to_string()),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::InUse,
            Some(_) => Self::Io(error.to_string()),
            // A column of another type than we wrote: not our file, or a broken one.
            None => Self::Damaged(error.to_string()),
        }
    }
}

impl From<rusqlite::Error> for ReceiveFault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

impl From<std::io::Error> for StoreFault {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::StorageFull => Self::DiskFull,
            _ => Self::Io(error.to_string()),
        }
    }
}

impl From<NoRandomness> for StoreFault {
    fn from(error: NoRandomness) -> Self {
        Self::Io(error.to_string())
    }
}

impl From<SealFault> for StoreFault {
    fn from(error: SealFault) -> Self {
        match error {
            SealFault::TooLarge => Self::Invalid(error.to_string()),
            SealFault::NoRandomness(none) => none.into(),
        }
    }
}
