//! Devices that are unplugged and plugged in again, many times: each is back in service in time, and nothing grows with the count.
//!
//! `MOTCUA_REPLUGS` says how many times a class (4 unless told; `make soak` asks for 1,000), `MOTCUA_REPLUG_CLASS` which alone, by the short names in
//! `classes`. One test, so that threads and descriptors that are counted are its own.

mod classes;
#[path = "../devices/cupsd.rs"]
#[expect(dead_code, reason = "the devices' tests use all of it")]
mod cupsd;
mod growth;
#[path = "../devices/pcsc_service.rs"]
mod pcsc_service;

use std::time::{Duration, Instant};

use classes::Class;
use growth::Footprint;

/// Back in service within this time.
const BACK_WITHIN: Duration = Duration::from_secs(5);
/// Rounds before the first count, in which caches and pools fill.
const WARM_UP: usize = 3;
/// What a thousand rounds may add to the memory of the process: allocator noise, not growth.
const MEMORY_SLACK_KB: u64 = 4096;

#[test]
fn every_class_comes_back_in_time_and_nothing_grows() {
    let rounds = std::env::var("MOTCUA_REPLUGS").ok().map_or(4, |text| text.parse().unwrap());
    let only = std::env::var("MOTCUA_REPLUG_CLASS").ok();
    let chosen: Vec<_> =
        classes::ALL.iter().filter(|(name, _)| only.as_ref().is_none_or(|only| only == name)).collect();
    assert!(!chosen.is_empty(), "no class is named {only:?}");
    for (_, make) in chosen {
        println!("{}", soak(make().as_mut(), rounds));
    }
}

/// Unplugs and plugs `rounds` times; gives a line for the report.
fn soak(class: &mut dyn Class, rounds: usize) -> String {
    let name = class.name();
    until(name, "in service", || class.serves());
    let mut before = Footprint::at_rest();
    let mut began = Instant::now();
    let mut back: Vec<Duration> = Vec::with_capacity(rounds);
    for round in 0..WARM_UP + rounds {
        if round == WARM_UP {
            before = Footprint::at_rest();
            began = Instant::now();
        }
        class.unplug();
        until(name, "missed", || class.is_missed());
        class.plug();
        let plugged = Instant::now();
        until(name, "back in service", || class.serves());
        if round >= WARM_UP {
            back.push(plugged.elapsed());
        }
    }
    let took = began.elapsed();
    let after = Footprint::back_to(before);
    back.sort();
    let worst = back.last().copied().unwrap_or_default();
    assert!(worst < BACK_WITHIN, "{name}: back in service only after {worst:?}");
    assert!(after.threads <= before.threads, "{name}: {} threads became {}", before.threads, after.threads);
    assert!(
        after.descriptors <= before.descriptors,
        "{name}: {} descriptors became {}",
        before.descriptors,
        after.descriptors
    );
    let grown_kb = after.memory_kb.saturating_sub(before.memory_kb);
    assert!(grown_kb < MEMORY_SLACK_KB, "{name}: {grown_kb} kB more after {rounds} rounds");
    format!(
        "replug: {{\"class\":\"{name}\",\"rounds\":{rounds},\"back_ms_p50\":{:.1},\"back_ms_max\":{:.1},\"threads\":{},\"threads_before\":{},\"descriptors\":{},\"descriptors_before\":{},\"memory_kb\":{},\"grown_kb\":{grown_kb},\"took_s\":{:.1}}}",
        milliseconds(back[back.len() / 2]),
        milliseconds(worst),
        after.threads,
        before.threads,
        after.descriptors,
        before.descriptors,
        after.memory_kb,
        took.as_secs_f64(),
    )
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn until(class: &str, what: &str, mut look: impl FnMut() -> bool) {
    eventually(&format!("{class}: {what}"), || look().then_some(()));
}

/// Waits until something is so; fails after half a minute.
pub fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "never: {what}");
        // Between two looks the other threads get the processor.
        std::thread::park_timeout(Duration::from_millis(2));
    }
}
