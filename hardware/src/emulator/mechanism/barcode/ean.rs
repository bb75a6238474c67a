//! EAN-13, EAN-8 and UPC-A. A missing check digit is added, a wrong one is corrected, as printers do.

use super::{Bars, push_bits};

/// Left digits of odd parity; the right ones are their complement, those of even parity that, mirrored.
const LEFT: [u32; 10] = [
    0b000_1101, 0b001_1001, 0b001_0011, 0b011_1101, 0b010_0011, 0b011_0001, 0b010_1111, 0b011_1011, 0b011_0111,
    0b000_1011,
];
/// Which of the six left digits are of even parity, by the first digit of an EAN-13.
const EVEN: [u32; 10] =
    [0b00_0000, 0b00_1011, 0b00_1101, 0b00_1110, 0b01_0011, 0b01_1001, 0b01_1100, 0b01_0101, 0b01_0110, 0b01_1010];

pub(super) fn ean13(data: &[u8]) -> Option<(Bars, String)> {
    let digits = checked(data, 13)?;
    Some((thirteen(&digits), text(&digits)))
}

/// An EAN-13 that begins with 0.
pub(super) fn upc_a(data: &[u8]) -> Option<(Bars, String)> {
    let digits = checked(data, 12)?;
    Some((thirteen(&[&[0], &digits[..]].concat()), text(&digits)))
}

pub(super) fn ean8(data: &[u8]) -> Option<(Bars, String)> {
    let digits = checked(data, 8)?;
    let mut bars = Bars::new();
    push_bits(&mut bars, 0b101, 3);
    digits[..4].iter().for_each(|digit| push_bits(&mut bars, LEFT[*digit], 7));
    push_bits(&mut bars, 0b01010, 5);
    digits[4..].iter().for_each(|digit| push_bits(&mut bars, right(*digit), 7));
    push_bits(&mut bars, 0b101, 3);
    Some((bars, text(&digits)))
}

fn thirteen(digits: &[usize]) -> Bars {
    let even = EVEN[digits[0]];
    let mut bars = Bars::new();
    push_bits(&mut bars, 0b101, 3);
    for (place, digit) in digits[1..7].iter().enumerate() {
        let bits = if even >> (5 - place) & 1 == 0 { LEFT[*digit] } else { mirrored(right(*digit)) };
        push_bits(&mut bars, bits, 7);
    }
    push_bits(&mut bars, 0b01010, 5);
    digits[7..].iter().for_each(|digit| push_bits(&mut bars, right(*digit), 7));
    push_bits(&mut bars, 0b101, 3);
    bars
}

fn right(digit: usize) -> u32 {
    !LEFT[digit] & 0x7F
}

fn mirrored(bits: u32) -> u32 {
    (0..7).fold(0, |mirrored, bit| mirrored | (bits >> bit & 1) << (6 - bit))
}

/// The digits with their check digit; `None` for letters and other lengths.
fn checked(data: &[u8], length: usize) -> Option<Vec<usize>> {
    if (data.len() != length && data.len() != length - 1) || !data.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let mut digits: Vec<usize> = data[..length - 1].iter().map(|digit| usize::from(digit - b'0')).collect();
    let sum: usize =
        digits.iter().rev().enumerate().map(|(place, digit)| if place % 2 == 0 { 3 * digit } else { *digit }).sum();
    digits.push((10 - sum % 10) % 10);
    Some(digits)
}

fn text(digits: &[usize]) -> String {
    digits.iter().map(ToString::to_string).collect()
}
