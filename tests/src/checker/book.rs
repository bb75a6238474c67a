//! A log as a machine holds it: streams row by row, segments, and whose keys sign them.

use super::format::{Event, Hash, Id, Stream};
use std::collections::BTreeMap;

/// What one SQLite file of the system holds, read with no help of the system.
#[derive(Clone, Debug)]
pub struct Book {
    /// What the evidence calls it: `centre`, `kiosk`, `counter`.
    pub name: String,
    /// Whose file it is.
    pub owner: Id,
    /// Which key each station signs with.
    pub keys: BTreeMap<Id, [u8; 32]>,
    /// All streams.
    pub streams: BTreeMap<Stream, Vec<Row>>,
    /// All segments' bytes.
    pub segments: Vec<Vec<u8>>,
}

/// One place in a stream.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its number.
    pub no: u64,
    /// The event's bytes.
    pub event: Vec<u8>,
    /// The chain's hash as the file has it.
    pub hash: Hash,
}

impl Book {
    /// Every event once, by its id; of several with the same id the first.
    pub fn events(&self) -> BTreeMap<Id, Event> {
        let mut events = BTreeMap::new();
        // What cannot be read is told by the rule of chains.
        for event in self.streams.values().flatten().filter_map(|row| Event::read(&row.event).ok()) {
            events.entry(event.id).or_insert(event);
        }
        events
    }

    /// The streams that the file's owner wrote.
    pub fn own(&self) -> impl Iterator<Item = (&Stream, &Vec<Row>)> {
        self.streams.iter().filter(|(stream, _)| stream.station == self.owner)
    }
}
