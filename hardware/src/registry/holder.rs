//! Who has a device open.

use std::ffi::CString;
use std::fmt;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use serde::Serialize;

/// A program that holds a device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Holder {
    /// Its process.
    pub pid: u32,
    /// Its name, as far as it is known.
    pub program: String,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (process {})", self.program, self.pid)
    }
}

impl Holder {
    pub(super) fn of(pid: u32) -> Self {
        Self { pid, program: program_of(pid) }
    }

    /// One that the kernel does not show to this account.
    pub(super) fn unknown() -> Self {
        Self::of(0)
    }
}

fn program_of(pid: u32) -> String {
    let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    let name = name.trim();
    if name.is_empty() { "a program".to_owned() } else { name.to_owned() }
}

/// The first process that has this node open, among those that this account may look at.
pub(super) fn of(node: &Path) -> Option<Holder> {
    let node = fs::canonicalize(node).ok()?;
    let processes = fs::read_dir("/proc").ok()?.flatten();
    let pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.into_iter().find(|pid| has_open(*pid, &node)).map(Holder::of)
}

fn has_open(pid: u32, node: &PathBuf) -> bool {
    let descriptors = fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
    descriptors.into_iter().any(|descriptor| fs::read_link(descriptor.path()).is_ok_and(|open| open == *node))
}

/// Whether this account may read and write the node.
pub(super) fn may_use(node: &Path) -> bool {
    let Ok(path) = CString::new(node.as_os_str().as_bytes()) else { return false };
    #[expect(unsafe_code, reason = "access(2) has no safe form in std; the path outlives the call")]
    let answer = unsafe { libc::access(path.as_ptr(), libc::R_OK | libc::W_OK) };
    answer == 0
}
