//! Whether a station's devices are ready for the day: each is opened, asked how it is, and let go again. A printer may be asked for a test
//! slip, because only paper proves paper.

use std::time::{Duration, Instant};

use serde::Serialize;

use crate::address::Address;
use crate::announcer::voice_for_this_machine;
use crate::board::{BoardDriver, BoardMessage};
use crate::failures::{self, Sentence};
use crate::paper::{Align, Paper, TextSize};
use crate::printer::{EscPosPrinter, JobId, LastSlip, PrintReport, Profile};
use crate::roster::{DeviceEntry, DeviceRole};
use crate::scanner::SerialScanner;
use crate::status::{DeviceState, DeviceStatus, Fault, Knowledge};

/// How long a device may take to say how it is.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);

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

fn status_of(entry: &DeviceEntry) -> DeviceStatus {
    let looked = match (entry.kind, &entry.address) {
        (DeviceRole::CardScanner, Some(address)) => SerialScanner::open(address).map(drop),
        (DeviceRole::Board, Some(address)) => {
            BoardDriver::open(address).and_then(|mut board| board.tell(&BoardMessage::Beat))
        }
        (DeviceRole::Announcer, _) => voice_for_this_machine().check(),
        _ => Ok(()),
    };
    match looked {
        Ok(()) => DeviceStatus::new(DeviceState::Ready, Vec::new(), Knowledge::Inferred),
        Err(fault) => DeviceStatus::inferred(fault),
    }
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
