//! The emulated devices of a desk: its text display and its rating pad.

use std::convert::Infallible;
use std::io;
use std::sync::mpsc::channel;

use hardware::emulator::{EmulatedDisplay, EmulatedPad};
use hardware::rating::PadProfile;
use serde_json::json;

use super::line::{LineArgs, cable};
use super::{each_line, listening};
use crate::answer;

/// Is a display until it is ended from outside.
pub fn display(line: &LineArgs, columns: u8, rows: u8) -> io::Result<Infallible> {
    let (screens, shown) = channel();
    let display = EmulatedDisplay::start(&line.spec(), columns, rows, Some(screens))?;
    display.line().set_faults(line.faults());
    listening(display.line());
    std::thread::spawn(move || {
        let mut last = None;
        for screen in shown {
            if last.as_ref() != Some(&screen) {
                answer(&json!({ "display": &screen }));
                last = Some(screen);
            }
        }
    });
    each_line(|text| match text.trim() {
        "off" => display.switch_off_and_on(),
        _ => drop(cable(display.line(), text)),
    })
}

/// Is a rating pad until it is ended from outside.
pub fn pad(line: &LineArgs, profile: &str) -> io::Result<Infallible> {
    let profile = PadProfile::named(profile).map_err(io::Error::other)?;
    let pad = EmulatedPad::start(&line.spec(), profile)?;
    pad.line().set_faults(line.faults());
    listening(pad.line());
    each_line(|text| {
        if cable(pad.line(), text) {
            return;
        }
        let pressed = text.trim().parse().is_ok_and(|level| pad.press(level));
        answer(&json!({ "pressed": pressed, "pad": pad.state() }));
    })
}
