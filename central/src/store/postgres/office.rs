//! Cards, groups, tokens, the centre's own events, and what the public may know.

use super::db::Db;
use super::identity::Identity;
use super::pool::Fault;
use super::prepare::prepare;
use super::pull::roster_beyond;
use super::push::take;
use super::rows::damaged;
use super::segments::{around, history};
use super::streams::hold;
use crate::store::Counts;
use crate::store::dossiers::{canonical, state_of};
use intake::event::{Draft, Hlc, Scope, Subject};
use intake::ids::StationId;
use intake::moment::Moment;
use std::collections::{BTreeMap, BTreeSet};
use sync::Refusal;
use sync::centre::{Admission, group_key, new_group, own_event, token_hash};
use sync::checkpoint::Checkpoint;
use sync::protocol::{EnrolAsk, Enrolment, GroupCard, PublicState, SegmentOutcome, SegmentWithGrants, StationCard};
use sync::segment;
use sync::store::{Invitation, StoreFault};
use sync::stream::StreamId;
use sync::wire::{from_cbor, to_cbor};

pub(super) fn card(db: &mut Db, station: StationId) -> Result<Option<StationCard>, Fault> {
    let row = db.query_opt("SELECT card FROM station WHERE id = $1", &[&station.0])?;
    Ok(row.map(|row| from_cbor(row.get(0))).transpose()?)
}

pub(super) fn cards(db: &mut Db, stations: &[StationId]) -> Result<Vec<StationCard>, Fault> {
    let ids: Vec<uuid::Uuid> = stations.iter().map(|station| station.0).collect();
    let rows = db.query("SELECT card FROM station WHERE id = ANY($1)", &[&ids])?;
    Ok(rows.iter().map(|row| from_cbor(row.get(0))).collect::<Result<_, Refusal>>()?)
}

pub(super) fn put_station(db: &mut Db, card: &StationCard) -> Result<(), Fault> {
    let roster = next_roster(db)?;
    db.execute("INSERT INTO station VALUES ($1, $2, $3)", &[&card.station.0, &to_cbor(card), &roster])?;
    Ok(())
}

pub(super) fn put_group(
    db: &mut Db,
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
fn next_roster(db: &mut Db) -> Result<i64, Fault> {
    Ok(db.query_one("UPDATE roster SET last = last + 1 RETURNING last", &[])?.get(0))
}

pub(super) fn ensure_group(db: &mut Db, centre: &Identity, name: &str) -> Result<(), Fault> {
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

pub(super) fn invite(db: &mut Db, centre: &Identity, token: &str, invitation: &Invitation) -> Result<(), Fault> {
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

pub(super) fn enrol(db: &mut Db, centre: &Identity, now: Moment, ask: &EnrolAsk) -> Result<Enrolment, Fault> {
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
    let reads = admission.reads(&invitation);
    for scope in &reads {
        ensure_group(db, centre, scope.as_str())?;
    }
    let mut groups = Vec::new();
    for row in db.query("SELECT DISTINCT ON (name) card, private FROM reader_group ORDER BY name, epoch DESC", &[])? {
        let card: GroupCard = from_cbor(row.get(0))?;
        let private = centre.open_group(&card, row.get(1))?;
        groups.push(group_key(&card, Some(&private), ask, &reads)?);
    }
    let (stations, _, _) = roster_beyond(db, centre, 0, &admission.card.scopes)?;
    let Admission { card, incarnation, .. } = admission;
    Ok(Enrolment { card, incarnation, groups, centre_sign_public: centre.card.sign_public, stations, time: now })
}

/// Writes an event of the centre's own: made, cut and signed like any station's, and taken in the same way.
pub(super) fn publish(db: &mut Db, centre: &Identity, now: Moment, draft: Draft) -> Result<(), Fault> {
    let scopes: BTreeSet<Scope> = draft.scopes.iter().cloned().collect();
    let station = centre.card.station;
    let streams = scopes.into_iter().map(|scope| StreamId { station, incarnation: centre.incarnation, scope });
    let streams: Vec<StreamId> = streams.collect();
    let held = hold(db, streams.iter())?;
    let at = Hlc::tick(last_hlc(db)?, now);
    let groups = db.query("SELECT DISTINCT ON (name) card FROM reader_group ORDER BY name, epoch DESC", &[])?;
    let groups: Vec<GroupCard> = groups.iter().map(|row| from_cbor(row.get(0))).collect::<Result<_, Refusal>>()?;
    let (record, grants) = own_event(&centre.card, centre.incarnation, at, draft, &groups)?;
    let bytes = record.encode();
    let mut segments = Vec::new();
    for (stream, held) in held {
        let segment = segment::make(&stream, centre.card.key_no, held.head, &[&bytes], &centre.signing)?;
        segments.push(SegmentWithGrants { segment: segment.into(), grants: grants.clone() });
    }
    let prepared = prepare(&segments, &BTreeMap::from([(station, centre.card.clone())]));
    let (outcomes, _) = take(db, centre, now, &prepared, &segments, false)?;
    for outcome in outcomes {
        if let SegmentOutcome::Refused(refusal) = outcome {
            return Err(StoreFault::Invalid(refusal.to_string()).into());
        }
    }
    db.execute("UPDATE meta SET value = $1 WHERE name = 'clock'", &[&to_cbor(&at)])?;
    Ok(())
}

/// The centre's own clock as it last wrote; its row is held, so that it never goes back.
fn last_hlc(db: &mut Db) -> Result<Hlc, Fault> {
    db.execute("INSERT INTO meta VALUES ('clock', $1) ON CONFLICT DO NOTHING", &[&to_cbor(&Hlc::default())])?;
    let row = db.query_one("SELECT value FROM meta WHERE name = 'clock' FOR UPDATE", &[])?;
    Ok(from_cbor(row.get(0))?)
}

pub(super) fn countersign(db: &mut Db, centre: &Identity, asked: &Checkpoint) -> Result<Checkpoint, Fault> {
    let station = asked.stream.station;
    let card = card(db, station)?.ok_or(Refusal::UnknownStation { station })?;
    asked.check(&card.sign_public)?;
    let events = around(db, &asked.stream, asked.no)?;
    let held = events.iter().find(|(_, _, head)| head.no == asked.no);
    if held.map(|(_, _, head)| head.hash) != Some(asked.hash) {
        return Err(Refusal::Fork { no: asked.no }.into());
    }
    let StreamId { scope, incarnation, .. } = &asked.stream;
    let (scope, no) = (scope.as_str(), asked.no as i64);
    let signed = asked.clone().countersigned(&centre.signing);
    db.execute(
        "INSERT INTO checkpoint VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (scope, station, incarnation, no) DO UPDATE SET bytes = excluded.bytes",
        &[&scope, &station.0, &incarnation.0, &no, &to_cbor(&signed)],
    )?;
    Ok(signed)
}

/// Notes which dossiers go by these codes.
pub(super) fn note_codes(db: &mut Db, codes: &BTreeMap<&String, &String>) -> Result<(), Fault> {
    if codes.is_empty() {
        return Ok(());
    }
    let (codes, subjects): (Vec<&String>, Vec<&String>) = codes.iter().unzip();
    db.execute(
        "INSERT INTO dossier_code SELECT code, subject FROM unnest($1::text[], $2::text[]) AS t (code, subject)
         ORDER BY code ON CONFLICT (code) DO UPDATE SET subject = excluded.subject
         WHERE dossier_code.subject <> excluded.subject",
        &[&codes, &subjects],
    )?;
    Ok(())
}

/// Folded when it is asked: of a dossier few events are held, and few dossiers are looked up of those that are written.
pub(super) fn public_state(db: &mut Db, typed: &str) -> Result<Option<PublicState>, Fault> {
    let Some(code) = canonical(typed) else { return Ok(None) };
    let Some(row) = db.query_opt("SELECT subject FROM dossier_code WHERE code = $1", &[&code])? else {
        return Ok(None);
    };
    let subject = row.get::<_, &str>(0).parse().map_err(|_| damaged("a dossier's name"))?;
    let Subject::Dossier(id) = subject else { return Ok(None) };
    let state = state_of(id, &history(db, &subject)?);
    Ok(state.filter(|(_, names)| names.contains(&code)).map(|(state, _)| state))
}

/// Counted where they were written, so that asking often costs little: an event counts in its home's stream.
pub(super) fn counts(db: &mut Db) -> Result<Counts, Fault> {
    let row = db.query_one(
        "SELECT (SELECT coalesce(sum(firsts), 0)::bigint FROM stream), (SELECT count(*) FROM stream WHERE head > 0),
                (SELECT count(*) FROM station), pg_database_size(current_database())",
        &[],
    )?;
    let number = |at| row.get::<_, i64>(at) as u64;
    Ok(Counts { events: number(0), streams: number(1), stations: number(2), bytes: number(3) })
}

/// A standby, a database without room and one that is not there all fail here.
pub(super) fn check_writable(db: &mut Db) -> Result<(), Fault> {
    db.execute("UPDATE roster SET last = last WHERE one = 1", &[])?;
    Ok(())
}
