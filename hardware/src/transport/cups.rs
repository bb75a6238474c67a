//! A queue of the print spooler as a line: what is written is gathered, and `drain` hands the whole of it over as one raw job. Half a job never
//! reaches the spooler, and a line that is dropped prints nothing.

use std::io;
use std::time::{Duration, Instant};

use super::{LineError, Transport, Waker};
use crate::spooler::{Fate, RAW, SpoolDocument, Spooler};

/// The longest job that is gathered, in bytes: a metre of full raster is half of this.
const LONGEST_JOB: usize = 4 * 1024 * 1024;
/// How long an idle line takes to ask after its queue.
const LOOK_WITHIN: Duration = Duration::from_secs(1);
/// The name of every ticket in the queue, which all users of the spooler can see: nothing of a person is in it.
const TITLE: &str = "ticket";

/// A line that ends in a queue.
#[derive(Debug)]
pub struct CupsTransport {
    spooler: Spooler,
    queue: String,
    gathered: Vec<u8>,
    kept_back: bool,
}

impl CupsTransport {
    /// Asks whether the queue is there and would print.
    ///
    /// # Errors
    /// [`LineError::Refused`] with the reason.
    pub fn open(spooler: Spooler, queue: &str, deadline: Instant) -> Result<Self, LineError> {
        let mut line = Self { spooler, queue: queue.to_owned(), gathered: Vec::new(), kept_back: true };
        line.ready(deadline)?;
        Ok(line)
    }

    /// Hands over what was gathered, and looks after it.
    fn submit(&mut self, deadline: Instant) -> Result<(), LineError> {
        let bytes = std::mem::take(&mut self.gathered);
        let document = SpoolDocument { bytes: &bytes, mime_type: RAW, title: TITLE, copies: 1, keywords: &[] };
        let job = self.spooler.submit(&self.queue, &document, deadline).map_err(|not| {
            self.kept_back = !not.may_print;
            not.cause
        })?;
        self.kept_back = false;
        match self.spooler.follow(&self.queue, job, deadline) {
            Fate::Sent => Ok(()),
            Fate::Withdrawn(cause) => {
                self.kept_back = true;
                Err(cause)
            }
            Fate::Unknown(cause) => Err(cause),
        }
    }
}

impl Transport for CupsTransport {
    /// A spooler brings nothing back.
    fn read_some(&mut self, _buffer: &mut [u8], _deadline: Instant) -> Result<usize, LineError> {
        Ok(0)
    }

    fn write_some(&mut self, bytes: &[u8], _deadline: Instant) -> Result<usize, LineError> {
        self.kept_back = true;
        if self.gathered.len() + bytes.len() > LONGEST_JOB {
            self.gathered.clear();
            return Err(LineError::Failed(io::ErrorKind::FileTooLarge));
        }
        self.gathered.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn drain(&mut self, deadline: Instant) -> Result<(), LineError> {
        if self.gathered.is_empty() { Ok(()) } else { self.submit(deadline) }
    }

    /// Waits for the waker, and then asks after the queue, so that a queue that was stopped is known before the next job.
    fn wait(&mut self, waker: Option<&Waker>, deadline: Instant) -> Result<(), LineError> {
        if let Some(waker) = waker {
            waker.wait(deadline)?;
        }
        self.ready(Instant::now() + LOOK_WITHIN)
    }

    fn two_way(&self) -> bool {
        false
    }

    fn ready(&mut self, deadline: Instant) -> Result<(), LineError> {
        match self.spooler.queue(&self.queue, deadline)?.trouble() {
            Some(refusal) => Err(LineError::Refused(refusal)),
            None => Ok(()),
        }
    }

    fn kept_back(&self) -> bool {
        self.kept_back
    }
}
