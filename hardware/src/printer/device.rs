//! The driver of an ESC/POS printer: one job at a time, and what became of it.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::conversation::{ANSWER_WITHIN, Conversation};
use super::line_fault;
use super::profile::{Encoding, Profile};
use super::protocol;
use super::raster::{Piece, Rasterizer};
use super::report::{JobId, KnownBy, Outcome, PrintReport};
use super::resync::{self, Step};
use super::sending::{self, Asked, Pace};
use crate::address::Address;
use crate::paper::Paper;
use crate::status::{DeviceStatus, Fault};
use crate::transport::{self, Transport, Waker};

/// How long opening a line may take.
const OPEN_WITHIN: Duration = Duration::from_secs(2);
/// What is added to every computed time of a job.
const DEFAULT_PATIENCE: Duration = Duration::from_secs(3);

/// How the last slip before this line was opened ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LastSlip {
    /// It was cut off: the next slip begins on clean paper. A printer that is found in the midst of a command is believed more than this.
    #[default]
    Whole,
    /// Nobody knows, and another program may have torn one: the next job first makes a clean edge of paper, and loses nothing that still waits to be
    /// printed.
    Unsure,
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
    /// Whether it is known where in its data the printer is.
    in_step: bool,
    job_number: u32,
}

/// A job's bytes, and what is asked for at its end.
struct Composed {
    /// What makes the printer and its paper clean; none of it is paper of the job.
    before: Vec<u8>,
    /// The job.
    bytes: Vec<u8>,
    asked: Asked,
    pace: Pace,
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
        printer.find_step()?;
        Ok(printer)
    }

    /// The same for whoever only asks how the printer is: it is not made ready for a job.
    ///
    /// # Errors
    /// As [`EscPosPrinter::open`].
    pub fn look(address: &Address, profile: Profile) -> Result<Self, Fault> {
        let line =
            transport::open(address, Instant::now() + OPEN_WITHIN).map_err(|error| line_fault::opening(&error))?;
        let mut printer = Self::on(line, profile, LastSlip::Whole)?;
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
            in_step: false,
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
        self.print_noted(job, paper, submitted, |_| None)
    }

    /// The same, asking `note` right before the first byte with the length of the job; a report of its keeps the job from being printed.
    pub(super) fn print_noted(
        &mut self,
        job: JobId,
        paper: &Paper,
        submitted: Instant,
        note: impl FnOnce(usize) -> Option<PrintReport>,
    ) -> PrintReport {
        let encoding = self.profile.encoding(self.talk.line.baud());
        let drawn = self.draw(paper, encoding);
        let ready = drawn.and_then(|pieces| self.make_sure_ready().and_then(|()| self.find_step()).map(|()| pieces));
        let pieces = match ready {
            Ok(pieces) => pieces,
            Err(fault) => return PrintReport::refused(job, fault, submitted.elapsed()),
        };
        let composed = self.compose(&pieces, encoding);
        match note(composed.bytes.len()) {
            Some(report) => report,
            None => self.send(job, &composed, submitted),
        }
    }

    fn draw(&mut self, paper: &Paper, encoding: Encoding) -> Result<Vec<Piece>, Fault> {
        if !self.profile.prints_dots() {
            return Err(Fault::PaperUnprintable);
        }
        self.rasterizer.draw_with(paper, self.profile.width_dots, self.profile.natives(encoding))
    }

    fn compose(&mut self, pieces: &[Piece], encoding: Encoding) -> Composed {
        let tag = self.next_tag();
        let asked = Asked::of(&self.profile, self.talk.answers(), tag);
        let mut bytes = protocol::job_as(encoding, pieces, &self.profile, tag);
        bytes.extend(asked.bytes(self.talk.answers()));
        let before = match self.last_slip {
            LastSlip::Whole => Vec::new(),
            LastSlip::Unsure if self.in_step => protocol::clean_edge(&self.profile),
            LastSlip::Unsure => protocol::complete_and_clean_edge(&self.profile),
            LastSlip::MaybeTorn => protocol::resync(&self.profile),
        };
        let pace = Pace::new(self.talk.line.baud(), &self.profile, pieces, self.patience);
        Composed { before, bytes, asked, pace }
    }

    fn send(&mut self, job: JobId, composed: &Composed, submitted: Instant) -> PrintReport {
        let Composed { before, bytes, asked, pace } = composed;
        let mut report = PrintReport {
            outcome: Outcome::NotPrinted,
            fault: None,
            bytes: bytes.len(),
            ..PrintReport::refused(job, Fault::PrinterAbsent, Duration::ZERO)
        };
        self.talk.forget_answers();
        let all = [&before[..], &bytes[..]].concat();
        match sending::hand_over(&mut self.talk, &all, *pace) {
            Ok(()) => {
                report.handed_over = submitted.elapsed();
                (report.outcome, report.known_by, report.fault) = self.settle(*asked, bytes.len(), all.len(), *pace);
            }
            Err(stopped) => {
                // Of the bytes before the job's own, none makes paper of this job.
                let left = if self.talk.line.kept_back() { 0 } else { stopped.bytes_sent };
                let bytes_sent = left.saturating_sub(before.len());
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

    /// Finds out what became of a job whose bytes have all left; `on_line` counts those before the job's own too.
    fn settle(
        &mut self,
        asked: Asked,
        bytes_sent: usize,
        on_line: usize,
        pace: Pace,
    ) -> (Outcome, KnownBy, Option<Fault>) {
        let drained = sending::drained(&mut self.talk, on_line, pace);
        let settled = drained.and_then(|()| sending::await_word(&mut self.talk, asked, on_line, pace));
        let (outcome, known_by, fault) = match settled {
            Ok((outcome, known_by)) => (outcome, known_by, self.talk.near_end()),
            // The job was gathered, and nothing of it was given away: there can be no paper, and nothing to clear.
            Err(fault) if self.talk.line.kept_back() => return (Outcome::NotPrinted, KnownBy::Nothing, Some(fault)),
            Err(fault) => (Outcome::Unknown { bytes_sent }, KnownBy::Nothing, Some(fault)),
        };
        self.last_slip = if outcome.bytes_sent().is_some() { LastSlip::MaybeTorn } else { LastSlip::Whole };
        (outcome, known_by, fault)
    }

    /// Once on a new line, before its first job: whether another program left the printer in the midst of a command. Where a job of ours was torn, it is
    /// cleared away without asking; where the printer cannot print now, it cannot say either.
    fn find_step(&mut self) -> Result<(), Fault> {
        let knows = self.in_step || self.last_slip == LastSlip::MaybeTorn;
        if knows || !self.talk.answers() || self.talk.blocking().is_some() {
            return Ok(());
        }
        let tags = [self.next_tag(), self.next_tag()];
        match resync::find(&mut self.talk, &self.profile, tags)? {
            Step::WasTorn => self.last_slip = self.last_slip.max(LastSlip::Unsure),
            Step::Silent if self.last_slip == LastSlip::Unsure => return Ok(()),
            Step::Between | Step::Silent => {}
        }
        self.in_step = true;
        Ok(())
    }

    fn next_tag(&mut self) -> [u8; 4] {
        self.job_number = self.job_number.wrapping_add(1);
        protocol::tag(self.job_number)
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
        if self.talk.answers() || self.last_slip != LastSlip::Whole {
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
}

/// Not always the same, so that the late confirmation of a job from before a restart is not taken for one of ours.
fn first_job_number() -> u32 {
    jiff::Timestamp::now().as_millisecond() as u32
}
