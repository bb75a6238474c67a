//! Whom passive authentication believes: a folder of authorities' certificates, each with where it is from and as of which day.
//!
//! Vietnam's CSCA certificate is not public. So which authorities are believed is a counter's configuration, dated, and a card whose authority is
//! not in it is unproven, not false.
//!
//! The folder holds certificates, DER or PEM, in files that end with `.cer`, `.crt`, `.der` or `.pem`. A `list.toml` beside them may say of all, or
//! of one, where it is from:
//!
//! ```toml
//! source = "handed over by the issuing authority"
//! as_of = "2026-11-01"
//!
//! [[certificate]]
//! file = "csca-2021.cer"
//! source = "ICAO master list"
//! as_of = "2026-09-30"
//! ```
//!
//! Of a file of which it says nothing the name is asked: `SOURCE_YYYY-MM-DD.cer`.

use std::fs;
use std::path::Path;

use der::pem;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::LdsError;
use super::cert::Certificate;

const LIST: &str = "list.toml";
const ENDINGS: [&str; 4] = ["cer", "crt", "der", "pem"];
const PEM_BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const PEM_END: &str = "-----END CERTIFICATE-----";

/// Where a certificate is from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Provenance {
    /// Who gave it.
    pub source: Option<String>,
    /// As of which day.
    pub as_of: Option<Date>,
}

/// An authority that is believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// Its certificate.
    pub certificate: Certificate,
    /// Where that is from.
    pub provenance: Provenance,
}

/// Why a file of the folder gives no authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Rejection {
    /// It cannot be read from the disk.
    #[error("cannot be read")]
    Unreadable,
    /// It holds no certificate in DER or PEM.
    #[error("no certificate ({0})")]
    NoCertificate(LdsError),
    /// Its certificate is not an authority's.
    #[error("not an authority's certificate")]
    NotAnAuthority,
    /// `list.toml` names it, and it is not there.
    #[error("named in the list and not there")]
    Missing,
}

/// Why a folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// It cannot be listed.
    #[error("the folder cannot be read: {0}")]
    Folder(#[from] std::io::Error),
    /// Its `list.toml` is wrong.
    #[error("list.toml: {0}")]
    List(#[from] toml::de::Error),
}

/// Whom passive authentication believes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustList {
    /// The authorities.
    pub anchors: Vec<Anchor>,
    /// The files that give none, each with the reason: for the technician.
    pub rejected: Vec<(String, Rejection)>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    source: Option<String>,
    as_of: Option<Date>,
    #[serde(default)]
    certificate: Vec<ListedFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListedFile {
    file: String,
    source: Option<String>,
    as_of: Option<Date>,
}

impl TrustList {
    /// Reads a folder.
    ///
    /// # Errors
    /// [`TrustError`] if the folder or its `list.toml` cannot be read. A file that gives no authority is no error: see [`TrustList::rejected`].
    pub fn read(folder: &Path) -> Result<Self, TrustError> {
        let list: List = match fs::read_to_string(folder.join(LIST)) {
            Ok(text) => toml::from_str(&text)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => List::default(),
            Err(error) => return Err(error.into()),
        };
        let mut names = Vec::new();
        for entry in fs::read_dir(folder)? {
            names.extend(entry?.file_name().into_string().ok());
        }
        names.sort();
        let mut trust = Self::default();
        for listed in list.certificate.iter().filter(|listed| !names.contains(&listed.file)) {
            trust.rejected.push((listed.file.clone(), Rejection::Missing));
        }
        for name in names.iter().filter(|name| has_ending(name)) {
            match fs::read(folder.join(name)) {
                Ok(bytes) => trust.add(name, &bytes, &list.provenance(name)),
                Err(_) => trust.rejected.push((name.clone(), Rejection::Unreadable)),
            }
        }
        Ok(trust)
    }

    /// Adds the certificates of a file, DER or PEM. What is no authority's certificate goes to [`TrustList::rejected`] under the file's name.
    pub fn add(&mut self, name: &str, bytes: &[u8], provenance: &Provenance) {
        for certificate in certificates(bytes) {
            match certificate {
                Ok(certificate) if certificate.is_authority == Some(true) => {
                    self.anchors.push(Anchor { certificate, provenance: provenance.clone() });
                }
                Ok(_) => self.rejected.push((name.to_owned(), Rejection::NotAnAuthority)),
                Err(error) => self.rejected.push((name.to_owned(), Rejection::NoCertificate(error))),
            }
        }
    }
}

impl List {
    fn provenance(&self, name: &str) -> Provenance {
        let listed = self.certificate.iter().find(|listed| listed.file == name);
        let named = provenance_of_name(name);
        Provenance {
            source: listed.and_then(|listed| listed.source.clone()).or(named.source).or_else(|| self.source.clone()),
            as_of: listed.and_then(|listed| listed.as_of).or(named.as_of).or(self.as_of),
        }
    }
}

/// `SOURCE_YYYY-MM-DD.cer`; nothing from a name that is otherwise.
fn provenance_of_name(name: &str) -> Provenance {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let parts = stem.rsplit_once('_').and_then(|(source, day)| Some((source, day.parse().ok()?)));
    parts.map_or_else(Provenance::default, |(source, as_of)| Provenance {
        source: Some(source.to_owned()),
        as_of: Some(as_of),
    })
}

fn has_ending(name: &str) -> bool {
    let ending = Path::new(name).extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known))
}

/// The certificates of a file: one in DER, or any number in PEM with any text around them.
fn certificates(bytes: &[u8]) -> Vec<Result<Certificate, LdsError>> {
    let text = std::str::from_utf8(bytes).ok().filter(|text| text.contains(PEM_BEGIN));
    let Some(text) = text else { return vec![Certificate::parse(bytes)] };
    let blocks = text.match_indices(PEM_BEGIN).map(|(at, _)| &text[at..]);
    blocks.map(|block| decode_pem(block).and_then(|der| Certificate::parse(&der))).collect()
}

fn decode_pem(block: &str) -> Result<Vec<u8>, LdsError> {
    let end = block.find(PEM_END).ok_or(LdsError::Cut)? + PEM_END.len();
    pem::decode_vec(&block.as_bytes()[..end])
        .map(|(_, der)| der)
        .map_err(|_| LdsError::Malformed(super::Part::Certificate))
}

#[cfg(test)]
#[path = "trust_tests.rs"]
mod tests;
