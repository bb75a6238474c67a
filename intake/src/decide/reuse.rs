//! What is taken over from earlier dossiers: only what is offered, and only with consent.

use super::{AcceptDossier, Deciding, Refused};
use crate::catalogue::Procedure;
use crate::fact::{Consent, PaperTaken, Reused};
use crate::ids::DossierId;
use crate::reuse::{Offer, offers};

impl Deciding<'_> {
    /// The papers of a dossier: those on the desk, and those that were taken over.
    pub(super) fn papers(&self, procedure: &Procedure, ask: &AcceptDossier) -> Result<Vec<PaperTaken>, Refused> {
        let mut papers = ask.papers.clone();
        if ask.reuse.papers.is_empty() {
            return Ok(papers);
        }
        let consent = ask.reuse.consent.ok_or(Refused::ConsentMissing)?;
        let offers = offers(procedure, &self.here.catalogue, &ask.reuse.told, self.now.day());
        for (paper, from) in &ask.reuse.papers {
            if papers.iter().any(|known| known.id == *paper) {
                return Err(Refused::NotOffered(paper.clone()));
            }
            let before = ask.draft.and_then(|draft| self.taken_over_before(draft, paper, *from));
            let taken = before.or_else(|| taken_over(&offers, paper, *from, consent));
            papers.push(taken.ok_or_else(|| Refused::NotOffered(paper.clone()))?);
        }
        Ok(papers)
    }

    /// What was taken over when the dossier was taken down stays so when it is accepted.
    fn taken_over_before(&self, draft: DossierId, paper: &str, from: DossierId) -> Option<PaperTaken> {
        let papers = &self.state.dossier(draft)?.papers;
        let same = |known: &&PaperTaken| known.id == paper && known.reused.as_ref().is_some_and(|it| it.from == from);
        papers.iter().find(same).cloned()
    }
}

fn taken_over(offers: &[Offer], paper: &str, from: DossierId, consent: Consent) -> Option<PaperTaken> {
    let offer = offers.iter().find(|offer| offer.paper == paper && offer.from == from && !offer.expired)?;
    let reused = Reused { from, code: offer.code.clone(), result: offer.result, consent };
    Some(PaperTaken { id: paper.to_owned(), original: 0, certified: 0, copies: 0, reused: Some(reused) })
}
