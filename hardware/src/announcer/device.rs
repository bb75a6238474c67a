//! What every voice is, and the program that speaks: espeak-ng, where this machine has it.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::status::Fault;

/// Words a minute: slower than speech, for a hall.
const WORDS_PER_MINUTE: &str = "135";
/// How often a speaking program is looked at.
const LOOK: Duration = Duration::from_millis(20);

/// Says phrases, one at a time.
pub trait Voice: Send {
    /// Whether it can speak: checked once when the announcer starts.
    ///
    /// # Errors
    /// [`Fault::VoiceAbsent`] when it cannot.
    fn check(&mut self) -> Result<(), Fault>;

    /// Says a phrase and returns when it was said; ends it at `deadline`.
    ///
    /// # Errors
    /// [`Fault::VoiceHung`] past the deadline, [`Fault::VoiceFailed`] or [`Fault::VoiceAbsent`] when the program failed or is not there.
    fn say(&mut self, phrase: &str, deadline: Instant) -> Result<(), Fault>;

    /// What is wrong although it speaks, such as a better voice that could not.
    fn standing(&self) -> Option<Fault> {
        None
    }
}

/// espeak-ng's Vietnamese voice.
#[derive(Clone, Debug)]
pub struct EspeakVoice {
    program: PathBuf,
    into: Option<PathBuf>,
    count: u32,
}

impl EspeakVoice {
    /// Speaks on the sound card.
    #[must_use]
    pub fn new() -> Self {
        Self { program: "espeak-ng".into(), into: None, count: 0 }
    }

    /// The same with another program that takes espeak-ng's options.
    #[must_use]
    pub fn with_program(mut self, program: impl Into<PathBuf>) -> Self {
        self.program = program.into();
        self
    }

    /// Writes `phrase-0001.wav` and so on into a folder instead of speaking, for machines with no sound card.
    #[must_use]
    pub fn into_folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.into = Some(folder.into());
        self
    }

    /// Writes a phrase into a wav file, as for a first set of clips.
    ///
    /// # Errors
    /// As [`Voice::say`].
    pub fn write(&self, phrase: &str, file: &Path, deadline: Instant) -> Result<(), Fault> {
        finish(self.command(phrase, Some(file)).spawn().map_err(|_| Fault::VoiceAbsent)?, deadline)
    }

    fn command(&self, phrase: &str, file: Option<&Path>) -> Command {
        let mut command = Command::new(&self.program);
        command.args(["-v", "vi", "-s", WORDS_PER_MINUTE]);
        if let Some(file) = file {
            command.arg("-w").arg(file);
        }
        command.arg("--").arg(phrase).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }
}

impl Default for EspeakVoice {
    fn default() -> Self {
        Self::new()
    }
}

fn wav_path(folder: &Path, count: u32) -> PathBuf {
    folder.join(format!("phrase-{count:04}.wav"))
}

impl Voice for EspeakVoice {
    fn check(&mut self) -> Result<(), Fault> {
        let mut command = Command::new(&self.program);
        let quiet = command.arg("--voices=vi").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = quiet.spawn().map_err(|_| Fault::VoiceAbsent)?;
        finish(child, Instant::now() + Duration::from_secs(2)).map_err(|_| Fault::VoiceAbsent)
    }

    fn say(&mut self, phrase: &str, deadline: Instant) -> Result<(), Fault> {
        let file = self.into.as_ref().map(|folder| wav_path(folder, self.count + 1));
        self.count += 1;
        let child = self.command(phrase, file.as_deref()).spawn().map_err(|_| Fault::VoiceAbsent)?;
        finish(child, deadline)
    }
}

/// Waits for a program; ends it at the deadline, so that one phrase never silences the hall for good.
pub(super) fn finish(mut child: Child, deadline: Instant) -> Result<(), Fault> {
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(Some(_)) => return Err(Fault::VoiceFailed),
            Ok(None) if Instant::now() < deadline => std::thread::sleep(LOOK),
            Ok(None) | Err(_) => {
                // It may have ended by itself in between; either way it is waited for and leaves no zombie.
                let _ = child.kill();
                let _ = child.wait();
                return Err(Fault::VoiceHung);
            }
        }
    }
}

/// No voice: every phrase goes to the log, so that the silence is known.
#[derive(Clone, Copy, Debug, Default)]
pub struct LogVoice;

impl Voice for LogVoice {
    fn check(&mut self) -> Result<(), Fault> {
        Err(Fault::VoiceAbsent)
    }

    fn say(&mut self, phrase: &str, _deadline: Instant) -> Result<(), Fault> {
        tracing::info!(phrase, "no voice on this machine");
        Err(Fault::VoiceAbsent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn script(folder: &Path, body: &str) -> PathBuf {
        let path = folder.join("voice.sh");
        std::fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    fn say_with(body: &str, within: Duration) -> Result<(), Fault> {
        let folder = tempfile::tempdir().unwrap();
        let path = script(folder.path(), body);
        EspeakVoice::new().with_program(path).say("Mời số A một", Instant::now() + within)
    }

    #[test]
    fn a_voice_that_hangs_is_ended_and_one_that_fails_is_told() {
        assert_eq!(say_with("exec sleep 60", Duration::from_millis(100)), Err(Fault::VoiceHung));
        assert_eq!(say_with("exit 3", Duration::from_secs(5)), Err(Fault::VoiceFailed));
        assert_eq!(say_with("exit 0", Duration::from_secs(5)), Ok(()));
        let mut absent = EspeakVoice::new().with_program("/nowhere/espeak-ng");
        assert_eq!(absent.check(), Err(Fault::VoiceAbsent));
        assert_eq!(absent.say("x", Instant::now()), Err(Fault::VoiceAbsent));
        assert_eq!(LogVoice.say("x", Instant::now()), Err(Fault::VoiceAbsent));
    }

    #[test]
    fn the_phrase_is_one_argument_whatever_it_holds() {
        let body = r#"for last; do :; done; [ "$last" = "--help; \$(x) 'A'" ]"#;
        let folder = tempfile::tempdir().unwrap();
        let path = script(folder.path(), body);
        let deadline = Instant::now() + Duration::from_secs(5);
        assert_eq!(EspeakVoice::new().with_program(path).say("--help; $(x) 'A'", deadline), Ok(()));
    }
}
