use std::path::Path;

use super::*;
use crate::chip::lds::LdsFile;
use crate::emulator::card::issuer::{Issuer, IssuerKeys, SignerKind};
use crate::emulator::card::pki::{self, CertificateSpec, RsaPadding, SigningKey};
use crate::emulator::card::profile::{CardProfile, Forgery, PersonalisedCard};
use jiff::civil::date;
use proptest::prelude::*;

const TODAY: Date = date(2027, 3, 1);

fn groups(card: &PersonalisedCard) -> BTreeMap<DataGroup, Vec<u8>> {
    let group = |(file, bytes): (&LdsFile, &Vec<u8>)| match file {
        LdsFile::Group(group) => Some((*group, bytes.clone())),
        _ => None,
    };
    card.files.iter().filter_map(group).collect()
}

fn trust(certificates: &[&[u8]]) -> TrustList {
    let mut trust = TrustList::default();
    for certificate in certificates {
        let provenance = Provenance { source: Some("a test".to_owned()), as_of: Some(date(2026, 11, 1)) };
        trust.add("authority.cer", certificate, &provenance);
    }
    assert_eq!(trust.rejected, []);
    trust
}

fn card(issuer: IssuerKeys, forgery: Option<Forgery>) -> PersonalisedCard {
    let dg14 = Some(vec![0x6E, 0x02, 0x31, 0x00]);
    CardProfile { issuer, forgery, ..CardProfile::default() }.personalise(dg14).unwrap()
}

fn report(card: &PersonalisedCard, on: Date) -> PassiveReport {
    verify(&card.files[&LdsFile::Sod], &groups(card), &trust(&[&card.authority]), on)
}

#[test]
fn a_genuine_card_passes_with_every_kind_of_key() {
    for keys in IssuerKeys::ALL {
        let report = report(&card(keys, None), TODAY);
        assert_eq!(report.verdict(), Verdict::Genuine, "{keys:?} {report:?}");
        assert_eq!(report.groups.len(), 5);
        let authority = report.authority.unwrap();
        assert_eq!(authority.name, "VN, Mot Cua test cards, CSCA of test cards");
        assert_eq!(authority.provenance.as_of, Some(date(2026, 11, 1)));
    }
}

#[test]
fn a_group_changed_after_signing_is_named() {
    for number in [1, 2, 13, 14, 15] {
        let report = report(&card(IssuerKeys::P256, Some(Forgery::Group { group: number })), TODAY);
        for (group, check) in &report.groups {
            let expected = if group.number() == number { failed(Failure::HashDiffers) } else { Check::Passed };
            assert_eq!(*check, expected, "{group}");
        }
        assert_eq!((report.signature, report.chain), (Check::Passed, Check::Passed));
        assert_eq!(report.verdict(), Verdict::Failed);
    }
}

#[test]
fn a_list_signed_by_another_key_is_named() {
    for keys in IssuerKeys::ALL {
        let report = report(&card(keys, Some(Forgery::Signature)), TODAY);
        assert_eq!(report.signature, failed(Failure::SignatureWrong), "{keys:?}");
        assert_eq!(report.chain, Check::Passed);
        assert_eq!(report.verdict(), Verdict::Failed);
    }
}

#[test]
fn a_signer_from_elsewhere_is_named() {
    for keys in IssuerKeys::ALL {
        let report = report(&card(keys, Some(Forgery::Stranger)), TODAY);
        assert_eq!((report.signature, report.chain), (Check::Passed, failed(Failure::NotIssued)), "{keys:?}");
        assert_eq!((report.verdict(), report.authority), (Verdict::Failed, None));
    }
}

#[test]
fn days_decide_about_certificates() {
    let expired = card(IssuerKeys::P256, Some(Forgery::ExpiredSigner));
    assert_eq!(report(&expired, TODAY).chain, failed(Failure::SignerNotValid));
    assert_eq!(report(&expired, date(2021, 6, 1)).verdict(), Verdict::Genuine);
    let good = card(IssuerKeys::P256, None);
    assert_eq!(report(&good, date(2046, 12, 31)).chain, Check::Passed, "the last day");
    assert_eq!(report(&good, date(2047, 1, 1)).chain, failed(Failure::SignerNotValid));
    assert_eq!(report(&good, date(2020, 12, 31)).chain, failed(Failure::SignerNotValid), "the day before the first");
}

#[test]
fn without_the_authority_nothing_is_false() {
    let card = card(IssuerKeys::P256, None);
    let other = Issuer::new(IssuerKeys::Brainpool, SignerKind::Good).unwrap().authority;
    for (list, obstacle) in [(trust(&[]), Obstacle::NoList), (trust(&[&other]), Obstacle::AuthorityUnknown)] {
        let report = verify(&card.files[&LdsFile::Sod], &groups(&card), &list, TODAY);
        assert_eq!((report.signature, report.chain), (Check::Passed, not_possible(obstacle)));
        assert_eq!(report.verdict(), Verdict::Unproven);
    }
    let both = trust(&[&other, &card.authority]);
    assert_eq!(verify(&card.files[&LdsFile::Sod], &groups(&card), &both, TODAY).verdict(), Verdict::Genuine);
}

/// An authority's certificate with the test authority's name and key, and other days.
fn renewed(not_before: Date, not_after: Date) -> Vec<u8> {
    let key = SigningKey::from_pem(include_str!("../../../../fixtures/chips/keys/authority-p256.pem")).unwrap();
    let spec = CertificateSpec {
        serial: 9,
        issuer: "CSCA of test cards",
        subject: "CSCA of test cards",
        not_before,
        not_after,
        key: &key.public(),
        issuer_key: &key.public(),
        is_authority: true,
    };
    pki::certificate(&spec, &key, RsaPadding::Pkcs1).unwrap()
}

#[test]
fn an_expired_authority_is_named_and_its_renewal_counts() {
    let card = card(IssuerKeys::P256, None);
    let old = renewed(date(2019, 1, 1), date(2026, 1, 1));
    let check = |list: &[&[u8]]| verify(&card.files[&LdsFile::Sod], &groups(&card), &trust(list), TODAY).chain;
    assert_eq!(check(&[&old]), failed(Failure::AuthorityNotValid));
    let new = renewed(date(2026, 1, 1), date(2060, 1, 1));
    assert_eq!(check(&[&old, &new]), Check::Passed);
}

#[test]
fn a_group_that_is_not_in_the_list_is_named() {
    let card = card(IssuerKeys::P256, None);
    let mut groups = groups(&card);
    let dg11 = DataGroup::new(11).unwrap();
    groups.insert(dg11, vec![0x6B, 0x00]);
    let report = verify(&card.files[&LdsFile::Sod], &groups, &trust(&[&card.authority]), TODAY);
    assert_eq!(report.groups[&dg11], failed(Failure::NotListed));
    assert_eq!(report.verdict(), Verdict::Failed);
}

#[test]
fn nothing_read_is_nothing_proven() {
    let card = card(IssuerKeys::P256, None);
    let report = verify(&card.files[&LdsFile::Sod], &BTreeMap::new(), &trust(&[&card.authority]), TODAY);
    assert_eq!((report.signature, report.chain), (Check::Passed, Check::Passed));
    assert_eq!(report.verdict(), Verdict::Unproven);
}

#[test]
fn a_list_of_hashes_that_was_changed_is_named() {
    let card = card(IssuerKeys::P256, None);
    let mut groups = groups(&card);
    let forged = card_with_other_name();
    groups.insert(DataGroup::DG13, forged.clone());
    // The forger puts the new hash in the list, and cannot sign it.
    let mut sod = card.files[&LdsFile::Sod].clone();
    let old = crate::chip::lds::digest::Digest::Sha256.hash(&card.files[&LdsFile::Group(DataGroup::DG13)]);
    let at = sod.windows(32).position(|bytes| bytes == old).unwrap();
    sod[at..at + 32].copy_from_slice(&crate::chip::lds::digest::Digest::Sha256.hash(&forged));
    let report = verify(&sod, &groups, &trust(&[&card.authority]), TODAY);
    assert_eq!(report.groups[&DataGroup::DG13], Check::Passed);
    assert_eq!(report.signature, failed(Failure::ContentChanged));
    assert_eq!(report.verdict(), Verdict::Failed);
}

fn card_with_other_name() -> Vec<u8> {
    let profile = CardProfile { name: "Trần Văn Giả".to_owned(), ..CardProfile::default() };
    crate::chip::lds::dg13::write(&profile.details().unwrap())
}

#[test]
fn an_unreadable_list_proves_nothing() {
    let card = card(IssuerKeys::P256, None);
    for sod in [&[][..], &[0x77, 0x00], b"garbage"] {
        let report = verify(sod, &groups(&card), &trust(&[&card.authority]), TODAY);
        assert_eq!(report.signature, not_possible(Obstacle::Unreadable));
        assert_eq!(report.groups[&DataGroup::DG1], not_possible(Obstacle::Unreadable));
        assert_eq!(report.verdict(), Verdict::Unproven);
    }
}

/// What OpenSSL signed, in one way.
fn by_openssl(way: &str) -> PassiveReport {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/chips/openssl");
    let read = |name: &str| std::fs::read(folder.join(name)).unwrap();
    let groups = BTreeMap::from([(DataGroup::DG1, read("dg1.bin")), (DataGroup::DG13, read("dg13.bin"))]);
    let list = TrustList::read(&folder.join(way)).unwrap();
    verify(&read(&format!("{way}/sod.bin")), &groups, &list, TODAY)
}

#[test]
fn what_openssl_signed_is_genuine() {
    let ways = [
        "p256",
        "p256-explicit",
        "p256-sha1",
        "p256-no-attributes",
        "p384",
        "p384-sha1",
        "p521",
        "p521-sha256",
        "brainpool256",
        "brainpool256-explicit",
        "brainpool384",
        "brainpool384-explicit",
        "rsa-sha1",
        "rsa-sha224",
        "rsa-sha256",
        "rsa-sha384",
        "rsa-sha512",
        "rsa-pss-sha1",
        "rsa-pss-sha256",
        "rsa-pss-sha512",
    ];
    for way in ways {
        let report = by_openssl(way);
        assert_eq!(report.verdict(), Verdict::Genuine, "{way}: {report:?}");
        assert_eq!(report.groups.len(), 2);
        assert_eq!(report.signer.as_deref(), Some(&*format!("VN, Document signer {way}")));
    }
}

#[test]
fn curves_that_are_not_known_are_no_forgery() {
    for way in ["unsupported-brainpool512", "unsupported-secp256k1"] {
        let report = by_openssl(way);
        let unsupported = not_possible(Obstacle::Unsupported);
        assert_eq!((report.signature, report.chain), (unsupported, unsupported), "{way}");
        assert_eq!(report.groups[&DataGroup::DG1], Check::Passed);
        assert_eq!(report.verdict(), Verdict::Unproven);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]
    /// One changed bit of EF.SOD or of a group never leaves the verdict as it was, but in what is not signed and not used.
    #[test]
    fn no_changed_bit_of_a_group_passes(at in any::<prop::sample::Index>(), bit in 0_u8..8, which in any::<prop::sample::Index>()) {
        let card = card(IssuerKeys::P256, None);
        let mut groups = groups(&card);
        let group = *which.get(&groups.keys().copied().collect::<Vec<_>>());
        let bytes = groups.get_mut(&group).unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let report = verify(&card.files[&LdsFile::Sod], &groups, &trust(&[&card.authority]), TODAY);
        prop_assert_eq!(report.groups[&group], failed(Failure::HashDiffers));
        prop_assert_eq!(report.verdict(), Verdict::Failed);
    }

    #[test]
    fn a_damaged_list_is_survived_and_forges_no_hash(at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<bool>()) {
        let card = card(IssuerKeys::P256, None);
        let original = sod::parse(&card.files[&LdsFile::Sod]).unwrap();
        let mut sod = card.files[&LdsFile::Sod].clone();
        let at = at.index(sod.len());
        if cut { sod.truncate(at) } else { sod[at] = byte }
        let report = verify(&sod, &groups(&card), &trust(&[&card.authority]), TODAY);
        if report.verdict() == Verdict::Genuine {
            prop_assert_eq!(sod::parse(&sod).unwrap().object, original.object);
        }
    }
}
