//! CODE128, with the code sets told by `{A`, `{B` and `{C`.

use super::Bars;

/// The widths of six bars and gaps a value; the last is the stop with its closing bar.
const WIDTHS: [&str; 107] = [
    "212222", "222122", "222221", "121223", "121322", "131222", "122213", "122312", "132212", "221213", "221312",
    "231212", "112232", "122132", "122231", "113222", "123122", "123221", "223211", "221132", "221231", "213212",
    "223112", "312131", "311222", "321122", "321221", "312212", "322112", "322211", "212123", "212321", "232121",
    "111323", "131123", "131321", "112313", "132113", "132311", "211313", "231113", "231311", "112133", "112331",
    "132131", "113123", "113321", "133121", "313121", "211331", "231131", "213113", "213311", "213131", "311123",
    "311321", "331121", "312113", "312311", "332111", "314111", "221411", "431111", "111224", "111422", "121124",
    "121421", "141122", "141221", "112214", "112412", "122114", "122411", "142112", "142211", "241211", "221114",
    "413111", "241112", "134111", "111242", "121142", "121241", "114212", "124112", "124211", "411212", "421112",
    "421211", "212141", "214121", "412121", "111143", "111341", "131141", "114113", "114311", "411113", "411311",
    "113141", "114131", "311141", "411131", "211412", "211214", "211232", "2331112",
];
const FNC1: usize = 102;
const START_A: usize = 103;
const STOP: usize = 106;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Set {
    A,
    B,
    C,
}

/// The bars, and the text that they say; `None` where the first code set is missing or a byte is in none.
pub(super) fn code128(data: &[u8]) -> Option<(Bars, String)> {
    let (mut set, mut rest) = set_of(data)?;
    let mut values = vec![START_A + set as usize];
    let mut text = String::new();
    while let [byte, tail @ ..] = rest {
        if let Some((next, tail)) = set_of(rest) {
            if next != set {
                values.push(101 - next as usize);
                set = next;
            }
            rest = tail;
            continue;
        }
        rest = match tail {
            [b'1', tail @ ..] if *byte == b'{' => {
                values.push(FNC1);
                tail
            }
            [b'{', tail @ ..] if *byte == b'{' => {
                values.push(value(set, b'{')?);
                text.push('{');
                tail
            }
            _ => {
                values.push(value(set, *byte)?);
                text.push_str(&said(set, *byte));
                tail
            }
        };
    }
    let sum: usize = values.iter().enumerate().map(|(index, value)| index.max(1) * value).sum();
    values.extend([sum % 103, STOP]);
    Some((values.into_iter().flat_map(bars).collect(), text))
}

fn set_of(data: &[u8]) -> Option<(Set, &[u8])> {
    match data {
        [b'{', b'A', rest @ ..] => Some((Set::A, rest)),
        [b'{', b'B', rest @ ..] => Some((Set::B, rest)),
        [b'{', b'C', rest @ ..] => Some((Set::C, rest)),
        _ => None,
    }
}

fn value(set: Set, byte: u8) -> Option<usize> {
    match (set, byte) {
        (Set::A, 0..0x20) => Some(usize::from(byte) + 64),
        (Set::A, 0x20..0x60) | (Set::B, 0x20..0x80) => Some(usize::from(byte) - 0x20),
        (Set::C, 0..100) => Some(usize::from(byte)),
        _ => None,
    }
}

fn said(set: Set, byte: u8) -> String {
    if set == Set::C { format!("{byte:02}") } else { char::from(byte).to_string() }
}

fn bars(value: usize) -> impl Iterator<Item = bool> {
    let widths = WIDTHS[value].bytes().enumerate();
    widths.flat_map(|(index, width)| std::iter::repeat_n(index % 2 == 0, usize::from(width - b'0')))
}
