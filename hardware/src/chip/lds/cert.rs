//! Certificates of X.509, as far as passive authentication needs them. The signed bytes are kept as they came, so that a certificate that is not
//! strict DER is judged by its signature and not by its form.

use std::fmt;

use jiff::civil::Date;

use super::algorithm;
use super::key::{PublicKey, Scheme, digits};
use super::tlv::{self, Reader, Tlv, tag};
use super::{LdsError, Part};

const MALFORMED: LdsError = LdsError::Malformed(Part::Certificate);
/// Content bytes of id-ce-subjectKeyIdentifier, 2.5.29.14.
const SUBJECT_KEY: &[u8] = &[0x55, 0x1D, 0x0E];
/// Of id-ce-authorityKeyIdentifier, 2.5.29.35.
const AUTHORITY_KEY: &[u8] = &[0x55, 0x1D, 0x23];
/// Of id-ce-basicConstraints, 2.5.29.19.
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1D, 0x13];

/// A certificate.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    /// The certificate's bytes.
    pub bytes: Vec<u8>,
    /// The part that is signed.
    pub(crate) signed: Vec<u8>,
    /// The serial number, big-endian, without leading zeros.
    pub serial: Vec<u8>,
    /// Who issued it: the bytes of the name.
    pub issuer: Vec<u8>,
    /// Whose it is: the bytes of the name.
    pub subject: Vec<u8>,
    /// The first day on which it is valid.
    pub not_before: Date,
    /// The last day on which it is valid.
    pub not_after: Date,
    /// The key that it vouches for, if this program can use it.
    pub key: Result<PublicKey, LdsError>,
    /// The key's short name, where it has one.
    pub subject_key: Option<Vec<u8>>,
    /// The short name of the issuer's key.
    pub authority_key: Option<Vec<u8>>,
    /// Whether it may issue others; none where it does not say.
    pub is_authority: Option<bool>,
    scheme: Result<Scheme, LdsError>,
    signature: Vec<u8>,
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate")
            .field("subject", &self.subject_text())
            .field("not_before", &self.not_before)
            .field("not_after", &self.not_after)
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

impl Certificate {
    /// Reads a certificate in DER.
    ///
    /// # Errors
    /// [`LdsError`] for bytes that are no certificate. A key that cannot be used is no error before it is used.
    pub fn parse(bytes: &[u8]) -> Result<Self, LdsError> {
        let outer = tlv::file(bytes, tag::SEQUENCE)?;
        let mut parts = outer.inside();
        let body = parts.expect(tag::SEQUENCE)?;
        let scheme = algorithm::signature(&parts.expect(tag::SEQUENCE)?, None);
        let signature = parts.expect(tag::BIT_STRING)?.value.strip_prefix(&[0]).ok_or(MALFORMED)?.to_vec();
        let mut fields = body.inside();
        fields.optional(tag::context(0))?;
        let serial = digits(fields.expect(tag::INTEGER)?.value).to_vec();
        fields.expect(tag::SEQUENCE)?;
        let issuer = fields.expect(tag::SEQUENCE)?.whole.to_vec();
        let mut validity = fields.expect(tag::SEQUENCE)?.inside();
        let subject = fields.expect(tag::SEQUENCE)?.whole.to_vec();
        let key = PublicKey::parse(fields.expect(tag::SEQUENCE)?.whole);
        let mut certificate = Self {
            bytes: outer.whole.to_vec(),
            signed: body.whole.to_vec(),
            serial,
            issuer,
            subject,
            not_before: time(validity.element()?)?,
            not_after: time(validity.element()?)?,
            key,
            subject_key: None,
            authority_key: None,
            is_authority: None,
            scheme,
            signature,
        };
        certificate.take_extensions(fields)?;
        Ok(certificate)
    }

    fn take_extensions(&mut self, fields: Reader<'_>) -> Result<(), LdsError> {
        let Some(wrapped) = fields.all()?.into_iter().find(|field| field.tag == tag::context(3)) else { return Ok(()) };
        for extension in wrapped.inside().expect(tag::SEQUENCE)?.inside().all()? {
            let mut parts = extension.inside();
            let kind = parts.expect(tag::OID)?.value;
            parts.optional(tag::BOOLEAN)?;
            let value = parts.expect(tag::OCTET_STRING)?.inside();
            self.take_extension(kind, value)?;
        }
        Ok(())
    }

    fn take_extension(&mut self, kind: &[u8], mut value: Reader<'_>) -> Result<(), LdsError> {
        match kind {
            SUBJECT_KEY => self.subject_key = Some(value.expect(tag::OCTET_STRING)?.value.to_vec()),
            AUTHORITY_KEY => {
                let key = value.expect(tag::SEQUENCE)?.inside().optional(0x80)?;
                self.authority_key = key.map(|key| key.value.to_vec());
            }
            BASIC_CONSTRAINTS => {
                let may_issue = value.expect(tag::SEQUENCE)?.inside().optional(tag::BOOLEAN)?;
                self.is_authority = Some(may_issue.is_some_and(|may| may.value.iter().any(|byte| *byte != 0)));
            }
            _ => {}
        }
        Ok(())
    }

    /// Whether another certificate's key signed this one.
    ///
    /// # Errors
    /// [`LdsError`] if the kind of signature or the key cannot be used.
    pub fn is_signed_by(&self, issuer: &Self) -> Result<bool, LdsError> {
        issuer.verify(self.scheme?, &self.signed, &self.signature)
    }

    /// Whether a signature over a message was made with this certificate's key.
    ///
    /// # Errors
    /// [`LdsError`] if the key cannot be used.
    pub fn verify(&self, scheme: Scheme, message: &[u8], signature: &[u8]) -> Result<bool, LdsError> {
        self.key.as_ref().map_err(|error| *error)?.verify(scheme, message, signature)
    }

    /// Whether a day is within its time.
    #[must_use]
    pub fn is_valid_on(&self, day: Date) -> bool {
        self.not_before <= day && day <= self.not_after
    }

    /// The subject as text for people: `C=VN, O=…, CN=…`, values only.
    #[must_use]
    pub fn subject_text(&self) -> String {
        name_text(&self.subject).unwrap_or_default().join(", ")
    }
}

/// The texts of a name, in order.
fn name_text(name: &[u8]) -> Result<Vec<String>, LdsError> {
    let mut texts = Vec::new();
    for set in tlv::file(name, tag::SEQUENCE)?.inside().all()? {
        for pair in set.inside().all()? {
            if let Some(value) = pair.inside().all()?.last() {
                texts.push(String::from_utf8_lossy(value.value).into_owned());
            }
        }
    }
    Ok(texts)
}

/// UTCTime or GeneralizedTime, as the day in universal time.
pub(crate) fn time(element: Option<Tlv<'_>>) -> Result<Date, LdsError> {
    let element = element.ok_or(LdsError::Cut)?;
    let year_digits = match element.tag {
        tag::UTC_TIME => 2,
        tag::GENERALIZED_TIME => 4,
        _ => return Err(MALFORMED),
    };
    let text = element.value.get(..year_digits + 4).and_then(|text| std::str::from_utf8(text).ok()).ok_or(MALFORMED)?;
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(MALFORMED);
    }
    let (year, day) = text.split_at(year_digits);
    let number = |digits: &str| digits.parse::<i16>().map_err(|_| MALFORMED);
    let year = match number(year)? {
        year if year_digits == 4 => year,
        year @ 0..50 => 2000 + year,
        year => 1900 + year,
    };
    let small = |digits: &str| digits.parse::<i8>().map_err(|_| MALFORMED);
    Date::new(year, small(&day[..2])?, small(&day[2..])?).map_err(|_| MALFORMED)
}

#[cfg(test)]
#[path = "cert_tests.rs"]
mod tests;
