//! The recorded clips of the hall's voice: which are needed, which are there, a first set of them, and a call made of them.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use hardware::Fault;
use hardware::announcer::clips::needed;
use hardware::announcer::{ClipVoice, EspeakVoice, Region, Voice, Wav};
use serde_json::json;

use crate::{Done, answer, refused};

const WITHIN: Duration = Duration::from_secs(30);
/// What is not louder than a hundredth of the loudest is no sound of a voice.
const QUIET: u16 = 327;

/// What to do with clips.
#[derive(Args)]
pub struct Clips {
    #[command(flatten)]
    what: What,
    /// How a zero in the tens is read: linh (north) or le (south).
    #[arg(long, value_enum, default_value = "north")]
    region: Reading,
    /// Whose voice makes a first set.
    #[arg(long, value_enum, default_value = "espeak")]
    voice: Maker,
    /// Say this with the clips of the folder given by --check.
    #[arg(long, requires = "check")]
    say: Option<String>,
    /// Write it into this folder instead of playing it.
    #[arg(long, requires = "say")]
    wav: Option<PathBuf>,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
struct What {
    /// List the clips: the name of each file, and what is said in it.
    #[arg(long)]
    list: bool,
    /// Tell which clips are missing in a folder, or are no PCM of 16 bits, or of another rate.
    #[arg(long)]
    check: Option<PathBuf>,
    /// Fill a folder with the clips that are not in it.
    #[arg(long)]
    make: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Reading {
    North,
    South,
}

#[derive(Clone, Copy, ValueEnum)]
enum Maker {
    Espeak,
}

impl Clips {
    /// Does it.
    pub fn run(self) -> Done {
        let region = match self.region {
            Reading::North => Region::North,
            Reading::South => Region::South,
        };
        match &self.what {
            What { make: Some(folder), .. } => self.make(folder, region),
            What { check: Some(folder), .. } => Ok(self.check(folder, region)),
            What { .. } => {
                needed(region).for_each(|clip| answer(&json!({ "clip": clip.name, "text": clip.text })));
                Ok(ExitCode::SUCCESS)
            }
        }
    }

    fn check(&self, folder: &Path, region: Region) -> ExitCode {
        let mut voice = ClipVoice::new(folder, region);
        let Some(phrase) = &self.say else {
            let missing: Vec<_> = voice.missing().iter().map(|clip| clip.name).collect();
            answer(&json!({ "missing": missing }));
            return if missing.is_empty() { ExitCode::SUCCESS } else { refused(Fault::VoiceClipMissing) };
        };
        if let Some(into) = &self.wav {
            voice = voice.into_folder(into);
        }
        match voice.say(phrase, Instant::now() + WITHIN) {
            Ok(()) => {
                answer(&json!({ "said": phrase }));
                ExitCode::SUCCESS
            }
            Err(fault) => refused(fault),
        }
    }

    /// A clip that a person recorded is never overwritten.
    fn make(&self, folder: &Path, region: Region) -> Done {
        let Maker::Espeak = self.voice;
        std::fs::create_dir_all(folder)?;
        let (voice, mut made) = (EspeakVoice::new(), Vec::new());
        for clip in needed(region) {
            let file = folder.join(clip.name).with_extension("wav");
            if file.exists() {
                continue;
            }
            if let Err(fault) = voice.write(clip.text, &file, Instant::now() + WITHIN) {
                return Ok(refused(fault));
            }
            // espeak-ng is silent for half a second after each word, which would make a call twice as long.
            let wav = Wav::parse(&std::fs::read(&file)?)?;
            std::fs::write(&file, wav.trimmed(QUIET).encode())?;
            made.push(clip.name);
        }
        answer(&json!({ "made": made, "missing": ClipVoice::new(folder, region).missing().len() }));
        Ok(ExitCode::SUCCESS)
    }
}
