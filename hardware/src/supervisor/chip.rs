//! The thread of a chip reader, and the one that watches its slot.
//!
//! The service's calls can hang. So the slot is watched by a thread of its own, which the reader's thread only listens to: when it falls silent it is
//! left to itself, and another one looks with a new context. A read holds the card by a thread of its own again, see [`crate::chip::pcsc`].

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use super::DeviceEventKind;
use super::chip_watch::{self, Seen, Slot, Watchers};
use super::post::{BackOff, Post, Worker};
use crate::address::Address;
use crate::chip::connection::CardFault;
use crate::chip::key::ChipKey;
use crate::chip::lds::trust::TrustList;
use crate::chip::read::{Believed, Progress, ReadOptions, read};
use crate::chip::report::ChipReport;
use crate::chip::today_in_vietnam;
use crate::status::{DeviceState, DeviceStatus, Fault, Knowledge};

/// The longest that the thread sleeps without looking whether it should end.
const IDLE_LOOK: Duration = Duration::from_millis(200);
/// A watcher that says nothing for so long hangs in the service.
const SILENCE: Duration = Duration::from_secs(4);
/// How long the service may take to connect to a card that lies there.
const CONNECT_TIME: Duration = Duration::from_secs(10);
/// Progress is told at most so often, but for a new step.
const PROGRESS_PAUSE: Duration = Duration::from_millis(100);

/// Which reader, and whom its reads believe.
#[derive(Clone, Debug)]
pub struct ChipSpec {
    /// The reader: `pcsc:READER NAME`, or as much of the name as only it begins with; or `emulator:NAME`, a card of this process.
    pub address: Address,
    /// The authorities that are believed.
    pub trust: Arc<TrustList>,
}

struct Job {
    key: ChipKey,
    options: ReadOptions,
    reply: Sender<ChipReport>,
}

/// What the thread is told.
enum Note {
    Read(Job),
    /// From the watcher of this number.
    Seen(u64, Seen),
}

/// Asks a supervised chip reader. Clones ask the same one.
#[derive(Clone)]
pub struct ChipHandle {
    post: Post,
    notes: Sender<Note>,
}

impl ChipHandle {
    /// Reads the chip of the card that lies there. The report always comes; the key is shown at most once, and never again by itself.
    #[must_use]
    pub fn read(&self, key: ChipKey, options: ReadOptions) -> Receiver<ChipReport> {
        let (reply, report) = channel();
        if let Err(unsent) = self.notes.send(Note::Read(Job { key, options, reply }))
            && let Note::Read(job) = unsent.0
        {
            // The thread ended. The receiver is held by our caller, so this arrives.
            let _ = job.reply.send(ChipReport::refused(Fault::ChipReaderAbsent));
        }
        report
    }

    /// How the reader is, as far as is known. That there is no card is no fault of it.
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

pub(super) fn start(handle: Post, post: Post, spec: ChipSpec) -> io::Result<(ChipHandle, Worker)> {
    let (notes, told) = channel();
    let (run, own_notes) = (post.clone(), notes.clone());
    let thread = move || {
        let watchers = Watchers::default();
        Thread { post: run, notes: own_notes, told, spec, watchers, watcher: 0, insertion: None }.run();
    };
    let worker = post.start(thread)?;
    Ok((ChipHandle { post: handle, notes }, worker))
}

struct Thread {
    post: Post,
    notes: Sender<Note>,
    told: Receiver<Note>,
    spec: ChipSpec,
    watchers: Watchers,
    /// The number of the present watcher; word from an older one is stale.
    watcher: u64,
    /// Which insertion lies there, if any.
    insertion: Option<u32>,
}

impl Thread {
    fn run(mut self) {
        let mut back_off = BackOff::new();
        while !self.post.stopped() {
            let fault = self.watch(&mut back_off);
            self.place(None);
            let Some(fault) = fault else { break };
            self.post.publish(DeviceStatus::inferred(fault));
            self.serve_until(back_off.deadline());
        }
    }

    /// Serves while a watcher sees the reader; the fault that ended it, or none when the thread is to end.
    fn watch(&mut self, back_off: &mut BackOff) -> Option<Fault> {
        self.watcher += 1;
        let Some(slot) = Slot::at(&self.spec.address) else { return Some(Fault::ChipReaderAbsent) };
        let (number, notes) = (self.watcher, self.notes.clone());
        let tell = move |seen| notes.send(Note::Seen(number, seen)).is_ok();
        if chip_watch::start(&self.watchers, slot, tell).is_err() {
            return Some(Fault::ChipServiceDown);
        }
        let mut heard = Instant::now();
        while !self.post.stopped() {
            match self.told.recv_timeout(IDLE_LOOK) {
                Ok(Note::Read(job)) => {
                    self.read(job);
                    heard = Instant::now();
                }
                Ok(Note::Seen(from, seen)) if from == self.watcher => match seen {
                    Seen::Slot(insertion) => {
                        heard = Instant::now();
                        back_off.reset();
                        self.post.publish(DeviceStatus::new(DeviceState::Ready, Vec::new(), Knowledge::Reported));
                        self.place(insertion);
                    }
                    Seen::Lost(fault) => return Some(fault.fault()),
                },
                Ok(Note::Seen(..)) | Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return None,
            }
            if heard.elapsed() > SILENCE {
                return Some(Fault::ChipServiceDown);
            }
        }
        None
    }

    /// What lies in the slot now; told when it is something else than before.
    fn place(&mut self, insertion: Option<u32>) {
        if self.insertion == insertion {
            return;
        }
        if self.insertion.is_some() {
            self.post.tell(DeviceEventKind::CardRemoved);
        }
        if insertion.is_some() {
            self.post.tell(DeviceEventKind::CardInserted);
        }
        self.insertion = insertion;
    }

    /// While the reader is not seen a read is tried all the same: it tells exactly what is wrong, and works if it no longer is.
    fn serve_until(&mut self, deadline: Instant) {
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || self.post.stopped() {
                return;
            }
            if let Ok(Note::Read(job)) = self.told.recv_timeout(left.min(IDLE_LOOK)) {
                self.read(job);
            }
        }
    }

    fn read(&self, job: Job) {
        let before = self.post.status();
        if before.works() {
            self.post.publish(DeviceStatus::new(DeviceState::Busy, Vec::new(), Knowledge::Inferred));
        }
        let believed = Believed { trust: &self.spec.trust, on: today_in_vietnam() };
        let until = Instant::now() + CONNECT_TIME.min(job.options.time);
        let slot = Slot::at(&self.spec.address).ok_or(CardFault::ReaderAbsent);
        let report = match slot.and_then(|slot| slot.connect(until)) {
            Ok(mut card) => read(&mut *card, &job.key, &job.options, &believed, &mut self.progress()),
            Err(fault) => ChipReport::refused(fault.fault()),
        };
        tracing::debug!(device = self.post.name(), fault = ?report.fault, commands = report.commands, "chip read");
        if before.works() {
            self.post.publish(DeviceStatus::new(DeviceState::Ready, Vec::new(), Knowledge::Inferred));
        }
        // Who asked may have gone.
        let _ = job.reply.send(report);
    }

    fn progress(&self) -> impl FnMut(Progress) + '_ {
        let mut last: Option<(Progress, Instant)> = None;
        move |progress| {
            let is_due = |(told, at): (Progress, Instant)| told.step != progress.step || at.elapsed() >= PROGRESS_PAUSE;
            if last.is_none_or(is_due) {
                last = Some((progress, Instant::now()));
                self.post.tell(DeviceEventKind::ChipProgress(progress));
            }
        }
    }
}
