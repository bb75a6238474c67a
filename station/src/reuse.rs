//! Submit once, use many times: what the person at the desk gave or was granted before, offered for what they come for now.

use crate::api::{AcceptAsk, PaperOffer, PaperReuse, Problem, Text};
use crate::core::{Station, lock};
use crate::earlier::site_name;
use crate::roles::id;
use crate::wording;
use intake::decide::Reuse;
use intake::fact::Consent;
use intake::ids::{DossierId, ProcedureCode, VisitId};
use intake::reuse::{Offer, Share, best, offers, share};

impl Station {
    /// What the person at the desk need not bring again for a procedure; nothing before their earlier dossiers were looked up.
    ///
    /// # Errors
    /// `SIGN-IN-NEEDED`, `PROCEDURE-UNKNOWN`.
    pub fn counter_offers(&self, procedure: &str) -> Result<Vec<PaperOffer>, Problem> {
        self.officer()?;
        let known = self.here.catalogue.get(&ProcedureCode::new(procedure));
        let known = known.ok_or_else(|| Problem::new("PROCEDURE-UNKNOWN").with("procedure", procedure))?;
        let here = self.present().map(|visit| visit.id);
        let told = lock(&self.session).told.clone().filter(|told| here == Some(told.visit));
        let dossiers = told.map(|told| told.dossiers).unwrap_or_default();
        let found = best(offers(known, &self.here.catalogue, &dossiers, self.today()));
        Ok(found.iter().map(|offer| self.offer(offer)).collect())
    }

    fn offer(&self, offer: &Offer) -> PaperOffer {
        let procedure = self.here.catalogue.get(&offer.procedure);
        PaperOffer {
            paper: offer.paper.clone(),
            from: offer.from.to_string(),
            code: offer.code.clone(),
            procedure: procedure.map_or_else(
                || Text::same(offer.procedure.to_string()),
                |known| Text::both(&known.name_vi, known.name_en_or_vi()),
            ),
            site: site_name(&offer.site),
            at: offer.at.0,
            result: offer.result,
            until: wording::until(offer.until),
            expired: offer.expired,
        }
    }

    /// What the page takes over, with what was told of this very applicant at this visit: another person's papers are none.
    pub(crate) fn reuse(&self, visit: VisitId, ask: &AcceptAsk) -> Result<Reuse, Problem> {
        let paper = |reuse: &PaperReuse| Ok((reuse.paper.clone(), id::<DossierId>(&reuse.from)?));
        let told = lock(&self.session).told.clone();
        let theirs = told.filter(|told| told.visit == visit && told.number == ask.applicant.number.trim());
        Ok(Reuse {
            papers: ask.reuse.iter().map(paper).collect::<Result<_, Problem>>()?,
            told: theirs.map(|told| told.dossiers).unwrap_or_default(),
            consent: ask.consent.then_some(Consent::SaidAtDesk),
        })
    }

    /// How many papers this desk did not ask for again today.
    pub(crate) fn not_asked_again(&self) -> Share {
        let today = self.today();
        share(lock(&self.state).dossiers(), &self.here.site, &self.here.desk, today)
    }
}
