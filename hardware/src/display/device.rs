//! The driver of a text display: shows, keeps showing, and notices a line that went away.

use std::time::{Duration, Instant};

use super::Content;
use super::layout::{Rows, rows};
use super::profile::{DisplayProfile, DisplayProtocol};
use super::protocol::{Command, write_rows};
use crate::address::Address;
use crate::board::{BoardDriver, BoardMessage};
use crate::status::Fault;
use crate::transport::{self, LineError, Transport, Waker};

const OPEN_WITHIN: Duration = Duration::from_secs(2);
/// How long a display may take to accept what is on the line already.
const WRITE_WITHIN: Duration = Duration::from_secs(2);
/// A display that was switched off and on behind an adapter shows nothing and says nothing: it is told again.
const REFRESH_EVERY: Duration = Duration::from_secs(4);
/// How often a framed display hears that it is not forgotten.
const BEAT_EVERY: Duration = Duration::from_secs(1);
/// How long a call blinks, and a recall.
const BLINK: Duration = Duration::from_secs(4);
const BLINK_AGAIN: Duration = Duration::from_secs(8);
/// Half a second on, half a second off.
const BLINK_INTERVAL: u8 = 10;

/// What became of something to be shown.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Shown {
    /// Whether the display said that it took it; most cannot say.
    pub acknowledged: bool,
    /// The rows, as they were laid out.
    pub rows: Vec<String>,
    /// Whether letters were shown without their marks.
    pub simplified: bool,
}

enum Line {
    /// Nothing comes back; the far side's closing is noticed by listening.
    Plain(Box<dyn Transport>),
    Framed(BoardDriver),
}

/// An open display.
pub struct DisplayDriver {
    line: Line,
    profile: DisplayProfile,
    shown: Rows,
    blink_until: Option<Instant>,
    due_at: Instant,
}

impl DisplayDriver {
    /// Opens the line and makes the display ready; it then shows nothing.
    ///
    /// # Errors
    /// [`Fault::DisplayAbsent`] when nothing is there, [`Fault::DisplayNoAnswer`] or [`Fault::DisplayLineLost`] when it does not take anything.
    pub fn open(address: &Address, profile: DisplayProfile) -> Result<Self, Fault> {
        let line = match profile.protocol {
            DisplayProtocol::EscposDm => {
                let line = transport::open(address, Instant::now() + OPEN_WITHIN).map_err(|_| Fault::DisplayAbsent)?;
                Line::Plain(line)
            }
            DisplayProtocol::Board => Line::Framed(BoardDriver::open(address).map_err(of_board)?),
        };
        let shown = rows(&Content::Blank, &profile).map_err(|_| Fault::DisplayRefused)?;
        let mut driver = Self { line, profile, shown, blink_until: None, due_at: Instant::now() };
        driver.prepare()?;
        Ok(driver)
    }

    /// Shows something.
    ///
    /// # Errors
    /// [`Fault::DisplayRefused`] when it may not be shown or does not fit; the others when the line must be opened anew.
    pub fn show(&mut self, content: &Content) -> Result<Shown, Fault> {
        let laid = rows(content, &self.profile).map_err(|_| Fault::DisplayRefused)?;
        let blink = match content {
            Content::Call(call) if self.profile.blinks => Some(if call.times > 1 { BLINK_AGAIN } else { BLINK }),
            _ => None,
        };
        let acknowledged = match &mut self.line {
            Line::Framed(board) => board.tell(&content.message()).map(|()| true).map_err(of_board)?,
            Line::Plain(line) => {
                let mut bytes = write_rows(&laid.rows);
                if self.profile.blinks {
                    bytes.extend(Command::Blink(blink.map_or(0, |_| BLINK_INTERVAL)).encode());
                }
                write(line.as_mut(), &bytes)?;
                false
            }
        };
        self.blink_until = blink.map(|time| Instant::now() + time);
        self.shown = laid.clone();
        self.be_due();
        Ok(Shown { acknowledged, rows: laid.rows, simplified: laid.simplified })
    }

    /// Waits until `deadline` or until `waker` is woken, and keeps the display as it should be meanwhile.
    ///
    /// # Errors
    /// When the line must be opened anew.
    pub fn attend(&mut self, waker: &Waker, deadline: Instant) -> Result<(), Fault> {
        let until = self.blink_until.into_iter().fold(deadline.min(self.due_at), Instant::min);
        match &mut self.line {
            Line::Plain(line) => {
                line.wait(Some(waker), until).map_err(lost)?;
                // What a display says means nothing to us; that it closed does.
                line.read_some(&mut [0; 64], Instant::now()).map_err(lost)?;
            }
            // A wait that fails ends early, no more.
            Line::Framed(_) => drop(waker.wait(until)),
        }
        self.stop_blinking()?;
        if Instant::now() >= self.due_at { self.keep_showing() } else { Ok(()) }
    }

    fn stop_blinking(&mut self) -> Result<(), Fault> {
        if self.blink_until.is_none_or(|until| Instant::now() < until) {
            return Ok(());
        }
        self.blink_until = None;
        match &mut self.line {
            Line::Plain(line) => write(line.as_mut(), &Command::Blink(0).encode()),
            Line::Framed(_) => Ok(()),
        }
    }

    fn keep_showing(&mut self) -> Result<(), Fault> {
        match &mut self.line {
            Line::Plain(line) => write(line.as_mut(), &write_rows(&self.shown.rows))?,
            Line::Framed(board) => board.tell(&BoardMessage::Beat).map_err(of_board)?,
        }
        self.be_due();
        Ok(())
    }

    fn prepare(&mut self) -> Result<(), Fault> {
        match &mut self.line {
            Line::Plain(line) => {
                let mut commands = vec![Command::Initialise, Command::Overwrite, Command::Cursor(0)];
                commands.extend(self.profile.brightness.map(Command::Brightness));
                let bytes: Vec<u8> = commands.into_iter().flat_map(Command::encode).collect();
                write(line.as_mut(), &bytes)?;
            }
            Line::Framed(board) => board.tell(&BoardMessage::Clear).map_err(of_board)?,
        }
        self.be_due();
        Ok(())
    }

    fn be_due(&mut self) {
        let every = if matches!(self.line, Line::Plain(_)) { REFRESH_EVERY } else { BEAT_EVERY };
        self.due_at = Instant::now() + every;
    }
}

fn write(line: &mut dyn Transport, bytes: &[u8]) -> Result<(), Fault> {
    let seconds = line.baud().map_or(0.0, |baud| bytes.len() as f64 * 10.0 / f64::from(baud));
    let deadline = Instant::now() + Duration::from_secs_f64(seconds) + WRITE_WITHIN;
    line.write_all(bytes, deadline).map_err(|short| lost(short.cause))?;
    line.drain(deadline).map_err(lost)
}

fn lost(error: LineError) -> Fault {
    match error {
        LineError::TimedOut => Fault::DisplayNoAnswer,
        _ => Fault::DisplayLineLost,
    }
}

/// A framed display is a board to its line; to everyone else it is a display.
fn of_board(fault: Fault) -> Fault {
    match fault {
        Fault::BoardAbsent => Fault::DisplayAbsent,
        Fault::BoardRefused => Fault::DisplayRefused,
        Fault::BoardNoAnswer => Fault::DisplayNoAnswer,
        _ => Fault::DisplayLineLost,
    }
}
