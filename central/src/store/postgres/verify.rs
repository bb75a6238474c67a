//! `verify` over the whole database: every chain re-hashed, every signature checked, every row held against its bytes.

use super::db::Db;
use super::pool::Fault;
use super::rows::{all_heads, hash_of};
use super::segments::Walk;
use std::collections::BTreeMap;
use sync::checked::{Checked, check_all};
use sync::protocol::StationCard;
use sync::store::VerifyReport;
use sync::stream::{Head, StreamId};
use sync::wire::Hash;
use uuid::Uuid;

/// What was counted on the way through the streams.
#[derive(Default)]
struct Counted {
    /// Rows of events that stand where their stream says.
    rows: u64,
    /// Those of one stream whose home is its scope.
    firsts: i64,
    grants: u64,
}

pub(super) fn verify(db: &mut Db) -> Result<VerifyReport, Fault> {
    db.say("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")?;
    let row = db.query_one(
        "SELECT (SELECT count(*) FROM stream WHERE head > 0), (SELECT count(DISTINCT id) FROM event),
           (SELECT count(*) FROM segment), (SELECT count(*) FROM stream WHERE receipt IS NOT NULL),
           (SELECT count(*) FROM quarantine), (SELECT count(*) FROM event)",
        &[],
    )?;
    let count = |at| row.get::<_, i64>(at) as u64;
    let mut report = VerifyReport {
        streams: count(0),
        events: count(1),
        segments: count(2),
        receipts: count(3),
        grants: 0,
        quarantined: count(4),
        difference: None,
    };
    let mut counted = Counted::default();
    for (stream, head) in all_heads(db)?.0 {
        report.difference = check_stream(db, &stream, head, &mut counted)?;
        report.grants = counted.grants;
        if report.difference.is_some() {
            return Ok(report);
        }
    }
    let (held, rows) = (count(5), counted.rows);
    if held != rows {
        report.difference = Some(format!("events: {held} rows, {rows} in the streams"));
    }
    Ok(report)
}

fn check_stream(db: &mut Db, stream: &StreamId, head: Head, counted: &mut Counted) -> Result<Option<String>, Fault> {
    let name = format!("stream {} of {}", stream.scope, stream.station);
    let Some(card) = super::office::card(db, stream.station)? else {
        return Ok(Some(format!("station {}: not known", stream.station)));
    };
    let cards: BTreeMap<_, StationCard> = BTreeMap::from([(stream.station, card)]);
    let (mut reached, mut walk) = (stream.start(), Walk::over(stream));
    counted.firsts = 0;
    loop {
        let segments = walk.next(db)?;
        if segments.is_empty() {
            break;
        }
        counted.grants += segments.iter().map(|push| push.grants.len() as u64).sum::<u64>();
        for checked in check_all(&segments, &cards) {
            let difference = match checked {
                Ok(checked) => check_rows(db, &name, &checked, &mut reached, counted)?,
                Err(refusal) => Some(format!("segment of {name}: {refusal}")),
            };
            if difference.is_some() {
                return Ok(difference);
            }
        }
    }
    if reached != head {
        return Ok(Some(format!("{name}: ends at {}", reached.no)));
    }
    let firsts = firsts(db, stream)?;
    Ok((firsts != counted.firsts).then(|| format!("{name}: counts {firsts} events, {} are its own", counted.firsts)))
}

/// Holds one segment's events against their rows, and goes on to its end.
fn check_rows(
    db: &mut Db,
    name: &str,
    checked: &Checked,
    reached: &mut Head,
    counted: &mut Counted,
) -> Result<Option<String>, Fault> {
    if checked.header.before().no > reached.no {
        return Ok(Some(format!("{name}: a gap after {}", reached.no)));
    }
    let stream = &checked.header.stream;
    let known = stored(db, stream, &checked.events.iter().map(|(_, record, _)| record.id.0).collect::<Vec<_>>())?;
    for (bytes, record, at) in &checked.events {
        if at.no == reached.no && at.hash != reached.hash {
            return Ok(Some(format!("{name}: the chain breaks at {}", at.no)));
        }
        let Some(row) = known.get(&record.id.0) else {
            return Ok(Some(format!("event {}: its row is missing", record.id)));
        };
        if row.0.0 != *blake3::hash(bytes).as_bytes() || row.1 != record.subject.to_string() || row.2 != record.kind {
            return Ok(Some(format!("event {}: its columns are not its bytes'", record.id)));
        }
        if at.no <= reached.no {
            continue;
        }
        *reached = *at;
        // An event that two lives of a station's disk carry has one row, at its first place.
        if row.3 == (stream.station.0, stream.incarnation.0, at.no as i64) {
            counted.rows += 1;
            counted.firsts += i64::from(*record.home() == stream.scope);
        }
    }
    Ok(None)
}

fn firsts(db: &mut Db, stream: &StreamId) -> Result<i64, Fault> {
    let row = db.query_one(
        "SELECT firsts FROM stream WHERE scope = $1 AND station = $2 AND incarnation = $3",
        &[&stream.scope.as_str(), &stream.station.0, &stream.incarnation.0],
    )?;
    Ok(row.get(0))
}

/// Digest, subject, kind and place.
type Stored = (Hash, String, String, (Uuid, Uuid, i64));

fn stored(db: &mut Db, stream: &StreamId, ids: &[Uuid]) -> Result<BTreeMap<Uuid, Stored>, Fault> {
    let rows = db.query(
        "SELECT id, digest, subject, kind, station, incarnation, no FROM event WHERE scope = $1 AND id = ANY($2)",
        &[&stream.scope.as_str(), &ids],
    )?;
    let stored = |row: &postgres::Row| {
        let place = (row.get(4), row.get(5), row.get(6));
        Ok((row.get(0), (hash_of(row.get(1))?, row.get(2), row.get(3), place)))
    };
    rows.iter().map(stored).collect()
}
