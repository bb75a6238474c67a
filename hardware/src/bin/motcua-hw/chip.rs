//! Reading a card's chip from the command line.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Args;
use hardware::chip::key::{Can, ChipKey, KeyError, MrzKey};
use hardware::chip::pcsc::PcscCard;
use hardware::chip::read::{ReadOptions, read};
use hardware::chip::report::ChipReport;
use hardware::{Address, Fault};
use serde_json::json;

use crate::{Done, answer};

/// How long the service may take to find the card.
const CONNECT_TIME: Duration = Duration::from_secs(10);

/// What opens the chip, and against what it is checked.
#[derive(Args)]
pub struct ChipArguments {
    /// The reader: pcsc:READER NAME, or as much of the name as only it begins with.
    address: Address,
    /// The card access number: on a Vietnamese card the last six digits of its number.
    #[arg(long, conflicts_with_all = ["doc", "birth", "expiry"], required_unless_present = "doc")]
    can: Option<String>,
    /// The card's number: all twelve digits, or the last nine.
    #[arg(long, requires = "birth", requires = "expiry")]
    doc: Option<String>,
    /// The birth date, YYMMDD.
    #[arg(long)]
    birth: Option<String>,
    /// The expiry date, YYMMDD.
    #[arg(long)]
    expiry: Option<String>,
    /// A folder with the authorities' certificates (CSCA) that are trusted.
    #[arg(long)]
    csca: Option<PathBuf>,
    /// How long the whole may take.
    #[arg(long, default_value_t = 60_000)]
    timeout_ms: u64,
}

impl ChipArguments {
    fn key(&self) -> Result<ChipKey, KeyError> {
        if let Some(can) = &self.can {
            return Can::new(can).map(ChipKey::Can);
        }
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        MrzKey::new(&text(&self.doc), &text(&self.birth), &text(&self.expiry)).map(ChipKey::Mrz)
    }
}

/// Reads the chip and tells everything.
pub fn chip(arguments: &ChipArguments) -> Done {
    let key = match arguments.key() {
        Ok(key) => key,
        Err(error) => {
            answer(&json!({ "error": error.to_string() }));
            return Ok(ExitCode::from(2));
        }
    };
    let Address::Pcsc { reader } = &arguments.address else {
        answer(&json!({ "error": "a chip is read at pcsc:READER NAME" }));
        return Ok(ExitCode::from(2));
    };
    let options = ReadOptions { time: Duration::from_millis(arguments.timeout_ms), ..ReadOptions::default() };
    let report = match PcscCard::connect(reader, Instant::now() + CONNECT_TIME.min(options.time)) {
        Ok(mut card) => read(&mut card, &key, &options, &mut |_| {}),
        Err(fault) => ChipReport::refused(fault.fault()),
    };
    answer(&serde_json::to_value(&report)?);
    Ok(exit_code(&report))
}

fn exit_code(report: &ChipReport) -> ExitCode {
    ExitCode::from(match report.fault {
        None => 0,
        Some(Fault::ChipWrongKey | Fault::ChipLocked | Fault::ChipKeyKind) => 7,
        Some(Fault::ChipForged | Fault::ChipClone) => 8,
        Some(_) => 3,
    })
}
