//! The highest epoch of a site's hub that this desk has followed.

use super::{Store, StoreFault, meta};

const NAME: &str = "hub_epoch";

impl Store {
    /// The highest epoch that this desk has said it follows; 0 before the first.
    ///
    /// # Errors
    /// Store faults.
    pub fn followed_epoch(&self) -> Result<u64, StoreFault> {
        Ok(meta::get(&self.db, NAME)?.unwrap_or(0))
    }

    /// Keeps it durably, before the desk says so to a hub: the hub then counts on it that no older hub's answer is taken any
    /// more, also after a restart.
    ///
    /// # Errors
    /// Store faults.
    pub fn follow_epoch(&mut self, epoch: u64) -> Result<(), StoreFault> {
        if epoch > self.followed_epoch()? { meta::put(&self.db, NAME, &epoch) } else { Ok(()) }
    }
}
