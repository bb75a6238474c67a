//! Papers handed over to another office, confirmed there, and missed on both sides until they are.

use super::id;
use crate::api::papers::{CarriageSeen, CarriedRow, HandedOver, OnTheWay, PapersView, SheetsCounted, ToHandOver};
use crate::api::{Problem, Text};
use crate::core::{Station, lock};
use crate::slips::handover::office;
use crate::slips::{self, paper_code};
use intake::decide::{Answer, Input};
use intake::dossier::{Carriage, Dossier, Office};
use intake::ids::DossierId;
use std::collections::BTreeMap;

impl Station {
    /// What is to be handed over from here, and what is on its way from here or to here.
    ///
    /// # Errors
    /// `SIGN-IN-NEEDED`.
    pub fn counter_papers(&self) -> Result<PapersView, Problem> {
        self.officer()?;
        let state = lock(&self.state);
        let mut ready: BTreeMap<Office, Vec<CarriedRow>> = BTreeMap::new();
        let mut on_the_way: BTreeMap<(i64, String), OnTheWay> = BTreeMap::new();
        for dossier in state.dossiers() {
            if let Some(to) = self.here.to_hand_over(dossier) {
                ready.entry(to).or_default().push(self.carried_row(dossier, dossier.pieces()));
            }
            for carriage in dossier.on_their_way() {
                let (confirms, ours) = (self.here.confirms(dossier, &carriage.to), carriage.from == self.here.site);
                if confirms || ours {
                    let key = (carriage.at.0, carriage.manifest.to_string());
                    let record = on_the_way.entry(key).or_insert_with(|| self.record(carriage, confirms, ours));
                    record.rows.push(self.carried_row(dossier, carriage.sheets));
                }
            }
        }
        let to_hand_over = ready.into_iter().map(|(to, rows)| ToHandOver {
            name: office(self, &to),
            results: matches!(to, Office::Site(_)),
            to: to.to_string(),
            rows,
        });
        Ok(PapersView { to_hand_over: to_hand_over.collect(), on_the_way: on_the_way.into_values().collect() })
    }

    fn record(&self, carriage: &Carriage, confirms: bool, ours: bool) -> OnTheWay {
        OnTheWay {
            number: carriage.manifest.to_string(),
            from: office(self, &Office::Site(carriage.from.clone())),
            to: office(self, &carriage.to),
            at: carriage.at.0,
            confirms,
            ours,
            rows: vec![],
        }
    }

    fn carried_row(&self, dossier: &Dossier, sheets: u32) -> CarriedRow {
        let procedure = self.here.catalogue.get(&dossier.procedure);
        CarriedRow {
            dossier: dossier.id.to_string(),
            code: paper_code(dossier),
            procedure: procedure.map_or_else(
                || Text::same(dossier.procedure.to_string()),
                |known| Text::both(&known.name_vi, known.name_en_or_vi()),
            ),
            sheets,
        }
    }

    /// Where a dossier's papers went, in order.
    pub(super) fn carriages_seen(&self, dossier: &Dossier) -> Vec<CarriageSeen> {
        let seen = |carriage: &Carriage| CarriageSeen {
            number: carriage.manifest.to_string(),
            to: office(self, &carriage.to),
            at: carriage.at.0,
            received: carriage.received.map(|at| at.0),
        };
        dossier.carriages.iter().map(seen).collect()
    }

    /// Hands papers over to an office and writes the record of it.
    ///
    /// # Errors
    /// `HAND-OVER-EMPTY`, `STEP-NOT-LEGAL` where they are not to go there or went already, `SIGN-IN-NEEDED`, `DISK-FULL`: where only
    /// the record could not be written, [`Self::counter_hand_over_paper`] writes it.
    pub fn counter_hand_over(&self, to: &str, rows: Vec<SheetsCounted>) -> Result<HandedOver, Problem> {
        let counted = rows.iter().map(|row| Ok((id::<DossierId>(&row.dossier)?, row.sheets)));
        let dossiers = counted.collect::<Result<_, Problem>>()?;
        match self.officer_does(Input::HandOver { to: id(to)?, dossiers })? {
            Answer::HandedOver(manifest) => {
                let number = manifest.to_string();
                let file = slips::handover::write(self, &number)?.display().to_string();
                Ok(HandedOver { number, file })
            }
            _ => Err(Problem::new("STATION-FAULT")),
        }
    }

    /// Writes the record of a hand-over again. It names people: that somebody reads it is written down first.
    ///
    /// # Errors
    /// `STEP-NOT-LEGAL` where there is no such record here, `SIGN-IN-NEEDED`, `DISK-FULL`.
    pub fn counter_hand_over_paper(&self, number: &str) -> Result<HandedOver, Problem> {
        self.officer_does(Input::ReadHandOver)?;
        let file = slips::handover::write(self, number)?.display().to_string();
        Ok(HandedOver { number: number.to_owned(), file })
    }

    /// Confirms that the papers of dossiers came; what another desk confirmed already is no fault.
    ///
    /// # Errors
    /// `HAND-OVER-EMPTY`, `STEP-NOT-LEGAL` where none of them was sent here, `SIGN-IN-NEEDED`, `DISK-FULL`.
    pub fn counter_receive_papers(&self, dossiers: &[String]) -> Result<PapersView, Problem> {
        let dossiers = dossiers.iter().map(|dossier| id(dossier)).collect::<Result<_, _>>()?;
        self.officer_does(Input::ReceivePapers { dossiers })?;
        self.counter_papers()
    }
}
