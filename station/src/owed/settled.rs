//! What people say of paper that this station prints, for the journal of print jobs.

use super::print_job;
use crate::core::Station;
use hardware::JobId as PrintJob;
use hardware::printer::journal::PaperCameOut;
use intake::decide::Here;
use intake::event::{Event, Subject};
use intake::fact::Fact;
use intake::state::State;

/// What a person said of a job's paper.
pub(crate) type Settled = (PrintJob, PaperCameOut);

/// What an event that was just folded says of paper that this station prints.
pub(crate) fn settled_here(state: &State, here: &Here, event: &Event) -> Option<Settled> {
    let (Fact::PaperSettled(settled), Subject::Visit(visit)) = (&event.fact, &event.subject) else { return None };
    let known = state.visit(*visit).filter(|known| known.kiosk == here.station)?;
    let came_out = if settled.came_out { PaperCameOut::Yes } else { PaperCameOut::No };
    Some((print_job(known.job), came_out))
}

/// Tells the journal of print jobs what people said.
pub(crate) fn tell_journal(station: &Station, settled: Vec<Settled>) {
    settled.into_iter().for_each(|(job, came_out)| station.devices.settle(job, came_out));
}
