//! A write-only device node, or a plain file that collects the bytes.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::time::Instant;

use super::{LineError, Transport, Waker};

/// A line that is only ever written to.
#[derive(Debug)]
pub struct FileTransport {
    file: File,
}

impl FileTransport {
    /// Opens for appending; a plain file is made where there is none.
    ///
    /// # Errors
    /// As the file system says.
    pub fn open(path: &Path) -> Result<Self, LineError> {
        Ok(Self { file: OpenOptions::new().append(true).create(true).open(path)? })
    }
}

impl Transport for FileTransport {
    fn read_some(&mut self, _buffer: &mut [u8], _deadline: Instant) -> Result<usize, LineError> {
        Ok(0)
    }

    fn write_some(&mut self, bytes: &[u8], _deadline: Instant) -> Result<usize, LineError> {
        Ok(self.file.write(bytes)?)
    }

    fn drain(&mut self, _deadline: Instant) -> Result<(), LineError> {
        Ok(self.file.flush()?)
    }

    fn wait(&mut self, waker: Option<&Waker>, deadline: Instant) -> Result<(), LineError> {
        match waker {
            Some(waker) => waker.wait(deadline),
            None => Ok(()),
        }
    }

    fn two_way(&self) -> bool {
        false
    }
}
