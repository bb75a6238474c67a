//! What a read gave: the holder's fields, how well they are proved, and what was checked and what not. `Debug` shows no personal data.

use std::time::Instant;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::access::Access;
use super::exchange::{Exchange, ReadError};
use super::lds::dg2::Face;
use super::lds::holder::Holder;
use super::lds::passive::{self, Check, PassiveReport, Verdict};
use super::lds::{DataGroup, LdsFile, dg1, dg2, dg13};
use super::read::{Believed, ChipContents, Proof};
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

/// What was checked, and what not and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Checks {
    /// What the checks of the signed data come to (passive authentication).
    pub verdict: Verdict,
    /// Each of them.
    pub passive: PassiveReport,
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
    pub fields: Option<Holder>,
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

    pub(super) fn of(
        read: Result<ChipContents, ReadError>,
        believed: &Believed<'_>,
        exchange: &Exchange<'_>,
        begun: Instant,
    ) -> Self {
        let mut report = match read {
            Ok(contents) => Self::judged(&contents, believed),
            Err(error) => Self { detail: Some(error.to_string()), ..Self::refused(error.fault()) },
        };
        let waited = exchange.waited();
        report.commands = exchange.commands();
        report.card_ms = waited.as_secs_f64() * 1000.0;
        report.host_ms = begun.elapsed().saturating_sub(waited).as_secs_f64() * 1000.0;
        report
    }

    fn judged(contents: &ChipContents, believed: &Believed<'_>) -> Self {
        let checks = Checks::of(contents, believed);
        let group = |group| contents.file(LdsFile::Group(group));
        let zone = group(DataGroup::DG1).and_then(|bytes| dg1::parse(bytes).ok());
        let details = group(DataGroup::DG13).and_then(|bytes| dg13::parse(bytes).ok());
        let mut report = Self {
            detail: None,
            access: Some(contents.access),
            groups: contents.files.iter().map(|(file, bytes)| GroupRead::of(*file, bytes)).collect(),
            protected: contents.protected.iter().map(ToString::to_string).collect(),
            ..Self::refused(Fault::ChipUnreadable)
        };
        report.fault = checks.fault();
        if report.fault.is_some() {
            report.detail = Some(checks.wrong().join(", "));
        } else if zone.is_none() && details.is_none() {
            (report.fault, report.detail) = (Some(Fault::ChipUnreadable), Some("neither DG1 nor DG13".to_owned()));
        } else {
            report.fields = Some(Holder::merge(zone.as_ref(), details.as_ref(), believed.on));
            report.face = group(DataGroup::DG2).and_then(|bytes| dg2::parse(bytes).ok());
            report.evidence = Some(checks.evidence());
        }
        report.checks = Some(checks);
        report
    }
}

impl Checks {
    fn of(contents: &ChipContents, believed: &Believed<'_>) -> Self {
        let group = |(file, bytes): (&LdsFile, &zeroize::Zeroizing<Vec<u8>>)| match file {
            LdsFile::Group(group) => Some((*group, bytes.to_vec())),
            LdsFile::Com | LdsFile::Sod => None,
        };
        let groups = contents.files.iter().filter_map(group).collect();
        let sod = contents.file(LdsFile::Sod).unwrap_or_default();
        let passive = passive::verify(sod, &groups, believed.trust, believed.on);
        Self { verdict: passive.verdict(), passive, active: contents.active, chip: contents.chip }
    }

    /// Why the data must not be believed. Data that nobody signed so weigh more than a chip that may be a copy.
    fn fault(&self) -> Option<Fault> {
        if self.verdict == Verdict::Failed {
            return Some(Fault::ChipForged);
        }
        [self.active, self.chip].contains(&Proof::Failed).then_some(Fault::ChipClone)
    }

    /// Everything that is wrong, by its name.
    fn wrong(&self) -> Vec<String> {
        let groups = self.passive.groups.iter().map(|(group, check)| (group.to_string(), check));
        let whole = [("signature", &self.passive.signature), ("chain", &self.passive.chain)];
        let failed = |(name, check): (String, &Check)| match check {
            Check::Failed { reason } => Some(format!("{name}: {reason:?}")),
            Check::Passed | Check::NotPossible { .. } => None,
        };
        let mut wrong: Vec<String> =
            groups.chain(whole.map(|(name, check)| (name.to_owned(), check))).filter_map(failed).collect();
        let proofs = [("active authentication", self.active), ("chip authentication", self.chip)];
        wrong.extend(proofs.iter().filter(|(_, proof)| *proof == Proof::Failed).map(|(name, _)| (*name).to_owned()));
        wrong
    }

    /// The chip's own proofs count only with keys that an authority signed: so everything must be genuine, and one of them done.
    fn evidence(&self) -> Evidence {
        let proved = [self.active, self.chip].contains(&Proof::Passed);
        if self.verdict == Verdict::Genuine && proved { Evidence::ChipAuthenticated } else { Evidence::ChipRead }
    }
}

impl GroupRead {
    fn of(file: LdsFile, bytes: &[u8]) -> Self {
        let sha256 = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        Self { name: file.to_string(), bytes: bytes.len(), sha256 }
    }
}
