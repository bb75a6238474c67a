//! The thread of a document printer: one document after the other, and a look now and then how the printer is.

use std::io;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use super::post::{Post, Worker};
use crate::document::printer::{DocumentJob, DocumentPrinter, DocumentReport};
use crate::status::{DeviceState, DeviceStatus, Fault, Knowledge};

/// How often an idle printer's queue or folder is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(3);

struct Order {
    job: DocumentJob,
    reply: Sender<DocumentReport>,
}

/// Asks a supervised document printer for pages. Clones ask the same one.
#[derive(Clone)]
pub struct DocumentPrinterHandle {
    post: Post,
    orders: Sender<Order>,
}

impl DocumentPrinterHandle {
    /// Prints a document when those before it are settled. The report always comes; while the printer is not there it is `NotPrinted`, at once.
    #[must_use]
    pub fn print(&self, job: DocumentJob) -> Receiver<DocumentReport> {
        let (reply, report) = channel();
        if let Err(unsent) = self.orders.send(Order { job, reply }) {
            // The thread ended; our caller holds the receiver.
            let _ = unsent.0.reply.send(refused(&unsent.0.job));
        }
        self.post.waker.wake();
        report
    }

    /// How the printer is, as far as is known.
    #[must_use]
    pub fn status(&self) -> DeviceStatus {
        self.post.status()
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.post.name()
    }
}

pub(super) fn start(handle: Post, post: Post, printer: DocumentPrinter) -> io::Result<(DocumentPrinterHandle, Worker)> {
    let (orders, waiting) = channel();
    let run = post.clone();
    let worker = post.start(move || run_printer(&run, &waiting, &printer))?;
    Ok((DocumentPrinterHandle { post: handle, orders }, worker))
}

fn run_printer(post: &Post, waiting: &Receiver<Order>, printer: &DocumentPrinter) {
    while !post.stopped() {
        post.publish(printer.status());
        let until = Instant::now() + LOOK_EVERY;
        while post.waits(until) {
            for order in waiting.try_iter() {
                print(post, printer, &order);
            }
            // A wait that fails ends early, no more.
            let _ = post.waker.wait(until);
        }
    }
    for order in waiting.try_iter() {
        // As in `print`.
        let _ = order.reply.send(refused(&order.job));
    }
}

fn print(post: &Post, printer: &DocumentPrinter, order: &Order) {
    if post.stopped() {
        let _ = order.reply.send(refused(&order.job));
        return;
    }
    if post.status().works() {
        post.publish(DeviceStatus::new(DeviceState::Busy, Vec::new(), Knowledge::Inferred));
    }
    let report = printer.print(&order.job);
    tracing::debug!(device = post.name(), outcome = ?report.outcome, fault = ?report.fault, "document settled");
    post.publish(printer.status());
    // Who asked may have gone; the pages are out all the same.
    let _ = order.reply.send(report);
}

/// The device is being stopped: nothing was done.
fn refused(job: &DocumentJob) -> DocumentReport {
    DocumentReport::refused(job, Fault::DocumentPrinterAbsent)
}
