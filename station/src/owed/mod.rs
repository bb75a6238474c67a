//! What is owed to the world once it is on disk: tickets and receipts. A crash never makes two of one.

mod receipts;
mod settled;

use crate::api::Problem;
use crate::core::{Station, lock};
use crate::documents::{TicketSlip, ticket_paper};
use crate::{carried, crash, problem, wording};
use hardware::{JobId as PrintJob, LastSlip, Outcome, PrintReport};
use intake::decide::{Effect, Here, Input};
use intake::event::{Event, Subject};
use intake::fact::{Fact, PaperOutcome};
use intake::ids::{DossierId, JobId, VisitId};
use intake::queue::Paper;
use intake::state::State;
pub(crate) use receipts::{make_slip, retry_slips};
use serde::{Deserialize, Serialize};
pub(crate) use settled::{Settled, settled_here, tell_journal};
use std::sync::mpsc::Receiver;
use std::time::Duration;
use sync::store::{EffectDraft, Store};
use uuid::Uuid;

const PRINT_TICKET: &str = "print-ticket";
const MAKE_SLIP: &str = "make-slip";
const PRINT_SLIP: &str = "print-slip";
/// How often it is looked whether a full disk has room again.
const ROOM_LOOK: Duration = Duration::from_secs(1);

#[derive(Serialize, Deserialize)]
struct OwedTicket {
    job: JobId,
    visit: VisitId,
}

#[derive(Serialize, Deserialize)]
struct OwedSlip {
    job: JobId,
    dossier: DossierId,
}

/// The effects that must survive a crash, as the store keeps them.
pub(crate) fn durable(effect: &Effect) -> Option<EffectDraft> {
    match effect {
        Effect::PrintTicket { job, visit, .. } => {
            Some(draft(*job, PRINT_TICKET, &OwedTicket { job: *job, visit: *visit }))
        }
        Effect::MakeSlip { job, dossier } => Some(draft(*job, MAKE_SLIP, &OwedSlip { job: *job, dossier: *dossier })),
        Effect::Call { .. } => None,
    }
}

fn draft(job: JobId, kind: &str, body: &impl Serialize) -> EffectDraft {
    effect_draft(job.0, kind, body)
}

fn effect_draft(id: Uuid, kind: &str, body: &impl Serialize) -> EffectDraft {
    EffectDraft { id, kind: kind.to_owned(), body: sync::wire::to_cbor(body) }
}

/// How the last slip ended: torn, perhaps, where a ticket was on its way.
pub(crate) fn last_slip(store: &Store) -> Result<LastSlip, Problem> {
    let owed = store.effects_owed().map_err(problem::of_store)?;
    let on_its_way = owed.iter().any(|effect| effect.kind == PRINT_TICKET);
    Ok(if on_its_way { LastSlip::MaybeTorn } else { LastSlip::Whole })
}

/// Whether an effect is this station's to do: a ticket is printed by the kiosk that gave it.
pub(crate) fn is_ours(state: &State, here: &Here, effect: &Effect) -> bool {
    match effect {
        Effect::PrintTicket { visit, .. } => state.visit(*visit).is_none_or(|known| known.kiosk == here.station),
        Effect::MakeSlip { .. } | Effect::Call { .. } => true,
    }
}

/// Copies of our tickets that another station asked for.
pub(crate) fn copies_asked(state: &State, here: &Here, events: &[Event]) -> Vec<(JobId, VisitId)> {
    let asked = events.iter().filter_map(|event| match (&event.fact, &event.subject) {
        (Fact::CopyRequested(copy), Subject::Visit(visit)) if event.station != here.station => Some((copy.job, *visit)),
        _ => None,
    });
    let ours = |(job, visit): &(JobId, VisitId)| {
        let known = state.visit(*visit);
        known.is_some_and(|known| known.kiosk == here.station && known.job == *job && known.paper == Paper::Printing)
    };
    asked.filter(ours).collect()
}

/// Prints copies that another station asked for; they are owed before the paper moves, like any ticket.
pub(crate) fn print_copies(station: &Station, copies: Vec<(JobId, VisitId)>) {
    for (job, visit) in copies {
        let effect = Effect::PrintTicket { job, visit, copy: true };
        let owed = durable(&effect).into_iter().collect();
        let written = lock(&station.store).append(station.clock.now(), None, vec![], owed, &[]);
        match written {
            Ok(_) => print_ticket(station, job, visit, true),
            Err(fault) => drop(problem::of_store(fault)),
        }
    }
}

/// Settles what a crash left owed.
///
/// A ticket that was owed may or may not be out. Where its printer told before the station ended, that counts; else nobody can
/// know, and it is in doubt until a person looks or a counter scans it. A receipt is a file: it is written again, the same. Its
/// printer is asked again under the same name, and prints it once.
pub(crate) fn settle_after_crash(station: &Station) -> Result<(), Problem> {
    let owed = lock(&station.store).effects_owed().map_err(problem::of_store)?;
    for effect in owed {
        match effect.kind.as_str() {
            PRINT_TICKET => {
                if let Ok(OwedTicket { job, visit }) = sync::wire::from_cbor(&effect.body) {
                    let (outcome, fault) = told_before(station, job);
                    report(station, job, visit, outcome, fault)?;
                }
            }
            MAKE_SLIP => {
                if let Ok(OwedSlip { job, dossier }) = sync::wire::from_cbor(&effect.body) {
                    make_slip(station, job, dossier);
                }
            }
            PRINT_SLIP => {
                if let Ok(owed) = sync::wire::from_cbor(&effect.body) {
                    receipts::print_slip(station, owed, effect.id);
                }
            }
            other => tracing::warn!(kind = other, "an owed effect of an unknown kind is kept"),
        }
    }
    report_copies_never_begun(station)
}

/// What the journal of print jobs has of a ticket whose outcome was not written.
fn told_before(station: &Station, job: JobId) -> (PaperOutcome, Option<String>) {
    match station.devices.told_of(print_job(job)) {
        Some((outcome, fault)) => (outcome_of(outcome), fault.map(str::to_owned)),
        None => (PaperOutcome::Unknown, Some("PRINT-IN-DOUBT".into())),
    }
}

fn print_job(job: JobId) -> PrintJob {
    PrintJob(job.0.as_u128())
}

/// A copy that another station asked for, and that never came to be owed here, was certainly not printed.
fn report_copies_never_begun(station: &Station) -> Result<(), Problem> {
    let never_begun: Vec<(JobId, VisitId)> = {
        let state = lock(&station.state);
        let ours = state.visits().filter(|visit| visit.kiosk == station.here.station);
        ours.filter(|visit| visit.paper == Paper::Printing).map(|visit| (visit.job, visit.id)).collect()
    };
    for (job, visit) in never_begun {
        report(station, job, visit, PaperOutcome::NotPrinted, Some("PRINT-NOT-PRINTED".into()))?;
    }
    Ok(())
}

/// Prints a ticket; what became of the paper is written when the printer has told.
pub(crate) fn print_ticket(station: &Station, job: JobId, visit: VisitId, copy: bool) {
    let answer = match page(station, visit, copy) {
        Some(paper) => station.devices.print(print_job(job), paper),
        None => Err("PRINT-UNPRINTABLE".into()),
    };
    let station = station.clone();
    let wait = move || {
        let (outcome, fault) = awaited(answer);
        crash::point("ticket-handed-over");
        report_until_written(&station, job, visit, outcome, fault);
    };
    if let Err(error) = std::thread::Builder::new().name("paper".into()).spawn(wait) {
        tracing::error!(%error, "no thread for a printer's answer: the ticket stays owed and will be in doubt");
    }
}

/// What a printer told is told once: while the disk has no room for it, it is kept here.
fn report_until_written(station: &Station, job: JobId, visit: VisitId, outcome: PaperOutcome, fault: Option<String>) {
    while let Err(problem) = report(station, job, visit, outcome, fault.clone()) {
        tracing::error!(%problem, "what became of a ticket could not be written");
        if problem.code != "DISK-FULL" || station.link.is_stopped() {
            return;
        }
        std::thread::park_timeout(ROOM_LOOK);
    }
}

fn page(station: &Station, visit: VisitId, copy: bool) -> Option<hardware::paper::Paper> {
    let (slip, event) = {
        let state = lock(&station.state);
        let known = state.visit(visit)?;
        let wait = wording::wait(&state, &station.here, known);
        (wording::ticket(&station.config.station, &station.here, known, wait, copy), carried::issued_in(&state, visit)?)
    };
    // A number counts without its QR code: a code that cannot be made is left out.
    let qr_text = carried::carried_text(station, event).unwrap_or_default();
    Some(ticket_paper(&TicketSlip { qr_text, ..slip }, station.devices.width_dots()))
}

fn awaited(answer: Result<Receiver<PrintReport>, String>) -> (PaperOutcome, Option<String>) {
    match answer.map(|receiver| receiver.recv()) {
        Ok(Ok(report)) => {
            let (outcome, fault) = (report.outcome.name(), report.fault.map(|fault| fault.code()));
            let device = report.device.as_deref();
            tracing::info!(device, job = %report.job, outcome, fault, again = report.repeated, "ticket");
            (outcome_of(report.outcome), fault.map(str::to_owned))
        }
        // The device's thread is gone: whether paper came out is not known.
        Ok(Err(_)) => (PaperOutcome::Unknown, Some("PRINT-IN-DOUBT".into())),
        Err(code) => (PaperOutcome::NotPrinted, Some(code)),
    }
}

fn outcome_of(outcome: Outcome) -> PaperOutcome {
    match outcome {
        Outcome::Confirmed => PaperOutcome::Confirmed,
        Outcome::SentUnconfirmed => PaperOutcome::SentUnconfirmed,
        Outcome::NotPrinted => PaperOutcome::NotPrinted,
        Outcome::Unknown { .. } => PaperOutcome::Unknown,
    }
}

fn report(
    station: &Station,
    job: JobId,
    visit: VisitId,
    outcome: PaperOutcome,
    fault: Option<String>,
) -> Result<(), Problem> {
    let input = Input::PaperReported { visit, job, outcome, fault };
    station.act_and_finish(None, input, &[job.0]).map(drop)
}
