//! The folder of pages: `page-0001.png` and so on, each there only when it is whole and on the disk.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::Page;
use super::image::{Inspection, inspect};

/// Pages in their order.
#[derive(Debug)]
pub struct PagesFolder {
    folder: PathBuf,
    last: u32,
}

impl PagesFolder {
    /// Opens a folder, making it where it is not there; pages go on after those that are in it.
    ///
    /// # Errors
    /// When it cannot be made or read.
    pub fn open(folder: impl Into<PathBuf>) -> io::Result<Self> {
        let folder = folder.into();
        fs::create_dir_all(&folder)?;
        let names = fs::read_dir(&folder)?.filter_map(Result::ok).map(|entry| entry.file_name());
        let last = names.filter_map(|name| number(name.to_str()?)).max().unwrap_or(0);
        Ok(Self { folder, last })
    }

    /// The number of the next page.
    #[must_use]
    pub const fn next(&self) -> u32 {
        self.last.saturating_add(1)
    }

    /// A new folder beside the pages, on the same disk, for what is not yet whole. Gone when dropped.
    pub(super) fn staging(&self) -> io::Result<Staging> {
        let path = self.folder.join(format!(".scan-{}-{}", std::process::id(), self.next()));
        if path.exists() {
            // Left by a process that ended in the midst of a scan.
            fs::remove_dir_all(&path)?;
        }
        fs::create_dir(&path)?;
        Ok(Staging { path })
    }

    /// Keeps a whole picture as the next page: written aside, flushed to the disk, then renamed.
    pub(super) fn keep(&mut self, bytes: &[u8]) -> io::Result<Page> {
        let found = inspect(bytes).filter(|found| found.whole);
        let Some(Inspection { format, size, .. }) = found else {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "not a whole picture"));
        };
        let no = self.next();
        let path = self.folder.join(format!("page-{no:04}.{}", format.ending()));
        let aside = self.folder.join(format!(".page-{no:04}.part"));
        write_through(&aside, bytes).inspect_err(|_| {
            // What could not be written is of no use; if it cannot be removed, the next page overwrites it.
            let _ = fs::remove_file(&aside);
        })?;
        fs::rename(&aside, &path)?;
        File::open(&self.folder)?.sync_all()?;
        self.last = no;
        Ok(Page {
            no,
            path,
            format,
            sha256: hexadecimal(&Sha256::digest(bytes)),
            width: size.map(|(width, _)| width),
            height: size.map(|(_, height)| height),
            bytes: bytes.len() as u64,
        })
    }
}

fn write_through(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn number(name: &str) -> Option<u32> {
    name.strip_prefix("page-")?.split('.').next()?.parse().ok()
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A folder for what is not yet whole.
pub(super) struct Staging {
    path: PathBuf,
}

impl Staging {
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // What is left is no page; the next scan of this number removes it.
        let _ = fs::remove_dir_all(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PDF: &[u8] = b"%PDF-1.7\n%%EOF\n";

    #[test]
    fn pages_go_on_and_are_whole() {
        let folder = tempfile::tempdir().unwrap();
        let mut pages = PagesFolder::open(folder.path().join("pages")).unwrap();
        let first = pages.keep(PDF).unwrap();
        assert_eq!((first.no, first.width), (1, None));
        assert_eq!(fs::read(&first.path).unwrap(), PDF);
        assert!(pages.keep(&PDF[..9]).is_err());
        // The hash is that of `printf '%%PDF-1.7\n%%%%EOF\n' | sha256sum`.
        assert_eq!(first.sha256, "1e7313ace78f0fb481a486939b4885902663102818090805515553d84e0bbfd3");
        let mut again = PagesFolder::open(folder.path().join("pages")).unwrap();
        assert_eq!(again.keep(PDF).unwrap().path.file_name().unwrap(), "page-0002.pdf");
        let names = fs::read_dir(folder.path().join("pages")).unwrap().count();
        assert_eq!(names, 2);
    }
}
