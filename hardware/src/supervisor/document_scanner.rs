//! The thread of a document scanner: one scan after the other, and a look now and then whether the device is still there.

use std::io;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use super::post::{BackOff, Post, Worker};
use crate::document::scanner::{Cancel, DocumentScanner, ScanEvent, ScanRequest};
use crate::status::{DeviceState, DeviceStatus, Fault, Knowledge};

/// How often an idle scanner is looked for. Looking opens it, which some answer by moving their lamp: seldom.
const LOOK_EVERY: Duration = Duration::from_secs(60);

struct Order {
    request: ScanRequest,
    into: PathBuf,
    tell: Sender<ScanEvent>,
    cancel: Cancel,
}

/// A scan that was asked for.
#[derive(Debug)]
pub struct ScanJob {
    /// What it has to say; [`ScanEvent::is_last`] tells the end. Whoever drops this ends the scan.
    pub events: Receiver<ScanEvent>,
    /// Ends it.
    pub cancel: Cancel,
}

/// Asks a supervised document scanner to scan. Clones ask the same one.
#[derive(Clone)]
pub struct DocumentScannerHandle {
    post: Post,
    orders: Sender<Order>,
}

impl DocumentScannerHandle {
    /// Scans into a folder when the scans before are done. Where the device is not there the answer is its fault.
    #[must_use]
    pub fn scan(&self, request: ScanRequest, into: impl Into<PathBuf>) -> ScanJob {
        let (tell, events) = channel();
        let cancel = Cancel::new();
        let order = Order { request, into: into.into(), tell, cancel: cancel.clone() };
        if let Err(unsent) = self.orders.send(order) {
            // The thread ended; our caller holds the receiver.
            let _ = unsent.0.tell.send(ScanEvent::Stopped { fault: Fault::DocumentScannerAbsent, pages: 0 });
        }
        self.post.waker.wake();
        ScanJob { events, cancel }
    }

    /// How the scanner is, as far as is known.
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

pub(super) fn start(handle: Post, post: Post, scanner: DocumentScanner) -> io::Result<(DocumentScannerHandle, Worker)> {
    let (orders, waiting) = channel();
    let run = Thread { post: post.clone(), waiting, scanner };
    let worker = post.start(move || run.run())?;
    Ok((DocumentScannerHandle { post: handle, orders }, worker))
}

struct Thread {
    post: Post,
    waiting: Receiver<Order>,
    scanner: DocumentScanner,
}

impl Thread {
    fn run(self) {
        let mut back_off = BackOff::new();
        while !self.post.stopped() {
            let until = match self.scanner.check(&Cancel::new().or(self.post.stop_flag())) {
                Ok(()) => {
                    back_off.reset();
                    self.post.publish(DeviceStatus::new(DeviceState::Ready, Vec::new(), Knowledge::Reported));
                    Instant::now() + LOOK_EVERY
                }
                Err(fault) => {
                    self.post.publish(DeviceStatus::inferred(fault));
                    back_off.deadline()
                }
            };
            self.serve_until(until);
        }
        while let Ok(order) = self.waiting.try_recv() {
            // Who asked may have gone.
            let _ = order.tell.send(ScanEvent::Stopped { fault: Fault::DocumentScannerAbsent, pages: 0 });
        }
    }

    /// Scans what is asked for until it is time to look for the device again, or a scan failed.
    fn serve_until(&self, until: Instant) {
        while !self.post.stopped() {
            while let Ok(order) = self.waiting.try_recv() {
                if !self.scan(&order) || self.post.stopped() {
                    return;
                }
            }
            if Instant::now() >= until {
                return;
            }
            // A wait that fails ends early, no more.
            let _ = self.post.waker.wait(until);
        }
    }

    /// Scans; `false` when the device has to be looked at again.
    fn scan(&self, order: &Order) -> bool {
        self.post.publish(DeviceStatus::new(DeviceState::Busy, Vec::new(), Knowledge::Reported));
        let cancel = order.cancel.or(self.post.stop_flag());
        let last = self.scanner.scan(&order.request, &order.into, &cancel, &mut |event| {
            if order.tell.send(event).is_err() {
                // Nobody wants the pages any more.
                order.cancel.cancel();
            }
        });
        let ScanEvent::Stopped { fault, .. } = last else {
            self.post.publish(DeviceStatus::new(DeviceState::Ready, Vec::new(), Knowledge::Reported));
            return true;
        };
        // What was asked for could not be; the device itself is well.
        let well = fault.state() == DeviceState::Ready;
        let faults = if well { Vec::new() } else { vec![fault] };
        self.post.publish(DeviceStatus::new(fault.state(), faults, Knowledge::Reported));
        well
    }
}
