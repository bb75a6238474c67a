//! Connections on which no station has shown itself yet. When no place is left, the one of them that came first makes room
//! for whoever comes now, so that thousands that say nothing hold up nobody.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::task::AbortHandle;

/// All strangers, in the order in which they came.
#[derive(Default)]
pub(super) struct Strangers(Mutex<Open>);

#[derive(Default)]
struct Open {
    next: u64,
    /// Without a handle: it is being started just now.
    waiting: BTreeMap<u64, Option<AbortHandle>>,
}

/// One connection's place among the strangers, until a station has shown itself on it or it ends.
pub(super) struct Stranger {
    of: Arc<Strangers>,
    number: u64,
}

impl Strangers {
    fn open(&self) -> MutexGuard<'_, Open> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts a connection as a stranger's.
    pub(super) fn begin(self: &Arc<Self>, start: impl FnOnce(Arc<Stranger>) -> AbortHandle) {
        let number = {
            let mut open = self.open();
            open.next += 1;
            let number = open.next;
            open.waiting.insert(number, None);
            number
        };
        let handle = start(Arc::new(Stranger { of: Arc::clone(self), number }));
        // It may have ended, or be known, by now.
        if let Some(waiting) = self.open().waiting.get_mut(&number) {
            *waiting = Some(handle);
        }
    }

    /// Ends the connection of the stranger who came first; false where there is none.
    pub(super) fn dismiss_first(&self) -> bool {
        let first = {
            let mut open = self.open();
            let number = open.waiting.iter().find_map(|(number, handle)| handle.is_some().then_some(*number));
            number.and_then(|number| open.waiting.remove(&number).flatten())
        };
        // Outside of the lock, which the connection's end takes.
        first.inspect(AbortHandle::abort).is_some()
    }
}

impl Stranger {
    /// A station has shown itself: this connection is nobody's to take.
    pub(super) fn is_known(&self) {
        self.of.open().waiting.remove(&self.number);
    }
}

impl Drop for Stranger {
    fn drop(&mut self) {
        self.is_known();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::mpsc;
    use tokio::task::JoinSet;

    /// Starts connections that say nothing; gives what they are known by.
    fn silent(strangers: &Arc<Strangers>, open: &mut JoinSet<()>, count: usize) -> Vec<Arc<Stranger>> {
        let mut begun = Vec::new();
        for _ in 0..count {
            strangers.begin(|stranger| {
                begun.push(Arc::clone(&stranger));
                open.spawn(async move {
                    let _stranger = stranger;
                    std::future::pending::<()>().await;
                })
            });
        }
        begun
    }

    #[tokio::test]
    async fn who_came_first_and_is_not_known_makes_room() {
        let strangers = Arc::new(Strangers::default());
        let mut open = JoinSet::new();
        let begun = silent(&strangers, &mut open, 3);
        begun[0].is_known();
        assert!(strangers.dismiss_first());
        assert!(open.join_next().await.unwrap().unwrap_err().is_cancelled());
        assert_eq!(strangers.open().waiting.keys().copied().collect::<Vec<_>>(), [begun[2].number]);
        assert!(strangers.dismiss_first());
        assert!(!strangers.dismiss_first(), "a station's connection is nobody's to take");
        open.join_next().await.unwrap().unwrap_err();
        assert_eq!(open.len(), 1);
    }

    #[tokio::test]
    async fn one_who_goes_by_himself_is_forgotten() {
        let strangers = Arc::new(Strangers::default());
        let (end, mut ended) = mpsc::channel::<()>(1);
        let mut open = JoinSet::new();
        strangers.begin(|stranger| {
            open.spawn(async move {
                let _stranger = stranger;
                ended.recv().await;
            })
        });
        assert_eq!(strangers.open().waiting.len(), 1);
        drop(end);
        open.join_next().await.unwrap().unwrap();
        assert!(strangers.open().waiting.is_empty());
    }
}
