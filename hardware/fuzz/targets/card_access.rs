//! EF.CardAccess and DG14: which ways of access and which keys a chip offers.
#![no_main]

use hardware::chip::security_infos::SecurityInfos;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = SecurityInfos::parse(bytes);
});
