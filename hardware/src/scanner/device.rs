//! The driver of a scanner on a serial line (USB-CDC) or any other.

use std::fmt;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::protocol::Framer;
use crate::address::Address;
use crate::status::Fault;
use crate::transport::{self, LineError, Transport, Waker};

/// Silence that ends a code without a terminator.
const SILENCE: Duration = Duration::from_millis(120);
const OPEN_WITHIN: Duration = Duration::from_secs(2);

/// What was scanned. Its text may be a person's data: `Debug` tells only its length.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Scan {
    /// The text of the code, without prefix and terminator.
    pub text: String,
}

impl fmt::Debug for Scan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scan({} bytes)", self.text.len())
    }
}

/// An open scanner.
pub struct SerialScanner {
    line: Box<dyn Transport>,
    framer: Framer,
    heard_at: Instant,
}

impl SerialScanner {
    /// Opens the line.
    ///
    /// # Errors
    /// [`Fault::ScannerAbsent`] when nothing is there, [`Fault::ScannerDenied`] or [`Fault::ScannerInUse`] when it may not be used.
    pub fn open(address: &Address) -> Result<Self, Fault> {
        let line = transport::open(address, Instant::now() + OPEN_WITHIN).map_err(|error| unopened(&error))?;
        Ok(Self::on(line))
    }

    /// A driver on an open line.
    #[must_use]
    pub fn on(line: Box<dyn Transport>) -> Self {
        Self { line, framer: Framer::new(), heard_at: Instant::now() }
    }

    /// Listens until a code came, `deadline`, or `waker` was woken. A code that cannot be read is given as its fault.
    ///
    /// # Errors
    /// [`Fault::ScannerLineLost`] when the line must be opened anew.
    pub fn listen(&mut self, waker: Option<&Waker>, deadline: Instant) -> Result<Vec<Result<Scan, Fault>>, Fault> {
        let quiet_at = self.heard_at + SILENCE;
        let until = if self.framer.is_waiting() { deadline.min(quiet_at) } else { deadline };
        self.line.wait(waker, until).map_err(lost)?;
        let mut buffer = [0; 1024];
        let count = self.line.read_some(&mut buffer, Instant::now()).map_err(lost)?;
        let mut codes = self.framer.push(&buffer[..count]);
        if count > 0 {
            self.heard_at = Instant::now();
        } else if Instant::now() >= quiet_at {
            codes.extend(self.framer.silence());
        }
        Ok(codes.into_iter().map(|code| code.map(|text| Scan { text })).collect())
    }
}

/// The fault of an address that cannot be opened.
fn unopened(error: &LineError) -> Fault {
    match error {
        LineError::Denied => Fault::ScannerDenied,
        LineError::InUse => Fault::ScannerInUse,
        _ => Fault::ScannerAbsent,
    }
}

fn lost(_error: LineError) -> Fault {
    Fault::ScannerLineLost
}
