//! QR codes: how large one must be, and its dots.

use qrcode::bits::{self, Bits};
use qrcode::canvas::{Canvas as Modules, MaskPattern};
use qrcode::{EcLevel, ec};

use super::canvas::Canvas;
use super::raster::Piece;
use crate::status::Fault;

mod mask;

/// Smallest QR module that a phone reads off thermal paper.
const MIN_MODULE_DOTS: usize = 3;
/// The largest that a printer draws by itself.
const MAX_MODULE_DOTS: usize = 16;
/// Level M: a crease may take 15 % of a code.
const CORRECTION: EcLevel = EcLevel::M;
/// Blank modules that must surround a QR code.
const QUIET_MODULES: usize = 4;

/// An encoded text and the module size that fits the paper.
pub(super) struct QrBits {
    bits: Bits,
    modules: usize,
    module_dots: usize,
}

impl QrBits {
    /// The wanted module size, or the largest below it that fits.
    pub(super) fn fit(text: &str, module_dots: u8, width_dots: usize) -> Result<Self, Fault> {
        let bits = bits::encode_auto(text.as_bytes(), CORRECTION).map_err(|_| Fault::PaperUnprintable)?;
        let modules = usize::try_from(bits.version().width()).map_err(|_| Fault::PaperUnprintable)?;
        let largest = width_dots / (modules + 2 * QUIET_MODULES);
        let module_dots = usize::from(module_dots).clamp(MIN_MODULE_DOTS, MAX_MODULE_DOTS).min(largest);
        if module_dots < MIN_MODULE_DOTS {
            return Err(Fault::PaperUnprintable);
        }
        Ok(Self { bits, modules, module_dots })
    }

    /// The blank rows above it, and those below.
    pub(super) fn quiet_dots(&self) -> usize {
        QUIET_MODULES * self.module_dots
    }

    /// The printer draws it.
    pub(super) fn native(&self, text: &str) -> Piece {
        let module_dots = u8::try_from(self.module_dots).unwrap_or(u8::MAX);
        Piece::NativeQr { text: text.to_owned(), module_dots, edge_dots: self.modules * self.module_dots }
    }

    /// Draws it in the middle of the paper, with blank paper above and below.
    pub(super) fn draw(self, canvas: &mut Canvas) -> Result<(), Fault> {
        let (modules, module_dots, quiet_dots) = (self.modules, self.module_dots, self.quiet_dots());
        let left = (canvas.width_dots() - modules * module_dots) / 2;
        let top = canvas.height_dots() + quiet_dots;
        for (index, row) in masked(self.bits, modules)?.iter().enumerate() {
            let row_dots = row_dots(row, modules, module_dots);
            for dot in 0..module_dots {
                canvas.ink_row(left, top + index * module_dots + dot, &row_dots);
            }
        }
        canvas.grow(top + modules * module_dots + quiet_dots);
        Ok(())
    }
}

/// The modules, under the mask that the standard's own score calls best.
fn masked(bits: Bits, modules: usize) -> Result<Vec<mask::Row>, Fault> {
    let version = bits.version();
    let codewords = ec::construct_codewords(&bits.into_bytes(), version, CORRECTION);
    let (data, correction) = codewords.map_err(|_| Fault::PaperUnprintable)?;
    let mut unmasked = Modules::new(version, CORRECTION);
    unmasked.draw_all_functional_patterns();
    unmasked.draw_data(&data, &correction);
    let pattern: MaskPattern = mask::best(&unmasked, modules);
    unmasked.apply_mask(pattern);
    Ok(mask::rows(&unmasked, modules))
}

fn row_dots(row: &mask::Row, modules: usize, module_dots: usize) -> Vec<u8> {
    let mut bits = vec![0_u8; (modules * module_dots).div_ceil(8)];
    for dot in (0..modules).filter(|x| row.is_set(*x)).flat_map(|x| x * module_dots..(x + 1) * module_dots) {
        bits[dot / 8] |= 0x80 >> (dot % 8);
    }
    bits
}
