//! What stands on the paper, dot by dot.

use super::*;

/// What a job leaves on the paper up to its cut, and the page.
fn printed(job: &[u8]) -> (Canvas, Page) {
    let mut works = Mechanism::new(PrinterModel::default(), 80_000 * DOTS_PER_MM);
    works.receive(job);
    let strip = works.strip.clone();
    works.receive(b"\n\x1DV\0");
    (strip, works.finished.remove(0))
}

/// The columns that hold ink in these rows.
fn inked(canvas: &Canvas, rows: std::ops::Range<usize>) -> Vec<usize> {
    (0..canvas.width_dots()).filter(|x| rows.clone().any(|y| canvas.is_ink(*x, y))).collect()
}

#[test]
fn bit_images_stack_without_a_gap() {
    let band = [b"\x1B*\x21\x03\0".as_slice(), &[0x80, 0, 1, 0xFF, 0xFF, 0xFF, 0, 0x10, 0], b"\n"].concat();
    let (paper, page) = printed(&[b"\x1B3\x18".as_slice(), &band, &band].concat());
    assert_eq!(paper.height_dots(), 48);
    for top in [0, 24] {
        let column = |x| (0..24).filter(|y| paper.is_ink(x, top + y)).collect::<Vec<_>>();
        assert_eq!(column(0), [0, 23]);
        assert_eq!(column(1), (0..24).collect::<Vec<_>>());
        assert_eq!(column(2), [11]);
    }
    assert!(page.texts.is_empty());
}

#[test]
fn coarse_bit_images_are_as_large_as_on_paper() {
    for (mode, width, height) in [(0, 2, 24), (1, 1, 24), (32, 2, 24), (33, 1, 24)] {
        let columns: &[u8] = if mode < 32 { &[0xFF] } else { &[0xFF; 3] };
        let (paper, _) = printed(&[&[0x1B, b'*', mode, 1, 0], columns, b"\x1BJ\0"].concat());
        assert_eq!((inked(&paper, 0..24), paper.height_dots()), ((0..width).collect(), height), "mode {mode}");
    }
}

#[test]
fn places_margins_and_motion_units_are_kept() {
    let dot = b"\x1B*\x01\x01\0\xFF";
    let (paper, _) = printed(&[b"\x1DL\x10\0\x1B$\x64\0".as_slice(), dot, b"\x1B\\\xFB\xFF", dot, b"\n"].concat());
    assert_eq!(inked(&paper, 0..24), [16 + 96, 16 + 100]);
    let (paper, _) = printed(&[b"\x1DL\x10\0\x1DW\x65\0\x1Ba\x02".as_slice(), dot, b"\n"].concat());
    assert_eq!(inked(&paper, 0..24), [16 + 100]);
    let (paper, _) = printed(&[b"\x1DP\x65\0\x1B$\x0A\0".as_slice(), dot, b"\n"].concat());
    assert_eq!(inked(&paper, 0..24), [20]);
}

#[test]
fn what_is_printed_twice_in_a_place_is_both() {
    let job = b"\x1B*\x21\x01\0\xF0\0\0\x1B$\0\0\x1B*\x21\x01\0\0\0\x0F\x1BJ\x18";
    let (paper, _) = printed(job);
    assert_eq!((0..24).filter(|y| paper.is_ink(0, *y)).collect::<Vec<_>>(), [0, 1, 2, 3, 20, 21, 22, 23]);
}

#[test]
fn letters_stand_in_cells_on_one_bottom() {
    let width = |job: &[u8]| {
        let (paper, _) = printed(job);
        let ink = inked(&paper, 0..paper.height_dots());
        (ink[ink.len() - 1] + 1, paper.height_dots())
    };
    for (job, cell, height) in [
        (b"\x1B\x21\0    H\n".to_vec(), 12, 30),
        (b"\x1B\x21\x01    H\n".to_vec(), 9, 30),
        (b"\x1BM\x01    H\n".to_vec(), 9, 30),
        (b"\x1D!\x11    H\n".to_vec(), 24, 48),
        (b"\x1D!\x37    H\n".to_vec(), 48, 192),
        (b"\x1B!\x30    H\n".to_vec(), 24, 48),
    ] {
        let (right, rows) = width(&job);
        assert!(right > 4 * cell + cell / 2 && right <= 5 * cell, "{job:?} {right}");
        assert_eq!(rows, height, "{job:?}");
    }
    // A small letter beside a high one begins at the bottom's cell.
    let (paper, _) = printed(b"\x1D!\x01H\x1D!\0H\n");
    assert!((0..24).all(|y| (12..24).all(|x| !paper.is_ink(x, y))));
    assert!((24..48).any(|y| (12..24).any(|x| paper.is_ink(x, y))));
}

#[test]
fn a_full_line_goes_on_below_and_its_texts_are_told() {
    let (paper, page) = printed(&[&[b'A'; 50][..], b"\nB\n"].concat());
    assert_eq!(paper.height_dots(), 90);
    assert_eq!(page.texts, ["A".repeat(48), "AA".to_owned(), "B".to_owned()]);
}

#[test]
fn code_pages_give_vietnamese_its_letters() {
    let (_, page) = printed(b"\x1Bt\x1EPh\xAD\xEAng\n\x1Bt\x1F\xA7\xB5\n\x1Bt\x34Ho\xE0n Ki\xEA\xECm\n\x1Bt\x00\x82\n");
    assert_eq!(page.texts, ["Phường", "ĐÀ", "Hoàn Kiê\u{301}m", "é"]);
}

#[test]
fn drawn_letters_replace_the_printers_own_until_it_is_initialised() {
    let letter = [b"\x1B&\x03\x41\x41\x02".as_slice(), &[0x80, 0, 0, 0, 0, 1]].concat();
    let (paper, page) = printed(&[&letter, b"\x1B%\x01A\n".as_slice()].concat());
    assert!(paper.is_ink(0, 0) && paper.is_ink(1, 23));
    assert_eq!(paper.dots().iter().map(|byte| byte.count_ones()).sum::<u32>(), 2);
    assert_eq!(page.texts, ["\u{FFFD}"]);
    for undone in [b"\x1B%\0A\n".as_slice(), b"\x1B%\x01\x1B?AA\n", b"\x1B@\x1B%\x01A\n"] {
        assert_eq!(printed(&[&letter, undone].concat()).1.texts, ["A"]);
    }
}

#[test]
fn rasters_are_enlarged_and_aligned() {
    for (mode, wide, high) in [(0, 8, 1), (1, 16, 1), (2, 8, 2), (3, 16, 2)] {
        let (paper, _) = printed(&[b"\x1Ba\x02\x1Dv0".as_slice(), &[mode, 1, 0, 1, 0, 0xFF]].concat());
        assert_eq!((inked(&paper, 0..high), paper.height_dots()), ((576 - wide..576).collect(), high), "mode {mode}");
    }
}

#[test]
fn styles_change_the_ink() {
    let ink = |job: &[u8]| printed(job).0.dots().iter().map(|byte| byte.count_ones()).sum::<u32>();
    let plain = ink(b"HELLO\n");
    assert!(ink(b"\x1BE\x01HELLO\n") > plain && ink(b"\x1BG\x01HELLO\n") > plain);
    assert_eq!(ink(b"\x1DB\x01HELLO\n"), 5 * 12 * 24 - plain);
    assert!(ink(b"\x1B-\x02HELLO\n") > plain + 60);
    assert_eq!(ink(b"\x1BV\x01HELLO\n"), plain);
    let (upright, _) = printed(b"L\n");
    let (turned, _) = printed(b"\x1B{\x01L\n");
    let first = inked(&upright, 0..24)[0];
    assert!(turned.is_ink(575 - first, 12) || inked(&turned, 0..24).last() == Some(&(575 - first)));
}

#[test]
fn what_is_not_understood_leaves_no_letters() {
    let skipped: [&[u8]; 14] = [
        b"\x1Bc5\x01",
        b"\x1BR\x02",
        b"\x1Bp\0\x19\xFA",
        b"\x1BB\x02\x03",
        b"\x1C.",
        b"\x1CS\0\0",
        b"\x1C(A\x02\0\x30\x30",
        b"\x1D(E\x03\0abc",
        b"\x1Dg2\0zz",
        b"\x1DC0\x03\x01",
        b"\x1Dz0ab",
        b"\x1D^abc",
        b"\x1BD\x08\x10\0",
        b"\x1D8L\x04\0\0\0abcd",
    ];
    for command in skipped {
        let (_, page) = printed(&[command, b"X\n"].concat());
        assert_eq!(page.texts, ["X"], "{command:?}");
    }
}

#[test]
fn logos_stay_and_downloads_go() {
    let store = b"\x1D(L\x0D\0\x30\x43\x30AB\x01\x08\0\x01\0\x31\xFF\x1D(L\x0D\0\x30\x53\x30CD\x01\x08\0\x01\0\x31\xFF";
    let mut works = Mechanism::new(PrinterModel::default(), 80_000 * DOTS_PER_MM);
    works.receive(&fixed(store));
    let print = b"\x1D(L\x06\0\x30\x45AB\x02\x01\x1D(L\x06\0\x30\x55CD\x01\x01";
    works.receive(print);
    assert_eq!(works.strip.dots(), [&[0xFF, 0xFF][..], &[0; 70], &[0xFF], &[0; 71]].concat());
    works.receive(b"\x1B@");
    works.receive(print);
    assert_eq!(works.strip.height_dots(), 3);
    works.receive(b"\x1Cq\x01\x01\0\x01\0\xFF\0\0\0\0\0\0\0\x1Cp\x01\0");
    assert_eq!(works.strip.height_dots(), 11);
    assert!((3..11).all(|y| works.strip.is_ink(0, y) && !works.strip.is_ink(1, y)));
}

/// Sets the length that each `GS ( L` really has.
fn fixed(store: &[u8]) -> Vec<u8> {
    let starts: Vec<_> = (0..store.len()).filter(|at| store[*at..].starts_with(b"\x1D(L")).collect();
    let mut bytes = store.to_vec();
    for (index, at) in starts.iter().enumerate() {
        let end = starts.get(index + 1).copied().unwrap_or(store.len());
        bytes[at + 3] = (end - at - 5) as u8;
    }
    bytes
}

#[test]
fn a_page_is_printed_as_a_whole() {
    let mut works = Mechanism::new(PrinterModel::default(), 80_000 * DOTS_PER_MM);
    works.receive(b"\x1BL\x1BW\x10\0\x08\0\0\x02\x64\0HI\n");
    assert_eq!(works.strip.height_dots(), 0);
    works.receive(b"\x0C");
    assert_eq!(works.strip.height_dots(), 108);
    let ink = inked(&works.strip, 0..108);
    assert!(ink[0] >= 16 && ink[ink.len() - 1] < 16 + 24);
    works.receive(b"\x1BLlost\n\x18\nkept\n\x1DV\0");
    assert_eq!(works.finished[0].texts.last().map(String::as_str), Some("kept"));
}
