//! What happens to a site's hubs.

use super::cast::hub_guest;
use super::rounds::any_weather;
use super::{Broken, World};
use crate::hub::HUBS;
use crate::line::{End, below, one_in};
use crate::node::Node;
use crate::vfs;
use std::sync::atomic::Ordering;
use sync::engine::{SyncFault, SyncOutcome};
use sync::protocol::StationRole;
use sync::store::{EnrolKeys, NewStation, Store};

/// So many disks of hubs are lost in one run at most.
const LOST_AT_MOST: usize = 3;

impl World {
    pub(super) fn happen_at_hub(&mut self, place: usize) -> Result<&'static str, Broken> {
        if self.hubs[place].runs.is_none() {
            return if one_in(3) { self.hub_comes_back(place) } else { Ok("hub is down") };
        }
        match below(100) {
            0..30 => self.hub_pushes(place),
            30..58 => self.hub_pulls(place),
            58..78 => self.hub_looks(place),
            78..84 => Ok(self.change_hub_weather(place)),
            84..87 => Ok(self.jump_hub_clock(place)),
            87..90 => {
                vfs::set_full(&self.hubs[place].dir, one_in(3));
                Ok("room")
            }
            90..94 => self.hub_goes_down(place),
            94..96 => self.promote_by_hand(place),
            96..97 => self.lose_hub(place),
            _ => {
                self.hub_goes_down(place)?;
                self.hub_comes_back(place)
            }
        }
    }

    pub(super) fn start_hub(&mut self, place: usize) -> Result<(), Broken> {
        let hub = &mut self.hubs[place];
        vfs::set_full(&hub.dir, false);
        hub.start(&self.net, &self.clock).map_err(|fault| format!("{} does not start: {fault}", hub.name))?;
        self.note_epochs();
        Ok(())
    }

    pub(super) fn hub_pushes(&mut self, place: usize) -> Result<&'static str, Broken> {
        let Some(runs) = &self.hubs[place].runs else { return Ok("hub is down") };
        let pushed = runs.push();
        self.hub_did(place, pushed, "hub pushes")
    }

    pub(super) fn hub_pulls(&mut self, place: usize) -> Result<&'static str, Broken> {
        let Some(runs) = &self.hubs[place].runs else { return Ok("hub is down") };
        let pulled = runs.pull();
        self.hub_did(place, pulled, "hub pulls")
    }

    fn hub_did(
        &self,
        place: usize,
        outcome: Result<SyncOutcome, SyncFault>,
        what: &'static str,
    ) -> Result<&'static str, Broken> {
        let Ok(outcome) = outcome else { return Ok("hub not heard") };
        match outcome.refused.first() {
            None => Ok(what),
            Some((stream, refusal)) => {
                let name = &self.hubs[place].name;
                Err(format!("honest bytes were refused at {name}: {refusal}; {stream:?}"))
            }
        }
    }

    pub(super) fn hub_looks(&mut self, place: usize) -> Result<&'static str, Broken> {
        let now = self.net.ticks();
        let Some(runs) = &mut self.hubs[place].runs else { return Ok("hub is down") };
        let promoted = runs.look(now);
        self.note_epochs();
        Ok(match promoted {
            Ok(Some(_)) => "hub takes over",
            Ok(None) => "hub looks",
            Err(_) => "hub cannot lead",
        })
    }

    /// A person says so at the hub, as with `motcua-central promote`.
    fn promote_by_hand(&mut self, place: usize) -> Result<&'static str, Broken> {
        let Some(runs) = &self.hubs[place].runs else { return Ok("hub is down") };
        let Some(authority) = runs.service.authority().filter(|authority| !authority.leads()) else {
            return Ok("hub leads already");
        };
        let promoted = authority.promote().is_ok();
        self.note_epochs();
        Ok(if promoted { "hub promoted" } else { "hub cannot lead" })
    }

    fn change_hub_weather(&mut self, place: usize) -> &'static str {
        let end = if one_in(2) { End::Centre } else { End::Hub(1 - place) };
        self.net.set_weather(self.hubs[place].who, end, any_weather());
        "weather"
    }

    fn jump_hub_clock(&mut self, place: usize) -> &'static str {
        const DAY: i64 = 86_400_000;
        let skew = [0, 0, -DAY, DAY, -3_600_000, 90_000, -90_000][below(7) as usize];
        self.hubs[place].skew_ms.store(skew, Ordering::Relaxed);
        "clock"
    }

    fn hub_goes_down(&mut self, place: usize) -> Result<&'static str, Broken> {
        vfs::power_stays();
        let hub = &mut self.hubs[place];
        hub.stop(&self.net);
        // Turned off without a word: what was not synced may be gone.
        vfs::restore_power(&hub.dir);
        Ok("hub goes down")
    }

    fn hub_comes_back(&mut self, place: usize) -> Result<&'static str, Broken> {
        vfs::power_stays();
        if self.hubs[place].is_lost {
            return self.new_hub(place);
        }
        self.start_hub(place)?;
        Ok("hub comes back")
    }

    pub(super) fn hub_after_power(&mut self, place: usize) -> Result<(), Broken> {
        *self.counts.entry("power cut at a hub").or_default() += 1;
        self.hub_goes_down(place)?;
        if one_in(2) { self.start_hub(place) } else { Ok(()) }
    }

    /// Its disk is gone, with all that nobody else had.
    fn lose_hub(&mut self, place: usize) -> Result<&'static str, Broken> {
        if self.lost_hubs >= LOST_AT_MOST {
            return Ok("hub stays");
        }
        self.hub_goes_down(place)?;
        let hub = &mut self.hubs[place];
        hub.is_lost = true;
        vfs::forget_unsynced(&hub.dir);
        std::fs::remove_dir_all(&hub.dir).map_err(|fault| fault.to_string())?;
        Ok("hub lost")
    }

    /// Another machine in the place of a lost one, enrolled by the centre.
    fn new_hub(&mut self, place: usize) -> Result<&'static str, Broken> {
        let Some(centre) = self.net.centre() else { return Ok("hub is down") };
        let Ok(token) = centre.invite(&hub_guest(place)) else { return Ok("no new hub") };
        self.lost_hubs += 1;
        let dir = self.hub_dir(place);
        let fault = |fault: &dyn std::fmt::Display| fault.to_string();
        let keys = EnrolKeys::load_or_new(&dir).map_err(|it| fault(&it))?;
        let ask = keys.ask(&token, "", StationRole::Hub).map_err(|it| fault(&it))?;
        let enrolment = centre.enrol(&ask).map_err(|it| fault(&it))?;
        let new = NewStation::from_enrolment(keys, enrolment).map_err(|it| fault(&it))?;
        drop(Store::create(Node::paths(&dir), new).map_err(|it| fault(&it))?);
        let hub = &mut self.hubs[place];
        (hub.dir, hub.is_lost) = (dir, false);
        self.start_hub(place)?;
        Ok("new hub")
    }

    /// Every hub runs, hears everybody, and has the right time.
    pub(super) fn repair_hubs(&mut self) -> Result<(), Broken> {
        for place in 0..HUBS {
            self.hubs[place].skew_ms.store(0, Ordering::Relaxed);
            self.hub_goes_down(place)?;
            self.hub_comes_back(place)?;
        }
        Ok(())
    }

    /// Once everything that its threads do.
    pub(super) fn hub_round(&mut self, place: usize) -> Result<(), Broken> {
        self.hub_looks(place)?;
        self.hub_pushes(place)?;
        // Until nothing moves: an answer holds about a megabyte, and receipts come after what they are for.
        for _ in 0..3 {
            self.hub_pulls(place)?;
        }
        Ok(())
    }
}
