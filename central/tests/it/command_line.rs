use crate::world::{SITE, Station, World, enrol_at, now};
use serde_json::Value;
use std::collections::HashSet;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use sync::http::HttpCentre;
use sync::protocol::StationRole;
use sync::store::Opened;

/// `motcua-central serve` as a process; killed when it is dropped.
pub struct Running {
    child: Child,
    pub url: String,
    store: PathBuf,
}

impl Running {
    pub fn start(dir: &Path) -> Self {
        Self::start_with(dir, &[]).0
    }

    /// With more arguments; also gives what it goes on to print.
    fn start_with(dir: &Path, more: &[&str]) -> (Self, impl Iterator<Item = Value> + use<>) {
        let store = dir.join("central.db");
        let mut child = program()
            .args(["serve", "--listen", "127.0.0.1:0", "--store"])
            .arg(format!("sqlite:{}", store.display()))
            .args(more)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut lines = lines.map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap());
        let first = lines.next().unwrap();
        (Self { child, url: first["listening"].as_str().unwrap().to_owned(), store }, lines)
    }

    pub fn stranger(&self) -> HttpCentre {
        HttpCentre::new(&self.url, Box::new(now))
    }

    pub fn invite(&self, role: &str, label: &str) -> String {
        let asked = ["invite", "--site", SITE, "--role", role, "--label", label, "--agency", "H26.112.00"];
        let (done, out) = self.run(&asked, "");
        assert!(done, "{out}");
        out.trim().to_owned()
    }

    pub fn run(&self, arguments: &[&str], input: &str) -> (bool, String) {
        run(&self.store, arguments, input)
    }

    pub fn event_ids(&self) -> HashSet<String> {
        let (done, out) = self.run(&["export", "--json"], "");
        assert!(done, "{out}");
        let export: Value = serde_json::from_str(&out).unwrap();
        let events = export["events"].as_array().unwrap();
        let ids: HashSet<_> = events.iter().map(|event| event["id"].as_str().unwrap().to_owned()).collect();
        assert_eq!(ids.len(), events.len(), "each event once");
        ids
    }

    /// SIGKILL: no goodbye.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have been killed already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_motcua-central"));
    command.env("MOTCUA_LOG", "error");
    command
}

/// Runs a command to its end: whether it succeeded, and what it printed.
fn run(store: &Path, arguments: &[&str], input: &str) -> (bool, String) {
    let mut child = program()
        .args(arguments)
        .arg("--store")
        .arg(format!("sqlite:{}", store.display()))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that does not read its input has closed it.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(text).unwrap())
}

#[test]
fn orders_work_whether_the_service_runs_or_not() {
    let dir = tempfile::tempdir().unwrap();
    let store = dir.path().join("central.db");
    let invite = ["invite", "--site", SITE, "--role", "counter", "--label", "Quầy 3", "--agency", "H26.112.00"];
    let (done, before) = run(&store, &invite, "");
    assert!(done, "{before}");
    let running = Running::start(dir.path());
    let during = running.invite("counter", "Quầy 4");
    for (number, token) in [before.trim(), &during].into_iter().enumerate() {
        let place = dir.path().join(format!("counter-{number}"));
        enrol_at(&running.stranger(), &place, token, StationRole::Counter).unwrap();
    }
    let (done, report) = running.run(&["verify"], "");
    assert!(done, "{report}");
}

#[test]
fn a_demo_is_invited_from_a_file() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("guests.json");
    let guests = serde_json::json!([
        { "site": SITE, "role": "kiosk", "label": "Kiosk 1", "agency": "H26.112.00" },
        { "site": SITE, "role": "board", "label": "Bảng 1" },
    ]);
    std::fs::write(&file, guests.to_string()).unwrap();
    let (running, lines) = Running::start_with(dir.path(), &["--invite-file", file.to_str().unwrap()]);
    let invited: Vec<Value> = lines.take(2).collect();
    for (invited, role) in invited.iter().zip([StationRole::Kiosk, StationRole::Board]) {
        let place = dir.path().join(invited["role"].as_str().unwrap());
        let token = invited["token"].as_str().unwrap();
        let (_, enrolment) = enrol_at(&running.stranger(), &place, token, role).unwrap();
        assert_eq!(enrolment.card.label, invited["label"].as_str().unwrap());
    }
}

#[test]
fn an_appointed_officer_can_be_checked_at_the_counter() {
    let dir = tempfile::tempdir().unwrap();
    let running = Running::start(dir.path());
    let token = running.invite("counter", "Quầy 3");
    let place = dir.path().join("counter");
    let (keys, enrolment) = enrol_at(&running.stranger(), &place, &token, StationRole::Counter).unwrap();
    let counter = Station::create(&place, keys, enrolment, &running.url);
    let appoint = ["appoint", "--officer", "demo", "--name", "Trần Thị Mẫu", "--site", SITE, "--pin-stdin"];
    let (done, out) = running.run(&appoint, "2580\n");
    assert!(done, "{out}");
    let events = counter.sync();
    assert_eq!(events.len(), 1);
    let Opened::Personal(personal) = counter.store.lock().unwrap().personal(events[0].id).unwrap() else { panic!() };
    let account = personal.account.unwrap();
    assert_eq!((account.officer.as_str(), account.name.as_str()), ("demo", "Trần Thị Mẫu"));
    assert!(account.pin_hash.starts_with("$argon2id$"));
    let (done, out) = running.run(&["export", "--json"], "");
    assert!(done && !out.contains("argon2id") && !out.contains("Trần"), "{out}");
    for bad in ["", "12", "abcd"] {
        assert!(!running.run(&appoint, bad).0, "{bad:?} is no PIN");
    }
}

#[test]
fn what_is_wrong_on_the_command_line_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let store = dir.path().join("central.db");
    let (done, out) = run(&store, &["verify"], "");
    assert!(!done && out.contains("there is no log"), "{out}");
    let (done, out) = run(&store, &["invite", "--site", "4", "--role", "kiosk", "--label", "x"], "");
    assert!(!done && out.contains("five digits"), "{out}");
    let (done, out) = run(&store, &["invite", "--site", SITE, "--role", "king", "--label", "x"], "");
    assert!(!done && out.contains("kiosk"), "{out}");
}

#[cfg(unix)]
#[test]
fn a_polite_signal_stops_it_well() {
    let dir = tempfile::tempdir().unwrap();
    let mut running = Running::start(dir.path());
    let door = dir.path().join("central.db.door.json");
    let rights = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&door).unwrap().permissions());
    assert_eq!(rights & 0o777, 0o600);
    let done = Command::new("kill").arg(running.child.id().to_string()).status().unwrap();
    assert!(done.success());
    assert!(running.child.wait().unwrap().success());
    assert!(!door.exists(), "the door is shut behind it");
}

#[test]
fn a_second_service_on_the_same_log_is_refused() {
    let world = World::new();
    let store = world.dir.path().join("central.db");
    let (done, out) = run(&store, &["serve", "--listen", "127.0.0.1:0"], "");
    assert!(!done && out.contains("another process"), "{out}");
}
