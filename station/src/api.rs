//! What the pages of each role ask and get. Plain data: the shell, the headless station and the test bridge pass it on.
//!
//! Times are milliseconds since 1970 (a page's `Date`); ids are texts.

mod counter;
mod dock;
pub mod dossiers;
pub mod papers;
pub mod queue;

pub use counter::{
    AcceptAsk, Accepted, Applicant, CameBy, ChipView, CounterView, Current, EarlierPaper, EarlierRow, EarlierView,
    OfficerTile, PaperOffer, PaperReuse, PaperTick, Person, Quote, StageSeen, TicketRow,
};
pub use dock::{
    DockCable, DockCard, DockPage, DockPhrase, DockPrinter, DockPrinterChange, DockReader, DockReceipt, DockScanner,
    DockView,
};

use serde::{Deserialize, Serialize};
use specta::Type;
use std::collections::BTreeMap;

/// A text in both languages; the English one repeats the Vietnamese where no translation is known.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize, Type)]
pub struct Text {
    /// Vietnamese.
    pub vi: String,
    /// English.
    pub en: String,
}

impl Text {
    /// The same text in both languages.
    pub fn same(text: impl Into<String>) -> Self {
        let vi = text.into();
        Self { en: vi.clone(), vi }
    }

    /// A text in both languages.
    pub fn both(vi: impl Into<String>, en: impl Into<String>) -> Self {
        Self { vi: vi.into(), en: en.into() }
    }
}

/// What went wrong, by its code in `fixtures/problems.json`, with the values that its sentences name.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type, thiserror::Error)]
#[error("{code} {params:?}")]
pub struct Problem {
    /// The code.
    pub code: String,
    /// Values for the sentences' placeholders.
    pub params: BTreeMap<String, String>,
}

impl Problem {
    /// A problem with nothing more to say than its code.
    pub fn new(code: &str) -> Self {
        Self { code: code.to_owned(), params: BTreeMap::new() }
    }

    /// The same with one more value.
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.params.insert(name.to_owned(), value.to_string());
        self
    }
}

/// Which pages a window shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The kiosk in the hall.
    Kiosk,
    /// An officer's counter.
    Counter,
    /// The board on the wall.
    Board,
    /// The dock, which plays the hardware in a demo.
    Dock,
}

/// What every page needs to know of its station.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct About {
    /// Which pages to show.
    pub role: Role,
    /// The centre's name.
    pub site_name: Text,
    /// The station's name, such as "Kiốt 1".
    pub station_label: String,
    /// The program's version.
    pub version: String,
    /// Whether this is a demo, whose accounts are no secret.
    pub demo: bool,
    /// How many CSS pixels a millimetre of this screen has.
    // A float would be `number | null` in the bindings, because JSON has no NaN; this one is read from a file and finite.
    #[specta(type = i64)]
    pub px_per_mm: f64,
    /// The station's clock.
    pub now: i64,
}

/// A field of procedures (lĩnh vực).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct FieldTile {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// How many procedures it has.
    pub procedures: u32,
}

/// A paper that a procedure asks for.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct PaperNeeded {
    /// Its id within the procedure.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// How many originals.
    pub original: u32,
    /// How many certified copies.
    pub certified: u32,
    /// How many plain copies.
    pub copies: u32,
    /// Shown, not handed in.
    pub shown_only: bool,
    /// Whether the dossier cannot be accepted without it.
    pub required: bool,
}

/// A procedure as a tile or a line.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct ProcedureTile {
    /// The national code.
    pub code: String,
    /// Its name.
    pub name: Text,
    /// The id of its field.
    pub field: String,
    /// Done the same day, with a receipt on request only.
    pub instant: bool,
    /// How long it takes, in words.
    pub limit: Text,
    /// What it costs, in words.
    pub fee: Text,
    /// Whether the fee depends on pages and copies.
    pub fee_by_page: bool,
    /// Whether a source gives the fee; else the officer writes what is taken.
    pub fee_known: bool,
    /// Who decides, in words.
    pub authority: Text,
    /// Papers to bring; none: not known, "hỏi cán bộ".
    pub papers: Option<Vec<PaperNeeded>>,
    /// Where the facts are from.
    pub source: Option<String>,
}

/// A card as the kiosk's screen may show it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct CardSeen {
    /// The holder's name.
    pub name: String,
    /// The number with its middle hidden.
    pub masked_number: String,
    /// Year of birth.
    pub birth_year: String,
    /// `elderly` where the age goes first.
    pub priority: Option<String>,
    /// Codes of what does not fit together.
    pub warnings: Vec<String>,
}

/// The kiosk, at a glance.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct KioskView {
    /// Whether numbers can be given.
    pub open: bool,
    /// The card that lies before the scanner.
    pub card: Option<CardSeen>,
    /// Why what was held before the scanner is no card.
    pub card_problem: Option<Problem>,
    /// The ticket printer.
    pub printer: DeviceView,
    /// The card scanner.
    pub scanner: DeviceView,
    /// How many people wait, as far as this kiosk knows.
    pub waiting: u32,
    /// What else is wrong.
    pub problems: Vec<Problem>,
}

/// A citizen's wish for a number.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct TakeNumber {
    /// Made by the page, one a screen: pressing twice is one wish.
    pub intent: String,
    /// The procedure's code.
    pub procedure: String,
    /// Whether the card that was read goes with it.
    pub use_card: bool,
    /// `elderly`, `disabled`, `pregnant`, `child` or `merit`.
    pub priority: Option<String>,
    /// `vi` or `en`.
    pub language: String,
}

/// What is known of a ticket's paper.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum PaperState {
    /// On its way.
    Printing,
    /// Out.
    Confirmed,
    /// Sent; the printer cannot say more.
    Sent,
    /// None came out.
    NotPrinted,
    /// A person must look.
    InDoubt,
}

/// A ticket as the kiosk's screen shows it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct TicketShown {
    /// The visit's id.
    pub visit: String,
    /// The number.
    pub number: String,
    /// What it is for.
    pub procedure: ProcedureTile,
    /// How many people go before.
    pub ahead: u32,
    /// About how long; none: not known.
    pub wait_minutes: Option<u32>,
    /// Where to wait.
    pub zone: Text,
    /// When it was given.
    pub issued_at: i64,
    /// What is known of its paper.
    pub paper: PaperState,
    /// Why the paper did not come out.
    pub problem: Option<Problem>,
    /// The ticket's QR code as SVG, to photograph when there is no paper.
    pub qr_svg: String,
}

/// What the public may know of a dossier.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct PublicState {
    /// Its code.
    pub code: String,
    /// The national status, 1 to 10.
    pub status: u32,
    /// The status in words.
    pub status_text: Text,
    /// As of when.
    pub as_of: i64,
}

/// What a device is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum DeviceKind {
    /// Prints tickets.
    TicketPrinter,
    /// Reads the QR codes of cards and tickets.
    CardScanner,
    /// Shows calls in the hall.
    Board,
    /// Says calls aloud.
    Announcer,
    /// Reads the chips of cards.
    ChipReader,
    /// Scans papers.
    DocumentScanner,
    /// Prints receipts and forms.
    DocumentPrinter,
    /// Shows the number at the counter.
    Display,
    /// Asks the citizen how it was.
    RatingPad,
}

/// How a device is.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct DeviceView {
    /// Its id in the station's file.
    pub id: String,
    /// What it is for.
    pub kind: DeviceKind,
    /// Its name.
    pub label: Text,
    /// `absent`, `opening`, `ready`, `busy`, `degraded`, `blocked` or `faulted`.
    pub state: String,
    /// `reported`, `inferred` or `unknown`.
    pub known: String,
    /// Since when.
    pub since: i64,
    /// What is wrong.
    pub problem: Option<Problem>,
}

/// The centre's word that it holds something.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct ReceiptSeen {
    /// Its number.
    pub no: String,
    /// When.
    pub at: i64,
}

/// How far the centre knows what this station knows.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct SyncView {
    /// Whether the centre answers.
    pub online: bool,
    /// Since when it is so.
    pub since: i64,
    /// When both ends were compared and found the same, with nothing waiting; none means that it is not synced, or not known to be.
    pub synced_at: Option<i64>,
    /// Events without the centre's receipt.
    pub waiting: u32,
    /// The last receipt.
    pub last_receipt: Option<ReceiptSeen>,
    /// What is wrong.
    pub problem: Option<Problem>,
    /// Dossier numbers left for today.
    pub codes_left: u32,
    /// By how many milliseconds this clock is ahead of the centre's, once known.
    pub clock_ahead_ms: Option<i64>,
}

/// A call on the board.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct BoardCall {
    /// The number.
    pub number: String,
    /// To which desk.
    pub desk: String,
    /// When.
    pub at: i64,
    /// For which time.
    pub times: u32,
}

/// The board.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct BoardView {
    /// The centre's name.
    pub site_name: Text,
    /// What is called now, a desk each.
    pub now: Vec<BoardCall>,
    /// The last five.
    pub recent: Vec<BoardCall>,
    /// When a counter was heard last.
    pub heard_at: Option<i64>,
    /// Whether it has not been heard for two heartbeats.
    pub stale: bool,
    /// One line of news.
    pub news: Text,
    /// The station's clock.
    pub clock: i64,
}
