//! The driver's side of the board: tells, and waits for the acknowledgement.

use std::time::{Duration, Instant};

use super::protocol::{BoardMessage, Frame, FrameStream, Received, next_sequence};
use crate::address::Address;
use crate::status::Fault;
use crate::transport::{self, LineError, Transport, Waker};

/// How long an acknowledgement may take.
const ACK_WITHIN: Duration = Duration::from_millis(500);
/// How often a frame is repeated before the board counts as gone.
const TRIES: u8 = 3;
const OPEN_WITHIN: Duration = Duration::from_secs(2);

/// An open line to a board.
pub struct BoardDriver {
    line: Box<dyn Transport>,
    stream: FrameStream,
    sequence: u16,
}

impl BoardDriver {
    /// Opens the line.
    ///
    /// # Errors
    /// [`Fault::BoardAbsent`] when nothing is there, [`Fault::BoardDenied`] or [`Fault::BoardInUse`] when it may not be used.
    pub fn open(address: &Address) -> Result<Self, Fault> {
        let line = transport::open(address, Instant::now() + OPEN_WITHIN).map_err(|error| unopened(&error))?;
        Ok(Self { line, stream: FrameStream::new(), sequence: 0 })
    }

    /// Tells the board something and waits until it took it. Repeated where the answer stays away; a board shows a repeated frame once.
    ///
    /// # Errors
    /// [`Fault::BoardRefused`] when it may not be shown; [`Fault::BoardNoAnswer`] or [`Fault::BoardLineLost`] when the line must be opened anew.
    pub fn tell(&mut self, message: &BoardMessage) -> Result<(), Fault> {
        message.check().map_err(|_| Fault::BoardRefused)?;
        self.sequence = next_sequence(self.sequence);
        let bytes = Frame { sequence: self.sequence, message: message.clone() }.encode();
        for _ in 0..TRIES {
            let deadline = Instant::now() + self.line_time(bytes.len()) + ACK_WITHIN;
            self.line.write_all(&bytes, deadline).map_err(|short| lost(&short.cause))?;
            if let Some(answer) = self.answer(deadline)? {
                return answer;
            }
        }
        Err(Fault::BoardNoAnswer)
    }

    /// The answer to the frame just sent; `None` when none came in time.
    fn answer(&mut self, deadline: Instant) -> Result<Option<Result<(), Fault>>, Fault> {
        let mut buffer = [0; 256];
        while Instant::now() < deadline {
            let count = self.line.read_some(&mut buffer, deadline).map_err(|error| lost(&error))?;
            for received in self.stream.push(&buffer[..count]) {
                match received {
                    Received::Frame(Frame { sequence, message: BoardMessage::Ack }) if sequence == self.sequence => {
                        return Ok(Some(Ok(())));
                    }
                    Received::Frame(Frame { sequence, message: BoardMessage::Nak }) if sequence == self.sequence => {
                        return Ok(Some(Err(Fault::BoardRefused)));
                    }
                    _ => {}
                }
            }
        }
        Ok(None)
    }

    /// Waits until something is to be told (`waker`), or `until`. What the board says unasked is late and means nothing; that it went away is
    /// noticed at once.
    ///
    /// # Errors
    /// [`Fault::BoardLineLost`] when the line must be opened anew.
    pub fn idle(&mut self, waker: &Waker, until: Instant) -> Result<(), Fault> {
        self.line.wait(Some(waker), until).map_err(|error| lost(&error))?;
        let mut late = [0; 256];
        self.line.read_some(&mut late, Instant::now()).map(drop).map_err(|error| lost(&error))
    }

    fn line_time(&self, bytes: usize) -> Duration {
        let seconds = self.line.baud().map_or(0.0, |baud| bytes as f64 * 10.0 / f64::from(baud));
        Duration::from_secs_f64(seconds)
    }
}

/// The fault of an address that cannot be opened.
fn unopened(error: &LineError) -> Fault {
    match error {
        LineError::Denied => Fault::BoardDenied,
        LineError::InUse => Fault::BoardInUse,
        _ => Fault::BoardAbsent,
    }
}

fn lost(error: &LineError) -> Fault {
    match error {
        LineError::TimedOut => Fault::BoardNoAnswer,
        _ => Fault::BoardLineLost,
    }
}
