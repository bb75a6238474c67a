//! One bare flush of the disk: the least that a durable write can cost.

use ::tests::fault::{Doing, Outcome};
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::Instant;

/// What is appended before each flush: a page of the store.
const BYTES: usize = 4_096;

/// A file that is appended to and flushed.
pub struct Disk {
    file: File,
    samples_ms: Vec<f64>,
}

impl Disk {
    /// A file in `folder`, which should be on the disk of the store.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn in_folder(folder: &Path) -> Outcome<Self> {
        let file =
            File::options().create(true).append(true).open(folder.join("flush")).doing("making a file to flush")?;
        Ok(Self { file, samples_ms: Vec::new() })
    }

    /// Appends a page and waits until it is on the disk.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn flush(&mut self) -> Outcome<()> {
        let begun = Instant::now();
        self.file.write_all(&[0x5A; BYTES]).and_then(|()| self.file.sync_data()).doing("flushing the disk")?;
        self.samples_ms.push(begun.elapsed().as_secs_f64() * 1_000.0);
        Ok(())
    }

    /// How long each flush took.
    pub fn samples_ms(&self) -> &[f64] {
        &self.samples_ms
    }
}
