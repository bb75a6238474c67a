use super::*;
use crate::chip::lds::cert::Certificate;
use crate::emulator::card::issuer::{Issuer, IssuerKeys, SignerKind};
use crate::emulator::card::pki::{RsaPadding, SigningKey};
use proptest::prelude::*;

fn signing_keys() -> [SigningKey; 3] {
    [
        include_str!("../../../../fixtures/chips/keys/signer-p256.pem"),
        include_str!("../../../../fixtures/chips/keys/signer-brainpool.pem"),
        include_str!("../../../../fixtures/chips/keys/signer-rsa.pem"),
    ]
    .map(|pem| SigningKey::from_pem(pem).unwrap())
}

#[test]
fn keys_are_written_and_read() {
    for key in signing_keys() {
        let public = key.public();
        assert_eq!(PublicKey::parse(&public.write()), Ok(public));
    }
}

#[test]
fn a_signature_is_right_for_its_message_key_and_scheme_alone() {
    let keys = signing_keys();
    for (at, key) in keys.iter().enumerate() {
        for padding in [RsaPadding::Pkcs1, RsaPadding::Pss] {
            let (signature, scheme) = (key.sign(b"message", padding).unwrap(), key.scheme(padding));
            let public = key.public();
            assert_eq!(public.verify(scheme, b"message", &signature), Ok(true));
            assert_eq!(public.verify(scheme, b"massage", &signature), Ok(false));
            assert_eq!(public.verify(scheme, b"message", &signature[1..]), Ok(false));
            assert_eq!(public.verify(scheme, b"message", &[]), Ok(false));
            let other = &keys[(at + 1) % keys.len()].public();
            assert_eq!(other.verify(scheme, b"message", &signature), Ok(false));
            for wrong in [Scheme::Ecdsa(Digest::Sha384), Scheme::RsaPkcs1(Digest::Sha1)] {
                assert_eq!(public.verify(wrong, b"message", &signature), Ok(false));
            }
            let longer_salt = Scheme::RsaPss { digest: Digest::Sha256, salt: 48 };
            assert_eq!(public.verify(longer_salt, b"message", &signature), Ok(false));
        }
    }
}

#[test]
fn an_ecdsa_signature_of_zeros_is_wrong() {
    let zeros = tlv::sequence(&[&tlv::integer(&[0]), &tlv::integer(&[0])]);
    for key in &signing_keys()[..2] {
        assert_eq!(key.public().verify(Scheme::Ecdsa(Digest::Sha256), b"message", &zeros), Ok(false));
    }
}

#[test]
fn keys_that_cannot_be_used_are_named() {
    let unsupported = LdsError::Unsupported(Part::PublicKey);
    let info = |kind: &[u8], key: &[u8]| tlv::sequence(&[&tlv::sequence(&[&tlv::oid(kind)]), &tlv::bit_string(key)]);
    let rsa = |modulus: &[u8], exponent: &[u8]| {
        PublicKey::parse(&info(RSA, &tlv::sequence(&[&tlv::integer(modulus), &tlv::integer(exponent)])))
    };
    assert_eq!(PublicKey::parse(&info(&[0x2A, 0x03], &[0])), Err(unsupported), "another kind");
    assert_eq!(rsa(&[0xFF; 64], &[1, 0, 1]), Err(unsupported), "512 bits");
    assert_eq!(rsa(&[0xFF; 2048], &[1, 0, 1]), Err(unsupported), "16384 bits");
    assert_eq!(rsa(&[0xFF; 256], &[0xFF; 6]), Err(unsupported), "exponent of six bytes");
    assert_eq!(rsa(&[], &[]), Err(unsupported), "zero");
    assert_eq!(rsa(&[0xFE; 256], &[1, 0, 1]), Err(MALFORMED), "an even modulus");
    assert!(rsa(&[0xFF; 256], &[1, 0, 1]).is_ok());
}

#[test]
fn a_point_beside_its_curve_is_no_key() {
    let PublicKey::Ec { curve, mut point } = signing_keys()[0].public() else { panic!() };
    point[40] ^= 1;
    assert_eq!(PublicKey::parse(&PublicKey::Ec { curve, point }.write()), Err(MALFORMED));
    let nowhere = PublicKey::Ec { curve, point: vec![0] };
    assert_eq!(PublicKey::parse(&nowhere.write()), Err(MALFORMED), "the point at infinity");
    let of_another = PublicKey::Ec { curve: Curve::P384, point: vec![4; 65] };
    assert_eq!(PublicKey::parse(&of_another.write()), Err(MALFORMED));
}

#[test]
fn numbers_of_a_curve_count_only_if_all_are_its_own() {
    let explicit: [(&[u8], Curve); 3] = [
        (include_bytes!("../../../../fixtures/chips/openssl/p256-explicit/csca.cer"), Curve::P256),
        (include_bytes!("../../../../fixtures/chips/openssl/brainpool256-explicit/csca.cer"), Curve::BrainpoolP256r1),
        (include_bytes!("../../../../fixtures/chips/openssl/brainpool384-explicit/csca.cer"), Curve::BrainpoolP384r1),
    ];
    for (certificate, expected) in explicit {
        let key = Certificate::parse(certificate).unwrap().key.unwrap();
        assert!(matches!(key, PublicKey::Ec { curve, .. } if curve == expected));
        // Each number in turn: the prime, the coefficients, the base point, the order. The key's own bytes stay as they are.
        for start in numbers(certificate, expected) {
            let mut forged = certificate.to_vec();
            forged[start] ^= 1;
            let key = Certificate::parse(&forged).unwrap().key;
            assert_eq!(key, Err(LdsError::Unsupported(Part::Curve)), "{expected:?} {start}");
        }
    }
}

/// Where the numbers of a curve end in a certificate that has them written out.
fn numbers(certificate: &[u8], curve: Curve) -> Vec<usize> {
    let parsed = Certificate::parse(certificate).unwrap();
    let body = tlv::file(&parsed.signed, tag::SEQUENCE).unwrap();
    let info = body.inside().all().unwrap()[6];
    let parameters = info.inside().all().unwrap()[0].inside().all().unwrap()[1];
    let parts = parameters.inside().all().unwrap();
    let field = parts[1].inside().all().unwrap()[1];
    let coefficients = parts[2].inside().all().unwrap();
    let found = [field, coefficients[0], coefficients[1], parts[3], parts[4]];
    assert!(found.iter().all(|number| number.value.len() >= curve.bytes()));
    let end = |part: &[u8]| certificate.windows(part.len()).position(|bytes| bytes == part).unwrap() + part.len() - 1;
    found.iter().map(|number| end(number.whole)).collect()
}

#[test]
fn names_of_schemes_are_written_and_read() {
    use crate::chip::lds::algorithm;
    let schemes = [
        Scheme::RsaPkcs1(Digest::Sha1),
        Scheme::RsaPkcs1(Digest::Sha512),
        Scheme::Ecdsa(Digest::Sha224),
        Scheme::Ecdsa(Digest::Sha384),
        Scheme::RsaPss { digest: Digest::Sha1, salt: 20 },
        Scheme::RsaPss { digest: Digest::Sha256, salt: 32 },
        Scheme::RsaPss { digest: Digest::Sha512, salt: 0 },
    ];
    let read = |bytes: &[u8], of_signer| algorithm::signature(&tlv::file(bytes, tag::SEQUENCE).unwrap(), of_signer);
    for scheme in schemes {
        assert_eq!(read(&algorithm::write(scheme), None), Ok(scheme));
    }
    let kind_alone = tlv::sequence(&[&tlv::oid(EC)]);
    assert_eq!(read(&kind_alone, Some(Digest::Sha384)), Ok(Scheme::Ecdsa(Digest::Sha384)));
    assert_eq!(read(&kind_alone, None), Err(LdsError::Unsupported(Part::Algorithm)));
    let defaults = tlv::sequence(&[&tlv::oid(RSA_PSS), &tlv::sequence(&[])]);
    assert_eq!(read(&defaults, None), Ok(Scheme::RsaPss { digest: Digest::Sha1, salt: 20 }));
}

#[test]
fn debug_names_the_kind() {
    let signer = Issuer::new(IssuerKeys::Rsa, SignerKind::Good).unwrap().signer;
    assert_eq!(format!("{:?}", Certificate::parse(&signer).unwrap().key.unwrap()), "RSA-2048");
    assert_eq!(format!("{:?}", signing_keys()[1].public()), "EC-BrainpoolP256r1");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]
    #[test]
    fn any_signature_is_survived(signature in prop::collection::vec(any::<u8>(), 0..300)) {
        for key in signing_keys() {
            for padding in [RsaPadding::Pkcs1, RsaPadding::Pss] {
                prop_assert_eq!(key.public().verify(key.scheme(padding), b"message", &signature), Ok(false));
            }
        }
    }

    #[test]
    fn any_numbers_of_a_curve_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        let algorithm = tlv::sequence(&[&tlv::oid(EC), &tlv::sequence(&[&bytes])]);
        let _ = PublicKey::parse(&tlv::sequence(&[&algorithm, &tlv::bit_string(&[4; 65])]));
    }
}
