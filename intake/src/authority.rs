//! The queue's one authority: who may call a number, and which of a site's hubs says so. Pure, so that the hub, the
//! simulation and the model of the rule decide alike. The rule on one page: docs/queue.md.

use crate::event::Event;
use crate::fact::Fact;
use crate::ids::{Desk, StationId};

/// What a claim on a visit comes to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// The desk may call it. True when it may already have been told so: nothing new is written.
    Yours(bool),
    /// Another desk has it, or had it and the citizen is gone.
    Taken(Option<Desk>),
}

/// May this desk call the visit whose events (in canonical order) the hub holds?
///
/// A desk that has a visit keeps it until the citizen, who was called and did not come, comes back with the paper.
pub fn judge<'a>(history: impl Iterator<Item = &'a Event>, desk: &Desk) -> Verdict {
    let mut holder: Option<&Desk> = None;
    let mut missed = false;
    for event in history {
        match &event.fact {
            Fact::TicketClaimed(claimed) => holder = Some(&claimed.desk),
            Fact::TicketCalled(called) => holder = holder.or(Some(&called.desk)),
            Fact::TicketMissed(_) => missed = true,
            Fact::TicketAdmitted(_) if missed => (holder, missed) = (None, false),
            Fact::VisitClosed(closed) => return Verdict::Taken(Some(closed.desk.clone())),
            _ => {}
        }
    }
    match holder {
        Some(holder) if holder == desk => Verdict::Yours(true),
        Some(holder) => Verdict::Taken(Some(holder.clone())),
        None => Verdict::Yours(false),
    }
}

/// A hub, as another one and a station weigh it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rank {
    /// Its epoch: raised at each promotion.
    pub epoch: u64,
    /// Its station.
    pub hub: StationId,
}

impl Rank {
    /// Whether this one leads where both say that they do: the higher epoch, and of two by mistake the lower id.
    pub fn outranks(&self, other: &Rank) -> bool {
        (self.epoch, other.hub) > (other.epoch, self.hub)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn of_two_hubs_exactly_one_leads() {
        let rank = |epoch, id| Rank { epoch, hub: StationId(Uuid::from_u128(id)) };
        for (one, other) in [(rank(2, 9), rank(1, 1)), (rank(1, 1), rank(1, 2))] {
            assert!(one.outranks(&other) && !other.outranks(&one));
        }
        assert!(!rank(1, 1).outranks(&rank(1, 1)), "a hub does not outrank itself");
    }
}
