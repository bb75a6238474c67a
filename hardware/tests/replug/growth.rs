//! What this process holds, as the kernel counts it.

/// Threads, descriptors and memory of a moment.
#[derive(Clone, Copy, Debug)]
pub struct Footprint {
    pub threads: u64,
    pub descriptors: usize,
    /// Resident memory that no other process shares.
    pub memory_kb: u64,
}

impl Footprint {
    pub fn of_this_process() -> Self {
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
