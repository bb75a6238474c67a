//! The devices of a station, as its file `station.toml` lists them: one `[[device]]` each, by role, required or optional.
//!
//! ```toml
//! [[device]]
//! id = "printer"
//! kind = "ticket_printer"
//! address = "serial:/dev/serial/by-id/usb-EPSON_TM-T82III?baud=115200"
//! profile = "generic-80mm"
//! required = true
//!
//! [[device]]                     # the second ticket printer: used when the first surely printed nothing
//! id = "printer-2"
//! kind = "ticket_printer"
//! address = "tcp:192.0.2.7:9100"
//! ```
//!
//! Several devices of one kind are tried in the order of the file. A mistake is told with its line and what to write instead.

use std::collections::HashMap;
use std::ops::Range;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use toml::Spanned;

use crate::address::Address;
use crate::printer::Profile;

/// What a device is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceRole {
    /// Prints tickets.
    TicketPrinter,
    /// Reads the QR codes of cards, tickets and receipts.
    CardScanner,
    /// Reads the chip of an identity card.
    ChipReader,
    /// Scans papers.
    DocumentScanner,
    /// Prints receipts and forms.
    DocumentPrinter,
    /// Shows calls in the hall.
    Board,
    /// Shows the number that is served at a counter.
    Display,
    /// Says calls aloud.
    Announcer,
    /// Asks the citizen how it was.
    RatingPad,
}

impl DeviceRole {
    /// Its name in the file.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::TicketPrinter => "ticket_printer",
            Self::CardScanner => "card_scanner",
            Self::ChipReader => "chip_reader",
            Self::DocumentScanner => "document_scanner",
            Self::DocumentPrinter => "document_printer",
            Self::Board => "board",
            Self::Display => "display",
            Self::Announcer => "announcer",
            Self::RatingPad => "rating_pad",
        }
    }

    /// The kinds of address at which a device of this role can be, and an example to show. None: it has no address.
    fn places(self) -> Option<(&'static [&'static str], &'static str)> {
        const LINES: &[&str] = &["serial", "tcp", "emulator"];
        Some(match self {
            Self::TicketPrinter => {
                (&["serial", "tcp", "usb", "cups", "file", "emulator"], "serial:/dev/serial/by-id/usb-EPSON_TM-T82III")
            }
            Self::CardScanner => (LINES, "serial:/dev/serial/by-id/usb-Honeywell_Xenon"),
            Self::ChipReader => (&["pcsc", "tcp", "emulator"], "pcsc:ACS ACR1252 Dual Reader 00 00"),
            Self::DocumentScanner => (&["sane", "file"], "sane:fujitsu:fi-7030:12345"),
            Self::DocumentPrinter => (&["cups", "file"], "cups:RECEIPTS"),
            Self::Board | Self::Display | Self::RatingPad => (LINES, "serial:/dev/serial/by-id/usb-FTDI_FT232R"),
            Self::Announcer => return None,
        })
    }
}

/// One device of a station.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceEntry {
    /// Its id, in logs and on the officer's screen.
    pub id: String,
    /// What it is for.
    pub kind: DeviceRole,
    /// Where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    /// What it can do: the name of a printer's profile such as `generic-80mm`, or of a display's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// An announcer's folder for sound files, where there is no loudspeaker; a scanner's folder for pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<PathBuf>,
    /// A folder of recorded clips from which an announcer speaks before it tries a synthetic voice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clips: Option<PathBuf>,
    /// Whether the station counts as out of service while it is not ready.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
}

/// A mistake in a station's file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}. {remedy}")]
pub struct RosterError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong there.
    pub what: String,
    /// What to write instead.
    pub remedy: String,
}

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    device: Vec<Spanned<toml::Value>>,
}

/// Reads the devices of a station's file; its other parts are not looked at.
///
/// # Errors
/// The first mistake, with its line and what to write instead.
pub fn read(text: &str) -> Result<Vec<DeviceEntry>, RosterError> {
    let file: File = toml::from_str(text).map_err(|error| of_toml(text, &error))?;
    let mut entries = Vec::with_capacity(file.device.len());
    for table in file.device {
        let (span, line) = (table.span(), line_of(text, table.span().start));
        let entry =
            DeviceEntry::deserialize(table.into_inner()).map_err(|error| in_table(text, span.clone(), &error))?;
        check(&entry, line)?;
        entries.push((line, entry));
    }
    check_together(&entries)?;
    Ok(entries.into_iter().map(|(_, entry)| entry).collect())
}

/// A mistake that the TOML reader found, in any part of a station's file.
#[must_use]
pub fn of_toml(text: &str, error: &toml::de::Error) -> RosterError {
    let line = error.span().map_or(1, |span| line_of(text, span.start));
    let remedy = "Compare the line with the example in docs/station-file.md".to_owned();
    RosterError { line, what: error.message().trim().to_owned(), remedy }
}

/// The line of a byte, from 1.
#[must_use]
pub fn line_of(text: &str, byte: usize) -> usize {
    1 + text.bytes().take(byte).filter(|byte| *byte == b'\n').count()
}

/// A mistake within one device's table: the line is the one that holds the word at fault, where it can be told.
fn in_table(text: &str, span: Range<usize>, error: &toml::de::Error) -> RosterError {
    let what = error.message().trim().to_owned();
    let table = text.get(span.clone()).unwrap_or_default();
    let rest = text.get(span.start..).unwrap_or_default();
    let word = what.split('`').nth(1).unwrap_or_default();
    let own = if table.contains(word) { table } else { rest };
    let offset = if word.is_empty() { 0 } else { own.find(word).unwrap_or(0) };
    RosterError { line: line_of(text, span.start + offset), what, remedy: remedy_for(error.message()) }
}

fn remedy_for(message: &str) -> String {
    let remedy = if message.contains("unknown field") {
        "A device has: id, kind, address, profile, folder, clips, required"
    } else if message.contains("unknown variant") {
        "Write one of these kinds, in quotation marks"
    } else if message.contains("missing field") {
        "Every device needs `id` and `kind`"
    } else {
        "`motcua-hw list` shows what is plugged in, with its addresses"
    };
    remedy.to_owned()
}

fn check(entry: &DeviceEntry, line: usize) -> Result<(), RosterError> {
    let mistake = |what: String, remedy: String| RosterError { line, what, remedy };
    let id = &entry.id;
    if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_') {
        let remedy = "Write a short name of letters, digits and hyphens, such as id = \"printer\"";
        return Err(mistake(format!("`{id}` is not a device's id"), remedy.into()));
    }
    let kind = entry.kind.name();
    match (entry.kind.places(), &entry.address) {
        (None, None) => {}
        (None, Some(_)) => {
            return Err(mistake(
                format!("{kind} `{id}` has an address and needs none"),
                "Take the address away".into(),
            ));
        }
        (Some((_, example)), None) => {
            return Err(mistake(format!("{kind} `{id}` has no address"), format!("Write address = \"{example}\"")));
        }
        (Some((places, example)), Some(address)) => {
            let written = address.to_string();
            let place = written.split(':').next().unwrap_or_default();
            if !places.contains(&place) {
                let remedy = format!("It can be at {}; for example address = \"{example}\"", listed(places));
                return Err(mistake(format!("{kind} `{id}` cannot be at {place}:"), remedy));
            }
        }
    }
    if entry.kind == DeviceRole::TicketPrinter
        && let Some(profile) = &entry.profile
        && let Err(error) = Profile::named(profile)
    {
        return Err(mistake(error.to_string(), "`motcua-hw list` shows the printer profiles".into()));
    }
    Ok(())
}

fn listed(places: &[&str]) -> String {
    places.iter().map(|place| format!("{place}:")).collect::<Vec<_>>().join(", ")
}

/// What no device may share with another.
fn check_together(entries: &[(usize, DeviceEntry)]) -> Result<(), RosterError> {
    let mut ids = HashMap::new();
    let mut addresses = HashMap::new();
    for (line, entry) in entries {
        if let Some(first) = ids.insert(&entry.id, line) {
            let what = format!("device `{}` is there already, in line {first}", entry.id);
            return Err(RosterError { line: *line, what, remedy: "Give each device an id of its own".into() });
        }
        if let Some(address) = &entry.address
            && let Some(first) = addresses.insert(address, line)
        {
            let what = format!("{address} is taken by the device in line {first}");
            return Err(RosterError { line: *line, what, remedy: "Two devices cannot be at one address".into() });
        }
    }
    Ok(())
}

#[cfg(test)]
#[path = "roster_tests.rs"]
mod tests;
