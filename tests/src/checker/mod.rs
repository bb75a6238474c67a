//! The independent checker: was anything lost, was anything doubled?
//!
//! It reads what a citizen holds (paper, receipts) and what the machines hold (their SQLite files) with tools and code that the
//! system does not use, and compares. It shares no decoder with the system; docs/format.md and the names of the tables are all that it knows.
//!
//! A folder of evidence holds `paper/*.png`, `receipts/*.pdf`, `central/*.db` and `stations/<name>/*.db`.

mod book;
mod cbor;
mod evidence;
mod format;
pub mod paper;
mod rules_log;
mod rules_paper;
mod tables;
mod verdict;

pub use evidence::Evidence;
pub use tables::without_receipt;
pub use verdict::{Finding, Kind, Verdict};

use crate::fault::Outcome;
use std::path::Path;

/// Reads a folder of evidence and judges it.
///
/// # Errors
/// When the folder holds no evidence of one of the kinds at all, or a tool is missing.
pub fn check(folder: &Path) -> Outcome<Verdict> {
    let evidence = Evidence::read(folder)?;
    Ok(judge(&evidence))
}

/// Judges evidence.
pub fn judge(evidence: &Evidence) -> Verdict {
    let mut verdict =
        Verdict { papers: evidence.papers.len(), receipts: evidence.receipts.len(), ..Verdict::default() };
    for book in std::iter::once(&evidence.centre).chain(&evidence.stations) {
        rules_log::chains(book, &mut verdict);
        rules_log::segments(book, &mut verdict);
    }
    for station in &evidence.stations {
        rules_log::arrivals(station, &evidence.centre, &mut verdict);
    }
    let events = evidence.centre.events();
    rules_paper::tickets(evidence, &events, &mut verdict);
    rules_paper::dossiers(evidence, &events, &mut verdict);
    verdict
}
