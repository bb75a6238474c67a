//! A new life of the disk: a file that was restored or moved must never go on in the streams of the life before, or
//! two histories would carry the same numbers.

use super::append::{insert_place, set_head};
use super::segments::{head_at, own_streams, places_beyond};
use super::{OwnStream, Store, StoreFault, meta};
use crate::record::Record;
use intake::event::Scope;
use intake::ids::{Incarnation, StationId};
use rusqlite::{Connection, params};
use std::collections::HashMap;

impl Store {
    /// Begins a new incarnation. What the centre has not confirmed moves into the new streams under the same event
    /// ids: if the centre, or the file that this one is a copy of, holds some of it under the old ones, it is the
    /// same event and is not doubled.
    ///
    /// # Errors
    /// Store faults; then nothing has changed.
    pub fn new_incarnation(&mut self) -> Result<Incarnation, StoreFault> {
        let before = (self.incarnation, std::mem::take(&mut self.own));
        self.incarnation = Incarnation(crate::centre::new_uuid()?);
        match self.move_unconfirmed() {
            Ok(own) => {
                self.own = own;
                self.outgoing.forget();
                tracing::warn!(incarnation = %self.incarnation, "this disk begins a new life");
                Ok(self.incarnation)
            }
            Err(fault) => {
                (self.incarnation, self.own) = before;
                Err(fault)
            }
        }
    }

    /// Says once more, in this life, what former lives of this disk wrote for several scopes and what stands only in some of
    /// them: the rest was lost with the disk, before it was sent. Gives how many places were added.
    ///
    /// To be called when all that the centre holds has come back.
    ///
    /// # Errors
    /// Store faults; then nothing has changed.
    pub fn carry_on(&mut self) -> Result<usize, StoreFault> {
        let (me, mut own, mut added) = (self.card.station, self.own.clone(), 0);
        let all = self.db.unchecked_transaction()?;
        for (event, bytes) in written_before(&all, me, self.incarnation)? {
            let record = Record::read(&bytes).map_err(StoreFault::unreadable)?;
            for scope in &record.scopes {
                if stands_in(&all, event, me, scope)? {
                    continue;
                }
                let to = match own.get(scope) {
                    Some(to) => *to,
                    None => self.begin_stream(&all, scope)?,
                };
                let head = to.head.extended(&bytes);
                insert_place(&all, to.row, head, event)?;
                set_head(&all, to.row, head)?;
                own.insert(scope.clone(), OwnStream { row: to.row, head });
                added += 1;
            }
        }
        all.commit()?;
        self.own = own;
        Ok(added)
    }

    /// Whether this disk had a former life, which may have written what is not here: its streams are asked for, wherever they
    /// stand. For good, because what it sent may arrive late.
    pub(super) fn had_former_life(&self) -> Result<bool, StoreFault> {
        let mut select = self.db.prepare_cached("SELECT 1 FROM stream WHERE station = ?1 AND incarnation <> ?2")?;
        Ok(select.exists(params![self.card.station.0, self.incarnation.0])?)
    }

    fn move_unconfirmed(&self) -> Result<HashMap<Scope, OwnStream>, StoreFault> {
        let all = self.db.unchecked_transaction()?;
        let mut own: HashMap<Scope, OwnStream> = HashMap::new();
        for (row, stream, head, receipted) in own_streams(&all, self.card.station)? {
            if head <= receipted {
                continue;
            }
            let places = places_beyond(&all, row, receipted)?;
            let stop = head_at(&all, row, &stream, receipted)?;
            cut_off(&all, row, receipted)?;
            set_head(&all, row, stop)?;
            for (_, event, bytes, _) in places {
                let to = match own.get(&stream.scope) {
                    Some(to) => *to,
                    None => self.begin_stream(&all, &stream.scope)?,
                };
                let head = to.head.extended(&bytes);
                insert_place(&all, to.row, head, event)?;
                set_head(&all, to.row, head)?;
                own.insert(stream.scope.clone(), OwnStream { row: to.row, head });
            }
        }
        meta::put(&all, "incarnation", &self.incarnation)?;
        all.commit()?;
        Ok(own)
    }
}

/// Events of this station that stand in streams of its former lives, each once.
fn written_before(db: &Connection, me: StationId, now: Incarnation) -> Result<Vec<(i64, Vec<u8>)>, StoreFault> {
    let mut select = db.prepare(
        "SELECT row, bytes FROM event WHERE row IN (
           SELECT place.event FROM place JOIN stream ON stream.row = place.stream
           WHERE stream.station = ?1 AND stream.incarnation <> ?2) ORDER BY row",
    )?;
    let rows = select.query_map(params![me.0, now.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn stands_in(db: &Connection, event: i64, me: StationId, scope: &Scope) -> Result<bool, StoreFault> {
    let mut select = db.prepare_cached(
        "SELECT 1 FROM place JOIN stream ON stream.row = place.stream
         WHERE place.event = ?1 AND stream.station = ?2 AND stream.scope = ?3",
    )?;
    Ok(select.exists(params![event, me.0, scope.as_str()])?)
}

fn cut_off(db: &Connection, row: i64, after: u64) -> Result<(), StoreFault> {
    db.execute("DELETE FROM place WHERE stream = ?1 AND no > ?2", params![row, after as i64])?;
    db.execute("DELETE FROM segment WHERE stream = ?1 AND last > ?2", params![row, after as i64])?;
    Ok(())
}
