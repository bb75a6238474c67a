//! The voice of the hall: what is said, and what says it: a program, or recorded clips.

mod chain;
pub mod clips;
mod device;
pub mod phrase;
mod recorded;
mod speech_dispatcher;
pub mod wav;

pub use chain::VoiceChain;
pub use clips::{CLIPS, Clip};
pub use device::{EspeakVoice, LogVoice, Voice};
pub use phrase::{Priority, Region, calling, cardinal, spell};
pub use recorded::ClipVoice;
pub use speech_dispatcher::SpeechDispatcherVoice;
pub use wav::{Wav, WavError};
