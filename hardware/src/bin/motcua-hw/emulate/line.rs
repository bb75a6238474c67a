//! Where an emulated device listens, and what is wrong with its cable; the same for all.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use hardware::emulator::{Faults, Garbage, Line, LineSpec};

/// What stdin takes for any device.
pub const CABLE_HELP: &str = "\
Lines on stdin:
  unplug   the cable is out: the line is cut, new ones are refused
  plug     all is well with the cable again, also what the options made wrong
  cut      the line is cut once
  stall    nothing is read any more
  hole     bytes are taken, nothing happens and nothing is answered";

/// The line's options.
#[derive(Args)]
pub struct LineArgs {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    faults: FaultArgs,
}

/// Where to listen.
#[derive(Args)]
#[group(required = true, multiple = false)]
struct Place {
    /// On TCP: tcp:127.0.0.1:9100, port 0 for a free one.
    #[arg(long)]
    listen: Option<LineSpec>,
    /// On a pty with a link at this path.
    #[arg(long)]
    pty: Option<PathBuf>,
}

/// Faults of the line, counted in bytes that the device was sent.
#[derive(Args)]
struct FaultArgs {
    /// Cut the line at this byte, once.
    #[arg(long, value_name = "BYTE")]
    fail_at: Option<u64>,
    /// Read nothing any more from this byte on.
    #[arg(long, value_name = "BYTE")]
    stall_at: Option<u64>,
    /// Send junk at this byte, once.
    #[arg(long, value_name = "BYTE")]
    garbage_at: Option<u64>,
    /// Mix junk with every answer, or send it instead.
    #[arg(long, value_enum)]
    garbage: Option<Junk>,
    /// Take so many bytes a second.
    #[arg(long, value_name = "BYTES_PER_SECOND", conflicts_with = "baud")]
    slow: Option<u32>,
    /// Take bytes at the pace of a serial line of this speed (ten bits a byte).
    #[arg(long)]
    baud: Option<u32>,
    /// Take and give bytes one by one.
    #[arg(long)]
    split: bool,
    /// Refuse connections after so many; 0 refuses all.
    #[arg(long, value_name = "CONNECTIONS")]
    refuse_after: Option<u64>,
    /// Answer so late.
    #[arg(long, value_name = "MS")]
    answer_after: Option<u32>,
}

/// Junk in answers.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Junk {
    Before,
    Instead,
}

impl LineArgs {
    /// Where to listen.
    pub fn spec(&self) -> LineSpec {
        self.place.listen.clone().unwrap_or(LineSpec::Pty { link: self.place.pty.clone() })
    }

    /// What is wrong from the start.
    pub fn faults(&self) -> Faults {
        let faults = &self.faults;
        Faults {
            cut_after_bytes: faults.fail_at,
            stall_after_bytes: faults.stall_at,
            garbage_after_bytes: faults.garbage_at,
            garbage: faults.garbage.map(|junk| match junk {
                Junk::Before => Garbage::Before,
                Junk::Instead => Garbage::Instead,
            }),
            bytes_per_second: faults.slow.or(faults.baud.map(|baud| (baud / 10).max(1))),
            split: faults.split,
            refuse_after_connections: faults.refuse_after,
            answer_after_ms: faults.answer_after,
            ..Faults::default()
        }
    }
}

/// What is done to any cable; `false` for other words.
pub fn cable(line: &Line, text: &str) -> bool {
    match text.trim() {
        "unplug" => line.set_faults(Faults { refuse: true, ..Faults::default() }),
        "plug" => line.set_faults(Faults::default()),
        "cut" => line.cut(),
        "stall" => line.set_faults(Faults { stall: true, ..line.faults() }),
        "hole" => line.set_faults(Faults { black_hole: true, ..line.faults() }),
        _ => return false,
    }
    true
}
