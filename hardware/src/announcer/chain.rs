//! Voices in their order: the first that can speak does, and what kept those before it from speaking is told.

use std::path::Path;
use std::time::{Duration, Instant};

use super::device::{EspeakVoice, LogVoice, Voice};
use super::phrase::Region;
use super::recorded::ClipVoice;
use super::speech_dispatcher::SpeechDispatcherVoice;
use crate::status::Fault;

/// Voices, the best first.
#[derive(Default)]
pub struct VoiceChain {
    voices: Vec<Box<dyn Voice>>,
    standing: Option<Fault>,
}

impl VoiceChain {
    /// These voices.
    #[must_use]
    pub fn new(voices: Vec<Box<dyn Voice>>) -> Self {
        Self { voices, standing: None }
    }

    /// The voices of this machine: the clips of a folder where there is one, espeak-ng, speech-dispatcher where it is installed, and the log.
    #[must_use]
    pub fn of_this_machine(clips: Option<&Path>, region: Region) -> Self {
        let mut voices: Vec<Box<dyn Voice>> = Vec::new();
        if let Some(folder) = clips {
            voices.push(Box::new(ClipVoice::new(folder, region)));
        }
        voices.push(Box::new(EspeakVoice::new()));
        let mut dispatcher = SpeechDispatcherVoice::new();
        if dispatcher.check().is_ok() {
            voices.push(Box::new(dispatcher));
        }
        voices.push(Box::new(LogVoice));
        Self::new(voices)
    }

    /// The first voice that `works`; what kept those before it from working stands until the next try.
    fn first(&mut self, mut works: impl FnMut(&mut dyn Voice) -> Result<(), Fault>) -> Result<(), Fault> {
        self.standing = None;
        for voice in &mut self.voices {
            match works(voice.as_mut()) {
                Ok(()) => return Ok(()),
                Err(fault) => {
                    self.standing.get_or_insert(fault);
                }
            }
        }
        Err(self.standing.unwrap_or(Fault::VoiceAbsent))
    }
}

impl Voice for VoiceChain {
    fn check(&mut self) -> Result<(), Fault> {
        self.first(|voice| voice.check())
    }

    /// A voice that used its time up leaves the next one as much.
    fn say(&mut self, phrase: &str, deadline: Instant) -> Result<(), Fault> {
        let time = deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
        self.first(|voice| voice.say(phrase, Instant::now() + time))
    }

    fn standing(&self) -> Option<Fault> {
        self.standing
    }
}
