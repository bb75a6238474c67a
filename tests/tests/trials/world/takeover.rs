//! The hub dies while the site is cut off from the centre: the standby leads, and the old hub follows when it is back.

use super::alone::alone;
use super::hub::order;
use super::site::{Site, Wanted};
use crate::centre::PATIENCE;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};
use tests::fault::wait_for;

#[test]
fn a_hub_that_is_killed_is_replaced_and_follows_when_it_is_back() {
    alone("world::takeover::a_hub_that_is_killed_is_replaced_and_follows_when_it_is_back", takeover);
}

fn takeover() {
    let mut site = Site::open(Wanted { standby: true, ..Wanted::default() });
    site.serve();
    site.wait_until_synced();
    let standby = site.standby.as_ref().unwrap().place_and_store();
    let appointed = |epoch: u64| {
        let export = order(&standby.0, &standby.1, &["export", "--json"]);
        of_kind(&events(&export), "HubAppointed").iter().any(|event| event["body"]["epoch"] == epoch)
    };
    let wait_for_epoch = |epoch| wait_for("an epoch", PATIENCE, || Ok(appointed(epoch).then_some(()))).unwrap();
    wait_for_epoch(1);

    site.network.set_up("centre", false);
    site.serve();
    site.hub.kill();
    let died = Instant::now();
    wait_for_epoch(2);
    let led = died.elapsed();
    site.serve();
    assert!(died.elapsed() < Duration::from_secs(60), "{:?}", died.elapsed());
    println!("the standby led {led:?} after the hub was killed, and a citizen was served within {:?}", died.elapsed());
    site.serve();
    site.hub.start_again();
    site.serve();
    site.network.set_up("centre", true);
    site.wait_until_synced();
    site.serve();
    let store = site.hall.centre.plan.central.store.clone();
    let export = wait_for("both hubs' events", PATIENCE, || {
        let export = order(&site.places.centre, &store, &["export", "--json"]);
        // What the first hub gave while the centre was not heard is on its own disk until it has told of it.
        let told = events(&export);
        let of_first = of_kind(&told, "TicketClaimed").iter().any(|claim| claim["body"]["epoch"] == 1);
        Ok((of_kind(&told, "HubAppointed").len() >= 2 && of_first).then_some(export))
    });
    let events = events(&export.unwrap());
    let epochs: BTreeSet<u64> =
        of_kind(&events, "HubAppointed").iter().filter_map(|event| event["body"]["epoch"].as_u64()).collect();
    assert_eq!(epochs, BTreeSet::from([1, 2]), "the old hub leads no more");
    let mut desks: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for claim in of_kind(&events, "TicketClaimed") {
        desks.entry(claim["subject"].as_str().unwrap()).or_default().insert(claim["body"]["desk"].as_str().unwrap());
    }
    assert!(desks.values().all(|desks| desks.len() == 1), "{desks:?}");
    let claims =
        |epoch: u64| of_kind(&events, "TicketClaimed").iter().filter(|claim| claim["body"]["epoch"] == epoch).count();
    assert!(claims(1) >= 1 && claims(2) >= 2, "{} under the first, {} under the second", claims(1), claims(2));
    site.judge();
}

fn events(export: &str) -> Vec<Value> {
    serde_json::from_str::<Value>(export).unwrap()["events"].as_array().unwrap().clone()
}

fn of_kind<'a>(events: &'a [Value], kind: &str) -> Vec<&'a Value> {
    events.iter().filter(|event| event["kind"] == kind).collect()
}
