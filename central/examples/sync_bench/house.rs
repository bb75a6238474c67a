//! A centre and its stations, as a bench needs them.

use intake::moment::Moment;
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use sync::HttpCentre;
use sync::protocol::{Centre, StationRole};
use sync::store::{EnrolKeys, NewStation, Store};

pub type Fault = Box<dyn std::error::Error + Send + Sync>;

/// The time.
pub fn now() -> Moment {
    central::clock::system()()
}

/// The centre, in a process of its own.
pub struct Running {
    pub child: Child,
    pub url: String,
}

impl Running {
    pub fn start(program: &str, store: &str, key: &Path) -> Result<Self, Fault> {
        let mut child = Command::new(program)
            .args(["serve", "--listen", "127.0.0.1:0", "--tls-name", "localhost", "--store", store, "--key"])
            .arg(key)
            .env("MOTCUA_LOG", "error")
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().ok_or("no output")?).read_line(&mut line)?;
        let said: Value = serde_json::from_str(&line)?;
        Ok(Self { child, url: said["listening"].as_str().ok_or("no address")?.to_owned() })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The most memory that a process has held.
pub fn peak_kib(process: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

/// A new counter of the first site.
pub fn enrol(
    program: &str,
    url: &str,
    store: &str,
    key: &Path,
    dir: &Path,
    label: &str,
) -> Result<(Mutex<Store>, HttpCentre), Fault> {
    let invited = Command::new(program)
        .args([
            "invite",
            "--site",
            "00004",
            "--role",
            "counter",
            "--label",
            label,
            "--agency",
            "H26.112.00",
            "--store",
            store,
            "--key",
        ])
        .arg(key)
        .output()?;
    let typed = String::from_utf8(invited.stdout)?;
    let (centre, token, authority) = HttpCentre::first_met(url, typed.trim(), Box::new(now))?;
    std::fs::create_dir_all(dir)?;
    let keys = EnrolKeys::load_or_new(dir)?;
    let enrolment = centre.enrol(&keys.ask(&token, label, StationRole::Counter)?)?;
    let new = NewStation::from_enrolment(keys, enrolment)?.trusting(authority.clone());
    let store = Store::create(dir, new)?;
    let centre = HttpCentre::new(url, Box::new(now)).trusting(authority.as_deref()).signed(store.signer());
    Ok((Mutex::new(store), centre))
}

/// A PostgreSQL of our own; gone when the shell's input ends.
pub fn cluster(port: u16) -> Result<Child, Fault> {
    const SCRIPT: &str = r#"
set -eu
bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1)
dir=$(mktemp -d /tmp/motcua-pg.XXXXXX)
trap 'rm -rf "$dir"' EXIT
"$bin/initdb" -D "$dir/data" -A trust -U postgres -E UTF8 --locale=C.UTF-8 -N >/dev/null 2>&1
printf "listen_addresses='127.0.0.1'\nport=%s\nunix_socket_directories='%s'\n" "$1" "$dir" >>"$dir/data/postgresql.conf"
"$bin/postgres" -D "$dir/data" >"$dir/log" 2>&1 &
server=$!
cat >/dev/null || true
kill -INT "$server" && wait "$server" || true
"#;
    let is_root = Command::new("id").arg("-u").output()?.stdout.starts_with(b"0\n");
    let mut shell = if is_root { Command::new("runuser") } else { Command::new("sh") };
    if is_root {
        shell.args(["-u", "postgres", "--", "sh"]);
    }
    Ok(shell.args(["-c", SCRIPT, "sh", &port.to_string()]).stdin(Stdio::piped()).current_dir("/").spawn()?)
}
