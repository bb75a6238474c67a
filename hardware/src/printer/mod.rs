//! Ticket printers that speak ESC/POS.

pub mod canvas;
mod conversation;
mod device;
mod line_fault;
mod profile;
pub mod protocol;
pub mod raster;
mod report;
pub mod status;

pub use device::{EscPosPrinter, LastSlip};
pub use profile::{Cut, Profile, ProfileError, QrMode};
pub use report::{JobId, Outcome, PrintReport};
