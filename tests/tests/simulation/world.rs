//! The whole in one thread: kiosks, counters, a centre, their disks and clocks and lines, and what must hold all along.

use crate::line::{Late, Line, Weather, below, one_in};
use crate::node::{Done, Node};
use crate::vfs;
use central::Service;
use central::store::Sqlite;
use intake::calendar::Calendars;
use intake::catalogue::Catalogue;
use intake::code::Templates;
use intake::decide::{AcceptDossier, Answer, Here, Input};
use intake::event::{Draft, Scope, Subject};
use intake::fact::{CodeGiven, DossierAccepted, PaperTaken};
use intake::ids::{AgencyCode, Desk, DossierId, EventId, Incarnation, IntentId, StationId, VisitId};
use intake::moment::Moment;
use intake::person::{Contact, Evidence, Identity, Personal};
use intake::queue::{QueueRules, TicketNumber};
use intake::rules::Workflow;
use intake::state::State;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use sync::earlier::PEOPLE;
use sync::engine::sync_once;
use sync::protocol::{Centre, LeaseAsk, StationCard, StationRole};
use sync::store::{EnrolKeys, Invitation, NewStation, Opened, Store};
use sync::stream::Heads;
use sync::wrap::chance;
use uuid::Uuid;

mod promises;

const SITE: &str = "00004";
const AGENCY: &str = "H26.112.00";
/// A commune elsewhere, and its authority: what is taken in here for them must reach them.
const FAR_SITE: &str = "00070";
const FAR_AGENCY: &str = "H26.7.00";
/// Who takes part, and for which commune and authority.
const CAST: [(StationRole, &str, &str, &str); 6] = [
    (StationRole::Kiosk, "kiosk", SITE, AGENCY),
    (StationRole::Kiosk, "kiosk", SITE, AGENCY),
    (StationRole::Counter, "counter", SITE, AGENCY),
    (StationRole::Counter, "counter", SITE, AGENCY),
    (StationRole::Counter, "far counter", FAR_SITE, FAR_AGENCY),
    (StationRole::Agent, "agent", SITE, AGENCY),
];
/// Personal text that must never be seen where nobody may read it.
pub const MARKER: &str = "Nguyễn Thị Mẫu";
const MARKED_NUMBER: &str = "001199000123";
const START: Moment = Moment(1_795_410_000_000);

/// What must not happen did; which, and what was seen.
pub type Broken = String;

pub struct World {
    _folder: tempfile::TempDir,
    root: PathBuf,
    now: Moment,
    clock: Arc<AtomicI64>,
    service: Option<Arc<Service>>,
    pub nodes: Vec<Node>,
    weather: Vec<Weather>,
    late: Late,
    paper: Vec<Paper>,
    numbers: BTreeMap<(String, Date, u32), VisitId>,
    codes: BTreeMap<String, DossierId>,
    /// What was acknowledged and may be gone with a disk that was put back from a copy.
    excused: BTreeSet<EventId>,
    /// Tickets that a disk had given which was put back to before them: what it owed then nobody knows, and an officer is asked
    /// when it is overdue.
    owed_by_nobody: BTreeSet<VisitId>,
    copies: BTreeMap<usize, PathBuf>,
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

fn shipped() -> Here {
    static RULES: OnceLock<Here> = OnceLock::new();
    let make = || Here {
        station: StationId(Uuid::nil()),
        incarnation: Incarnation(Uuid::nil()),
        knows_its_past: true,
        clock_is_right: false,
        label: String::new(),
        site: SITE.into(),
        agency: AGENCY.into(),
        prefix: String::new(),
        desk: Desk::new(""),
        calls: vec![],
        catalogue: Arc::new(Catalogue::embedded().unwrap()),
        calendars: Arc::new(Calendars::hanoi().unwrap()),
        workflow: Arc::new(Workflow::embedded().unwrap()),
        templates: Templates::embedded().unwrap(),
        rules: QueueRules::embedded().unwrap(),
    };
    RULES.get_or_init(make).clone()
}

fn someone() -> Identity {
    Identity {
        number: MARKED_NUMBER.into(),
        old_number: None,
        name: MARKER.into(),
        birth: "1999-02-15".into(),
        sex: "Nữ".into(),
        residence: "Số 1 Phố Mẫu, Hà Nội".into(),
        issued: None,
        extra: vec![],
        evidence: Evidence::Qr,
        warnings: vec![],
    }
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
            service: None,
            nodes: vec![],
            weather: vec![Weather::default(); CAST.len()],
            late: Rc::default(),
            paper: vec![],
            numbers: BTreeMap::new(),
            codes: BTreeMap::new(),
            excused: BTreeSet::new(),
            owed_by_nobody: BTreeSet::new(),
            copies: BTreeMap::new(),
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
        drop(store);
        world.open_centre();
        world
    }

    fn centre_dir(&self) -> PathBuf {
        self.root.join("centre")
    }

    fn enrol(&self, centre: &mut Store, at: usize) -> Node {
        let (role, name, site, agency) = CAST[at];
        let (of_site, of_agency) = (Scope::site(&site.into()), Scope::agency(&agency.into()));
        let is_kiosk = role == StationRole::Kiosk;
        let (scopes, reads) = match role {
            StationRole::Kiosk => (vec![of_site], vec![]),
            // Its own scope comes with its identity.
            StationRole::Agent => (vec![of_agency], vec![]),
            _ => (vec![of_site.clone(), of_agency.clone()], vec![of_site, of_agency, Scope(PEOPLE.into())]),
        };
        let label = format!("{name} {at}");
        let expires_at = START.plus_ms(3_600_000);
        let invitation = Invitation { label, role, site: site.into(), scopes, reads, expires_at };
        let dir = self.root.join(format!("s{at}"));
        let token = centre.invite(&invitation).unwrap();
        let keys = EnrolKeys::load_or_new(&dir).unwrap();
        let ask = keys.ask(&token, "", role).unwrap();
        let enrolment = centre.enrol(START, &ask).unwrap();
        let store = Store::create(Node::paths(&dir), NewStation::from_enrolment(keys, enrolment).unwrap()).unwrap();
        let here = Here {
            station: store.station(),
            incarnation: store.incarnation(),
            label: if is_kiosk { format!("K{at}") } else { format!("Q{at}") },
            prefix: if is_kiosk { ["A", "B"][at].into() } else { String::new() },
            desk: Desk::new(if is_kiosk { String::new() } else { at.to_string() }),
            site: site.into(),
            agency: agency.into(),
            ..shipped()
        };
        Node {
            name: format!("{name} {at}"),
            dir,
            store: Some(Mutex::new(store)),
            state: State::default(),
            here,
            skew_ms: 0,
            acknowledged: BTreeSet::new(),
            told: BTreeMap::new(),
            role,
            row: 0,
        }
    }

    fn open_centre(&mut self) {
        let store = Store::open(Node::paths(&self.centre_dir())).expect("the centre's log opens");
        let clock = Arc::clone(&self.clock);
        let time: central::clock::Clock = Arc::new(move || Moment(clock.load(Ordering::Relaxed)));
        self.service = Some(Service::over(Box::new(Sqlite::over(store).expect("the centre folds its log")), time));
    }

    /// One step: something happens to somebody, perhaps while the power goes somewhere.
    pub fn step(&mut self, number: u64) -> Result<(), Broken> {
        self.advance(below(120_000) as i64);
        let who = below(self.nodes.len() as u64) as usize;
        if one_in(6) {
            let victim = if one_in(3) { self.centre_dir() } else { self.nodes[who].dir.clone() };
            vfs::power_goes_after(&victim, below(40) as u32);
        }
        let what = self.happen(who)?;
        vfs::power_stays();
        self.note(number, who, what);
        self.after_power()?;
        if number.is_multiple_of(50) {
            self.check_receipts()?;
        }
        Ok(())
    }

    fn advance(&mut self, ms: i64) {
        self.now = self.now.plus_ms(ms);
        self.clock.store(self.now.0, Ordering::Relaxed);
    }

    fn note(&mut self, number: u64, who: usize, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
        let line = format!("{number} {} {what} at {} writes {}", self.nodes[who].name, self.now.0, vfs::writes());
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
            0..8 => self.call_next(who),
            8..16 => self.serve(who),
            16..22 => self.admit_paper(who),
            22..30 => self.lease(who),
            30..72 => self.sync(who),
            72..78 => Ok(self.change_weather(who)),
            78..82 => Ok(self.jump_clock(who)),
            82..85 => Ok(self.change_room(who)),
            85..88 => self.forget(who),
            88..91 => self.late_push(),
            91..93 => self.copy_disk(who),
            93..94 => self.put_disk_back(who),
            94..96 => self.restart(who),
            96..97 => self.restart_centre(),
            _ => self.sync(who),
        }
    }

    fn take_number(&mut self, who: usize) -> Result<&'static str, Broken> {
        let intent = IntentId(random_uuid());
        let identity = one_in(2).then(|| Box::new(someone()));
        let procedure = "1.004873".into();
        let input = Input::TakeNumber { intent, procedure, identity, priority: None, language: "vi".into() };
        let now = self.now;
        let Ok(Ok(Done::Ticket { visit, job, effect })) = self.nodes[who].act(now, input, &[]) else {
            return Ok("no number");
        };
        let known = self.nodes[who].state.visit(visit).cloned().ok_or("a ticket that is not folded")?;
        self.note_number(&known.number, known.day, visit)?;
        // The paper moves only after the log has it.
        if self.nodes[who].store().effect_started(effect).is_err() {
            return Ok("number, power gone before paper");
        }
        let outcome = Node::printer_outcome();
        if outcome != intake::fact::PaperOutcome::NotPrinted {
            let event = self.nodes[who].ticket_event(visit).ok_or("a ticket without its event")?;
            let code = self.nodes[who].store().carry(event).ok();
            self.paper.push(Paper { number: known.number, day: known.day, visit, event, code });
        }
        let report = Input::PaperReported { visit, job, outcome, fault: None };
        match self.nodes[who].act(now, report, &[effect]) {
            Ok(Ok(_)) => Ok("number"),
            _ => Ok("number, power gone after paper"),
        }
    }

    fn note_number(&mut self, number: &TicketNumber, day: Date, visit: VisitId) -> Result<(), Broken> {
        let place = (number.prefix.clone(), day, number.sequence);
        match self.numbers.insert(place, visit) {
            Some(other) if other != visit => Err(format!("number {number} of {day} was given to {other} and {visit}")),
            _ => Ok(()),
        }
    }

    fn call_next(&mut self, who: usize) -> Result<&'static str, Broken> {
        let now = self.now;
        Ok(match self.nodes[who].act(now, Input::CallNext, &[]) {
            Ok(Ok(Done::Other(Answer::Visit(_)))) => "call",
            _ => "no call",
        })
    }

    fn serve(&mut self, who: usize) -> Result<&'static str, Broken> {
        if self.nodes[who].present().is_none() {
            return Ok("nobody there");
        }
        let now = self.now;
        if one_in(3) {
            let input = if one_in(3) { Input::Miss } else { Input::Close };
            let _ = self.nodes[who].act(now, input, &[]);
            return Ok("close");
        }
        let procedure = "1.004873";
        let found = self.nodes[who].here.catalogue.get(&procedure.into()).cloned().ok_or("the procedure")?;
        let papers = found.papers.value().ok_or("papers")?.iter().filter(|paper| !paper.only_if_applicable);
        let taken = |id: &String| PaperTaken { id: id.clone(), original: 1, certified: 0, copies: 0 };
        let ask = AcceptDossier {
            draft: None,
            intent: IntentId(random_uuid()),
            procedure: procedure.into(),
            applicant: someone(),
            contact: Contact::default(),
            papers: papers.map(|paper| taken(&paper.id)).collect(),
            sets: 1,
            pages: Some(1),
            copies: Some(1),
            fee_paid: true,
            slip: false,
            note: String::new(),
        };
        let before: BTreeSet<DossierId> = self.nodes[who].state.dossiers().map(|dossier| dossier.id).collect();
        match self.nodes[who].act(now, Input::Accept(Box::new(ask)), &[]) {
            Ok(Ok(_)) => {}
            Ok(Err(refused)) => return Err(format!("an intake in order was refused: {}", refused.code())),
            Err(_) => return Ok("no dossier, power gone or disk full"),
        }
        let new: Vec<(DossierId, CodeGiven)> = self.nodes[who]
            .state
            .dossiers()
            .filter(|dossier| !before.contains(&dossier.id))
            .map(|dossier| (dossier.id, dossier.code.clone()))
            .collect();
        for (id, code) in new {
            self.note_code(id, &code)?;
        }
        Ok("dossier")
    }

    /// A dossier for an authority that is not the station's, or at an agent, who belongs to none.
    fn take_in_for_another(&mut self, who: usize) -> Result<&'static str, Broken> {
        let node = &mut self.nodes[who];
        let home = node.store().card().readable().into_iter().next().ok_or("a home")?;
        let agency: AgencyCode = if one_in(2) { AGENCY } else { FAR_AGENCY }.into();
        let (id, now) = (DossierId(random_uuid()), node.now(self.now));
        let code = CodeGiven::Temporary { code: format!("TẠM-{id}") };
        let accepted = DossierAccepted {
            intent: IntentId(random_uuid()),
            visit: VisitId(random_uuid()),
            procedure: "1.004873".into(),
            agency: agency.clone(),
            site: node.here.site.clone(),
            desk: node.here.desk.clone(),
            code: code.clone(),
            papers: vec![],
            sets: 1,
            at: now,
            due: None,
            calendar: "hanoi".into(),
            fee: None,
            fee_paid: false,
            slip: None,
            registered: false,
        };
        let personal = Personal { identity: Some(someone()), ..Personal::default() };
        let mut scopes = vec![home, Scope::agency(&agency)];
        scopes.dedup();
        let draft = Draft { subject: Subject::Dossier(id), fact: accepted.into(), personal: Some(personal), scopes };
        let written = node.store().append(now, None, vec![draft], vec![], &[]);
        let Ok(events) = written else { return Ok("no dossier, power gone or disk full") };
        node.acknowledge(&events);
        node.fold(events);
        self.note_code(id, &code)?;
        Ok("dossier for another authority")
    }

    fn note_code(&mut self, id: DossierId, code: &CodeGiven) -> Result<(), Broken> {
        match self.codes.insert(code.text(), id) {
            Some(other) if other != id => Err(format!("code {} was given to {other} and {id}", code.text())),
            _ => Ok(()),
        }
    }

    fn admit_paper(&mut self, who: usize) -> Result<&'static str, Broken> {
        if self.paper.is_empty() {
            return Ok("no paper");
        }
        let which = below(self.paper.len() as u64) as usize;
        let (visit, Some(code)) = (self.paper[which].visit, self.paper[which].code.clone()) else {
            return Ok("paper without code");
        };
        let admitted = self.nodes[who].store().admit_carried(&code);
        let Ok(event) = admitted else { return Ok("paper not admitted") };
        self.nodes[who].fold(vec![event]);
        let now = self.now;
        let _ = self.nodes[who].act(now, Input::Admit { visit }, &[]);
        Ok("paper admitted")
    }

    fn line(&self, who: usize) -> Line {
        let card: StationCard = self.nodes[who].store().card().clone();
        let centre = self.service.as_ref().map(|service| service.for_station(card.clone()));
        Line { centre, card, weather: self.weather[who], late: Rc::clone(&self.late) }
    }

    fn lease(&mut self, who: usize) -> Result<&'static str, Broken> {
        let line = self.line(who);
        let ask = LeaseAsk {
            request: random_uuid(),
            agency: CAST[who].3.into(),
            day: self.now.day(),
            count: 1 + below(3) as u32,
            to: None,
        };
        Ok(if line.lease(&ask).is_ok() { "lease" } else { "no lease" })
    }

    fn sync(&mut self, who: usize) -> Result<&'static str, Broken> {
        let line = self.line(who);
        let time = self.nodes[who].now(self.now);
        let store = self.nodes[who].store.as_ref().ok_or("a station that does not run")?;
        let outcome = sync_once(store, &line, &|| time);
        self.nodes[who].catch_up();
        let Ok(outcome) = outcome else { return Ok("sync broken") };
        if let Some((stream, refusal)) = outcome.refused.first() {
            let name = &self.nodes[who].name;
            let of =
                stream.as_ref().and_then(|stream| self.nodes.iter().find(|node| node.here.station == stream.station));
            let (of, life) =
                of.map_or(("nobody", String::new()), |node| (&node.name, node.here.incarnation.to_string()));
            let card = self.nodes[who].store().card().clone();
            let at = |heads: Option<Heads>| stream.as_ref().and_then(|stream| heads?.get(stream).copied());
            let here = at(self.nodes[who].store().streams().ok());
            let there = self.service.as_ref().and_then(|it| it.for_station(card.clone()).heads(&card.readable()).ok());
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
        let whole = !outcome.more && outcome.new_incarnation.is_none();
        if whole && !self.nodes[who].here.knows_its_past {
            let left_out = !gives || self.nodes[who].act(now, Input::LeaveOutNumbers, &[]).is_ok();
            let gave_up = left_out && (!gives || self.nodes[who].act(now, Input::GiveUpCodes, &[]).is_ok());
            let carried_on = gave_up && self.nodes[who].store().carry_on().is_ok();
            self.nodes[who].here.knows_its_past = carried_on;
        }
        if self.nodes[who].is_counter() && outcome.received.iter().any(|event| event.fact.kind() == "CodesLeased") {
            let _ = self.nodes[who].act(now, Input::AssignCodes, &[]);
        }
        Ok("sync")
    }

    fn change_weather(&mut self, who: usize) -> &'static str {
        self.weather[who] = match below(4) {
            0 => Weather { cut: true, ..Weather::default() },
            1 => Weather { one_way: true, ..Weather::default() },
            2 => Weather { harm: 4, ..Weather::default() },
            _ => Weather::default(),
        };
        "weather"
    }

    fn jump_clock(&mut self, who: usize) -> &'static str {
        const DAY: i64 = 86_400_000;
        self.nodes[who].skew_ms = [0, 0, -DAY, DAY, -3_600_000, 90_000, -90_000][below(7) as usize];
        "clock"
    }

    fn change_room(&mut self, who: usize) -> &'static str {
        vfs::set_full(&self.nodes[who].dir, one_in(3));
        "room"
    }

    fn forget(&mut self, who: usize) -> Result<&'static str, Broken> {
        let node = &mut self.nodes[who];
        if !node.is_counter() || !one_in(3) {
            return Ok("nobody forgotten");
        }
        let Some(dossier) = node.state.dossiers().next().map(|dossier| dossier.id) else {
            return Ok("nobody forgotten");
        };
        let now = node.now(self.now);
        let written = node.store().forget(now, None, &Subject::Dossier(dossier), "theo yêu cầu");
        if let Ok(events) = written {
            node.acknowledge(&events);
            node.fold(events);
        }
        Ok("forgotten")
    }

    fn late_push(&mut self) -> Result<&'static str, Broken> {
        let Some((card, segments)) = self.late.borrow_mut().pop() else { return Ok("nothing late") };
        let Some(service) = &self.service else { return Ok("nothing late") };
        let _ = service.for_station(card).push(&segments);
        Ok("late push")
    }

    /// Somebody copies the disk while the station rests.
    fn copy_disk(&mut self, who: usize) -> Result<&'static str, Broken> {
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
    fn put_disk_back(&mut self, who: usize) -> Result<&'static str, Broken> {
        // Once each: of two lives that come of one copy and hear nobody in between neither can know of the other.
        let Some(copy) = self.copies.remove(&who) else { return Ok("no copy") };
        vfs::power_stays();
        let dir = self.nodes[who].dir.clone();
        self.nodes[who].store = None;
        vfs::forget_unsynced(&dir);
        std::fs::remove_dir_all(&dir).map_err(|fault| fault.to_string())?;
        copy_dir(&copy, &dir);
        vfs::set_full(&dir, false);
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

    fn restart(&mut self, who: usize) -> Result<&'static str, Broken> {
        vfs::power_stays();
        self.nodes[who].store = None;
        let now = self.now;
        self.start(who, now)?;
        Ok("restart")
    }

    fn restart_centre(&mut self) -> Result<&'static str, Broken> {
        vfs::power_stays();
        self.service = None;
        self.open_centre();
        Ok("centre restarted")
    }

    /// Whoever lost power comes back, with what its disk kept.
    fn after_power(&mut self) -> Result<(), Broken> {
        let Some(dead) = vfs::dead() else { return Ok(()) };
        if dead == self.centre_dir() {
            self.service = None;
            vfs::restore_power(&dead);
            self.open_centre();
            *self.counts.entry("power cut at the centre").or_default() += 1;
            return self.check_receipts();
        }
        let who = self.nodes.iter().position(|node| node.dir == dead).ok_or("a disk of nobody")?;
        self.nodes[who].store = None;
        vfs::restore_power(&dead);
        let now = self.now;
        *self.counts.entry("power cut").or_default() += 1;
        self.start(who, now)
    }

    fn start(&mut self, who: usize, now: Moment) -> Result<(), Broken> {
        let full = self.nodes[who].dir.clone();
        vfs::set_full(&full, false);
        self.nodes[who].store = None;
        let name = self.nodes[who].name.clone();
        self.nodes[who].start(now).map_err(|fault| format!("{name} does not open its log again: {fault}"))?;
        self.check_kept(who)?;
        self.check_sealed(who)
    }

    /// What a station said that it wrote is there after whatever happened.
    fn check_kept(&self, who: usize) -> Result<(), Broken> {
        let node = &self.nodes[who];
        let held: BTreeSet<EventId> =
            node.store().events().map_err(|fault| fault.to_string())?.iter().map(|event| event.id).collect();
        let lost = node.acknowledged.iter().find(|id| !held.contains(id) && !self.excused.contains(id));
        let Some(id) = lost else { return Ok(()) };
        let told = node.told.get(id).cloned().unwrap_or_default();
        Err(format!(
            "{} lost event {id}, which it had acknowledged: {told}; it holds {} events, and its log says {:?}",
            node.name,
            held.len(),
            node.store().verify().map(|report| report.difference),
        ))
    }

    /// A kiosk that was started again cannot read what it sealed.
    fn check_sealed(&self, who: usize) -> Result<(), Broken> {
        let node = &self.nodes[who];
        if !node.is_kiosk() {
            return Ok(());
        }
        let store = node.store();
        for event in store.events().map_err(|fault| fault.to_string())?.iter().rev().take(5) {
            if event.has_personal && matches!(store.personal(event.id), Ok(Opened::Personal(_))) {
                return Err(format!("{} can read what it sealed", node.name));
            }
        }
        Ok(())
    }

    /// The centre holds all that its receipts say, with the same hashes.
    fn check_receipts(&self) -> Result<(), Broken> {
        let Some(service) = &self.service else { return Ok(()) };
        let card = service.card(self.nodes[0].here.station).ok().flatten().ok_or("the centre forgot a station")?;
        let _ = card;
        for node in &self.nodes {
            let store = node.store();
            let heads: Heads = service
                .for_station(store.card().clone())
                .heads(&store.card().readable())
                .map_err(|it| it.to_string())?;
            for (stream, no) in store.receipted_all().map_err(|fault| fault.to_string())? {
                // An agent may not ask how far an authority's streams go.
                if store.card().may_read(&stream.scope) && heads.no(&stream) < no {
                    return Err(format!("{}: the centre confirmed {no} and holds {}", node.name, heads.no(&stream)));
                }
            }
        }
        Ok(())
    }

    /// Everything is repaired; whoever can talk talks, until nothing moves. Then all must agree.
    pub fn heal(&mut self) -> Result<(), Broken> {
        self.late.borrow_mut().clear();
        for who in 0..self.nodes.len() {
            self.weather[who] = Weather::default();
            self.nodes[who].skew_ms = 0;
            let dir = self.nodes[who].dir.clone();
            vfs::set_full(&dir, false);
        }
        // Started once more, each settles what it still owed.
        for who in 0..self.nodes.len() {
            self.restart(who)?;
        }
        for _ in 0..4 {
            for who in 0..self.nodes.len() {
                self.sync(who)?;
            }
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
                return Err(format!(
                    "{} still has {waiting} events in its outbox: {open:?}; it lives in {}",
                    self.nodes[who].name,
                    store.incarnation()
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
        self.check_readers()?;
        self.check_tags()?;
        self.check_papers()?;
        self.check_marker()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.service = None;
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
