//! What the centre has not confirmed, onto a stick; and the centre's receipts back from one.

use super::{ReceiveFault, Store, StoreFault};
use crate::Refusal;
use crate::grant::RECOVERY;
use crate::protocol::{Receipt, WrappedKey};
use crate::stick::{StickFault, Writer};
use crate::stream::StreamId;
use crate::wrap::{Secret, unwrap_with};
use intake::moment::Moment;
use std::collections::{HashMap, HashSet};
use std::io::Write;

/// Segments a chunk, at most.
const CHUNK: usize = 64;

impl Store {
    /// Writes what the centre has not confirmed, of all lives of the disk; gives how many places in streams that were.
    ///
    /// # Errors
    /// [`StickFault`] of the medium; store faults as [`StickFault::Io`].
    pub fn write_stick<W: Write>(&mut self, now: Moment, out: W) -> Result<(W, u64), StickFault> {
        let group = self.groups.get(RECOVERY).map(|group| group.card.public);
        let reader = group.ok_or_else(|| Refusal::NotFound { what: "the centre's group".into() })?;
        let held = std::mem::take(&mut self.held_by_hub);
        // All at once: a week of a busy desk is some megabytes, packed.
        let all = self.all_unconfirmed();
        self.held_by_hub = held;
        let all = all.map_err(|fault| std::io::Error::other(fault.to_string()))?;
        let (station, signing) = (self.card.station, self.signing.clone());
        let mut writer = Writer::begin(out, station, now, &reader, &signing)?;
        let mut places = 0;
        for some in all.chunks(CHUNK) {
            places += some
                .iter()
                .filter_map(|push| crate::segment::Segment::parse(&push.segment.0).ok())
                .map(|segment| segment.header.count)
                .sum::<u64>();
            writer.put(some)?;
        }
        Ok((writer.end()?, places))
    }

    fn all_unconfirmed(&mut self) -> Result<Vec<crate::protocol::SegmentWithGrants>, StoreFault> {
        self.next_within(usize::MAX, u64::MAX, &HashSet::new(), &HashMap::new())
    }

    /// Keeps receipts that came back on a stick; gives those that were refused.
    ///
    /// # Errors
    /// Store faults.
    pub fn take_stick_receipts(&mut self, receipts: &[Receipt]) -> Result<Vec<(StreamId, Refusal)>, ReceiveFault> {
        Ok(self.note_receipts_held(receipts)?)
    }

    /// At the centre: opens a key that was wrapped to its own group.
    pub fn open_for_recovery(&self, info: &[u8], wrapped: &WrappedKey) -> Option<Secret> {
        let group = self.groups.get(RECOVERY)?;
        group.private.values().find_map(|private| unwrap_with(private, info, wrapped))
    }
}
