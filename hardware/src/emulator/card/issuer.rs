//! The issuers that the emulated card can come from.

use jiff::civil::{Date, date};
use serde::Deserialize;

use super::pki::{self, CertificateSpec, MakingError, RsaPadding, SigningKey};

const AUTHORITY: &str = "CSCA of test cards";
const SIGNER: &str = "Document signer of test cards";
/// The authority's days.
const AUTHORITY_DAYS: (Date, Date) = (date(2020, 1, 1), date(2055, 12, 31));
/// The document signer's days.
const SIGNER_DAYS: (Date, Date) = (date(2021, 1, 1), date(2046, 12, 31));
/// Those of a signer that has expired.
const EXPIRED_DAYS: (Date, Date) = (date(2020, 1, 1), date(2021, 12, 31));

/// Which keys the issuer signs with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IssuerKeys {
    /// NIST P-256.
    #[default]
    P256,
    /// brainpoolP256r1.
    Brainpool,
    /// RSA, PKCS#1 v1.5.
    Rsa,
    /// RSA-PSS.
    RsaPss,
}

impl IssuerKeys {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::P256, Self::Brainpool, Self::Rsa, Self::RsaPss];

    fn pems(self) -> (&'static str, &'static str) {
        match self {
            Self::P256 => (
                include_str!("../../../../fixtures/chips/keys/authority-p256.pem"),
                include_str!("../../../../fixtures/chips/keys/signer-p256.pem"),
            ),
            Self::Brainpool => (
                include_str!("../../../../fixtures/chips/keys/authority-brainpool.pem"),
                include_str!("../../../../fixtures/chips/keys/signer-brainpool.pem"),
            ),
            Self::Rsa | Self::RsaPss => (
                include_str!("../../../../fixtures/chips/keys/authority-rsa.pem"),
                include_str!("../../../../fixtures/chips/keys/signer-rsa.pem"),
            ),
        }
    }

    fn padding(self) -> RsaPadding {
        if self == Self::RsaPss { RsaPadding::Pss } else { RsaPadding::Pkcs1 }
    }
}

/// How the document signer is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SignerKind {
    /// Issued by the authority, and valid.
    #[default]
    Good,
    /// Issued by the authority, and expired.
    Expired,
    /// Issued by somebody who claims the authority's name and key, and has not the key.
    Stranger,
}

/// An issuer: an authority, and a document signer that it issued.
pub struct Issuer {
    /// The authority's certificate, DER: what a trust list holds.
    pub authority: Vec<u8>,
    /// The document signer's certificate, DER.
    pub signer: Vec<u8>,
    /// The document signer's key.
    pub key: SigningKey,
    /// How an RSA key signs.
    pub padding: RsaPadding,
}

impl Issuer {
    /// An issuer with these keys.
    ///
    /// # Errors
    /// [`MakingError`] if a key cannot be read or signing fails.
    pub fn new(keys: IssuerKeys, kind: SignerKind) -> Result<Self, MakingError> {
        let (authority_pem, signer_pem) = keys.pems();
        let padding = keys.padding();
        let authority = SigningKey::from_pem(authority_pem)?;
        let key = SigningKey::from_pem(signer_pem)?;
        let (not_before, not_after) = if kind == SignerKind::Expired { EXPIRED_DAYS } else { SIGNER_DAYS };
        let signer = CertificateSpec {
            serial: 2,
            issuer: AUTHORITY,
            subject: SIGNER,
            not_before,
            not_after,
            key: &key.public(),
            issuer_key: &authority.public(),
            is_authority: false,
        };
        let signer = match kind {
            SignerKind::Stranger => pki::certificate(&signer, &stranger()?, RsaPadding::Pkcs1)?,
            SignerKind::Good | SignerKind::Expired => pki::certificate(&signer, &authority, padding)?,
        };
        Ok(Self { authority: own_certificate(&authority, padding)?, signer, key, padding })
    }
}

/// The authority's certificate for itself.
fn own_certificate(authority: &SigningKey, padding: RsaPadding) -> Result<Vec<u8>, MakingError> {
    let spec = CertificateSpec {
        serial: 1,
        issuer: AUTHORITY,
        subject: AUTHORITY,
        not_before: AUTHORITY_DAYS.0,
        not_after: AUTHORITY_DAYS.1,
        key: &authority.public(),
        issuer_key: &authority.public(),
        is_authority: true,
    };
    pki::certificate(&spec, authority, padding)
}

/// A key that no authority knows.
///
/// # Errors
/// [`MakingError::Key`] if it cannot be read.
pub fn stranger() -> Result<SigningKey, MakingError> {
    SigningKey::from_pem(include_str!("../../../../fixtures/chips/keys/stranger-p256.pem"))
}
