//! The report that a maker sends.

use std::fmt::Write as _;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Check, Class, Outcome, Settings, Unmet};

/// What a check came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The device did it.
    Passed,
    /// It did not.
    Failed,
    /// It was not asked.
    NotApplicable,
}

/// One check's line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckReport {
    /// The check's stable name.
    pub id: String,
    /// What it proves.
    pub proves: String,
    /// The command or rule that it rests on.
    pub reference: String,
    /// What it came to.
    pub verdict: Verdict,
    /// What the device said or did; or why it was not asked.
    pub evidence: String,
    /// How long it took.
    pub took_ms: u64,
}

impl CheckReport {
    pub(super) fn new(check: &Check, outcome: Outcome, took: Duration) -> Self {
        let (verdict, evidence) = match outcome {
            Ok(evidence) => (Verdict::Passed, evidence),
            Err(Unmet::Failed(what)) => (Verdict::Failed, what),
            Err(Unmet::NotApplicable(why)) => (Verdict::NotApplicable, why),
        };
        Self {
            id: check.id.to_owned(),
            proves: check.proves.to_owned(),
            reference: check.reference.to_owned(),
            verdict,
            evidence,
            took_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        }
    }

    /// For a person.
    #[must_use]
    pub fn line(&self) -> String {
        let mark = match self.verdict {
            Verdict::Passed => "pass",
            Verdict::Failed => "FAIL",
            Verdict::NotApplicable => " -- ",
        };
        format!("{mark}  {:<24} {} [{}]\n      {}", self.id, self.proves, self.reference, self.evidence)
    }
}

/// A whole report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Which suite.
    pub class: Class,
    /// Where the device was.
    pub address: String,
    /// The profile that it claims.
    pub profile: Option<String>,
    /// This program.
    pub program: String,
    /// When.
    pub at: String,
    /// Each check, in its order.
    pub checks: Vec<CheckReport>,
    /// Whether no check failed and at least one passed.
    pub conformant: bool,
    /// SHA-256 of this report as compact JSON with this field empty, in hexadecimal: shows that nothing was changed by mistake.
    pub sha256: String,
}

impl Report {
    pub(super) fn new(settings: &Settings<'_>) -> Self {
        Self {
            class: settings.class,
            address: settings.address.to_string(),
            profile: settings.profile.as_ref().map(|profile| profile.name.clone()),
            program: format!("motcua-hw {}", env!("CARGO_PKG_VERSION")),
            at: settings.at.to_string(),
            checks: Vec::new(),
            conformant: false,
            sha256: String::new(),
        }
    }

    pub(super) fn passed(&self, id: &str) -> bool {
        self.checks.iter().any(|check| check.id == id && check.verdict == Verdict::Passed)
    }

    /// The names of the checks with this verdict.
    #[must_use]
    pub fn with_verdict(&self, verdict: Verdict) -> Vec<&str> {
        self.checks.iter().filter(|check| check.verdict == verdict).map(|check| check.id.as_str()).collect()
    }

    pub(super) fn concluded(mut self) -> Self {
        self.conformant =
            self.with_verdict(Verdict::Failed).is_empty() && !self.with_verdict(Verdict::Passed).is_empty();
        self.sha256 = self.hash();
        self
    }

    /// Whether the report is as it was written.
    #[must_use]
    pub fn is_unchanged(&self) -> bool {
        self.sha256 == self.hash()
    }

    fn hash(&self) -> String {
        let bare = Self { sha256: String::new(), ..self.clone() };
        // Texts and numbers always become JSON; were it otherwise, the hash would not fit and say so.
        let json = serde_json::to_vec(&bare).unwrap_or_default();
        Sha256::digest(&json).iter().fold(String::new(), |mut hex, byte| {
            // Writing to a text cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }
}
