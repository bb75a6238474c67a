//! The system's own PC/SC service, in which vpcd's reader is: run, ended and run again by tests.
//!
//! It has fixed sockets and one reader for all: whoever tests with it holds a lock, across processes too.

use std::fs::File;
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

use hardware::chip::pcsc::readers;

use crate::eventually;

pub const READER: &str = "Virtual PCD 00 00";
pub const VPCD: &str = "127.0.0.1:35963";
const SOCKET: &str = "/run/pcscd/pcscd.comm";

static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// The running service. One that runs already is used as it is; it can be restarted only if it is ours.
pub struct Service {
    child: Option<Child>,
    _lock: File,
    _turn: MutexGuard<'static, ()>,
}

impl Service {
    pub fn start() -> Self {
        let turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        let lock = File::create(std::env::temp_dir().join("motcua-pcscd-tests.lock")).unwrap();
        lock.lock().unwrap();
        let mut service = Self { child: None, _lock: lock, _turn: turn };
        if UnixStream::connect(SOCKET).is_err() {
            service.run();
        }
        service.wait_for_reader();
        service
    }

    /// Starts it, or starts it again.
    pub fn run(&mut self) {
        let mut command = Command::new("/usr/sbin/pcscd");
        command.arg("--foreground").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        self.child = Some(command.spawn().expect("pcscd, from the package of that name"));
    }

    pub fn wait_for_reader(&self) {
        eventually("the service knows vpcd's reader", || {
            readers().is_ok_and(|names| names.iter().any(|name| name == READER)).then_some(())
        });
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: &str) {
        let sent = Command::new("kill").args([signal, &self.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// The process.
    pub fn id(&self) -> u32 {
        self.child.as_ref().expect("a pcscd that this test did not start is running; stop it first").id()
    }

    /// Ends it: kindly, or as a crash would.
    pub fn end(&mut self, signal: &str) {
        self.signal(signal);
        self.child.take().unwrap().wait().unwrap();
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // With SIGTERM it removes its sockets; SIGKILL would leave them to the next one. A halted one must first go on.
            for signal in ["-TERM", "-CONT"] {
                let _ = Command::new("kill").args([signal, &child.id().to_string()]).status();
            }
            let _ = child.wait();
        }
    }
}
