use super::*;
use proptest::prelude::*;

/// The zone of an invented person.
const CARD: &str = "IDVNM1990001239001199000123<<0\n9902152F3902150VNM<<<<<<<<<<<4\nNGUYEN<<THI<MAU<<<<<<<<<<<<<<<";
/// The passport of Doc 9303 part 4.
const PASSPORT: &str = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<L898902C36UTO7408122F1204159ZE184226B<<<<<10";
/// The identity card of Doc 9303 part 5.
const FOREIGN_CARD: &str = "I<UTOD231458907<<<<<<<<<<<<<<<7408122F1204159UTO<<<<<<<<<<<6ERIKSSON<<ANNA<MARIA<<<<<<<<<<";
/// The identity card with a long number of Doc 9303 part 11.
const LONG_NUMBER: &str = "I<UTOD23145890<7349<<<<<<<<<<<3407127M9507122UTO<<<<<<<<<<<2STEVENSON<<PETER<JOHN<<<<<<<<<";

#[test]
fn a_vietnamese_card_says_who_it_is() {
    let mrz = Mrz::parse(CARD).unwrap();
    assert_eq!(mrz.wrong_checks, []);
    assert_eq!(mrz.personal_number().unwrap().digits(), "001199000123");
    assert_eq!(mrz.document_number, "199000123");
    assert_eq!((mrz.birth.as_str(), mrz.sex, mrz.expiry.as_str()), ("990215", 'F', "390215"));
    assert_eq!((mrz.surname.as_str(), mrz.given_names.as_str()), ("NGUYEN", "THI MAU"));
    assert_eq!(mrz.print(), CARD.replace('\n', ""));
}

#[test]
fn the_examples_of_doc_9303_are_right() {
    let passport = Mrz::parse(PASSPORT).unwrap();
    assert_eq!(passport.wrong_checks, []);
    assert_eq!((passport.format, passport.document_number.as_str()), (MrzFormat::Td3, "L898902C3"));
    assert_eq!((passport.optional.as_str(), passport.given_names.as_str()), ("ZE184226B", "ANNA MARIA"));
    let card = Mrz::parse(FOREIGN_CARD).unwrap();
    assert_eq!((card.wrong_checks, card.document_number.as_str()), (vec![], "D23145890"));
    let long = Mrz::parse(LONG_NUMBER).unwrap();
    assert_eq!((long.wrong_checks.as_slice(), long.document_number.as_str()), (&[][..], "D23145890734"));
    assert_eq!(&**long.key_text(), "D23145890734934071279507122");
    for zone in [PASSPORT, FOREIGN_CARD, LONG_NUMBER] {
        assert_eq!(Mrz::parse(zone).unwrap().print(), zone);
    }
}

#[test]
fn key_texts_are_those_of_the_worked_examples() {
    assert_eq!(&**key_text("L898902C", "690806", "940623"), "L898902C<369080619406236");
    assert_eq!(&**key_text("T22000129", "640812", "101031"), "T22000129364081251010318");
    let number = CardNumber::parse("001199000123").unwrap();
    assert_eq!(&**card_key_text(&number, "990215", "390215"), "199000123999021523902150");
    assert_eq!(card_key_text(&number, "990215", "390215"), Mrz::parse(CARD).unwrap().key_text());
}

#[test]
fn each_wrong_check_digit_is_told() {
    let rows = [
        (14, vec![CheckDigit::DocumentNumber, CheckDigit::Composite]),
        (29, vec![CheckDigit::Optional, CheckDigit::Composite]),
        (36, vec![CheckDigit::Birth, CheckDigit::Composite]),
        (44, vec![CheckDigit::Expiry, CheckDigit::Composite]),
        (59, vec![CheckDigit::Composite]),
    ];
    for (at, expected) in rows {
        let mut zone = CARD.replace('\n', "").into_bytes();
        zone[at] = if zone[at] == b'9' { b'0' } else { zone[at] + 1 };
        let found = Mrz::parse(std::str::from_utf8(&zone).unwrap()).unwrap().wrong_checks;
        assert_eq!(found, expected, "{at}");
    }
}

#[test]
fn a_card_without_expiry_is_no_error() {
    for expiry in ["<<<<<<", "991231"] {
        let card = Mrz { expiry: expiry.to_owned(), ..Mrz::parse(CARD).unwrap() };
        let found = Mrz::parse(&card.print()).unwrap();
        assert_eq!((found.expiry.as_str(), found.wrong_checks.as_slice()), (expiry, &[][..]));
    }
}

#[test]
fn what_is_no_zone_is_refused() {
    let lower = CARD.to_lowercase();
    for text in ["", "IDVNM", &CARD[..88], &format!("{CARD}<"), &lower, &CARD.replace('<', " "), &"Đ".repeat(45)] {
        assert_eq!(Mrz::parse(text).err(), Some(MALFORMED), "{text}");
    }
}

#[test]
fn nothing_personal_is_printed_by_debug() {
    let shown = format!("{:?}", Mrz::parse(CARD).unwrap());
    for secret in ["199000123", "NGUYEN", "990215"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

proptest! {
    #[test]
    fn any_text_is_survived(text in "[A-Z0-9<]{88,90}|.{0,100}") {
        let _ = Mrz::parse(&text);
    }

    #[test]
    fn cards_are_printed_and_read(number in "[0-9]{12}", birth in "[0-9]{6}", expiry in "[0-9]{6}|<<<<<<", sex in "[MF<]", surname in "[A-Z]{1,8}", given in "[A-Z]{1,6}( [A-Z]{1,6}){0,1}") {
        let card = Mrz {
            format: MrzFormat::Td1, document_code: "ID".into(), issuer: "VNM".into(), document_number: number[3..].into(), optional: number,
            optional_2: String::new(), birth, sex: sex.chars().next().unwrap(), expiry, nationality: "VNM".into(), surname, given_names: given,
            wrong_checks: Vec::new(),
        };
        let read = Mrz::parse(&card.print()).unwrap();
        prop_assert!(read == card);
    }
}
