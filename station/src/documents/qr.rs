//! QR codes: the text that paper carries, and codes as SVG and PNG for screens.

use std::fmt::Write as _;
use std::num::NonZeroU8;

use qrcode::{Color, EcLevel, QrCode};

use super::DocumentFault;
use super::picture::grey_png;

/// Begins a text that carries a signed event: the format and its version.
const CARRIED_PREFIX: &str = "MC1:";

/// Blank modules that must surround a QR code (ISO/IEC 18004).
pub(super) const QUIET_MODULES: usize = 4;

/// All codes stand up to a fold or a smear: a seventh of the code may be lost.
const CORRECTION: EcLevel = EcLevel::M;

/// Why a scanned text carries nothing that a station can read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CarriedFault {
    /// It begins otherwise: a code of somebody else, or an ID card.
    #[error("not a code of this house")]
    Foreign,
    /// It begins right, and is cut or damaged behind that.
    #[error("the code is cut or damaged")]
    Damaged,
}

/// Bytes as text for a QR code's alphanumeric mode: `MC1:` and base45 (RFC 9285).
pub fn carried_to_text(bytes: &[u8]) -> String {
    format!("{CARRIED_PREFIX}{}", base45::encode(bytes))
}

/// The bytes of a scanned text. A scanner's line end is taken off; a blank at the end is data.
///
/// # Errors
/// [`CarriedFault`] when the text is foreign or damaged. Whoever made the bytes is for the signature to tell.
pub fn text_to_carried(text: &str) -> Result<Vec<u8>, CarriedFault> {
    let body = text.trim_end_matches(['\r', '\n']).strip_prefix(CARRIED_PREFIX).ok_or(CarriedFault::Foreign)?;
    base45::decode(body).map_err(|_| CarriedFault::Damaged)
}

/// A code as SVG with its quiet zone, for the kiosk's screen; it scales to its box.
///
/// # Errors
/// [`DocumentFault::QrTooLong`].
pub fn qr_svg(text: &str) -> Result<String, DocumentFault> {
    let code = Modules::of(text)?;
    let edge = code.edge() + 2 * QUIET_MODULES;
    let mut path = String::with_capacity(8 * code.edge() * code.edge());
    for run in code.runs() {
        let (x, y) = (run.x + QUIET_MODULES, run.y + QUIET_MODULES);
        // Writing to a String cannot fail.
        let _ = write!(path, "M{x} {y}h{length}v1h-{length}z", length = run.length);
    }
    Ok(format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {edge} {edge}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{edge}v{edge}H0z"/><path d="{path}"/></svg>"##
    ))
}

/// A code as PNG with its quiet zone; `module_px` is the edge of one module.
///
/// # Errors
/// [`DocumentFault::QrTooLong`]; [`DocumentFault::Picture`] when the picture cannot be written.
pub fn qr_png(text: &str, module_px: NonZeroU8) -> Result<Vec<u8>, DocumentFault> {
    let code = Modules::of(text)?;
    let module_px = usize::from(module_px.get());
    let edge_px = (code.edge() + 2 * QUIET_MODULES) * module_px;
    let mut grey = vec![255_u8; edge_px * edge_px];
    for run in code.runs() {
        let left = (run.x + QUIET_MODULES) * module_px;
        let top = (run.y + QUIET_MODULES) * module_px;
        for row in grey.chunks_exact_mut(edge_px).skip(top).take(module_px) {
            row[left..left + run.length * module_px].fill(0);
        }
    }
    grey_png(edge_px, &grey)
}

/// How many modules wide a code with this text is, without its quiet zone; none when no code holds the text.
pub(super) fn edge_modules(text: &str) -> Option<usize> {
    let bits = qrcode::bits::encode_auto(text.as_bytes(), CORRECTION).ok()?;
    usize::try_from(bits.version().width()).ok()
}

/// A row's neighbouring dark modules.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Run {
    pub x: usize,
    pub y: usize,
    pub length: usize,
}

/// A drawn code, without its quiet zone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Modules {
    edge: usize,
    colors: Vec<Color>,
}

impl Modules {
    pub fn of(text: &str) -> Result<Self, DocumentFault> {
        let code = QrCode::with_error_correction_level(text, CORRECTION)
            .map_err(|_| DocumentFault::QrTooLong { length: text.len() })?;
        Ok(Self { edge: code.width(), colors: code.into_colors() })
    }

    pub fn edge(&self) -> usize {
        self.edge
    }

    /// All dark modules, row by row.
    pub fn runs(&self) -> Vec<Run> {
        let mut runs = Vec::with_capacity(self.colors.len() / 4);
        for (y, row) in self.colors.chunks_exact(self.edge).enumerate() {
            let mut x = 0;
            for same in row.chunk_by(|a, b| a == b) {
                if same[0] == Color::Dark {
                    runs.push(Run { x, y, length: same.len() });
                }
                x += same.len();
            }
        }
        runs
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_scanned_text_is_read_or_refused_by_name() {
        let text = carried_to_text(b"hello");
        assert_eq!(text, "MC1:+8D VDL2");
        for (scanned, expected) in [
            (text.as_str(), Ok(b"hello".to_vec())),
            ("MC1:+8D VDL2\r\n", Ok(b"hello".to_vec())),
            ("MC1:", Ok(vec![])),
            // Cut between two groups it is another text of base45: only the signature tells.
            ("MC1:+8D VD", Ok(b"hell".to_vec())),
            ("MC1:+8D VDL", Err(CarriedFault::Damaged)),
            ("MC1:ö8D", Err(CarriedFault::Damaged)),
            ("MC1::::", Err(CarriedFault::Damaged)),
            ("MC2:+8D VDL2", Err(CarriedFault::Foreign)),
            ("001199000123||Nguyễn Thị Mẫu|15021999|Nữ|Hà Nội|10052021", Err(CarriedFault::Foreign)),
            ("", Err(CarriedFault::Foreign)),
        ] {
            assert_eq!(text_to_carried(scanned), expected, "{scanned:?}");
        }
    }

    #[test]
    fn runs_cover_the_dark_modules_and_no_other() {
        let code = Modules::of("HELLO").unwrap();
        let mut dark = vec![Color::Light; code.edge * code.edge];
        for run in code.runs() {
            dark[run.y * code.edge + run.x..][..run.length].fill(Color::Dark);
        }
        assert_eq!(dark, code.colors);
        assert_eq!(edge_modules("HELLO"), Some(code.edge()));
    }

    #[test]
    fn a_text_that_no_code_holds_is_a_named_fault() {
        let long = "A".repeat(4_000);
        assert!(matches!(qr_svg(&long), Err(DocumentFault::QrTooLong { length: 4_000 })));
        assert_eq!(edge_modules(&long), None);
    }

    proptest! {
        #[test]
        fn bytes_come_back(bytes in proptest::collection::vec(any::<u8>(), 0..700)) {
            let text = carried_to_text(&bytes);
            prop_assert_eq!(text_to_carried(&text), Ok(bytes));
        }

        #[test]
        fn no_text_is_a_panic(text in ".{0,60}") {
            let _ = text_to_carried(&text);
            let _ = text_to_carried(&format!("{CARRIED_PREFIX}{text}"));
        }
    }
}
