//! The station's devices: started from its file, supervised one thread each, shown as they are.

mod calls;
mod documents;
mod handle;
mod heard;
mod service;
mod tickets;
mod views;

use crate::api::Problem;
use crate::config::Config;
use crate::core::lock;
use handle::{Handle, address, fault};
use hardware::printer::Profile;
use hardware::registry::WatchPlaces;
use hardware::{ChipHandle, DeviceEntry, DeviceEvent, DeviceRole, LastSlip, PrinterSpec, PrintersHandle, Supervisor};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};

pub(crate) use heard::listen;
pub use tickets::JOURNAL;

/// What was said, a JSON line a phrase.
pub const SPOKEN: &str = "spoken.jsonl";
/// What a ticket printer can do where the file does not say.
const USUAL_PRINTER: &str = "generic-80mm";
/// The width of an 80 mm printer's line, for a station that has no printer.
const USUAL_WIDTH_DOTS: u16 = 576;

/// The devices of a station.
pub(crate) struct Devices {
    known: Vec<Known>,
    /// All ticket printers as one group, the preferred one first.
    printers: Option<PrintersHandle>,
    width_dots: u16,
    journal: PathBuf,
    spoken: PathBuf,
    supervisor: Mutex<Option<Supervisor>>,
}

struct Known {
    id: String,
    /// Whether the station counts as out of service, in part, without it.
    required: bool,
    handle: Handle,
}

impl Devices {
    /// Starts the devices of a station's file. `last_slip` tells whether a ticket was on its way when the station ended; what the journal
    /// of print jobs knows of each printer is added to it, and the worse counts.
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
        let journal = folder.join(JOURNAL);
        let entries: Vec<_> = config.devices.iter().filter(|part| part.kind == DeviceRole::TicketPrinter).collect();
        let specs = printer_specs(&entries, &journal, last_slip)?;
        let width_dots = specs.first().map_or(USUAL_WIDTH_DOTS, |(_, spec)| spec.profile.width_dots);
        let printers = match entries.first() {
            Some(first) => {
                let group = supervisor.printers(DeviceRole::TicketPrinter.name(), specs);
                Some(group.map_err(|why| fault(first, why))?)
            }
            None => None,
        };
        let mut known = Vec::with_capacity(config.devices.len());
        for part in &config.devices {
            let printer = printers.iter().flat_map(PrintersHandle::printers).find(|printer| printer.name() == part.id);
            let handle = match printer {
                Some(printer) => Handle::Printer(printer.clone()),
                None => handle::start(&mut supervisor, part, folder)?,
            };
            known.push(Known { id: part.id.clone(), required: part.required, handle });
        }
        if let Err(error) = supervisor.watch(&WatchPlaces::system()) {
            tracing::warn!(%error, "a device that is plugged in is found at its next try, not at once");
        }
        let (spoken, supervisor) = (folder.join(SPOKEN), Mutex::new(Some(supervisor)));
        Ok((Self { known, printers, width_dots, journal, spoken, supervisor }, received))
    }

    /// Stops all devices and waits for their threads.
    pub(crate) fn stop(&self) {
        drop(lock(&self.supervisor).take());
    }

    /// The reader for chips.
    pub(crate) fn chip(&self) -> Option<&ChipHandle> {
        self.known.iter().find_map(|known| match &known.handle {
            Handle::Chip(handle) => Some(handle),
            _ => None,
        })
    }

    /// The width of the preferred ticket printer's line.
    pub(crate) fn width_dots(&self) -> u16 {
        self.width_dots
    }
}

fn printer_specs(
    entries: &[&DeviceEntry],
    journal: &Path,
    last_slip: LastSlip,
) -> Result<Vec<(String, PrinterSpec)>, Problem> {
    let spec = |part: &&DeviceEntry| {
        let profile = Profile::named(part.profile.as_deref().unwrap_or(USUAL_PRINTER));
        let spec = PrinterSpec::new(address(part)?, profile.map_err(|why| fault(part, why))?);
        Ok((part.id.clone(), PrinterSpec { last_slip, journal: Some(journal.to_owned()), ..spec }))
    };
    entries.iter().map(spec).collect()
}
