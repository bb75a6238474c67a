//! What the emulated card's issuer signs, judged by OpenSSL, which shares no code with us.

use std::path::Path;
use std::process::{Command, Output};

use hardware::chip::lds::{DataGroup, LdsFile, dg1, dg15, tlv};
use hardware::emulator::card::issuer::IssuerKeys;
use hardware::emulator::card::profile::{ActiveKeyChoice, CardProfile, Forgery, PersonalisedCard};
use sha2::{Digest, Sha256};

/// 1 March 2027, within the days of every certificate but the expired signer's.
const DAY: &str = "1803859200";

fn openssl(folder: &Path, arguments: &[&str]) -> Output {
    Command::new("openssl").args(arguments).current_dir(folder).output().unwrap()
}

/// The card's certificates and signed list as files, and the card.
fn card(profile: &CardProfile) -> (tempfile::TempDir, PersonalisedCard) {
    let card = profile.personalise(None).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let sod = tlv::file(&card.files[&LdsFile::Sod], 0x77).unwrap().value;
    for (name, bytes) in [("csca.der", card.authority.as_slice()), ("ds.der", &card.signer), ("sod.der", sod)] {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    for name in ["csca", "ds"] {
        let (der, pem) = (format!("{name}.der"), format!("{name}.pem"));
        let made = openssl(folder.path(), &["x509", "-inform", "DER", "-in", &der, "-out", &pem]);
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    }
    (folder, card)
}

fn verify_chain(folder: &Path) -> Output {
    openssl(folder, &["verify", "-x509_strict", "-attime", DAY, "-CAfile", "csca.pem", "ds.pem"])
}

fn verify_sod(folder: &Path) -> Output {
    let judge = ["cms", "-verify", "-inform", "DER", "-in", "sod.der", "-CAfile", "csca.pem", "-purpose", "any"];
    openssl(folder, &[&judge[..], &["-attime", DAY, "-binary", "-out", "content.der"]].concat())
}

fn with(issuer: IssuerKeys, forgery: Option<Forgery>) -> CardProfile {
    CardProfile { issuer, forgery, ..CardProfile::default() }
}

#[test]
fn openssl_believes_the_issuer_and_its_lists() {
    for keys in IssuerKeys::ALL {
        let (folder, card) = card(&with(keys, None));
        for output in [verify_chain(folder.path()), verify_sod(folder.path())] {
            assert!(output.status.success(), "{keys:?}: {}", String::from_utf8_lossy(&output.stderr));
        }
        let content = std::fs::read(folder.path().join("content.der")).unwrap();
        for (file, bytes) in &card.files {
            let is_listed = content.windows(32).any(|hash| hash == Sha256::digest(bytes).as_slice());
            assert_eq!(is_listed, matches!(file, LdsFile::Group(_)), "{file}");
        }
    }
}

#[test]
fn openssl_finds_what_is_false() {
    for keys in IssuerKeys::ALL {
        let judged = |forgery, what: &str| {
            let (folder, _card) = card(&with(keys, Some(forgery)));
            let said = |output: Output| {
                let text = String::from_utf8_lossy(&output.stderr).into_owned();
                (output.status.success(), text)
            };
            let (chain, list) = (said(verify_chain(folder.path())), said(verify_sod(folder.path())));
            assert!(!list.0, "{keys:?} {what}");
            chain
        };
        let chain = judged(Forgery::Signature, "list signed by another key");
        assert!(chain.0, "{keys:?} {}", chain.1);
        let chain = judged(Forgery::ExpiredSigner, "expired signer");
        assert!(!chain.0 && chain.1.contains("expired"), "{keys:?} {}", chain.1);
        let chain = judged(Forgery::Stranger, "signer from elsewhere");
        assert!(!chain.0, "{keys:?} {}", chain.1);
    }
}

#[test]
fn openssl_reads_the_key_of_active_authentication() {
    for (choice, kind) in [(ActiveKeyChoice::P256, "ASN1 OID: prime256v1"), (ActiveKeyChoice::Rsa, "(2048 bit)")] {
        let (folder, card) = card(&CardProfile { active_key: choice, ..CardProfile::default() });
        let file = &card.files[&LdsFile::Group(DataGroup::DG15)];
        std::fs::write(folder.path().join("key.der"), tlv::file(file, 0x6F).unwrap().value).unwrap();
        let arguments = ["pkey", "-pubin", "-inform", "DER", "-in", "key.der", "-noout", "-text"];
        let shown = openssl(folder.path(), &arguments);
        let text = String::from_utf8_lossy(&shown.stdout).into_owned();
        assert!(text.contains(kind), "{text}{}", String::from_utf8_lossy(&shown.stderr));
        assert_eq!(dg15::parse(file).unwrap(), card.active_key.unwrap().public());
    }
    let without = CardProfile { active_key: ActiveKeyChoice::None, ..CardProfile::default() };
    assert!(!without.personalise(None).unwrap().files.contains_key(&LdsFile::Group(DataGroup::DG15)));
}

#[test]
fn the_zone_of_a_card_opens_it() {
    let card = CardProfile::default().personalise(None).unwrap();
    let zone = dg1::parse(&card.files[&LdsFile::Group(DataGroup::DG1)]).unwrap();
    assert_eq!(&**zone.key_text(), "199000123999021523902150");
    assert_eq!(zone.key_text(), card.mrz.key_text());
}
