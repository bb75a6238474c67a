use super::*;
use crate::chip::lds::Part;
use crate::emulator::card::issuer::{Issuer, IssuerKeys, SignerKind};
use der::pem::LineEnding;
use jiff::civil::date;

fn issuer() -> Issuer {
    Issuer::new(IssuerKeys::P256, SignerKind::Good).unwrap()
}

fn pem(der: &[u8]) -> String {
    pem::encode_string("CERTIFICATE", LineEnding::LF, der).unwrap()
}

fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    folder
}

#[test]
fn certificates_of_both_forms_are_read() {
    let authority = issuer().authority;
    let two = format!("Subject: somebody\n{0}\nand again\n{0}", pem(&authority));
    let folder = folder(&[("a.CER", &authority), ("b.pem", two.as_bytes()), ("notes.txt", b"not asked")]);
    let trust = TrustList::read(folder.path()).unwrap();
    assert_eq!((trust.anchors.len(), trust.rejected.len()), (3, 0));
    assert!(trust.anchors.iter().all(|anchor| anchor.certificate.bytes == authority));
}

#[test]
fn the_list_or_the_name_says_where_a_certificate_is_from() {
    let authority = issuer().authority;
    let list = "source = 'all'\nas_of = '2026-11-01'\n[[certificate]]\nfile = 'b.cer'\nsource = 'own'\n[[certificate]]\nfile = 'gone.cer'\n";
    let named = "icao_2026-09-30.cer";
    let files: [(&str, &[u8]); 4] =
        [("a.cer", &authority), ("b.cer", &authority), (named, &authority), ("list.toml", list.as_bytes())];
    let trust = TrustList::read(folder(&files).path()).unwrap();
    let found: Vec<_> = trust.anchors.iter().map(|anchor| anchor.provenance.clone()).collect();
    let from = |source: &str, as_of| Provenance { source: Some(source.to_owned()), as_of: Some(as_of) };
    let day = date(2026, 11, 1);
    assert_eq!(found, [from("all", day), from("own", day), from("icao", date(2026, 9, 30))]);
    assert_eq!(trust.rejected, [("gone.cer".to_owned(), Rejection::Missing)]);
    let without_list = TrustList::read(folder(&files[..1]).path()).unwrap();
    assert_eq!(without_list.anchors[0].provenance, Provenance::default());
}

#[test]
fn a_bad_file_is_told_and_costs_no_other() {
    let issuer = issuer();
    let broken = "-----BEGIN CERTIFICATE-----\n????\n-----END CERTIFICATE-----\n";
    let open = "-----BEGIN CERTIFICATE-----\nMIIB\n";
    let files: [(&str, &[u8]); 6] = [
        ("a.cer", b""),
        ("b.cer", b"\x30\x03abc"),
        ("c.pem", broken.as_bytes()),
        ("d.pem", open.as_bytes()),
        ("e.cer", &issuer.signer),
        ("f.cer", &issuer.authority),
    ];
    let trust = TrustList::read(folder(&files).path()).unwrap();
    assert_eq!(trust.anchors.len(), 1);
    let rejected = [
        ("a.cer", Rejection::NoCertificate(LdsError::Cut)),
        ("b.cer", Rejection::NoCertificate(LdsError::Cut)),
        ("c.pem", Rejection::NoCertificate(LdsError::Malformed(Part::Certificate))),
        ("d.pem", Rejection::NoCertificate(LdsError::Cut)),
        ("e.cer", Rejection::NotAnAuthority),
    ];
    assert_eq!(trust.rejected, rejected.map(|(name, why)| (name.to_owned(), why)));
}

#[test]
fn a_folder_that_cannot_be_used_is_told() {
    let missing = TrustList::read(Path::new("/nowhere/at/all"));
    assert!(matches!(missing, Err(TrustError::Folder(_))));
    for list in ["as_of = 'yesterday'", "[[certificate]]\nsource = 'x'", "sauce = 'x'", "="] {
        let folder = folder(&[("list.toml", list.as_bytes())]);
        assert!(matches!(TrustList::read(folder.path()), Err(TrustError::List(_))), "{list}");
    }
}
