//! State is a fold of events, a subject at a time, the same on every machine whatever the order of arrival.

use crate::code::AgencyDay;
use crate::dossier::Dossier;
use crate::event::{Event, Hlc, Subject};
use crate::fact::{CodeGiven, Fact, cbor};
use crate::ids::{
    AgencyCode, Desk, DossierId, EventId, Incarnation, IntentId, LeaseId, OfficerId, SiteCode, StationId, VisitId,
};
use crate::moment::Moment;
use crate::queue::{Pause, PauseReason, QueueRules, Visit, calling_order};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashSet};

/// A block of an agency's dossier numbers of one day, leased to one station by the centre.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Lease {
    /// Its id.
    pub id: LeaseId,
    /// Whose numbers.
    pub agency: AgencyCode,
    /// Of which day.
    pub day: Date,
    /// The first number.
    pub first: u32,
    /// How many.
    pub count: u32,
    /// To whom.
    pub to: StationId,
}

impl Lease {
    /// Whether the number is one of this lease.
    pub fn holds(&self, sequence: u32) -> bool {
        sequence >= self.first && sequence - self.first < self.count
    }
}

/// An officer's account, its open part.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Officer {
    /// Account name.
    pub id: OfficerId,
    /// Where they work.
    pub site: SiteCode,
    /// What they may do.
    pub roles: Vec<String>,
    /// The event whose sealed part holds the name and the PIN's hash.
    pub appointed_by: EventId,
    /// Where they are signed in.
    pub desk: Option<Desk>,
    /// The day on which they signed in there.
    pub since: Option<Date>,
}

/// A subject's folded state, as it stands in a view: the same bytes on every machine.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row {
    /// The view: `visit`, `dossier`, `lease`, `officer`.
    pub view: &'static str,
    /// The subject's id.
    pub id: String,
    /// CBOR of the folded state.
    pub body: Vec<u8>,
}

/// Folds one subject from all its events, in whatever order they are given.
///
/// None where nothing stands in a view: the first fact is missing, or the subject has no view.
pub fn fold_subject<'a>(subject: &Subject, events: impl IntoIterator<Item = &'a Event>) -> Option<Row> {
    let mut events: Vec<&Event> = events.into_iter().collect();
    events.sort_by_key(|event| event.order());
    let row = |view, id: String, body| Some(Row { view, id, body });
    let events = events.into_iter();
    match subject {
        Subject::Visit(id) => row("visit", id.to_string(), cbor(&Visit::fold(*id, events)?)),
        Subject::Dossier(id) => row("dossier", id.to_string(), cbor(&Dossier::fold(*id, events)?)),
        Subject::Lease(id) => row("lease", id.to_string(), cbor(&fold_lease(*id, events)?)),
        Subject::Officer(id) => row("officer", id.to_string(), cbor(&fold_officer(id, events)?)),
        Subject::Station(_) | Subject::Setting(_) => None,
    }
}

fn fold_lease<'a>(id: LeaseId, mut events: impl Iterator<Item = &'a Event>) -> Option<Lease> {
    events.find_map(|event| match &event.fact {
        Fact::CodesLeased(lease) => Some(Lease {
            id,
            agency: lease.agency.clone(),
            day: lease.day,
            first: lease.first,
            count: lease.count,
            to: lease.to,
        }),
        _ => None,
    })
}

fn fold_officer<'a>(id: &OfficerId, events: impl Iterator<Item = &'a Event>) -> Option<Officer> {
    let mut officer: Option<Officer> = None;
    for event in events {
        match (&event.fact, &mut officer) {
            (Fact::OfficerAppointed(appointed), known) => {
                let (desk, since) = known.take().map_or((None, None), |officer| (officer.desk, officer.since));
                *known = Some(Officer {
                    id: id.clone(),
                    site: appointed.site.clone(),
                    roles: appointed.roles.clone(),
                    appointed_by: event.id,
                    desk,
                    since,
                });
            }
            (Fact::OfficerSignedIn(signed), Some(officer)) => {
                officer.desk = Some(signed.desk.clone());
                officer.since = Some(event.at.wall().day());
            }
            // One who went to another desk and is then signed out at the former one stays where they are.
            (Fact::OfficerSignedOut(signed), Some(officer)) if officer.desk.as_ref() == Some(&signed.desk) => {
                officer.desk = None;
            }
            _ => {}
        }
    }
    officer
}

/// The last word on something, with its place in canonical order.
type Said<T> = ((Hlc, StationId, EventId), T);

/// All that a station knows, folded from events in memory.
#[derive(Clone, Default, Debug)]
pub struct State {
    seen: HashSet<EventId>,
    histories: BTreeMap<Subject, Vec<Event>>,
    visits: BTreeMap<VisitId, Visit>,
    dossiers: BTreeMap<DossierId, Dossier>,
    leases: BTreeMap<LeaseId, Lease>,
    officers: BTreeMap<OfficerId, Officer>,
    intents: BTreeMap<IntentId, Subject>,
    last_numbers: BTreeMap<(String, Date), u32>,
    used_codes: BTreeMap<(AgencyCode, Date), HashSet<u32>>,
    temporaries: BTreeMap<StationId, u32>,
    receipts: BTreeMap<String, u32>,
    manifests: BTreeMap<String, u32>,
    /// By desk: the last word, in canonical order, on whether it calls.
    pauses: BTreeMap<Desk, Said<Option<Pause>>>,
    lives_left_out: HashSet<Incarnation>,
    written: BTreeMap<StationId, Hlc>,
    reckoned: BTreeMap<StationId, Moment>,
}

impl State {
    /// Takes in one event; the same event twice changes nothing.
    pub fn apply(&mut self, event: Event) {
        if !self.seen.insert(event.id) {
            return;
        }
        self.index(&event);
        let subject = event.subject.clone();
        let history = self.histories.entry(subject.clone()).or_default();
        let place = history.partition_point(|known| known.order() < event.order());
        history.insert(place, event);
        self.refold(&subject);
    }

    fn index(&mut self, event: &Event) {
        let last = self.written.entry(event.station).or_default();
        *last = event.at.max(*last);
        if let Some(at) = event.fact.at() {
            let last = self.reckoned.entry(event.station).or_insert(at);
            *last = at.max(*last);
        }
        match &event.fact {
            Fact::TicketIssued(issued) => {
                self.intents.insert(issued.intent, event.subject.clone());
                let last = self.last_numbers.entry((issued.number.prefix.clone(), issued.day)).or_default();
                *last = issued.number.sequence.max(*last);
            }
            Fact::DossierRegistered(taken) => {
                self.intents.insert(taken.intent, event.subject.clone());
                self.give_code(event, &taken.code);
            }
            Fact::DossierAccepted(accepted) => {
                self.intents.insert(accepted.intent, event.subject.clone());
                if !accepted.registered {
                    self.give_code(event, &accepted.code);
                }
            }
            Fact::DeskPaused(paused) => {
                let pause = Pause { reason: paused.reason, since: paused.at };
                self.note_pause(&paused.desk, event, Some(pause));
            }
            Fact::DeskResumed(resumed) => self.note_pause(&resumed.desk, event, None),
            Fact::FeeTaken(taken) => {
                let last = self.receipts.entry(taken.receipt.series.clone()).or_default();
                *last = taken.receipt.number.max(*last);
            }
            Fact::PapersSent(sent) => {
                let last = self.manifests.entry(sent.manifest.series.clone()).or_default();
                *last = sent.manifest.number.max(*last);
            }
            Fact::NumbersLeftOut(left_out) => {
                let last = self.last_numbers.entry((left_out.prefix.clone(), left_out.day)).or_default();
                *last = left_out.through.max(*last);
                self.lives_left_out.insert(left_out.life);
            }
            Fact::CodesGivenUp(given_up) => {
                for sequence in &given_up.sequences {
                    let place = AgencyDay { agency: given_up.agency.clone(), day: given_up.day };
                    self.use_code(place, *sequence);
                }
            }
            Fact::CodeAssigned(assigned) => self.use_code(assigned.code.place(), assigned.sequence),
            _ => {}
        }
    }

    fn note_pause(&mut self, desk: &Desk, event: &Event, pause: Option<Pause>) {
        let said = (event.order(), pause);
        let last = self.pauses.entry(desk.clone()).or_insert(said);
        if said.0 > last.0 {
            *last = said;
        }
    }

    /// A number is of the agency and day that its code names: who decides on the dossier may be another.
    fn give_code(&mut self, event: &Event, code: &CodeGiven) {
        match code {
            CodeGiven::Official { code, sequence } => self.use_code(code.place(), *sequence),
            CodeGiven::Temporary { .. } => *self.temporaries.entry(event.station).or_default() += 1,
        }
    }

    fn use_code(&mut self, place: AgencyDay, sequence: u32) {
        self.used_codes.entry((place.agency, place.day)).or_default().insert(sequence);
    }

    fn refold(&mut self, subject: &Subject) {
        let Some(history) = self.histories.get(subject) else {
            return;
        };
        let events = history.iter();
        match subject {
            Subject::Visit(id) => keep(&mut self.visits, *id, Visit::fold(*id, events)),
            Subject::Dossier(id) => keep(&mut self.dossiers, *id, Dossier::fold(*id, events)),
            Subject::Lease(id) => keep(&mut self.leases, *id, fold_lease(*id, events)),
            Subject::Officer(id) => keep(&mut self.officers, id.clone(), fold_officer(id, events)),
            Subject::Station(_) | Subject::Setting(_) => {}
        }
    }

    /// A visit.
    pub fn visit(&self, id: VisitId) -> Option<&Visit> {
        self.visits.get(&id)
    }

    /// All visits, oldest first.
    pub fn visits(&self) -> impl Iterator<Item = &Visit> {
        self.visits.values()
    }

    /// A dossier.
    pub fn dossier(&self, id: DossierId) -> Option<&Dossier> {
        self.dossiers.get(&id)
    }

    /// All dossiers, oldest first.
    pub fn dossiers(&self) -> impl Iterator<Item = &Dossier> {
        self.dossiers.values()
    }

    /// The dossiers of a visit, oldest first.
    pub fn dossiers_of(&self, visit: VisitId) -> impl Iterator<Item = &Dossier> {
        self.dossiers.values().filter(move |dossier| dossier.visit == visit)
    }

    /// The dossier that goes by a code, official or temporary.
    pub fn dossier_by_code(&self, code: &str) -> Option<&Dossier> {
        self.dossiers.values().find(|dossier| dossier.goes_by(code))
    }

    /// An officer's account.
    pub fn officer(&self, id: &OfficerId) -> Option<&Officer> {
        self.officers.get(id)
    }

    /// All officers' accounts.
    pub fn officers(&self) -> impl Iterator<Item = &Officer> {
        self.officers.values()
    }

    /// The leases of a station for an agency and a day, oldest first.
    pub fn leases<'a>(&'a self, to: StationId, agency: &'a AgencyCode, day: Date) -> impl Iterator<Item = &'a Lease> {
        self.leases.values().filter(move |lease| lease.to == to && lease.agency == *agency && lease.day == day)
    }

    /// All leases.
    pub fn all_leases(&self) -> impl Iterator<Item = &Lease> {
        self.leases.values()
    }

    /// The numbers of a station's leases that are still free, in order.
    pub fn free_codes<'a>(
        &'a self,
        to: StationId,
        agency: &'a AgencyCode,
        day: Date,
    ) -> impl Iterator<Item = u32> + 'a {
        let used = self.used_codes.get(&(agency.clone(), day));
        self.leases(to, agency, day)
            .flat_map(|lease| lease.first..lease.first.saturating_add(lease.count))
            .filter(move |sequence| !used.is_some_and(|used| used.contains(sequence)))
    }

    /// How many temporary codes a station has given.
    pub fn temporaries(&self, station: StationId) -> u32 {
        self.temporaries.get(&station).copied().unwrap_or(0)
    }

    /// The last receipt for money of a series; 0 before the first.
    pub fn last_receipt(&self, series: &str) -> u32 {
        self.receipts.get(series).copied().unwrap_or(0)
    }

    /// The last hand-over of a series; 0 before the first.
    pub fn last_manifest(&self, series: &str) -> u32 {
        self.manifests.get(series).copied().unwrap_or(0)
    }

    /// What an intent came to, if it was carried out.
    pub fn outcome_of(&self, intent: IntentId) -> Option<&Subject> {
        self.intents.get(&intent)
    }

    /// The last number given under a prefix on a day; 0 before the first.
    pub fn last_number(&self, prefix: &str, day: Date) -> u32 {
        self.last_numbers.get(&(prefix.to_owned(), day)).copied().unwrap_or(0)
    }

    /// Whether a life of a kiosk's disk has left out the numbers of which it cannot know.
    pub fn has_left_out(&self, life: Incarnation) -> bool {
        self.lives_left_out.contains(&life)
    }

    /// The latest reading of a station's clock that stands in its log.
    pub fn last_written(&self, station: StationId) -> Hlc {
        self.written.get(&station).copied().unwrap_or_default()
    }

    /// The latest time by which a station reckoned; the beginning of time before its first fact.
    pub fn last_reckoned(&self, station: StationId) -> Moment {
        self.reckoned.get(&station).copied().unwrap_or(Moment(0))
    }

    /// The events of a subject, in canonical order.
    pub fn history(&self, subject: &Subject) -> &[Event] {
        self.histories.get(subject).map_or(&[], Vec::as_slice)
    }

    /// Whether somebody ordered to forget the person behind it.
    pub fn is_forgotten(&self, subject: &Subject) -> bool {
        self.history(subject).iter().any(|event| matches!(event.fact, Fact::GrantsDestroyed(_)))
    }

    /// How many priority numbers were called in a row just now, on a day.
    pub fn priority_run(&self, day: Date) -> u32 {
        let mut first_calls: Vec<_> = self
            .visits
            .values()
            .filter(|visit| visit.day == day)
            .filter_map(|visit| visit.calls.first().map(|call| (call.at, visit.priority.is_some())))
            .collect();
        first_calls.sort_by(|a, b| b.cmp(a));
        first_calls.iter().take_while(|(_, priority)| *priority).count() as u32
    }

    /// The visits that may be called on a day, in the order in which they will be.
    pub fn waiting(&self, day: Date, rules: &QueueRules) -> Vec<&Visit> {
        calling_order(self.callable(day), rules, self.priority_run(day))
    }

    /// The visits that a desk may call on a day, in the order in which it will: whoever was sent to it first, and nobody who
    /// was sent to another desk at which somebody works.
    pub fn waiting_for(&self, desk: &Desk, day: Date, rules: &QueueRules) -> Vec<&Visit> {
        let sent_here = |visit: &&Visit| visit.sent_to.as_ref() == Some(desk);
        let sent_elsewhere = |visit: &&Visit| visit.sent_to.as_ref().is_some_and(|to| self.is_staffed(to, day));
        let (mut first, rest): (Vec<_>, Vec<_>) = self.callable(day).partition(sent_here);
        first.sort_by(|one, other| one.arrival().cmp(&other.arrival()));
        let rest = rest.into_iter().filter(|visit| !sent_elsewhere(visit));
        first.extend(calling_order(rest, rules, self.priority_run(day)));
        first
    }

    fn callable(&self, day: Date) -> impl Iterator<Item = &Visit> {
        self.visits.values().filter(move |visit| visit.day == day && visit.may_be_called())
    }

    /// Why a desk calls nobody, where it is paused.
    pub fn pause_of(&self, desk: &Desk) -> Option<Pause> {
        self.pauses.get(desk).and_then(|(_, pause)| *pause)
    }

    /// Whether somebody signed in at a desk on this day and has not gone: one who was sent there will be called. A machine that
    /// was switched off in the evening is nobody's the next day.
    pub fn is_staffed(&self, desk: &Desk, day: Date) -> bool {
        let gone = self.pause_of(desk).is_some_and(|pause| pause.reason == PauseReason::EndOfShift);
        let works = |officer: &Officer| officer.desk.as_ref() == Some(desk) && officer.since == Some(day);
        !gone && self.officers.values().any(works)
    }
}

fn keep<K: Ord, V>(map: &mut BTreeMap<K, V>, id: K, folded: Option<V>) {
    match folded {
        Some(value) => map.insert(id, value),
        None => map.remove(&id),
    };
}
