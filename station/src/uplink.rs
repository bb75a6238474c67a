//! The station's line upwards: the site's hub where one that leads is heard, else the centre itself.
//!
//! Hubs are named in the station's file, or found on its network. Of those that answer, the one counts that leads under the
//! highest epoch; two that lead under one epoch are two by mistake, which is told, and the lower id counts until one is
//! turned off.

use intake::event::Scope;
use intake::ids::VisitId;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use sync::blob::protocol::{Blobs, GetAsk, Held, Named, Part};
use sync::checkpoint::Checkpoint;
use sync::earlier::{Earlier, EarlierAnswer, EarlierAsk};
use sync::hub::{BoardNews, ClaimAnswer, ClaimAsk, QueueAuthority};
use sync::hubs::{Heard, Hubs, Peers, is_gone};
use sync::lan::Search;
use sync::protocol::{
    Centre, EnrolAsk, Enrolment, LeaseAsk, PublicState, PullAnswer, PullAsk, SegmentOutcome, SegmentWithGrants,
};
use sync::stream::Heads;
use sync::wire::Bytes;
use sync::{CentreFault, HttpCentre};

/// How often the hubs are asked who leads, while one is used,
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// while none is,
const LOOK_AGAIN: Duration = Duration::from_secs(2);
/// and while one that was lost may be replaced any moment.
const LOOK_EAGERLY: Duration = Duration::from_millis(300);
/// So long the centre is not asked instead of a lost hub, where the site has more than one: a call to a centre that is out of
/// reach takes long to fail, and desks that are busy with it leave the standby waiting for their word.
const REPLACED_WITHIN: Duration = Duration::from_secs(8);

/// Time that only goes forward, from any beginning.
pub type Ticks = Box<dyn Fn() -> Duration + Send + Sync>;

/// The centre, and the site's hubs before it.
pub struct Uplink<P: Peers = Hubs> {
    centre: P::Line,
    hubs: Arc<P>,
    chosen: Mutex<Chosen<P::Line>>,
    ticks: Ticks,
    _search: Option<Search>,
}

struct Chosen<L> {
    hub: Option<Arc<L>>,
    epoch: u64,
    look_at: Duration,
    /// When a hub was lost that no other has replaced.
    lost_at: Option<Duration>,
    /// The choice changed since somebody asked.
    changed: bool,
    doubled: bool,
}

/// Whom a desk calls.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Turn {
    /// This visit: the hub gave it to the desk, or is heard no more.
    Of(VisitId),
    /// Nobody waits whom another desk has not got.
    Nobody,
    /// The hub was promoted a moment ago and listens for so long, in milliseconds.
    NotYet(u64),
}

/// Whom a desk calls where a hub is heard: the next, in the desk's own order, of whom the hub does not say that another desk
/// has them. `next` gives the first but for some; `claim` asks the hub.
///
/// # Errors
/// What `next` refuses.
pub fn next_turn<E>(
    mut next: impl FnMut(&BTreeSet<VisitId>) -> Result<Option<VisitId>, E>,
    mut claim: impl FnMut(VisitId) -> Option<ClaimAnswer>,
) -> Result<Turn, E> {
    let mut taken = BTreeSet::new();
    loop {
        let Some(visit) = next(&taken)? else { return Ok(Turn::Nobody) };
        match claim(visit) {
            Some(ClaimAnswer::Taken { .. }) => drop(taken.insert(visit)),
            Some(ClaimAnswer::Wait { ms, .. }) => return Ok(Turn::NotYet(ms)),
            Some(ClaimAnswer::Yours { .. } | ClaimAnswer::NotLeading { .. }) | None => return Ok(Turn::Of(visit)),
        }
    }
}

impl Uplink {
    /// The line to this centre, over these hubs; `searches` for more on the network.
    pub(crate) fn new(centre: HttpCentre, hubs: Hubs, searches: bool, epoch: u64) -> Self {
        let hubs = Arc::new(hubs);
        let search = searches.then(|| hubs.search()).transpose().unwrap_or_else(|fault| {
            tracing::error!(%fault, "only hubs that the file names are used");
            None
        });
        let began = Instant::now();
        Self { _search: search, ..Self::over(centre, hubs, Box::new(move || began.elapsed()), epoch) }
    }

    /// What is called at the site, as soon as it is something else than `seen`; none where no hub answers.
    pub(crate) fn board(&self, seen: u64) -> Option<BoardNews> {
        let hub = self.hub()?;
        let known = self.chosen().epoch;
        let news = hub.board(seen);
        if let Err(fault) = &news {
            tracing::debug!(code = fault.code(), "the hub does not tell the board");
            self.lose(&hub, known);
        }
        news.ok()
    }
}

impl<P: Peers> Uplink<P> {
    /// A line over these hubs to a centre, by a clock of one's own. `epoch` is the highest that the station ever followed.
    pub fn over(centre: P::Line, hubs: Arc<P>, ticks: Ticks, epoch: u64) -> Self {
        let chosen = Chosen { hub: None, epoch, look_at: ticks(), lost_at: None, changed: false, doubled: false };
        Self { centre, hubs, chosen: Mutex::new(chosen), ticks, _search: None }
    }

    /// The centre itself, whatever hub is heard: what only its word is good for.
    pub fn centre(&self) -> &P::Line {
        &self.centre
    }

    fn chosen(&self) -> MutexGuard<'_, Chosen<P::Line>> {
        self.chosen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the other end is another one than when this was asked last.
    pub fn take_changed(&self) -> bool {
        std::mem::take(&mut self.chosen().changed)
    }

    /// Two hubs say that they lead this site under one epoch.
    pub fn is_doubled(&self) -> bool {
        self.chosen().doubled
    }

    /// Whether a hub that leads is heard.
    pub fn has_hub(&self) -> bool {
        self.hub().is_some()
    }

    /// Claims a ticket, or only lets the desk be heard; none where no hub is heard, and the desk goes on by itself.
    ///
    /// `ask` makes the question, in which the desk says that it follows this epoch: it must have kept that before. None where
    /// it cannot.
    pub fn claim(&self, ask: impl Fn(u64) -> Option<ClaimAsk>) -> Option<ClaimAnswer>
    where
        P::Line: QueueAuthority,
    {
        // Once more after a hub that no longer leads, or is gone: another may lead by now.
        for _ in 0..2 {
            let hub = self.hub()?;
            let known = self.chosen().epoch;
            let answer = hub.claim(&ask(known)?);
            // What was heard meanwhile, in another thread, counts: the desk may have given its word to another hub.
            let known = self.chosen().epoch;
            match answer {
                Ok(ClaimAnswer::NotLeading { epoch }) => self.lose(&hub, epoch),
                Ok(answer) if epoch_of(&answer) < known => self.lose(&hub, known),
                Ok(answer) => {
                    let mut chosen = self.chosen();
                    chosen.epoch = chosen.epoch.max(epoch_of(&answer));
                    return Some(answer);
                }
                Err(_) => self.lose(&hub, known),
            }
        }
        None
    }

    fn hub(&self) -> Option<Arc<P::Line>> {
        if self.hubs.count() == 0 {
            return None;
        }
        {
            let mut chosen = self.chosen();
            let now = (self.ticks)();
            if now < chosen.look_at {
                return chosen.hub.clone();
            }
            // Others need not wait while this one looks.
            chosen.look_at = now + LOOK_AGAIN;
        }
        let found: Vec<Heard<P::Line>> = self.hubs.ask_all().into_iter().filter(|heard| heard.status.leads).collect();
        let best = found.iter().find(|one| !found.iter().any(|other| other.rank.outranks(&one.rank)));
        let mut chosen = self.chosen();
        let leads = best.filter(|heard| heard.rank.epoch >= chosen.epoch);
        // One hub may be known by several addresses.
        chosen.doubled = leads.is_some_and(|best| {
            found.iter().any(|other| other.rank.epoch == best.rank.epoch && other.rank.hub != best.rank.hub)
        });
        let hub = leads.map(|heard| Arc::clone(&heard.line));
        let same = match (&hub, &chosen.hub) {
            (Some(new), Some(old)) => Arc::ptr_eq(new, old),
            (new, old) => new.is_none() == old.is_none(),
        };
        if !same {
            chosen.changed = true;
            tracing::info!(hub = hub.is_some(), "the other end of the line");
        }
        if hub.is_some() {
            chosen.lost_at = None;
        }
        chosen.epoch = leads.map_or(chosen.epoch, |heard| heard.rank.epoch);
        chosen.look_at = (self.ticks)()
            + match hub {
                Some(_) => LOOK_EVERY,
                None if self.is_replaced_soon(&chosen) => LOOK_EAGERLY,
                None => LOOK_AGAIN,
            };
        chosen.hub.clone_from(&hub);
        hub
    }

    /// Whether a hub was lost just now, and the site has another.
    fn is_replaced_soon(&self, chosen: &Chosen<P::Line>) -> bool {
        self.hubs.count() > 1 && chosen.lost_at.is_some_and(|at| (self.ticks)().saturating_sub(at) < REPLACED_WITHIN)
    }

    /// This hub is not used further until somebody has looked again.
    fn lose(&self, hub: &Arc<P::Line>, epoch: u64) {
        let mut chosen = self.chosen();
        chosen.epoch = chosen.epoch.max(epoch);
        if chosen.hub.as_ref().is_some_and(|used| Arc::ptr_eq(used, hub)) {
            (chosen.hub, chosen.changed) = (None, true);
            chosen.look_at = (self.ticks)();
            chosen.lost_at = Some(chosen.look_at);
        }
    }

    /// Asks the hub where there is one; what it cannot do, or a hub that is gone, is the centre's.
    fn ask<T>(&self, mut act: impl FnMut(&P::Line) -> Result<T, CentreFault>) -> Result<T, CentreFault> {
        if let Some(hub) = self.hub() {
            match act(&hub) {
                Err(fault) if is_gone(&fault) => self.lose(&hub, 0),
                answer => return answer,
            }
        }
        if self.is_replaced_soon(&self.chosen()) {
            return Err(CentreFault::Unreachable("the site's hub is gone; another one is looked for".into()));
        }
        act(&self.centre)
    }
}

/// What is done beside a call, once, even when a second end is called after the first.
struct Once<'a>(Option<&'a mut dyn FnMut()>);

impl Once<'_> {
    fn call(&mut self) {
        if let Some(act) = self.0.take() {
            act();
        }
    }
}

fn epoch_of(answer: &ClaimAnswer) -> u64 {
    match answer {
        ClaimAnswer::Yours { epoch }
        | ClaimAnswer::Taken { epoch, .. }
        | ClaimAnswer::Wait { epoch, .. }
        | ClaimAnswer::NotLeading { epoch } => *epoch,
    }
}

impl<P: Peers<Line: Centre>> Centre for Uplink<P> {
    fn enrol(&self, ask: &EnrolAsk) -> Result<Enrolment, CentreFault> {
        self.ask(|end| end.enrol(ask))
    }

    fn heads(&self, scopes: &[Scope]) -> Result<Heads, CentreFault> {
        self.ask(|end| end.heads(scopes))
    }

    fn push(&self, segments: &[SegmentWithGrants]) -> Result<Vec<SegmentOutcome>, CentreFault> {
        self.ask(|end| end.push(segments))
    }

    fn push_meanwhile(
        &self,
        segments: &[SegmentWithGrants],
        meanwhile: &mut dyn FnMut(),
    ) -> Result<Vec<SegmentOutcome>, CentreFault> {
        let mut once = Once(Some(meanwhile));
        self.ask(|end| end.push_meanwhile(segments, &mut || once.call()))
    }

    fn pull(&self, ask: &PullAsk) -> Result<PullAnswer, CentreFault> {
        self.ask(|end| end.pull(ask))
    }

    fn pull_meanwhile(&self, ask: &PullAsk, meanwhile: &mut dyn FnMut()) -> Result<PullAnswer, CentreFault> {
        let mut once = Once(Some(meanwhile));
        self.ask(|end| end.pull_meanwhile(ask, &mut || once.call()))
    }

    fn lease(&self, ask: &LeaseAsk) -> Result<(), CentreFault> {
        self.ask(|end| end.lease(ask))
    }

    fn checkpoint(&self, checkpoint: &Checkpoint) -> Result<Checkpoint, CentreFault> {
        self.ask(|end| end.checkpoint(checkpoint))
    }

    fn public_state(&self, code: &str) -> Result<Option<PublicState>, CentreFault> {
        self.ask(|end| end.public_state(code))
    }
}

impl<P: Peers<Line: Earlier>> Earlier for Uplink<P> {
    fn earlier(&self, ask: &EarlierAsk) -> Result<EarlierAnswer, CentreFault> {
        self.ask(|end| end.earlier(ask))
    }
}

impl<P: Peers<Line: Blobs>> Blobs for Uplink<P> {
    fn held(&self, of: &Named) -> Result<Held, CentreFault> {
        self.ask(|end| end.held(of))
    }

    fn put(&self, part: &Part) -> Result<Held, CentreFault> {
        self.ask(|end| end.put(part))
    }

    fn get(&self, ask: &GetAsk) -> Result<Bytes, CentreFault> {
        self.ask(|end| end.get(ask))
    }
}

#[cfg(test)]
mod tests;
