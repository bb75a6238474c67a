//! What the dock is told: the hardware that it plays.

use super::Text;
use serde::{Deserialize, Serialize};
use specta::Type;

/// A card that can be put before a scanner.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct DockCard {
    /// Its id.
    pub id: String,
    /// What it is.
    pub label: Text,
    /// The invented holder's name.
    pub name: String,
    /// The number with its middle hidden.
    pub masked_number: String,
    /// What is wrong with it, on purpose.
    pub defect: Option<Text>,
    /// Whether it has a chip that can be read.
    pub has_chip: bool,
}

/// A page that came out of a printer.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct DockPage {
    /// Counts from 1.
    pub no: u32,
    /// What it looks like, as a data URL.
    pub png: String,
    /// When it came out.
    pub at: i64,
    /// Whether it was torn off in the middle.
    pub torn: bool,
}

/// An emulated ticket printer.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct DockPrinter {
    /// Its id.
    pub id: String,
    /// Its name.
    pub label: Text,
    /// What is left on the roll.
    pub paper_mm_left: u32,
    /// Whether the cover is open.
    pub cover_open: bool,
    /// Whether the roll is near its end.
    pub near_end: bool,
    /// Whether it has stopped reading.
    pub stalled: bool,
    /// Whether it answers junk.
    pub junk: bool,
    /// Whether its cutter is jammed.
    pub jammed: bool,
    /// Whether its head is too hot.
    pub hot: bool,
    /// Whether its line is plugged in.
    pub line_up: bool,
    /// What came out, the last ones.
    pub pages: Vec<DockPage>,
}

/// An emulated scanner.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct DockScanner {
    /// Its id.
    pub id: String,
    /// Its name.
    pub label: Text,
    /// Whether a station has it open.
    pub connected: bool,
}

/// A reader for chips, into which cards are laid.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct DockReader {
    /// Its id.
    pub id: String,
    /// Its name.
    pub label: Text,
    /// The card that lies there.
    pub card: Option<String>,
}

/// A cable that can be pulled.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct DockCable {
    /// Its id.
    pub id: String,
    /// Its name.
    pub label: Text,
    /// Whether it is plugged in.
    pub up: bool,
}

/// A phrase that was said.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct DockPhrase {
    /// The words.
    pub text: String,
    /// When.
    pub at: i64,
}

/// A receipt that came out.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct DockReceipt {
    /// Its file.
    pub file: String,
    /// Its size in bytes.
    pub bytes: u32,
    /// When.
    pub at: i64,
}

/// The dock.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct DockView {
    /// Cards at hand.
    pub cards: Vec<DockCard>,
    /// Scanners.
    pub scanners: Vec<DockScanner>,
    /// Readers for chips.
    pub readers: Vec<DockReader>,
    /// Printers.
    pub printers: Vec<DockPrinter>,
    /// Cables.
    pub cables: Vec<DockCable>,
    /// What was said.
    pub spoken: Vec<DockPhrase>,
    /// Receipts.
    pub receipts: Vec<DockReceipt>,
}

/// A wish to change an emulated printer; what is absent stays as it is.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize, Type)]
pub struct DockPrinterChange {
    /// Open or close the cover.
    #[serde(default)]
    pub cover_open: Option<bool>,
    /// `full`, `near_end` or `empty`.
    #[serde(default)]
    pub roll: Option<String>,
    /// Stop reading, or go on.
    #[serde(default)]
    pub stalled: Option<bool>,
    /// Answer junk, or not.
    #[serde(default)]
    pub junk: Option<bool>,
    /// Jam the cutter, or free it.
    #[serde(default)]
    pub jammed: Option<bool>,
    /// Heat the head, or let it cool.
    #[serde(default)]
    pub hot: Option<bool>,
    /// Cut the line in the midst of the next slip, once.
    #[serde(default)]
    pub tear_next: Option<bool>,
    /// Unplug the line, or plug it in.
    #[serde(default)]
    pub line_up: Option<bool>,
}
