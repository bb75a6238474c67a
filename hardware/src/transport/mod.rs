//! Lines to devices. Every call has a deadline; nothing here knows what the bytes mean.

mod file;
mod serial;
mod tcp;
mod wait;

use std::io;
use std::time::{Duration, Instant};

pub use file::FileTransport;
pub use serial::SerialTransport;
pub use tcp::TcpTransport;
pub use wait::{Waker, wait_readable};

use crate::address::Address;

/// An open line to a device.
pub trait Transport: Send {
    /// Reads what has arrived, waiting for the first byte until `deadline`. `Ok(0)`: nothing arrived in time.
    ///
    /// # Errors
    /// [`LineError`] when the line closed or failed.
    fn read_some(&mut self, buffer: &mut [u8], deadline: Instant) -> Result<usize, LineError>;

    /// Hands some bytes over, waiting until `deadline` for room. `Ok(0)`: no room in time.
    ///
    /// # Errors
    /// [`LineError`] when the line closed or failed.
    fn write_some(&mut self, bytes: &[u8], deadline: Instant) -> Result<usize, LineError>;

    /// Waits until what was written left this machine, as far as the line can tell, or `deadline`.
    ///
    /// # Errors
    /// [`LineError::TimedOut`] when bytes were still waiting; others when the line failed.
    fn drain(&mut self, deadline: Instant) -> Result<(), LineError>;

    /// Bytes that were accepted and have not left this machine; `None` where the line cannot tell.
    ///
    /// # Errors
    /// [`LineError`] when the line failed.
    fn unsent(&mut self) -> Result<Option<usize>, LineError> {
        Ok(None)
    }

    /// Waits until something arrived, `waker` was woken, or `deadline`; whichever is first.
    ///
    /// # Errors
    /// [`LineError`] when waiting is not possible.
    fn wait(&mut self, waker: Option<&Waker>, deadline: Instant) -> Result<(), LineError>;

    /// The speed of the line in bits a second, ten a byte; `None` where it is no bottleneck.
    fn baud(&self) -> Option<u32> {
        None
    }

    /// Whether anything can ever be read back.
    fn two_way(&self) -> bool {
        true
    }

    /// Hands all of `bytes` over before `deadline`.
    ///
    /// # Errors
    /// [`CutShort`] says how many bytes were accepted before the line failed or time was up.
    fn write_all(&mut self, bytes: &[u8], deadline: Instant) -> Result<(), CutShort> {
        let mut written = 0;
        while written < bytes.len() {
            match self.write_some(&bytes[written..], deadline) {
                Ok(0) => return Err(CutShort { written, cause: LineError::TimedOut }),
                Ok(count) => written += count,
                Err(cause) => return Err(CutShort { written, cause }),
            }
        }
        Ok(())
    }
}

/// Why a line did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// The far side closed the line, or it was unplugged.
    #[error("the line closed")]
    Closed,
    /// Not done in time.
    #[error("not done in time")]
    TimedOut,
    /// Nothing is there.
    #[error("nothing is there")]
    Absent,
    /// It is there, and this account may not use it, or another program holds it.
    #[error("no permission, or in use")]
    Denied,
    /// Anything else, by kind.
    #[error("line failed: {0}")]
    Failed(io::ErrorKind),
}

impl From<io::Error> for LineError {
    fn from(error: io::Error) -> Self {
        use io::ErrorKind as K;
        match error.kind() {
            K::TimedOut | K::WouldBlock => Self::TimedOut,
            K::BrokenPipe | K::ConnectionReset | K::ConnectionAborted | K::UnexpectedEof | K::NotConnected => {
                Self::Closed
            }
            K::NotFound | K::ConnectionRefused | K::HostUnreachable | K::NetworkUnreachable | K::AddrNotAvailable => {
                Self::Absent
            }
            K::PermissionDenied | K::ResourceBusy => Self::Denied,
            // A pty or a USB line that lost its far side answers EIO.
            _ if error.raw_os_error() == Some(libc::EIO) => Self::Closed,
            other => Self::Failed(other),
        }
    }
}

/// A write that ended early.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{written} bytes were accepted, then: {cause}")]
pub struct CutShort {
    /// Bytes that the line accepted.
    pub written: usize,
    /// What ended it.
    pub cause: LineError,
}

/// Opens the line at an address.
///
/// # Errors
/// [`LineError::Absent`] where nothing is there, [`LineError::Denied`] where it may not be used, [`LineError::TimedOut`] past `deadline`.
pub fn open(address: &Address, deadline: Instant) -> Result<Box<dyn Transport>, LineError> {
    match address {
        Address::Tcp { host, port } => Ok(Box::new(TcpTransport::connect(host, *port, deadline)?)),
        Address::Serial { path, baud } => Ok(Box::new(SerialTransport::open(path, *baud)?)),
        Address::File { path } => Ok(Box::new(FileTransport::open(path)?)),
        // A card reader and a scanner carry no lines of bytes; their drivers open them.
        Address::Usb { .. } | Address::Cups { .. } | Address::Pcsc { .. } | Address::Sane { .. } => {
            Err(LineError::Failed(io::ErrorKind::Unsupported))
        }
        Address::Emulator { name } => {
            let there = crate::emulator::registry::resolve(name).ok_or(LineError::Absent)?;
            open(&there, deadline)
        }
    }
}

/// The time from now to a deadline; never zero, because zero means "for ever" to some calls.
pub(crate) fn remaining(deadline: Instant) -> Duration {
    deadline.saturating_duration_since(Instant::now()).max(Duration::from_micros(1))
}
