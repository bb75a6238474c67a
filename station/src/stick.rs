//! The stick: what waits for the centre, carried there by hand, and the receipts carried back.

use crate::api::Problem;
use crate::clock::Clock;
use crate::problem;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use sync::protocol::Receipt;
use sync::store::Store;
use sync::wire::from_cbor;

/// Writes what the centre has not confirmed into `file`, whole or not at all; gives how many records that are. The station must not
/// run.
///
/// # Errors
/// `STORE-…`, `STATION-SECOND-INSTANCE`; `STATION-FAULT` when the medium does not take it.
pub fn write_stick(folder: &Path, file: &Path, clock: &dyn Clock) -> Result<u64, Problem> {
    let mut store = Store::open(folder).map_err(problem::of_store)?;
    let fault = |error: &dyn std::fmt::Display| Problem::new("STATION-FAULT").with("why", error);
    let unfinished = file.with_extension("part");
    let out = BufWriter::new(File::create(&unfinished).map_err(|error| fault(&error))?);
    let (mut out, places) = store.write_stick(clock.now(), out).map_err(|error| fault(&error))?;
    let flushed = out.flush().and_then(|()| out.get_ref().sync_all());
    flushed.and_then(|()| std::fs::rename(&unfinished, file)).map_err(|error| fault(&error))?;
    // The name too must be on the stick before somebody pulls it out.
    let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(parent).and_then(|folder| folder.sync_all()).map_err(|error| fault(&error))?;
    Ok(places)
}

/// Takes in receipts that came back; gives how many records still wait.
///
/// # Errors
/// `STORE-…`; `NET-CENTRE-REFUSED` for receipts that are not this station's centre's.
pub fn take_receipts(folder: &Path, file: &Path) -> Result<u64, Problem> {
    let mut store = Store::open(folder).map_err(problem::of_store)?;
    let fault = |error: &dyn std::fmt::Display| Problem::new("STATION-FAULT").with("why", error);
    let bytes = std::fs::read(file).map_err(|error| fault(&error))?;
    let receipts: Vec<Receipt> = from_cbor(&bytes).map_err(|refusal| fault(&refusal))?;
    let refused = store.take_stick_receipts(&receipts).map_err(problem::of_received)?;
    if let Some((_, refusal)) = refused.first() {
        return Err(Problem::new("NET-CENTRE-REFUSED").with("why", refusal));
    }
    Ok(store.outbox().map_err(problem::of_store)?.waiting)
}
