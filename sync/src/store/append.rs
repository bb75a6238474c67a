//! Writing: one durable transaction holds the events in all their streams, the grants, the views and what is owed.

use super::effects::mark_done;
use super::sealing::Sealing;
use super::{EffectDraft, OwnStream, Store, StoreFault, meta, names, views};
use crate::record::{MAX_EVENT_BYTES, Record};
use crate::stream::{Head, StreamId};
use crate::wrap::random;
use intake::event::{Draft, Event, Hlc, Scope, Subject};
use intake::fact::Fact;
use intake::ids::{EventId, OfficerId};
use intake::moment::Moment;
use rusqlite::{Connection, params};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uuid::Uuid;

/// An event's row.
pub(super) type EventRow = i64;

impl Store {
    /// Writes events, what they owe, and what they settle, in one durable transaction. `now` may go back; the clock does not.
    ///
    /// # Errors
    /// [`StoreFault::Invalid`] for a draft that stands nowhere, is too large, or is personal with no group known that
    /// could read it; [`StoreFault::DiskFull`] and other store faults. Nothing is left half done.
    pub fn append(
        &mut self,
        now: Moment,
        officer: Option<OfficerId>,
        drafts: Vec<Draft>,
        effects: Vec<EffectDraft>,
        done: &[Uuid],
    ) -> Result<Vec<Event>, StoreFault> {
        let all = self.db.unchecked_transaction()?;
        let mut clock = self.clock;
        let mut own = self.own.clone();
        let mut sealing = Sealing::default();
        let mut events = Vec::with_capacity(drafts.len());
        for draft in drafts {
            clock = Hlc::tick(clock, now);
            let record = self.write_down(&all, &mut sealing, clock, officer.clone(), draft)?;
            self.place(&all, &mut own, &record)?;
            events.push(record.into_event());
        }
        let forgot = self.settle_subjects(&all, &events)?;
        for effect in &effects {
            self.put_effect(&all, effect)?;
        }
        for id in done {
            mark_done(&all, *id)?;
        }
        if clock != self.clock {
            meta::put(&all, "clock", &clock)?;
        }
        all.commit()?;
        self.clock = clock;
        self.own = own;
        self.after_forgetting(forgot)?;
        Ok(events)
    }

    /// Folds the subjects of new events again and destroys the grants that they say; true when there were any.
    pub(super) fn settle_subjects<'a>(
        &self,
        db: &Connection,
        events: impl IntoIterator<Item = &'a Event>,
    ) -> Result<bool, StoreFault> {
        let mut forgot = false;
        let mut subjects: BTreeMap<&Subject, Vec<&Event>> = BTreeMap::new();
        for event in events {
            subjects.entry(&event.subject).or_default().push(event);
            if let Fact::GrantsDestroyed(destroyed) = &event.fact {
                db.execute("INSERT OR IGNORE INTO forgotten (subject) VALUES (?1)", [&destroyed.subject])?;
                db.execute("DELETE FROM content_grant WHERE subject = ?1", [&destroyed.subject])?;
                forgot = true;
            }
        }
        for (subject, new) in subjects {
            views::refold(db, subject, &new)?;
        }
        Ok(forgot)
    }

    /// Destroyed grants leave memory, and the write-ahead log in which their bytes may still stand.
    pub(super) fn after_forgetting(&self, forgot: bool) -> Result<(), StoreFault> {
        if forgot {
            self.opened.borrow_mut().clear();
            self.db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        }
        Ok(())
    }

    fn write_down(
        &self,
        db: &Connection,
        sealing: &mut Sealing,
        at: Hlc,
        officer: Option<OfficerId>,
        draft: Draft,
    ) -> Result<Record, StoreFault> {
        let Draft { subject, fact, personal, scopes } = draft;
        if scopes.is_empty() {
            return Err(StoreFault::Invalid("an event must stand in a scope".into()));
        }
        let mut record = Record {
            id: EventId(uuid::Builder::from_unix_timestamp_millis(at.wall().0.max(0) as u64, &random()?).into_uuid()),
            at,
            station: self.card.station,
            incarnation: self.incarnation,
            officer,
            subject,
            scopes,
            kind: fact.kind().to_owned(),
            body: fact.encode(),
            sealed: None,
        };
        if let Some(personal) = &personal {
            record.sealed = Some(self.seal(db, sealing, &record, personal)?);
        }
        Ok(record)
    }

    fn place(&self, db: &Connection, own: &mut HashMap<Scope, OwnStream>, record: &Record) -> Result<(), StoreFault> {
        let bytes = record.encode();
        if bytes.len() > MAX_EVENT_BYTES {
            return Err(StoreFault::Invalid(format!("an event of {} bytes", bytes.len())));
        }
        let row = insert_event(db, record, &bytes, Carried::No)?;
        let scopes: BTreeSet<&Scope> = record.scopes.iter().collect();
        for scope in scopes {
            let stream = match own.get(scope) {
                Some(stream) => *stream,
                None => self.begin_stream(db, scope)?,
            };
            let head = stream.head.extended(&bytes);
            insert_place(db, stream.row, head, row)?;
            set_head(db, stream.row, head)?;
            own.insert(scope.clone(), OwnStream { row: stream.row, head });
        }
        Ok(())
    }

    pub(super) fn begin_stream(&self, db: &Connection, scope: &Scope) -> Result<OwnStream, StoreFault> {
        let id = StreamId { station: self.card.station, incarnation: self.incarnation, scope: scope.clone() };
        Ok(OwnStream { row: insert_stream(db, &id)?, head: id.start() })
    }
}

/// Whether an event came on paper only and stands in no chain yet.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Carried {
    Yes,
    No,
}

pub(super) fn insert_event(
    db: &Connection,
    record: &Record,
    bytes: &[u8],
    carried: Carried,
) -> Result<EventRow, StoreFault> {
    let subject = record.subject.to_string();
    db.prepare_cached(
        "INSERT INTO event (id, subject, kind, hlc, content_key, carried, bytes) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![
        record.id.0,
        subject,
        record.kind,
        record.at.0 as i64,
        record.key().map(|key| key.0),
        carried == Carried::Yes,
        bytes
    ])?;
    let row = db.last_insert_rowid();
    names::put(db, record, &subject)?;
    Ok(row)
}

pub(super) fn insert_stream(db: &Connection, id: &StreamId) -> Result<i64, StoreFault> {
    db.prepare_cached("INSERT INTO stream (station, incarnation, scope, head, hash) VALUES (?1, ?2, ?3, 0, ?4)")?
        .execute(params![id.station.0, id.incarnation.0, id.scope.as_str(), id.origin().0])?;
    Ok(db.last_insert_rowid())
}

pub(super) fn insert_place(db: &Connection, stream: i64, head: Head, event: EventRow) -> Result<(), StoreFault> {
    db.prepare_cached("INSERT INTO place (stream, no, event, hash) VALUES (?1, ?2, ?3, ?4)")?.execute(params![
        stream,
        head.no as i64,
        event,
        head.hash.0
    ])?;
    Ok(())
}

pub(super) fn set_head(db: &Connection, stream: i64, head: Head) -> Result<(), StoreFault> {
    db.prepare_cached("UPDATE stream SET head = ?2, hash = ?3 WHERE row = ?1")?.execute(params![
        stream,
        head.no as i64,
        head.hash.0
    ])?;
    Ok(())
}
