//! Rating pads on a serial line: buttons by which a person says how the service was, heard only while they are asked.

mod device;
mod profile;
pub mod protocol;

pub use device::RatingPad;
pub use profile::{Framing, PadProfile, PadProfileError};
pub use protocol::{Debounce, Heard, PadStream};
