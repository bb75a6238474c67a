//! What a window has behind it: a station, a board or a dock, once it is open, or why it cannot be opened.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use station::api::{About, Problem, Role};
use station::clock::MachineClock;
use station::notices::Notices;
use station::{Dock, Hall, Station, roles};

/// How long a command waits for a station that is still being opened.
const OPENING_TAKES: Duration = Duration::from_secs(40);
/// How often an enrolment is tried again while the centre does not answer.
const ENROL_EVERY: Duration = Duration::from_millis(500);
/// How many times.
const ENROL_TRIES: u32 = 60;

/// What is behind a window.
#[derive(Clone)]
pub enum Opened {
    /// A kiosk or a counter.
    Station(Station),
    /// The board.
    Hall(Hall),
    /// The dock.
    Dock(Dock),
}

/// How opening went; none while it still goes on.
type Opening = Option<Result<Opened, Problem>>;

/// The state of the app: opened on a thread of its own, so that the window is there at once.
#[derive(Clone)]
pub struct Shell {
    opened: Arc<(Mutex<Opening>, Condvar)>,
}

impl Shell {
    /// Begins to open what the folder holds.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn open(role: Role, folder: PathBuf) -> std::io::Result<Self> {
        let shell = Self { opened: Arc::default() };
        let opening = shell.clone();
        let body = move || {
            let outcome = open(role, &folder);
            if let Err(problem) = &outcome {
                tracing::error!(%problem, "the station cannot be opened");
            }
            let (opened, changed) = &*opening.opened;
            *opened.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
            changed.notify_all();
        };
        std::thread::Builder::new().name("open".into()).spawn(body)?;
        Ok(shell)
    }

    /// What is behind the window; waits while it is being opened.
    ///
    /// # Errors
    /// Why it cannot be opened.
    pub fn opened(&self) -> Result<Opened, Problem> {
        let (opened, changed) = &*self.opened;
        let held = opened.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = changed.wait_timeout_while(held, OPENING_TAKES, |outcome| outcome.is_none());
        let outcome = waited.unwrap_or_else(PoisonError::into_inner).0.clone();
        outcome.unwrap_or_else(|| Err(Problem::new("STATION-FAULT").with("why", "still being opened")))
    }

    /// The station behind a kiosk's or counter's window.
    ///
    /// # Errors
    /// Why it cannot be opened; `INPUT-REFUSED` behind another window.
    pub fn station(&self) -> Result<Station, Problem> {
        match self.opened()? {
            Opened::Station(station) => Ok(station),
            Opened::Hall(_) | Opened::Dock(_) => Err(wrong_window()),
        }
    }

    /// The board behind a board's window.
    ///
    /// # Errors
    /// As [`Shell::station`].
    pub fn hall(&self) -> Result<Hall, Problem> {
        match self.opened()? {
            Opened::Hall(hall) => Ok(hall),
            Opened::Station(_) | Opened::Dock(_) => Err(wrong_window()),
        }
    }

    /// The dock behind a dock's window.
    ///
    /// # Errors
    /// As [`Shell::station`].
    pub fn dock(&self) -> Result<Dock, Problem> {
        match self.opened()? {
            Opened::Dock(dock) => Ok(dock),
            Opened::Station(_) | Opened::Hall(_) => Err(wrong_window()),
        }
    }

    /// Does something that may wait, on a thread of its own.
    ///
    /// # Errors
    /// What it fails with; `STATION-FAULT` when its thread broke.
    pub async fn ask<T: Send + 'static>(
        &self,
        what: impl FnOnce(&Shell) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let shell = self.clone();
        let done = tauri::async_runtime::spawn_blocking(move || what(&shell)).await;
        done.unwrap_or_else(|error| Err(Problem::new("STATION-FAULT").with("why", error)))
    }

    /// Ends threads and devices; what is on disk is whole at any time.
    pub fn stop(&self) {
        if let Ok(Opened::Station(station)) = self.opened() {
            station.stop();
        }
    }
}

impl Opened {
    /// What every page needs to know.
    pub fn about(&self) -> About {
        match self {
            Opened::Station(station) => roles::about(station.config(), station.now()),
            Opened::Hall(hall) => hall.about(),
            Opened::Dock(dock) => dock.about(),
        }
    }

    /// Its notices.
    pub fn notices(&self) -> &Notices {
        match self {
            Opened::Station(station) => station.notices(),
            Opened::Hall(hall) => hall.notices(),
            Opened::Dock(dock) => dock.notices(),
        }
    }
}

fn wrong_window() -> Problem {
    Problem::new("INPUT-REFUSED").with("why", "not this window's use case")
}

fn open(role: Role, folder: &Path) -> Result<Opened, Problem> {
    hold(folder)?;
    let clock = Arc::new(MachineClock::default());
    match role {
        Role::Kiosk | Role::Counter => open_station(folder, &clock).map(Opened::Station),
        Role::Board => Hall::open(folder, clock).map(Opened::Hall),
        Role::Dock => Dock::open(folder, clock).map(Opened::Dock),
    }
}

/// A station that has never met its centre cannot begin without it: it keeps trying for a while, then says so.
fn open_station(folder: &Path, clock: &Arc<MachineClock>) -> Result<Station, Problem> {
    let mut tries = 0;
    loop {
        tries += 1;
        match Station::open(folder, clock.clone()) {
            Err(problem) if problem.code == "STATION-NOT-ENROLLED" && tries < ENROL_TRIES => {
                tracing::info!(%problem, "not enrolled yet");
                std::thread::park_timeout(ENROL_EVERY);
            }
            outcome => return outcome,
        }
    }
}

/// Holds the folder for as long as this process lives: a second instance is told so.
fn hold(folder: &Path) -> Result<(), Problem> {
    let fault = |error: std::io::Error| Problem::new("CONFIG-FAULT").with("file", folder.display()).with("why", error);
    let lock = File::create(folder.join("window.lock")).map_err(fault)?;
    match lock.try_lock() {
        Ok(()) => {
            // The system lets the lock go when the process ends, however it ends.
            std::mem::forget(lock);
            Ok(())
        }
        Err(_) => Err(Problem::new("STATION-SECOND-INSTANCE").with("file", folder.display())),
    }
}
