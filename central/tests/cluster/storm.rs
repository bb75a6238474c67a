//! Stations that push as fast as they can, whatever happens to the centre, and what they were told.

use crate::parts::{order, until};
use crate::world::{Station, enrol_at, now, ticket};
use serde_json::Value;
use std::collections::HashSet;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use sync::engine;
use sync::http::HttpCentre;
use sync::protocol::StationRole;

/// How many events a station writes between two pushes.
const AT_ONCE: u32 = 50;

/// What was acknowledged, over all stations.
#[derive(Default)]
pub struct Storm {
    acknowledged: Mutex<HashSet<String>>,
    count: AtomicUsize,
    over: AtomicBool,
}

/// Enrols stations whose centre is at `url`.
pub fn stations(dir: &Path, store: &str, key: &Path, url: &str, count: usize) -> Vec<Station> {
    let enrolled = |number: usize| {
        let label = format!("Kiosk {number}");
        let asked = ["invite", "--site", "00004", "--role", "kiosk", "--label", &label, "--agency", "H26.112.00"];
        let token = order(store, key, &asked);
        let place = dir.join(format!("kiosk-{number}"));
        let stranger = HttpCentre::new(url, Box::new(now));
        let (keys, enrolment) = enrol_at(&stranger, &place, token.trim(), StationRole::Kiosk).unwrap();
        Station::create(&place, keys, enrolment, url)
    };
    (0..count).map(enrolled).collect()
}

impl Storm {
    /// How many events were acknowledged so far.
    pub fn acknowledged(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    pub fn end(&self) {
        self.over.store(true, Ordering::Relaxed);
    }

    /// One station's part: writes and pushes until the storm is over, and then until nothing waits.
    pub fn blow(&self, station: &Station) {
        let mut sequence = 0;
        while !self.over.load(Ordering::Relaxed) {
            let drafts = (sequence + 1..=sequence + AT_ONCE).map(ticket).collect();
            sequence += AT_ONCE;
            let written = station.write(drafts);
            while !self.push(station) {
                if self.over.load(Ordering::Relaxed) {
                    break;
                }
                // What the station's link does: a pause, then the same again.
                std::thread::park_timeout(Duration::from_millis(50));
            }
            if station.store.lock().unwrap().outbox().unwrap().waiting == 0 {
                self.count.fetch_add(written.len(), Ordering::Relaxed);
                self.acknowledged.lock().unwrap().extend(written.iter().map(|event| event.id.to_string()));
            }
        }
        until("the last push", Duration::from_secs(120), || self.push(station).then_some(()));
        assert_eq!(station.store.lock().unwrap().outbox().unwrap().waiting, 0);
    }

    fn push(&self, station: &Station) -> bool {
        match engine::push_all(&station.store, &station.centre) {
            Ok(outcome) => {
                assert!(outcome.refused.is_empty(), "{:?}", outcome.refused);
                assert!(outcome.new_incarnation.is_none(), "the centre never knows more than the station wrote");
                true
            }
            Err(_) => false,
        }
    }

    /// Holds the centre's log against what was acknowledged and what was written; gives the number of events there.
    pub fn judge(&self, stations: &[Station], store: &str, key: &Path) -> usize {
        let verified: Value = serde_json::from_str(&order(store, key, &["verify"])).unwrap();
        assert_eq!(verified["difference"], Value::Null);
        let export: Value = serde_json::from_str(&order(store, key, &["export", "--json"])).unwrap();
        let ids = export["events"].as_array().unwrap().iter().map(|event| event["id"].as_str().unwrap().to_owned());
        let ids: Vec<String> = ids.collect();
        let held: HashSet<String> = ids.iter().cloned().collect();
        assert_eq!(held.len(), ids.len(), "each event once");
        let acknowledged = self.acknowledged.lock().unwrap();
        let lost: Vec<_> = acknowledged.difference(&held).collect();
        assert!(lost.is_empty(), "{} acknowledged events are lost", lost.len());
        let written: HashSet<String> = stations
            .iter()
            .flat_map(|station| station.store.lock().unwrap().events().unwrap())
            .map(|event| event.id.to_string())
            .collect();
        assert_eq!(held, written, "nothing lost, nothing doubled, nothing invented");
        held.len()
    }
}
