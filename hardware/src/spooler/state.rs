//! How queues and jobs are, from the numbers and keywords of the spooler (RFC 8011 section 5.3.7 and 5.4.11).

use super::protocol::Group;
use crate::transport::Refusal;

pub(super) const QUEUE_ATTRIBUTES: [&str; 8] = [
    "printer-name",
    "printer-info",
    "printer-make-and-model",
    "printer-state",
    "printer-state-reasons",
    "printer-state-message",
    "printer-is-accepting-jobs",
    "device-uri",
];
pub(super) const JOB_ATTRIBUTES: [&str; 3] = ["job-id", "job-state", "time-at-processing"];

const PRINTER_STOPPED: i32 = 5;

/// What the reasons of a printer mean to us, the gravest first. A reason may end in `-error`, `-warning` or `-report`.
const REASONS: [(&str, Refusal); 12] = [
    ("media-jam", Refusal::Jam),
    ("cover-open", Refusal::CoverOpen),
    ("door-open", Refusal::CoverOpen),
    ("interlock-open", Refusal::CoverOpen),
    ("media-empty", Refusal::PaperOut),
    ("media-needed", Refusal::PaperOut),
    ("input-tray-missing", Refusal::PaperOut),
    ("offline", Refusal::Offline),
    ("shutdown", Refusal::Offline),
    ("timed-out", Refusal::Offline),
    ("connecting-to-device", Refusal::Offline),
    ("paused", Refusal::Stopped),
];

/// A printer that is away is told by the spooler's backends in a sentence only, in English where nobody set the spooler to another language. A sentence
/// that is not known is no cause.
const AWAY: [&str; 6] = [
    "may not exist or is unavailable",
    "is unreachable",
    "is not responding",
    "Unable to locate printer",
    "is not connected",
    "Unable to contact printer",
];

/// A queue of the spooler.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queue {
    /// Its name, as in `cups:NAME`.
    pub name: String,
    /// What somebody wrote about it.
    pub info: Option<String>,
    /// Maker and model, where the spooler knows them.
    pub model: Option<String>,
    /// Where it leads.
    pub device: Option<String>,
    /// Whether it takes jobs.
    pub accepting: bool,
    /// Whether it is stopped: it takes jobs and prints none.
    pub stopped: bool,
    /// Why it is as it is, in the spooler's keywords.
    pub reasons: Vec<String>,
    /// What its backend said last.
    pub message: Option<String>,
}

impl Queue {
    pub(super) fn read(group: &Group) -> Option<Self> {
        let some = |name| group.text(name).filter(|text| !text.is_empty()).map(str::to_owned);
        Some(Self {
            name: some("printer-name")?,
            info: some("printer-info"),
            model: some("printer-make-and-model"),
            device: some("device-uri"),
            accepting: group.flag("printer-is-accepting-jobs").unwrap_or(true),
            stopped: group.number("printer-state") == Some(PRINTER_STOPPED),
            reasons: group.texts("printer-state-reasons").map(str::to_owned).collect(),
            message: some("printer-state-message"),
        })
    }

    /// Why a job given now would wait, if it would. What the printer behind the queue says comes before the queue's own state, because it tells more.
    #[must_use]
    pub fn trouble(&self) -> Option<Refusal> {
        if !self.accepting {
            return Some(Refusal::Rejecting);
        }
        let named = cause(self.reasons.iter().map(String::as_str));
        match named {
            // A printer that is being connected to is not known to be away until a job waits for it.
            Some(Refusal::Offline) if !self.stopped => None,
            Some(refusal) => Some(refusal),
            None => self.stopped.then_some(Refusal::Stopped),
        }
    }

    /// Why a job that has waited for long waits.
    #[must_use]
    pub fn cause_of_waiting(&self) -> Option<Refusal> {
        let away = || {
            let message = self.message.as_deref().unwrap_or_default();
            AWAY.iter().any(|words| message.contains(words)).then_some(Refusal::Offline)
        };
        cause(self.reasons.iter().map(String::as_str)).or_else(|| self.trouble()).or_else(away)
    }
}

fn cause<'a>(reasons: impl Iterator<Item = &'a str> + Clone) -> Option<Refusal> {
    let plain = |reason: &'a str| {
        let endings = ["-error", "-warning", "-report"];
        endings.iter().find_map(|ending| reason.strip_suffix(ending)).unwrap_or(reason)
    };
    let is = |wanted: &str| reasons.clone().any(|reason| plain(reason) == wanted);
    REASONS.iter().find(|(keyword, _)| is(keyword)).map(|(_, refusal)| *refusal)
}

/// How a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum JobState {
    /// Waits for its turn.
    Pending,
    /// Waits until somebody releases it.
    Held,
    /// Is being sent to the printer.
    Processing,
    /// Was being sent, and the queue stopped.
    Stopped,
    /// Somebody withdrew it.
    Canceled,
    /// The spooler gave it up.
    Aborted,
    /// The spooler sent all of it. Whether paper came out it does not know.
    Completed,
}

/// A job of the spooler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpoolJob {
    /// Its number in the spooler.
    pub id: i32,
    /// How it is.
    pub state: JobState,
    /// Whether the spooler ever began to send it. Before that there is surely no paper.
    pub began: bool,
}

impl SpoolJob {
    pub(super) fn read(group: &Group) -> Option<Self> {
        let state = match group.number("job-state")? {
            3 => JobState::Pending,
            4 => JobState::Held,
            5 => JobState::Processing,
            6 => JobState::Stopped,
            7 => JobState::Canceled,
            8 => JobState::Aborted,
            9 => JobState::Completed,
            _ => return None,
        };
        // Until it began, this time has no value, which is no number.
        let began = state == JobState::Processing || group.number("time-at-processing").is_some();
        Some(Self { id: group.number("job-id")?, state, began })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn queue(stopped: bool, accepting: bool, reasons: &[&str]) -> Queue {
        Queue {
            name: "Q".to_owned(),
            info: None,
            model: None,
            device: None,
            accepting,
            stopped,
            reasons: reasons.iter().map(|reason| (*reason).to_owned()).collect(),
            message: None,
        }
    }

    #[test]
    fn what_the_spooler_says_of_a_queue_becomes_a_cause() {
        for (stopped, accepting, reasons, expected) in [
            (false, true, &["none"][..], None),
            (false, true, &["media-low-warning"], None),
            (true, true, &["paused"], Some(Refusal::Stopped)),
            (true, true, &["none"], Some(Refusal::Stopped)),
            (false, false, &["none"], Some(Refusal::Rejecting)),
            (false, true, &["media-empty-error"], Some(Refusal::PaperOut)),
            (true, true, &["paused", "cover-open"], Some(Refusal::CoverOpen)),
            (false, true, &["media-jam-error", "media-empty"], Some(Refusal::Jam)),
            (false, true, &["offline-report"], None),
            (true, true, &["offline-report"], Some(Refusal::Offline)),
        ] {
            assert_eq!(queue(stopped, accepting, reasons).trouble(), expected, "{reasons:?}");
        }
        assert_eq!(queue(false, true, &["connecting-to-device"]).cause_of_waiting(), Some(Refusal::Offline));
        assert_eq!(queue(false, true, &["none"]).cause_of_waiting(), None);
        let mut away = queue(false, true, &["none"]);
        away.message = Some("The printer may not exist or is unavailable at this time.".to_owned());
        assert_eq!((away.trouble(), away.cause_of_waiting()), (None, Some(Refusal::Offline)));
    }

    proptest! {
        #[test]
        fn any_reason_is_read(reasons in proptest::collection::vec("[a-z-]{0,20}", 0..4)) {
            let reasons: Vec<_> = reasons.iter().map(String::as_str).collect();
            let _ = queue(false, true, &reasons).trouble();
        }
    }
}
