//! What the person at the desk handed in before, anywhere in the city: asked of the centre, and of this station's own log where
//! the centre does not answer. The look is written down before anything is asked.

use crate::api::{EarlierPaper, EarlierRow, EarlierView, Problem, Text};
use crate::core::{Station, lock};
use crate::session::Told;
use crate::{problem, wording};
use intake::decide::{Answer, Input, Refused};
use intake::ids::SiteCode;
use intake::units::Units;
use std::sync::OnceLock;
use sync::earlier::{Earlier, EarlierAnswer, EarlierAsk, EarlierDossier};

impl Station {
    /// The earlier dossiers of who has this number, for the person at the desk.
    ///
    /// # Errors
    /// `SIGN-IN-NEEDED`, `STEP-NOT-LEGAL` when nobody is at the desk, `APPLICANT-INCOMPLETE` for what is no number of twelve
    /// digits, `EARLIER-NO-KEY` at a station that was enrolled without the key to it, `STORE-…`.
    pub fn counter_earlier(&self, number: &str) -> Result<EarlierView, Problem> {
        let number = number.trim();
        if number.len() != 12 || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(problem::of_refusal(Refused::ApplicantIncomplete("number")));
        }
        let of_old_card = self.old_number_of(number);
        let numbers: Vec<&str> = std::iter::once(number).chain(of_old_card.as_deref()).collect();
        let tags = lock(&self.store).tags_of(&numbers);
        if tags.is_empty() {
            return Err(Problem::new("EARLIER-NO-KEY"));
        }
        let looked = self.officer_does(Input::LookUpEarlier)?;
        let here = lock(&self.store).earlier(&tags).map_err(problem::of_store)?;
        // The lock is free while the network is asked.
        let asked = self.link.uplink().map(|uplink| uplink.earlier(&EarlierAsk { tags }));
        let (answer, from_centre) = match asked {
            Some(Ok(of_all)) => (of_all.joined(here), true),
            Some(Err(fault)) => {
                tracing::info!(code = fault.code(), "earlier dossiers: only those that are held here");
                (here, false)
            }
            None => (here, false),
        };
        if let Answer::Visit(visit) = looked {
            let dossiers = answer.dossiers.clone();
            lock(&self.session).told = Some(Told { visit, number: number.to_owned(), dossiers });
        }
        Ok(self.earlier_view(answer, from_centre))
    }

    /// The number of the opened person's earlier card, if it is the same person.
    fn old_number_of(&self, number: &str) -> Option<String> {
        let session = lock(&self.session);
        let (_, person) = session.person.as_ref()?;
        (person.number == number).then(|| person.old_number.clone()).flatten()
    }

    fn earlier_view(&self, answer: EarlierAnswer, from_centre: bool) -> EarlierView {
        let dossiers = answer.dossiers.iter().map(|dossier| self.earlier_row(dossier)).collect();
        EarlierView { dossiers, more: answer.more, from_centre }
    }

    fn earlier_row(&self, dossier: &EarlierDossier) -> EarlierRow {
        let procedure = self.here.catalogue.get(&dossier.procedure);
        let both = |vi: &str, en: Option<&str>| Text::both(vi, en.unwrap_or(vi));
        let code = dossier.procedure.to_string();
        let needed = procedure.and_then(|known| known.papers.value()).map_or(&[][..], Vec::as_slice);
        let paper = |taken: &intake::fact::PaperTaken| {
            let known = needed.iter().find(|needed| needed.id == taken.id);
            EarlierPaper {
                name: known.map_or_else(|| both(&taken.id, None), |known| both(&known.name_vi, Some(&known.name_en))),
                original: taken.original,
                certified: taken.certified,
                copies: taken.copies,
            }
        };
        EarlierRow {
            dossier: dossier.dossier.to_string(),
            code: dossier.code.clone(),
            procedure: procedure
                .map_or_else(|| both(&code, None), |known| both(&known.name_vi, known.name_en.as_deref())),
            site: site_name(&dossier.site),
            at: dossier.at.0,
            status_text: wording::status(dossier.status),
            papers: dossier.papers.iter().map(paper).collect(),
        }
    }
}

/// A site by its unit's name; its code where the unit is not known.
pub(crate) fn site_name(site: &SiteCode) -> String {
    let unit = units().and_then(|units| units.get(site));
    unit.map_or_else(|| site.to_string(), intake::units::Unit::full_name)
}

/// The city's units, read once; none where the list that is shipped cannot be read, and codes are shown.
fn units() -> Option<&'static Units> {
    static UNITS: OnceLock<Option<Units>> = OnceLock::new();
    UNITS.get_or_init(|| Units::embedded().ok()).as_ref()
}
