//! What the figures were measured on: nothing that names the machine or its owner.

use serde::Serialize;
use std::fs;

/// The machine, as far as a figure depends on it.
#[derive(Clone, Debug, Serialize)]
pub struct Machine {
    /// Processors that this process may use.
    pub cores: usize,
    /// What they are.
    pub processor: String,
    /// The kernel's release.
    pub kernel: String,
    /// All memory.
    pub memory_mib: u64,
    /// Runnable processes, the mean of the last minute, before the run: other work on the machine makes figures worse.
    pub load_before: f64,
    /// The same after the run, which by then is part of it.
    pub load_after: f64,
    /// How the programs were built.
    pub build: &'static str,
}

impl Machine {
    /// Looks at the machine.
    pub fn look() -> Self {
        let load = load();
        Self {
            cores: std::thread::available_parallelism().map_or(0, usize::from),
            processor: field("/proc/cpuinfo", "model name"),
            kernel: read("/proc/sys/kernel/osrelease"),
            memory_mib: first_number(&field("/proc/meminfo", "MemTotal")) as u64 / 1_024,
            load_before: load,
            load_after: load,
            build: if cfg!(debug_assertions) { "debug: figures of a release build are better" } else { "release" },
        }
    }

    /// Looks how busy it is after the run.
    pub fn look_again(&mut self) {
        self.load_after = load();
    }
}

fn load() -> f64 {
    first_number(&read("/proc/loadavg"))
}

fn read(file: &str) -> String {
    fs::read_to_string(file).unwrap_or_default().trim().to_owned()
}

/// The value behind `name :` in a file of such lines; empty where there is none.
fn field(file: &str, name: &str) -> String {
    let text = read(file);
    let found = text.lines().find_map(|line| line.strip_prefix(name)?.trim_start().strip_prefix(':'));
    found.unwrap_or_default().trim().to_owned()
}

fn first_number(text: &str) -> f64 {
    text.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or(0.0)
}
