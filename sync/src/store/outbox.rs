//! What the centre has not confirmed yet, receipts given and got, and checkpoints.

use super::items::{forget_receipts, remember_receipt};
use super::receive::{Receipts, Taken, hash_at, held_row};
use super::segments::{Budget, carried_streams, own_streams, unreceipted_streams};
use super::{ReceiveFault, Store, StoreFault, meta};
use crate::checked::{Checked, check_all};
use crate::checkpoint::Checkpoint;
use crate::protocol::{Receipt, SegmentWithGrants, StationCard, StationRole};
use crate::segment::Segment;
use crate::stream::{Head, Heads, StreamId};
use crate::wire::{from_cbor, to_cbor};
use crate::{Refusal, centre};
use intake::event::{Event, Hlc, Scope};
use intake::ids::StationId;
use intake::moment::Moment;
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::{HashMap, HashSet};

/// About how many bytes of segments travel in one push: what a cut line makes us send again.
pub const PUSH_BYTES: u64 = 1 << 20;

/// What waits for the centre's receipt.
#[derive(Clone, PartialEq, Debug)]
pub struct Outbox {
    /// Events without a receipt; one in two streams counts once.
    pub waiting: u64,
    /// When the oldest of them was written.
    pub oldest: Option<Moment>,
    /// The receipt with the highest number.
    pub last_receipt: Option<Receipt>,
}

/// A segment that the centre took in.
#[derive(Clone, PartialEq, Debug)]
pub struct Accepted {
    /// For all that the centre holds of the stream now.
    pub receipt: Receipt,
    /// The events that were new.
    pub events: Vec<Event>,
}

impl Store {
    /// The next segments that the centre has not confirmed, at most `limit` of them and about a megabyte (one always
    /// fits); a stream's in order. Streams in `but` are left out, and what a hub holds.
    ///
    /// # Errors
    /// Store faults.
    pub fn to_push(&mut self, limit: usize, but: &HashSet<StreamId>) -> Result<Vec<SegmentWithGrants>, StoreFault> {
        self.next_within(limit, PUSH_BYTES, but, &HashMap::new())
    }

    /// [`Store::to_push`] for when `under_way`, a push whose answer is awaited, has been confirmed.
    pub(crate) fn next_to_push(
        &mut self,
        under_way: &[SegmentWithGrants],
        limit: usize,
        but: &HashSet<StreamId>,
    ) -> Result<Vec<SegmentWithGrants>, StoreFault> {
        let last = |push: &SegmentWithGrants| {
            let header = Segment::parse(&push.segment.0).ok()?.header;
            Some((header.stream.clone(), header.last_no()))
        };
        // A stream's segments are in order: the last one counts.
        let reached = under_way.iter().filter_map(last).collect();
        self.next_within(limit, PUSH_BYTES, but, &reached)
    }

    pub(super) fn next_within(
        &mut self,
        limit: usize,
        limit_bytes: u64,
        but: &HashSet<StreamId>,
        reached: &HashMap<StreamId, u64>,
    ) -> Result<Vec<SegmentWithGrants>, StoreFault> {
        let mut budget = Budget { left: limit_bytes, segments: Vec::new() };
        for (row, stream, head, receipted) in self.streams_to_push()? {
            let further = self.held_by_hub.get(&stream).into_iter().chain(reached.get(&stream));
            let have = further.fold(receipted, |have, held| have.max(*held));
            if head <= have || but.contains(&stream) || !self.hands_over(stream.station)? {
                continue;
            }
            if stream.station == self.card.station {
                self.cut_segments(row, &stream)?;
            }
            if !self.collect(row, have..head, limit, &mut budget)? {
                break;
            }
        }
        Ok(budget.segments)
    }

    /// A station pushes what it wrote; a hub also what its stations gave it.
    fn streams_to_push(&self) -> Result<Vec<(i64, StreamId, u64, u64)>, StoreFault> {
        let mut streams = own_streams(&self.db, self.card.station)?;
        if self.card.role == StationRole::Hub {
            streams.extend(carried_streams(&self.db, self.card.station)?);
        }
        Ok(streams)
    }

    /// Whether this station may hand over the streams of that one: its own, and at a hub those of its site's stations. What
    /// else a hub holds came from the centre.
    fn hands_over(&self, station: StationId) -> Result<bool, StoreFault> {
        let ours = |card: StationCard| card.site == self.card.site && card.role != StationRole::Centre;
        Ok(station == self.card.station || self.station_card(station)?.is_some_and(ours))
    }

    /// Of which streams the centre's receipts are asked for, and beyond which number: our own that are not confirmed; at a hub
    /// also those of its site's stations that came from the centre, and so without a receipt, because those stations ask here.
    pub(super) fn receipts_wanted(&self) -> Result<Vec<(StreamId, u64)>, StoreFault> {
        let mut wanted = self.receipted()?;
        if self.card.role == StationRole::Hub {
            for (stream, had) in unreceipted_streams(&self.db, self.card.station)? {
                if self.hands_over(stream.station)? {
                    wanted.push((stream, had));
                }
            }
        }
        Ok(wanted)
    }

    /// At a hub: what came from the centre is held there, so it need not be pushed back.
    ///
    /// # Errors
    /// Store faults.
    pub(crate) fn note_from_centre(&mut self, pushes: &[SegmentWithGrants]) -> Result<(), StoreFault> {
        if self.card.role != StationRole::Hub {
            return Ok(());
        }
        let mut update = self.db.prepare_cached(
            "UPDATE stream SET receipted = min(head, max(receipted, ?4)) WHERE scope = ?1 AND station = ?2 AND incarnation = ?3",
        )?;
        for push in pushes {
            let Ok(Segment { header, .. }) = Segment::parse(&push.segment.0) else { continue };
            let stream = &header.stream;
            let last = header.last_no() as i64;
            update.execute(params![stream.scope.as_str(), stream.station.0, stream.incarnation.0, last])?;
        }
        Ok(())
    }

    /// How far a stream is held here, and the centre's receipt for it where there is one.
    ///
    /// # Errors
    /// Store faults.
    pub fn held_and_receipted(&self, stream: &StreamId) -> Result<(Head, Option<Receipt>), StoreFault> {
        let (row, head) = self.held(stream)?;
        let Some(row) = row else { return Ok((head, None)) };
        let mut select = self.db.prepare_cached("SELECT bytes FROM receipt WHERE stream = ?1")?;
        let bytes: Option<Vec<u8>> = select.query_row([row], |row| row.get(0)).optional()?;
        Ok((head, bytes.map(|bytes| from_cbor(&bytes)).transpose().map_err(StoreFault::unreadable)?))
    }

    /// Keeps the centre's receipt: what it covers need not be pushed again.
    ///
    /// # Errors
    /// [`Refusal::BadSignature`]; [`Refusal::Fork`] when the centre's chain is not ours or goes further than ours;
    /// [`Refusal::NotFound`] for a stream that is not ours. Store faults.
    pub fn note_receipt(&mut self, receipt: &Receipt) -> Result<(), ReceiveFault> {
        self.note_receipts(std::slice::from_ref(receipt))?.into_iter().try_for_each(|(_, refusal)| Err(refusal.into()))
    }

    /// Keeps receipts, all in one transaction; gives those that were refused, with why (see [`Store::note_receipt`]).
    ///
    /// # Errors
    /// Store faults.
    pub fn note_receipts(&mut self, receipts: &[Receipt]) -> Result<Vec<(StreamId, Refusal)>, StoreFault> {
        let all = self.db.unchecked_transaction()?;
        let mut refused = Vec::new();
        for receipt in receipts {
            match self.covered_row(receipt) {
                Ok(row) => {
                    all.prepare_cached("UPDATE stream SET receipted = max(receipted, ?2) WHERE row = ?1")?
                        .execute(params![row, receipt.no as i64])?;
                    put_receipt(&all, row, receipt)?;
                    remember_receipt(&all, row, receipt)?;
                }
                Err(ReceiveFault::Refused(refusal)) => refused.push((receipt.stream.clone(), refusal)),
                Err(ReceiveFault::Store(fault)) => return Err(fault),
            }
        }
        all.commit()?;
        for receipt in receipts {
            if !refused.iter().any(|(stream, _)| *stream == receipt.stream) {
                self.outgoing.confirmed(&receipt.stream);
            }
        }
        Ok(refused)
    }

    /// Does the centre hold more of a former life of this disk than is held here?
    ///
    /// # Errors
    /// Store faults.
    pub(crate) fn is_more_of_a_former_life(&self, receipt: &Receipt) -> Result<bool, StoreFault> {
        Ok(!self.is_mine_now(&receipt.stream) && self.held(&receipt.stream)?.1.no < receipt.no)
    }

    /// The same for receipts that came with a pull: one that covers more than is held here (some of it comes with the next
    /// answer) is left for later.
    ///
    /// # Errors
    /// Store faults.
    pub(crate) fn note_receipts_held(&mut self, receipts: &[Receipt]) -> Result<Vec<(StreamId, Refusal)>, StoreFault> {
        let mut held = Vec::with_capacity(receipts.len());
        for receipt in receipts {
            if self.held(&receipt.stream)?.1.no >= receipt.no {
                held.push(receipt.clone());
            }
        }
        self.note_receipts(&held)
    }

    /// The row of the stream of ours that a receipt truly covers.
    fn covered_row(&self, receipt: &Receipt) -> Result<i64, ReceiveFault> {
        receipt.check(&self.centre)?;
        let unknown = || Refusal::NotFound { what: format!("a stream of {}", receipt.stream.scope) };
        let row = held_row(&self.db, &receipt.stream)?.ok_or_else(unknown)?;
        if receipt.stream.station != self.card.station && self.card.role != StationRole::Hub {
            return Err(unknown().into());
        }
        if hash_at(&self.db, &receipt.stream, Some(row), receipt.no)? != Some(receipt.hash) {
            return Err(Refusal::Fork { no: receipt.no }.into());
        }
        Ok(row)
    }

    /// How far the centre has confirmed those of our streams of which it has not confirmed all.
    ///
    /// # Errors
    /// Store faults.
    pub fn receipted(&self) -> Result<Vec<(StreamId, u64)>, StoreFault> {
        let open = own_streams(&self.db, self.card.station)?.into_iter();
        Ok(open.filter(|(_, _, head, had)| head > had).map(|(_, stream, _, had)| (stream, had)).collect())
    }

    /// How far the centre has confirmed each of our streams, of all lives of the disk.
    ///
    /// # Errors
    /// Store faults.
    pub fn receipted_all(&self) -> Result<Vec<(StreamId, u64)>, StoreFault> {
        let all = own_streams(&self.db, self.card.station)?.into_iter();
        Ok(all.map(|(_, stream, _, had)| (stream, had)).collect())
    }

    /// A hub holds this stream so far: it is not pushed there again until [`Store::push_held_again`].
    pub(crate) fn note_held(&mut self, stream: &StreamId, no: u64) {
        self.held_by_hub.insert(stream.clone(), no);
    }

    /// How far the other end holds the streams of these scopes: a hub that holds less than was said (another one, or its disk
    /// was lost) gets the rest.
    pub(crate) fn note_heads_of_hub(&mut self, theirs: &Heads, scopes: &[Scope]) {
        for (stream, held) in self.held_by_hub.iter_mut().filter(|(stream, _)| scopes.contains(&stream.scope)) {
            *held = (*held).min(theirs.no(stream));
        }
    }

    /// Pushes again what a hub said that it holds: the other end is another one, or may have lost it.
    pub fn push_held_again(&mut self) {
        self.held_by_hub.clear();
    }

    /// The centre says that it holds less than its receipts said (it was restored): what is missing is pushed again.
    ///
    /// # Errors
    /// Store faults.
    pub fn push_again_from(&mut self, stream: &StreamId, have: u64) -> Result<(), StoreFault> {
        if let Some(held) = self.held_by_hub.get_mut(stream) {
            *held = (*held).min(have);
        }
        self.db.execute(
            "UPDATE stream SET receipted = min(receipted, ?4) WHERE scope = ?1 AND station = ?2 AND incarnation = ?3",
            params![stream.scope.as_str(), stream.station.0, stream.incarnation.0, have as i64],
        )?;
        forget_receipts(&self.db, stream, have)
    }

    /// What waits.
    ///
    /// # Errors
    /// Store faults.
    pub fn outbox(&self) -> Result<Outbox, StoreFault> {
        let (waiting, oldest): (i64, Option<i64>) = self
            .db
            .prepare_cached(
                "SELECT count(*), min(hlc) FROM event WHERE row IN (
                   SELECT place.event FROM stream JOIN place ON place.stream = stream.row AND place.no > stream.receipted
                   WHERE stream.station = ?1)",
            )?
            .query_row([self.card.station.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let mut receipts = self.db.prepare_cached("SELECT bytes FROM receipt")?;
        let receipts = receipts.query_map([], |row| row.get::<_, Vec<u8>>(0))?;
        let receipts = receipts
            .map(|bytes| from_cbor::<Receipt>(&bytes?).map_err(StoreFault::unreadable))
            .collect::<Result<Vec<_>, StoreFault>>()?;
        Ok(Outbox {
            waiting: waiting as u64,
            oldest: oldest.map(|hlc| Hlc(hlc as u64).wall()),
            last_receipt: receipts.into_iter().max_by_key(|receipt| receipt.receipt_no),
        })
    }

    /// At the centre: takes in pushed segments in one durable transaction and answers each with a receipt, or with why
    /// it was refused. A push that is repeated gets the same receipt.
    ///
    /// # Errors
    /// Store faults: then nothing of it was taken.
    pub fn take_push(
        &mut self,
        now: Moment,
        pushes: &[SegmentWithGrants],
    ) -> Result<Vec<Result<Accepted, Refusal>>, StoreFault> {
        let checked = check_all(pushes, &self.cards_of(pushes)?);
        self.take_push_checked(now, pushes, checked)
    }

    /// [`Store::take_push`] of segments that were checked (by [`check_all`], with [`Store::cards_of`]) while others used the store.
    ///
    /// # Errors
    /// Store faults: then nothing of it was taken.
    pub fn take_push_checked(
        &mut self,
        now: Moment,
        pushes: &[SegmentWithGrants],
        checked: Vec<Result<Checked, Refusal>>,
    ) -> Result<Vec<Result<Accepted, Refusal>>, StoreFault> {
        let missing = || StoreFault::Damaged("a stream that was just written is missing".into());
        let taken = self.take_all(now, pushes, checked, Receipts::Give)?;
        let each = |taken: Result<Taken, Refusal>| match taken {
            Ok(Taken { receipt, events, .. }) => {
                receipt.map(|receipt| Ok(Accepted { receipt, events })).ok_or_else(missing)
            }
            Err(refusal) => Ok(Err(refusal)),
        };
        taken.into_iter().map(each).collect()
    }

    /// A checkpoint of one of our streams at its head, signed.
    ///
    /// # Errors
    /// [`StoreFault::Invalid`] when the stream is not known here; store faults.
    pub fn make_checkpoint(&mut self, now: Moment, stream: &StreamId) -> Result<Checkpoint, StoreFault> {
        let (Some(_), head) = self.held(stream)? else {
            return Err(StoreFault::Invalid("a checkpoint of a stream that is not known".into()));
        };
        let views = self.views_hash()?;
        Ok(Checkpoint::new(stream.clone(), head.no, head.hash, views, now, &self.signing))
    }

    /// At the centre: signs a checkpoint whose chain is the one held here.
    ///
    /// # Errors
    /// [`Refusal::UnknownStation`], [`Refusal::BadSignature`], [`Refusal::Fork`]; store faults.
    pub fn countersign(&mut self, checkpoint: &Checkpoint) -> Result<Checkpoint, ReceiveFault> {
        let station = checkpoint.stream.station;
        let card = self.station_card(station)?.ok_or(Refusal::UnknownStation { station })?;
        checkpoint.check(&card.sign_public)?;
        self.same_chain(checkpoint)?;
        let signed = checkpoint.clone().countersigned(&self.signing);
        self.put_checkpoint(&signed)?;
        Ok(signed)
    }

    /// At the station: keeps a checkpoint that the centre has countersigned.
    ///
    /// # Errors
    /// [`Refusal::BadSignature`], [`Refusal::Fork`]; store faults.
    pub fn keep_checkpoint(&mut self, checkpoint: &Checkpoint) -> Result<(), ReceiveFault> {
        checkpoint.check_countersigned(&self.centre)?;
        self.same_chain(checkpoint)?;
        Ok(self.put_checkpoint(checkpoint)?)
    }

    fn same_chain(&self, checkpoint: &Checkpoint) -> Result<(), ReceiveFault> {
        let row = held_row(&self.db, &checkpoint.stream)?;
        let held = hash_at(&self.db, &checkpoint.stream, row, checkpoint.no)?;
        if held == Some(checkpoint.hash) { Ok(()) } else { Err(Refusal::Fork { no: checkpoint.no }.into()) }
    }

    fn put_checkpoint(&self, checkpoint: &Checkpoint) -> Result<(), StoreFault> {
        let Some(row) = held_row(&self.db, &checkpoint.stream)? else { return Ok(()) };
        self.db.execute(
            "INSERT OR REPLACE INTO checkpoint (stream, no, bytes) VALUES (?1, ?2, ?3)",
            params![row, checkpoint.no as i64, to_cbor(checkpoint)],
        )?;
        Ok(())
    }

    /// The centre's receipts of these streams that cover more than is said.
    pub(super) fn receipts_beyond(&self, receipted: &[(StreamId, u64)]) -> Result<Vec<Receipt>, StoreFault> {
        let mut select = self.db.prepare_cached(
            "SELECT receipt.bytes FROM stream JOIN receipt ON receipt.stream = stream.row
             WHERE scope = ?1 AND station = ?2 AND incarnation = ?3 AND receipt.no > ?4",
        )?;
        let mut receipts = Vec::new();
        for (stream, had) in receipted {
            let of = params![stream.scope.as_str(), stream.station.0, stream.incarnation.0, *had as i64];
            let bytes: Option<Vec<u8>> = select.query_row(of, |row| row.get(0)).optional()?;
            receipts.extend(bytes.map(|bytes| from_cbor(&bytes)).transpose().map_err(StoreFault::unreadable)?);
        }
        Ok(receipts)
    }

    /// The receipt for all that is held of a stream; the same one for as long as nothing more has come.
    pub(super) fn give_receipt(&self, db: &Connection, at: Moment, stream: &StreamId) -> Result<Receipt, StoreFault> {
        let (Some(row), head) = self.held(stream)? else {
            return Err(StoreFault::Damaged("a stream that was just written is missing".into()));
        };
        let given: Option<Vec<u8>> = db
            .prepare_cached("SELECT bytes FROM receipt WHERE stream = ?1 AND no = ?2")?
            .query_row(params![row, head.no as i64], |row| row.get(0))
            .optional()?;
        if let Some(bytes) = given {
            return from_cbor(&bytes).map_err(StoreFault::unreadable);
        }
        let receipt_no = meta::get::<u64>(db, "receipt_no")?.unwrap_or_default() + 1;
        let receipt = centre::receipt(receipt_no, stream.clone(), head, at, &self.signing);
        meta::put(db, "receipt_no", &receipt_no)?;
        put_receipt(db, row, &receipt)?;
        Ok(receipt)
    }
}

fn put_receipt(db: &Connection, row: i64, receipt: &Receipt) -> Result<(), StoreFault> {
    db.prepare_cached(
        "INSERT INTO receipt (stream, no, bytes) VALUES (?1, ?2, ?3)
         ON CONFLICT (stream) DO UPDATE SET no = excluded.no, bytes = excluded.bytes WHERE excluded.no >= receipt.no",
    )?
    .execute(params![row, receipt.no as i64, to_cbor(receipt)])?;
    Ok(())
}
