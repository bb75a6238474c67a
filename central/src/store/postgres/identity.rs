//! Who the centre is, on all nodes alike: its card, its signing key and the groups' keys, sealed with the nodes' key file.

use super::db::Db;
use super::pool::{Fault, Pool, stored};
use super::rows::damaged;
use ed25519_dalek::SigningKey;
use intake::ids::{Incarnation, SiteCode};
use std::path::Path;
use sync::protocol::{GroupCard, StationCard};
use sync::sign::tagged;
use sync::store::{NewStation, StoreFault, read_key_file, write_key_file};
use sync::wire::{from_cbor, to_cbor};
use sync::wrap::{self, Secret, new_secret};
use zeroize::Zeroizing;

/// The centre's identity.
pub(super) struct Identity {
    pub(super) card: StationCard,
    pub(super) incarnation: Incarnation,
    pub(super) signing: SigningKey,
    key: Secret,
}

impl Identity {
    /// Reads it, or makes it together with the key file where the database holds none.
    pub(super) fn load_or_make(pool: &Pool, key_file: &Path, site: &SiteCode) -> Result<Self, StoreFault> {
        let exists = pool.transact(|db| Ok(db.query_opt("SELECT 1 FROM meta WHERE name = 'card'", &[])?.is_some()));
        if !exists.map_err(stored)? {
            let key = if key_file.exists() { read_key_file(key_file)? } else { new_secret()? };
            // Before anything is sealed with it.
            write_key_file(key_file, &key)?;
            pool.transact(|db| make(db, &key, site)).map_err(stored)?;
        }
        let key = read_key_file(key_file)?;
        pool.transact(|db| load(db, key.clone())).map_err(stored)
    }

    /// Seals a group's private key for the database.
    pub(super) fn seal_group(&self, card: &GroupCard, private: &Secret) -> Result<Vec<u8>, StoreFault> {
        Ok(wrap::encrypt(&self.key, &group_name(card), private.as_slice())?)
    }

    /// Opens a group's private key.
    pub(super) fn open_group(&self, card: &GroupCard, sealed: &[u8]) -> Result<Secret, StoreFault> {
        opened(&self.key, &group_name(card), sealed)
    }
}

fn make(db: &mut Db, key: &Secret, site: &SiteCode) -> Result<(), Fault> {
    // Two nodes may start on an empty database at once: the second finds what the first made.
    db.say("LOCK TABLE meta IN EXCLUSIVE MODE")?;
    if db.query_opt("SELECT 1 FROM meta WHERE name = 'card'", &[])?.is_some() {
        return Ok(());
    }
    let (card, incarnation, signing, groups) = NewStation::centre("Trung tâm", site.clone())?.into_parts();
    let sealed = wrap::encrypt(key, &secret_name("signing"), signing.as_slice()).map_err(StoreFault::from)?;
    db.execute("INSERT INTO secret VALUES ('signing', $1)", &[&sealed])?;
    for (name, value) in [("card", to_cbor(&card)), ("incarnation", to_cbor(&incarnation))] {
        db.execute("INSERT INTO meta VALUES ($1, $2)", &[&name, &value])?;
    }
    let identity = Identity { card, incarnation, signing: SigningKey::from_bytes(&signing), key: key.clone() };
    super::office::put_station(db, &identity.card)?;
    for (card, private) in groups {
        let private = private.ok_or_else(|| damaged("a group without its key"))?;
        super::office::put_group(db, &identity, &card, &private)?;
    }
    Ok(())
}

fn load(db: &mut Db, key: Secret) -> Result<Identity, Fault> {
    let mut value = |name: &str| -> Result<Vec<u8>, Fault> {
        let row = db.query_opt("SELECT value FROM meta WHERE name = $1", &[&name])?;
        Ok(row.ok_or_else(|| damaged("the centre's identity is missing"))?.get(0))
    };
    let (card, incarnation) = (from_cbor(&value("card")?)?, from_cbor(&value("incarnation")?)?);
    let sealed: Vec<u8> = db.query_one("SELECT wrapped FROM secret WHERE name = 'signing'", &[])?.get(0);
    let signing = SigningKey::from_bytes(&*opened(&key, &secret_name("signing"), &sealed)?);
    Ok(Identity { card, incarnation, signing, key })
}

fn opened(key: &Secret, name: &[u8], sealed: &[u8]) -> Result<Secret, StoreFault> {
    let bytes = wrap::decrypt(key, name, sealed).ok_or(StoreFault::KeyWrong)?;
    bytes.as_slice().try_into().map(Zeroizing::new).map_err(|_| damaged("a secret"))
}

fn secret_name(name: &str) -> Vec<u8> {
    tagged("motcua/secret/1", name.as_bytes())
}

fn group_name(card: &GroupCard) -> Vec<u8> {
    tagged("motcua/group-key/1", &to_cbor(&(&card.name, card.epoch)))
}
