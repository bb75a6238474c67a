//! Rules of the log: chains without holes, signatures that hold, every station's event at the centre exactly once.

use super::book::{Book, Row};
use super::format::{Event, Segment, Stream, extended};
use super::verdict::{Kind, Verdict};
use std::collections::{BTreeMap, BTreeSet};

/// Re-computes every chain of a file: numbers from 1 with no hole, the stored hashes, no event twice in a stream.
pub fn chains(book: &Book, verdict: &mut Verdict) {
    for (stream, rows) in &book.streams {
        let mut hash = stream.origin();
        let mut seen = BTreeSet::new();
        for (row, expected) in rows.iter().zip(1_u64..) {
            if row.no != expected {
                verdict.add(Kind::Lost, format_args!("{}: {} has no number {expected}", book.name, name(stream)));
                break;
            }
            hash = extended(&hash, row.no, &row.event);
            if hash != row.hash {
                let place = format_args!("{}: the chain of {} breaks at {}", book.name, name(stream), row.no);
                verdict.add(Kind::Broken, place);
                hash = row.hash;
            }
            belongs(book, stream, row, verdict);
            if let Ok(event) = Event::read(&row.event)
                && !seen.insert(event.id)
            {
                let twice = format_args!("{}: {} {} is twice in {}", book.name, event.kind, event.id, name(stream));
                verdict.add(Kind::Doubled, twice);
            }
        }
    }
}

fn belongs(book: &Book, stream: &Stream, row: &Row, verdict: &mut Verdict) {
    let place = format!("{}: number {} of {}", book.name, row.no, name(stream));
    match Event::read(&row.event) {
        Err(fault) => verdict.add(Kind::Unreadable, format_args!("{place}: {fault}")),
        Ok(event) if event.station != stream.station => {
            verdict.add(Kind::Broken, format_args!("{place} was written by another station"));
        }
        Ok(event) if !event.scopes.contains(&stream.scope) => {
            verdict.add(Kind::Broken, format_args!("{place} does not belong into this scope"));
        }
        Ok(_) => {}
    }
}

/// Checks every segment: signature, own chain, and that the rows of its stream are the events that were signed.
///
/// Every row that a file has of another station must stand in a segment: nobody else may have written it.
pub fn segments(book: &Book, verdict: &mut Verdict) {
    let mut signed: BTreeMap<Stream, BTreeMap<u64, Vec<u8>>> = BTreeMap::new();
    for bytes in &book.segments {
        match checked(book, bytes) {
            Err(fault) => verdict.add(Kind::Broken, format_args!("{}: a segment: {fault}", book.name)),
            Ok(segment) => {
                let numbered = (segment.first..).zip(segment.events);
                signed.entry(segment.stream).or_default().extend(numbered);
            }
        }
    }
    for (stream, rows) in book.streams.iter().filter(|(stream, _)| stream.station != book.owner) {
        let of_stream = signed.get(stream);
        let unsigned = rows.iter().find(|row| of_stream.and_then(|it| it.get(&row.no)) != Some(&row.event));
        if let Some(row) = unsigned {
            let place = format_args!("{}: number {} of {} is in no segment", book.name, row.no, name(stream));
            verdict.add(Kind::Broken, place);
        }
    }
    for (stream, events) in &signed {
        let rows: BTreeSet<u64> = book.streams.get(stream).into_iter().flatten().map(|row| row.no).collect();
        for no in events.keys().filter(|no| !rows.contains(no)) {
            let what =
                format_args!("{}: number {no} of {} came in a segment and is not there", book.name, name(stream));
            verdict.add(Kind::Lost, what);
        }
    }
}

fn checked(book: &Book, bytes: &[u8]) -> crate::fault::Outcome<Segment> {
    let segment = Segment::read(bytes)?;
    let unknown =
        || crate::fault::Fault::new("signature", format_args!("of {}, whose key is not known", segment.stream.station));
    segment.check(book.keys.get(&segment.stream.station).ok_or_else(unknown)?)?;
    Ok(segment)
}

/// Every event of a station's own streams is at the centre exactly once, at the same place and byte for byte; and the centre has no
/// event of this station that the station never wrote.
pub fn arrivals(station: &Book, centre: &Book, verdict: &mut Verdict) {
    for (stream, rows) in station.own() {
        let there: BTreeMap<u64, &Row> =
            centre.streams.get(stream).into_iter().flatten().map(|row| (row.no, row)).collect();
        for row in rows {
            let what = || describe(&row.event);
            match there.get(&row.no) {
                None => verdict.add(Kind::Lost, format_args!("{} of {} is not at the centre", what(), station.name)),
                Some(same) if same.event == row.event => {}
                Some(_) => {
                    verdict.add(Kind::Differs, format_args!("{} of {} is another at the centre", what(), station.name))
                }
            }
        }
        for no in there.keys().filter(|no| **no > rows.len() as u64) {
            let what =
                format_args!("the centre has number {no} of {}, which {} never wrote", name(stream), station.name);
            verdict.add(Kind::Differs, what);
        }
    }
    once_a_scope(station, centre, verdict);
    verdict.events_station += distinct(station.own());
    verdict.events_central += distinct(centre.streams.iter().filter(|(stream, _)| stream.station == station.owner));
}

/// An event stands once in each of its scopes, whatever the streams.
fn once_a_scope(station: &Book, centre: &Book, verdict: &mut Verdict) {
    let mut seen = BTreeMap::new();
    for (stream, rows) in centre.streams.iter().filter(|(stream, _)| stream.station == station.owner) {
        for event in rows.iter().filter_map(|row| Event::read(&row.event).ok()) {
            if let Some(first) = seen.insert((event.id, stream.scope.clone()), stream)
                && first != stream
            {
                let what = format_args!("{} is in {} and in {}", event.id, name(first), name(stream));
                verdict.add(Kind::Doubled, what);
            }
        }
    }
}

fn distinct<'a>(streams: impl Iterator<Item = (&'a Stream, &'a Vec<Row>)>) -> usize {
    let events = streams.flat_map(|(_, rows)| rows).filter_map(|row| Event::read(&row.event).ok());
    events.map(|event| event.id).collect::<BTreeSet<_>>().len()
}

fn describe(event: &[u8]) -> String {
    Event::read(event).map_or_else(|_| "an event".into(), |event| format!("{} {}", event.kind, event.id))
}

/// A stream's short name in findings.
pub fn name(stream: &Stream) -> String {
    let (station, incarnation) = (stream.station.to_string(), stream.incarnation.to_string());
    format!("stream {}/{}/{}", &station[24..], &incarnation[24..], stream.scope)
}
