//! Scans papers and tells each page as it comes, a JSON object a line.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use hardware::document::scanner::{Cancel, DocumentScanner, Mode, PageSize, ScanEvent, ScanRequest, Source};
use hardware::{Address, Fault};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::{Done, answer, refused};

/// What to scan, and where to.
#[derive(Args)]
pub struct ScanPages {
    /// Where the scanner is: sane:DEVICE, or file:FOLDER for a folder into which people put pictures.
    address: Address,
    /// The folder for the pages; pages go on after those that are in it.
    #[arg(long)]
    out: PathBuf,
    /// Dots an inch.
    #[arg(long, default_value_t = 300)]
    resolution: u16,
    /// colour, grey or lineart.
    #[arg(long, default_value = "colour", value_parser = word::<Mode>)]
    mode: Mode,
    /// flatbed, feeder or feeder-duplex.
    #[arg(long, default_value = "flatbed", value_parser = word::<Source>)]
    source: Source,
    /// a4, a5 or default (what the device takes by itself).
    #[arg(long, default_value = "a4", value_parser = word::<PageSize>)]
    size: PageSize,
    /// At most so many pages.
    #[arg(long)]
    max_pages: Option<u32>,
    /// A further option of this device, NAME=VALUE; may be given several times.
    #[arg(long = "option", value_parser = option)]
    options: Vec<(String, String)>,
}

/// The names of the values in JSON, with hyphens.
fn word<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_value(Value::from(text.replace('-', "_"))).map_err(|error| error.to_string())
}

fn option(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or_else(|| "not NAME=VALUE".to_owned())?;
    Ok((name.to_owned(), value.to_owned()))
}

impl ScanPages {
    /// Scans.
    pub fn run(self) -> Done {
        let scanner = match DocumentScanner::at(&self.address) {
            Ok(scanner) => scanner,
            Err(fault) => return Ok(refused(fault)),
        };
        let request = ScanRequest {
            resolution_dpi: self.resolution,
            mode: self.mode,
            source: self.source,
            size: self.size,
            max_pages: self.max_pages,
            extra: self.options,
        };
        let last = scanner.scan(&request, &self.out, &Cancel::new(), &mut tell);
        Ok(if matches!(last, ScanEvent::Finished { .. }) { ExitCode::SUCCESS } else { ExitCode::from(3) })
    }
}

/// Progress would drown the pages.
fn tell(event: ScanEvent) {
    match &event {
        ScanEvent::Progress { .. } => {}
        ScanEvent::Stopped { fault, pages } => answer(&stopped(*fault, *pages)),
        told => answer(&json!(told)),
    }
}

fn stopped(fault: Fault, pages: u32) -> Value {
    json!({ "event": "stopped", "fault": fault, "remedy": fault.remedy(), "pages": pages })
}
