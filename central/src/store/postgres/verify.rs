//! `verify` over the whole database: every chain re-hashed, every signature checked, every row held against its bytes.

use super::pool::Fault;
use super::rows::{heads, segment_at};
use postgres::Transaction;
use std::collections::BTreeMap;
use sync::checked::check_all;
use sync::protocol::StationCard;
use sync::store::VerifyReport;
use sync::stream::{Head, StreamId};
use uuid::Uuid;

pub(super) fn verify(db: &mut Transaction) -> Result<VerifyReport, Fault> {
    db.batch_execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")?;
    let count = |db: &mut Transaction, what: &str| -> Result<u64, Fault> {
        Ok(db.query_one(&format!("SELECT {what}"), &[])?.get::<_, i64>(0) as u64)
    };
    let mut report = VerifyReport {
        streams: count(db, "count(*) FROM stream WHERE head > 0")?,
        events: count(db, "count(DISTINCT id) FROM event")?,
        segments: count(db, "count(*) FROM segment")?,
        receipts: count(db, "count(*) FROM stream WHERE receipt IS NOT NULL")?,
        grants: 0,
        quarantined: count(db, "count(*) FROM quarantine")?,
        difference: None,
    };
    let mut rows = 0;
    for (stream, head) in heads(db, None)?.0 {
        report.difference = check_stream(db, &stream, head, &mut rows, &mut report.grants)?;
        if report.difference.is_some() {
            return Ok(report);
        }
    }
    let held = count(db, "count(*) FROM event")?;
    if held != rows {
        report.difference = Some(format!("events: {held} rows, {rows} in the streams"));
    }
    Ok(report)
}

fn check_stream(
    db: &mut Transaction,
    stream: &StreamId,
    head: Head,
    rows: &mut u64,
    grants: &mut u64,
) -> Result<Option<String>, Fault> {
    let name = format!("stream {} of {}", stream.scope, stream.station);
    let Some(card) = super::office::card(db, stream.station)? else {
        return Ok(Some(format!("station {}: not known", stream.station)));
    };
    let cards: BTreeMap<_, StationCard> = BTreeMap::from([(stream.station, card)]);
    let of = (stream.scope.as_str(), stream.station.0, stream.incarnation.0);
    let mut reached = stream.start();
    let segments = db.query(
        "SELECT bytes, grants FROM segment WHERE scope = $1 AND station = $2 AND incarnation = $3 ORDER BY last, first",
        &[&of.0, &of.1, &of.2],
    )?;
    for row in &segments {
        let segment = segment_at(row, 0)?;
        *grants += segment.grants.len() as u64;
        let checked = match check_all(std::slice::from_ref(&segment), &cards).pop() {
            Some(Ok(checked)) => checked,
            Some(Err(refusal)) => return Ok(Some(format!("segment of {name}: {refusal}"))),
            None => continue,
        };
        if checked.header.before().no > reached.no {
            return Ok(Some(format!("{name}: a gap after {}", reached.no)));
        }
        let known = stored(db, stream, &checked.events.iter().map(|(_, record, _)| record.id.0).collect::<Vec<_>>())?;
        for (bytes, record, at) in &checked.events {
            if at.no == reached.no && at.hash != reached.hash {
                return Ok(Some(format!("{name}: the chain breaks at {}", at.no)));
            }
            let Some(row) = known.get(&record.id.0) else {
                return Ok(Some(format!("event {}: its row is missing", record.id)));
            };
            if row.0 != *bytes || row.1 != record.subject.to_string() || row.2 != record.kind {
                return Ok(Some(format!("event {}: its columns are not its bytes'", record.id)));
            }
            // An event that two lives of a station's disk carry has one row, at its first place.
            *rows += u64::from(row.3 == (stream.station.0, stream.incarnation.0, at.no as i64) && at.no > reached.no);
            if at.no > reached.no {
                reached = *at;
            }
        }
    }
    Ok((reached != head).then(|| format!("{name}: ends at {}", reached.no)))
}

/// Bytes, subject, kind and place.
type Stored = (Vec<u8>, String, String, (Uuid, Uuid, i64));

fn stored(db: &mut Transaction, stream: &StreamId, ids: &[Uuid]) -> Result<BTreeMap<Uuid, Stored>, Fault> {
    let rows = db.query(
        "SELECT id, bytes, subject, kind, station, incarnation, no FROM event WHERE scope = $1 AND id = ANY($2)",
        &[&stream.scope.as_str(), &ids],
    )?;
    let stored = |row: &postgres::Row| {
        let place = (row.get(4), row.get(5), row.get(6));
        (row.get(0), (row.get(1), row.get(2), row.get(3), place))
    };
    Ok(rows.iter().map(stored).collect())
}
