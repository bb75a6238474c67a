//! Bodies in frames: pushes, outcomes, answers to pulls.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sync::frame::{Frames, decode_outcomes, decode_pull, decode_push, encode_outcomes, encode_pull, encode_push};

fuzz_target!(|bytes: &[u8]| {
    let whole = Frames::parse(bytes);
    // A cut is never refused for more than its whole was, but for the kinds of fault that only the rest showed.
    if whole.is_ok() {
        for cut in 0..bytes.len().min(64) {
            let refused = Frames::parse(&bytes[..cut]).err();
            assert!(refused.is_none_or(|refusal| refusal == sync::Refusal::Truncated));
        }
    }
    // What was understood is written so that it is understood the same.
    if let Ok((segments, true)) = decode_push(bytes) {
        assert_eq!(decode_push(&encode_push(&segments)), Ok((segments, true)));
    }
    if let Ok(outcomes) = decode_outcomes(bytes) {
        assert_eq!(decode_outcomes(&encode_outcomes(&outcomes)), Ok(outcomes));
    }
    if let Ok(answer) = decode_pull(bytes) {
        assert_eq!(decode_pull(&encode_pull(&answer)), Ok(answer));
    }
});
