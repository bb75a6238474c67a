//! One clock on the wall for all programs of a world, which the scenario sets: libfaketime reads it from a file.

use std::path::{Path, PathBuf};
use tests::place::Place;

/// Minutes of an hour, and hours of a day, in seconds.
pub const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;
/// Vietnam's civil time is this far ahead of Greenwich, all year.
const VIETNAM: i64 = 7 * HOUR;

/// The clock.
pub struct WallClock {
    file: PathBuf,
    library: PathBuf,
    ahead_s: i64,
}

/// The library that programs are started with.
///
/// # Errors
/// Says how to install it where it is missing.
pub fn library() -> Result<PathBuf, String> {
    let places = std::fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    let found = places.map(|place| place.path().join("faketime/libfaketimeMT.so.1")).find(|file| file.exists());
    found.ok_or_else(|| "libfaketime is missing: apt-get install faketime".to_owned())
}

impl WallClock {
    /// A clock that shows eight in the morning of tomorrow in Vietnam: scenarios pass the same hours whenever they are run.
    pub fn at_eight(folder: &Path) -> Self {
        let now = now_s();
        let tomorrow = (now + VIETNAM).div_euclid(DAY) * DAY + DAY + 8 * HOUR - VIETNAM;
        let clock = Self { file: folder.join("clock"), library: library().unwrap(), ahead_s: tomorrow - now };
        clock.show();
        clock
    }

    /// A place whose programs go by this clock. Time-outs stay what they are.
    pub fn over(&self, place: Place) -> Place {
        place
            .with("LD_PRELOAD", &self.library.to_string_lossy())
            .with("FAKETIME_TIMESTAMP_FILE", &self.file.to_string_lossy())
            .with("FAKETIME_NO_CACHE", "1")
            .with("FAKETIME_DONT_FAKE_MONOTONIC", "1")
            .with("FAKETIME_DONT_RESET", "1")
            .with("NO_FAKE_STAT", "1")
    }

    /// Turns it on by so many seconds, for all programs at once.
    pub fn pass(&mut self, seconds: i64) {
        self.ahead_s += seconds;
        self.show();
    }

    /// What it shows, in milliseconds after 1970-01-01T00:00:00Z.
    pub fn now_ms(&self) -> i64 {
        (now_s() + self.ahead_s) * 1_000
    }

    /// A reader sees the old time or the new one, and never half of it.
    fn show(&self) {
        let unseen = self.file.with_extension("next");
        std::fs::write(&unseen, format!("+{}", self.ahead_s)).unwrap();
        std::fs::rename(&unseen, &self.file).unwrap();
    }
}

fn now_s() -> i64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() as i64
}
