//! How soon a printer that was plugged in again has printed: from the line's being there to a slip that it confirmed.

use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use ::tests::fault::{Doing, Outcome, wait_for};
use hardware::emulator::{EmulatedPrinter, Faults, LineSpec, PrinterModel};
use hardware::{Align, JobId, Outcome as Printed, Paper, PrinterHandle, PrinterSpec, Profile, Supervisor, TextSize};

use super::super::figures::Figure;

const ROUNDS: u128 = 50;
const LIMIT_MS: f64 = 5_000.0;
const PATIENCE: Duration = Duration::from_secs(20);

/// Unplugs and plugs on both kinds of line.
///
/// # Errors
/// When a printer is not missed, or never comes back.
pub fn measure() -> Outcome<Vec<Figure>> {
    let tcp = back_ms(&LineSpec::free_port())?;
    let folder = tempfile::tempdir().doing("making a folder")?;
    let pty = back_ms(&LineSpec::Pty { link: Some(folder.path().join("ttyPRINTER")) })?;
    let what = "a printer that is plugged in again, until a slip is confirmed";
    Ok(vec![
        Figure::greatest("reconnect_tcp", "ms", format!("{what}: over TCP"), &tcp).at_most(LIMIT_MS),
        Figure::greatest("reconnect_pty", "ms", format!("{what}: over a pty"), &pty).at_most(LIMIT_MS),
    ])
}

fn back_ms(line: &LineSpec) -> Outcome<Vec<f64>> {
    let far = EmulatedPrinter::start(line, PrinterModel::default(), None).doing("starting an emulated printer")?;
    let mut supervisor = Supervisor::new(channel().0);
    let profile = Profile::named("generic-80mm").doing("the printer's profile")?;
    let spec = PrinterSpec::new(far.line().address(), profile);
    let printer = supervisor.printer("printer", spec).doing("supervising a printer")?;
    let mut times = Vec::new();
    wait_for("the printer to work", PATIENCE, || Ok(printer.status().works().then_some(())))?;
    for round in 0..ROUNDS {
        far.line().set_faults(Faults { refuse: true, ..Faults::default() });
        wait_for("the printer to be missed", PATIENCE, || Ok((!printer.status().works()).then_some(())))?;
        far.line().set_faults(Faults::default());
        let plugged = Instant::now();
        wait_for("a slip to be confirmed", PATIENCE, || prints(&printer, round))?;
        times.push(plugged.elapsed().as_secs_f64() * 1_000.0);
        drop(far.take_pages());
    }
    Ok(times)
}

/// Whether it confirms a slip; it is asked as soon as it is there.
fn prints(printer: &PrinterHandle, round: u128) -> Outcome<Option<()>> {
    if !printer.status().works() {
        return Ok(None);
    }
    let slip = Paper::new().text("A105", TextSize::Normal, Align::Left);
    let report = printer.print(JobId(round), slip).recv_timeout(PATIENCE).doing("waiting for a slip")?;
    Ok((report.outcome == Printed::Confirmed).then_some(()))
}
