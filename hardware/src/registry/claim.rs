//! One holder a device: a lock file of the whole machine for each address, which the kernel releases with the process, however that ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::Holder;
use crate::address::Address;

/// Where every account of the machine may lock; Debian's `/run/lock`.
const FOLDER: &str = "/run/lock";

/// Why a device was not claimed.
#[derive(Debug, thiserror::Error)]
pub enum ClaimError {
    /// A program holds it.
    #[error("held by {0}")]
    Held(Holder),
    /// The lock file cannot be made.
    #[error("no lock: {0}")]
    NoLock(#[from] io::Error),
}

/// A device that is ours until this is dropped, or the process ends.
#[derive(Debug)]
pub struct Claim {
    lock: File,
}

impl Drop for Claim {
    /// Closing alone would leave the lock with a child process that was being started at this moment and has not dropped our files yet.
    fn drop(&mut self) {
        // It ends with the file in any case.
        let _ = self.lock.unlock();
    }
}

/// Claims a device for this process; one that this very process holds is refused too.
///
/// # Errors
/// [`ClaimError::Held`] names the holder.
pub fn claim(address: &Address) -> Result<Claim, ClaimError> {
    Claims::system().claim(address)
}

/// A folder of lock files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    folder: PathBuf,
}

impl Claims {
    /// That of this machine.
    #[must_use]
    pub fn system() -> Self {
        let folder = Path::new(FOLDER);
        Self { folder: if folder.is_dir() { folder.to_owned() } else { std::env::temp_dir() } }
    }

    /// Another.
    #[must_use]
    pub fn in_folder(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// As [`claim`].
    ///
    /// # Errors
    /// As [`claim`].
    pub fn claim(&self, address: &Address) -> Result<Claim, ClaimError> {
        let file = open(&self.folder.join(name_of(address)))?;
        match file.try_lock() {
            Ok(()) => Ok(Claim { lock: file }),
            Err(TryLockError::WouldBlock) => {
                Err(ClaimError::Held(self.holder(address).unwrap_or_else(Holder::unknown)))
            }
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }

    /// Who holds a device by a claim, if anybody does.
    #[must_use]
    pub fn holder(&self, address: &Address) -> Option<Holder> {
        let file = std::fs::metadata(self.folder.join(name_of(address))).ok()?;
        // The kernel's own list: to try the lock would hold it for a moment, and refuse whoever claims the device in that moment.
        let locks = std::fs::read_to_string("/proc/locks").ok()?;
        let device = (libc::major(file.dev()), libc::minor(file.dev()));
        locks.lines().find_map(|line| lock_of(line, device, file.ino())).map(Holder::of)
    }
}

/// The process that a line of the kernel's list of locks names, where it is of this file:
/// `1: FLOCK  ADVISORY  WRITE 812 00:1a:1034 0 EOF`.
fn lock_of(line: &str, (major, minor): (u32, u32), inode: u64) -> Option<u32> {
    let mut fields = line.split_whitespace().skip(1);
    let is_claim = [fields.next()?, fields.next()?, fields.next()?] == ["FLOCK", "ADVISORY", "WRITE"];
    let pid = fields.next()?;
    let (device, number) = fields.next()?.rsplit_once(':')?;
    let here = device == format!("{major:02x}:{minor:02x}") && number.parse() == Ok(inode);
    if is_claim && here { pid.parse().ok() } else { None }
}

/// A file that is there is opened as it is; making it anew where another account made it would be refused in a folder that all may write.
fn open(path: &Path) -> io::Result<File> {
    let existing =
        |write| OpenOptions::new().read(true).write(write).custom_flags(libc::O_NOFOLLOW | libc::O_CLOEXEC).open(path);
    match existing(true) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        // Another account's file: it can be locked all the same.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return existing(false),
        opened => return opened,
    }
    match OpenOptions::new().read(true).write(true).create_new(true).custom_flags(libc::O_NOFOLLOW).open(path) {
        Ok(file) => {
            // Whatever this account's mask, the next account must be able to lock it.
            file.set_permissions(std::fs::Permissions::from_mode(0o666))?;
            Ok(file)
        }
        // Somebody made it in between.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => existing(true),
        failed => failed,
    }
}

/// The same device has the same name, whatever its speed and whichever link leads to it.
fn name_of(address: &Address) -> String {
    let resolved = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let place = match address {
        Address::Serial { path, .. } | Address::File { path } => format!("path:{}", resolved(path).display()),
        other => other.to_string(),
    };
    let digest = Sha256::digest(place.as_bytes());
    let hash: String = digest.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    format!("motcua-device-{hash}.lock")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_is_exclusive_and_names_its_holder_until_it_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let claims = Claims::in_folder(folder.path());
        let address: Address = "usb:04b8:0202:X3".parse().unwrap();
        assert_eq!(claims.holder(&address), None);
        let first = claims.claim(&address).unwrap();
        let Err(ClaimError::Held(holder)) = claims.claim(&address) else { panic!("claimed twice") };
        assert_eq!(holder.pid, std::process::id());
        assert_eq!(claims.holder(&address), Some(holder));
        assert!(claims.claim(&"usb:04b8:0202:X4".parse().unwrap()).is_ok(), "another device is another claim");
        drop(first);
        assert_eq!(claims.holder(&address), None);
        assert!(claims.claim(&address).is_ok());
    }

    #[test]
    fn the_kernels_list_names_the_holder_of_this_file_only() {
        let whole = "1: FLOCK  ADVISORY  WRITE 812 00:1a:1034 0 EOF";
        assert_eq!(lock_of(whole, (0, 0x1a), 1034), Some(812));
        assert_eq!(lock_of(whole, (0, 0x1a), 1035), None);
        assert_eq!(lock_of(whole, (8, 0x1a), 1034), None);
        for other in [
            "1: -> FLOCK  ADVISORY  WRITE 9 00:1a:1034 0 EOF",
            "2: POSIX  ADVISORY  WRITE 9 00:1a:1034 0 EOF",
            "1:",
            "",
        ] {
            assert_eq!(lock_of(other, (0, 0x1a), 1034), None, "{other}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_line_is_read(line in "[ -~]{0,80}") {
            let _ = lock_of(&line, (0, 1), 2);
        }
    }

    #[test]
    fn two_links_to_one_device_are_one_device_at_any_speed() {
        let folder = tempfile::tempdir().unwrap();
        let (node, link) = (folder.path().join("ttyUSB0"), folder.path().join("usb-Epson-0"));
        std::fs::write(&node, "").unwrap();
        std::os::unix::fs::symlink(&node, &link).unwrap();
        let claims = Claims::in_folder(folder.path());
        let _held = claims.claim(&Address::serial(&node)).unwrap();
        let by_link = Address::Serial { path: link, baud: 9600 };
        assert!(matches!(claims.claim(&by_link), Err(ClaimError::Held(_))));
    }

    #[test]
    fn a_lock_file_of_another_account_or_a_link_in_its_place_is_survived() {
        let folder = tempfile::tempdir().unwrap();
        let claims = Claims::in_folder(folder.path());
        let address = Address::tcp("127.0.0.1", 9100);
        let path = folder.path().join(name_of(&address));
        let target = folder.path().join("precious");
        std::fs::write(&target, "precious").unwrap();
        std::os::unix::fs::symlink(&target, &path).unwrap();
        assert!(matches!(claims.claim(&address), Err(ClaimError::NoLock(_))));
        assert_eq!(std::fs::read_to_string(&target).unwrap(), "precious");
        assert!(matches!(Claims::in_folder("/nowhere").claim(&address), Err(ClaimError::NoLock(_))));
    }
}
