//! The benchmark: every figure beside a peer or a limit that was measured in the same run.
//!
//! A figure that misses its goal is reported as missed; it fails nothing. Only a measurement that cannot be made is an error.

mod app;
mod board;
mod centre;
mod day;
mod devices;
mod disk;
mod documents;
mod figures;
mod line;
mod machine;
mod peer;
mod screen;
mod table;
mod tap;
mod trees;

use ::tests::fault::{Doing, Outcome};
use clap::ValueEnum;
use figures::Figure;
use machine::Machine;
use serde::Serialize;
use station::Config;
use station::clock::{Clock, MachineClock};
use station::demo::Plan;
use std::fs;
use std::path::{Path, PathBuf};

pub use table::markdown;

/// A part of the benchmark that can be run alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Part {
    /// A tap on the kiosk to the last byte of the ticket, beside a bare flush of the disk.
    Tap,
    /// The same ticket as a web service with python-escpos makes it.
    Peer,
    /// Ticket and receipt, from data to bytes.
    Documents,
    /// Bytes and line time of tickets, our time for reading a chip, a printer's return.
    Devices,
    /// A call at the counter to the board, by the site's hub.
    Board,
    /// Three hundred dossiers in a row at one desk, with the papers that they print.
    Day,
    /// The app's start and memory beside an empty window.
    App,
}

/// What to measure, and with what.
#[derive(Debug)]
pub struct Ask {
    /// The parts to run.
    pub parts: Vec<Part>,
    /// Where `motcua`, `motcua-central` and `examples/empty` are.
    pub programs: PathBuf,
    /// A folder for demo centres, the peer's environment and screens.
    pub work: PathBuf,
    /// Tickets without and tickets with a card.
    pub tickets: usize,
    /// Starts of each window.
    pub starts: usize,
}

/// What was measured.
#[derive(Serialize)]
pub struct Report {
    /// How to measure it again.
    pub command: String,
    /// When the run began, by the civil clock.
    pub began_at: String,
    /// On what.
    pub machine: Machine,
    /// The figures.
    pub figures: Vec<Figure>,
    /// Parts that could not be measured, and why.
    pub failures: Vec<String>,
}

/// Measures all parts, one after the other. A part that cannot be measured (a program is missing, a page is not painted, a
/// printer does not answer) leaves the figures of the others.
///
/// # Errors
/// When the bench's folder cannot be made.
pub fn measure(ask: &Ask) -> Outcome<Report> {
    fs::create_dir_all(&ask.work).doing("making the bench's folder")?;
    let began_at = MachineClock::default().now().civil().strftime("%Y-%m-%d %H:%M").to_string();
    let mut machine = Machine::look();
    let (mut figures, mut failures) = (Vec::new(), Vec::new());
    for part in &ask.parts {
        eprintln!("bench: {part:?}");
        let measured = match part {
            Part::Tap => tap::measure(ask),
            Part::Peer => peer::measure(ask),
            Part::Documents => documents::measure(),
            Part::Devices => devices::measure(ask),
            Part::Board => board::measure(ask),
            Part::Day => day::measure(ask),
            Part::App => app::measure(ask),
        };
        match measured {
            Ok(measured) => figures.extend(measured),
            Err(fault) => failures.push(format!("{part:?}: {fault}")),
        }
    }
    machine.look_again();
    relate_to_peer(&mut figures);
    Ok(Report { command: command(ask), began_at, machine, figures, failures })
}

/// With no cable between that a trial could cut.
fn straight_to_the_centre(folder: &Path, plan: &Plan) -> Outcome<()> {
    let mut config = Config::read(folder).doing("reading a station's file")?;
    if let Some(centre) = &mut config.centre {
        centre.url = format!("http://{}", plan.central.listen);
    }
    config.write(folder).doing("writing a station's file")
}

/// Puts our ticket beside the peer's, where both were measured.
fn relate_to_peer(figures: &mut [Figure]) {
    let Some(peer) = figures.iter().find(|figure| figure.name == peer::NAME).map(|peer| peer.value) else { return };
    if let Some(ours) = figures.iter_mut().find(|figure| figure.name == tap::NAME) {
        ours.beside("a ticket of the peer, p50", peer);
    }
}

fn command(ask: &Ask) -> String {
    let parts: Vec<String> =
        ask.parts.iter().map(|part| format!("--only {}", format!("{part:?}").to_lowercase())).collect();
    format!("motcua-bench --tickets {} --starts {} {}", ask.tickets, ask.starts, parts.join(" "))
}

/// An empty folder below the bench's own.
fn fresh(work: &Path, name: &str) -> Outcome<PathBuf> {
    let folder = work.join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).doing(format_args!("emptying the folder {name}"))?;
    }
    fs::create_dir_all(&folder).doing(format_args!("making the folder {name}"))?;
    folder.canonicalize().doing(format_args!("the folder {name}"))
}
