//! Where these stories' centres keep their logs: each in a database of its own, in one cluster that lives as long as this
//! program.

use crate::cluster;
use central::store_path::StorePath;
use std::path::Path;

/// The store of the centre that stands in a folder.
pub fn store(dir: &Path) -> StorePath {
    StorePath::postgres(cluster::database(&name(dir)), dir.join("nodes.key"))
}

/// The name of its database.
pub fn name(dir: &Path) -> String {
    let name = dir.file_name().unwrap().to_string_lossy().to_lowercase();
    format!("d{}", name.replace(|c: char| !c.is_ascii_alphanumeric(), "_"))
}

/// The log of a centre that was stopped, as a station's store would open it: this one cannot be.
pub fn opened(_: &Path) -> Option<sync::store::Store> {
    None
}
