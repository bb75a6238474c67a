//! Whether a printer is at the beginning of a command, found out without losing anything that it still has to print.
//!
//! A question that is answered in its turn among the data is swallowed by a command that still waits for its own bytes. So: ask; where no answer comes, give
//! NULs until the longest command of a job would be complete, and ask again. An answer only now means that a job was torn there. Nothing is cleared: what
//! another program sent, and nobody confirmed, may still be in the buffer.

use std::time::{Duration, Instant};

use super::conversation::{ANSWER_WITHIN, Conversation};
use super::profile::Profile;
use super::protocol;
use crate::status::Fault;

/// How long an answer in turn may take, on a printer that prints nothing.
const IN_TURN_WITHIN: Duration = ANSWER_WITHIN;
/// An answer that is only late comes before the next one, or right after it.
const LATE_WITHIN: Duration = Duration::from_millis(200);
/// The largest picture of another program worth waiting for, and only where the line's speed is no matter.
const LARGEST_FOREIGN_BYTES: usize = 160 * 1024;

/// Where in its data a printer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// At the beginning of a command.
    Between,
    /// It was in the midst of one, which is complete now: a job was torn.
    WasTorn,
    /// It answers no question that waits for its turn: nothing is known.
    Silent,
}

/// Finds out; `tags` name the two questions and must not name a job.
pub(super) fn find(talk: &mut Conversation, profile: &Profile, tags: [[u8; 4]; 2]) -> Result<Step, Fault> {
    let [first, second] = tags;
    talk.forget_answers();
    ask(talk, profile, first)?;
    talk.listen(Instant::now() + IN_TURN_WITHIN, |talk| is_answered(talk, 1, first))?;
    if is_answered(talk, 1, first) {
        return Ok(Step::Between);
    }
    let foreign = talk.line.baud().is_none().then_some(LARGEST_FOREIGN_BYTES);
    for nuls in [Some(protocol::longest_command(profile)), foreign].into_iter().flatten() {
        let line_time = talk.line.baud().map_or(0.0, |baud| nuls as f64 * 10.0 / f64::from(baud));
        let deadline = Instant::now() + Duration::from_secs_f64(line_time) + IN_TURN_WITHIN;
        talk.line.write_all(&vec![0; nuls], deadline).map_err(|short| talk.lose(&short.cause))?;
        ask(talk, profile, second)?;
        talk.listen(deadline + IN_TURN_WITHIN, |talk| is_answered(talk, 1, second))?;
        if is_answered(talk, 1, second) {
            talk.listen(Instant::now() + LATE_WITHIN, |talk| is_answered(talk, 2, first))?;
            return Ok(if is_answered(talk, 2, first) { Step::Between } else { Step::WasTorn });
        }
    }
    Ok(Step::Silent)
}

fn ask(talk: &mut Conversation, profile: &Profile, tag: [u8; 4]) -> Result<(), Fault> {
    let mut question = protocol::PAPER_SENSOR.to_vec();
    if profile.confirms_by_process_id {
        question.extend(protocol::confirm(tag));
    }
    talk.write(&question)
}

fn is_answered(talk: &Conversation, sensors: usize, tag: [u8; 4]) -> bool {
    talk.processed(tag) || talk.sensor_answers() >= sensors
}
