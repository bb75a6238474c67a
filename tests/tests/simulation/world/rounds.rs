//! What goes over the lines between stations, the site's hubs and the centre.

use super::cast::CAST;
use super::{Broken, World, random_uuid};
use crate::hub::HUBS;
use crate::line::{End, Weather, below};
use intake::decide::Input;
use sync::engine::{SyncOutcome, sync_once};
use sync::protocol::{Centre, LeaseAsk, StationRole};
use sync::stream::Heads;

impl World {
    pub(super) fn lease(&mut self, who: usize) -> Result<&'static str, Broken> {
        let ask = LeaseAsk {
            request: random_uuid(),
            agency: CAST[who].3.into(),
            day: self.now.day(),
            count: 1 + below(3) as u32,
            to: None,
        };
        Ok(if self.nodes[who].uplink().lease(&ask).is_ok() { "lease" } else { "no lease" })
    }

    pub(super) fn sync(&mut self, who: usize) -> Result<&'static str, Broken> {
        let time = self.nodes[who].now(self.now);
        let turned = self.nodes[who].uplink().take_changed();
        if turned {
            // What one hub held another, or the centre, may not hold.
            self.nodes[who].store().push_held_again();
        }
        let store = self.nodes[who].store.as_ref().ok_or("a station that does not run")?;
        let outcome = sync_once(store, self.nodes[who].uplink(), &|| time);
        self.nodes[who].catch_up(self.now);
        let Ok(outcome) = outcome else { return Ok("sync broken") };
        if turned && self.nodes[who].is_counter() {
            // A hub that was just promoted waits for this: that the desk follows it, and that it knows the desk's calls.
            let _ = self.nodes[who].claim(None);
        }
        self.took_in(who, &outcome)?;
        let gives = self.nodes[who].role != StationRole::Agent;
        let now = self.now;
        let whole = !outcome.more && outcome.new_incarnation.is_none();
        if whole && !self.nodes[who].here.knows_its_past && self.hears_the_centre(who)? {
            let left_out = !gives || self.nodes[who].act(now, Input::LeaveOutNumbers, &[]).is_ok();
            let gave_up = left_out && (!gives || self.nodes[who].act(now, Input::GiveUpCodes, &[]).is_ok());
            let carried_on = gave_up && self.nodes[who].store().carry_on().is_ok();
            self.nodes[who].here.knows_its_past = carried_on;
        }
        self.nodes[who].heard_late(&outcome.received);
        if self.nodes[who].is_counter() && outcome.received.iter().any(|event| event.fact.kind() == "CodesLeased") {
            let _ = self.nodes[who].act(now, Input::AssignCodes, &[]);
        }
        Ok("sync")
    }

    /// Whether all that the centre holds of a disk that was put back has come from the centre itself.
    fn hears_the_centre(&mut self, who: usize) -> Result<bool, Broken> {
        let time = self.nodes[who].now(self.now);
        let store = self.nodes[who].store.as_ref().ok_or("a station that does not run")?;
        let outcome = sync_once(store, self.nodes[who].uplink().centre(), &|| time);
        self.nodes[who].catch_up(self.now);
        let Ok(outcome) = outcome else { return Ok(false) };
        self.took_in(who, &outcome)?;
        Ok(!outcome.more && outcome.new_incarnation.is_none())
    }

    /// Honest bytes are never refused; a disk that finds that it was put back begins a new life.
    fn took_in(&mut self, who: usize, outcome: &SyncOutcome) -> Result<(), Broken> {
        if let Some((stream, refusal)) = outcome.refused.first() {
            let name = &self.nodes[who].name;
            let of =
                stream.as_ref().and_then(|stream| self.nodes.iter().find(|node| node.here.station == stream.station));
            let (of, life) =
                of.map_or(("nobody", String::new()), |node| (&node.name, node.here.incarnation.to_string()));
            let card = self.nodes[who].store().card().clone();
            let at = |heads: Option<Heads>| stream.as_ref().and_then(|stream| heads?.get(stream).copied());
            let here = at(self.nodes[who].store().streams().ok());
            let there = self.net.centre().and_then(|it| it.for_station(card.clone()).heads(&card.readable()).ok());
            let there = at(there);
            return Err(format!(
                "honest bytes were refused at {name}: {refusal}; a stream of {of}, now in life {life}; held here {here:?}, there {there:?}"
            ));
        }
        if let Some(incarnation) = outcome.new_incarnation {
            let here = &mut self.nodes[who].here;
            (here.incarnation, here.knows_its_past) = (incarnation, false);
        }
        let now = self.now;
        // An agent gives no numbers.
        let gives = self.nodes[who].role != StationRole::Agent;
        if outcome.new_incarnation.is_some() && gives {
            let _ = self.nodes[who].act(now, Input::LeaveOutNumbers, &[]);
        }
        Ok(())
    }

    pub(super) fn change_weather(&mut self, who: usize) -> &'static str {
        let ends = [End::Centre, End::Hub(0), End::Hub(1)];
        let end = ends[below(1 + HUBS as u64) as usize];
        self.net.set_weather(who, end, any_weather());
        "weather"
    }

    pub(super) fn late_arrives(&mut self) -> &'static str {
        if self.net.late_arrives() { "late arrival" } else { "nothing late" }
    }
}

pub(super) fn any_weather() -> Weather {
    match below(6) {
        0 => Weather { cut: true, ..Weather::default() },
        1 => Weather { one_way: true, ..Weather::default() },
        2 => Weather { harm: 4, ..Weather::default() },
        _ => Weather::default(),
    }
}
