//! EF.SOD: the hashes of a chip's files and who signed them.
#![no_main]

use hardware::chip::lds::{cert::Certificate, sod};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = sod::parse(bytes);
    let _ = Certificate::parse(bytes);
});
