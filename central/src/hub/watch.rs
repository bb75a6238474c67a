//! A thread that asks the site's other hubs who leads, and takes over where it is told to and nobody does.

use super::authority::Authority;
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
            let mut heard_leader = Instant::now();
            while !over.load(Ordering::Relaxed) {
                if ask_all(&authority, &peers) || authority.leads() {
                    heard_leader = Instant::now();
                }
                if promote_after.is_some_and(|after| heard_leader.elapsed() >= after)
                    && let Err(fault) = authority.promote()
                {
                    tracing::error!(code = fault.code(), "this hub cannot lead");
                }
                std::thread::park_timeout(EVERY);
            }
        })?;
        Ok(Self { ended, thread: Some(thread) })
    }
}

/// Asks all; true when one of them leads.
fn ask_all(authority: &Authority, peers: &Hubs) -> bool {
    let heard = peers.ask_all();
    for hub in &heard {
        authority.note_other(hub.rank, hub.status.leads);
    }
    heard.iter().any(|hub| hub.status.leads)
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
