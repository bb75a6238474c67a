//! `watch`: what is plugged in and out, as it happens.

use std::process::ExitCode;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use hardware::registry::{PlugEvent, WatchPlaces, watch};
use serde_json::json;

use super::{Done, answer};

#[derive(clap::Args)]
pub struct Watch {
    /// How long to watch.
    #[arg(long, default_value_t = 60_000)]
    for_ms: u64,
}

impl Watch {
    pub fn run(&self) -> Done {
        let (_watch, events) = watch(&WatchPlaces::system())?;
        // From here on nothing is missed.
        answer(&json!({ "watching": true }));
        let until = Instant::now() + Duration::from_millis(self.for_ms);
        loop {
            match events.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(PlugEvent::Plugged(address)) => answer(&json!({ "plugged": address })),
                Ok(PlugEvent::Unplugged(address)) => answer(&json!({ "unplugged": address })),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return Ok(ExitCode::SUCCESS),
            }
        }
    }
}
