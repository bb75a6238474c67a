//! CODE39, ITF, CODABAR: narrow and wide bars and gaps; and CODE93, whose letters are the same.

use super::{Bars, push_bits};

/// Modules of a wide bar.
const WIDE: usize = 3;

const LETTERS_39: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%";
/// Nine bars and gaps a letter, 1 is wide.
const CODE_39: [u16; 43] = [
    0x034, 0x121, 0x061, 0x160, 0x031, 0x130, 0x070, 0x025, 0x124, 0x064, 0x109, 0x049, 0x148, 0x019, 0x118, 0x058,
    0x00D, 0x10C, 0x04C, 0x01C, 0x103, 0x043, 0x142, 0x013, 0x112, 0x052, 0x007, 0x106, 0x046, 0x016, 0x181, 0x0C1,
    0x1C0, 0x091, 0x190, 0x0D0, 0x085, 0x184, 0x0C4, 0x0A8, 0x0A2, 0x08A, 0x02A,
];
const STAR_39: u16 = 0x094;

/// Nine modules a letter; then the four shifts.
const CODE_93: [u16; 47] = [
    0x114, 0x148, 0x144, 0x142, 0x128, 0x124, 0x122, 0x150, 0x112, 0x10A, 0x1A8, 0x1A4, 0x1A2, 0x194, 0x192, 0x18A,
    0x168, 0x164, 0x162, 0x134, 0x11A, 0x158, 0x14C, 0x146, 0x12C, 0x116, 0x1B4, 0x1B2, 0x1AC, 0x1A6, 0x196, 0x19A,
    0x16C, 0x166, 0x136, 0x13A, 0x12E, 0x1D4, 0x1D2, 0x1CA, 0x16E, 0x176, 0x1AE, 0x126, 0x1DA, 0x1D6, 0x132,
];
const STAR_93: u16 = 0x15E;

const LETTERS_CODABAR: &[u8] = b"0123456789-$:/.+ABCD";
const CODABAR: [u16; 20] = [
    0x003, 0x006, 0x009, 0x060, 0x012, 0x042, 0x021, 0x024, 0x030, 0x048, 0x00C, 0x018, 0x045, 0x051, 0x054, 0x015,
    0x01A, 0x029, 0x00B, 0x00E,
];

/// Five bars, or gaps, a digit.
const INTERLEAVED: [u16; 10] =
    [0b00110, 0b10001, 0b01001, 0b11000, 0b00101, 0b10100, 0b01100, 0b00011, 0b10010, 0b01010];

pub(super) fn code39(data: &[u8]) -> Option<Bars> {
    let inner = data.strip_prefix(b"*").and_then(|data| data.strip_suffix(b"*")).unwrap_or(data);
    let letters: Option<Vec<u16>> = inner.iter().map(|byte| Some(CODE_39[place(LETTERS_39, *byte)?])).collect();
    let mut bars = Bars::new();
    for pattern in [STAR_39].into_iter().chain(letters?).chain([STAR_39]) {
        push_pattern(&mut bars, pattern, 9);
        bars.push(false);
    }
    Some(bars)
}

pub(super) fn codabar(data: &[u8]) -> Option<Bars> {
    let mut bars = Bars::new();
    for byte in data {
        push_pattern(&mut bars, CODABAR[place(LETTERS_CODABAR, byte.to_ascii_uppercase())?], 7);
        bars.push(false);
    }
    Some(bars)
}

/// Pairs of digits: the first in the bars, the second in the gaps. An odd last digit is dropped.
pub(super) fn interleaved(data: &[u8]) -> Option<Bars> {
    if !data.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let mut bars = Bars::new();
    push_pattern(&mut bars, 0, 4);
    for pair in data.chunks_exact(2) {
        let [first, second] = [pair[0], pair[1]].map(|digit| INTERLEAVED[usize::from(digit - b'0')]);
        let woven = (0..5).rev().fold(0, |woven, bit| woven << 2 | (first >> bit & 1) << 1 | second >> bit & 1);
        push_pattern(&mut bars, woven, 10);
    }
    push_pattern(&mut bars, 0b100, 3);
    Some(bars)
}

/// The letters of CODE39 alone; two check letters are added.
pub(super) fn code93(data: &[u8]) -> Option<Bars> {
    let mut values: Vec<usize> = data.iter().map(|byte| place(LETTERS_39, *byte)).collect::<Option<_>>()?;
    for most in [20, 15] {
        let sum: usize = values.iter().rev().enumerate().map(|(index, value)| (index % most + 1) * value).sum();
        values.push(sum % CODE_93.len());
    }
    let mut bars = Bars::new();
    let letters = values.into_iter().map(|value| CODE_93[value]);
    for pattern in [STAR_93].into_iter().chain(letters).chain([STAR_93]) {
        push_bits(&mut bars, u32::from(pattern), 9);
    }
    bars.push(true);
    Some(bars)
}

fn place(letters: &[u8], byte: u8) -> Option<usize> {
    letters.iter().position(|letter| *letter == byte)
}

/// Bars and gaps in turn, the first is a bar; 1 is wide.
fn push_pattern(bars: &mut Bars, pattern: u16, count: u32) {
    for index in 0..count {
        let wide = pattern >> (count - 1 - index) & 1 == 1;
        bars.extend(std::iter::repeat_n(index % 2 == 0, if wide { WIDE } else { 1 }));
    }
}
