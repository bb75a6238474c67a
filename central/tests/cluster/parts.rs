//! Processes that are killed when they are dropped, and the ways to ask them.

use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A process; gone when it is dropped.
pub struct Part(pub Child);

impl Part {
    pub fn start(command: &mut Command) -> Self {
        let name = format!("{command:?}");
        Self(command.stdin(Stdio::null()).spawn().unwrap_or_else(|fault| panic!("{name}: {fault}; is it installed?")))
    }

    /// SIGKILL: no goodbye.
    pub fn kill(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        self.kill();
    }
}

/// One node of the centre.
pub struct Node {
    part: Part,
    pub url: String,
}

impl Node {
    pub fn start(store: &str, key: &Path) -> Self {
        let mut child = program()
            .args(["serve", "--listen", "127.0.0.1:0", "--store", store, "--key"])
            .arg(key)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let said: Value = serde_json::from_str(&line).expect("the node says where it listens");
        Self { part: Part(child), url: said["listening"].as_str().unwrap().to_owned() }
    }

    pub fn kill(&mut self) {
        self.part.kill();
    }
}

pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_motcua-central"));
    command.env("MOTCUA_LOG", "error");
    command
}

/// Runs a command of motcua-central to its end and gives what it printed.
pub fn order(store: &str, key: &Path, arguments: &[&str]) -> String {
    let output = program().args(arguments).args(["--store", store, "--key"]).arg(key).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// A port that nobody has just now.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A folder of this program's own, that a user who is not root may enter.
pub fn folder() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::Builder::new().prefix("motcua-cluster").tempdir_in("/tmp").unwrap();
    let path = dir.path().to_owned();
    (dir, path)
}

/// The status that an address answers with; none when it does not answer.
pub fn status(url: &str) -> Option<u16> {
    ask(url).map(|(status, _)| status)
}

pub fn ask(url: &str) -> Option<(u16, String)> {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_global(Some(Duration::from_secs(2)))
        .http_status_as_error(false)
        .build()
        .into();
    let mut answer = agent.get(url).call().ok()?;
    Some((answer.status().as_u16(), answer.body_mut().read_to_string().ok()?))
}

/// Waits until `ready` gives something; looks twenty times a second.
pub fn until<T>(what: &str, patience: Duration, mut ready: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(value) = ready() {
            return value;
        }
        assert!(begun.elapsed() < patience, "waited too long for {what}");
        std::thread::park_timeout(Duration::from_millis(50));
    }
}
