//! Segments and paper tickets, as they come from anybody.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sync::carried::Carried;
use sync::record::Record;
use sync::segment::Segment;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(segment) = Segment::parse(bytes)
        && let Ok(events) = segment.events()
    {
        assert_eq!(events.len() as u64, segment.header.count);
    }
    let _ = Carried::parse(bytes);
    // An event has one form.
    if let Ok(record) = Record::decode(bytes) {
        assert_eq!(record.encode(), bytes);
    }
});
