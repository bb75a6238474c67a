//! The finder of procedures over what is shipped: how well it answers, what it bears, and that its data copies no question.

use intake::catalogue::Catalogue;
use intake::finder::check::{Figures, Question, check, questions};
use intake::finder::{Answer, Data, Finder, Found, LONGEST_QUESTION, MOST_CANDIDATES};
use intake::words::search_key;
use proptest::prelude::*;
use std::sync::LazyLock;

const DEV: &str = include_str!("../../../fixtures/finder/questions/dev.jsonl");
const HELD_OUT: &str = include_str!("../../../fixtures/finder/questions/held-out.jsonl");

static FINDER: LazyLock<Finder> = LazyLock::new(|| Finder::embedded(&Catalogue::embedded().unwrap()).unwrap());

fn find(question: &str) -> Found {
    FINDER.find(question)
}

#[track_caller]
fn means(question: &str, code: &str) {
    let found = find(question);
    assert_eq!(found.candidates.first().map(|it| it.code.as_str()), Some(code), "{question}: {found:?}");
}

/// The floors are what is promised; what is reached is in docs/finder.md.
#[track_caller]
fn holds(name: &str, text: &str) -> Figures {
    let figures = check(&FINDER, &questions(text).unwrap());
    println!("{name}\n{figures}");
    assert!(figures.first.percent() >= 85.0, "{}", figures.first);
    assert!(figures.among.percent() >= 97.0, "{}", figures.among);
    assert!(figures.at_once.percent() >= 85.0, "{}", figures.at_once);
    assert!(figures.refused.percent() >= 90.0, "{}", figures.refused);
    assert!(figures.asked.percent() >= 80.0, "{}", figures.asked);
    figures
}

#[test]
fn questions_that_the_data_was_tuned_on_are_answered() {
    holds("dev", DEV);
}

#[test]
fn questions_that_nothing_was_tuned_on_are_answered() {
    holds("held-out", HELD_OUT);
}

#[test]
fn there_are_enough_questions_of_every_kind() {
    let all: Vec<Question> = [DEV, HELD_OUT].iter().flat_map(|text| questions(text).unwrap()).collect();
    let mut codes: Vec<_> = all.iter().filter_map(|it| it.procedure.clone()).collect();
    codes.sort();
    codes.dedup();
    let wanting = all.iter().filter(|it| it.procedure.is_none()).count();
    assert!(all.len() >= 400 && codes.len() >= 120 && wanting >= 80, "{} {} {wanting}", all.len(), codes.len());
    let catalogue = Catalogue::embedded().unwrap();
    assert!(codes.iter().all(|code| catalogue.get(code).is_some()));
}

#[test]
fn no_entry_of_the_data_copies_a_question() {
    let data = Data::embedded().unwrap();
    let phrases: Vec<String> = data.phrases().map(|phrase| format!(" {} ", search_key(phrase))).collect();
    for question in [DEV, HELD_OUT].iter().flat_map(|text| questions(text).unwrap()) {
        let asked = format!(" {} ", search_key(&question.question));
        // A question of a few words is only copied whole: three words in a row are in the language.
        let short = asked.split_whitespace().count() < 4;
        let copied = |phrase: &&String| if short { **phrase == asked } else { phrase.contains(&asked) };
        assert_eq!(phrases.iter().find(copied), None, "{}", question.question);
    }
}

#[test]
fn variants_are_told_apart_by_their_own_words() {
    means("đăng ký kết hôn", "1.000894");
    means("đăng ký kết hôn với người Pháp", "2.000806");
    means("đăng ký kết hôn với người Lào ở xã biên giới", "1.000094");
    means("đăng ký kết hôn tại nhà lưu động", "1.000593");
    means("đăng ký kết hôn lại vì mất sổ gốc", "1.004746");
    means("giấy khai sinh", "1.001193");
    means("trích lục giấy khai sinh", "2.000635");
    means("giấy khai sinh ghi sai tên", "1.004859");
    means("giấy khai sinh cho con có bố là người Nga", "2.000528");
    means("sổ đỏ bị mất", "1.012786");
    means("sổ đỏ bị sai tên", "1.012790");
    means("gia hạn giấy phép lao động", "1.014201");
    means("gia hạn giấy phép xây dựng", "1.013227");
    means("gia hạn tạm trú", "1.002755");
}

#[test]
fn it_does_not_matter_how_it_is_written() {
    let written = [
        "đăng ký khai sinh",
        "ĐĂNG KÝ KHAI SINH",
        "dang ky khai sinh",
        "ddawng kys khai sinh",
        "d9a8ng ky1 khai sinh",
        "đăng kí khai sinhh",
        "dang ky kahi sinh",
        "dangky khaisinh",
        "dang ky kh ai sinh",
        "đk ks",
        "đăng ký khai xinh",
        "đ\u{0103}ng k\u{0079}\u{0301} khai sinh",
        "  đăng,ký...khai   sinh?!",
    ];
    for question in written {
        means(question, "1.001193");
    }
}

#[test]
fn marks_tell_words_apart_where_they_are_written() {
    means("bố tôi mất", "1.000656");
    means("chứng tử", "1.000656");
    assert_eq!(find("mật ong rừng").answer, Answer::Unknown);
}

#[test]
fn what_is_vague_is_asked_back_with_what_is_likely() {
    let found = find("sổ đỏ");
    assert_eq!(found.answer, Answer::Ask);
    assert_eq!(found.candidates.len(), MOST_CANDIDATES);
    assert!(found.question.is_some_and(|question| question.vi.contains('?') && question.en.contains('?')));
    assert!(found.candidates.iter().any(|it| it.code.as_str() == "1.013978"));
}

#[test]
fn what_others_do_is_sent_there_and_nonsense_is_refused() {
    let found = find("tôi muốn ly hôn");
    assert_eq!((found.answer, found.candidates.len()), (Answer::Unknown, 0));
    assert!(found.elsewhere.is_some_and(|place| place.vi.contains("Tòa án")));
    for nothing in ["", "   ", "?", "zzz", "qwrt zxcv", "0", "🙂🙂", "ạ", "\u{301}\u{301}", "xin hỏi"] {
        let found = find(nothing);
        assert_ne!(found.answer, Answer::One, "{nothing}: {found:?}");
        assert!(found.elsewhere.is_none(), "{nothing}");
    }
}

#[test]
fn why_is_said_in_the_words_of_the_question() {
    let found = find("em muốn lam giaays doc than");
    let first = &found.candidates[0];
    assert_eq!(first.code.as_str(), "1.004873");
    assert!(first.words.iter().any(|word| word == "doc") && !first.words.iter().any(|word| word == "em"), "{first:?}");
    assert!(!first.like.is_empty());
}

#[test]
fn what_is_behind_the_longest_question_is_not_read() {
    let long = "giấy khai sinh ".repeat(1_000);
    let cut: String = long.chars().take(LONGEST_QUESTION).collect();
    assert_eq!(find(&long), find(&cut));
    means(&long, "1.001193");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn whatever_is_asked_is_answered_within_bounds(question in "\\PC{0,300}|[a-zđăâêôơư0-9 ]{0,300}|(?s:.){0,200}") {
        let found = find(&question);
        prop_assert!(found.candidates.len() <= MOST_CANDIDATES);
        prop_assert!(found.candidates.iter().all(|it| (0.0..=1.0).contains(&it.score)));
        prop_assert_eq!(found.answer == Answer::Unknown, found.candidates.is_empty());
        prop_assert_eq!(found.answer == Answer::Ask, found.question.is_some());
        if found.answer == Answer::One {
            prop_assert!(found.candidates.windows(2).all(|pair| pair[0].score >= pair[1].score));
        }
        prop_assert_eq!(&find(&question), &found);
    }
}
