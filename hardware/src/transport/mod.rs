//! Lines to devices. Every call has a deadline; nothing here knows what the bytes mean.

mod cups;
mod file;
mod serial;
mod tcp;
pub mod usb;
mod wait;

use std::io;
use std::time::{Duration, Instant};

pub use cups::CupsTransport;
pub use file::FileTransport;
pub use serial::SerialTransport;
pub use tcp::TcpTransport;
pub use usb::UsbTransport;
pub use wait::{Waker, wait_readable};

use crate::address::Address;
use crate::spooler::Spooler;

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

    /// Asks whoever stands between us and the device whether it would take a job now. A line that leads to the device itself has nobody to ask.
    ///
    /// # Errors
    /// [`LineError::Refused`] with the reason.
    fn ready(&mut self, _deadline: Instant) -> Result<(), LineError> {
        Ok(())
    }

    /// Whether nothing of what was written since the last [`Transport::drain`] that succeeded left us, nor ever will: a line that gathers whole jobs
    /// knows this after a failure, a line to the device itself never does.
    fn kept_back(&self) -> bool {
        false
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
    /// It is there, and this account may not use it.
    #[error("no permission")]
    Denied,
    /// It is there, and another program holds it.
    #[error("in use by another program")]
    InUse,
    /// Whoever stands between us and the device says why it takes nothing.
    #[error("refused: {0}")]
    Refused(Refusal),
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
            K::PermissionDenied => Self::Denied,
            K::ResourceBusy => Self::InUse,
            // A pty or a USB line that lost its far side answers EIO.
            _ if error.raw_os_error() == Some(libc::EIO) => Self::Closed,
            other => Self::Failed(other),
        }
    }
}

/// What a go-between, such as a print spooler, says of a device that is not itself on the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Refusal {
    /// The go-between itself does not answer.
    #[error("the print spooler does not answer")]
    SpoolerDown,
    /// It knows no such queue.
    #[error("there is no such queue")]
    NoQueue,
    /// This account may not use the queue.
    #[error("this account may not use the queue")]
    NotAllowed,
    /// The queue is stopped: jobs would wait.
    #[error("the queue is stopped")]
    Stopped,
    /// The queue takes no jobs.
    #[error("the queue takes no jobs")]
    Rejecting,
    /// This very job was refused, given up or canceled.
    #[error("the job was refused or given up")]
    Job,
    /// The printer has no paper.
    #[error("the printer has no paper")]
    PaperOut,
    /// The printer's cover or a door is open.
    #[error("the printer is open")]
    CoverOpen,
    /// Paper is jammed.
    #[error("paper is jammed")]
    Jam,
    /// The go-between cannot reach the printer.
    #[error("the printer cannot be reached")]
    Offline,
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
/// [`LineError::Absent`] where nothing is there, [`LineError::Denied`] or [`LineError::InUse`] where it may not be used, [`LineError::TimedOut`] past `deadline`.
pub fn open(address: &Address, deadline: Instant) -> Result<Box<dyn Transport>, LineError> {
    match address {
        Address::Tcp { host, port } => Ok(Box::new(TcpTransport::connect(host, *port, deadline)?)),
        Address::Serial { path, baud } => Ok(Box::new(SerialTransport::open(path, *baud)?)),
        Address::Cups { queue } => Ok(Box::new(CupsTransport::open(Spooler::system(), queue, deadline)?)),
        Address::Usb { vendor, product, serial } => {
            Ok(Box::new(UsbTransport::open(*vendor, *product, serial.as_deref())?))
        }
        Address::File { path } => Ok(Box::new(FileTransport::open(path)?)),
        // A card reader and a scanner carry no lines of bytes; their drivers open them.
        Address::Pcsc { .. } | Address::Sane { .. } => Err(LineError::Failed(io::ErrorKind::Unsupported)),
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
