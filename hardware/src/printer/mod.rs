//! Ticket printers that speak ESC/POS.

pub mod canvas;
pub mod compact;
mod conversation;
mod device;
mod jobs;
pub mod journal;
mod line_fault;
pub mod native;
mod profile;
pub mod protocol;
mod qr;
pub mod raster;
mod report;
mod resync;
mod sending;
pub mod status;

pub use device::{EscPosPrinter, LastSlip};
pub use jobs::{COPY_MARK, JobDesk, PrintOrder, told_again};
pub use profile::{Cut, Encoding, LineSpeed, Profile, ProfileError, QrMode, SAFE_WIDTH_DOTS, SLOW_BELOW_BAUD};
pub use raster::Piece;
pub(crate) use report::outcome;
pub use report::{JobId, KnownBy, NoJobId, Outcome, PrintReport};
