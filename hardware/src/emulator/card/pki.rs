//! The issuer of emulated cards: an authority (CSCA), a document signer, and the keys of the chip. The private keys are published fixtures: they
//! protect nothing, and no trust list but a test's may name them.

use ecdsa::signature::hazmat::PrehashSigner;
use jiff::civil::Date;
use rsa::pkcs8::DecodePrivateKey;
use rsa::traits::PublicKeyParts;
use sha2::Sha256;

use crate::chip::lds::cert::Certificate;
use crate::chip::lds::curve::Curve;
use crate::chip::lds::digest::Digest;
use crate::chip::lds::key::{PublicKey, Scheme};
use crate::chip::lds::sod::{self, SecurityObject};
use crate::chip::lds::tlv::{self, tag};
use crate::chip::lds::{LdsFile, algorithm};

/// A private key. It implements no `Debug`.
pub enum SigningKey {
    /// On NIST P-256.
    P256(ecdsa::SigningKey<p256::NistP256>),
    /// On brainpoolP256r1.
    Brainpool(ecdsa::SigningKey<bp256::BrainpoolP256r1>),
    /// RSA.
    Rsa(Box<rsa::PrivateKey>),
}

/// Why a card could not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MakingError {
    /// The personal number has not twelve digits.
    #[error("the personal number has not twelve digits")]
    Number,
    /// A private key cannot be read.
    #[error("a private key cannot be read")]
    Key,
    /// Signing failed: the system gave no randomness, or the key is too short.
    #[error("signing failed")]
    Signing,
    /// A certificate that was just written cannot be read.
    #[error("a certificate cannot be read back")]
    Certificate,
}

impl SigningKey {
    /// Reads a private key in PKCS#8, as PEM.
    ///
    /// # Errors
    /// [`MakingError::Key`] for text that is no key of a known kind.
    pub fn from_pem(pem: &str) -> Result<Self, MakingError> {
        if let Ok(key) = p256::SecretKey::from_pkcs8_pem(pem) {
            return Ok(Self::P256(key.into()));
        }
        if let Ok(key) = ecdsa::SigningKey::<bp256::BrainpoolP256r1>::from_pkcs8_pem(pem) {
            return Ok(Self::Brainpool(key));
        }
        rsa::PrivateKey::from_pkcs8_pem(pem).map(|key| Self::Rsa(Box::new(key))).map_err(|_| MakingError::Key)
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        match self {
            Self::P256(key) => {
                let point = key.verifying_key().to_sec1_point(false).as_bytes().to_vec();
                PublicKey::Ec { curve: Curve::P256, point }
            }
            Self::Brainpool(key) => {
                let point = key.verifying_key().to_sec1_point(false).as_bytes().to_vec();
                PublicKey::Ec { curve: Curve::BrainpoolP256r1, point }
            }
            Self::Rsa(key) => PublicKey::Rsa { modulus: trimmed(&key.n_bytes()), exponent: trimmed(&key.e_bytes()) },
        }
    }

    /// Signs a message in a scheme of SHA-256.
    ///
    /// # Errors
    /// [`MakingError::Signing`] if that fails.
    pub fn sign(&self, message: &[u8], padding: RsaPadding) -> Result<Vec<u8>, MakingError> {
        let hash = Digest::Sha256.hash(message);
        match (self, padding) {
            (Self::P256(key), _) => {
                let signature: ecdsa::Signature<p256::NistP256> =
                    key.sign_prehash(&hash).map_err(|_| MakingError::Signing)?;
                Ok(signature.to_der().as_bytes().to_vec())
            }
            (Self::Brainpool(key), _) => {
                let signature: ecdsa::Signature<bp256::BrainpoolP256r1> =
                    key.sign_prehash(&hash).map_err(|_| MakingError::Signing)?;
                Ok(signature.to_der().as_bytes().to_vec())
            }
            (Self::Rsa(key), RsaPadding::Pkcs1) => {
                key.pkcs1v15_sign_prehash::<Sha256>(&hash).map_err(|_| MakingError::Signing)
            }
            (Self::Rsa(key), RsaPadding::Pss) => {
                key.pss_sign_prehash::<Sha256>(&hash).map_err(|_| MakingError::Signing)
            }
        }
    }

    /// The scheme in which [`SigningKey::sign`] signs.
    #[must_use]
    pub fn scheme(&self, padding: RsaPadding) -> Scheme {
        match (self, padding) {
            (Self::Rsa(_), RsaPadding::Pkcs1) => Scheme::RsaPkcs1(Digest::Sha256),
            (Self::Rsa(_), RsaPadding::Pss) => Scheme::RsaPss { digest: Digest::Sha256, salt: 32 },
            _ => Scheme::Ecdsa(Digest::Sha256),
        }
    }
}

/// How an RSA key signs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RsaPadding {
    /// PKCS#1 v1.5.
    #[default]
    Pkcs1,
    /// PSS.
    Pss,
}

fn trimmed(number: &[u8]) -> Vec<u8> {
    number.iter().copied().skip_while(|byte| *byte == 0).collect()
}

/// What a certificate is to say.
pub struct CertificateSpec<'a> {
    /// Its serial number.
    pub serial: u32,
    /// The common name of who issues it.
    pub issuer: &'a str,
    /// The common name of whose it is.
    pub subject: &'a str,
    /// The first day on which it is valid.
    pub not_before: Date,
    /// The last day on which it is valid.
    pub not_after: Date,
    /// The key that it vouches for.
    pub key: &'a PublicKey,
    /// The key that the certificate says it is signed with.
    pub issuer_key: &'a PublicKey,
    /// Whether it is an authority's.
    pub is_authority: bool,
}

/// Signs a certificate.
///
/// # Errors
/// [`MakingError`] if that fails.
pub fn certificate(
    spec: &CertificateSpec<'_>,
    issuer: &SigningKey,
    padding: RsaPadding,
) -> Result<Vec<u8>, MakingError> {
    let scheme = algorithm::write(issuer.scheme(padding));
    let body = tlv::sequence(&[
        &tlv::write(tag::context(0), &tlv::integer(&[2])),
        &tlv::integer(&spec.serial.to_be_bytes()),
        &scheme,
        &name(spec.issuer),
        &tlv::sequence(&[&time(spec.not_before, "000000Z"), &time(spec.not_after, "235959Z")]),
        &name(spec.subject),
        &spec.key.write(),
        &tlv::write(tag::context(3), &extensions(spec)),
    ]);
    let signature = issuer.sign(&body, padding)?;
    Ok(tlv::sequence(&[&body, &scheme, &tlv::bit_string(&signature)]))
}

fn name(common: &str) -> Vec<u8> {
    let part = |kind: u8, text_tag: u32, text: &str| {
        let pair = tlv::sequence(&[&tlv::oid(&[0x55, 0x04, kind]), &tlv::write(text_tag, text.as_bytes())]);
        tlv::write(tag::SET, &pair)
    };
    tlv::sequence(&[
        &part(6, tag::PRINTABLE, "VN"),
        &part(10, tag::UTF8, "Mot Cua test cards"),
        &part(3, tag::UTF8, common),
    ])
}

fn time(date: Date, clock: &str) -> Vec<u8> {
    if (1950..2050).contains(&date.year()) {
        return tlv::write(tag::UTC_TIME, format!("{}{clock}", date.strftime("%y%m%d")).as_bytes());
    }
    tlv::write(tag::GENERALIZED_TIME, format!("{}{clock}", date.strftime("%Y%m%d")).as_bytes())
}

fn extensions(spec: &CertificateSpec<'_>) -> Vec<u8> {
    let extension = |kind: u8, critical: bool, value: &[u8]| {
        let critical = if critical { tlv::write(tag::BOOLEAN, &[0xFF]) } else { Vec::new() };
        tlv::sequence(&[&tlv::oid(&[0x55, 0x1D, kind]), &critical, &tlv::write(tag::OCTET_STRING, value)])
    };
    let subject_key = tlv::write(tag::OCTET_STRING, &key_name(spec.key));
    let authority_key = tlv::sequence(&[&tlv::write(0x80, &key_name(spec.issuer_key))]);
    // keyCertSign and cRLSign for an authority, digitalSignature for a signer.
    let usage: &[u8] = if spec.is_authority { &[0x01, 0x06] } else { &[0x07, 0x80] };
    let usage = extension(0x0F, true, &tlv::write(tag::BIT_STRING, usage));
    let authority = tlv::sequence(&[&tlv::write(tag::BOOLEAN, &[0xFF]), &tlv::integer(&[0])]);
    let authority = if spec.is_authority { extension(0x13, true, &authority) } else { Vec::new() };
    tlv::sequence(&[&authority, &usage, &extension(0x0E, false, &subject_key), &extension(0x23, false, &authority_key)])
}

/// A key's short name: the SHA-1 of its bits.
fn key_name(key: &PublicKey) -> Vec<u8> {
    let info = key.write();
    let bits = tlv::file(&info, tag::SEQUENCE).and_then(|info| {
        let mut parts = info.inside();
        parts.expect(tag::SEQUENCE)?;
        parts.expect(tag::BIT_STRING)
    });
    bits.map(|bits| Digest::Sha1.hash(&bits.value[1..])).unwrap_or_default()
}

/// Signs EF.SOD over hashes.
///
/// # Errors
/// [`MakingError`] if that fails.
pub fn security_object(
    object: &SecurityObject,
    signer: &[u8],
    key: &SigningKey,
    padding: RsaPadding,
) -> Result<Vec<u8>, MakingError> {
    let certificate = Certificate::parse(signer).map_err(|_| MakingError::Certificate)?;
    let content = sod::write_object(object);
    let attributes = attributes(&content);
    let signature = key.sign(&tlv::write(tag::SET, &attributes), padding)?;
    let digest = Digest::Sha256.write();
    let signer_info = tlv::sequence(&[
        &tlv::integer(&[1]),
        &tlv::sequence(&[&certificate.issuer, &tlv::integer(&certificate.serial)]),
        &digest,
        &tlv::write(tag::context(0), &attributes),
        &algorithm::write(key.scheme(padding)),
        &tlv::write(tag::OCTET_STRING, &signature),
    ]);
    let wrapped = tlv::sequence(&[
        &tlv::oid(sod::SECURITY_OBJECT),
        &tlv::write(tag::context(0), &tlv::write(tag::OCTET_STRING, &content)),
    ]);
    let data = tlv::sequence(&[
        &tlv::integer(&[3]),
        &tlv::write(tag::SET, &digest),
        &wrapped,
        &tlv::write(tag::context(0), signer),
        &tlv::write(tag::SET, &signer_info),
    ]);
    let info = tlv::sequence(&[&tlv::oid(sod::SIGNED_DATA), &tlv::write(tag::context(0), &data)]);
    Ok(tlv::write(u32::from(LdsFile::Sod.tag()), &info))
}

/// contentType and messageDigest, in the order of DER.
fn attributes(content: &[u8]) -> Vec<u8> {
    let attribute = |kind: &[u8], value: &[u8]| tlv::sequence(&[&tlv::oid(kind), &tlv::write(tag::SET, value)]);
    let kind = attribute(sod::CONTENT_TYPE, &tlv::oid(sod::SECURITY_OBJECT));
    let digest = tlv::write(tag::OCTET_STRING, &Digest::Sha256.hash(content));
    [kind, attribute(sod::MESSAGE_DIGEST, &digest)].concat()
}
