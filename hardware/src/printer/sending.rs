//! A job on its way: how long it may go without a sign of progress, and how it becomes known what became of it.

use std::time::{Duration, Instant};

use super::conversation::{ANSWER_WITHIN, Conversation, POLL_EVERY};
use super::profile::Profile;
use super::protocol;
use super::raster::Piece;
use super::report::{KnownBy, Outcome};
use crate::status::Fault;

/// Bytes between two looks at what the printer says, on a line whose speed is the bottleneck and on one where it is not. A usual slip is
/// less than the larger one, so it is handed over in one write.
const SLOW_CHUNK_BYTES: usize = 16 * 1024;
const FAST_CHUNK_BYTES: usize = 128 * 1024;
/// How long one step may wait before the printer is listened to again.
const SLICE: Duration = Duration::from_millis(50);
/// How often the line's buffer is looked at while it empties.
const DRAIN_LOOK: Duration = Duration::from_millis(2);
/// Bytes a second of a line that does not tell its speed: a print server with a serial line of 9600 baud behind it.
const SLOWEST_BYTES_PER_SECOND: f64 = 960.0;

/// How long a job may go without a sign of progress. Each byte that the line accepts, each byte that leaves, and each status that is heard is one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Pace {
    seconds_a_byte: f64,
    /// The paper at the printer's slowest.
    paper: Duration,
    patience: Duration,
}

impl Pace {
    pub(super) fn new(baud: Option<u32>, profile: &Profile, pieces: &[Piece], patience: Duration) -> Self {
        let rows = pieces.iter().map(Piece::height_dots).sum::<usize>() + usize::from(profile.head_to_cutter_dots);
        let rows_per_second = f64::from(profile.dots_per_mm) * f64::from(profile.mm_per_second);
        let seconds_a_byte = baud.map_or(1.0 / SLOWEST_BYTES_PER_SECOND, |baud| 10.0 / f64::from(baud) * 1.5);
        Self { seconds_a_byte, paper: Duration::from_secs_f64(rows as f64 / rows_per_second), patience }
    }

    /// The longest silence of a healthy line while so many bytes may still be on it.
    fn silence(&self, bytes: usize) -> Duration {
        Duration::from_secs_f64(self.seconds_a_byte * bytes as f64) + self.after_arrival()
    }

    /// The longest that a printer takes once it has all bytes.
    fn after_arrival(&self) -> Duration {
        self.paper + self.patience
    }
}

/// A job that stopped before its end.
pub(super) struct Stopped {
    pub(super) bytes_sent: usize,
    pub(super) fault: Fault,
}

/// Gives the line all bytes, listening to the printer in between. It ends early when the printer says that it cannot go on, when the line fails, and
/// when the line takes nothing for longer than its bytes can need.
pub(super) fn hand_over(talk: &mut Conversation, bytes: &[u8], pace: Pace) -> Result<(), Stopped> {
    let mut bytes_sent = 0;
    let mut progress = Instant::now();
    let chunk_bytes = if talk.line.baud().is_some() { SLOW_CHUNK_BYTES } else { FAST_CHUNK_BYTES };
    while bytes_sent < bytes.len() {
        let end = bytes.len().min(bytes_sent + chunk_bytes);
        if end == bytes.len() {
            // What is heard from here on may be the answer to the job's end.
            talk.forget_report();
        }
        match talk.line.write_some(&bytes[bytes_sent..end], Instant::now() + SLICE) {
            Ok(0) => {}
            Ok(count) => {
                bytes_sent += count;
                progress = Instant::now();
            }
            Err(error) => return Err(Stopped { bytes_sent, fault: talk.lose(&error) }),
        }
        if talk.line.two_way() {
            talk.absorb(Instant::now()).map_err(|fault| Stopped { bytes_sent, fault })?;
        }
        if let Some(fault) = talk.blocking() {
            return Err(Stopped { bytes_sent, fault });
        }
        let since = talk.heard_at().map_or(progress, |heard| heard.max(progress));
        if since.elapsed() > pace.silence(bytes_sent) {
            return Err(Stopped { bytes_sent, fault: stalled(talk) });
        }
    }
    Ok(())
}

/// What a line that makes no progress is called. How many bytes it took before depends on the buffers between, and the word must not: a printer that can
/// answer does not answer; of one that cannot, all that is known is that bytes stand still.
fn stalled(talk: &mut Conversation) -> Fault {
    talk.lose_with(if talk.answers() { Fault::PrinterNoAnswer } else { Fault::PrinterStalled })
}

/// Waits until what was handed over has left this machine, as far as the line can tell.
pub(super) fn drained(talk: &mut Conversation, bytes: usize, pace: Pace) -> Result<(), Fault> {
    let Some(mut unsent) = unsent(talk)? else {
        let deadline = Instant::now() + pace.silence(bytes);
        return talk.line.drain(deadline).map_err(|error| talk.lose(&error));
    };
    let mut progress = Instant::now();
    while unsent > 0 {
        talk.absorb(Instant::now() + DRAIN_LOOK)?;
        talk.fail_if_blocked()?;
        let left = self::unsent(talk)?.unwrap_or(0);
        if left < unsent {
            (unsent, progress) = (left, Instant::now());
        } else if progress.elapsed() > pace.silence(bytes) {
            return Err(stalled(talk));
        }
    }
    Ok(())
}

fn unsent(talk: &mut Conversation) -> Result<Option<usize>, Fault> {
    if !talk.line.two_way() {
        return Ok(None);
    }
    talk.line.unsent().map_err(|error| talk.lose(&error))
}

/// What a job asks for at its end, so that it becomes known when it was processed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    /// The name by which the printer confirms the job, where it can.
    pub(super) by_id: Option<[u8; 4]>,
    /// Whether it was asked to send its status by itself, after the job.
    pub(super) automatic: bool,
}

impl Asked {
    pub(super) fn of(profile: &Profile, answers: bool, tag: [u8; 4]) -> Self {
        Self {
            by_id: profile.confirms_by_process_id.then_some(tag),
            automatic: answers && profile.asb && !profile.confirms_by_process_id,
        }
    }

    /// What follows the job where it has no name: the automatic status switched on anew, which sends it at once, and the roll sensor; both in their turn.
    pub(super) fn bytes(self, answers: bool) -> Vec<u8> {
        let mut bytes = Vec::new();
        if self.automatic {
            bytes.extend(protocol::ENABLE_ASB);
        }
        if answers && self.by_id.is_none() {
            bytes.extend(protocol::PAPER_SENSOR);
        }
        bytes
    }

    fn is_answered(self, talk: &Conversation) -> bool {
        match self.by_id {
            Some(tag) => talk.processed(tag),
            None => talk.sensor_answers() > 0,
        }
    }
}

/// Waits for the printer's word on a job whose bytes have all left.
///
/// While nothing is heard the bytes may still be on the line. Once a question that was put after the last byte is answered, they have arrived, and what is
/// left is paper: from then on no answer makes the wait longer.
pub(super) fn await_word(
    talk: &mut Conversation,
    asked: Asked,
    bytes: usize,
    pace: Pace,
) -> Result<(Outcome, KnownBy), Fault> {
    if !talk.answers() {
        return Ok((Outcome::SentUnconfirmed, KnownBy::Nothing));
    }
    let left_at = Instant::now();
    let ended = |talk: &Conversation| asked.is_answered(talk) || talk.blocking().is_some();
    if !await_arrival(talk, ended, left_at, bytes, pace)? && !ended(talk) {
        // One last question: a line that answers it late is slow, not dead, and the paper has its time still.
        talk.ask_and_wait(Instant::now() + ANSWER_WITHIN)?;
    }
    let deadline = Instant::now() + pace.after_arrival();
    while !ended(talk) && Instant::now() < deadline {
        talk.ask_when_due()?;
        talk.absorb(deadline.min(Instant::now() + POLL_EVERY))?;
    }
    if asked.by_id.is_some() && asked.is_answered(talk) {
        return Ok((Outcome::Confirmed, KnownBy::ProcessId));
    }
    // No word about the job itself: its state after the job is the best there is.
    talk.fail_if_blocked()?;
    talk.ask_and_wait(Instant::now() + ANSWER_WITHIN)?;
    talk.fail_if_blocked()?;
    let automatic = asked.automatic && asked.is_answered(talk) && talk.has_reported();
    Ok((Outcome::SentUnconfirmed, if automatic { KnownBy::AutomaticStatus } else { KnownBy::StatusAfter }))
}

/// Waits until a question that was put after the last byte is answered (`true`), the job has ended, or the line was silent for too long.
fn await_arrival(
    talk: &mut Conversation,
    ended: impl Fn(&Conversation) -> bool,
    left_at: Instant,
    bytes: usize,
    pace: Pace,
) -> Result<bool, Fault> {
    let mut deadline = left_at + pace.silence(bytes);
    while !ended(talk) && Instant::now() < deadline {
        let taken = talk.ask_when_due()?;
        let before = talk.heard_at();
        talk.absorb(deadline.min(Instant::now() + POLL_EVERY))?;
        if talk.heard_since(left_at) {
            return Ok(true);
        }
        if taken || talk.heard_at() != before {
            deadline = Instant::now() + pace.silence(bytes);
        }
    }
    Ok(false)
}
