//! What a counter is told of dossiers after they were taken down, and what an officer orders for them.

use super::papers::CarriageSeen;
use super::{Applicant, PaperTick, Text};
use serde::{Deserialize, Serialize};
use specta::Type;

/// A dossier in a list.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct DossierRow {
    /// Its id.
    pub dossier: String,
    /// Its code.
    pub code: String,
    /// What was asked for.
    pub procedure: Text,
    /// The procedure's code.
    pub procedure_code: String,
    /// Who handed it in; empty where this station may not know.
    pub person: String,
    /// The national status, 1 to 10.
    pub status: u32,
    /// In words.
    pub status_text: Text,
    /// When the result is promised.
    pub due_at: Option<i64>,
    /// How the promise is kept: `running`, `early`, `on_time`, `overdue`; none where there is none to keep.
    pub timeliness: Option<String>,
    /// What would be promised by the working days as they are known now, where that is another day.
    pub touched: Option<Text>,
    /// Whether two officers did what does not fit together.
    pub in_conflict: bool,
}

/// Dossiers that were found.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct DossierList {
    /// The first of them, those that are most urgent before others.
    pub rows: Vec<DossierRow>,
    /// How many there are in all.
    pub found: u32,
    /// How many people are still to be read after the start: a search by name, number or telephone may miss them.
    pub still_reading: u32,
}

/// A step that was taken.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct StepRow {
    /// When.
    pub at: i64,
    /// What.
    pub what: Text,
    /// Who did it.
    pub officer: String,
    /// What the officer wrote to it.
    pub note: String,
    /// The paper that it printed, once it was written.
    pub file: Option<String>,
}

/// What two officers did that does not fit together: the step that counts stands in the history, this one beside it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct ConflictRow {
    /// The event that could not be followed.
    pub event: String,
    /// When.
    pub at: i64,
    /// What it says.
    pub what: Text,
    /// Who did it.
    pub officer: String,
    /// What that officer wrote.
    pub note: String,
}

/// Money that was taken for a dossier.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct PaymentRow {
    /// The receipt's series.
    pub series: String,
    /// The receipt's number in it.
    pub number: u32,
    /// How much.
    pub amount: Text,
    /// `cash` or `transfer`.
    pub by: String,
    /// `announced`, `paid` or `refunded`.
    pub stands: String,
    /// When it was taken.
    pub at: i64,
    /// The printed receipt, once it was written.
    pub file: Option<String>,
    /// The QR code of the transfer as SVG, while it is announced and the account is known.
    pub qr: Option<String>,
}

/// What is to be done with money.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
#[serde(tag = "money", rename_all = "snake_case")]
pub enum MoneyAsk {
    /// Take it, and give a receipt.
    Take {
        /// How much, in đồng.
        amount: u32,
        /// `cash` or `transfer`.
        by: String,
    },
    /// A transfer has arrived.
    Confirm {
        /// The receipt's series.
        series: String,
        /// Its number.
        number: u32,
    },
    /// Give it back.
    Refund {
        /// The receipt's series.
        series: String,
        /// Its number.
        number: u32,
    },
}

/// What this desk took today, and how many papers it did not ask for again.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct TillView {
    /// Receipts that were given.
    pub receipts: u32,
    /// Cash that must be in the till, in đồng.
    pub expected: i64,
    /// The same in words.
    pub in_till: Text,
    /// Transfers that arrived.
    pub transfers: Text,
    /// Transfers that have not.
    pub announced: Text,
    /// Papers of the day's dossiers that were taken over from earlier ones.
    pub reused: u32,
    /// All papers of the day's dossiers.
    pub papers: u32,
}

/// A record book that was written.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct BookView {
    /// Its file.
    pub file: String,
    /// How many dossiers stand in it.
    pub rows: u32,
    /// On how many pages.
    pub pages: u32,
}

/// A paper of a dossier.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct DossierPaper {
    /// Its name in data.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// Originals.
    pub original: u16,
    /// Certified copies.
    pub certified: u16,
    /// Plain copies.
    pub copies: u16,
    /// How far it is digitised, with the portal's number: 0 not, 1 new, 2 reused, 3 reused from a result.
    pub digitised: u8,
    /// The same in words.
    pub digitised_text: Text,
    /// Where it was taken over from, where it was not asked for again.
    pub reused: Option<ReusedFrom>,
}

/// The dossier from which a paper was taken over.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct ReusedFrom {
    /// Its id.
    pub from: String,
    /// The code that it went by.
    pub code: String,
}

/// A choice with its words.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct Choice {
    /// Its name in data.
    pub id: String,
    /// In words.
    pub text: Text,
}

/// A whole dossier.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct DossierView {
    /// As in a list.
    pub row: DossierRow,
    /// Who handed it in: number with its middle hidden, telephone.
    pub number: String,
    /// The telephone.
    pub phone: String,
    /// When it was taken down.
    pub received_at: i64,
    /// The promise in words.
    pub due_text: Text,
    /// How the promise is kept, in words.
    pub timeliness_text: Option<Text>,
    /// The authority that decides, where it was found or told.
    pub authority: Option<Choice>,
    /// Whether that authority gets it electronically; else it is sent on paper.
    pub authority_heard: bool,
    /// Where it stands when another authority decides.
    pub abroad: Option<Text>,
    /// Where its papers went, in order.
    pub carriages: Vec<CarriageSeen>,
    /// Number of sets.
    pub sets: u16,
    /// Whether what stands on it may still be put right.
    pub amendable: bool,
    /// The fee in words.
    pub fee: Text,
    /// What was handed in.
    pub papers: Vec<DossierPaper>,
    /// What the procedure asks for, to choose from when papers are asked for.
    pub needed: Vec<Choice>,
    /// The money that was taken.
    pub payments: Vec<PaymentRow>,
    /// What is still to be paid, in đồng, where the fee is known.
    pub owed: Option<u32>,
    /// The steps taken, in order.
    pub history: Vec<StepRow>,
    /// What does not fit together.
    pub conflicts: Vec<ConflictRow>,
    /// Whether it was accepted; before that it was only taken down.
    pub accepted: bool,
    /// The names of the orders that are legal now.
    pub legal: Vec<String>,
    /// What may be wrong with a paper.
    pub faults: Vec<Choice>,
    /// Why something may be refused, stopped or moved.
    pub grounds: Vec<Choice>,
    /// The receipt's file, once it is written.
    pub receipt_file: Option<String>,
}

/// Who decides on a procedure.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct AuthorityView {
    /// The authority that was found, by its id; none where the officer must tell it.
    pub found: Option<String>,
    /// Whether it is sure; else the officer looks.
    pub sure: bool,
    /// All that can decide on it.
    pub choices: Vec<Choice>,
}

/// A dossier as the officer says that it is right.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct AmendAsk {
    /// Who hands it in.
    pub applicant: Applicant,
    /// What was handed in.
    pub papers: Vec<PaperTick>,
    /// Number of sets.
    pub sets: u16,
    /// The authority that decides; none to leave it as it is.
    pub authority: Option<String>,
    /// Why, in words.
    pub reason: String,
}

/// What stands on a dossier, whole, to be put right.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct AmendView {
    /// Who hands it in.
    pub applicant: Applicant,
    /// What was handed in.
    pub papers: Vec<PaperTick>,
    /// Number of sets.
    pub sets: u16,
    /// The authority that decides.
    pub authority: AuthorityView,
}

/// A paper that is asked for.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct PaperAskedFor {
    /// Its name in data, or what the officer wrote.
    pub id: String,
    /// What is wrong with it, by its name in data.
    pub fault: String,
}

/// What an officer orders for a dossier.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
#[serde(tag = "order", rename_all = "snake_case")]
pub enum WorkAsk {
    /// Ask for papers, all at once.
    AskPapers {
        /// Which.
        papers: Vec<PaperAskedFor>,
        /// By which day, `2026-12-01`; empty for none.
        bring_by: String,
    },
    /// The papers came.
    PapersBrought {
        /// Which.
        papers: Vec<PaperTick>,
    },
    /// Refuse to take it in.
    Refuse {
        /// Why, by its name in data.
        ground: String,
    },
    /// Send it to the authority that decides.
    Forward,
    /// Take it over to decide.
    TakeOver,
    /// Ask for a payment.
    AskDuty {
        /// How much, in đồng.
        amount: u32,
    },
    /// What was asked for is paid.
    DutyMet,
    /// The citizen takes it back.
    Withdraw,
    /// End the work without a result.
    Stop {
        /// Why, by its name in data.
        ground: String,
    },
    /// There is a result.
    Finish {
        /// The number on it; empty for none.
        number: String,
    },
    /// The result goes to the citizen.
    Return {
        /// `desk`, `post` or `electronic`.
        by: String,
    },
    /// Apologise and promise another day.
    Reappoint {
        /// The new promise, `2026-12-01T10:00`.
        due: String,
        /// Why, by its name in data.
        ground: String,
    },
}
