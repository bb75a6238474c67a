//! The thread of a printer.

use std::io;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use super::post::{BackOff, Post, Worker};
use crate::address::Address;
use crate::paper::Paper;
use crate::printer::{EscPosPrinter, JobId, LastSlip, PrintReport, Profile};
use crate::status::{DeviceState, DeviceStatus, Fault, Knowledge};

/// The longest that an idle printer's thread sleeps.
const IDLE_LOOK: Duration = Duration::from_secs(1);

/// Which printer, and how the last slip before this start ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrinterSpec {
    /// Where it is.
    pub address: Address,
    /// What it can do.
    pub profile: Profile,
    /// [`LastSlip::MaybeTorn`] after a crash with a job in doubt: the first job then clears the printer and cuts off the remains.
    pub last_slip: LastSlip,
    /// What is added to every computed time of a job before it counts as lost.
    pub patience: Duration,
}

impl PrinterSpec {
    /// A printer whose last slip was whole, with the usual patience of three seconds.
    #[must_use]
    pub fn new(address: Address, profile: Profile) -> Self {
        Self { address, profile, last_slip: LastSlip::Whole, patience: Duration::from_secs(3) }
    }
}

struct Job {
    id: JobId,
    paper: Paper,
    submitted: Instant,
    reply: Sender<PrintReport>,
}

/// Asks a supervised printer for paper. Clones ask the same printer.
#[derive(Clone)]
pub struct PrinterHandle {
    post: Post,
    jobs: Sender<Job>,
}

impl PrinterHandle {
    /// Prints a slip. The report always comes: at once with `NotPrinted` while the line is down, else when the job is settled. Jobs are printed
    /// one after the other.
    #[must_use]
    pub fn print(&self, id: JobId, paper: Paper) -> Receiver<PrintReport> {
        let (reply, report) = channel();
        let submitted = Instant::now();
        if let Err(unsent) = self.jobs.send(Job { id, paper, submitted, reply }) {
            // The thread ended. The receiver is held by our caller, so this arrives.
            let _ = unsent.0.reply.send(PrintReport::refused(id, Fault::PrinterAbsent, submitted.elapsed()));
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

pub(super) fn start(handle: Post, post: Post, spec: PrinterSpec) -> io::Result<(PrinterHandle, Worker)> {
    let (jobs, waiting) = channel();
    let run = post.clone();
    let worker = post.start(move || Thread { post: run, waiting, spec }.run())?;
    Ok((PrinterHandle { post: handle, jobs }, worker))
}

struct Thread {
    post: Post,
    waiting: Receiver<Job>,
    spec: PrinterSpec,
}

impl Thread {
    fn run(mut self) {
        let mut back_off = BackOff::new();
        while !self.post.stopped() {
            let fault = match EscPosPrinter::open(&self.spec.address, self.spec.profile.clone(), self.spec.last_slip) {
                Ok(printer) => {
                    back_off.reset();
                    let mut printer = printer.with_patience(self.spec.patience);
                    let fault = self.serve(&mut printer);
                    self.spec.last_slip = printer.last_slip();
                    fault
                }
                Err(fault) => Some(fault),
            };
            if let Some(fault) = fault {
                self.post.publish(DeviceStatus::inferred(fault));
                self.refuse_until(fault, back_off.deadline());
            }
        }
        self.refuse_all(Fault::PrinterAbsent);
    }

    /// Works with an open printer until its line is lost (the fault) or the thread is stopped (none).
    fn serve(&self, printer: &mut EscPosPrinter) -> Option<Fault> {
        while !self.post.stopped() {
            while let Ok(job) = self.waiting.try_recv() {
                self.print(printer, job);
            }
            if let Some(fault) = printer.lost() {
                return Some(fault);
            }
            self.post.publish(printer.known());
            if let Err(fault) = printer.idle(&self.post.waker, Instant::now() + IDLE_LOOK) {
                return Some(fault);
            }
        }
        None
    }

    fn print(&self, printer: &mut EscPosPrinter, job: Job) {
        if !printer.known().faults().any(|fault| fault.state() == DeviceState::Blocked) {
            let faults = printer.known().faults().collect();
            self.post.publish(DeviceStatus::new(DeviceState::Busy, faults, Knowledge::Inferred));
        }
        let report = printer.print(job.id, &job.paper, job.submitted);
        tracing::debug!(device = self.post.name(), outcome = ?report.outcome, fault = ?report.fault, "print settled");
        // Who asked may have gone; the paper is out all the same.
        let _ = job.reply.send(report);
    }

    fn refuse_until(&self, fault: Fault, deadline: Instant) {
        while self.post.waits(deadline) {
            self.refuse_all(fault);
            // A wait that fails ends early; the loop's condition still holds it together.
            let _ = self.post.waker.wait(deadline);
        }
        self.refuse_all(fault);
    }

    fn refuse_all(&self, fault: Fault) {
        for job in self.waiting.try_iter() {
            // As in `print`.
            let _ = job.reply.send(PrintReport::refused(job.id, fault, job.submitted.elapsed()));
        }
    }
}
