//! Who may hand over what. Signature, chain, and who may state which fact are the log's own to check.

use sync::Refusal;
use sync::protocol::{SegmentWithGrants, StationCard, StationRole};
use sync::segment::Segment;

/// Checks what a segment claims against who hands it over.
///
/// # Errors
/// [`Refusal::NotYourScope`] for a scope that is not the asker's or a stream of somebody else, and whatever is wrong
/// with the bytes.
pub(super) fn check_push(asker: &StationCard, push: &SegmentWithGrants) -> Result<(), Refusal> {
    let stream = Segment::parse(&push.segment.0)?.header.stream;
    // A hub carries its stations' streams; everybody else carries their own.
    let carries = stream.station == asker.station || asker.role == StationRole::Hub;
    // Any commune takes dossiers of any authority: such an event stands in that authority's stream as well. That its home
    // is one of the writer's own scopes is checked of each event.
    // And its officers tell the commune, or the agent, what became of the dossiers that were taken in there: that such an event
    // is about a dossier is checked of each as well.
    let tells = matches!(asker.role, StationRole::Counter | StationRole::Hub);
    if carries && (asker.may_write(&stream.scope) || stream.scope.is_agency() || tells) {
        Ok(())
    } else {
        Err(Refusal::NotYourScope { scope: stream.scope.0 })
    }
}
