//! A site's hub in the simulation: the shipping service, authority, relay and watch over a simulated disk, clock and line. The
//! threads around them (`central/src/hub/relay.rs`, `watch.rs`) are the scheduler's steps here.

use crate::line::{End, Line, Net, Running, Site};
use crate::node::Node;
use central::Service;
use central::hub::{Carrier, Hub, HubFault, Vigil};
use intake::moment::Moment;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use sync::engine::{SyncFault, SyncOutcome};
use sync::hubs::Peers;
use sync::protocol::StationCard;
use sync::store::{Store, StoreFault};

/// How many hubs a site has: one that leads from the first, and one that stands by.
pub const HUBS: usize = 2;

pub struct HubNode {
    pub name: String,
    /// Which of the site's.
    pub place: usize,
    /// Who it is to the lines.
    pub who: usize,
    pub dir: PathBuf,
    pub card: StationCard,
    pub skew_ms: Arc<AtomicI64>,
    /// Takes over after so long a silence.
    pub promote_after: Option<Duration>,
    pub runs: Option<Runs>,
    /// Its disk is gone for good: a new hub comes in its place.
    pub is_lost: bool,
}

pub struct Runs {
    pub service: Arc<Service>,
    pub carrier: Arc<Carrier>,
    vigil: Vigil,
    since: Duration,
    upwards: Line,
    peers: Site,
}

impl HubNode {
    /// Opens its log (again), as the program does at its start.
    pub fn start(&mut self, net: &Arc<Net>, world: &Arc<AtomicI64>) -> Result<(), HubFault> {
        let store = Store::open(Node::paths(&self.dir))?;
        self.card = store.card().clone();
        let upwards = Line { net: Arc::clone(net), who: self.who, card: self.card.clone(), end: End::Centre };
        let others: Vec<usize> = (0..HUBS).filter(|place| *place != self.place).collect();
        let peers = Site::new(net, self.who, &self.card, store.centre_sign_public(), &others);
        let (world, skew) = (Arc::clone(world), Arc::clone(&self.skew_ms));
        let clock: central::clock::Clock =
            Arc::new(move || Moment(world.load(Ordering::Relaxed) + skew.load(Ordering::Relaxed)));
        // The program's unit says of the second one that it stands by.
        let stands_by = self.place > 0;
        let passing = Arc::clone(net);
        let ticks: central::clock::Ticks = Arc::new(move || passing.ticks());
        let hub = Hub::over(store, Box::new(upwards.clone()), &clock, ticks, stands_by)?;
        let carrier = Arc::clone(hub.carrier());
        let service = Service::over(Box::new(hub), clock);
        let running = Running { service: Arc::clone(&service), carrier: Arc::clone(&carrier), dir: self.dir.clone() };
        net.set_hub(self.place, Some(running));
        let vigil = Vigil::new(self.promote_after);
        self.runs = Some(Runs { service, carrier, vigil, since: net.ticks(), upwards, peers });
        Ok(())
    }

    /// It runs no more.
    pub fn stop(&mut self, net: &Net) {
        self.runs = None;
        net.set_hub(self.place, None);
    }
}

impl Runs {
    pub fn push(&self) -> Result<SyncOutcome, SyncFault> {
        self.carrier.push(&self.upwards)
    }

    pub fn pull(&self) -> Result<SyncOutcome, SyncFault> {
        self.carrier.pull(&self.upwards, 0)
    }

    /// Asks the others who leads; the epoch under which this one begins to.
    pub fn look(&mut self, now: Duration) -> Result<Option<u64>, StoreFault> {
        let Some(authority) = self.service.authority() else { return Ok(None) };
        let heard: Vec<_> = self.peers.ask_all().iter().map(|hub| (hub.rank, hub.status.leads)).collect();
        self.vigil.look(authority, &heard, now.saturating_sub(self.since))
    }
}
