//! What a text display is sent.
#![no_main]

use hardware::display::protocol::CommandStream;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let whole = CommandStream::default().push(bytes);
    let mut stream = CommandStream::default();
    let parts: Vec<_> = bytes.iter().flat_map(|byte| stream.push(&[*byte])).collect();
    assert_eq!(whole, parts);
});
