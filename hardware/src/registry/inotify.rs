//! The kernel's word that something changed in a folder. It only ends a wait early: what changed is found by looking, so that a lost word loses nothing.

use std::ffi::CString;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsRawFd, FromRawFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// An open inotify descriptor.
#[derive(Debug)]
pub(super) struct Inotify(File);

impl Inotify {
    pub(super) fn new() -> io::Result<Self> {
        #[expect(unsafe_code, reason = "inotify_init1(2) has no safe form in std")]
        let fd = unsafe { libc::inotify_init1(libc::IN_NONBLOCK | libc::IN_CLOEXEC) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        #[expect(unsafe_code, reason = "the descriptor was just opened and is nobody else's")]
        let file = unsafe { File::from_raw_fd(fd) };
        Ok(Self(file))
    }

    /// Watches a folder; one that is watched already is watched once. One that is not there yet is no error: it is tried again at the next look.
    pub(super) fn watch(&self, folder: &Path) {
        let Ok(path) = CString::new(folder.as_os_str().as_bytes()) else { return };
        let mask = libc::IN_CREATE | libc::IN_DELETE | libc::IN_MOVE | libc::IN_ATTRIB | libc::IN_ONLYDIR;
        #[expect(unsafe_code, reason = "inotify_add_watch(2) has no safe form in std; the path outlives the call")]
        let _ = unsafe { libc::inotify_add_watch(self.0.as_raw_fd(), path.as_ptr(), mask) };
    }

    /// Forgets what was said so far.
    pub(super) fn clear(&mut self) {
        let mut sink = [0; 4096];
        while matches!(self.0.read(&mut sink), Ok(count) if count > 0) {}
    }
}

impl AsRawFd for Inotify {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}
