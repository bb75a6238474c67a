//! An emulated rating pad: a person presses its buttons, and its lamp can be seen.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;

use super::line::{FarSide, Line, LineServer, LineSpec};
use crate::rating::PadProfile;

/// What can be seen of a pad.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PadState {
    /// Whether it takes presses; one that cannot sleep always does.
    pub awake: bool,
    /// Whether its lamp is lit.
    pub lit: bool,
    /// How often it thanked.
    pub thanks: u32,
    /// How often its cable was plugged in, which lets it begin anew.
    pub plugged: u32,
}

#[derive(Debug)]
struct Inside {
    profile: PadProfile,
    state: PadState,
    /// The begin of what it was told.
    told: Vec<u8>,
    to_say: VecDeque<u8>,
}

impl Inside {
    fn new(profile: PadProfile) -> Self {
        let mut inside = Self { profile, state: PadState::default(), told: Vec::new(), to_say: VecDeque::new() };
        inside.begin();
        inside
    }

    /// Its cable gives it power.
    fn plug_in(&mut self) {
        self.begin();
        self.state.plugged += 1;
    }

    fn begin(&mut self) {
        self.state = PadState { awake: self.profile.enable.is_empty(), lit: false, ..self.state };
        self.told.clear();
    }

    /// Obeys what it knows wherever it stands in what it is told; keeps only as much as may be a begin.
    fn receive(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.told.push(*byte);
            if self.obey() {
                self.told.clear();
            }
        }
        let excess = self.told.len().saturating_sub(16);
        self.told.drain(..excess);
    }

    fn obey(&mut self) -> bool {
        let ends = |known: &[u8]| !known.is_empty() && self.told.ends_with(known);
        if ends(&self.profile.enable) {
            self.state.awake = true;
        } else if ends(&self.profile.disable) {
            self.state.awake = false;
        } else if ends(&self.profile.lamp_on) {
            self.state.lit = true;
        } else if ends(&self.profile.lamp_off) {
            self.state.lit = false;
        } else if ends(&self.profile.thanks) {
            self.state.thanks += 1;
        } else {
            return false;
        }
        true
    }
}

type Shared = Arc<Mutex<Inside>>;

fn inside(shared: &Shared) -> MutexGuard<'_, Inside> {
    // What is behind the lock is plain data; a panic elsewhere leaves it usable.
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

struct FarPad(Shared);

impl FarSide for FarPad {
    fn connected(&mut self) -> Vec<u8> {
        inside(&self.0).plug_in();
        Vec::new()
    }

    fn receive(&mut self, bytes: &[u8]) -> Vec<u8> {
        inside(&self.0).receive(bytes);
        Vec::new()
    }

    fn spontaneous(&mut self) -> Vec<u8> {
        inside(&self.0).to_say.drain(..).collect()
    }
}

/// A pad on a TCP port or a pty.
#[derive(Debug)]
pub struct EmulatedPad {
    server: LineServer,
    inside: Shared,
}

impl EmulatedPad {
    /// Starts it.
    ///
    /// # Errors
    /// When the port is taken or no pty can be made.
    pub fn start(spec: &LineSpec, profile: PadProfile) -> io::Result<Self> {
        let inside = Arc::new(Mutex::new(Inside::new(profile)));
        let server = LineServer::start(spec, FarPad(inside.clone()))?;
        Ok(Self { server, inside })
    }

    /// Presses the button of a level; `false` when it has none, or sleeps and says nothing.
    pub fn press(&self, level: u8) -> bool {
        let press = {
            let inside = inside(&self.inside);
            inside.profile.press(level).filter(|_| inside.state.awake)
        };
        press.is_some_and(|bytes| {
            self.send(&bytes);
            true
        })
    }

    /// Sends whatever bytes, as a pad of another model would.
    pub fn send(&self, bytes: &[u8]) {
        inside(&self.inside).to_say.extend(bytes);
        self.server.line().wake();
    }

    /// What can be seen of it.
    #[must_use]
    pub fn state(&self) -> PadState {
        inside(&self.inside).state
    }

    /// The line, with its address and its faults.
    #[must_use]
    pub fn line(&self) -> &Line {
        self.server.line()
    }
}
