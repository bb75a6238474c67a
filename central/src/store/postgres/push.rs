//! Taking in segments: checked before any row is held, written by COPY, one durable transaction a batch.

use super::identity::Identity;
use super::pool::Fault;
use super::rows::{columns, damaged, head_at, stream_at};
use super::{grants, listen, office};
use intake::event::{Scope, Subject};
use intake::fact::Fact;
use intake::ids::StationId;
use intake::moment::Moment;
use postgres::Transaction;
use postgres::binary_copy::BinaryCopyInWriter;
use postgres::types::Type;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use sync::Refusal;
use sync::checked::Checked;
use sync::grant::Grant;
use sync::protocol::{Receipt, SegmentOutcome, SegmentWithGrants, StationCard};
use sync::record::Record;
use sync::segment::Segment;
use sync::stream::{Head, StreamId};
use sync::wire::{Hash, from_cbor, to_cbor};
use uuid::Uuid;

/// What is kept of refused bytes, at most.
const MAX_QUARANTINED: i64 = 4_096;

/// A stream whose row is held.
struct Held {
    head: Head,
    receipt: Option<Receipt>,
    grew: bool,
}

/// An event that will be written.
struct Row<'a> {
    scope: &'a Scope,
    stream: &'a StreamId,
    no: u64,
    record: &'a Record,
    digest: Hash,
    bytes: &'a [u8],
}

/// What a batch will write.
#[derive(Default)]
struct Batch<'a> {
    events: Vec<Row<'a>>,
    segments: Vec<(&'a Checked, &'a [u8], Vec<u8>)>,
    /// What is known of event ids a scope: in the database, and earlier in this batch.
    known: HashMap<(String, Uuid), Hash>,
}

/// The cards of the stations that these segments say they are of.
pub(super) fn cards_of(
    db: &mut Transaction,
    segments: &[SegmentWithGrants],
) -> Result<BTreeMap<StationId, StationCard>, Fault> {
    let said = segments.iter().filter_map(|push| Some(Segment::parse(&push.segment.0).ok()?.header.stream.station.0));
    let ids: BTreeSet<Uuid> = said.collect();
    let rows = db.query("SELECT card FROM station WHERE id = ANY($1)", &[&ids.into_iter().collect::<Vec<_>>()])?;
    let cards = rows.iter().map(|row| {
        let card: StationCard = from_cbor(row.get(0))?;
        Ok((card.station, card))
    });
    Ok(cards.collect::<Result<_, Refusal>>()?)
}

/// Takes in what fits; says of each segment what became of it.
pub(super) fn take(
    db: &mut Transaction,
    centre: &Identity,
    now: Moment,
    segments: &[SegmentWithGrants],
    checked: &[Result<Checked, Refusal>],
) -> Result<Vec<SegmentOutcome>, Fault> {
    let mut held = hold(db, checked.iter().flatten().map(|checked| &checked.header.stream))?;
    let mut batch = Batch { known: known_events(db, checked)?, ..Batch::default() };
    let forgotten = grants::forgotten(db, &subjects(checked))?;
    let mut taken: Vec<Result<&StreamId, Refusal>> = Vec::with_capacity(segments.len());
    for (push, checked) in segments.iter().zip(checked) {
        taken.push(match checked {
            Err(refusal) => Err(refusal.clone()),
            Ok(checked) => {
                let fitting = grants::fitting(&push.grants, checked, &forgotten);
                let fits = take_one(db, &mut held, &mut batch, checked, push, fitting)?;
                fits.map(|()| &checked.header.stream)
            }
        });
    }
    write(db, &batch)?;
    office::fold_dossiers(db, batch.events.iter().map(|row| row.record))?;
    grants::destroy(db, &destroyed(&batch))?;
    put_aside(db, now, segments, &taken)?;
    give_receipts(db, centre, now, &mut held)?;
    listen::tell(db, batch.events.iter().map(|row| row.scope).collect::<BTreeSet<_>>())?;
    let outcome = |taken: Result<&StreamId, Refusal>| {
        let receipt = taken.and_then(|stream| {
            held.get(stream).and_then(|held| held.receipt.clone()).ok_or(Refusal::malformed("nothing to confirm"))
        });
        super::super::outcome(receipt, SegmentOutcome::Receipt)
    };
    Ok(taken.into_iter().map(outcome).collect())
}

/// Holds the rows of streams until the transaction ends, always in the same order, so that nodes wait and do not deadlock.
fn hold<'a>(
    db: &mut Transaction,
    streams: impl Iterator<Item = &'a StreamId>,
) -> Result<BTreeMap<StreamId, Held>, Fault> {
    let streams: BTreeSet<&StreamId> = streams.collect();
    let (scopes, stations, incarnations) = columns(streams.iter().copied());
    let origins: Vec<Vec<u8>> = streams.iter().map(|stream| stream.origin().0.to_vec()).collect();
    db.execute(
        "INSERT INTO stream (scope, station, incarnation, head, hash)
         SELECT scope, station, incarnation, 0, hash
         FROM unnest($1::text[], $2::uuid[], $3::uuid[], $4::bytea[]) AS t (scope, station, incarnation, hash)
         ORDER BY 1, 2, 3 ON CONFLICT DO NOTHING",
        &[&scopes, &stations, &incarnations, &origins],
    )?;
    let rows = db.query(
        "SELECT scope, station, incarnation, head, hash, receipt FROM stream
         JOIN unnest($1::text[], $2::uuid[], $3::uuid[]) AS t (scope, station, incarnation)
         USING (scope, station, incarnation) ORDER BY 1, 2, 3 FOR UPDATE OF stream",
        &[&scopes, &stations, &incarnations],
    )?;
    let held = rows.iter().map(|row| {
        let receipt = row.get::<_, Option<&[u8]>>(5).map(from_cbor).transpose()?;
        Ok((stream_at(row, 0), Held { head: head_at(row, 3)?, receipt, grew: false }))
    });
    held.collect()
}

/// Which of these events are held, in any of their scopes, and the hash of their bytes.
fn known_events(
    db: &mut Transaction,
    checked: &[Result<Checked, Refusal>],
) -> Result<HashMap<(String, Uuid), Hash>, Fault> {
    let records = || checked.iter().flatten().flat_map(|checked| &checked.events).map(|(_, record, _)| record);
    let ids: Vec<Uuid> = records().map(|record| record.id.0).collect();
    let scopes: BTreeSet<&str> = records().flat_map(|record| &record.scopes).map(Scope::as_str).collect();
    let scopes: Vec<&str> = scopes.into_iter().collect();
    let rows =
        db.query("SELECT scope, id, digest FROM event WHERE scope = ANY($1) AND id = ANY($2)", &[&scopes, &ids])?;
    rows.iter().map(|row| Ok(((row.get(0), row.get(1)), super::rows::hash_of(row.get(2))?))).collect()
}

fn subjects(checked: &[Result<Checked, Refusal>]) -> Vec<String> {
    let records = checked.iter().flatten().flat_map(|checked| &checked.events).map(|(_, record, _)| record);
    let sealed: BTreeSet<String> =
        records.filter(|record| record.sealed.is_some()).map(|record| record.subject.to_string()).collect();
    sealed.into_iter().collect()
}

/// Whether a segment continues what is held; if so it joins the batch. A refusal leaves nothing of it behind.
fn take_one<'a>(
    db: &mut Transaction,
    held: &mut BTreeMap<StreamId, Held>,
    batch: &mut Batch<'a>,
    checked: &'a Checked,
    push: &'a SegmentWithGrants,
    fitting: Vec<Grant>,
) -> Result<Result<(), Refusal>, Fault> {
    let header = &checked.header;
    let Some(of) = held.get_mut(&header.stream) else { return Err(damaged("a stream's row").into()) };
    let before = header.before();
    if before.no > of.head.no {
        return Ok(Err(Refusal::Gap { have: of.head.no, want: header.first }));
    }
    if hash_at(db, batch, &header.stream, of.head, before.no)? != Some(before.hash) {
        return Ok(Err(Refusal::Fork { no: before.no.max(1) }));
    }
    if header.last_no() <= of.head.no {
        if hash_at(db, batch, &header.stream, of.head, header.last_no())? != Some(header.last) {
            return Ok(Err(Refusal::Fork { no: header.first }));
        }
        grants::add(db, checked, fitting)?;
        return Ok(Ok(()));
    }
    let scope = &header.stream.scope;
    let mut events = Vec::with_capacity(checked.events.len());
    for (bytes, record, head) in &checked.events {
        if head.no == of.head.no && head.hash != of.head.hash {
            return Ok(Err(Refusal::Fork { no: head.no }));
        }
        if head.no <= of.head.no {
            continue;
        }
        let digest = Hash::from_slice(blake3::hash(bytes).as_bytes()).ok_or_else(|| damaged("a hash"))?;
        let mut elsewhere = record.scopes.iter().filter_map(|scope| batch.known.get(&(scope.0.clone(), record.id.0)));
        if elsewhere.any(|known| *known != digest) {
            return Ok(Err(Refusal::Fork { no: head.no }));
        }
        let row = Row { scope, stream: &header.stream, no: head.no, record, digest, bytes };
        events.push(row);
    }
    for row in events {
        if batch.known.insert((row.scope.0.clone(), row.record.id.0), row.digest).is_none() {
            batch.events.push(row);
        }
    }
    batch.segments.push((checked, &push.segment.0, to_cbor(&fitting)));
    (of.head, of.grew) = (Head { no: header.last_no(), hash: header.last }, true);
    Ok(Ok(()))
}

/// The chain's hash at a number that is held: at the head, at a segment's end in this batch or before, or within one.
fn hash_at(db: &mut Transaction, batch: &Batch, stream: &StreamId, head: Head, no: u64) -> Result<Option<Hash>, Fault> {
    if no == 0 {
        return Ok(Some(stream.origin()));
    }
    if no == head.no {
        return Ok(Some(head.hash));
    }
    let here = batch.segments.iter().filter(|(checked, ..)| checked.header.stream == *stream);
    let mut positions = here.flat_map(|(checked, ..)| &checked.events).map(|(_, _, head)| head);
    if let Some(found) = positions.find(|head| head.no == no) {
        return Ok(Some(found.hash));
    }
    let row = db.query_opt(
        "SELECT bytes FROM segment WHERE scope = $1 AND station = $2 AND incarnation = $3 AND last >= $4 AND first <= $4
         ORDER BY last LIMIT 1",
        &[&stream.scope.as_str(), &stream.station.0, &stream.incarnation.0, &(no as i64)],
    )?;
    let Some(row) = row else { return Ok(None) };
    let events = Segment::parse(row.get(0))?.events()?;
    Ok(events.into_iter().find(|(_, _, head)| head.no == no).map(|(_, _, head)| head.hash))
}

fn write(db: &mut Transaction, batch: &Batch) -> Result<(), Fault> {
    if !batch.segments.is_empty() {
        let copy = db.copy_in(
            "COPY segment (scope, station, incarnation, last, first, bytes, grants) FROM STDIN (FORMAT binary)",
        )?;
        let types = [Type::TEXT, Type::UUID, Type::UUID, Type::INT8, Type::INT8, Type::BYTEA, Type::BYTEA];
        let mut copy = BinaryCopyInWriter::new(copy, &types);
        for (checked, bytes, grants) in &batch.segments {
            let (header, stream) = (&checked.header, &checked.header.stream);
            let (last, first) = (header.last_no() as i64, header.first as i64);
            let scope = stream.scope.as_str();
            copy.write(&[&scope, &stream.station.0, &stream.incarnation.0, &last, &first, bytes, grants])?;
        }
        copy.finish()?;
    }
    if !batch.events.is_empty() {
        let copy = db.copy_in(
            "COPY event (scope, id, station, incarnation, no, subject, kind, digest, bytes) FROM STDIN (FORMAT binary)",
        )?;
        let (text, uuid, bytea) = (Type::TEXT, Type::UUID, Type::BYTEA);
        let types = [&text, &uuid, &uuid, &uuid, &Type::INT8, &text, &text, &bytea, &bytea].map(Type::clone);
        let mut copy = BinaryCopyInWriter::new(copy, &types);
        for Row { scope, stream, no, record, digest, bytes } in &batch.events {
            let (scope, subject, no) = (scope.as_str(), record.subject.to_string(), *no as i64);
            let (station, incarnation, digest) = (stream.station.0, stream.incarnation.0, digest.0.as_slice());
            copy.write(&[&scope, &record.id.0, &station, &incarnation, &no, &subject, &record.kind, &digest, bytes])?;
        }
        copy.finish()?;
    }
    Ok(())
}

fn destroyed(batch: &Batch) -> BTreeSet<String> {
    let destroyed = batch.events.iter().filter(|row| row.record.kind == "GrantsDestroyed");
    let subject = |row: &Row| match Fact::decode(&row.record.kind, &row.record.body) {
        Fact::GrantsDestroyed(destroyed) => Some(destroyed.subject),
        _ => None,
    };
    destroyed.filter_map(subject).collect()
}

/// A new receipt for each stream that grew, and for each that never had one; the same as before for the others.
fn give_receipts(
    db: &mut Transaction,
    centre: &Identity,
    now: Moment,
    held: &mut BTreeMap<StreamId, Held>,
) -> Result<(), Fault> {
    let mut due: Vec<(&StreamId, &mut Held)> =
        held.iter_mut().filter(|(_, held)| held.head.no > 0 && (held.grew || held.receipt.is_none())).collect();
    if due.is_empty() {
        return Ok(());
    }
    let numbers = db.query("SELECT nextval('receipt_no') FROM generate_series(1, $1)", &[&(due.len() as i32)])?;
    for ((stream, held), row) in due.iter_mut().zip(numbers) {
        let no = row.get::<_, i64>(0) as u64;
        held.receipt = Some(sync::centre::receipt(no, (*stream).clone(), held.head, now, &centre.signing));
    }
    let (scopes, stations, incarnations) = columns(due.iter().map(|(stream, _)| *stream));
    let heads: Vec<i64> = due.iter().map(|(_, held)| held.head.no as i64).collect();
    let hashes: Vec<&[u8]> = due.iter().map(|(_, held)| held.head.hash.0.as_slice()).collect();
    let receipts: Vec<Vec<u8>> = due.iter().map(|(_, held)| to_cbor(&held.receipt)).collect();
    db.execute(
        "UPDATE stream SET head = t.head, hash = t.hash, receipt = t.receipt
         FROM unnest($1::text[], $2::uuid[], $3::uuid[], $4::bigint[], $5::bytea[], $6::bytea[])
            AS t (scope, station, incarnation, head, hash, receipt)
         WHERE stream.scope = t.scope AND stream.station = t.station AND stream.incarnation = t.incarnation",
        &[&scopes, &stations, &incarnations, &heads, &hashes, &receipts],
    )?;
    Ok(())
}

fn put_aside(
    db: &mut Transaction,
    now: Moment,
    segments: &[SegmentWithGrants],
    taken: &[Result<&StreamId, Refusal>],
) -> Result<(), Fault> {
    for (push, taken) in segments.iter().zip(taken) {
        let refusal = match taken {
            // What only came too early is not put aside: it will come again.
            Ok(_) | Err(Refusal::Gap { .. }) => continue,
            Err(refusal) => refusal,
        };
        let bytes = &push.segment.0;
        let kept = &bytes[..bytes.len().min(sync::segment::MAX_SEGMENT_BYTES)];
        db.execute(
            "INSERT INTO quarantine (digest, at, refusal, bytes) SELECT $1, $2, $3, $4
             WHERE (SELECT count(*) FROM quarantine) < $5 ON CONFLICT DO NOTHING",
            &[&blake3::hash(bytes).as_bytes().as_slice(), &now.0, &to_cbor(refusal), &kept, &MAX_QUARANTINED],
        )?;
    }
    Ok(())
}

/// Is it about a dossier?
pub(super) fn is_dossier(record: &Record) -> bool {
    matches!(record.subject, Subject::Dossier(_))
}
