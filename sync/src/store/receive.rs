//! Taking in what others wrote: every byte is checked before anything is kept, and what is refused is put aside with
//! its reason and blocks nobody else.

use super::append::{Carried, insert_event, insert_place, insert_stream, set_head};
use super::sealing::{is_forgotten, put_grant};
use super::{ReceiveFault, Store, StoreFault, meta};
use crate::Refusal;
use crate::checked::{Checked, check_all};
use crate::grant::Grant;
use crate::protocol::{Receipt, SegmentWithGrants, StationCard};
use crate::record::Record;
use crate::segment::{Header, Segment};
use crate::stream::{Head, StreamId};
use crate::wire::{Fixed, from_cbor, to_cbor};
use intake::event::{Event, Hlc};
use intake::ids::StationId;
use intake::moment::Moment;
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// A clock that is further ahead than this does not pull ours along: its events are taken, its time is not.
const MAX_LEAD_MS: i64 = 7 * 24 * 3600 * 1000;
/// What is kept of refused bytes; the oldest give way.
const MAX_QUARANTINED: i64 = 256;

/// Bytes that were refused, for a person to look at.
#[derive(Clone, PartialEq, Debug)]
pub struct Quarantined {
    /// When they came.
    pub at: Moment,
    /// Why they were refused.
    pub refusal: Refusal,
    /// The stream that they say they are of, where that can be read.
    pub stream: Option<StreamId>,
    /// How many.
    pub size_bytes: u64,
}

impl Store {
    /// Takes in a segment and the grants beside it; answers with the events that were new. Repeats and overlaps are welcome.
    ///
    /// # Errors
    /// A [`Refusal`]: the bytes are then in quarantine, unless they only came too early ([`Refusal::Gap`]). Store faults.
    pub fn receive(&mut self, now: Moment, segment: &[u8], grants: &[Grant]) -> Result<Vec<Event>, ReceiveFault> {
        let push = SegmentWithGrants { segment: segment.to_vec().into(), grants: grants.to_vec() };
        let pushes = std::slice::from_ref(&push);
        let checked = check_all(pushes, &self.cards_of(pushes)?);
        let taken = self.take_all(now, pushes, checked, Receipts::None)?;
        taken.into_iter().next().map_or_else(|| Ok(Vec::new()), |taken| Ok(taken?.events))
    }

    /// Takes in many segments in one durable transaction. One that is refused is put aside and holds up no other.
    ///
    /// # Errors
    /// Store faults: then nothing of it was taken.
    pub fn receive_all(
        &mut self,
        now: Moment,
        pushes: &[SegmentWithGrants],
    ) -> Result<Vec<Result<Vec<Event>, Refusal>>, StoreFault> {
        let checked = check_all(pushes, &self.cards_of(pushes)?);
        self.receive_checked(now, pushes, checked)
    }

    /// [`Store::receive_all`] of segments that were checked (by [`check_all`], with [`Store::cards_of`]) while others used the store.
    ///
    /// # Errors
    /// Store faults: then nothing of it was taken.
    pub fn receive_checked(
        &mut self,
        now: Moment,
        pushes: &[SegmentWithGrants],
        checked: Vec<Result<Checked, Refusal>>,
    ) -> Result<Vec<Result<Vec<Event>, Refusal>>, StoreFault> {
        let taken = self.take_all(now, pushes, checked, Receipts::None)?;
        Ok(taken.into_iter().map(|taken| taken.map(|taken| taken.events)).collect())
    }

    /// What was refused, oldest first.
    ///
    /// # Errors
    /// Store faults.
    pub fn quarantine(&self) -> Result<Vec<Quarantined>, StoreFault> {
        let mut select = self.db.prepare_cached("SELECT at, refusal, bytes FROM quarantine ORDER BY row")?;
        let rows =
            select.query_map([], |row| Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?, row.get::<_, Vec<u8>>(2)?)))?;
        rows.map(|row| {
            let (at, refusal, bytes) = row?;
            let stream = Segment::parse(&bytes).ok().map(|segment| segment.header.stream);
            let refusal = from_cbor(&refusal).map_err(StoreFault::unreadable)?;
            Ok(Quarantined { at: Moment(at), refusal, stream, size_bytes: bytes.len() as u64 })
        })
        .collect()
    }

    /// Takes in those of these segments that fit, in one transaction.
    pub(super) fn take_all(
        &mut self,
        now: Moment,
        pushes: &[SegmentWithGrants],
        checked: Vec<Result<Checked, Refusal>>,
        receipts: Receipts,
    ) -> Result<Vec<Result<Taken, Refusal>>, StoreFault> {
        let all = self.db.unchecked_transaction()?;
        let mut clock = self.clock;
        let mut taken = Vec::with_capacity(pushes.len());
        for (push, checked) in pushes.iter().zip(checked) {
            let one = checked.map_err(ReceiveFault::Refused).and_then(|checked| {
                // A refusal in the midst of a segment leaves nothing of it behind.
                all.execute_batch("SAVEPOINT segment").map_err(StoreFault::from)?;
                let one = self.take_one(&all, push, checked, now, &mut clock);
                // A fault of the store ends the whole transaction, and may have done so already.
                match one {
                    Ok(_) => all.execute_batch("RELEASE segment").map_err(StoreFault::from)?,
                    Err(ReceiveFault::Refused(_)) => {
                        all.execute_batch("ROLLBACK TO segment; RELEASE segment").map_err(StoreFault::from)?;
                    }
                    Err(ReceiveFault::Store(_)) => {}
                }
                one
            });
            taken.push(match one {
                Ok(one) => Ok(one),
                Err(ReceiveFault::Refused(refusal)) => Err(refusal),
                Err(ReceiveFault::Store(fault)) => return Err(fault),
            });
        }
        let forgot = self.settle_subjects(&all, taken.iter().flatten().flat_map(|taken| &taken.events))?;
        if receipts == Receipts::Give {
            for one in taken.iter_mut().flatten() {
                one.receipt = Some(self.give_receipt(&all, now, &one.stream)?);
            }
        }
        for (push, one) in pushes.iter().zip(&taken) {
            match one {
                // What only came too early is not put aside: it will come again.
                Err(Refusal::Gap { .. }) | Ok(_) => {}
                Err(refusal) => put_aside(&all, now, refusal, &push.segment.0)?,
            }
        }
        if clock != self.clock {
            meta::put(&all, "clock", &clock)?;
        }
        all.commit()?;
        self.clock = clock;
        self.after_forgetting(forgot)?;
        Ok(taken)
    }

    /// The cards of the stations that these segments say they are of.
    ///
    /// # Errors
    /// Store faults.
    pub fn cards_of(&self, pushes: &[SegmentWithGrants]) -> Result<BTreeMap<StationId, StationCard>, StoreFault> {
        let mut cards = BTreeMap::new();
        for push in pushes {
            let Ok(segment) = Segment::parse(&push.segment.0) else { continue };
            let station = segment.header.stream.station;
            if let Entry::Vacant(place) = cards.entry(station)
                && let Some(card) = self.station_card(station)?
            {
                place.insert(card);
            }
        }
        Ok(cards)
    }

    fn take_one(
        &self,
        db: &Connection,
        push: &SegmentWithGrants,
        Checked { header, events, grants }: Checked,
        now: Moment,
        clock: &mut Hlc,
    ) -> Result<Taken, ReceiveFault> {
        let (row, held) = self.held(&header.stream)?;
        continues(db, &header, row, held)?;
        let beyond = header.last_no() > held.no;
        if beyond && self.is_mine_now(&header.stream) {
            // Somebody wrote on in this life of the disk: ours is a restored copy and must not go on in it.
            return Err(Refusal::Fork { no: held.no + 1 }.into());
        }
        let row = row.map_or_else(|| insert_stream(db, &header.stream), Ok)?;
        let mut new = Vec::new();
        for (event_bytes, record, head) in events {
            if head.no == held.no && head.hash != held.hash {
                return Err(Refusal::Fork { no: head.no }.into());
            }
            if head.no <= held.no {
                continue;
            }
            *clock = (*clock).max(credible(record.at, now));
            let (event, was_known) = find_or_insert(db, &record, &event_bytes, head.no)?;
            insert_place(db, row, head, event)?;
            if !was_known {
                new.push(record.into_event());
            }
        }
        if beyond {
            set_head(db, row, Head { no: header.last_no(), hash: header.last })?;
            keep_segment(db, row, &header, &push.segment.0)?;
        }
        put_grants(db, &grants)?;
        Ok(Taken { stream: header.stream, events: new, receipt: None })
    }

    /// Is this a stream that this store is writing?
    pub fn is_mine_now(&self, stream: &StreamId) -> bool {
        stream.station == self.card.station && stream.incarnation == self.incarnation
    }

    /// Does this segment show that somebody wrote on in our present life: that this disk is a restored copy?
    pub(crate) fn is_behind_itself(&self, push: &SegmentWithGrants, stream: &StreamId) -> bool {
        let last = Segment::parse(&push.segment.0).map_or(0, |segment| segment.header.last_no());
        // Only with our own signature: nobody else can make us begin a new life.
        let ours = || Segment::parse(&push.segment.0)?.check(&self.card.sign_public);
        self.is_mine_now(stream) && self.own.get(&stream.scope).map_or(0, |own| own.head.no) < last && ours().is_ok()
    }

    /// A stream's row, and how far it is held.
    pub(super) fn held(&self, stream: &StreamId) -> Result<(Option<i64>, Head), StoreFault> {
        let found = self
            .db
            .prepare_cached(
                "SELECT row, head, hash FROM stream WHERE scope = ?1 AND station = ?2 AND incarnation = ?3",
            )?
            .query_row(params![stream.scope.as_str(), stream.station.0, stream.incarnation.0], |row| {
                Ok((row.get(0)?, Head { no: row.get::<_, i64>(1)? as u64, hash: Fixed(row.get(2)?) }))
            })
            .optional()?;
        Ok(found.map_or((None, stream.start()), |(row, head)| (Some(row), head)))
    }
}

fn put_aside(db: &Connection, now: Moment, refusal: &Refusal, bytes: &[u8]) -> Result<(), StoreFault> {
    let kept = &bytes[..bytes.len().min(crate::segment::MAX_SEGMENT_BYTES)];
    db.execute(
        "INSERT INTO quarantine (digest, at, refusal, bytes) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (digest) DO NOTHING",
        params![blake3::hash(bytes).as_bytes(), now.0, to_cbor(refusal), kept],
    )?;
    db.execute("DELETE FROM quarantine WHERE row <= (SELECT max(row) FROM quarantine) - ?1", [MAX_QUARANTINED])?;
    Ok(())
}

/// Are receipts given for what is taken?
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Receipts {
    /// A station, or a hub, takes it.
    None,
    /// The centre takes it.
    Give,
}

/// What came of a segment that was taken.
pub(super) struct Taken {
    pub(super) stream: StreamId,
    /// The events that were new.
    pub(super) events: Vec<Event>,
    /// The centre's receipt, where one was asked for.
    pub(super) receipt: Option<Receipt>,
}

/// Inserts an event, or finds it when it came before: in another stream, or on paper.
pub(super) fn find_or_insert(
    db: &Connection,
    record: &Record,
    bytes: &[u8],
    no: u64,
) -> Result<(i64, bool), ReceiveFault> {
    let held: Option<(i64, Vec<u8>, bool)> = db
        .prepare_cached("SELECT row, bytes, carried FROM event WHERE id = ?1")?
        .query_row([record.id.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let Some((row, held, carried)) = held else {
        return Ok((insert_event(db, record, bytes, Carried::No)?, false));
    };
    if held != bytes {
        return Err(Refusal::Fork { no }.into());
    }
    if carried {
        db.execute("UPDATE event SET carried = 0 WHERE row = ?1", [row])?;
    }
    Ok((row, true))
}

/// Keeps a segment as it came.
pub(super) fn keep_segment(db: &Connection, stream: i64, header: &Header, bytes: &[u8]) -> Result<(), StoreFault> {
    db.prepare_cached(
        "INSERT INTO segment (stream, first, last, bytes) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
    )?
    .execute(params![stream, header.first as i64, header.last_no() as i64, bytes])?;
    Ok(())
}

/// Does a segment continue (or repeat) what is held of its stream?
fn continues(db: &Connection, header: &Header, row: Option<i64>, held: Head) -> Result<(), ReceiveFault> {
    let before = header.before();
    if before.no > held.no {
        return Err(Refusal::Gap { have: held.no, want: header.first }.into());
    }
    if hash_at(db, &header.stream, row, before.no)? != Some(before.hash) {
        return Err(Refusal::Fork { no: before.no.max(1) }.into());
    }
    // A repeat must end as ours does; one that goes beyond is compared where ours ends, when its chain is computed.
    if header.last_no() <= held.no && hash_at(db, &header.stream, row, header.last_no())? != Some(header.last) {
        return Err(Refusal::Fork { no: header.first }.into());
    }
    Ok(())
}

pub(super) fn hash_at(
    db: &Connection,
    stream: &StreamId,
    row: Option<i64>,
    no: u64,
) -> Result<Option<crate::wire::Hash>, StoreFault> {
    if no == 0 {
        return Ok(Some(stream.origin()));
    }
    let Some(row) = row else { return Ok(None) };
    let mut select = db.prepare_cached("SELECT hash FROM place WHERE stream = ?1 AND no = ?2")?;
    Ok(select.query_row(params![row, no as i64], |row| row.get(0).map(Fixed)).optional()?)
}

fn put_grants(db: &Connection, grants: &[Grant]) -> Result<(), StoreFault> {
    for grant in grants {
        if !is_forgotten(db, &grant.subject)? {
            put_grant(db, grant)?;
        }
    }
    Ok(())
}

fn credible(at: Hlc, now: Moment) -> Hlc {
    if at.wall() > now.plus_ms(MAX_LEAD_MS) { Hlc::default() } else { at }
}

/// A stream's row.
pub(super) fn held_row(db: &Connection, stream: &StreamId) -> Result<Option<i64>, StoreFault> {
    Ok(db
        .prepare_cached("SELECT row FROM stream WHERE scope = ?1 AND station = ?2 AND incarnation = ?3")?
        .query_row(params![stream.scope.as_str(), stream.station.0, stream.incarnation.0], |row| row.get(0))
        .optional()?)
}
