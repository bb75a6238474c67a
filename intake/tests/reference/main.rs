//! The reference data and what is reckoned from it: catalogue, fees, units, calendar, due dates, dossier codes, words.

mod calendar;
mod catalogue;
mod code;
mod due;
mod due_table;
mod due_walker;
mod fee;
mod finder;
mod finder_data;
mod reuse;
mod units;
mod words;

use intake::moment::Moment;

/// A civil time in Vietnam: `2026-11-23 09:12`.
fn at(text: &str) -> Moment {
    Moment::from_civil(text.replace(' ', "T").parse().unwrap())
}
