//! What happens to machines: clocks, disks, power.

use super::{Broken, World, copy_dir};
use crate::line::{below, one_in};
use crate::vfs;
use intake::ids::{EventId, VisitId};
use intake::moment::Moment;
use std::collections::BTreeSet;

impl World {
    pub(super) fn jump_clock(&mut self, who: usize) -> &'static str {
        const DAY: i64 = 86_400_000;
        self.nodes[who].skew_ms = [0, 0, 0, 0, 0, 0, 0, 0, -DAY, DAY, -3_600_000, 90_000, -90_000][below(13) as usize];
        "clock"
    }

    pub(super) fn change_room(&mut self, who: usize) -> &'static str {
        vfs::set_full(&self.nodes[who].dir, one_in(3));
        "room"
    }

    /// Somebody copies the disk while the station rests.
    pub(super) fn copy_disk(&mut self, who: usize) -> Result<&'static str, Broken> {
        vfs::power_stays();
        let copy = self.root.join(format!("copy{who}"));
        let _ = std::fs::remove_dir_all(&copy);
        self.nodes[who].store = None;
        copy_dir(&self.nodes[who].dir, &copy);
        self.copies.insert(who, copy);
        let now = self.now;
        self.start(who, now)?;
        Ok("disk copied")
    }

    /// The copy is put back: what was written since is gone from this disk, and must come back as far as the centre has it.
    pub(super) fn put_disk_back(&mut self, who: usize) -> Result<&'static str, Broken> {
        // Once each: of two lives that come of one copy and hear nobody in between neither can know of the other.
        let Some(copy) = self.copies.remove(&who) else { return Ok("no copy") };
        vfs::power_stays();
        let dir = self.nodes[who].dir.clone();
        self.nodes[who].store = None;
        vfs::forget_unsynced(&dir);
        std::fs::remove_dir_all(&dir).map_err(|fault| fault.to_string())?;
        copy_dir(&copy, &dir);
        vfs::set_full(&dir, false);
        self.net.forget_words(who);
        self.claims.forget_desk(who);
        self.put_back.insert(self.nodes[who].here.station);
        let now = self.now;
        let name = self.nodes[who].name.clone();
        self.nodes[who].start(now).map_err(|fault| format!("{name} does not open the copy: {fault}"))?;
        // What is on no disk any more may still be at the centre, and then it comes back; else it is gone with the disk.
        let held = self.nodes[who].store().events().map_err(|fault| fault.to_string())?;
        let held: BTreeSet<EventId> = held.iter().map(|event| event.id).collect();
        self.excused.extend(self.nodes[who].acknowledged.difference(&held));
        let unknown = |visit: &&VisitId| self.nodes[who].state.visit(**visit).is_none();
        self.owed_by_nobody.extend(self.numbers.values().filter(unknown));
        self.start(who, now)?;
        Ok("disk put back")
    }

    pub(super) fn restart(&mut self, who: usize) -> Result<&'static str, Broken> {
        vfs::power_stays();
        self.nodes[who].store = None;
        let now = self.now;
        self.start(who, now)?;
        Ok("restart")
    }

    pub(super) fn restart_centre(&mut self) -> Result<&'static str, Broken> {
        vfs::power_stays();
        self.close_centre();
        self.open_centre();
        Ok("centre restarted")
    }

    /// Whoever lost power comes back, with what its disk kept.
    pub(super) fn after_power(&mut self) -> Result<(), Broken> {
        let Some(dead) = vfs::dead() else { return Ok(()) };
        if dead == self.centre_dir() {
            self.close_centre();
            vfs::restore_power(&dead);
            self.open_centre();
            *self.counts.entry("power cut at the centre").or_default() += 1;
            return self.check_receipts();
        }
        if let Some(place) = self.hubs.iter().position(|hub| hub.dir == dead) {
            return self.hub_after_power(place);
        }
        let who = self.nodes.iter().position(|node| node.dir == dead).ok_or("a disk of nobody")?;
        self.nodes[who].store = None;
        vfs::restore_power(&dead);
        let now = self.now;
        *self.counts.entry("power cut").or_default() += 1;
        self.start(who, now)
    }

    pub(super) fn start(&mut self, who: usize, now: Moment) -> Result<(), Broken> {
        let full = self.nodes[who].dir.clone();
        vfs::set_full(&full, false);
        self.nodes[who].store = None;
        let name = self.nodes[who].name.clone();
        self.nodes[who].start(now).map_err(|fault| format!("{name} does not open its log again: {fault}"))?;
        self.check_kept(who)?;
        self.check_sealed(who)
    }
}
