//! Waiting for a line and for a waker at the same time, so that a job reaches an idle device thread at once.

use std::io;
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::time::Instant;

use super::{LineError, remaining};

/// Wakes the thread that waits on a line. Clones wake the same thread.
#[derive(Clone, Debug)]
pub struct Waker {
    near: Arc<UnixStream>,
    far: Arc<UnixStream>,
}

impl Waker {
    /// A waker for one waiting thread.
    ///
    /// # Errors
    /// When the operating system has no descriptors left.
    pub fn new() -> io::Result<Self> {
        let (near, far) = UnixStream::pair()?;
        near.set_nonblocking(true)?;
        far.set_nonblocking(true)?;
        Ok(Self { near: Arc::new(near), far: Arc::new(far) })
    }

    /// Ends the wait under way, or the next one.
    pub fn wake(&self) {
        // A full pipe means that a wake is already waiting to be seen.
        let _ = io::Write::write(&mut &*self.far, &[1]);
    }

    fn clear(&self) {
        let mut sink = [0; 64];
        while matches!(io::Read::read(&mut &*self.near, &mut sink), Ok(count) if count > 0) {}
    }

    /// Waits for a wake alone, until `deadline`; for devices with no line.
    ///
    /// # Errors
    /// As [`wait_readable`].
    pub fn wait(&self, deadline: Instant) -> Result<(), LineError> {
        poll(&mut [entry(self.near.as_raw_fd(), libc::POLLIN)], deadline)?;
        self.clear();
        Ok(())
    }
}

/// Waits until `line` can be read (or closed), `waker` was woken, or `deadline`.
///
/// # Errors
/// [`LineError::Failed`] when the operating system cannot wait.
pub fn wait_readable(line: RawFd, waker: Option<&Waker>, deadline: Instant) -> Result<(), LineError> {
    let Some(waker) = waker else {
        return poll(&mut [entry(line, libc::POLLIN)], deadline).map(|_| ());
    };
    poll(&mut [entry(line, libc::POLLIN), entry(waker.near.as_raw_fd(), libc::POLLIN)], deadline)?;
    waker.clear();
    Ok(())
}

/// Waits until `line` takes bytes, or `deadline`; `false` when it does not.
pub(super) fn wait_writable(line: RawFd, deadline: Instant) -> Result<bool, LineError> {
    poll(&mut [entry(line, libc::POLLOUT)], deadline)
}

fn entry(fd: RawFd, events: i16) -> libc::pollfd {
    libc::pollfd { fd, events, revents: 0 }
}

/// `true` when an entry is ready.
fn poll(entries: &mut [libc::pollfd], deadline: Instant) -> Result<bool, LineError> {
    loop {
        // Rounded up: a wait of less than a millisecond must not become a busy loop.
        let timeout_ms = i32::try_from(remaining(deadline).as_micros().div_ceil(1000)).unwrap_or(i32::MAX);
        let timeout_ms = if Instant::now() >= deadline { 0 } else { timeout_ms };
        #[expect(unsafe_code, reason = "poll(2) has no safe form in std; the slice outlives the call")]
        let ready = unsafe { libc::poll(entries.as_mut_ptr(), entries.len() as libc::nfds_t, timeout_ms) };
        if ready >= 0 {
            return Ok(ready > 0);
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error.into());
        }
    }
}
