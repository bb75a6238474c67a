//! The station's line upwards: the site's hub where one that leads is heard, else the centre itself.
//!
//! Hubs are named in the station's file. Of those that answer, the one counts that leads under the highest epoch; two that
//! lead under one epoch are two by mistake, which is told, and the lower id counts until one is turned off.

use intake::authority::Rank;
use intake::event::Scope;
use intake::ids::SiteCode;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use sync::blob::protocol::{Blobs, GetAsk, Held, Named, Part};
use sync::checkpoint::Checkpoint;
use sync::hub::{BoardNews, ClaimAnswer, ClaimAsk, QueueAuthority};
use sync::protocol::{
    Centre, EnrolAsk, Enrolment, LeaseAsk, PublicState, PullAnswer, PullAsk, SegmentOutcome, SegmentWithGrants,
};
use sync::stream::Heads;
use sync::wire::{Bytes, PublicKey};
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

/// The centre, and the site's hubs before it.
pub(crate) struct Uplink {
    centre: HttpCentre,
    hubs: Vec<HttpCentre>,
    site: SiteCode,
    centre_key: PublicKey,
    chosen: Mutex<Chosen>,
}

struct Chosen {
    hub: Option<usize>,
    epoch: u64,
    look_at: Instant,
    /// When a hub was lost that no other has replaced.
    lost_at: Option<Instant>,
    /// The choice changed since somebody asked.
    changed: bool,
    doubled: bool,
}

impl Uplink {
    pub(crate) fn new(centre: HttpCentre, hubs: Vec<HttpCentre>, site: SiteCode, centre_key: PublicKey) -> Self {
        let chosen =
            Chosen { hub: None, epoch: 0, look_at: Instant::now(), lost_at: None, changed: false, doubled: false };
        Self { centre, hubs, site, centre_key, chosen: Mutex::new(chosen) }
    }

    fn chosen(&self) -> MutexGuard<'_, Chosen> {
        self.chosen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the other end is another one than when this was asked last.
    pub(crate) fn take_changed(&self) -> bool {
        std::mem::take(&mut self.chosen().changed)
    }

    /// Two hubs say that they lead this site under one epoch.
    pub(crate) fn is_doubled(&self) -> bool {
        self.chosen().doubled
    }

    /// Whether a hub that leads is heard.
    pub(crate) fn has_hub(&self) -> bool {
        self.hub().is_some()
    }

    /// Claims a ticket, or only lets the desk be heard; none where no hub is heard, and the desk goes on by itself.
    pub(crate) fn claim(&self, ask: impl Fn(u64) -> ClaimAsk) -> Option<ClaimAnswer> {
        // Once more after a hub that no longer leads, or is gone: another may lead by now.
        for _ in 0..2 {
            let at = self.hub()?;
            let known = self.chosen().epoch;
            match self.hubs[at].claim(&ask(known)) {
                Ok(ClaimAnswer::NotLeading { epoch }) => self.lose(at, epoch),
                Ok(answer) if epoch_of(&answer) < known => self.lose(at, known),
                Ok(answer) => {
                    let mut chosen = self.chosen();
                    chosen.epoch = chosen.epoch.max(epoch_of(&answer));
                    return Some(answer);
                }
                Err(_) => self.lose(at, known),
            }
        }
        None
    }

    /// What is called at the site, as soon as it is something else than `seen`; none where no hub answers.
    pub(crate) fn board(&self, seen: u64) -> Option<BoardNews> {
        let at = self.hub()?;
        let known = self.chosen().epoch;
        let news = self.hubs[at].board(seen);
        if let Err(fault) = &news {
            tracing::debug!(code = fault.code(), "the hub does not tell the board");
            self.lose(at, known);
        }
        news.ok()
    }

    fn hub(&self) -> Option<usize> {
        if self.hubs.is_empty() {
            return None;
        }
        {
            let mut chosen = self.chosen();
            if Instant::now() < chosen.look_at {
                return chosen.hub;
            }
            // Others need not wait while this one looks.
            chosen.look_at = Instant::now() + LOOK_AGAIN;
        }
        let found = self.hubs.iter().enumerate().filter_map(|(at, hub)| {
            let (status, rank) = hub.hub_status(&self.site, &self.centre_key).ok()?;
            status.leads.then_some((at, rank))
        });
        let found: Vec<(usize, Rank)> = found.collect();
        let best = found.iter().find(|(_, rank)| !found.iter().any(|(_, other)| other.outranks(rank)));
        let mut chosen = self.chosen();
        let leads = best.filter(|(_, rank)| rank.epoch >= chosen.epoch).map(|(at, rank)| (*at, rank.epoch));
        chosen.doubled =
            leads.is_some_and(|(_, epoch)| found.iter().filter(|(_, rank)| rank.epoch == epoch).count() > 1);
        let hub = leads.map(|(at, _)| at);
        chosen.changed |= hub != chosen.hub;
        if hub != chosen.hub {
            tracing::info!(hub = hub.is_some(), "the other end of the line");
        }
        chosen.hub = hub;
        chosen.epoch = leads.map_or(chosen.epoch, |(_, epoch)| epoch);
        if hub.is_some() {
            chosen.lost_at = None;
        }
        chosen.look_at = Instant::now()
            + match hub {
                Some(_) => LOOK_EVERY,
                None if self.is_replaced_soon(&chosen) => LOOK_EAGERLY,
                None => LOOK_AGAIN,
            };
        hub
    }

    /// Whether a hub was lost just now, and the site has another.
    fn is_replaced_soon(&self, chosen: &Chosen) -> bool {
        self.hubs.len() > 1 && chosen.lost_at.is_some_and(|at| at.elapsed() < REPLACED_WITHIN)
    }

    /// This hub is not used further until somebody has looked again.
    fn lose(&self, at: usize, epoch: u64) {
        let mut chosen = self.chosen();
        chosen.epoch = chosen.epoch.max(epoch);
        if chosen.hub == Some(at) {
            (chosen.hub, chosen.changed) = (None, true);
            chosen.look_at = Instant::now();
            chosen.lost_at = Some(chosen.look_at);
        }
    }

    /// Asks the hub where there is one; what it cannot do, or a hub that is gone, is the centre's.
    fn ask<T>(&self, mut act: impl FnMut(&HttpCentre) -> Result<T, CentreFault>) -> Result<T, CentreFault> {
        if let Some(at) = self.hub() {
            match act(&self.hubs[at]) {
                Err(CentreFault::Unreachable(_) | CentreFault::Untrusted(_)) => self.lose(at, 0),
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

impl Centre for Uplink {
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

impl Blobs for Uplink {
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
