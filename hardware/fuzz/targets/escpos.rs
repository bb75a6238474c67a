//! What anyone sends to the emulated printer: parser, works and paper.
#![no_main]

use hardware::emulator::{Parsed, PrinterModel, parse, slips_of, slips_of_parts};
use libfuzzer_sys::fuzz_target;

/// A short roll: what a few bytes can feed is bounded by it.
const PAPER_MM: u32 = 200;

fuzz_target!(|bytes: &[u8]| {
    let mut rest = bytes;
    while let Parsed::Command(_, length) = parse(rest) {
        assert!(length > 0 && length <= rest.len());
        rest = &rest[length..];
    }
    let whole = slips_of(PrinterModel::default(), PAPER_MM, bytes);
    let height: usize = whole.pages.iter().map(|page| page.height_dots).sum();
    assert!(height <= PAPER_MM as usize * 8);
    // The paper is the same however the line cut the bytes; real-time commands (DLE) act on what happens to wait.
    if !bytes.contains(&0x10) {
        let (first, second) = bytes.split_at(bytes.len() / 2);
        let parts = slips_of_parts(PrinterModel::default(), PAPER_MM, &[first, second]);
        assert_eq!((whole.pages, whole.strip_png), (parts.pages, parts.strip_png));
    }
});
