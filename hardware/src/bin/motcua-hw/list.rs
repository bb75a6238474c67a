//! `list`: what this machine can see.

use std::process::ExitCode;
use std::time::Duration;

use hardware::Profile;
use hardware::registry::{DeviceClass, Discovery, Found, discover};
use serde_json::json;

use super::{Done, answer, answer_text};

/// How long each place may take to tell.
const WITHIN: Duration = Duration::from_secs(10);

#[derive(clap::Args)]
pub struct List {
    /// One line of JSON instead of a table.
    #[arg(long)]
    json: bool,
}

impl List {
    pub fn run(&self) -> Done {
        let discovery = discover(WITHIN);
        let profiles: Vec<_> = Profile::all()?.into_iter().map(|profile| profile.name).collect();
        if self.json {
            let (devices, unseen) = (&discovery.devices, &discovery.unseen);
            answer(&json!({ "devices": devices, "unseen": unseen, "printer_profiles": profiles }));
        } else {
            answer_text(&table(&discovery, &profiles));
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn table(discovery: &Discovery, profiles: &[String]) -> String {
    let mut rows = vec![["ADDRESS", "SEEMS TO BE", "MAKER AND MODEL", "SERIAL", "ACCESS"].map(str::to_owned)];
    rows.extend(discovery.devices.iter().map(row));
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths = [width(0), width(1), width(2), width(3)];
    let mut lines: Vec<_> = rows.iter().map(|row| line(row, widths)).collect();
    lines.extend(discovery.unseen.iter().map(|unseen| format!("{}: not seen: {}", unseen.place, unseen.why)));
    lines.push(format!("Printer profiles: {}", profiles.join(", ")));
    lines.join("\n")
}

fn row(found: &Found) -> [String; 5] {
    let class = match found.class {
        DeviceClass::SerialLine => "serial line",
        DeviceClass::TicketPrinter => "ticket printer",
        DeviceClass::DocumentPrinter => "document printer",
        DeviceClass::CardReader => "card reader",
        DeviceClass::DocumentScanner => "document scanner",
    };
    let model = [found.maker.as_deref(), found.model.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let serial = found.serial.clone().unwrap_or_default();
    [found.address.to_string(), class.to_owned(), model, serial, found.access.to_string()]
}

fn line(row: &[String; 5], [a, b, c, d]: [usize; 4]) -> String {
    format!("{:a$}  {:b$}  {:c$}  {:d$}  {}", row[0], row[1], row[2], row[3], row[4]).trim_end().to_owned()
}
