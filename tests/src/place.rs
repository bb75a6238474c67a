//! Where a program runs: on this machine as it is, or in a network namespace, with variables of its own.

use crate::fault::{Doing, Outcome};
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

/// A place where programs run. The default one is here.
#[derive(Clone, Debug, Default)]
pub struct Place {
    namespace: Option<Arc<File>>,
    variables: Vec<(String, String)>,
}

impl Place {
    /// In the network namespace whose file this is, such as `/run/netns/NAME`.
    ///
    /// # Errors
    /// When there is no such file.
    pub fn in_namespace(file: &Path) -> Outcome<Self> {
        let namespace = File::open(file).doing(format_args!("the namespace {}", file.display()))?;
        Ok(Self { namespace: Some(Arc::new(namespace)), variables: Vec::new() })
    }

    /// The same, where every program sees this variable.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// A program of this place; it runs there where [`run`](Self::run) starts it.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Does something there: the sockets that it opens and the programs and threads that it starts belong to that place.
    ///
    /// # Panics
    /// When `act` does, and when the namespace cannot be entered.
    pub fn run<T: Send>(&self, act: impl FnOnce() -> T + Send) -> T {
        let Some(namespace) = &self.namespace else { return act() };
        // A thread of its own, which is never anywhere else: the others stay where they are.
        let done = std::thread::scope(|scope| {
            let there = || {
                enter(namespace).unwrap_or_else(|fault| panic!("entering a network namespace: {fault}"));
                act()
            };
            scope.spawn(there).join()
        });
        done.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }
}

#[expect(unsafe_code, reason = "a thread moves into a namespace; there is no safe call for it in std")]
fn enter(namespace: &File) -> io::Result<()> {
    // SAFETY: setns takes a descriptor, which is open, and a number, and touches no memory of ours.
    let done = unsafe { libc::setns(namespace.as_raw_fd(), libc::CLONE_NEWNET) };
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn here_is_this_thread_and_a_program_sees_its_variables() {
        let here = std::thread::current().id();
        let place = Place::default().with("MOTCUA_TRIAL", "seen");
        assert_eq!(place.run(|| std::thread::current().id()), here);
        let said = place.command("sh").args(["-c", "echo $MOTCUA_TRIAL"]).output().unwrap();
        assert_eq!(said.stdout, b"seen\n");
    }

    #[test]
    fn a_namespace_that_is_not_there_is_named() {
        let fault = Place::in_namespace(Path::new("/run/netns/no such place")).unwrap_err();
        assert!(fault.0.starts_with("the namespace /run/netns/no such place: "), "{fault}");
    }
}
