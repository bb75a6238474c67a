//! Devices on a line of their own: printer, printers of one role, scanner, board, text display, rating pad.

use std::sync::mpsc::{Receiver, channel};
use std::time::Instant;

use hardware::board::BoardListener;
use hardware::display::DisplayProfile;
use hardware::emulator::{
    EmulatedDisplay, EmulatedPad, EmulatedPrinter, EmulatedScanner, Faults, Line, LineSpec, PrinterModel, Terminator,
};
use hardware::rating::PadProfile;
use hardware::{
    Align, BoardHandle, Call, DeviceEvent, DeviceEventKind, DeviceState, DisplayHandle, JobId, Outcome, PadAnswer,
    PadHandle, Paper, PrintReport, PrinterHandle, PrinterSpec, PrintersHandle, Profile, ScannerHandle, Supervisor,
    TextSize,
};
use tempfile::TempDir;

use super::{ANSWER_WITHIN, Class};
use crate::eventually;

/// Where a far side is plugged in.
#[derive(Clone, Copy)]
pub enum LineKind {
    Tcp,
    Pty,
}

/// A line, and the folder that holds the link of a pty.
fn spec(kind: LineKind) -> (LineSpec, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let spec = match kind {
        LineKind::Tcp => LineSpec::free_port(),
        LineKind::Pty => LineSpec::Pty { link: Some(folder.path().join("ttyDEVICE")) },
    };
    (spec, folder)
}

fn pull(line: &Line) {
    line.set_faults(Faults { refuse: true, ..Faults::default() });
}

fn put_back(line: &Line) {
    line.set_faults(Faults::default());
}

fn slip() -> Paper {
    Paper::new().text("A105", TextSize::Normal, Align::Left)
}

pub struct Printer {
    name: &'static str,
    near: PrinterHandle,
    jobs: u128,
    _supervisor: Supervisor,
    far: EmulatedPrinter,
    _folder: TempDir,
}

impl Printer {
    pub fn on(name: &'static str, kind: LineKind) -> Self {
        let (spec, folder) = spec(kind);
        let far = EmulatedPrinter::start(&spec, PrinterModel::default(), None).unwrap();
        let mut supervisor = Supervisor::new(channel().0);
        let profile = Profile::named("generic-80mm").unwrap();
        let near = supervisor.printer("printer", PrinterSpec::new(far.line().address(), profile)).unwrap();
        Self { name, near, jobs: 0, _supervisor: supervisor, far, _folder: folder }
    }
}

impl Class for Printer {
    fn name(&self) -> &'static str {
        self.name
    }

    fn unplug(&mut self) {
        pull(self.far.line());
    }

    fn plug(&mut self) {
        put_back(self.far.line());
    }

    fn is_missed(&mut self) -> bool {
        !self.near.status().works()
    }

    fn serves(&mut self) -> bool {
        if !self.near.status().works() {
            return false;
        }
        self.jobs += 1;
        let report = self.near.print(JobId(self.jobs), slip()).recv_timeout(ANSWER_WITHIN).unwrap();
        drop(self.far.take_pages());
        report.outcome == Outcome::Confirmed
    }
}

pub struct Scanner {
    name: &'static str,
    near: ScannerHandle,
    events: Receiver<DeviceEvent>,
    _supervisor: Supervisor,
    far: EmulatedScanner,
    shown: bool,
    _folder: TempDir,
}

impl Scanner {
    pub fn on(name: &'static str, kind: LineKind) -> Self {
        let (spec, folder) = spec(kind);
        let far = EmulatedScanner::start(&spec).unwrap();
        let (told, events) = channel();
        let mut supervisor = Supervisor::new(told);
        let near = supervisor.scanner("scanner", far.line().address()).unwrap();
        Self { name, near, events, _supervisor: supervisor, far, shown: false, _folder: folder }
    }
}

impl Class for Scanner {
    fn name(&self) -> &'static str {
        self.name
    }

    fn unplug(&mut self) {
        pull(self.far.line());
    }

    fn plug(&mut self) {
        put_back(self.far.line());
    }

    fn is_missed(&mut self) -> bool {
        !self.near.status().works()
    }

    fn serves(&mut self) -> bool {
        if !self.near.status().works() {
            return false;
        }
        if !self.shown {
            self.far.put_card(b"A105", Terminator::Cr);
            self.shown = true;
        }
        let scanned = self.events.try_iter().any(|event| matches!(event.kind, DeviceEventKind::Scan(_)));
        self.shown &= !scanned;
        scanned
    }
}

pub struct Board {
    name: &'static str,
    near: BoardHandle,
    _supervisor: Supervisor,
    far: BoardListener,
    _folder: TempDir,
}

impl Board {
    pub fn on(name: &'static str, kind: LineKind) -> Self {
        let (spec, folder) = spec(kind);
        let far = BoardListener::listen(&spec, None).unwrap();
        let mut supervisor = Supervisor::new(channel().0);
        let near = supervisor.board("board", far.line().address()).unwrap();
        Self { name, near, _supervisor: supervisor, far, _folder: folder }
    }
}

impl Class for Board {
    fn name(&self) -> &'static str {
        self.name
    }

    fn unplug(&mut self) {
        pull(self.far.line());
    }

    fn plug(&mut self) {
        put_back(self.far.line());
    }

    fn is_missed(&mut self) -> bool {
        !self.near.status().works()
    }

    fn serves(&mut self) -> bool {
        let call = Call { number: "A105".to_owned(), desk: 3, times: 1 };
        self.near.status().works() && self.near.call(call).recv_timeout(ANSWER_WITHIN).unwrap() == Ok(())
    }
}

/// Two printers in one role, of which the preferred one comes and goes.
pub struct Role {
    near: PrintersHandle,
    jobs: u128,
    _supervisor: Supervisor,
    first: EmulatedPrinter,
    second: EmulatedPrinter,
}

impl Role {
    pub fn new() -> Self {
        let start = || EmulatedPrinter::start(&LineSpec::free_port(), PrinterModel::default(), None).unwrap();
        let (first, second) = (start(), start());
        let spec = |name: &str, far: &EmulatedPrinter| {
            (name.to_owned(), PrinterSpec::new(far.line().address(), Profile::named("generic-80mm").unwrap()))
        };
        let mut supervisor = Supervisor::new(channel().0);
        let near = supervisor.printers("ticket", vec![spec("first", &first), spec("second", &second)]).unwrap();
        Self { near, jobs: 0, _supervisor: supervisor, first, second }
    }

    /// Whether a slip comes out of this one, for certain.
    fn prints_on(&mut self, name: &str) -> bool {
        self.jobs += 1;
        let report: PrintReport =
            self.near.print(JobId(self.jobs), slip()).unwrap().recv_timeout(ANSWER_WITHIN).unwrap();
        drop((self.first.take_pages(), self.second.take_pages()));
        report.outcome == Outcome::Confirmed && report.device.as_deref() == Some(name)
    }
}

impl Class for Role {
    fn name(&self) -> &'static str {
        "two printers in one role"
    }

    fn unplug(&mut self) {
        pull(self.first.line());
    }

    fn plug(&mut self) {
        put_back(self.first.line());
    }

    /// The other one has taken over.
    fn is_missed(&mut self) -> bool {
        self.near.status().state == DeviceState::Degraded && self.prints_on("second")
    }

    /// The preferred one prints again.
    fn serves(&mut self) -> bool {
        self.near.status().state == DeviceState::Ready && self.prints_on("first")
    }
}

pub struct Display {
    name: &'static str,
    near: DisplayHandle,
    calls: u32,
    _supervisor: Supervisor,
    far: EmulatedDisplay,
    _folder: TempDir,
}

impl Display {
    pub fn on(name: &'static str, kind: LineKind) -> Self {
        let (spec, folder) = spec(kind);
        let far = EmulatedDisplay::start(&spec, 20, 2, None).unwrap();
        let mut supervisor = Supervisor::new(channel().0);
        let profile = DisplayProfile::named("vfd-2x20").unwrap();
        let near = supervisor.display("display", far.line().address(), profile).unwrap();
        Self { name, near, calls: 0, _supervisor: supervisor, far, _folder: folder }
    }
}

impl Class for Display {
    fn name(&self) -> &'static str {
        self.name
    }

    fn unplug(&mut self) {
        pull(self.far.line());
    }

    fn plug(&mut self) {
        put_back(self.far.line());
    }

    fn is_missed(&mut self) -> bool {
        !self.near.status().works()
    }

    /// A call can be read on the glass.
    fn serves(&mut self) -> bool {
        if !self.near.status().works() {
            return false;
        }
        self.calls = self.calls % 999 + 1;
        let number = format!("A{:03}", self.calls);
        let call = Call { number: number.clone(), desk: 3, times: 1 };
        if self.near.call(call).recv_timeout(ANSWER_WITHIN).unwrap().is_err() {
            return false;
        }
        eventually("the call is on the glass", || self.far.screen().rows[0].contains(&number).then_some(()));
        true
    }
}

pub struct Pad {
    name: &'static str,
    near: PadHandle,
    _supervisor: Supervisor,
    far: EmulatedPad,
    _folder: TempDir,
}

impl Pad {
    pub fn on(name: &'static str, kind: LineKind) -> Self {
        let (spec, folder) = spec(kind);
        // Presses follow one another faster than a person's.
        let profile = PadProfile { debounce_ms: 0, ..PadProfile::named("line-5-lamp").unwrap() };
        let far = EmulatedPad::start(&spec, profile.clone()).unwrap();
        let mut supervisor = Supervisor::new(channel().0);
        let near = supervisor.rating_pad("pad", far.line().address(), profile).unwrap();
        Self { name, near, _supervisor: supervisor, far, _folder: folder }
    }
}

impl Class for Pad {
    fn name(&self) -> &'static str {
        self.name
    }

    fn unplug(&mut self) {
        pull(self.far.line());
    }

    fn plug(&mut self) {
        put_back(self.far.line());
    }

    fn is_missed(&mut self) -> bool {
        !self.near.status().works()
    }

    /// A person sees the lamp, presses, and is heard.
    fn serves(&mut self) -> bool {
        if !self.near.status().works() {
            return false;
        }
        let asked = self.near.ask(Instant::now() + ANSWER_WITHIN);
        eventually("the pad is lit", || (self.far.state().lit && self.far.state().awake).then_some(()));
        assert!(self.far.press(4));
        let rated = asked.recv_timeout(ANSWER_WITHIN).unwrap() == PadAnswer::Rated { level: 4, of: 5 };
        eventually("the lamp is out", || (!self.far.state().lit).then_some(()));
        rated
    }
}
