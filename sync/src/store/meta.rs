//! Single values, by name.

use super::StoreFault;
use crate::wire::{from_cbor, to_cbor};
use rusqlite::{Connection, OptionalExtension, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub(super) fn put<T: Serialize>(db: &Connection, name: &str, value: &T) -> Result<(), StoreFault> {
    db.prepare_cached(
        "INSERT INTO meta (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    )?
    .execute(params![name, to_cbor(value)])?;
    Ok(())
}

pub(super) fn get<T: DeserializeOwned>(db: &Connection, name: &str) -> Result<Option<T>, StoreFault> {
    let bytes: Option<Vec<u8>> =
        db.prepare_cached("SELECT value FROM meta WHERE name = ?1")?.query_row([name], |row| row.get(0)).optional()?;
    bytes.map(|bytes| from_cbor(&bytes)).transpose().map_err(StoreFault::unreadable)
}

pub(super) fn need<T: DeserializeOwned>(db: &Connection, name: &str) -> Result<T, StoreFault> {
    get(db, name)?.ok_or_else(|| StoreFault::Damaged(format!("{name} is missing")))
}
