//! Who has something new: those who wait on a pull are woken by the scopes that they wait for, and by nothing else.

use intake::event::Scope;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use tokio::sync::watch;

/// A count of changes a scope, and a bell.
pub struct News {
    changes: Mutex<HashMap<Scope, u64>>,
    everywhere: AtomicU64,
    bell: watch::Sender<u64>,
    closing: watch::Sender<bool>,
}

/// How much had happened in some scopes. Take it before looking into the store, then wait for more.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Mark(u64);

impl Default for News {
    fn default() -> Self {
        Self {
            changes: Mutex::default(),
            everywhere: AtomicU64::new(0),
            bell: watch::Sender::new(0),
            closing: watch::Sender::new(false),
        }
    }
}

impl News {
    /// How much has happened in these scopes so far.
    pub fn mark(&self, scopes: &[Scope]) -> Mark {
        let changes = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
        let here: u64 = scopes.iter().filter_map(|scope| changes.get(scope)).sum();
        Mark(here + self.everywhere.load(Ordering::Relaxed))
    }

    /// Something happened in these scopes; it is in the store already.
    pub fn spread(&self, scopes: &[Scope]) {
        let mut changes = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
        for scope in scopes {
            *changes.entry(scope.clone()).or_default() += 1;
        }
        drop(changes);
        self.bell.send_modify(|rung| *rung += 1);
    }

    /// Something may have happened anywhere: all who wait look again.
    pub fn spread_everywhere(&self) {
        self.everywhere.fetch_add(1, Ordering::Relaxed);
        self.bell.send_modify(|rung| *rung += 1);
    }

    /// Returns once more has happened in these scopes than at `mark`, or the service is closing.
    pub async fn beyond(&self, scopes: &[Scope], mark: Mark) {
        let mut bell = self.bell.subscribe();
        let mut closing = self.closing.subscribe();
        while !*closing.borrow_and_update() && self.mark(scopes) <= mark {
            // Both senders live as long as `self`.
            tokio::select! {
                _ = bell.changed() => {}
                _ = closing.changed() => {}
            }
        }
    }

    /// Nobody waits any longer: the service is closing.
    pub fn close(&self) {
        self.closing.send_replace(true);
    }

    /// Is the service closing?
    pub fn is_closing(&self) -> bool {
        *self.closing.borrow()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Waker};

    fn is_ready(future: std::pin::Pin<&mut impl Future>) -> bool {
        future.poll(&mut Context::from_waker(Waker::noop())).is_ready()
    }

    #[test]
    fn only_news_of_a_scope_wakes_those_who_wait_for_it() {
        let news = News::default();
        let (here, there) = ([Scope("site:00004".into())], [Scope("site:00008".into())]);
        let mut waiting = pin!(news.beyond(&here, news.mark(&here)));
        assert!(!is_ready(waiting.as_mut()));
        news.spread(&there);
        assert!(!is_ready(waiting.as_mut()));
        news.spread(&here);
        assert!(is_ready(waiting));
    }

    #[test]
    fn what_came_between_the_mark_and_the_wait_is_not_missed() {
        let news = News::default();
        let here = [Scope("site:00004".into())];
        let mark = news.mark(&here);
        news.spread(&here);
        assert!(is_ready(pin!(news.beyond(&here, mark))));
    }

    #[test]
    fn closing_wakes_everybody() {
        let news = News::default();
        let mut waiting = pin!(news.beyond(&[], news.mark(&[])));
        assert!(!is_ready(waiting.as_mut()));
        news.close();
        assert!(is_ready(waiting));
    }
}
