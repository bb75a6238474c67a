//! Scans of papers: attached to a record, sent to the centre after the records and within the hour's budget, fetched when
//! somebody asks for one. A thread of its own sends them, so that no record waits for a scan.

use crate::api::Problem;
use crate::core::{Station, lock};
use crate::problem;
use crate::uplink::Uplink;
use intake::event::{Draft, Event, Subject};
use intake::fact::RecordViewed;
use intake::ids::OfficerId;
use std::io::Write;
use std::time::Duration;
use sync::blob::BlobId;
use sync::blob::budget::Choice;
use sync::blob::protocol::Named;
use sync::blob::sealed::BlobFault;
use sync::blob::transfer::{Sender, TransferFault, fetch};
use sync::store::{AttachFault, Attachment};
use sync::{CentreFault, Refusal};

/// The first pause after a failure; each further one doubles it.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// The longest pause, also while nothing waits or an hour's budget is spent.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

impl Station {
    /// Attaches a scan to a record: durable before its event; it is sent when its turn comes.
    ///
    /// # Errors
    /// `ATTACH-NOT-READABLE` when this station cannot read the record, `DISK-FULL`, `STORE-…`.
    pub fn attach(&self, officer: Option<&OfficerId>, scan: Attachment) -> Result<Event, Problem> {
        let event = lock(&self.store).attach(self.clock.now(), officer.cloned(), scan).map_err(of_attach)?;
        self.catch_up();
        self.link.wake();
        self.notices.tell();
        Ok(event)
    }

    /// Writes an opened scan into `out`. That somebody looks is written down first; what is not on this disk is fetched, and
    /// checked by its name.
    ///
    /// # Errors
    /// `ATTACH-NOT-HERE` when it has not reached the centre yet or its bytes are not the right ones, `NET-CENTRE-DOWN`,
    /// `ATTACH-NOT-READABLE`, `STORE-…`.
    pub fn open_scan(
        &self,
        officer: &OfficerId,
        subject: &Subject,
        blob: BlobId,
        out: &mut dyn Write,
    ) -> Result<(), Problem> {
        let of = Named::new(blob, subject);
        let namings = lock(&self.store).blob_namings(&of).map_err(problem::of_store)?;
        let Some(naming) = namings.into_iter().next() else { return Err(not_here("no record here names it")) };
        let fact = RecordViewed { desk: self.here.desk.clone(), reason: "scan".into() };
        let viewed = Draft { subject: subject.clone(), fact: fact.into(), personal: None, scopes: naming.scopes };
        self.write_one(officer, viewed)?;
        if lock(&self.store).shelf().map_err(problem::of_store)?.file(blob).is_err() {
            let uplink = self.link.uplink().ok_or_else(|| Problem::new("NET-CENTRE-DOWN"))?;
            fetch(&self.store, &*uplink, &of).map_err(of_transfer)?;
        }
        lock(&self.store).open_blob(blob, out).map_err(of_attach)
    }

    /// How many scans the centre does not hold yet, as far as was looked.
    pub fn scans_waiting(&self) -> usize {
        self.link.scans_waiting()
    }
}

/// Sends one part after the other for as long as the station runs.
pub(crate) fn send_loop(station: &Station, centre: &Uplink) {
    let budget = station.config.attachments.budget();
    let mut sender = match Sender::open(&station.store) {
        Ok(sender) => sender,
        Err(fault) => return drop(problem::of_store(fault)),
    };
    let mut pause = FIRST_PAUSE;
    while !station.link.is_stopped() {
        let now = station.clock.now();
        let step = sender.step(&station.store, centre, &budget, now, station.link.records_wait());
        station.link.note_scans_waiting(sender.waiting());
        let wait = match step {
            Ok(Choice::Send { .. }) => {
                pause = FIRST_PAUSE;
                continue;
            }
            Ok(Choice::Rest | Choice::Defer { .. }) => {
                pause = FIRST_PAUSE;
                LONGEST_PAUSE
            }
            Err(fault) => {
                tracing::warn!(%fault, "a scan waits");
                let asked = busy_for(&fault).unwrap_or_default();
                let wait = pause.max(asked).min(LONGEST_PAUSE);
                // One that was refused is set aside: the others need not wait for it.
                pause = if is_about_one(&fault) { FIRST_PAUSE } else { (pause * 2).min(LONGEST_PAUSE) };
                wait
            }
        };
        station.link.wait_for_scans(wait);
    }
}

fn busy_for(fault: &TransferFault) -> Option<Duration> {
    match fault {
        TransferFault::Centre(CentreFault::Busy { retry_after_ms }) => Some(Duration::from_millis(*retry_after_ms)),
        _ => None,
    }
}

fn is_about_one(fault: &TransferFault) -> bool {
    matches!(fault, TransferFault::Centre(CentreFault::Refused(_)) | TransferFault::Blob(_))
}

fn of_attach(fault: AttachFault) -> Problem {
    match fault {
        AttachFault::NotReadable => Problem::new("ATTACH-NOT-READABLE"),
        AttachFault::Store(fault) => problem::of_store(fault),
        AttachFault::Blob(fault) => not_here(&fault),
    }
}

fn of_transfer(fault: TransferFault) -> Problem {
    match fault {
        TransferFault::Store(fault) => problem::of_store(fault),
        TransferFault::Centre(CentreFault::Refused(Refusal::NotFound { what })) => not_here(&what),
        TransferFault::Centre(fault) => problem::of_centre(&fault),
        TransferFault::Blob(BlobFault::Io(fault)) => problem::of_store(fault.into()),
        TransferFault::Blob(fault) => not_here(&fault),
    }
}

fn not_here(why: impl std::fmt::Display) -> Problem {
    Problem::new("ATTACH-NOT-HERE").with("why", why)
}
