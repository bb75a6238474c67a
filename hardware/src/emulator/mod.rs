//! The far sides: emulated devices on a TCP port or a pty that speak the real bytes, show what a person would see, and fail on demand. They are
//! products: the dock window and the technician's tool run them, and every test of a driver does.

mod escpos;
mod line;
mod mechanism;
mod page;
mod port;
mod printer;
mod pty;
pub mod registry;
mod scanner;

pub use escpos::{Command, Parsed, parse};
pub use line::{FarSide, Faults, Garbage, Line, LineServer, LineSpec};
pub use page::{Barcode, Page};
pub use printer::{EmulatedPrinter, PrinterModel};
pub use scanner::{EmulatedScanner, Terminator};
