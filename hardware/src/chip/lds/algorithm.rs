//! The names of the ways in which something is signed.

use super::digest::Digest;
use super::key::{EC, RSA, RSA_PSS, Scheme};
use super::tlv::{self, Reader, Tlv, tag};
use super::{LdsError, Part};

const UNSUPPORTED: LdsError = LdsError::Unsupported(Part::Algorithm);

/// Names that tell hash and scheme at once, by the content bytes of their object identifiers.
const NAMED: [(&[u8], Scheme); 10] = [
    (&[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x05], Scheme::RsaPkcs1(Digest::Sha1)),
    (&[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0E], Scheme::RsaPkcs1(Digest::Sha224)),
    (&[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0B], Scheme::RsaPkcs1(Digest::Sha256)),
    (&[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0C], Scheme::RsaPkcs1(Digest::Sha384)),
    (&[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0D], Scheme::RsaPkcs1(Digest::Sha512)),
    (&[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x01], Scheme::Ecdsa(Digest::Sha1)),
    (&[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x01], Scheme::Ecdsa(Digest::Sha224)),
    (&[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02], Scheme::Ecdsa(Digest::Sha256)),
    (&[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x03], Scheme::Ecdsa(Digest::Sha384)),
    (&[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x04], Scheme::Ecdsa(Digest::Sha512)),
];

/// The content bytes of id-mgf1.
const MASK: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x08];

/// The scheme of a signature's AlgorithmIdentifier. In a signed message it may name the key's kind alone; then the hash is that of the signer.
///
/// # Errors
/// [`LdsError::Unsupported`] for another scheme; other [`LdsError`]s for bytes that are no AlgorithmIdentifier.
pub(crate) fn signature(algorithm: &Tlv<'_>, of_signer: Option<Digest>) -> Result<Scheme, LdsError> {
    let mut parts = algorithm.inside();
    let name = parts.expect(tag::OID)?.value;
    match (name, of_signer) {
        (RSA_PSS, _) => pss(parts),
        (RSA, Some(digest)) => Ok(Scheme::RsaPkcs1(digest)),
        (EC, Some(digest)) => Ok(Scheme::Ecdsa(digest)),
        _ => NAMED.iter().find(|(known, _)| *known == name).map(|(_, scheme)| *scheme).ok_or(UNSUPPORTED),
    }
}

/// The parameters of RSA-PSS. What is left out is SHA-1 with a salt of twenty bytes.
fn pss(mut parts: Reader<'_>) -> Result<Scheme, LdsError> {
    let mut parameters = parts.expect(tag::SEQUENCE)?.inside();
    let digest = match parameters.optional(tag::context(0))? {
        Some(hash) => Digest::parse(&hash.inside().expect(tag::SEQUENCE)?)?,
        None => Digest::Sha1,
    };
    let of_mask = match parameters.optional(tag::context(1))? {
        Some(mask) => {
            let mut mask = mask.inside().expect(tag::SEQUENCE)?.inside();
            if mask.expect(tag::OID)?.value != MASK {
                return Err(UNSUPPORTED);
            }
            Digest::parse(&mask.expect(tag::SEQUENCE)?)?
        }
        None => Digest::Sha1,
    };
    let salt = match parameters.optional(tag::context(2))? {
        Some(salt) => salt.inside().expect(tag::INTEGER)?.small_number().ok_or(UNSUPPORTED)?,
        None => 20,
    };
    if of_mask != digest || salt > 128 {
        return Err(UNSUPPORTED);
    }
    Ok(Scheme::RsaPss { digest, salt: usize::try_from(salt).map_err(|_| UNSUPPORTED)? })
}

/// Writes a signature's AlgorithmIdentifier.
#[must_use]
pub(crate) fn write(scheme: Scheme) -> Vec<u8> {
    let null = tlv::write(tag::NULL, &[]);
    let named = NAMED.iter().find(|(_, named)| *named == scheme).map_or(&[][..], |(name, _)| name);
    match scheme {
        Scheme::RsaPkcs1(_) => tlv::sequence(&[&tlv::oid(named), &null]),
        Scheme::Ecdsa(_) => tlv::sequence(&[&tlv::oid(named)]),
        Scheme::RsaPss { digest, salt } => {
            let mask = tlv::sequence(&[&tlv::oid(MASK), &digest.write()]);
            let parameters = tlv::sequence(&[
                &tlv::write(tag::context(0), &digest.write()),
                &tlv::write(tag::context(1), &mask),
                &tlv::write(tag::context(2), &tlv::integer(&salt.to_be_bytes())),
            ]);
            tlv::sequence(&[&tlv::oid(RSA_PSS), &parameters])
        }
    }
}
