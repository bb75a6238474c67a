//! QR codes as the printer draws them: no quiet zone (that is the sender's to leave), and nothing at all where the code is wider than the paper.

use qrcode::{Color, EcLevel, QrCode, Version};

use super::Mechanism;
use super::bitmap::Bitmap;
use crate::emulator::escpos::Large;

/// The most bytes that a QR code holds, in digits.
const MOST_BYTES: usize = 7089;

/// What `GS ( k` was told.
pub(super) struct Qr {
    pub(super) micro: bool,
    pub(super) module_dots: u8,
    pub(super) level: EcLevel,
    pub(super) text: Vec<u8>,
}

impl Default for Qr {
    fn default() -> Self {
        Self { micro: false, module_dots: 3, level: EcLevel::L, text: Vec::new() }
    }
}

impl Qr {
    pub(super) fn store(&mut self, mut text: Vec<u8>) {
        text.truncate(MOST_BYTES);
        self.text = text;
    }

    /// 48 L, 49 M, 50 Q, 51 H.
    pub(super) fn level(&mut self, n: u8) {
        self.level = match n {
            49 => EcLevel::M,
            50 => EcLevel::Q,
            51 => EcLevel::H,
            _ => EcLevel::L,
        };
    }

    fn drawn(&self) -> Option<Bitmap> {
        let code = if self.micro {
            (1..=4).find_map(|size| QrCode::with_version(&self.text, Version::Micro(size), self.level).ok())?
        } else {
            QrCode::with_error_correction_level(&self.text, self.level).ok()?
        };
        let modules = code.width();
        let mut picture = Bitmap::new(modules, modules);
        for (index, color) in code.into_colors().into_iter().enumerate() {
            if color == Color::Dark {
                picture.ink(index % modules, index / modules);
            }
        }
        let dots = self.module_dots.clamp(1, 16);
        Some(picture.enlarged(Large { wide: dots, high: dots }))
    }
}

impl Mechanism {
    pub(super) fn print_qr(&mut self) {
        let Some(picture) = self.qr.drawn() else { return };
        self.flush_line();
        let (_, area) = self.settings.area(self.paper_width());
        if picture.width <= area {
            self.qr_texts.push(String::from_utf8_lossy(&self.qr.text).into_owned());
            self.put_aligned(&picture);
        }
    }
}
