//! A number is called: on the boards, on the desk's own display, and by voice.

use super::{Devices, Handle};
use hardware::Call;
use hardware::announcer::{Priority, Region, calling};
use std::io::Write;

impl Devices {
    /// Calls a number on all boards and displays and by voice. What a board that is away missed it is told when it is back.
    pub(crate) fn call(&self, number: &str, desk: &str, times: u32, priority: bool) {
        let Ok(desk) = desk.parse::<u16>() else {
            tracing::warn!(desk, "a desk that is no number is not called");
            return;
        };
        let times = u8::try_from(times).unwrap_or(u8::MAX);
        let priority = if priority { Priority::Priority } else { Priority::Ordinary };
        let phrase = calling(number, priority, desk, times, Region::North);
        let call = || Call { number: number.to_owned(), desk, times };
        for known in &self.known {
            match &known.handle {
                // How it went is in the device's status; a call is for now and is not repeated by itself.
                Handle::Board(board) => drop(board.call(call())),
                Handle::Display(display) => drop(display.call(call())),
                Handle::Announcer(announcer) => drop(announcer.say(&phrase)),
                _ => {}
            }
        }
        self.note_spoken(&phrase);
    }

    /// Whoever was called has left the desk: its display shows nobody any more.
    pub(crate) fn clear_displays(&self) {
        for known in &self.known {
            if let Handle::Display(display) = &known.handle {
                // As with a call.
                drop(display.clear());
            }
        }
    }

    fn note_spoken(&self, phrase: &str) {
        let line = serde_json::json!({ "text": phrase, "at": jiff::Timestamp::now().as_millisecond() });
        let file = std::fs::OpenOptions::new().create(true).append(true).open(&self.spoken);
        if let Err(error) = file.and_then(|mut file| writeln!(file, "{line}")) {
            tracing::warn!(%error, "what was said is not in the list of phrases");
        }
    }
}
