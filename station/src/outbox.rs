//! What this station wrote and how far it has come, for an officer's eyes; and the way out for what was put aside.

use crate::api::{Problem, ReceiptSeen, Text};
use crate::core::{Station, lock};
use crate::ends::{Ends, synced_at};
use crate::{problem, wording};
use intake::event::Subject;
use serde::{Deserialize, Serialize};
use specta::Type;
use sync::Refusal;
use sync::store::{Aside, ItemState, OutboxItem};

/// How many records a page of the outbox holds.
const PAGE: u32 = 50;
/// Where bytes that were put aside are written for support.
const FOLDER: &str = "put-aside";

/// How far a record has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum OutboxState {
    /// Not sent yet.
    Waiting,
    /// Sending was tried and no answer came.
    Unanswered,
    /// The site's hub holds it; the centre has not confirmed it.
    Held,
    /// Refused.
    Refused,
    /// The centre holds it.
    Confirmed,
}

/// One record of the outbox.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct OutboxRow {
    /// What happened.
    pub what: Text,
    /// The ticket's number or the dossier's code, where it is about one.
    pub about: String,
    /// When it was written.
    pub at: i64,
    /// How far it has come.
    pub state: OutboxState,
    /// Why it was refused.
    pub why: Option<Text>,
    /// The receipt that covers it.
    pub receipt: Option<ReceiptSeen>,
}

/// Bytes that were refused and put aside.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct AsideRow {
    /// Names it in what can be done about it.
    pub id: String,
    /// Why it was refused.
    pub why: Text,
    /// The code of why.
    pub code: String,
    /// Whose it says it is: a station's name, or empty.
    pub of: String,
    /// When it came.
    pub at: i64,
    /// How many bytes.
    pub size: u32,
}

/// A page of the outbox.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Type)]
pub struct OutboxView {
    /// When both ends were found the same and nothing waits; none means: not synced.
    pub synced_at: Option<i64>,
    /// The first difference that the last comparison of both ends found.
    pub difference: Option<String>,
    /// When what waits is tried again.
    pub next_try: Option<i64>,
    /// How many records wait for the centre's receipt.
    pub waiting: u32,
    /// Records, newest first.
    pub rows: Vec<OutboxRow>,
    /// Where the next page begins; none after the last.
    pub next: Option<String>,
    /// What was refused and put aside here.
    pub aside: Vec<AsideRow>,
    /// Whether what was refused can be written again as a new life of the log.
    pub can_reissue: bool,
}

impl Station {
    /// A page of what this station wrote: only what is not confirmed where `open` is said; from `before` on, or the newest.
    ///
    /// # Errors
    /// `SIGN-IN-NEEDED`, `INPUT-REFUSED`, `STORE-…`.
    pub fn counter_outbox(&self, open: bool, before: Option<&str>) -> Result<OutboxView, Problem> {
        self.officer()?;
        let before = before.map(row_number).transpose()?;
        let (items, aside, outbox) = {
            let store = lock(&self.store);
            let items = store.outbox_items(open, before, PAGE).map_err(problem::of_store)?;
            let aside = store.put_aside().map_err(problem::of_store)?;
            (items, aside, store.outbox().map_err(problem::of_store)?)
        };
        let more = items.len() as u32 == PAGE;
        let difference = match self.link.ends() {
            Ends::Differ { what, .. } => Some(what),
            Ends::Same { .. } | Ends::Unknown => None,
        };
        Ok(OutboxView {
            synced_at: synced_at(self).map(|at| at.0),
            difference,
            next_try: self.link.next_try().filter(|_| outbox.waiting > 0).map(|at| at.0),
            waiting: outbox.waiting as u32,
            next: items.last().filter(|_| more).map(|last| last.row.to_string()),
            rows: items.into_iter().map(|item| self.outbox_row(item)).collect(),
            aside: aside.iter().map(aside_row).collect(),
            can_reissue: self.forked(),
        })
    }

    fn outbox_row(&self, item: OutboxItem) -> OutboxRow {
        let (state, why, receipt) = match item.state {
            ItemState::Waiting => (OutboxState::Waiting, None, None),
            ItemState::Unanswered => (OutboxState::Unanswered, None, None),
            ItemState::Held => (OutboxState::Held, None, None),
            ItemState::Refused(refusal) => (OutboxState::Refused, Some(wording::refused(&refusal)), None),
            ItemState::Confirmed { receipt_no, at } => {
                let receipt = receipt_no.zip(at).map(|(no, at)| ReceiptSeen { no: no.to_string(), at: at.0 });
                (OutboxState::Confirmed, None, receipt)
            }
        };
        let about = self.name_of(&item.subject);
        OutboxRow { what: wording::happened(&item.kind), about, at: item.at.0, state, why, receipt }
    }

    /// What people call a subject: a ticket's number, a dossier's code.
    fn name_of(&self, subject: &str) -> String {
        let state = lock(&self.state);
        match subject.parse() {
            Ok(Subject::Visit(visit)) => state.visit(visit).map(|visit| visit.number.to_string()),
            Ok(Subject::Dossier(dossier)) => state.dossier(dossier).map(|dossier| wording::code(&dossier.code)),
            Ok(Subject::Officer(officer)) => Some(officer.to_string()),
            _ => None,
        }
        .unwrap_or_default()
    }

    fn forked(&self) -> bool {
        let refused = lock(&self.store).refused_streams();
        refused.iter().any(|(_, refusal)| matches!(refusal, Refusal::Fork { .. } | Refusal::BadChain { .. }))
    }

    /// Lets go of what was put aside and asks the centre for it again.
    ///
    /// # Errors
    /// `SIGN-IN-NEEDED`, `INPUT-REFUSED`, `STORE-…`.
    pub fn counter_ask_again(&self, id: &str) -> Result<(), Problem> {
        let officer = self.officer()?;
        let row = row_number(id)?;
        if !lock(&self.store).ask_again(row).map_err(problem::of_store)? {
            return Err(not_there(id));
        }
        tracing::warn!(%officer, row, "an officer asked again for what was put aside");
        self.notices.tell();
        Ok(())
    }

    /// Writes what was put aside into a file for support; gives the file's place. It stays put aside.
    ///
    /// # Errors
    /// `SIGN-IN-NEEDED`, `INPUT-REFUSED`, `DISK-FULL`, `STORE-…`.
    pub fn counter_export_aside(&self, id: &str) -> Result<String, Problem> {
        let officer = self.officer()?;
        let row = row_number(id)?;
        let bytes = lock(&self.store).put_aside_bytes(row).map_err(problem::of_store)?;
        let bytes = bytes.ok_or_else(|| not_there(id))?;
        let folder = self.folder.join(FOLDER);
        let file = folder.join(format!("{row}.segment"));
        let written = std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(&file, bytes));
        written.map_err(|error| problem::of_store(error.into()))?;
        tracing::warn!(%officer, row, "an officer exported what was put aside");
        Ok(file.display().to_string())
    }

    /// Writes what the centre refused as a fork again, under the same ids in a new life of the log. Nothing is doubled by it.
    ///
    /// # Errors
    /// `SIGN-IN-NEEDED`; `STEP-NOT-LEGAL` when nothing was refused as a fork; `STORE-…`.
    pub fn counter_reissue(&self) -> Result<(), Problem> {
        let officer = self.officer()?;
        if !self.forked() {
            return Err(Problem::new("STEP-NOT-LEGAL"));
        }
        let life = lock(&self.store).new_incarnation().map_err(problem::of_store)?;
        tracing::warn!(%officer, %life, "an officer let what was refused be written again");
        self.begin_new_life();
        self.link.wake();
        self.notices.tell();
        Ok(())
    }

    /// What an officer is told of what was put aside, and of ends that differ.
    pub(crate) fn outbox_problems(&self) -> Vec<Problem> {
        let aside = lock(&self.store).put_aside().map_or(0, |aside| aside.len());
        let aside = (aside > 0).then(|| Problem::new("NET-PUT-ASIDE").with("count", aside));
        let differ = match self.link.ends() {
            Ends::Differ { what, heals: false, .. } => Some(Problem::new("NET-ENDS-DIFFER").with("why", what)),
            _ => None,
        };
        aside.into_iter().chain(differ).collect()
    }
}

fn aside_row(aside: &Aside) -> AsideRow {
    AsideRow {
        id: aside.row.to_string(),
        why: wording::refused(&aside.refusal),
        code: aside.refusal.code().to_owned(),
        of: aside.of.as_ref().map(|card| card.label.clone()).unwrap_or_default(),
        at: aside.at.0,
        size: aside.size_bytes as u32,
    }
}

fn row_number(text: &str) -> Result<i64, Problem> {
    text.parse().map_err(|_| Problem::new("INPUT-REFUSED").with("why", format!("not a row: {text}")))
}

fn not_there(id: &str) -> Problem {
    Problem::new("INPUT-REFUSED").with("why", format!("nothing is put aside under {id}"))
}
