//! Calling phrases and the reading of numbers in Vietnamese. Pure.

use serde::{Deserialize, Serialize};

/// How a zero in the tens is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Region {
    /// "linh".
    #[default]
    North,
    /// "lẻ".
    South,
}

const DIGITS: [&str; 10] = ["không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"];
const GROUPS: [&str; 4] = ["", "nghìn", "triệu", "tỷ"];

/// A ticket number letter by letter and digit by digit, less easily misheard than a numeral: `A105` is "A một không năm".
#[must_use]
pub fn spell(number: &str) -> String {
    let word = |letter: char| match letter.to_digit(10) {
        Some(digit) => DIGITS[digit as usize].to_owned(),
        None => letter.to_uppercase().to_string(),
    };
    number.chars().filter(|letter| letter.is_alphanumeric()).map(word).collect::<Vec<_>>().join(" ")
}

/// A numeral in words: 21 is "hai mươi mốt", 1005 "một nghìn không trăm linh năm".
#[must_use]
pub fn cardinal(number: u32, region: Region) -> String {
    if number == 0 {
        return DIGITS[0].to_owned();
    }
    let mut words = Vec::new();
    for group in (0..GROUPS.len()).rev() {
        let value = number / 1000_u32.pow(group as u32) % 1000;
        if value > 0 {
            words.extend(below_thousand(value, !words.is_empty(), region));
            words.push(GROUPS[group]);
        }
    }
    words.retain(|word| !word.is_empty());
    words.join(" ")
}

/// Three digits; after a higher group an empty hundred is said.
fn below_thousand(value: u32, after_more: bool, region: Region) -> Vec<&'static str> {
    let (hundreds, tens, ones) = (value / 100, value / 10 % 10, value % 10);
    let mut words = Vec::new();
    if hundreds > 0 || after_more {
        words.extend([DIGITS[hundreds as usize], "trăm"]);
    }
    match tens {
        0 if ones > 0 && !words.is_empty() => words.push(if region == Region::North { "linh" } else { "lẻ" }),
        0 => {}
        1 => words.push("mười"),
        _ => words.extend([DIGITS[tens as usize], "mươi"]),
    }
    match (tens, ones) {
        (_, 0) => {}
        (2.., 1) => words.push("mốt"),
        (2.., 4) => words.push("tư"),
        (1.., 5) => words.push("lăm"),
        _ => words.push(DIGITS[ones as usize]),
    }
    words
}

/// Whether a ticket is called before its turn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// In its turn.
    #[default]
    Ordinary,
    /// "ưu tiên".
    Priority,
}

/// What is said when a ticket is called to a desk for the `times`-th time: "Mời số A một không năm đến quầy số ba".
#[must_use]
pub fn calling(number: &str, priority: Priority, desk: u16, times: u8, region: Region) -> String {
    let priority = if priority == Priority::Priority { " ưu tiên" } else { "" };
    let phrase = format!("Mời số{priority} {} đến quầy số {}", spell(number), cardinal(u32::from(desk), region));
    match times {
        0 | 1 => phrase,
        2 => format!("{phrase}, lần thứ hai"),
        // The fourth is "thứ tư" whatever stands before it.
        4 => format!("{phrase}, lần thứ tư"),
        more => format!("{phrase}, lần thứ {}", cardinal(u32::from(more), region)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numerals_read_as_in_hanoi() {
        for (number, words) in [
            (0, "không"),
            (4, "bốn"),
            (5, "năm"),
            (10, "mười"),
            (11, "mười một"),
            (14, "mười bốn"),
            (15, "mười lăm"),
            (20, "hai mươi"),
            (21, "hai mươi mốt"),
            (24, "hai mươi tư"),
            (55, "năm mươi lăm"),
            (100, "một trăm"),
            (101, "một trăm linh một"),
            (105, "một trăm linh năm"),
            (110, "một trăm mười"),
            (111, "một trăm mười một"),
            (1005, "một nghìn không trăm linh năm"),
            (1000, "một nghìn"),
            (1015, "một nghìn không trăm mười lăm"),
            (21_000, "hai mươi mốt nghìn"),
            (1_000_001, "một triệu không trăm linh một"),
            (4_294_967_295, "bốn tỷ hai trăm chín mươi tư triệu chín trăm sáu mươi bảy nghìn hai trăm chín mươi lăm"),
        ] {
            assert_eq!(cardinal(number, Region::North), words);
        }
        assert_eq!(cardinal(101, Region::South), "một trăm lẻ một");
    }

    #[test]
    fn tickets_are_spelled() {
        assert_eq!(spell("A105"), "A một không năm");
        assert_eq!(spell("b-0024"), "B không không hai bốn");
    }

    #[test]
    fn calls_are_said_as_halls_say_them() {
        let say = |priority, times| calling("A105", priority, 3, times, Region::North);
        assert_eq!(say(Priority::Ordinary, 1), "Mời số A một không năm đến quầy số ba");
        assert_eq!(say(Priority::Ordinary, 2), "Mời số A một không năm đến quầy số ba, lần thứ hai");
        assert_eq!(say(Priority::Ordinary, 4), "Mời số A một không năm đến quầy số ba, lần thứ tư");
        assert_eq!(say(Priority::Priority, 1), "Mời số ưu tiên A một không năm đến quầy số ba");
        assert_eq!(calling("A1", Priority::Ordinary, 21, 1, Region::North), "Mời số A một đến quầy số hai mươi mốt");
    }
}
