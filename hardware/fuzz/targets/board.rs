//! A board's byte stream.
#![no_main]

use hardware::board::protocol::{Frame, FrameStream, Received};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let whole = FrameStream::new().push(bytes);
    let mut stream = FrameStream::new();
    let parts: Vec<_> = bytes.iter().flat_map(|byte| stream.push(&[*byte])).collect();
    assert_eq!(whole, parts);
    for received in whole {
        if let Received::Frame(frame) = received {
            again(&frame);
        }
    }
});

/// What was understood is written so that it is understood the same.
fn again(frame: &Frame) {
    assert_eq!(FrameStream::new().push(&frame.encode()), [Received::Frame(frame.clone())]);
}
