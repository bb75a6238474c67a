//! The works of an emulated printer: buffer, head, roll, cover, cutter; and what it says about them. No I/O.

use std::collections::VecDeque;

use super::escpos::{Command, Large, Parsed, RealTime, RealTimeFinder, parse};
use super::page::{Page, png_of};
use crate::paper::{Align, Block, Paper, TextSize};
use crate::printer::QrMode;
use crate::printer::canvas::Canvas;
use crate::printer::raster::{Piece, Rasterizer};

/// Dots of one line of the printer's own letters.
const LINE_DOTS: usize = 30;
/// Dots a millimetre.
pub(super) const DOTS_PER_MM: u64 = 8;
/// The roll's end is near from here on.
const NEAR_END_MM: u64 = 3000;

/// What sort of printer is emulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PrinterModel {
    /// Printable width.
    pub width_dots: u16,
    /// Reports changes by itself when told to.
    pub asb: bool,
    /// Confirms jobs (`GS ( H`).
    pub process_id: bool,
    /// Obeys `DLE DC4 8`.
    pub clears_buffer: bool,
}

impl Default for PrinterModel {
    fn default() -> Self {
        Self { width_dots: 576, asb: true, process_id: true, clears_buffer: true }
    }
}

/// What a person at the printer can change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Hands {
    pub(super) cover_open: bool,
    pub(super) cutter_jammed: bool,
    pub(super) head_hot: bool,
    pub(super) near_end: bool,
}

pub(super) struct Mechanism {
    model: PrinterModel,
    pub(super) hands: Hands,
    pub(super) paper_left_dots: u64,
    cutter_error: bool,
    finder: RealTimeFinder,
    buffer: Vec<u8>,
    /// Rows that the head has yet to burn.
    rows: VecDeque<Vec<u8>>,
    strip: Canvas,
    raw: Vec<u8>,
    qr_texts: Vec<String>,
    line: String,
    align: Align,
    size: TextSize,
    qr_module_dots: u8,
    qr_text: Vec<u8>,
    asb_mask: u8,
    asb_said: Option<[u8; 4]>,
    pages: u64,
    pub(super) finished: Vec<Page>,
    rasterizer: Option<Rasterizer>,
}

impl Mechanism {
    pub(super) fn new(model: PrinterModel, paper_left_dots: u64) -> Self {
        Self {
            model,
            hands: Hands::default(),
            paper_left_dots,
            cutter_error: false,
            finder: RealTimeFinder::default(),
            buffer: Vec::new(),
            rows: VecDeque::new(),
            strip: Canvas::new(model.width_dots),
            raw: Vec::new(),
            qr_texts: Vec::new(),
            line: String::new(),
            align: Align::Left,
            size: TextSize::Small,
            qr_module_dots: 3,
            qr_text: Vec::new(),
            asb_mask: 0,
            asb_said: None,
            pages: 0,
            finished: Vec::new(),
            rasterizer: Rasterizer::new().ok(),
        }
    }

    /// Takes bytes; gives what the printer answers.
    pub(super) fn receive(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut answer = Vec::new();
        for byte in bytes {
            self.buffer.push(*byte);
            match self.finder.push(*byte) {
                Some(RealTime::Status(n)) => answer.push(self.real_time_status(n)),
                Some(RealTime::Recover(n)) => self.recover(n),
                Some(RealTime::Clear) if self.model.clears_buffer => self.clear(),
                _ => {}
            }
        }
        answer.extend(self.work());
        answer
    }

    /// Goes on with what waits, as far as paper, cover and cutter let it; gives what there is to say.
    pub(super) fn work(&mut self) -> Vec<u8> {
        let mut said = Vec::new();
        let mut done = 0;
        loop {
            self.burn();
            if !self.rows.is_empty() || self.is_offline() {
                break;
            }
            let Parsed::Command(command, length) = parse(&self.buffer[done..]) else { break };
            if command == Command::Initialise && self.strip.height_dots() == 0 {
                // A job on clean paper begins here; what came before were questions.
                self.raw.clear();
            }
            self.raw.extend(&self.buffer[done..done + length]);
            done += length;
            self.obey(command, &mut said);
        }
        self.buffer.drain(..done);
        said.extend(self.automatic_status());
        said
    }

    /// The paper that hangs out, not yet cut off.
    pub(super) fn strip_png(&self) -> Vec<u8> {
        png_of(&self.strip).unwrap_or_default()
    }

    /// What was switched on by the last driver is off for the next one.
    pub(super) fn connected(&mut self) {
        self.asb_mask = 0;
        self.asb_said = None;
    }

    pub(super) fn is_offline(&self) -> bool {
        self.hands.cover_open || self.hands.head_hot || self.cutter_error || self.paper_end()
    }

    fn paper_end(&self) -> bool {
        self.paper_left_dots == 0
    }

    fn near_end(&self) -> bool {
        self.hands.near_end || self.paper_left_dots < NEAR_END_MM * DOTS_PER_MM
    }

    /// Burns the waiting rows while there is paper under a closed cover.
    fn burn(&mut self) {
        while !self.is_offline() {
            let Some(row) = self.rows.pop_front() else { return };
            let height = self.strip.height_dots();
            self.strip.ink_row(0, height, &row);
            self.paper_left_dots -= 1;
        }
    }

    fn feed(&mut self, dots: usize) {
        self.rows.extend(std::iter::repeat_n(Vec::new(), dots));
    }

    fn obey(&mut self, command: Command, said: &mut Vec<u8>) {
        match command {
            Command::Text(byte) => self.line.push(if byte.is_ascii() { char::from(byte) } else { '?' }),
            Command::Line => self.print_line(),
            Command::Initialise => self.initialise(),
            Command::Align(n) => self.align = [Align::Left, Align::Center, Align::Right][usize::from(n.min(2))],
            Command::Large(Large::Yes) => self.size = TextSize::Large,
            Command::Large(Large::No) => self.size = TextSize::Small,
            Command::FeedDots(dots) => self.feed(usize::from(dots)),
            Command::FeedLines(lines) => self.feed(usize::from(lines) * LINE_DOTS),
            Command::Raster { width_bytes, dots } if width_bytes > 0 => {
                self.rows.extend(dots.chunks_exact(width_bytes).map(<[u8]>::to_vec));
            }
            Command::QrModule(dots) => self.qr_module_dots = dots,
            Command::QrText(text) => self.qr_text = text,
            Command::QrPrint => self.print_qr(),
            Command::Cut(feed) => self.cut(feed),
            Command::EnableAsb(mask) => {
                self.asb_mask = mask;
                self.asb_said = None;
            }
            Command::SendSensor(1 | 49) => said.push(if self.near_end() { 0x03 } else { 0 }),
            Command::Confirm(tag) if self.model.process_id => {
                said.extend([0x37, 0x22]);
                said.extend(tag);
                said.push(0);
            }
            _ => {}
        }
    }

    fn initialise(&mut self) {
        self.line.clear();
        self.align = Align::Left;
        self.size = TextSize::Small;
    }

    fn print_line(&mut self) {
        let text = std::mem::take(&mut self.line);
        if text.is_empty() {
            self.feed(LINE_DOTS);
        } else {
            self.print(Block::Text { text, size: self.size, bold: false, align: self.align });
        }
    }

    fn print_qr(&mut self) {
        let text = String::from_utf8_lossy(&self.qr_text).into_owned();
        self.qr_texts.push(text.clone());
        self.print(Block::Qr { text, module_dots: self.qr_module_dots });
    }

    fn print(&mut self, block: Block) {
        let paper = Paper::new().with(block);
        let Some(rasterizer) = &mut self.rasterizer else { return };
        // A code too large for the paper prints nothing, as on a real one.
        let pieces = rasterizer.draw(&paper, self.model.width_dots, QrMode::Raster).unwrap_or_default();
        for piece in pieces {
            if let Piece::Dots(canvas) = piece {
                self.rows.extend(canvas.rows().map(<[u8]>::to_vec));
            }
        }
    }

    fn cut(&mut self, feed_dots: u8) {
        self.feed(usize::from(feed_dots));
        self.burn();
        if self.hands.cutter_jammed {
            self.cutter_error = true;
            return;
        }
        let strip = std::mem::replace(&mut self.strip, Canvas::new(self.model.width_dots));
        let raw = std::mem::take(&mut self.raw);
        let qr_texts = std::mem::take(&mut self.qr_texts);
        if strip.height_dots() == 0 {
            return;
        }
        self.pages += 1;
        self.finished.push(Page {
            number: self.pages,
            png: png_of(&strip).unwrap_or_default(),
            raw,
            qr_texts,
            height_dots: strip.height_dots(),
            blank: strip.is_blank(),
        });
    }

    /// Opening and closing the cover clears an error whose cause is gone.
    pub(super) fn recover_by_hand(&mut self) {
        self.cutter_error &= self.hands.cutter_jammed;
    }

    fn recover(&mut self, n: u8) {
        self.recover_by_hand();
        if n == 2 {
            self.clear();
        }
    }

    fn clear(&mut self) {
        self.buffer.clear();
        self.rows.clear();
        self.line.clear();
    }

    fn real_time_status(&self, n: u8) -> u8 {
        let bit = |is: bool, mask: u8| if is { mask } else { 0 };
        0x12 | match n {
            1 => bit(self.is_offline(), 0x08),
            2 => {
                bit(self.hands.cover_open, 0x04)
                    | bit(self.paper_end(), 0x20)
                    | bit(self.cutter_error || self.hands.head_hot, 0x40)
            }
            3 => bit(self.cutter_error, 0x08) | bit(self.hands.head_hot, 0x40),
            _ => bit(self.near_end(), 0x0C) | bit(self.paper_end(), 0x60),
        }
    }

    fn automatic_status(&mut self) -> Vec<u8> {
        if !self.model.asb || self.asb_mask == 0 {
            return Vec::new();
        }
        let bit = |is: bool, mask: u8| if is { mask } else { 0 };
        let now = [
            0x10 | bit(self.is_offline(), 0x08) | bit(self.hands.cover_open, 0x20),
            bit(self.cutter_error, 0x08) | bit(self.hands.head_hot, 0x40),
            bit(self.near_end(), 0x03) | bit(self.paper_end(), 0x0C),
            0,
        ];
        if self.asb_said.replace(now) == Some(now) { Vec::new() } else { now.to_vec() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::printer::{Profile, protocol};
    use proptest::prelude::*;

    fn printer(paper_left_dots: u64) -> Mechanism {
        Mechanism::new(PrinterModel::default(), paper_left_dots)
    }

    const ROLL_DOTS: u64 = 80_000 * DOTS_PER_MM;

    #[test]
    fn paper_runs_out_in_the_midst_and_the_rest_waits_for_the_next_roll() {
        let mut works = printer(10);
        let job =
            [b"\x1Da\x0F\x1Dv0\0\x01\0\x10\0".as_slice(), &[0xFF; 16], b"\x1DV\0\x1D(H\x06\0\x30\x30abcd"].concat();
        assert_eq!(works.receive(&job), [0x18, 0, 0x0F, 0]);
        assert_eq!(works.finished.len(), 0);
        works.paper_left_dots = ROLL_DOTS;
        let said = works.work();
        assert!(said.starts_with(b"\x37\x22abcd\0"));
        assert_eq!(works.finished.len(), 1);
        assert_eq!(works.finished[0].height_dots, 16);
    }

    #[test]
    fn an_open_cover_stops_the_head_and_answers_go_on() {
        let mut works = printer(ROLL_DOTS);
        works.hands.cover_open = true;
        assert_eq!(works.receive(b"\x1DV\0\x10\x04\x01\x10\x04\x02"), [0x1A, 0x16]);
        assert_eq!(works.receive(b"\x1Da\x0F"), [0_u8; 0]);
        works.hands.cover_open = false;
        assert_eq!(works.work(), [0x10, 0, 0, 0]);
    }

    #[test]
    fn a_jam_keeps_the_slip_until_someone_clears_it() {
        let mut works = printer(ROLL_DOTS);
        works.hands.cutter_jammed = true;
        works.receive(b"A\n\x1DV\0");
        assert!(works.finished.is_empty() && works.is_offline());
        works.receive(b"\x10\x05\x02");
        assert!(works.is_offline());
        works.hands.cutter_jammed = false;
        works.receive(b"\x10\x05\x02\x1DV\0");
        assert_eq!(works.finished.len(), 1);
    }

    #[test]
    fn its_own_letters_and_codes_are_on_the_paper() {
        let mut works = printer(ROLL_DOTS);
        works.receive(b"A105\n\x1D(k\x03\0\x31\x43\x06\x1D(k\x08\0\x31\x50\x30HELLO\x1D(k\x03\0\x31\x51\x30\x1DV\0");
        assert_eq!(works.finished[0].qr_texts, ["HELLO"]);
        assert!(!works.finished[0].blank);
    }

    /// Some ink, and blanks of every length between.
    fn canvases() -> impl Strategy<Value = Canvas> {
        prop::collection::vec((0..500_usize, 0..300_usize, 1..76_usize, 1..90_usize), 0..5).prop_map(|rectangles| {
            let mut canvas = Canvas::new(576);
            for (x, y, width, height) in rectangles {
                canvas.ink_rectangle(x, y, width, height);
            }
            canvas
        })
    }

    proptest! {
        #[test]
        fn what_a_driver_encodes_comes_out_dot_for_dot(canvas in canvases()) {
            let profile = Profile::named("generic-80mm").unwrap();
            let job = protocol::job(&[Piece::Dots(canvas.clone())], &profile, *b"abcd");
            let mut works = printer(ROLL_DOTS);
            prop_assert_eq!(works.receive(&job), b"\x37\x22abcd\0");
            let mut expected = canvas;
            expected.grow(expected.height_dots() + usize::from(profile.head_to_cutter_dots));
            prop_assert_eq!(&works.finished[0].png, &png_of(&expected).unwrap());
            prop_assert_eq!(&works.finished[0].raw, &job[..job.len() - 11]);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn any_bytes_are_survived(chunks: Vec<Vec<u8>>) {
            let mut works = printer(500);
            for chunk in chunks {
                works.receive(&chunk);
            }
            works.receive(b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08");
            works.paper_left_dots = ROLL_DOTS;
            works.work();
            prop_assert_eq!(works.receive(b"\x10\x04\x01"), [0x12]);
        }
    }
}
