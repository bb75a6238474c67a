//! QR scanners on a serial line, and what an identity card's QR code says.

pub mod card;
mod device;
pub mod protocol;

pub use card::{BirthDate, CardError, CardNumber, CardQr, CardWarning, Sex, masked};
pub use device::{Scan, SerialScanner};
