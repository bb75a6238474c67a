//! The bytes of what is done to the paper, and what the printer must be told in between: margins, positions, which letters.

use std::collections::BTreeMap;
use std::ops::Range;

use super::STRIP_ROWS;
use super::dictionary::{Dictionary, define};
use super::ink::Ink;
use super::strip::{Run, Strip};
use crate::printer::protocol;
use crate::printer::raster::Piece;

const ESC: u8 = 0x1B;
const GS: u8 = 0x1D;
/// Bytes of `GS L nL nH`.
const MARGIN_BYTES: usize = 4;

pub(super) struct Writer<'a> {
    bytes: Vec<u8>,
    /// Paper still to be fed; a line on the way is printed by that.
    owed_rows: usize,
    may_set_margin: bool,
    margin_dots: usize,
    dictionary: &'a Dictionary,
    codes: BTreeMap<&'a [u32], u8>,
}

impl<'a> Writer<'a> {
    pub(super) fn new(may_set_margin: bool, dictionary: &'a Dictionary, codes: BTreeMap<&'a [u32], u8>) -> Self {
        let mut bytes = Vec::new();
        define(&mut bytes, &codes);
        let mut writer = Self { bytes, owed_rows: 0, may_set_margin, margin_dots: 0, dictionary, codes };
        writer.use_letters(1);
        writer
    }

    pub(super) fn feed(&mut self, rows: usize) {
        self.owed_rows += rows;
    }

    /// `GS v 0`, each dot so many times as wide and high.
    pub(super) fn rows(&mut self, ink: &Ink, rows: Range<usize>, times: usize) {
        self.pay();
        let inked = rows.clone().filter_map(|row| ink.inked_bytes(row));
        let inked = inked.reduce(|all, row| all.start.min(row.start)..all.end.max(row.end)).unwrap_or(0..1);
        let height = rows.len() / times;
        let start = if times == 1 { self.crop(&inked, height) } else { self.margin(0) };
        let width = (inked.end - start).div_ceil(times);
        self.bytes.extend([GS, b'v', b'0', if times == 1 { 0 } else { 3 }]);
        self.bytes.extend((width as u16).to_le_bytes());
        self.bytes.extend((height as u16).to_le_bytes());
        for row in rows.step_by(times) {
            let dot = |x: usize| u8::from(ink.is_inked(start * 8 + x * times, row));
            let byte = |index: usize| (0..8).fold(0, |bits, bit| bits << 1 | dot(index * 8 + bit));
            self.bytes.extend((0..width).map(byte));
        }
    }

    /// Moves the margin where that pays for so many rows; gives the byte at which rows begin now.
    fn crop(&mut self, inked: &Range<usize>, height: usize) -> usize {
        let now = self.margin_dots / 8;
        let saved = height * inked.start.saturating_sub(now);
        if now > inked.start || (self.may_set_margin && saved > MARGIN_BYTES) {
            return self.margin(if self.may_set_margin { inked.start } else { 0 });
        }
        now
    }

    /// `GS L`, in bytes of dots; gives the margin.
    fn margin(&mut self, start: usize) -> usize {
        if self.margin_dots != start * 8 {
            self.margin_dots = start * 8;
            self.bytes.extend([GS, b'L']);
            self.bytes.extend((self.margin_dots as u16).to_le_bytes());
        }
        start
    }

    /// The letters of a strip, from the left, so that the blank rest of a cell never covers ink.
    pub(super) fn strip(&mut self, strip: &Strip) {
        self.pay();
        let Some(first) = strip.runs.first() else {
            self.owed_rows = STRIP_ROWS;
            return;
        };
        if self.margin_dots > first.x {
            self.margin(0);
        }
        let mut pen = self.margin_dots;
        for (group, defined) in strip.groups(self.dictionary) {
            let (first, last) = (&group[0], &group[group.len() - 1]);
            if first.x != pen {
                protocol::set_position(&mut self.bytes, first.x - self.margin_dots);
            }
            if defined {
                self.bytes.extend(first.cells().filter_map(|cell| self.codes.get(cell)));
                pen = first.pen();
            } else {
                self.dots(group);
                pen = last.end();
            }
        }
        self.owed_rows = STRIP_ROWS;
    }

    /// `ESC *` 33.
    fn dots(&mut self, group: &[Run]) {
        let mut columns: Vec<u32> = Vec::new();
        for run in group {
            columns.resize(run.x - group[0].x, 0);
            columns.extend(&run.columns);
        }
        self.bytes.extend([ESC, b'*', 33]);
        self.bytes.extend((columns.len() as u16).to_le_bytes());
        self.bytes.extend(columns.iter().flat_map(|column| column.to_be_bytes().into_iter().skip(1)));
    }

    /// What the printer draws by itself, between its own margins and in its own letters.
    pub(super) fn native(&mut self, piece: &Piece) {
        self.pay();
        self.margin(0);
        match piece {
            Piece::NativeText(text) => {
                self.use_letters(0);
                protocol::native_text(&mut self.bytes, text);
                self.use_letters(1);
            }
            Piece::NativeQr { text, module_dots, .. } => protocol::native_qr(&mut self.bytes, text, *module_dots),
            Piece::Dots(_) => {}
        }
    }

    pub(super) fn finish(mut self) -> Vec<u8> {
        self.pay();
        self.bytes
    }

    fn pay(&mut self) {
        protocol::feed(&mut self.bytes, self.owed_rows);
        self.owed_rows = 0;
    }

    /// `ESC %`: 1 our letters, 0 the printer's.
    fn use_letters(&mut self, n: u8) {
        if !self.dictionary.is_empty() {
            self.bytes.extend([ESC, b'%', n]);
        }
    }
}
