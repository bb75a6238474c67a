//! The desktop's own voice, where one is set up.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::device::{Voice, finish};
use crate::status::Fault;

/// Speaks through speech-dispatcher (`spd-say`).
#[derive(Clone, Debug)]
pub struct SpeechDispatcherVoice {
    program: PathBuf,
}

impl SpeechDispatcherVoice {
    /// The voice of this machine.
    #[must_use]
    pub fn new() -> Self {
        Self { program: "spd-say".into() }
    }

    /// The same with another program that takes spd-say's options.
    #[must_use]
    pub fn with_program(mut self, program: impl Into<PathBuf>) -> Self {
        self.program = program.into();
        self
    }

    fn run(&self, arguments: &[&str], deadline: Instant) -> Result<(), Fault> {
        let mut command = Command::new(&self.program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        finish(command.spawn().map_err(|_| Fault::VoiceAbsent)?, deadline)
    }
}

impl Default for SpeechDispatcherVoice {
    fn default() -> Self {
        Self::new()
    }
}

impl Voice for SpeechDispatcherVoice {
    /// That the program is there; whether its server has a Vietnamese voice is only heard.
    fn check(&mut self) -> Result<(), Fault> {
        self.run(&["--version"], Instant::now() + Duration::from_secs(2)).map_err(|_| Fault::VoiceAbsent)
    }

    fn say(&mut self, phrase: &str, deadline: Instant) -> Result<(), Fault> {
        self.run(&["-w", "-l", "vi", "--", phrase], deadline)
    }
}
