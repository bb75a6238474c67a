//! A folder into which people put pictures of pages, where there is no scanner that can be driven. A file is taken when it looks the same twice and
//! its end is there; what is no picture is put aside. Nothing is ever taken in part, and nothing is deleted that was not kept first.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs::{self, Metadata, OpenOptions};
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use super::image::inspect;
use super::options::ScanRequest;
use super::pages::PagesFolder;
use super::{Cancel, FileName, Refusal, ScanEvent};
use crate::status::Fault;

/// The longest file that is taken for a page.
const MAX_BYTES: u64 = 64 * 1024 * 1024;
const LOOK: Duration = Duration::from_millis(100);
/// Where junk goes.
const REFUSED: &str = "refused";

/// The folder, and how long things may take in it.
#[derive(Clone, Debug)]
pub struct DropFolder {
    folder: PathBuf,
    settle: Duration,
    give_up: Duration,
    wait: Duration,
}

impl DropFolder {
    /// A folder.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            settle: Duration::from_secs(1),
            give_up: Duration::from_secs(60),
            wait: Duration::from_secs(120),
        }
    }

    /// The same with other times: `settle` between two looks that must be equal, `give_up` until a file without an end is put aside, `wait` for the
    /// first file.
    #[must_use]
    pub fn with_times(mut self, settle: Duration, give_up: Duration, wait: Duration) -> Self {
        (self.settle, self.give_up, self.wait) = (settle, give_up, wait);
        self
    }

    /// Whether the folder is there.
    ///
    /// # Errors
    /// [`Fault::DocumentScannerAbsent`] when it is not, [`Fault::DocumentScannerDenied`] when it may not be read.
    pub fn check(&self) -> Result<(), Fault> {
        fs::read_dir(&self.folder).map(drop).map_err(|error| match error.kind() {
            std::io::ErrorKind::PermissionDenied => Fault::DocumentScannerDenied,
            _ => Fault::DocumentScannerAbsent,
        })
    }

    /// Takes what is in the folder, and what comes until nothing more does.
    pub(super) fn collect(
        &self,
        request: &ScanRequest,
        pages: &mut PagesFolder,
        cancel: &Cancel,
        tell: &mut dyn FnMut(ScanEvent),
    ) -> ScanEvent {
        let mut taking = Taking { drop: self, pages, tell, seen: HashMap::new(), count: 0, changed_at: Instant::now() };
        let deadline = Instant::now() + self.wait;
        while !cancel.is_asked() {
            if let Err(fault) = taking.look(request.max_pages, cancel) {
                return ScanEvent::Stopped { fault, pages: taking.count };
            }
            if request.max_pages.is_some_and(|most| taking.count >= most) || taking.is_quiet() {
                return ScanEvent::Finished { pages: taking.count };
            }
            if taking.count == 0 && taking.seen.is_empty() && Instant::now() >= deadline {
                return ScanEvent::Stopped { fault: Fault::DocumentScannerEmpty, pages: 0 };
            }
            std::thread::sleep(LOOK.min(self.settle));
        }
        ScanEvent::Cancelled { pages: taking.count }
    }
}

/// How a file looked.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Look {
    bytes: u64,
    modified: Option<SystemTime>,
    is_file: bool,
}

impl Look {
    fn of(metadata: &Metadata) -> Self {
        Self { bytes: metadata.len(), modified: metadata.modified().ok(), is_file: metadata.is_file() }
    }
}

/// What became of a file.
enum Verdict {
    Take(Vec<u8>),
    Refuse(Refusal),
    Wait,
}

struct Taking<'a> {
    drop: &'a DropFolder,
    pages: &'a mut PagesFolder,
    tell: &'a mut dyn FnMut(ScanEvent),
    /// How each file looked, and since when it looks so.
    seen: HashMap<OsString, (Look, Instant)>,
    count: u32,
    changed_at: Instant,
}

impl Taking<'_> {
    /// Pages came, none is on its way, and it has been so for a while.
    fn is_quiet(&self) -> bool {
        self.count > 0 && self.seen.is_empty() && self.changed_at.elapsed() > self.drop.settle * 2
    }

    fn look(&mut self, most: Option<u32>, cancel: &Cancel) -> Result<(), Fault> {
        let files = self.files()?;
        self.seen.retain(|name, _| files.iter().any(|(known, _)| known == name));
        for (name, look) in files {
            if cancel.is_asked() || most.is_some_and(|most| self.count >= most) {
                return Ok(());
            }
            let now = Instant::now();
            let seen = self.seen.entry(name.clone()).or_insert((look, now));
            if seen.0 != look {
                *seen = (look, now);
                self.changed_at = now;
            } else if seen.1.elapsed() >= self.drop.settle {
                let still = seen.1.elapsed();
                self.settled(&name, look, still)?;
            }
        }
        Ok(())
    }

    /// The files in the folder, the oldest first. Hidden ones are somebody's temporary files; folders are not looked into.
    fn files(&self) -> Result<Vec<(OsString, Look)>, Fault> {
        self.drop.check()?;
        let entries = fs::read_dir(&self.drop.folder).map_err(|_| Fault::DocumentScannerAbsent)?;
        let file = |entry: fs::DirEntry| {
            // Of the entry itself: a link is not followed.
            let metadata = entry.metadata().ok().filter(|metadata| !metadata.is_dir())?;
            let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
            (!hidden).then(|| (entry.file_name(), Look::of(&metadata)))
        };
        let mut files: Vec<_> = entries.filter_map(Result::ok).filter_map(file).collect();
        files.sort_by(|(name, look), (other, than)| look.modified.cmp(&than.modified).then_with(|| name.cmp(other)));
        Ok(files)
    }

    fn settled(&mut self, name: &OsString, look: Look, still: Duration) -> Result<(), Fault> {
        let path = self.drop.folder.join(name);
        match self.judge(&path, look, still) {
            Verdict::Wait => return Ok(()),
            Verdict::Take(bytes) => {
                let page = self.pages.keep(&bytes).map_err(|_| Fault::DocumentScannerFolder)?;
                self.count += 1;
                (self.tell)(ScanEvent::Page(page));
                // Kept: if it cannot be removed here it would be taken again and again.
                fs::remove_file(&path).map_err(|_| Fault::DocumentScannerDenied)?;
            }
            Verdict::Refuse(why) => {
                self.put_aside(&path, name)?;
                (self.tell)(ScanEvent::Refused { name: FileName(name.to_string_lossy().into_owned()), why });
            }
        }
        self.seen.remove(name);
        self.changed_at = Instant::now();
        Ok(())
    }

    fn judge(&self, path: &Path, look: Look, still: Duration) -> Verdict {
        if !look.is_file {
            return Verdict::Refuse(Refusal::NotAFile);
        }
        if look.bytes > MAX_BYTES {
            return Verdict::Refuse(Refusal::TooLong);
        }
        // A file that cannot be read yet, or was written to meanwhile, is looked at again.
        let Some(bytes) = read(path, look) else { return Verdict::Wait };
        let gave_up = still >= self.drop.give_up;
        match inspect(&bytes) {
            Some(found) if found.whole => Verdict::Take(bytes),
            Some(_) if gave_up => Verdict::Refuse(Refusal::CutOff),
            // Fewer bytes than tell a kind may be a file that was only made.
            None if bytes.len() < 8 && !gave_up => Verdict::Wait,
            Some(_) => Verdict::Wait,
            None => Verdict::Refuse(Refusal::NotAPicture),
        }
    }

    fn put_aside(&self, path: &Path, name: &OsString) -> Result<(), Fault> {
        let refused = self.drop.folder.join(REFUSED);
        fs::create_dir_all(&refused).map_err(|_| Fault::DocumentScannerDenied)?;
        let free = (1..)
            .map(|count| {
                let mut free = name.clone();
                if count > 1 {
                    free.push(format!(".{count}"));
                }
                refused.join(free)
            })
            .find(|path| path.symlink_metadata().is_err());
        free.map_or(Ok(()), |free| fs::rename(path, free)).map_err(|_| Fault::DocumentScannerDenied)
    }
}

/// The file's bytes, when it looks before and after as it did.
fn read(path: &Path, look: Look) -> Option<Vec<u8>> {
    let mut file = OpenOptions::new().read(true).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK).open(path).ok()?;
    let mut bytes = Vec::new();
    (&mut file).take(MAX_BYTES + 1).read_to_end(&mut bytes).ok()?;
    let after = Look::of(&file.metadata().ok()?);
    (after == look && bytes.len() as u64 == look.bytes).then_some(bytes)
}
