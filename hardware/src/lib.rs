//! The device layer: addresses, lines, drivers, supervision, and emulators that speak the real bytes. It knows nothing of queues, dossiers or
//! people: it is handed paper, phrases and calls, and hands back codes that were scanned and accounts of what became of them.

pub mod address;
pub mod announcer;
pub mod board;
pub mod conformance;
pub mod emulator;
pub mod paper;
pub mod printer;
pub mod scanner;
pub mod status;
pub mod supervisor;
pub mod transport;

pub use address::{Address, AddressError};
pub use board::{BoardMessage, Call};
pub use paper::{Align, Block, Paper, TextSize};
pub use printer::{JobId, LastSlip, Outcome, PrintReport, Profile};
pub use scanner::{BirthDate, CardError, CardNumber, CardQr, CardWarning, Scan, Sex, masked};
pub use status::{DeviceState, DeviceStatus, Fault, Knowledge, Remedy};
pub use supervisor::{
    AnnouncerHandle, BoardHandle, DeviceEvent, DeviceEventKind, PrinterHandle, PrinterSpec, ScannerHandle, Supervisor,
};
