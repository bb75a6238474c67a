//! What is owed to the world (paper, sound, a call): written in the same transaction as the events that owe it.

use super::{Store, StoreFault};
use crate::sign::tagged;
use crate::wrap;
use rusqlite::{Connection, params};
use uuid::Uuid;
use zeroize::Zeroizing;

const OWED: i64 = 0;
const STARTED: i64 = 1;
const DONE: i64 = 2;

/// Something that must be done once the events are durable.
#[derive(Clone, PartialEq, Eq)]
pub struct EffectDraft {
    /// Names it: the same id twice is one effect.
    pub id: Uuid,
    /// What it is, in the words of whoever does it.
    pub kind: String,
    /// What is needed to do it. May be personal: it is encrypted at rest and gone when the effect is done.
    pub body: Vec<u8>,
}

/// Something that is still owed.
#[derive(Clone, PartialEq, Eq)]
pub struct Effect {
    /// Its name.
    pub id: Uuid,
    /// What it is.
    pub kind: String,
    /// What is needed to do it.
    pub body: Vec<u8>,
    /// It was begun: after a crash nobody knows whether it happened.
    pub started: bool,
}

impl Store {
    /// What is owed, in the order in which it was written.
    ///
    /// # Errors
    /// Store faults.
    pub fn effects_owed(&self) -> Result<Vec<Effect>, StoreFault> {
        let mut select =
            self.db.prepare_cached("SELECT id, kind, body, state FROM effect WHERE state < 2 ORDER BY row")?;
        let rows = select.query_map([], |row| {
            Ok((row.get::<_, Uuid>(0)?, row.get(1)?, row.get::<_, Vec<u8>>(2)?, row.get::<_, i64>(3)?))
        })?;
        rows.map(|row| {
            let (id, kind, sealed, state) = row?;
            let body = self.open_body(id, &sealed)?;
            Ok(Effect { id, kind, body, started: state == STARTED })
        })
        .collect()
    }

    /// Notes, durably, that an effect is about to begin; call it before the first byte leaves.
    ///
    /// # Errors
    /// Store faults.
    pub fn effect_started(&mut self, id: Uuid) -> Result<(), StoreFault> {
        self.db
            .prepare_cached("UPDATE effect SET state = ?2 WHERE id = ?1 AND state = ?3")?
            .execute(params![id, STARTED, OWED])?;
        Ok(())
    }

    /// Notes, durably, that an effect is done. To note it together with the event that tells of it, use [`Store::append`].
    ///
    /// # Errors
    /// Store faults.
    pub fn effect_done(&mut self, id: Uuid) -> Result<(), StoreFault> {
        mark_done(&self.db, id)
    }

    pub(super) fn put_effect(&self, db: &Connection, effect: &EffectDraft) -> Result<(), StoreFault> {
        let body = wrap::encrypt(&self.station_key, &body_aad(effect.id), &effect.body)?;
        db.prepare_cached(
            "INSERT INTO effect (id, kind, state, body) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (id) DO NOTHING",
        )?
        .execute(params![effect.id, effect.kind, OWED, body])?;
        Ok(())
    }

    fn open_body(&self, id: Uuid, sealed: &[u8]) -> Result<Vec<u8>, StoreFault> {
        let opened: Option<Zeroizing<Vec<u8>>> = wrap::decrypt(&self.station_key, &body_aad(id), sealed);
        opened.map(|body| body.to_vec()).ok_or_else(|| StoreFault::Damaged(format!("effect {id}")))
    }
}

pub(super) fn mark_done(db: &Connection, id: Uuid) -> Result<(), StoreFault> {
    db.prepare_cached("UPDATE effect SET state = ?2, body = x'' WHERE id = ?1")?.execute(params![id, DONE])?;
    Ok(())
}

fn body_aad(id: Uuid) -> Vec<u8> {
    tagged("motcua/effect/1", id.as_bytes())
}

impl std::fmt::Debug for Effect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The body may be personal.
        write!(f, "Effect({} {}, started: {})", self.kind, self.id, self.started)
    }
}

impl std::fmt::Debug for EffectDraft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "EffectDraft({} {})", self.kind, self.id)
    }
}
