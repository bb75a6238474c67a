//! Dossier codes, official and temporary.

use intake::code::{AgencyDay, CodeFault, CodeTemplate, DossierCode, Templates, TemporaryCode};
use intake::ids::{AgencyCode, Incarnation};
use jiff::civil::{Date, date};
use proptest::prelude::*;
use uuid::Uuid;

fn place(agency: &str, day: Date) -> AgencyDay {
    AgencyDay { agency: AgencyCode::from(agency), day }
}

#[test]
fn codes_that_were_seen_are_read() {
    let cases = [
        ("000.00.53.H48-220921-0099", CodeTemplate::Old, "000.00.53.H48", date(2022, 9, 21), 99),
        ("H26.112.00-261123-0001", CodeTemplate::New, "H26.112.00", date(2026, 11, 23), 1),
        ("T.H26.112.00-261123-0001", CodeTemplate::New, "T.H26.112.00", date(2026, 11, 23), 1),
        ("H26.112.00-261123-120001", CodeTemplate::New, "H26.112.00", date(2026, 11, 23), 120_001),
        ("  h26.112.00-261123-0001 ", CodeTemplate::New, "H26.112.00", date(2026, 11, 23), 1),
    ];
    for (text, template, agency, day, sequence) in cases {
        let code: DossierCode = text.parse().unwrap();
        assert_eq!(code.template(), template, "{text}");
        assert_eq!(code.place(), place(agency, day), "{text}");
        assert_eq!(code.sequence(), sequence, "{text}");
        assert_eq!(code.is_treasury(), text.starts_with("T."), "{text}");
        assert_eq!(code.to_string(), text.trim().to_uppercase());
    }
}

#[test]
fn what_is_no_code_is_refused() {
    let shapes = [
        "",
        "-",
        "H26",
        "H26.112.00",
        "H26.112.00-261123",
        "H26.112.00-261123-001",
        "H26.112.00-261123-0001-1",
        "26H.112.00-261123-0001",
        "H26.1.00-261123-0001",
        "H26.112.0-261123-0001",
        "H26.112.00-26112-0001",
        "H26.112.00-261123-00o1",
        "X.H26.112.00-261123-0001",
        "T.000.00.53.H48-220921-0099",
        "0.00.53.H48-220921-0099",
        "H26.112.00-26１123-0001",
        "TẠM-K2-7F3QXM-0007",
        "Đ26.112.00-261123-0001",
    ];
    for text in shapes {
        assert_eq!(text.parse::<DossierCode>(), Err(CodeFault::Shape(text.into())));
    }
    for text in ["H26.112.00-261323-0001", "H26.112.00-260229-0001", "H26.112.00-000000-0001"] {
        assert_eq!(text.parse::<DossierCode>(), Err(CodeFault::Day(text.into())));
    }
    for text in ["H26.112.00-261123-0000", "H26.112.00-261123-1234567890"] {
        assert_eq!(text.parse::<DossierCode>(), Err(CodeFault::Sequence(text.into())));
    }
}

#[test]
fn an_agency_without_a_code_in_the_template_gets_none() {
    let new = place("H26.112.00", date(2026, 11, 23));
    let fault = DossierCode::issue(CodeTemplate::Old, &new, 1).unwrap_err();
    assert_eq!(fault, CodeFault::Agency { agency: new.agency.clone(), template: CodeTemplate::Old });
    assert!(DossierCode::issue(CodeTemplate::New, &new, 0).is_err());
    let far = place("H26.112.00", date(2100, 1, 1));
    assert_eq!(DossierCode::issue(CodeTemplate::New, &far, 1), Err(CodeFault::Day("2100-01-01".into())));
}

#[test]
fn a_busy_day_needs_more_digits() {
    let day = place("H26.112.00", date(2026, 11, 23));
    let code = |sequence| DossierCode::issue(CodeTemplate::New, &day, sequence).unwrap();
    assert_eq!(code(7).as_str(), "H26.112.00-261123-0007");
    assert_eq!(code(9_999).as_str(), "H26.112.00-261123-9999");
    assert_eq!(code(10_000).as_str(), "H26.112.00-261123-10000");
}

#[test]
fn the_day_of_receipt_chooses_the_template() {
    let templates = Templates::embedded().unwrap();
    let cases = [
        (date(2019, 1, 5), None),
        (date(2019, 1, 6), Some(CodeTemplate::Old)),
        (date(2025, 9, 14), Some(CodeTemplate::Old)),
        (date(2025, 9, 15), Some(CodeTemplate::New)),
        (date(2026, 11, 23), Some(CodeTemplate::New)),
    ];
    for (day, expected) in cases {
        assert_eq!(templates.on(day), expected, "{day}");
    }
    assert!(templates.rows().iter().all(|row| !row.source.is_empty()));
    assert!(matches!(Templates::parse("[]"), Err(CodeFault::Table(_))));
    assert!(matches!(Templates::parse("tomato"), Err(CodeFault::Table(_))));
}

#[test]
fn a_temporary_code_is_read_as_a_person_types_it() {
    let code = TemporaryCode::new("K2", Incarnation(Uuid::from_u128(0)), 7).unwrap();
    assert_eq!(code.as_str(), "TẠM-K2-000000-0007");
    for typed in ["TẠM-K2-000000-0007", "tạm-k2-000000-0007", " TAM-K2-000000-0007 ", "TA\u{323}M-K2-000000-0007"] {
        assert_eq!(typed.parse(), Ok(code.clone()), "{typed}");
    }
    for wrong in [
        "TẠM-K2-00000-0007",
        "TẠM-K2-000000-007",
        "TẠM-K2-000000-0000",
        "TẠM--000000-0007",
        "TẠM-K2-00000U-0007",
        "TẠM-K2-000000-0007-1",
        "H26.112.00-261123-0001",
        "",
    ] {
        assert_eq!(wrong.parse::<TemporaryCode>(), Err(CodeFault::Temporary(wrong.into())));
    }
    assert!(TemporaryCode::new("k2", Incarnation(Uuid::nil()), 1).is_ok(), "small letters are forgiven");
    assert!(TemporaryCode::new("KIOSK", Incarnation(Uuid::nil()), 1).is_err());
    assert!(TemporaryCode::new("K2", Incarnation(Uuid::nil()), 0).is_err());
}

fn agencies() -> impl Strategy<Value = (CodeTemplate, String)> {
    prop_oneof![
        "[A-Z][0-9]{2}\\.[0-9]{2,3}\\.[0-9]{2}".prop_map(|it| (CodeTemplate::New, it)),
        "T\\.[A-Z][0-9]{2}\\.[0-9]{3}\\.[0-9]{2}".prop_map(|it| (CodeTemplate::New, it)),
        "[0-9]{3}\\.[0-9]{2}\\.[0-9]{2,3}\\.[A-Z][0-9]{2}".prop_map(|it| (CodeTemplate::Old, it)),
    ]
}

fn civil_days() -> impl Strategy<Value = Date> {
    (2000..2100i16, 1..=12i8, 1..=28i8).prop_map(|(year, month, day)| date(year, month, day))
}

proptest! {
    #[test]
    fn an_official_code_goes_round((template, agency) in agencies(), day in civil_days(), sequence in 1..1_000_000_000u32) {
        let place = place(&agency, day);
        let code = DossierCode::issue(template, &place, sequence).unwrap();
        prop_assert_eq!(code.template(), template);
        prop_assert_eq!(code.place(), place);
        prop_assert_eq!(code.sequence(), sequence);
        prop_assert_eq!(code.as_str().parse::<DossierCode>(), Ok(code.clone()));
        let json = serde_json::to_string(&code).unwrap();
        prop_assert_eq!(serde_json::from_str::<DossierCode>(&json).unwrap(), code);
    }

    #[test]
    fn a_temporary_code_goes_round_and_is_never_official(label in "[A-Z0-9]{1,4}", life in any::<u128>(), counter in 1..1_000_000_000u32) {
        let code = TemporaryCode::new(&label, Incarnation(Uuid::from_u128(life)), counter).unwrap();
        prop_assert_eq!(code.as_str().parse::<TemporaryCode>(), Ok(code.clone()));
        prop_assert!(code.as_str().parse::<DossierCode>().is_err());
        prop_assert!(code.as_str().replace('Ạ', "A").parse::<DossierCode>().is_err());
        let json = serde_json::to_string(&code).unwrap();
        prop_assert_eq!(serde_json::from_str::<TemporaryCode>(&json).unwrap(), code);
    }

    #[test]
    fn two_lives_of_a_station_make_different_codes(first in 0..1u128 << 30, second in 0..1u128 << 30) {
        prop_assume!(first != second);
        let code = |life| TemporaryCode::new("K2", Incarnation(Uuid::from_u128(life)), 1).unwrap();
        prop_assert_ne!(code(first), code(second));
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC*") {
        if let Ok(code) = text.parse::<DossierCode>() {
            prop_assert_eq!(code.as_str(), text.trim().to_ascii_uppercase());
        }
        let _ = text.parse::<TemporaryCode>().map(|code| code.to_string());
    }

    #[test]
    fn damaged_codes_never_panic(text in "[TH0-9.ẠM-]{0,30}") {
        let _ = text.parse::<DossierCode>().map(|code| (code.place(), code.sequence(), code.template()));
        let _ = text.parse::<TemporaryCode>();
    }
}
