//! Dossier codes: official ones from the centre's leases, temporary ones when no lease is left.

use super::{Answer, Deciding, Decision};
use crate::code::{AgencyDay, CodeFault, DossierCode, TemporaryCode};
use crate::event::Subject;
use crate::fact::{CodeAssigned, CodeGiven, CodesGivenUp};
use crate::ids::{AgencyCode, DossierId};
use jiff::civil::Date;
use std::collections::BTreeSet;

impl Deciding<'_> {
    /// The code for a dossier accepted now.
    pub(super) fn next_code(&mut self) -> Result<CodeGiven, CodeFault> {
        let day = self.now.day();
        let agency = &self.here.agency;
        let sure = self.here.knows_its_past;
        let free = self.state.free_codes(self.here.station, agency, day).next().filter(|_| sure);
        if let Some((code, sequence)) = free.and_then(|sequence| Some((self.official(day, sequence)?, sequence))) {
            return Ok(CodeGiven::Official { code, sequence });
        }
        let counter = self.state.temporaries(self.here.station) + 1;
        let code = TemporaryCode::new(&self.here.label, self.here.incarnation, counter)?;
        Ok(CodeGiven::Temporary { code: code.to_string() })
    }

    fn official(&self, day: Date, sequence: u32) -> Option<DossierCode> {
        let template = self.here.templates.on(day)?;
        DossierCode::issue(template, &AgencyDay { agency: self.here.agency.clone(), day }, sequence).ok()
    }

    /// Official codes for this station's dossiers that have only a temporary one, as far as leases go.
    pub(super) fn assign_codes(&mut self) -> Decision {
        let mut drafts = Vec::new();
        if !self.here.knows_its_past {
            return Decision::of(drafts, Answer::Done);
        }
        for (dossier, assigned) in self.assignable() {
            drafts.extend(self.state.dossier(dossier).map(|known| self.on(known, assigned)));
        }
        Decision::of(drafts, Answer::Done)
    }

    /// Gives up every number that is still free by the log: a disk that was put back may have used it in the time that is
    /// missing, and its paper is out. New leases bring numbers that are surely free.
    pub(super) fn give_up_codes(&mut self) -> Decision {
        let leased = self.state.all_leases().filter(|lease| lease.to == self.here.station);
        let places: BTreeSet<(AgencyCode, Date)> = leased.map(|lease| (lease.agency.clone(), lease.day)).collect();
        let mut drafts = Vec::new();
        for (agency, day) in places {
            let sequences: Vec<u32> = self.state.free_codes(self.here.station, &agency, day).collect();
            if !sequences.is_empty() {
                let subject = Subject::Station(self.here.station);
                drafts.push(self.at_site(subject, CodesGivenUp { agency, day, sequences }));
            }
        }
        Decision::of(drafts, Answer::Done)
    }

    fn assignable(&self) -> Vec<(DossierId, CodeAssigned)> {
        let agency = &self.here.agency;
        let mut taken = std::collections::HashSet::new();
        let waiting = self.state.dossiers().filter(|dossier| {
            matches!(dossier.code, CodeGiven::Temporary { .. })
                && dossier.desk == self.here.desk
                && dossier.site == self.here.site
        });
        waiting
            .filter_map(|dossier| {
                let day = dossier.received_at.day();
                let sequence = self
                    .state
                    .free_codes(self.here.station, agency, day)
                    .find(|sequence| !taken.contains(&(day, *sequence)))?;
                taken.insert((day, sequence));
                let code = self.official(day, sequence)?;
                Some((dossier.id, CodeAssigned { code, sequence }))
            })
            .collect()
    }
}
