//! EF.SOD: the hashes of the data groups, signed by a document signer (CMS SignedData of RFC 5652 around the LDSSecurityObject of Doc 9303).

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::cert::{self, Certificate};
use super::digest::Digest;
use super::key::{Scheme, digits};
use super::tlv::{self, Reader, Tlv, tag};
use super::{DataGroup, LdsError, LdsFile, Part, algorithm};

const MALFORMED: LdsError = LdsError::Malformed(Part::SignedData);
const WRONG_OBJECT: LdsError = LdsError::Malformed(Part::SecurityObject);
/// Content bytes of id-signedData.
pub(crate) const SIGNED_DATA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02];
/// Of id-icao-mrtd-security-ldsSecurityObject, 2.23.136.1.1.1.
pub(crate) const SECURITY_OBJECT: &[u8] = &[0x67, 0x81, 0x08, 0x01, 0x01, 0x01];
/// Of the attribute contentType.
pub(crate) const CONTENT_TYPE: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x03];
/// Of the attribute messageDigest.
pub(crate) const MESSAGE_DIGEST: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x04];
/// Of the attribute signingTime.
pub(crate) const SIGNING_TIME: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x05];
/// The tag of a signer that is named by its key.
const SUBJECT_KEY_ID: u32 = 0x80;

/// The list of hashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecurityObject {
    /// Its version: 0, or 1 which also names the version of the data structure.
    pub version: u32,
    /// The hash function.
    pub digest: Digest,
    /// The hash of each group.
    pub hashes: BTreeMap<DataGroup, Vec<u8>>,
}

/// Which certificate the signer says is its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignerId {
    /// The one with this issuer and this serial number.
    IssuerAndSerial {
        /// The bytes of the issuer's name.
        issuer: Vec<u8>,
        /// The serial number, without leading zeros.
        serial: Vec<u8>,
    },
    /// The one whose key has this short name.
    SubjectKey(Vec<u8>),
}

/// What is signed besides the content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedAttributes {
    /// The bytes that the signature is over.
    pub bytes: Vec<u8>,
    /// The attribute contentType, by its content bytes.
    pub content_type: Option<Vec<u8>>,
    /// The attribute messageDigest.
    pub message_digest: Option<Vec<u8>>,
    /// The attribute signingTime, as a day.
    pub signed_on: Option<Date>,
}

/// EF.SOD, read and not yet verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sod {
    /// The list of hashes.
    pub object: SecurityObject,
    /// The content that is signed: the list of hashes, as it came.
    pub content: Vec<u8>,
    /// The kind of content, by the content bytes of its object identifier.
    pub content_type: Vec<u8>,
    /// The certificates that came with it and can be read.
    pub certificates: Vec<Certificate>,
    /// Who signed.
    pub signer: SignerId,
    /// The signer's hash function.
    pub digest: Result<Digest, LdsError>,
    /// What is signed besides the content, if anything.
    pub attributes: Option<SignedAttributes>,
    /// In which way it is signed.
    pub scheme: Result<Scheme, LdsError>,
    /// The signature.
    pub signature: Vec<u8>,
}

/// Reads EF.SOD.
///
/// # Errors
/// [`LdsError`] for bytes that are no such file. A scheme that cannot be verified is no error here: it is one when it is verified.
pub fn parse(bytes: &[u8]) -> Result<Sod, LdsError> {
    let mut info = tlv::file(bytes, u32::from(LdsFile::Sod.tag()))?.inside().expect(tag::SEQUENCE)?.inside();
    if info.expect(tag::OID)?.value != SIGNED_DATA {
        return Err(MALFORMED);
    }
    let mut data = info.expect(tag::context(0))?.inside().expect(tag::SEQUENCE)?.inside();
    data.expect(tag::INTEGER)?;
    data.expect(tag::SET)?;
    let mut wrapped = data.expect(tag::SEQUENCE)?.inside();
    let content_type = wrapped.expect(tag::OID)?.value.to_vec();
    let content = wrapped.expect(tag::context(0))?.inside().expect(tag::OCTET_STRING)?.value;
    let certificates = match data.optional(tag::context(0))? {
        Some(set) => set.inside().all()?.iter().filter_map(|one| Certificate::parse(one.whole).ok()).collect(),
        None => Vec::new(),
    };
    data.optional(tag::context(1))?;
    let signer = data.expect(tag::SET)?.inside().expect(tag::SEQUENCE)?;
    let signer = parse_signer(signer.inside())?;
    Ok(Sod {
        object: parse_object(content)?,
        content: content.to_vec(),
        content_type,
        certificates,
        signer: signer.id,
        digest: signer.digest,
        attributes: signer.attributes,
        scheme: signer.scheme,
        signature: signer.signature,
    })
}

struct Signer {
    id: SignerId,
    digest: Result<Digest, LdsError>,
    attributes: Option<SignedAttributes>,
    scheme: Result<Scheme, LdsError>,
    signature: Vec<u8>,
}

fn parse_signer(mut fields: Reader<'_>) -> Result<Signer, LdsError> {
    fields.expect(tag::INTEGER)?;
    let id = match fields.element()?.ok_or(LdsError::Cut)? {
        both if both.tag == tag::SEQUENCE => {
            let mut both = both.inside();
            let issuer = both.expect(tag::SEQUENCE)?.whole.to_vec();
            SignerId::IssuerAndSerial { issuer, serial: digits(both.expect(tag::INTEGER)?.value).to_vec() }
        }
        key if key.tag == SUBJECT_KEY_ID => SignerId::SubjectKey(key.value.to_vec()),
        _ => return Err(MALFORMED),
    };
    let digest = Digest::parse(&fields.expect(tag::SEQUENCE)?);
    let attributes = fields.optional(tag::context(0))?.map(|set| parse_attributes(&set)).transpose()?;
    let scheme = algorithm::signature(&fields.expect(tag::SEQUENCE)?, digest.ok());
    Ok(Signer { id, digest, attributes, scheme, signature: fields.expect(tag::OCTET_STRING)?.value.to_vec() })
}

fn parse_attributes(set: &Tlv<'_>) -> Result<SignedAttributes, LdsError> {
    let (mut content_type, mut message_digest, mut signed_on) = (None, None, None);
    for attribute in set.inside().all()? {
        let mut parts = attribute.inside();
        let kind = parts.expect(tag::OID)?.value;
        let mut values = parts.expect(tag::SET)?.inside();
        match kind {
            CONTENT_TYPE => content_type = Some(values.expect(tag::OID)?.value.to_vec()),
            MESSAGE_DIGEST => message_digest = Some(values.expect(tag::OCTET_STRING)?.value.to_vec()),
            SIGNING_TIME => signed_on = Some(cert::time(values.element()?)?),
            _ => {}
        }
    }
    // The signature is over the attributes as a SET, not as the tagged field that stands in the message.
    let mut bytes = set.whole.to_vec();
    if let Some(first) = bytes.first_mut() {
        *first = tag::SET.to_be_bytes()[3];
    }
    Ok(SignedAttributes { bytes, content_type, message_digest, signed_on })
}

fn parse_object(bytes: &[u8]) -> Result<SecurityObject, LdsError> {
    let mut fields = tlv::file(bytes, tag::SEQUENCE)?.inside();
    let version = fields.expect(tag::INTEGER)?.small_number().ok_or(WRONG_OBJECT)?;
    let digest = Digest::parse(&fields.expect(tag::SEQUENCE)?)?;
    let mut hashes = BTreeMap::new();
    for pair in fields.expect(tag::SEQUENCE)?.inside().all()? {
        let mut pair = pair.inside();
        let number = pair.expect(tag::INTEGER)?.small_number().and_then(|number| u8::try_from(number).ok());
        let group = number.and_then(DataGroup::new).ok_or(WRONG_OBJECT)?;
        let hash = pair.expect(tag::OCTET_STRING)?.value.to_vec();
        if hashes.insert(group, hash).is_some() {
            return Err(WRONG_OBJECT);
        }
    }
    Ok(SecurityObject { version, digest, hashes })
}

/// Writes the list of hashes, as it is signed.
#[must_use]
pub fn write_object(object: &SecurityObject) -> Vec<u8> {
    let pair = |(group, hash): (&DataGroup, &Vec<u8>)| {
        tlv::sequence(&[&tlv::integer(&[group.number()]), &tlv::write(tag::OCTET_STRING, hash)])
    };
    let hashes: Vec<u8> = object.hashes.iter().flat_map(pair).collect();
    let versions = tlv::sequence(&[&tlv::write(tag::PRINTABLE, b"0108"), &tlv::write(tag::PRINTABLE, b"040000")]);
    tlv::sequence(&[
        &tlv::integer(&object.version.to_be_bytes()),
        &object.digest.write(),
        &tlv::sequence(&[&hashes]),
        if object.version == 0 { &[] } else { &versions },
    ])
}

#[cfg(test)]
#[path = "sod_tests.rs"]
mod tests;
