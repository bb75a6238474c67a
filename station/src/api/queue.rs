//! The queue beyond the next call: who is awaited, who is sent on, when a desk rests.

use super::{ProcedureTile, TicketRow};
use serde::{Deserialize, Serialize};
use specta::Type;

/// A citizen who is away from the desk for a while.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct ParkedRow {
    /// The ticket.
    pub row: TicketRow,
    /// Since when they are away.
    pub since: i64,
}

/// Why a desk calls nobody.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum PauseWhy {
    /// The officer comes back.
    Break,
    /// The officer does not come back today.
    EndOfShift,
}

/// That a desk calls nobody.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct PausedSeen {
    /// Why.
    pub why: PauseWhy,
    /// Since when.
    pub since: i64,
}

/// Another desk at which somebody works.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct DeskSeen {
    /// Its name.
    pub desk: String,
    /// Whether it calls nobody just now.
    pub paused: bool,
}

/// Where a citizen is sent on.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum TransferAsk {
    /// To this desk.
    Desk(String),
    /// To another service, by its procedure's code.
    Service(String),
}

/// What a citizen wants in this visit.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct ServiceSeen {
    /// The procedure.
    pub procedure: ProcedureTile,
    /// Whether a dossier was accepted for it in this visit.
    pub done: bool,
}
