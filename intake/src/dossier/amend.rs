//! What was put right on a dossier, and how it goes on at an authority that has heard nothing of it before.

use super::{Dossier, Form, FormOf, Slip, Status};
use crate::event::Event;
use crate::fact::DossierAmended;
use crate::ids::{DossierId, EventId, JobId, OfficerId};
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

impl Dossier {
    /// The dossier at an authority to which it was handed on by an amendment: it begins with the first.
    pub(super) fn handed_on(id: DossierId, event: &Event, amended: &DossierAmended) -> Dossier {
        let mut dossier = Self::begin(id, event, &amended.now);
        dossier.received_at = amended.received_at;
        dossier.slip = Slip::NotGiven;
        dossier.follow(event, amended);
        dossier.status = amended.status;
        if amended.status == Status::Registered {
            dossier.history.clear();
        }
        dossier
    }

    /// Of two that put the same state right without knowing of each other the first counts, and the other is shown.
    pub(super) fn amend(&mut self, event: &Event, amended: &DossierAmended) {
        if self.about == amended.of && !self.status.is_ended() {
            self.follow(event, amended);
        } else {
            self.conflicts.push(event.id);
        }
    }

    fn follow(&mut self, event: &Event, amended: &DossierAmended) {
        let now = &amended.now;
        self.about = event.id;
        if amended.amends.contains(&Amends::Authority) {
            self.agency.clone_from(&now.agency);
            self.authority.clone_from(&now.authority);
        }
        if amended.amends.contains(&Amends::Papers) {
            self.papers.clone_from(&now.papers);
        }
        if amended.amends.contains(&Amends::Sets) {
            self.sets = now.sets;
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
