//! From asking a supervised printer for a ticket to the last byte that the line accepted: the median and the 99th of 200, over TCP to an emulated
//! printer in this process. `cargo run --release -p hardware --example ticket_time`

use std::sync::mpsc::channel;
use std::time::Duration;

use hardware::emulator::{EmulatedPrinter, LineSpec, PrinterModel};
use hardware::{Align, JobId, Outcome, Paper, PrinterSpec, Profile, Supervisor, TextSize};

const ROUNDS: usize = 200;

fn ticket(number: usize) -> Paper {
    Paper::new()
        .text("TRUNG TÂM PHỤC VỤ HÀNH CHÍNH CÔNG", TextSize::Normal, Align::Center)
        .rule()
        .bold(&format!("A{number:03}"), TextSize::Huge, Align::Center)
        .bold("Xác nhận tình trạng hôn nhân", TextSize::Large, Align::Center)
        .columns("Số người chờ trước", "4")
        .qr(&format!("MC1:{number:04}:").repeat(16), 6)
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let far = EmulatedPrinter::start(&LineSpec::free_port(), PrinterModel::default(), None)?;
    let mut supervisor = Supervisor::new(channel().0);
    let spec = PrinterSpec::new(far.line().address(), Profile::named("generic-80mm")?);
    let printer = supervisor.printer("ticket", spec)?;
    let (mut handed, mut settled) = (Vec::new(), Vec::new());
    while handed.len() < ROUNDS {
        let report = printer.print(JobId(handed.len() as u128), ticket(handed.len())).recv()?;
        // The first ones may come before the line is open.
        if report.outcome == Outcome::Confirmed {
            handed.push(report.handed_over);
            settled.push(report.settled);
        }
    }
    for (name, mut times) in [("handed over", handed), ("confirmed", settled)] {
        times.sort();
        println!(
            "{name}: p50 {:.2} ms, p99 {:.2} ms",
            milliseconds(times[ROUNDS / 2]),
            milliseconds(times[ROUNDS * 99 / 100])
        );
    }
    Ok(())
}
