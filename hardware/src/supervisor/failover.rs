//! Several printers in one role: a job goes to the first that can take it.
//!
//! Only the certainty that no paper came out lets a job go on to the next printer. Where it is not known, the job stays where it is: a second slip of one
//! number is worse than none. Each job begins at the first printer again, so that work returns to it as soon as it is well.

use std::io;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use super::printer::PrinterHandle;
use crate::paper::Paper;
use crate::printer::{JobId, Outcome, PrintOrder, PrintReport};
use crate::status::{DeviceState, DeviceStatus, Fault, Knowledge};

/// Asks the printers of a role for paper, in their order. Clones ask the same printers.
#[derive(Clone)]
pub struct PrintersHandle {
    name: String,
    printers: Vec<PrinterHandle>,
}

impl PrintersHandle {
    /// A role that these printers fill, the preferred one first.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidInput`] when there are none.
    pub(super) fn new(name: &str, printers: Vec<PrinterHandle>) -> io::Result<Self> {
        if printers.is_empty() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "a role needs at least one printer"));
        }
        Ok(Self { name: name.to_owned(), printers })
    }

    /// Prints a slip on the first printer that takes it. The report always comes, and names the printer.
    ///
    /// # Errors
    /// When the operating system gives no thread to follow the job; nothing was printed then.
    pub fn print(&self, id: JobId, paper: Paper) -> io::Result<Receiver<PrintReport>> {
        self.order(PrintOrder::new(id, paper))
    }

    /// The same for a copy too.
    ///
    /// # Errors
    /// As [`PrintersHandle::print`].
    pub fn order(&self, order: PrintOrder) -> io::Result<Receiver<PrintReport>> {
        let (reply, report) = channel();
        let printers = self.printers.clone();
        std::thread::Builder::new().name(format!("job-{}", self.name)).spawn(move || {
            // Who asked may have gone; the paper is out all the same.
            let _ = reply.send(on_the_first_that_can(&printers, &order));
        })?;
        Ok(report)
    }

    /// How the role is filled: as its first printer while that works; with another one working degraded, by what is wrong with the first; else as the
    /// first is.
    #[must_use]
    pub fn status(&self) -> DeviceStatus {
        let statuses: Vec<_> = self.printers.iter().map(PrinterHandle::status).collect();
        let Some(first) = statuses.first().cloned() else {
            return DeviceStatus::inferred(Fault::PrinterAbsent);
        };
        if !first.works() && statuses.iter().any(DeviceStatus::works) {
            return DeviceStatus { state: DeviceState::Degraded, knowledge: Knowledge::Inferred, ..first };
        }
        first
    }

    /// The name of the role.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The printers that fill it, in their order.
    #[must_use]
    pub fn printers(&self) -> &[PrinterHandle] {
        &self.printers
    }
}

fn on_the_first_that_can(printers: &[PrinterHandle], order: &PrintOrder) -> PrintReport {
    let submitted = Instant::now();
    let mut refused = None;
    for printer in printers {
        let asked = printer.order(order.clone()).recv();
        let mut report = asked.unwrap_or_else(|_| thread_gone(order, submitted.elapsed()));
        report.device.get_or_insert_with(|| printer.name().to_owned());
        let surely_none = report.outcome == Outcome::NotPrinted && report.fault.is_none_or(is_of_this_printer);
        if !surely_none {
            return report;
        }
        tracing::info!(device = printer.name(), fault = ?report.fault, "the job goes on to the next printer");
        // What is wrong with the preferred printer is what a person should hear of.
        refused.get_or_insert(report);
    }
    refused.unwrap_or_else(|| PrintReport::refused(order.job, Fault::PrinterAbsent, submitted.elapsed()))
}

/// Whether another printer may do what this one refused. What is wrong with the job or its journal is wrong everywhere.
fn is_of_this_printer(fault: Fault) -> bool {
    !matches!(fault, Fault::PrintJournal | Fault::PrintJobChanged | Fault::PrintInDoubt)
}

/// A printer's thread ended with the job in its hands: nobody knows what became of it.
fn thread_gone(order: &PrintOrder, settled: Duration) -> PrintReport {
    PrintReport {
        outcome: Outcome::Unknown { bytes_sent: 0 },
        ..PrintReport::refused(order.job, Fault::PrintInDoubt, settled)
    }
}
