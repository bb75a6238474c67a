//! A screen that nobody sees, and whose pixels can be read as they change: Xvfb keeps its framebuffer in a file.

use ::tests::fault::{Doing, Fault, Outcome};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Only each such row and column is looked at: a look has to be short.
const STEP_PX: u64 = 8;
/// How many pixels that are looked at must have the colour: an area of about 3,800 pixels, more than any text or line.
const ENOUGH: usize = 60;
const LOOK_EVERY: Duration = Duration::from_millis(1);
const PATIENCE: Duration = Duration::from_secs(60);

/// A running Xvfb; it ends when this is dropped.
pub struct Screen {
    xvfb: Child,
    /// What `DISPLAY` must be.
    pub name: String,
    pixels: Pixels,
}

impl Screen {
    /// Starts one with the kiosk's window in mind; its file is made in `folder`.
    ///
    /// # Errors
    /// When Xvfb is not installed or does not come up.
    pub fn start(folder: &Path) -> Outcome<Self> {
        let mut xvfb = Command::new("Xvfb")
            .args(["-displayfd", "1", "-nolisten", "tcp", "-screen", "0", "1280x1280x24", "-fbdir"])
            .arg(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .doing("starting Xvfb")?;
        let name = display_name(&mut xvfb);
        let pixels = Pixels::open(&folder.join("Xvfb_screen0"));
        match name.and_then(|name| Ok((name, pixels?))) {
            Ok((name, pixels)) => Ok(Self { xvfb, name, pixels }),
            Err(fault) => {
                end(&mut xvfb);
                Err(fault)
            }
        }
    }

    /// When an area of this colour (`0xRRGGBB`) stood on the screen.
    ///
    /// # Errors
    /// When it does not within a minute.
    pub fn painted(&self, colour: u32) -> Outcome<Instant> {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            if self.shows(colour)? {
                return Ok(Instant::now());
            }
            std::thread::sleep(LOOK_EVERY);
        }
        Err(Fault::new("waiting for a window to be painted", "it stayed blank"))
    }

    /// Whether an area of this colour stands on the screen now.
    ///
    /// # Errors
    /// When the framebuffer cannot be read.
    pub fn shows(&self, colour: u32) -> Outcome<bool> {
        Ok(self.pixels.count(colour)? >= ENOUGH)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        end(&mut self.xvfb);
    }
}

fn display_name(xvfb: &mut Child) -> Outcome<String> {
    let mut line = String::new();
    if let Some(out) = xvfb.stdout.take() {
        BufReader::new(out).read_line(&mut line).doing("reading Xvfb's display")?;
    }
    match line.trim() {
        "" => Err(Fault::new("starting Xvfb", "it gave no display")),
        number => Ok(format!(":{number}")),
    }
}

fn end(xvfb: &mut Child) {
    // Both fail only when it has already ended.
    let _ = xvfb.kill();
    let _ = xvfb.wait();
}

/// A framebuffer in the format of `xwd`: a header of big-endian words, colours, rows of little-endian pixels.
struct Pixels {
    file: File,
    begin: u64,
    width: usize,
    height: u64,
    row_bytes: u64,
}

impl Pixels {
    fn open(path: &Path) -> Outcome<Self> {
        let file = File::open(path).doing("opening the framebuffer")?;
        let mut header = [0; 100];
        file.read_exact_at(&mut header, 0).doing("reading the framebuffer's header")?;
        let word = |index: usize| {
            let at = index * 4;
            u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]])
        };
        // Words of XWDFileHeader: 0 its size, 4 and 5 width and height, 11 bits a pixel, 12 bytes a row, 19 colours of 12 bytes.
        if word(11) != 32 {
            return Err(Fault::new("reading the framebuffer's header", format_args!("{} bits a pixel", word(11))));
        }
        Ok(Self {
            file,
            begin: u64::from(word(0)) + u64::from(word(19)) * 12,
            width: word(4) as usize,
            height: u64::from(word(5)),
            row_bytes: u64::from(word(12)),
        })
    }

    /// Looked-at pixels of this colour.
    fn count(&self, colour: u32) -> Outcome<usize> {
        let mut row = vec![0; self.width * 4];
        let mut count = 0;
        for y in (0..self.height).step_by(STEP_PX as usize) {
            self.file.read_exact_at(&mut row, self.begin + y * self.row_bytes).doing("reading the framebuffer")?;
            let looked_at = row.chunks_exact(4).step_by(STEP_PX as usize);
            count += looked_at.filter(|pixel| [pixel[2], pixel[1], pixel[0]] == colour.to_be_bytes()[1..]).count();
        }
        Ok(count)
    }
}
