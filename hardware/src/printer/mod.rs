//! Ticket printers that speak ESC/POS.

pub mod canvas;
mod conversation;
mod device;
mod jobs;
pub mod journal;
mod line_fault;
mod profile;
pub mod protocol;
pub mod raster;
mod report;
mod resync;
mod sending;
pub mod status;

pub use device::{EscPosPrinter, LastSlip};
pub use jobs::{COPY_MARK, JobDesk, PrintOrder, told_again};
pub use profile::{Cut, Profile, ProfileError, QrMode};
pub(crate) use report::outcome;
pub use report::{JobId, KnownBy, NoJobId, Outcome, PrintReport};
