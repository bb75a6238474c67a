//! A serial line (or a pty) as a line.

use std::io::{Read, Write};
use std::os::fd::{AsRawFd, RawFd};
use std::path::Path;
use std::time::{Duration, Instant};

use serialport::{SerialPort, TTYPort};

use super::wait::{wait_readable, wait_writable};
use super::{LineError, Transport, Waker};

/// How often the driver's buffer is looked at while it empties.
const DRAIN_LOOK: Duration = Duration::from_millis(1);

/// A line over a serial port: 8 data bits, no parity, one stop bit, no flow control.
#[derive(Debug)]
pub struct SerialTransport {
    port: TTYPort,
    baud: u32,
}

impl SerialTransport {
    /// Opens and claims the port.
    ///
    /// # Errors
    /// [`LineError::Absent`] with no such path, [`LineError::Denied`] without permission or when another program holds it.
    pub fn open(path: &Path, baud: u32) -> Result<Self, LineError> {
        let path = path.to_string_lossy();
        let port = TTYPort::open(&serialport::new(path, baud).timeout(Duration::ZERO)).map_err(open_error)?;
        set_nonblocking(port.as_raw_fd())?;
        Ok(Self { port, baud })
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

    fn unsent(&mut self) -> Result<Option<usize>, LineError> {
        self.port.bytes_to_write().map(|bytes| Some(bytes as usize)).map_err(open_error)
    }

    fn wait(&mut self, waker: Option<&Waker>, deadline: Instant) -> Result<(), LineError> {
        wait_readable(self.port.as_raw_fd(), waker, deadline)
    }

    fn baud(&self) -> Option<u32> {
        Some(self.baud)
    }
}
