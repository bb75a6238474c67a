use super::*;
use crate::emulator::card::issuer::IssuerKeys;
use crate::emulator::card::profile::CardProfile;
use der::{Decode, Encode};
use proptest::prelude::*;

fn sod(issuer: IssuerKeys) -> Vec<u8> {
    let card = CardProfile { issuer, ..CardProfile::default() }.personalise(None).unwrap();
    card.files[&LdsFile::Sod].clone()
}

#[test]
fn both_versions_of_the_list_are_read() {
    for version in [0, 1] {
        let hashes = BTreeMap::from([(DataGroup::DG1, vec![1; 32]), (DataGroup::DG13, vec![13; 32])]);
        let object = SecurityObject { version, digest: Digest::Sha256, hashes };
        assert_eq!(parse_object(&write_object(&object)), Ok(object));
    }
}

#[test]
fn a_list_that_names_a_group_twice_or_none_is_refused() {
    let pair = |number: u8| tlv::sequence(&[&tlv::integer(&[number]), &tlv::write(tag::OCTET_STRING, &[0; 32])]);
    let object = |pairs: &[Vec<u8>]| {
        tlv::sequence(&[&tlv::integer(&[0]), &Digest::Sha256.write(), &tlv::sequence(&[&pairs.concat()])])
    };
    assert!(parse_object(&object(&[pair(1), pair(2)])).is_ok());
    for pairs in [vec![pair(1), pair(1)], vec![pair(0)], vec![pair(17)]] {
        assert_eq!(parse_object(&object(&pairs)), Err(WRONG_OBJECT));
    }
}

#[test]
fn what_we_write_is_der_to_a_strict_reader() {
    for keys in IssuerKeys::ALL {
        let bytes = sod(keys);
        let inside = tlv::file(&bytes, 0x77).unwrap().value;
        let info = cms::content_info::ContentInfo::from_der(inside).unwrap();
        let data: cms::signed_data::SignedData = info.content.decode_as().unwrap();
        assert_eq!(data.encap_content_info.econtent_type.to_string(), "2.23.136.1.1.1");
        assert_eq!(data.signer_infos.0.len(), 1);
        let cms::cert::CertificateChoices::Certificate(signer) = data.certificates.unwrap().0.get(0).unwrap().clone()
        else {
            panic!("no certificate");
        };
        assert_eq!(signer.to_der().unwrap(), parse(&bytes).unwrap().certificates[0].bytes);
    }
}

#[test]
fn a_signing_time_is_read_where_there_is_one() {
    let by_openssl = include_bytes!("../../../../fixtures/chips/openssl/p256/sod.bin");
    assert!(parse(by_openssl).unwrap().attributes.unwrap().signed_on.is_some());
    assert_eq!(parse(&sod(IssuerKeys::P256)).unwrap().attributes.unwrap().signed_on, None);
    let bare = include_bytes!("../../../../fixtures/chips/openssl/p256-no-attributes/sod.bin");
    assert_eq!(parse(bare).unwrap().attributes, None);
}

#[test]
fn a_cut_at_every_byte_is_told() {
    let bytes = sod(IssuerKeys::P256);
    for end in 0..bytes.len() {
        assert_eq!(parse(&bytes[..end]).err(), Some(LdsError::Cut), "{end}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse(&bytes);
        let _ = parse_object(&bytes);
        let _ = parse_signer(Reader::new(&bytes));
    }

    #[test]
    fn damage_is_survived(at in any::<prop::sample::Index>(), with in prop::collection::vec(any::<u8>(), 1..5)) {
        let mut bytes = include_bytes!("../../../../fixtures/chips/openssl/rsa-pss-sha256/sod.bin").to_vec();
        let at = at.index(bytes.len() - with.len());
        bytes[at..at + with.len()].copy_from_slice(&with);
        let _ = parse(&bytes);
    }
}
