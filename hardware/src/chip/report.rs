//! What a read gave: the holder's fields, how well they are proved, and what was checked and what not. `Debug` shows no personal data.

use std::time::Instant;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::access::Access;
use super::exchange::{Exchange, ReadError};
use super::lds::dg2::Face;
use super::lds::dg13::Dg13;
use super::lds::mrz::Mrz;
use super::lds::{DataGroup, LdsFile, dg1, dg2, dg13};
use super::read::{ChipContents, Proof};
use crate::evidence::Evidence;
use crate::status::Fault;

/// A file as it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GroupRead {
    /// Its name: `COM`, `DG1`, `SOD`.
    pub name: String,
    /// How long it is.
    pub bytes: usize,
    /// Its SHA-256, in hexadecimal digits.
    pub sha256: String,
}

/// What the chip says of its holder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ChipFields {
    /// The machine-readable zone of DG1.
    pub zone: Option<Mrz>,
    /// The details of DG13.
    pub details: Option<Dg13>,
}

/// What was checked, and what not and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Checks {
    /// Whether the chip signed what it could not know before (active authentication).
    pub active: Proof,
    /// Whether the chip went on with a session under its own key (chip authentication).
    pub chip: Proof,
}

/// What became of a read.
#[derive(Clone, Debug, Serialize)]
pub struct ChipReport {
    /// Why there are no fields, or why they must not be believed.
    pub fault: Option<Fault>,
    /// More about the fault, for a technician.
    pub detail: Option<String>,
    /// Whether the card weighed the key and refused it. Nothing else is a try.
    pub key_refused: bool,
    /// How the chip was opened.
    pub access: Option<Access>,
    /// What the chip says; absent where it must not be believed.
    pub fields: Option<ChipFields>,
    /// The face's picture.
    #[serde(skip)]
    pub face: Option<Face>,
    /// What the fields rest on.
    pub evidence: Option<Evidence>,
    /// The files that were read.
    pub groups: Vec<GroupRead>,
    /// Files that the chip keeps to itself.
    pub protected: Vec<String>,
    /// What was checked.
    pub checks: Option<Checks>,
    /// How many commands were sent.
    pub commands: u32,
    /// How long the card was waited for, in milliseconds.
    pub card_ms: f64,
    /// Everything else: our own time, in milliseconds.
    pub host_ms: f64,
}

impl ChipReport {
    /// A read that did not happen.
    #[must_use]
    pub fn refused(fault: Fault) -> Self {
        Self {
            fault: Some(fault),
            detail: None,
            key_refused: fault == Fault::ChipWrongKey,
            access: None,
            fields: None,
            face: None,
            evidence: None,
            groups: Vec::new(),
            protected: Vec::new(),
            checks: None,
            commands: 0,
            card_ms: 0.0,
            host_ms: 0.0,
        }
    }

    pub(super) fn of(read: Result<ChipContents, ReadError>, exchange: &Exchange<'_>, begun: Instant) -> Self {
        let mut report = match read {
            Ok(contents) => Self::judged(&contents),
            Err(error) => Self { detail: Some(error.to_string()), ..Self::refused(error.fault()) },
        };
        let waited = exchange.waited();
        report.commands = exchange.commands();
        report.card_ms = waited.as_secs_f64() * 1000.0;
        report.host_ms = begun.elapsed().saturating_sub(waited).as_secs_f64() * 1000.0;
        report
    }

    fn judged(contents: &ChipContents) -> Self {
        let (active, chip) = (contents.active, contents.chip);
        let fault = [active, chip].contains(&Proof::Failed).then_some(Fault::ChipClone);
        let group = |group| contents.file(LdsFile::Group(group));
        let fields = ChipFields {
            zone: group(DataGroup::DG1).and_then(|bytes| dg1::parse(bytes).ok()),
            details: group(DataGroup::DG13).and_then(|bytes| dg13::parse(bytes).ok()),
        };
        Self {
            fault,
            detail: None,
            key_refused: false,
            access: Some(contents.access),
            face: group(DataGroup::DG2).and_then(|bytes| dg2::parse(bytes).ok()),
            fields: fault.is_none().then_some(fields),
            evidence: fault.is_none().then_some(Evidence::ChipRead),
            groups: contents.files.iter().map(|(file, bytes)| GroupRead::of(*file, bytes)).collect(),
            protected: contents.protected.iter().map(ToString::to_string).collect(),
            checks: Some(Checks { active, chip }),
            ..Self::refused(Fault::ChipUnreadable)
        }
    }
}

impl GroupRead {
    fn of(file: LdsFile, bytes: &[u8]) -> Self {
        let sha256 = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        Self { name: file.to_string(), bytes: bytes.len(), sha256 }
    }
}
