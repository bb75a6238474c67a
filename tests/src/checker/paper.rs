//! What stands on paper and in documents, read with tools that know nothing of us: zbarimg, pdftotext, pdftoppm.

use crate::fault::{Doing, Fault, Outcome};
use std::path::Path;
use std::process::Command;

/// The texts of all QR codes on a picture.
///
/// # Errors
/// When zbarimg is not there or cannot read the picture. No code at all is an empty list.
pub fn qr_texts(picture: &Path) -> Outcome<Vec<String>> {
    let mut zbarimg = Command::new("zbarimg");
    zbarimg.args(["--quiet", "--raw", "-Sdisable", "-Sqrcode.enable"]).arg(picture);
    let ran = zbarimg.output().doing("zbarimg")?;
    // 4 is zbarimg's word for "no code found".
    if !ran.status.success() && ran.status.code() != Some(4) {
        return Err(Fault::new(format_args!("zbarimg {}", picture.display()), String::from_utf8_lossy(&ran.stderr)));
    }
    let out = String::from_utf8(ran.stdout).doing("zbarimg's output")?;
    Ok(out.lines().map(str::to_owned).filter(|line| !line.is_empty()).collect())
}

/// A document's text, laid out as on its pages.
///
/// # Errors
/// When pdftotext is not there or the file is no PDF.
pub fn pdf_text(pdf: &Path) -> Outcome<String> {
    run(Command::new("pdftotext").arg("-layout").arg(pdf).arg("-"))
}

/// The texts of the QR codes on a document's first page.
///
/// # Errors
/// When pdftoppm or zbarimg is not there, or the file is no PDF.
pub fn pdf_qr_texts(pdf: &Path, scratch: &Path) -> Outcome<Vec<String>> {
    let stem = scratch.join("page");
    run(Command::new("pdftoppm").args(["-png", "-singlefile", "-r", "200"]).arg(pdf).arg(&stem))?;
    qr_texts(&stem.with_extension("png"))
}

fn run(command: &mut Command) -> Outcome<String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let ran = command.output().doing(&program)?;
    if !ran.status.success() {
        return Err(Fault::new(&program, String::from_utf8_lossy(&ran.stderr)));
    }
    String::from_utf8(ran.stdout).doing(&program)
}
