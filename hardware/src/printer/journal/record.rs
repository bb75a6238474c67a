//! The lines of the journal: a checksum and a record, from bytes and to bytes. Pure; total.
//!
//! A line is `CHECKSUM RECORD LF`: sixteen hexadecimal digits of SHA-256 over the record, and the record as JSON. Each line holds all that is known of its
//! job, so that a later line makes up for an earlier one that was damaged.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::paper::Paper;
use crate::printer::report::{JobId, KnownBy, Outcome};
use crate::status::Fault;

/// Digits of a line's checksum.
const SUM_DIGITS: usize = 16;
/// What stands before the name of a job in a record.
const JOB_KEY: &str = "\"job\":\"";
/// The length of a UUID.
const JOB_LENGTH: usize = 36;

/// The fingerprint of a job's paper, so that a name is never taken for another slip. The paper itself is not kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PaperHash(String);

impl PaperHash {
    /// The fingerprint of what is asked for: the slip, and of which job it is a copy.
    #[must_use]
    pub fn of(paper: &Paper, copy_of: Option<JobId>) -> Self {
        // Text and numbers always become JSON; were it otherwise, all papers would look alike and only the name would count.
        let text = serde_json::to_vec(&(paper.normalised(), copy_of)).unwrap_or_default();
        Self(sum(&text, 2 * SUM_DIGITS))
    }
}

/// How a job ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JobEnd {
    /// What is known about its paper.
    pub outcome: Outcome,
    /// What went wrong, or was going to.
    pub fault: Option<Fault>,
    /// How it is known.
    pub known_by: KnownBy,
    /// When it was known.
    pub at: Timestamp,
}

/// What is kept of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptJob {
    /// Which.
    pub job: JobId,
    /// The fingerprint of its paper; none where its record was damaged.
    pub paper: Option<PaperHash>,
    /// The job that it is a copy of.
    pub copy_of: Option<JobId>,
    /// Its length on the line.
    pub bytes: usize,
    /// The address of the printer that it went to.
    pub printer: String,
    /// When it began.
    pub begun_at: Timestamp,
    /// How it ended; none while it is under way, and after a crash.
    pub end: Option<JobEnd>,
}

impl KeptJob {
    /// Whether nobody knows if its paper came out.
    #[must_use]
    pub fn in_doubt(&self) -> bool {
        self.end.is_none_or(|end| matches!(end.outcome, Outcome::Unknown { .. }))
    }

    /// The line that keeps it.
    #[must_use]
    pub fn line(&self) -> Vec<u8> {
        let record = serde_json::to_string(&Record::from(self)).unwrap_or_default();
        format!("{} {record}\n", sum(record.as_bytes(), SUM_DIGITS)).into_bytes()
    }
}

/// A line that is not what was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Damage {
    /// Which line, from one.
    pub line: usize,
    /// The jobs that it was about, as far as their names can still be read (two where the end of a line was hurt). They are in doubt now.
    pub jobs: Vec<JobId>,
}

/// What a journal's bytes say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The records, in the order of their lines.
    pub jobs: Vec<KeptJob>,
    /// Lines that were skipped.
    pub damage: Vec<Damage>,
    /// Bytes up to the end of the last whole line. What follows was never completely written, and nothing was done upon it.
    pub whole_bytes: usize,
}

/// Reads a journal. Whatever the bytes, what can be read is.
#[must_use]
pub fn read(bytes: &[u8]) -> Reading {
    let mut reading = Reading::default();
    for (index, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let Some(line) = line.strip_suffix(b"\n") else { break };
        reading.whole_bytes += line.len() + 1;
        match read_line(line) {
            Some(job) => reading.jobs.push(job),
            None => {
                let damage = Damage { line: index + 1, jobs: names_in(line) };
                reading.jobs.extend(damage.jobs.iter().copied().map(doubtful));
                reading.damage.push(damage);
            }
        }
    }
    reading
}

fn read_line(line: &[u8]) -> Option<KeptJob> {
    let text = std::str::from_utf8(line).ok()?;
    let (checksum, record) = text.split_once(' ')?;
    if checksum != sum(record.as_bytes(), SUM_DIGITS) {
        return None;
    }
    serde_json::from_str::<Record>(record).ok()?.try_into().ok()
}

/// The names of jobs in a damaged line that are still well.
fn names_in(line: &[u8]) -> Vec<JobId> {
    let text = String::from_utf8_lossy(line);
    let names = text.split(JOB_KEY).skip(1).filter_map(|after| after.get(..JOB_LENGTH)?.parse().ok());
    names.collect()
}

/// All that is known of a job whose record was damaged: that it may have begun.
fn doubtful(job: JobId) -> KeptJob {
    let printer = String::new();
    KeptJob { job, paper: None, copy_of: None, bytes: 0, printer, begun_at: Timestamp::UNIX_EPOCH, end: None }
}

fn sum(bytes: &[u8], digits: usize) -> String {
    let hash = Sha256::digest(bytes);
    hash.iter().take(digits / 2).map(|byte| format!("{byte:02x}")).collect()
}

/// A record as JSON.
#[derive(Serialize, Deserialize)]
struct Record {
    job: JobId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    paper: Option<PaperHash>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    copy_of: Option<JobId>,
    bytes: usize,
    printer: String,
    begun_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    settled: Option<Settled>,
}

#[derive(Serialize, Deserialize)]
struct Settled {
    outcome: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bytes_sent: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cause: Option<String>,
    known_by: KnownBy,
    at: Timestamp,
}

impl From<&KeptJob> for Record {
    fn from(kept: &KeptJob) -> Self {
        let settled = kept.end.map(|end| Settled {
            outcome: end.outcome.name().to_owned(),
            bytes_sent: end.outcome.bytes_sent(),
            cause: end.fault.map(|fault| fault.code().to_owned()),
            known_by: end.known_by,
            at: end.at,
        });
        Self {
            job: kept.job,
            paper: kept.paper.clone(),
            copy_of: kept.copy_of,
            bytes: kept.bytes,
            printer: kept.printer.clone(),
            begun_at: kept.begun_at,
            settled,
        }
    }
}

/// An outcome that this program does not know.
struct StrangeOutcome;

impl TryFrom<Record> for KeptJob {
    type Error = StrangeOutcome;

    fn try_from(record: Record) -> Result<Self, StrangeOutcome> {
        let Record { job, paper, copy_of, bytes, printer, begun_at, settled } = record;
        let end = settled.map(JobEnd::try_from).transpose()?;
        Ok(Self { job, paper, copy_of, bytes, printer, begun_at, end })
    }
}

impl TryFrom<Settled> for JobEnd {
    type Error = StrangeOutcome;

    fn try_from(settled: Settled) -> Result<Self, StrangeOutcome> {
        let unknown = Outcome::Unknown { bytes_sent: settled.bytes_sent.unwrap_or_default() };
        let all = [Outcome::Confirmed, Outcome::SentUnconfirmed, Outcome::NotPrinted, unknown];
        let outcome = all.into_iter().find(|outcome| outcome.name() == settled.outcome).ok_or(StrangeOutcome)?;
        // A fault that an older or newer program named differently is no reason to forget the outcome.
        let fault = settled.cause.as_deref().and_then(Fault::from_code);
        Ok(Self { outcome, fault, known_by: settled.known_by, at: settled.at })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn kept(job: u128, end: Option<Outcome>) -> KeptJob {
        let at = Timestamp::from_second(1_800_000_000).unwrap();
        let paper = Some(PaperHash::of(&Paper::new().space(3), None));
        let end =
            end.map(|outcome| JobEnd { outcome, fault: Some(Fault::PaperOut), known_by: KnownBy::StatusAfter, at });
        let printer = "tcp:192.0.2.7:9100".to_owned();
        KeptJob { job: JobId(job), paper, copy_of: Some(JobId(1)), bytes: 4000, printer, begun_at: at, end }
    }

    fn three() -> [KeptJob; 3] {
        [kept(7, None), kept(8, Some(Outcome::Unknown { bytes_sent: 12 })), kept(7, Some(Outcome::Confirmed))]
    }

    fn bytes(jobs: &[KeptJob]) -> Vec<u8> {
        jobs.iter().flat_map(KeptJob::line).collect()
    }

    #[test]
    fn what_is_written_is_read() {
        let bytes = bytes(&three());
        assert_eq!(read(&bytes), Reading { jobs: three().to_vec(), damage: Vec::new(), whole_bytes: bytes.len() });
    }

    #[test]
    fn a_tail_torn_at_any_byte_loses_only_itself() {
        let all = bytes(&three());
        let two = bytes(&three()[..2]).len();
        for cut in two..all.len() {
            let reading = read(&all[..cut]);
            assert_eq!((reading.jobs, reading.whole_bytes, reading.damage.len()), (three()[..2].to_vec(), two, 0));
        }
    }

    #[test]
    fn a_damaged_record_is_named_and_its_job_is_in_doubt() {
        let whole = bytes(&three());
        let first = three()[0].line().len();
        for at in 0..first {
            for flip in [0x01, 0x80] {
                let mut hurt = whole.clone();
                hurt[at] ^= flip;
                let reading = read(&hurt);
                let named = &reading.damage[0].jobs;
                assert_eq!(reading.damage[0].line, 1, "byte {at}");
                let doubtful: Vec<_> = reading.jobs.iter().take(named.len()).map(|job| job.job).collect();
                assert_eq!(&doubtful, named);
                assert!(reading.jobs[..named.len()].iter().all(KeptJob::in_doubt), "byte {at}");
                // What stands in whole lines is read from there; the end of the first line hurt costs the second.
                let whole_lines = if at == first - 1 { &three()[2..] } else { &three()[1..] };
                assert!(reading.jobs.ends_with(whole_lines), "byte {at}");
                assert!(at != first - 1 || *named == [JobId(7), JobId(8)]);
            }
        }
    }

    #[test]
    fn a_copy_and_its_original_are_not_the_same_paper() {
        let paper = Paper::new().space(3);
        assert_ne!(PaperHash::of(&paper, None), PaperHash::of(&paper, Some(JobId(1))));
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes: Vec<u8>) {
            let reading = read(&bytes);
            prop_assert!(reading.whole_bytes <= bytes.len());
        }

        #[test]
        fn any_bytes_after_whole_lines_hurt_none_of_them(tail: Vec<u8>) {
            let mut all = bytes(&three());
            all.extend(tail);
            prop_assert!(read(&all).jobs.starts_with(&three()));
        }
    }
}
