//! A stick that somebody found: no key opens it, and no byte of it is believed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sync::stick::{StickFault, read};
use sync::wire::Fixed;

fuzz_target!(|bytes: &[u8]| {
    let secret = sync::wrap::Secret::new([7; 32]);
    let opened = |_: &_| Ok((Fixed([9; 32]), Some(secret.clone())));
    let taken = read::<StickFault>(bytes, opened, |_, _| panic!("a chunk that nobody sealed was taken"));
    assert!(taken.is_err());
});
