//! The emulated printer: its model, the person beside it, and its slips as files.

use std::convert::Infallible;
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::mpsc::channel;

use clap::{Args, ValueEnum};
use hardware::emulator::{EmulatedPrinter, Page, PrinterModel};
use serde_json::json;

use super::line::{LineArgs, cable};
use super::{each_line, listening};
use crate::answer;

pub const HELP: &str = "\
Lines on stdin:
  cover open | cover closed
  paper 0.2m | 20cm | 200mm     puts a roll of this length in; paper 0 takes it away
  jam | unjam                   the cutter; a jam is noticed at the next cut, and cleared by the cover
  hot | cool                    the head
  near-end | full               the roll's sensor
  unplug | plug | cut | stall | hole   the cable

Answers are JSON, one object a line: {\"address\": ...} once it listens, then {\"slip\": {...}} for each slip that was cut off: its
number, the lines printed with the printer's own letters, its QR codes and bar codes, its height in dots, and pulses for the drawer.

Examples:
  motcua-hw emulate printer --listen tcp:127.0.0.1:9100 --out /tmp/slips
  motcua-hw emulate printer --pty /tmp/ttyPRINTER --baud 19200 --paper 20cm
  motcua-hw emulate printer --listen tcp:127.0.0.1:0 --width 384 --no-process-id --fail-at 4000";

/// A printer's settings.
#[derive(Args)]
pub struct PrinterArgs {
    #[command(flatten)]
    line: LineArgs,
    /// Paper on the roll: 0.2m, 20cm, 200mm; a bare number is metres.
    #[arg(long)]
    paper: Option<Length>,
    /// Whether the cover is open.
    #[arg(long, value_enum, default_value = "closed")]
    cover: Cover,
    /// The roll's sensor says that it is near its end.
    #[arg(long)]
    near_end: bool,
    /// The cutter jams at the next cut.
    #[arg(long)]
    jam: bool,
    /// The head is too hot.
    #[arg(long)]
    head_hot: bool,
    /// Answer no question about its state.
    #[arg(long)]
    no_status: bool,
    /// Report nothing by itself.
    #[arg(long)]
    no_asb: bool,
    /// Confirm no job.
    #[arg(long)]
    no_process_id: bool,
    /// Printable width in dots.
    #[arg(long, default_value_t = 576, value_parser = width)]
    width: u16,
    /// Put each slip into this folder: slip-1.png and slip-1.bin.
    #[arg(long)]
    out: Option<PathBuf>,
}

/// The cover's position.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Cover {
    Open,
    Closed,
}

fn width(text: &str) -> Result<u16, String> {
    match text.parse() {
        Ok(dots) if dots >= 8 && dots % 8 == 0 => Ok(dots),
        _ => Err("a width is a positive multiple of 8 dots, such as 576 or 384".to_owned()),
    }
}

/// A length of paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Length {
    mm: u32,
}

impl FromStr for Length {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let units = [("mm", 1.0), ("cm", 10.0), ("m", 1000.0), ("", 1000.0)];
        let split = units.iter().find_map(|(unit, mm)| Some((text.strip_suffix(unit)?, mm)));
        let number = split.and_then(|(number, mm)| Some(number.trim().parse::<f64>().ok()? * mm));
        match number {
            Some(mm) if (0.0..=1_000_000.0).contains(&mm) => Ok(Self { mm: mm.round() as u32 }),
            _ => Err(format!("{text} is no length of paper; write 0.2m, 20cm or 200mm")),
        }
    }
}

pub fn run(arguments: PrinterArgs) -> io::Result<Infallible> {
    let (pages, cut_off) = channel();
    let model = PrinterModel {
        width_dots: arguments.width,
        answers_status: !arguments.no_status,
        asb: !arguments.no_asb,
        process_id: !arguments.no_process_id,
        ..PrinterModel::default()
    };
    let printer = EmulatedPrinter::start(&arguments.line.spec(), model, Some(pages))?;
    if let Some(length) = arguments.paper {
        printer.set_paper_mm(length.mm);
    }
    printer.set_cover_open(arguments.cover == Cover::Open);
    printer.set_near_end(arguments.near_end);
    printer.set_cutter_jammed(arguments.jam);
    printer.set_head_hot(arguments.head_hot);
    printer.line().set_faults(arguments.line.faults());
    listening(printer.line());
    let out = arguments.out;
    std::thread::spawn(move || {
        for page in cut_off {
            if let Err(error) = keep(&page, out.as_deref()) {
                answer(&json!({ "error": error.to_string() }));
            }
        }
    });
    each_line(|text| hand(&printer, text))
}

fn keep(page: &Page, out: Option<&Path>) -> io::Result<()> {
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
        ["cover", "open"] => printer.set_cover_open(true),
        ["cover", "closed"] => printer.set_cover_open(false),
        ["paper", length] => match length.parse::<Length>() {
            Ok(length) => printer.set_paper_mm(length.mm),
            Err(error) => answer(&json!({ "error": error })),
        },
        ["jam"] => printer.set_cutter_jammed(true),
        ["unjam"] => printer.set_cutter_jammed(false),
        ["hot"] => printer.set_head_hot(true),
        ["cool"] => printer.set_head_hot(false),
        ["near-end"] => printer.set_near_end(true),
        ["full"] => printer.set_near_end(false),
        [] => {}
        _ if cable(printer.line(), text) => {}
        _ => answer(&json!({ "error": format!("not understood: {text}") })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_have_their_units() {
        for (text, mm) in [("0.2m", 200), ("20cm", 200), ("200mm", 200), ("0.2", 200), ("0", 0), ("80", 80_000)] {
            assert_eq!(text.parse::<Length>(), Ok(Length { mm }), "{text}");
        }
        for text in ["", "m", "-1m", "1km", "nan", "inf"] {
            assert!(text.parse::<Length>().is_err(), "{text}");
        }
    }
}
