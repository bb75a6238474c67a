//! Who decides, what stands on a dossier put right, and the same wish handed in twice.

use super::id;
use crate::api::dossiers::{AmendAsk, AmendView, AuthorityView, Choice, DossierView, StepRow};
use crate::api::{Applicant, PaperTick, Problem};
use crate::core::{Station, lock};
use crate::{people, problem, slips, wording};
use intake::catalogue::Authority;
use intake::decide::{AcceptDossier, AmendDossier, Answer, Input};
use intake::dossier::{Amended, Dossier};
use intake::event::Subject;
use intake::fact::PaperTaken;
use intake::ids::{DossierId, ProcedureCode};
use intake::jurisdiction::{AuthorityId, Competence};
use intake::person::{Contact, Evidence, Identity, Personal};

impl Station {
    /// Who decides on a procedure for somebody who lives at `residence`, and who else could.
    ///
    /// # Errors
    /// `PROCEDURE-UNKNOWN`.
    pub fn counter_authority(&self, procedure: &str, residence: &str) -> Result<AuthorityView, Problem> {
        let code = ProcedureCode::new(procedure);
        let known = self.here.catalogue.get(&code);
        let known = known.ok_or_else(|| Problem::new("PROCEDURE-UNKNOWN").with("procedure", procedure))?;
        let authorities = &self.here.authorities;
        let competence = authorities.competent(known, &intake::words::nfc(residence), &self.here.site);
        let choices = known.authority.value().map(|kind| authorities.all(*kind)).unwrap_or_default();
        Ok(AuthorityView {
            found: competence.found().map(ToString::to_string),
            sure: matches!(competence, Competence::Sure(_)),
            choices: choices.iter().map(|id| self.authority_choice(id)).collect(),
        })
    }

    pub(super) fn authority_choice(&self, authority: &AuthorityId) -> Choice {
        let unit = self.here.authorities.unit_of(authority);
        Choice { id: authority.to_string(), text: wording::authority_named(authority.kind(), unit) }
    }

    /// Whether dossiers reach an authority electronically: it is this place's, or its code is known.
    pub(super) fn hears(&self, authority: &AuthorityId) -> bool {
        let own = AuthorityId::of(Authority::Commune, &self.here.site) == *authority;
        own || self.here.authorities.agency(authority).is_some()
    }

    /// A person's wish is taken in once: while one is open, another of the same procedure is only taken where the officer says
    /// that it is another.
    pub(super) fn no_duplicate(&self, ask: &AcceptDossier) -> Result<(), Problem> {
        let numbers: Vec<&str> =
            std::iter::once(ask.applicant.number.as_str()).chain(ask.applicant.old_number.as_deref()).collect();
        let theirs = {
            let store = lock(&self.store);
            store.of_person(&store.tags_of(&numbers)).map_err(problem::of_store)?
        };
        let state = lock(&self.state);
        let same = |dossier: &&Dossier| {
            dossier.procedure == ask.procedure && !dossier.status.is_ended() && ask.draft != Some(dossier.id)
        };
        // What was just accepted by the same press of the button is no duplicate of itself.
        let pressed = state.outcome_of(ask.intent).is_some();
        let dossier = |subject: &Subject| match subject {
            Subject::Dossier(id) => state.dossier(*id),
            _ => None,
        };
        match theirs.iter().filter_map(dossier).find(same) {
            Some(open) if !pressed => Err(Problem::new("DOSSIER-OPEN-ALREADY")
                .with("code", slips::paper_code(open))
                .with("day", open.received_at.day().strftime("%d/%m/%Y"))),
            _ => Ok(()),
        }
    }

    /// What stands on a dossier, whole, to be put right. That somebody looked at it is written down first.
    ///
    /// # Errors
    /// `SIGN-IN-NEEDED`, `STEP-NOT-LEGAL`, `STORE-…`.
    pub fn counter_amend_view(&self, dossier: &str) -> Result<AmendView, Problem> {
        let dossier: DossierId = id(dossier)?;
        self.officer_does(Input::Open { dossier })?;
        let known = slips::known(self, dossier)?;
        let applicant = applicant(&self.applicant_of(&known)?.unwrap_or_default());
        let mut authority = self.counter_authority(known.procedure.as_str(), &applicant.residence)?;
        if let Some(told) = &known.authority {
            (authority.found, authority.sure) = (Some(told.to_string()), true);
        }
        Ok(AmendView { applicant, papers: ticks(&known), sets: known.sets, authority })
    }

    /// Puts right what stands on a dossier; where a receipt was given, it is given anew and says so.
    ///
    /// # Errors
    /// `AMEND-OTHER-PERSON`, `NOTHING-AMENDED`, `REASON-MISSING`, `APPLICANT-INCOMPLETE`, `AUTHORITY-NOT-FIT`, `STEP-NOT-LEGAL` for one that is ended
    /// or, where another authority is named, that somebody works on; `SIGN-IN-NEEDED`, `DISK-FULL`.
    pub fn counter_amend(&self, dossier: &str, ask: AmendAsk) -> Result<DossierView, Problem> {
        let dossier: DossierId = id(dossier)?;
        let known = slips::known(self, dossier)?;
        let was = self.applicant_of(&known)?.unwrap_or_default();
        // By the number a person's dossiers are found: what was found under another's would stay found there.
        if was.identity.as_ref().is_some_and(|identity| identity.number != ask.applicant.number.trim()) {
            return Err(Problem::new("AMEND-OTHER-PERSON"));
        }
        let input = self.amend_dossier(&known, &was, ask)?;
        match self.officer_does(Input::Amend(Box::new(input)))? {
            Answer::Dossier(dossier) => self.dossier_view(dossier),
            _ => Err(Problem::new("STATION-FAULT")),
        }
    }

    fn amend_dossier(&self, known: &Dossier, was: &Personal, ask: AmendAsk) -> Result<AmendDossier, Problem> {
        let contact = Contact { phone: ask.applicant.phone.clone(), email: ask.applicant.email.clone() };
        Ok(AmendDossier {
            dossier: known.id,
            applicant_changed: applicant(was) != ask.applicant,
            applicant: put_right(was.identity.clone(), &ask.applicant),
            contact,
            papers: ask.papers.into_iter().map(|tick| stays(known, super::counter::taken(tick))).collect(),
            sets: ask.sets,
            authority: authority_of(ask.authority.as_deref())?,
            reason: intake::words::nfc(&ask.reason),
        })
    }

    pub(super) fn amended_row(&self, dossier: &Dossier, amended: &Amended) -> Result<StepRow, Problem> {
        let form = dossier.forms.iter().find(|form| amended.slip == Some(form.job));
        let file = form.filter(|form| form.made.is_some()).map(|form| slips::form_path(self, dossier, form));
        let note = people::personal(self, amended.event)?.and_then(|personal| personal.note);
        Ok(StepRow {
            at: amended.at.0,
            what: wording::amended(&amended.amends),
            officer: amended.officer.as_ref().map(|officer| people::officer_name(self, officer)).unwrap_or_default(),
            note: note.unwrap_or_default(),
            file: file.map(|path| path.display().to_string()),
        })
    }
}

/// An authority by its id; none where none was told.
pub(super) fn authority_of(text: Option<&str>) -> Result<Option<AuthorityId>, Problem> {
    let text = text.map(str::trim).filter(|text| !text.is_empty());
    let fault = |text: &str| Problem::new("AUTHORITY-NOT-FIT").with("authority", text);
    text.map(|text| text.parse().map_err(|_| fault(text))).transpose()
}

/// A paper that stays as it was keeps where it was taken over from.
fn stays(known: &Dossier, paper: PaperTaken) -> PaperTaken {
    let was = known.papers.iter().find(|was| was.id == paper.id);
    let same = was.filter(|was| PaperTaken { reused: None, ..(*was).clone() } == paper);
    same.cloned().unwrap_or(paper)
}

fn ticks(dossier: &Dossier) -> Vec<PaperTick> {
    let tick = |paper: &PaperTaken| PaperTick {
        id: paper.id.clone(),
        original: paper.original,
        certified: paper.certified,
        copies: paper.copies,
    };
    dossier.papers.iter().map(tick).collect()
}

fn applicant(personal: &Personal) -> Applicant {
    let contact = personal.contact.clone().unwrap_or_default();
    let identity = personal.identity.as_ref();
    let of = |field: fn(&Identity) -> &String| identity.map(field).cloned().unwrap_or_default();
    Applicant {
        name: of(|identity| &identity.name),
        number: of(|identity| &identity.number),
        birth: of(|identity| &identity.birth),
        sex: of(|identity| &identity.sex),
        residence: of(|identity| &identity.residence),
        phone: contact.phone,
        email: contact.email,
    }
}

/// What is written over a card's words is no longer the card's.
fn put_right(was: Option<Identity>, told: &Applicant) -> Identity {
    let name = intake::words::nfc(told.name.trim());
    let residence = intake::words::nfc(told.residence.trim());
    let (number, birth) = (told.number.trim().to_owned(), told.birth.trim().to_owned());
    let same = was.filter(|was| was.name == name && was.number == number && was.birth == birth);
    Identity {
        old_number: same.as_ref().and_then(|was| was.old_number.clone()),
        evidence: same.as_ref().map_or(Evidence::Typed, |was| was.evidence),
        issued: same.as_ref().and_then(|was| was.issued.clone()),
        extra: same.as_ref().map(|was| was.extra.clone()).unwrap_or_default(),
        warnings: same.map(|was| was.warnings).unwrap_or_default(),
        sex: told.sex.clone(),
        name,
        number,
        birth,
        residence,
    }
}
