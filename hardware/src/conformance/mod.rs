//! The conformance kit: what a device must do so that these drivers can keep their promises, tried on the device itself. A maker runs it and
//! sends the report; our own tests run it on every emulator, and see each check fail on a device that has just that defect.

mod bench;
mod board;
mod calibration;
mod printer;
mod report;
mod scanner;

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::address::Address;
use crate::printer::Profile;
pub use bench::Bench;
pub use report::{CheckReport, Report, Verdict};

/// A class of devices that has a suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// An ESC/POS ticket printer.
    Printer,
    /// A QR scanner on a serial line.
    Scanner,
    /// A hall's board.
    Board,
}

impl FromStr for Class {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "printer" => Ok(Self::Printer),
            "scanner" => Ok(Self::Scanner),
            "board" => Ok(Self::Board),
            _ => Err(format!("no suite for {text}; there are printer, scanner, board")),
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Printer => "printer",
            Self::Scanner => "scanner",
            Self::Board => "board",
        })
    }
}

/// What a person beside the device is asked to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Open the printer's cover.
    OpenCover,
    /// Close it.
    CloseCover,
    /// Take the roll out.
    TakePaperOut,
    /// Put a roll in.
    PutPaperIn,
    /// Look at the calibration page: letters whole, both ends of the ruler there, the code readable, cut off.
    LookAtCalibration,
    /// Hold a code with this text before the scanner.
    Scan(String),
}

/// Whoever stands beside the device.
pub trait Person {
    /// Does it; `false` when it cannot be done, or does not look right.
    fn please(&mut self, step: &Step) -> bool;
}

/// Why a check did not pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unmet {
    /// The device did not do what it must; what it did instead.
    Failed(String),
    /// It cannot be asked of this device, or not now; why.
    NotApplicable(String),
}

impl From<String> for Unmet {
    fn from(what: String) -> Self {
        Self::Failed(what)
    }
}

/// The evidence, or why there is none.
type Outcome = Result<String, Unmet>;

/// One thing that a device must do.
#[derive(Clone, Copy)]
pub struct Check {
    /// Its stable name.
    pub id: &'static str,
    /// What it proves.
    pub proves: &'static str,
    /// The command or rule that it rests on.
    pub reference: &'static str,
    /// Checks without which it says nothing.
    needs: &'static [&'static str],
    run: fn(&mut Bench<'_>) -> Outcome,
}

/// The suite of a class, in the order in which it is run.
#[must_use]
pub fn suite(class: Class) -> Vec<Check> {
    match class {
        Class::Printer => printer::suite(),
        Class::Scanner => scanner::SUITE.to_vec(),
        Class::Board => board::SUITE.to_vec(),
    }
}

/// What is tried, and how.
pub struct Settings<'a> {
    /// The class.
    pub class: Class,
    /// Where the device is.
    pub address: Address,
    /// What a printer claims to do.
    pub profile: Option<Profile>,
    /// Who helps; nobody leaves out the checks that need hands.
    pub person: Option<&'a mut dyn Person>,
    /// How long a device may take to notice what a person did.
    pub hands_within: Duration,
    /// When, for the report.
    pub at: jiff::Timestamp,
}

/// Runs a suite; `told` is called after each check.
pub fn run(settings: Settings<'_>, mut told: impl FnMut(&CheckReport)) -> Report {
    let mut report = Report::new(&settings);
    let mut bench = Bench::new(settings.address, settings.profile, settings.person, settings.hands_within);
    for check in suite(settings.class) {
        let began = Instant::now();
        let missing = check.needs.iter().find(|id| !report.passed(id));
        let outcome = match missing {
            Some(id) => Err(Unmet::NotApplicable(format!("says nothing while {id} does not pass"))),
            None => (check.run)(&mut bench),
        };
        let result = CheckReport::new(&check, outcome, began.elapsed());
        told(&result);
        report.checks.push(result);
    }
    report.concluded()
}
