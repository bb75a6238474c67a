//! The rule of the queue's authority (docs/queue.md) as a small model, every state of it looked at: two desks, a ticket, two
//! hubs; messages that are lost, doubled and late; a hub that dies, another that is promoted, the first that comes back.
//!
//! Whether a desk may have a ticket is asked of the shipping rule, `intake::authority`. Each safeguard is taken away once,
//! and the model must then find two desks that call one ticket.

use intake::authority::{Rank, Verdict, judge};
use intake::event::{Event, Hlc, Scope, Subject};
use intake::fact::{Fact, TicketCalled, TicketClaimed};
use intake::ids::{Desk, EventId, IntentId, StationId, VisitId};
use intake::moment::Moment;
use stateright::{Checker, Model, Property};
use std::collections::BTreeSet;
use uuid::Uuid;

const DESKS: u8 = 2;
const TICKETS: u8 = 1;

/// The rule, or what is left of it when a safeguard is taken away.
#[derive(Clone, Copy, Default)]
struct Rule {
    /// A promoted hub gives tickets away before it has heard the desks.
    without_grace: bool,
    /// A desk takes an answer of a hub whose epoch it knows to be over.
    without_fencing: bool,
    /// A hub that comes back goes on although it hears of a higher epoch.
    without_following: bool,
    /// A promoted hub takes any word of a desk, also one that was long on its way, as having heard it.
    heard_by_any_word: bool,
    /// A hub answers before it has written the claim, and a crash forgets it.
    without_durability: bool,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Hub {
    up: bool,
    leads: bool,
    epoch: u8,
    /// What stands in its log: who claimed or called what, in order.
    log: Vec<(bool, u8, u8)>,
    /// Claims that it answered and did not write (only where durability is taken away).
    unwritten: Vec<(bool, u8, u8)>,
    /// Desks that it still waits to hear.
    unheard: BTreeSet<u8>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct DeskState {
    epoch: u8,
    follows: u8,
    called: BTreeSet<u8>,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
enum Message {
    Claim { desk: u8, ticket: u8, hub: u8, epoch: u8, written: u8 },
    Yours { desk: u8, ticket: u8, epoch: u8 },
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Hall {
    hubs: [Hub; 2],
    desks: [DeskState; 2],
    /// Everything that was ever said: a message may come late, twice, or never.
    said: BTreeSet<Message>,
    crashes: u8,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Action {
    Claim {
        desk: u8,
        ticket: u8,
    },
    Deliver(Message),
    /// A desk pushes its log to the hub that it follows.
    Tell {
        desk: u8,
    },
    /// A desk learns that the other hub leads.
    Turn {
        desk: u8,
    },
    Crash {
        hub: u8,
    },
    Promote {
        hub: u8,
    },
    Return {
        hub: u8,
    },
    /// A hub hears of the other one.
    Hear {
        hub: u8,
    },
}

fn other(one: u8) -> u8 {
    1 - one
}

fn station(id: u8) -> StationId {
    StationId(Uuid::from_u128(id.into()))
}

fn desk_name(desk: u8) -> Desk {
    Desk::new(desk.to_string())
}

/// The events that a hub holds of a ticket, as the shipping rule reads them.
fn history(log: &[(bool, u8, u8)], ticket: u8) -> Vec<Event> {
    let of_ticket = log.iter().filter(|(_, of, _)| *of == ticket);
    let event = |(at, (called, _, desk)): (usize, &(bool, u8, u8))| {
        let fact = if *called {
            Fact::from(TicketCalled { desk: desk_name(*desk), at: Moment(0) })
        } else {
            TicketClaimed { desk: desk_name(*desk), epoch: 0, request: IntentId(Uuid::nil()) }.into()
        };
        Event {
            id: EventId(Uuid::from_u128(at as u128)),
            at: Hlc(at as u64),
            station: station(*desk),
            officer: None,
            subject: Subject::Visit(VisitId(Uuid::from_u128(ticket.into()))),
            scopes: vec![Scope("site:00004".into())],
            fact,
            has_personal: false,
        }
    };
    of_ticket.enumerate().map(event).collect()
}

impl Hall {
    fn rank(&self, hub: u8) -> Rank {
        Rank { epoch: self.hubs[usize::from(hub)].epoch.into(), hub: station(hub) }
    }

    /// A hub that leads answers a claim; none when it says no, or nothing.
    fn answer(&mut self, rule: Rule, message: &Message) -> Option<Message> {
        let Message::Claim { desk, ticket, hub, epoch, written } = *message else { return None };
        let of = &mut self.hubs[usize::from(hub)];
        if epoch > of.epoch {
            (of.epoch, of.leads) = (epoch, false);
        }
        let held = of.log.iter().filter(|(called, _, by)| *called && *by == desk).count();
        // Heard is a desk that follows this hub, and of which the hub knows all that it called.
        if (epoch == of.epoch && held >= usize::from(written)) || rule.heard_by_any_word {
            of.unheard.remove(&desk);
        }
        if !of.up || !of.leads || !of.unheard.is_empty() {
            return None;
        }
        let known: Vec<_> = of.log.iter().chain(&of.unwritten).copied().collect();
        match judge(history(&known, ticket).iter(), &desk_name(desk)) {
            Verdict::Taken(_) => return None,
            Verdict::Yours(true) => {}
            Verdict::Yours(false) if rule.without_durability => of.unwritten.push((false, ticket, desk)),
            Verdict::Yours(false) => of.log.push((false, ticket, desk)),
        }
        Some(Message::Yours { desk, ticket, epoch: of.epoch })
    }

    fn deliver(&mut self, rule: Rule, message: &Message) -> bool {
        match *message {
            Message::Claim { hub, .. } => {
                if !self.hubs[usize::from(hub)].up {
                    return false;
                }
                let answer = self.answer(rule, message);
                self.said.extend(answer);
                true
            }
            Message::Yours { desk, ticket, epoch } => {
                let of = &mut self.desks[usize::from(desk)];
                if epoch < of.epoch && !rule.without_fencing {
                    return false;
                }
                let known = of.epoch;
                of.epoch = of.epoch.max(epoch);
                of.called.insert(ticket) || known < epoch
            }
        }
    }

    /// The desk's log arrives whole at the hub that it follows.
    fn tell(&mut self, desk: u8) -> bool {
        let of = &self.desks[usize::from(desk)];
        let hub = &mut self.hubs[usize::from(of.follows)];
        if !hub.up {
            return false;
        }
        for ticket in &of.called {
            if !hub.log.contains(&(true, *ticket, desk)) {
                hub.log.push((true, *ticket, desk));
            }
        }
        true
    }
}

impl Model for Rule {
    type State = Hall;
    type Action = Action;

    fn init_states(&self) -> Vec<Hall> {
        let hub = |leads| Hub {
            up: true,
            leads,
            epoch: u8::from(leads),
            log: vec![],
            unwritten: vec![],
            unheard: BTreeSet::new(),
        };
        let desk = || DeskState { epoch: 1, follows: 0, called: BTreeSet::new() };
        vec![Hall { hubs: [hub(true), hub(false)], desks: [desk(), desk()], said: BTreeSet::new(), crashes: 0 }]
    }

    fn within_boundary(&self, hall: &Hall) -> bool {
        // Two promotions are enough for an answer of each epoch to come too late for the next.
        hall.hubs.iter().all(|hub| hub.epoch <= 3) && hall.said.len() <= 7
    }

    fn actions(&self, hall: &Hall, actions: &mut Vec<Action>) {
        for desk in 0..DESKS {
            actions.extend((0..TICKETS).map(|ticket| Action::Claim { desk, ticket }));
            actions.extend([Action::Tell { desk }, Action::Turn { desk }]);
        }
        actions.extend(hall.said.iter().cloned().map(Action::Deliver));
        for hub in 0..2 {
            actions.extend([
                Action::Crash { hub },
                Action::Promote { hub },
                Action::Return { hub },
                Action::Hear { hub },
            ]);
        }
    }

    fn next_state(&self, last: &Hall, action: Action) -> Option<Hall> {
        let mut hall = last.clone();
        match action {
            Action::Claim { desk, ticket } => {
                let of = &hall.desks[usize::from(desk)];
                let written = of.called.len() as u8;
                let ask = Message::Claim { desk, ticket, hub: of.follows, epoch: of.epoch, written };
                if !hall.said.insert(ask) {
                    return None;
                }
            }
            Action::Deliver(message) => {
                if !hall.deliver(*self, &message) {
                    return None;
                }
            }
            Action::Tell { desk } => {
                if !hall.tell(desk) {
                    return None;
                }
            }
            Action::Turn { desk } => {
                let to = other(hall.desks[usize::from(desk)].follows);
                let hub = &hall.hubs[usize::from(to)];
                let of = &mut hall.desks[usize::from(desk)];
                if !hub.up || !hub.leads || (hub.epoch <= of.epoch && !self.without_fencing) {
                    return None;
                }
                // It knows the hub's epoch from its signed status.
                (of.follows, of.epoch) = (to, of.epoch.max(hub.epoch));
            }
            Action::Crash { hub } => {
                let of = &mut hall.hubs[usize::from(hub)];
                if hub != 0 || !of.up || hall.crashes >= 1 {
                    return None;
                }
                of.up = false;
                of.unwritten.clear();
                hall.crashes += 1;
            }
            Action::Promote { hub } => {
                let standing = hall.hubs[usize::from(other(hub))].epoch;
                let of = &mut hall.hubs[usize::from(hub)];
                // Whoever promotes does so because the one that leads is not heard.
                if !of.up || of.leads || of.epoch >= 2 || hall.crashes == 0 {
                    return None;
                }
                (of.leads, of.epoch) = (true, standing.max(of.epoch) + 1);
                of.unheard = if self.without_grace { BTreeSet::new() } else { (0..DESKS).collect() };
            }
            Action::Return { hub } => {
                let of = &mut hall.hubs[usize::from(hub)];
                if of.up {
                    return None;
                }
                of.up = true;
            }
            Action::Hear { hub } => {
                let (ours, theirs) = (hall.rank(hub), hall.rank(other(hub)));
                let (leads, up) = (hall.hubs[usize::from(other(hub))].leads, hall.hubs[usize::from(other(hub))].up);
                let of = &mut hall.hubs[usize::from(hub)];
                if self.without_following || !of.up || !up || !of.leads || !leads || !theirs.outranks(&ours) {
                    return None;
                }
                of.leads = false;
            }
        }
        (hall != *last).then_some(hall)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("no ticket is called by two desks", |_, hall: &Hall| {
                hall.desks[0].called.is_disjoint(&hall.desks[1].called)
            }),
            Property::always("no two hubs lead under one epoch", |_, hall: &Hall| {
                let [one, two] = &hall.hubs;
                !(one.leads && two.leads && one.epoch == two.epoch)
            }),
            Property::sometimes("the queue goes on under the promoted hub", |_, hall: &Hall| {
                hall.hubs[1].epoch == 2
                    && hall.hubs[1].log.iter().any(|(called, ..)| !called)
                    && hall.desks.iter().any(|desk| desk.epoch == 2 && !desk.called.is_empty())
            }),
            Property::sometimes("an older hub that came back follows", |_, hall: &Hall| {
                let [one, two] = &hall.hubs;
                one.up && !one.leads && two.leads && two.epoch == 2
            }),
        ]
    }
}

#[test]
fn no_ticket_is_called_twice_in_any_state_that_can_be_reached() {
    let checker = Rule::default().checker().threads(2).spawn_bfs().join();
    println!("{} states, {} of them unique", checker.state_count(), checker.unique_state_count());
    assert!(checker.unique_state_count() > 1_000, "the model moves");
    checker.assert_properties();
}

#[test]
fn without_any_one_safeguard_two_desks_call_one_ticket() {
    let broken = [
        ("grace", Rule { without_grace: true, ..Rule::default() }),
        ("fencing", Rule { without_fencing: true, ..Rule::default() }),
        ("hearing", Rule { heard_by_any_word: true, ..Rule::default() }),
        ("durability", Rule { without_durability: true, ..Rule::default() }),
    ];
    for (safeguard, rule) in broken {
        let checker = rule.checker().threads(2).spawn_bfs().join();
        let found = checker.discovery("no ticket is called by two desks");
        assert!(found.is_some(), "without {safeguard} nothing was found");
        println!("without {safeguard}: {} steps", found.map_or(0, |path| path.into_actions().len()));
    }
}

#[test]
fn without_following_an_older_hub_leads_for_ever() {
    let rule = Rule { without_following: true, ..Rule::default() };
    let checker = rule.checker().threads(2).spawn_bfs().join();
    // A claim under the higher epoch still stops it; merely hearing of the other does not.
    let path = checker.discovery("an older hub that came back follows");
    let told = path.map(|path| path.into_actions());
    assert!(
        told.is_none_or(|actions| actions
            .iter()
            .any(|action| matches!(action, Action::Deliver(Message::Claim { .. }))))
    );
}
