//! Keys, sorting and searching of Vietnamese text.

use intake::words::{WordSearch, exact_key, nfc, search_key, sort_key};
use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;

#[test]
fn search_keys_drop_marks_capitals_and_punctuation() {
    let cases = [
        ("Đống Đa", "dong da"),
        ("ĐƯỜNG", "duong"),
        ("Nguyễn Thị Mẫu", "nguyen thi mau"),
        ("Đăng ký nhận cha, mẹ, con", "dang ky nhan cha me con"),
        ("Văn Miếu - Quốc Tử Giám", "van mieu quoc tu giam"),
        ("  hai\tkhoảng   trắng ", "hai khoang trang"),
        ("1.004873", "1 004873"),
        ("ắằẳẵặ ấầẩẫậ ếềểễệ ốồổỗộ ớờởỡợ ứừửữự ỳýỷỹỵ", "aaaaa aaaaa eeeee ooooo ooooo uuuuu yyyyy"),
        ("", ""),
        ("\u{301}", ""),
    ];
    for (text, expected) in cases {
        assert_eq!(search_key(text), expected, "{text}");
    }
}

#[test]
fn both_placements_of_a_tone_are_one() {
    for (old, new) in
        [("hoà", "hòa"), ("thuý", "thúy"), ("khoẻ", "khỏe"), ("Hoá Đơn", "HÓA ĐƠN"), ("uỷ quyền", "ủy quyền")]
    {
        assert_eq!(exact_key(old), exact_key(new), "{old} {new}");
    }
    for (one, other) in [("hoa", "hòa"), ("ma", "mà"), ("dong", "đong"), ("tho", "thơ"), ("ma", "mă")] {
        assert_ne!(exact_key(one), exact_key(other), "{one} {other}");
        assert_eq!(search_key(one), search_key(other), "{one} {other}");
    }
}

#[test]
fn words_sort_as_in_a_dictionary() {
    let sorted = [
        "", "1", "a", "à", "ả", "ã", "á", "ạ", "ai", "ăn", "âm", "ba", "ba con", "bà", "bà con", "bá", "cao", "da",
        "đa", "e", "ê", "g", "hòa", "lan", "ma", "na", "o", "ô", "ơ", "u", "ư", "xa", "y",
    ];
    for pair in sorted.windows(2) {
        assert!(sort_key(pair[0]) < sort_key(pair[1]), "{pair:?}");
    }
    assert_eq!(sort_key("Hoà"), sort_key("hòa"));
}

fn found(titles: &[&'static str], query: &str) -> Vec<&'static str> {
    let search = WordSearch::new(titles.iter().map(|&title| (title, vec![title])));
    search.find(query).into_iter().copied().collect()
}

#[test]
fn every_word_of_a_query_begins_a_word() {
    let titles = ["Đăng ký khai sinh", "Đăng ký khai tử", "Đăng ký lại khai sinh", "Chứng thực chữ ký"];
    assert_eq!(found(&titles, "khai sinh"), ["Đăng ký khai sinh", "Đăng ký lại khai sinh"]);
    assert_eq!(found(&titles, "sinh kh"), ["Đăng ký khai sinh", "Đăng ký lại khai sinh"]);
    assert_eq!(found(&titles, "chung thuc"), ["Chứng thực chữ ký"]);
    assert_eq!(found(&titles, "hai sinh"), Vec::<&str>::new());
    assert_eq!(found(&titles, " "), titles);
}

#[test]
fn what_is_written_just_so_comes_first() {
    let titles = ["Mua ban", "Mùa bán", "Mua bán", "Bán mua"];
    assert_eq!(found(&titles, "mua bán")[..2], ["Mua bán", "Bán mua"]);
    assert_eq!(found(&titles, "mùa bán")[0], "Mùa bán");
    assert_eq!(found(&["Thu hồi hoà giải", "hòa giải"], "hoà giải")[0], "hòa giải");
}

fn letters() -> &'static str {
    "[aàáạăằâấbcdđeêệioôơợuưựyỳ AĐÊƠ,.0-9-]{0,24}"
}

proptest! {
    #[test]
    fn keys_do_not_see_the_normal_form(text in letters()) {
        let apart: String = text.nfd().collect();
        prop_assert_eq!(search_key(&text), search_key(&apart));
        prop_assert_eq!(exact_key(&text), exact_key(&apart));
        prop_assert_eq!(sort_key(&text), sort_key(&apart));
        prop_assert_eq!(nfc(&apart), nfc(&text));
    }

    #[test]
    fn a_search_key_is_its_own_key(text in "\\PC{0,40}") {
        let key = search_key(&text);
        prop_assert_eq!(search_key(&key), key);
    }

    #[test]
    fn a_title_is_found_by_itself_and_by_its_key(text in letters(), other in letters()) {
        let search = WordSearch::new([(0, vec![other]), (1, vec![text.clone()])]);
        prop_assert!(search.find(&text).contains(&&1));
        prop_assert!(search.find(&search_key(&text)).contains(&&1));
    }
}
