//! The queue's authority: claims, epochs, and which of a site's hubs leads.

use crate::clock::{Clock, Ticks};
use crate::news::News;
use intake::authority::{Rank, Verdict, judge};
use intake::event::{Draft, Scope, Subject};
use intake::fact::{Fact, HubAppointed, TicketClaimed};
use intake::ids::StationId;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use sync::hub::{ClaimAnswer, ClaimAsk, HubStatus};
use sync::protocol::{StationCard, StationRole};
use sync::store::{Store, StoreFault};
use sync::wire::Fixed;

/// How long a hub that was promoted waits to hear from desks of whose doings it does not know yet, in milliseconds.
pub const GRACE_MS: i64 = 15_000;
/// The same.
const GRACE: Duration = Duration::from_millis(GRACE_MS.unsigned_abs());

/// Who leads at a site, as this hub sees it, and what it gave away.
pub struct Authority {
    store: Arc<Mutex<Store>>,
    news: Arc<News>,
    card: StationCard,
    clock: Clock,
    ticks: Ticks,
    standing: Mutex<Standing>,
}

struct Standing {
    leads: bool,
    epoch: u64,
    /// Until when, by its ticks, it waits for desks of whose doings it does not know; none where it waits for nobody.
    listens_until: Option<Duration>,
    /// Desks that follow it since, and of which it knows all that they called.
    heard: BTreeSet<StationId>,
    /// Another hub says that it leads under this very epoch.
    doubled: Option<StationId>,
}

impl Authority {
    /// As the log says; a hub of a site that never had one leads from epoch 1, unless it is to stand by.
    pub(super) fn open(
        store: Arc<Mutex<Store>>,
        news: Arc<News>,
        clock: Clock,
        ticks: Ticks,
        stands_by: bool,
    ) -> Result<Self, StoreFault> {
        let held = store.lock().unwrap_or_else(PoisonError::into_inner);
        let card = held.card().clone();
        let appointed = last_appointed(&held, &card)?;
        let other_hub = |known: &StationCard| {
            known.role == StationRole::Hub && known.site == card.site && known.station != card.station
        };
        let another = held.stations()?.iter().any(|known| other_hub(&known.card));
        let listened = held.listened_epoch()?;
        drop(held);
        let (epoch, leads) = appointed.map_or((0, false), |(epoch, by)| (epoch, by == card.station && !stands_by));
        // One that went down while it still listened listens anew.
        let listens_until = (epoch > listened).then(|| ticks() + GRACE);
        let standing = Standing { leads, epoch, listens_until, heard: BTreeSet::new(), doubled: None };
        let authority = Self { store, news, card, clock, ticks, standing: Mutex::new(standing) };
        if epoch == 0 && !stands_by {
            let epoch = authority.promote()?;
            // A site's first hub has nothing to hear of; one that is new in another's place does not know what that one gave.
            if !another {
                authority.store().note_listened(epoch)?;
                authority.standing().listens_until = None;
            }
        }
        Ok(authority)
    }

    fn standing(&self) -> MutexGuard<'_, Standing> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Leads from now on, under a higher epoch than any that was heard of.
    ///
    /// # Errors
    /// See [`StoreFault`].
    pub fn promote(&self) -> Result<u64, StoreFault> {
        let mut standing = self.standing();
        let now = (self.clock)();
        let mut store = self.store();
        let known = last_appointed(&store, &self.card)?.map_or(0, |(epoch, _)| epoch);
        let epoch = known.max(standing.epoch) + 1;
        let fact = Fact::from(HubAppointed { site: self.card.site.clone(), epoch });
        let scope = Scope::site(&self.card.site);
        let subject = Subject::Station(self.card.station);
        let draft = Draft { subject, fact, personal: None, scopes: vec![scope.clone()] };
        store.append(now, None, vec![draft], vec![], &[])?;
        drop(store);
        let listens_until = Some((self.ticks)() + GRACE);
        *standing = Standing { leads: true, epoch, listens_until, heard: BTreeSet::new(), doubled: None };
        drop(standing);
        tracing::warn!(epoch, "this hub leads");
        self.news.spread(&[scope]);
        Ok(epoch)
    }

    /// Follows a hub that outranks this one.
    pub(super) fn note_other(&self, other: Rank, leads: bool) {
        let mut standing = self.standing();
        let ours = Rank { epoch: standing.epoch, hub: self.card.station };
        let both_lead = leads && standing.leads && other.hub != ours.hub;
        standing.doubled = (both_lead && other.epoch == ours.epoch).then_some(other.hub);
        // One that stands by and knows of a higher epoch knows that somebody led in it of whom this one has not heard: to go on,
        // and under that very epoch, would give again what was given in it.
        let is_behind = other.epoch > ours.epoch || (leads && other.outranks(&ours));
        if standing.leads && is_behind {
            tracing::warn!(epoch = other.epoch, "another hub of this site leads, or led: this one stands by");
            standing.leads = false;
        }
        standing.epoch = standing.epoch.max(other.epoch);
    }

    /// Looks into the log for an appointment of another hub that outranks this one.
    pub(super) fn reconsider(&self) -> Result<(), StoreFault> {
        let appointed = last_appointed(&self.store(), &self.card)?;
        if let Some((epoch, hub)) = appointed.filter(|(_, hub)| *hub != self.card.station) {
            self.note_other(Rank { epoch, hub }, true);
        }
        Ok(())
    }

    /// Whether it leads.
    pub fn leads(&self) -> bool {
        self.standing().leads
    }

    /// Its epoch, or the highest that it has heard of.
    pub fn epoch(&self) -> u64 {
        self.standing().epoch
    }

    /// Another hub that says that it leads under the same epoch: two were set up by mistake.
    pub fn doubled(&self) -> Option<StationId> {
        self.standing().doubled
    }

    /// Who this hub is, for one who asks with a nonce.
    pub fn status(&self, nonce: &Fixed<16>) -> HubStatus {
        let (epoch, leads) = {
            let standing = self.standing();
            (standing.epoch, standing.leads)
        };
        self.store().hub_status(epoch, leads, nonce)
    }

    /// Gives a desk the right to call a number, durably, or says why not. The same right is given again to who has it.
    ///
    /// # Errors
    /// See [`StoreFault`].
    pub fn claim(&self, by: &StationCard, ask: &ClaimAsk) -> Result<ClaimAnswer, StoreFault> {
        // Held for the whole of it: two desks that ask at once are answered one after the other.
        let mut standing = self.standing();
        if ask.epoch > standing.epoch {
            // Somebody leads of whom this hub has not heard: it must not go on as if it did.
            (standing.leads, standing.epoch) = (false, ask.epoch);
        }
        let epoch = standing.epoch;
        if !standing.leads {
            return Ok(ClaimAnswer::NotLeading { epoch });
        }
        let now = (self.clock)();
        let mut store = self.store();
        if ask.epoch == epoch && is_told(&store, by, ask)? {
            standing.heard.insert(by.station);
        }
        if let Some(ms) = still_to_wait(&mut standing, &mut store, (self.ticks)())? {
            return Ok(ClaimAnswer::Wait { ms, epoch });
        }
        let Some(visit) = ask.visit else { return Ok(ClaimAnswer::Yours { epoch }) };
        let subject = Subject::Visit(visit);
        match judge(store.subject_events(&subject)?.iter(), &ask.desk, ask.turn) {
            Verdict::Taken(by) => Ok(ClaimAnswer::Taken { by, epoch }),
            Verdict::Yours(true) => Ok(ClaimAnswer::Yours { epoch }),
            Verdict::Yours(false) => {
                let fact = TicketClaimed { desk: ask.desk.clone(), epoch, request: ask.request, turn: ask.turn };
                let scope = Scope::site(&self.card.site);
                let draft = Draft { subject, fact: fact.into(), personal: None, scopes: vec![scope.clone()] };
                store.append(now, None, vec![draft], vec![], &[])?;
                drop(store);
                self.news.spread(&[scope]);
                Ok(ClaimAnswer::Yours { epoch })
            }
        }
    }
}

/// Whether this hub knows all that the desk called. Only with the desk's word that it takes no older hub's answer any more
/// is the desk heard: else an answer that is still on its way could let it call what is given to another.
fn is_told(store: &Store, by: &StationCard, ask: &ClaimAsk) -> Result<bool, StoreFault> {
    for (stream, no) in ask.written.iter().chain(&ask.before) {
        if stream.station != by.station || store.held_and_receipted(stream)?.0.no < *no {
            return Ok(false);
        }
    }
    Ok(true)
}

/// How long a hub that was just promoted still listens, in milliseconds; none when every desk was heard or time is over.
fn still_to_wait(standing: &mut Standing, store: &mut Store, now: Duration) -> Result<Option<u64>, StoreFault> {
    let Some(until) = standing.listens_until else { return Ok(None) };
    let left = until.saturating_sub(now);
    let desks = store.stations()?.into_iter().map(|known| known.card);
    let mut desks = desks.filter(|card| card.role == StationRole::Counter).map(|card| card.station);
    if left.is_zero() || desks.all(|desk| standing.heard.contains(&desk)) {
        store.note_listened(standing.epoch)?;
        standing.listens_until = None;
        return Ok(None);
    }
    Ok(Some(left.as_millis() as u64))
}

/// The highest epoch of this site that stands in the log, and whose it is.
fn last_appointed(store: &Store, card: &StationCard) -> Result<Option<(u64, StationId)>, StoreFault> {
    let events = store.events_of_kind("HubAppointed")?;
    let appointed = events.into_iter().filter_map(|event| match event.fact {
        Fact::HubAppointed(appointed) if appointed.site == card.site => Some((appointed.epoch, event.station)),
        _ => None,
    });
    Ok(appointed.max_by_key(|(epoch, station)| (*epoch, std::cmp::Reverse(*station))))
}
