//! `sqlite:FILE` or `postgres://USER@HOST/DATABASE`: where the centre keeps its log.

use crate::store::{CentreStore, Postgres, Sqlite};
use intake::ids::SiteCode;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use sync::store::{Paths, Store, StoreFault};

/// The nodes' key where nobody says another place.
const DEFAULT_KEY: &str = "motcua-central.key";

/// The log's place. Lock, key and door file stand beside a SQLite file; beside its key file for PostgreSQL.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StorePath {
    place: Place,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Place {
    Sqlite(PathBuf),
    Postgres { url: String, key: PathBuf },
}

/// A text that names no store.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "a store is written sqlite:FILE or postgres://USER@HOST/DATABASE, such as sqlite:/var/lib/motcua/log.db; got {0:?}"
)]
pub struct NotAStore(String);

impl StorePath {
    /// A SQLite file.
    pub fn new(file: impl Into<PathBuf>) -> Self {
        Self { place: Place::Sqlite(file.into()) }
    }

    /// A PostgreSQL database, and the file with the key that its nodes share.
    pub fn postgres(url: impl Into<String>, key: impl Into<PathBuf>) -> Self {
        Self { place: Place::Postgres { url: url.into(), key: key.into() } }
    }

    /// The same with the nodes' key in another file; a SQLite file's key stays beside it.
    #[must_use]
    pub fn with_key(self, key: Option<PathBuf>) -> Self {
        match (self.place, key) {
            (Place::Postgres { url, .. }, Some(key)) => Self::postgres(url, key),
            (place, _) => Self { place },
        }
    }

    /// Opens the log, and makes it where there is none.
    ///
    /// # Errors
    /// See [`StoreFault`].
    pub fn open(&self, site: &SiteCode) -> Result<Box<dyn CentreStore>, StoreFault> {
        match &self.place {
            Place::Sqlite(file) => Ok(Box::new(Sqlite::open(Paths::for_database(file), site)?)),
            Place::Postgres { url, key } => Ok(Box::new(Postgres::open(url, key, site)?)),
        }
    }

    /// The files of a hub's log.
    ///
    /// # Errors
    /// [`StoreFault::Invalid`] for PostgreSQL: a hub's log is a file.
    pub fn hub_paths(&self) -> Result<Paths, StoreFault> {
        match &self.place {
            Place::Sqlite(file) => Ok(Paths::for_database(file)),
            Place::Postgres { .. } => {
                Err(StoreFault::Invalid("a hub keeps its log in a file: --store sqlite:FILE".into()))
            }
        }
    }

    /// Is there a log? Of a database this is known only by opening it.
    pub fn exists(&self) -> bool {
        match &self.place {
            Place::Sqlite(file) => Store::exists(Paths::for_database(file)),
            Place::Postgres { key, .. } => key.exists(),
        }
    }

    /// Whether several nodes may keep their log there.
    pub fn is_shared(&self) -> bool {
        matches!(self.place, Place::Postgres { .. })
    }

    /// The file that tells this machine's administrator how to reach the running service.
    pub fn door(&self) -> PathBuf {
        self.beside("door.json")
    }

    /// The folder of attachments, where nobody says another place.
    pub fn blobs(&self) -> PathBuf {
        self.beside("blobs")
    }

    /// The folder of attachments of which not all is here.
    pub fn arriving_blobs(&self) -> PathBuf {
        self.beside("blobs-arriving")
    }

    fn beside(&self, ending: &str) -> PathBuf {
        let file = self.file();
        let mut name = file.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{ending}"));
        file.with_file_name(name)
    }

    /// The file beside which everything else stands.
    pub fn file(&self) -> &Path {
        match &self.place {
            Place::Sqlite(file) => file,
            Place::Postgres { key, .. } => key,
        }
    }
}

impl FromStr for StorePath {
    type Err = NotAStore;

    fn from_str(text: &str) -> Result<Self, NotAStore> {
        let is_postgres = text.starts_with("postgres://") || text.starts_with("postgresql://");
        match text.strip_prefix("sqlite:") {
            Some(file) if !file.is_empty() && !file.ends_with('/') => Ok(Self::new(file)),
            None if is_postgres && Postgres::is_address(text) => Ok(Self::postgres(text, DEFAULT_KEY)),
            _ => Err(NotAStore(text.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_parses_what_the_help_says() {
        let store: StorePath = "sqlite:/tmp/x/central.db".parse().unwrap();
        assert_eq!(store.door(), PathBuf::from("/tmp/x/central.db.door.json"));
        let url = "postgres://motcua@one:5432,two:5432/motcua?target_session_attrs=read-write";
        let store: StorePath = url.parse().unwrap();
        assert_eq!(store.door(), PathBuf::from("motcua-central.key.door.json"));
        assert_eq!(store.with_key(Some("/etc/motcua/key".into())), StorePath::postgres(url, "/etc/motcua/key"));
        for text in ["", "sqlite:", "sqlite:/tmp/", "postgres://x:y:z", "mysql://x", "/tmp/x.db"] {
            assert!(text.parse::<StorePath>().is_err(), "{text}");
        }
    }
}
