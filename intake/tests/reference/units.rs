//! Communes, wards and provinces.

use intake::ids::SiteCode;
use intake::units::{ProvinceKind, UnitKind, Units, UnitsFault};
use intake::words::sort_key;

#[test]
fn hanoi_has_51_wards_and_75_communes_and_the_country_34_provinces() {
    let units = Units::embedded().unwrap();
    let kinds = |kind| units.all().iter().filter(|unit| unit.kind == kind).count();
    assert_eq!((kinds(UnitKind::Ward), kinds(UnitKind::Commune)), (51, 75));
    assert_eq!(units.provinces().count(), 34);
    let cities: Vec<&str> = units
        .provinces()
        .filter(|province| province.kind == ProvinceKind::City)
        .map(|province| province.name.as_str())
        .collect();
    let expected = ["Hà Nội", "Hải Phòng", "Huế", "Đà Nẵng", "Đồng Nai", "Hồ Chí Minh", "Cần Thơ"];
    assert_eq!(cities, expected);
    assert_eq!(units.province("01").unwrap().name, "Hà Nội");
}

#[test]
fn a_unit_is_found_by_its_code() {
    let units = Units::embedded().unwrap();
    assert_eq!(units.get(&SiteCode::from("00004")).unwrap().full_name(), "phường Ba Đình");
    assert_eq!(units.get(&SiteCode::from("10489")).unwrap().full_name(), "xã Hương Sơn");
    assert_eq!(units.get(&SiteCode::from("4")), None);
}

#[test]
fn a_unit_is_found_by_its_name_however_it_is_written() {
    let units = Units::embedded().unwrap();
    let cases = [
        ("Ba Đình", "00004"),
        ("ba dinh", "00004"),
        ("Phường Ba Đình", "00004"),
        ("Yên Hoà", "00175"),
        ("YÊN HÒA", "00175"),
        ("yen hoa", "00175"),
        ("Yên Ho\u{300}a", "00175"),
        ("Văn Miếu – Quốc Tử Giám", "00226"),
        ("xã Hoà Lạc", "09988"),
        ("  o  cho dua ", "00190"),
    ];
    for (name, code) in cases {
        let found = units.by_name(name);
        assert_eq!(found.first().map(|unit| unit.code.as_str()), Some(code), "{name}");
    }
    assert!(units.by_name("Ba").is_empty());
    assert!(units.by_name("").is_empty());
}

#[test]
fn every_unit_is_found_by_its_own_name_first() {
    let units = Units::embedded().unwrap();
    for unit in units.all() {
        assert_eq!(units.by_name(&unit.name).first(), Some(&unit));
        assert_eq!(units.by_name(&unit.full_name().to_uppercase()).first(), Some(&unit));
    }
}

#[test]
fn units_stand_in_the_order_of_the_alphabet() {
    let units = Units::embedded().unwrap();
    let names: Vec<&str> = units.all().iter().map(|unit| unit.name.as_str()).collect();
    assert!(names.windows(2).all(|pair| sort_key(pair[0]) <= sort_key(pair[1])));
    assert_eq!(names[..4], ["An Khánh", "Ba Đình", "Ba Vì", "Bạch Mai"]);
    // Đ stands behind all of D.
    let place = |name| names.iter().position(|have| *have == name).unwrap();
    assert!(place("Dương Nội") < place("Đa Phúc"));
}

#[test]
fn wrong_lists_are_refused() {
    let provinces = "code,kind,name\n01,city,Hà Nội\n";
    let parse = |units: &str| Units::parse(units, provinces).unwrap_err();
    let twice = "code,kind,name\n00004,ward,Ba Đình\n00004,ward,Ba Đình\n";
    assert_eq!(parse(twice), UnitsFault::Twice("00004".into()));
    let short = "code,kind,name\n4,ward,Ba Đình\n";
    assert_eq!(parse(short), UnitsFault::Code("4".into()));
    let unreadable = "code,kind,name\n00004,village,Ba Đình\n";
    assert!(matches!(parse(unreadable), UnitsFault::Unreadable(_)));
}
