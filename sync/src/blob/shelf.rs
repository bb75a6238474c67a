//! A folder of blobs: each a file named by its hash, whole or not at all. What is still arriving has another ending
//! and begins again where it stopped, also after a crash. Who may put and get is for whoever stands before it.

use super::protocol::{Blobs, GetAsk, Held, MAX_PART_BYTES, Named, Part};
use super::sealed::BlobFault;
use super::{BlobId, MAX_BLOB_BYTES};
use crate::Refusal;
use crate::refusal::CentreFault;
use crate::wire::Bytes;
use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// One folder; one process, and one thread, at a time.
#[derive(Debug)]
pub struct Shelf {
    dir: PathBuf,
}

const MAKING: &str = "making";

impl Shelf {
    /// Opens or makes the folder, and removes what a crash left half made.
    ///
    /// # Errors
    /// What the disk says.
    pub fn open(dir: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(dir)?;
        let shelf = Self { dir: dir.to_owned() };
        remove(&shelf.dir.join(MAKING))?;
        Ok(shelf)
    }

    /// Stores what `write` writes, durably, under its hash, and tells name and size. The same bytes again are one file.
    /// On any fault nothing is kept.
    ///
    /// # Errors
    /// What `write` says; [`Refusal::TooLarge`]; [`BlobFault::Io`], with `StorageFull` when the disk is full.
    pub fn store(
        &self,
        write: impl FnOnce(&mut dyn Write) -> Result<(), BlobFault>,
    ) -> Result<(BlobId, u64), BlobFault> {
        let making = self.dir.join(MAKING);
        let stored = self.store_as(&making, write);
        if stored.is_err() {
            // The disk may refuse this too; the next opening removes it.
            let _ = remove(&making);
        }
        stored
    }

    /// How much of a blob is held here.
    ///
    /// # Errors
    /// What the disk says.
    pub fn held(&self, blob: BlobId) -> io::Result<Held> {
        if let Some(bytes) = size(&self.whole(blob))? {
            return Ok(Held::Whole { bytes });
        }
        Ok(Held::Part { bytes: size(&self.part(blob))?.unwrap_or(0) })
    }

    /// Takes the next bytes of a blob; those that do not begin where the held ones end change nothing. With the last
    /// of them the hash is checked, and the blob stands.
    ///
    /// # Errors
    /// [`Refusal::TooLarge`], [`Refusal::Malformed`]; [`Refusal::BadChain`] when the hash is another: what arrived is
    /// then gone. [`BlobFault::Io`]: what was held before stays.
    pub fn take(&self, part: &Part) -> Result<Held, BlobFault> {
        check_sizes(part)?;
        let held = self.held(part.of.blob)?;
        let Held::Part { bytes: have } = held else { return Ok(held) };
        if have != part.offset {
            return Ok(held);
        }
        let path = self.part(part.of.blob);
        let mut file = OpenOptions::new().create(true).append(true).open(&path)?;
        if let Err(fault) = file.write_all(&part.bytes.0).and_then(|()| file.sync_all()) {
            // Nothing half taken: the bytes before it are sound.
            let _ = file.set_len(have);
            return Err(fault.into());
        }
        let have = have + part.bytes.0.len() as u64;
        if have < part.size {
            return Ok(Held::Part { bytes: have });
        }
        self.finish(part.of.blob, &path)
    }

    /// Bytes of a whole blob from `offset`; empty at the end.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; what the disk says.
    pub fn read(&self, blob: BlobId, offset: u64) -> Result<Vec<u8>, BlobFault> {
        let mut file = self.file(blob)?;
        file.seek(SeekFrom::Start(offset))?;
        let mut bytes = Vec::new();
        file.take(MAX_PART_BYTES as u64).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// A whole blob, to be read from its beginning.
    ///
    /// # Errors
    /// See [`Shelf::read`].
    pub fn file(&self, blob: BlobId) -> Result<File, BlobFault> {
        match File::open(self.whole(blob)) {
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => {
                Err(Refusal::NotFound { what: format!("blob {blob}") }.into())
            }
            opened => Ok(opened?),
        }
    }

    /// Takes a blob off the shelf, whole or in part; one that is not there is as good.
    ///
    /// # Errors
    /// What the disk says.
    pub fn remove(&self, blob: BlobId) -> io::Result<()> {
        remove(&self.whole(blob))?;
        remove(&self.part(blob))
    }

    /// Removes every file that no blob of `named` owns: what a crash left between a blob and its event.
    ///
    /// # Errors
    /// What the disk says.
    pub fn collect(&self, named: &BTreeSet<BlobId>) -> io::Result<usize> {
        let owned: BTreeSet<PathBuf> = named.iter().flat_map(|blob| [self.whole(*blob), self.part(*blob)]).collect();
        let mut removed = 0;
        for entry in std::fs::read_dir(&self.dir)? {
            let path = entry?.path();
            if !owned.contains(&path) {
                remove(&path)?;
                removed += 1;
            }
        }
        Ok(removed)
    }

    fn store_as(
        &self,
        making: &Path,
        write: impl FnOnce(&mut dyn Write) -> Result<(), BlobFault>,
    ) -> Result<(BlobId, u64), BlobFault> {
        let hasher = blake3::Hasher::new();
        let mut out = Hashing { file: BufWriter::new(File::create(making)?), hasher, over: false };
        let written = write(&mut out);
        if out.over {
            return Err(too_large("an attachment", MAX_BLOB_BYTES).into());
        }
        written?;
        let size = out.hasher.count();
        out.file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        let blob = BlobId(crate::wire::Fixed(*out.hasher.finalize().as_bytes()));
        self.give_name(making, blob)?;
        Ok((blob, size))
    }

    fn finish(&self, blob: BlobId, part: &Path) -> Result<Held, BlobFault> {
        let mut hasher = blake3::Hasher::new();
        hasher.update_reader(File::open(part)?)?;
        if hasher.finalize().as_bytes() != &blob.0.0 {
            remove(part)?;
            return Err(Refusal::BadChain { no: 0 }.into());
        }
        self.give_name(part, blob)?;
        Ok(Held::Whole { bytes: hasher.count() })
    }

    fn give_name(&self, file: &Path, blob: BlobId) -> io::Result<()> {
        std::fs::rename(file, self.whole(blob))?;
        File::open(&self.dir)?.sync_all()
    }

    fn whole(&self, blob: BlobId) -> PathBuf {
        self.dir.join(blob.to_string())
    }

    fn part(&self, blob: BlobId) -> PathBuf {
        self.dir.join(format!("{blob}.part"))
    }
}

impl Blobs for Shelf {
    fn held(&self, of: &Named) -> Result<Held, CentreFault> {
        Ok(Shelf::held(self, of.blob).map_err(BlobFault::from)?)
    }

    fn put(&self, part: &Part) -> Result<Held, CentreFault> {
        Ok(self.take(part)?)
    }

    fn get(&self, ask: &GetAsk) -> Result<Bytes, CentreFault> {
        Ok(Bytes(self.read(ask.of.blob, ask.offset)?))
    }
}

impl From<BlobFault> for CentreFault {
    fn from(fault: BlobFault) -> Self {
        match fault {
            BlobFault::Refused(refusal) => Self::Refused(refusal),
            // A disk that is full or fails may be well again later: what waits goes on waiting.
            BlobFault::Io(_) | BlobFault::Changed => Self::Busy { retry_after_ms: 60_000 },
        }
    }
}

struct Hashing {
    file: BufWriter<File>,
    hasher: blake3::Hasher,
    /// More was to be written than a blob may have.
    over: bool,
}

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.hasher.count() + bytes.len() as u64 > MAX_BLOB_BYTES {
            self.over = true;
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let written = self.file.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn check_sizes(part: &Part) -> Result<(), Refusal> {
    if part.size > MAX_BLOB_BYTES {
        return Err(too_large("an attachment", MAX_BLOB_BYTES));
    }
    if part.bytes.0.len() > MAX_PART_BYTES {
        return Err(too_large("a part", MAX_PART_BYTES as u64));
    }
    match part.offset.checked_add(part.bytes.0.len() as u64) {
        Some(end) if end <= part.size => Ok(()),
        _ => Err(Refusal::malformed("a part beyond the end of its blob")),
    }
}

fn too_large(what: &str, limit_bytes: u64) -> Refusal {
    Refusal::TooLarge { what: what.to_owned(), limit_bytes }
}

fn size(path: &Path) -> io::Result<Option<u64>> {
    match std::fs::metadata(path) {
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => Ok(None),
        about => Ok(Some(about?.len())),
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(fault) if fault.kind() != io::ErrorKind::NotFound => Err(fault),
        _ => Ok(()),
    }
}
