//! The production drivers against the emulators, over TCP and over a pty, with every fault.

mod announcer;
mod board;
mod chip;
mod chip_issuer;
mod cli;
mod cli_desk;
mod clips;
mod compact;
mod conformance;
mod cupsd;
mod displays;
mod document_printing;
mod documents;
mod drop_folder;
mod emulated_printer;
mod faulty_lines;
mod independent;
mod jobs;
mod letters;
mod outcomes;
mod pcsc_service;
mod pcscd;
mod printing;
mod rating;
mod registry;
mod scanning;
mod spooling;
mod supervision;
mod torn;

use std::path::Path;
use std::time::{Duration, Instant};

use hardware::emulator::{EmulatedPrinter, LineSpec, Page, PrinterModel};
use hardware::printer::{EscPosPrinter, LastSlip};
use hardware::{Align, Fault, Paper, Profile, TextSize};

/// Both kinds of line.
pub const LINES: [fn() -> LineSpec; 2] = [LineSpec::free_port, || LineSpec::Pty { link: None }];

/// A slip as a kiosk prints it.
pub fn ticket(number: &str) -> Paper {
    Paper::new()
        .text("TRUNG TÂM PHỤC VỤ HÀNH CHÍNH CÔNG", TextSize::Normal, Align::Center)
        .rule()
        .bold(number, TextSize::Huge, Align::Center)
        .text("Xác nhận tình trạng hôn nhân", TextSize::Large, Align::Center)
        .columns("Số người chờ trước", "4")
        .qr(&format!("MOTCUA:{number}:ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"), 6)
        .text("Phiếu chỉ có giá trị trong ngày", TextSize::Small, Align::Center)
}

/// An emulated printer and the profile's driver on its line, with little patience.
pub fn printer(spec: &LineSpec, model: PrinterModel, profile: &str) -> (EmulatedPrinter, EscPosPrinter) {
    let far = EmulatedPrinter::start(spec, model, None).unwrap();
    let near = open(&far, profile, LastSlip::Whole).unwrap();
    (far, near)
}

pub fn open(far: &EmulatedPrinter, profile: &str, last_slip: LastSlip) -> Result<EscPosPrinter, Fault> {
    let printer = EscPosPrinter::open(&far.line().address(), Profile::named(profile).unwrap(), last_slip)?;
    Ok(printer.with_patience(Duration::from_millis(300)))
}

/// Waits until something is so; fails after ten seconds.
pub fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "never: {what}");
        // Between two looks the other threads get the processor.
        std::thread::park_timeout(Duration::from_millis(1));
    }
}

/// What `zbarimg` reads off the picture of a slip.
pub fn qr_on(page: &Page) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("page.png");
    std::fs::write(&path, &page.png).unwrap();
    zbar(&path)
}

pub fn zbar(path: &Path) -> String {
    let output = std::process::Command::new("zbarimg").args(["-q", "--raw", "-Sbinary"]).arg(path).output().unwrap();
    assert!(output.status.success(), "zbarimg found no code");
    String::from_utf8(output.stdout).unwrap()
}
