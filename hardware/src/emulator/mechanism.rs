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
#[path = "mechanism_tests.rs"]
mod tests;
