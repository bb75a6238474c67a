//! How many bytes a ticket is, how long they take on the line, and how long it takes to make them.
//!
//! The time on the line is reckoned: ten bits a byte, the line never idle.

use std::time::Instant;

use ::tests::fault::{Doing, Fault, Outcome};
use hardware::printer::raster::Rasterizer;
use hardware::printer::{Encoding, protocol};
use hardware::{Paper, Profile};

use super::super::figures::Figure;
use super::super::peer::PeerSlips;
use super::slips;

const ROUNDS: usize = 200;
/// Slips before the clock runs, so that letters are drawn.
const WARM_UP: usize = 10;
const BAUDS: [u32; 4] = [9600, 19_200, 38_400, 115_200];
const BITS_A_BYTE: f64 = 10.0;
/// The goal: the slip of three lines, compact, at this speed.
const GOAL_BAUD: u32 = 19_200;
const GOAL_BYTES: f64 = 2_900.0;
const GOAL_SECONDS: f64 = 1.5;

/// A slip and its short name; whether the goal is meant for it.
struct Slip {
    name: &'static str,
    what: &'static str,
    paper: fn(usize) -> Paper,
    has_goal: bool,
}

const SLIPS: [Slip; 2] = [
    Slip {
        name: "three_lines",
        what: "three Vietnamese lines of 26 letters, a number, a QR code of 60 characters",
        paper: |round| slips::three_lines(round, 60),
        has_goal: true,
    },
    Slip {
        name: "station",
        what: "a station's ticket with a signed code of 500 characters",
        paper: |round| slips::of_a_station(round, 500),
        has_goal: false,
    },
];

/// A way to put a slip on the line.
struct Way {
    name: &'static str,
    what: &'static str,
    encoding: Encoding,
    /// Whether the printer takes letters that we define.
    letters: bool,
}

const WAYS: [Way; 3] = [
    Way {
        name: "letters",
        what: "compact, letters defined in the printer",
        encoding: Encoding::Compact,
        letters: true,
    },
    Way { name: "cropped", what: "compact, no letters defined", encoding: Encoding::Compact, letters: false },
    Way { name: "raster", what: "rows of dots", encoding: Encoding::Raster, letters: false },
];

/// Weighs every slip in every way, beside what the peer makes of the text of three lines.
///
/// # Errors
/// When a slip cannot be drawn.
pub fn measure(peer: &PeerSlips) -> Outcome<Vec<Figure>> {
    let mut figures = Vec::new();
    for slip in &SLIPS {
        for way in &WAYS {
            let mut weighed = weigh(slip, way)?;
            if slip.has_goal {
                weighed[0].beside("the peer's raster of the same text without the code", peer.bytes());
                weighed[1].beside("the peer's, without the code", peer.made_ms());
            }
            figures.extend(weighed);
        }
    }
    figures.extend(peer.figures());
    Ok(figures)
}

fn weigh(slip: &Slip, way: &Way) -> Outcome<Vec<Figure>> {
    let generic = Profile::named("generic-80mm").doing("the printer's profile")?;
    let profile = Profile { user_defined_characters: way.letters, ..generic };
    let mut rasterizer = Rasterizer::new().doing("the font")?;
    let (mut made_ms, mut bytes) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS + WARM_UP {
        let paper = (slip.paper)(round);
        let begun = Instant::now();
        let pieces = rasterizer.draw_with(&paper, profile.width_dots, profile.natives(way.encoding));
        let pieces = pieces.map_err(|fault| Fault::new("drawing a slip", fault.code()))?;
        let job = protocol::job_as(way.encoding, &pieces, &profile, protocol::tag(round as u32));
        if round >= WARM_UP {
            made_ms.push(begun.elapsed().as_secs_f64() * 1_000.0);
            bytes.push(job.len() as f64);
        }
    }
    let name = |of: &str| format!("{}_{}_{of}", slip.name, way.name);
    let has_goal = slip.has_goal && way.encoding == Encoding::Compact;
    let weight = Figure::median(name("bytes"), "bytes", format!("{}: {}", slip.what, way.what), &bytes);
    let mut figures = vec![
        if has_goal { weight.at_most(GOAL_BYTES) } else { weight },
        Figure::median(name("made"), "ms", "laid out, drawn, encoded; letters warm", &made_ms),
    ];
    for baud in BAUDS {
        let seconds: Vec<f64> = bytes.iter().map(|bytes| bytes * BITS_A_BYTE / f64::from(baud)).collect();
        let time =
            Figure::median(name(&baud.to_string()), "s", format!("those bytes at {baud} baud, reckoned"), &seconds);
        figures.push(if has_goal && baud == GOAL_BAUD { time.at_most(GOAL_SECONDS) } else { time });
    }
    Ok(figures)
}
