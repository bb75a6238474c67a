//! How a printer is, in words that say what to do.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use hardware::printer::EscPosPrinter;
use hardware::{Address, DeviceStatus, Fault, Profile};
use serde_json::{Value, json};

use crate::{Done, answer};

/// What every code means and what to do about it, in both languages.
const CATALOGUE: &str = include_str!("../../../../fixtures/problems.json");

pub fn run(address: &Address, profile: &str) -> Done {
    let profile = Profile::named(profile)?;
    let status = match EscPosPrinter::look(address, profile) {
        Ok(mut printer) => printer.status(Instant::now() + Duration::from_secs(2)),
        Err(fault) => DeviceStatus::inferred(fault),
    };
    answer(&told(&status, address)?);
    Ok(if status.works() { ExitCode::SUCCESS } else { ExitCode::from(3) })
}

fn told(status: &DeviceStatus, address: &Address) -> Result<Value, serde_json::Error> {
    let catalogue: Value = serde_json::from_str(CATALOGUE)?;
    let causes: Vec<_> = status.faults.iter().map(|fault| cause(*fault, &catalogue, address)).collect();
    Ok(json!({
        "device": address,
        "state": status.state,
        "causes": causes,
        "since": status.since,
        "known_by": status.knowledge,
    }))
}

fn cause(fault: Fault, catalogue: &Value, address: &Address) -> Value {
    let entry = &catalogue[fault.code()];
    let said = |what: &str, language: &str| {
        entry[what][language].as_str().unwrap_or_default().replace("{device}", &address.to_string())
    };
    json!({
        "code": fault,
        "remedy": fault.remedy(),
        "meaning": entry["meaning"],
        "what": { "vi": said("officer", "vi"), "en": said("officer", "en") },
        "next": { "vi": said("next", "vi"), "en": said("next", "en") },
    })
}
