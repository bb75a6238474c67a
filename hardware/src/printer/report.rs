//! What became of a print job.

use std::time::Duration;

use serde::{Deserialize, Serialize, Serializer};

use crate::status::Fault;

/// The identity of a print job, chosen by whoever asks for paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JobId(pub u128);

/// What is known about the paper of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Outcome {
    /// The printer itself said, after the job, that it processed all of it.
    Confirmed,
    /// All bytes left, the printer was well afterwards, and has no way to say more.
    SentUnconfirmed,
    /// It is sure that no paper of this job came out: it was refused before its first byte.
    NotPrinted,
    /// Bytes left and the end is not known. Never printed again by itself.
    Unknown {
        /// Bytes that the line accepted.
        bytes_sent: usize,
    },
}

/// The account of one print job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PrintReport {
    /// Which job.
    pub job: JobId,
    /// What is known about its paper.
    pub outcome: Outcome,
    /// The length of the job on the line.
    pub bytes: usize,
    /// From submission to the last byte that the line accepted; zero when none was.
    #[serde(rename = "handed_over_ms", serialize_with = "milliseconds")]
    pub handed_over: Duration,
    /// From submission to this report.
    #[serde(rename = "settled_ms", serialize_with = "milliseconds")]
    pub settled: Duration,
    /// What went wrong, or what is going to (paper near its end).
    pub fault: Option<Fault>,
}

impl PrintReport {
    /// A job that was refused before its first byte.
    #[must_use]
    pub fn refused(job: JobId, fault: Fault, settled: Duration) -> Self {
        Self { job, outcome: Outcome::NotPrinted, bytes: 0, handed_over: Duration::ZERO, settled, fault: Some(fault) }
    }
}

fn milliseconds<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(duration.as_secs_f64() * 1000.0)
}
