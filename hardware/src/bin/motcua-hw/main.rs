//! `motcua-hw`: the technician's tool for printers, scanners, boards and the voice.

mod chip;
mod clips;
mod conformance;
mod emulate;
mod list;
mod print;
mod scan;
mod scan_pages;
mod selftest;
mod show;
mod status;
mod ticket;
mod watch;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::{Parser, Subcommand};
use hardware::announcer::{EspeakVoice, Voice};
use hardware::{Address, Fault, failures};
use serde_json::{Value, json};

const HELP: &str = "\
Addresses:
  tcp:192.0.2.7:9100                a printer or board on the network
  serial:/dev/ttyUSB0?baud=115200   a serial line (prefer /dev/serial/by-id/...)
  usb:04b8:0202:SERIAL              a printer of the USB printer class, by its ids, never by its port
  cups:QUEUE                        a raw queue of the print spooler (CUPS_SERVER is honoured)
  file:/dev/usb/lp0                 a line with no way back
  pcsc:Virtual PCD 00 00            a card reader, by its name or as much of it as only it begins with
  sane:DEVICE, file:FOLDER          a document scanner, or a folder into which people put pictures

Examples:
  motcua-hw list --json
  motcua-hw status tcp:192.0.2.7:9100
  motcua-hw print serial:/dev/ttyUSB0 --profile generic-80mm --ticket ticket.json
  motcua-hw print tcp:192.0.2.7:9100 --ticket ticket.json --job A105-2026-11-23    (again: no second slip)
  motcua-hw print --settle A105-2026-11-23 no                                    (nobody got the paper: it may be printed again)
  motcua-hw print tcp:192.0.2.7:9100 --ticket ticket.json --copy-of A105-2026-11-23
  motcua-hw jobs
  motcua-hw scan serial:/dev/ttyACM0 --timeout-ms 10000
  motcua-hw selftest --station /var/lib/motcua/station.toml
  motcua-hw chip \"pcsc:ACS ACR1252\" --can 000123 --csca /etc/motcua/csca
  motcua-hw say \"Mời số A một không năm đến quầy số ba\"
  motcua-hw scan-pages sane:test:0 --source feeder --mode grey --out /tmp/pages
  motcua-hw clips --make /tmp/clips
  motcua-hw show serial:/dev/ttyUSB1?baud=9600 --profile vfd-2x20 --call A105 --desk 3
  motcua-hw rate serial:/dev/ttyUSB2?baud=9600 --profile byte-5
  motcua-hw emulate printer --listen tcp:127.0.0.1:9100 --out /tmp/slips
  motcua-hw conformance tcp:192.0.2.7:9100 --class printer --out report.json

A ticket.json:
  {\"number\": \"A105\", \"service\": \"Chứng thực bản sao\", \"ahead\": 4, \"issued_at\": \"08:15 23/11/2026\", \"qr\": \"A105\"}
  (number and service must be there)

A print answers {\"outcome\": \"Confirmed\" | \"SentUnconfirmed\" | \"NotPrinted\" | \"Unknown\", \"cause\": CODE or null, \"bytes_sent\": N (Unknown),
\"known_by\": \"process_id\" | \"automatic_status\" | \"status_after\" | \"person\" | \"nothing\", \"repeated\": true where it tells of an earlier asking, ...}.
With --job each job is noted on disk before its first byte moves. A job in doubt (PRINT-IN-DOUBT) is never printed again by itself:
look at the printer, then --settle it, or print a copy.

Answers are JSON on stdout (`list` without --json is a table). Exit codes:
  0  done (printed and confirmed, scanned, said, healthy)
  1  this program could not do its part (a file, a port)
  2  wrong usage
  3  the device did not do it, and surely nothing came out
  4  whether paper came out is unknown: look at the printer
  5  sent, and this printer or display has no way to confirm
  6  nothing was scanned, or pressed, in time
  7  the card refused the key: it was sent once, and is not sent again by itself
  8  the card was read and must not be believed: forged, or a copy";

#[derive(Parser)]
#[command(name = "motcua-hw", version, about = "Tries and emulates the devices of a public service centre.", after_help = HELP)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// List the devices that this machine can see, whether each can be opened, and the printer profiles.
    List(list::List),
    /// Tell what is plugged in and out: serial lines, USB devices, card readers. One line of JSON each.
    Watch(watch::Watch),
    /// Ask a printer how it is.
    Status {
        /// Where it is.
        address: Address,
        /// What it can do.
        #[arg(long, default_value = "generic-80mm")]
        profile: String,
    },
    /// Print a ticket once and tell what became of it, or settle a job that is in doubt.
    Print(Box<print::Print>),
    /// List the jobs that are kept: what was begun, and what became of it.
    Jobs(print::Jobs),
    /// Wait for a code before the scanner and print the identity that it holds.
    Scan {
        /// Where the scanner is.
        address: Address,
        /// How long to wait.
        #[arg(long, default_value_t = 30_000)]
        timeout_ms: u64,
        /// Show only that a card was read, with its number masked: for logs and for strangers' cards.
        #[arg(long)]
        masked: bool,
    },
    /// Tell whether the devices of a station are ready for the day, with a test print.
    Selftest(selftest::Selftest),
    /// Read an identity card's chip. Shows what is on it: for a technician, with a test card or their own.
    Chip(chip::ChipArguments),
    /// Say a phrase with the Vietnamese voice.
    Say {
        /// The phrase.
        text: String,
        /// Write a wav file into this folder instead of speaking.
        #[arg(long)]
        wav: Option<PathBuf>,
    },
    /// Scan papers into a folder; tells each page as it comes.
    ScanPages(scan_pages::ScanPages),
    /// List, check or make the recorded clips of the hall's voice.
    Clips(clips::Clips),
    /// Show something on a text display.
    Show(show::Show),
    /// Ask once on a rating pad.
    Rate(show::Rate),
    /// Try whether a device does all that the drivers rely on; a report that its maker can send.
    #[command(after_help = conformance::HELP)]
    Conformance(conformance::ConformanceArgs),
    /// Be a device, for trying a station without one. Lines on stdin act on it; see the subcommands.
    #[command(subcommand)]
    Emulate(emulate::Emulate),
}

fn main() -> ExitCode {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let done = match Arguments::parse().command {
        Command::List(list) => list.run(),
        Command::Scan { address, timeout_ms, masked } => {
            Ok(scan::run(&address, Duration::from_millis(timeout_ms), masked))
        }
        Command::Selftest(selftest) => selftest.run(),
        Command::Chip(arguments) => chip::chip(&arguments),
        Command::Watch(watch) => watch.run(),
        Command::Status { address, profile } => status::run(&address, &profile),
        Command::Print(print) => print.run(),
        Command::Jobs(jobs) => jobs.run(),
        Command::Say { text, wav } => Ok(say(&text, wav)),
        Command::ScanPages(scan) => scan.run(),
        Command::Clips(clips) => clips.run(),
        Command::Show(show) => show.run(),
        Command::Rate(rate) => rate.run(),
        Command::Conformance(arguments) => conformance::run(arguments),
        Command::Emulate(emulate) => emulate.run().map(|never| match never {}).map_err(Into::into),
    };
    done.unwrap_or_else(|error| {
        answer(&json!({ "error": error.to_string() }));
        ExitCode::from(1)
    })
}

type Done = Result<ExitCode, Box<dyn std::error::Error>>;

fn answer(value: &Value) {
    // Whoever read our answers may have gone; that is no failure of ours.
    let _ = writeln!(std::io::stdout(), "{value}");
}

fn answer_text(text: &str) {
    // As in `answer`.
    let _ = writeln!(std::io::stdout(), "{text}");
}

fn refused(fault: Fault) -> ExitCode {
    let words = failures::of(fault.code());
    answer(&json!({
        "fault": fault,
        "remedy": fault.remedy(),
        "meaning": words.map(|words| &words.meaning),
        "next": words.map(|words| &words.next),
    }));
    ExitCode::from(3)
}
fn say(text: &str, wav: Option<PathBuf>) -> ExitCode {
    let mut voice = EspeakVoice::new();
    if let Some(folder) = wav {
        voice = voice.into_folder(folder);
    }
    match voice.say(text, Instant::now() + Duration::from_secs(60)) {
        Ok(()) => {
            answer(&json!({ "said": text }));
            ExitCode::SUCCESS
        }
        Err(fault) => refused(fault),
    }
}
