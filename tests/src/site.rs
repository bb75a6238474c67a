//! A site's hub as a process, over a demo centre whose service runs: what a hall with more than one desk has.

use crate::fault::{Doing, Fault, Outcome, wait_for};
use serde_json::Value;
use station::Config;
use station::config::{CentrePart, HubPart};
use station::demo::Plan;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A hub that runs; killed when dropped.
pub struct SiteHub {
    program: PathBuf,
    folder: PathBuf,
    site: String,
    upstream: String,
    /// Its address, the same after it was started again.
    pub url: String,
    child: Child,
}

impl SiteHub {
    /// Starts a hub of the demo's site beside its centre, in `folder`, by the program of the central service.
    ///
    /// # Errors
    /// When the program cannot be run, or does not come to listen.
    pub fn start(program: &Path, plan: &Plan, folder: &Path) -> Outcome<Self> {
        let site =
            Config::read(&plan.folder_of("counter")?).doing("reading the counter's file")?.station.site.to_string();
        let token = invite(program, plan, &site, "hub", "Máy chủ sảnh")?;
        let upstream = format!("http://{}", plan.central.listen);
        std::fs::create_dir_all(folder).doing("making the hub's folder")?;
        let (child, url) = run(program, folder, &site, &upstream, "127.0.0.1:0", &["--token", &token])?;
        Ok(Self { program: program.to_owned(), folder: folder.to_owned(), site, upstream, url, child })
    }

    /// Ends it as a power cut would.
    pub fn kill(&mut self) {
        // Both fail only when it has already ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Starts it again, at its address.
    ///
    /// # Errors
    /// See [`SiteHub::start`].
    pub fn start_again(&mut self) -> Outcome<()> {
        let address = self.url.trim_start_matches("http://").to_owned();
        let started = wait_for("the hub's address", Duration::from_secs(60), || {
            Ok(run(&self.program, &self.folder, &self.site, &self.upstream, &address, &[]).ok())
        });
        self.child = started?.0;
        Ok(())
    }

    /// Names this hub in a station's file, in place of what leads to its board by a cable of its own.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub fn serves(&self, station: &Path) -> Outcome<()> {
        let mut config = Config::read(station).doing("reading a station's file")?;
        config.hub = Some(HubPart { urls: vec![self.url.clone()], search: None });
        config.devices.retain(|device| device.kind != hardware::DeviceRole::Board);
        config.write(station).doing("writing a station's file")
    }

    /// An invitation for one more counter of this site.
    ///
    /// # Errors
    /// When the centre does not invite it.
    pub fn invites_counter(&self, plan: &Plan, label: &str, agency: &str) -> Outcome<String> {
        invite_with(&self.program, plan, &self.site, "counter", label, &["--agency", agency])
    }

    /// Sets up the account of one more officer of this site.
    ///
    /// # Errors
    /// When the centre does not take it.
    pub fn appoints(&self, plan: &Plan, officer: &str, name: &str, pin: &str) -> Outcome<()> {
        let store = format!("sqlite:{}", plan.central.store.display());
        let mut appointing = Command::new(&self.program)
            .args(["appoint", "--store", &store, "--site", &self.site, "--officer", officer, "--name", name])
            .arg("--pin-stdin")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .doing("setting up an account")?;
        if let Some(mut input) = appointing.stdin.take() {
            input.write_all(pin.as_bytes()).doing("writing a PIN")?;
        }
        let ended = appointing.wait().doing("setting up an account")?;
        if ended.success() { Ok(()) } else { Err(Fault::new("setting up an account", ended)) }
    }

    /// Makes the demo's board one that listens to this hub, with an invitation of its own.
    ///
    /// # Errors
    /// When its files cannot be written, or the centre does not invite it.
    pub fn tells_board(&self, plan: &Plan) -> Outcome<PathBuf> {
        let folder = plan.folder_of("board")?;
        let token = invite(&self.program, plan, &self.site, "board", "Bảng sảnh")?;
        std::fs::write(folder.join("invitation"), token).doing("writing the board's invitation")?;
        let mut config = Config::read(&folder).doing("reading the board's file")?;
        config.centre = Some(CentrePart { url: self.upstream.clone(), token_file: Some("invitation".into()) });
        config.write(&folder).doing("writing the board's file")?;
        self.serves(&folder)?;
        Ok(folder)
    }
}

impl Drop for SiteHub {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Where a plan's stations are.
trait Folders {
    fn folder_of(&self, station: &str) -> Outcome<PathBuf>;
}

impl Folders for Plan {
    fn folder_of(&self, station: &str) -> Outcome<PathBuf> {
        let found = self.stations.get(station).map(|plan| plan.folder.clone());
        found.ok_or_else(|| Fault::new("the demo", format_args!("it has no {station}")))
    }
}

fn invite(program: &Path, plan: &Plan, site: &str, role: &str, label: &str) -> Outcome<String> {
    invite_with(program, plan, site, role, label, &[])
}

fn invite_with(program: &Path, plan: &Plan, site: &str, role: &str, label: &str, more: &[&str]) -> Outcome<String> {
    let store = format!("sqlite:{}", plan.central.store.display());
    let asked = Command::new(program)
        .args(["invite", "--store", &store, "--site", site, "--role", role, "--label", label])
        .args(more)
        .output()
        .doing("asking for an invitation")?;
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    if asked.status.success() { Ok(said(&asked.stdout)) } else { Err(Fault::new("inviting", said(&asked.stderr))) }
}

fn run(
    program: &Path,
    folder: &Path,
    site: &str,
    upstream: &str,
    listen: &str,
    more: &[&str],
) -> Outcome<(Child, String)> {
    let log = File::options().create(true).append(true).open(folder.join("hub.log")).doing("the hub's log")?;
    let store = format!("sqlite:{}", folder.join("hub.db").display());
    let mut child = Command::new(program)
        .args(["serve", "--listen", listen, "--store", &store, "--site", site, "--upstream", upstream])
        .args(more)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(log)
        .spawn()
        .doing("starting a hub")?;
    let mut line = String::new();
    if let Some(out) = child.stdout.take() {
        BufReader::new(out).read_line(&mut line).doing("reading what a hub says")?;
    }
    let said: Value = serde_json::from_str(&line).unwrap_or_default();
    match said["listening"].as_str() {
        Some(url) => Ok((child, url.to_owned())),
        None => {
            let _ = child.wait();
            Err(Fault::new("starting a hub", "it ended; see hub.log"))
        }
    }
}
