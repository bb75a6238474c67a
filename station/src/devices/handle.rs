//! A supervised device of any kind, and how one is started from its entry in the station's file.

use super::documents::RECORDS;
use crate::api::{DeviceKind, Problem};
use crate::chip;
use hardware::announcer::{ClipVoice, EspeakVoice, LogVoice, Region, Voice, VoiceChain};
use hardware::display::DisplayProfile;
use hardware::document::printer::DocumentPrinter;
use hardware::document::scanner::DocumentScanner;
use hardware::rating::PadProfile;
use hardware::{
    Address, AnnouncerHandle, BoardHandle, ChipHandle, ChipSpec, DeviceEntry, DeviceRole, DeviceStatus, DisplayHandle,
    DocumentPrinterHandle, DocumentScannerHandle, PadHandle, PrinterHandle, ScannerHandle, Supervisor,
};
use std::path::Path;

pub(super) enum Handle {
    Printer(PrinterHandle),
    Scanner(ScannerHandle),
    DocumentScanner(DocumentScannerHandle),
    DocumentPrinter(DocumentPrinterHandle),
    Board(BoardHandle),
    Display(DisplayHandle),
    Announcer(AnnouncerHandle),
    RatingPad(PadHandle),
    Chip(ChipHandle),
}

impl Handle {
    pub(super) fn kind(&self) -> DeviceKind {
        match self {
            Handle::Printer(_) => DeviceKind::TicketPrinter,
            Handle::Scanner(_) => DeviceKind::CardScanner,
            Handle::DocumentScanner(_) => DeviceKind::DocumentScanner,
            Handle::DocumentPrinter(_) => DeviceKind::DocumentPrinter,
            Handle::Board(_) => DeviceKind::Board,
            Handle::Display(_) => DeviceKind::Display,
            Handle::Announcer(_) => DeviceKind::Announcer,
            Handle::RatingPad(_) => DeviceKind::RatingPad,
            Handle::Chip(_) => DeviceKind::ChipReader,
        }
    }

    pub(super) fn status(&self) -> DeviceStatus {
        match self {
            Handle::Printer(handle) => handle.status(),
            Handle::Scanner(handle) => handle.status(),
            Handle::DocumentScanner(handle) => handle.status(),
            Handle::DocumentPrinter(handle) => handle.status(),
            Handle::Board(handle) => handle.status(),
            Handle::Display(handle) => handle.status(),
            Handle::Announcer(handle) => handle.status(),
            Handle::RatingPad(handle) => handle.status(),
            Handle::Chip(handle) => handle.status(),
        }
    }
}

/// Starts any device but a ticket printer; those are started as one group.
pub(super) fn start(supervisor: &mut Supervisor, part: &DeviceEntry, folder: &Path) -> Result<Handle, Problem> {
    let name = part.id.as_str();
    let handle = match part.kind {
        DeviceRole::CardScanner => supervisor.scanner(name, address(part)?).map(Handle::Scanner),
        DeviceRole::Board => supervisor.board(name, address(part)?).map(Handle::Board),
        DeviceRole::Announcer => supervisor.announcer(name, voice(part, folder)).map(Handle::Announcer),
        DeviceRole::DocumentPrinter => {
            let printer =
                DocumentPrinter::new(&address(part)?, folder.join(RECORDS)).map_err(|why| fault(part, why))?;
            supervisor.document_printer(name, printer).map(Handle::DocumentPrinter)
        }
        DeviceRole::DocumentScanner => {
            let scanner = DocumentScanner::at(&address(part)?).map_err(|why| fault(part, why))?;
            supervisor.document_scanner(name, scanner).map(Handle::DocumentScanner)
        }
        DeviceRole::Display => {
            let profile = part.profile.as_deref().unwrap_or(DisplayProfile::USUAL);
            let profile = DisplayProfile::named(profile).map_err(|why| fault(part, why))?;
            supervisor.display(name, address(part)?, profile).map(Handle::Display)
        }
        DeviceRole::RatingPad => {
            let profile = part.profile.as_deref().unwrap_or(PadProfile::USUAL);
            let profile = PadProfile::named(profile).map_err(|why| fault(part, why))?;
            supervisor.rating_pad(name, address(part)?, profile).map(Handle::RatingPad)
        }
        DeviceRole::ChipReader => {
            let authorities = folder.join(part.folder.as_deref().unwrap_or(Path::new(chip::AUTHORITIES)));
            let spec = ChipSpec { address: address(part)?, trust: chip::authorities(&authorities) };
            supervisor.chip(name, spec).map(Handle::Chip)
        }
        DeviceRole::TicketPrinter => return Err(fault(part, "ticket printers are started as one group")),
    };
    handle.map_err(|why| fault(part, why))
}

pub(super) fn fault(part: &DeviceEntry, why: impl ToString) -> Problem {
    Problem::new("CONFIG-FAULT").with("file", &part.id).with("why", why.to_string())
}

pub(super) fn address(part: &DeviceEntry) -> Result<Address, Problem> {
    part.address.clone().ok_or_else(|| fault(part, "no address"))
}

/// The voices of this machine, recorded clips first where there are some; into a folder of sound files where one is named.
fn voice(part: &DeviceEntry, folder: &Path) -> Box<dyn Voice> {
    let clips = part.clips.as_ref().map(|clips| folder.join(clips));
    let Some(into) = part.folder.as_ref().map(|into| folder.join(into)) else {
        return Box::new(VoiceChain::of_this_machine(clips.as_deref(), Region::North));
    };
    if std::fs::create_dir_all(&into).is_err() {
        return Box::new(LogVoice);
    }
    let mut voices: Vec<Box<dyn Voice>> = Vec::new();
    if let Some(clips) = clips {
        voices.push(Box::new(ClipVoice::new(clips, Region::North).into_folder(&into)));
    }
    let mut espeak = EspeakVoice::new().into_folder(&into);
    if espeak.check().is_ok() {
        voices.push(Box::new(espeak));
    }
    voices.push(Box::new(LogVoice));
    Box::new(VoiceChain::new(voices))
}
