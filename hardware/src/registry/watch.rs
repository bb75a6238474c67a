//! Devices that come and go, told as they do.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;
use std::os::fd::AsRawFd;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::task::{Context, Poll, Wake};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use futures_core::Stream;
use nusb::hotplug::{HotplugEvent, HotplugWatch};
use pcsc::{PNP_NOTIFICATION, ReaderState, Scope, State};

use super::inotify::Inotify;
use super::readers::names;
use crate::address::Address;
use crate::transport::{Waker, wait_readable};

/// How often the folders are looked at when the kernel says nothing.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// How long one wait for a change of the readers is, and how long the service may stay away before it is asked again.
const READERS_EVERY: Duration = Duration::from_millis(500);

/// A device came or went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlugEvent {
    /// It is there now.
    Plugged(Address),
    /// It is gone.
    Unplugged(Address),
}

/// What is watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchPlaces {
    /// Folders with device nodes, or links to them.
    pub folders: Vec<PathBuf>,
    /// The USB bus, where there is one.
    pub usb: bool,
    /// The card readers of the PC/SC service.
    pub readers: bool,
}

impl WatchPlaces {
    /// Those of this machine.
    #[must_use]
    pub fn system() -> Self {
        Self { folders: vec!["/dev".into(), "/dev/serial/by-id".into()], usb: true, readers: true }
    }
}

/// Watches this machine; the channel tells what comes and goes until the watch is dropped.
///
/// # Errors
/// When the operating system gives no thread or descriptors.
pub fn watch(places: &WatchPlaces) -> io::Result<(Watch, Receiver<PlugEvent>)> {
    let (tell, events) = channel();
    // Nobody listening any more is no reason to stop: the watch is dropped soon.
    let watch = Watch::start(places, move |event| drop(tell.send(event)))?;
    Ok((watch, events))
}

/// Running watchers; ended and waited for when dropped.
pub struct Watch {
    stop: Arc<AtomicBool>,
    wakers: Vec<Waker>,
    threads: Vec<JoinHandle<()>>,
}

impl Watch {
    /// Watches, and calls `heard` at every change. What is there at the start is not told.
    ///
    /// # Errors
    /// When the operating system gives no thread or descriptors.
    pub fn start(places: &WatchPlaces, heard: impl Fn(PlugEvent) + Clone + Send + 'static) -> io::Result<Self> {
        let mut watch = Self { stop: Arc::default(), wakers: Vec::new(), threads: Vec::new() };
        let folders = Folders::new(places.folders.clone());
        let (with_usb, tell) = (places.usb, heard.clone());
        // What is there is noted before this returns, so that no later change is missed.
        watch.spawn("plug-nodes", move |stop, waker| watch_nodes(folders, with_usb, stop, waker, &tell))?;
        if places.readers {
            watch.spawn("plug-readers", move |stop, waker| watch_readers(stop, waker, &heard))?;
        }
        Ok(watch)
    }

    fn spawn(&mut self, name: &str, run: impl FnOnce(&AtomicBool, &Waker) + Send + 'static) -> io::Result<()> {
        let (stop, waker) = (Arc::clone(&self.stop), Waker::new()?);
        self.wakers.push(waker.clone());
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn(move || run(&stop, &waker))?;
        self.threads.push(thread);
        Ok(())
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        self.wakers.iter().for_each(Waker::wake);
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a thread that watches for devices had panicked");
            }
        }
    }
}

fn watch_nodes(mut folders: Folders, with_usb: bool, stop: &AtomicBool, waker: &Waker, heard: &dyn Fn(PlugEvent)) {
    let mut usb = if with_usb { Usb::start() } else { None };
    // Without the kernel's word the folders are looked at from time to time only.
    let mut inotify = Inotify::new().inspect_err(|error| tracing::debug!(%error, "folders are polled")).ok();
    while !stop.load(Ordering::Acquire) {
        if let Some(inotify) = &mut inotify {
            folders.folders.iter().for_each(|folder| inotify.watch(folder));
            inotify.clear();
        }
        folders.look(heard);
        if let Some(usb) = &mut usb {
            usb.look(waker, heard);
        }
        let until = Instant::now() + LOOK_EVERY;
        // A wait that fails ends early; the next look comes sooner, no more.
        let _ = match &inotify {
            Some(inotify) => wait_readable(inotify.as_raw_fd(), Some(waker), until),
            None => waker.wait(until),
        };
    }
}

/// Folders of nodes, and what was in them at the last look.
struct Folders {
    folders: Vec<PathBuf>,
    seen: BTreeMap<PathBuf, PathBuf>,
}

impl Folders {
    fn new(folders: Vec<PathBuf>) -> Self {
        let mut folders = Self { folders, seen: BTreeMap::new() };
        folders.seen = folders.nodes();
        folders
    }

    fn look(&mut self, heard: &dyn Fn(PlugEvent)) {
        let now = self.nodes();
        for (path, target) in &self.seen {
            if now.get(path) != Some(target) {
                heard(PlugEvent::Unplugged(Address::serial(path)));
            }
        }
        for (path, target) in &now {
            if self.seen.get(path) != Some(target) {
                heard(PlugEvent::Plugged(Address::serial(path)));
            }
        }
        self.seen = now;
    }

    /// The nodes and where each leads; a link that leads nowhere is no node.
    fn nodes(&self) -> BTreeMap<PathBuf, PathBuf> {
        let entries = self.folders.iter().filter_map(|folder| std::fs::read_dir(folder).ok()).flatten().flatten();
        let paths = entries.map(|entry| entry.path()).filter(|path| is_line(path));
        paths.filter_map(|path| Some((path.clone(), std::fs::canonicalize(&path).ok()?))).collect()
    }
}

/// In `/dev` itself only what a device may hang on is looked at; in any other folder everything.
fn is_line(path: &std::path::Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.parent() != Some(std::path::Path::new("/dev"))
        || ["ttyUSB", "ttyACM", "ttyAMA", "ttyS"].iter().any(|kind| name.starts_with(kind))
}

/// The USB bus; where there is none, there is nothing to watch.
struct Usb {
    watch: HotplugWatch,
    known: HashMap<nusb::DeviceId, Address>,
}

impl Usb {
    fn start() -> Option<Self> {
        use nusb::MaybeFuture;
        // First the watch, then the list: a device that comes in between is told twice rather than never.
        let watch = nusb::watch_devices().inspect_err(|error| tracing::debug!(%error, "no USB is watched")).ok()?;
        let devices = nusb::list_devices().wait().ok()?;
        Some(Self { watch, known: devices.map(|device| (device.id(), usb_address(&device))).collect() })
    }

    /// Takes what has happened; `waker` is woken when more does.
    fn look(&mut self, waker: &Waker, heard: &dyn Fn(PlugEvent)) {
        let task = Arc::new(WakesThread(waker.clone())).into();
        let mut context = Context::from_waker(&task);
        while let Poll::Ready(Some(event)) = Pin::new(&mut self.watch).poll_next(&mut context) {
            match event {
                HotplugEvent::Connected(device) => {
                    let address = usb_address(&device);
                    self.known.insert(device.id(), address.clone());
                    heard(PlugEvent::Plugged(address));
                }
                HotplugEvent::Disconnected(id) => {
                    if let Some(address) = self.known.remove(&id) {
                        heard(PlugEvent::Unplugged(address));
                    }
                }
            }
        }
    }
}

struct WakesThread(Waker);

impl Wake for WakesThread {
    fn wake(self: Arc<Self>) {
        self.0.wake();
    }
}

fn usb_address(device: &nusb::DeviceInfo) -> Address {
    let serial = device.serial_number().map(str::trim).filter(|serial| !serial.is_empty()).map(str::to_owned);
    Address::Usb { vendor: device.vendor_id(), product: device.product_id(), serial }
}

/// Tells readers that come and go. A service that is away has no readers; it is asked again until it is back.
fn watch_readers(stop: &AtomicBool, waker: &Waker, heard: &dyn Fn(PlugEvent)) {
    let mut service = None;
    let mut seen: Option<BTreeSet<String>> = None;
    while !stop.load(Ordering::Acquire) {
        if service.is_none() {
            service = pcsc::Context::establish(Scope::User).ok();
        }
        let listed = service.as_ref().and_then(|context| names(context).ok());
        // A context does not outlive its service.
        if listed.is_none() {
            service = None;
        }
        let now: BTreeSet<_> = listed.unwrap_or_default().into_iter().collect();
        if let Some(seen) = &seen {
            let told = |name: &String| Address::Pcsc { reader: name.clone() };
            seen.difference(&now).for_each(|name| heard(PlugEvent::Unplugged(told(name))));
            now.difference(seen).for_each(|name| heard(PlugEvent::Plugged(told(name))));
        }
        seen = Some(now);
        await_change(service.as_ref(), waker);
    }
}

/// Waits for the service to say that its readers changed, for a bounded time.
fn await_change(service: Option<&pcsc::Context>, waker: &Waker) {
    let told = service.map(|context| {
        let mut states = [ReaderState::new(PNP_NOTIFICATION(), State::UNAWARE)];
        context.get_status_change(READERS_EVERY, &mut states)
    });
    match told {
        // Time is up, and it was waited for.
        Some(Err(pcsc::Error::Timeout)) => {}
        // Something changed; or the service is away, or cannot tell: never in a busy circle.
        _ => drop(waker.wait(Instant::now() + READERS_EVERY)),
    }
}
