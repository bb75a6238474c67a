//! Who called what by which right, and what of it must never be.

use super::{Broken, World};
use crate::line::{Right, Word};
use central::hub::GRACE_MS;
use intake::event::Subject;
use intake::fact::Fact;
use intake::ids::{StationId, VisitId};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use sync::protocol::StationRole;

/// A number that a desk called because a hub gave it to that desk.
#[derive(Clone, Copy)]
struct ByClaim {
    right: Right,
    desk: usize,
    at: u64,
}

#[derive(Default)]
pub struct Claims {
    calls: Vec<ByClaim>,
    /// Did not come, or are away for a while: the paper at another desk makes them that desk's.
    awaited: BTreeSet<VisitId>,
    /// Brought their paper somewhere.
    admitted: BTreeSet<VisitId>,
    /// When each hub was first seen to lead under each epoch.
    led_since: BTreeMap<(StationId, u64), Duration>,
    /// Who called each visit, by claim or without.
    by: BTreeMap<VisitId, BTreeSet<usize>>,
    /// Whoever left a desk and has not gone home may be called by another.
    ever_left: BTreeSet<VisitId>,
}

impl Claims {
    pub(super) fn called(&mut self, desk: usize, visit: VisitId) {
        self.by.entry(visit).or_default().insert(desk);
    }

    /// A desk whose disk was put back may have called what nobody can tell it any more.
    pub(super) fn forget_desk(&mut self, desk: usize) {
        self.calls.retain(|call| call.desk != desk);
    }

    /// Who missed a call, or is away for a while, and comes with the paper can be called by another desk.
    pub(super) fn awaited(&mut self, visit: VisitId) {
        self.awaited.insert(visit);
        self.ever_left.insert(visit);
        // Clocks differ: the paper may have come before, and the hub reckon that it came after.
        if self.admitted.contains(&visit) {
            self.calls.retain(|call| call.right.visit != visit);
        }
    }

    /// The same, once the paper came.
    pub(super) fn admitted(&mut self, visit: VisitId) {
        self.admitted.insert(visit);
        if self.awaited.remove(&visit) {
            self.calls.retain(|call| call.right.visit != visit);
        }
    }

    /// Who was sent back or on is anybody's.
    pub(super) fn let_go(&mut self, desk: usize, visit: VisitId) {
        self.ever_left.insert(visit);
        self.calls.retain(|call| (call.right.visit, call.desk) != (visit, desk));
    }

    /// A desk called whom it waited for; without a claim it has no right any more that a hub would know of.
    pub(super) fn taken_back(&mut self, desk: usize, visit: VisitId, by_claim: bool) {
        self.awaited.remove(&visit);
        if !by_claim {
            self.calls.retain(|call| (call.right.visit, call.desk) != (visit, desk));
        }
    }
}

impl World {
    /// Since when each hub leads under its epoch.
    pub(super) fn note_epochs(&mut self) {
        let now = self.net.ticks();
        for runs in self.hubs.iter().filter_map(|hub| hub.runs.as_ref().map(|runs| (hub, runs))) {
            let Some(authority) = runs.1.service.authority().filter(|authority| authority.leads()) else { continue };
            self.claims.led_since.entry((runs.0.card.station, authority.epoch())).or_insert(now);
        }
    }

    /// Two desks never have one number by claim, if the hub that outranks had truly heard the other desk; and it hears every
    /// desk, or waits.
    pub(super) fn note_call(&mut self, desk: usize, right: Right) -> Result<(), Broken> {
        let call = ByClaim { right, desk, at: self.net.next_said() };
        let name = &self.nodes[desk].name;
        if let Some(epoch) = self.net.follows(desk).filter(|epoch| *epoch > right.epoch) {
            return Err(format!("{name} followed epoch {epoch} and called by claim of epoch {}", right.epoch));
        }
        self.check_listened(&right)?;
        for other in self.claims.calls.iter().filter(|other| other.right.visit == right.visit && other.desk != desk) {
            if let Some(why) = self.why_not_both(other, &call) {
                return Err(format!(
                    "{} called {} by claim from {:?} in epoch {}, which {} had called by claim from {:?} in epoch {}: {why}",
                    self.nodes[desk].name,
                    right.visit,
                    right.hub,
                    right.epoch,
                    self.nodes[other.desk].name,
                    other.right.hub,
                    other.right.epoch,
                ));
            }
        }
        self.claims.calls.push(call);
        Ok(())
    }

    /// A hub that begins to lead gives nothing away until every desk was heard, or it has listened long enough.
    fn check_listened(&self, right: &Right) -> Result<(), Broken> {
        let Some(led_since) = self.claims.led_since.get(&(right.hub, right.epoch)) else { return Ok(()) };
        let waited = self.net.ticks().saturating_sub(*led_since);
        // A site's first hub has nothing to hear of.
        let is_first = right.epoch == 1 && self.first_hub == Some(right.hub);
        let unheard = self
            .nodes
            .iter()
            .filter(|node| node.is_counter() && !node.hubs.is_empty())
            .find(|node| self.net.word(&Word { hub: right.hub, epoch: right.epoch, desk: node.who }).is_none());
        match unheard {
            Some(desk) if !is_first && waited < Duration::from_millis(GRACE_MS.unsigned_abs()) => Err(format!(
                "{:?} gave a ticket in epoch {} after {waited:?}, and had not heard {}",
                right.hub, right.epoch, desk.name
            )),
            _ => Ok(()),
        }
    }

    /// Why these two calls of one number, the first before the second, should not both have been.
    fn why_not_both(&self, first: &ByClaim, second: &ByClaim) -> Option<String> {
        let rank = |call: &ByClaim| intake::authority::Rank { epoch: call.right.epoch, hub: call.right.hub };
        let (one, two) = (rank(first), rank(second));
        if one == two {
            return Some("one hub gave it twice".into());
        }
        // Two that lead under one epoch are a mistake, which officers are told; one in the place of a lost one is none.
        let is_there = |hub| self.hubs.iter().any(|known| !known.is_lost && known.card.station == hub);
        if one.epoch == two.epoch && is_there(one.hub) && is_there(two.hub) {
            return None;
        }
        let outranks = if one.epoch == two.epoch { is_there(two.hub) } else { two.outranks(&one) };
        let (low, high) = if outranks { (first, second) } else { (second, first) };
        let word = Word { hub: high.right.hub, epoch: high.right.epoch, desk: low.desk };
        match self.net.word(&word) {
            Some(given) if given < low.at => Some("a desk followed a higher hub and believed a lower one after".into()),
            Some(given) if given < high.at => Some("the higher hub had heard the other desk".into()),
            _ => None,
        }
    }

    /// A number that two desks called because they could not hear each other is found, and shown at every counter.
    pub(super) fn check_called_twice(&self) -> Result<(), Broken> {
        let counters = self.nodes.iter().filter(|node| node.role == StationRole::Counter && !node.hubs.is_empty());
        for node in counters {
            let mut desks: BTreeMap<VisitId, BTreeSet<StationId>> = BTreeMap::new();
            for event in node.store().events().map_err(|fault| fault.to_string())? {
                if let (Fact::TicketCalled(_), Subject::Visit(visit)) = (&event.fact, &event.subject) {
                    desks.entry(*visit).or_default().insert(event.station);
                }
            }
            let twice =
                self.claims.by.iter().filter(|(visit, by)| by.len() > 1 && !self.claims.ever_left.contains(visit));
            for (visit, _) in twice {
                let known = desks.get(visit).is_some_and(|desks| desks.len() > 1);
                let shown = node.state.visit(*visit).is_none_or(|visit| visit.called_twice);
                // A call may be gone with a disk that was put back.
                if !(known && shown) && self.excused.is_empty() {
                    return Err(format!("{visit} was called at two desks, and {} does not show it", node.name));
                }
            }
        }
        Ok(())
    }
}
