//! A site's hub: the same service over a log whose identity the centre gave. It takes what its site's stations push, hands
//! on what each may read, and relays all of it to the centre and back, segment by segment, unchanged.
//!
//! What it says that it holds, the centre may not hold yet: a station keeps an event until the centre's own receipt, which
//! the hub hands down as it gets it.

mod authority;
mod hall;
mod relay;
mod watch;

pub use authority::{Authority, GRACE_MS};
pub use hall::Hall;
pub use relay::Carrier;
pub use watch::Vigil;

use crate::news::News;
use crate::store::{CentreStore, Counts};
use intake::event::{Draft, Event, Scope, Subject};
use intake::ids::{SiteCode, StationId};
use intake::moment::Moment;
use relay::Relay;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use sync::blob::protocol::Blobs;
use sync::checkpoint::Checkpoint;
use sync::earlier::{Earlier, Tag};
use sync::hubs::Hubs;
use sync::lan::{Announced, NoLan, announce};
use sync::protocol::WrappedKey;
use sync::protocol::{
    Centre, EnrolAsk, Enrolment, LeaseAsk, PublicState, PullAnswer, PullAsk, SegmentOutcome, SegmentWithGrants,
    StationCard, StationRole,
};
use sync::segment::Segment;
use sync::store::{EnrolKeys, Invitation, NewStation, Paths, ReceiveFault, Store, StoreFault, VerifyReport};
use sync::stream::Heads;
use sync::wrap::Secret;
use sync::{CentreFault, HttpCentre};
use watch::Watch;

/// Where the hub's own centre is.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Upstream {
    /// Its address.
    pub url: String,
    /// The one-time token, needed at the first start only.
    pub token: Option<String>,
    /// The site's other hubs, by their addresses.
    pub peers: Vec<String>,
    /// Begin as one that stands by, whatever the log says.
    pub stands_by: bool,
    /// Lead, when no hub that leads was heard for so long.
    pub promote_after: Option<Duration>,
    /// Tell the local network of this hub, and look for the site's others there.
    pub on_the_lan: bool,
}

/// Why a hub did not start.
#[derive(Debug, thiserror::Error)]
pub enum HubFault {
    /// The first start needs a token of the centre, for a station of the role `hub`.
    #[error("this hub is not enrolled yet: give --token, from `motcua-central invite --role hub` at the centre")]
    NoToken,
    /// The centre did not take the token, or cannot be reached.
    #[error("not enrolled: {0}")]
    NotEnrolled(String),
    /// The log that is here is another station's.
    #[error("the log here is of a {0:?}, not of a hub of site {1}")]
    NotAHub(StationRole, SiteCode),
    /// The log.
    #[error("the store: {0}")]
    Store(#[from] StoreFault),
}

/// All that a hub asks of its centre.
pub trait CentreLine: Centre + Blobs + Earlier + Send + Sync {}

impl<T: Centre + Blobs + Earlier + Send + Sync> CentreLine for T {}

/// A hub's log, and its line to the centre.
pub struct Hub {
    store: Arc<Mutex<Store>>,
    news: Arc<News>,
    upstream: Box<dyn CentreLine>,
    card: StationCard,
    authority: Arc<Authority>,
    hall: Arc<Hall>,
    carrier: Arc<Carrier>,
    /// None where somebody else takes the steps.
    _threads: Option<(Relay, Watch)>,
}

impl Hub {
    /// Opens the hub's log, and enrols it at the centre where there is none; then begins to relay.
    ///
    /// # Errors
    /// See [`HubFault`].
    pub fn open(
        paths: Paths,
        site: &SiteCode,
        upstream: &Upstream,
        clock: &crate::clock::Clock,
    ) -> Result<Self, HubFault> {
        let store = if Store::exists(paths.clone()) { Store::open(paths)? } else { enrol(paths, upstream, clock)? };
        let card = store.card().clone();
        if card.role != StationRole::Hub || card.site != *site {
            return Err(HubFault::NotAHub(card.role, site.clone()));
        }
        let signer = store.signer();
        let authority = store.centre_authority()?;
        let centre = store.centre_sign_public();
        let ticks = Arc::clone(clock);
        let trusting = move |url: &str| HttpCentre::new(url, ticking(&ticks)).trusting(authority.as_deref());
        let line = || trusting(&upstream.url).signed(signer.clone());
        let mut hub = Self::over(store, Box::new(line()), clock, crate::clock::ticks(), upstream.stands_by)?;
        let relay = Relay::start(&hub.carrier, line(), line())?;
        let peers = Arc::new(Hubs::new(site.clone(), centre, &upstream.peers, Box::new(trusting.clone())));
        let search = upstream.on_the_lan.then(|| peers.search()).transpose().unwrap_or_else(|fault| {
            tracing::error!(%fault, "only hubs that are named with --peer are asked who leads");
            None
        });
        let watch = Watch::start(Arc::clone(&hub.authority), peers, search, upstream.promote_after)?;
        hub._threads = Some((relay, watch));
        Ok(hub)
    }

    /// A hub over a log that is open already, with nothing that moves by itself: whoever makes it takes the steps of its
    /// [`Carrier`] and its [`Vigil`].
    ///
    /// # Errors
    /// [`HubFault::Store`].
    pub fn over(
        store: Store,
        upstream: Box<dyn CentreLine>,
        clock: &crate::clock::Clock,
        ticks: crate::clock::Ticks,
        stands_by: bool,
    ) -> Result<Self, HubFault> {
        let card = store.card().clone();
        let hall = Arc::new(Hall::open(&store, Arc::clone(clock))?);
        let (store, news) = (Arc::new(Mutex::new(store)), Arc::new(News::default()));
        let authority = Authority::open(Arc::clone(&store), Arc::clone(&news), Arc::clone(clock), ticks, stands_by)?;
        let authority = Arc::new(authority);
        let carrier = Carrier::new(&store, &news, clock, &authority, &hall);
        Ok(Self { store, news, upstream, card, authority, hall, carrier: Arc::new(carrier), _threads: None })
    }

    /// What carries its log to the centre and back.
    pub fn carrier(&self) -> &Arc<Carrier> {
        &self.carrier
    }

    /// Tells the local network that this hub listens there, for as long as what is given lives.
    ///
    /// # Errors
    /// [`NoLan`].
    pub fn announce(&self, address: SocketAddr, is_tls: bool) -> Result<Announced, NoLan> {
        announce(self.card.station, &self.card.site, address, is_tls)
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn enrol(paths: Paths, upstream: &Upstream, clock: &crate::clock::Clock) -> Result<Store, HubFault> {
    let token = upstream.token.as_ref().ok_or(HubFault::NoToken)?;
    let refused = |fault: &dyn std::fmt::Display| HubFault::NotEnrolled(fault.to_string());
    let keys = EnrolKeys::load_or_new(&paths.dir)?;
    let met = HttpCentre::first_met(&upstream.url, token, ticking(clock));
    let (centre, token, authority) = met.map_err(|fault| refused(&fault))?;
    let ask = keys.ask(&token, "", StationRole::Hub)?;
    let enrolment = centre.enrol(&ask).map_err(|fault| refused(&fault))?;
    let new = NewStation::from_enrolment(keys, enrolment).map_err(|refusal| refused(&refusal))?;
    Ok(Store::create(paths, new.trusting(authority))?)
}

fn ticking(clock: &crate::clock::Clock) -> sync::http::Clock {
    let clock = Arc::clone(clock);
    Box::new(move || clock())
}

/// What the centre answered, as a store answers.
fn relayed(fault: CentreFault) -> ReceiveFault {
    match fault {
        CentreFault::Refused(refusal) => ReceiveFault::Refused(refusal),
        fault => ReceiveFault::Store(StoreFault::Upstream(fault.to_string())),
    }
}

fn at_the_centre() -> StoreFault {
    StoreFault::Invalid("a hub invites and appoints nobody: ask the centre".into())
}

impl CentreStore for Hub {
    fn station_card(&self, station: StationId) -> Result<Option<StationCard>, StoreFault> {
        if self.card.station == station { Ok(Some(self.card.clone())) } else { self.store().station_card(station) }
    }

    fn ensure_group(&self, _: &str) -> Result<(), StoreFault> {
        Err(at_the_centre())
    }

    fn invite(&self, _: &Invitation) -> Result<String, StoreFault> {
        Err(at_the_centre())
    }

    fn enrol(&self, _: Moment, ask: &EnrolAsk) -> Result<Enrolment, ReceiveFault> {
        let enrolment = self.upstream.enrol(ask).map_err(relayed)?;
        // The roster would bring it soon; its first push may be here sooner.
        self.store().note_station(&enrolment.card)?;
        Ok(enrolment)
    }

    fn publish(&self, _: Moment, _: Draft) -> Result<(), StoreFault> {
        Err(at_the_centre())
    }

    fn lease(&self, _: Moment, to: &StationCard, ask: &LeaseAsk) -> Result<(), ReceiveFault> {
        self.upstream.lease(&LeaseAsk { to: Some(to.station), ..ask.clone() }).map_err(relayed)
    }

    fn push(&self, now: Moment, segments: &[SegmentWithGrants]) -> Result<Vec<SegmentOutcome>, StoreFault> {
        let mut store = self.store();
        let taken = store.receive_all(now, segments)?;
        let mut outcomes = Vec::with_capacity(taken.len());
        let mut scopes = Vec::new();
        for events in taken.iter().flatten() {
            // The events are held: a board that cannot be told must not make the station push them again.
            if let Err(fault) = self.hall.note(&store, events) {
                tracing::error!(code = fault.code(), "what was called is not shown");
            }
        }
        for (push, taken) in segments.iter().zip(taken) {
            outcomes.push(match (taken, Segment::parse(&push.segment.0)) {
                (Ok(events), Ok(segment)) => {
                    scopes.extend(events.into_iter().flat_map(|event| event.scopes));
                    let last = segment.header.last_no();
                    let stream = segment.header.stream;
                    let (head, receipt) = store.held_and_receipted(&stream)?;
                    match receipt {
                        Some(receipt) if receipt.no >= last => SegmentOutcome::Receipt(receipt),
                        _ => SegmentOutcome::Held { stream, no: head.no, hash: head.hash },
                    }
                }
                (Err(refusal), _) | (_, Err(refusal)) => SegmentOutcome::Refused(refusal),
            });
        }
        drop(store);
        self.news.spread(&scopes);
        self.carrier.wake();
        Ok(outcomes)
    }

    fn heads(&self, scopes: &[Scope]) -> Result<Heads, StoreFault> {
        self.store().heads_told(scopes)
    }

    fn pull(&self, now: Moment, ask: &PullAsk) -> Result<PullAnswer, StoreFault> {
        self.store().pull_answer(now, ask)
    }

    fn countersign(&self, checkpoint: &Checkpoint) -> Result<Checkpoint, ReceiveFault> {
        self.upstream.checkpoint(checkpoint).map_err(relayed)
    }

    fn public_state(&self, code: &str) -> Result<Option<PublicState>, StoreFault> {
        self.upstream.public_state(code).map_err(|fault| StoreFault::Upstream(fault.to_string()))
    }

    fn counts(&self) -> Result<Counts, StoreFault> {
        let store = self.store();
        let (streams, stations) = (store.streams()?.0.len() as u64, store.stations()?.len() as u64);
        Ok(Counts { events: store.count_events()?, streams, stations, bytes: store.size_bytes()? })
    }

    fn events(&self) -> Result<Vec<Event>, StoreFault> {
        self.store().events()
    }

    fn history(&self, subject: &Subject) -> Result<Vec<Event>, StoreFault> {
        self.store().subject_events(subject)
    }

    fn streams(&self) -> Result<Heads, StoreFault> {
        self.store().streams()
    }

    fn verify(&self) -> Result<VerifyReport, StoreFault> {
        self.store().verify()
    }

    fn check_writable(&self) -> Result<(), StoreFault> {
        self.store().settle()
    }

    fn limit_bytes(&self, bytes: u64) -> Result<(), StoreFault> {
        self.store().limit_bytes(bytes)
    }

    fn open_for_recovery(&self, _: &[u8], _: &WrappedKey) -> Result<Option<Secret>, StoreFault> {
        // A stick is for the centre: a hub reads nobody's records.
        Ok(None)
    }

    /// Its stations' attachments go through to the centre, which holds their events before: a hub keeps none.
    fn upstream_blobs(&self) -> Option<&dyn Blobs> {
        Some(&*self.upstream)
    }

    fn of_person(&self, tags: &[Tag]) -> Result<Vec<Subject>, StoreFault> {
        self.store().of_person(tags)
    }

    fn upstream_earlier(&self) -> Option<&dyn Earlier> {
        Some(&*self.upstream)
    }

    fn authority(&self) -> Option<&Authority> {
        Some(&self.authority)
    }

    fn hall(&self) -> Option<&Hall> {
        Some(&self.hall)
    }

    fn news(&self) -> &Arc<News> {
        &self.news
    }
}
