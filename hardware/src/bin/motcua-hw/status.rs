//! How a printer is, in words that say what to do.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use hardware::failures::{self, Sentence};
use hardware::printer::EscPosPrinter;
use hardware::{Address, Cause, DeviceStatus, Profile};
use serde_json::{Value, json};

use crate::{Done, answer};

pub fn run(address: &Address, profile: &str) -> Done {
    let profile = Profile::named(profile)?;
    let status = match EscPosPrinter::look(address, profile) {
        Ok(mut printer) => printer.status(Instant::now() + Duration::from_secs(2)),
        Err(fault) => DeviceStatus::inferred(fault),
    };
    answer(&told(&status, address));
    Ok(if status.works() { ExitCode::SUCCESS } else { ExitCode::from(3) })
}

fn told(status: &DeviceStatus, address: &Address) -> Value {
    let causes: Vec<_> = status.causes.iter().map(|cause| told_of(cause, address)).collect();
    json!({
        "device": address,
        "state": status.state,
        "causes": causes,
        "since": status.since,
        "known": status.knowledge,
    })
}

fn told_of(cause: &Cause, address: &Address) -> Value {
    let words = failures::of(cause.code.code());
    let said = |sentence: &Sentence| {
        let named = |text: &str| text.replace("{device}", &address.to_string());
        json!({ "vi": named(&sentence.vi), "en": named(&sentence.en) })
    };
    json!({
        "code": cause.code,
        "known": cause.known,
        "since": cause.since,
        "remedy": cause.code.remedy(),
        "meaning": words.map(|words| &words.meaning),
        "what": words.map(|words| said(&words.officer)),
        "next": words.map(|words| said(&words.next)),
    })
}
