//! The far sides: emulated devices on a TCP port or a pty that speak the real bytes, show what a person would see, and fail on demand. They are
//! products: the dock window and the technician's tool run them, and every test of a driver does.

pub mod card;
mod display;
mod escpos;
mod faults;
mod line;
mod mechanism;
mod pad;
mod page;
mod port;
mod printer;
mod pty;
pub mod registry;
mod scanner;
mod works;

pub use display::{DisplayGlass, DisplayScreen, EmulatedDisplay};
pub use escpos::{Command, Parsed, parse};
pub use faults::{Faults, Garbage};
pub use line::{FarSide, Line, LineServer, LineSpec};
pub use pad::{EmulatedPad, PadState};
pub use page::{Barcode, Page};
pub use printer::{Defect, EmulatedPrinter, PrinterModel};
pub use scanner::{EmulatedScanner, Terminator};
pub use works::{Printed, slips_of, slips_of_parts};
