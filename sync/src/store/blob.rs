//! Attachments of this station: sealed into the shelf first, then named by an event. A crash between the two leaves a
//! file without a name, which is collected at the next start; never an event without its file.

use super::{Store, StoreFault, meta};
use crate::blob::budget::Spent;
use crate::blob::protocol::Named;
use crate::blob::sealed::{self, BlobFault, Header};
use crate::blob::shelf::Shelf;
use crate::blob::{Attached, BlobId, Naming, namings};
use crate::record::Record;
use intake::event::{Draft, Event, Scope, Subject};
use intake::fact::{Fact, PaperAttached};
use intake::ids::OfficerId;
use intake::moment::Moment;
use rusqlite::params;
use std::collections::BTreeSet;
use std::io::{Read, Seek, Write};
use thiserror::Error;

/// What sending cost stands under this name.
const SPENT: &str = "blobs_spent";

/// A scan to be attached.
pub struct Attachment<'a> {
    /// To whose record.
    pub subject: Subject,
    /// Where the event stands; the home first.
    pub scopes: Vec<Scope>,
    /// Which of the procedure's papers.
    pub paper: String,
    /// How many pages.
    pub pages: u16,
    /// Such as `image/jpeg`.
    pub media_type: String,
    /// The plain bytes, which are read twice.
    pub plain: &'a mut dyn Plain,
}

/// What can be read from its beginning again.
pub trait Plain: Read + Seek {}
impl<T: Read + Seek> Plain for T {}

/// Why nothing was attached or opened.
#[derive(Debug, Error)]
pub enum AttachFault {
    /// This station cannot read the subject's records, or they were forgotten.
    #[error("the subject's records cannot be read here")]
    NotReadable,
    /// See [`BlobFault`].
    #[error(transparent)]
    Blob(BlobFault),
    /// See [`StoreFault`].
    #[error(transparent)]
    Store(#[from] StoreFault),
}

impl Store {
    /// The folder of blobs beside the database, `NAME.blobs`.
    ///
    /// # Errors
    /// [`StoreFault::DiskFull`], [`StoreFault::Io`].
    pub fn shelf(&self) -> Result<Shelf, StoreFault> {
        Ok(Shelf::open(&super::beside(self.paths.database(), "blobs"))?)
    }

    /// Seals a scan under the subject's key, stores it durably, then writes the event that names it. The same scan of the
    /// same subject is one file, however often it is attached.
    ///
    /// # Errors
    /// [`AttachFault::NotReadable`] when the subject has no sealed part that this station can open; [`StoreFault::DiskFull`],
    /// and then nothing is left of it.
    pub fn attach(&mut self, now: Moment, by: Option<OfficerId>, scan: Attachment) -> Result<Event, AttachFault> {
        let Attachment { subject, scopes, paper, pages, media_type, plain } = scan;
        let (key, secret) = self.readable_key(&subject.to_string())?.ok_or(AttachFault::NotReadable)?;
        let tag = sealed::tag_of(&secret, plain)?;
        plain.rewind().map_err(BlobFault::from)?;
        let (blob, size_bytes) = self.shelf()?.store(|out| sealed::seal(Header { key, tag }, &secret, plain, out))?;
        let fact = PaperAttached { paper, blob: blob.to_string(), size_bytes, pages, media_type };
        let draft = Draft { subject, fact: Fact::from(fact), personal: None, scopes };
        let mut events = self.append(now, by, vec![draft], Vec::new(), &[])?;
        events.pop().ok_or_else(|| StoreFault::Invalid("no event was written".into()).into())
    }

    /// Opens a blob that is held here, for a member of a group that was granted its key.
    ///
    /// # Errors
    /// [`AttachFault::NotReadable`] when no grant opens it: not ours, or forgotten. [`AttachFault::Blob`] when it is not held.
    pub fn open_blob(&self, blob: BlobId, out: &mut dyn Write) -> Result<(), AttachFault> {
        let shelf = self.shelf()?;
        let header = Header::read(&mut shelf.file(blob)?)?;
        let names_it = |record: &Record| named(record).is_some_and(|(named, _)| named == blob);
        let subjects = self.attached()?.into_iter().filter(names_it).map(|record| record.subject.to_string());
        for subject in subjects.collect::<BTreeSet<_>>() {
            for secret in self.granted_secrets(&subject, header.key)? {
                // Anybody can wrap a key to a group: one that does not open the blob counts for nothing.
                if sealed::open(&secret, &mut shelf.file(blob)?, &mut std::io::sink()).is_ok() {
                    return Ok(sealed::open(&secret, &mut shelf.file(blob)?, out)?);
                }
            }
        }
        Err(AttachFault::NotReadable)
    }

    /// What this station attached and the centre is not known to hold, from the events after `row`, of which at most
    /// `limit` are looked at. Gives the row to go on with, the same at the end.
    ///
    /// # Errors
    /// Store faults.
    pub fn attached_after(&self, row: i64, limit: usize) -> Result<(Vec<Attached>, i64), StoreFault> {
        let mut select = self.db.prepare_cached(
            "SELECT row, bytes FROM event WHERE kind = 'PaperAttached' AND row > ?1 ORDER BY row LIMIT ?2",
        )?;
        let rows = select.query_map(params![row, limit as i64], |row| Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?)))?;
        let (mut last, mut found) = (row, Vec::new());
        for row in rows {
            let (at, bytes) = row?;
            last = at;
            let record = Record::read(&bytes).map_err(StoreFault::unreadable)?;
            let Some((blob, size)) = named(&record) else { continue };
            if record.station == self.card.station && !self.is_sent(blob)? {
                found.push(Attached { of: Named::new(blob, &record.subject), size, since: record.at.wall() });
            }
        }
        Ok((found, last))
    }

    /// Which events of the record name the blob.
    ///
    /// # Errors
    /// Store faults.
    pub fn blob_namings(&self, of: &Named) -> Result<Vec<Naming>, StoreFault> {
        let Ok(subject) = of.subject() else { return Ok(Vec::new()) };
        Ok(namings(&self.subject_events(&subject)?, of.blob))
    }

    /// What sending blobs cost in each hour.
    ///
    /// # Errors
    /// Store faults.
    pub fn blobs_spent(&self) -> Result<Spent, StoreFault> {
        Ok(meta::get(&self.db, SPENT)?.unwrap_or_default())
    }

    /// Keeps it, durably.
    ///
    /// # Errors
    /// Store faults.
    pub fn keep_blobs_spent(&mut self, spent: &Spent) -> Result<(), StoreFault> {
        meta::put(&self.db, SPENT, spent)
    }

    /// Notes, durably, that the centre holds a blob whole.
    ///
    /// # Errors
    /// Store faults.
    pub fn blob_sent(&mut self, now: Moment, blob: BlobId) -> Result<(), StoreFault> {
        self.db
            .prepare_cached("INSERT INTO blob_sent (blob, at) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
            .execute(params![blob.0.0, now.0])?;
        Ok(())
    }

    /// Removes files that no event names; at the start, before anything is attached. Says how many.
    ///
    /// # Errors
    /// Store faults.
    pub fn collect_blobs(&self) -> Result<usize, StoreFault> {
        let named: BTreeSet<BlobId> = self.attached()?.iter().filter_map(named).map(|(blob, _)| blob).collect();
        Ok(self.shelf()?.collect(&named)?)
    }

    fn attached(&self) -> Result<Vec<Record>, StoreFault> {
        let mut select = self.db.prepare_cached("SELECT bytes FROM event WHERE kind = 'PaperAttached' ORDER BY row")?;
        let rows = select.query_map([], |row| row.get::<_, Vec<u8>>(0))?;
        rows.map(|bytes| Record::read(&bytes?).map_err(StoreFault::unreadable)).collect()
    }

    fn is_sent(&self, blob: BlobId) -> Result<bool, StoreFault> {
        Ok(self.db.prepare_cached("SELECT 1 FROM blob_sent WHERE blob = ?1")?.exists([blob.0.0])?)
    }
}

/// The blob that an event names, and its size.
fn named(record: &Record) -> Option<(BlobId, u64)> {
    match Fact::decode(&record.kind, &record.body) {
        Fact::PaperAttached(attached) => Some((BlobId::of(&attached)?, attached.size_bytes)),
        _ => None,
    }
}

impl From<BlobFault> for AttachFault {
    fn from(fault: BlobFault) -> Self {
        match fault {
            // The disk's own faults have names already.
            BlobFault::Io(fault) => Self::Store(fault.into()),
            other => Self::Blob(other),
        }
    }
}
