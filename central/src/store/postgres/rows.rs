//! Rows as the log's types, and back.

use super::db::Db;
use super::pool::Fault;
use intake::event::Scope;
use intake::ids::{Incarnation, StationId};
use postgres::Row;
use sync::protocol::SegmentWithGrants;
use sync::store::StoreFault;
use sync::stream::{Head, Heads, StreamId};
use sync::wire::{Fixed, Hash, from_cbor};
use uuid::Uuid;

pub(super) fn damaged(what: &str) -> StoreFault {
    StoreFault::Damaged(what.to_owned())
}

/// `scope, station, incarnation` from the columns beginning at `at`.
pub(super) fn stream_at(row: &Row, at: usize) -> StreamId {
    StreamId {
        scope: Scope(row.get(at)),
        station: StationId(row.get(at + 1)),
        incarnation: Incarnation(row.get(at + 2)),
    }
}

/// `head, hash` from the columns beginning at `at`.
pub(super) fn head_at(row: &Row, at: usize) -> Result<Head, StoreFault> {
    let hash: &[u8] = row.get(at + 1);
    Ok(Head { no: row.get::<_, i64>(at) as u64, hash: hash_of(hash)? })
}

pub(super) fn hash_of(bytes: &[u8]) -> Result<Hash, StoreFault> {
    Fixed::from_slice(bytes).ok_or_else(|| damaged("a hash"))
}

/// Streams as three columns, for `unnest`.
pub(super) fn columns<'a>(streams: impl Iterator<Item = &'a StreamId>) -> (Vec<&'a str>, Vec<Uuid>, Vec<Uuid>) {
    let mut columns = (Vec::new(), Vec::new(), Vec::new());
    for stream in streams {
        columns.0.push(stream.scope.as_str());
        columns.1.push(stream.station.0);
        columns.2.push(stream.incarnation.0);
    }
    columns
}

/// How far the streams of some scopes are held.
pub(super) fn heads(db: &mut Db, scopes: &[Scope]) -> Result<Heads, Fault> {
    let scopes: Vec<&str> = scopes.iter().map(Scope::as_str).collect();
    let rows = db.query(
        "SELECT scope, station, incarnation, head, hash FROM stream WHERE head > 0 AND scope = ANY($1)
         ORDER BY scope, station, incarnation",
        &[&scopes],
    )?;
    heads_of(&rows)
}

/// How far all streams are held.
pub(super) fn all_heads(db: &mut Db) -> Result<Heads, Fault> {
    let rows = db.query(
        "SELECT scope, station, incarnation, head, hash FROM stream WHERE head > 0 ORDER BY scope, station, incarnation",
        &[],
    )?;
    heads_of(&rows)
}

fn heads_of(rows: &[Row]) -> Result<Heads, Fault> {
    let heads = rows.iter().map(|row| Ok((stream_at(row, 0), head_at(row, 3)?)));
    Ok(Heads(heads.collect::<Result<_, StoreFault>>()?))
}

/// `bytes, grants` from the columns beginning at `at`.
pub(super) fn segment_at(row: &Row, at: usize) -> Result<SegmentWithGrants, StoreFault> {
    let grants: &[u8] = row.get(at + 1);
    let grants = from_cbor(grants).map_err(|_| damaged("grants"))?;
    Ok(SegmentWithGrants { segment: row.get::<_, Vec<u8>>(at).into(), grants })
}
