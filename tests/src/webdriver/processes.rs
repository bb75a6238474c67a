//! Processes that a window brings with it: found by a mark in their environment, ended by their ids.
//!
//! The driver starts the app, the app starts WebKit's processes, and none of them ends for sure with the one above it.

use crate::fault::{Doing, Outcome, wait_for};
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// The variable that carries the mark.
pub const VARIABLE: &str = "MOTCUA_TEST_WINDOW";

static COUNT: AtomicU32 = AtomicU32::new(0);

/// A value of [`VARIABLE`] that only one window's processes have.
#[derive(Debug, Clone)]
pub struct Mark(String);

impl Mark {
    /// A mark that no other window has.
    pub fn new() -> Self {
        Self(format!("{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed)))
    }

    /// The variable's value.
    pub fn value(&self) -> &str {
        &self.0
    }

    /// The ids of the living processes that carry the mark.
    pub fn processes(&self) -> Vec<i32> {
        let wanted = format!("{VARIABLE}={}", self.0);
        let carries = |pid: &i32| {
            let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
            environment.split(|byte| *byte == 0).any(|entry| entry == wanted.as_bytes())
        };
        all_processes().into_iter().filter(|pid| is_alive(*pid)).filter(carries).collect()
    }

    /// The marked process that runs `binary`.
    pub fn process_of(&self, binary: &Path) -> Option<i32> {
        let binary = binary.canonicalize().ok()?;
        self.processes()
            .into_iter()
            .find(|pid| fs::read_link(format!("/proc/{pid}/exe")).is_ok_and(|exe| exe == binary))
    }

    /// Ends all marked processes with SIGKILL and waits until they are gone.
    ///
    /// # Errors
    /// When one of them is still there after five seconds.
    pub fn end(&self) -> Outcome<()> {
        wait_for("the window's processes to end", Duration::from_secs(5), || {
            let left = self.processes();
            left.iter().for_each(|pid| kill(*pid));
            Ok(left.is_empty().then_some(()))
        })
    }
}

impl Default for Mark {
    fn default() -> Self {
        Self::new()
    }
}

/// Has the system end a child when this process ends, however that happens: an interrupted play leaves nothing behind.
///
/// The app is the driver's child and not ours; it ends by itself when its display is gone.
pub fn end_with_us(command: &mut Command) -> &mut Command {
    #[expect(unsafe_code, reason = "prctl has no safe wrapper in std")]
    let ask = || {
        // SAFETY: a system call that only concerns the child itself and is safe between fork and exec.
        let asked = unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
        if asked == 0 { Ok(()) } else { Err(std::io::Error::last_os_error()) }
    };
    #[expect(unsafe_code, reason = "std has no safe way to set what happens to a child when its parent dies")]
    // SAFETY: the closure makes one system call and allocates nothing.
    unsafe {
        command.pre_exec(ask)
    }
}

/// Ends a process with SIGKILL and waits until it runs no more.
///
/// # Errors
/// When it is still there after five seconds.
pub fn kill_and_wait(pid: i32) -> Outcome<()> {
    kill(pid);
    wait_for("the process to end", Duration::from_secs(5), || Ok((!is_alive(pid)).then_some(())))
        .doing(format_args!("killing process {pid}"))
}

#[expect(unsafe_code, reason = "a signal to a process that we started; there is no safe call for it in std")]
fn kill(pid: i32) {
    unsafe { libc::kill(pid, libc::SIGKILL) };
}

/// Whether it runs; a zombie has closed its files and does not count.
fn is_alive(pid: i32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The state stands behind the name in parentheses, which may itself hold any character.
    let state = stat.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next());
    state.is_some_and(|state| state != 'Z' && state != 'X')
}

fn all_processes() -> Vec<i32> {
    let Ok(entries) = fs::read_dir("/proc") else { return vec![] };
    entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marked_processes_are_found_and_ended_and_no_others() {
        let (mark, other) = (Mark::new(), Mark::new());
        let start = |mark: &Mark| Command::new("sleep").arg("60").env(VARIABLE, mark.value()).spawn().unwrap();
        let (mut ours, mut theirs) = (start(&mark), start(&other));
        assert_eq!(mark.processes(), [ours.id() as i32]);
        mark.end().unwrap();
        assert_eq!(mark.processes(), [0; 0]);
        assert_eq!(other.processes(), [theirs.id() as i32]);
        theirs.kill().unwrap();
        theirs.wait().unwrap();
        ours.wait().unwrap();
    }
}
