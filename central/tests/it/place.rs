//! Where these stories' centres keep their logs: each in a SQLite file.

use central::store_path::StorePath;
use std::path::Path;

/// The store of the centre that stands in a folder.
pub fn store(dir: &Path) -> StorePath {
    StorePath::new(dir.join("central.db"))
}

/// The log of a centre that was stopped, as a station's store would open it.
pub fn opened(dir: &Path) -> Option<sync::store::Store> {
    Some(sync::store::Store::open(sync::store::Paths::for_database(&dir.join("central.db"))).unwrap())
}
