//! A serial line (or a pty) as a line.

use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use serialport::{SerialPort, TTYPort};

use super::wait::{wait_readable, wait_writable};
use super::{LineError, Transport, Waker};
use crate::address::Address;
use crate::registry::{self, Claim, ClaimError};

/// How often the driver's buffer is looked at while it empties.
const DRAIN_LOOK: Duration = Duration::from_millis(1);

/// A line over a serial port: 8 data bits, no parity, one stop bit, no flow control.
#[derive(Debug)]
pub struct SerialTransport {
    port: TTYPort,
    baud: u32,
    // After the port: the next holder finds it closed.
    _claim: Option<Claim>,
}

impl SerialTransport {
    /// Opens and claims the port.
    ///
    /// # Errors
    /// [`LineError::Absent`] with no such path, [`LineError::Denied`] without permission, [`LineError::InUse`] when another program holds it.
    pub fn open(path: &Path, baud: u32) -> Result<Self, LineError> {
        let claim = claim(path, baud)?;
        let settings = serialport::new(path.to_string_lossy(), baud).timeout(Duration::ZERO);
        let port = TTYPort::open(&settings).map_err(|error| why_closed(path, error))?;
        set_nonblocking(port.as_raw_fd())?;
        Ok(Self { port, baud, _claim: claim })
    }
}

/// The kernel's own exclusive mode does not hold for root, so the line is claimed besides. A machine that has no place for locks goes without.
fn claim(path: &Path, baud: u32) -> Result<Option<Claim>, LineError> {
    if !path.exists() {
        return Err(LineError::Absent);
    }
    match registry::claim(&Address::Serial { path: path.to_owned(), baud }) {
        Ok(claim) => Ok(Some(claim)),
        Err(ClaimError::Held(holder)) => {
            tracing::debug!(path = %path.display(), %holder, "a serial line is in use");
            Err(LineError::InUse)
        }
        Err(ClaimError::NoLock(error)) => {
            tracing::debug!(path = %path.display(), %error, "a serial line is used without a claim");
            Ok(None)
        }
    }
}

/// The port crate calls several things "no device"; the kernel tells them apart.
fn why_closed(path: &Path, error: serialport::Error) -> LineError {
    match OpenOptions::new().read(true).write(true).custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY).open(path) {
        Err(plain) => match LineError::from(plain) {
            LineError::Failed(_) | LineError::Closed => open_error(error),
            named => named,
        },
        Ok(_) => open_error(error),
    }
}

/// The port crate opens blocking: a write of more than the driver's buffer would then wait for a stalled far side for ever.
fn set_nonblocking(port: RawFd) -> std::io::Result<()> {
    #[expect(unsafe_code, reason = "fcntl(2) has no safe form in std; the descriptor is the open port's")]
    let set = unsafe { libc::fcntl(port, libc::F_SETFL, libc::fcntl(port, libc::F_GETFL) | libc::O_NONBLOCK) };
    if set == 0 { Ok(()) } else { Err(std::io::Error::last_os_error()) }
}

fn open_error(error: serialport::Error) -> LineError {
    match error.kind {
        serialport::ErrorKind::NoDevice => LineError::Absent,
        serialport::ErrorKind::InvalidInput => LineError::Failed(std::io::ErrorKind::InvalidInput),
        serialport::ErrorKind::Io(kind) => std::io::Error::from(kind).into(),
        serialport::ErrorKind::Unknown => LineError::Absent,
    }
}

/// The port crate keeps no raw error; whatever it cannot name on an open line is a line that went away (EIO, a dropped pty).
fn line_error(error: std::io::Error) -> LineError {
    match LineError::from(error) {
        LineError::Failed(_) => LineError::Closed,
        other => other,
    }
}

impl Transport for SerialTransport {
    fn read_some(&mut self, buffer: &mut [u8], deadline: Instant) -> Result<usize, LineError> {
        loop {
            match self.port.read(buffer) {
                Ok(0) => return Err(LineError::Closed),
                Ok(count) => return Ok(count),
                Err(error) => match line_error(error) {
                    LineError::TimedOut if Instant::now() >= deadline => return Ok(0),
                    LineError::TimedOut => wait_readable(self.port.as_raw_fd(), None, deadline)?,
                    other => return Err(other),
                },
            }
        }
    }

    fn write_some(&mut self, bytes: &[u8], deadline: Instant) -> Result<usize, LineError> {
        loop {
            match self.port.write(bytes) {
                Ok(count) if count > 0 => return Ok(count),
                Ok(_) => {
                    if !wait_writable(self.port.as_raw_fd(), deadline)? {
                        return Ok(0);
                    }
                }
                Err(error) => match line_error(error) {
                    LineError::TimedOut => {
                        if !wait_writable(self.port.as_raw_fd(), deadline)? {
                            return Ok(0);
                        }
                    }
                    other => return Err(other),
                },
            }
        }
    }

    /// Looks at the driver's buffer instead of calling `tcdrain`, which has no deadline and hangs on a stalled line.
    fn drain(&mut self, deadline: Instant) -> Result<(), LineError> {
        loop {
            match self.port.bytes_to_write() {
                Ok(0) => return Ok(()),
                Ok(_) if Instant::now() >= deadline => return Err(LineError::TimedOut),
                Ok(_) => std::thread::sleep(DRAIN_LOOK),
                Err(error) => return Err(open_error(error)),
            }
        }
    }

    fn wait(&mut self, waker: Option<&Waker>, deadline: Instant) -> Result<(), LineError> {
        wait_readable(self.port.as_raw_fd(), waker, deadline)
    }

    fn baud(&self) -> Option<u32> {
        Some(self.baud)
    }
}
