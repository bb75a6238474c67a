//! The device layer: addresses, lines, drivers, supervision, and emulators that speak the real bytes. It knows nothing of queues, dossiers or
//! people: it is handed paper, phrases and calls, and hands back codes that were scanned and accounts of what became of them.

pub mod address;
pub mod announcer;
pub mod board;
pub mod chip;
pub mod conformance;
pub mod display;
pub mod document;
pub mod emulator;
pub mod evidence;
pub mod failures;
pub mod paper;
pub mod printer;
pub mod rating;
pub mod readiness;
pub mod registry;
pub mod roster;
pub mod scanner;
pub mod spooler;
pub mod status;
pub mod supervisor;
pub mod transport;

pub use address::{Address, AddressError};
pub use board::{BoardMessage, Call};
pub use evidence::Evidence;
pub use paper::{Align, Block, Paper, TextSize};
pub use printer::{JobId, LastSlip, Outcome, PrintReport, Profile};
pub use roster::{DeviceEntry, DeviceRole, RosterError};
pub use scanner::{BirthDate, CardError, CardNumber, CardQr, CardWarning, Scan, Sex, masked};
pub use status::{Cause, DeviceState, DeviceStatus, Fault, Knowledge, Remedy};
pub use supervisor::{
    AnnouncerHandle, BoardHandle, DeviceEvent, DeviceEventKind, DisplayHandle, DocumentScannerHandle, PadAnswer,
    PadHandle, PrinterHandle, PrinterSpec, ScanJob, ScannerHandle, Supervisor,
};
