//! The files of a chip, read by the strict reader of DER: the first byte chooses which.
#![no_main]

use hardware::chip::lds::{com, dg1, dg2, dg13, dg15};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((which, file)) = bytes.split_first() else { return };
    match which {
        1 => drop(dg1::parse(file)),
        2 => drop(dg2::parse(file)),
        13 => drop(dg13::parse(file)),
        15 => drop(dg15::parse(file)),
        _ => drop(com::parse(file)),
    }
});
