//! A TCP socket as a line.

use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::os::fd::AsRawFd;
use std::time::Instant;

use super::wait::{wait_readable, wait_writable};
use super::{LineError, Transport, Waker, remaining};

/// A line over TCP, as printers listen on port 9100.
#[derive(Debug)]
pub struct TcpTransport {
    stream: TcpStream,
}

impl TcpTransport {
    /// Connects before `deadline`.
    ///
    /// # Errors
    /// [`LineError::Absent`] when refused or not found, [`LineError::TimedOut`] past the deadline.
    pub fn connect(host: &str, port: u16, deadline: Instant) -> Result<Self, LineError> {
        let mut last = LineError::Absent;
        for address in (host.trim_matches(['[', ']']), port).to_socket_addrs()? {
            match TcpStream::connect_timeout(&address, remaining(deadline)) {
                Ok(stream) => return Self::from_stream(stream),
                Err(error) => last = error.into(),
            }
        }
        Err(last)
    }

    /// Takes over a connected socket, as the far side does.
    ///
    /// # Errors
    /// When the socket cannot be set up.
    pub fn from_stream(stream: TcpStream) -> Result<Self, LineError> {
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        Ok(Self { stream })
    }
}

impl Transport for TcpTransport {
    fn read_some(&mut self, buffer: &mut [u8], deadline: Instant) -> Result<usize, LineError> {
        loop {
            match self.stream.read(buffer) {
                Ok(0) => return Err(LineError::Closed),
                Ok(count) => return Ok(count),
                Err(error) => match LineError::from(error) {
                    LineError::TimedOut if Instant::now() >= deadline => return Ok(0),
                    LineError::TimedOut => wait_readable(self.stream.as_raw_fd(), None, deadline)?,
                    other => return Err(other),
                },
            }
        }
    }

    fn write_some(&mut self, bytes: &[u8], deadline: Instant) -> Result<usize, LineError> {
        loop {
            match self.stream.write(bytes) {
                Ok(count) => return Ok(count),
                Err(error) => match LineError::from(error) {
                    LineError::TimedOut => {
                        if !wait_writable(self.stream.as_raw_fd(), deadline)? {
                            return Ok(0);
                        }
                    }
                    other => return Err(other),
                },
            }
        }
    }

    /// A socket cannot tell; the device's own word is what counts.
    fn drain(&mut self, _deadline: Instant) -> Result<(), LineError> {
        Ok(())
    }

    /// Bytes that the far side has not acknowledged. That it did says nothing of its device: print servers have buffers too.
    fn unsent(&mut self) -> Result<Option<usize>, LineError> {
        let mut bytes: libc::c_int = 0;
        #[expect(
            unsafe_code,
            reason = "TIOCOUTQ has no safe form in std; the pointer is to a local that outlives the call"
        )]
        let asked = unsafe { libc::ioctl(self.stream.as_raw_fd(), libc::TIOCOUTQ, &raw mut bytes) };
        if asked == 0 { Ok(usize::try_from(bytes).ok()) } else { Err(std::io::Error::last_os_error().into()) }
    }

    fn wait(&mut self, waker: Option<&Waker>, deadline: Instant) -> Result<(), LineError> {
        wait_readable(self.stream.as_raw_fd(), waker, deadline)
    }
}
