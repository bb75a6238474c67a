//! `motcua-hw selftest`: are the devices of this station ready for the day?

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use hardware::readiness::{Readiness, TestSlip, look};
use hardware::{Address, DeviceEntry, DeviceRole, roster};
use serde_json::json;

use crate::{Done, answer};

/// What is tried.
#[derive(Args)]
pub struct Selftest {
    /// The station's file: every device in it is tried. By default the `station.toml` of this folder.
    #[arg(long)]
    station: Option<PathBuf>,
    /// A ticket printer alone, with no file.
    #[arg(conflicts_with = "station")]
    printer: Option<Address>,
    /// What that printer can do.
    #[arg(long, default_value = "generic-80mm")]
    profile: String,
    /// Move no paper.
    #[arg(long)]
    no_print: bool,
    /// Answer with JSON instead of a table.
    #[arg(long)]
    json: bool,
}

impl Selftest {
    /// Tries the devices one after the other; 0 when every required one is ready, else 3.
    pub fn run(self) -> Done {
        let entries = self.entries()?;
        let slip = if self.no_print { TestSlip::None } else { TestSlip::Print };
        let report: Vec<Readiness> = entries.iter().map(|entry| look(entry, slip)).collect();
        let lacking: Vec<&str> =
            report.iter().filter(|found| found.required && !found.ready).map(|found| found.id.as_str()).collect();
        if self.json {
            let at = jiff::Timestamp::now();
            answer(&json!({ "ready": lacking.is_empty(), "at": at, "lacking": lacking, "devices": report }));
        } else {
            report.iter().for_each(tell);
            println!(
                "{}",
                if lacking.is_empty() { "READY".to_owned() } else { format!("NOT READY: {}", lacking.join(", ")) }
            );
        }
        Ok(if lacking.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(3) })
    }

    fn entries(&self) -> Result<Vec<DeviceEntry>, Box<dyn std::error::Error>> {
        if let Some(file) = &self.station {
            return read(file);
        }
        if self.printer.is_none() {
            let here = Path::new("station.toml");
            let missing =
                "there is no station.toml in this folder: name one with --station FILE, or give a printer's address";
            return if here.is_file() { read(here) } else { Err(missing.into()) };
        }
        Ok(vec![DeviceEntry {
            id: "printer".into(),
            kind: DeviceRole::TicketPrinter,
            address: self.printer.clone(),
            profile: Some(self.profile.clone()),
            folder: None,
            clips: None,
            required: true,
        }])
    }
}

fn read(file: &Path) -> Result<Vec<DeviceEntry>, Box<dyn std::error::Error>> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    roster::read(&text).map_err(|error| format!("{}, {error}", file.display()).into())
}

fn tell(found: &Readiness) {
    let need = if found.required { "required" } else { "optional" };
    let place = found.address.as_ref().map(ToString::to_string).unwrap_or_default();
    let word = if found.ready { "ready" } else { "NOT READY" };
    println!("{:<16} {:<17} {need:<9} {word:<10} {place}", found.id, found.kind.name());
    for cause in &found.status.causes {
        println!("{:>17}{} ({:?}, since {})", "", cause.code, cause.known, cause.since.strftime("%H:%M:%S"));
    }
    if let Some(slip) = &found.test_slip {
        println!("{:>17}test slip: {:?}", "", slip.outcome);
    }
    if let Some(next) = found.next {
        println!("{:>17}{}\n{:>17}{}", "", next.vi, "", next.en);
    }
}
