//! The master side of a pty as a line.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::transport::{LineError, Transport, Waker, wait_readable};

/// A pty whose slave is a raw serial line for whoever opens it. The slave is held open here, so that the line stays up between two users.
#[derive(Debug)]
pub(super) struct Pty {
    master: File,
    _slave: OwnedFd,
    /// The path of the slave, such as `/dev/pts/5`.
    pub(super) slave_path: PathBuf,
}

impl Pty {
    /// Makes a pty.
    pub(super) fn open() -> io::Result<Self> {
        let (mut master, mut slave) = (-1, -1);
        let mut name = [0_u8; 256];
        #[expect(
            unsafe_code,
            reason = "openpty(3) and fcntl(2) have no safe form in std; all pointers are to locals that outlive the calls"
        )]
        let (master, slave) = unsafe {
            let mut raw: libc::termios = std::mem::zeroed();
            libc::cfmakeraw(&raw mut raw);
            raw.c_cflag |= libc::CREAD | libc::CLOCAL;
            let made = libc::openpty(
                &raw mut master,
                &raw mut slave,
                name.as_mut_ptr().cast(),
                &raw const raw,
                std::ptr::null(),
            );
            if made != 0 {
                return Err(io::Error::last_os_error());
            }
            let flags = libc::fcntl(master, libc::F_GETFL);
            libc::fcntl(master, libc::F_SETFL, flags | libc::O_NONBLOCK);
            // Programs that this process starts must not hold the line open.
            libc::fcntl(master, libc::F_SETFD, libc::FD_CLOEXEC);
            libc::fcntl(slave, libc::F_SETFD, libc::FD_CLOEXEC);
            (OwnedFd::from_raw_fd(master), OwnedFd::from_raw_fd(slave))
        };
        let length = name.iter().position(|byte| *byte == 0).unwrap_or(name.len());
        let slave_path = PathBuf::from(String::from_utf8_lossy(&name[..length]).into_owned());
        Ok(Self { master: File::from(master), _slave: slave, slave_path })
    }

    /// Points a symbolic link at the slave, replacing what link was there.
    pub(super) fn link(&self, link: &Path) -> io::Result<()> {
        if link.is_symlink() {
            std::fs::remove_file(link)?;
        }
        std::os::unix::fs::symlink(&self.slave_path, link)
    }
}

impl Transport for Pty {
    fn read_some(&mut self, buffer: &mut [u8], deadline: Instant) -> Result<usize, LineError> {
        loop {
            match self.master.read(buffer) {
                Ok(0) => return Err(LineError::Closed),
                Ok(count) => return Ok(count),
                Err(error) => match LineError::from(error) {
                    LineError::TimedOut if Instant::now() >= deadline => return Ok(0),
                    LineError::TimedOut => wait_readable(self.master.as_raw_fd(), None, deadline)?,
                    other => return Err(other),
                },
            }
        }
    }

    fn write_some(&mut self, bytes: &[u8], deadline: Instant) -> Result<usize, LineError> {
        loop {
            match self.master.write(bytes) {
                Ok(count) if count > 0 => return Ok(count),
                Ok(_) => {}
                Err(error) => match LineError::from(error) {
                    LineError::TimedOut => {}
                    other => return Err(other),
                },
            }
            if Instant::now() >= deadline {
                return Ok(0);
            }
            // The slave's queue is full because nobody reads it; this is the far side of a test or a demo, so a look now and then will do.
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    fn drain(&mut self, _deadline: Instant) -> Result<(), LineError> {
        Ok(())
    }

    fn wait(&mut self, waker: Option<&Waker>, deadline: Instant) -> Result<(), LineError> {
        wait_readable(self.master.as_raw_fd(), waker, deadline)
    }
}
