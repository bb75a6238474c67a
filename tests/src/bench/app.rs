//! The kiosk's window beside an empty one of the same build: from exec to painted, and the memory of the whole tree.

use super::centre::Centre;
use super::figures::{Figure, Spread};
use super::screen::Screen;
use super::trees::Tree;
use super::{Ask, fresh};
use ::tests::fault::{Doing, Outcome, wait_for};
use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The kiosk's large tile, and the empty page's ground.
const PRIMARY: u32 = 0x0E_4F_79;
/// How much more the kiosk may take than the empty window.
const GOAL: f64 = 1.25;
const PATIENCE: Duration = Duration::from_secs(20);
const KIB_A_MIB: f64 = 1_024.0;

/// Measures both windows in turns.
///
/// # Errors
/// When a window is not painted.
pub fn measure(ask: &Ask) -> Outcome<Vec<Figure>> {
    let folder = fresh(&ask.work, "app")?;
    let centre = Centre::open(&folder.join("centre"), &ask.programs)?;
    let screens = folder.join("screen");
    fs::create_dir_all(&screens).doing("making a folder for the screen")?;
    let screen = Screen::start(&screens)?;
    let kiosk_args = ["--role", "kiosk", "--data"].map(OsString::from);
    let kiosk_args = kiosk_args.into_iter().chain([centre.kiosk.clone().into_os_string()]).collect();
    let kiosk = Window::new(ask.programs.join("motcua"), kiosk_args, &folder.join("kiosk-home"))?;
    let empty = Window::new(ask.programs.join("examples").join("empty"), vec![], &folder.join("empty-home"))?;
    // The kiosk's first start enrols it; both leave their files in memory.
    for window in [&kiosk, &empty] {
        window.open(&screen)?;
    }
    let (mut kiosks, mut empties) = (Samples::default(), Samples::default());
    for _ in 0..ask.starts {
        kiosks.add(kiosk.open(&screen)?);
        empties.add(empty.open(&screen)?);
    }
    Ok(figures(&kiosks, &empties))
}

fn figures(kiosks: &Samples, empties: &Samples) -> Vec<Figure> {
    let (empty_ms, empty_mib) = (Spread::of(&empties.painted_ms).p50, Spread::of(&empties.idle_mib).p50);
    vec![
        Figure::median("app_start", "ms", "the kiosk's window, exec to painted, enrolled, warm", &kiosks.painted_ms)
            .at_most_as(GOAL * empty_ms, "1.25 times the empty window")
            .and_beside("an empty window, p50", empty_ms),
        Figure::median("empty_start", "ms", "an empty window of the same build, exec to painted", &empties.painted_ms),
        Figure::median("app_memory", "MiB", "the kiosk's whole tree at rest (PSS)", &kiosks.idle_mib)
            .at_most_as(GOAL * empty_mib, "1.25 times the empty window")
            .and_beside("an empty window, p50", empty_mib),
        Figure::median("empty_memory", "MiB", "the empty window's whole tree at rest (PSS)", &empties.idle_mib),
    ]
}

#[derive(Default)]
struct Samples {
    painted_ms: Vec<f64>,
    idle_mib: Vec<f64>,
}

impl Samples {
    fn add(&mut self, (painted, idle_kib): (Duration, u64)) {
        self.painted_ms.push(painted.as_secs_f64() * 1_000.0);
        self.idle_mib.push(idle_kib as f64 / KIB_A_MIB);
    }
}

/// A program that opens a window.
struct Window {
    program: PathBuf,
    args: Vec<OsString>,
    home: PathBuf,
}

impl Window {
    fn new(program: PathBuf, args: Vec<OsString>, home: &Path) -> Outcome<Self> {
        let program = program.canonicalize().doing(format_args!("looking for {}", program.display()))?;
        fs::create_dir_all(home).doing("making a window's home")?;
        Ok(Self { program, args, home: home.to_owned() })
    }

    /// Opens it, waits until it is painted and at rest, and ends it.
    fn open(&self, screen: &Screen) -> Outcome<(Duration, u64)> {
        wait_for("the screen to be blank", PATIENCE, || Ok((!screen.shows(PRIMARY)?).then_some(())))?;
        let mut command = self.command(screen)?;
        let begun = Instant::now();
        let mut tree = Tree::start(&mut command)?;
        let painted = screen.painted(PRIMARY)?.saturating_duration_since(begun);
        let idle_kib = tree.idle_pss_kib()?;
        tree.end()?;
        Ok((painted, idle_kib))
    }

    fn command(&self, screen: &Screen) -> Outcome<Command> {
        let log = File::options().create(true).append(true).open(self.home.join("log")).doing("opening a log")?;
        let mut command = Command::new(&self.program);
        command
            .args(&self.args)
            // Nothing of the session around: no bus, no theme, no GPU.
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("DISPLAY", &screen.name)
            .env("HOME", &self.home)
            .env("WEBKIT_DISABLE_DMABUF_RENDERER", "1")
            .env("GSETTINGS_BACKEND", "memory")
            .env("NO_AT_BRIDGE", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log);
        if let Some(log) = std::env::var_os("MOTCUA_LOG") {
            command.env("MOTCUA_LOG", log);
        }
        Ok(command)
    }
}
