use super::*;
use proptest::prelude::*;

const CARD: &str =
    "001199000123|012345678|Nguyễn Thị Mẫu|15021999|Nữ|Số 1 Phố Mẫu, Hàng Trống, Hoàn Kiếm, Hà Nội|10052021";

#[test]
fn every_payload_of_the_table_gives_what_it_must() {
    let rows = include_str!("../../../fixtures/cards/payloads.tsv").lines().skip(1);
    let mut count = 0;
    for row in rows {
        let [name, payload, expected] = row.split('\t').collect::<Vec<_>>()[..] else { panic!("{row}") };
        let found = match CardQr::parse(payload) {
            Ok(card) if card.warnings.is_empty() => "ok".to_owned(),
            Ok(card) => {
                let names: Vec<_> =
                    card.warnings.iter().map(|warning| serde_json::to_value(warning).unwrap()).collect();
                format!("warns {}", names.iter().filter_map(|name| name.as_str()).collect::<Vec<_>>().join(" "))
            }
            Err(error) => error.code().to_owned(),
        };
        assert_eq!(found, expected, "{name}");
        count += 1;
    }
    assert!(count >= 25);
}

#[test]
fn the_fields_land_where_they_belong() {
    let card = CardQr::parse(CARD).unwrap();
    assert_eq!(card.number.digits(), "001199000123");
    assert_eq!(card.old_number.as_deref(), Some("012345678"));
    assert_eq!(card.name, "Nguyễn Thị Mẫu");
    assert_eq!(card.birth, BirthDate::Full { date: Date::new(1999, 2, 15).unwrap() });
    assert_eq!(card.sex, Sex::Female);
    assert_eq!(card.issued, Date::new(2021, 5, 10).ok());
    assert_eq!(province(&card.number), Some("Hà Nội"));
    assert!(card.extra.is_empty());
}

#[test]
fn extras_are_kept_as_they_are() {
    let card = CardQr::parse(&format!("{CARD}|Cha||Mẹ|")).unwrap();
    assert_eq!(card.extra, ["Cha", "", "Mẹ", ""]);
}

#[test]
fn partial_births_say_what_is_known() {
    assert_eq!(parse_birth("00001950"), Some(BirthDate::Year { year: 1950 }));
    assert_eq!(parse_birth("1950"), Some(BirthDate::Year { year: 1950 }));
    assert_eq!(parse_birth("00051950"), Some(BirthDate::YearMonth { year: 1950, month: 5 }));
    for wrong in ["00131950", "32011950", "29021999", "0000", "", "150219", "1502199x"] {
        assert_eq!(parse_birth(wrong), None, "{wrong}");
    }
}

#[test]
fn decomposed_text_and_line_ends_change_nothing() {
    let nfd: String = CARD.nfd().collect();
    assert_ne!(nfd, CARD);
    assert_eq!(CardQr::parse(&format!("\u{FEFF}{nfd}\r\n")), CardQr::parse(CARD));
}

#[test]
fn nothing_personal_is_printed_by_debug() {
    let shown = format!("{:?}", CardQr::parse(&format!("{CARD}|Cha")).unwrap());
    for secret in ["001199000123", "012345678", "Mẫu", "1999", "Hàng Trống", "Cha"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    assert!(shown.contains("001•••••0123"));
    assert_eq!(masked("12345"), "•••••");
}

#[test]
fn centuries_of_the_number() {
    let year = |number: &str| CardNumber::parse(number).unwrap().birth_year();
    assert_eq!(
        [year("001099000001"), year("001200000001"), year("001305000001"), year("001450000001")],
        [1999, 2000, 2005, 2150]
    );
}

proptest! {
    #[test]
    fn any_text_is_survived(text in ".{0,300}") {
        let _ = CardQr::parse(&text);
        let _ = CardQr::parse(&format!("001199000123|{text}"));
        prop_assert_eq!(masked(&text).chars().count(), text.chars().count());
    }

    #[test]
    fn every_cut_of_a_card_is_refused(cut in 0..CARD.chars().count()) {
        let part: String = CARD.chars().take(cut).collect();
        prop_assert!(CardQr::parse(&part).is_err());
    }
}
