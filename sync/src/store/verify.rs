//! `verify`: re-hashes every chain, checks every segment, rebuilds the views and compares.

use super::read::read_head;
use super::segments::places_beyond;
use super::views::{fold_all, stored};
use super::{Store, StoreFault};
use crate::record::Record;
use crate::segment::Segment;
use crate::stream::{Head, StreamId};
use rusqlite::params;

/// What a check of the whole store found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerifyReport {
    /// Chains that were re-hashed.
    pub streams: u64,
    /// Events that were read.
    pub events: u64,
    /// Segments whose signature was checked.
    pub segments: u64,
    /// Receipts whose signature and chain were checked.
    pub receipts: u64,
    /// Keys of sealed parts, wrapped to their readers.
    pub grants: u64,
    /// What was refused and put aside. It is no part of the log, so it is no difference; a person should look at it.
    pub quarantined: u64,
    /// The first difference, by name; none when all is well.
    pub difference: Option<String>,
}

impl Store {
    /// Checks the whole store. Reads everything: for a quiet hour.
    ///
    /// # Errors
    /// Store faults; what is merely wrong is a difference in the report.
    pub fn verify(&self) -> Result<VerifyReport, StoreFault> {
        let count = |table: &str| -> Result<u64, StoreFault> {
            let count: i64 = self.db.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))?;
            Ok(count as u64)
        };
        let mut report = VerifyReport {
            streams: count("stream")?,
            events: count("event")?,
            segments: count("segment")?,
            receipts: count("receipt")?,
            grants: count("content_grant")?,
            quarantined: count("quarantine")?,
            difference: None,
        };
        let checks = [
            Self::check_file,
            Self::check_events,
            Self::check_chains,
            Self::check_segments,
            Self::check_receipts,
            Self::check_grants,
            Self::check_views,
        ];
        for check in checks {
            report.difference = match check(self) {
                Ok(difference) => difference,
                // What cannot be read back is a difference too, and the report names it.
                Err(StoreFault::Damaged(what)) => Some(what),
                Err(fault) => return Err(fault),
            };
            if report.difference.is_some() {
                break;
            }
        }
        Ok(report)
    }

    fn check_file(&self) -> Result<Option<String>, StoreFault> {
        let result: String = self.db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        Ok((result != "ok").then(|| format!("file: {result}")))
    }

    fn check_events(&self) -> Result<Option<String>, StoreFault> {
        let mut select = self.db.prepare(
            "SELECT row, id, subject, kind, hlc, carried, bytes,
                    EXISTS (SELECT 1 FROM place WHERE place.event = event.row) FROM event ORDER BY row",
        )?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            let name = format!("event {}", row.get::<_, i64>(0)?);
            let record = match Record::decode(&row.get::<_, Vec<u8>>(6)?) {
                Ok(record) => record,
                Err(refusal) => return Ok(Some(format!("{name}: {refusal}"))),
            };
            let stored = (row.get::<_, uuid::Uuid>(1)?, row.get::<_, String>(2)?, row.get::<_, String>(3)?);
            let read = (record.id.0, record.subject.to_string(), record.kind);
            if stored != read || row.get::<_, i64>(4)? as u64 != record.at.0 {
                return Ok(Some(format!("{name}: its columns are not its bytes'")));
            }
            let (carried, placed): (bool, bool) = (row.get(5)?, row.get(7)?);
            if carried == placed {
                return Ok(Some(format!("{name}: stands in no chain, or in one although it came on paper only")));
            }
        }
        Ok(None)
    }

    fn check_chains(&self) -> Result<Option<String>, StoreFault> {
        for (row, stream, head) in self.all_streams()? {
            let mut reached = stream.start();
            for (no, _, bytes, hash) in places_beyond(&self.db, row, 0)? {
                reached = reached.extended(&bytes);
                if reached != (Head { no, hash }) {
                    return Ok(Some(format!(
                        "stream {} of {}: the chain breaks at {no}",
                        stream.scope, stream.station
                    )));
                }
            }
            if reached != head {
                return Ok(Some(format!("stream {} of {}: ends at {}", stream.scope, stream.station, reached.no)));
            }
        }
        Ok(None)
    }

    fn check_segments(&self) -> Result<Option<String>, StoreFault> {
        let mut select = self.db.prepare("SELECT bytes FROM segment WHERE stream = ?1 ORDER BY last, first")?;
        for (row, stream, _) in self.all_streams()? {
            let Some(card) = self.station_card(stream.station)? else {
                return Ok(Some(format!("station {}: not known", stream.station)));
            };
            let mut segments = select.query(params![row])?;
            while let Some(bytes) = segments.next()? {
                let bytes: Vec<u8> = bytes.get(0)?;
                if let Err(why) = self.check_segment(&bytes, row, &stream, &card.sign_public) {
                    return Ok(Some(format!("segment of {} of {}: {why}", stream.scope, stream.station)));
                }
            }
        }
        Ok(None)
    }

    fn check_segment(
        &self,
        bytes: &[u8],
        row: i64,
        stream: &StreamId,
        public: &crate::wire::PublicKey,
    ) -> Result<(), String> {
        let check = || -> Result<Head, crate::Refusal> {
            let segment = Segment::parse(bytes)?;
            segment.check(public)?;
            segment.events()?;
            Ok(Head { no: segment.header.last_no(), hash: segment.header.last })
        };
        let last = check().map_err(|refusal| refusal.to_string())?;
        let held = super::receive::hash_at(&self.db, stream, Some(row), last.no).map_err(|fault| fault.to_string())?;
        if held == Some(last.hash) { Ok(()) } else { Err(format!("not the chain's hash at {}", last.no)) }
    }

    fn check_views(&self) -> Result<Option<String>, StoreFault> {
        let stored = stored(&self.db)?;
        let mut folded = Vec::with_capacity(stored.len());
        fold_all(&self.db, |row| {
            folded.push(row);
            Ok(())
        })?;
        folded.sort_by(|a, b| (a.view, &a.id).cmp(&(b.view, &b.id)));
        if stored.len() != folded.len() {
            return Ok(Some(format!("views: {} rows, {} in the log", stored.len(), folded.len())));
        }
        let differs = stored
            .iter()
            .zip(&folded)
            .find(|((view, id, body), row)| (view.as_str(), id, body) != (row.view, &row.id, &row.body));
        Ok(differs.map(|((view, id, _), _)| format!("view {view}: {id} is not what the log says")))
    }

    pub(super) fn all_streams(&self) -> Result<Vec<(i64, StreamId, Head)>, StoreFault> {
        let mut select =
            self.db.prepare("SELECT station, incarnation, scope, head, hash, row FROM stream ORDER BY row")?;
        let rows = select.query_map([], |row| {
            let (stream, head) = read_head(row)?;
            Ok((row.get(5)?, stream, head))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
