use super::*;
use crate::emulator::card::profile::CardProfile;
use jiff::civil::date;
use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;

fn item(number: u32, value: &[u8]) -> Vec<u8> {
    tlv::sequence(&[&tlv::integer(&number.to_be_bytes()), value])
}

fn text(number: u32, text: &str) -> Vec<u8> {
    item(number, &tlv::write(tag::UTF8, text.as_bytes()))
}

fn file(items: &[Vec<u8>]) -> Vec<u8> {
    tlv::write(0x6D, &items.concat())
}

/// A file written byte by byte from the layout as it is known, not by this program's writer.
const BYTES: &[u8] = b"\x6D\x4A\
    \x30\x11\x02\x01\x01\x13\x0C001199000123\
    \x30\x19\x02\x01\x02\x0C\x14Nguy\xE1\xBB\x85n Th\xE1\xBB\x8B M\xE1\xBA\xABu\
    \x30\x0F\x02\x01\x03\x13\x0A15/02/1999\
    \x30\x09\x02\x01\x04\x0C\x04N\xE1\xBB\xAF";

#[test]
fn a_file_written_by_hand_is_read() {
    let expected = Dg13 {
        number: CardNumber::parse("001199000123"),
        name: Some("Nguyễn Thị Mẫu".to_owned()),
        birth: Some(BirthDate::Full { date: date(1999, 2, 15) }),
        sex: Some(Sex::Female),
        ..Dg13::default()
    };
    assert_eq!(parse(BYTES).unwrap(), expected);
}

#[test]
fn every_item_lands_where_it_belongs() {
    let details = parse(&file(&[
        item(1, b"\x13\x0C001199000123"),
        text(2, "Nguyễn Thị Mẫu"),
        item(3, b"\x13\x0A15/02/1999"),
        text(4, "Nữ"),
        text(5, "Việt Nam"),
        text(6, "Kinh"),
        text(7, "Không"),
        text(8, "Hàng Trống, Hoàn Kiếm, Hà Nội"),
        text(9, "Số 1 Phố Mẫu"),
        text(10, "Nốt ruồi"),
        item(11, b"\x13\x0A10/05/2021"),
        text(12, "15/02/2039"),
        item(13, &[tlv::sequence(&[b"\x0C\x03Cha"]), tlv::sequence(&[b"\x0C\x04M\xE1\xBA\xB9"])].concat()),
        b"\x30\x03\x02\x01\x0E".to_vec(),
        item(15, b"\x13\x09012345678"),
        item(16, b"\x13\x10ABCDEF0123456789"),
    ]))
    .unwrap();
    assert_eq!(details.number.as_ref().unwrap().digits(), "001199000123");
    assert_eq!(details.name.as_deref(), Some("Nguyễn Thị Mẫu"));
    assert_eq!(details.birth, Some(BirthDate::Full { date: date(1999, 2, 15) }));
    assert_eq!(details.sex, Some(Sex::Female));
    assert_eq!(details.nationality.as_deref(), Some("Việt Nam"));
    assert_eq!(details.ethnicity.as_deref(), Some("Kinh"));
    assert_eq!(details.religion.as_deref(), Some("Không"));
    assert_eq!(details.origin.as_deref(), Some("Hàng Trống, Hoàn Kiếm, Hà Nội"));
    assert_eq!(details.residence.as_deref(), Some("Số 1 Phố Mẫu"));
    assert_eq!(details.marks.as_deref(), Some("Nốt ruồi"));
    assert_eq!(details.issued, Some(date(2021, 5, 10)));
    assert_eq!(details.expiry, Some(Expiry::On { date: date(2039, 2, 15) }));
    assert_eq!((details.father.as_deref(), details.mother.as_deref()), (Some("Cha"), Some("Mẹ")));
    assert_eq!(details.spouse, None);
    assert_eq!(details.old_number.as_deref(), Some("012345678"));
    assert_eq!(details.item_16.as_deref(), Some("ABCDEF0123456789"));
    assert_eq!(details.other, []);
}

#[test]
fn what_is_wrapped_around_the_items_is_passed_through() {
    let items = [text(2, "Lê Ái"), text(6, "Tày")].concat();
    let plain = tlv::write(0x6D, &items);
    let in_sequence = tlv::write(0x6D, &tlv::sequence(&[&items]));
    let in_set_with_version = tlv::write(0x6D, &tlv::sequence(&[&tlv::integer(&[0]), &tlv::write(tag::SET, &items)]));
    let with_oid = tlv::write(0x6D, &tlv::sequence(&[&tlv::oid(&[0x2A, 0x03]), &tlv::write(0xA0, &items)]));
    for bytes in [&plain, &in_sequence, &in_set_with_version, &with_oid] {
        let details = parse(bytes).unwrap();
        assert_eq!((details.name.as_deref(), details.ethnicity.as_deref()), (Some("Lê Ái"), Some("Tày")));
    }
}

#[test]
fn long_texts_and_stacked_marks_are_read_composed() {
    let stacked = "Nguyễn Thị Ường Ẩm Ợ Ỗ Ự ".repeat(3);
    for count in [1, 4, 20] {
        let residence = format!("{}Hà Nội", stacked.repeat(count));
        let decomposed: String = residence.nfd().collect();
        assert_ne!(decomposed, residence);
        let details = parse(&file(&[text(9, &decomposed), text(2, "Ẵ")])).unwrap();
        assert_eq!(details.residence, Some(residence));
        assert_eq!(details.name.as_deref(), Some("Ẵ"));
    }
    assert!(stacked.len() > 90 && stacked.repeat(4).len() > 255);
}

#[test]
fn expiry_may_be_words() {
    let expiry = |words: &str| parse(&file(&[text(12, words)])).unwrap().expiry.unwrap();
    assert_eq!(expiry("Không thời hạn"), Expiry::Never);
    assert_eq!(expiry(&"KHÔNG THỜI HẠN".nfd().collect::<String>()), Expiry::Never);
    assert_eq!(expiry("15/02/2039"), Expiry::On { date: date(2039, 2, 15) });
    assert_eq!(expiry("31/02/2039"), Expiry::Words { text: "31/02/2039".to_owned() });
}

#[test]
fn partial_births_are_kept() {
    let birth = |text: &str| parse(&file(&[item(3, &tlv::write(tag::PRINTABLE, text.as_bytes()))])).unwrap().birth;
    assert_eq!(birth("00/00/1950"), Some(BirthDate::Year { year: 1950 }));
    assert_eq!(birth("00/05/1950"), Some(BirthDate::YearMonth { year: 1950, month: 5 }));
    assert_eq!(birth("1950"), Some(BirthDate::Year { year: 1950 }));
    assert_eq!(birth("31/02/1950"), None);
}

#[test]
fn what_is_not_understood_is_kept_as_it_is() {
    let items = [
        text(17, "Mới"),
        text(300, "Xa"),
        item(2, &tlv::write(tag::UTF8, &[0xFF, 0xFE])),
        item(3, b"\x13\x0531/13"),
        item(4, b"\x0C\x01?"),
        item(1, b"\x13\x03123"),
        item(5, b"\x04\x01\x07"),
        item(13, &[b"\x0C\x01A".as_slice(), b"\x0C\x01B", b"\x0C\x01C"].concat()),
    ];
    let details = parse(&file(&items)).unwrap();
    let kept: Vec<u32> = details.other.iter().map(|raw| raw.number).collect();
    assert_eq!(kept, [17, 300, 2, 3, 4, 1, 5, 13]);
    assert_eq!(details.other[2].bytes, [0x0C, 0x02, 0xFF, 0xFE]);
    assert_eq!(parse(&write(&details)).unwrap(), details);
}

#[test]
fn a_missing_parent_leaves_the_other_in_place() {
    let mother_only = item(13, &[tlv::sequence(&[&[]]), tlv::sequence(&[b"\x0C\x02Ly"])].concat());
    let details = parse(&file(&[mother_only])).unwrap();
    assert_eq!((details.father.as_deref(), details.mother.as_deref()), (None, Some("Ly")));
    let spouse = parse(&file(&[item(14, &tlv::sequence(&[b"\x0C\x02An"]))])).unwrap().spouse;
    assert_eq!(spouse.as_deref(), Some("An"));
}

#[test]
fn an_empty_file_and_a_bottomless_one() {
    assert_eq!(parse(&file(&[])).unwrap(), Dg13::default());
    let deep = (0..40).fold(Vec::new(), |inside, _| tlv::sequence(&[&inside]));
    assert_eq!(parse(&file(&[deep])).err(), Some(LdsError::TLV));
    assert_eq!(parse(&[0x61, 0x00]).err(), Some(LdsError::TLV));
}

#[test]
fn a_cut_at_every_byte_is_told() {
    let bytes = write(&CardProfile::default().details().unwrap());
    assert!(bytes.len() > 255);
    for end in 0..bytes.len() {
        assert_eq!(parse(&bytes[..end]).err(), Some(LdsError::Cut), "{end}");
    }
}

#[test]
fn nothing_personal_is_printed_by_debug() {
    let mut details = CardProfile::default().details().unwrap();
    details.other.push(RawItem { number: 17, bytes: b"secret".to_vec() });
    let shown = format!("{details:?}");
    for secret in ["001199000123", "Mẫu", "1999", "115"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse(&bytes);
        let _ = parse(&tlv::write(0x6D, &bytes));
        let _ = parse(&file(&[item(13, &bytes)]));
    }

    #[test]
    fn what_is_written_is_read(name in "[A-ZĐÀ-ỹ][a-zđà-ỹ ]{1,200}[a-z]", residence in prop::option::of("[0-9a-zỀ-ỹ,]{1,300}"), year in 1900_i16..2100, never in any::<bool>()) {
        let details = Dg13 {
            name: Some(card::nfc(&name)),
            residence: residence.map(|text| card::nfc(&text)),
            birth: Some(BirthDate::Year { year }),
            expiry: Some(if never { Expiry::Never } else { Expiry::On { date: date(year, 2, 28) } }),
            mother: Some("Ẩn".to_owned()),
            ..Dg13::default()
        };
        let bytes = write(&details);
        prop_assert!(parse(&bytes) == Ok(details));
    }
}
