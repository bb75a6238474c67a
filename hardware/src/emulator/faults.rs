//! What can be wrong with a line.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

/// Junk in a device's answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Garbage {
    /// Before each answer.
    Before,
    /// Instead of each answer.
    Instead,
}

/// What is wrong with a line. The default is nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Faults {
    /// The cable is out: open lines are cut, new ones refused.
    pub refuse: bool,
    /// Bytes are taken and nothing happens.
    pub black_hole: bool,
    /// Nothing is read any more, so that the sender's buffers fill.
    pub stall: bool,
    /// The line is cut, once, after this many more bytes arrived.
    pub cut_after_bytes: Option<u64>,
    /// Answers are mixed with junk.
    pub garbage: Option<Garbage>,
    /// The line is slowed down to this many bytes a second; a tenth of its baud is a serial line's.
    pub bytes_per_second: Option<u32>,
    /// Bytes come and go one by one.
    pub split: bool,
    /// Nothing is read any more after this many more bytes arrived.
    pub stall_after_bytes: Option<u64>,
    /// Junk is sent, once, after this many more bytes arrived.
    pub garbage_after_bytes: Option<u64>,
    /// Connections are refused after this many more.
    pub refuse_after_connections: Option<u64>,
    /// Each answer leaves so late.
    pub answer_after_ms: Option<u32>,
}

impl Faults {
    /// Whether the line can be opened now.
    pub(super) fn refuses(&self) -> bool {
        self.refuse || self.refuse_after_connections == Some(0)
    }

    pub(super) fn stalls(&self) -> bool {
        self.stall || self.stall_after_bytes == Some(0)
    }

    /// The most bytes that may be read at once, so that what happens at a byte happens there.
    pub(super) fn most(&self, most: usize) -> usize {
        let before = |left: Option<u64>| left.filter(|left| *left > 0).and_then(|left| usize::try_from(left).ok());
        let points = [self.cut_after_bytes, self.stall_after_bytes, self.garbage_after_bytes];
        let nearest = points.into_iter().filter_map(before).fold(most, usize::min);
        if self.split { nearest.min(1) } else { nearest }
    }

    /// Counts bytes that arrived; `true` when junk is due.
    pub(super) fn count(&mut self, bytes: u64) -> bool {
        let down = |left: &mut Option<u64>| *left = left.map(|left| left.saturating_sub(bytes));
        down(&mut self.cut_after_bytes);
        down(&mut self.stall_after_bytes);
        down(&mut self.garbage_after_bytes);
        self.garbage_after_bytes.take_if(|left| *left == 0).is_some()
    }
}

/// The speed of a slowed line: what was not used of the last moments may be used now, and no more.
pub(super) struct Pace {
    bytes: f64,
    at: Instant,
}

impl Pace {
    /// What a line may catch up after the machine was busy with other things.
    const CATCH_UP: Duration = Duration::from_millis(100);

    pub(super) fn new() -> Self {
        Self { bytes: 0.0, at: Instant::now() }
    }

    pub(super) fn room(&mut self, bytes_per_second: Option<u32>) -> usize {
        let Some(rate) = bytes_per_second.map(f64::from) else { return usize::MAX };
        let most = (rate * Self::CATCH_UP.as_secs_f64()).max(1.0);
        self.bytes = (self.bytes + rate * self.at.elapsed().as_secs_f64()).min(most);
        self.at = Instant::now();
        self.bytes as usize
    }

    pub(super) fn took(&mut self, bytes: usize) {
        self.bytes = (self.bytes - bytes as f64).max(0.0);
    }
}
