//! One device of each class, supervised, with its far side: how it is pulled out, put back, and shown to serve.

use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use hardware::board::BoardListener;
use hardware::emulator::{EmulatedPrinter, EmulatedScanner, Faults, Line, LineSpec, PrinterModel, Terminator};
use hardware::{
    Align, BoardHandle, Call, DeviceEvent, DeviceEventKind, JobId, Outcome, Paper, PrinterHandle, PrinterSpec, Profile,
    ScannerHandle, Supervisor, TextSize,
};
use tempfile::TempDir;

/// How long one answer may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(20);

/// A device that comes and goes.
pub trait Class {
    fn name(&self) -> &'static str;
    fn unplug(&mut self);
    fn plug(&mut self);
    /// Whether the station knows that it is away.
    fn is_missed(&mut self) -> bool;
    /// Whether it does its work, by doing it.
    fn serves(&mut self) -> bool;
}

pub const ALL: &[fn() -> Box<dyn Class>] = &[
    || Box::new(Printer::on("printer over TCP", LineKind::Tcp)),
    || Box::new(Printer::on("printer over a pty", LineKind::Pty)),
    || Box::new(Scanner::on("scanner over TCP", LineKind::Tcp)),
    || Box::new(Scanner::on("scanner over a pty", LineKind::Pty)),
    || Box::new(Board::on("board over TCP", LineKind::Tcp)),
    || Box::new(Board::on("board over a pty", LineKind::Pty)),
];

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

struct Printer {
    name: &'static str,
    near: PrinterHandle,
    jobs: u128,
    _supervisor: Supervisor,
    far: EmulatedPrinter,
    _folder: TempDir,
}

impl Printer {
    fn on(name: &'static str, kind: LineKind) -> Self {
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
        let slip = Paper::new().text("A105", TextSize::Normal, Align::Left);
        let report = self.near.print(JobId(self.jobs), slip).recv_timeout(ANSWER_WITHIN).unwrap();
        drop(self.far.take_pages());
        report.outcome == Outcome::Confirmed
    }
}

struct Scanner {
    name: &'static str,
    near: ScannerHandle,
    events: Receiver<DeviceEvent>,
    _supervisor: Supervisor,
    far: EmulatedScanner,
    shown: bool,
    _folder: TempDir,
}

impl Scanner {
    fn on(name: &'static str, kind: LineKind) -> Self {
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

struct Board {
    name: &'static str,
    near: BoardHandle,
    _supervisor: Supervisor,
    far: BoardListener,
    _folder: TempDir,
}

impl Board {
    fn on(name: &'static str, kind: LineKind) -> Self {
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
