//! Phrases, said one after the other.

use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use hardware::announcer::{EspeakVoice, LogVoice, Voice};
use hardware::{DeviceState, Fault, Supervisor};

use crate::eventually;

/// Keeps what it was asked to say.
#[derive(Clone, Default)]
struct RecordingVoice {
    said: Arc<Mutex<Vec<String>>>,
}

impl Voice for RecordingVoice {
    fn check(&mut self) -> Result<(), Fault> {
        Ok(())
    }

    fn say(&mut self, phrase: &str, deadline: Instant) -> Result<(), Fault> {
        assert!(deadline > Instant::now());
        self.said.lock().unwrap().push(phrase.to_owned());
        Ok(())
    }
}

#[test]
fn phrases_are_said_in_their_order() {
    let voice = RecordingVoice::default();
    let mut supervisor = Supervisor::new(channel().0);
    let announcer = supervisor.announcer("hall", Box::new(voice.clone())).unwrap();
    let phrases: Vec<String> = (1..=5).map(|number| format!("Mời số {number}")).collect();
    let answers: Vec<_> = phrases.iter().map(|phrase| announcer.say(phrase)).collect();
    for answer in answers {
        assert_eq!(answer.recv_timeout(Duration::from_secs(10)), Ok(Ok(())));
    }
    assert_eq!(*voice.said.lock().unwrap(), phrases);
}

#[test]
fn silence_is_a_status() {
    let mut supervisor = Supervisor::new(channel().0);
    let announcer = supervisor.announcer("hall", Box::new(LogVoice)).unwrap();
    assert_eq!(announcer.say("Mời số A một").recv().unwrap(), Err(Fault::VoiceAbsent));
    let status = announcer.status();
    assert_eq!((status.state, status.fault()), (DeviceState::Degraded, Some(Fault::VoiceAbsent)));
}

#[test]
fn the_real_voice_writes_sound_where_it_is_installed() {
    let folder = tempfile::tempdir().unwrap();
    let mut voice = EspeakVoice::new().into_folder(folder.path());
    let said = voice.say("Mời số A một không năm đến quầy số ba", Instant::now() + Duration::from_secs(20));
    let installed = std::process::Command::new("espeak-ng").arg("--version").output().is_ok();
    if installed {
        assert_eq!(said, Ok(()));
        let wav = std::fs::read(folder.path().join("phrase-0001.wav")).unwrap();
        assert!(wav.starts_with(b"RIFF") && wav.len() > 20_000);
    } else {
        assert_eq!(said, Err(Fault::VoiceAbsent));
    }
    eventually("the voice is checked", || (voice.check().is_ok() == installed).then_some(()));
}
