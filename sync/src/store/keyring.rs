//! Keys at rest: private keys in the database are wrapped by the station key, which is in a file of its own.

use super::{Paths, StoreFault};
use crate::centre::{member_info, new_group, new_uuid};
use crate::protocol::{EnrolAsk, Enrolment, GroupCard, GroupKey, StationCard, StationRole};
use crate::sign::{sign, tagged};
use crate::wire::{Fixed, PublicKey};
use crate::wrap::{self, Secret, new_secret, unwrap_with};
use crate::{Refusal, grant::RECOVERY};
use ed25519_dalek::SigningKey;
use intake::event::Scope;
use intake::ids::{Incarnation, SiteCode, StationId};
use rusqlite::{Connection, OptionalExtension, params};
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// The group of the centre's own affairs.
pub const CENTRE: &str = "centre";

/// A station's keys before it has an identity. Kept in a file until the store is made, so that an enrolment whose
/// answer was lost can be asked for again.
pub struct EnrolKeys {
    signing: Secret,
    wrapping: Secret,
    file: PathBuf,
}

/// All that a new store needs.
pub struct NewStation {
    pub(super) card: StationCard,
    pub(super) incarnation: Incarnation,
    pub(super) signing: Secret,
    pub(super) groups: Vec<(GroupCard, Option<Secret>)>,
    pub(super) centre: PublicKey,
    pub(super) stations: Vec<StationCard>,
    pub(super) spent: Option<PathBuf>,
    pub(super) authority: Option<Vec<u8>>,
}

impl EnrolKeys {
    /// The keys of an enrolment that was begun in this folder, or new ones.
    ///
    /// # Errors
    /// [`StoreFault::Io`], [`StoreFault::DiskFull`].
    pub fn load_or_new(dir: &Path) -> Result<Self, StoreFault> {
        let file = dir.join("enrolment.key");
        std::fs::create_dir_all(dir)?;
        if let Ok(bytes) = std::fs::read(&file).map(Zeroizing::new)
            && let (Ok(signing), Ok(wrapping)) =
                (bytes[..bytes.len().min(32)].try_into(), bytes[bytes.len().min(32)..].try_into())
        {
            return Ok(Self { signing: Zeroizing::new(signing), wrapping: Zeroizing::new(wrapping), file });
        }
        let keys = Self { signing: new_secret()?, wrapping: new_secret()?, file };
        let bytes = Zeroizing::new([keys.signing.as_slice(), keys.wrapping.as_slice()].concat());
        write_private(&keys.file, &bytes)?;
        Ok(keys)
    }

    /// The request for enrolment.
    ///
    /// # Errors
    /// [`StoreFault::Damaged`] when the kept keys are no keys.
    pub fn ask(&self, token: &str, label: &str, role: StationRole) -> Result<EnrolAsk, StoreFault> {
        let wrap_public =
            wrap::wrap_public(&self.wrapping).ok_or_else(|| StoreFault::Damaged("the enrolment's keys".into()))?;
        let sign_public = sign_public(&self.signing);
        Ok(EnrolAsk { token: token.to_owned(), label: label.to_owned(), role, sign_public, wrap_public })
    }
}

impl NewStation {
    /// Card, first life and signing key, and the groups with their private keys, for a store of another kind.
    pub fn into_parts(self) -> (StationCard, Incarnation, Secret, Vec<(GroupCard, Option<Secret>)>) {
        (self.card, self.incarnation, self.signing, self.groups)
    }

    /// Checks the centre's answer and opens the group keys in it.
    ///
    /// # Errors
    /// [`Refusal::BadSignature`] when a card is not the centre's or a key is not ours.
    pub fn from_enrolment(keys: EnrolKeys, enrolment: Enrolment) -> Result<Self, Refusal> {
        let Enrolment { card, incarnation, groups, centre_sign_public: centre, stations, .. } = enrolment;
        card.check(&centre)?;
        if card.sign_public != sign_public(&keys.signing) {
            return Err(Refusal::BadSignature);
        }
        stations.iter().try_for_each(|other| other.check(&centre))?;
        let open = |key: GroupKey| {
            key.card.check(&centre)?;
            let info = member_info(&key.card, &card.sign_public);
            let private = key.private.map(|it| unwrap_with(&keys.wrapping, &info, &it).ok_or(Refusal::BadSignature));
            Ok((key.card, private.transpose()?))
        };
        let groups = groups.into_iter().map(open).collect::<Result<_, Refusal>>()?;
        Ok(Self {
            card,
            incarnation,
            signing: keys.signing,
            groups,
            centre,
            stations,
            spent: Some(keys.file),
            authority: None,
        })
    }

    /// The same, which keeps the certificate of the authority that vouched for the centre (DER), if there was one.
    #[must_use]
    pub fn trusting(mut self, authority: Option<Vec<u8>>) -> Self {
        self.authority = authority;
        self
    }

    /// A new centre: it signs its own card and holds all groups.
    ///
    /// # Errors
    /// [`StoreFault::Io`] when there is no randomness.
    pub fn centre(label: &str, site: SiteCode) -> Result<Self, StoreFault> {
        let signing = new_secret()?;
        let key = SigningKey::from_bytes(&signing);
        let centre = sign_public(&signing);
        let mut card = StationCard {
            station: StationId(new_uuid()?),
            label: label.to_owned(),
            role: StationRole::Centre,
            site,
            scopes: vec![Scope(CENTRE.into())],
            key_no: 0,
            sign_public: centre,
            signature: Fixed([0; 64]),
        };
        card.signature = sign(&key, &card.signed_bytes());
        let new = |name| new_group(name, &key).map(|(card, private)| (card, Some(private)));
        let groups = [RECOVERY, CENTRE].into_iter().map(new).collect::<Result<_, _>>()?;
        let incarnation = Incarnation(new_uuid()?);
        Ok(Self { card, incarnation, signing, groups, centre, stations: Vec::new(), spent: None, authority: None })
    }
}

pub(super) fn sign_public(signing: &Secret) -> PublicKey {
    Fixed(SigningKey::from_bytes(signing).verifying_key().to_bytes())
}

/// Makes a new station key.
pub(super) fn new_station_key(paths: &Paths) -> Result<Secret, StoreFault> {
    let key = new_secret()?;
    write_key_file(&paths.key, &key)?;
    Ok(key)
}

/// Reads the station key.
pub(super) fn station_key(paths: &Paths) -> Result<Secret, StoreFault> {
    read_key_file(&paths.key)
}

/// Writes a key into a file that only its owner can read, durably.
///
/// # Errors
/// [`StoreFault::Io`], [`StoreFault::DiskFull`].
pub fn write_key_file(path: &Path, key: &Secret) -> Result<(), StoreFault> {
    write_private(path, key.as_slice())
}

/// Reads a key's file.
///
/// # Errors
/// [`StoreFault::KeyMissing`], [`StoreFault::KeyWrong`], [`StoreFault::Io`].
pub fn read_key_file(path: &Path) -> Result<Secret, StoreFault> {
    let mut bytes = Zeroizing::new(Vec::new());
    let missing = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => StoreFault::KeyMissing,
        _ => error.into(),
    };
    File::open(path).map_err(missing)?.take(64).read_to_end(&mut bytes)?;
    bytes.as_slice().try_into().map(Zeroizing::new).map_err(|_| StoreFault::KeyWrong)
}

/// Puts a private key into the database, wrapped.
pub(super) fn put_secret(db: &Connection, key: &Secret, name: &str, secret: &[u8]) -> Result<(), StoreFault> {
    let wrapped = wrap::encrypt(key, &secret_aad(name), secret)?;
    db.execute("INSERT OR REPLACE INTO secret (name, wrapped) VALUES (?1, ?2)", params![name, wrapped])?;
    Ok(())
}

/// Takes a private key out of the database.
pub(super) fn secret(db: &Connection, key: &Secret, name: &str) -> Result<Option<Secret>, StoreFault> {
    let wrapped: Option<Vec<u8>> =
        db.query_row("SELECT wrapped FROM secret WHERE name = ?1", [name], |row| row.get(0)).optional()?;
    let Some(wrapped) = wrapped else { return Ok(None) };
    let opened = wrap::decrypt(key, &secret_aad(name), &wrapped).ok_or(StoreFault::KeyWrong)?;
    let secret = opened.as_slice().try_into().map_err(|_| StoreFault::Damaged(format!("the secret {name}")))?;
    Ok(Some(Zeroizing::new(secret)))
}

fn secret_aad(name: &str) -> Vec<u8> {
    tagged("motcua/secret/1", name.as_bytes())
}

/// Writes a file that only its owner can read, durably.
fn write_private(path: &Path, bytes: &[u8]) -> Result<(), StoreFault> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    Ok(())
}
