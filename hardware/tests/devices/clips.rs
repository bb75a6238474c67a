//! Calls of recorded clips, with a first set made by the real voice.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use hardware::announcer::clips::{needed, plan};
use hardware::announcer::{
    ClipVoice, EspeakVoice, LogVoice, Priority, Region, SpeechDispatcherVoice, Voice, VoiceChain, Wav, calling,
};
use hardware::{DeviceState, Fault, Supervisor};

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(20)
}

/// The clips of the North, as espeak-ng says them.
fn spoken(folder: &Path) {
    for clip in needed(Region::North) {
        let file = folder.join(clip.name).with_extension("wav");
        EspeakVoice::new().write(clip.text, &file, soon()).unwrap();
    }
}

/// The same, as short tones: for what is not about the sound.
fn toned(folder: &Path) {
    for clip in needed(Region::North) {
        let wav = Wav { rate: 8000, channels: 1, samples: vec![1; 80] };
        fs::write(folder.join(clip.name).with_extension("wav"), wav.encode()).unwrap();
    }
}

fn program(folder: &Path, name: &str, body: &str) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

const CALL: &str = "Mời số A một không năm đến quầy số ba, lần thứ hai";

#[test]
fn a_call_is_as_long_as_its_clips_and_the_silence_between() {
    let folder = tempfile::tempdir().unwrap();
    spoken(folder.path());
    let mut voice = ClipVoice::new(folder.path(), Region::North).into_folder(folder.path());
    assert_eq!((voice.missing(), voice.check()), (Vec::new(), Ok(())));
    let phrase = calling("A105", Priority::Ordinary, 3, 2, Region::North);
    assert_eq!(phrase, CALL);
    voice.say(&phrase, soon()).unwrap();
    let call = Wav::parse(&fs::read(folder.path().join("call-0001.wav")).unwrap()).unwrap();
    let frames: usize = plan(&phrase)
        .unwrap()
        .iter()
        .map(|step| {
            let clip = fs::read(folder.path().join(step.clip.name).with_extension("wav")).unwrap();
            let clip = Wav::parse(&clip).unwrap();
            clip.samples.len() + (step.silence.as_millis() * u128::from(clip.rate) / 1000) as usize
        })
        .sum();
    assert_eq!(call.samples.len(), frames);
    assert!(call.duration() > Duration::from_secs(2) && call.samples.iter().any(|sample| sample.abs() > 3000));
}

#[test]
fn a_missing_clip_is_named_and_the_next_voice_speaks_and_that_is_told() {
    let folder = tempfile::tempdir().unwrap();
    toned(folder.path());
    let played = folder.path().join("played");
    let player = program(folder.path(), "player", &format!("cp \"$1\" '{}'", played.display()));
    let clips = ClipVoice::new(folder.path(), Region::North).with_players(vec![player]);
    let next = EspeakVoice::new().with_program(program(folder.path(), "next", "exit 0"));
    let chain = VoiceChain::new(vec![Box::new(clips.clone()), Box::new(next), Box::new(LogVoice)]);
    let mut supervisor = Supervisor::new(channel().0);
    let announcer = supervisor.announcer("hall", Box::new(chain)).unwrap();
    assert_eq!(announcer.say(CALL).recv().unwrap(), Ok(()));
    assert_eq!(Wav::parse(&fs::read(&played).unwrap()).unwrap(), clips.sound(CALL).unwrap());
    assert_eq!(announcer.status().state, DeviceState::Ready);
    fs::remove_file(folder.path().join("khong.wav")).unwrap();
    assert_eq!(clips.missing().iter().map(|clip| clip.name).collect::<Vec<_>>(), ["khong"]);
    fs::remove_file(&played).unwrap();
    assert_eq!(announcer.say(CALL).recv().unwrap(), Ok(()));
    assert!(!played.exists());
    let status = announcer.status();
    assert_eq!((status.state, status.fault()), (DeviceState::Degraded, Some(Fault::VoiceClipMissing)));
    // A call that needs no such clip is said with clips, and all is well again.
    assert_eq!(announcer.say("Mời số B hai đến quầy số ba").recv().unwrap(), Ok(()));
    assert_eq!(announcer.status().state, DeviceState::Ready);
    assert!(played.exists());
}

#[test]
fn no_voice_at_all_is_never_silent_without_being_told() {
    let folder = tempfile::tempdir().unwrap();
    toned(folder.path());
    let players = |names: &[&str]| names.iter().map(PathBuf::from).collect::<Vec<_>>();
    let clips = |of: Vec<PathBuf>| ClipVoice::new(folder.path(), Region::North).with_players(of);
    let mut none = clips(players(&["/nowhere/aplay"]));
    assert_eq!(none.check(), Err(Fault::VoicePlayerAbsent));
    let mut chain = VoiceChain::new(vec![Box::new(none), Box::new(LogVoice)]);
    assert_eq!(chain.say(CALL, soon()), Err(Fault::VoicePlayerAbsent));
    let fails = program(folder.path(), "fails", "exit 1");
    let played = folder.path().join("played");
    let plays = program(folder.path(), "plays", &format!("[ -f \"$1\" ] && echo \"$1\" > '{}'", played.display()));
    assert_eq!(clips(vec![fails.clone()]).say(CALL, soon()), Err(Fault::VoiceFailed));
    assert_eq!(clips(vec!["/nowhere/pw-play".into(), fails, plays]).say(CALL, soon()), Ok(()));
    let hangs = program(folder.path(), "hangs", "exec sleep 600");
    let hanging = clips(vec![hangs]);
    let short = || Instant::now() + Duration::from_millis(200);
    assert_eq!(hanging.clone().say(CALL, short()), Err(Fault::VoiceHung));
    let after = EspeakVoice::new().with_program(program(folder.path(), "after", "exit 0"));
    let mut chain = VoiceChain::new(vec![Box::new(hanging), Box::new(after)]);
    assert_eq!(
        (chain.say(CALL, Instant::now() + Duration::from_secs(2)), chain.standing()),
        (Ok(()), Some(Fault::VoiceHung))
    );
    assert_eq!(VoiceChain::default().say(CALL, soon()), Err(Fault::VoiceAbsent));
    // What was played is not left lying about.
    let file = fs::read_to_string(&played).unwrap();
    assert!(file.ends_with(".wav\n") && !Path::new(file.trim()).exists());
}

#[test]
fn speech_dispatcher_is_asked_to_wait_and_to_speak_vietnamese() {
    let folder = tempfile::tempdir().unwrap();
    let body = "[ \"$1\" = --version ] || { [ \"$1 $2 $3 $4\" = '-w -l vi --' ] && [ \"$5\" = '--Mời \"số\"' ]; }";
    let mut voice = SpeechDispatcherVoice::new().with_program(program(folder.path(), "spd-say", body));
    assert_eq!((voice.check(), voice.say("--Mời \"số\"", soon())), (Ok(()), Ok(())));
    assert_eq!(voice.say("another", soon()), Err(Fault::VoiceFailed));
    assert_eq!(SpeechDispatcherVoice::new().with_program("/nowhere/spd-say").check(), Err(Fault::VoiceAbsent));
}

#[test]
fn a_real_player_takes_a_call_of_clips() {
    let folder = tempfile::tempdir().unwrap();
    spoken(folder.path());
    // A sound card that swallows everything; it has to be told by an option that the voice does not give.
    let player = program(folder.path(), "player", "exec aplay -q -D null \"$1\"");
    let mut voice = ClipVoice::new(folder.path(), Region::North).with_players(vec![player]);
    let installed = std::process::Command::new("aplay").arg("--version").output().is_ok();
    assert_eq!(voice.say(CALL, soon()), if installed { Ok(()) } else { Err(Fault::VoiceFailed) });
}
