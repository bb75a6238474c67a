//! What a QR code says that was held before a scanner.
#![no_main]

use hardware::CardQr;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(card) = CardQr::parse(text) {
        // A person's number never leaks by way of a log.
        assert!(!format!("{card:?}").contains(card.number.digits()));
        let _ = hardware::masked(card.number.digits());
    }
});
