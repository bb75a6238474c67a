//! A new life of the disk: a file that was restored or moved must never go on in the streams of the life before, or
//! two histories would carry the same numbers.

use super::append::{insert_place, set_head};
use super::segments::{head_at, own_streams, places_beyond};
use super::{OwnStream, Store, StoreFault, meta};
use intake::event::Scope;
use intake::ids::Incarnation;
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

fn cut_off(db: &Connection, row: i64, after: u64) -> Result<(), StoreFault> {
    db.execute("DELETE FROM place WHERE stream = ?1 AND no > ?2", params![row, after as i64])?;
    db.execute("DELETE FROM segment WHERE stream = ?1 AND last > ?2", params![row, after as i64])?;
    Ok(())
}
