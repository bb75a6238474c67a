//! Whether a station's devices are ready for the day: each is opened, asked how it is, and let go again. A printer may be asked for a test
//! slip, because only paper proves paper.

use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::address::Address;
use crate::announcer::{Region, VoiceChain};
use crate::display::DisplayProfile;
use crate::document::printer::DocumentPrinter;
use crate::document::scanner::DocumentScanner;
use crate::failures::{self, Sentence};
use crate::paper::{Align, Paper, TextSize};
use crate::printer::{EscPosPrinter, JobId, LastSlip, PrintReport, Profile};
use crate::rating::PadProfile;
use crate::roster::{DeviceEntry, DeviceRole};
use crate::status::{DeviceState, DeviceStatus, Fault};
use crate::supervisor::{ChipSpec, Supervisor};

/// How long a printer may take to say how it is.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);
/// How long another device may take until it is known how it is.
const KNOWN_WITHIN: Duration = Duration::from_secs(5);
const LOOK: Duration = Duration::from_millis(10);

/// Whether a printer is asked for a slip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TestSlip {
    /// One is printed.
    Print,
    /// No paper moves.
    None,
}

/// What was found out about one device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Readiness {
    /// Its id in the station's file.
    pub id: String,
    /// What it is for.
    pub kind: DeviceRole,
    /// Where it is.
    pub address: Option<Address>,
    /// Whether the station needs it.
    pub required: bool,
    /// Whether it can do its work now.
    pub ready: bool,
    /// How it is.
    pub status: DeviceStatus,
    /// What became of the test slip, where one was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_slip: Option<PrintReport>,
    /// What to do about its gravest fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<&'static Sentence>,
}

/// Looks at one device.
#[must_use]
pub fn look(entry: &DeviceEntry, slip: TestSlip) -> Readiness {
    let (status, test_slip) = match entry.kind {
        DeviceRole::TicketPrinter => printer(entry, slip),
        _ => (status_of(entry), None),
    };
    Readiness {
        id: entry.id.clone(),
        kind: entry.kind,
        address: entry.address.clone(),
        required: entry.required,
        ready: status.works(),
        next: status.fault().and_then(|fault| failures::of(fault.code())).map(|failure| &failure.next),
        status,
        test_slip,
    }
}

/// Runs the device as a station would, until it is known how it is.
fn status_of(entry: &DeviceEntry) -> DeviceStatus {
    let (events, _) = channel();
    let mut supervisor = Supervisor::new(events);
    let status = match started(&mut supervisor, entry) {
        Ok(status) => status,
        Err(fault) => return DeviceStatus::inferred(fault),
    };
    let deadline = Instant::now() + KNOWN_WITHIN;
    while status().state == DeviceState::Opening && Instant::now() < deadline {
        std::thread::park_timeout(LOOK);
    }
    status()
}

/// Starts the device; what tells how it is.
fn started(supervisor: &mut Supervisor, entry: &DeviceEntry) -> Result<Box<dyn Fn() -> DeviceStatus>, Fault> {
    let name = entry.id.as_str();
    if entry.kind == DeviceRole::Announcer {
        let voice = VoiceChain::of_this_machine(entry.clips.as_deref(), Region::default());
        let handle = supervisor.announcer(name, Box::new(voice)).map_err(|_| Fault::VoiceAbsent)?;
        return Ok(Box::new(move || handle.status()));
    }
    // A file that was read names a place for every other device.
    let address = entry.address.clone().ok_or(Fault::PrinterAbsent)?;
    Ok(match entry.kind {
        DeviceRole::CardScanner => {
            let handle = supervisor.scanner(name, address).map_err(|_| Fault::ScannerAbsent)?;
            Box::new(move || handle.status())
        }
        DeviceRole::ChipReader => {
            let spec = ChipSpec { address, trust: Arc::default() };
            let handle = supervisor.chip(name, spec).map_err(|_| Fault::ChipReaderAbsent)?;
            Box::new(move || handle.status())
        }
        DeviceRole::DocumentScanner => {
            let scanner = DocumentScanner::at(&address)?;
            let handle = supervisor.document_scanner(name, scanner).map_err(|_| Fault::DocumentScannerAbsent)?;
            Box::new(move || handle.status())
        }
        DeviceRole::DocumentPrinter => {
            // No document is printed, so that the folder of records stays as it is.
            let printer = DocumentPrinter::new(&address, std::env::temp_dir())?;
            Box::new(move || printer.status())
        }
        DeviceRole::Display => {
            let profile = entry.profile.as_deref().unwrap_or(DisplayProfile::USUAL);
            let profile = DisplayProfile::named(profile).map_err(|_| Fault::DisplayRefused)?;
            let handle = supervisor.display(name, address, profile).map_err(|_| Fault::DisplayAbsent)?;
            Box::new(move || handle.status())
        }
        DeviceRole::RatingPad => {
            let profile = entry.profile.as_deref().unwrap_or(PadProfile::USUAL);
            let profile = PadProfile::named(profile).map_err(|_| Fault::PadAbsent)?;
            let handle = supervisor.rating_pad(name, address, profile).map_err(|_| Fault::PadAbsent)?;
            Box::new(move || handle.status())
        }
        DeviceRole::Board | DeviceRole::Announcer | DeviceRole::TicketPrinter => {
            let handle = supervisor.board(name, address).map_err(|_| Fault::BoardAbsent)?;
            Box::new(move || handle.status())
        }
    })
}

fn printer(entry: &DeviceEntry, slip: TestSlip) -> (DeviceStatus, Option<PrintReport>) {
    let Some(address) = &entry.address else { return (DeviceStatus::inferred(Fault::PrinterAbsent), None) };
    let Ok(profile) = Profile::named(entry.profile.as_deref().unwrap_or("generic-80mm")) else {
        return (DeviceStatus::inferred(Fault::PaperUnprintable), None);
    };
    let mut printer = match EscPosPrinter::open(address, profile.clone(), LastSlip::Whole) {
        Ok(printer) => printer,
        Err(fault) => return (DeviceStatus::inferred(fault), None),
    };
    let report = (slip == TestSlip::Print).then(|| printer.print(slip_id(), &test_slip(&profile), Instant::now()));
    let status = match report.as_ref().and_then(|report| report.fault) {
        Some(fault) if fault != Fault::PaperNearEnd => DeviceStatus::inferred(fault),
        _ => printer.status(Instant::now() + ANSWER_WITHIN),
    };
    (status, report)
}

/// Every test slip is a job of its own.
fn slip_id() -> JobId {
    JobId(u128::from(jiff::Timestamp::now().as_nanosecond().unsigned_abs() as u64))
}

/// A slip that shows what a ticket needs: every mark of the alphabet, a big number, a code, both margins.
#[must_use]
pub fn test_slip(profile: &Profile) -> Paper {
    Paper::new()
        .text("IN THỬ · TEST", TextSize::Large, Align::Center)
        .columns(&profile.name, &jiff::Timestamp::now().strftime("%d/%m/%Y %H:%M UTC").to_string())
        .rule()
        .text(
            "Ă Â Đ Ê Ô Ơ Ư Ắ Ằ Ẳ Ẵ Ặ Ấ Ầ Ẩ Ẫ Ậ Ế Ề Ể Ễ Ệ Ố Ồ Ổ Ỗ Ộ Ớ Ờ Ở Ỡ Ợ Ứ Ừ Ử Ữ Ự Ý Ỳ Ỷ Ỹ Ỵ",
            TextSize::Normal,
            Align::Left,
        )
        .text(
            "ă â đ ê ô ơ ư ắ ằ ẳ ẵ ặ ấ ầ ẩ ẫ ậ ế ề ể ễ ệ ố ồ ổ ỗ ộ ớ ờ ở ỡ ợ ứ ừ ử ữ ự ý ỳ ỷ ỹ ỵ",
            TextSize::Small,
            Align::Left,
        )
        .bold("A105", TextSize::Huge, Align::Center)
        .qr("MOTCUA TEST", 6)
        .columns("◄ mép trái", "mép phải ►")
}
