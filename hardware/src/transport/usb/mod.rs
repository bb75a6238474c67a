//! A printer of the USB printer class as a line: bulk OUT with a deadline, and bulk IN through a reading thread, so that waiting for bytes and for a
//! waker is one wait as on every other line.

mod bus;
pub mod class;
mod reader;
#[cfg(test)]
mod tests;

use std::io::{self, Read};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use super::wait::wait_readable;
use super::{LineError, Transport, Waker, remaining};
pub use bus::{UsbPrinter, printers};
use class::{DeviceId, PortStatus};
use reader::Reader;

/// The most that one transfer carries: what a slow printer takes within a write's time.
const TRANSFER_BYTES: usize = 4096;
/// How long a question on the control endpoint may take.
const CONTROL_WITHIN: Duration = Duration::from_secs(1);

/// Why a transfer ended early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PipeError {
    /// The endpoint stalled; it works again after its halt is cleared.
    Stall,
    /// The device is gone.
    Unplugged,
    /// The bus or the device broke the transfer.
    Broken,
}

/// The endpoint that takes bytes.
trait OutPipe: Send {
    /// Sends until `time` is up; how many bytes the device took.
    fn send(&mut self, bytes: &[u8], time: Duration) -> Result<usize, PipeError>;

    /// Makes a stalled endpoint work again.
    fn clear_stall(&mut self) -> Result<(), PipeError>;
}

/// The endpoint that gives bytes.
trait InPipe: Send {
    /// Waits for bytes until `time` is up; none is an empty answer.
    fn receive(&mut self, time: Duration) -> Result<Vec<u8>, PipeError>;

    /// As [`OutPipe::clear_stall`].
    fn clear_stall(&mut self) -> Result<(), PipeError>;
}

/// The questions of the printer class.
trait Control: Send {
    /// `GET_PORT_STATUS`.
    fn port_status(&self, time: Duration) -> Result<u8, PipeError>;

    /// `GET_DEVICE_ID`, as it comes.
    fn device_id(&self, time: Duration) -> Result<Vec<u8>, PipeError>;
}

/// The open interface of a printer.
struct Pipes {
    out: Box<dyn OutPipe>,
    back: Option<Box<dyn InPipe>>,
    control: Box<dyn Control>,
}

/// A line over the USB printer class.
pub struct UsbTransport {
    out: Box<dyn OutPipe>,
    control: Box<dyn Control>,
    back: Option<(UnixStream, Reader)>,
}

impl UsbTransport {
    /// Finds the printer by its ids, takes its interface from the kernel's driver where that holds it, and claims it. Of several alike with no serial
    /// number given, the first that is free is taken.
    ///
    /// # Errors
    /// [`LineError::Absent`] with no such printer or no USB at all, [`LineError::Denied`] without permission, [`LineError::InUse`] when another program
    /// holds it.
    pub fn open(vendor: u16, product: u16, serial: Option<&str>) -> Result<Self, LineError> {
        Self::on(bus::open(vendor, product, serial)?)
    }

    fn on(pipes: Pipes) -> Result<Self, LineError> {
        let back = match pipes.back {
            Some(pipe) => {
                let (near, far) = UnixStream::pair()?;
                near.set_nonblocking(true)?;
                Some((near, Reader::start(pipe, far)?))
            }
            None => None,
        };
        Ok(Self { out: pipes.out, control: pipes.control, back })
    }

    /// What the printer's port says. Many printers answer this without looking at their paper: it is data, and decides nothing by itself.
    ///
    /// # Errors
    /// [`LineError::Closed`] when the printer is gone.
    pub fn port_status(&self) -> Result<PortStatus, LineError> {
        Ok(PortStatus::of(self.control.port_status(CONTROL_WITHIN)?))
    }

    /// What the printer says of itself: maker, model, languages.
    ///
    /// # Errors
    /// As [`UsbTransport::port_status`].
    pub fn device_id(&self) -> Result<DeviceId, LineError> {
        Ok(DeviceId::parse(&self.control.device_id(CONTROL_WITHIN)?))
    }
}

impl From<PipeError> for LineError {
    fn from(error: PipeError) -> Self {
        match error {
            PipeError::Unplugged => Self::Closed,
            PipeError::Stall | PipeError::Broken => Self::Failed(io::ErrorKind::Other),
        }
    }
}

impl Transport for UsbTransport {
    fn read_some(&mut self, buffer: &mut [u8], deadline: Instant) -> Result<usize, LineError> {
        let Some((near, _)) = &mut self.back else { return Ok(0) };
        loop {
            match near.read(buffer) {
                Ok(0) => return Err(LineError::Closed),
                Ok(count) => return Ok(count),
                Err(error) => match LineError::from(error) {
                    LineError::TimedOut if Instant::now() >= deadline => return Ok(0),
                    LineError::TimedOut => wait_readable(near.as_raw_fd(), None, deadline)?,
                    other => return Err(other),
                },
            }
        }
    }

    fn write_some(&mut self, bytes: &[u8], deadline: Instant) -> Result<usize, LineError> {
        let piece = &bytes[..bytes.len().min(TRANSFER_BYTES)];
        match self.out.send(piece, remaining(deadline)) {
            // A stall is cleared once: an endpoint that stalls again refuses this job.
            Err(PipeError::Stall) => {
                self.out.clear_stall()?;
                Ok(self.out.send(piece, remaining(deadline))?)
            }
            sent => Ok(sent?),
        }
    }

    /// Every transfer is waited for: what was accepted is in the printer.
    fn drain(&mut self, _deadline: Instant) -> Result<(), LineError> {
        Ok(())
    }

    /// A line with no way back notices by its port that the printer was unplugged.
    fn wait(&mut self, waker: Option<&Waker>, deadline: Instant) -> Result<(), LineError> {
        if let Some((near, _)) = &self.back {
            return wait_readable(near.as_raw_fd(), waker, deadline);
        }
        if let Some(waker) = waker {
            waker.wait(deadline)?;
        }
        match self.control.port_status(CONTROL_WITHIN) {
            Err(PipeError::Unplugged) => Err(LineError::Closed),
            // A printer that does not answer this question may print all the same.
            _ => Ok(()),
        }
    }

    fn two_way(&self) -> bool {
        self.back.is_some()
    }
}
