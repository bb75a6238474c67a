//! The SQLite file of a station or of the centre, read row by row (its tables: sync/src/store/migrations/).

use super::book::{Book, Row};
use super::cbor;
use super::format::{Id, Stream, check_signature, tagged};
use crate::fault::{Doing, Fault, Outcome};
use ciborium::Value;
use rusqlite::{Connection, OpenFlags};
use std::collections::BTreeMap;
use std::path::Path;

/// Reads a file. It is opened for reading only; a write-ahead log beside it is read too.
///
/// # Errors
/// When it is no file of the system, or a card in it is not signed by the centre.
pub fn read(name: &str, file: &Path) -> Outcome<Book> {
    let db = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).doing(name)?;
    read_from(name, &db).doing(name)
}

fn read_from(name: &str, db: &Connection) -> Outcome<Book> {
    let centre = cbor::fixed(&cbor::read(&meta(db, "centre")?)?)?;
    let owner = cbor::read(&meta(db, "card")?)?;
    Ok(Book {
        name: name.to_owned(),
        owner: Id(cbor::fixed(cbor::named(&owner, "station").ok_or_else(|| Fault::new("card", "names no station"))?)?),
        keys: keys(db, &centre)?,
        streams: streams(db)?,
        segments: blobs(db, "SELECT bytes FROM segment ORDER BY stream, first, last")?,
    })
}

/// How many events of a station's own streams the centre has not given a receipt for.
///
/// # Errors
/// When the file cannot be read.
pub fn without_receipt(file: &Path) -> Outcome<u64> {
    let db = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).doing("a station's file")?;
    let owner = cbor::read(&meta(&db, "card")?)?;
    let station: [u8; 16] =
        cbor::fixed(cbor::named(&owner, "station").ok_or_else(|| Fault::new("card", "names no station"))?)?;
    let select = "SELECT coalesce(sum(head - receipted), 0) FROM stream WHERE station = ?1";
    let waiting: i64 = db.query_row(select, [station], |row| row.get(0)).doing("a station's file")?;
    Ok(waiting.unsigned_abs())
}

fn meta(db: &Connection, name: &str) -> Outcome<Vec<u8>> {
    db.query_row("SELECT value FROM meta WHERE name = ?1", [name], |row| row.get(0)).doing(format_args!("meta {name}"))
}

/// The stations' keys, each from a card that the centre signed.
fn keys(db: &Connection, centre: &[u8; 32]) -> Outcome<BTreeMap<Id, [u8; 32]>> {
    let mut keys = BTreeMap::new();
    for bytes in blobs(db, "SELECT card FROM station")? {
        let card = cbor::read(&bytes)?;
        let field = |name: &str| cbor::named(&card, name).ok_or_else(|| Fault::new("a station's card has no", name));
        let names = ["station", "label", "role", "site", "scopes", "key_no", "sign_public"];
        let signed = names.iter().map(|name| field(name).cloned()).collect::<Outcome<Vec<Value>>>()?;
        let signed = tagged(b"motcua/station/1", &cbor::write(&Value::Array(signed))?);
        check_signature(centre, &signed, &cbor::fixed(field("signature")?)?).doing("a station's card")?;
        keys.insert(Id(cbor::fixed(field("station")?)?), cbor::fixed(field("sign_public")?)?);
    }
    Ok(keys)
}

fn streams(db: &Connection) -> Outcome<BTreeMap<Stream, Vec<Row>>> {
    let mut select = db
        .prepare(
            "SELECT s.station, s.incarnation, s.scope, p.no, e.bytes, p.hash
             FROM place p JOIN stream s ON s.row = p.stream LEFT JOIN event e ON e.row = p.event
             ORDER BY s.row, p.no",
        )
        .doing("reading streams")?;
    let rows = select
        .query_map([], |row| {
            let stream = Stream { station: Id(row.get(0)?), incarnation: Id(row.get(1)?), scope: row.get(2)? };
            let event: Option<Vec<u8>> = row.get(4)?;
            Ok((
                stream,
                Row { no: row.get::<_, i64>(3)?.unsigned_abs(), event: event.unwrap_or_default(), hash: row.get(5)? },
            ))
        })
        .doing("reading streams")?;
    let mut streams: BTreeMap<Stream, Vec<Row>> = BTreeMap::new();
    for row in rows {
        let (stream, row) = row.doing("reading streams")?;
        streams.entry(stream).or_default().push(row);
    }
    Ok(streams)
}

fn blobs(db: &Connection, select: &str) -> Outcome<Vec<Vec<u8>>> {
    let mut select = db.prepare(select).doing("reading")?;
    let rows = select.query_map([], |row| row.get(0)).doing("reading")?;
    rows.collect::<Result<_, _>>().doing("reading")
}
