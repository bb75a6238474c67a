//! Paper as a transport: a ticket's QR code carries its signed event, so that a counter can admit the citizen with every
//! network down.

use crate::api::Problem;
use crate::core::{Station, lock};
use crate::documents::{carried_to_text, text_to_carried};
use crate::problem;
use intake::event::Subject;
use intake::fact::Fact;
use intake::ids::{EventId, VisitId};

/// The text of a ticket's QR code, by the event that issued it.
pub(crate) fn carried_text(station: &Station, event: EventId) -> Result<String, Problem> {
    let bytes = lock(&station.store).carry(event).map_err(problem::of_store)?;
    Ok(carried_to_text(&bytes))
}

/// The event that issued a visit's ticket.
pub(crate) fn issued_in(state: &intake::state::State, visit: VisitId) -> Option<EventId> {
    let history = state.history(&Subject::Visit(visit));
    history.iter().find(|event| matches!(event.fact, Fact::TicketIssued(_))).map(|event| event.id)
}

/// Takes in the text of a scanned ticket; gives the visit.
pub(crate) fn admit(station: &Station, scanned: &str) -> Result<VisitId, Problem> {
    let bytes = text_to_carried(scanned).map_err(|fault| Problem::new("TICKET-UNREADABLE").with("why", fault))?;
    let event = lock(&station.store).admit_carried(&bytes).map_err(problem::of_received)?;
    let Subject::Visit(visit) = event.subject else { return Err(Problem::new("TICKET-UNREADABLE")) };
    station.learn(vec![event]);
    Ok(visit)
}

/// Whether a scanned text is a ticket's code.
pub(crate) fn is_ticket(text: &str) -> bool {
    text.starts_with("MC1:")
}
