//! Emulated devices on the command line. What happens to them is told as one JSON object a line.

#[path = "emulate_desk.rs"]
mod desk;

use std::convert::Infallible;
use std::io::{self, BufRead};
use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;

use clap::{Args, Subcommand, ValueEnum};
use hardware::board::BoardListener;
use hardware::emulator::{EmulatedPrinter, EmulatedScanner, Faults, Line, LineSpec, PrinterModel, Terminator};
use serde_json::json;

use crate::answer;
use crate::emulate_card::EmulateCard;

/// Which device to be.
#[derive(Subcommand)]
pub enum Emulate {
    /// A printer. Lines on stdin: `cover open`, `cover closed`, `paper METRES`, `jam`, `unjam`, `unplug`, `plug`, `cut` (the cable).
    Printer {
        #[command(flatten)]
        line: Listen,
        /// Metres of paper on the roll.
        #[arg(long)]
        paper: Option<f64>,
        /// Whether the cover is open.
        #[arg(long, value_enum, default_value = "closed")]
        cover: Cover,
        /// Cut the line after so many bytes, once.
        #[arg(long)]
        fail_at: Option<u64>,
        /// Put each slip into this folder: slip-1.png and slip-1.bin.
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// A scanner. Each line on stdin is a code held before it. Also `unplug` and `plug`.
    Scanner {
        #[command(flatten)]
        line: Listen,
    },
    /// An identity card in vpcd's reader. Lines on stdin: `insert`, `withdraw`.
    Card(EmulateCard),
    /// A text display. Tells what is read on it. Lines on stdin: `off` (and on again), `unplug`, `plug`, `cut`.
    Display {
        #[command(flatten)]
        line: Listen,
        /// Characters in a row.
        #[arg(long, default_value_t = 20)]
        columns: u8,
        /// Rows.
        #[arg(long, default_value_t = 2)]
        rows: u8,
    },
    /// A rating pad. Lines on stdin: a number presses the button of that level. Also `unplug`, `plug`, `cut`.
    Pad {
        #[command(flatten)]
        line: Listen,
        /// What it sends.
        #[arg(long, default_value = "byte-5")]
        profile: String,
    },
    /// A board. Tells what it shows.
    Board {
        #[command(flatten)]
        line: Listen,
    },
}

/// Where to listen.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub struct Listen {
    /// On TCP: tcp:127.0.0.1:9100, port 0 for a free one.
    #[arg(long)]
    listen: Option<LineSpec>,
    /// On a pty with a link at this path.
    #[arg(long)]
    pty: Option<PathBuf>,
}

impl Listen {
    fn spec(self) -> LineSpec {
        self.listen.unwrap_or(LineSpec::Pty { link: self.pty })
    }
}

/// The cover's position.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Cover {
    Open,
    Closed,
}

impl Emulate {
    /// Is the device until it is ended from outside.
    pub fn run(self) -> io::Result<Infallible> {
        match self {
            Self::Printer { line, paper, cover, fail_at, out } => {
                let (pages, cut_off) = channel();
                let printer = EmulatedPrinter::start(&line.spec(), PrinterModel::default(), Some(pages))?;
                if let Some(metres) = paper {
                    printer.set_paper_mm((metres * 1000.0) as u32);
                }
                printer.set_cover_open(cover == Cover::Open);
                printer.line().set_faults(Faults { cut_after_bytes: fail_at, ..Faults::default() });
                listening(printer.line());
                std::thread::spawn(move || {
                    for page in cut_off {
                        if let Err(error) = keep(&page, out.as_deref()) {
                            answer(&json!({ "error": error.to_string() }));
                        }
                    }
                });
                each_line(|text| hand(&printer, text))
            }
            Self::Scanner { line } => {
                let scanner = EmulatedScanner::start(&line.spec())?;
                listening(scanner.line());
                each_line(|text| {
                    if !cable(scanner.line(), text) {
                        scanner.put_card(text.as_bytes(), Terminator::Cr);
                    }
                })
            }
            Self::Card(card) => card.run(),
            Self::Display { line, columns, rows } => desk::display(line, columns, rows),
            Self::Pad { line, profile } => desk::pad(line, &profile),
            Self::Board { line } => {
                let (states, shown) = channel();
                let board = BoardListener::listen(&line.spec(), Some(states))?;
                listening(board.line());
                std::thread::spawn(move || {
                    let mut last = None;
                    for mut state in shown {
                        // Heartbeats change nothing that can be seen.
                        state.heard_at = None;
                        if last.as_ref() != Some(&state) {
                            answer(&json!({ "board": &state }));
                            last = Some(state);
                        }
                    }
                });
                each_line(|text| {
                    cable(board.line(), text);
                })
            }
        }
    }
}

fn listening(line: &Line) {
    answer(&json!({ "address": line.address() }));
}

fn keep(page: &hardware::emulator::Page, out: Option<&Path>) -> io::Result<()> {
    if let Some(folder) = out {
        std::fs::create_dir_all(folder)?;
        std::fs::write(folder.join(format!("slip-{}.png", page.number)), &page.png)?;
        std::fs::write(folder.join(format!("slip-{}.bin", page.number)), &page.raw)?;
    }
    answer(&json!({ "slip": page }));
    Ok(())
}

fn hand(printer: &EmulatedPrinter, text: &str) {
    match text.split_whitespace().collect::<Vec<_>>()[..] {
        ["cover", position] => printer.set_cover_open(position == "open"),
        ["paper", metres] => match metres.parse::<f64>() {
            Ok(metres) => printer.set_paper_mm((metres * 1000.0) as u32),
            Err(error) => answer(&json!({ "error": error.to_string() })),
        },
        ["jam"] => printer.set_cutter_jammed(true),
        ["unjam"] => printer.set_cutter_jammed(false),
        _ => {
            cable(printer.line(), text);
        }
    }
}

/// What is done to any cable; `false` for other words.
fn cable(line: &Line, text: &str) -> bool {
    match text.trim() {
        "unplug" => line.set_faults(Faults { refuse: true, ..Faults::default() }),
        "plug" => line.set_faults(Faults::default()),
        "cut" => line.cut(),
        _ => return false,
    }
    true
}

/// Obeys stdin; when it ends the device goes on.
pub fn each_line(mut obey: impl FnMut(&str)) -> io::Result<Infallible> {
    for text in io::stdin().lock().lines() {
        obey(&text?);
    }
    loop {
        std::thread::park();
    }
}
