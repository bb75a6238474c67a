//! Views: folded state as rows, always as new as the log, because they are written in the same transaction.

use super::{Store, StoreFault, meta, names};
use crate::record::Record;
use crate::wire::Hash;
use intake::event::{Event, Subject};
use intake::state::{Row, fold_subject};
use rusqlite::{Connection, OptionalExtension, params};
use std::sync::mpsc::{channel, sync_channel};

/// Raised whenever the domain's fold learns something: views of another version are rebuilt when the store is opened.
pub(super) const FOLD_VERSION: u32 = 8;

/// About so many events are folded at once when all views are made anew.
const FOLD_AT_ONCE: usize = 256;

impl Store {
    /// One row of a view.
    ///
    /// # Errors
    /// Store faults.
    pub fn view(&self, view: &str, id: &str) -> Result<Option<Vec<u8>>, StoreFault> {
        let mut select = self.db.prepare_cached("SELECT body FROM view WHERE view = ?1 AND id = ?2")?;
        Ok(select.query_row([view, id], |row| row.get(0)).optional()?)
    }

    /// All rows of a view, by id.
    ///
    /// # Errors
    /// Store faults.
    pub fn view_rows(&self, view: &str) -> Result<Vec<(String, Vec<u8>)>, StoreFault> {
        let mut select = self.db.prepare_cached("SELECT id, body FROM view WHERE view = ?1 ORDER BY id")?;
        let rows = select.query_map([view], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Drops all views and folds them again from the log.
    ///
    /// # Errors
    /// Store faults.
    pub fn rebuild_views(&mut self) -> Result<(), StoreFault> {
        let all = self.db.unchecked_transaction()?;
        all.execute("DELETE FROM view", [])?;
        fold_all(&all, |row| put(&all, &row))?;
        names::rebuild(&all)?;
        meta::put(&all, "fold", &FOLD_VERSION)?;
        Ok(all.commit()?)
    }

    /// BLAKE3 over all rows of all views, in order; the same on every machine that holds the same events.
    ///
    /// # Errors
    /// Store faults.
    pub fn views_hash(&self) -> Result<Hash, StoreFault> {
        let mut hasher = blake3::Hasher::new();
        for (view, id, body) in stored(&self.db)? {
            for part in [view.as_bytes(), id.as_bytes(), &body] {
                hasher.update(&(part.len() as u64).to_be_bytes());
                hasher.update(part);
            }
        }
        Ok(hasher.into())
    }

    pub(super) fn notice_another_fold(&mut self) -> Result<(), StoreFault> {
        if meta::get::<u32>(&self.db, "fold")? == Some(FOLD_VERSION) { Ok(()) } else { self.rebuild_views() }
    }
}

/// Folds one subject again; `new` are those of its events that were just written, and often they are all.
pub(super) fn refold(db: &Connection, subject: &Subject, new: &[&Event]) -> Result<(), StoreFault> {
    if matches!(subject, Subject::Station(_) | Subject::Setting(_)) {
        // These have no view, and a station's own affairs can be long.
        return Ok(());
    }
    let held: i64 = db
        .prepare_cached("SELECT count(*) FROM event WHERE subject = ?1")?
        .query_row([subject.to_string()], |row| row.get(0))?;
    let row = if held as usize == new.len() {
        fold_subject(subject, new.iter().copied())
    } else {
        fold_subject(subject, &subject_events(db, subject)?)
    };
    row.map_or(Ok(()), |row| put(db, &row))
}

pub(super) fn subject_events(db: &Connection, subject: &Subject) -> Result<Vec<Event>, StoreFault> {
    let mut select = db.prepare_cached("SELECT bytes FROM event WHERE subject = ?1")?;
    let rows = select.query_map([subject.to_string()], |row| row.get::<_, Vec<u8>>(0))?;
    rows.map(|bytes| read_event(&bytes?)).collect()
}

pub(super) fn read_event(bytes: &[u8]) -> Result<Event, StoreFault> {
    Record::read(bytes).map(Record::into_event).map_err(StoreFault::unreadable)
}

/// Gives each row as the log says that it should be, a subject after the other. One thread reads, and takes what is given;
/// another one folds.
pub(super) fn fold_all(db: &Connection, mut give: impl FnMut(Row) -> Result<(), StoreFault>) -> Result<(), StoreFault> {
    let mut select = db.prepare("SELECT subject, bytes FROM event ORDER BY subject")?;
    let mut events = select.query([])?;
    std::thread::scope(|scope| {
        let (hand_on, batches) = sync_channel::<Vec<Vec<u8>>>(2);
        let (give_back, folded) = channel();
        scope.spawn(move || batches.iter().try_for_each(|batch| give_back.send(fold_batch(&batch))));
        let mut take = |rows: Result<Vec<Row>, StoreFault>| rows?.into_iter().try_for_each(&mut give);
        let mut subject = String::new();
        let mut batch: Vec<Vec<u8>> = Vec::new();
        while let Some(row) = events.next()? {
            let next = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
            if next != subject {
                // A batch holds whole subjects.
                if batch.len() >= FOLD_AT_ONCE && hand_on.send(std::mem::take(&mut batch)).is_err() {
                    break;
                }
                next.clone_into(&mut subject);
                folded.try_iter().try_for_each(&mut take)?;
            }
            batch.push(row.get(1)?);
        }
        // It fails only when the other thread is gone, and then what it said last is read below.
        let _ = hand_on.send(batch);
        drop(hand_on);
        folded.iter().try_for_each(take)
    })
}

/// Folds whole subjects, one after the other.
fn fold_batch(batch: &[Vec<u8>]) -> Result<Vec<Row>, StoreFault> {
    let events = batch.iter().map(|bytes| read_event(bytes)).collect::<Result<Vec<_>, _>>()?;
    let subjects = events.chunk_by(|one, next| one.subject == next.subject);
    Ok(subjects.filter_map(|events| fold_subject(&events.first()?.subject, events)).collect())
}

/// The rows as they stand, in order.
pub(super) fn stored(db: &Connection) -> Result<Vec<(String, String, Vec<u8>)>, StoreFault> {
    let mut select = db.prepare("SELECT view, id, body FROM view ORDER BY view, id")?;
    let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn put(db: &Connection, row: &Row) -> Result<(), StoreFault> {
    db.prepare_cached(
        "INSERT INTO view (view, id, body) VALUES (?1, ?2, ?3) ON CONFLICT (view, id) DO UPDATE SET body = excluded.body",
    )?
    .execute(params![row.view, row.id, row.body])?;
    Ok(())
}
