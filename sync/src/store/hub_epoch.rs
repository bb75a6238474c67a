//! Epochs of a site's hubs: which one a desk has followed, and in which one a hub has listened to the desks.

use super::segments::own_streams;
use super::{Store, StoreFault, meta};
use crate::stream::StreamId;
use intake::event::Scope;

const FOLLOWED: &str = "hub_epoch";
const LISTENED: &str = "hub_listened";

impl Store {
    /// The highest epoch that this desk has said it follows; 0 before the first.
    ///
    /// # Errors
    /// Store faults.
    pub fn followed_epoch(&self) -> Result<u64, StoreFault> {
        Ok(meta::get(&self.db, FOLLOWED)?.unwrap_or(0))
    }

    /// Keeps it durably, before the desk says so to a hub: the hub then counts on it that no older hub's answer is taken any
    /// more, also after a restart.
    ///
    /// # Errors
    /// Store faults.
    pub fn follow_epoch(&mut self, epoch: u64) -> Result<(), StoreFault> {
        if epoch > self.followed_epoch()? { meta::put(&self.db, FOLLOWED, &epoch) } else { Ok(()) }
    }

    /// How far the logs of this scope go that former lives of this disk wrote: calls stand there too.
    ///
    /// # Errors
    /// Store faults.
    pub fn written_before(&self, scope: &Scope) -> Result<Vec<(StreamId, u64)>, StoreFault> {
        let own = own_streams(&self.db, self.card.station)?.into_iter();
        let former = own.filter(|(_, of, ..)| of.incarnation != self.incarnation && of.scope == *scope);
        Ok(former.map(|(_, stream, head, _)| (stream, head)).collect())
    }

    /// At a hub: the highest epoch in which it has listened to the desks long enough; 0 before the first.
    ///
    /// # Errors
    /// Store faults.
    pub fn listened_epoch(&self) -> Result<u64, StoreFault> {
        Ok(meta::get(&self.db, LISTENED)?.unwrap_or(0))
    }

    /// It has listened in this epoch, and need not again after a restart, whatever the clock says then.
    ///
    /// # Errors
    /// Store faults.
    pub fn note_listened(&mut self, epoch: u64) -> Result<(), StoreFault> {
        meta::put(&self.db, LISTENED, &epoch)
    }
}
