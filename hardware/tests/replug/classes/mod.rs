//! One device of each class, supervised, with its far side: how it is pulled out, put back, and shown to serve.

mod chip;
mod documents;
mod lines;

use std::time::Duration;

use chip::{Card, Service};
use documents::{Folder, Queue, Sane};
use lines::{Board, Display, LineKind, Pad, Printer, Role, Scanner};

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

/// The short name by which a class is chosen, and how one is made.
pub type Named = (&'static str, fn() -> Box<dyn Class>);

pub const ALL: &[Named] = &[
    ("printer-tcp", || Box::new(Printer::on("printer over TCP", LineKind::Tcp))),
    ("printer-pty", || Box::new(Printer::on("printer over a pty", LineKind::Pty))),
    ("role", || Box::new(Role::new())),
    ("scanner-tcp", || Box::new(Scanner::on("scanner over TCP", LineKind::Tcp))),
    ("scanner-pty", || Box::new(Scanner::on("scanner over a pty", LineKind::Pty))),
    ("board-tcp", || Box::new(Board::on("board over TCP", LineKind::Tcp))),
    ("board-pty", || Box::new(Board::on("board over a pty", LineKind::Pty))),
    ("display-tcp", || Box::new(Display::on("text display over TCP", LineKind::Tcp))),
    ("display-pty", || Box::new(Display::on("text display over a pty", LineKind::Pty))),
    ("pad-tcp", || Box::new(Pad::on("rating pad over TCP", LineKind::Tcp))),
    ("pad-pty", || Box::new(Pad::on("rating pad over a pty", LineKind::Pty))),
    ("chip-service", || Box::new(Service::new())),
    ("chip-card", || Box::new(Card::new())),
    ("sane", || Box::new(Sane::new())),
    ("folder", || Box::new(Folder::new())),
    ("queue", || Box::new(Queue::new())),
];
