//! Reading the log.

use super::views::{read_event, subject_events};
use super::{Store, StoreFault};
use crate::protocol::StationCard;
use crate::record::Record;
use crate::stream::{Head, Heads, StreamId};
use crate::wire::{Fixed, from_cbor};
use intake::event::{Event, Scope, Subject};
use intake::ids::{EventId, Incarnation, StationId};
use intake::person::Personal;
use rusqlite::{OptionalExtension, Row};

/// What became of an event's sealed part.
#[derive(Clone, PartialEq, Debug)]
#[expect(clippy::large_enum_variant, reason = "one at a time, on the stack, and most of them are the large one")]
pub enum Opened {
    /// It was opened.
    Personal(Personal),
    /// Its key was destroyed by an order.
    Erased,
    /// Its key is not granted to this station.
    NotOurs,
    /// The event has no sealed part.
    None,
}

/// A station that is known here.
#[derive(Clone, PartialEq, Debug)]
pub struct KnownStation {
    /// Its card.
    pub card: StationCard,
    /// The lives of its disk that have written something.
    pub incarnations: Vec<Incarnation>,
}

impl Store {
    /// All events, in canonical order (clock, station, id).
    ///
    /// # Errors
    /// Store faults.
    pub fn events(&self) -> Result<Vec<Event>, StoreFault> {
        let (mut events, _) = self.events_since(0)?;
        events.sort_by_key(Event::order);
        Ok(events)
    }

    /// How many events are held, each once.
    ///
    /// # Errors
    /// Store faults.
    pub fn count_events(&self) -> Result<u64, StoreFault> {
        let count: i64 = self.db.query_row("SELECT count(*) FROM event", [], |row| row.get(0))?;
        Ok(count as u64)
    }

    /// Events that arrived after `row`, in order of arrival, and the row to ask with next; 0 asks for all.
    ///
    /// # Errors
    /// Store faults.
    pub fn events_since(&self, row: i64) -> Result<(Vec<Event>, i64), StoreFault> {
        let mut select = self.db.prepare_cached("SELECT row, bytes FROM event WHERE row > ?1 ORDER BY row")?;
        let rows = select.query_map([row], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?)))?;
        let mut last = row;
        let mut events = Vec::new();
        for row in rows {
            let (at, bytes) = row?;
            last = at;
            events.push(read_event(&bytes)?);
        }
        Ok((events, last))
    }

    /// One event.
    ///
    /// # Errors
    /// Store faults.
    pub fn event(&self, id: EventId) -> Result<Option<Event>, StoreFault> {
        Ok(self.record(id)?.map(|(_, record)| record.into_event()))
    }

    /// All events about a subject, in canonical order.
    ///
    /// # Errors
    /// Store faults.
    pub fn subject_events(&self, subject: &Subject) -> Result<Vec<Event>, StoreFault> {
        let mut events = subject_events(&self.db, subject)?;
        events.sort_by_key(Event::order);
        Ok(events)
    }

    /// The sealed part of an event, as far as this station may read it.
    ///
    /// # Errors
    /// Store faults.
    pub fn personal(&self, id: EventId) -> Result<Opened, StoreFault> {
        self.record(id)?.map_or(Ok(Opened::None), |(_, record)| self.unseal(&record))
    }

    /// All events of a kind, in order of arrival. For kinds of which there are few.
    ///
    /// # Errors
    /// Store faults.
    pub fn events_of_kind(&self, kind: &str) -> Result<Vec<Event>, StoreFault> {
        let mut select = self.db.prepare_cached("SELECT bytes FROM event WHERE kind = ?1 ORDER BY row")?;
        let rows = select.query_map([kind], |row| row.get::<_, Vec<u8>>(0))?;
        rows.map(|bytes| read_event(&bytes?)).collect()
    }

    /// All leases of dossier numbers, in order of arrival.
    ///
    /// # Errors
    /// Store faults.
    pub fn lease_events(&self) -> Result<Vec<Event>, StoreFault> {
        let mut select = self
            .db
            .prepare_cached("SELECT bytes FROM event WHERE subject >= 'lease:' AND subject < 'lease;' ORDER BY row")?;
        let rows = select.query_map([], |row| row.get::<_, Vec<u8>>(0))?;
        rows.map(|bytes| read_event(&bytes?)).collect()
    }

    /// The latest of each published setting.
    ///
    /// # Errors
    /// Store faults.
    pub fn settings(&self) -> Result<Vec<Event>, StoreFault> {
        let mut select = self.db.prepare_cached(
            "SELECT bytes FROM event WHERE kind = 'SettingPublished' AND subject >= 'setting:' AND subject < 'setting;'",
        )?;
        let rows = select.query_map([], |row| row.get::<_, Vec<u8>>(0))?;
        let mut events = rows.map(|bytes| read_event(&bytes?)).collect::<Result<Vec<_>, StoreFault>>()?;
        events.sort_by(|a, b| (&a.subject, b.order()).cmp(&(&b.subject, a.order())));
        events.dedup_by(|later, first| later.subject == first.subject);
        Ok(events)
    }

    /// The stations that are known here.
    ///
    /// # Errors
    /// Store faults.
    pub fn stations(&self) -> Result<Vec<KnownStation>, StoreFault> {
        let mut select = self.db.prepare_cached("SELECT card FROM station ORDER BY id")?;
        let cards = select.query_map([], |row| row.get::<_, Vec<u8>>(0))?;
        let mut lives = self.db.prepare_cached(
            "SELECT incarnation FROM stream WHERE station = ?1 GROUP BY incarnation ORDER BY min(row)",
        )?;
        let mut known = Vec::new();
        for card in cards {
            let card: StationCard = from_cbor(&card?).map_err(StoreFault::unreadable)?;
            let incarnations = lives.query_map([card.station.0], |row| row.get(0).map(Incarnation))?;
            known.push(KnownStation { card, incarnations: incarnations.collect::<Result<_, _>>()? });
        }
        Ok(known)
    }

    /// How far the streams of these scopes are known here.
    ///
    /// # Errors
    /// Store faults.
    pub fn heads(&self, scopes: &[Scope]) -> Result<Heads, StoreFault> {
        let mut select = self.db.prepare_cached(
            "SELECT station, incarnation, scope, head, hash FROM stream WHERE scope = ?1 ORDER BY row",
        )?;
        let mut heads = Heads::default();
        for scope in scopes {
            let rows = select.query_map([scope.as_str()], read_head)?;
            for row in rows {
                heads.0.push(row?);
            }
        }
        Ok(heads)
    }

    /// How far every stream that is held goes.
    ///
    /// # Errors
    /// Store faults.
    pub fn streams(&self) -> Result<Heads, StoreFault> {
        let mut select =
            self.db.prepare_cached("SELECT station, incarnation, scope, head, hash FROM stream ORDER BY row")?;
        let rows = select.query_map([], read_head)?;
        Ok(Heads(rows.collect::<Result<_, _>>()?))
    }

    pub(super) fn record(&self, id: EventId) -> Result<Option<(Vec<u8>, Record)>, StoreFault> {
        let mut select = self.db.prepare_cached("SELECT bytes FROM event WHERE id = ?1")?;
        let bytes: Option<Vec<u8>> = select.query_row([id.0], |row| row.get(0)).optional()?;
        let read = |bytes: Vec<u8>| Record::read(&bytes).map(|record| (bytes, record)).map_err(StoreFault::unreadable);
        bytes.map(read).transpose()
    }
}

/// Reads `station, incarnation, scope, head, hash`.
pub(super) fn read_head(row: &Row) -> rusqlite::Result<(StreamId, Head)> {
    let stream =
        StreamId { station: StationId(row.get(0)?), incarnation: Incarnation(row.get(1)?), scope: Scope(row.get(2)?) };
    Ok((stream, Head { no: row.get::<_, i64>(3)? as u64, hash: Fixed(row.get(4)?) }))
}
