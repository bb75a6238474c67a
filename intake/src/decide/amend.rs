//! Putting right what stands on a dossier (đính chính), with a trail, and a receipt that says that it was given anew.

use super::{Answer, Deciding, Decision, Effect, Refused};
use crate::catalogue::Procedure;
use crate::dossier::{Amends, Dossier, Slip, Status};
use crate::event::{Scope, Subject};
use crate::fact::{CodeGiven, DossierAmended, Fact, PaperTaken};
use crate::ids::{AgencyCode, DossierId, JobId};
use crate::jurisdiction::AuthorityId;
use crate::person::{Contact, Identity};
use crate::told::Told;

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
            Some(told) if amends.contains(&Amends::Authority) => self.named(told, procedure, &known)?,
            _ => (known.authority.clone(), known.agency.clone()),
        };
        let gives_anew = known.slip != Slip::NotGiven;
        let slip = gives_anew.then(|| JobId(self.id()));
        let before = if agency == known.agency { vec![] } else { self.told_of(&known) };
        let AmendDossier { papers, sets, .. } = ask;
        let amended = DossierAmended {
            of: known.about,
            amends,
            papers,
            sets,
            agency: agency.clone(),
            authority,
            at: self.now,
            slip,
            before,
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

    /// The authority that the officer names, and to whom it is sent; with no code known it is the desk's that took it in.
    fn named(
        &self,
        told: &AuthorityId,
        procedure: &Procedure,
        known: &Dossier,
    ) -> Result<(Option<AuthorityId>, AgencyCode), Refused> {
        let (authority, agency) = self.decides(Some(told), procedure, "")?;
        let is_heard = self.here.authorities.agency(told).is_some() || known.site == self.here.site;
        let taken_in_by = match &known.code {
            CodeGiven::Official { code, .. } => code.place().agency,
            CodeGiven::Temporary { .. } => known.agency.clone(),
        };
        Ok((authority, if is_heard { agency } else { taken_in_by }))
    }

    /// All that was written of a dossier, looks excepted, for who did not get it.
    fn told_of(&self, known: &Dossier) -> Vec<Told> {
        let mut all: Vec<Told> = Vec::new();
        for event in self.state.history(&Subject::Dossier(known.id)) {
            let mut event = event.clone();
            if let Fact::DossierAmended(amended) = &mut event.fact {
                all.extend(std::mem::take(&mut amended.before));
            }
            if !matches!(event.fact, Fact::RecordViewed(_)) {
                all.push(Told::of(&event));
            }
        }
        all
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
