//! A display that nobody sees: one Xvfb a window.

use super::processes::end_with_us;
use crate::fault::{Doing, Fault, Outcome};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// A running Xvfb; it ends when this is dropped.
#[derive(Debug)]
pub struct Display {
    xvfb: Child,
    /// What `DISPLAY` must be, such as `:7`.
    pub name: String,
}

impl Display {
    /// Starts Xvfb on a free display with one screen of this many pixels.
    ///
    /// # Errors
    /// When Xvfb is not installed or does not come up.
    pub fn start(width_px: u32, height_px: u32) -> Outcome<Self> {
        let mut xvfb = end_with_us(&mut Command::new("Xvfb"))
            // Xvfb chooses the display itself and writes its number once it serves it.
            .args(["-displayfd", "1", "-nolisten", "tcp", "-screen", "0"])
            .arg(format!("{width_px}x{height_px}x24"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .doing("starting Xvfb")?;
        let number = xvfb.stdout.take().map(first_line).transpose().doing("reading Xvfb's display")?;
        match number.as_deref().map(str::trim) {
            Some(number) if !number.is_empty() => Ok(Self { name: format!(":{number}"), xvfb }),
            _ => {
                end(&mut xvfb);
                Err(Fault::new("starting Xvfb", "it gave no display"))
            }
        }
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        end(&mut self.xvfb);
    }
}

fn first_line(out: impl std::io::Read) -> std::io::Result<String> {
    let mut line = String::new();
    BufReader::new(out).read_line(&mut line)?;
    Ok(line)
}

fn end(child: &mut Child) {
    // Both fail only when it has already ended.
    let _ = child.kill();
    let _ = child.wait();
}
