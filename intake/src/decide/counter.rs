//! What a counter decides: what to accept, what to hand over.

use super::{AcceptDossier, Answer, Deciding, Decision, Effect, Refused};
use crate::catalogue::Procedure;
use crate::dossier::{Dossier, Status, Step};
use crate::due::due;
use crate::event::{Draft, Scope, Subject};
use crate::fact::{DossierAccepted, DossierStepped, Fact, PaperTaken, RecordViewed, SlipMade};
use crate::fee::{Channel, FeeAsk};
use crate::ids::{AgencyCode, DossierId, JobId};
use crate::jurisdiction::AuthorityId;
use crate::moment::Moment;
use crate::payment::PaidBy;
use crate::person::{Contact, Identity, Personal};

impl Deciding<'_> {
    /// The look is written down with its reason.
    pub(super) fn view(&mut self, reason: &str) -> Result<Decision, Refused> {
        let visit = self.present_id()?;
        let fact = RecordViewed { desk: self.here.desk.clone(), reason: reason.into() };
        Ok(Decision::of(vec![self.at_site(Subject::Visit(visit), fact)], Answer::Visit(visit)))
    }

    /// That somebody looked at many people's names is written down; each dossier that is opened then is another look.
    pub(super) fn look_at_many(&mut self, reason: &str) -> Decision {
        let fact = RecordViewed { desk: self.here.desk.clone(), reason: reason.into() };
        Decision::of(vec![self.at_site(Subject::Station(self.here.station), fact)], Answer::Done)
    }

    pub(super) fn open(&mut self, dossier: DossierId) -> Result<Decision, Refused> {
        let fact = RecordViewed { desk: self.here.desk.clone(), reason: "dossier".into() };
        Ok(Decision::of(vec![self.on(self.known(dossier)?, fact)], Answer::Dossier(dossier)))
    }

    pub(super) fn accept(&mut self, ask: AcceptDossier) -> Result<Decision, Refused> {
        if let Some(subject) = self.state.outcome_of(ask.intent) {
            return Ok(Decision::nothing(Answer::Already(subject.clone())));
        }
        let visit = self.present_id()?;
        let catalogue = &self.here.catalogue;
        let procedure =
            catalogue.get(&ask.procedure).ok_or_else(|| Refused::ProcedureUnknown(ask.procedure.clone()))?;
        complete(&ask.applicant)?;
        let papers = self.papers(procedure, &ask)?;
        papers_are_there(procedure, &papers)?;
        let (authority, agency) = self.decides(self.told(&ask), procedure, &ask.applicant.residence)?;
        let calendar = self.here.calendar_of(procedure, &agency);
        let promise = procedure.time_limit.value().and_then(|limit| due(*limit, self.now, calendar));
        let fee = procedure.fee.value().and_then(|fee| fee.quote(fee_ask(self.now, &ask)).amount());
        let fee = fee.or(ask.amount.filter(|amount| amount.0 > 0));
        let gives_slip = !procedure.slip_on_request || ask.slip;

        let draft = ask.draft.map(|draft| self.draft(draft, &ask)).transpose()?;
        let registered = draft.is_some();
        let (dossier, code) = match draft {
            Some(known) => known,
            None => (DossierId(self.id()), self.next_code()?),
        };
        let slip = gives_slip.then(|| JobId(self.id()));
        let accepted = DossierAccepted {
            intent: ask.intent,
            visit,
            procedure: ask.procedure,
            agency: agency.clone(),
            site: self.here.site.clone(),
            desk: self.here.desk.clone(),
            code,
            papers,
            sets: ask.sets,
            at: self.now,
            due: promise.map(|promise| promise.at),
            calendar: calendar.version().to_owned(),
            fee,
            fee_paid: ask.fee_paid,
            slip,
            registered,
            authority,
        };
        let mut draft = self.told_to(dossier, &agency, accepted);
        draft.personal = Some(about_applicant(ask.applicant, ask.contact, ask.note));
        let mut drafts = vec![draft];
        let mut jobs: Vec<JobId> = slip.into_iter().collect();
        if let Some(amount) = fee.filter(|amount| ask.fee_paid && amount.0 > 0) {
            let (paid, job) = self.take_fee(amount, PaidBy::Cash);
            drafts.push(self.told_to(dossier, &agency, paid));
            jobs.push(job);
        }
        let decision = Decision::of(drafts, Answer::Dossier(dossier));
        Ok(jobs.into_iter().fold(decision, |decision, job| decision.with(Effect::MakeSlip { job, dossier })))
    }

    /// A draft that is accepted is told to whoever had it as well.
    fn told_to(&self, id: DossierId, agency: &AgencyCode, fact: impl Into<Fact>) -> Draft {
        let Some(known) = self.state.dossier(id) else { return self.at_both(id, agency, fact) };
        let mut draft = self.on(known, fact);
        let scope = Scope::agency(agency);
        if !draft.scopes.contains(&scope) {
            draft.scopes.push(scope);
        }
        draft
    }

    /// The authority that the officer told, now or when it was taken down.
    fn told<'a>(&'a self, ask: &'a AcceptDossier) -> Option<&'a AuthorityId> {
        let before = || ask.draft.and_then(|draft| self.state.dossier(draft)?.authority.as_ref());
        ask.authority.as_ref().or_else(before)
    }

    pub(super) fn slip_made(
        &mut self,
        dossier: DossierId,
        job: JobId,
        hash: String,
        size: u64,
    ) -> Result<Decision, Refused> {
        let draft = self.on(self.known(dossier)?, SlipMade { job, hash, size });
        Ok(Decision::of(vec![draft], Answer::Dossier(dossier)))
    }

    /// Hands a result over; an instant procedure is finished in the same breath.
    pub(super) fn return_result(&mut self, dossier: DossierId) -> Result<Decision, Refused> {
        let known = self.known(dossier)?;
        let instant = self.here.catalogue.get(&known.procedure).is_some_and(|found| found.is_instant());
        let ours = known.agency == self.here.agency;
        if instant && ours && known.status == Status::Accepted {
            return self.advance(dossier, &[Step::Finish, Step::Return]);
        }
        self.advance(dossier, &[Step::Return])
    }

    fn advance(&mut self, dossier: DossierId, steps: &[Step]) -> Result<Decision, Refused> {
        let known = self.known(dossier)?;
        let mut status = known.status;
        let mut drafts: Vec<Draft> = Vec::with_capacity(steps.len());
        for step in steps {
            status = status.after(*step).ok_or(Refused::StepNotLegal)?;
            drafts.push(self.on(known, DossierStepped { step: *step, at: self.now, detail: None, form: None }));
        }
        Ok(Decision::of(drafts, Answer::Dossier(dossier)))
    }

    pub(super) fn known(&self, dossier: DossierId) -> Result<&Dossier, Refused> {
        self.state.dossier(dossier).ok_or(Refused::StepNotLegal)
    }
}

/// The sealed part of an intake.
pub(super) fn about_applicant(applicant: Identity, contact: Contact, note: String) -> Personal {
    let note = (!note.is_empty()).then_some(note);
    Personal { identity: Some(applicant), contact: Some(contact), note, account: None }
}

/// Whether it is known well enough who hands a dossier in.
pub(super) fn complete(applicant: &Identity) -> Result<(), Refused> {
    if applicant.name.trim().is_empty() {
        return Err(Refused::ApplicantIncomplete("name"));
    }
    let digits = applicant.number.len() == 12 && applicant.number.bytes().all(|byte| byte.is_ascii_digit());
    if !digits {
        return Err(Refused::ApplicantIncomplete("number"));
    }
    Ok(())
}

/// Whether every paper that is always needed was ticked; where the papers are not known, the officer judges.
fn papers_are_there(procedure: &Procedure, taken: &[PaperTaken]) -> Result<(), Refused> {
    let needed = procedure.papers.value().map_or(&[][..], Vec::as_slice).iter();
    let missing =
        needed.filter(|paper| !paper.only_if_applicable).find(|paper| !taken.iter().any(|taken| taken.id == paper.id));
    missing.map_or(Ok(()), |paper| Err(Refused::PapersMissing(paper.id.clone())))
}

fn fee_ask(now: Moment, ask: &AcceptDossier) -> FeeAsk<'static> {
    FeeAsk { day: now.day(), channel: Channel::Direct, case: None, pages: ask.pages, copies: ask.copies }
}
