//! The queue's one authority: who may call a number, and which of a site's hubs says so. Pure, so that the hub, the
//! simulation and the model of the rule decide alike. The rule on one page: docs/queue.md.

use crate::event::Event;
use crate::fact::Fact;
use crate::ids::{Desk, StationId};
use std::collections::BTreeMap;

/// What a claim on a visit comes to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// The desk may call it. True when it may already have been told so: nothing new is written.
    Yours(bool),
    /// Another desk has it, or had it and the citizen is gone; none where the desk asks for a turn that is over.
    Taken(Option<Desk>),
}

/// May this desk, whose citizen had left it `turn` times when it asked, call the visit whose events (in canonical order) the
/// hub holds?
///
/// A desk that has a visit keeps it until the citizen leaves it: sent back or on, they are anybody's; not come, or away for a
/// while, they are that desk's until they come to another with the paper. A turn names the right that a claim gave, so that
/// it makes no difference which of a claim, a call and a leave the hub hears of first.
pub fn judge<'a>(history: impl Iterator<Item = &'a Event>, desk: &Desk, turn: u32) -> Verdict {
    let mut desks: BTreeMap<&Desk, Hold> = BTreeMap::new();
    for event in history {
        match &event.fact {
            Fact::TicketClaimed(claimed) => desks.entry(&claimed.desk).or_default().claimed(claimed.turn),
            Fact::TicketCalled(called) => desks.entry(&called.desk).or_default().is_there = true,
            Fact::TicketAdmitted(_) => desks.values_mut().for_each(|hold| hold.is_awaited = false),
            Fact::VisitClosed(closed) => return Verdict::Taken(Some(closed.desk.clone())),
            fact => {
                if let Some((left, is_awaited)) = leave(fact) {
                    desks.entry(left).or_default().left(is_awaited);
                }
            }
        }
    }
    let own = desks.remove(desk).unwrap_or_default();
    if turn < own.left {
        // Asked before they left, or by a desk whose disk was put back and that has not heard of it yet.
        return Verdict::Taken(None);
    }
    // Of two desks that could not hear each other each keeps what it has been given.
    if own.is_given(turn) {
        return Verdict::Yours(true);
    }
    match desks.iter().find(|(_, hold)| hold.holds()) {
        Some((other, _)) => Verdict::Taken(Some((*other).clone())),
        None => Verdict::Yours(false),
    }
}

/// How often the citizen has left a desk, by the events of their visit.
pub fn turn<'a>(history: impl Iterator<Item = &'a Event>, desk: &Desk) -> u32 {
    history.filter_map(|event| leave(&event.fact)).filter(|(left, _)| *left == desk).count() as u32
}

/// Which desk the citizen left, and whether it waits for them.
fn leave(fact: &Fact) -> Option<(&Desk, bool)> {
    match fact {
        Fact::TicketMissed(missed) => Some((&missed.desk, true)),
        Fact::TicketParked(parked) => Some((&parked.desk, true)),
        Fact::TicketReturned(returned) => Some((&returned.desk, false)),
        Fact::TicketTransferred(transferred) => Some((&transferred.desk, false)),
        _ => None,
    }
}

/// What a desk has of a visit.
#[derive(Default)]
struct Hold {
    /// The latest turn for which it was given the visit.
    claim: Option<u32>,
    /// How often the citizen left.
    left: u32,
    /// It called, and they have not left since.
    is_there: bool,
    /// They left, and it waits for them.
    is_awaited: bool,
}

impl Hold {
    fn claimed(&mut self, turn: u32) {
        self.claim = self.claim.max(Some(turn));
    }

    fn left(&mut self, is_awaited: bool) {
        self.left += 1;
        self.is_there = false;
        self.is_awaited = is_awaited;
    }

    /// Whether it was given the visit for this turn, or for one after.
    fn is_given(&self, turn: u32) -> bool {
        self.claim.is_some_and(|claim| claim >= turn)
    }

    fn holds(&self) -> bool {
        self.is_given(self.left) || self.is_there || self.is_awaited
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
