//! Receipts and the papers of steps: written as PDF files, whole or not at all.

pub(crate) mod book;
pub(crate) mod forms;
pub(crate) mod handover;

use crate::api::Problem;
use crate::core::{Station, lock};
use crate::documents::{Language, Party, Reissue, SlipCode, SlipData, SlipPaper, slip_pdf, slip_png};
use crate::{people, problem, wording};
use hardware::JobId;
use hardware::document::printer::{DocumentError, DocumentJob, Media, Pdf};
use intake::catalogue::FormSet;
use intake::dossier::{Dossier, Form, Slip};
use intake::event::{Event, Subject};
use intake::fact::{CodeGiven, Fact, PaperTaken};
use intake::fee::Channel;
use intake::ids::{DossierId, EventId};
use intake::moment::Moment;
use intake::person::Personal;
use std::fs::File;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use sync::store::Opened;

/// The folder of receipts in a counter's folder.
pub const FOLDER: &str = "receipts";
/// The folder of the papers of steps, beside it.
const FORMS: &str = "papers";

/// A receipt that was written.
pub(crate) struct Written {
    pub(crate) hash: String,
    pub(crate) size: u64,
}

/// Where a dossier's receipt is. The name is the code that is on the paper.
pub(crate) fn path(station: &Station, dossier: &Dossier) -> PathBuf {
    file(station, FOLDER, &paper_code(dossier))
}

/// Where the paper of a step is, with its number in the order of such papers.
pub(crate) fn form_path(station: &Station, dossier: &Dossier, form: &Form) -> PathBuf {
    let number = dossier.forms.iter().position(|known| known.job == form.job).unwrap_or_default() + 1;
    file(station, FORMS, &format!("{}-{number}", paper_code(dossier)))
}

fn file(station: &Station, folder: &str, name: &str) -> PathBuf {
    station.folder.join(folder).join(format!("{}.pdf", name.replace(['/', '\\'], "_")))
}

/// The code that is on the citizen's paper: the temporary one, where there was one.
pub(crate) fn paper_code(dossier: &Dossier) -> String {
    dossier.alias.clone().unwrap_or_else(|| dossier.code.text())
}

fn form_of(dossier: &Dossier, job: intake::ids::JobId) -> Option<&Form> {
    dossier.forms.iter().find(|form| form.job == job)
}

/// Whether the paper of a job was written.
pub(crate) fn is_made(station: &Station, dossier: DossierId, job: intake::ids::JobId) -> bool {
    let state = lock(&station.state);
    let Some(known) = state.dossier(dossier) else { return false };
    match form_of(known, job) {
        Some(form) => form.made.is_some(),
        None => matches!(known.slip, Slip::Made { .. }),
    }
}

/// Writes the paper of a job: a dossier's receipt, or the paper of one of its steps. The same dossier gives the same bytes.
pub(crate) fn write(station: &Station, dossier: DossierId, job: intake::ids::JobId) -> Result<Written, Problem> {
    let known = known(station, dossier)?;
    let (bytes, path) = match form_of(&known, job) {
        Some(form) => (forms::pdf(station, &known, form)?, form_path(station, &known, form)),
        None => (slip_pdf(&data(station, &known, None)?).map_err(of_layout)?, path(station, &known)),
    };
    write_whole(&path, &bytes).map_err(of_io)?;
    Ok(Written { hash: blake3::hash(&bytes).to_hex().to_string(), size: bytes.len() as u64 })
}

/// Writes the control slip of a dossier as it stands.
pub(crate) fn write_control(station: &Station, dossier: DossierId, now: Moment) -> Result<PathBuf, Problem> {
    let known = known(station, dossier)?;
    let path = file(station, FORMS, &format!("{}-kiem-soat", paper_code(&known)));
    write_whole(&path, &forms::control(station, &known, now)?).map_err(of_io)?;
    Ok(path)
}

fn of_layout(fault: impl std::fmt::Display) -> Problem {
    Problem::new("STATION-FAULT").with("why", fault)
}

/// The paper of a job as a document to print, under the name of the job that made it.
pub(crate) fn document(
    station: &Station,
    dossier: DossierId,
    made_by: intake::ids::JobId,
    job: JobId,
) -> Result<DocumentJob, Problem> {
    let known = known(station, dossier)?;
    let path = form_of(&known, made_by).map_or_else(|| path(station, &known), |form| form_path(station, &known, form));
    let fault = |why: DocumentError| Problem::new("STATION-FAULT").with("why", why);
    let pdf = Pdf::new(std::fs::read(path).map_err(of_io)?).map_err(fault)?;
    let mut document = DocumentJob::new(job, "receipt", pdf).map_err(fault)?;
    document.media = Media::A5;
    Ok(document)
}

/// A picture of a dossier's receipt, for the counter's screen.
pub(crate) fn picture(station: &Station, dossier: &Dossier) -> Result<Vec<u8>, Problem> {
    slip_png(&data(station, dossier, None)?).map_err(of_layout)
}

/// Takes away the receipts of people who are to be forgotten.
pub(crate) fn forget(station: &Station, events: &[Event]) {
    let ordered = events.iter().filter_map(|event| match &event.fact {
        Fact::GrantsDestroyed(order) => order.subject.parse::<Subject>().ok(),
        _ => None,
    });
    for subject in ordered {
        book::forget(station);
        let state = lock(&station.state);
        let theirs = state.dossiers().filter(|dossier| match &subject {
            Subject::Dossier(id) => dossier.id == *id,
            Subject::Visit(id) => dossier.visit == *id,
            _ => false,
        });
        let papers = |dossier: &Dossier| {
            let forms: Vec<_> = dossier.forms.iter().map(|form| form_path(station, dossier, form)).collect();
            let control = file(station, FORMS, &format!("{}-kiem-soat", paper_code(dossier)));
            [path(station, dossier), control].into_iter().chain(forms)
        };
        for path in theirs.flat_map(papers) {
            match std::fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    tracing::error!(%error, "the receipt of somebody who is to be forgotten is still there");
                }
                _ => {}
            }
        }
    }
}

pub(crate) fn known(station: &Station, dossier: DossierId) -> Result<Dossier, Problem> {
    lock(&station.state).dossier(dossier).cloned().ok_or_else(|| Problem::new("STEP-NOT-LEGAL"))
}

/// What a receipt says; `again` for one that is given anew.
fn data(station: &Station, dossier: &Dossier, again: Option<Reissue>) -> Result<SlipData, Problem> {
    let (event, officer) = accepted(station, dossier.id).ok_or_else(|| Problem::new("STEP-NOT-LEGAL"))?;
    let personal = match lock(&station.store).personal(event).map_err(problem::of_store)? {
        Opened::Personal(personal) => personal,
        _ => Personal::default(),
    };
    let part = &station.config.station;
    let procedure = station.here.catalogue.get(&dossier.procedure);
    let code = paper_code(dossier);
    let official = dossier.alias.is_none() && matches!(dossier.code, CodeGiven::Official { .. });
    Ok(SlipData {
        parent_unit: part.parent_name.vi.clone(),
        unit: part.site_name.vi.clone(),
        place: part.place.clone(),
        code: if official { SlipCode::Official(code) } else { SlipCode::Temporary(code) },
        check: event.0.simple().to_string()[24..].to_uppercase(),
        received_by: format!("{}, quầy {}", part.site_name.vi, dossier.desk),
        applicant: party(&personal),
        channel: Channel::Direct,
        owner: None,
        procedure_code: dossier.procedure.to_string(),
        procedure_name: procedure.map_or_else(|| dossier.procedure.to_string(), |known| known.name_vi.clone()),
        papers: papers(station, dossier),
        sets: dossier.sets,
        time_limit: procedure.and_then(|known| known.time_limit.value()).map(|limit| wording::limit(*limit).vi),
        instant: procedure.is_some_and(|known| known.is_instant()),
        received_at: dossier.accepted_at,
        due: dossier.due,
        fee: dossier.fee,
        fee_paid: dossier.fee_paid,
        calendar: dossier.calendar.clone(),
        look_up: wording::LOOK_UP.into(),
        hotline: part.hotline.clone(),
        result_by: None,
        officer: officer.map(|officer| people::officer_name(station, &officer)).unwrap_or_default(),
        form_set: procedure.map_or(FormSet::Tt03, |known| known.form_set),
        language: Language::Vi,
        reissue: again,
    })
}

/// The event whose sealed part says who hands the dossier in, and the officer who wrote it: the acceptance, before that the
/// taking down, after it the last amendment.
pub(crate) fn accepted(station: &Station, dossier: DossierId) -> Option<(EventId, Option<intake::ids::OfficerId>)> {
    let state = lock(&station.state);
    let about = state.dossier(dossier)?.about;
    let event = state.history(&Subject::Dossier(dossier)).iter().find(|event| event.id == about)?;
    Some((event.id, event.officer.clone()))
}

pub(crate) fn party(personal: &Personal) -> Party {
    let identity = personal.identity.as_ref();
    let contact = personal.contact.clone().unwrap_or_default();
    Party {
        name: identity.map(|identity| identity.name.clone()).unwrap_or_default(),
        number: identity.map(|identity| identity.number.clone()).unwrap_or_default(),
        address: identity.map(|identity| identity.residence.clone()).unwrap_or_default(),
        phone: contact.phone,
        email: contact.email,
    }
}

pub(crate) fn papers(station: &Station, dossier: &Dossier) -> Vec<SlipPaper> {
    let needed = station.here.catalogue.get(&dossier.procedure).and_then(|known| known.papers.value());
    let name = |taken: &PaperTaken| {
        let paper = needed.into_iter().flatten().find(|paper| paper.id == taken.id);
        let name = paper.map_or(&taken.id, |paper| &paper.name_vi);
        // Only what the acceptance itself says: a receipt that is written again must be the same.
        taken.reused.as_ref().map_or_else(|| name.clone(), |reused| format!("{name} ({})", wording::reused(reused)))
    };
    let taken = dossier.papers.iter();
    taken
        .map(|paper| SlipPaper {
            name: name(paper),
            original: paper.original,
            certified: paper.certified,
            copies: paper.copies,
        })
        .collect()
}

/// Writes a file beside its place, flushes it, and then moves it there: a power cut leaves the old one or the new one.
/// A receipt is a person's paper: nobody but the station's own account may read it.
fn write_whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let beside = path.with_extension("part");
    let mut file = File::options().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&beside, path)?;
    File::open(folder)?.sync_all()
}

fn of_io(error: std::io::Error) -> Problem {
    match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Problem::new("DISK-FULL"),
        _ => Problem::new("STATION-FAULT").with("why", error),
    }
}
