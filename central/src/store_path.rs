//! `sqlite:FILE`: where the centre keeps its log.

use std::path::PathBuf;
use std::str::FromStr;
use sync::store::Paths;

/// The log's place. The lock, the key and the door file stand beside it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StorePath {
    file: PathBuf,
}

/// A text that names no store.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a store is written sqlite:FILE, such as sqlite:/var/lib/motcua/log.db; got {0:?}")]
pub struct NotAStore(String);

impl StorePath {
    /// The database file.
    pub fn new(file: impl Into<PathBuf>) -> Self {
        Self { file: file.into() }
    }

    /// The database file.
    pub fn file(&self) -> &std::path::Path {
        &self.file
    }

    /// The file that tells this machine's administrator how to reach the running service.
    pub fn door(&self) -> PathBuf {
        self.beside("door.json")
    }

    /// As the log's crate takes it.
    pub fn paths(&self) -> Paths {
        Paths::for_database(&self.file)
    }

    fn beside(&self, ending: &str) -> PathBuf {
        let mut name = self.file.file_name().unwrap_or_default().to_owned();
        name.push(".");
        name.push(ending);
        self.file.with_file_name(name)
    }
}

impl FromStr for StorePath {
    type Err = NotAStore;

    fn from_str(text: &str) -> Result<Self, NotAStore> {
        match text.strip_prefix("sqlite:") {
            Some(file) if !file.is_empty() && !file.ends_with('/') => Ok(Self::new(file)),
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
        for text in ["", "sqlite:", "sqlite:/tmp/", "postgres://x", "/tmp/x.db"] {
            assert!(text.parse::<StorePath>().is_err(), "{text}");
        }
    }
}
