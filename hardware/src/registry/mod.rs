//! Which devices this machine can see, who holds them, and when one comes or goes. Finding a device opens nothing: a list can be made while a hall is
//! at work.

mod claim;
mod holder;
mod inotify;
mod readers;
mod scanners;
mod serial;
mod watch;

use std::fmt;
use std::path::Path;
use std::time::{Duration, Instant};

use serde::Serialize;

pub use claim::{Claim, ClaimError, Claims, claim};
pub use holder::Holder;
pub use scanners::parse_scanners;
pub use serial::{SerialPlaces, serial_ports};
pub use watch::{PlugEvent, Watch, WatchPlaces, watch};

use crate::address::Address;
use crate::spooler::{Queue, Spooler};
use crate::transport::usb::{UsbPrinter, printers};
use crate::transport::{LineError, Refusal};

/// What a device seems to be. A guess from where it was found: a serial line says nothing of what hangs on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceClass {
    /// A line that a printer, a scanner, a board or a pad may hang on.
    SerialLine,
    /// A printer for tickets.
    TicketPrinter,
    /// A printer for pages.
    DocumentPrinter,
    /// A reader of chip cards.
    CardReader,
    /// A scanner of pages.
    DocumentScanner,
}

/// Whether a device can be opened now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Access {
    /// Nothing stands against it.
    Free,
    /// A program has it.
    InUse {
        /// Which, as far as this account may see.
        by: Option<Holder>,
    },
    /// It is there, and this account may not use it.
    NoPermission {
        /// What a technician does about it.
        remedy: String,
    },
    /// It is there and does no work now.
    Unavailable {
        /// Why.
        why: String,
    },
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Free => f.write_str("free"),
            Self::InUse { by: Some(by) } => write!(f, "in use by {by}"),
            Self::InUse { by: None } => f.write_str("in use"),
            Self::NoPermission { remedy } => write!(f, "no permission: {remedy}"),
            Self::Unavailable { why } => f.write_str(why),
        }
    }
}

/// A device that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Found {
    /// Where it is; parses back.
    pub address: Address,
    /// What it seems to be.
    pub class: DeviceClass,
    /// Its maker, where it says so.
    pub maker: Option<String>,
    /// Its model, where it says so.
    pub model: Option<String>,
    /// Its serial number, where it has one.
    pub serial: Option<String>,
    /// Whether it can be opened.
    pub access: Access,
}

/// A place that could not be looked into.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unseen {
    /// Which: `pcsc`, `cups`, `sane`.
    pub place: &'static str,
    /// Why.
    pub why: String,
}

/// What was found, and where it could not be looked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Discovery {
    /// The devices.
    pub devices: Vec<Found>,
    /// The places that did not answer. A service that is not there is a value, and no failure of the others.
    pub unseen: Vec<Unseen>,
}

/// Lists every device that this machine can see. Each place is given at most `within`.
#[must_use]
pub fn discover(within: Duration) -> Discovery {
    let mut discovery = Discovery::default();
    discovery.devices.extend(serial_ports(&SerialPlaces::system()));
    discovery.devices.extend(printers().into_iter().map(usb_printer));
    let queues = Spooler::system().queues(Instant::now() + within);
    discovery
        .add("cups", queues.map(|queues| queues.into_iter().map(queue).collect()).map_err(|error| error.to_string()));
    discovery.add("pcsc", readers::readers());
    discovery.add("sane", scanners::scanners(Instant::now() + within));
    discovery
}

impl Discovery {
    fn add(&mut self, place: &'static str, found: Result<Vec<Found>, String>) {
        match found {
            Ok(found) => self.devices.extend(found),
            Err(why) => self.unseen.push(Unseen { place, why }),
        }
    }
}

fn usb_printer(printer: UsbPrinter) -> Found {
    Found {
        access: node_access(&printer.node, "lp"),
        address: Address::Usb { vendor: printer.vendor, product: printer.product, serial: printer.serial.clone() },
        class: DeviceClass::TicketPrinter,
        maker: printer.maker,
        model: printer.model,
        serial: printer.serial,
    }
}

fn queue(queue: Queue) -> Found {
    let raw = queue.model.as_deref().is_none_or(|model| model.contains("Raw"));
    let access = match queue.trouble() {
        None => Access::Free,
        Some(Refusal::NotAllowed) => Access::NoPermission { remedy: "let this account print to the queue".to_owned() },
        Some(refusal) => Access::Unavailable { why: LineError::Refused(refusal).to_string() },
    };
    Found {
        address: Address::Cups { queue: queue.name },
        class: if raw { DeviceClass::TicketPrinter } else { DeviceClass::DocumentPrinter },
        maker: None,
        model: queue.info.filter(|info| !info.is_empty()).or(queue.model),
        serial: None,
        access,
    }
}

/// Whether a device node can be opened by this account, without opening it: to open a serial line moves its control lines, which resets some devices.
fn node_access(node: &Path, group: &str) -> Access {
    if !holder::may_use(node) {
        let remedy = format!("add this account to the group {group} (usermod -aG {group} USER), and log in again");
        return Access::NoPermission { remedy };
    }
    match holder::of(node) {
        Some(by) => Access::InUse { by: Some(by) },
        None => Access::Free,
    }
}
