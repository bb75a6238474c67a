//! Receipts and the papers of steps: made as files, and handed to the document printer where there is one.

use super::{MAKE_SLIP, OwedSlip, PRINT_SLIP, effect_draft, print_job};
use crate::core::{Station, lock};
use crate::{crash, problem, slips};
use hardware::Outcome;
use intake::decide::Input;
use intake::ids::{DossierId, JobId};
use uuid::Uuid;

/// Writes a receipt and records it. When the disk is full it stays owed, and is written when there is room.
///
/// One receipt at a time: the acceptance and the push loop may both find the same one owed, and it is made once.
pub(crate) fn make_slip(station: &Station, job: JobId, dossier: DossierId) {
    let _making = lock(&station.slips);
    if slips::is_made(station, dossier, job) {
        return;
    }
    let to_print = station.devices.prints_documents().then_some((OwedSlip { job, dossier }, print_of(job)));
    let written = slips::write(station, dossier, job).and_then(|file| {
        crash::point("slip-written");
        let input = Input::SlipMade { dossier, job, hash: file.hash, size: file.size };
        let owed = to_print.iter().map(|(slip, effect)| effect_draft(*effect, PRINT_SLIP, slip)).collect();
        station.act_and_owe(None, input, owed, &[job.0])
    });
    match written {
        Ok(_) => {
            station.link.slip_problem(None);
            if let Some((slip, effect)) = to_print {
                print_slip(station, slip, effect);
            }
        }
        Err(problem) => {
            tracing::error!(%problem, "a receipt stays owed");
            station.link.slip_problem(Some(problem));
        }
    }
}

/// The name under which the printing of a receipt is owed. The making of it is owed under the job's own.
fn print_of(job: JobId) -> Uuid {
    let hash = blake3::hash(&[PRINT_SLIP.as_bytes(), job.0.as_bytes()].concat());
    Uuid::from_bytes(std::array::from_fn(|at| hash.as_bytes()[at]))
}

/// Hands a receipt to the document printer, where there is one. It is owed until the printer has told: after a crash it is asked for
/// again under the same name. What did not come out stays a file, which the officer's screen names.
pub(super) fn print_slip(station: &Station, slip: OwedSlip, effect: Uuid) {
    let station = station.clone();
    let body = move || {
        match slips::document(&station, slip.dossier, slip.job, print_job(slip.job)) {
            Ok(document) => {
                let report = station.devices.print_document(&document);
                let none_came = report.is_none_or(|report| report.outcome == Outcome::NotPrinted);
                if none_came && station.link.is_stopped() {
                    // The printer was stopped before it came to this one: the next start asks again.
                    return;
                }
            }
            Err(problem) => tracing::error!(%problem, "a receipt cannot be printed"),
        }
        let settled = lock(&station.store).append(station.clock.now(), None, vec![], vec![], &[effect]);
        if let Err(fault) = settled {
            let problem = problem::of_store(fault);
            tracing::error!(%problem, "a printed receipt stays owed; the printer knows it");
        }
        station.notices.tell();
    };
    if let Err(error) = std::thread::Builder::new().name("receipt".into()).spawn(body) {
        tracing::error!(%error, "no thread for a receipt's printer: it stays owed until the next start");
    }
}

/// Tries again to write receipts that are owed.
pub(crate) fn retry_slips(station: &Station) {
    let owed = lock(&station.store).effects_owed().unwrap_or_default();
    for effect in owed.into_iter().filter(|effect| effect.kind == MAKE_SLIP) {
        if let Ok(OwedSlip { job, dossier }) = sync::wire::from_cbor(&effect.body) {
            make_slip(station, job, dossier);
        }
    }
}
