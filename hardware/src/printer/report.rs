//! What became of a print job.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

use crate::status::Fault;

/// The identity of a print job, chosen by whoever asks for paper. Written as a UUID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JobId(pub u128);

impl JobId {
    /// The identity that a name stands for: a UUID or a decimal number is taken as it is, any other text by its hash. Always the same for the same name.
    #[must_use]
    pub fn of_name(name: &str) -> Self {
        name.parse().unwrap_or_else(|_| {
            let hash = Sha256::digest(name.as_bytes());
            Self(hash.iter().take(16).fold(0, |id, byte| (id << 8) | u128::from(*byte)))
        })
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hex = format!("{:032x}", self.0);
        write!(f, "{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
    }
}

/// A text is neither a UUID nor a decimal number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a job's identity is a UUID or a number")]
pub struct NoJobId;

impl FromStr for JobId {
    type Err = NoJobId;

    fn from_str(text: &str) -> Result<Self, NoJobId> {
        let dashes: Vec<_> = text.char_indices().filter_map(|(at, letter)| (letter == '-').then_some(at)).collect();
        let hex = text.replace('-', "");
        if dashes == [8, 13, 18, 23] && hex.len() == 32 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return u128::from_str_radix(&hex, 16).map(Self).map_err(|_| NoJobId);
        }
        let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if plain { text.parse().map(Self).map_err(|_| NoJobId) } else { Err(NoJobId) }
    }
}

impl Serialize for JobId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for JobId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// What is known about the paper of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The printer itself said, after the job, that it processed all of it; or a person saw the paper.
    Confirmed,
    /// All bytes left, the printer was well afterwards, and has no way to say more.
    SentUnconfirmed,
    /// It is sure that no paper of this job came out: it was refused before its first byte, or a person looked.
    NotPrinted,
    /// Bytes left and the end is not known. Never printed again by itself.
    Unknown {
        /// Bytes that the line accepted; of a job that a crash cut short, the most that it can have been.
        bytes_sent: usize,
    },
}

impl Outcome {
    /// Its name in answers: `Confirmed`, `SentUnconfirmed`, `NotPrinted` or `Unknown`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Confirmed => "Confirmed",
            Self::SentUnconfirmed => "SentUnconfirmed",
            Self::NotPrinted => "NotPrinted",
            Self::Unknown { .. } => "Unknown",
        }
    }

    /// Bytes that the line accepted of a job whose end is not known.
    #[must_use]
    pub const fn bytes_sent(self) -> Option<usize> {
        match self {
            Self::Unknown { bytes_sent } => Some(bytes_sent),
            _ => None,
        }
    }
}

/// How the outcome of a job is known, the surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KnownBy {
    /// A person looked and settled it.
    Person,
    /// The printer named the job as processed (`GS ( H`).
    ProcessId,
    /// The printer sent the status that the job's end asked it to send by itself (`GS a`).
    AutomaticStatus,
    /// The printer answered, after the job, how it is.
    StatusAfter,
    /// No word came after the job.
    Nothing,
}

/// The account of one print job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PrintReport {
    /// Which job.
    pub job: JobId,
    /// What is known about its paper. Beside it stands `bytes_sent` where it is `Unknown`.
    #[serde(flatten, serialize_with = "outcome")]
    pub outcome: Outcome,
    /// What went wrong, or what is going to (paper near its end).
    #[serde(rename = "cause")]
    pub fault: Option<Fault>,
    /// How the outcome is known.
    pub known_by: KnownBy,
    /// The length of the job on the line.
    pub bytes: usize,
    /// From submission to the last byte that the line accepted; zero when none was.
    #[serde(rename = "handed_over_ms", serialize_with = "milliseconds")]
    pub handed_over: Duration,
    /// From submission to this report.
    #[serde(rename = "settled_ms", serialize_with = "milliseconds")]
    pub settled: Duration,
    /// Whether this tells of an earlier asking for the same job: no paper moved now.
    pub repeated: bool,
    /// The job that this one is a copy of.
    pub copy_of: Option<JobId>,
    /// The name of the printer that did it, or that refused it; none where only one was asked.
    pub device: Option<String>,
}

impl PrintReport {
    /// A job that was refused before its first byte.
    #[must_use]
    pub fn refused(job: JobId, fault: Fault, settled: Duration) -> Self {
        Self {
            job,
            outcome: Outcome::NotPrinted,
            fault: Some(fault),
            known_by: KnownBy::Nothing,
            bytes: 0,
            handed_over: Duration::ZERO,
            settled,
            repeated: false,
            copy_of: None,
            device: None,
        }
    }
}

/// An outcome as every report tells it.
pub(crate) fn outcome<S: Serializer>(outcome: &Outcome, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Told {
        outcome: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        bytes_sent: Option<usize>,
    }
    Told { outcome: outcome.name(), bytes_sent: outcome.bytes_sent() }.serialize(serializer)
}

fn milliseconds<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64((duration.as_secs_f64() * 1e6).round() / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_name_always_stands_for_the_same_job() {
        assert_eq!(JobId::of_name("42"), JobId(42));
        let uuid = "0f8fad5b-d9cb-469f-a165-70867728950e";
        assert_eq!(JobId::of_name(uuid).to_string(), uuid);
        assert_eq!(JobId::of_name("phiếu A105"), JobId::of_name("phiếu A105"));
        assert_ne!(JobId::of_name("phiếu A105"), JobId::of_name("phiếu A106"));
        // The wrong characters in a UUID's shape are a name like any other.
        assert_ne!(JobId::of_name("+f8fad5b-d9cb-469f-a165-70867728950e"), JobId::of_name(uuid));
        assert_eq!("+5".parse::<JobId>(), Err(NoJobId));
        assert_eq!("".parse::<JobId>(), Err(NoJobId));
    }

    #[test]
    fn a_report_tells_its_outcome_by_name() {
        let mut report = PrintReport::refused(JobId(7), Fault::CoverOpen, Duration::from_millis(3));
        let json = serde_json::to_value(&report).unwrap();
        assert_eq!((&json["outcome"], &json["cause"]), (&json!("NotPrinted"), &json!("PRINT-COVER-OPEN")));
        assert_eq!((json.get("bytes_sent"), &json["settled_ms"]), (None, &json!(3.0)));
        report.outcome = Outcome::Unknown { bytes_sent: 400 };
        let json = serde_json::to_value(&report).unwrap();
        assert_eq!((&json["outcome"], &json["bytes_sent"]), (&json!("Unknown"), &json!(400)));
        assert_eq!(json["job"], "00000000-0000-0000-0000-000000000007");
    }
}
