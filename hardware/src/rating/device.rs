//! The driver of a rating pad.

use std::time::{Duration, Instant};

use super::profile::PadProfile;
use super::protocol::{Debounce, Heard, PadStream};
use crate::address::Address;
use crate::status::Fault;
use crate::transport::{self, Transport, Waker};

const OPEN_WITHIN: Duration = Duration::from_secs(2);
const WRITE_WITHIN: Duration = Duration::from_secs(2);
/// So much that is no button, with no button between, is a wrong profile or a wrong speed; less is a disturbance.
const JUNK_LIMIT: u32 = 5;

/// An open pad.
pub struct RatingPad {
    line: Box<dyn Transport>,
    profile: PadProfile,
    stream: PadStream,
    debounce: Debounce,
    junk: u32,
}

impl RatingPad {
    /// Opens the line and lets the pad rest: nobody is asked yet.
    ///
    /// # Errors
    /// [`Fault::PadAbsent`] when nothing is there or it may not be used, [`Fault::PadLineLost`] when it takes nothing.
    pub fn open(address: &Address, profile: PadProfile) -> Result<Self, Fault> {
        let line = transport::open(address, Instant::now() + OPEN_WITHIN).map_err(|_| Fault::PadAbsent)?;
        let debounce = Debounce::new(Duration::from_millis(u64::from(profile.debounce_ms)));
        let stream = PadStream::new(profile.clone());
        let mut pad = Self { line, profile, stream, debounce, junk: 0 };
        pad.rest()?;
        Ok(pad)
    }

    /// Wakes the pad and lights its lamp: a person is asked.
    ///
    /// # Errors
    /// [`Fault::PadLineLost`] when the line must be opened anew.
    pub fn invite(&mut self) -> Result<(), Fault> {
        let bytes = [self.profile.enable.as_slice(), &self.profile.lamp_on].concat();
        self.write(&bytes)
    }

    /// Puts the lamp out and lets the pad sleep.
    ///
    /// # Errors
    /// As [`RatingPad::invite`].
    pub fn rest(&mut self) -> Result<(), Fault> {
        let bytes = [self.profile.lamp_off.as_slice(), &self.profile.disable].concat();
        self.write(&bytes)
    }

    /// Tells the person that the press was taken.
    ///
    /// # Errors
    /// As [`RatingPad::invite`].
    pub fn thank(&mut self) -> Result<(), Fault> {
        let bytes = self.profile.thanks.clone();
        self.write(&bytes)
    }

    /// Listens until something came, `deadline`, or `waker` was woken; gives the levels that were pressed, each press once.
    ///
    /// # Errors
    /// As [`RatingPad::invite`].
    pub fn listen(&mut self, waker: Option<&Waker>, deadline: Instant) -> Result<Vec<u8>, Fault> {
        self.line.wait(waker, deadline).map_err(|_| Fault::PadLineLost)?;
        let mut buffer = [0; 256];
        let count = self.line.read_some(&mut buffer, Instant::now()).map_err(|_| Fault::PadLineLost)?;
        let heard = self.stream.push(&buffer[..count]);
        Ok(heard.into_iter().filter_map(|heard| self.press(heard)).collect())
    }

    /// Whether it sends what is no button of its profile, and nothing else.
    #[must_use]
    pub const fn sends_junk(&self) -> bool {
        self.junk >= JUNK_LIMIT
    }

    fn press(&mut self, heard: Heard) -> Option<u8> {
        match heard {
            Heard::Junk => {
                self.junk = self.junk.saturating_add(1);
                None
            }
            Heard::Pressed(level) => {
                self.junk = 0;
                self.debounce.is_new(Instant::now()).then_some(level)
            }
        }
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        let deadline = Instant::now() + WRITE_WITHIN;
        self.line.write_all(bytes, deadline).map_err(|_| Fault::PadLineLost)
    }
}
