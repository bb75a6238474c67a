//! What the pages of each role ask and get. Plain data: the shell, the headless station and the test bridge pass it on.
//!
//! Times are milliseconds since 1970 (a page's `Date`); ids are texts.

pub mod dossiers;
pub mod papers;
pub mod queue;

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

/// An officer's account on the sign-in page.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct OfficerTile {
    /// Account name.
    pub id: String,
    /// The officer's name.
    pub name: String,
    /// Where they are signed in, or empty.
    pub desk: String,
}

/// Where a visit stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum StageSeen {
    /// In the hall.
    Waiting,
    /// At a desk.
    Called,
    /// Called, and nobody came.
    NoShow,
    /// Away from a desk that waits for them.
    Parked,
    /// Gone.
    Closed,
}

/// How a counter learnt of a ticket.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum CameBy {
    /// From the kiosk's log.
    Network,
    /// From the paper itself.
    Paper,
}

/// A ticket in the queue.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct TicketRow {
    /// The visit's id.
    pub visit: String,
    /// The number.
    pub number: String,
    /// What it is for.
    pub procedure: ProcedureTile,
    /// Why it goes first.
    pub priority: Option<String>,
    /// When it was given.
    pub issued_at: i64,
    /// For how long it has waited.
    pub waited_minutes: u32,
    /// What is known of its paper.
    pub paper: PaperState,
    /// Why the paper did not come out.
    pub paper_problem: Option<Problem>,
    /// Whether a card was read.
    pub has_card: bool,
    /// Where it stands.
    pub stage: StageSeen,
    /// How this counter learnt of it.
    pub came_by: CameBy,
    /// Whether two desks called it while they could not hear each other.
    pub called_twice: bool,
    /// Whether another desk sent it to this one, which calls it first.
    pub sent_here: bool,
}

/// A person as the officer who serves them may see them.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct Person {
    /// Full name.
    pub name: String,
    /// The number.
    pub number: String,
    /// The number with its middle hidden.
    pub masked_number: String,
    /// `1999-02-15`, `1950-06` or `1950`.
    pub birth: String,
    /// `Nam` or `Nữ`.
    pub sex: String,
    /// Where they live.
    pub residence: String,
    /// The number of an earlier card.
    pub old_number: Option<String>,
    /// `qr`, `typed`, `chip_read` or `chip_authenticated`.
    pub evidence: String,
    /// Codes of what does not fit together.
    pub warnings: Vec<String>,
}

/// Who hands a dossier in, as the officer keyed or took it over.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize, Type)]
pub struct Applicant {
    /// Full name.
    pub name: String,
    /// The twelve-digit number.
    pub number: String,
    /// `1999-02-15`, `1950-06` or `1950`.
    pub birth: String,
    /// `Nam` or `Nữ`.
    pub sex: String,
    /// Where they live.
    pub residence: String,
    /// Telephone.
    pub phone: String,
    /// Email.
    pub email: String,
}

/// A paper as ticked.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct PaperTick {
    /// Which.
    pub id: String,
    /// Originals.
    pub original: u16,
    /// Certified copies.
    pub certified: u16,
    /// Plain copies.
    pub copies: u16,
}

/// A paper that is taken over from an earlier dossier.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct PaperReuse {
    /// Which of the procedure's papers.
    pub paper: String,
    /// The id of the dossier that it comes from.
    pub from: String,
}

/// A paper of the procedure that the person gave or was granted before.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct PaperOffer {
    /// Which of the procedure's papers it stands for.
    pub paper: String,
    /// The id of the dossier that it comes from.
    pub from: String,
    /// That dossier's code.
    pub code: String,
    /// That dossier's procedure.
    pub procedure: Text,
    /// Where it was taken in.
    pub site: String,
    /// When it was handed in or granted.
    pub at: i64,
    /// Whether it was that dossier's result, and not handed in.
    pub result: bool,
    /// Until when it is good, in words.
    pub until: Text,
    /// Whether it is good no longer: shown, and not to be taken.
    pub expired: bool,
}

/// What an officer accepts.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct AcceptAsk {
    /// Made by the page, one an intake: pressing twice is one acceptance.
    pub intent: String,
    /// The visit.
    pub visit: String,
    /// The dossier that was taken down before and is now complete.
    #[serde(default)]
    pub draft: Option<String>,
    /// The procedure's code.
    pub procedure: String,
    /// The authority that decides, where the officer told: `commune:00004`.
    #[serde(default)]
    pub authority: Option<String>,
    /// Whether the officer saw that the same person has the same procedure open already.
    #[serde(default)]
    pub again: bool,
    /// Who hands it in.
    pub applicant: Applicant,
    /// What was handed in.
    pub papers: Vec<PaperTick>,
    /// What is taken over from earlier dossiers.
    #[serde(default)]
    pub reuse: Vec<PaperReuse>,
    /// Whether the citizen was asked at the desk and agreed to that.
    #[serde(default)]
    pub consent: bool,
    /// Number of sets.
    pub sets: u16,
    /// Pages of one copy.
    pub pages: Option<u32>,
    /// Number of copies.
    pub copies: Option<u32>,
    /// What the officer takes, in đồng, where no source gives the fee.
    #[serde(default)]
    pub amount: Option<u32>,
    /// Whether the fee was paid.
    pub fee_paid: bool,
    /// Whether a receipt is asked for where none is due.
    pub slip: bool,
    /// A remark.
    pub note: String,
}

/// A dossier as it was accepted.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct Accepted {
    /// The dossier's id.
    pub dossier: String,
    /// Its code.
    pub code: String,
    /// Whether the code is official, or a temporary one that will be replaced.
    pub code_official: bool,
    /// When the result is promised.
    pub due_at: Option<i64>,
    /// The promise in words.
    pub due_text: Text,
    /// The fee in words.
    pub fee: Text,
    /// The receipt's file, once it is written.
    pub receipt_file: Option<String>,
    /// A picture of the receipt, as a data URL.
    pub receipt_png: Option<String>,
    /// The national status, 1 to 10.
    pub status: u32,
    /// The status in words.
    pub status_text: Text,
}

/// What a dossier would cost and when it would be done.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct Quote {
    /// When the result would be promised.
    pub due_at: Option<i64>,
    /// The promise in words.
    pub due_text: Text,
    /// The fee in words.
    pub fee: Text,
    /// How the promise was reckoned.
    pub reasoning: Vec<Text>,
}

/// Who stands at the desk.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct Current {
    /// The ticket.
    pub row: TicketRow,
    /// When it was called last.
    pub called_at: i64,
    /// How many times.
    pub times_called: u32,
    /// The person, once the officer opened the record.
    pub person: Option<Person>,
    /// What was accepted in this visit.
    pub accepted: Vec<Accepted>,
    /// All that they want in this visit.
    pub services: Vec<queue::ServiceSeen>,
}

/// The counter, at a glance.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct CounterView {
    /// Who is signed in.
    pub officer: Option<OfficerTile>,
    /// The desk.
    pub desk: String,
    /// The station's clock.
    pub now: i64,
    /// Waiting tickets in the order in which they will be called.
    pub queue: Vec<TicketRow>,
    /// Tickets whose paper a person must settle.
    pub to_settle: Vec<TicketRow>,
    /// Whom this desk waits for, longest away first.
    pub parked: Vec<queue::ParkedRow>,
    /// Why this desk calls nobody, where it is paused.
    pub paused: Option<queue::PausedSeen>,
    /// The other desks at which somebody works, to which a citizen can be sent.
    pub desks: Vec<queue::DeskSeen>,
    /// Who stands at the desk.
    pub current: Option<Current>,
    /// The devices.
    pub devices: Vec<DeviceView>,
    /// The reader for chips; none where this counter has none.
    pub chip: Option<ChipView>,
    /// The centre.
    pub sync: SyncView,
    /// What else is wrong.
    pub problems: Vec<Problem>,
}

/// What a counter's chip reader is at.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct ChipView {
    /// `idle`, `reading`, `read` or `failed`.
    pub state: String,
    /// While reading: `opening` (which can take seconds), `reading` or `proving`.
    pub step: Option<String>,
    /// While reading: how far, 0 to 100.
    pub percent: u32,
    /// Whether the number that opens the chip is known from the card's QR code.
    pub number_known: bool,
    /// Why the last read failed.
    pub problem: Option<Problem>,
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

/// What a person handed in before.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct EarlierView {
    /// The newest first.
    pub dossiers: Vec<EarlierRow>,
    /// There are older ones.
    pub more: bool,
    /// The centre answered for the whole city; else it is what this station holds.
    pub from_centre: bool,
}

/// One earlier dossier.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct EarlierRow {
    /// Its id.
    pub dossier: String,
    /// The code that it goes by.
    pub code: String,
    /// For which procedure.
    pub procedure: Text,
    /// Where it was taken in.
    pub site: String,
    /// When.
    pub at: i64,
    /// Where it stands.
    pub status_text: Text,
    /// What was handed in.
    pub papers: Vec<EarlierPaper>,
}

/// A paper that was handed in with it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct EarlierPaper {
    /// Which.
    pub name: Text,
    /// Originals.
    pub original: u16,
    /// Certified copies.
    pub certified: u16,
    /// Plain copies.
    pub copies: u16,
}
