use super::*;
use crate::emulator::card::issuer::{Issuer, IssuerKeys, SignerKind};
use jiff::civil::date;
use proptest::prelude::*;
use x509_cert::der::{Decode, Encode};

fn parsed(kind: SignerKind, keys: IssuerKeys) -> (Certificate, Certificate) {
    let issuer = Issuer::new(keys, kind).unwrap();
    (Certificate::parse(&issuer.authority).unwrap(), Certificate::parse(&issuer.signer).unwrap())
}

#[test]
fn a_certificate_says_what_it_must() {
    let (authority, signer) = parsed(SignerKind::Good, IssuerKeys::P256);
    assert_eq!(authority.subject_text(), "VN, Mot Cua test cards, CSCA of test cards");
    assert_eq!((authority.is_authority, signer.is_authority), (Some(true), None));
    assert_eq!(signer.issuer, authority.subject);
    assert_eq!(signer.authority_key, authority.subject_key);
    assert_eq!((signer.not_before, signer.not_after), (date(2021, 1, 1), date(2046, 12, 31)));
    assert_eq!(authority.not_after, date(2055, 12, 31), "a year beyond UTCTime");
    assert_eq!((authority.serial.as_slice(), signer.serial.as_slice()), (&[1][..], &[2][..]));
}

#[test]
fn signatures_are_checked() {
    for keys in IssuerKeys::ALL {
        let (authority, signer) = parsed(SignerKind::Good, keys);
        assert_eq!(authority.is_signed_by(&authority), Ok(true), "{keys:?}");
        assert_eq!(signer.is_signed_by(&authority), Ok(true), "{keys:?}");
        assert_eq!(signer.is_signed_by(&signer), Ok(false), "{keys:?}");
        let (_, stranger) = parsed(SignerKind::Stranger, keys);
        assert_eq!(stranger.is_signed_by(&authority), Ok(false), "{keys:?}");
    }
}

#[test]
fn what_we_write_is_der_to_a_strict_reader() {
    for keys in IssuerKeys::ALL {
        let issuer = Issuer::new(keys, SignerKind::Good).unwrap();
        for bytes in [&issuer.authority, &issuer.signer] {
            let certificate = x509_cert::Certificate::from_der(bytes).unwrap();
            assert_eq!(certificate.to_der().unwrap(), *bytes);
        }
    }
}

#[test]
fn times_of_both_kinds_are_read() {
    let read = |kind: u32, text: &str| {
        let bytes = tlv::write(kind, text.as_bytes());
        time(Reader::new(&bytes).element().unwrap())
    };
    for (kind, text, expected) in [
        (tag::UTC_TIME, "490101000000Z", Ok(date(2049, 1, 1))),
        (tag::UTC_TIME, "500101000000Z", Ok(date(1950, 1, 1))),
        (tag::GENERALIZED_TIME, "20501231235959Z", Ok(date(2050, 12, 31))),
        (tag::UTC_TIME, "20501231235959Z", Err(MALFORMED)),
        (tag::UTC_TIME, "2501", Err(MALFORMED)),
        (tag::UTC_TIME, "25+1-1000000Z", Err(MALFORMED)),
        (tag::GENERALIZED_TIME, "20250230000000Z", Err(MALFORMED)),
        (tag::INTEGER, "250101000000Z", Err(MALFORMED)),
    ] {
        assert_eq!(read(kind, text), expected, "{text}");
    }
    assert_eq!(time(None), Err(LdsError::Cut));
}

#[test]
fn a_cut_at_every_byte_is_told() {
    let bytes = Issuer::new(IssuerKeys::Rsa, SignerKind::Good).unwrap().signer;
    for end in 0..bytes.len() {
        assert_eq!(Certificate::parse(&bytes[..end]).err(), Some(LdsError::Cut), "{end}");
    }
}

proptest! {
    #[test]
    fn damage_is_survived(at in any::<prop::sample::Index>(), with in prop::collection::vec(any::<u8>(), 1..5)) {
        let mut bytes = include_bytes!("../../../../fixtures/chips/openssl/brainpool384-explicit/csca.cer").to_vec();
        let at = at.index(bytes.len() - with.len());
        bytes[at..at + with.len()].copy_from_slice(&with);
        if let Ok(certificate) = Certificate::parse(&bytes) {
            let _ = certificate.is_signed_by(&certificate);
            let _ = certificate.subject_text();
        }
    }

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Certificate::parse(&bytes);
        let _ = PublicKey::parse(&bytes);
    }
}
