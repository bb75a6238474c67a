//! Cards, groups, tokens, the centre's own events, and what the public may know.

use super::identity::Identity;
use super::pool::Fault;
use super::pull::roster_beyond;
use super::push::{is_dossier, take};
use super::rows::{damaged, head_at};
use crate::store::Counts;
use crate::store::dossiers::{canonical, state_of};
use intake::event::{Draft, Event, Hlc, Scope, Subject};
use intake::ids::StationId;
use intake::moment::Moment;
use postgres::Transaction;
use std::collections::{BTreeMap, BTreeSet};
use sync::Refusal;
use sync::centre::{Admission, group_key, new_group, own_event, token_hash};
use sync::checked::check_all;
use sync::checkpoint::Checkpoint;
use sync::protocol::{EnrolAsk, Enrolment, GroupCard, PublicState, SegmentOutcome, SegmentWithGrants, StationCard};
use sync::record::Record;
use sync::segment::{self, Segment};
use sync::store::{Invitation, StoreFault};
use sync::stream::{Head, StreamId};
use sync::wire::{from_cbor, to_cbor};

pub(super) fn card(db: &mut Transaction, station: StationId) -> Result<Option<StationCard>, Fault> {
    let row = db.query_opt("SELECT card FROM station WHERE id = $1", &[&station.0])?;
    Ok(row.map(|row| from_cbor(row.get(0))).transpose()?)
}

pub(super) fn put_station(db: &mut Transaction, card: &StationCard) -> Result<(), Fault> {
    let roster = next_roster(db)?;
    db.execute("INSERT INTO station VALUES ($1, $2, $3)", &[&card.station.0, &to_cbor(card), &roster])?;
    Ok(())
}

pub(super) fn put_group(
    db: &mut Transaction,
    centre: &Identity,
    card: &GroupCard,
    private: &sync::wrap::Secret,
) -> Result<(), Fault> {
    let sealed = centre.seal_group(card, private)?;
    let (roster, epoch) = (next_roster(db)?, card.epoch as i32);
    db.execute(
        "INSERT INTO reader_group VALUES ($1, $2, $3, $4, $5)",
        &[&card.name, &epoch, &to_cbor(card), &sealed, &roster],
    )?;
    Ok(())
}

/// The next number of the roster. Its row is held until the transaction ends, so that numbers become visible in order.
fn next_roster(db: &mut Transaction) -> Result<i64, Fault> {
    Ok(db.query_one("UPDATE roster SET last = last + 1 RETURNING last", &[])?.get(0))
}

pub(super) fn ensure_group(db: &mut Transaction, centre: &Identity, name: &str) -> Result<(), Fault> {
    let there = "SELECT 1 FROM reader_group WHERE name = $1";
    if db.query_opt(there, &[&name])?.is_some() {
        return Ok(());
    }
    // Two nodes may make the same group at once: the second waits here and then finds it.
    db.execute("SELECT 1 FROM roster FOR UPDATE", &[])?;
    if db.query_opt(there, &[&name])?.is_some() {
        return Ok(());
    }
    let (card, private) = new_group(name, &centre.signing)?;
    put_group(db, centre, &card, &private)
}

pub(super) fn invite(
    db: &mut Transaction,
    centre: &Identity,
    token: &str,
    invitation: &Invitation,
) -> Result<(), Fault> {
    for scope in invitation.scopes.iter().chain(&invitation.reads) {
        ensure_group(db, centre, scope.as_str())?;
    }
    let hash = token_hash(token);
    db.execute(
        "INSERT INTO invitation (token, invitation) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        &[&hash.as_slice(), &to_cbor(invitation)],
    )?;
    Ok(())
}

pub(super) fn enrol(db: &mut Transaction, centre: &Identity, now: Moment, ask: &EnrolAsk) -> Result<Enrolment, Fault> {
    let hash = token_hash(&ask.token);
    let row =
        db.query_opt("SELECT invitation, used FROM invitation WHERE token = $1 FOR UPDATE", &[&hash.as_slice()])?;
    let row = row.ok_or(Refusal::BadToken)?;
    let invitation: Invitation = from_cbor(row.get(0))?;
    let used: Option<Admission> = row.get::<_, Option<&[u8]>>(1).map(from_cbor).transpose()?;
    let admission = match used {
        Some(used) => used,
        None if now > invitation.expires_at || ask.role != invitation.role => return Err(Refusal::BadToken.into()),
        None => {
            let new = Admission::new(ask, &invitation, &centre.signing)?;
            put_station(db, &new.card)?;
            db.execute("UPDATE invitation SET used = $2 WHERE token = $1", &[&hash.as_slice(), &to_cbor(&new)])?;
            new
        }
    };
    if !admission.is_for(ask) {
        return Err(Refusal::BadToken.into());
    }
    let mut groups = Vec::new();
    for row in db.query("SELECT DISTINCT ON (name) card, private FROM reader_group ORDER BY name, epoch DESC", &[])? {
        let card: GroupCard = from_cbor(row.get(0))?;
        let private = centre.open_group(&card, row.get(1))?;
        groups.push(group_key(&card, Some(&private), ask, &invitation)?);
    }
    let (stations, _, _) = roster_beyond(db, centre, 0, &admission.card.scopes)?;
    super::listen::tell(db, &admission.card.scopes)?;
    let Admission { card, incarnation, .. } = admission;
    Ok(Enrolment { card, incarnation, groups, centre_sign_public: centre.card.sign_public, stations, time: now })
}

/// Writes an event of the centre's own: made, cut and signed like any station's, and taken in the same way.
pub(super) fn publish(db: &mut Transaction, centre: &Identity, now: Moment, draft: Draft) -> Result<(), Fault> {
    let scopes: BTreeSet<Scope> = draft.scopes.iter().cloned().collect();
    let mut heads = Vec::new();
    for scope in scopes {
        let stream = StreamId { station: centre.card.station, incarnation: centre.incarnation, scope };
        heads.push((hold_own(db, &stream)?, stream));
    }
    let at = Hlc::tick(last_hlc(db, centre)?, now);
    let groups = db.query("SELECT DISTINCT ON (name) card FROM reader_group ORDER BY name, epoch DESC", &[])?;
    let groups: Vec<GroupCard> = groups.iter().map(|row| from_cbor(row.get(0))).collect::<Result<_, Refusal>>()?;
    let (record, grants) = own_event(&centre.card, centre.incarnation, at, draft, &groups)?;
    let bytes = record.encode();
    let mut segments = Vec::new();
    for (head, stream) in heads {
        let segment = segment::make(&stream, centre.card.key_no, head, &[&bytes], &centre.signing)?;
        segments.push(SegmentWithGrants { segment: segment.into(), grants: grants.clone() });
    }
    let cards = BTreeMap::from([(centre.card.station, centre.card.clone())]);
    let checked = check_all(&segments, &cards);
    for outcome in take(db, centre, now, &segments, &checked)? {
        if let SegmentOutcome::Refused(refusal) = outcome {
            return Err(StoreFault::Invalid(refusal.to_string()).into());
        }
    }
    db.execute(
        "INSERT INTO meta VALUES ('clock', $1) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        &[&to_cbor(&at)],
    )?;
    Ok(())
}

/// The row of a stream of the centre's own, held.
fn hold_own(db: &mut Transaction, stream: &StreamId) -> Result<Head, Fault> {
    let (scope, station, incarnation) = (stream.scope.as_str(), stream.station.0, stream.incarnation.0);
    db.execute(
        "INSERT INTO stream (scope, station, incarnation, head, hash) VALUES ($1, $2, $3, 0, $4) ON CONFLICT DO NOTHING",
        &[&scope, &station, &incarnation, &stream.origin().0.as_slice()],
    )?;
    let row = db.query_one(
        "SELECT head, hash FROM stream WHERE scope = $1 AND station = $2 AND incarnation = $3 FOR UPDATE",
        &[&scope, &station, &incarnation],
    )?;
    Ok(head_at(&row, 0)?)
}

/// The centre's own clock as it last wrote; its row is held, so that it never goes back.
fn last_hlc(db: &mut Transaction, _: &Identity) -> Result<Hlc, Fault> {
    db.execute("INSERT INTO meta VALUES ('clock', $1) ON CONFLICT DO NOTHING", &[&to_cbor(&Hlc::default())])?;
    let row = db.query_one("SELECT value FROM meta WHERE name = 'clock' FOR UPDATE", &[])?;
    Ok(from_cbor(row.get(0))?)
}

pub(super) fn countersign(db: &mut Transaction, centre: &Identity, asked: &Checkpoint) -> Result<Checkpoint, Fault> {
    let station = asked.stream.station;
    let card = card(db, station)?.ok_or(Refusal::UnknownStation { station })?;
    asked.check(&card.sign_public)?;
    let StreamId { scope, incarnation, .. } = &asked.stream;
    let (scope, no) = (scope.as_str(), asked.no as i64);
    let row = db.query_opt(
        "SELECT bytes FROM segment WHERE scope = $1 AND station = $2 AND incarnation = $3 AND last >= $4 AND first <= $4
         ORDER BY last LIMIT 1",
        &[&scope, &station.0, &incarnation.0, &no],
    )?;
    let held = match &row {
        None => None,
        Some(row) => Segment::parse(row.get(0))?.events()?.into_iter().find(|(_, _, head)| head.no == asked.no),
    };
    if held.map(|(_, _, head)| head.hash) != Some(asked.hash) {
        return Err(Refusal::Fork { no: asked.no }.into());
    }
    let signed = asked.clone().countersigned(&centre.signing);
    db.execute(
        "INSERT INTO checkpoint VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (scope, station, incarnation, no) DO UPDATE SET bytes = excluded.bytes",
        &[&scope, &station.0, &incarnation.0, &no, &to_cbor(&signed)],
    )?;
    Ok(signed)
}

/// Folds the dossiers again of which there is something new. Each one's row is held, in order, so that of two nodes which
/// take in events of one dossier the second sees what the first wrote.
pub(super) fn fold_dossiers<'a>(db: &mut Transaction, records: impl Iterator<Item = &'a Record>) -> Result<(), Fault> {
    let mut subjects: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for record in records.filter(|record| is_dossier(record)) {
        subjects.entry(record.subject.to_string()).or_default().extend(record.scopes.iter().map(Scope::as_str));
    }
    if subjects.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = subjects.keys().map(String::as_str).collect();
    let scopes: Vec<&str> = subjects.values().flatten().copied().collect::<BTreeSet<_>>().into_iter().collect();
    db.execute("INSERT INTO dossier (subject) SELECT unnest($1::text[]) ORDER BY 1 ON CONFLICT DO NOTHING", &[&names])?;
    db.execute("SELECT 1 FROM dossier WHERE subject = ANY($1) ORDER BY subject FOR UPDATE", &[&names])?;
    let rows = db.query("SELECT bytes FROM event WHERE scope = ANY($1) AND subject = ANY($2)", &[&scopes, &names])?;
    let mut histories: BTreeMap<Subject, Vec<Event>> = BTreeMap::new();
    for row in &rows {
        let event = Record::decode(row.get(0))?.into_event();
        histories.entry(event.subject.clone()).or_default().push(event);
    }
    let (mut of, mut states, mut codes, mut coded) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (subject, mut history) in histories {
        history.sort_by_key(Event::order);
        history.dedup_by_key(|event| event.id);
        let Subject::Dossier(id) = subject else { continue };
        let Some((state, names)) = state_of(id, &history) else { continue };
        coded.extend(names.iter().map(|_| subject.to_string()));
        codes.extend(names);
        of.push(subject.to_string());
        states.push(to_cbor(&state));
    }
    db.execute(
        "UPDATE dossier SET state = t.state FROM unnest($1::text[], $2::bytea[]) AS t (subject, state)
         WHERE dossier.subject = t.subject",
        &[&of, &states],
    )?;
    db.execute(
        "INSERT INTO dossier_code SELECT DISTINCT ON (code) code, subject FROM unnest($1::text[], $2::text[]) AS t (code, subject)
         ORDER BY code ON CONFLICT (code) DO UPDATE SET subject = excluded.subject
         WHERE dossier_code.subject <> excluded.subject",
        &[&codes, &coded],
    )?;
    Ok(())
}

pub(super) fn public_state(db: &mut Transaction, typed: &str) -> Result<Option<PublicState>, Fault> {
    let Some(code) = canonical(typed) else { return Ok(None) };
    let row = db.query_opt(
        "SELECT state FROM dossier_code JOIN dossier USING (subject) WHERE code = $1 AND state IS NOT NULL",
        &[&code],
    )?;
    Ok(row.map(|row| from_cbor(row.get(0))).transpose()?)
}

pub(super) fn counts(db: &mut Transaction) -> Result<Counts, Fault> {
    let row = db.query_one(
        "SELECT (SELECT count(DISTINCT id) FROM event), (SELECT count(*) FROM stream WHERE head > 0),
                (SELECT count(*) FROM station), pg_database_size(current_database())",
        &[],
    )?;
    let number = |at| row.get::<_, i64>(at) as u64;
    Ok(Counts { events: number(0), streams: number(1), stations: number(2), bytes: number(3) })
}

pub(super) fn events(db: &mut Transaction) -> Result<Vec<Event>, Fault> {
    let rows = db.query("SELECT DISTINCT ON (id) bytes FROM event ORDER BY id", &[])?;
    let read = |row: &postgres::Row| Record::decode(row.get(0)).map(Record::into_event);
    let mut events: Vec<Event> = rows.iter().map(read).collect::<Result<_, _>>().map_err(|_| damaged("an event"))?;
    events.sort_by_key(Event::order);
    Ok(events)
}

/// A standby, a database without room and one that is not there all fail here.
pub(super) fn check_writable(db: &mut Transaction) -> Result<(), Fault> {
    db.execute("UPDATE roster SET last = last WHERE one = 1", &[])?;
    Ok(())
}
