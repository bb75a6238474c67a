//! Who may work when: a storm of stations that catch up neither starves those that send what happens now nor fills the
//! memory. A request waits for its turn before its body is read.

use axum::http::HeaderMap;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use sync::auth;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A body up to this many bytes is what happens now; a larger one is catching up.
pub(super) const LIVE_BYTES: u64 = 64 << 10;

/// Places for large bodies, and one station's share of them.
pub(super) struct Turns {
    bulk: Arc<Semaphore>,
    share: usize,
    stations: Mutex<HashMap<Who, Arc<Semaphore>>>,
}

/// Whose share a request takes: the station that it says it is of, at this address, so that nobody elsewhere takes it.
type Who = (IpAddr, Option<String>);

/// A place that is given back when it is dropped.
pub(super) struct Turn {
    _bulk: OwnedSemaphorePermit,
    _own: OwnedSemaphorePermit,
}

impl Turns {
    pub(super) fn new(bulk: usize, share: usize) -> Self {
        Self { bulk: Arc::new(Semaphore::new(bulk)), share, stations: Mutex::default() }
    }

    /// Waits for a place for a body of about so many bytes; none is needed for a small one. `Err` when it took too long.
    pub(super) async fn take(
        &self,
        address: IpAddr,
        headers: &HeaderMap,
        bytes: Option<u64>,
        patience: Duration,
    ) -> Result<Option<Turn>, ()> {
        if bytes.is_some_and(|bytes| bytes <= LIVE_BYTES) {
            return Ok(None);
        }
        let station = headers.get(auth::STATION).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let own = self.of((address, station));
        let both = async {
            // The own share first: a station that waits for itself holds no place of others.
            let own = own.acquire_owned().await.ok()?;
            let bulk = Arc::clone(&self.bulk).acquire_owned().await.ok()?;
            Some(Turn { _bulk: bulk, _own: own })
        };
        match tokio::time::timeout(patience, both).await {
            Ok(Some(turn)) => Ok(Some(turn)),
            _ => Err(()),
        }
    }

    fn of(&self, who: Who) -> Arc<Semaphore> {
        let mut stations = self.stations.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever holds or waits for a place holds his semaphore too; the others need not be remembered.
        stations.retain(|_, own| Arc::strong_count(own) > 1);
        Arc::clone(stations.entry(who).or_insert_with(|| Arc::new(Semaphore::new(self.share))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    const SOON: Duration = Duration::from_millis(20);
    const LARGE: Option<u64> = Some(LIVE_BYTES + 1);

    fn station(name: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(auth::STATION.parse().unwrap(), HeaderValue::from_static(name))])
    }

    #[tokio::test]
    async fn one_station_holds_its_share_and_small_bodies_wait_for_nobody() {
        let turns = Turns::new(3, 2);
        let here = IpAddr::from([10, 0, 0, 1]);
        let take = |name, bytes| {
            let (turns, headers) = (&turns, station(name));
            async move { turns.take(here, &headers, bytes, SOON).await }
        };
        let held = [take("one", LARGE).await.unwrap(), take("one", None).await.unwrap()];
        assert!(held.iter().all(Option::is_some), "a body of unknown length counts as a large one");
        assert!(take("one", LARGE).await.is_err(), "its share is used up");
        let other = take("other", LARGE).await.unwrap();
        assert!(take("third", LARGE).await.is_err(), "no place is left");
        for name in ["one", "third"] {
            assert!(take(name, Some(LIVE_BYTES)).await.unwrap().is_none(), "what happens now goes on");
        }
        drop((held, other));
        assert!(take("third", LARGE).await.unwrap().is_some());
        assert!(turns.stations.lock().unwrap().len() <= 1, "nobody is remembered for long");
    }
}
