use super::*;
use crate::chip::lds::dg13::RawItem;
use crate::emulator::card::profile::CardProfile;
use jiff::civil::date;

const TODAY: Date = date(2027, 3, 1);

fn card() -> (Mrz, Dg13) {
    let profile = CardProfile::default();
    (profile.mrz().unwrap(), profile.details().unwrap())
}

#[test]
fn both_groups_make_one_holder() {
    let (mrz, details) = card();
    let holder = Holder::merge(Some(&mrz), Some(&details), TODAY);
    assert_eq!(holder.name.as_deref(), Some("Nguyễn Thị Mẫu"));
    assert_eq!(holder.latin_name.as_deref(), Some("NGUYEN THI MAU"));
    assert_eq!(holder.document_number.as_deref(), Some("199000123"));
    assert_eq!(holder.nationality.as_deref(), Some("Việt Nam"));
    assert_eq!(holder.father.as_deref(), Some("Nguyễn Văn Thử"));
    assert_eq!(holder.warnings, []);
}

#[test]
fn the_zone_alone_tells_what_it_can() {
    let holder = Holder::merge(Some(&card().0), None, TODAY);
    assert_eq!(holder.number.as_ref().unwrap().digits(), "001199000123");
    assert_eq!(holder.birth, Some(BirthDate::Full { date: date(1999, 2, 15) }));
    assert_eq!(holder.sex, Some(Sex::Female));
    assert_eq!(holder.expiry, Some(Expiry::On { date: date(2039, 2, 15) }));
    assert_eq!((holder.name, holder.nationality.as_deref()), (None, Some("VNM")));
    assert_eq!(holder.warnings, []);
    let nothing = Holder::merge(None, None, TODAY);
    assert_eq!(nothing, Holder::default());
}

#[test]
fn each_contradiction_is_told() {
    let (mrz, details) = card();
    let changes: [(HolderField, Mrz); 5] = [
        (HolderField::Number, Mrz { optional: "001199000124".to_owned(), ..mrz.clone() }),
        (HolderField::Name, Mrz { given_names: "THI MAI".to_owned(), ..mrz.clone() }),
        (HolderField::Birth, Mrz { birth: "990216".to_owned(), ..mrz.clone() }),
        (HolderField::Sex, Mrz { sex: 'M', ..mrz.clone() }),
        (HolderField::Expiry, Mrz { expiry: "390216".to_owned(), ..mrz.clone() }),
    ];
    for (field, changed) in changes {
        let holder = Holder::merge(Some(&changed), Some(&details), TODAY);
        assert_eq!(holder.warnings, [HolderWarning::Contradiction { field }]);
        assert_eq!(holder.number, details.number, "the details stand");
    }
    let unsaid = Mrz { sex: '<', ..mrz };
    assert_eq!(Holder::merge(Some(&unsaid), Some(&details), TODAY).warnings, []);
}

#[test]
fn a_name_that_the_zone_cuts_is_the_same() {
    let name = "Công Tằng Tôn Nữ Thị Thanh Khuyên Hường";
    let profile = CardProfile { name: name.to_owned(), ..CardProfile::default() };
    let cut = Mrz::parse(&profile.mrz().unwrap().print()).unwrap();
    assert!(cut.given_names.len() < latin_name(name).len() - "CONG ".len());
    let warnings = |name: &str, mrz: &Mrz| {
        let details = CardProfile { name: name.to_owned(), ..CardProfile::default() }.details().unwrap();
        Holder::merge(Some(mrz), Some(&details), TODAY).warnings
    };
    assert_eq!(warnings(name, &cut), []);
    let name_field = HolderWarning::Contradiction { field: HolderField::Name };
    assert_eq!(warnings("Nguyễn Thị Mẫu Đơn", &card().0), [name_field], "a short name is never cut");
    assert_eq!(warnings("Công Tằng Tôn Nữ Thị Lan", &cut), [name_field]);
}

#[test]
fn births_of_two_digits_find_their_century() {
    let number = |text: &str| CardNumber::parse(text);
    for (digits, number, expected) in [
        ("990215", number("001199000123"), Some(BirthDate::Full { date: date(1999, 2, 15) })),
        ("040215", number("001304000123"), Some(BirthDate::Full { date: date(2004, 2, 15) })),
        ("270215", None, Some(BirthDate::Full { date: date(2027, 2, 15) })),
        ("280215", None, Some(BirthDate::Full { date: date(1928, 2, 15) })),
        ("500500", None, Some(BirthDate::YearMonth { year: 1950, month: 5 })),
        ("50<<<<", None, Some(BirthDate::Year { year: 1950 })),
        ("500231", None, None),
        ("<<<<<<", None, None),
    ] {
        assert_eq!(birth(digits, number.as_ref(), TODAY), expected, "{digits}");
    }
}

#[test]
fn a_birth_of_which_only_the_year_is_known_is_no_contradiction() {
    let (mrz, details) = card();
    let mrz = Mrz { birth: "99<<<<".to_owned(), ..mrz };
    let details = Dg13 { birth: Some(BirthDate::Year { year: 1999 }), ..details };
    assert_eq!(Holder::merge(Some(&mrz), Some(&details), TODAY).warnings, []);
}

#[test]
fn a_card_without_expiry_is_not_unusual() {
    let profile = CardProfile { expiry: None, ..CardProfile::default() };
    let (mrz, details) = (profile.mrz().unwrap(), profile.details().unwrap());
    let holder = Holder::merge(Some(&mrz), Some(&details), TODAY);
    assert_eq!((holder.expiry, holder.warnings.as_slice()), (Some(Expiry::Never), &[][..]));
    let far = Mrz { expiry: "991231".to_owned(), ..mrz.clone() };
    assert_eq!(Holder::merge(Some(&far), Some(&details), TODAY).warnings, []);
    assert_eq!(Holder::merge(Some(&mrz), None, TODAY).expiry, Some(Expiry::Never));
}

#[test]
fn what_else_is_unusual_is_told() {
    let (mrz, mut details) = card();
    let mrz = Mrz { wrong_checks: vec![CheckDigit::Composite], ..mrz };
    details.other.push(RawItem { number: 17, bytes: Vec::new() });
    details.number = CardNumber::parse("999099000123");
    let holder = Holder::merge(Some(&mrz), Some(&details), TODAY);
    let expected = [
        HolderWarning::UnknownItem { item: 17 },
        HolderWarning::WrongCheckDigit { check: CheckDigit::Composite },
        HolderWarning::Contradiction { field: HolderField::Number },
        HolderWarning::Number { reason: CardWarning::UnknownProvince },
        HolderWarning::Number { reason: CardWarning::NumberSex },
    ];
    assert_eq!(holder.warnings, expected);
}

#[test]
fn a_foreign_passport_has_no_personal_number() {
    let zone = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<L898902C36UTO7408122F1204159ZE184226B<<<<<10";
    let holder = Holder::merge(Mrz::parse(zone).ok().as_ref(), None, TODAY);
    assert_eq!((holder.number, holder.document_number.as_deref()), (None, Some("L898902C3")));
    assert_eq!(holder.latin_name.as_deref(), Some("ERIKSSON ANNA MARIA"));
    assert_eq!((holder.nationality.as_deref(), holder.warnings.as_slice()), (Some("UTO"), &[][..]));
}

#[test]
fn it_is_written_as_json_and_debugged_masked() {
    let (mrz, details) = card();
    let holder = Holder::merge(Some(&mrz), Some(&details), TODAY);
    let json = serde_json::to_value(&holder).unwrap();
    assert_eq!(json["number"], "001199000123");
    assert_eq!(json["birth"]["date"], "1999-02-15");
    assert_eq!(json["expiry"], serde_json::json!({ "kind": "on", "date": "2039-02-15" }));
    let shown = format!("{holder:?}");
    for secret in ["001199000123", "Mẫu", "MAU", "1999", "Hàng Trống"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
