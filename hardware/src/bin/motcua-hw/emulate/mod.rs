//! Emulated devices on the command line. What happens to them is told as one JSON object a line.

mod line;
mod printer;

use std::convert::Infallible;
use std::io::{self, BufRead};
use std::sync::mpsc::channel;

use clap::{Args, Subcommand, ValueEnum};
use hardware::board::BoardListener;
use hardware::emulator::{EmulatedScanner, Line, Terminator};
use serde_json::json;

use crate::answer;
use crate::emulate_card::EmulateCard;
use line::{CABLE_HELP, LineArgs, cable};

/// Which device to be.
#[derive(Subcommand)]
pub enum Emulate {
    /// A printer that interprets ESC/POS and puts each slip on a picture.
    #[command(after_help = printer::HELP)]
    Printer(Box<printer::PrinterArgs>),
    /// A scanner. Each line on stdin is a code held before it.
    #[command(after_help = CABLE_HELP)]
    Scanner(ScannerArgs),
    /// An identity card in vpcd's reader. Lines on stdin: `insert`, `withdraw`.
    Card(EmulateCard),
    /// A board. Tells what it shows.
    #[command(after_help = CABLE_HELP)]
    Board {
        #[command(flatten)]
        line: LineArgs,
    },
}

/// A scanner's settings.
#[derive(Args)]
pub struct ScannerArgs {
    #[command(flatten)]
    line: LineArgs,
    /// What it sends after a code.
    #[arg(long, value_enum, default_value = "cr")]
    terminator: Ending,
}

/// What a scanner sends after a code.
#[derive(Clone, Copy, ValueEnum)]
enum Ending {
    None,
    Cr,
    Lf,
    CrLf,
}

impl Emulate {
    /// Is the device until it is ended from outside.
    pub fn run(self) -> io::Result<Infallible> {
        match self {
            Self::Printer(arguments) => printer::run(*arguments),
            Self::Scanner(arguments) => scanner(arguments),
            Self::Card(card) => card.run(),
            Self::Board { line } => board(line),
        }
    }
}

fn scanner(arguments: ScannerArgs) -> io::Result<Infallible> {
    let scanner = EmulatedScanner::start(&arguments.line.spec())?;
    let terminator = match arguments.terminator {
        Ending::None => Terminator::None,
        Ending::Cr => Terminator::Cr,
        Ending::Lf => Terminator::Lf,
        Ending::CrLf => Terminator::CrLf,
    };
    scanner.line().set_faults(arguments.line.faults());
    listening(scanner.line());
    each_line(|text| {
        if !cable(scanner.line(), text) {
            scanner.put_card(text.as_bytes(), terminator);
        }
    })
}

fn board(line: LineArgs) -> io::Result<Infallible> {
    let (states, shown) = channel();
    let board = BoardListener::listen(&line.spec(), Some(states))?;
    board.line().set_faults(line.faults());
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

fn listening(line: &Line) {
    answer(&json!({ "address": line.address() }));
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
