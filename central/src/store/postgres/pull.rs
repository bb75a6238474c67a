//! Answering a pull: by heads, so that nothing is skipped that commits late.

use super::identity::Identity;
use super::pool::Fault;
use super::rows::{columns, segment_at, stream_at};
use intake::event::Scope;
use intake::moment::Moment;
use postgres::Transaction;
use std::collections::BTreeMap;
use sync::Refusal;
use sync::protocol::{GroupCard, PullAnswer, PullAsk, Receipt, SegmentWithGrants, StationCard};
use sync::stream::StreamId;
use sync::wire::from_cbor;

/// Segments that are asked of the database at once.
const AT_ONCE: i64 = 128;

pub(super) fn answer(db: &mut Transaction, centre: &Identity, now: Moment, ask: &PullAsk) -> Result<PullAnswer, Fault> {
    // One moment of the database for all parts of the answer.
    db.batch_execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")?;
    let (segments, more) = segments_beyond(db, ask)?;
    let (stations, groups, roster) = roster_beyond(db, centre, ask.roster, &ask.scopes)?;
    let receipts = receipts_beyond(db, &ask.receipted)?;
    Ok(PullAnswer { segments, stations, groups, roster, receipts, more, time: now })
}

fn segments_beyond(db: &mut Transaction, ask: &PullAsk) -> Result<(Vec<SegmentWithGrants>, bool), Fault> {
    let scopes: Vec<&str> = ask.scopes.iter().map(Scope::as_str).collect();
    let (of, stations, incarnations) = columns(ask.heads.0.iter().map(|(stream, _)| stream));
    let have: Vec<i64> = ask.heads.0.iter().map(|(_, head)| i64::try_from(head.no).unwrap_or(i64::MAX)).collect();
    let rows = db.query(
        "SELECT s.scope, s.station, s.incarnation, s.first, s.last, s.bytes, s.grants FROM segment s
         LEFT JOIN unnest($2::text[], $3::uuid[], $4::uuid[], $5::bigint[]) AS h (scope, station, incarnation, no)
           ON h.scope = s.scope AND h.station = s.station AND h.incarnation = s.incarnation
         WHERE s.scope = ANY($1) AND s.last > coalesce(h.no, 0)
         ORDER BY s.scope, s.station, s.incarnation, s.last, s.first LIMIT $6",
        &[&scopes, &of, &stations, &incarnations, &have, &AT_ONCE],
    )?;
    let mut reached: BTreeMap<StreamId, i64> = BTreeMap::new();
    let mut left = ask.limit_bytes;
    let mut segments: Vec<SegmentWithGrants> = Vec::new();
    for row in &rows {
        let (stream, last) = (stream_at(row, 0), row.get::<_, i64>(4));
        if reached.get(&stream).is_some_and(|reached| last <= *reached) {
            continue;
        }
        let segment = segment_at(row, 5)?;
        let size = segment.segment.0.len() as u64;
        if size > left && !segments.is_empty() {
            return Ok((segments, true));
        }
        left = left.saturating_sub(size);
        reached.insert(stream, last);
        segments.push(segment);
    }
    Ok((segments, rows.len() as i64 == AT_ONCE))
}

/// Cards of stations that work in one of the scopes (and the centre's), and of groups, added after `roster`.
pub(super) fn roster_beyond(
    db: &mut Transaction,
    centre: &Identity,
    roster: u64,
    scopes: &[Scope],
) -> Result<(Vec<StationCard>, Vec<GroupCard>, u64), Fault> {
    let last = db.query_one("SELECT last FROM roster", &[])?.get::<_, i64>(0) as u64;
    if last <= roster {
        return Ok((Vec::new(), Vec::new(), last));
    }
    let beyond = roster as i64;
    let rows = db.query("SELECT card FROM station WHERE roster > $1 ORDER BY roster", &[&beyond])?;
    let stations: Vec<StationCard> = rows.iter().map(|row| from_cbor(row.get(0))).collect::<Result<_, Refusal>>()?;
    let concerns = |card: &StationCard| {
        card.sign_public == centre.card.sign_public || card.scopes.iter().any(|scope| scopes.contains(scope))
    };
    let rows = db.query("SELECT card FROM reader_group WHERE roster > $1 ORDER BY name, epoch", &[&beyond])?;
    let groups = rows.iter().map(|row| from_cbor(row.get(0))).collect::<Result<_, Refusal>>()?;
    Ok((stations.into_iter().filter(concerns).collect(), groups, last))
}

fn receipts_beyond(db: &mut Transaction, receipted: &[(StreamId, u64)]) -> Result<Vec<Receipt>, Fault> {
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
