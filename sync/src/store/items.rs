//! The outbox, record by record: what became of each, and which receipt of the centre covers it.

use super::receive::held_row;
use super::{Store, StoreFault};
use crate::Refusal;
use crate::protocol::{Receipt, SegmentWithGrants};
use crate::segment::Segment;
use crate::stream::StreamId;
use intake::event::{Hlc, Scope};
use intake::ids::{EventId, Incarnation};
use intake::moment::Moment;
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::BTreeMap;

/// How long it is kept which receipt covers a record, in milliseconds: 90 days of the centre's clock.
const RECEIPTS_KEPT_MS: i64 = 90 * 24 * 3600 * 1000;

/// One record that this station wrote, and how far it has come.
#[derive(Clone, PartialEq, Debug)]
pub struct OutboxItem {
    /// Where it stands in the store; a page goes on before the last row of the one before.
    pub row: i64,
    /// The event.
    pub id: EventId,
    /// When it was written, by the log's clock.
    pub at: Moment,
    /// What it is about, such as `visit:…`.
    pub subject: String,
    /// What happened, such as `TicketIssued`.
    pub kind: String,
    /// How far it has come. Of a record in two streams: the worse of the two.
    pub state: ItemState,
}

/// How far a record has come. What stands later is worse.
#[derive(Clone, PartialEq, Debug)]
pub enum ItemState {
    /// The centre holds it durably.
    Confirmed {
        /// The receipt's number; none where the receipt is no longer kept.
        receipt_no: Option<u64>,
        /// When the centre took it.
        at: Option<Moment>,
    },
    /// The site's hub holds it; the centre has not confirmed it.
    Held,
    /// Written, not sent yet.
    Waiting,
    /// A push of it was tried and no answer came: whether it arrived is not known, and a repeat does no harm.
    Unanswered,
    /// Refused, with why.
    Refused(Refusal),
}

impl ItemState {
    fn rank(&self) -> u8 {
        match self {
            Self::Confirmed { .. } => 0,
            Self::Held => 1,
            Self::Waiting => 2,
            Self::Unanswered => 3,
            Self::Refused(_) => 4,
        }
    }
}

/// What became of the last pushes. In memory: after a start everything is tried again, and known again.
#[derive(Default)]
pub(super) struct Outgoing {
    refused: BTreeMap<StreamId, Refusal>,
    unanswered: BTreeMap<StreamId, u64>,
}

impl Outgoing {
    pub(super) fn confirmed(&mut self, stream: &StreamId) {
        self.refused.remove(stream);
    }

    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }
}

impl Store {
    /// What this station wrote, newest first: at most `limit` records before the row `before`, and only those that the
    /// centre has not confirmed where `open` is said.
    ///
    /// # Errors
    /// Store faults.
    pub fn outbox_items(&self, open: bool, before: Option<i64>, limit: u32) -> Result<Vec<OutboxItem>, StoreFault> {
        let which = if open {
            "row IN (SELECT place.event FROM stream JOIN place ON place.stream = stream.row AND place.no > stream.receipted
                     WHERE stream.station = ?1)"
        } else {
            "EXISTS (SELECT 1 FROM place JOIN stream ON stream.row = place.stream
                     WHERE place.event = event.row AND stream.station = ?1)"
        };
        let sql = format!(
            "SELECT row, id, hlc, subject, kind FROM event WHERE row < ?2 AND {which} ORDER BY row DESC LIMIT ?3"
        );
        let mut select = self.db.prepare_cached(&sql)?;
        let before = before.unwrap_or(i64::MAX);
        let rows = select.query_map(params![self.card.station.0, before, limit], |row| {
            let at = Hlc(row.get::<_, i64>(2)? as u64).wall();
            Ok((row.get::<_, i64>(0)?, EventId(row.get(1)?), at, row.get(3)?, row.get(4)?))
        })?;
        rows.map(|row| {
            let (row, id, at, subject, kind) = row?;
            Ok(OutboxItem { row, id, at, subject, kind, state: self.item_state(row)? })
        })
        .collect()
    }

    /// How many places of our streams the centre has not confirmed, and when the oldest of them was written. Costs as much as
    /// there are streams, not records.
    ///
    /// # Errors
    /// Store faults.
    pub fn backlog(&self) -> Result<(u64, Option<Moment>), StoreFault> {
        let (count, oldest): (Option<i64>, Option<i64>) = self
            .db
            .prepare_cached(
                "SELECT sum(head - receipted), min((SELECT hlc FROM place JOIN event ON event.row = place.event
                                                    WHERE place.stream = stream.row AND no = receipted + 1))
                 FROM stream WHERE station = ?1 AND head > receipted",
            )?
            .query_row([self.card.station.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok((count.unwrap_or_default() as u64, oldest.map(|hlc| Hlc(hlc as u64).wall())))
    }

    /// The state of one record of ours.
    fn item_state(&self, event: i64) -> Result<ItemState, StoreFault> {
        let mut select = self.db.prepare_cached(
            "SELECT stream.row, incarnation, scope, no, receipted FROM place JOIN stream ON stream.row = place.stream
             WHERE place.event = ?1 AND stream.station = ?2",
        )?;
        let places = select.query_map(params![event, self.card.station.0], |row| {
            let (incarnation, scope) = (Incarnation(row.get(1)?), Scope(row.get(2)?));
            let stream = StreamId { station: self.card.station, incarnation, scope };
            Ok((row.get::<_, i64>(0)?, stream, row.get::<_, i64>(3)? as u64, row.get::<_, i64>(4)? as u64))
        })?;
        let mut worst: Option<ItemState> = None;
        for place in places {
            let (row, stream, no, receipted) = place?;
            let state = if no <= receipted { covering(&self.db, row, no)? } else { self.open_state(&stream, no) };
            if worst.as_ref().is_none_or(|worst| state.rank() > worst.rank()) {
                worst = Some(state);
            }
        }
        worst.ok_or_else(|| StoreFault::Damaged(format!("event {event} stands in no stream of ours")))
    }

    fn open_state(&self, stream: &StreamId, no: u64) -> ItemState {
        if let Some(refusal) = self.outgoing.refused.get(stream) {
            return ItemState::Refused(refusal.clone());
        }
        let reaches = |reached: Option<&u64>| reached.is_some_and(|reached| no <= *reached);
        if reaches(self.outgoing.unanswered.get(stream)) {
            ItemState::Unanswered
        } else if reaches(self.held_by_hub.get(stream)) {
            ItemState::Held
        } else {
            ItemState::Waiting
        }
    }

    /// A push was tried and no answer came.
    pub(crate) fn note_unanswered(&mut self, batch: &[SegmentWithGrants]) {
        for push in batch {
            let Ok(Segment { header, .. }) = Segment::parse(&push.segment.0) else { continue };
            let last = header.last_no();
            let reached = self.outgoing.unanswered.entry(header.stream).or_default();
            *reached = last.max(*reached);
        }
    }

    /// A push of this stream was answered, whatever the answer.
    pub(crate) fn note_answered(&mut self, stream: &StreamId) {
        self.outgoing.unanswered.remove(stream);
    }

    /// The other end refused this stream from where the centre's receipts end.
    pub(crate) fn note_refused(&mut self, stream: &StreamId, refusal: &Refusal) {
        self.outgoing.refused.insert(stream.clone(), refusal.clone());
    }

    /// Streams of ours that were refused at the last try, with why.
    pub fn refused_streams(&self) -> Vec<(StreamId, Refusal)> {
        self.outgoing.refused.iter().map(|(stream, refusal)| (stream.clone(), refusal.clone())).collect()
    }
}

/// The receipt that was the first to cover a place.
fn covering(db: &Connection, stream: i64, no: u64) -> Result<ItemState, StoreFault> {
    let found: Option<(i64, i64)> = db
        .prepare_cached("SELECT receipt_no, at FROM receipt_got WHERE stream = ?1 AND no >= ?2 ORDER BY no LIMIT 1")?
        .query_row(params![stream, no as i64], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (receipt_no, at) = found.map_or((None, None), |(no, at)| (Some(no as u64), Some(Moment(at))));
    Ok(ItemState::Confirmed { receipt_no, at })
}

/// Keeps what a receipt covers, and lets go of what is too old to be asked for.
pub(super) fn remember_receipt(db: &Connection, row: i64, receipt: &Receipt) -> Result<(), StoreFault> {
    db.prepare_cached("INSERT OR REPLACE INTO receipt_got (stream, no, receipt_no, at) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![row, receipt.no as i64, receipt.receipt_no as i64, receipt.at.0])?;
    db.prepare_cached("DELETE FROM receipt_got WHERE at < ?1")?.execute([receipt.at.plus_ms(-RECEIPTS_KEPT_MS).0])?;
    Ok(())
}

/// The centre no longer holds what lies beyond `have`: the receipts for it are worth nothing.
pub(super) fn forget_receipts(db: &Connection, stream: &StreamId, have: u64) -> Result<(), StoreFault> {
    let Some(row) = held_row(db, stream)? else { return Ok(()) };
    db.execute("DELETE FROM receipt_got WHERE stream = ?1 AND no > ?2", params![row, have as i64])?;
    Ok(())
}
