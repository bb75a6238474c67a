//! The record of a hand-over (Biên bản bàn giao), from what the log holds: the same hand-over gives the same bytes.

use super::book::{self, heading};
use super::{file, of_io, of_layout, paper_code, party, write_whole};
use crate::api::{Problem, Text};
use crate::core::{Station, lock};
use crate::documents::{Handover, HandoverRow, HandoverSide, ResultRow, handover_pdf, results_handover_pdf};
use crate::{people, wording};
use intake::dossier::{Carriage, Dossier, Office, Step};
use intake::person::Personal;
use std::path::PathBuf;

/// The dossiers that stand on a record, by code, each with what the record says of it.
fn on_record(station: &Station, number: &str) -> Vec<(Dossier, Carriage)> {
    let state = lock(&station.state);
    let on = |dossier: &Dossier| {
        let carriage = dossier.carriages.iter().find(|carriage| carriage.manifest.to_string() == number)?;
        Some((dossier.clone(), carriage.clone()))
    };
    let mut found: Vec<_> = state.dossiers().filter_map(on).collect();
    drop(state);
    found.sort_by_key(|(dossier, _)| (paper_code(dossier), dossier.id));
    found
}

/// Writes the record of that number.
pub(crate) fn write(station: &Station, number: &str) -> Result<PathBuf, Problem> {
    let found = on_record(station, number);
    let (_, first) = found.first().ok_or_else(|| Problem::new("STEP-NOT-LEGAL"))?;
    let handover = handover(station, first);
    let pdf = match first.to {
        Office::Authority(_) => {
            let rows = found.iter().map(|(dossier, carriage)| dossier_row(station, dossier, carriage));
            handover_pdf(&handover, &rows.collect::<Result<Vec<_>, _>>()?)
        }
        Office::Site(_) => {
            let rows = found.iter().map(|(dossier, _)| result_row(station, dossier));
            results_handover_pdf(&handover, &rows.collect::<Result<Vec<_>, _>>()?)
        }
    };
    let path = file(station, book::FOLDER, number);
    write_whole(&path, &pdf.map_err(of_layout)?).map_err(of_io)?;
    Ok(path)
}

fn handover(station: &Station, carriage: &Carriage) -> Handover {
    let officer = carriage.officer.as_ref().map(|officer| people::officer_name(station, officer));
    let (from, number) = (Office::Site(carriage.from.clone()), carriage.manifest.to_string());
    Handover {
        heading: heading(station, carriage.at),
        qr_text: format!("MH1:{number}"),
        number,
        from: HandoverSide {
            unit: office(station, &from).vi,
            person: officer.unwrap_or_default(),
            phone: station.config.station.hotline.clone(),
        },
        to: HandoverSide { unit: office(station, &carriage.to).vi, person: String::new(), phone: String::new() },
        note: String::new(),
    }
}

/// An office as people call it.
pub(crate) fn office(station: &Station, office: &Office) -> Text {
    let authorities = &station.here.authorities;
    match office {
        Office::Authority(id) => wording::authority_named(id.kind(), authorities.unit_of(id)),
        Office::Site(site) if *site == station.here.site => {
            let name = &station.config.station.site_name;
            Text::both(&name.vi, &name.en)
        }
        Office::Site(site) => {
            let unit = authorities.units().get(site).map_or_else(|| site.to_string(), |unit| unit.full_name());
            Text::both(format!("Bộ phận một cửa {unit}"), format!("One-stop desk, {unit}"))
        }
    }
}

fn dossier_row(station: &Station, dossier: &Dossier, carriage: &Carriage) -> Result<HandoverRow, Problem> {
    Ok(HandoverRow {
        code: paper_code(dossier),
        procedure_name: procedure(station, dossier),
        owner: party(&personal(station, dossier)?).name,
        pages: carriage.sheets,
        bag: String::new(),
        note: String::new(),
    })
}

fn result_row(station: &Station, dossier: &Dossier) -> Result<ResultRow, Problem> {
    let owner = party(&personal(station, dossier)?);
    let finished = dossier.history.iter().rfind(|taken| taken.step == Step::Finish);
    Ok(ResultRow {
        code: paper_code(dossier),
        procedure_name: procedure(station, dossier),
        result: finished.map(|taken| wording::taken(taken).vi).unwrap_or_default(),
        owner: owner.name,
        address: owner.address,
        fee: dossier.fee.is_some_and(|fee| fee.0 > dossier.payments.sum().0),
        // How the citizen wants the result is not known before it is returned.
        post: false,
        note: String::new(),
    })
}

fn personal(station: &Station, dossier: &Dossier) -> Result<Personal, Problem> {
    Ok(people::personal(station, dossier.about)?.unwrap_or_default())
}

fn procedure(station: &Station, dossier: &Dossier) -> String {
    let procedure = station.here.catalogue.get(&dossier.procedure);
    procedure.map_or_else(|| dossier.procedure.to_string(), |known| known.name_vi.clone())
}
