//! What a station decides: `decide(state, input, now, random) -> (events, effects)`, and nothing else.
//!
//! The loop around it writes the events, does the effects and shows the answer; a simulation is another such loop.

mod amend;
mod carriage;
mod codes;
mod counter;
mod input;
mod kiosk;
mod money;
mod queue;
mod refused;
mod reuse;
mod work;

pub use amend::AmendDossier;
pub use input::{AcceptDossier, Input, Reuse};
pub use kiosk::{PAPER_OVERDUE_MS, PERHAPS_GIVEN};
pub use money::Money;
pub use refused::Refused;
pub use work::Order;

use crate::calendar::{Calendar, Calendars};
use crate::catalogue::{Authority, Catalogue, Procedure};
use crate::code::Templates;
use crate::dossier::{Dossier, ManifestNo, Status, Step};
use crate::due::due_after;
use crate::event::{Draft, Scope, Subject};
use crate::fact::Fact;
use crate::ids::{AgencyCode, Desk, DossierId, Incarnation, JobId, SiteCode, StationId, VisitId};
use crate::jurisdiction::{Authorities, AuthorityId, Competence};
use crate::moment::Moment;
use crate::person::{Identity, Personal};
use crate::queue::{QueueRules, TicketNumber, Visit};
use crate::rules::Workflow;
use crate::state::State;
use std::collections::BTreeSet;
use std::sync::Arc;
use uuid::Uuid;

/// Where a decision is made, and by which rules.
#[derive(Clone, Debug)]
pub struct Here {
    /// The station that decides.
    pub station: StationId,
    /// The life of its disk.
    pub incarnation: Incarnation,
    /// Whether it is sure to know all that it ever gave: not between the restoring of its disk and the next word with the
    /// centre. Until then it gives no number that a former life may have given.
    pub knows_its_past: bool,
    /// Whether the clock was just now found right by the centre's.
    pub clock_is_right: bool,
    /// Its short name, which stands in temporary codes, such as `Q3`.
    pub label: String,
    /// Where it stands.
    pub site: SiteCode,
    /// The authority whose dossier codes it draws.
    pub agency: AgencyCode,
    /// A kiosk's own letters.
    pub prefix: String,
    /// A counter's desk.
    pub desk: Desk,
    /// The letters that this desk calls; empty: all. An island without a hub splits them among its desks.
    pub calls: Vec<String>,
    /// The procedures.
    pub catalogue: Arc<Catalogue>,
    /// The working days of the authorities.
    pub calendars: Arc<Calendars>,
    /// The authorities that decide.
    pub authorities: Arc<Authorities>,
    /// What the decrees set in numbers for the way of a dossier.
    pub workflow: Arc<Workflow>,
    /// The dossier codes' templates.
    pub templates: Templates,
    /// The queue's rules.
    pub rules: QueueRules,
}

impl Here {
    /// The working days of the authority that decides on a procedure.
    pub fn calendar_of(&self, procedure: &Procedure, agency: &AgencyCode) -> &Calendar {
        self.calendars.of(procedure.authority.value().copied(), Some(agency)).calendar
    }

    /// What would be promised for a dossier by the working days as they are known now, where an older table promised something
    /// else. A promise that was moved with an apology, or that waits for the citizen, stands as it is.
    pub fn promise_touched(&self, dossier: &Dossier) -> Option<Moment> {
        let procedure = self.catalogue.get(&dossier.procedure)?;
        let calendar = self.calendar_of(procedure, &dossier.agency);
        let stands =
            !matches!(dossier.status, Status::Accepted | Status::Processing) || dossier.times(Step::Reappoint) > 0;
        if stands || calendar.version() == dossier.calendar {
            return None;
        }
        let clock = self.workflow.on(dossier.accepted_at.day()).supplement_clock;
        let limit = *procedure.time_limit.value()?;
        let due = due_after(limit, dossier.accepted_at, &dossier.waits(), clock, calendar)?;
        (Some(due.at) != dossier.due).then_some(due.at)
    }

    /// To whom the dossiers of an authority are sent: this desk's own agency where it is that of this place, or where no
    /// code is known, and they go on paper only.
    pub fn agency_of(&self, authority: &AuthorityId) -> &AgencyCode {
        let own = AuthorityId::of(Authority::Commune, &self.site) == *authority;
        self.authorities.agency(authority).filter(|_| !own).unwrap_or(&self.agency)
    }
}

/// What must be done in the world, owed from the moment it is on disk.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Effect {
    /// Print a ticket.
    PrintTicket {
        /// The job.
        job: JobId,
        /// Whose ticket.
        visit: VisitId,
        /// Whether it is a copy, which says so.
        copy: bool,
    },
    /// Write a receipt, or the paper of a step (a request for papers, a refusal, an apology) or a payment.
    MakeSlip {
        /// The job.
        job: JobId,
        /// For which dossier.
        dossier: DossierId,
    },
    /// Call a number on the board and by voice. Not durable: a call is for now.
    Call {
        /// The number.
        number: TicketNumber,
        /// To which desk.
        desk: Desk,
        /// For which time.
        times: u32,
        /// Whether it is a priority number.
        priority: bool,
    },
}

/// What the asker is told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer {
    /// It is done.
    Done,
    /// It was done before: the same press of a button.
    Already(Subject),
    /// A visit began, or was called.
    Visit(VisitId),
    /// A dossier was accepted.
    Dossier(DossierId),
    /// Papers were handed over, on this record.
    HandedOver(ManifestNo),
    /// Nobody waits.
    NobodyWaits,
}

/// The outcome of a decision.
#[derive(Clone, PartialEq, Debug)]
pub struct Decision {
    /// Facts to write, all or none.
    pub drafts: Vec<Draft>,
    /// What is then owed.
    pub effects: Vec<Effect>,
    /// What the asker is told.
    pub answer: Answer,
}

impl Decision {
    fn nothing(answer: Answer) -> Self {
        Self { drafts: vec![], effects: vec![], answer }
    }

    fn of(drafts: Vec<Draft>, answer: Answer) -> Self {
        Self { drafts, effects: vec![], answer }
    }

    fn with(mut self, effect: Effect) -> Self {
        self.effects.push(effect);
        self
    }
}

/// A source of chance, passed in.
pub trait Random {
    /// 128 random bits.
    fn bits(&mut self) -> u128;
}

impl<F: FnMut() -> u128> Random for F {
    fn bits(&mut self) -> u128 {
        self()
    }
}

/// How far a clock may be behind the station's own log and still be taken for one that was set back: a day and a half, in
/// milliseconds. Beyond that it is rather the log that once met a clock that was far ahead, and the clock is believed.
const SET_BACK_AT_MOST_MS: i64 = 36 * 3600 * 1000;

/// The time by which a station reckons: its clock's, or that of its own last fact where the clock was set back by up to a day
/// and a half and the centre has not found it right.
pub fn reckoned_now(state: &State, here: &Here, now: Moment) -> Moment {
    let last = state.last_reckoned(here.station);
    let set_back = last.0 - now.0 <= SET_BACK_AT_MOST_MS && !here.clock_is_right;
    if set_back { now.max(last) } else { now }
}

/// Whether this desk may call somebody now.
///
/// # Errors
/// [`Refused::DeskTaken`] while somebody is there, [`Refused::DeskPaused`].
pub fn desk_is_free(state: &State, here: &Here) -> Result<(), Refused> {
    if let Some(present) = state.visits().find(|visit| visit.is_at(&here.desk)) {
        return Err(Refused::DeskTaken(present.number.clone()));
    }
    if state.pause_of(&here.desk).is_some() { Err(Refused::DeskPaused) } else { Ok(()) }
}

/// The number that a desk would call next, but for those that it was told it may not.
///
/// # Errors
/// As [`desk_is_free`].
pub fn next_to_call(
    state: &State,
    here: &Here,
    now: Moment,
    but: &BTreeSet<VisitId>,
) -> Result<Option<VisitId>, Refused> {
    desk_is_free(state, here)?;
    let day = reckoned_now(state, here, now).day();
    let sent_here = |visit: &&Visit| visit.sent_to.as_ref() == Some(&here.desk);
    let ours = |visit: &&Visit| sent_here(visit) || here.calls.is_empty() || here.calls.contains(&visit.number.prefix);
    let waiting = state.waiting_for(&here.desk, day, &here.rules).into_iter();
    Ok(waiting.filter(ours).map(|visit| visit.id).find(|visit| !but.contains(visit)))
}

/// Decides. Reads no clock and throws no dice: the same arguments give the same decision.
///
/// A clock that was set back does not turn the day back: the station's own log says how late it is at least.
pub fn decide(
    state: &State,
    here: &Here,
    input: Input,
    now: Moment,
    random: &mut dyn Random,
) -> Result<Decision, Refused> {
    let now = reckoned_now(state, here, now);
    let mut desk = Deciding { state, here, now, random };
    match input {
        Input::TakeNumber { intent, procedure, identity, priority, language } => {
            desk.take_number(intent, procedure, identity.map(|identity| *identity), priority, language)
        }
        Input::PaperReported { visit, job, outcome, fault } => desk.paper_reported(visit, job, outcome, fault),
        Input::SettlePaper { visit, came_out } => desk.settle_paper(visit, came_out),
        Input::CopyTicket { visit } => desk.copy_ticket(visit),
        Input::Admit { visit } => desk.admit(visit),
        Input::SignIn { officer } => Ok(desk.sign_in(officer)),
        Input::SignOut { officer } => Ok(desk.sign_out(officer)),
        Input::CallNext => desk.call_next(),
        Input::CallClaimed { visit } => desk.call_claimed(visit),
        Input::Recall => desk.recall(),
        Input::Miss => desk.miss(),
        Input::Park => desk.park(),
        Input::TakeBack { visit } => desk.take_back(visit),
        Input::SendBack { visit } => desk.send_back(visit),
        Input::Transfer { to } => desk.transfer(to),
        Input::AddService { procedure } => desk.add_service(procedure),
        Input::Pause { reason } => desk.pause(reason),
        Input::Resume => desk.resume(),
        Input::Close => desk.close(),
        Input::View => desk.view("serving"),
        Input::LookUpEarlier => desk.view("earlier"),
        Input::Search => Ok(desk.look_at_many("search")),
        Input::ReadBook => Ok(desk.look_at_many("register")),
        Input::Open { dossier } => desk.open(dossier),
        Input::Accept(ask) => desk.accept(*ask),
        Input::Amend(ask) => desk.amend(*ask),
        Input::SlipMade { dossier, job, hash, size } => desk.slip_made(dossier, job, hash, size),
        Input::Return { dossier } => desk.return_result(dossier),
        Input::Register(ask) => desk.register(*ask),
        Input::Work { dossier, order, note } => desk.work(dossier, order, note),
        Input::Settle { dossier, event, note } => desk.settle(dossier, event, note),
        Input::Money { dossier, money, note } => desk.money(dossier, money, note),
        Input::HandOver { to, dossiers } => desk.hand_over(&to, &dossiers),
        Input::ReadHandOver => Ok(desk.look_at_many("hand_over")),
        Input::ReceivePapers { dossiers } => desk.receive_papers(&dossiers),
        Input::CloseTill { counted } => Ok(desk.close_till(counted)),
        Input::LeaveOutNumbers => Ok(desk.leave_out_numbers()),
        Input::GiveUpCodes => Ok(desk.give_up_codes()),
        Input::AssignCodes => Ok(desk.assign_codes()),
    }
}

struct Deciding<'a> {
    state: &'a State,
    here: &'a Here,
    now: Moment,
    random: &'a mut dyn Random,
}

impl Deciding<'_> {
    /// A new id that sorts by the time it was made.
    fn id(&mut self) -> Uuid {
        let bits = self.random.bits();
        uuid::Builder::from_unix_timestamp_millis(self.now.0.max(0) as u64, &low_80(bits)).into_uuid()
    }

    fn at_site(&self, subject: Subject, fact: impl Into<Fact>) -> Draft {
        Draft { subject, fact: fact.into(), personal: None, scopes: vec![Scope::site(&self.here.site)] }
    }

    fn at_both(&self, dossier: DossierId, agency: &AgencyCode, fact: impl Into<Fact>) -> Draft {
        Draft {
            subject: Subject::Dossier(dossier),
            fact: fact.into(),
            personal: None,
            scopes: vec![Scope::site(&self.here.site), Scope::agency(agency)],
        }
    }

    /// What happens to a dossier is told to who decides and to where it was taken in, wherever it happens.
    fn on(&self, dossier: &Dossier, fact: impl Into<Fact>) -> Draft {
        let mut draft = self.at_both(dossier.id, &dossier.agency, fact);
        if dossier.site != self.here.site {
            draft.scopes.push(Scope::site(&dossier.site));
        }
        draft
    }

    /// Who decides on what is taken in now, and to whom it is sent. An authority that was not told and is not sure is left
    /// open: the dossier stays here until an officer tells it.
    fn decides(
        &self,
        told: Option<&AuthorityId>,
        procedure: &Procedure,
        residence: &str,
    ) -> Result<(Option<AuthorityId>, AgencyCode), Refused> {
        let authorities = &self.here.authorities;
        let fits =
            |id: &AuthorityId| authorities.has(id) && procedure.authority.value().is_none_or(|kind| *kind == id.kind());
        let authority = match told {
            Some(id) if fits(id) => Some(id.clone()),
            Some(id) => return Err(Refused::AuthorityNotFit(id.clone())),
            None => match authorities.competent(procedure, residence, &self.here.site) {
                Competence::Sure(id) => Some(id),
                _ => None,
            },
        };
        let agency = authority.as_ref().map_or(&self.here.agency, |id| self.here.agency_of(id)).clone();
        Ok((authority, agency))
    }
}

fn low_80(bits: u128) -> [u8; 10] {
    let mut low = [0; 10];
    low.copy_from_slice(&bits.to_be_bytes()[6..]);
    low
}

/// A sealed part that holds who somebody is.
fn about(identity: Option<Identity>) -> Option<Personal> {
    identity.map(|identity| Personal { identity: Some(identity), ..Personal::default() })
}
