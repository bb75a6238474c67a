//! Taking in segments: checked before any row is held, written by COPY, one durable transaction a batch. Whatever is asked
//! of a table that a cluster would distribute names its scope.

use super::db::Db;
use super::identity::Identity;
use super::pool::Fault;
use super::prepare::Prepared;
use super::rows::{damaged, hash_of};
use super::segments::around;
use super::streams::{Held, Holdings, give_receipts, hold};
use super::{grants, office, people};
use intake::event::Scope;
use intake::fact::Fact;
use intake::moment::Moment;
use postgres::binary_copy::BinaryCopyInWriter;
use postgres::types::Type;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use sync::Refusal;
use sync::grant::Grant;
use sync::protocol::{SegmentOutcome, SegmentWithGrants};
use sync::record::Record;
use sync::stream::{Head, StreamId};
use sync::wire::{Hash, to_cbor};
use uuid::Uuid;

/// What is kept of refused bytes, at most.
const MAX_QUARANTINED: i64 = 4_096;

/// An event that will have a row.
struct Row<'a> {
    stream: &'a StreamId,
    no: u64,
    record: &'a Record,
    subject: &'a str,
    digest: Hash,
}

/// What a batch will write.
#[derive(Default)]
struct Batch<'a> {
    events: Vec<Row<'a>>,
    /// With the grants that stay beside each.
    segments: Vec<(&'a Prepared<'a>, Vec<u8>)>,
    /// What is known of event ids, by scope: in the database, and earlier in this batch.
    known: HashMap<&'a str, HashMap<Uuid, Hash>>,
}

/// Takes in what fits; says of each segment what became of it, and in which scopes there is something new.
///
/// An event that is not held yet is the rule, so its own scope is not searched for it: the primary key tells, the
/// transaction is tried again, and then `search` is true.
pub(super) fn take(
    db: &mut Db,
    centre: &Identity,
    now: Moment,
    prepared: &[Result<Prepared, Refusal>],
    segments: &[SegmentWithGrants],
    search: bool,
) -> Result<(Vec<SegmentOutcome>, BTreeSet<Scope>), Fault> {
    let good = || prepared.iter().flatten();
    grants::enter(db, good().any(grants_are_touched), good().any(forgets))?;
    let mut held = hold(db, good().map(|prepared| &prepared.checked.header.stream))?;
    let mut batch = Batch { known: known_events(db, prepared, search)?, ..Batch::default() };
    let forgotten = grants::forgotten(db, good())?;
    let mut taken: Vec<Result<&StreamId, Refusal>> = Vec::with_capacity(segments.len());
    for prepared in prepared {
        taken.push(match prepared {
            Err(refusal) => Err(refusal.clone()),
            Ok(prepared) => {
                let fits = take_one(db, &mut held, &mut batch, prepared, &forgotten)?;
                fits.map(|()| &prepared.checked.header.stream)
            }
        });
    }
    write(db, &batch)?;
    let codes = batch.segments.iter().flat_map(|(prepared, _)| &prepared.codes).collect();
    office::note_codes(db, &codes)?;
    let remembered = |grant: &&Grant| !forgotten.contains(&grant.subject);
    let brought = batch.segments.iter().flat_map(|(prepared, _)| &prepared.checked.grants);
    people::note(db, brought.filter(remembered))?;
    grants::destroy(db, &destroyed(&batch))?;
    put_aside(db, now, segments, &taken)?;
    give_receipts(db, centre, now, &mut held)?;
    let scopes = taken.iter().flatten().map(|stream| stream.scope.clone()).collect();
    let outcome = |taken: Result<&StreamId, Refusal>| {
        let receipt = taken.and_then(|stream| {
            held.get(stream).and_then(|held| held.receipt.clone()).ok_or(Refusal::malformed("nothing to confirm"))
        });
        crate::store::outcome(receipt, SegmentOutcome::Receipt)
    };
    Ok((taken.into_iter().map(outcome).collect(), scopes))
}

fn grants_are_touched(prepared: &Prepared) -> bool {
    !prepared.checked.grants.is_empty()
}

fn forgets(prepared: &Prepared) -> bool {
    prepared.checked.events.iter().any(|(_, record, _)| record.kind == "GrantsDestroyed")
}

/// What is held under the ids of these events in their other scopes (and, where `search`, in their stream's own).
fn known_events<'a>(
    db: &mut Db,
    prepared: &'a [Result<Prepared, Refusal>],
    search: bool,
) -> Result<HashMap<&'a str, HashMap<Uuid, Hash>>, Fault> {
    let mut asked: BTreeMap<&str, Vec<Uuid>> = BTreeMap::new();
    for checked in prepared.iter().flatten().map(|prepared| &prepared.checked) {
        let own = &checked.header.stream.scope;
        for (_, record, _) in &checked.events {
            for scope in record.scopes.iter().filter(|scope| search || *scope != own) {
                asked.entry(scope.as_str()).or_default().push(record.id.0);
            }
        }
    }
    let mut known: HashMap<&str, HashMap<Uuid, Hash>> = HashMap::new();
    for (scope, ids) in asked {
        let rows = db.query("SELECT id, digest FROM event WHERE scope = $1 AND id = ANY($2)", &[&scope, &ids])?;
        let found = rows.iter().map(|row| Ok((row.get(0), hash_of(row.get(1))?)));
        known.insert(scope, found.collect::<Result<_, Fault>>()?);
    }
    Ok(known)
}

/// Whether a segment continues what is held; if so it joins the batch. A refusal leaves nothing of it behind.
fn take_one<'a>(
    db: &mut Db,
    held: &mut Holdings,
    batch: &mut Batch<'a>,
    prepared: &'a Prepared<'a>,
    forgotten: &BTreeSet<String>,
) -> Result<Result<(), Refusal>, Fault> {
    let header = &prepared.checked.header;
    let Some(of) = held.get_mut(&header.stream) else { return Err(damaged("a stream's row").into()) };
    let before = header.before();
    if before.no > of.head.no {
        return Ok(Err(Refusal::Gap { have: of.head.no, want: header.first }));
    }
    if hash_at(db, batch, &header.stream, of.head, before.no)? != Some(before.hash) {
        return Ok(Err(Refusal::Fork { no: before.no.max(1) }));
    }
    let remembered: Vec<Grant> =
        prepared.checked.grants.iter().filter(|grant| !forgotten.contains(&grant.subject)).cloned().collect();
    if header.last_no() <= of.head.no {
        if hash_at(db, batch, &header.stream, of.head, header.last_no())? != Some(header.last) {
            return Ok(Err(Refusal::Fork { no: header.first }));
        }
        grants::add(db, &prepared.checked, remembered)?;
        return Ok(Ok(()));
    }
    let rows = match new_rows(batch, of, prepared) {
        Ok(rows) => rows,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let known = batch.known.entry(header.stream.scope.as_str()).or_default();
    for row in rows {
        if known.insert(row.record.id.0, row.digest).is_none() {
            of.firsts += i64::from(*row.record.home() == header.stream.scope);
            batch.events.push(row);
        }
    }
    batch.segments.push((prepared, to_cbor(&remembered)));
    (of.head, of.grew) = (Head { no: header.last_no(), hash: header.last }, true);
    Ok(Ok(()))
}

/// The events of a segment beyond what is held.
fn new_rows<'a>(batch: &Batch, of: &Held, prepared: &'a Prepared<'a>) -> Result<Vec<Row<'a>>, Refusal> {
    let events = prepared.checked.events.iter().zip(&prepared.digests).zip(&prepared.subjects);
    let mut rows = Vec::with_capacity(prepared.checked.events.len());
    for (((_, record, head), digest), subject) in events {
        if head.no == of.head.no && head.hash != of.head.hash {
            return Err(Refusal::Fork { no: head.no });
        }
        if head.no <= of.head.no {
            continue;
        }
        let known = |scope: &Scope| batch.known.get(scope.as_str())?.get(&record.id.0);
        if record.scopes.iter().filter_map(known).any(|known| known != digest) {
            return Err(Refusal::Fork { no: head.no });
        }
        let stream = &prepared.checked.header.stream;
        rows.push(Row { stream, no: head.no, record, subject, digest: *digest });
    }
    Ok(rows)
}

/// The chain's hash at a number that is held: at the head, at a segment's end in this batch or before, or within one.
fn hash_at(db: &mut Db, batch: &Batch, stream: &StreamId, head: Head, no: u64) -> Result<Option<Hash>, Fault> {
    if no == 0 {
        return Ok(Some(stream.origin()));
    }
    if no == head.no {
        return Ok(Some(head.hash));
    }
    let here = batch.segments.iter().map(|(prepared, _)| &prepared.checked);
    let mut positions = here.filter(|checked| checked.header.stream == *stream).flat_map(|checked| &checked.events);
    if let Some((_, _, head)) = positions.find(|(_, _, head)| head.no == no) {
        return Ok(Some(head.hash));
    }
    let events = around(db, stream, no)?;
    Ok(events.into_iter().find(|(_, _, head)| head.no == no).map(|(_, _, head)| head.hash))
}

fn write(db: &mut Db, batch: &Batch) -> Result<(), Fault> {
    if !batch.segments.is_empty() {
        let copy = db.copy_in(
            "COPY segment (scope, station, incarnation, last, first, bytes, grants) FROM STDIN (FORMAT binary)",
        )?;
        let types = [Type::TEXT, Type::UUID, Type::UUID, Type::INT8, Type::INT8, Type::BYTEA, Type::BYTEA];
        let mut copy = BinaryCopyInWriter::new(copy, &types);
        for (prepared, grants) in &batch.segments {
            let (header, stream) = (&prepared.checked.header, &prepared.checked.header.stream);
            let (last, first) = (header.last_no() as i64, header.first as i64);
            let scope = stream.scope.as_str();
            copy.write(&[&scope, &stream.station.0, &stream.incarnation.0, &last, &first, &prepared.bytes, grants])?;
        }
        copy.finish()?;
    }
    if !batch.events.is_empty() {
        let copy = db.copy_in(
            "COPY event (scope, id, station, incarnation, no, subject, kind, digest) FROM STDIN (FORMAT binary)",
        )?;
        let (text, uuid) = (Type::TEXT, Type::UUID);
        let types = [&text, &uuid, &uuid, &uuid, &Type::INT8, &text, &text, &Type::BYTEA].map(Type::clone);
        let mut copy = BinaryCopyInWriter::new(copy, &types);
        for Row { stream, no, record, subject, digest } in &batch.events {
            let (scope, no, digest) = (stream.scope.as_str(), *no as i64, digest.0.as_slice());
            let (station, incarnation) = (stream.station.0, stream.incarnation.0);
            copy.write(&[&scope, &record.id.0, &station, &incarnation, &no, subject, &record.kind, &digest])?;
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

fn put_aside(
    db: &mut Db,
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
