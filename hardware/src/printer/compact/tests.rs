use super::*;
use crate::printer::canvas::Canvas;

const ALL: Takes = Takes { rows: true, columns: true, letters: true, margin: true };
const DOTS: Takes = Takes { letters: false, margin: false, ..ALL };

fn bytes(canvas: Canvas, takes: Takes) -> Vec<u8> {
    let mut bytes = Vec::new();
    pieces(&mut bytes, &[Piece::Dots(canvas)], takes);
    bytes
}

/// A letter's worth of dots without a pattern: 10 columns, 20 rows.
fn blot(canvas: &mut Canvas, x: usize, y: usize, seed: u32) {
    for row in 0..20 {
        let bits = (seed.wrapping_mul(2_654_435_761).rotate_left(row) | 1 << 31 | 1 << 22) >> 22;
        canvas.ink_row(x, y + row as usize, &((bits as u16) << 6).to_be_bytes());
    }
}

#[test]
fn blank_paper_is_fed() {
    let mut canvas = Canvas::new(576);
    canvas.grow(300);
    assert_eq!(bytes(canvas, ALL), [0x1B, b'J', 255, 0x1B, b'J', 45]);
    assert!(bytes(Canvas::new(576), ALL).is_empty());
}

#[test]
fn a_rule_goes_as_dots_twice_as_large() {
    let mut canvas = Canvas::new(576);
    canvas.ink_rectangle(0, 8, 576, 2);
    canvas.grow(18);
    let expected = [&[0x1B, b'J', 8, 0x1D, b'v', b'0', 3, 36, 0, 1, 0][..], &[0xFF; 36], &[0x1B, b'J', 8]];
    assert_eq!(bytes(canvas, DOTS), expected.concat());
}

#[test]
fn columns_skip_what_is_blank_and_feed_on_below_in_one_command() {
    let mut canvas = Canvas::new(576);
    canvas.ink_rectangle(100, 4, 1, 24);
    canvas.ink_rectangle(103, 4, 1, 24);
    canvas.ink_rectangle(300, 4, 2, 12);
    canvas.grow(40);
    let expected = [
        &[0x1B, b'J', 4, 0x1B, b'$', 100, 0, 0x1B, b'*', 33, 4, 0][..],
        &[0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF],
        &[0x1B, b'$', 44, 1, 0x1B, b'*', 33, 2, 0, 0xFF, 0xF0, 0, 0xFF, 0xF0, 0, 0x1B, b'J', 36],
    ];
    assert_eq!(bytes(canvas, DOTS), expected.concat());
}

#[test]
fn few_rows_go_as_rows_and_the_margin_crops_them() {
    let mut canvas = Canvas::new(576);
    canvas.ink_rectangle(400, 0, 160, 1);
    canvas.ink_rectangle(401, 1, 159, 1);
    let expected = [&[0x1D, b'L', 144, 1, 0x1D, b'v', b'0', 0, 20, 0, 2, 0][..], &[0xFF; 20], &[0x7F], &[0xFF; 19]];
    assert_eq!(bytes(canvas, ALL), expected.concat());
}

#[test]
fn a_letter_that_comes_often_is_defined_once() {
    let mut canvas = Canvas::new(576);
    for x in 0..8 {
        blot(&mut canvas, 16 + x * 16, 2, 7);
    }
    canvas.grow(40);
    let bytes = bytes(canvas, ALL);
    let expected_head = [0x1B, b'&', 3, b'!', b'!', 10];
    assert_eq!(bytes[..6], expected_head);
    let line = &bytes[6 + 30..];
    let expected = [
        &[0x1B, b'%', 1, 0x1B, b'J', 2, 0x1B, b'$', 16, 0, b'!', 0x1B, b'$', 32, 0, b'!'][..],
        &[0x1B, b'$', 48, 0, b'!'],
    ];
    assert_eq!(line[..21], expected.concat());
    assert_eq!(line[line.len() - 3..], [0x1B, b'J', 38]);
}

#[test]
fn a_cell_never_reaches_over_the_edge() {
    let mut canvas = Canvas::new(576);
    for y in 0..4 {
        // Ten columns at the very edge: a cell of twelve would be put on a line of its own.
        blot(&mut canvas, 566, y * 40, 7);
        blot(&mut canvas, 100, y * 40, 7);
    }
    let bytes = bytes(canvas, ALL);
    let at_edge = [0x1B, b'$', 54, 2];
    let places: Vec<_> =
        bytes.windows(5).filter(|window| window.starts_with(&at_edge)).map(|window| window[4]).collect();
    assert!(!places.is_empty() && places.iter().all(|next| *next == 0x1B), "{places:?}");
}

#[test]
fn more_letters_than_codes_are_sent_as_dots() {
    let mut canvas = Canvas::new(576);
    for number in 0..360 {
        // A hundred and twenty different ones, each three times.
        blot(&mut canvas, number % 30 * 18, number / 30 * 30, (number % 120) as u32 + 3);
    }
    let bytes = bytes(canvas, ALL);
    assert_eq!(bytes[..4], [0x1B, b'&', 3, b'!']);
    assert!(bytes[4] <= b'~');
    assert!(bytes.windows(3).any(|window| window == [0x1B, b'*', 33]));
}

#[test]
fn a_printer_of_columns_only_gets_no_rows() {
    let mut canvas = Canvas::new(576);
    canvas.ink_rectangle(0, 3, 576, 50);
    let bytes = bytes(canvas, Takes { rows: false, ..DOTS });
    assert_eq!(bytes.windows(5).filter(|window| window.starts_with(&[0x1B, b'*', 33])).count(), 3);
    assert!(!bytes.windows(3).any(|window| window == [0x1D, b'v', b'0']));
}
