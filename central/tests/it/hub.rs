//! A site's hub between its stations and the centre.

use crate::world::{NAME, Station, World, enrol_at, guest, now, ticket, wait_for};
use central::hub::Upstream;
use central::store_path::StorePath;
use central::{Handle, Options, serve};
use std::net::TcpListener;
use std::path::Path;
use sync::Refusal;
use sync::engine;
use sync::protocol::{Centre, LeaseAsk, SegmentOutcome, StationRole};
use sync::store::Opened;

/// A hub of the world's site, in a folder of its own.
fn hub(world: &World, url: &str) -> Handle {
    let token = world.handle.service().invite(&guest(StationRole::Hub)).unwrap();
    opened(&world.dir.path().join("hub"), url, Some(token))
}

fn opened(dir: &Path, url: &str, token: Option<String>) -> Handle {
    std::fs::create_dir_all(dir).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let upstream = Some(Upstream { url: url.to_owned(), token, ..Upstream::default() });
    let options = Options { site: crate::world::SITE.into(), upstream, ..Options::default() };
    serve(listener, &StorePath::new(dir.join("hub.db")), options).unwrap()
}

/// A station that is enrolled through the hub and syncs with it.
fn at_hub(world: &World, hub: &Handle, role: StationRole, name: &str) -> Station {
    let token = world.handle.service().invite(&guest(role)).unwrap();
    let dir = world.dir.path().join(name);
    let stranger = sync::HttpCentre::new(&hub.url(), Box::new(now));
    let (keys, enrolment) = enrol_at(&stranger, &dir, &token, role).unwrap();
    Station::create(&dir, keys, enrolment, &hub.url())
}

fn waiting(station: &Station) -> u64 {
    station.store.lock().unwrap().outbox().unwrap().waiting
}

fn name_of(station: &Station, event: intake::ids::EventId) -> Option<String> {
    match station.store.lock().unwrap().personal(event).unwrap() {
        Opened::Personal(personal) => personal.identity.map(|identity| identity.name),
        _ => None,
    }
}

#[test]
fn stations_of_a_site_meet_at_their_hub_and_the_centre_gets_all_of_it() {
    let world = World::new();
    let hub = hub(&world, &world.handle.url());
    let kiosk = at_hub(&world, &hub, StationRole::Kiosk, "kiosk");
    let counter = at_hub(&world, &hub, StationRole::Counter, "counter");
    let written = kiosk.write((1..=3).map(ticket).collect());
    kiosk.sync();
    let received: Vec<_> = wait_for("the tickets", || Some(counter.sync()).filter(|got| !got.is_empty()));
    assert_eq!(received.len(), 3);
    assert_eq!(name_of(&counter, written[0].id).as_deref(), Some(NAME), "grants travel through the hub");
    wait_for("the centre's receipts", || {
        kiosk.sync();
        (waiting(&kiosk) == 0).then_some(())
    });
    assert_eq!(world.handle.service().counts().unwrap().events, 3);
    assert_eq!(world.handle.service().verify().unwrap().difference, None);
    assert_eq!(hub.service().verify().unwrap().difference, None);
}

#[test]
fn with_the_centre_away_the_site_goes_on_and_nothing_is_called_confirmed_until_it_is() {
    let world = World::new();
    let hub = hub(&world, &world.handle.url());
    let kiosk = at_hub(&world, &hub, StationRole::Kiosk, "kiosk");
    let counter = at_hub(&world, &hub, StationRole::Counter, "counter");
    let World { dir, handle } = world;
    let address = handle.address();
    handle.stop();
    kiosk.write((1..=5).map(ticket).collect());
    let pushed = engine::push_all(&kiosk.store, &kiosk.centre).unwrap();
    assert_eq!((pushed.pushed, pushed.held), (0, 5));
    assert_eq!(waiting(&kiosk), 5, "the hub's word is not the centre's");
    let received: Vec<_> = wait_for("the tickets", || Some(counter.sync()).filter(|got| !got.is_empty()));
    assert_eq!(received.len(), 5, "the hall goes on");
    let ask = LeaseAsk {
        request: uuid::Uuid::now_v7(),
        agency: crate::world::AGENCY.into(),
        day: now().day(),
        count: 5,
        to: None,
    };
    assert!(counter.centre.lease(&ask).is_err(), "what only the centre can give waits for it");
    // A hub whose centre is away is well itself.
    assert_eq!(hub.service().check_writable(), Ok(()));
    let listener = wait_for("the same address", || TcpListener::bind(address).ok());
    let handle = serve(listener, &crate::place::store(dir.path()), Options::default()).unwrap();
    wait_for("the centre's receipts", || {
        kiosk.sync();
        (waiting(&kiosk) == 0).then_some(())
    });
    wait_for("the lease", || counter.centre.lease(&ask).ok());
    counter.centre.lease(&ask).unwrap();
    let leased = wait_for("the lease's event", || counter.sync().into_iter().next());
    assert_eq!(leased.fact.kind(), "CodesLeased");
    assert_eq!(handle.service().counts().unwrap().events, 6, "one lease, although it was asked for twice");
}

#[test]
fn a_station_may_change_between_hub_and_centre_at_any_time() {
    let world = World::new();
    let hub = hub(&world, &world.handle.url());
    let mut kiosk = at_hub(&world, &hub, StationRole::Kiosk, "kiosk");
    let mut counter = at_hub(&world, &hub, StationRole::Counter, "counter");
    for round in 0..6 {
        let url = if round % 2 == 0 { hub.url() } else { world.handle.url() };
        kiosk.moved_to(&url);
        counter.moved_to(&if round % 3 == 0 { hub.url() } else { world.handle.url() });
        kiosk.store.lock().unwrap().push_held_again();
        kiosk.write(vec![ticket(round * 2 + 1), ticket(round * 2 + 2)]);
        kiosk.sync();
        counter.sync();
    }
    wait_for("everything everywhere", || {
        kiosk.sync();
        counter.sync();
        let seen = counter.store.lock().unwrap().events().unwrap().len();
        (waiting(&kiosk) == 0 && seen == 12).then_some(())
    });
    assert_eq!(world.handle.service().counts().unwrap().events, 12);
    assert_eq!(hub.service().verify().unwrap().difference, None);
}

#[test]
fn a_hub_speaks_for_its_own_sites_stations_only() {
    let world = World::new();
    let hub = hub(&world, &world.handle.url());
    let elsewhere = central::invitation::Guest { site: "00008".into(), ..guest(StationRole::Kiosk) };
    let token = world.handle.service().invite(&elsewhere).unwrap();
    let dir = world.dir.path().join("elsewhere");
    let (keys, enrolment) = enrol_at(&world.stranger(), &dir, &token, StationRole::Kiosk).unwrap();
    let stranger = Station::create(&dir, keys, enrolment, &hub.url());
    let mut theirs = ticket(1);
    theirs.scopes = vec![intake::event::Scope::site(&"00008".into())];
    stranger.write(vec![theirs]);
    let refused = engine::push_all(&stranger.store, &stranger.centre).unwrap().refused;
    assert!(matches!(refused[0].1, Refusal::UnknownStation { .. }), "{refused:?}");
    assert_eq!(hub.service().counts().unwrap().events, 0);
    // At the centre a hub hands over nothing of another site either, though the centre knows the station.
    let speaker = world.enrol(StationRole::Hub, "speaker");
    let segments = stranger.store.lock().unwrap().to_push(1, &Default::default()).unwrap();
    let outcomes = speaker.centre.push(&segments).unwrap();
    assert_eq!(outcomes, [SegmentOutcome::Refused(Refusal::NotYourScope { scope: "site:00008".into() })]);
    assert_eq!(world.handle.service().counts().unwrap().events, 0);
}

#[test]
fn a_hub_comes_back_with_what_it_held_and_needs_no_token_again() {
    let world = World::new();
    let first = hub(&world, &world.handle.url());
    let mut kiosk = at_hub(&world, &first, StationRole::Kiosk, "kiosk");
    kiosk.write((1..=4).map(ticket).collect());
    engine::push_all(&kiosk.store, &kiosk.centre).unwrap();
    first.stop();
    let again = opened(&world.dir.path().join("hub"), &world.handle.url(), None);
    kiosk.moved_to(&again.url());
    assert_eq!(again.service().counts().unwrap().events, 4);
    wait_for("the centre's receipts", || {
        kiosk.sync();
        (waiting(&kiosk) == 0).then_some(())
    });
    assert_eq!(world.handle.service().counts().unwrap().events, 4);
}
