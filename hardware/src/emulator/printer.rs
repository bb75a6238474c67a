//! An emulated ESC/POS printer: its works behind a line, and the hands of the person beside it.

use std::io;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::line::{FarSide, Line, LineServer, LineSpec};
use super::mechanism::{DOTS_PER_MM, Mechanism};
pub use super::mechanism::{Defect, PrinterModel};
use super::page::Page;

/// A new roll.
const ROLL_MM: u32 = 80_000;

struct Works {
    mechanism: Mechanism,
    pages: Vec<Page>,
    watcher: Option<Sender<Page>>,
}

impl Works {
    /// Passes on what the mechanism cut off.
    fn collect(&mut self) {
        for page in self.mechanism.finished.drain(..) {
            if let Some(watcher) = &self.watcher {
                // Nobody looking any more is no reason to stop printing.
                let _ = watcher.send(page.clone());
            }
            self.pages.push(page);
        }
    }
}

type Shared = Arc<Mutex<Works>>;

fn lock(works: &Shared) -> MutexGuard<'_, Works> {
    works.lock().unwrap_or_else(PoisonError::into_inner)
}

struct FarPrinter {
    works: Shared,
}

impl FarSide for FarPrinter {
    fn connected(&mut self) -> Vec<u8> {
        lock(&self.works).mechanism.connected();
        Vec::new()
    }

    fn receive(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut works = lock(&self.works);
        let answer = works.mechanism.receive(bytes);
        works.collect();
        answer
    }

    fn spontaneous(&mut self) -> Vec<u8> {
        let mut works = lock(&self.works);
        let said = works.mechanism.work();
        works.collect();
        said
    }
}

/// A printer on a TCP port or a pty.
pub struct EmulatedPrinter {
    server: LineServer,
    works: Shared,
}

impl EmulatedPrinter {
    /// Starts it with a new roll and a closed cover. Each slip that is cut off is kept, and sent to `watcher`.
    ///
    /// # Errors
    /// When the port is taken or no pty can be made.
    pub fn start(spec: &LineSpec, model: PrinterModel, watcher: Option<Sender<Page>>) -> io::Result<Self> {
        let mechanism = Mechanism::new(model, u64::from(ROLL_MM) * DOTS_PER_MM);
        let works = Arc::new(Mutex::new(Works { mechanism, pages: Vec::new(), watcher }));
        let server = LineServer::start(spec, FarPrinter { works: works.clone() })?;
        Ok(Self { server, works })
    }

    /// The line, with its address and its faults.
    #[must_use]
    pub fn line(&self) -> &Line {
        self.server.line()
    }

    /// Opens or closes the cover. Closing it clears a cutter error whose jam is gone.
    pub fn set_cover_open(&self, open: bool) {
        self.change(|mechanism| {
            mechanism.hands.cover_open = open;
            if !open {
                mechanism.recover_by_hand();
            }
        });
    }

    /// Puts a roll of this length in; 0 takes the paper away.
    pub fn set_paper_mm(&self, length_mm: u32) {
        self.change(|mechanism| mechanism.paper_left_dots = u64::from(length_mm) * DOTS_PER_MM);
    }

    /// Puts a new roll in.
    pub fn load_roll(&self) {
        self.set_paper_mm(ROLL_MM);
    }

    /// Paper left on the roll.
    #[must_use]
    pub fn paper_mm(&self) -> u32 {
        u32::try_from(lock(&self.works).mechanism.paper_left_dots / DOTS_PER_MM).unwrap_or(u32::MAX)
    }

    /// Says that the roll is near its end, whatever is left.
    pub fn set_near_end(&self, near_end: bool) {
        self.change(|mechanism| mechanism.hands.near_end = near_end);
    }

    /// Jams the cutter, or frees it; the printer notices a jam at the next cut.
    pub fn set_cutter_jammed(&self, jammed: bool) {
        self.change(|mechanism| mechanism.hands.cutter_jammed = jammed);
    }

    /// Heats the head, or lets it cool.
    pub fn set_head_hot(&self, hot: bool) {
        self.change(|mechanism| mechanism.hands.head_hot = hot);
    }

    /// Whether the cover is open.
    #[must_use]
    pub fn is_cover_open(&self) -> bool {
        lock(&self.works).mechanism.hands.cover_open
    }

    /// Whether the cutter is jammed.
    #[must_use]
    pub fn is_cutter_jammed(&self) -> bool {
        lock(&self.works).mechanism.hands.cutter_jammed
    }

    /// Whether the head is too hot.
    #[must_use]
    pub fn is_head_hot(&self) -> bool {
        lock(&self.works).mechanism.hands.head_hot
    }

    /// Whether it takes no data now.
    #[must_use]
    pub fn is_offline(&self) -> bool {
        lock(&self.works).mechanism.is_offline()
    }

    /// All slips that were cut off, the oldest first.
    #[must_use]
    pub fn pages(&self) -> Vec<Page> {
        lock(&self.works).pages.clone()
    }

    /// Takes the slips that lie in the tray.
    #[must_use]
    pub fn take_pages(&self) -> Vec<Page> {
        std::mem::take(&mut lock(&self.works).pages)
    }

    /// The paper that hangs out, not yet cut off, as a PNG.
    #[must_use]
    pub fn strip_png(&self) -> Vec<u8> {
        lock(&self.works).mechanism.strip_png()
    }

    fn change(&self, hand: impl FnOnce(&mut Mechanism)) {
        hand(&mut lock(&self.works).mechanism);
        self.server.line().wake();
    }
}
