//! The catalogue of failures: what each code means, what the citizen is told, what the officer is told and does next. One source,
//! `fixtures/problems.json`, serves the windows, the technician's tool and `hardware/FAILURES.md`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::chip::lds::LdsError;
use crate::scanner::CardError;
use crate::status::{Fault, Remedy};

/// A sentence in both languages. Empty where there is nobody to tell it to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Sentence {
    /// Vietnamese.
    pub vi: String,
    /// English.
    pub en: String,
}

/// What there is to know about one code.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Failure {
    /// What happened, for whoever maintains the devices.
    pub meaning: String,
    /// What the citizen before the device is told.
    pub citizen: Sentence,
    /// What the officer is told.
    pub officer: Sentence,
    /// What the officer does, where there is something to do.
    #[serde(default)]
    pub next: Sentence,
}

static CATALOGUE: LazyLock<BTreeMap<String, Failure>> = LazyLock::new(|| {
    // A catalogue that does not parse is held back by a test; a program that met one would show bare codes.
    serde_json::from_str(include_str!("../../fixtures/problems.json")).unwrap_or_default()
});

/// What the catalogue says of a code.
///
/// ```
/// let failure = hardware::failures::of("PRINT-PAPER-OUT").unwrap();
/// assert!(failure.next.en.contains("roll"));
/// ```
#[must_use]
pub fn of(code: &str) -> Option<&'static Failure> {
    CATALOGUE.get(code)
}

/// Every code that the device layer can answer with, in the order of the document.
#[must_use]
pub fn codes() -> Vec<&'static str> {
    let mut codes: Vec<_> = Fault::ALL.iter().map(|fault| fault.code()).collect();
    codes.extend(LdsError::CODES);
    codes.extend(CardError::ALL.iter().map(|error| error.code()).filter(|code| *code != Fault::ScanEncoding.code()));
    codes
}

/// The whole catalogue of the device layer as the text of `hardware/FAILURES.md`.
#[must_use]
pub fn document() -> String {
    let mut text = String::from(HEAD);
    for code in codes() {
        section(&mut text, code);
    }
    text
}

const HEAD: &str = "# Failures of devices

Every code with which a device can fail: what it means, what the citizen before it is told, and what the officer does. This document is made from
`fixtures/problems.json` and `hardware/src/status.rs`; `cargo test -p hardware` fails when it, the code or the languages have drifted apart, and
`MOTCUA_WRITE_DOCS=1 cargo test -p hardware` writes it anew. `motcua-hw status` shows the same words. `{number}`, `{device}` and the like stand for
what the station fills in.

*State* is the state that the device is in: Absent, Blocked (a person can clear it), Degraded (it works, with less), Faulted, Ready (only this one
wish was refused). *Remedy* says whose turn it is.
";

fn section(text: &mut String, code: &str) {
    // Writing to a string does not fail.
    let _ = write!(text, "\n## {code}\n\n");
    let Some(failure) = of(code) else { return };
    let _ = writeln!(text, "{}\n", failure.meaning);
    if let Some(fault) = Fault::ALL.iter().find(|fault| fault.code() == code) {
        let _ = writeln!(text, "State: {:?}. Remedy: {}.\n", fault.state(), remedy(fault.remedy()));
    }
    let _ = writeln!(text, "| | Tiếng Việt | English |\n|---|---|---|");
    for (who, sentence) in [("citizen", &failure.citizen), ("officer", &failure.officer), ("what to do", &failure.next)]
    {
        if !(sentence.vi.is_empty() && sentence.en.is_empty()) {
            let _ = writeln!(text, "| {who} | {} | {} |", sentence.vi, sentence.en);
        }
    }
}

fn remedy(remedy: Remedy) -> &'static str {
    match remedy {
        Remedy::Retry => "it passes by itself, or the next try may succeed",
        Remedy::Reconnect => "the station opens the line anew by itself",
        Remedy::Operator => "a person at the device",
        Remedy::Config => "a technician: an address, a setting, a missing program",
        Remedy::Protocol => "the device speaks otherwise than it should: a technician, or another driver",
        Remedy::Rejected => "nothing is tried again by itself: a person decides",
        Remedy::Bug => "a mistake of this program: tell whoever maintains it",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document_path() -> std::path::PathBuf {
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("FAILURES.md")
    }

    #[test]
    fn the_document_says_what_code_and_catalogue_say() {
        let text = document();
        if std::env::var_os("MOTCUA_WRITE_DOCS").is_some() {
            std::fs::write(document_path(), &text).unwrap();
        }
        let committed = std::fs::read_to_string(document_path()).unwrap();
        let differs = text.lines().zip(committed.lines()).find(|(made, kept)| made != kept);
        assert!(
            text == committed,
            "FAILURES.md has drifted at {differs:?}; MOTCUA_WRITE_DOCS=1 cargo test -p hardware failures"
        );
    }

    #[test]
    fn every_code_speaks_both_languages_and_tells_the_officer_what_to_do() {
        for code in codes() {
            let failure = of(code).unwrap_or_else(|| panic!("{code} is not in the catalogue"));
            assert!(failure.meaning.len() > 10, "{code}");
            for (who, sentence) in [("officer", &failure.officer), ("next", &failure.next)] {
                assert!(!sentence.vi.is_empty() && !sentence.en.is_empty(), "{code}: {who}");
            }
            assert_eq!(failure.citizen.vi.is_empty(), failure.citizen.en.is_empty(), "{code}: citizen");
            let vietnamese = format!("{}{}{}", failure.citizen.vi, failure.officer.vi, failure.next.vi);
            assert!(!vietnamese.is_ascii(), "{code}: Vietnamese without a single mark");
            for parts in [&failure.citizen, &failure.officer, &failure.next] {
                assert!(parts.vi.chars().all(|letter| letter != '\u{FFFD}'), "{code}");
                assert!(parts.vi.is_empty() || parts.vi != parts.en, "{code}: the same in both languages");
            }
        }
    }

    #[test]
    fn the_catalogue_holds_no_device_code_that_nothing_can_answer_with() {
        let known = codes();
        let devices = ["PRINT-", "SCAN-", "BOARD-", "VOICE-", "CHIP-", "DOC-", "PAD-", "DISPLAY-"];
        for code in CATALOGUE.keys().filter(|code| devices.iter().any(|device| code.starts_with(device))) {
            // These two are the station's account of a job, not a device's word.
            let accounts = ["PRINT-IN-DOUBT", "PRINT-NOT-PRINTED"];
            assert!(known.contains(&code.as_str()) || accounts.contains(&code.as_str()), "{code} is nobody's");
        }
    }
}
