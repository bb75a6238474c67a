//! The driver of an ESC/POS printer: one job at a time, and what became of it.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::conversation::{ANSWER_WITHIN, Conversation};
use super::line_fault;
use super::profile::{Encoding, Profile};
use super::protocol;
use super::raster::{Piece, Rasterizer};
use super::report::{JobId, Outcome, PrintReport};
use crate::address::Address;
use crate::paper::Paper;
use crate::status::{DeviceStatus, Fault};
use crate::transport::{self, Transport, Waker};

/// How long opening a line may take.
const OPEN_WITHIN: Duration = Duration::from_secs(2);
/// What is added to every computed time of a job.
const DEFAULT_PATIENCE: Duration = Duration::from_secs(3);
/// Bytes between two looks at what the printer says, on a line whose speed is the bottleneck and on one where it is not. A usual slip is
/// less than the larger one, so it is handed over in one write.
const SLOW_CHUNK_BYTES: usize = 16 * 1024;
const FAST_CHUNK_BYTES: usize = 128 * 1024;
/// How long one write may wait before the printer is listened to again.
const WRITE_SLICE: Duration = Duration::from_millis(50);

/// How the last slip before this line was opened ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LastSlip {
    /// It was cut off: the next slip begins on clean paper.
    #[default]
    Whole,
    /// It may be torn in the midst of a job (a crash, a dead line): the next job first clears the printer and cuts off the remains.
    MaybeTorn,
}

/// An open printer.
pub struct EscPosPrinter {
    talk: Conversation,
    profile: Profile,
    rasterizer: Rasterizer,
    patience: Duration,
    last_slip: LastSlip,
    job_number: u32,
}

/// A job that stopped before its end.
struct Stopped {
    bytes_sent: usize,
    fault: Fault,
}

impl EscPosPrinter {
    /// Opens the line and asks the printer how it is, where it can say.
    ///
    /// # Errors
    /// [`Fault::PrinterAbsent`] when nothing is there, [`Fault::PrinterDenied`] or [`Fault::PrinterInUse`] when it may not be used, the spooler's own
    /// faults where one stands between, [`Fault::PrinterNoAnswer`] or [`Fault::PrinterJunk`] when no status comes back.
    pub fn open(address: &Address, profile: Profile, last_slip: LastSlip) -> Result<Self, Fault> {
        let line =
            transport::open(address, Instant::now() + OPEN_WITHIN).map_err(|error| line_fault::opening(&error))?;
        let mut printer = Self::on(line, profile, last_slip)?;
        printer.greet()?;
        Ok(printer)
    }

    /// A driver on an open line; the printer is not asked anything yet.
    ///
    /// # Errors
    /// [`Fault::PaperUnprintable`] when the embedded fonts are damaged.
    pub fn on(line: Box<dyn Transport>, profile: Profile, last_slip: LastSlip) -> Result<Self, Fault> {
        let rasterizer = Rasterizer::new().map_err(|_| Fault::PaperUnprintable)?;
        Ok(Self {
            talk: Conversation::new(line, profile.answers_status),
            profile,
            rasterizer,
            patience: DEFAULT_PATIENCE,
            last_slip,
            job_number: first_job_number(),
        })
    }

    /// The same with another margin on every computed time of a job.
    #[must_use]
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// How the last slip on this line ended; to be handed to the driver that opens the line anew.
    #[must_use]
    pub fn last_slip(&self) -> LastSlip {
        self.last_slip
    }

    /// Why the line must be opened anew, if it must.
    #[must_use]
    pub fn lost(&self) -> Option<Fault> {
        self.talk.lost
    }

    /// What is known now, without asking.
    #[must_use]
    pub fn known(&self) -> DeviceStatus {
        self.talk.known()
    }

    /// Asks the printer how it is and waits for the answer until `deadline`.
    pub fn status(&mut self, deadline: Instant) -> DeviceStatus {
        if self.talk.answers() && self.talk.lost.is_none() {
            // A failure is kept in `lost`, and `known` tells it.
            let _ = self.talk.ask_and_wait(deadline);
        }
        self.talk.known()
    }

    /// Listens to an idle printer until `until` or until woken, asking it from time to time how it is.
    ///
    /// # Errors
    /// The fault for which the line must be opened anew.
    pub fn idle(&mut self, waker: &Waker, until: Instant) -> Result<(), Fault> {
        if !self.talk.line.two_way() {
            return self.talk.line.wait(Some(waker), until).map_err(|error| self.talk.lose(&error));
        }
        if self.talk.answers() {
            self.talk.poll()?;
        }
        let next_look = until.min(self.talk.next_poll());
        self.talk.line.wait(Some(waker), next_look).map_err(|error| self.talk.lose(&error))?;
        self.talk.absorb(Instant::now())
    }

    /// Prints a slip and tells what became of it. `submitted` is when the job was asked for; the times of the report count from it.
    pub fn print(&mut self, job: JobId, paper: &Paper, submitted: Instant) -> PrintReport {
        let encoding = self.profile.encoding(self.talk.line.baud());
        let drawn = self.draw(paper, encoding);
        let pieces = match drawn.and_then(|pieces| self.make_sure_ready().map(|()| pieces)) {
            Ok(pieces) => pieces,
            Err(fault) => return PrintReport::refused(job, fault, submitted.elapsed()),
        };
        self.send(job, &pieces, encoding, submitted)
    }

    fn draw(&mut self, paper: &Paper, encoding: Encoding) -> Result<Vec<Piece>, Fault> {
        if !self.profile.prints_dots() {
            return Err(Fault::PaperUnprintable);
        }
        self.rasterizer.draw_with(paper, self.profile.width_dots, self.profile.natives(encoding))
    }

    fn send(&mut self, job: JobId, pieces: &[Piece], encoding: Encoding, submitted: Instant) -> PrintReport {
        self.job_number = self.job_number.wrapping_add(1);
        let tag = protocol::tag(self.job_number);
        let mut bytes =
            if self.last_slip == LastSlip::MaybeTorn { protocol::resync(&self.profile) } else { Vec::new() };
        let before = bytes.len();
        bytes.extend(protocol::job_as(encoding, pieces, &self.profile, tag));
        if self.asks_sensor() {
            bytes.extend(protocol::PAPER_SENSOR);
        }
        let mut report = PrintReport {
            job,
            outcome: Outcome::NotPrinted,
            bytes: bytes.len() - before,
            handed_over: Duration::ZERO,
            settled: Duration::ZERO,
            fault: None,
        };
        self.talk.confirmed = None;
        self.talk.sensor_answered = false;
        let time = self.job_time(bytes.len(), pieces);
        match self.hand_over(&bytes, Instant::now() + time) {
            Ok(()) => {
                report.handed_over = submitted.elapsed();
                (report.outcome, report.fault) = self.settle(tag, bytes.len() - before, Instant::now() + time);
            }
            Err(stopped) => {
                // Of the bytes before the job's own, none makes paper of this job.
                let left = if self.talk.line.kept_back() { 0 } else { stopped.bytes_sent };
                let bytes_sent = left.saturating_sub(before);
                report.outcome = if bytes_sent == 0 { Outcome::NotPrinted } else { Outcome::Unknown { bytes_sent } };
                report.fault = Some(stopped.fault);
                if left > 0 {
                    self.last_slip = LastSlip::MaybeTorn;
                    self.guard();
                }
            }
        }
        report.settled = submitted.elapsed();
        report
    }

    /// Keeps a printer whose job stopped half-way from taking the next question for data. On a dead line there is nothing to keep.
    fn guard(&mut self) {
        if self.talk.lost.is_none() {
            // A printer that takes no more bytes is opened anew, and guarded then.
            let _ = self.talk.write(&protocol::GUARD);
        }
    }

    /// Gives the line all bytes, listening to the printer in between.
    fn hand_over(&mut self, bytes: &[u8], deadline: Instant) -> Result<(), Stopped> {
        let mut bytes_sent = 0;
        let chunk_bytes = if self.talk.line.baud().is_some() { SLOW_CHUNK_BYTES } else { FAST_CHUNK_BYTES };
        while bytes_sent < bytes.len() {
            let end = bytes.len().min(bytes_sent + chunk_bytes);
            let slice = deadline.min(Instant::now() + WRITE_SLICE);
            match self.talk.line.write_some(&bytes[bytes_sent..end], slice) {
                Ok(count) => bytes_sent += count,
                Err(error) => return Err(Stopped { bytes_sent, fault: self.talk.lose(&error) }),
            }
            if self.talk.line.two_way() {
                self.talk.absorb(Instant::now()).map_err(|fault| Stopped { bytes_sent, fault })?;
            }
            if let Some(fault) = self.talk.blocking() {
                return Err(Stopped { bytes_sent, fault });
            }
            if bytes_sent < bytes.len() && Instant::now() >= deadline {
                return Err(Stopped { bytes_sent, fault: self.talk.lose_with(Fault::PrinterNoAnswer) });
            }
        }
        Ok(())
    }

    /// Finds out what became of a job whose bytes have all left.
    fn settle(&mut self, tag: [u8; 4], bytes_sent: usize, deadline: Instant) -> (Outcome, Option<Fault>) {
        let unknown = Outcome::Unknown { bytes_sent };
        let settled = self.drained(deadline).and_then(|()| self.await_word(tag, deadline));
        let (outcome, fault) = match settled {
            Ok(outcome) => (outcome, self.talk.near_end()),
            // The job was gathered, and nothing of it was given away: there can be no paper, and nothing to clear.
            Err(fault) if self.talk.line.kept_back() => return (Outcome::NotPrinted, Some(fault)),
            Err(fault) => (unknown, Some(fault)),
        };
        self.last_slip = if outcome == unknown { LastSlip::MaybeTorn } else { LastSlip::Whole };
        (outcome, fault)
    }

    fn drained(&mut self, deadline: Instant) -> Result<(), Fault> {
        self.talk.line.drain(deadline).map_err(|error| self.talk.lose(&error))
    }

    fn await_word(&mut self, tag: [u8; 4], deadline: Instant) -> Result<Outcome, Fault> {
        if !self.talk.answers() {
            return Ok(Outcome::SentUnconfirmed);
        }
        let by_id = self.profile.confirms_by_process_id;
        self.talk.listen_asking(deadline, |talk| {
            talk.blocking().is_some() || if by_id { talk.confirmed == Some(tag) } else { talk.sensor_answered }
        })?;
        if self.talk.confirmed == Some(tag) {
            return Ok(Outcome::Confirmed);
        }
        // No word about the job itself: its state after the job is the best there is.
        self.talk.fail_if_blocked()?;
        self.talk.ask_and_wait(Instant::now() + ANSWER_WITHIN)?;
        self.talk.fail_if_blocked()?;
        Ok(Outcome::SentUnconfirmed)
    }

    /// Refuses before the first byte when the printer is known, by its own fresh word, not to be able to print.
    fn make_sure_ready(&mut self) -> Result<(), Fault> {
        if let Some(fault) = self.talk.lost {
            return Err(fault);
        }
        self.talk.line.ready(Instant::now() + ANSWER_WITHIN).map_err(|error| self.talk.lose(&error))?;
        if self.talk.line.two_way() {
            self.talk.absorb(Instant::now())?;
        }
        if self.talk.answers() && !self.talk.is_fresh() {
            self.talk.ask_and_wait(Instant::now() + ANSWER_WITHIN)?;
        }
        self.talk.fail_if_blocked()
    }

    fn greet(&mut self) -> Result<(), Fault> {
        if self.last_slip == LastSlip::MaybeTorn {
            self.talk.write(&protocol::GUARD)?;
        }
        if !self.talk.answers() {
            return Ok(());
        }
        // The question is answered at once, even off line; the request to report by itself waits for its turn.
        self.talk.ask_and_wait(Instant::now() + ANSWER_WITHIN)?;
        if self.profile.asb {
            self.talk.write(&protocol::ENABLE_ASB)?;
        }
        Ok(())
    }

    fn asks_sensor(&self) -> bool {
        self.talk.answers() && !self.profile.confirms_by_process_id
    }

    /// The longest that a healthy printer may take: the bytes at the line's speed, half as much again, the paper at its slowest, and patience.
    fn job_time(&self, bytes: usize, pieces: &[Piece]) -> Duration {
        let line = self.talk.line.baud().map_or(0.0, |baud| bytes as f64 * 10.0 / f64::from(baud) * 1.5);
        let rows: usize =
            pieces.iter().map(Piece::height_dots).sum::<usize>() + usize::from(self.profile.head_to_cutter_dots);
        let rows_per_second = f64::from(self.profile.dots_per_mm) * f64::from(self.profile.mm_per_second);
        Duration::from_secs_f64(line + rows as f64 / rows_per_second) + self.patience
    }
}

/// Not always the same, so that the late confirmation of a job from before a restart is not taken for one of ours.
fn first_job_number() -> u32 {
    jiff::Timestamp::now().as_millisecond() as u32
}
