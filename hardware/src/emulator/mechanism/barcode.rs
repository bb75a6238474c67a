//! Bar codes as bars and text.

mod code128;
mod ean;
mod wide_narrow;

use super::Mechanism;
use super::bitmap::Bitmap;
use super::letters::Face;
use crate::emulator::escpos::Large;
use crate::emulator::page::Barcode;

/// What `GS h`, `GS w` and `GS H` set.
pub(super) struct BarcodeSettings {
    pub(super) height: u8,
    pub(super) module_dots: u8,
    pub(super) text_at: u8,
}

impl Default for BarcodeSettings {
    fn default() -> Self {
        Self { height: 162, module_dots: 3, text_at: 0 }
    }
}

/// Bars one module wide, ink is `true`.
type Bars = Vec<bool>;

/// The name of a code, its bars and its text; `None` for what is no such code (the printer prints nothing then).
fn encode(kind: u8, data: &[u8]) -> Option<(&'static str, Option<Bars>, String)> {
    let plain = || String::from_utf8_lossy(data).into_owned();
    Some(match kind {
        65 => named("UPC-A", ean::upc_a(data)?),
        66 => ("UPC-E", None, plain()),
        67 => named("EAN13", ean::ean13(data)?),
        68 => named("EAN8", ean::ean8(data)?),
        69 => ("CODE39", Some(wide_narrow::code39(data)?), plain()),
        70 => ("ITF", Some(wide_narrow::interleaved(data)?), plain()),
        71 => ("CODABAR", Some(wide_narrow::codabar(data)?), plain()),
        72 => ("CODE93", Some(wide_narrow::code93(data)?), plain()),
        73 => named("CODE128", code128::code128(data)?),
        _ => ("OTHER", None, plain()),
    })
}

fn named(name: &'static str, (bars, text): (Bars, String)) -> (&'static str, Option<Bars>, String) {
    (name, Some(bars), text)
}

/// The bars of a pattern of ones and zeros.
fn push_bits(bars: &mut Bars, bits: u32, count: u32) {
    bars.extend((0..count).rev().map(|bit| bits >> bit & 1 == 1));
}

impl Mechanism {
    pub(super) fn print_barcode(&mut self, kind: u8, data: &[u8]) {
        let Some((kind, bars, text)) = encode(kind, data) else { return };
        let picture = match &bars {
            Some(bars) => self.bars(bars),
            None => self.labelled_box(&text),
        };
        self.flush_line();
        let (_, area) = self.settings.area(self.paper_width());
        if picture.width > area {
            return;
        }
        let label = self.label(&text);
        if self.barcode.text_at & 1 != 0 {
            self.put_aligned(&label);
        }
        self.put_aligned(&picture);
        if self.barcode.text_at & 2 != 0 {
            self.put_aligned(&label);
        }
        self.barcodes.push(Barcode { kind, text, bars: bars.is_some() });
    }

    fn bars(&self, bars: &Bars) -> Bitmap {
        let mut picture = Bitmap::new(bars.len(), 1);
        for (x, _) in bars.iter().enumerate().filter(|(_, ink)| **ink) {
            picture.ink(x, 0);
        }
        let wide = self.barcode.module_dots.clamp(1, 6);
        picture.enlarged(Large { wide, high: self.barcode.height.max(1) })
    }

    fn label(&mut self, text: &str) -> Bitmap {
        let (width, height) = Face::A.cell();
        let mut label = Bitmap::new(text.chars().count() * width, height);
        for (index, letter) in text.chars().enumerate() {
            label.draw(index * width, 0, &self.letters.cell(letter, Face::A));
        }
        label
    }

    /// A frame with the text in it.
    fn labelled_box(&mut self, text: &str) -> Bitmap {
        let label = self.label(text);
        let (width, height) = (label.width + 24, usize::from(self.barcode.height).max(label.height + 8));
        let mut frame = Bitmap::new(width, height);
        for (x, y, w, h) in [(0, 0, width, 2), (0, height - 2, width, 2), (0, 0, 2, height), (width - 2, 0, 2, height)]
        {
            frame.ink_rectangle(x, y, w, h);
        }
        frame.draw(12, (height - label.height) / 2, &label);
        frame
    }
}
