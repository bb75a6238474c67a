//! How words are misspelled: slips of the finger, and letters that sound alike in one part of the country or another.

/// `ký` is `kí`: a final y behind a consonant, or behind qu, is written i. A tone may stand at the end.
pub(super) fn one_i(word: &str) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    let last = letters.iter().rposition(|letter| letter.is_alphanumeric());
    if let Some(at) = last.filter(|&at| at > 0 && letters[at] == 'y') {
        let before = letters[at - 1];
        let behind_qu = before == 'u' && at == 2 && letters[0] == 'q';
        if behind_qu || !"aăâeêioôơuưy".contains(before) {
            letters[at] = 'i';
        }
    }
    letters.into_iter().collect()
}

/// The word with each of its letters taken away in turn; words of three letters and more only, as shorter ones are all
/// alike.
pub(super) fn shortened(word: &str) -> Vec<String> {
    let letters: Vec<char> = word.chars().collect();
    if letters.len() < 3 || letters.len() > 24 {
        return Vec::new();
    }
    let without = |at: usize| letters.iter().enumerate().filter(|(i, _)| *i != at).map(|(_, letter)| letter).collect();
    (0..letters.len()).map(without).collect()
}

/// How many letters are to be put in, taken out, changed, or swapped with their neighbours.
pub(super) fn slips(one: &str, other: &str) -> usize {
    let one: Vec<char> = one.chars().collect();
    let other: Vec<char> = other.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for i in 1..=one.len() {
        let mut next = vec![i; other.len() + 1];
        for j in 1..=other.len() {
            let change = usize::from(one[i - 1] != other[j - 1]);
            next[j] = (row[j] + 1).min(next[j - 1] + 1).min(row[j - 1] + change);
            if i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1] {
                next[j] = next[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut row, next);
    }
    row[other.len()]
}

/// How a word sounds where most letters are confused: n and l, ch and tr, x and s, d, gi, r and v, final n and ng, t and c.
pub(super) fn sound(word: &str) -> String {
    const BEGINNINGS: [(&str, &str); 13] = [
        ("ngh", "ng"),
        ("gh", "g"),
        ("gi", "z"),
        ("tr", "ch"),
        ("qu", "q"),
        ("ph", "f"),
        ("d", "z"),
        ("r", "z"),
        ("v", "z"),
        ("s", "x"),
        ("l", "n"),
        ("k", "c"),
        ("b", "b"),
    ];
    const ENDINGS: [(&str, &str); 4] = [("ng", "n"), ("nh", "n"), ("ch", "t"), ("c", "t")];
    let begin = BEGINNINGS.iter().find(|(written, _)| word.starts_with(written) && word.len() > written.len());
    let (begin, rest) = begin.map_or(("", word), |(written, spoken)| (*spoken, &word[written.len()..]));
    let end = ENDINGS.iter().find(|(written, _)| rest.ends_with(written) && rest.len() > written.len());
    let (rest, end) = end.map_or((rest, ""), |(written, spoken)| (&rest[..rest.len() - written.len()], *spoken));
    format!("{begin}{rest}{end}").replace('y', "i")
}

#[cfg(test)]
mod tests {
    use super::{one_i, shortened, slips, sound};

    #[test]
    fn i_and_y_are_one_behind_a_consonant() {
        for (written, one) in [("ky", "ki"), ("ly", "li"), ("quy", "qui"), ("ky\u{301}", "ki\u{301}")] {
            assert_eq!(one_i(written), one);
        }
        for other in ["tuy", "giay", "y", "vay", "khai"] {
            assert_eq!(one_i(other), other);
        }
    }

    #[test]
    fn slips_of_the_finger_are_counted() {
        for (one, other, count) in [
            ("sinh", "sinh", 0),
            ("sinhh", "sinh", 1),
            ("snih", "sinh", 1),
            ("sih", "sinh", 1),
            ("hom", "hon", 1),
            ("kahi", "khai", 1),
            ("", "an", 2),
            ("khai", "sinh", 4),
        ] {
            assert_eq!(slips(one, other), count, "{one} {other}");
            assert_eq!(slips(other, one), count, "{other} {one}");
        }
        assert_eq!(shortened("hon"), ["on", "hn", "ho"]);
        assert!(shortened("an").is_empty());
    }

    #[test]
    fn what_sounds_alike_is_one() {
        for (one, other) in [("sinh", "xin"), ("chung", "trung"), ("giay", "day"), ("thuc", "thut"), ("lam", "nam")] {
            assert_eq!(sound(one), sound(other));
        }
        assert_ne!(sound("sinh"), sound("sanh"));
    }
}
