//! A board's line to the site's hub: held open until something is called, answered every second all the same.

use crate::clock::Clock;
use crate::config::Config;
use crate::core::lock;
use crate::enrol::open_or_enrol;
use crate::notices::Notices;
use crate::uplink::Uplink;
use crate::{api::Problem, link};
use intake::moment::Moment;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use sync::hub::BoardNews;

/// After a hub that does not answer: short, because people stand before the board.
const PAUSE: Duration = Duration::from_millis(250);

/// What the hub said, for as long as this lives.
pub(super) struct HubLine {
    shared: Arc<Shared>,
}

struct Shared {
    heard: Mutex<Heard>,
    ended: AtomicBool,
}

#[derive(Clone, Default)]
struct Heard {
    news: BoardNews,
    at: Option<Moment>,
}

impl HubLine {
    /// Begins to listen; at the first start, enrols the board.
    ///
    /// # Errors
    /// What stops the enrolment, or the store.
    pub(super) fn open(
        folder: &Path,
        config: &Config,
        clock: &Arc<dyn Clock>,
        notices: &Arc<Notices>,
    ) -> Result<Self, Problem> {
        let store = open_or_enrol(folder, config, clock.as_ref())?;
        let centre = config.centre.as_ref().map(|centre| centre.url.as_str()).unwrap_or_default();
        let uplink = link::uplink(&store, config, centre, clock);
        let shared = Arc::new(Shared { heard: Mutex::default(), ended: AtomicBool::new(false) });
        let (listening, clock, notices) = (Arc::clone(&shared), Arc::clone(clock), Arc::clone(notices));
        let body = move || {
            // A board's log is empty; it is kept open so that nobody else opens it.
            let _store = store;
            listening.listen(&uplink, clock.as_ref(), &notices);
        };
        let thread = std::thread::Builder::new().name("hub-line".into()).spawn(body);
        thread.map_err(|error| Problem::new("STATION-FAULT").with("why", error))?;
        Ok(Self { shared })
    }

    /// What is called, and when the hub was heard last.
    pub(super) fn heard(&self) -> (BoardNews, Option<Moment>) {
        let Heard { news, at } = lock(&self.shared.heard).clone();
        (news, at)
    }
}

impl Drop for HubLine {
    fn drop(&mut self) {
        // The thread ends with its next answer.
        self.shared.ended.store(true, Ordering::Relaxed);
    }
}

impl Shared {
    fn listen(&self, uplink: &Uplink, clock: &dyn Clock, notices: &Notices) {
        while !self.ended.load(Ordering::Relaxed) {
            let seen = lock(&self.heard).news.version;
            let Some(news) = uplink.board(seen) else {
                std::thread::park_timeout(PAUSE);
                continue;
            };
            let changed = news.version != seen;
            *lock(&self.heard) = Heard { news, at: Some(clock.now()) };
            if changed {
                notices.tell();
            }
        }
    }
}
