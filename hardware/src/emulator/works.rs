//! A printer without a line: bytes in, slips out. For previews, for tests of what a job looks like, and for fuzzing.

use super::mechanism::{DOTS_PER_MM, Mechanism, PrinterModel};
use super::page::Page;

/// What came of some bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Printed {
    /// The slips that were cut off.
    pub pages: Vec<Page>,
    /// The paper that hangs out, not cut off, as a PNG.
    pub strip_png: Vec<u8>,
    /// What the printer answered.
    pub answer: Vec<u8>,
}

/// Prints bytes on a new printer with a roll of this length.
#[must_use]
pub fn slips_of(model: PrinterModel, paper_mm: u32, bytes: &[u8]) -> Printed {
    slips_of_parts(model, paper_mm, &[bytes])
}

/// The same, the bytes arriving in parts.
#[must_use]
pub fn slips_of_parts(model: PrinterModel, paper_mm: u32, parts: &[&[u8]]) -> Printed {
    let mut works = Mechanism::new(model, u64::from(paper_mm) * DOTS_PER_MM);
    let answer = parts.iter().flat_map(|part| works.receive(part)).collect();
    Printed { strip_png: works.strip_png(), pages: works.finished, answer }
}
