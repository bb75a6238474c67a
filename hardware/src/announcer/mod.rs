//! The voice of the hall: what is said, and the program that says it.

mod device;
pub mod phrase;

pub use device::{EspeakVoice, LogVoice, Voice, voice_for_this_machine};
pub use phrase::{Priority, Region, calling, cardinal, spell};
