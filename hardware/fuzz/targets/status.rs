//! What a printer answers.
#![no_main]

use hardware::printer::status::{StatusEvent, StatusStream};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut whole = Vec::new();
    StatusStream::new().push(bytes, &mut whole);
    let mut parts = Vec::new();
    let mut stream = StatusStream::new();
    for byte in bytes {
        stream.push(&[*byte], &mut parts);
    }
    assert_eq!(whole, parts);
    for event in whole {
        if let StatusEvent::Asb(condition) = event {
            let _ = condition.faults();
        }
    }
});
