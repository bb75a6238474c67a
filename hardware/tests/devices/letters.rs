//! Every Vietnamese letter on paper, beside the same letter drawn by another program (`fixtures/devices/letters/`).

use std::time::Instant;

use hardware::emulator::{LineSpec, Page, PrinterModel};
use hardware::{Align, JobId, Outcome, Paper, TextSize};
use unicode_normalization::UnicodeNormalization;

use crate::printer;

const SMALL: &str = "áàảãạăắằẳẵặâấầẩẫậđéèẻẽẹêếềểễệíìỉĩịóòỏõọôốồổỗộơớờởỡợúùủũụưứừửữựýỳỷỹỵ";
/// Letters a row of the reference.
const COLUMNS: usize = 16;
/// Blank rows between two letters on paper; no mark is so far from its letter.
const BETWEEN: u16 = 40;
/// Dots of a letter that may be wrong: where two outlines of a letter lie on each other (a dot below), the programs count the area differently.
const TOLERATED: usize = 2;

/// Rows of dots, ink is `true`.
type Dots = Vec<Vec<bool>>;

fn letters() -> Vec<char> {
    let small: Vec<char> = SMALL.chars().collect();
    let capitals: Vec<char> = SMALL.to_uppercase().chars().collect();
    [small, capitals].concat()
}

/// One letter a line, with blank paper between.
fn page_of(texts: &[String], size: TextSize) -> Page {
    let (far, mut near) = printer(&LineSpec::free_port(), PrinterModel::default(), "generic-80mm");
    let paper = texts.iter().fold(Paper::new(), |paper, text| paper.text(text, size, Align::Left).space(BETWEEN));
    let report = near.print(JobId(1), &paper, Instant::now());
    assert_eq!(report.outcome, Outcome::Confirmed);
    far.take_pages().remove(0)
}

fn decoded(png: &[u8]) -> Dots {
    let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().unwrap();
    let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut bytes).unwrap();
    let row = |bytes: &[u8]| (0..info.width as usize).map(|x| bytes[x / 8] & (0x80 >> (x % 8)) == 0).collect();
    bytes.chunks_exact(info.line_size).map(row).collect()
}

/// What is inked, without the blank around it.
fn cropped(dots: &[Vec<bool>]) -> Dots {
    let rows: Vec<usize> = (0..dots.len()).filter(|y| dots[*y].contains(&true)).collect();
    let columns: Vec<usize> = (0..dots[0].len()).filter(|x| dots.iter().any(|row| row[*x])).collect();
    let (left, right) = (columns[0], columns[columns.len() - 1]);
    dots[rows[0]..=rows[rows.len() - 1]].iter().map(|row| row[left..=right].to_vec()).collect()
}

/// The letters of a page, from the top.
fn letters_of(page: &Page) -> Vec<Dots> {
    let dots = decoded(&page.png);
    let mut letters = Vec::new();
    let mut from = None;
    let mut blank = 0;
    for (y, row) in dots.iter().enumerate() {
        if row.contains(&true) {
            from.get_or_insert(y);
            blank = 0;
            continue;
        }
        blank += 1;
        if blank == usize::from(BETWEEN) / 2
            && let Some(top) = from.take()
        {
            letters.push(cropped(&dots[top..y]));
        }
    }
    letters
}

/// How much of each dot is covered, 0 to 255; row after row.
type Coverage = Vec<Vec<u8>>;

fn references(em: usize) -> Vec<Coverage> {
    let path = format!("{}/../fixtures/devices/letters/em-{em}.png", env!("CARGO_MANIFEST_DIR"));
    let mut reader =
        png::Decoder::new(std::fs::File::open(path).map(std::io::BufReader::new).unwrap()).read_info().unwrap();
    let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut bytes).unwrap();
    assert_eq!((info.color_type, info.bit_depth), (png::ColorType::Grayscale, png::BitDepth::Eight));
    let side = 2 * em;
    let cell = |index: usize| {
        let (x, y) = (index % COLUMNS * side, index / COLUMNS * side);
        (y..y + side).map(|y| bytes[y * info.line_size + x..][..side].to_vec()).collect()
    };
    (0..letters().len()).map(cell).collect()
}

/// The dots that are surely wrong, where the letter lies best on the reference.
fn wrong(ours: &Dots, reference: &Coverage) -> usize {
    let side = reference.len();
    let covered = |x: usize, y: usize| reference[y][x] >= 128;
    let first_row = (0..side).find(|y| (0..side).any(|x| covered(x, *y))).unwrap();
    let first_column = (0..side).find(|x| (0..side).any(|y| covered(*x, y))).unwrap();
    let at = |left: usize, top: usize| {
        let dots = (0..side).flat_map(|y| (0..side).map(move |x| (x, y)));
        dots.filter(|(x, y)| {
            let ink = y.checked_sub(top).and_then(|y| ours.get(y)?.get(x.checked_sub(left)?)).copied().unwrap_or(false);
            let covered = u32::from(reference[*y][*x]) * 100 / 255;
            if ink { covered < 35 } else { covered > 65 }
        })
        .count()
    };
    let near = |first: usize| first.saturating_sub(1)..=first + 1;
    near(first_column)
        .flat_map(|left| near(first_row).map(move |top| (left, top)))
        .map(|(left, top)| at(left, top))
        .min()
        .unwrap()
}

#[test]
fn every_letter_is_as_another_program_draws_it() {
    for (size, em) in [(TextSize::Small, 24), (TextSize::Normal, 28), (TextSize::Large, 44)] {
        let texts: Vec<String> = letters().iter().map(char::to_string).collect();
        let printed = letters_of(&page_of(&texts, size));
        let expected = references(em);
        assert_eq!(printed.len(), 134);
        for (index, letter) in letters().into_iter().enumerate() {
            let differs = wrong(&printed[index], &expected[index]);
            assert!(differs <= TOLERATED, "{letter} {em}: {differs} dots");
            // The comparison tells letters apart that differ by a mark alone.
            assert!(wrong(&printed[index], &expected[(index + 1) % 134]) > TOLERATED, "{letter} {em}");
        }
    }
}

#[test]
fn decomposed_letters_give_the_same_paper_byte_for_byte() {
    let composed: Vec<String> = letters().iter().map(char::to_string).collect();
    let decomposed: Vec<String> = composed.iter().map(|letter| letter.nfd().collect()).collect();
    let apart = composed.iter().zip(&decomposed).filter(|(a, b)| a != b).count();
    assert_eq!(apart, 132, "all but đ and Đ have a decomposed form");
    for size in [TextSize::Small, TextSize::Normal, TextSize::Large, TextSize::Huge] {
        let (a, b) = (page_of(&composed, size), page_of(&decomposed, size));
        assert_eq!(a.raw, b.raw);
        assert_eq!(a.png, b.png);
    }
}
