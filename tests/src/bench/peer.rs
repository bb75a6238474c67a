//! A peer's ticket, the way of a web queue system with a receipt printer: HTTP, a row in SQLite, python-escpos.
//!
//! Everything that can be in its favour is: no page is rendered, letters stay loaded, the printer's socket stays open, the
//! journal is SQLite's fast one, and its ticket has no QR code.

use super::figures::{Figure, Spread};
use super::line::{JobEnd, RecordedLine};
use super::{Ask, documents};
use ::tests::fault::{Doing, Fault, Outcome};
use hardware::Paper;
use serde::Deserialize;
use station::clock::{Clock, MachineClock};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Instant;

/// The figure's name.
pub const NAME: &str = "peer_ticket";

const SCRIPT: &str = include_str!("../../peers/escpos_ticket.py");
const PACKAGES: [&str; 3] = ["python-escpos==3.1", "Pillow==13.0.0", "Flask==3.1.3"];
const FONTS: [(&str, &[u8]); 2] = [
    ("regular.ttf", include_bytes!("../../../fixtures/fonts/BeVietnamPro-Regular.ttf")),
    ("bold.ttf", include_bytes!("../../../fixtures/fonts/BeVietnamPro-Bold.ttf")),
];
const ROUNDS: u32 = 200;
const WARM_UP: u32 = 10;
/// What the same way took elsewhere.
const ELSEWHERE_MS: f64 = 28.0;

/// Measures the peer.
///
/// # Errors
/// When Python, its packages or the service are not there.
pub fn measure(ask: &Ask) -> Outcome<Vec<Figure>> {
    let now = MachineClock::default().now();
    let PeerSlips { line_ms, bytes, .. } = slips(ask, |round| documents::ticket_without_code(round, now))?;
    Ok(vec![
        Figure::median(
            NAME,
            "ms",
            "a peer's ticket of the same text: HTTP (Flask, one thread), SQLite commit, python-escpos raster, last byte at the sink",
            &line_ms,
        )
        .and_beside("the same way, measured elsewhere", ELSEWHERE_MS),
        Figure::median("peer_bytes", "bytes", "that ticket's bytes, without a QR code", &bytes),
    ])
}

/// What the peer made of some slips.
#[derive(Default)]
pub struct PeerSlips {
    line_ms: Vec<f64>,
    made_ms: Vec<f64>,
    bytes: Vec<f64>,
}

impl PeerSlips {
    /// The median slip's bytes.
    pub fn bytes(&self) -> f64 {
        Spread::of(&self.bytes).p50
    }

    /// How long the median slip was in the making, in milliseconds.
    pub fn made_ms(&self) -> f64 {
        Spread::of(&self.made_ms).p50
    }

    /// Both, as figures of their own.
    pub fn figures(&self) -> [Figure; 2] {
        let what = "the peer's raster of the text of three lines, without the code";
        [
            Figure::median("peer_three_lines_bytes", "bytes", what, &self.bytes),
            Figure::median(
                "peer_three_lines_made",
                "ms",
                "drawn, encoded, written to a sink that takes all",
                &self.made_ms,
            ),
        ]
    }
}

/// What the peer makes of one slip without a code, again and again.
///
/// # Errors
/// As [`measure`].
pub fn three_lines(ask: &Ask, slip: &Paper) -> Outcome<PeerSlips> {
    slips(ask, |_| slip.clone())
}

fn slips(ask: &Ask, slip: impl Fn(u32) -> Paper) -> Outcome<PeerSlips> {
    let python = environment(&ask.work)?;
    let line = RecordedLine::lay(None, JobEnd::FED_AND_CUT)?;
    let service = Service::start(&python, &super::fresh(&ask.work, "peer")?, line.address.port())?;
    let url = format!("http://127.0.0.1:{}/ticket", service.port);
    let mut made = PeerSlips::default();
    for round in 0..ROUNDS + WARM_UP {
        let asked = serde_json::to_string(&slip(round)).doing("the ticket's text")?;
        let begun = Instant::now();
        let mut answer = ureq::post(&url).header("content-type", "application/json").send(&asked).doing("the peer")?;
        let job = line.next()?;
        let answer = answer.body_mut().read_to_string().doing("the peer's answer")?;
        let answer: Answer = serde_json::from_str(&answer).doing("the peer's answer")?;
        if round >= WARM_UP {
            made.line_ms.push(job.at.saturating_duration_since(begun).as_secs_f64() * 1_000.0);
            made.made_ms.push(answer.made_ms);
            made.bytes.push(job.bytes as f64);
        }
    }
    Ok(made)
}

/// What the peer answers, of which we need this.
#[derive(Deserialize)]
struct Answer {
    /// Its own time for the picture and the printer's commands, all but the web and the store.
    made_ms: f64,
}

/// A Python of its own, with the packages; made once and kept.
fn environment(work: &Path) -> Outcome<PathBuf> {
    let folder = work.join("venv");
    let python = folder.join("bin").join("python");
    let import = "import escpos.printer, flask, PIL";
    let ready = python.exists() && run(Command::new(&python).args(["-c", import]), "looking for its packages").is_ok();
    if !ready {
        eprintln!("bench: installing python-escpos, Pillow and Flask into the bench's own folder");
        run(Command::new("python3").args(["-m", "venv"]).arg(&folder), "making a Python environment")?;
        let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
        run(Command::new(&python).args(install).args(PACKAGES), "installing the peer's packages")?;
    }
    Ok(python)
}

fn run(command: &mut Command, doing: &str) -> Outcome<()> {
    let ran = command.stdin(Stdio::null()).output().doing(doing)?;
    if ran.status.success() { Ok(()) } else { Err(Fault::new(doing, String::from_utf8_lossy(&ran.stderr))) }
}

struct Service {
    child: Child,
    port: u16,
    /// Kept open, so that the service never writes to a closed pipe.
    _out: BufReader<ChildStdout>,
}

impl Service {
    fn start(python: &Path, folder: &Path, printer_port: u16) -> Outcome<Self> {
        for (name, font) in FONTS {
            std::fs::write(folder.join(name), font).doing("writing the peer's fonts")?;
        }
        let script = folder.join("escpos_ticket.py");
        std::fs::write(&script, SCRIPT).doing("writing the peer's program")?;
        let log = std::fs::File::create(folder.join("log")).doing("making the peer's log")?;
        let mut command = Command::new(python);
        command.arg(&script).arg(folder).arg(printer_port.to_string());
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).spawn().doing("starting the peer")?;
        let mut line = String::new();
        let out = child.stdout.take().ok_or_else(|| Fault::new("starting the peer", "it has no output"))?;
        let mut out = BufReader::new(out);
        out.read_line(&mut line).doing("reading the peer's port")?;
        match line.trim().parse() {
            Ok(port) => Ok(Self { child, port, _out: out }),
            Err(_) => {
                end(&mut child);
                Err(Fault::new("starting the peer", "it ended before it listened; see its log"))
            }
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

fn end(child: &mut Child) {
    // Both fail only when it has already ended.
    let _ = child.kill();
    let _ = child.wait();
}
