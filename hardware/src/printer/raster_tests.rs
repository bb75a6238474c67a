use std::collections::{HashMap, HashSet};

use unicode_normalization::UnicodeNormalization;

use super::*;

const WIDTH_DOTS: u16 = 576;

/// Every precomposed Vietnamese letter, both cases: 12 vowels with six tones, and đ.
fn vietnamese_letters() -> Vec<char> {
    let vowels = "aăâeêioôơuưyAĂÂEÊIOÔƠUƯY".chars();
    let tones = ["", "\u{300}", "\u{309}", "\u{303}", "\u{301}", "\u{323}"];
    let letters = vowels.flat_map(|vowel| tones.map(|tone| format!("{vowel}{tone}").nfc().collect::<String>()));
    letters.filter_map(|text| text.chars().next()).chain(['đ', 'Đ']).collect()
}

fn draw(paper: &Paper) -> Canvas {
    match Rasterizer::new().unwrap().draw(paper, WIDTH_DOTS, QrMode::Raster).unwrap().remove(0) {
        Piece::Dots(canvas) => canvas,
        other => unreachable!("everything is drawn: {other:?}"),
    }
}

fn line(text: &str, size: TextSize) -> Canvas {
    draw(&Paper::new().text(text, size, Align::Left))
}

#[test]
fn every_vietnamese_letter_has_its_own_ink_in_either_normal_form() {
    let letters = vietnamese_letters();
    assert_eq!(letters.len(), 146);
    for size in [TextSize::Small, TextSize::Normal, TextSize::Large, TextSize::Huge] {
        let mut seen: HashMap<Vec<u8>, char> = HashMap::new();
        for letter in &letters {
            let composed = line(&letter.to_string(), size);
            let decomposed = line(&letter.to_string().nfd().collect::<String>(), size);
            assert_eq!(composed, decomposed, "{letter}");
            assert!(!composed.is_blank(), "{letter}");
            if let Some(other) = seen.insert(composed.dots().to_vec(), *letter) {
                panic!("{letter} and {other} look alike at {size:?}");
            }
        }
    }
}

#[test]
fn all_letters_that_slips_use_are_in_the_font() {
    let rasterizer = Rasterizer::new().unwrap();
    let others = " –—•·…“”‘’₫đĐ×".chars().chain('!'..='~');
    for letter in vietnamese_letters().into_iter().chain(others) {
        for font in &rasterizer.fonts {
            assert_ne!(font.glyph_id(letter).0, 0, "{letter}");
        }
    }
}

#[test]
fn stacked_marks_are_never_cut() {
    // Were a mark cut by the line above, the second line would differ from the first.
    let once = line("ẪỂỒỮ", TextSize::Normal);
    let twice = draw(&Paper::new().text("ẪỂỒỮ\nẪỂỒỮ", TextSize::Normal, Align::Left));
    assert_eq!(twice.height_dots(), 2 * once.height_dots());
    assert_eq!(&twice.dots()[once.dots().len()..], once.dots());
    let lowest = line("ẬỆỘỤ", TextSize::Huge);
    assert!(lowest.rows().len() >= 120);
}

#[test]
fn words_wrap_and_nothing_leaves_the_paper() {
    let words = "Xác nhận tình trạng hôn nhân cho người đang thường trú tại phường Hoàn Kiếm";
    let mut rasterizer = Rasterizer::new().unwrap();
    let style = (TextSize::Large, true);
    let lines = rasterizer.lines(words, style, usize::from(WIDTH_DOTS));
    assert!(lines.len() > 1);
    assert_eq!(lines.join(" "), words);
    for line in &lines {
        assert!(rasterizer.width(line, style) <= usize::from(WIDTH_DOTS), "{line}");
    }
    let long = "A".repeat(200);
    let parts = rasterizer.lines(&long, style, usize::from(WIDTH_DOTS));
    assert_eq!(parts.concat(), long);
    assert!(parts.iter().all(|part| rasterizer.width(part, style) <= usize::from(WIDTH_DOTS)));
}

#[test]
fn alignment_moves_the_ink() {
    let first_ink = |align| {
        let canvas = draw(&Paper::new().text("I", TextSize::Normal, align));
        (0..canvas.width_dots()).find(|x| (0..canvas.height_dots()).any(|y| canvas.is_ink(*x, y))).unwrap()
    };
    let (left, center, right) = (first_ink(Align::Left), first_ink(Align::Center), first_ink(Align::Right));
    assert!(left < 8 && (270..306).contains(&center) && right > 560, "{left} {center} {right}");
}

#[test]
fn columns_share_a_line_or_take_two() {
    let short = draw(&Paper::new().columns("Quầy số", "3"));
    let long = draw(&Paper::new().columns(&"Quầy số ".repeat(4), &"ba bốn năm ".repeat(3)));
    assert_eq!(long.height_dots(), 2 * short.height_dots());
}

#[test]
fn a_qr_code_too_wide_shrinks_or_is_refused() {
    let mut rasterizer = Rasterizer::new().unwrap();
    let mut draw = |length: usize, width| {
        rasterizer.draw(&Paper::new().qr(&"A".repeat(length), 8), width, QrMode::Raster).map(|pieces| pieces.len())
    };
    assert_eq!(draw(300, WIDTH_DOTS), Ok(1));
    assert_eq!(draw(2000, 384), Err(Fault::PaperUnprintable));
    assert_eq!(draw(10_000, WIDTH_DOTS), Err(Fault::PaperUnprintable));
}

#[test]
fn a_native_qr_stands_between_the_dots() {
    let paper =
        Paper::new().text("trên", TextSize::Normal, Align::Left).qr("Q", 6).text("dưới", TextSize::Normal, Align::Left);
    let pieces = Rasterizer::new().unwrap().draw(&paper, WIDTH_DOTS, QrMode::Native).unwrap();
    assert!(
        matches!(&pieces[..], [Piece::Dots(_), Piece::NativeQr { text, module_dots: 6, .. }, Piece::Dots(_)] if text == "Q")
    );
}

#[test]
fn digits_and_latin_letters_are_distinct() {
    let shapes: HashSet<_> =
        ('0'..='9').chain('A'..='Z').map(|letter| line(&letter.to_string(), TextSize::Small).dots().to_vec()).collect();
    assert_eq!(shapes.len(), 36);
}
