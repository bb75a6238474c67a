//! Content keys and their grants. A member of the home's group goes on with the subject's key; who is not a member
//! (a kiosk) cannot read a key back and makes a new one for each transaction.

use super::{Opened, Store, StoreFault};
use crate::Refusal;
use crate::grant::{Grant, KeyId, RECOVERY};
use crate::protocol::{GroupCard, WrappedKey};
use crate::record::Record;
use crate::seal::{Binding, Sealed};
use crate::wire::{Bytes, Fixed, from_cbor, to_cbor};
use crate::wrap::{Secret, new_secret};
use intake::event::Scope;
use intake::ids::EventId;
use intake::person::Personal;
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::collections::{BTreeSet, HashMap};
use zeroize::Zeroizing;

/// How many opened content keys stand in memory at most: those that a day's work looks at again and again.
const KEPT: usize = 4_096;

/// The content keys of one transaction, and to whom each is granted already.
#[derive(Default)]
pub(super) struct Sealing {
    keys: HashMap<String, ContentKey>,
}

struct ContentKey {
    id: KeyId,
    secret: Secret,
    granted: BTreeSet<String>,
}

/// A sealed part that is opened without the store: a public-key operation takes longer than a look into the store, and nobody
/// has to wait for it. Its key is not kept.
pub struct SealedPart {
    record: Record,
    openers: Vec<(Secret, Grant)>,
}

impl SealedPart {
    /// What stands in it; none where no key opens it, or it says what this version does not know.
    pub fn open(&self) -> Option<Personal> {
        let sealed = self.record.sealed.as_ref()?;
        // Anybody can wrap a key to a group: a grant counts only when what it opens fits.
        let open = |(private, grant): &(Secret, Grant)| sealed.open(&grant.open(private)?, &binding(&self.record)).ok();
        from_cbor(&self.openers.iter().find_map(open)?).ok()
    }
}

impl Store {
    pub(super) fn seal(
        &self,
        db: &Connection,
        sealing: &mut Sealing,
        record: &Record,
        personal: &Personal,
    ) -> Result<Sealed, StoreFault> {
        let subject = record.subject.to_string();
        if !sealing.keys.contains_key(&subject) {
            let key = self.key_to_go_on_with(db, &subject)?.map_or_else(new_key, Ok)?;
            sealing.keys.insert(subject.clone(), key);
        }
        let Some(key) = sealing.keys.get_mut(&subject) else {
            return Err(StoreFault::Invalid("no content key".into()));
        };
        self.grant(db, &subject, key, &record.scopes)?;
        self.leave_tag(db, &subject, key.id, personal)?;
        let plain = Zeroizing::new(to_cbor(personal));
        Ok(Sealed::seal(key.id, &key.secret, &binding(record), &plain)?)
    }

    /// Reads an event's sealed part.
    pub(super) fn unseal(&self, record: &Record) -> Result<Opened, StoreFault> {
        let Some(sealed) = &record.sealed else { return Ok(Opened::None) };
        let subject = record.subject.to_string();
        if is_forgotten(&self.db, &subject)? {
            return Ok(Opened::Erased);
        }
        let cached = self.opened.borrow().get(&sealed.key).cloned();
        let opened = match cached {
            Some(secret) => sealed.open(&secret, &binding(record)).ok(),
            None => self.open_by_grants(sealed, record)?,
        };
        let personal = opened.map(|plain| from_cbor(&plain)).transpose();
        match personal {
            Ok(personal) => Ok(personal.map_or(Opened::NotOurs, Opened::Personal)),
            Err(refusal) => {
                // Sealed with the right key, and not what we know: written by a newer version, or by a broken one.
                tracing::warn!(event = %record.id, %refusal, "a sealed part cannot be read");
                Ok(Opened::NotOurs)
            }
        }
    }

    /// The sealed part of an event with the keys that may open it; none where there is nothing to open, or no more.
    ///
    /// # Errors
    /// Store faults.
    pub fn sealed_part(&self, id: EventId) -> Result<Option<SealedPart>, StoreFault> {
        let Some((_, record)) = self.record(id)? else { return Ok(None) };
        let (Some(key), subject) = (record.key(), record.subject.to_string()) else { return Ok(None) };
        if is_forgotten(&self.db, &subject)? {
            return Ok(None);
        }
        let grants = grants_of(&self.db, &subject, key)?.into_iter();
        let openers = grants.filter_map(|grant| Some((self.group_private(&grant)?.clone(), grant))).collect();
        Ok(Some(SealedPart { record, openers }))
    }

    fn open_by_grants(&self, sealed: &Sealed, record: &Record) -> Result<Option<Zeroizing<Vec<u8>>>, StoreFault> {
        // Anybody can wrap a key to a group: a grant counts only when what it opens fits.
        for grant in grants_of(&self.db, &record.subject.to_string(), sealed.key)? {
            let secret = self.group_private(&grant).and_then(|private| grant.open(private));
            if let Some(secret) = secret
                && let Ok(plain) = sealed.open(&secret, &binding(record))
            {
                self.keep_opened(sealed.key, secret);
                return Ok(Some(plain));
            }
        }
        Ok(None)
    }

    /// Keeps a content key for the next look.
    fn keep_opened(&self, key: KeyId, secret: Secret) {
        let mut opened = self.opened.borrow_mut();
        if opened.len() >= KEPT {
            opened.clear();
        }
        opened.insert(key, secret);
    }

    fn group_private(&self, grant: &Grant) -> Option<&Secret> {
        self.groups.get(&grant.group)?.private.get(&grant.epoch)
    }

    fn key_to_go_on_with(&self, db: &Connection, subject: &str) -> Result<Option<ContentKey>, StoreFault> {
        if self.groups.values().all(|group| group.private.is_empty()) {
            return Ok(None);
        }
        // Only a key that proved itself by opening a sealed part is used further: a grant alone could be a trap.
        let last: Option<Vec<u8>> = db
            .prepare_cached(
                "SELECT bytes FROM event WHERE subject = ?1 AND content_key IS NOT NULL ORDER BY row DESC LIMIT 1",
            )?
            .query_row([subject], |row| row.get(0))
            .optional()?;
        let Some(bytes) = last else { return Ok(None) };
        let record = Record::read(&bytes).map_err(StoreFault::unreadable)?;
        let (Opened::Personal(_), Some(id)) = (self.unseal(&record)?, record.key()) else { return Ok(None) };
        let Some(secret) = self.opened.borrow().get(&id).cloned() else { return Ok(None) };
        let granted =
            grants_of(db, subject, id)?.into_iter().filter(|grant| self.is_current(grant)).map(|grant| grant.group);
        Ok(Some(ContentKey { id, secret, granted: granted.collect() }))
    }

    /// The content key with which a subject's records go on here, if this station can read them.
    pub(super) fn readable_key(&self, subject: &str) -> Result<Option<(KeyId, Secret)>, StoreFault> {
        Ok(self.key_to_go_on_with(&self.db, subject)?.map(|key| (key.id, key.secret)))
    }

    /// Every content key of a subject that the grants of this key's name open for us. Which of them is right shows what it opens.
    pub(super) fn granted_secrets(&self, subject: &str, key: KeyId) -> Result<Vec<Secret>, StoreFault> {
        let grants = grants_of(&self.db, subject, key)?;
        Ok(grants.iter().filter_map(|grant| grant.open(self.group_private(grant)?)).collect())
    }

    fn is_current(&self, grant: &Grant) -> bool {
        self.groups.get(&grant.group).is_some_and(|group| group.card.epoch == grant.epoch)
    }

    fn grant(&self, db: &Connection, subject: &str, key: &mut ContentKey, scopes: &[Scope]) -> Result<(), StoreFault> {
        let forgotten = is_forgotten(db, subject)?;
        let readers: BTreeSet<&str> = scopes.iter().map(Scope::as_str).chain([RECOVERY]).collect();
        let known: Vec<&GroupCard> =
            readers.into_iter().filter_map(|name| Some(&self.groups.get(name)?.card)).collect();
        if known.is_empty() {
            return Err(StoreFault::Invalid("no group is known that could read it".into()));
        }
        for group in known {
            if !forgotten && key.granted.insert(group.name.clone()) {
                let unusable = |refusal: Refusal| StoreFault::Invalid(refusal.to_string());
                put_grant(db, &Grant::new(key.id, subject, group, &key.secret).map_err(unusable)?)?;
            }
        }
        Ok(())
    }
}

pub(super) fn put_grant(db: &Connection, grant: &Grant) -> Result<(), StoreFault> {
    let Grant { key, subject, group, epoch, wrapped } = grant;
    db.prepare_cached(
        "INSERT INTO content_grant (subject, content_key, reader, epoch, enc, wrapped) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT DO NOTHING",
    )?
    .execute(params![subject, key.0, group, epoch, wrapped.enc.0, wrapped.wrapped.0])?;
    Ok(())
}

/// The grants of a subject's content key, oldest epoch first.
pub(super) fn grants_of(db: &Connection, subject: &str, key: KeyId) -> Result<Vec<Grant>, StoreFault> {
    let mut select = db.prepare_cached(
        "SELECT content_key, subject, reader, epoch, enc, wrapped FROM content_grant WHERE subject = ?1 AND content_key = ?2
         ORDER BY reader, epoch, enc",
    )?;
    let rows = select.query_map(params![subject, key.0], read_grant)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn is_forgotten(db: &Connection, subject: &str) -> Result<bool, StoreFault> {
    Ok(db.prepare_cached("SELECT 1 FROM forgotten WHERE subject = ?1")?.exists([subject])?)
}

fn read_grant(row: &Row) -> rusqlite::Result<Grant> {
    let wrapped = WrappedKey { enc: Fixed(row.get(4)?), wrapped: Bytes(row.get(5)?) };
    Ok(Grant { key: KeyId(row.get(0)?), subject: row.get(1)?, group: row.get(2)?, epoch: row.get(3)?, wrapped })
}

fn new_key() -> Result<ContentKey, StoreFault> {
    let id = KeyId(crate::centre::new_uuid()?);
    Ok(ContentKey { id, secret: new_secret()?, granted: BTreeSet::new() })
}

fn binding(record: &Record) -> Binding<'_> {
    let (station, incarnation) = (record.station, record.incarnation);
    Binding { event: record.id, station, incarnation, home: record.home(), kind: &record.kind }
}
