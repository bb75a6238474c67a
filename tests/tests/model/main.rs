//! The rule of the queue's authority (docs/queue.md) as a small model, every state of it looked at: two desks, a ticket, two
//! hubs; messages that are lost, doubled and late; a hub that dies, another that is promoted, the first that comes back; a
//! citizen who is sent back, or is away for a while and brings the paper to the other desk.
//!
//! Whether a desk may have a ticket is asked of the shipping rule, `intake::authority`. Each safeguard is taken away once,
//! and the model must then find two desks that call one ticket.

use intake::authority::{Rank, Verdict, judge};
use intake::event::{Event, Hlc, Scope, Subject};
use intake::fact::{Fact, TicketAdmitted, TicketCalled, TicketClaimed, TicketParked, TicketReturned};
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
    /// A desk does not say how often the citizen has left it.
    without_turns: bool,
    /// Citizens leave desks and come back, in a hall of fewer promotions and words: all of both is too much to look at.
    citizens_leave: bool,
}

/// What stands in a log about a ticket.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Said {
    /// By the hub, of the desk's turn.
    Claimed(u8),
    Called,
    Parked,
    Returned,
    Admitted,
}

/// What was said, of which ticket, and by or of which desk.
type Entry = (Said, u8, u8);

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Hub {
    up: bool,
    leads: bool,
    epoch: u8,
    /// What stands in its log, in order.
    log: Vec<Entry>,
    /// Claims that it answered and did not write (only where durability is taken away).
    unwritten: Vec<Entry>,
    /// Desks that it still waits to hear.
    unheard: BTreeSet<u8>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct DeskState {
    epoch: u8,
    follows: u8,
    /// What it wrote, in order.
    log: Vec<Entry>,
}

impl DeskState {
    /// Whether the citizen stands at it.
    fn has(&self, ticket: u8) -> bool {
        let own = self.log.iter().rev().filter(|(said, of, _)| *of == ticket && *said != Said::Admitted);
        own.map(|(said, ..)| *said).next() == Some(Said::Called)
    }

    /// Whom it waits for.
    fn awaits(&self, ticket: u8) -> bool {
        let own = self.log.iter().rev().filter(|(said, of, _)| *of == ticket && *said != Said::Admitted);
        own.map(|(said, ..)| *said).next() == Some(Said::Parked)
    }

    /// How often they have left it.
    fn turn(&self, ticket: u8) -> u8 {
        let left = |(said, of, _): &&Entry| *of == ticket && matches!(said, Said::Parked | Said::Returned);
        self.log.iter().filter(left).count() as u8
    }
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
enum Message {
    Claim { desk: u8, ticket: u8, hub: u8, epoch: u8, written: u8, turn: u8 },
    Yours { desk: u8, ticket: u8, epoch: u8, turn: u8 },
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
    /// The citizen at a desk leaves it: sent back, or away for a while.
    Leave {
        desk: u8,
        ticket: u8,
        said: Said,
    },
    /// The citizen brings the paper to a desk.
    Admit {
        desk: u8,
        ticket: u8,
    },
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
fn history(log: &[Entry], ticket: u8) -> Vec<Event> {
    let of_ticket = log.iter().filter(|(_, of, _)| *of == ticket);
    let event = |(at, (said, _, desk)): (usize, &Entry)| {
        let (by, at_first) = (desk_name(*desk), Moment(0));
        let fact: Fact = match said {
            Said::Claimed(turn) => {
                TicketClaimed { desk: by, epoch: 0, request: IntentId(Uuid::nil()), turn: (*turn).into() }.into()
            }
            Said::Called => TicketCalled { desk: by, at: at_first }.into(),
            Said::Parked => TicketParked { desk: by, at: at_first }.into(),
            Said::Returned => TicketReturned { desk: by, at: at_first }.into(),
            Said::Admitted => TicketAdmitted { desk: by }.into(),
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
        let Message::Claim { desk, ticket, hub, epoch, written, turn } = *message else { return None };
        let of = &mut self.hubs[usize::from(hub)];
        if epoch > of.epoch {
            (of.epoch, of.leads) = (epoch, false);
        }
        let held = of.log.iter().filter(|(said, _, by)| !matches!(said, Said::Claimed(_)) && *by == desk).count();
        // Heard is a desk that follows this hub, and of which the hub knows all that it called.
        if (epoch == of.epoch && held >= usize::from(written)) || rule.heard_by_any_word {
            of.unheard.remove(&desk);
        }
        if !of.up || !of.leads || !of.unheard.is_empty() {
            return None;
        }
        let known: Vec<_> = of.log.iter().chain(&of.unwritten).copied().collect();
        match judge(history(&known, ticket).iter(), &desk_name(desk), turn.into()) {
            Verdict::Taken(_) => return None,
            Verdict::Yours(true) => {}
            Verdict::Yours(false) if rule.without_durability => of.unwritten.push((Said::Claimed(turn), ticket, desk)),
            Verdict::Yours(false) => of.log.push((Said::Claimed(turn), ticket, desk)),
        }
        Some(Message::Yours { desk, ticket, epoch: of.epoch, turn })
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
            Message::Yours { desk, ticket, epoch, turn } => {
                let of = &mut self.desks[usize::from(desk)];
                // An answer is to the question that is open.
                let is_asked = turn == of.turn(ticket) || rule.without_turns;
                if (epoch < of.epoch && !rule.without_fencing) || !is_asked {
                    return false;
                }
                let known = of.epoch;
                of.epoch = of.epoch.max(epoch);
                if of.has(ticket) {
                    return known < epoch;
                }
                of.log.push((Said::Called, ticket, desk));
                true
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
        let held = hub.log.iter().filter(|(said, _, by)| !matches!(said, Said::Claimed(_)) && *by == desk).count();
        hub.log.extend(of.log.iter().skip(held));
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
        let desk = || DeskState { epoch: 1, follows: 0, log: vec![] };
        vec![Hall { hubs: [hub(true), hub(false)], desks: [desk(), desk()], said: BTreeSet::new(), crashes: 0 }]
    }

    fn within_boundary(&self, hall: &Hall) -> bool {
        // Two promotions are enough for an answer of each epoch to come too late for the next; two questions and answers for
        // a turn and the one after, or for the other desk.
        let (promotions, words) = if self.citizens_leave { (1, 4) } else { (2, 7) };
        hall.hubs.iter().all(|hub| hub.epoch <= 1 + promotions) && hall.said.len() <= words
    }

    fn actions(&self, hall: &Hall, actions: &mut Vec<Action>) {
        for desk in 0..DESKS {
            actions.extend((0..TICKETS).map(|ticket| Action::Claim { desk, ticket }));
            actions.extend([Action::Tell { desk }, Action::Turn { desk }]);
            for ticket in (0..TICKETS).filter(|_| self.citizens_leave) {
                actions.extend([Said::Returned, Said::Parked].map(|said| Action::Leave { desk, ticket, said }));
                actions.push(Action::Admit { desk, ticket });
            }
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
                let written = of.log.len() as u8;
                let turn = if self.without_turns { 0 } else { of.turn(ticket) };
                let ask = Message::Claim { desk, ticket, hub: of.follows, epoch: of.epoch, written, turn };
                if !hall.said.insert(ask) {
                    return None;
                }
            }
            Action::Deliver(message) => {
                if !hall.deliver(*self, &message) {
                    return None;
                }
            }
            Action::Leave { desk, ticket, said } => {
                let of = &mut hall.desks[usize::from(desk)];
                // Once is enough for each of its words to come too late for the next turn.
                if !of.has(ticket) || of.turn(ticket) >= 1 {
                    return None;
                }
                of.log.push((said, ticket, desk));
            }
            Action::Admit { desk, ticket } => {
                let awaited = hall.desks[usize::from(other(desk))].awaits(ticket);
                let of = &mut hall.desks[usize::from(desk)];
                if !awaited || of.log.iter().any(|(said, ..)| *said == Said::Admitted) {
                    return None;
                }
                of.log.push((Said::Admitted, ticket, desk));
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
        let mut properties = vec![
            Property::always("no ticket is called by two desks", |_, hall: &Hall| {
                !(0..TICKETS).any(|ticket| hall.desks.iter().all(|desk| desk.has(ticket)))
            }),
            Property::always("no two hubs lead under one epoch", |_, hall: &Hall| {
                let [one, two] = &hall.hubs;
                !(one.leads && two.leads && one.epoch == two.epoch)
            }),
            Property::sometimes("the queue goes on under the promoted hub", |_, hall: &Hall| {
                hall.hubs[1].epoch == 2
                    && hall.hubs[1].log.iter().any(|(said, ..)| matches!(said, Said::Claimed(_)))
                    && hall.desks.iter().any(|desk| desk.epoch == 2 && !desk.log.is_empty())
            }),
            Property::sometimes("an older hub that came back follows", |_, hall: &Hall| {
                let [one, two] = &hall.hubs;
                one.up && !one.leads && two.leads && two.epoch == 2
            }),
        ];
        if self.citizens_leave {
            properties.extend([
                Property::sometimes("who was let go by one desk is called by the other", |_, hall: &Hall| {
                    let [one, two] = &hall.desks;
                    (one.turn(0) > 0 && two.has(0)) || (two.turn(0) > 0 && one.has(0))
                }),
                Property::sometimes("who is away is called again by the desk that waits", |_, hall: &Hall| {
                    let again = [Said::Called, Said::Parked, Said::Called];
                    hall.desks.iter().any(|desk| desk.log.iter().map(|(said, ..)| *said).eq(again))
                }),
                Property::sometimes("who is away and brings the paper is called by that desk", |_, hall: &Hall| {
                    let admitted = |desk: &DeskState| desk.log.iter().any(|(said, ..)| *said == Said::Admitted);
                    hall.desks.iter().any(|desk| admitted(desk) && desk.has(0))
                }),
            ]);
        }
        properties
    }
}

#[test]
fn who_leaves_a_desk_is_called_by_one_desk_at_a_time_in_any_state_that_can_be_reached() {
    let checker = Rule { citizens_leave: true, ..Rule::default() }.checker().threads(2).spawn_bfs().join();
    println!("{} states, {} of them unique", checker.state_count(), checker.unique_state_count());
    checker.assert_properties();
}

#[test]
fn without_turns_a_desk_calls_who_is_another_desks_by_now() {
    let rule = Rule { citizens_leave: true, without_turns: true, ..Rule::default() };
    let checker = rule.checker().threads(2).spawn_bfs().join();
    assert!(checker.discovery("no ticket is called by two desks").is_some(), "nothing was found");
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
