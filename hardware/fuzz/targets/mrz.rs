//! The machine-readable zone of a card.
#![no_main]

use hardware::chip::lds::mrz::Mrz;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(zone) = Mrz::parse(text) {
        // What is printed again is read again.
        let printed = zone.print();
        assert!(Mrz::parse(&printed).is_ok(), "{printed}");
    }
});
