//! Making and opening the file: one process, one version, one disk.

use super::{Group, NewStation, OwnStream, Paths, Store, StoreFault, keyring, meta, migration, roster};
use crate::stream::Head;
use crate::wire::Fixed;
use ed25519_dalek::SigningKey;
use intake::event::{Hlc, Scope};
use intake::ids::Incarnation;
use rusqlite::{Connection, OpenFlags, params};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

/// Pages of the write-ahead log after which a commit moves them into the file by itself. Large, because
/// [`Store::settle`] does it in idle moments and a citizen should not wait for it.
const WAL_PAGES: i64 = 8_000;
const STATEMENTS: usize = 128;
/// What SQLite keeps of the file in memory. The ends of all indexes should fit: a batch writes there.
const CACHE_KIB: i64 = 8 << 10;

impl Store {
    /// Is there a store in this folder?
    pub fn exists(paths: impl Into<Paths>) -> bool {
        paths.into().database().exists()
    }

    /// Makes the store of a station that was just enrolled, whole or not at all, and opens it.
    ///
    /// # Errors
    /// [`StoreFault::AlreadyEnrolled`] when there is one; [`StoreFault::InUse`], [`StoreFault::DiskFull`], [`StoreFault::Io`].
    pub fn create(paths: impl Into<Paths>, new: NewStation) -> Result<Self, StoreFault> {
        let paths = paths.into();
        std::fs::create_dir_all(&paths.dir)?;
        let lock = lock(&paths)?;
        if paths.database().exists() {
            return Err(StoreFault::AlreadyEnrolled);
        }
        let unfinished = paths.unfinished();
        remove(&unfinished)?;
        fill(&unfinished, &paths, &new)?;
        std::fs::rename(&unfinished, paths.database())?;
        File::open(&paths.dir)?.sync_all()?;
        if let Some(spent) = &new.spent {
            remove(spent)?;
        }
        Self::open_locked(paths, lock)
    }

    /// Opens the store. A file that was restored or moved to another disk begins a new incarnation.
    ///
    /// # Errors
    /// [`StoreFault::NotEnrolled`], [`StoreFault::InUse`], [`StoreFault::NewerVersion`], [`StoreFault::Damaged`],
    /// [`StoreFault::KeyMissing`], [`StoreFault::KeyWrong`], [`StoreFault::DiskFull`], [`StoreFault::Io`].
    pub fn open(paths: impl Into<Paths>) -> Result<Self, StoreFault> {
        let paths = paths.into();
        if !paths.database().exists() {
            return Err(StoreFault::NotEnrolled);
        }
        let lock = lock(&paths)?;
        Self::open_locked(paths, lock)
    }

    /// Moves the write-ahead log into the file; for idle moments, so that no ticket waits for it.
    ///
    /// # Errors
    /// [`StoreFault::DiskFull`], [`StoreFault::Io`].
    pub fn settle(&self) -> Result<(), StoreFault> {
        Ok(self.db.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?)
    }

    /// Never lets the file grow beyond `bytes`: a write that would gets [`StoreFault::DiskFull`], so that others on this disk live on.
    ///
    /// # Errors
    /// [`StoreFault::Io`].
    pub fn limit_bytes(&self, bytes: u64) -> Result<(), StoreFault> {
        let page: i64 = self.db.pragma_query_value(None, "page_size", |row| row.get(0))?;
        let pages = (bytes / page.unsigned_abs().max(1)).max(1);
        Ok(self.db.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))?)
    }

    /// The size of the database, in bytes; what its write-ahead log holds besides is not counted.
    ///
    /// # Errors
    /// [`StoreFault::Io`].
    pub fn size_bytes(&self) -> Result<u64, StoreFault> {
        let pragma = |name: &str| self.db.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        Ok((pragma("page_count")? * pragma("page_size")?).unsigned_abs())
    }

    fn open_locked(paths: Paths, lock: Lock) -> Result<Self, StoreFault> {
        let db = connect(paths.database(), &paths)?;
        migration::migrate(&db)?;
        let station_key = keyring::station_key(&paths)?;
        let signing = keyring::secret(&db, &station_key, "signing")?
            .ok_or_else(|| StoreFault::Damaged("the signing key is missing".into()))?;
        let card = meta::need(&db, "card")?;
        let incarnation = meta::need(&db, "incarnation")?;
        let centre = meta::need(&db, "centre")?;
        let clock: Hlc = meta::get(&db, "clock")?.unwrap_or_default();
        let groups = load_groups(&db, &station_key)?;
        let signing = SigningKey::from_bytes(&signing);
        let (own, aside, opened) = (HashMap::new(), BTreeSet::new(), RefCell::default());
        let mut store = Self {
            db,
            paths,
            _lock: lock,
            station_key,
            signing,
            card,
            incarnation,
            centre,
            groups,
            clock,
            own,
            aside,
            held_by_hub: BTreeMap::new(),
            put_back: RefCell::default(),
            asked_for: Cell::new(None),
            outgoing: super::items::Outgoing::default(),
            opened,
        };
        store.own = store.load_own(incarnation)?;
        store.notice_another_disk()?;
        store.notice_another_fold()?;
        Ok(store)
    }

    /// Our streams of an incarnation.
    pub(super) fn load_own(&self, incarnation: Incarnation) -> Result<HashMap<Scope, OwnStream>, StoreFault> {
        let mut select = self
            .db
            .prepare_cached("SELECT scope, row, head, hash FROM stream WHERE station = ?1 AND incarnation = ?2")?;
        let rows = select.query_map(params![self.card.station.0, incarnation.0], |row| {
            let head = Head { no: row.get::<_, i64>(2)? as u64, hash: Fixed(row.get(3)?) };
            Ok((Scope(row.get(0)?), OwnStream { row: row.get(1)?, head }))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn notice_another_disk(&mut self) -> Result<(), StoreFault> {
        let disk = fingerprint(self.paths.database())?;
        if meta::get::<Disk>(&self.db, "disk")?.as_ref() != Some(&disk) {
            self.new_incarnation()?;
            meta::put(&self.db, "disk", &disk)?;
        }
        Ok(())
    }
}

/// Device, file and the file's birth: another one is another disk, or a restored copy.
type Disk = (u64, u64, u64);

fn fingerprint(path: &Path) -> Result<Disk, StoreFault> {
    let about = std::fs::metadata(path)?;
    // Some file systems keep no birth time; device and file number must do there.
    let born = about.created().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok()).unwrap_or(Duration::ZERO);
    #[cfg(unix)]
    let (device, file) = {
        use std::os::unix::fs::MetadataExt;
        (about.dev(), about.ino())
    };
    #[cfg(not(unix))]
    let (device, file) = (0, 0);
    Ok((device, file, born.as_nanos() as u64))
}

/// The folder, ours until this is dropped or the process ends.
pub(super) struct Lock(File);

impl Drop for Lock {
    /// Closing alone would leave the lock with a child process that is being started at this moment and has not dropped our files yet.
    fn drop(&mut self) {
        // It ends with the file in any case.
        let _ = self.0.unlock();
    }
}

fn lock(paths: &Paths) -> Result<Lock, StoreFault> {
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(paths.lock())?;
    match file.try_lock() {
        Ok(()) => Ok(Lock(file)),
        Err(TryLockError::WouldBlock) => Err(StoreFault::InUse),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

fn connect(path: &Path, paths: &Paths) -> Result<Connection, StoreFault> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = connection(path, paths, flags)?;
    db.busy_timeout(Duration::from_secs(5))?;
    db.set_prepared_statement_cache_capacity(STATEMENTS);
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.pragma_update(None, "synchronous", "FULL")?;
    db.pragma_update(None, "foreign_keys", "ON")?;
    // What is deleted (grants, effects' bodies) is overwritten.
    db.pragma_update(None, "secure_delete", "ON")?;
    db.pragma_update(None, "wal_autocheckpoint", WAL_PAGES)?;
    db.pragma_update(None, "cache_size", -CACHE_KIB)?;
    Ok(db)
}

#[cfg(not(feature = "simulation"))]
fn connection(path: &Path, _: &Paths, flags: OpenFlags) -> Result<Connection, StoreFault> {
    Ok(Connection::open_with_flags(path, flags)?)
}

#[cfg(feature = "simulation")]
fn connection(path: &Path, paths: &Paths, flags: OpenFlags) -> Result<Connection, StoreFault> {
    let Some(vfs) = paths.vfs else { return Ok(Connection::open_with_flags(path, flags)?) };
    let db = Connection::open_with_flags_and_vfs(path, flags, vfs)?;
    // A simulated disk has no memory that processes share.
    db.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    Ok(db)
}

fn fill(file: &Path, paths: &Paths, new: &NewStation) -> Result<(), StoreFault> {
    let station_key = keyring::new_station_key(paths)?;
    let db = connect(file, paths)?;
    migration::migrate(&db)?;
    let all = db.unchecked_transaction()?;
    meta::put(&all, "card", &new.card)?;
    meta::put(&all, "incarnation", &new.incarnation)?;
    meta::put(&all, "centre", &new.centre)?;
    if let Some(authority) = &new.authority {
        meta::put(&all, "authority", &crate::wire::Bytes(authority.clone()))?;
    }
    meta::put(&all, "disk", &fingerprint(file)?)?;
    meta::put(&all, "fold", &super::views::FOLD_VERSION)?;
    keyring::put_secret(&all, &station_key, "signing", new.signing.as_slice())?;
    for card in new.stations.iter().chain([&new.card]) {
        roster::put_station(&all, card)?;
    }
    for (card, private) in &new.groups {
        roster::put_group(&all, card, private.as_ref(), &station_key)?;
    }
    all.commit()?;
    // Leaves no write-ahead log behind that a rename would lose.
    db.pragma_update(None, "journal_mode", "DELETE")?;
    db.close().map_err(|(_, error)| error)?;
    Ok(File::open(file)?.sync_all()?)
}

fn load_groups(db: &Connection, station_key: &crate::wrap::Secret) -> Result<BTreeMap<String, Group>, StoreFault> {
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    for (card, private) in roster::groups(db, station_key)? {
        let name = card.name.clone();
        let epoch = card.epoch;
        // Epochs come in rising order: the last card is the current one.
        let group = groups.entry(name).or_insert_with(|| Group { card: card.clone(), private: BTreeMap::new() });
        group.card = card;
        group.private.extend(private.map(|key| (epoch, key)));
    }
    Ok(groups)
}

fn remove(path: &Path) -> Result<(), StoreFault> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_store_is_free_although_a_child_being_started_still_has_its_files() {
        let dir = tempfile::tempdir().unwrap();
        let paths = Paths::for_database(&dir.path().join("log.db"));
        let held = lock(&paths).unwrap();
        let in_a_child = held.0.try_clone().unwrap();
        assert!(matches!(lock(&paths), Err(StoreFault::InUse)));
        drop(held);
        assert!(lock(&paths).is_ok());
        drop(in_a_child);
    }
}
