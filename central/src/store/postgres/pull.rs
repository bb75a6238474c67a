//! Answering a pull: by heads, so that nothing is skipped that commits late.

use super::db::Db;
use super::identity::Identity;
use super::pool::Fault;
use super::rows::{columns, segment_at, stream_at};
use intake::event::Scope;
use intake::moment::Moment;
use std::collections::{BTreeMap, BTreeSet};
use sync::Refusal;
use sync::protocol::{GroupCard, PullAnswer, PullAsk, Receipt, SegmentWithGrants, StationCard};
use sync::segment::Segment;
use sync::stream::StreamId;
use sync::wire::from_cbor;
use uuid::Uuid;

/// Segments that are asked of the database at once.
const AT_ONCE: i64 = 256;

pub(super) fn answer(db: &mut Db, centre: &Identity, now: Moment, ask: &PullAsk) -> Result<PullAnswer, Fault> {
    // One moment of the database for all parts of the answer.
    db.say("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")?;
    let (segments, more) = segments_beyond(db, ask)?;
    let (mut stations, groups, roster) = roster_beyond(db, centre, ask.roster, &ask.scopes)?;
    // Any commune takes dossiers of any authority: who works elsewhere is in nobody's roster here.
    stations.extend(senders(db, &segments)?.into_iter().filter(|card| !card.works_in(&ask.scopes)));
    let receipts = receipts_beyond(db, &ask.receipted)?;
    Ok(PullAnswer { segments, stations, groups, roster, receipts, more, time: now })
}

/// First the streams that are held further than the asker says, then their segments: the cost grows with what is new and
/// with the streams of the scopes, never with their history. Bytes beyond the limit are not read.
fn segments_beyond(db: &mut Db, ask: &PullAsk) -> Result<(Vec<SegmentWithGrants>, bool), Fault> {
    let scopes: Vec<&str> = ask.scopes.iter().map(Scope::as_str).collect();
    let (of, stations, incarnations) = columns(ask.heads.0.iter().map(|(stream, _)| stream));
    let have: Vec<i64> = ask.heads.0.iter().map(|(_, head)| i64::try_from(head.no).unwrap_or(i64::MAX)).collect();
    let limit = i64::try_from(ask.limit_bytes).unwrap_or(i64::MAX);
    let rows = db.query(
        "WITH behind AS MATERIALIZED (
           SELECT scope, station, incarnation, coalesce(h.no, 0) AS have FROM stream
           LEFT JOIN unnest($2::text[], $3::uuid[], $4::uuid[], $5::bigint[]) AS h (scope, station, incarnation, no)
             USING (scope, station, incarnation)
           WHERE (scope = ANY($1) OR station = $8) AND head > coalesce(h.no, 0)
           ORDER BY scope, station, incarnation LIMIT $6),
         found AS (
           SELECT s.*, sum(octet_length(s.bytes)) OVER each - octet_length(s.bytes) AS before
           FROM behind AS b CROSS JOIN LATERAL (
             SELECT * FROM segment
             WHERE scope = b.scope AND station = b.station AND incarnation = b.incarnation AND last > b.have
             ORDER BY last, first LIMIT $6) AS s
           WINDOW each AS (ORDER BY s.scope, s.station, s.incarnation, s.last, s.first)
           ORDER BY s.scope, s.station, s.incarnation, s.last, s.first LIMIT $6)
         SELECT scope, station, incarnation, last,
           CASE WHEN before = 0 OR before + octet_length(bytes) <= $7 THEN bytes END, grants
         FROM found ORDER BY scope, station, incarnation, last, first",
        &[&scopes, &of, &stations, &incarnations, &have, &AT_ONCE, &limit, &ask.own.map(|own| own.0)],
    )?;
    let mut reached: BTreeMap<StreamId, i64> = BTreeMap::new();
    let mut segments: Vec<SegmentWithGrants> = Vec::new();
    for row in &rows {
        let (stream, last) = (stream_at(row, 0), row.get::<_, i64>(3));
        if row.get::<_, Option<&[u8]>>(4).is_none() {
            return Ok((segments, true));
        }
        // Another cut of what was sent just now.
        if reached.get(&stream).is_some_and(|reached| last <= *reached) {
            continue;
        }
        reached.insert(stream, last);
        segments.push(segment_at(row, 4)?);
    }
    Ok((segments, rows.len() as i64 == AT_ONCE))
}

/// The cards of the stations of which these segments are.
fn senders(db: &mut Db, segments: &[SegmentWithGrants]) -> Result<Vec<StationCard>, Fault> {
    let of = |push: &SegmentWithGrants| Segment::parse(&push.segment.0).map(|segment| segment.header.stream.station.0);
    let ids: BTreeSet<Uuid> = segments.iter().filter_map(|push| of(push).ok()).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Uuid> = ids.into_iter().collect();
    let rows = db.query("SELECT card FROM station WHERE id = ANY($1)", &[&ids])?;
    Ok(rows.iter().map(|row| from_cbor(row.get(0))).collect::<Result<_, Refusal>>()?)
}

/// Cards of stations that work in one of the scopes (and the centre's), and of groups, added after `roster`.
pub(super) fn roster_beyond(
    db: &mut Db,
    centre: &Identity,
    roster: u64,
    scopes: &[Scope],
) -> Result<(Vec<StationCard>, Vec<GroupCard>, u64), Fault> {
    let last = db.query_one("SELECT last FROM roster", &[])?.get::<_, i64>(0) as u64;
    // A number beyond the last is another end's, of a hub perhaps: it counts for nothing here.
    let roster = if roster > last { 0 } else { roster };
    if last == roster {
        return Ok((Vec::new(), Vec::new(), last));
    }
    let beyond = roster as i64;
    let rows = db.query("SELECT card FROM station WHERE roster > $1 ORDER BY roster", &[&beyond])?;
    let stations: Vec<StationCard> = rows.iter().map(|row| from_cbor(row.get(0))).collect::<Result<_, Refusal>>()?;
    let concerns = |card: &StationCard| card.sign_public == centre.card.sign_public || card.works_in(scopes);
    let rows = db.query("SELECT card FROM reader_group WHERE roster > $1 ORDER BY name, epoch", &[&beyond])?;
    let groups = rows.iter().map(|row| from_cbor(row.get(0))).collect::<Result<_, Refusal>>()?;
    Ok((stations.into_iter().filter(concerns).collect(), groups, last))
}

fn receipts_beyond(db: &mut Db, receipted: &[(StreamId, u64)]) -> Result<Vec<Receipt>, Fault> {
    if receipted.is_empty() {
        return Ok(Vec::new());
    }
    let (scopes, stations, incarnations) = columns(receipted.iter().map(|(stream, _)| stream));
    let had: Vec<i64> = receipted.iter().map(|(_, no)| *no as i64).collect();
    let rows = db.query(
        "SELECT receipt FROM stream JOIN unnest($1::text[], $2::uuid[], $3::uuid[], $4::bigint[])
           AS t (scope, station, incarnation, had) USING (scope, station, incarnation)
         WHERE receipt IS NOT NULL AND head > had",
        &[&scopes, &stations, &incarnations, &had],
    )?;
    Ok(rows.iter().map(|row| from_cbor(row.get(0))).collect::<Result<_, Refusal>>()?)
}

/// The receipts of these streams once more, with their rows held: that is a write, and its commit waits until all before it
/// is on the standby's disk. A primary that crashed and came back shows what it may not have sent on, and a receipt for that
/// would be worth one disk.
pub(super) fn settled_receipts(db: &mut Db, of: &[Receipt]) -> Result<Vec<Receipt>, Fault> {
    let (scopes, stations, incarnations) = columns(of.iter().map(|receipt| &receipt.stream));
    let rows = db.query(
        "SELECT receipt FROM stream JOIN unnest($1::text[], $2::uuid[], $3::uuid[])
           AS t (scope, station, incarnation) USING (scope, station, incarnation)
         WHERE receipt IS NOT NULL ORDER BY scope, station, incarnation FOR KEY SHARE OF stream",
        &[&scopes, &stations, &incarnations],
    )?;
    Ok(rows.iter().map(|row| from_cbor(row.get(0))).collect::<Result<_, Refusal>>()?)
}
