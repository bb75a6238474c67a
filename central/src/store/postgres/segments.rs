//! Reading segments back: stream by stream, a few at a time, or the ones that hold certain events.

use super::db::Db;
use super::pool::Fault;
use super::rows::{all_heads, damaged, segment_at, stream_at};
use intake::event::{Event, Subject};
use std::collections::BTreeMap;
use sync::protocol::SegmentWithGrants;
use sync::record::Record;
use sync::segment::Segment;
use sync::stream::{Head, StreamId};

/// Segments that are read at once.
const AT_ONCE: i64 = 64;

/// Goes through a stream's segments in order.
pub(super) struct Walk<'a> {
    stream: &'a StreamId,
    /// The last number and the first of the segment that was read last.
    beyond: (i64, i64),
}

impl<'a> Walk<'a> {
    pub(super) fn over(stream: &'a StreamId) -> Self {
        Self { stream, beyond: (0, 0) }
    }

    /// The next few segments; none at the end.
    pub(super) fn next(&mut self, db: &mut Db) -> Result<Vec<SegmentWithGrants>, Fault> {
        let StreamId { scope, station, incarnation } = self.stream;
        let rows = db.query(
            "SELECT last, first, bytes, grants FROM segment
             WHERE scope = $1 AND station = $2 AND incarnation = $3 AND (last, first) > ($4, $5)
             ORDER BY last, first LIMIT $6",
            &[&scope.as_str(), &station.0, &incarnation.0, &self.beyond.0, &self.beyond.1, &AT_ONCE],
        )?;
        if let Some(row) = rows.last() {
            self.beyond = (row.get(0), row.get(1));
        }
        Ok(rows.iter().map(|row| segment_at(row, 2)).collect::<Result<_, _>>()?)
    }
}

/// The events of the segment that holds a stream's event of this number; none where it is not held.
pub(super) fn around(db: &mut Db, stream: &StreamId, no: u64) -> Result<Vec<(Vec<u8>, Record, Head)>, Fault> {
    let row = db.query_opt(
        "SELECT bytes FROM segment WHERE scope = $1 AND station = $2 AND incarnation = $3 AND last >= $4 AND first <= $4
         ORDER BY last LIMIT 1",
        &[&stream.scope.as_str(), &stream.station.0, &stream.incarnation.0, &(no as i64)],
    )?;
    let Some(row) = row else { return Ok(Vec::new()) };
    Ok(Segment::parse(row.get(0))?.events()?)
}

/// Every event once, in canonical order.
pub(super) fn events(db: &mut Db) -> Result<Vec<Event>, Fault> {
    let mut events = BTreeMap::new();
    for (stream, _) in all_heads(db)?.0 {
        let mut walk = Walk::over(&stream);
        loop {
            let segments = walk.next(db)?;
            if segments.is_empty() {
                break;
            }
            for push in segments {
                let read = Segment::parse(&push.segment.0).and_then(|segment| segment.events());
                let read = read.map_err(|_| damaged("a segment"))?;
                events.extend(read.into_iter().map(|(_, record, _)| (record.id.0, record.into_event())));
            }
        }
    }
    let mut events: Vec<Event> = events.into_values().collect();
    events.sort_by_key(Event::order);
    Ok(events)
}

/// What happened to a subject, in canonical order.
pub(super) fn history(db: &mut Db, subject: &Subject) -> Result<Vec<Event>, Fault> {
    let rows = db.query(
        "SELECT DISTINCT ON (id) scope, station, incarnation, no FROM event WHERE subject = $1 ORDER BY id, scope",
        &[&subject.to_string()],
    )?;
    let mut places: BTreeMap<StreamId, Vec<u64>> = BTreeMap::new();
    for row in &rows {
        places.entry(stream_at(row, 0)).or_default().push(row.get::<_, i64>(3) as u64);
    }
    let mut history = Vec::new();
    for (stream, mut numbers) in places {
        numbers.sort_unstable();
        while let Some(no) = numbers.first().copied() {
            let events = around(db, &stream, no)?;
            let reached = events.last().map_or(no, |(_, _, head)| head.no);
            let here = events.into_iter().filter(|(_, _, head)| numbers.contains(&head.no));
            history.extend(here.map(|(_, record, _)| record.into_event()));
            numbers.retain(|no| *no > reached);
        }
    }
    history.sort_by_key(Event::order);
    Ok(history)
}
