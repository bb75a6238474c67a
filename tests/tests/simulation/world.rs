//! The whole in one thread: kiosks, counters, hubs, a centre, their disks and clocks and lines, and what must hold all along.

use crate::hub::{HUBS, HubNode};
use crate::line::{Net, below, one_in};
use crate::node::Node;
use crate::vfs;
use cast::{CAST, START};
use central::Service;
use central::store::Sqlite;
use claims::Claims;
use intake::event::Scope;
use intake::ids::{DossierId, EventId, StationId, VisitId};
use intake::moment::Moment;
use intake::queue::TicketNumber;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use sync::protocol::StationRole;
use sync::store::{NewStation, Store};
use sync::wrap::chance;
use uuid::Uuid;

mod cast;
mod claims;
mod disks;
mod hubs;
mod kept;
mod people;
mod promises;
mod rounds;

/// What must not happen did; which, and what was seen.
pub type Broken = String;

pub struct World {
    _folder: tempfile::TempDir,
    root: PathBuf,
    now: Moment,
    clock: Arc<AtomicI64>,
    net: Arc<Net>,
    pub nodes: Vec<Node>,
    hubs: Vec<HubNode>,
    /// How many disks of hubs were lost for good.
    lost_hubs: usize,
    /// Who led first of all.
    first_hub: Option<StationId>,
    claims: Claims,
    paper: Vec<Paper>,
    numbers: BTreeMap<(String, Date, u32), VisitId>,
    codes: BTreeMap<String, DossierId>,
    /// What was acknowledged and may be gone with a disk that was put back from a copy.
    excused: BTreeSet<EventId>,
    /// Tickets that a disk had given which was put back to before them: what it owed then nobody knows, and an officer is asked
    /// when it is overdue.
    owed_by_nobody: BTreeSet<VisitId>,
    copies: BTreeMap<usize, PathBuf>,
    /// Whose disks were put back.
    put_back: BTreeSet<StationId>,
    trace: blake3::Hasher,
    pub log: Vec<String>,
    pub counts: BTreeMap<&'static str, u64>,
}

/// A piece of paper in somebody's hand.
struct Paper {
    number: TicketNumber,
    day: Date,
    visit: VisitId,
    event: EventId,
    code: Option<Vec<u8>>,
}

impl World {
    /// Everything is new, and everybody is enrolled.
    pub fn new(seed: u64) -> Self {
        vfs::register();
        vfs::reset();
        chance::seed(Some(seed));
        let folder = tempfile::tempdir_in(memory()).unwrap();
        let root = folder.path().to_owned();
        let clock = Arc::new(AtomicI64::new(START.0));
        let mut world = Self {
            _folder: folder,
            root,
            now: START,
            clock,
            net: Arc::default(),
            nodes: vec![],
            hubs: vec![],
            lost_hubs: 0,
            first_hub: None,
            claims: Claims::default(),
            paper: vec![],
            numbers: BTreeMap::new(),
            codes: BTreeMap::new(),
            excused: BTreeSet::new(),
            owed_by_nobody: BTreeSet::new(),
            copies: BTreeMap::new(),
            put_back: BTreeSet::new(),
            trace: blake3::Hasher::new(),
            log: vec![],
            counts: BTreeMap::new(),
        };
        let centre = Node::paths(&world.centre_dir());
        let mut store = Store::create(centre, NewStation::centre("Trung tâm", "00000".into()).unwrap()).unwrap();
        // An authority is known before dossiers are taken in for it: else nobody could seal to it.
        for (_, _, site, agency) in CAST {
            store.ensure_group(Scope::site(&site.into()).as_str()).unwrap();
            store.ensure_group(Scope::agency(&agency.into()).as_str()).unwrap();
        }
        for at in 0..CAST.len() {
            let node = world.enrol(&mut store, at);
            world.nodes.push(node);
        }
        for place in 0..HUBS {
            let hub = world.enrol_hub(&mut store, place);
            world.hubs.push(hub);
        }
        drop(store);
        world.open_centre();
        world.first_hub = world.hubs.first().map(|hub| hub.card.station);
        for place in 0..HUBS {
            world.start_hub(place).expect("a new hub starts");
        }
        world
    }

    fn hub_dir(&self, place: usize) -> PathBuf {
        self.root.join(format!("hub{place}-{}", self.lost_hubs))
    }

    fn centre_dir(&self) -> PathBuf {
        self.root.join("centre")
    }

    fn open_centre(&mut self) {
        let store = Store::open(Node::paths(&self.centre_dir())).expect("the centre's log opens");
        let clock = Arc::clone(&self.clock);
        let time: central::clock::Clock = Arc::new(move || Moment(clock.load(Ordering::Relaxed)));
        let service = Service::over(Box::new(Sqlite::over(store).expect("the centre folds its log")), time);
        self.net.set_centre(Some(service));
    }

    /// What the centre and the hubs hold of a station, for whoever looks into a broken promise.
    pub(super) fn held_of(&self, station: StationId) -> String {
        let hubs =
            self.hubs.iter().map(|hub| (hub.name.clone(), hub.runs.as_ref().map(|runs| Arc::clone(&runs.service))));
        let ends = std::iter::once(("centre".to_owned(), self.net.centre())).chain(hubs);
        let held = ends.map(|(name, service)| {
            let export = service.and_then(|service| service.export().ok());
            let streams = export.map(|export| export.streams).unwrap_or_default().into_iter();
            let theirs = streams.filter(|stream| stream.station == station.to_string());
            let told: Vec<_> = theirs.map(|it| format!("{} {} to {}", it.incarnation, it.scope, it.no)).collect();
            format!("{name}: {}", told.join(", "))
        });
        held.collect::<Vec<_>>().join("; ")
    }

    fn close_centre(&self) {
        self.net.set_centre(None);
    }

    /// One step: something happens to somebody, perhaps while the power goes somewhere.
    pub fn step(&mut self, number: u64) -> Result<(), Broken> {
        // Much that concerns hubs happens within seconds.
        self.advance(below(if one_in(2) { 4_000 } else { 120_000 }) as i64);
        let who = below((self.nodes.len() + self.hubs.len()) as u64) as usize;
        if one_in(6) {
            let victim = match below(4) {
                0 => self.centre_dir(),
                1 => self.hubs[below(HUBS as u64) as usize].dir.clone(),
                _ => self.machine(who).1.clone(),
            };
            vfs::power_goes_after(&victim, below(40) as u32);
        }
        let what = if who < self.nodes.len() { self.happen(who)? } else { self.happen_at_hub(who - self.nodes.len())? };
        vfs::power_stays();
        self.note(number, who, what);
        self.after_power()?;
        if number.is_multiple_of(50) {
            self.check_receipts()?;
        }
        Ok(())
    }

    /// Whose events these are, for people.
    fn name_of(&self, station: StationId) -> &str {
        let node = self.nodes.iter().find(|node| node.here.station == station).map(|node| node.name.as_str());
        let hub = || self.hubs.iter().find(|hub| hub.card.station == station).map(|hub| hub.name.as_str());
        node.or_else(hub).unwrap_or("a lost hub")
    }

    /// The name and the disk of a station, or after them of a hub.
    fn machine(&self, who: usize) -> (&str, &PathBuf) {
        match self.nodes.get(who) {
            Some(node) => (&node.name, &node.dir),
            None => {
                let hub = &self.hubs[who - self.nodes.len()];
                (&hub.name, &hub.dir)
            }
        }
    }

    fn advance(&mut self, ms: i64) {
        self.now = self.now.plus_ms(ms);
        self.clock.store(self.now.0, Ordering::Relaxed);
        self.net.advance(ms);
    }

    fn note(&mut self, number: u64, who: usize, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
        let line = format!("{number} {} {what} at {} writes {}", self.machine(who).0, self.now.0, vfs::writes());
        self.trace.update(line.as_bytes());
        self.log.push(line);
        if self.log.len() > log_lines() {
            self.log.remove(0);
        }
    }

    /// The hash over all that happened.
    pub fn trace(&self) -> String {
        self.trace.finalize().to_hex().to_string()
    }

    fn happen(&mut self, who: usize) -> Result<&'static str, Broken> {
        match below(100) {
            0..30 if self.nodes[who].is_kiosk() => self.take_number(who),
            0..16 if self.nodes[who].role == StationRole::Agent => self.take_in_for_another(who),
            0..3 if self.nodes[who].is_counter() => self.take_in_for_another(who),
            3..18 if self.nodes[who].is_counter() => self.call_next(who),
            18..28 if self.nodes[who].is_counter() => self.serve(who),
            28..32 if self.nodes[who].is_counter() => self.admit_paper(who),
            32..34 if self.nodes[who].is_counter() => Ok(self.work_on(who)),
            34..37 if self.nodes[who].is_counter() => self.take_back(who),
            34..40 => self.lease(who),
            40..72 => self.sync(who),
            72..75 if self.nodes[who].is_kiosk() => self.rush(who),
            72..78 => Ok(self.change_weather(who)),
            78..82 => Ok(self.jump_clock(who)),
            82..85 => Ok(self.change_room(who)),
            85..88 => self.forget(who),
            88..91 => Ok(self.late_arrives()),
            91..93 => self.copy_disk(who),
            93..94 => self.put_disk_back(who),
            94..96 => self.restart(who),
            96..97 => self.restart_centre(),
            _ => self.sync(who),
        }
    }

    /// Everything is repaired; whoever can talk talks, until nothing moves. Then all must agree.
    pub fn heal(&mut self) -> Result<(), Broken> {
        self.net.clear();
        for who in 0..self.nodes.len() {
            self.nodes[who].skew_ms = 0;
            let dir = self.nodes[who].dir.clone();
            vfs::set_full(&dir, false);
        }
        self.repair_hubs()?;
        // Started once more, each settles what it still owed.
        for who in 0..self.nodes.len() {
            self.restart(who)?;
        }
        for _ in 0..6 {
            self.advance(10_000);
            for who in 0..self.nodes.len() {
                self.sync(who)?;
            }
            for place in 0..HUBS {
                self.hub_round(place)?;
            }
        }
        for who in 0..self.nodes.len() {
            self.sync(who)?;
        }
        self.check_receipts()?;
        for who in 0..self.nodes.len() {
            self.check_kept(who)?;
            let waiting = self.nodes[who].store().outbox().map_err(|fault| fault.to_string())?.waiting;
            if waiting > 0 {
                let store = self.nodes[who].store();
                let heads = store.streams().map_err(|fault| fault.to_string())?;
                let receipted = store.receipted_all().map_err(|fault| fault.to_string())?;
                let known = |stream| receipted.iter().find(|(of, _)| of == stream).map_or(0, |(_, no)| *no);
                let mine = heads.0.iter().filter(|(of, head)| of.station == store.station() && known(of) < head.no);
                let open: Vec<String> =
                    mine.map(|(of, head)| format!("{of:?} to {} of {}", known(of), head.no)).collect();
                let (life, station) = (store.incarnation(), store.station());
                drop(store);
                return Err(format!(
                    "{} still has {waiting} events in its outbox: {open:?}; it lives in {life}; held of it: {}",
                    self.nodes[who].name,
                    self.held_of(station)
                ));
            }
            let report = self.nodes[who].store().verify().map_err(|fault| fault.to_string())?;
            if let Some(difference) = report.difference {
                return Err(format!("{}: {difference}", self.nodes[who].name));
            }
        }
        self.check_centre()?;
        self.check_reach()?;
        self.check_agreement()?;
        self.check_hubs()?;
        self.check_called_twice()?;
        self.check_readers()?;
        self.check_tags()?;
        self.check_papers()?;
        self.check_marker()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.hubs.iter_mut().for_each(|hub| hub.stop(&self.net));
        self.close_centre();
        self.nodes.clear();
        vfs::restore_power(&self.root);
        vfs::forget_unsynced(&self.root);
        chance::seed(None);
    }
}

fn random_uuid() -> Uuid {
    let (high, low) = (chance::next().unwrap_or(0), chance::next().unwrap_or(0));
    uuid::Builder::from_u128((u128::from(high) << 64) | u128::from(low)).into_uuid()
}

/// Memory that looks like a disk, where there is such a thing.
fn memory() -> PathBuf {
    let shm = PathBuf::from("/dev/shm");
    if shm.is_dir() { shm } else { std::env::temp_dir() }
}

fn copy_dir(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

/// How many of the last steps are told of a run that failed.
fn log_lines() -> usize {
    std::env::var("MOTCUA_LINES").ok().and_then(|lines| lines.parse().ok()).unwrap_or(40)
}
