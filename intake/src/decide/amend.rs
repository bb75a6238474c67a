//! Putting right what stands on a dossier (đính chính), with a trail, and a receipt that says that it was given anew.

use super::{Answer, Deciding, Decision, Effect, Refused};
use crate::dossier::{Amends, Dossier, Slip, Status, Step};
use crate::event::{Scope, Subject};
use crate::fact::{DossierAccepted, DossierAmended, PaperTaken};
use crate::ids::{DossierId, IntentId, JobId};
use crate::jurisdiction::AuthorityId;
use crate::person::{Contact, Identity};
use uuid::Uuid;

/// A dossier as the officer says that it is right.
#[derive(Clone, PartialEq, Debug)]
pub struct AmendDossier {
    /// Which dossier.
    pub dossier: DossierId,
    /// Who hands it in, and whether that was changed: what is sealed cannot be compared here.
    pub applicant: Identity,
    /// How to reach them.
    pub contact: Contact,
    /// Whether applicant or contact was changed.
    pub applicant_changed: bool,
    /// What was handed in.
    pub papers: Vec<PaperTaken>,
    /// Number of sets.
    pub sets: u16,
    /// The authority that decides.
    pub authority: Option<AuthorityId>,
    /// Why, in words: it is sealed.
    pub reason: String,
}

impl Deciding<'_> {
    pub(super) fn amend(&mut self, ask: AmendDossier) -> Result<Decision, Refused> {
        let known = self.known(ask.dossier)?.clone();
        let amends = amends(&known, &ask);
        self.may_amend(&known, &ask, &amends)?;
        let procedure = self.here.catalogue.get(&known.procedure);
        let procedure = procedure.ok_or_else(|| Refused::ProcedureUnknown(known.procedure.clone()))?;
        let (authority, agency) = match &ask.authority {
            Some(told) if amends.contains(&Amends::Authority) => {
                self.decides(Some(told), procedure, &ask.applicant.residence)?
            }
            _ => (known.authority.clone(), known.agency.clone()),
        };
        let gives_anew = known.slip != Slip::NotGiven;
        let slip = gives_anew.then(|| JobId(self.id()));
        let amended = DossierAmended {
            of: known.about,
            amends,
            now: as_it_stands(&known, authority, agency.clone(), ask.papers, ask.sets),
            received_at: known.received_at,
            status: known.status,
            at: self.now,
            slip,
        };
        let mut draft = self.on(&known, amended);
        let sent_to = Scope::agency(&agency);
        if !draft.scopes.contains(&sent_to) {
            draft.scopes.push(sent_to);
        }
        let about = super::counter::about_applicant(ask.applicant, ask.contact, ask.reason.trim().to_owned());
        draft.personal = Some(about);
        let decision = Decision::of(vec![draft], Answer::Dossier(known.id));
        Ok(match slip {
            Some(job) => decision.with(Effect::MakeSlip { job, dossier: known.id }),
            None => decision,
        })
    }

    fn may_amend(&self, known: &Dossier, ask: &AmendDossier, amends: &[Amends]) -> Result<(), Refused> {
        super::counter::complete(&ask.applicant)?;
        // Of who is forgotten nothing can be written down any more.
        if known.status.is_ended() || self.state.is_forgotten(&Subject::Dossier(known.id)) {
            return Err(Refused::StepNotLegal);
        }
        // Once somebody works on it, another authority cannot be named behind their back: they send it back first.
        let is_begun = !matches!(known.status, Status::Registered | Status::Accepted);
        if is_begun && amends.contains(&Amends::Authority) {
            return Err(Refused::StepNotLegal);
        }
        if amends.is_empty() {
            return Err(Refused::NothingAmended);
        }
        if ask.reason.trim().is_empty() {
            return Err(Refused::ReasonMissing);
        }
        Ok(())
    }
}

fn amends(known: &Dossier, ask: &AmendDossier) -> Vec<Amends> {
    let all = [
        (Amends::Applicant, ask.applicant_changed),
        (Amends::Papers, ask.papers != known.papers),
        (Amends::Sets, ask.sets != known.sets),
        (Amends::Authority, ask.authority.is_some() && ask.authority != known.authority),
    ];
    all.into_iter().filter(|(_, changed)| *changed).map(|(what, _)| what).collect()
}

/// The whole dossier in the words of an acceptance, for whoever has not followed it.
fn as_it_stands(
    known: &Dossier,
    authority: Option<AuthorityId>,
    agency: crate::ids::AgencyCode,
    papers: Vec<PaperTaken>,
    sets: u16,
) -> DossierAccepted {
    DossierAccepted {
        // No button of an intake made this.
        intent: IntentId(Uuid::nil()),
        visit: known.visit,
        procedure: known.procedure.clone(),
        agency,
        site: known.site.clone(),
        desk: known.desk.clone(),
        code: known.code.clone(),
        papers,
        sets,
        at: known.accepted_at,
        due: known.due,
        calendar: known.calendar.clone(),
        fee: known.fee,
        fee_paid: known.fee_paid,
        slip: None,
        registered: known.times(Step::Accept) == 0,
        authority,
    }
}
