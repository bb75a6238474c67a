//! `motcua-walkthrough`: plays the main job on real windows with no screen, and says whether it runs.

use clap::Parser;
use std::path::PathBuf;
use std::process::ExitCode;
use tests::walkthrough::{Ask, walk_through};

/// Plays the main job: a citizen at the kiosk, an officer at the counter, the centre; online, with every network cut, online again.
///
/// Needs Xvfb, WebKitWebDriver, zbarimg and poppler's tools (`make walkthrough` installs them). Leaves report.json, ticket.bin,
/// ticket.png, receipt.pdf, screens/*.png and evidence/ in OUT. Exit code: 0 when everything is there and nothing was lost or
/// doubled, 1 when not (report.json says why), 2 when OUT cannot be written.
///
/// Example: motcua-walkthrough --out target/walkthrough --bin-dir target/debug
#[derive(Parser)]
#[command(version)]
struct Words {
    /// Where to leave what it shows.
    #[arg(long, default_value = "target/walkthrough")]
    out: PathBuf,
    /// Where motcua and motcua-central are.
    #[arg(long, default_value = "target/debug")]
    bin_dir: PathBuf,
}

fn main() -> ExitCode {
    let words = Words::parse();
    eprintln!("walkthrough: playing the main job on windows that nobody sees; this takes a minute or two");
    let report = match walk_through(&Ask { out: words.out.clone(), programs: words.bin_dir }) {
        Ok(report) => report,
        Err(fault) => {
            eprintln!("walkthrough: {fault}");
            return ExitCode::from(2);
        }
    };
    let file = words.out.join("report.json");
    match &report.failure {
        None => {
            println!(
                "walkthrough: {} citizens, {} events at the stations, {} at the centre, lost 0, doubled 0: {}",
                report.citizens.len(),
                report.events_station,
                report.events_central,
                file.display()
            );
            ExitCode::SUCCESS
        }
        Some(failure) => {
            eprintln!("walkthrough: FAILED: {failure}\n  see {}", file.display());
            ExitCode::FAILURE
        }
    }
}
