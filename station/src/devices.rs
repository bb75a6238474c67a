//! The station's devices: started from its file, supervised one thread each, shown as they are.

use crate::api::{DeviceKind, DeviceView, Problem, Text};
use crate::carried::is_ticket;
use crate::config::{Config, RoleName};
use crate::core::{Station, lock};
use crate::people;
use hardware::announcer::{EspeakVoice, LogVoice, Priority, Region, Voice, calling, voice_for_this_machine};
use hardware::printer::Profile;
use hardware::{
    Address, AnnouncerHandle, BoardHandle, Call, CardQr, DeviceEntry, DeviceEvent, DeviceEventKind, DeviceRole,
    DeviceState, DeviceStatus, JobId, Knowledge, LastSlip, Paper, PrintReport, PrinterHandle, PrinterSpec,
    ScannerHandle, Supervisor,
};
use intake::moment::Moment;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};

/// What was said, a JSON line a phrase.
pub const SPOKEN: &str = "spoken.jsonl";
/// The width of an 80 mm printer's line, for a station that has no printer.
const USUAL_WIDTH_DOTS: u16 = 576;

/// The devices of a station.
pub(crate) struct Devices {
    known: Vec<Known>,
    width_dots: u16,
    spoken: PathBuf,
    supervisor: Mutex<Option<Supervisor>>,
}

struct Known {
    id: String,
    /// Whether the station counts as out of service, in part, without it.
    required: bool,
    handle: Handle,
}

enum Handle {
    Printer(PrinterHandle),
    Scanner(ScannerHandle),
    Board(BoardHandle),
    Announcer(AnnouncerHandle),
}

impl Handle {
    fn kind(&self) -> DeviceKind {
        match self {
            Handle::Printer(_) => DeviceKind::TicketPrinter,
            Handle::Scanner(_) => DeviceKind::CardScanner,
            Handle::Board(_) => DeviceKind::Board,
            Handle::Announcer(_) => DeviceKind::Announcer,
        }
    }

    fn status(&self) -> DeviceStatus {
        match self {
            Handle::Printer(handle) => handle.status(),
            Handle::Scanner(handle) => handle.status(),
            Handle::Board(handle) => handle.status(),
            Handle::Announcer(handle) => handle.status(),
        }
    }
}

impl Devices {
    /// Starts the devices of a station's file. `last_slip` tells whether a ticket was on its way when the station ended.
    ///
    /// # Errors
    /// `CONFIG-FAULT` with the device, when its profile is unknown or the system gives no thread.
    pub(crate) fn start(
        config: &Config,
        folder: &Path,
        last_slip: LastSlip,
    ) -> Result<(Self, Receiver<DeviceEvent>), Problem> {
        let (events, received) = channel();
        let mut supervisor = Supervisor::new(events);
        let mut width_dots = USUAL_WIDTH_DOTS;
        let mut known = Vec::with_capacity(config.devices.len());
        for part in &config.devices {
            let fault = |why: String| Problem::new("CONFIG-FAULT").with("file", &part.id).with("why", why);
            let handle = match part.kind {
                DeviceRole::TicketPrinter => {
                    let profile = Profile::named(part.profile.as_deref().unwrap_or("generic-80mm"));
                    let profile = profile.map_err(|error| fault(error.to_string()))?;
                    width_dots = profile.width_dots;
                    let spec = PrinterSpec { last_slip, ..PrinterSpec::new(address(part)?, profile) };
                    supervisor.printer(&part.id, spec).map(Handle::Printer)
                }
                DeviceRole::CardScanner => supervisor.scanner(&part.id, address(part)?).map(Handle::Scanner),
                DeviceRole::Board => supervisor.board(&part.id, address(part)?).map(Handle::Board),
                DeviceRole::Announcer => supervisor.announcer(&part.id, voice(part, folder)).map(Handle::Announcer),
                other => return Err(fault(format!("a {} is not driven by this station", other.name()))),
            };
            let handle = handle.map_err(|error| fault(error.to_string()))?;
            known.push(Known { id: part.id.clone(), required: part.required, handle });
        }
        let spoken = folder.join(SPOKEN);
        Ok((Self { known, width_dots, spoken, supervisor: Mutex::new(Some(supervisor)) }, received))
    }

    /// Stops all devices and waits for their threads.
    pub(crate) fn stop(&self) {
        drop(lock(&self.supervisor).take());
    }

    /// The width of the ticket printer's line.
    pub(crate) fn width_dots(&self) -> u16 {
        self.width_dots
    }

    fn printer(&self) -> Option<&PrinterHandle> {
        self.known.iter().find_map(|known| match &known.handle {
            Handle::Printer(handle) => Some(handle),
            _ => None,
        })
    }

    /// Hands paper to the ticket printer; the report comes when the printer has told. The error is the code of why nothing
    /// was handed over.
    pub(crate) fn print(&self, job: JobId, paper: Paper) -> Result<Receiver<PrintReport>, String> {
        let printer = self.printer().ok_or_else(|| "DEVICE-NOT-SET".to_owned())?;
        Ok(printer.print(job, paper))
    }

    /// Calls a number on all boards and by voice. What a board that is away missed it is told when it is back.
    pub(crate) fn call(&self, number: &str, desk: &str, times: u32, priority: bool) {
        let Ok(desk) = desk.parse::<u16>() else {
            tracing::warn!(desk, "a desk that is no number is not called");
            return;
        };
        let times = u8::try_from(times).unwrap_or(u8::MAX);
        let priority = if priority { Priority::Priority } else { Priority::Ordinary };
        let phrase = calling(number, priority, desk, times, Region::North);
        for known in &self.known {
            match &known.handle {
                // How it went is in the device's status; a call is for now and is not repeated by itself.
                Handle::Board(board) => drop(board.call(Call { number: number.to_owned(), desk, times })),
                Handle::Announcer(announcer) => drop(announcer.say(&phrase)),
                Handle::Printer(_) | Handle::Scanner(_) => {}
            }
        }
        self.note_spoken(&phrase);
    }

    fn note_spoken(&self, phrase: &str) {
        let line = serde_json::json!({ "text": phrase, "at": jiff::Timestamp::now().as_millisecond() });
        let file = std::fs::OpenOptions::new().create(true).append(true).open(&self.spoken);
        if let Err(error) = file.and_then(|mut file| writeln!(file, "{line}")) {
            tracing::warn!(%error, "what was said is not in the list of phrases");
        }
    }

    /// How all devices are.
    pub(crate) fn views(&self, now: Moment) -> Vec<DeviceView> {
        self.known.iter().map(|known| view(&known.id, known.handle.kind(), &known.handle.status(), now)).collect()
    }

    /// What the station cannot do for now, and what it still does: one problem for each sort of required device that is not ready.
    pub(crate) fn service_problems(&self) -> Vec<Problem> {
        let lacking = self.known.iter().filter(|known| known.required && is_down(&known.handle.status()));
        let mut named: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for kind in lacking.map(|known| known.handle.kind()) {
            named.entry(out_of_service(kind)).or_default().push(label(kind).vi);
        }
        named.into_iter().map(|(code, devices)| Problem::new(code).with("device", devices.join(", "))).collect()
    }

    /// How the first device of a kind is.
    pub(crate) fn view_of(&self, kind: DeviceKind, now: Moment) -> DeviceView {
        let found = self.known.iter().find(|known| known.handle.kind() == kind);
        found.map_or_else(|| not_set(kind, now), |known| view(&known.id, kind, &known.handle.status(), now))
    }
}

fn address(part: &DeviceEntry) -> Result<Address, Problem> {
    let missing = || Problem::new("CONFIG-FAULT").with("file", &part.id).with("why", "no address");
    part.address.clone().ok_or_else(missing)
}

/// The voice of this machine; into a folder of sound files where one is named.
fn voice(part: &DeviceEntry, folder: &Path) -> Box<dyn Voice> {
    let Some(into) = &part.folder else { return voice_for_this_machine() };
    let into = folder.join(into);
    let mut voice = EspeakVoice::new().into_folder(&into);
    if std::fs::create_dir_all(&into).is_ok() && voice.check().is_ok() { Box::new(voice) } else { Box::new(LogVoice) }
}

fn view(id: &str, kind: DeviceKind, status: &DeviceStatus, now: Moment) -> DeviceView {
    DeviceView {
        id: id.to_owned(),
        kind,
        label: label(kind),
        state: state_name(status.state).into(),
        known: match status.knowledge {
            Knowledge::Reported => "reported",
            Knowledge::Inferred => "inferred",
            Knowledge::Unknown => "unknown",
        }
        .into(),
        since: status.since.as_millisecond().min(now.0),
        problem: status.fault().map(|fault| Problem::new(fault.code()).with("device", label(kind).vi)),
    }
}

/// A device that is being opened is not down yet.
fn is_down(status: &DeviceStatus) -> bool {
    !status.works() && status.state != DeviceState::Opening
}

fn out_of_service(kind: DeviceKind) -> &'static str {
    match kind {
        DeviceKind::TicketPrinter => "SERVICE-NO-PAPER",
        DeviceKind::CardScanner => "SERVICE-NO-CARD",
        _ => "SERVICE-DEVICE",
    }
}

fn state_name(state: DeviceState) -> &'static str {
    match state {
        DeviceState::Absent => "absent",
        DeviceState::Opening => "opening",
        DeviceState::Ready => "ready",
        DeviceState::Busy => "busy",
        DeviceState::Degraded => "degraded",
        DeviceState::Blocked => "blocked",
        DeviceState::Faulted => "faulted",
    }
}

fn label(kind: DeviceKind) -> Text {
    match kind {
        DeviceKind::TicketPrinter => Text::both("Máy in phiếu", "Ticket printer"),
        DeviceKind::CardScanner => Text::both("Máy đọc mã", "Code scanner"),
        DeviceKind::Board => Text::both("Bảng gọi số", "Call board"),
        DeviceKind::Announcer => Text::both("Loa gọi số", "Announcer"),
    }
}

fn not_set(kind: DeviceKind, now: Moment) -> DeviceView {
    DeviceView {
        id: String::new(),
        kind,
        label: label(kind),
        state: "absent".into(),
        known: "inferred".into(),
        since: now.0,
        problem: Some(Problem::new("DEVICE-NOT-SET").with("device", label(kind).vi)),
    }
}

/// Listens to what devices say: codes that were scanned, and changes of how they are.
pub(crate) fn listen(station: &Station, events: Receiver<DeviceEvent>) {
    let station = station.clone();
    let body = move || {
        for event in events {
            match event.kind {
                DeviceEventKind::Status(status) => {
                    tracing::info!(device = event.device, state = state_name(status.state), "device");
                }
                DeviceEventKind::Scan(scan) => scanned(&station, &scan.text),
                DeviceEventKind::ScanFault(fault) => not_a_card(&station, fault.code()),
                DeviceEventKind::CardInserted | DeviceEventKind::CardRemoved | DeviceEventKind::ChipProgress(_) => {}
            }
            station.notices.tell();
        }
    };
    if let Err(error) = std::thread::Builder::new().name("devices".into()).spawn(body) {
        tracing::error!(%error, "no thread to listen to devices: scans are not heard until a new start");
    }
}

fn scanned(station: &Station, text: &str) {
    if is_ticket(text) {
        match station.config.station.role {
            RoleName::Counter => ticket_scanned(station, text),
            // The citizen has their number already.
            _ => not_a_card(station, "TICKET-AT-KIOSK"),
        }
        return;
    }
    match CardQr::parse(text) {
        Ok(card) => station.card_scanned(people::identity(&card)),
        Err(fault) => not_a_card(station, fault.code()),
    }
}

fn ticket_scanned(station: &Station, text: &str) {
    let outcome = station.counter_admit(text);
    let mut session = lock(&station.session);
    match outcome {
        Ok(_) => session.scan_problem = None,
        Err(problem) => session.scan_problem = Some(problem),
    }
}

fn not_a_card(station: &Station, code: &str) {
    lock(&station.session).not_a_card(Problem::new(code));
}
