//! A scanner's byte stream.
#![no_main]

use hardware::scanner::protocol::{Framer, MAX_CODE_BYTES};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut framer = Framer::new();
    let mut whole = framer.push(bytes);
    whole.extend(framer.silence());
    assert!(!framer.is_waiting());
    let mut parts = Vec::new();
    for byte in bytes {
        parts.extend(framer.push(&[*byte]));
    }
    parts.extend(framer.silence());
    assert_eq!(whole, parts);
    for code in whole.into_iter().flatten() {
        assert!(!code.is_empty() && code.len() <= MAX_CODE_BYTES);
    }
});
