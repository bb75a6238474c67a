//! What a counter is told of papers that go from one office to another, and what an officer says of them. No names: a code
//! finds the paper.

use super::Text;
use serde::{Deserialize, Serialize};
use specta::Type;

/// A dossier whose papers change hands.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct CarriedRow {
    /// Its id.
    pub dossier: String,
    /// The code on its papers.
    pub code: String,
    /// What was asked for.
    pub procedure: Text,
    /// How many sheets: those that were counted, or how many papers were handed in.
    pub sheets: u32,
}

/// Papers that are to be handed over to one office.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct ToHandOver {
    /// The office, by its id.
    pub to: String,
    /// Its name.
    pub name: Text,
    /// Whether they are results that go back to where they were asked for.
    pub results: bool,
    /// The dossiers.
    pub rows: Vec<CarriedRow>,
}

/// A record of a hand-over of which not all is confirmed.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct OnTheWay {
    /// The record's number.
    pub number: String,
    /// Who handed over.
    pub from: Text,
    /// To whom.
    pub to: Text,
    /// When.
    pub at: i64,
    /// Whether it is this desk's to say that they came.
    pub confirms: bool,
    /// Whether they were handed over here, so that the record can be written again.
    pub ours: bool,
    /// The dossiers of which nobody said that they came.
    pub rows: Vec<CarriedRow>,
}

/// Papers between offices.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct PapersView {
    /// What is to be handed over, by office.
    pub to_hand_over: Vec<ToHandOver>,
    /// What was sent and did not come, oldest first.
    pub on_the_way: Vec<OnTheWay>,
}

/// A dossier with the sheets that were counted.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct SheetsCounted {
    /// Its id.
    pub dossier: String,
    /// How many sheets.
    pub sheets: u32,
}

/// A record of a hand-over that was written.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct HandedOver {
    /// Its number.
    pub number: String,
    /// Its file.
    pub file: String,
}

/// Where a dossier's papers went.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct CarriageSeen {
    /// The record's number.
    pub number: String,
    /// To whom.
    pub to: Text,
    /// When.
    pub at: i64,
    /// When it was confirmed that they came.
    pub received: Option<i64>,
}
