//! What a counter is told, and what an intake asks.

use super::{DeviceView, PaperState, Problem, ProcedureTile, SyncView, Text, queue};
use serde::{Deserialize, Serialize};
use specta::Type;

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
