//! The works of an emulated printer: buffer, head, roll, cover, cutter; and what it says about them. No I/O. One file a family: `text`, `image`,
//! `symbol`, `barcode`, `page_mode`, `status`.

mod barcode;
mod bitmap;
mod code_page;
mod image;
mod letters;
mod line;
mod model;
mod page_mode;
mod settings;
mod status;
mod symbol;
mod text;

use std::collections::VecDeque;

use super::escpos::{Command, Parsed, RealTime, RealTimeFinder, parse};
use super::page::{Barcode, Page, png_of};
use crate::printer::canvas::Canvas;
use barcode::BarcodeSettings;
use bitmap::Bitmap;
use image::Pictures;
use letters::{Face, Letters};
use line::LineBuffer;
pub use model::{Defect, PrinterModel};
use page_mode::PageArea;
use settings::{Settings, Side};
use status::process_id;
use symbol::Qr;
use text::DrawnLetters;

/// Dots a millimetre.
pub(super) const DOTS_PER_MM: u64 = 8;
/// The roll's end is near from here on.
const NEAR_END_MM: u64 = 3000;

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
    texts: Vec<String>,
    barcodes: Vec<Barcode>,
    drawer_pulses: u32,
    settings: Settings,
    line: LineBuffer,
    letters: Letters,
    drawn_letters: DrawnLetters,
    pictures: Pictures,
    qr: Qr,
    barcode: BarcodeSettings,
    page_area: Option<PageArea>,
    is_deaf: bool,
    nuls: usize,
    asb_mask: u8,
    asb_said: Option<[u8; 4]>,
    pages: u64,
    pub(super) finished: Vec<Page>,
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
            texts: Vec::new(),
            barcodes: Vec::new(),
            drawer_pulses: 0,
            settings: Settings::default(),
            line: LineBuffer::default(),
            letters: Letters::new(),
            drawn_letters: DrawnLetters::new(),
            pictures: Pictures::default(),
            qr: Qr::default(),
            barcode: BarcodeSettings::default(),
            page_area: None,
            is_deaf: false,
            nuls: 0,
            asb_mask: 0,
            asb_said: None,
            pages: 0,
            finished: Vec::new(),
        }
    }

    /// Takes bytes; gives what the printer answers.
    pub(super) fn receive(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut answer = Vec::new();
        for byte in bytes {
            self.buffer.push(*byte);
            self.notice(*byte, &mut answer);
            match self.finder.push(*byte) {
                Some(RealTime::Status(n)) => answer.extend(self.answer_status(n)),
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
        if self.is_deaf {
            self.buffer.clear();
            return Vec::new();
        }
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
        // Half a raster waits, and its end will never come: only one defect makes that deadly.
        self.is_deaf |= self.has(Defect::StuckInTornRaster) && self.buffer.starts_with(b"\x1Dv0");
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

    /// Puts a picture on the paper, or the page under way.
    fn put(&mut self, left: usize, picture: &Bitmap) {
        match &mut self.page_area {
            Some(page) => page.put(left, picture),
            None => {
                let mut rows = Canvas::new(self.model.width_dots);
                for (y, bits) in picture.rows().enumerate() {
                    rows.ink_row(left, y, bits);
                }
                self.rows.extend(rows.rows().map(<[u8]>::to_vec));
            }
        }
    }

    fn feed(&mut self, dots: usize) {
        match &mut self.page_area {
            Some(page) => page.feed(dots),
            None => self.rows.extend(std::iter::repeat_n(Vec::new(), dots)),
        }
    }

    fn paper_width(&self) -> usize {
        usize::from(self.model.width_dots)
    }

    fn obey(&mut self, command: Command, said: &mut Vec<u8>) {
        match command {
            Command::Text(byte) => self.letter(byte),
            Command::Line => self.print_line(),
            Command::Tab => self.tab(),
            Command::Initialise => self.initialise(),
            Command::FeedDots(units) => self.print_and_feed(self.settings.down(usize::from(units))),
            Command::FeedLines(lines) => self.print_and_feed(usize::from(lines) * self.settings.line_dots()),
            Command::Absolute(units) => self.line.go_to(self.settings.across(usize::from(units))),
            Command::Relative(units) => self.go_on(units),
            Command::DefineLetters(letters) => self.define_letters(letters),
            Command::ForgetLetter(code) => self.forget_letter(code),
            Command::BitImage { mode, columns } => self.bit_image(mode, &columns),
            Command::Raster { mode, width_bytes, dots } => self.raster(mode, width_bytes, &dots),
            Command::Graphics(graphics) => self.graphics(graphics),
            Command::QrModel(model) => self.qr.micro = model == 51,
            Command::QrModule(dots) => self.qr.module_dots = dots,
            Command::QrLevel(level) => self.qr.level(level),
            Command::QrText(text) => self.qr.store(text),
            Command::QrPrint => self.print_qr(),
            Command::Barcode { kind, data } => self.print_barcode(kind, &data),
            Command::Drawer(_) => self.drawer_pulses = self.drawer_pulses.saturating_add(1),
            Command::Cut(feed) => self.cut(feed),
            Command::PageMode => self.enter_page_mode(),
            Command::PageArea(area) => self.set_page_area(area),
            Command::PageLine { units, relative } => self.set_page_line(units, relative),
            Command::PrintPage => self.print_page(),
            Command::FormFeed => {
                self.print_page();
                self.page_area = None;
            }
            Command::Cancel | Command::StandardMode => self.page_area = None,
            Command::EnableAsb(mask) => self.enable_asb(mask),
            Command::SendSensor(1 | 49) => said.extend(self.sensor()),
            Command::Confirm(tag) if self.confirms_in_turn() => said.extend(process_id(self.confirmed_name(tag))),
            setting => self.set(&setting),
        }
    }

    /// Commands that only change how the next ones print.
    fn set(&mut self, command: &Command) {
        let settings = &mut self.settings;
        match command {
            Command::Align(n) => settings.side = [Side::Left, Side::Center, Side::Right][usize::from(*n.min(&2))],
            Command::Mode(n) => settings.mode(*n),
            Command::Large(large) => settings.large = *large,
            Command::Font(n) => settings.face = if *n == 0 { Face::A } else { Face::B },
            Command::Bold(bold) => settings.bold = *bold,
            Command::Underline(dots) => settings.underline = *dots,
            Command::Reverse(reverse) => settings.reverse = *reverse,
            Command::UpsideDown(upside_down) => settings.upside_down = *upside_down,
            Command::Turned(turned) => settings.turned = *turned,
            Command::LetterSpace(dots) => settings.letter_space = *dots,
            Command::LineSpacing(units) => settings.line_units = *units,
            Command::LeftMargin(units) => settings.left_margin = settings.across(usize::from(*units)),
            Command::AreaWidth(units) => settings.area_width = Some(settings.across(usize::from(*units))),
            Command::MotionUnits(across, down) => settings.units = (*across, *down),
            Command::Tabs(stops) => settings.tabs.clone_from(stops),
            Command::CodePage(page) => settings.code_page = *page,
            Command::BarcodeHeight(dots) => self.barcode.height = *dots,
            Command::BarcodeModule(dots) => self.barcode.module_dots = *dots,
            Command::BarcodeText(place) => self.barcode.text_at = *place,
            Command::UseLetters(used) => settings.use_letters = *used,
            _ => {}
        }
    }

    fn initialise(&mut self) {
        self.settings = Settings::default();
        self.line = LineBuffer::default();
        self.barcode = BarcodeSettings::default();
        self.drawn_letters.clear();
        self.pictures.downloaded.clear();
        self.pictures.buffer = None;
        self.page_area = None;
    }

    fn go_on(&mut self, units: i16) {
        let dots = self.settings.across(usize::from(units.unsigned_abs()));
        let pen = if units < 0 { self.line.pen.saturating_sub(dots) } else { self.line.pen + dots };
        self.line.go_to(pen);
    }

    fn cut(&mut self, feed_dots: u8) {
        self.flush_line();
        self.feed(usize::from(feed_dots));
        self.burn();
        if self.hands.cutter_jammed {
            self.cutter_error = true;
            return;
        }
        let strip = std::mem::replace(&mut self.strip, Canvas::new(self.model.width_dots));
        let raw = std::mem::take(&mut self.raw);
        let (texts, qr_texts) = (std::mem::take(&mut self.texts), std::mem::take(&mut self.qr_texts));
        let barcodes = std::mem::take(&mut self.barcodes);
        let drawer_pulses = std::mem::take(&mut self.drawer_pulses);
        if strip.height_dots() == 0 {
            return;
        }
        self.pages += 1;
        self.finished.push(Page {
            number: self.pages,
            png: png_of(&strip).unwrap_or_default(),
            raw,
            texts,
            qr_texts,
            barcodes,
            drawer_pulses,
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
        self.line = LineBuffer::default();
        self.page_area = None;
    }
}

#[cfg(test)]
mod paper_tests;
#[cfg(test)]
mod tests;
