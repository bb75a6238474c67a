//! Segments: cut once from our own streams, kept, and served as they are; those of others are served as they came.

use super::receive::{held_row, keep_segment};
use super::sealing::grants_of;
use super::{Store, StoreFault};
use crate::Refusal;
use crate::grant::{Grant, KeyId};
use crate::protocol::{PullAnswer, PullAsk, SegmentWithGrants, StationRole};
use crate::segment::{self, CUT_BYTES, CUT_EVENTS, Segment};
use crate::stream::{Head, Heads, StreamId};
use crate::wire::Fixed;
use intake::event::Scope;
use intake::ids::{Incarnation, StationId};
use intake::moment::Moment;
use rusqlite::{Connection, params};
use std::ops::Bound;

impl Store {
    /// The question to the centre: what is there beyond what we hold, in all scopes of our card?
    ///
    /// # Errors
    /// Store faults.
    pub fn pull_ask(&self, wait_ms: u64, limit_bytes: u64) -> Result<PullAsk, StoreFault> {
        let scopes = self.card.readable();
        let roster = super::meta::get(&self.db, "roster_of_centre")?.unwrap_or_default();
        let own = self.whose_former_life()?;
        let mut heads = self.heads_for(&scopes, own)?;
        for stream in &self.aside {
            heads.0.retain(|(id, _)| id != stream);
            // "I have it all": so that what would be refused again fills no answer and ends no long poll.
            heads.0.push((stream.clone(), Head { no: u64::MAX, hash: stream.origin() }));
        }
        Ok(PullAsk { heads, scopes, wait_ms, limit_bytes, roster, receipted: self.receipts_wanted()?, own })
    }

    /// Whose streams are asked for wherever they stand: this station's own, or at a hub also those of its stations, in turn.
    fn whose_former_life(&self) -> Result<Option<StationId>, StoreFault> {
        let mut waiting = self.put_back.borrow_mut();
        if self.had_former_life()? {
            waiting.insert(self.card.station);
        }
        let after = |last| waiting.range((Bound::Excluded(last), Bound::Unbounded)).next().copied();
        let next = self.asked_for.get().and_then(after).or_else(|| waiting.first().copied());
        if let Some(next) = next {
            waiting.remove(&next);
            self.asked_for.set(Some(next));
        }
        Ok(next)
    }

    /// Stops asking for a stream of which something was refused, so that it blocks no other.
    pub(crate) fn set_stream_aside(&mut self, stream: Option<&StreamId>) {
        self.aside.extend(stream.cloned());
    }

    /// Asks again for the streams of which something was refused. [`crate::engine::sync_once`] does it each time.
    pub fn pull_all_streams_again(&mut self) {
        self.aside.clear();
    }

    /// The answer to [`Store::pull_ask`]. Whether the asker may read these scopes, and waiting, are the caller's.
    ///
    /// # Errors
    /// Store faults.
    pub fn pull_answer(&mut self, now: Moment, ask: &PullAsk) -> Result<PullAnswer, StoreFault> {
        // What a former life wrote for others a hub holds only as far as it carried it: the rest is asked of the centre.
        if self.card.role == StationRole::Hub {
            self.put_back.borrow_mut().extend(ask.own);
        }
        let streams = self.told(self.heads_for(&ask.scopes, ask.own)?)?;
        let (segments, more) = self.segments_of(streams, &ask.heads, ask.limit_bytes)?;
        let (mut stations, groups, roster) = self.roster_beyond(ask.roster, &ask.scopes)?;
        // Any commune takes dossiers of any authority: who works elsewhere is in nobody's roster here.
        let senders = self.cards_of(&segments)?.into_values();
        stations.extend(senders.filter(|card| !card.works_in(&ask.scopes)));
        let receipts = self.receipts_beyond(&ask.receipted)?;
        Ok(PullAnswer { segments, stations, groups, roster, receipts, more, time: now })
    }

    /// Segments of these scopes that go beyond the given heads, up to about `limit_bytes` (one always fits), and whether there are more.
    ///
    /// # Errors
    /// Store faults.
    pub fn segments_beyond(
        &mut self,
        heads: &Heads,
        scopes: &[Scope],
        limit_bytes: u64,
    ) -> Result<(Vec<SegmentWithGrants>, bool), StoreFault> {
        self.segments_of(self.heads(scopes)?, heads, limit_bytes)
    }

    /// How far the streams of these scopes are held, and those of one station wherever they stand.
    fn heads_for(&self, scopes: &[Scope], own: Option<StationId>) -> Result<Heads, StoreFault> {
        let Some(own) = own else { return self.heads(scopes) };
        let mut all = self.streams()?;
        all.0.retain(|(stream, _)| stream.station == own || scopes.contains(&stream.scope));
        Ok(all)
    }

    /// How far the streams of these scopes are told to those who ask here.
    ///
    /// # Errors
    /// Store faults.
    pub fn heads_told(&self, scopes: &[Scope]) -> Result<Heads, StoreFault> {
        self.told(self.heads(scopes)?)
    }

    /// A hub tells of its own log only what the centre has confirmed. Nobody needs it sooner; and if the hub is lost, no station
    /// holds what the centre will never get.
    fn told(&self, mut heads: Heads) -> Result<Heads, StoreFault> {
        if self.card.role != StationRole::Hub {
            return Ok(heads);
        }
        heads.0.retain(|(stream, _)| stream.station != self.card.station);
        for (row, stream, _, confirmed) in own_streams(&self.db, self.card.station)? {
            if confirmed > 0 {
                let head = head_at(&self.db, row, &stream, confirmed)?;
                heads.0.push((stream, head));
            }
        }
        Ok(heads)
    }

    fn segments_of(
        &mut self,
        streams: Heads,
        heads: &Heads,
        limit_bytes: u64,
    ) -> Result<(Vec<SegmentWithGrants>, bool), StoreFault> {
        let known = heads.to_map();
        let mut budget = Budget { left: limit_bytes, segments: Vec::new() };
        for (stream, head) in streams.0 {
            let have = known.get(&stream).map_or(0, |head| head.no);
            if head.no <= have {
                continue;
            }
            let Some(row) = held_row(&self.db, &stream)? else { continue };
            if stream.station == self.card.station {
                self.cut_segments(row, &stream)?;
            }
            if !self.collect(row, have..head.no, usize::MAX, &mut budget)? {
                return Ok((budget.segments, true));
            }
        }
        Ok((budget.segments, false))
    }

    /// Adds a stream's segments beyond the first number and up to the last; false when the budget was used up before that.
    pub(super) fn collect(
        &self,
        row: i64,
        span: std::ops::Range<u64>,
        most: usize,
        budget: &mut Budget,
    ) -> Result<bool, StoreFault> {
        let mut select = self
            .db
            .prepare_cached("SELECT bytes, last FROM segment WHERE stream = ?1 AND last > ?2 ORDER BY last, first")?;
        let mut rows = select.query(params![row, span.start as i64])?;
        let mut reached = span.start;
        while let Some(row) = rows.next()? {
            let bytes: Vec<u8> = row.get(0)?;
            let last = row.get::<_, i64>(1)? as u64;
            if last <= reached {
                continue;
            }
            if last > span.end {
                return Ok(true);
            }
            if budget.segments.len() >= most || !budget.takes(bytes.len()) {
                return Ok(false);
            }
            let grants = self.grants_for(&bytes)?;
            budget.segments.push(SegmentWithGrants { segment: bytes.into(), grants });
            reached = last;
        }
        Ok(true)
    }

    /// Cuts what has not been cut yet of one of our streams, durably, so that a repeat is the same bytes.
    pub(super) fn cut_segments(&self, row: i64, stream: &StreamId) -> Result<(), StoreFault> {
        let cut: i64 =
            self.db.query_row("SELECT ifnull(max(last), 0) FROM segment WHERE stream = ?1", [row], |row| row.get(0))?;
        let all = self.db.unchecked_transaction()?;
        let mut before = head_at(&all, row, stream, cut as u64)?;
        loop {
            let events = next_events(&all, row, before.no)?;
            if events.is_empty() {
                break;
            }
            let invalid = |refusal: Refusal| StoreFault::Invalid(refusal.to_string());
            let bytes = segment::make(stream, self.card.key_no, before, &events, &self.signing).map_err(invalid)?;
            let header = Segment::parse(&bytes).map_err(invalid)?.header;
            keep_segment(&all, row, &header, &bytes)?;
            before = Head { no: header.last_no(), hash: header.last };
        }
        Ok(all.commit()?)
    }

    fn grants_for(&self, segment: &[u8]) -> Result<Vec<Grant>, StoreFault> {
        let header = Segment::parse(segment).map_err(StoreFault::unreadable)?.header;
        let Some(row) = held_row(&self.db, &header.stream)? else { return Ok(Vec::new()) };
        let mut select = self.db.prepare_cached(
            "SELECT DISTINCT subject, content_key FROM place JOIN event ON event.row = place.event
             WHERE stream = ?1 AND no BETWEEN ?2 AND ?3 AND content_key IS NOT NULL",
        )?;
        let of = params![row, header.first as i64, header.last_no() as i64];
        let keys = select.query_map(of, |row| Ok((row.get::<_, String>(0)?, KeyId(row.get(1)?))))?;
        let mut grants = Vec::new();
        for key in keys {
            let (subject, key) = key?;
            grants.extend(grants_of(&self.db, &subject, key)?);
        }
        Ok(grants)
    }
}

/// How much an answer may still hold.
pub(super) struct Budget {
    pub(super) left: u64,
    pub(super) segments: Vec<SegmentWithGrants>,
}

impl Budget {
    fn takes(&mut self, bytes: usize) -> bool {
        let bytes = bytes as u64;
        if bytes > self.left && !self.segments.is_empty() {
            return false;
        }
        self.left = self.left.saturating_sub(bytes);
        true
    }
}

/// Every stream but this station's own, with what the centre has confirmed: what a hub carries besides its own.
pub(super) fn carried_streams(db: &Connection, own: StationId) -> Result<Vec<(i64, StreamId, u64, u64)>, StoreFault> {
    let mut select = db.prepare_cached(
        "SELECT row, station, incarnation, scope, head, receipted FROM stream
         WHERE station <> ?1 AND head > receipted ORDER BY row",
    )?;
    let rows = select.query_map([own.0], |row| {
        let (station, incarnation) = (StationId(row.get(1)?), Incarnation(row.get(2)?));
        let stream = StreamId { station, incarnation, scope: Scope(row.get(3)?) };
        Ok((row.get(0)?, stream, row.get::<_, i64>(4)? as u64, row.get::<_, i64>(5)? as u64))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Every stream but this station's own of which no receipt is held that covers it, with what a receipt covers.
pub(super) fn unreceipted_streams(db: &Connection, own: StationId) -> Result<Vec<(StreamId, u64)>, StoreFault> {
    let mut select = db.prepare_cached(
        "SELECT station, incarnation, scope, coalesce(receipt.no, 0) FROM stream
         LEFT JOIN receipt ON receipt.stream = stream.row
         WHERE station <> ?1 AND head > coalesce(receipt.no, 0) ORDER BY stream.row",
    )?;
    let rows = select.query_map([own.0], |row| {
        let (station, incarnation) = (StationId(row.get(0)?), Incarnation(row.get(1)?));
        let stream = StreamId { station, incarnation, scope: Scope(row.get(2)?) };
        Ok((stream, row.get::<_, i64>(3)? as u64))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The streams that this station wrote, of all lives of its disk, with what the centre has confirmed.
pub(super) fn own_streams(db: &Connection, station: StationId) -> Result<Vec<(i64, StreamId, u64, u64)>, StoreFault> {
    let mut select = db.prepare_cached(
        "SELECT row, incarnation, scope, head, receipted FROM stream WHERE station = ?1 ORDER BY row",
    )?;
    let rows = select.query_map([station.0], |row| {
        let stream = StreamId { station, incarnation: Incarnation(row.get(1)?), scope: Scope(row.get(2)?) };
        Ok((row.get(0)?, stream, row.get::<_, i64>(3)? as u64, row.get::<_, i64>(4)? as u64))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The position at `no`.
pub(super) fn head_at(db: &Connection, row: i64, stream: &StreamId, no: u64) -> Result<Head, StoreFault> {
    let hash = super::receive::hash_at(db, stream, Some(row), no)?;
    let hash = hash.ok_or_else(|| StoreFault::Damaged(format!("no hash at {no} of {}", stream.scope)))?;
    Ok(Head { no, hash })
}

/// The events of the next segment after `no`.
fn next_events(db: &Connection, row: i64, no: u64) -> Result<Vec<Vec<u8>>, StoreFault> {
    let mut select = db.prepare_cached(
        "SELECT bytes FROM place JOIN event ON event.row = place.event WHERE stream = ?1 AND no > ?2 ORDER BY no LIMIT ?3",
    )?;
    let mut rows = select.query(params![row, no as i64, CUT_EVENTS as i64])?;
    let mut events: Vec<Vec<u8>> = Vec::new();
    let mut size = 0;
    while let Some(row) = rows.next()? {
        let bytes: Vec<u8> = row.get(0)?;
        size += bytes.len();
        if size > CUT_BYTES && !events.is_empty() {
            break;
        }
        events.push(bytes);
    }
    Ok(events)
}

/// Every place of a stream beyond `no`: event row, event bytes, hash.
pub(super) type PlaceRow = (u64, i64, Vec<u8>, crate::wire::Hash);

pub(super) fn places_beyond(db: &Connection, row: i64, no: u64) -> Result<Vec<PlaceRow>, StoreFault> {
    let mut select = db.prepare_cached(
        "SELECT no, event.row, bytes, hash FROM place JOIN event ON event.row = place.event
         WHERE stream = ?1 AND no > ?2 ORDER BY no",
    )?;
    let rows = select.query_map(params![row, no as i64], |row| {
        Ok((row.get::<_, i64>(0)? as u64, row.get(1)?, row.get(2)?, Fixed(row.get(3)?)))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
