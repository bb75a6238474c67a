//! A voice of recorded clips, joined and played.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use super::clips::{Clip, Step, needed, plan};
use super::device::{Voice, finish};
use super::phrase::Region;
use super::wav::Wav;
use crate::status::Fault;

/// Programs that play a wav file, the likeliest to know the sound card first.
const PLAYERS: [&str; 3] = ["pw-play", "paplay", "aplay"];

/// Clips in a folder, `moi-so.wav` and so on.
#[derive(Clone, Debug)]
pub struct ClipVoice {
    clips: PathBuf,
    region: Region,
    players: Vec<PathBuf>,
    into: Option<PathBuf>,
    count: u32,
}

impl ClipVoice {
    /// Plays the clips of a folder on the sound card.
    #[must_use]
    pub fn new(clips: impl Into<PathBuf>, region: Region) -> Self {
        let players = PLAYERS.map(PathBuf::from).to_vec();
        Self { clips: clips.into(), region, players, into: None, count: 0 }
    }

    /// The same with other programs, each of which is given a wav file to play; the first that plays it is enough.
    #[must_use]
    pub fn with_players(mut self, players: Vec<PathBuf>) -> Self {
        self.players = players;
        self
    }

    /// Writes `call-0001.wav` and so on into a folder instead of playing, for machines with no sound card.
    #[must_use]
    pub fn into_folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.into = Some(folder.into());
        self
    }

    /// The clips of the region that are not there, cannot be read, or are of another rate than the first.
    #[must_use]
    pub fn missing(&self) -> Vec<Clip> {
        let mut rate = None;
        let fits = |clip: &Clip| match self.load(*clip) {
            Some(wav) => *rate.get_or_insert((wav.rate, wav.channels)) == (wav.rate, wav.channels),
            None => false,
        };
        let mut fits = fits;
        needed(self.region).filter(|clip| !fits(clip)).collect()
    }

    /// The sound of a phrase.
    ///
    /// # Errors
    /// [`Fault::VoiceClipMissing`] when a clip of it is not there or does not fit the others; the log names it.
    pub fn sound(&self, phrase: &str) -> Result<Wav, Fault> {
        let steps = plan(phrase).map_err(|missing| {
            tracing::warn!(%missing, "a phrase cannot be said with clips");
            Fault::VoiceClipMissing
        })?;
        let load = |step: &Step| match self.load(step.clip) {
            Some(wav) => Ok((wav, step.silence)),
            None => {
                tracing::warn!(clip = step.clip.name, "a clip is missing");
                Err(Fault::VoiceClipMissing)
            }
        };
        let parts = steps.iter().map(load).collect::<Result<Vec<_>, _>>()?;
        Wav::join(&parts).map_err(|error| {
            tracing::warn!(%error, "clips cannot be joined");
            Fault::VoiceClipMissing
        })
    }

    fn load(&self, clip: Clip) -> Option<Wav> {
        let bytes = fs::read(self.clips.join(clip.name).with_extension("wav")).ok()?;
        Wav::parse(&bytes).ok().filter(|wav| !wav.samples.is_empty())
    }

    fn play(&self, file: &Path, deadline: Instant) -> Result<(), Fault> {
        let mut fault = Fault::VoicePlayerAbsent;
        for player in &self.players {
            let mut command = Command::new(player);
            command.arg(file).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            let Ok(child) = command.spawn() else { continue };
            match finish(child, deadline) {
                // One that has no sound server to talk to ends at once: the next may have a card.
                Err(Fault::VoiceFailed) => fault = Fault::VoiceFailed,
                done => return done,
            }
        }
        Err(fault)
    }
}

impl Voice for ClipVoice {
    fn check(&mut self) -> Result<(), Fault> {
        let missing: Vec<_> = self.missing().iter().map(|clip| clip.name).collect();
        if !missing.is_empty() {
            tracing::warn!(?missing, "clips are missing");
            return Err(Fault::VoiceClipMissing);
        }
        let found = self.into.is_some() || self.players.iter().any(|player| is_program(player));
        if found { Ok(()) } else { Err(Fault::VoicePlayerAbsent) }
    }

    fn say(&mut self, phrase: &str, deadline: Instant) -> Result<(), Fault> {
        let sound = self.sound(phrase)?.encode();
        self.count += 1;
        if let Some(folder) = &self.into {
            let file = folder.join(format!("call-{:04}.wav", self.count));
            return fs::write(file, sound).map_err(|_| Fault::VoiceFailed);
        }
        let file = Temporary::write(&sound, self.count).map_err(|_| Fault::VoiceFailed)?;
        self.play(&file.path, deadline)
    }
}

/// Whether a program of this name or path can be started.
fn is_program(program: &Path) -> bool {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    program.is_file() || std::env::split_paths(&paths).any(|folder| folder.join(program).is_file())
}

/// A file for the player, gone when it was played.
struct Temporary {
    path: PathBuf,
}

impl Temporary {
    fn write(bytes: &[u8], count: u32) -> std::io::Result<Self> {
        let moment = jiff::Timestamp::now().as_nanosecond();
        let path = std::env::temp_dir().join(format!("call-{}-{count}-{moment}.wav", std::process::id()));
        // Made anew: a link that somebody laid there is not followed.
        let mut file = OpenOptions::new().write(true).create_new(true).open(&path)?;
        let temporary = Self { path };
        file.write_all(bytes)?;
        Ok(temporary)
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // A file that somebody removed already is gone, as it should be.
        let _ = fs::remove_file(&self.path);
    }
}
