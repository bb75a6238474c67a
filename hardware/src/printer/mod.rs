//! Ticket printers that speak ESC/POS.

pub mod canvas;
pub mod compact;
mod conversation;
mod device;
mod line_fault;
pub mod native;
mod profile;
pub mod protocol;
mod qr;
pub mod raster;
mod report;
pub mod status;

pub use device::{EscPosPrinter, LastSlip};
pub use profile::{Cut, Encoding, LineSpeed, Profile, ProfileError, QrMode, SAFE_WIDTH_DOTS, SLOW_BELOW_BAUD};
pub use raster::Piece;
pub use report::{JobId, Outcome, PrintReport};
