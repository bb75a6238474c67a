//! The record book (Sổ theo dõi hồ sơ): the dossiers that were taken in here in a span of days.

use super::handover::office;
use super::{file, of_io, of_layout, party, write_whole};
use crate::api::Problem;
use crate::core::{Station, lock};
use crate::documents::{Book, Heading, Language, RegisterData, RegisterRow, register_pdf};
use crate::{people, wording};
use intake::catalogue::FormSet;
use intake::dossier::{Detail, Dossier, Office, ReturnBy, Step, Taken};
use intake::moment::Moment;
use jiff::civil::Date;
use std::path::PathBuf;

/// The folder of papers that name many people, in a counter's folder.
pub(super) const FOLDER: &str = "books";

/// A book that was written.
pub(crate) struct Written {
    pub(crate) file: PathBuf,
    pub(crate) rows: usize,
    pub(crate) pages: usize,
}

/// Writes the book from one day to another, as `keeper` reads it now. Nothing is locked while it is drawn.
pub(crate) fn write(station: &Station, days: (Date, Date), keeper: String, now: Moment) -> Result<Written, Problem> {
    let dossiers = taken_in(station, days);
    let rows = dossiers.iter().map(|dossier| row(station, dossier)).collect::<Result<Vec<_>, _>>()?;
    let (from, until) = days;
    let data = RegisterData {
        heading: heading(station, now),
        from,
        until,
        rows,
        keeper,
        head_role: "THỦ TRƯỞNG ĐƠN VỊ".into(),
        head: String::new(),
    };
    let Book { pdf, pages } = register_pdf(&data).map_err(of_layout)?;
    let name = format!("so-theo-doi-{}-{}", from.strftime("%Y%m%d"), until.strftime("%Y%m%d"));
    let file = file(station, FOLDER, &name);
    write_whole(&file, &pdf).map_err(of_io)?;
    Ok(Written { file, rows: dossiers.len(), pages })
}

/// Takes away every book, and every record of a hand-over: any of them may name somebody who is to be forgotten, and each is written again when it is asked for.
pub(super) fn forget(station: &Station) {
    match std::fs::remove_dir_all(station.folder.join(FOLDER)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            tracing::error!(%error, "a book that may name somebody who is to be forgotten is still there");
        }
        _ => {}
    }
}

/// The dossiers that were taken in at this site in these days, in that order.
fn taken_in(station: &Station, (from, until): (Date, Date)) -> Vec<Dossier> {
    let begins = Moment::from_civil(from.at(0, 0, 0, 0));
    let ends = until.tomorrow().map_or(Moment(i64::MAX), |next| Moment::from_civil(next.at(0, 0, 0, 0)));
    let state = lock(&station.state);
    let here = |dossier: &&Dossier| {
        dossier.site == station.here.site && begins <= dossier.received_at && dossier.received_at < ends
    };
    let mut found: Vec<Dossier> = state.dossiers().filter(here).cloned().collect();
    drop(state);
    found.sort_by_key(|dossier| (dossier.received_at, dossier.id));
    found
}

fn row(station: &Station, dossier: &Dossier) -> Result<RegisterRow, Problem> {
    // Each name by itself: whoever else wants the log waits for one of them and not for all.
    let personal = people::personal(station, dossier.about)?.unwrap_or_default();
    std::thread::yield_now();
    let owner = party(&personal);
    let procedure = station.here.catalogue.get(&dossier.procedure);
    let returned = dossier.history.iter().find(|taken| taken.step == Step::Return);
    Ok(RegisterRow {
        code: dossier.code.text(),
        procedure_name: procedure.map_or_else(|| dossier.procedure.to_string(), |known| known.name_vi.clone()),
        sets: dossier.sets,
        owner: owner.name,
        address: owner.address,
        phone: owner.phone,
        agency: authority(station, dossier),
        received_at: dossier.received_at,
        due: dossier.due,
        returned_at: returned.map(|taken| taken.at),
        result_by: returned.map(|taken| wording::returned_by(way(taken)).vi).unwrap_or_default(),
        signed_by: String::new(),
        note: notes(dossier),
    })
}

/// Who decides, by name.
fn authority(station: &Station, dossier: &Dossier) -> String {
    let authority = dossier.authority.clone().map(Office::Authority);
    authority.map_or_else(|| "Chưa xác định".into(), |authority| office(station, &authority).vi)
}

/// A result of which nothing else is said went over the counter.
fn way(returned: &Taken) -> ReturnBy {
    match returned.detail {
        Some(Detail::Returned { by }) => by,
        _ => ReturnBy::Desk,
    }
}

/// What somebody who reads the line must know besides: another code, a refusal, a new promise, a correction.
fn notes(dossier: &Dossier) -> String {
    let told = [Step::Refuse, Step::Withdraw, Step::Stop, Step::AskSupplement, Step::Reappoint];
    let alias = dossier.alias.iter().map(|alias| format!("Mã tạm: {alias}"));
    let steps = dossier.history.iter().filter(|taken| told.contains(&taken.step)).map(|taken| wording::taken(taken).vi);
    let amended = dossier.amended.iter().map(|amended| wording::amended(&amended.amends).vi);
    alias.chain(steps).chain(amended).collect::<Vec<_>>().join("; ")
}

/// The head of a paper of this place that is of no one procedure.
pub(super) fn heading(station: &Station, at: Moment) -> Heading {
    let part = &station.config.station;
    Heading {
        parent_unit: part.parent_name.vi.clone(),
        unit: part.site_name.vi.clone(),
        place: part.place.clone(),
        at,
        set: FormSet::Tt03,
        language: Language::Vi,
    }
}
