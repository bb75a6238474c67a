use super::*;
use crate::chip::lds::sod;
use unicode_normalization::UnicodeNormalization;

#[test]
fn the_default_card_is_the_invented_person() {
    let card = CardProfile::default().personalise(None).unwrap();
    let group = |group| &card.files[&LdsFile::Group(group)];
    let zone = "IDVNM1990001239001199000123<<09902152F3902150VNM<<<<<<<<<<<4NGUYEN<<THI<MAU<<<<<<<<<<<<<<<";
    assert_eq!(dg1::parse(group(DataGroup::DG1)).unwrap().print(), zone);
    assert_eq!(dg13::parse(group(DataGroup::DG13)).unwrap(), CardProfile::default().details().unwrap());
    assert_eq!(dg15::parse(group(DataGroup::DG15)).unwrap(), card.active_key.as_ref().unwrap().public());
    assert_eq!(dg2::parse(group(DataGroup::DG2)).unwrap().format, FaceFormat::Jpeg2000);
    assert_eq!(com::parse(&card.files[&LdsFile::Com]).unwrap().groups.len(), 4);
    assert_eq!(card.can, "000123");
    let object = sod::parse(&card.files[&LdsFile::Sod]).unwrap().object;
    for (group, hash) in &object.hashes {
        assert_eq!(*hash, Digest::Sha256.hash(&card.files[&LdsFile::Group(*group)]), "{group}");
    }
    assert_eq!(object.hashes.len(), 4);
}

#[test]
fn names_lose_their_marks_in_the_zone() {
    for (name, expected) in [
        ("Nguyễn Thị Mẫu", "NGUYEN THI MAU"),
        ("Đặng  Đức Ưởng", "DANG DUC UONG"),
        ("Y Niê-Kđăm", "Y NIE KDAM"),
        ("H'Hen", "H HEN"),
        ("", ""),
    ] {
        assert_eq!(latin_name(name), expected);
        assert_eq!(latin_name(&name.nfd().collect::<String>()), expected);
    }
}

#[test]
fn a_description_is_read_and_a_wrong_one_refused() {
    let profile: CardProfile = toml::from_str(
        "name = 'Lò Văn Tú'\nnumber = '011085000001'\nbirth = '1985-01-02'\nfemale = false\nface = 'jpeg'\nissuer = 'rsa-pss'\nactive_key = 'rsa'\nforgery = { kind = 'group', group = 13 }",
    )
    .unwrap();
    assert_eq!((profile.forgery, profile.issuer), (Some(Forgery::Group { group: 13 }), IssuerKeys::RsaPss));
    assert_eq!(profile.mrz().unwrap().given_names, "VAN TU");
    assert!(toml::from_str::<CardProfile>("nmae = 'x'").is_err());
    let wrong = CardProfile { number: "12".to_owned(), ..CardProfile::default() };
    assert_eq!(wrong.personalise(None).err(), Some(MakingError::Number));
}
