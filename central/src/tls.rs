//! TLS of the service: an authority of its own, made at the first start and kept beside the store, or given PEM files.
//! The authority's fingerprint travels in each invitation's token, so that a station trusts nobody else.

use crate::clock::Clock;
use crate::store_path::StorePath;
use intake::moment::Moment;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use std::fs::OpenOptions;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use sync::tls::{Fingerprint, provider};

/// The file beside the store that notes by which fingerprint the service is known.
const FINGERPRINT: &str = ".fingerprint";
const DAY_MS: i64 = 24 * 3600 * 1000;
/// How long the service's own certificate is good: before now, for clocks that are behind, and after it.
const BEFORE_DAYS: i64 = 30;
const AFTER_DAYS: i64 = 90;
/// So long before its end the next one is made.
const RENEW_DAYS: i64 = 30;
/// Every station would have to be enrolled again under another authority.
const AUTHORITY_DAYS: i64 = 30 * 365;

/// Where the service's certificate is from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TlsFrom {
    /// From an authority of its own beside the store, for these names and addresses.
    Own {
        /// DNS names and IP addresses under which stations reach the service; this machine's own are added.
        names: Vec<String>,
    },
    /// From PEM files: the chain, whose last certificate stations will trust, and the key.
    Files {
        /// The service's certificate first, its authority's last.
        chain: PathBuf,
        /// PKCS #8, PKCS #1 or SEC 1.
        key: PathBuf,
    },
}

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub enum TlsFault {
    /// A file cannot be read or written.
    #[error("{0}: {1}")]
    File(PathBuf, String),
    /// A certificate cannot be made.
    #[error("no certificate could be made: {0}")]
    Make(#[from] rcgen::Error),
    /// Certificate and key do not go together, or are none.
    #[error("certificate and key: {0}")]
    Pair(#[from] rustls::Error),
}

/// What the service shows, and how a station recognises it.
#[derive(Clone)]
pub struct Tls {
    /// For the listener.
    pub(crate) config: Arc<ServerConfig>,
    /// The authority's certificate (DER).
    pub authority: Vec<u8>,
}

impl Tls {
    /// Reads what there is, and makes what is missing.
    ///
    /// # Errors
    /// See [`TlsFault`].
    pub fn open(from: &TlsFrom, store: &StorePath, address: SocketAddr, clock: &Clock) -> Result<Self, TlsFault> {
        let opened = match from {
            TlsFrom::Files { chain, key } => Self::of_files(chain, key),
            TlsFrom::Own { names } => {
                let authority = Authority::open(store, clock())?;
                let der = authority.certificate.to_vec();
                let maker = Maker { authority, names: with_local(names, address), clock: Arc::clone(clock) };
                let shown = maker.make()?;
                let config = config(Arc::new(Renewing { maker, shown: Mutex::new(shown) }))?;
                Ok(Self { config, authority: der })
            }
        }?;
        let noted = beside(store, FINGERPRINT);
        let unwritten = |fault: std::io::Error| TlsFault::File(noted.clone(), fault.to_string());
        write_new(&noted, &opened.fingerprint().to_string(), 0o644).map_err(unwritten)?;
        Ok(opened)
    }

    fn of_files(chain: &Path, key: &Path) -> Result<Self, TlsFault> {
        let unreadable =
            |file: &Path, fault: rustls::pki_types::pem::Error| TlsFault::File(file.to_owned(), fault.to_string());
        let read = CertificateDer::pem_file_iter(chain).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let certificates = read.map_err(|fault| unreadable(chain, fault))?;
        let last =
            certificates.last().ok_or_else(|| TlsFault::File(chain.to_owned(), "holds no certificate".into()))?;
        let authority = last.to_vec();
        let key = PrivateKeyDer::from_pem_file(key).map_err(|fault| unreadable(key, fault))?;
        let pair = CertifiedKey::from_der(certificates, key, &provider())?;
        Ok(Self { config: config(Arc::new(rustls::sign::SingleCertAndKey::from(pair)))?, authority })
    }

    /// What an invitation's token carries.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.authority)
    }
}

/// The fingerprint that the service was known by when it last spoke TLS: for invitations that are made without it.
pub fn fingerprint_beside(store: &StorePath) -> Option<Fingerprint> {
    std::fs::read_to_string(beside(store, FINGERPRINT)).ok()?.trim().parse().ok()
}

fn config(shown: Arc<dyn ResolvesServerCert>) -> Result<Arc<ServerConfig>, rustls::Error> {
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_no_client_auth()
        .with_cert_resolver(shown);
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// The names that were said, and those by which this machine reaches itself.
fn with_local(names: &[String], address: SocketAddr) -> Vec<String> {
    let mut all: Vec<String> = names.to_vec();
    all.extend(["localhost", "127.0.0.1", "::1"].map(String::from));
    if !address.ip().is_unspecified() {
        all.push(address.ip().to_string());
    }
    all.sort();
    all.dedup();
    all
}

/// The centre's own authority: two files beside the store.
struct Authority {
    certificate: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn open(store: &StorePath, now: Moment) -> Result<Self, TlsFault> {
        let (file, key_file) = (beside(store, ".ca.pem"), beside(store, ".ca-key.pem"));
        if !file.exists() {
            Self::make(&file, &key_file, now)?;
        }
        let unreadable =
            |file: &Path, fault: &dyn std::fmt::Display| TlsFault::File(file.to_owned(), fault.to_string());
        let certificate = CertificateDer::from_pem_file(&file).map_err(|fault| unreadable(&file, &fault))?;
        let key = std::fs::read_to_string(&key_file).map_err(|fault| unreadable(&key_file, &fault))?;
        let key = KeyPair::from_pem(&key).map_err(|fault| unreadable(&key_file, &fault))?;
        Ok(Self { certificate, issuer: Issuer::new(authority_params(now), key) })
    }

    /// The key first: a certificate without its key would be worth nothing.
    fn make(file: &Path, key_file: &Path, now: Moment) -> Result<(), TlsFault> {
        let key = KeyPair::generate()?;
        let certificate = authority_params(now).self_signed(&key)?;
        let unwritten = |file: &Path| {
            let file = file.to_owned();
            move |fault: std::io::Error| TlsFault::File(file, fault.to_string())
        };
        write_new(key_file, &key.serialize_pem(), 0o600).map_err(unwritten(key_file))?;
        write_new(file, &certificate.pem(), 0o644).map_err(unwritten(file))
    }
}

/// The same at each start, as certificates name their authority by it.
fn authority_params(now: Moment) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, "Mot Cua centre");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    good_for(&mut params, now, AUTHORITY_DAYS);
    params
}

/// Makes the service's own certificates.
struct Maker {
    authority: Authority,
    names: Vec<String>,
    clock: Clock,
}

/// A certificate with its key, and when the next one is due.
struct Shown {
    pair: Arc<CertifiedKey>,
    made_at: Moment,
}

impl Maker {
    fn make(&self) -> Result<Shown, TlsFault> {
        let now = (self.clock)();
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new(self.names.clone())?;
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, "motcua-central");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        good_for(&mut params, now, AFTER_DAYS);
        let certificate = params.signed_by(&key, &self.authority.issuer)?;
        let chain = vec![certificate.der().clone(), self.authority.certificate.clone()];
        let key = PrivateKeyDer::try_from(key.serialize_der()).map_err(|fault| rustls::Error::General(fault.into()))?;
        Ok(Shown { pair: Arc::new(CertifiedKey::from_der(chain, key, &provider())?), made_at: now })
    }
}

/// Shows a certificate, and makes the next one before it ends.
struct Renewing {
    maker: Maker,
    shown: Mutex<Shown>,
}

impl std::fmt::Debug for Renewing {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.debug_struct("Renewing").field("names", &self.maker.names).finish_non_exhaustive()
    }
}

impl ResolvesServerCert for Renewing {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        let age_ms = (self.maker.clock)().0.saturating_sub(shown.made_at.0);
        // A clock that was set back far makes one as well.
        if !(-(BEFORE_DAYS - 1) * DAY_MS..(AFTER_DAYS - RENEW_DAYS) * DAY_MS).contains(&age_ms) {
            match self.maker.make() {
                Ok(next) => *shown = next,
                Err(fault) => tracing::error!(%fault, "the certificate could not be renewed"),
            }
        }
        Some(Arc::clone(&shown.pair))
    }
}

fn good_for(params: &mut CertificateParams, now: Moment, days: i64) {
    let since_1970 = |moment: Moment| Duration::from_millis(u64::try_from(moment.0).unwrap_or_default());
    params.not_before = rcgen::date_time_ymd(1970, 1, 1) + since_1970(now.plus_ms(-BEFORE_DAYS * DAY_MS));
    params.not_after = rcgen::date_time_ymd(1970, 1, 1) + since_1970(now.plus_ms(days * DAY_MS));
}

fn beside(store: &StorePath, ending: &str) -> PathBuf {
    let mut name = store.file().file_name().unwrap_or_default().to_owned();
    name.push(ending);
    store.file().with_file_name(name)
}

/// Writes a file whole or not at all, with these rights from its beginning.
fn write_new(file: &Path, text: &str, mode: u32) -> std::io::Result<()> {
    let mut unfinished = file.as_os_str().to_owned();
    unfinished.push(".unfinished");
    let _ = std::fs::remove_file(&unfinished);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    #[cfg(not(unix))]
    let _ = mode;
    let mut open = options.open(&unfinished)?;
    open.write_all(text.as_bytes())?;
    open.sync_all()?;
    std::fs::rename(&unfinished, file)
}
