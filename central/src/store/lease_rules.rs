//! Leases of dossier numbers: each number of an agency's day is given away once. The book is a fold of the centre's own
//! events, so a crash can neither lose nor double a block.

use intake::event::{Draft, Event, Scope, Subject};
use intake::fact::{CodesLeased, Fact};
use intake::ids::{AgencyCode, LeaseId, StationId};
use intake::moment::Moment;
use jiff::civil::Date;
use jiff::{Span, ToSpan};
use std::collections::HashMap;
use sync::Refusal;
use sync::protocol::{LeaseAsk, StationCard, StationRole};

/// The most numbers in one lease.
pub const MAX_COUNT: u32 = 500;
/// How many days back: temporary codes of a week offline still get the numbers of their own day.
pub const BACK_DAYS: i32 = 30;
/// How many days ahead.
pub const AHEAD_DAYS: i32 = 7;
/// The most numbers of one agency's day that one station can hold, so that a broken one cannot use them up.
const MAX_PER_STATION: u32 = 5_000;
/// TT 03/2025/TT-VPCP sets four digits or more; a code holds nine.
const MAX_SEQUENCE: u32 = 999_999_999;

type AgencyDay = (AgencyCode, Date);

/// What was given away.
pub(super) struct LeaseBook {
    centre: StationId,
    granted: HashMap<LeaseId, StationId>,
    next: HashMap<AgencyDay, u32>,
    held: HashMap<(StationId, AgencyDay), u32>,
}

impl LeaseBook {
    /// An empty book, kept by the centre.
    pub(super) fn of(centre: StationId) -> Self {
        Self { centre, granted: HashMap::new(), next: HashMap::new(), held: HashMap::new() }
    }

    /// Takes in one event; only the centre's own leases count, each once.
    pub(super) fn apply(&mut self, event: &Event) {
        let (Subject::Lease(id), Fact::CodesLeased(lease)) = (&event.subject, &event.fact) else { return };
        if event.station != self.centre || self.granted.insert(*id, lease.to).is_some() {
            return;
        }
        let place = (lease.agency.clone(), lease.day);
        *self.held.entry((lease.to, place.clone())).or_default() += lease.count;
        let next = self.next.entry(place).or_insert(1);
        *next = (*next).max(lease.first.saturating_add(lease.count));
    }

    /// How things stand for an ask.
    pub(super) fn standing(&self, to: StationId, ask: &LeaseAsk) -> Standing {
        let place = (ask.agency.clone(), ask.day);
        Standing {
            holder: self.granted.get(&LeaseId(ask.request)).copied(),
            next: self.next.get(&place).copied().unwrap_or(1),
            held: self.held.get(&(to, place)).copied().unwrap_or(0),
        }
    }
}

/// What an ask for a lease meets.
pub(super) struct Standing {
    /// Who got the lease of this very request.
    pub(super) holder: Option<StationId>,
    /// The next number of the agency's day.
    pub(super) next: u32,
    /// How many numbers of that day the asker has got.
    pub(super) held: u32,
}

/// The event that grants an ask; none when the same request was granted before.
///
/// # Errors
/// [`Refusal::NotYourScope`] for an agency that is not the station's or a role that takes in no dossiers,
/// [`Refusal::TooLarge`] and [`Refusal::Malformed`] for counts and days out of bounds, or another's request.
pub(super) fn decide(
    now: Moment,
    asker: &StationCard,
    ask: &LeaseAsk,
    standing: impl FnOnce() -> Standing,
) -> Result<Option<Draft>, Refusal> {
    check(asker, ask, now)?;
    let to = asker.station;
    let Standing { holder, next: first, held } = standing();
    match holder {
        Some(holder) if holder == to => return Ok(None),
        Some(_) => return Err(Refusal::malformed("a request id that another station used")),
        None => {}
    }
    if held + ask.count > MAX_PER_STATION {
        return Err(too_many(MAX_PER_STATION));
    }
    if first > MAX_SEQUENCE - ask.count {
        return Err(too_many(MAX_SEQUENCE));
    }
    let block = CodesLeased { agency: ask.agency.clone(), day: ask.day, first, count: ask.count, to };
    Ok(Some(Draft {
        subject: Subject::Lease(LeaseId(ask.request)),
        fact: Fact::CodesLeased(block),
        personal: None,
        // Where the asker hears of it: its site's scope, or an agent's own.
        scopes: asker.readable().into_iter().take(1).collect(),
    }))
}

fn check(asker: &StationCard, ask: &LeaseAsk, now: Moment) -> Result<(), Refusal> {
    let scope = Scope::agency(&ask.agency);
    let takes_in = matches!(asker.role, StationRole::Counter | StationRole::Agent | StationRole::Hub);
    if !takes_in || !asker.works_in(std::slice::from_ref(&scope)) {
        return Err(Refusal::NotYourScope { scope: scope.0 });
    }
    if ask.count == 0 {
        return Err(Refusal::malformed("a lease of no numbers"));
    }
    if ask.count > MAX_COUNT {
        return Err(too_many(MAX_COUNT));
    }
    let today = now.day();
    let within = |span: Span| today.checked_add(span).unwrap_or(today);
    if ask.day < within((-BACK_DAYS).days()) || ask.day > within(AHEAD_DAYS.days()) {
        return Err(Refusal::malformed(format!("a day more than {BACK_DAYS} days back or {AHEAD_DAYS} ahead")));
    }
    Ok(())
}

fn too_many(limit: u32) -> Refusal {
    Refusal::TooLarge { what: "count of numbers".into(), limit_bytes: limit.into() }
}
