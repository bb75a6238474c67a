//! What this process holds, as the kernel counts it.

use std::time::{Duration, Instant};

/// Threads, descriptors and memory of a moment.
#[derive(Clone, Copy, Debug)]
pub struct Footprint {
    pub threads: u64,
    pub descriptors: usize,
    /// Resident memory that no other process shares.
    pub memory_kb: u64,
}

/// A thread that has done its work may live on for a moment.
const REST: Duration = Duration::from_millis(50);
const PATIENCE: Duration = Duration::from_secs(10);

impl Footprint {
    /// What is held once two looks are equal.
    pub fn at_rest() -> Self {
        let counts = |held: &Self| (held.threads, held.descriptors);
        let deadline = Instant::now() + PATIENCE;
        let mut held = Self::of_this_process();
        loop {
            std::thread::park_timeout(REST);
            let again = Self::of_this_process();
            if counts(&held) == counts(&again) || Instant::now() > deadline {
                return again;
            }
            held = again;
        }
    }

    /// What is held once it is no more than before, or, where that never comes, after a while.
    pub fn back_to(before: Self) -> Self {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let held = Self::at_rest();
            let is_back = held.threads <= before.threads && held.descriptors <= before.descriptors;
            if is_back || Instant::now() > deadline {
                return held;
            }
        }
    }

    fn of_this_process() -> Self {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let value = |field: &str| {
            let line = status.lines().find(|line| line.starts_with(field)).unwrap();
            line.split_whitespace().nth(1).unwrap().parse().unwrap()
        };
        Self {
            threads: value("Threads:"),
            descriptors: std::fs::read_dir("/proc/self/fd").unwrap().count(),
            memory_kb: value("RssAnon:"),
        }
    }
}
