//! What the checker found.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What a finding means for the citizen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Something that was promised is not where it must be.
    Lost,
    /// Something is there twice.
    Doubled,
    /// A chain, a signature or an encoding does not hold.
    Broken,
    /// Two pieces of evidence tell different stories.
    Differs,
    /// Evidence that cannot be read.
    Unreadable,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Finding {
    /// What it means.
    pub kind: Kind,
    /// A sentence with the names of the things.
    pub what: String,
}

/// The result.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// Findings of kind [`Kind::Lost`].
    pub lost: usize,
    /// Findings of kind [`Kind::Doubled`].
    pub doubled: usize,
    /// Events in the stations' own streams, each event once.
    pub events_station: usize,
    /// The same stations' events at the centre, each event once.
    pub events_central: usize,
    /// Tickets that the centre knows.
    pub tickets: usize,
    /// Papers in the evidence.
    pub papers: usize,
    /// Dossiers that the centre knows.
    pub dossiers: usize,
    /// Receipts in the evidence.
    pub receipts: usize,
    /// Everything that is wrong.
    pub findings: Vec<Finding>,
}

impl Verdict {
    /// Adds a finding.
    pub fn add(&mut self, kind: Kind, what: impl fmt::Display) {
        match kind {
            Kind::Lost => self.lost += 1,
            Kind::Doubled => self.doubled += 1,
            Kind::Broken | Kind::Differs | Kind::Unreadable => {}
        }
        self.findings.push(Finding { kind, what: what.to_string() });
    }

    /// Whether nothing is wrong.
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }
}
