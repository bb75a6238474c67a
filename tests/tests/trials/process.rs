//! A station with no window, as a process that can be killed.

use crate::calls::Failure;
use crate::centre::{PATIENCE, program};
use serde_json::Value;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tests::fault::{Doing, wait_for};
use tests::place::Place;
use ureq::Agent;

/// A station that runs, in a process that can be killed.
pub trait Running {
    /// Calls a use case, as its pages do.
    fn call(&self, name: &str, arguments: &Value) -> Result<Value, Failure>;

    /// Whether it has ended.
    fn has_ended(&self) -> bool;

    /// What kills it.
    fn killer(&self) -> Killer;

    /// Whether it ended as by a power cut, and in no other way. It has ended.
    fn was_killed(&self) -> bool;
}

/// A running headless station; killed when dropped.
pub struct Process {
    child: Arc<Mutex<Child>>,
    address: String,
    agent: Agent,
    place: Place,
}

/// Ends a station's process from another thread.
#[derive(Clone)]
pub enum Killer {
    /// Our own child.
    Child(Arc<Mutex<Child>>),
    /// A process that a child of ours started.
    Grandchild(i32),
}

impl Process {
    /// Starts the station in `folder`; with `crash_at`, it ends itself by SIGKILL at that point.
    ///
    /// The error is how it ended before it could be called.
    pub fn start(folder: &Path, crash_at: Option<&str>, armed: impl FnOnce(Killer)) -> Result<Self, ExitStatus> {
        Self::start_with(&Place::default(), folder, &[], crash_at, armed)
    }

    /// The same at a place, with more options of the program.
    pub fn start_with(
        place: &Place,
        folder: &Path,
        options: &[String],
        crash_at: Option<&str>,
        armed: impl FnOnce(Killer),
    ) -> Result<Self, ExitStatus> {
        // Beside the folder: a disk of its own may be full.
        let log = || File::options().create(true).append(true).open(folder.with_extension("log")).unwrap();
        let mut command = place.command(program("motcua-station"));
        command.arg("--data").arg(folder).args(options).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log());
        command.env_remove("MOTCUA_CRASH_AT").env("RUST_LOG", "info");
        command.envs(crash_at.map(|point| ("MOTCUA_CRASH_AT", point)));
        let mut child = place.run(|| command.spawn()).unwrap();
        let said = child.stdout.take().unwrap();
        let child = Arc::new(Mutex::new(child));
        armed(Killer::Child(child.clone()));
        let mut address = String::new();
        BufReader::new(said).read_line(&mut address).unwrap();
        let agent = Agent::config_builder().timeout_global(Some(Duration::from_secs(60))).build().new_agent();
        let process = Self { child, address: address.trim().to_owned(), agent, place: place.clone() };
        if process.address.is_empty() { Err(process.wait()) } else { Ok(process) }
    }

    fn wait(&self) -> ExitStatus {
        lock(&self.child).wait().unwrap()
    }

    fn post(&self, name: &str, arguments: &Value) -> Result<Value, ureq::Error> {
        let url = format!("http://{}/call/{name}", self.address);
        let text = self.place.run(|| self.agent.post(&url).send(arguments.to_string())?.body_mut().read_to_string())?;
        Ok(serde_json::from_str(&text).unwrap_or(Value::Null))
    }
}

impl Running for Process {
    fn call(&self, name: &str, arguments: &Value) -> Result<Value, Failure> {
        let mut answer = self.post(name, arguments).map_err(|_| Failure::Gone)?;
        match answer["status"].as_str() {
            Some("ok") => Ok(answer["data"].take()),
            Some("error") => Err(Failure::Problem(serde_json::from_value(answer["error"].take()).unwrap())),
            _ => Err(Failure::Gone),
        }
    }

    fn has_ended(&self) -> bool {
        lock(&self.child).try_wait().unwrap().is_some()
    }

    fn killer(&self) -> Killer {
        Killer::Child(self.child.clone())
    }

    fn was_killed(&self) -> bool {
        was_killed(self.wait())
    }
}

impl Killer {
    /// Ends the process by SIGKILL.
    pub fn kill(&self) {
        match self {
            Self::Child(child) => {
                let mut child = lock(child);
                // An error is a process that has ended.
                let _ = child.kill();
                child.wait().unwrap();
            }
            Self::Grandchild(pid) => kill(*pid),
        }
    }
}

#[expect(
    unsafe_code,
    reason = "a signal to a process that a child of ours started; there is no safe call for it in std"
)]
fn kill(pid: i32) {
    // SAFETY: kill takes two numbers and touches no memory of ours.
    unsafe { libc::kill(pid, libc::SIGKILL) };
}

impl Drop for Process {
    fn drop(&mut self) {
        self.killer().kill();
    }
}

/// Starts the station in `folder`, which must refuse to open; gives the code that it says.
pub fn refuses_to_start(folder: &Path) -> String {
    let mut command = Command::new(program("motcua-station"));
    command.arg("--data").arg(folder).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let ended = wait_for("the station to refuse", PATIENCE, || Ok(child.try_wait().doing("waiting")?.map(drop)));
    // An error is a process that has ended.
    let _ = child.kill();
    let said = String::from_utf8_lossy(&child.wait_with_output().unwrap().stderr).into_owned();
    assert!(ended.is_ok(), "it opened: {said}");
    let problem = said.lines().find_map(|line| serde_json::from_str::<Value>(line).ok());
    problem.and_then(|problem| problem["code"].as_str().map(str::to_owned)).unwrap_or_else(|| panic!("{said}"))
}

/// Whether a process ended as by a power cut.
pub fn was_killed(status: ExitStatus) -> bool {
    status.signal() == Some(libc::SIGKILL)
}

/// Checks a station's store with the station's own program; the error is what it said.
pub fn verify(folder: &Path) -> Result<String, String> {
    let ran = Command::new(program("motcua-station"))
        .arg("--data")
        .arg(folder)
        .args(["--verify", "--here"])
        .output()
        .unwrap();
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if ran.status.success() { Ok(said(&ran.stdout)) } else { Err(said(&ran.stderr)) }
}

fn lock(child: &Mutex<Child>) -> std::sync::MutexGuard<'_, Child> {
    child.lock().unwrap_or_else(PoisonError::into_inner)
}
