//! What is said between us and a printer on one open line: questions, answers, and what is known from them.

use std::time::{Duration, Instant};

use super::line_fault;
use super::protocol;
use super::status::{Condition, StatusEvent, StatusStream};
use crate::status::{DeviceState, DeviceStatus, Fault, Knowledge};
use crate::transport::{LineError, Transport};

/// How often an idle printer is asked how it is.
pub(super) const POLL_EVERY: Duration = Duration::from_millis(400);
/// What was heard within this time is fresh enough to print without asking first.
const FRESH: Duration = Duration::from_secs(1);
/// How long an idle printer may take to answer a real-time question.
pub(super) const ANSWER_WITHIN: Duration = Duration::from_secs(1);

/// An open line and what the printer last said on it.
pub(super) struct Conversation {
    pub(super) line: Box<dyn Transport>,
    answers_status: bool,
    stream: StatusStream,
    condition: Option<Condition>,
    heard_at: Option<Instant>,
    asked_at: Option<Instant>,
    replies: Vec<u8>,
    /// What the line did not take yet of a question.
    unasked: Vec<u8>,
    junk_bytes: usize,
    /// What the printer named as processed since the last [`Conversation::forget_answers`].
    processed: Vec<[u8; 4]>,
    /// How often `GS r` was answered since then.
    sensor_answers: usize,
    /// When the question was put that was answered last.
    answered_question: Option<Instant>,
    /// Whether a status came by itself since this was last forgotten.
    has_reported: bool,
    /// Why the line must be opened anew, if it must.
    pub(super) lost: Option<Fault>,
}

impl Conversation {
    pub(super) fn new(line: Box<dyn Transport>, answers_status: bool) -> Self {
        Self {
            line,
            answers_status,
            stream: StatusStream::new(),
            condition: None,
            heard_at: None,
            asked_at: None,
            replies: Vec::new(),
            unasked: Vec::new(),
            junk_bytes: 0,
            processed: Vec::new(),
            sensor_answers: 0,
            answered_question: None,
            has_reported: false,
            lost: None,
        }
    }

    /// Whether the printer can say how it is.
    pub(super) fn answers(&self) -> bool {
        self.answers_status && self.line.two_way()
    }

    /// Whether the printer said lately how it is.
    pub(super) fn is_fresh(&self) -> bool {
        self.heard_at.is_some_and(|at| at.elapsed() <= FRESH)
    }

    /// When the printer last said how it is.
    pub(super) fn heard_at(&self) -> Option<Instant> {
        self.heard_at
    }

    /// Whether a question that was put since `from` came back, be it as junk: everything that was sent before `from` has arrived then.
    pub(super) fn heard_since(&self, from: Instant) -> bool {
        let junk = self.junk_bytes > 0 && self.asked_at.is_some_and(|asked| asked >= from);
        junk || self.answered_question.is_some_and(|asked| asked >= from)
    }

    /// Whether a status came by itself since [`Conversation::forget_report`].
    pub(super) fn has_reported(&self) -> bool {
        self.has_reported
    }

    /// Forgets that a status came by itself, before one is asked for.
    pub(super) fn forget_report(&mut self) {
        self.has_reported = false;
    }

    /// Whether the printer named this as processed.
    pub(super) fn processed(&self, tag: [u8; 4]) -> bool {
        self.processed.contains(&tag)
    }

    /// How often the roll sensor was answered for.
    pub(super) fn sensor_answers(&self) -> usize {
        self.sensor_answers
    }

    /// Forgets the answers that came in their turn, before the next ones are asked for.
    pub(super) fn forget_answers(&mut self) {
        self.processed.clear();
        self.sensor_answers = 0;
    }

    /// What is known now, without asking.
    pub(super) fn known(&self) -> DeviceStatus {
        match (self.lost, self.condition) {
            (Some(fault), _) => DeviceStatus::inferred(fault),
            (None, None) => DeviceStatus::new(DeviceState::Degraded, Vec::new(), Knowledge::Unknown),
            (None, Some(condition)) => {
                let faults = condition.faults();
                let state = faults.first().map_or(DeviceState::Ready, |fault| fault.state());
                DeviceStatus::new(state, faults, Knowledge::Reported)
            }
        }
    }

    /// What keeps the printer from printing, by its own word.
    pub(super) fn blocking(&self) -> Option<Fault> {
        self.condition.and_then(Condition::blocking)
    }

    /// The same as an error.
    pub(super) fn fail_if_blocked(&self) -> Result<(), Fault> {
        self.blocking().map_or(Ok(()), Err)
    }

    /// Whether the roll is near its end.
    pub(super) fn near_end(&self) -> Option<Fault> {
        self.condition.filter(|condition| condition.near_end).map(|_| Fault::PaperNearEnd)
    }

    /// Asks an idle printer how it is when it is time to.
    pub(super) fn poll(&mut self) -> Result<(), Fault> {
        match self.asked_at {
            Some(at) if at.elapsed() > ANSWER_WITHIN => Err(self.lose_unanswered()),
            Some(_) => Ok(()),
            None if self.heard_at.is_some_and(|at| at.elapsed() < POLL_EVERY) => Ok(()),
            None => {
                if self.condition.is_some_and(|condition| condition.cutter) {
                    self.write(&protocol::RECOVER)?;
                }
                self.ask()
            }
        }
    }

    /// When it is time to ask again, or to give up waiting for the answer.
    pub(super) fn next_poll(&self) -> Instant {
        match (self.asked_at, self.heard_at) {
            (Some(asked), _) => asked + ANSWER_WITHIN,
            (None, Some(heard)) => heard + POLL_EVERY,
            (None, None) => Instant::now(),
        }
    }

    /// Asks the printer how it is and waits for its answer.
    pub(super) fn ask_and_wait(&mut self, deadline: Instant) -> Result<(), Fault> {
        // Answers to an earlier question must not be taken for this one's.
        if self.asked_at.is_some() {
            self.listen(deadline, |talk| talk.asked_at.is_none())?;
        }
        if self.asked_at.is_none() {
            self.absorb(Instant::now())?;
            self.ask()?;
            self.listen(deadline, |talk| talk.asked_at.is_none())?;
        }
        if self.asked_at.is_some() { Err(self.lose_unanswered()) } else { Ok(()) }
    }

    /// Listens until `done` or `deadline`.
    pub(super) fn listen(&mut self, deadline: Instant, done: impl Fn(&Self) -> bool) -> Result<(), Fault> {
        while !done(self) && Instant::now() < deadline {
            self.absorb(deadline)?;
        }
        Ok(())
    }

    /// Asks the printer how it is when it is time to, without waiting for room on a line that is still full of the job; `true` when a line that
    /// was full took bytes. Only after a job's last byte: in the midst of a job a question is data.
    pub(super) fn ask_when_due(&mut self) -> Result<bool, Fault> {
        let was_full = !self.unasked.is_empty();
        if self.asked_at.is_none() && self.heard_at.is_none_or(|at| at.elapsed() >= POLL_EVERY) {
            self.begin_question();
            self.unasked = protocol::all_real_time_queries();
        }
        if self.unasked.is_empty() {
            return Ok(false);
        }
        let taken = self.line.write_some(&self.unasked, Instant::now()).map_err(|error| self.lose(&error))?;
        self.unasked.drain(..taken);
        Ok(was_full && taken > 0)
    }

    /// Takes in what the printer says; waits for the first byte until `deadline`.
    pub(super) fn absorb(&mut self, deadline: Instant) -> Result<(), Fault> {
        let mut buffer = [0; 512];
        let mut events = Vec::new();
        let mut wait_until = deadline;
        loop {
            let count = self.line.read_some(&mut buffer, wait_until).map_err(|error| self.lose(&error))?;
            self.stream.push(&buffer[..count], &mut events);
            if count < buffer.len() {
                break;
            }
            wait_until = Instant::now();
        }
        events.into_iter().for_each(|event| self.heard(event));
        Ok(())
    }

    /// Hands over a short command, after what is left of a question.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        let bytes = [std::mem::take(&mut self.unasked), bytes.to_vec()].concat();
        self.line.write_all(&bytes, Instant::now() + ANSWER_WITHIN).map_err(|short| self.lose(&short.cause))
    }

    /// Notes that the line must be opened anew; the first reason stays.
    pub(super) fn lose(&mut self, error: &LineError) -> Fault {
        self.lose_with(line_fault::losing(error))
    }

    pub(super) fn lose_with(&mut self, fault: Fault) -> Fault {
        *self.lost.get_or_insert(fault)
    }

    fn begin_question(&mut self) {
        self.replies.clear();
        self.junk_bytes = 0;
        self.asked_at = Some(Instant::now());
    }

    fn ask(&mut self) -> Result<(), Fault> {
        self.begin_question();
        self.write(&protocol::all_real_time_queries())
    }

    fn heard(&mut self, event: StatusEvent) {
        match event {
            StatusEvent::Asb(condition) => {
                self.has_reported = true;
                self.is(condition);
            }
            StatusEvent::RealTime(byte) if self.asked_at.is_some() => {
                self.replies.push(byte);
                if let [a, b, c, d] = self.replies[..] {
                    self.answered_question = self.asked_at.take();
                    self.replies.clear();
                    self.is(Condition::from_real_time([a, b, c, d]));
                }
            }
            StatusEvent::ProcessId(tag) => self.processed.push(tag),
            StatusEvent::PaperSensor(_) => self.sensor_answers = self.sensor_answers.saturating_add(1),
            StatusEvent::Junk(_) => self.junk_bytes += 1,
            StatusEvent::RealTime(_) | StatusEvent::Xon | StatusEvent::Xoff => {}
        }
    }

    fn is(&mut self, condition: Condition) {
        self.condition = Some(condition);
        self.heard_at = Some(Instant::now());
    }

    fn lose_unanswered(&mut self) -> Fault {
        self.lose_with(if self.junk_bytes > 0 { Fault::PrinterJunk } else { Fault::PrinterNoAnswer })
    }
}
