//! `motcua-check DIR`: judges a folder of evidence with code that the system does not use.

use clap::Parser;
use std::path::PathBuf;
use std::process::ExitCode;

/// Was anything lost, was anything doubled?
///
/// DIR holds what a citizen holds and what the machines hold: paper/*.png, receipts/*.pdf, central/*.db and
/// stations/NAME/*.db. Prints one JSON object {lost, doubled, findings: [{kind, what}], …}. Exit code: 0 when nothing
/// is wrong, 1 when something is, 2 when the evidence cannot be read at all.
///
/// Example: motcua-check target/walkthrough/evidence
#[derive(Parser)]
#[command(version)]
struct Ask {
    /// The folder of evidence.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

fn main() -> ExitCode {
    match tests::checker::check(&Ask::parse().folder) {
        Err(fault) => {
            eprintln!("{fault}");
            ExitCode::from(2)
        }
        Ok(verdict) => {
            println!("{}", serde_json::to_string_pretty(&verdict).unwrap_or_default());
            ExitCode::from(u8::from(!verdict.is_clean()))
        }
    }
}
