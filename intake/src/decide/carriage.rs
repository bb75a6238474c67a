//! Papers handed over to another office, and confirmed there.

use super::{Answer, Deciding, Decision, Here, Refused};
use crate::catalogue::Authority;
use crate::code::short_id;
use crate::dossier::{Carriage, Dossier, ManifestNo, Office};
use crate::fact::{PapersReceived, PapersSent};
use crate::ids::DossierId;
use crate::jurisdiction::AuthorityId;

impl Here {
    /// Whether it is this place's to say that papers came. An authority that hears nothing electronically signs the record on
    /// paper, and the desk that sent them notes it.
    pub fn confirms(&self, dossier: &Dossier, to: &Office) -> bool {
        match to {
            Office::Site(site) => *site == self.site,
            Office::Authority(id) if *id == AuthorityId::of(Authority::Commune, &self.site) => true,
            Office::Authority(id) => match self.authorities.agency(id) {
                Some(agency) => *agency == self.agency,
                None => dossier.site == self.site,
            },
        }
    }

    /// Whether a dossier's papers are here to be handed over: at the desk that took it in, or at the one that decided.
    pub fn to_hand_over(&self, dossier: &Dossier) -> Option<Office> {
        let here = dossier.site == self.site || dossier.agency == self.agency;
        dossier.to_hand_over(&self.site).filter(|_| here)
    }
}

impl Deciding<'_> {
    /// Hands over the papers of dossiers, with the sheets that were counted of each: one record for all of them.
    pub(super) fn hand_over(&mut self, to: &Office, dossiers: &[(DossierId, u32)]) -> Result<Decision, Refused> {
        if dossiers.is_empty() {
            return Err(Refused::NothingHandedOver);
        }
        let series = format!("{}-{}", self.here.label, short_id(self.here.incarnation));
        let manifest = ManifestNo { number: self.state.last_manifest(&series) + 1, series };
        let mut drafts = Vec::with_capacity(dossiers.len());
        for (at, (id, sheets)) in dossiers.iter().enumerate() {
            let known = self.known(*id)?;
            let twice = dossiers[..at].iter().any(|(before, _)| before == id);
            if twice || self.here.to_hand_over(known).as_ref() != Some(to) {
                return Err(Refused::StepNotLegal);
            }
            let (manifest, from, to) = (manifest.clone(), self.here.site.clone(), to.clone());
            drafts.push(self.on(known, PapersSent { manifest, from, to, sheets: *sheets, at: self.now }));
        }
        Ok(Decision::of(drafts, Answer::HandedOver(manifest)))
    }

    /// Confirms that papers came. What another desk confirmed already is done, and no fault.
    pub(super) fn receive_papers(&mut self, dossiers: &[DossierId]) -> Result<Decision, Refused> {
        if dossiers.is_empty() {
            return Err(Refused::NothingHandedOver);
        }
        let mut drafts = vec![];
        for id in dossiers {
            let known = self.known(*id)?;
            let here = |carriage: &&Carriage| self.here.confirms(known, &carriage.to);
            if !known.carriages.iter().any(|carriage| here(&carriage)) {
                return Err(Refused::StepNotLegal);
            }
            let mut open: Vec<&Office> = known.on_their_way().filter(here).map(|carriage| &carriage.to).collect();
            open.dedup();
            drafts.extend(open.into_iter().map(|to| self.on(known, PapersReceived { to: to.clone(), at: self.now })));
        }
        Ok(Decision::of(drafts, Answer::Done))
    }
}
