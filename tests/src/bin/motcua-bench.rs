//! `motcua-bench`: measures what a citizen waits for, beside peers and limits of the same run.

#[path = "../bench/mod.rs"]
mod bench;

use bench::{Ask, Part, markdown, measure};
use clap::{Parser, ValueEnum};
use std::path::PathBuf;
use std::process::ExitCode;

/// Measures: a tap to the ticket on the line, ticket and receipt, the devices, the app's start and memory.
///
/// A benchmark, not a timed test: a figure over its goal is reported as such and fails nothing. Needs the programs of one
/// release build (motcua, motcua-central, examples/empty), Xvfb, and Python with venv for the peer, whose packages it installs
/// into its own folder. Prints a table and leaves the figures in OUT. Exit code: 0 when all was measured, 2 when something
/// could not be.
///
/// Example: motcua-bench --bin-dir target/release --out target/bench.json
#[derive(Parser)]
#[command(version)]
struct Words {
    /// Where to leave the figures.
    #[arg(long, default_value = "target/bench.json")]
    out: PathBuf,
    /// Where the programs are.
    #[arg(long, default_value = "target/release")]
    bin_dir: PathBuf,
    /// A folder to work in; its disk is the one that is measured.
    #[arg(long, default_value = "target/bench")]
    work_dir: PathBuf,
    /// Measure this part only; may be given more than once.
    #[arg(long, value_enum)]
    only: Vec<Part>,
    /// How many tickets without, and how many with a card.
    #[arg(long, default_value_t = 500)]
    tickets: usize,
    /// How many starts of each window.
    #[arg(long, default_value_t = 11)]
    starts: usize,
}

fn main() -> ExitCode {
    let words = Words::parse();
    let parts = if words.only.is_empty() { Part::value_variants().to_vec() } else { words.only };
    let ask =
        Ask { parts, programs: words.bin_dir, work: words.work_dir, tickets: words.tickets, starts: words.starts };
    let failures = measure(&ask).map_err(|fault| fault.to_string()).and_then(|report| {
        println!("{}", markdown(&report));
        let json = serde_json::to_string_pretty(&report).map_err(|error| error.to_string())?;
        std::fs::write(&words.out, json).map_err(|error| format!("{}: {error}", words.out.display()))?;
        eprintln!("bench: the figures are in {}", words.out.display());
        Ok(report.failures)
    });
    let failures = failures.unwrap_or_else(|why| vec![why]);
    failures.iter().for_each(|why| eprintln!("bench: could not be measured: {why}"));
    if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(2) }
}
