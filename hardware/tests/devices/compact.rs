//! The two encodings of a slip are twins: the same page, in a few thousand bytes or in fifty thousand.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use hardware::emulator::{EmulatedPrinter, LineSpec, Page, PrinterModel};
use hardware::printer::raster::Rasterizer;
use hardware::printer::{Cut, Encoding, EscPosPrinter, LastSlip, LineSpeed, Piece, protocol};
use hardware::transport::{LineError, Transport, Waker};
use hardware::{Align, Block, JobId, Outcome, Paper, Profile, TextSize};
use proptest::prelude::*;

use crate::{eventually, qr_on, ticket};

/// The bytes that 19200 baud carry in a second and a half, and a little.
const BUDGET_BYTES: usize = 2_900;

/// Vietnamese lines of 26 letters.
const LINES: [[&str; 3]; 4] = [
    ["Chứng thực chữ ký, bản sao", "Mời ông bà chờ đến lượt số", "Quầy số 3, khu A, tầng hai"],
    ["Cấp lại giấy khai sinh cũ ", "Điểm phục vụ phường Mỹ Phú", "Nộp phí ở quầy số 5 tầng 1"],
    ["Đổi giấy phép lái xe ô tô ", "Thường trú: Nguyễn Thị Mẫu", "Giữ phiếu để được gọi tên!"],
    ["ĐĂNG KÝ KẾT HÔN, XÁC NHẬN ", "Vui lòng ngồi chờ ghế xanh", "Hỗ trợ 1022, gọi miễn phí "],
];

/// Two lines, a number, a line, a code.
fn slip(lines: [&str; 3], size: TextSize, number: &str, code: usize) -> Paper {
    assert!(lines.iter().all(|line| line.chars().count() == 26), "{lines:?}");
    Paper::new()
        .text(lines[0], size, Align::Center)
        .text(lines[1], size, Align::Center)
        .bold(number, TextSize::Huge, Align::Center)
        .text(lines[2], size, Align::Center)
        .qr(&"MC1:7QK2Z9X4B:".repeat(9)[..code], 6)
}

fn encoded(paper: &Paper, profile: &Profile, encoding: Encoding) -> (Vec<Piece>, Vec<u8>) {
    let pieces = Rasterizer::new().unwrap().draw_with(paper, profile.width_dots, profile.natives(encoding)).unwrap();
    let bytes = protocol::job_as(encoding, &pieces, profile, protocol::tag(1));
    (pieces, bytes)
}

/// The profile on such a line, with a cutter, because the emulated printer hands its pages out when they are cut off.
fn with_line(profile: &str, line: LineSpeed) -> Profile {
    Profile { line, cut: Cut::Partial, ..Profile::named(profile).unwrap() }
}

#[test]
fn a_ticket_with_three_vietnamese_lines_is_within_the_budget() {
    for (lines, number) in LINES.into_iter().zip(["A105", "B001", "C9999", "D7"]) {
        for (size, code) in
            [(TextSize::Small, 60), (TextSize::Small, 120), (TextSize::Normal, 60), (TextSize::Normal, 120)]
        {
            let paper = slip(lines, size, number, code);
            for profile in ["generic-80mm", "epson-tm-t82iii"] {
                let (_, bytes) = encoded(&paper, &Profile::named(profile).unwrap(), Encoding::Compact);
                assert!(bytes.len() <= BUDGET_BYTES, "{profile}, {lines:?}, {size:?}, {code}: {} bytes", bytes.len());
            }
            // A printer that takes no letters of ours is sent each of them as often as it comes.
            let (_, bytes) = encoded(&paper, &Profile::named("clone-80mm").unwrap(), Encoding::Compact);
            let most = if size == TextSize::Small { BUDGET_BYTES * 5 / 4 } else { BUDGET_BYTES * 3 / 2 };
            assert!(bytes.len() <= most, "{lines:?}, {size:?}, {code}: {} bytes", bytes.len());
        }
    }
}

/// A slip's picture: rows of dots, true where there is ink.
struct Picture {
    rows: Vec<Vec<bool>>,
}

/// The first and last inked column and row of some rows, the rows counted from the first of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct InkBox {
    left: usize,
    right: usize,
    top: usize,
    bottom: usize,
}

impl InkBox {
    fn is_near(self, other: Self, dots: usize) -> bool {
        let pairs =
            [(self.left, other.left), (self.right, other.right), (self.top, other.top), (self.bottom, other.bottom)];
        pairs.into_iter().all(|(a, b)| a.abs_diff(b) <= dots)
    }
}

impl Picture {
    fn of(page: &Page) -> Self {
        let mut reader = png::Decoder::new(std::io::Cursor::new(&page.png)).read_info().unwrap();
        let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
        let frame = reader.next_frame(&mut bytes).unwrap();
        let row = |row: &[u8]| (0..frame.width as usize).map(|x| row[x / 8] & (0x80 >> (x % 8)) == 0).collect();
        Self { rows: bytes[..frame.buffer_size()].chunks(frame.line_size).map(row).collect() }
    }

    fn ink_box(&self, rows: std::ops::Range<usize>) -> Option<InkBox> {
        let rows = &self.rows[rows];
        let top = rows.iter().position(|row| row.contains(&true))?;
        let bottom = rows.iter().rposition(|row| row.contains(&true))?;
        let left = rows.iter().filter_map(|row| row.iter().position(|ink| *ink)).min()?;
        let right = rows.iter().filter_map(|row| row.iter().rposition(|ink| *ink)).max()?;
        Some(InkBox { left, right, top, bottom })
    }
}

/// Prints a slip both ways on the same printer, with the production driver: rows, then as few bytes as possible.
fn twins(far: &EmulatedPrinter, paper: &Paper, profile: &str) -> [Page; 2] {
    [LineSpeed::Fast, LineSpeed::Slow].map(|line| {
        let before = far.pages().len();
        let mut near = EscPosPrinter::open(&far.line().address(), with_line(profile, line), LastSlip::Whole).unwrap();
        let report = near.print(JobId(1), paper, Instant::now());
        assert!(matches!(report.outcome, Outcome::Confirmed | Outcome::SentUnconfirmed), "{report:?}");
        eventually("the slip", || far.pages().get(before).cloned())
    })
}

/// How far what the printer draws can stand from what we would: its letters are enlarged by whole multiples, so that a number is up to half a multiple
/// of all its cells wider or narrower than ours, and letters do not fill their cells to the edge; a code may choose another edge of its modules.
fn rounding(piece: &Piece) -> usize {
    match piece {
        Piece::NativeText(text) => text.text.len() * usize::from(text.cell.width_dots) / 2 + 12,
        _ => 24,
    }
}

/// Holds the twins together: what we draw is the same to the dot, what the printer draws stands within `near_dots` of ours.
fn compare(
    paper: &Paper,
    profile: &str,
    [rows, compact]: &[Page; 2],
    near_dots: impl Fn(&Piece) -> usize,
) -> Result<(), String> {
    let profile = Profile::named(profile).unwrap();
    let pictures = [Picture::of(rows), Picture::of(compact)];
    let (pieces, _) = encoded(paper, &profile, Encoding::Compact);
    if rows.height_dots != compact.height_dots {
        return Err(format!("{} and {} dots high", rows.height_dots, compact.height_dots));
    }
    let mut top = 0;
    for piece in &pieces {
        let bottom = top + piece.height_dots();
        let [ours, theirs] = &pictures;
        match piece {
            Piece::Dots(_) if ours.rows[top..bottom] == theirs.rows[top..bottom] => {}
            Piece::Dots(_) => return Err(format!("dots differ in rows {top} to {bottom}")),
            _ => {
                let boxes = pictures.each_ref().map(|picture| picture.ink_box(top..bottom));
                match boxes {
                    [Some(ours), Some(theirs)] if ours.is_near(theirs, near_dots(piece)) => {}
                    _ => return Err(format!("in rows {top} to {bottom}: {boxes:?}")),
                }
            }
        }
        top = bottom;
    }
    Ok(())
}

fn emulated(width_dots: u16) -> EmulatedPrinter {
    let model = PrinterModel { width_dots, ..PrinterModel::default() };
    let far = EmulatedPrinter::start(&LineSpec::free_port(), model, None).unwrap();
    far.set_paper_mm(1_000_000);
    far
}

#[test]
fn both_encodings_give_the_same_page() {
    let far = emulated(576);
    for (lines, number) in LINES.into_iter().zip(["A105", "B001", "C9999", "D7"]) {
        for size in [TextSize::Small, TextSize::Normal, TextSize::Large] {
            for profile in ["generic-80mm", "clone-80mm"] {
                let paper = slip(lines, size, number, 60);
                let pages = twins(&far, &paper, profile);
                assert_eq!(compare(&paper, profile, &pages, |_| 16), Ok(()), "{profile}, {lines:?}, {size:?}");
                let [rows, compact] = pages;
                assert_eq!(qr_on(&rows), qr_on(&compact));
                assert_eq!(compact.qr_texts.len(), 1);
            }
        }
    }
}

/// What an eye that is not ours reads in some rows, looked at from so far that letters are the size it likes.
fn read_by_eye(picture: &Picture, rows: std::ops::Range<usize>, farther: usize) -> String {
    let far = |row: &Vec<bool>| row.iter().step_by(farther).copied().collect::<Vec<bool>>();
    let mut rows: Vec<Vec<bool>> = picture.rows[rows].iter().step_by(farther).map(far).collect();
    let blank = vec![false; rows[0].len()];
    rows.splice(..0, vec![blank.clone(); 30]);
    rows.extend(vec![blank; 30]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rows.png");
    let mut encoder = png::Encoder::new(std::fs::File::create(&path).unwrap(), rows[0].len() as u32, rows.len() as u32);
    encoder.set_color(png::ColorType::Grayscale);
    let grey: Vec<u8> = rows.iter().flatten().map(|ink| if *ink { 0 } else { 255 }).collect();
    encoder.write_header().unwrap().write_image_data(&grey).unwrap();
    let mut command = std::process::Command::new("tesseract");
    command.arg(&path).args(["-", "-l", "vie", "--psm", "6", "--dpi", "203"]).env("OMP_THREAD_LIMIT", "1");
    let output = command.output().unwrap();
    assert!(output.status.success(), "tesseract: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// What was read, but for breaks; a number's O is a zero, and its letter a capital, to any citizen.
fn words(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.chars().count() < 6 { words.to_uppercase().replace('O', "0") } else { words }
}

#[test]
fn an_eye_that_is_not_ours_reads_the_same_on_both_pages() {
    let far = emulated(576);
    for (lines, number) in LINES.into_iter().zip(["A105", "B472", "C489", "D7"]) {
        let paper = slip(lines, TextSize::Normal, number, 60);
        let pages = twins(&far, &paper, "generic-80mm").map(|page| Picture::of(&page));
        let (pieces, _) = encoded(&paper, &Profile::named("generic-80mm").unwrap(), Encoding::Compact);
        // Two lines, the number, a line; the code is for another eye. Of the numbers, this eye takes some for others even where they are drawn.
        let heights: Vec<usize> = pieces.iter().map(Piece::height_dots).collect();
        let (number_top, number_bottom) = (heights[0], heights[0] + heights[1]);
        for (rows, expected, farther) in [
            (0..number_top, lines[..2].join(" "), 1),
            (number_top - 10..number_bottom, number.to_owned(), 3),
            (number_bottom..number_bottom + heights[2], lines[2].to_owned(), 1),
        ] {
            let [ours, theirs] = pages.each_ref().map(|page| read_by_eye(page, rows.clone(), farther));
            assert_eq!(words(&ours), words(&expected), "as rows");
            assert_eq!(words(&theirs), words(&expected), "compact");
        }
    }
}

#[test]
fn a_whole_ticket_has_the_same_page_on_every_class_of_printer() {
    for (profile, width_dots) in
        [("generic-80mm", 576), ("generic-58mm", 384), ("clone-80mm", 576), ("epson-tm-t82iii", 576)]
    {
        let far = emulated(width_dots);
        let pages = twins(&far, &ticket("A105"), profile);
        assert_eq!(compare(&ticket("A105"), profile, &pages, |_| 16), Ok(()), "{profile}");
        let [rows, compact] = pages;
        assert_eq!(qr_on(&rows), qr_on(&compact));
        assert!(compact.raw.len() * 2 < rows.raw.len(), "{profile}: {} of {}", compact.raw.len(), rows.raw.len());
    }
}

#[test]
fn a_printer_of_the_database_prints_with_what_it_has() {
    // Columns and no rows; rows and nothing else; rows and a QR code, and no columns.
    for (profile, width_dots) in [("wincor-nixdorf-th230", 576), ("generic-simple", 384), ("sunmi-sunmi-v2", 384)] {
        let far = emulated(width_dots);
        let mut near =
            EscPosPrinter::open(&far.line().address(), with_line(profile, LineSpeed::Slow), LastSlip::Whole).unwrap();
        let report = near.print(JobId(1), &ticket("A105"), Instant::now());
        assert_eq!((report.outcome, report.fault), (Outcome::SentUnconfirmed, None), "{profile}");
        let page = eventually("the slip", || far.pages().first().cloned());
        assert_eq!(qr_on(&page), "MOTCUA:A105:ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", "{profile}");
    }
    let far = emulated(576);
    let display = Profile::named("aures-ocd-300").unwrap();
    let mut near = EscPosPrinter::open(&far.line().address(), display, LastSlip::Whole).unwrap();
    assert_eq!(near.print(JobId(1), &ticket("A105"), Instant::now()).outcome, Outcome::NotPrinted);
}

fn any_block() -> impl Strategy<Value = Block> {
    let text = "[A-Za-zàáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđĐẨỮ0-9 ,.:/!-]{0,40}";
    let size = prop_oneof![Just(TextSize::Small), Just(TextSize::Normal), Just(TextSize::Large), Just(TextSize::Huge),];
    let align = prop_oneof![Just(Align::Left), Just(Align::Center), Just(Align::Right)];
    prop_oneof![
        4 => (text, size, any::<bool>(), align.clone())
            .prop_map(|(text, size, bold, align)| Block::Text { text, size, bold, align }),
        1 => ("[A-D][0-9]{3}", any::<bool>(), align)
            .prop_map(|(text, bold, align)| Block::Text { text, size: TextSize::Huge, bold, align }),
        1 => (text, "[0-9a-zđ ]{0,12}").prop_map(|(left, right)| Block::Columns { left, right }),
        1 => ("[A-Za-z0-9:ỗ]{1,150}", 0_u8..9).prop_map(|(text, module_dots)| Block::Qr { text, module_dots }),
        1 => Just(Block::Rule),
        1 => (0_u16..600).prop_map(|dots| Block::Space { dots }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_paper_has_twins(blocks in prop::collection::vec(any_block(), 1..7), narrow: bool, letters: bool) {
        let paper = Paper { blocks };
        let (profile, width_dots) = match (narrow, letters) {
            (true, _) => ("generic-58mm", 384),
            (false, true) => ("generic-80mm", 576),
            (false, false) => ("clone-80mm", 576),
        };
        let far = emulated(width_dots);
        let pages = twins(&far, &paper, profile);
        prop_assert_eq!(compare(&paper, profile, &pages, rounding), Ok(()));
    }
}

/// A line that takes whatever it is given at once, and counts.
#[derive(Clone, Default)]
struct CountingLine {
    writes: Arc<Mutex<Vec<usize>>>,
}

impl Transport for CountingLine {
    fn read_some(&mut self, _: &mut [u8], _: Instant) -> Result<usize, LineError> {
        Ok(0)
    }

    fn write_some(&mut self, bytes: &[u8], _: Instant) -> Result<usize, LineError> {
        self.writes.lock().unwrap().push(bytes.len());
        Ok(bytes.len())
    }

    fn drain(&mut self, _: Instant) -> Result<(), LineError> {
        Ok(())
    }

    fn wait(&mut self, _: Option<&Waker>, _: Instant) -> Result<(), LineError> {
        Ok(())
    }
}

#[test]
fn the_twin_of_rows_leaves_in_one_write() {
    let line = CountingLine::default();
    let profile = with_line("write-only-80mm", LineSpeed::Auto);
    let mut near = EscPosPrinter::on(Box::new(line.clone()), profile, LastSlip::Whole).unwrap();
    let report = near.print(JobId(1), &slip(LINES[0], TextSize::Normal, "A105", 120), Instant::now());
    assert_eq!(report.outcome, Outcome::SentUnconfirmed);
    assert!(report.bytes > 16 * 1024);
    assert_eq!(*line.writes.lock().unwrap(), [report.bytes]);
}

#[test]
fn a_slow_serial_line_carries_the_compact_twin_by_itself() {
    let far = EmulatedPrinter::start(&LineSpec::Pty { link: None }, PrinterModel::default(), None).unwrap();
    let hardware::Address::Serial { path, .. } = far.line().address() else { panic!("no serial line") };
    let slow = hardware::Address::Serial { path, baud: 19_200 };
    let mut near = EscPosPrinter::open(&slow, Profile::named("generic-80mm").unwrap(), LastSlip::Whole)
        .unwrap()
        .with_patience(Duration::from_secs(5));
    let report = near.print(JobId(1), &slip(LINES[0], TextSize::Normal, "A105", 60), Instant::now());
    assert_eq!((report.outcome, report.fault), (Outcome::Confirmed, None));
    assert!(report.bytes <= BUDGET_BYTES, "{}", report.bytes);
    assert_eq!(far.pages()[0].texts.iter().filter(|text| text.contains("A105")).count(), 1);
}
