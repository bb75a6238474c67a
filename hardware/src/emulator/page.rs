//! A slip that came out of an emulated printer.

use serde::Serialize;

use crate::printer::canvas::Canvas;

/// What was cut off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Page {
    /// 1 is the first of this printer's life.
    pub number: u64,
    /// The picture of the paper.
    #[serde(skip)]
    pub png: Vec<u8>,
    /// The bytes that made it, from the cut before to its own.
    #[serde(skip)]
    pub raw: Vec<u8>,
    /// The lines that it printed with its own letters, from the top. A letter that the sender drew stands as U+FFFD, a tab as a tab.
    pub texts: Vec<String>,
    /// The texts of QR codes that the printer itself drew.
    pub qr_texts: Vec<String>,
    /// The bar codes that it drew.
    pub barcodes: Vec<Barcode>,
    /// How often the drawer's connector was pulsed since the cut before.
    pub drawer_pulses: u32,
    /// Its length.
    pub height_dots: usize,
    /// Whether nothing is on it.
    pub blank: bool,
}

/// A bar code that the printer drew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Barcode {
    /// Which code, as the reference names it.
    pub kind: &'static str,
    /// What it was told to say, as text.
    pub text: String,
    /// Whether bars were drawn; a code that this printer does not know is a box with its text.
    pub bars: bool,
}

/// A canvas as a black and white PNG.
///
/// # Errors
/// As the encoder says; never for a canvas with any height.
pub(super) fn png_of(canvas: &Canvas) -> Result<Vec<u8>, png::EncodingError> {
    let mut bytes = Vec::new();
    let height = canvas.height_dots().max(1);
    let mut encoder = png::Encoder::new(&mut bytes, canvas.width_dots() as u32, height as u32);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    // Ink is 1 to the printer and black, 0, to the picture.
    let mut dots: Vec<u8> = canvas.dots().iter().map(|byte| !byte).collect();
    dots.resize(height * canvas.width_dots() / 8, 0xFF);
    encoder.write_header()?.write_image_data(&dots)?;
    Ok(bytes)
}
