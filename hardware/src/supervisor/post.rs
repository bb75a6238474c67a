//! What the thread of a device and its handles share: its name, its status, the way to wake it and to stop it.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::{DeviceEvent, DeviceEventKind};
use crate::status::{DeviceState, DeviceStatus, Knowledge};
use crate::transport::Waker;

const FIRST_BACK_OFF: Duration = Duration::from_millis(100);
const LONGEST_BACK_OFF: Duration = Duration::from_secs(2);

/// The shared part of a device.
#[derive(Clone)]
pub(super) struct Post {
    name: Arc<str>,
    events: Sender<DeviceEvent>,
    status: Arc<Mutex<DeviceStatus>>,
    stop: Arc<AtomicBool>,
    plugged: Arc<AtomicBool>,
    pub(super) waker: Waker,
}

impl Post {
    pub(super) fn new(name: &str, events: Sender<DeviceEvent>) -> io::Result<Self> {
        let opening = DeviceStatus::new(DeviceState::Opening, Vec::new(), Knowledge::Inferred);
        Ok(Self {
            name: name.into(),
            events,
            status: Arc::new(Mutex::new(opening)),
            stop: Arc::default(),
            plugged: Arc::default(),
            waker: Waker::new()?,
        })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn status(&self) -> DeviceStatus {
        self.status.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Makes a status known; one that says the same as before keeps its time and is not sent again.
    pub(super) fn publish(&self, status: DeviceStatus) {
        let status = {
            let mut known = self.status.lock().unwrap_or_else(PoisonError::into_inner);
            if known.same_as(&status) {
                return;
            }
            *known = status.following(&known);
            known.clone()
        };
        self.tell(DeviceEventKind::Status(status));
    }

    pub(super) fn tell(&self, kind: DeviceEventKind) {
        // Nobody listening any more: the process is on its way out.
        let _ = self.events.send(DeviceEvent { device: self.name.to_string(), kind });
    }

    pub(super) fn stopped(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }

    /// Something was plugged in: a device that waits before its next try need not wait longer.
    pub(super) fn plugged(&self) {
        self.plugged.store(true, Ordering::Release);
        self.waker.wake();
    }

    /// Whether to go on waiting for the next try: until `deadline`, unless told to stop or something was plugged in.
    pub(super) fn waits(&self, deadline: Instant) -> bool {
        Instant::now() < deadline && !self.stopped() && !self.plugged.swap(false, Ordering::AcqRel)
    }

    /// Set when the thread is to end, for work that must end with it.
    pub(super) fn stop_flag(&self) -> Arc<AtomicBool> {
        self.stop.clone()
    }

    /// Starts the device's thread.
    pub(super) fn start(&self, run: impl FnOnce() + Send + 'static) -> io::Result<Worker> {
        let thread = std::thread::Builder::new().name(format!("device-{}", self.name)).spawn(run)?;
        Ok(Worker { post: self.clone(), thread })
    }
}

/// The running thread of a device.
pub(super) struct Worker {
    post: Post,
    thread: JoinHandle<()>,
}

impl Worker {
    pub(super) fn tell_to_stop(&self) {
        self.post.stop.store(true, Ordering::Release);
        self.post.waker.wake();
    }

    pub(super) fn join(self) {
        if self.thread.join().is_err() {
            tracing::error!(device = self.post.name(), "the device's thread had panicked");
        }
    }
}

/// How long to wait before the next try to open.
pub(super) struct BackOff {
    next: Duration,
}

impl BackOff {
    pub(super) fn new() -> Self {
        Self { next: FIRST_BACK_OFF }
    }

    /// When to try again; each time later, up to a bound.
    pub(super) fn deadline(&mut self) -> Instant {
        let wait = self.next;
        self.next = (wait * 2).min(LONGEST_BACK_OFF);
        Instant::now() + wait
    }

    /// The device worked: begin anew.
    pub(super) fn reset(&mut self) {
        self.next = FIRST_BACK_OFF;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_plugged_in_ends_one_wait_and_not_the_next() {
        let post = Post::new("ticket", std::sync::mpsc::channel().0).unwrap();
        let later = Instant::now() + Duration::from_secs(600);
        assert!(post.waits(later));
        post.plugged();
        assert!(!post.waits(later));
        assert!(post.waits(later));
        assert!(!post.waits(Instant::now()));
    }
}
