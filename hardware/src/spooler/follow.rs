//! What becomes of a job that the spooler took: looked after for a bounded time, and withdrawn when it waits for something, so that no page comes out
//! of the printer an hour after its person has gone.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use super::{JobState, SpoolJob, Spooler};
use crate::transport::{LineError, Refusal};

/// How often a job is asked after.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// How long withdrawing a job may take, beyond the deadline of the job.
const CANCEL_WITHIN: Duration = Duration::from_secs(2);

/// What became of a job in the time that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The spooler sent it, or is sending it and names no trouble. It does not know about paper.
    Sent,
    /// It was withdrawn before its first byte was sent: there is no paper.
    Withdrawn(LineError),
    /// Whether there is paper, and how much, is not known.
    Unknown(LineError),
}

impl Spooler {
    /// Looks after a job until it ends, or until `deadline`.
    #[must_use]
    pub fn follow(&self, queue: &str, mut job: SpoolJob, deadline: Instant) -> Fate {
        // Nothing is ever sent: waiting on it is a pause that needs no clock of ours.
        let (_never, pause) = channel::<()>();
        loop {
            match job.state {
                JobState::Completed => return Fate::Sent,
                JobState::Canceled | JobState::Aborted => return self.ended(job.id),
                JobState::Pending | JobState::Held | JobState::Processing | JobState::Stopped => {}
            }
            if Instant::now() >= deadline {
                return self.overdue(queue, job);
            }
            let until = LOOK_EVERY.min(deadline.saturating_duration_since(Instant::now()));
            if pause.recv_timeout(until) != Err(RecvTimeoutError::Timeout) {
                return Fate::Unknown(LineError::TimedOut);
            }
            job = match self.job(job.id, Instant::now() + CANCEL_WITHIN) {
                Ok(Some(job)) => job,
                // It left the queue, and a spooler that keeps no history does not say how.
                Ok(None) => return Fate::Sent,
                Err(error) => return Fate::Unknown(error),
            };
        }
    }

    fn overdue(&self, queue: &str, job: SpoolJob) -> Fate {
        let deadline = Instant::now() + CANCEL_WITHIN;
        let cause = match self.queue(queue, deadline) {
            Ok(queue) => queue.cause_of_waiting(),
            Err(error) => return Fate::Unknown(error),
        };
        let cause = match (job.state, cause) {
            // A long job on a slow printer.
            (JobState::Processing, None) => return Fate::Sent,
            (_, cause) => LineError::Refused(cause.unwrap_or(Refusal::Stopped)),
        };
        match self.cancel(job.id, deadline) {
            Ok(()) => self.withdrawn(job.id, cause),
            Err(_) => Fate::Unknown(cause),
        }
    }

    /// Somebody else withdrew the job, or the spooler gave it up.
    fn ended(&self, id: i32) -> Fate {
        self.withdrawn(id, LineError::Refused(Refusal::Job))
    }

    /// It may have begun between the last look and the end, so it is asked after once more.
    fn withdrawn(&self, id: i32, cause: LineError) -> Fate {
        match self.job(id, Instant::now() + CANCEL_WITHIN) {
            Ok(Some(SpoolJob { state: JobState::Completed, .. })) => Fate::Sent,
            Ok(Some(SpoolJob { began: false, .. })) => Fate::Withdrawn(cause),
            _ => Fate::Unknown(cause),
        }
    }
}
