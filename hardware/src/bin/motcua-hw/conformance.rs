//! `motcua-hw conformance`: runs the kit on a device and writes the report that its maker can send.

use std::io::{self, BufRead};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use hardware::conformance::{self, Class, Person, Settings, Step};
use hardware::{Address, Profile};
use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;

use crate::{Done, answer};

/// How long a device may take to notice what the person did.
const HANDS_WITHIN: Duration = Duration::from_secs(30);

pub const HELP: &str = "\
What happens is told on stderr, check by check; the report is JSON on stdout, and in the file of --out. Every check has a stable id, what
it proves, the command that it rests on, its verdict (passed, failed, not_applicable) and the bytes that are its evidence. sha256 is that of
the report as compact JSON with an empty sha256. A printer prints two short slips and uses about 30 cm of paper.

Exit codes: 0 conformant (no check failed), 3 not conformant, 1 the kit could not run.

Examples:
  motcua-hw conformance tcp:192.0.2.7:9100 --class printer --profile generic-80mm --out report.json
  motcua-hw conformance serial:/dev/ttyUSB0?baud=19200 --class printer --profile clone-80mm --interactive
  motcua-hw conformance serial:/dev/ttyACM0 --class scanner --interactive";

/// What is tried.
#[derive(Args)]
pub struct ConformanceArgs {
    /// Where the device is.
    address: Address,
    /// What it is: printer, scanner, board.
    #[arg(long)]
    class: Class,
    /// What a printer claims to do.
    #[arg(long, default_value = "generic-80mm")]
    profile: String,
    /// Someone stands beside the device and does what is asked.
    #[arg(long)]
    interactive: bool,
    /// Write the report into this file too.
    #[arg(long)]
    out: Option<PathBuf>,
}

/// Runs the kit.
pub fn run(arguments: ConformanceArgs) -> Done {
    let profile = match arguments.class {
        Class::Printer => Some(Profile::named(&arguments.profile)?),
        Class::Scanner | Class::Board => None,
    };
    let mut person = AtTheTerminal;
    let settings = Settings {
        class: arguments.class,
        address: arguments.address,
        profile,
        person: arguments.interactive.then_some(&mut person as &mut dyn Person),
        hands_within: HANDS_WITHIN,
        at: jiff::Timestamp::now(),
    };
    let report = conformance::run(settings, |check| eprintln!("{}", check.line()));
    eprintln!("{}", if report.conformant { "conformant" } else { "NOT conformant" });
    if let Some(path) = arguments.out {
        std::fs::write(path, serde_json::to_vec_pretty(&report)?)?;
    }
    answer(&serde_json::to_value(&report)?);
    Ok(ExitCode::from(if report.conformant { 0 } else { 3 }))
}

/// Whoever sits at the terminal.
struct AtTheTerminal;

impl Person for AtTheTerminal {
    fn please(&mut self, step: &Step) -> bool {
        let question = match step {
            Step::OpenCover => "Open the printer's cover.",
            Step::CloseCover => "Close the cover.",
            Step::TakePaperOut => "Take the roll out and close the cover.",
            Step::PutPaperIn => "Put the roll in and close the cover.",
            Step::LookAtCalibration => {
                "Look at the slip: are all letters whole, are |< and >| at both edges, does a telephone read the code, is it cut off?"
            }
            Step::Scan(text) => {
                // The scanner is read from the moment the code is shown; nobody need press a key.
                eprintln!("{}\nScan this code.", on_screen(text));
                return true;
            }
        };
        eprintln!("{question} [Enter when it is so, n when not]");
        let mut reply = String::new();
        let read = io::stdin().lock().read_line(&mut reply).unwrap_or(0);
        read > 0 && !reply.trim().eq_ignore_ascii_case("n")
    }
}

/// A code of half-block letters, dark on light.
fn on_screen(text: &str) -> String {
    let dark_on_light =
        |code: QrCode| code.render::<Dense1x2>().dark_color(Dense1x2::Dark).light_color(Dense1x2::Light).build();
    QrCode::new(text).map(dark_on_light).unwrap_or_default()
}
