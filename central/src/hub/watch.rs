//! A thread that asks the site's other hubs who leads, and takes over where it is told to and nobody does.

use super::authority::Authority;
use intake::authority::Rank;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use sync::hubs::Hubs;
use sync::lan::Search;
use sync::store::StoreFault;

/// How often the others are asked.
const EVERY: Duration = Duration::from_millis(500);

/// Ends its thread when it is dropped.
pub(super) struct Watch {
    ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Watch {
    pub(super) fn start(
        authority: Arc<Authority>,
        peers: Arc<Hubs>,
        search: Option<Search>,
        promote_after: Option<Duration>,
    ) -> Result<Self, StoreFault> {
        let ended = Arc::new(AtomicBool::new(false));
        let over = Arc::clone(&ended);
        let thread = std::thread::Builder::new().name("hub-watch".into()).spawn(move || {
            let _search = search;
            let began = Instant::now();
            let mut vigil = Vigil::new(promote_after);
            while !over.load(Ordering::Relaxed) {
                let heard: Vec<_> = peers.ask_all().iter().map(|hub| (hub.rank, hub.status.leads)).collect();
                if let Err(fault) = vigil.look(&authority, &heard, began.elapsed()) {
                    tracing::error!(code = fault.code(), "this hub cannot lead");
                }
                std::thread::park_timeout(EVERY);
            }
        })?;
        Ok(Self { ended, thread: Some(thread) })
    }
}

/// When a hub that stands by takes over: decides from what the site's other hubs say, and asks nobody itself.
pub struct Vigil {
    promote_after: Option<Duration>,
    /// When a hub that leads was heard last; the beginning, where none was.
    heard_leader: Duration,
}

impl Vigil {
    /// Begins at time zero. Takes over after so long a silence, or never by itself.
    pub fn new(promote_after: Option<Duration>) -> Self {
        Self { promote_after, heard_leader: Duration::ZERO }
    }

    /// Takes in who of the others is heard at `now`, and whether they lead; gives the epoch under which this one begins to.
    ///
    /// # Errors
    /// [`StoreFault`] when the promotion cannot be written.
    pub fn look(
        &mut self,
        authority: &Authority,
        heard: &[(Rank, bool)],
        now: Duration,
    ) -> Result<Option<u64>, StoreFault> {
        for (rank, leads) in heard {
            authority.note_other(*rank, *leads);
        }
        if heard.iter().any(|(_, leads)| *leads) || authority.leads() {
            self.heard_leader = now;
        }
        let takes_over = self.promote_after.is_some_and(|after| now.saturating_sub(self.heard_leader) >= after);
        takes_over.then(|| authority.promote()).transpose()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            if thread.join().is_err() {
                tracing::error!("the watch did not end well");
            }
        }
    }
}
