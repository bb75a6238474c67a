//! `motcua-hw scan`: waits for a code before a scanner and prints whose card it is.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use hardware::scanner::{BirthDate, SerialScanner};
use hardware::{Address, CardQr, masked};
use serde_json::{Value, json};

use crate::{answer, refused};

/// Waits for one code.
pub fn run(address: &Address, timeout: Duration, hide: bool) -> ExitCode {
    let mut scanner = match SerialScanner::open(address) {
        Ok(scanner) => scanner,
        Err(fault) => return refused(fault),
    };
    let deadline = Instant::now() + timeout;
    while Instant::now() < deadline {
        match scanner.listen(None, deadline) {
            Ok(codes) => match codes.into_iter().next() {
                Some(Ok(scan)) => {
                    answer(&read(&scan.text, hide));
                    return ExitCode::SUCCESS;
                }
                Some(Err(fault)) => return refused(fault),
                None => {}
            },
            Err(fault) => return refused(fault),
        }
    }
    answer(&json!({ "scanned": null }));
    ExitCode::from(6)
}

fn read(text: &str, hide: bool) -> Value {
    match CardQr::parse(text) {
        Ok(card) if hide => {
            json!({ "number": masked(card.number.digits()), "fields": 7 + card.extra.len(), "warnings": card.warnings, "evidence": "qr_only" })
        }
        Ok(card) => json!({
            "number": card.number.digits(),
            "old_number": card.old_number,
            "name": card.name,
            "birth": birth(card.birth),
            "sex": card.sex,
            "residence": card.residence,
            "issued": card.issued,
            "extra": card.extra,
            "warnings": card.warnings,
            "evidence": "qr_only",
        }),
        // A ticket, a receipt, or a card in a wrong encoding.
        Err(error) => {
            json!({ "scanned_bytes": text.len(), "text": if hide { Value::Null } else { text.into() }, "card_error": error.code() })
        }
    }
}

/// As far as it is known: `1999-02-15`, `1950-06` or `1950`.
fn birth(birth: BirthDate) -> String {
    match birth {
        BirthDate::Full { date } => date.to_string(),
        BirthDate::YearMonth { year, month } => format!("{year:04}-{month:02}"),
        BirthDate::Year { year } => format!("{year:04}"),
    }
}
