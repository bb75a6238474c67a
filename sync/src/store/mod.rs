//! One SQLite file: the log, its views, what is owed to the world, and the keys (wrapped). Stations and the centre
//! share it. Only this folder knows SQL.

mod append;
mod blob;
mod carry;
mod effects;
mod enrol;
mod fault;
mod forget;
mod hub_epoch;
mod incarnation;
mod items;
mod keyring;
mod meta;
mod migration;
mod names;
mod open;
mod outbox;
mod people;
mod quarantine;
mod read;
mod receive;
mod roster;
mod sealing;
mod segments;
mod stick;
mod verify;
mod verify_more;
mod views;

pub use blob::{AttachFault, Attachment};
pub use effects::{Effect, EffectDraft};
pub use enrol::Invitation;
pub use fault::{ReceiveFault, StoreFault};
pub use items::{ItemState, OutboxItem};
pub use keyring::{CENTRE, EnrolKeys, NewStation, read_key_file, write_key_file};
pub use outbox::{Accepted, Outbox};
pub use quarantine::Aside;
pub use read::{KnownStation, Opened};
pub use receive::Quarantined;
pub use sealing::SealedPart;
pub use verify::VerifyReport;

use crate::auth::RequestSigner;
use crate::grant::KeyId;
use crate::protocol::{GroupCard, StationCard};
use crate::stream::{Head, StreamId};
use crate::wire::PublicKey;
use crate::wrap::Secret;
use ed25519_dalek::SigningKey;
use intake::event::{Hlc, Scope};
use intake::ids::{Incarnation, StationId};
use rusqlite::Connection;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

/// Where a store lives: a data folder, the database in it, and the station key, by default beside it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Paths {
    /// The data folder.
    pub dir: PathBuf,
    /// The database's file, by default `log.db` in the folder.
    pub db: PathBuf,
    /// The station key's file; best on another medium.
    pub key: PathBuf,
    /// SQLite's way to the disk: the operating system's, unless a simulation names another.
    #[cfg(feature = "simulation")]
    pub vfs: Option<&'static str>,
}

/// The log on this machine. One process at a time; one thread at a time (share it behind a mutex).
pub struct Store {
    db: Connection,
    paths: Paths,
    /// Held for as long as the store is open.
    _lock: open::Lock,
    station_key: Secret,
    signing: SigningKey,
    card: StationCard,
    incarnation: Incarnation,
    centre: PublicKey,
    groups: BTreeMap<String, Group>,
    clock: Hlc,
    /// Our streams of this incarnation.
    own: HashMap<Scope, OwnStream>,
    /// Streams that are not pulled for now, because something of them was refused.
    aside: BTreeSet<StreamId>,
    /// Streams of ours that a hub holds further than the centre has confirmed, and how far.
    held_by_hub: BTreeMap<StreamId, u64>,
    /// What became of the last pushes of our streams.
    outgoing: items::Outgoing,
    /// At a hub: stations whose disk was put back, and who asked for what a former life wrote.
    put_back: RefCell<BTreeSet<StationId>>,
    /// For which of them it asked last: each has its turn.
    asked_for: Cell<Option<StationId>>,
    /// Content keys that were opened.
    opened: RefCell<HashMap<KeyId, Secret>>,
}

/// A group of readers: its current public key, and the private keys of the epochs whose member we are.
struct Group {
    card: GroupCard,
    private: BTreeMap<u32, Secret>,
}

#[derive(Clone, Copy)]
struct OwnStream {
    row: i64,
    head: Head,
}

impl Paths {
    /// A database of any name; its lock and its key (`NAME.lock`, `NAME.key`) stand beside it.
    pub fn for_database(db: &Path) -> Self {
        // A bare name stands in the folder where the program was started.
        let dir = db.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Self {
            dir: dir.to_owned(),
            db: db.to_owned(),
            key: beside(db, "key"),
            #[cfg(feature = "simulation")]
            vfs: None,
        }
    }

    /// The same over another way to the disk.
    #[cfg(feature = "simulation")]
    #[must_use]
    pub fn over(self, vfs: &'static str) -> Self {
        Self { vfs: Some(vfs), ..self }
    }

    fn database(&self) -> &Path {
        &self.db
    }

    /// Held while the database is made, until it has its name.
    fn unfinished(&self) -> PathBuf {
        beside(&self.db, "new")
    }

    fn lock(&self) -> PathBuf {
        beside(&self.db, "lock")
    }
}

/// The database's name with an ending more.
fn beside(db: &Path, ending: &str) -> PathBuf {
    let mut name = db.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name.push(ending);
    db.with_file_name(name)
}

impl From<&Path> for Paths {
    fn from(dir: &Path) -> Self {
        Self {
            dir: dir.to_owned(),
            db: dir.join("log.db"),
            key: dir.join("station.key"),
            #[cfg(feature = "simulation")]
            vfs: None,
        }
    }
}

impl From<PathBuf> for Paths {
    fn from(dir: PathBuf) -> Self {
        dir.as_path().into()
    }
}

impl From<&PathBuf> for Paths {
    fn from(dir: &PathBuf) -> Self {
        dir.as_path().into()
    }
}

impl Store {
    /// Who this station is.
    pub fn card(&self) -> &StationCard {
        &self.card
    }

    /// This station's id.
    pub fn station(&self) -> StationId {
        self.card.station
    }

    /// This life of the disk.
    pub fn incarnation(&self) -> Incarnation {
        self.incarnation
    }

    /// Signs requests to the centre, without the store.
    pub fn signer(&self) -> RequestSigner {
        RequestSigner::new(self.card.station, self.signing.clone())
    }

    /// How far our own log of a scope goes in this life of the disk; none while nothing was written there.
    pub fn written(&self, scope: &Scope) -> Option<(StreamId, u64)> {
        let own = self.own.get(scope)?;
        let stream = StreamId { station: self.card.station, incarnation: self.incarnation, scope: scope.clone() };
        Some((stream, own.head.no))
    }

    /// Tells one who asked with `nonce` who this hub is and whether it leads.
    pub fn hub_status(&self, epoch: u64, leads: bool, nonce: &crate::wire::Fixed<16>) -> crate::hub::HubStatus {
        crate::hub::HubStatus::new(self.card.clone(), epoch, leads, nonce, &self.signing)
    }

    /// Checks the centre's cards, receipts and countersignatures.
    pub fn centre_sign_public(&self) -> PublicKey {
        self.centre
    }

    /// The certificate (DER) of the authority that vouched for the centre when this station was enrolled over TLS: on the
    /// wire no other is believed.
    ///
    /// # Errors
    /// Store faults.
    pub fn centre_authority(&self) -> Result<Option<Vec<u8>>, StoreFault> {
        Ok(meta::get::<crate::wire::Bytes>(&self.db, "authority")?.map(|bytes| bytes.0))
    }

    /// The clock's last reading; it never goes back.
    pub fn clock(&self) -> Hlc {
        self.clock
    }
}
