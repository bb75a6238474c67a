//! One thread a device: opens it, keeps it open, tells how it is, and does what its handle asks. One dead device never slows another.

mod announcer;
mod board;
mod display;
mod document_scanner;
mod post;
mod printer;
mod rating;
mod scanner;

use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;

pub use announcer::AnnouncerHandle;
pub use board::BoardHandle;
pub use display::DisplayHandle;
pub use document_scanner::{DocumentScannerHandle, ScanJob};
pub use printer::{PrinterHandle, PrinterSpec};
pub use rating::{PadAnswer, PadHandle};
pub use scanner::ScannerHandle;

use crate::address::Address;
use crate::announcer::Voice;
use crate::display::DisplayProfile;
use crate::document::scanner::DocumentScanner;
use crate::rating::PadProfile;
use crate::registry::{PlugEvent, Watch, WatchPlaces};
use crate::scanner::Scan;
use crate::status::{DeviceStatus, Fault};
use post::{Post, Worker};

/// Something that a device had to say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeviceEvent {
    /// The name that the device was given.
    pub device: String,
    /// What it said.
    pub kind: DeviceEventKind,
}

/// What a device had to say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum DeviceEventKind {
    /// It is now like this. Sent at each change, and only then.
    Status(DeviceStatus),
    /// A code was scanned.
    Scan(Scan),
    /// A code was scanned that cannot be read.
    ScanFault(Fault),
}

/// Runs devices. Dropping it stops them all and waits for their threads; a print under way is waited for within its own deadline.
pub struct Supervisor {
    events: Sender<DeviceEvent>,
    workers: Vec<Worker>,
    posts: Arc<Mutex<Vec<Post>>>,
    watch: Option<Watch>,
}

impl Supervisor {
    /// A supervisor with no devices; all of them will speak through `events`.
    #[must_use]
    pub fn new(events: Sender<DeviceEvent>) -> Self {
        Self { events, workers: Vec::new(), posts: Arc::default(), watch: None }
    }

    /// Runs a printer.
    ///
    /// # Errors
    /// When the operating system gives no thread or descriptors.
    pub fn printer(&mut self, name: &str, spec: PrinterSpec) -> std::io::Result<PrinterHandle> {
        let (post, worker_post) = self.post(name)?;
        let (handle, worker) = printer::start(post, worker_post, spec)?;
        self.workers.push(worker);
        Ok(handle)
    }

    /// Runs a scanner.
    ///
    /// # Errors
    /// As [`Supervisor::printer`].
    pub fn scanner(&mut self, name: &str, address: Address) -> std::io::Result<ScannerHandle> {
        let (post, worker_post) = self.post(name)?;
        let (handle, worker) = scanner::start(post, worker_post, address)?;
        self.workers.push(worker);
        Ok(handle)
    }

    /// Runs a board.
    ///
    /// # Errors
    /// As [`Supervisor::printer`].
    pub fn board(&mut self, name: &str, address: Address) -> std::io::Result<BoardHandle> {
        let (post, worker_post) = self.post(name)?;
        let (handle, worker) = board::start(post, worker_post, address)?;
        self.workers.push(worker);
        Ok(handle)
    }

    /// Runs a document scanner.
    ///
    /// # Errors
    /// As [`Supervisor::printer`].
    pub fn document_scanner(&mut self, name: &str, scanner: DocumentScanner) -> std::io::Result<DocumentScannerHandle> {
        let (post, worker_post) = self.post(name)?;
        let (handle, worker) = document_scanner::start(post, worker_post, scanner)?;
        self.workers.push(worker);
        Ok(handle)
    }

    /// Runs a text display.
    ///
    /// # Errors
    /// As [`Supervisor::printer`].
    pub fn display(&mut self, name: &str, address: Address, profile: DisplayProfile) -> std::io::Result<DisplayHandle> {
        let (post, worker_post) = self.post(name)?;
        let (handle, worker) = display::start(post, worker_post, address, profile)?;
        self.workers.push(worker);
        Ok(handle)
    }

    /// Runs a rating pad.
    ///
    /// # Errors
    /// As [`Supervisor::printer`].
    pub fn rating_pad(&mut self, name: &str, address: Address, profile: PadProfile) -> std::io::Result<PadHandle> {
        let (post, worker_post) = self.post(name)?;
        let (handle, worker) = rating::start(post, worker_post, address, profile)?;
        self.workers.push(worker);
        Ok(handle)
    }

    /// Runs an announcer.
    ///
    /// # Errors
    /// As [`Supervisor::printer`].
    pub fn announcer(&mut self, name: &str, voice: Box<dyn Voice>) -> std::io::Result<AnnouncerHandle> {
        let (post, worker_post) = self.post(name)?;
        let (handle, worker) = announcer::start(post, worker_post, voice)?;
        self.workers.push(worker);
        Ok(handle)
    }

    /// From now on a device that waits before its next try is tried at once when something is plugged in anywhere.
    ///
    /// # Errors
    /// When the operating system gives no thread or descriptors; the devices are tried from time to time all the same.
    pub fn watch(&mut self, places: &WatchPlaces) -> std::io::Result<()> {
        let posts = Arc::clone(&self.posts);
        self.watch = Some(Watch::start(places, move |event| {
            if let PlugEvent::Plugged(_) = event {
                posts.lock().unwrap_or_else(PoisonError::into_inner).iter().for_each(Post::plugged);
            }
        })?);
        Ok(())
    }

    /// Stops all devices and waits for their threads.
    pub fn stop(self) {
        drop(self);
    }

    fn post(&self, name: &str) -> std::io::Result<(Post, Post)> {
        let post = Post::new(name, self.events.clone())?;
        self.posts.lock().unwrap_or_else(PoisonError::into_inner).push(post.clone());
        Ok((post.clone(), post))
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        // All are told before any is waited for, so that they end side by side.
        self.workers.iter().for_each(Worker::tell_to_stop);
        self.workers.drain(..).for_each(Worker::join);
    }
}
