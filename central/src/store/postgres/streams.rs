//! The rows of streams: held while something is added, and the receipts that stand in them.

use super::db::Db;
use super::identity::Identity;
use super::pool::Fault;
use super::rows::head_at;
use intake::ids::{Incarnation, StationId};
use intake::moment::Moment;
use std::collections::{BTreeMap, BTreeSet};
use sync::protocol::Receipt;
use sync::stream::{Head, StreamId};
use sync::wire::{from_cbor, to_cbor};
use uuid::Uuid;

/// A stream whose row is held.
pub(super) struct Held {
    pub(super) head: Head,
    pub(super) receipt: Option<Receipt>,
    pub(super) grew: bool,
    /// How many events more have their row from here and their home in this scope.
    pub(super) firsts: i64,
}

pub(super) type Holdings = BTreeMap<StreamId, Held>;

/// Holds the rows of streams until the transaction ends, always in the same order, so that nodes wait and do not deadlock.
/// (Two that begin the same streams at once may; then one of them is tried again.)
pub(super) fn hold<'a>(db: &mut Db, streams: impl Iterator<Item = &'a StreamId>) -> Result<Holdings, Fault> {
    let streams: BTreeSet<&StreamId> = streams.collect();
    let mut held = Holdings::new();
    for of_scope in by_scope(&streams) {
        if hold_scope(db, &of_scope, &mut held)? < of_scope.len() {
            begin(db, &of_scope)?;
            hold_scope(db, &of_scope, &mut held)?;
        }
    }
    Ok(held)
}

/// How many of these streams, all of one scope, have a row; each is held now.
fn hold_scope(db: &mut Db, streams: &[&StreamId], held: &mut Holdings) -> Result<usize, Fault> {
    let Some(StreamId { scope, .. }) = streams.first() else { return Ok(0) };
    let (stations, incarnations) = columns(streams.iter().copied());
    let rows = db.query(
        "SELECT station, incarnation, head, hash, receipt FROM stream
         JOIN unnest($2::uuid[], $3::uuid[]) AS t (station, incarnation) USING (station, incarnation)
         WHERE scope = $1 ORDER BY station, incarnation FOR NO KEY UPDATE OF stream",
        &[&scope.as_str(), &stations, &incarnations],
    )?;
    for row in &rows {
        let (station, incarnation) = (StationId(row.get(0)), Incarnation(row.get(1)));
        let receipt = row.get::<_, Option<&[u8]>>(4).map(from_cbor).transpose()?;
        let stream = StreamId { station, incarnation, scope: scope.clone() };
        held.insert(stream, Held { head: head_at(row, 2)?, receipt, grew: false, firsts: 0 });
    }
    Ok(rows.len())
}

fn begin(db: &mut Db, streams: &[&StreamId]) -> Result<(), Fault> {
    let Some(StreamId { scope, .. }) = streams.first() else { return Ok(()) };
    let (stations, incarnations) = columns(streams.iter().copied());
    let origins: Vec<Vec<u8>> = streams.iter().map(|stream| stream.origin().0.to_vec()).collect();
    db.execute(
        "INSERT INTO stream (scope, station, incarnation, head, hash, firsts)
         SELECT $1, station, incarnation, 0, hash, 0
         FROM unnest($2::uuid[], $3::uuid[], $4::bytea[]) AS t (station, incarnation, hash)
         ORDER BY station, incarnation ON CONFLICT DO NOTHING",
        &[&scope.as_str(), &stations, &incarnations, &origins],
    )?;
    Ok(())
}

/// A new receipt for each stream that grew, and for each that never had one; the same as before for the others.
pub(super) fn give_receipts(db: &mut Db, centre: &Identity, now: Moment, held: &mut Holdings) -> Result<(), Fault> {
    let is_due = |held: &Held| held.head.no > 0 && (held.grew || held.receipt.is_none());
    let count = held.values().filter(|held| is_due(held)).count();
    if count == 0 {
        return Ok(());
    }
    let rows = db.query("SELECT nextval('receipt_no') FROM generate_series(1, $1)", &[&(count as i32)])?;
    let mut due: BTreeSet<StreamId> = BTreeSet::new();
    for ((stream, held), row) in held.iter_mut().filter(|(_, held)| is_due(held)).zip(rows) {
        let no = row.get::<_, i64>(0) as u64;
        held.receipt = Some(sync::centre::receipt(no, stream.clone(), held.head, now, &centre.signing));
        due.insert(stream.clone());
    }
    for streams in by_scope(&due.iter().collect()) {
        write_heads(db, &streams, held)?;
    }
    Ok(())
}

fn write_heads(db: &mut Db, streams: &[&StreamId], held: &Holdings) -> Result<(), Fault> {
    let Some(StreamId { scope, .. }) = streams.first() else { return Ok(()) };
    let (stations, incarnations) = columns(streams.iter().copied());
    let of: Vec<&Held> = streams.iter().filter_map(|stream| held.get(*stream)).collect();
    let heads: Vec<i64> = of.iter().map(|held| held.head.no as i64).collect();
    let hashes: Vec<&[u8]> = of.iter().map(|held| held.head.hash.0.as_slice()).collect();
    let receipts: Vec<Vec<u8>> = of.iter().map(|held| to_cbor(&held.receipt)).collect();
    let firsts: Vec<i64> = of.iter().map(|held| held.firsts).collect();
    db.execute(
        "UPDATE stream SET head = t.head, hash = t.hash, receipt = t.receipt, firsts = stream.firsts + t.firsts
         FROM unnest($2::uuid[], $3::uuid[], $4::bigint[], $5::bytea[], $6::bytea[], $7::bigint[])
            AS t (station, incarnation, head, hash, receipt, firsts)
         WHERE stream.scope = $1 AND stream.station = t.station AND stream.incarnation = t.incarnation",
        &[&scope.as_str(), &stations, &incarnations, &heads, &hashes, &receipts, &firsts],
    )?;
    Ok(())
}

/// Streams scope by scope, each in the order of its keys.
fn by_scope<'a>(streams: &BTreeSet<&'a StreamId>) -> Vec<Vec<&'a StreamId>> {
    let mut scopes: BTreeMap<&str, Vec<&StreamId>> = BTreeMap::new();
    for stream in streams {
        scopes.entry(stream.scope.as_str()).or_default().push(stream);
    }
    scopes.into_values().collect()
}

fn columns<'a>(streams: impl Iterator<Item = &'a StreamId>) -> (Vec<Uuid>, Vec<Uuid>) {
    streams.map(|stream| (stream.station.0, stream.incarnation.0)).unzip()
}
