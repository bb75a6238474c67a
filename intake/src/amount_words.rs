//! Amounts in words, as money receipts must carry them: in Vietnamese as Hanoi says them (nghìn, linh), and in English.

use crate::fee::Dong;

/// Between a number of thousands of millions (tỷ) and what is below it.
const BILLION: u64 = 1_000_000_000;

const DIGITS: [&str; 10] = ["không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"];

const ENGLISH_BELOW_TWENTY: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const ENGLISH_TENS: [&str; 10] = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
const ENGLISH_SCALES: [(u64, &str); 6] = [
    (1_000_000_000_000_000_000, "quintillion"),
    (1_000_000_000_000_000, "quadrillion"),
    (1_000_000_000_000, "trillion"),
    (BILLION, "billion"),
    (1_000_000, "million"),
    (1_000, "thousand"),
];

/// An amount as a Vietnamese receipt writes it: `Mười lăm nghìn đồng`. A negative one begins with `Âm`.
pub fn vietnamese(amount: Dong) -> String {
    let mut words = if amount.0 < 0 { vec!["âm"] } else { vec![] };
    push_number(&mut words, amount.0.unsigned_abs());
    words.push("đồng");
    sentence(&words)
}

/// The same in English: `Fifteen thousand dong`. A negative one begins with `Minus`.
pub fn english(amount: Dong) -> String {
    let mut words = if amount.0 < 0 { vec!["minus".to_owned()] } else { vec![] };
    push_english(&mut words, amount.0.unsigned_abs());
    words.push("dong".to_owned());
    sentence(&words.iter().map(String::as_str).collect::<Vec<_>>())
}

fn sentence(words: &[&str]) -> String {
    let text = words.join(" ");
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// A number of any size: what stands above the thousands of millions is itself read as a number (`nghìn tỷ`).
fn push_number(words: &mut Vec<&'static str>, number: u64) {
    if number == 0 {
        words.push(DIGITS[0]);
        return;
    }
    let (above, below) = (number / BILLION, number % BILLION);
    if above > 0 {
        push_number(words, above);
        words.push("tỷ");
    }
    push_below_billion(words, below, above > 0);
}

/// Groups of three digits from millions down; a group of zeros is not said. `inside`: something was said before.
fn push_below_billion(words: &mut Vec<&'static str>, number: u64, inside: bool) {
    let mut inside = inside;
    for (group, scale) in [(number / 1_000_000, "triệu"), (number / 1_000 % 1_000, "nghìn"), (number % 1_000, "")] {
        if group > 0 {
            push_group(words, group, inside);
            if !scale.is_empty() {
                words.push(scale);
            }
            inside = true;
        }
    }
}

/// Three digits. Behind something greater, its hundreds are said even where there are none: `một nghìn không trăm linh năm`.
fn push_group(words: &mut Vec<&'static str>, group: u64, inside: bool) {
    let (hundreds, tens, ones) = (group / 100, group / 10 % 10, group % 10);
    let says_hundreds = hundreds > 0 || inside;
    if says_hundreds {
        words.extend([digit(hundreds), "trăm"]);
    }
    match (tens, ones) {
        (0, 0) => {}
        (0, _) if says_hundreds => words.extend(["linh", digit(ones)]),
        (0, _) => words.push(digit(ones)),
        (1, 0) => words.push("mười"),
        (1, 5) => words.extend(["mười", "lăm"]),
        (1, _) => words.extend(["mười", digit(ones)]),
        (_, 0) => words.extend([digit(tens), "mươi"]),
        (_, 1) => words.extend([digit(tens), "mươi", "mốt"]),
        (_, 4) => words.extend([digit(tens), "mươi", "tư"]),
        (_, 5) => words.extend([digit(tens), "mươi", "lăm"]),
        _ => words.extend([digit(tens), "mươi", digit(ones)]),
    }
}

fn digit(value: u64) -> &'static str {
    usize::try_from(value).ok().and_then(|at| DIGITS.get(at)).copied().unwrap_or_default()
}

fn push_english(words: &mut Vec<String>, number: u64) {
    let mut left = number;
    for (scale, name) in ENGLISH_SCALES {
        if left >= scale {
            push_english_group(words, left / scale);
            words.push(name.to_owned());
            left %= scale;
        }
    }
    if left > 0 && left < 100 && number >= 1_000 {
        words.push("and".to_owned());
    }
    if left > 0 || number == 0 {
        push_english_group(words, left);
    }
}

/// A number below a thousand.
fn push_english_group(words: &mut Vec<String>, group: u64) {
    let (hundreds, below) = (group / 100, group % 100);
    if hundreds > 0 {
        words.extend([english_word(&ENGLISH_BELOW_TWENTY, hundreds), "hundred".to_owned()]);
    }
    if hundreds > 0 && below > 0 {
        words.push("and".to_owned());
    }
    match (below / 10, below % 10) {
        (0, 0) if hundreds > 0 => {}
        (0 | 1, _) => words.push(english_word(&ENGLISH_BELOW_TWENTY, below)),
        (tens, 0) => words.push(english_word(&ENGLISH_TENS, tens)),
        (tens, ones) => {
            let (tens, ones) = (english_word(&ENGLISH_TENS, tens), english_word(&ENGLISH_BELOW_TWENTY, ones));
            words.push(format!("{tens}-{ones}"));
        }
    }
}

fn english_word(words: &[&str], at: u64) -> String {
    usize::try_from(at).ok().and_then(|at| words.get(at)).copied().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Written by hand, not reckoned.
    const AMOUNTS: [(i64, &str, &str); 50] = [
        (0, "Không đồng", "Zero dong"),
        (1, "Một đồng", "One dong"),
        (4, "Bốn đồng", "Four dong"),
        (5, "Năm đồng", "Five dong"),
        (10, "Mười đồng", "Ten dong"),
        (11, "Mười một đồng", "Eleven dong"),
        (14, "Mười bốn đồng", "Fourteen dong"),
        (15, "Mười lăm đồng", "Fifteen dong"),
        (20, "Hai mươi đồng", "Twenty dong"),
        (21, "Hai mươi mốt đồng", "Twenty-one dong"),
        (24, "Hai mươi tư đồng", "Twenty-four dong"),
        (25, "Hai mươi lăm đồng", "Twenty-five dong"),
        (44, "Bốn mươi tư đồng", "Forty-four dong"),
        (55, "Năm mươi lăm đồng", "Fifty-five dong"),
        (91, "Chín mươi mốt đồng", "Ninety-one dong"),
        (99, "Chín mươi chín đồng", "Ninety-nine dong"),
        (100, "Một trăm đồng", "One hundred dong"),
        (101, "Một trăm linh một đồng", "One hundred and one dong"),
        (104, "Một trăm linh bốn đồng", "One hundred and four dong"),
        (105, "Một trăm linh năm đồng", "One hundred and five dong"),
        (110, "Một trăm mười đồng", "One hundred and ten dong"),
        (111, "Một trăm mười một đồng", "One hundred and eleven dong"),
        (115, "Một trăm mười lăm đồng", "One hundred and fifteen dong"),
        (121, "Một trăm hai mươi mốt đồng", "One hundred and twenty-one dong"),
        (500, "Năm trăm đồng", "Five hundred dong"),
        (555, "Năm trăm năm mươi lăm đồng", "Five hundred and fifty-five dong"),
        (999, "Chín trăm chín mươi chín đồng", "Nine hundred and ninety-nine dong"),
        (1_000, "Một nghìn đồng", "One thousand dong"),
        (1_005, "Một nghìn không trăm linh năm đồng", "One thousand and five dong"),
        (1_015, "Một nghìn không trăm mười lăm đồng", "One thousand and fifteen dong"),
        (1_100, "Một nghìn một trăm đồng", "One thousand one hundred dong"),
        (2_000, "Hai nghìn đồng", "Two thousand dong"),
        (8_000, "Tám nghìn đồng", "Eight thousand dong"),
        (10_000, "Mười nghìn đồng", "Ten thousand dong"),
        (15_000, "Mười lăm nghìn đồng", "Fifteen thousand dong"),
        (20_500, "Hai mươi nghìn năm trăm đồng", "Twenty thousand five hundred dong"),
        (21_000, "Hai mươi mốt nghìn đồng", "Twenty-one thousand dong"),
        (100_000, "Một trăm nghìn đồng", "One hundred thousand dong"),
        (105_000, "Một trăm linh năm nghìn đồng", "One hundred and five thousand dong"),
        (200_000, "Hai trăm nghìn đồng", "Two hundred thousand dong"),
        (
            124_115,
            "Một trăm hai mươi tư nghìn một trăm mười lăm đồng",
            "One hundred and twenty-four thousand one hundred and fifteen dong",
        ),
        (1_000_000, "Một triệu đồng", "One million dong"),
        (1_000_001, "Một triệu không trăm linh một đồng", "One million and one dong"),
        (1_050_000, "Một triệu không trăm năm mươi nghìn đồng", "One million fifty thousand dong"),
        (
            21_004_021,
            "Hai mươi mốt triệu không trăm linh bốn nghìn không trăm hai mươi mốt đồng",
            "Twenty-one million four thousand and twenty-one dong",
        ),
        (1_000_000_000, "Một tỷ đồng", "One billion dong"),
        (
            1_002_003_004,
            "Một tỷ không trăm linh hai triệu không trăm linh ba nghìn không trăm linh bốn đồng",
            "One billion two million three thousand and four dong",
        ),
        (1_500_000_000_000, "Một nghìn năm trăm tỷ đồng", "One trillion five hundred billion dong"),
        (2_000_000_000_000_000_000, "Hai tỷ tỷ đồng", "Two quintillion dong"),
        (-15_000, "Âm mười lăm nghìn đồng", "Minus fifteen thousand dong"),
    ];

    #[test]
    fn amounts_read_as_people_say_them() {
        for (amount, in_vietnamese, in_english) in AMOUNTS {
            assert_eq!(vietnamese(Dong(amount)), in_vietnamese, "{amount}");
            assert_eq!(english(Dong(amount)), in_english, "{amount}");
        }
    }

    #[test]
    fn every_amount_has_words() {
        for amount in [i64::MIN, i64::MAX] {
            assert!(vietnamese(Dong(amount)).ends_with(" đồng"));
            assert!(english(Dong(amount)).ends_with(" dong"));
        }
    }
}
