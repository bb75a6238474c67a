//! The bytes of printing programs that we did not write (`fixtures/devices/captures/`), on the paper of the emulated printer.

use std::process::Command;

use hardware::emulator::{Page, PrinterModel};

use crate::emulated_printer::pages_of;

/// The one slip that a capture prints.
fn slip(name: &str) -> Page {
    let path = format!("{}/../fixtures/devices/captures/{name}.bin", env!("CARGO_MANIFEST_DIR"));
    let mut pages = pages_of(&std::fs::read(path).unwrap(), PrinterModel::default());
    assert_eq!(pages.len(), 1, "{name}");
    pages.remove(0)
}

/// All codes that `zbarimg` finds on a slip, sorted: bar codes only when their checks are right.
fn codes(page: &Page) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("page.png");
    std::fs::write(&path, framed(&page.png)).unwrap();
    let tool = ["-q", "-Supca.enable", "-Sean8.enable", "-Scode93.enable"];
    let output = Command::new("zbarimg").args(tool).arg(&path).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let mut codes: Vec<String> = text.lines().map(str::to_owned).collect();
    codes.sort();
    codes
}

/// The picture with white around it, as a photograph of the slip would have.
fn framed(page: &[u8]) -> Vec<u8> {
    let mut reader = png::Decoder::new(std::io::Cursor::new(page)).read_info().unwrap();
    let mut rows = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut rows).unwrap();
    let width = info.width as usize / 8;
    let blank = vec![0xFF; width + 16];
    let mut dots = blank.repeat(40);
    for row in rows.chunks_exact(width) {
        dots.extend([&[0xFF; 8], row, &[0xFF; 8]].concat());
    }
    dots.extend(blank.repeat(40));
    let mut framed = Vec::new();
    let mut encoder = png::Encoder::new(&mut framed, info.width + 128, info.height + 80);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    encoder.write_header().unwrap().write_image_data(&dots).unwrap();
    framed
}

#[test]
fn python_escpos_prints_its_ticket_in_every_way() {
    let mut heights = Vec::new();
    for name in ["raster", "graphics", "columns"] {
        let page = slip(&format!("python-escpos-ticket-{name}"));
        assert_eq!(page.texts, ["Motcua trial hall", "A105", "Waiting before you: 4", "Desk 3"], "{name}");
        assert_eq!(codes(&page), ["QR-Code:MOTCUA:A105:PYTHON"], "{name}");
        heights.push(page.height_dots);
    }
    assert!(heights.iter().all(|height| (400..800).contains(height)), "{heights:?}");
    assert_eq!(slip("python-escpos-ticket-raster").qr_texts, ["MOTCUA:A105:PYTHON"]);
}

#[test]
fn python_escpos_letters_are_these_letters() {
    let page = slip("python-escpos-letters");
    let expected = [
        "small font b",
        "on its head",
        "double",
        "one\ttwo",
        "Café déjà vu: 5 € für Größe, Łódź, Привет",
        "wide lines",
        "end",
    ];
    assert_eq!(page.texts, expected);
    assert_eq!(page.drawer_pulses, 1);
}

#[test]
fn python_escpos_bar_codes_are_read_back() {
    let page = slip("python-escpos-barcodes");
    let kinds: Vec<_> = page.barcodes.iter().map(|code| code.kind).collect();
    assert_eq!(kinds, ["CODE39", "EAN13", "EAN8", "UPC-A", "ITF", "CODABAR", "CODE128", "CODE128"]);
    assert!(page.barcodes.iter().all(|code| code.bars));
    let expected = [
        "CODE-128:010542",
        "CODE-128:Motcua-A105",
        "CODE-39:A105",
        "Codabar:A12345B",
        "EAN-13:4006381333931",
        "EAN-8:96385074",
        "I2/5:12345678",
        "UPC-A:036000291452",
    ];
    assert_eq!(codes(&page), expected);
}

#[test]
fn receiptline_prints_its_ticket_in_every_dialect() {
    for dialect in ["escpos", "generic"] {
        let page = slip(&format!("receiptline-{dialect}-ticket"));
        assert_eq!(codes(&page), ["CODE-128:A105-2026", "QR-Code:MOTCUA:A105:RECEIPT"], "{dialect}");
        let texts = page.texts.join("\n");
        for text in ["Motcua trial hall", "A105", "Waiting before you", "4", "Desk", "3", "Café déjà vu 5 €"] {
            assert!(texts.contains(text), "{dialect}: {text} in {texts}");
        }
        let strange = |letter: char| !letter.is_alphanumeric() && !" \n:│─┌┐└┘├┤┬┴╭╮╰╯€".contains(letter);
        assert_eq!(texts.chars().find(|letter| strange(*letter)), None, "{dialect}: {texts}");
    }
}

#[test]
fn receiptline_bar_codes_are_read_back() {
    let expected = [
        "CODE-39:A105",
        "CODE-93:A105",
        "Codabar:A12345B",
        "EAN-13:4006381333931",
        "I2/5:12345678",
        "UPC-A:036000291452",
    ];
    for dialect in ["escpos", "generic"] {
        assert_eq!(codes(&slip(&format!("receiptline-{dialect}-barcodes"))), expected, "{dialect}");
    }
}
