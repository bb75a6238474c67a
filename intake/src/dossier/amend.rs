//! What was put right on a dossier, and how it goes on at an authority that has heard nothing of it before.

use super::{Dossier, Form, FormOf};
use crate::event::Event;
use crate::fact::{DossierAmended, Fact};
use crate::ids::{EventId, JobId, OfficerId};
use crate::moment::Moment;
use serde::{Deserialize, Serialize};

/// What was put right.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Amends {
    /// Who hands it in, or how to reach them.
    Applicant,
    /// What was handed in.
    Papers,
    /// The number of sets.
    Sets,
    /// Which authority decides.
    Authority,
}

/// An amendment that was made.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Amended {
    /// The event that says so: its sealed part holds why.
    pub event: EventId,
    /// When.
    pub at: Moment,
    /// Who did it.
    pub officer: Option<OfficerId>,
    /// What was put right.
    pub amends: Vec<Amends>,
    /// The job of the receipt that was given anew, where one was.
    pub slip: Option<JobId>,
}

/// What an amendment told of the time before, of all that is not among these events: an authority to which a dossier was
/// handed on goes on as if it had heard of everything.
pub(super) fn told_before<'a>(events: impl Iterator<Item = &'a Event> + Clone) -> Vec<Event> {
    let mut told: Vec<Event> = Vec::new();
    for event in events.clone() {
        let Fact::DossierAmended(amended) = &event.fact else { continue };
        // What officers settled away tells nothing any more.
        if events
            .clone()
            .any(|known| matches!(&known.fact, Fact::ConflictSettled(settled) if settled.event == event.id))
        {
            continue;
        }
        for before in &amended.before {
            let is_known = |known: &Event| known.id == before.id;
            if !told.iter().any(is_known) && !events.clone().any(is_known) {
                told.push(before.event(&event.subject));
            }
        }
    }
    told
}

impl Dossier {
    /// Of two that put the same state right without knowing of each other the first counts, and the other is shown.
    pub(super) fn amend(&mut self, event: &Event, amended: &DossierAmended) {
        if self.about == amended.of && !self.status.is_ended() {
            self.follow(event, amended);
        } else {
            self.conflicts.push(event.id);
        }
    }

    fn follow(&mut self, event: &Event, amended: &DossierAmended) {
        self.about = event.id;
        if amended.amends.contains(&Amends::Authority) {
            self.agency.clone_from(&amended.agency);
            self.authority.clone_from(&amended.authority);
        }
        if amended.amends.contains(&Amends::Papers) {
            self.papers.clone_from(&amended.papers);
        }
        if amended.amends.contains(&Amends::Sets) {
            self.sets = amended.sets;
        }
        let again = self.forms.iter().filter(|form| matches!(form.of, FormOf::Reissue(_))).count();
        let of = FormOf::Reissue(u16::try_from(again + 1).unwrap_or(u16::MAX));
        self.forms.extend(amended.slip.map(|job| Form { of, job, made: None }));
        let (event, officer) = (event.id, event.officer.clone());
        self.amended.push(Amended {
            event,
            at: amended.at,
            officer,
            amends: amended.amends.clone(),
            slip: amended.slip,
        });
    }
}
