//! Whom a station takes for its centre on the wire. The invitation's token carries the fingerprint of the centre's own
//! authority, so that the first meeting trusts nobody else; afterwards the authority's certificate is kept and pinned.

use crate::refusal::{CentreFault, Untrusted};
use crate::wire::{hex, unhex};
use intake::moment::Moment;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::time_provider::TimeProvider;
use rustls::{CertificateError, ClientConfig, ClientConnection, DigitallySignedStruct, RootCertStore, SignatureScheme};
use std::fmt;
use std::net::{TcpStream, ToSocketAddrs};
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What stands between a token and the fingerprint after it.
const SEPARATOR: char = '.';
/// Where https listens when an address says nothing else.
const HTTPS_PORT: u16 = 443;

/// An authority's certificate in 128 bits: short enough to be typed, and nobody finds another certificate with it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fingerprint([u8; 16]);

impl Fingerprint {
    /// Of a certificate (DER): the first half of its BLAKE3.
    pub fn of(certificate: &[u8]) -> Self {
        let hash = blake3::hash(certificate);
        let mut half = [0; 16];
        half.copy_from_slice(&hash.as_bytes()[..16]);
        Self(half)
    }

    /// The token as it is typed: with this fingerprint after it.
    pub fn after(&self, token: &str) -> String {
        format!("{token}{SEPARATOR}{self}")
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&hex(&self.0))
    }
}

impl FromStr for Fingerprint {
    type Err = Untrusted;

    fn from_str(text: &str) -> Result<Self, Untrusted> {
        let bytes = unhex(text).and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or(Untrusted::NoFingerprint)
    }
}

/// What was typed: the token itself, and the fingerprint where one follows.
///
/// # Errors
/// [`Untrusted::NoFingerprint`] for something else after the token.
pub fn split_token(typed: &str) -> Result<(&str, Option<Fingerprint>), Untrusted> {
    match typed.trim().split_once(SEPARATOR) {
        None => Ok((typed.trim(), None)),
        Some((token, fingerprint)) => Ok((token, Some(fingerprint.parse()?))),
    }
}

/// TLS 1.3 and nothing older: no other cipher is offered.
pub fn provider() -> Arc<CryptoProvider> {
    let mut provider = rustls::crypto::ring::default_provider();
    provider.cipher_suites.retain(|suite| suite.tls13().is_some());
    Arc::new(provider)
}

/// Trust in this authority alone; in nobody where there is none.
pub(crate) fn trusting(authority: Option<&[u8]>) -> ureq::tls::TlsConfig {
    let roots: Vec<_> = authority.map(|der| ureq::tls::Certificate::from_der(der).to_owned()).into_iter().collect();
    ureq::tls::TlsConfig::builder()
        .provider(ureq::tls::TlsProvider::Rustls)
        .root_certs(ureq::tls::RootCerts::Specific(Arc::new(roots)))
        .unversioned_rustls_crypto_provider(provider())
        .build()
}

/// Shakes hands with a centre that nobody here has met, and gives its authority's certificate if that is the one of the
/// fingerprint and vouches for the other end. Nothing is sent but the handshake.
///
/// # Errors
/// [`CentreFault::Untrusted`], [`CentreFault::Unreachable`].
pub fn meet(address: &str, expected: Fingerprint, now: Moment, patience: Duration) -> Result<Vec<u8>, CentreFault> {
    let unreachable = |why: &dyn fmt::Display| CentreFault::Unreachable(why.to_string());
    let uri: ureq::http::Uri = address.parse().map_err(|fault| unreachable(&fault))?;
    let host = uri.host().ok_or_else(|| unreachable(&"an address without a host"))?.trim_matches(['[', ']']);
    let name = ServerName::try_from(host.to_owned()).map_err(|fault| unreachable(&fault))?;
    let places = (host, uri.port_u16().unwrap_or(HTTPS_PORT)).to_socket_addrs().map_err(|fault| unreachable(&fault))?;
    let mut line = connect(places, patience)?;
    let verifier = Arc::new(ByFingerprint { expected, met: Mutex::default(), provider: provider() });
    let config = ClientConfig::builder_with_details(provider(), Arc::new(At(now)))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(|fault| unreachable(&fault))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::clone(&verifier) as Arc<dyn ServerCertVerifier>)
        .with_no_client_auth();
    let mut hands = ClientConnection::new(Arc::new(config), name).map_err(|fault| unreachable(&fault))?;
    while hands.is_handshaking() {
        hands.complete_io(&mut line).map_err(|fault| fault_of_io(&fault))?;
    }
    hands.send_close_notify();
    // The centre is met; a goodbye that does not arrive is no matter.
    let _ = hands.complete_io(&mut line);
    let met = verifier.met.lock().unwrap_or_else(PoisonError::into_inner).take();
    met.ok_or(CentreFault::Untrusted(Untrusted::Foreign))
}

fn connect(places: impl Iterator<Item = std::net::SocketAddr>, patience: Duration) -> Result<TcpStream, CentreFault> {
    let mut why = "a name without an address".to_owned();
    for place in places {
        match TcpStream::connect_timeout(&place, patience) {
            Ok(line) => {
                let patient = line.set_read_timeout(Some(patience)).and(line.set_write_timeout(Some(patience)));
                return patient.map(|()| line).map_err(|fault| CentreFault::Unreachable(fault.to_string()));
            }
            Err(fault) => why = fault.to_string(),
        }
    }
    Err(CentreFault::Unreachable(why))
}

/// What a broken line or handshake is to a station.
pub(crate) fn fault_of_io(fault: &std::io::Error) -> CentreFault {
    let of_tls = fault.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match of_tls.and_then(untrusted) {
        Some(untrusted) => CentreFault::Untrusted(untrusted),
        None => CentreFault::Unreachable(fault.to_string()),
    }
}

/// Why the other end is not believed, where that is what broke a handshake.
pub(crate) fn untrusted(fault: &rustls::Error) -> Option<Untrusted> {
    let rustls::Error::InvalidCertificate(fault) = fault else { return None };
    Some(match fault {
        CertificateError::Expired
        | CertificateError::ExpiredContext { .. }
        | CertificateError::NotValidYet
        | CertificateError::NotValidYetContext { .. } => Untrusted::Expired,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => Untrusted::WrongName,
        _ => Untrusted::Foreign,
    })
}

/// Certificates are judged by the clock that was passed in.
#[derive(Debug)]
struct At(Moment);

impl TimeProvider for At {
    fn current_time(&self) -> Option<UnixTime> {
        u64::try_from(self.0.0).ok().map(|ms| UnixTime::since_unix_epoch(Duration::from_millis(ms)))
    }
}

/// Believes an end whose chain holds the authority of the fingerprint, and for which that authority vouches.
#[derive(Debug)]
struct ByFingerprint {
    expected: Fingerprint,
    met: Mutex<Option<Vec<u8>>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for ByFingerprint {
    fn verify_server_cert(
        &self,
        end: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let foreign = || rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer);
        let authority = between.iter().chain([end]).find(|one| Fingerprint::of(one) == self.expected);
        let authority = authority.ok_or_else(foreign)?;
        let mut roots = RootCertStore::empty();
        roots.add(authority.clone().into_owned())?;
        let judge = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&self.provider)).build();
        let verified = judge.map_err(|_| foreign())?.verify_server_cert(end, between, name, ocsp, now)?;
        *self.met.lock().unwrap_or_else(PoisonError::into_inner) = Some(authority.to_vec());
        Ok(verified)
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        // It is not offered.
        Err(rustls::Error::General("TLS 1.2 is not spoken".into()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_carries_a_fingerprint_or_none() {
        let fingerprint = Fingerprint::of(b"a certificate");
        let typed = fingerprint.after("0123");
        assert_eq!(split_token(&format!(" {typed}\n")), Ok(("0123", Some(fingerprint))));
        assert_eq!(split_token("0123 "), Ok(("0123", None)));
        for wrong in ["0123.", "0123.12", &typed[..typed.len() - 1], &format!("{typed}0")] {
            assert_eq!(split_token(wrong), Err(Untrusted::NoFingerprint), "{wrong}");
        }
    }
}
