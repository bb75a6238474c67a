//! A site's hub between its stations and the centre.

use crate::blobs::{attached, part, scan, sealed, send_all, taken_in};
use crate::world::{NAME, Station, World, enrol_at, guest, now, ticket, wait_for};
use central::hub::Upstream;
use central::store_path::StorePath;
use central::{Handle, Options, serve};
use intake::fact::{TicketAdmitted, TicketCalled, TicketMissed, TicketParked, TicketReturned, VisitClosed};
use intake::ids::IntentId;
use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;
use sync::blob::protocol::{Blobs, Held};
use sync::blob::transfer::{Sender, fetch};
use sync::engine;
use sync::hub::{ClaimAnswer, ClaimAsk, QueueAuthority};
use sync::protocol::{Centre, LeaseAsk, SegmentOutcome, StationRole};
use sync::store::Opened;
use sync::{CentreFault, Refusal};

/// A hub of the world's site, in a folder of its own.
fn hub(world: &World, url: &str) -> Handle {
    let token = world.handle.service().invite(&guest(StationRole::Hub)).unwrap();
    opened(&world.dir.path().join("hub"), url, Some(token))
}

fn opened(dir: &Path, url: &str, token: Option<String>) -> Handle {
    opened_with(dir, "127.0.0.1:0", Upstream { url: url.to_owned(), token, ..Upstream::default() })
}

fn opened_with(dir: &Path, address: &str, upstream: Upstream) -> Handle {
    std::fs::create_dir_all(dir).unwrap();
    let listener = wait_for("the address", || TcpListener::bind(address).ok());
    let upstream = Some(upstream);
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

/// The events of people's doings; that a hub leads is an event too.
fn doings(handle: &Handle) -> usize {
    handle.service().export().unwrap().events.iter().filter(|event| event.kind != "HubAppointed").count()
}

/// What a station gets of people's doings.
fn heard(station: &Station) -> Vec<intake::event::Event> {
    station.sync().into_iter().filter(|event| event.fact.kind() != "HubAppointed").collect()
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
    let received: Vec<_> = wait_for("the tickets", || Some(heard(&counter)).filter(|got| !got.is_empty()));
    assert_eq!(received.len(), 3);
    assert_eq!(name_of(&counter, written[0].id).as_deref(), Some(NAME), "grants travel through the hub");
    wait_for("the centre's receipts", || {
        kiosk.sync();
        (waiting(&kiosk) == 0).then_some(())
    });
    assert_eq!(doings(&world.handle), 3);
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
    let received: Vec<_> = wait_for("the tickets", || Some(heard(&counter)).filter(|got| !got.is_empty()));
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
    let leased = wait_for("the lease's event", || heard(&counter).into_iter().next());
    assert_eq!(leased.fact.kind(), "CodesLeased");
    assert_eq!(doings(&handle), 6, "one lease, although it was asked for twice");
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
        let events = counter.store.lock().unwrap().events().unwrap();
        let seen = events.iter().filter(|event| event.fact.kind() != "HubAppointed").count();
        (waiting(&kiosk) == 0 && seen == 12).then_some(())
    });
    assert_eq!(doings(&world.handle), 12);
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
    assert_eq!(doings(&hub), 0);
    // At the centre a hub hands over nothing of another site either, though the centre knows the station.
    let speaker = world.enrol(StationRole::Hub, "speaker");
    let segments = stranger.store.lock().unwrap().to_push(1, &Default::default()).unwrap();
    let outcomes = speaker.centre.push(&segments).unwrap();
    assert_eq!(outcomes, [SegmentOutcome::Refused(Refusal::NotYourScope { scope: "site:00008".into() })]);
    assert_eq!(doings(&world.handle), 0);
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
    assert_eq!(doings(&again), 4);
    wait_for("the centre's receipts", || {
        kiosk.sync();
        (waiting(&kiosk) == 0).then_some(())
    });
    assert_eq!(doings(&world.handle), 4);
}

fn claim(desk: &Station, name: &str, visit: intake::ids::VisitId, epoch: u64) -> ClaimAnswer {
    claim_again(desk, name, visit, epoch, 0)
}

/// Claims a visit whose citizen has left this desk so often.
fn claim_again(desk: &Station, name: &str, visit: intake::ids::VisitId, epoch: u64, turn: u32) -> ClaimAnswer {
    let request = IntentId(uuid::Uuid::now_v7());
    let written = desk.store.lock().unwrap().written(&crate::world::site_scope());
    desk.centre
        .claim(&ClaimAsk { request, visit: Some(visit), desk: name.into(), turn, epoch, written, before: vec![] })
        .unwrap()
}

fn ask_for(visit: intake::ids::VisitId) -> ClaimAsk {
    let request = IntentId(uuid::Uuid::now_v7());
    ClaimAsk { request, visit: Some(visit), desk: "9".into(), turn: 0, epoch: 0, written: None, before: vec![] }
}

fn visit_of(event: &intake::event::Event) -> intake::ids::VisitId {
    match event.subject {
        intake::event::Subject::Visit(visit) => visit,
        ref other => panic!("{other}"),
    }
}

#[test]
fn two_desks_that_claim_at_once_never_both_get_a_ticket() {
    let world = World::new();
    let hub = hub(&world, &world.handle.url());
    let kiosk = at_hub(&world, &hub, StationRole::Kiosk, "kiosk");
    let desks = ["1", "2", "3"].map(|name| (name, at_hub(&world, &hub, StationRole::Counter, &format!("desk-{name}"))));
    let visits: Vec<_> = kiosk.write((1..=60).map(ticket).collect()).iter().map(visit_of).collect();
    kiosk.sync();
    let got: Vec<Vec<usize>> = std::thread::scope(|scope| {
        let claiming = |(name, desk): &(&'static str, Station)| {
            let mine = |at: &usize| claim(desk, name, visits[*at], 0) == ClaimAnswer::Yours { epoch: 1 };
            (0..visits.len()).filter(mine).collect()
        };
        let threads: Vec<_> = desks.iter().map(|desk| scope.spawn(move || claiming(desk))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let mut all: Vec<usize> = got.into_iter().flatten().collect();
    all.sort_unstable();
    assert_eq!(all, (0..60).collect::<Vec<_>>(), "each ticket to exactly one desk");
    // The same desk asking again, as after a lost answer, is told the same.
    let first = desks.iter().find(|(name, desk)| claim(desk, name, visits[0], 1) == ClaimAnswer::Yours { epoch: 1 });
    let first = first.expect("somebody has it").0;
    for (name, desk) in desks.iter().filter(|(name, _)| *name != first) {
        assert_eq!(claim(desk, name, visits[0], 1), ClaimAnswer::Taken { by: Some(first.into()), epoch: 1 });
    }
    assert!(kiosk.centre.claim(&ask_for(visits[0])).is_err(), "a kiosk calls nobody");
}

#[test]
fn who_missed_the_call_and_comes_back_with_the_paper_can_be_claimed_again() {
    let world = World::new();
    let hub = hub(&world, &world.handle.url());
    let kiosk = at_hub(&world, &hub, StationRole::Kiosk, "kiosk");
    let (one, two) =
        (at_hub(&world, &hub, StationRole::Counter, "one"), at_hub(&world, &hub, StationRole::Counter, "two"));
    let written = kiosk.write(vec![ticket(1)]);
    kiosk.sync();
    let visit = visit_of(&written[0]);
    let say = |desk: &Station, fact: intake::fact::Fact| {
        writes(desk, visit, fact);
        engine::push_all(&desk.store, &desk.centre).unwrap();
    };
    assert_eq!(claim(&one, "1", visit, 0), ClaimAnswer::Yours { epoch: 1 });
    say(&one, TicketCalled { desk: "1".into(), at: now() }.into());
    say(&one, TicketMissed { desk: "1".into() }.into());
    assert!(matches!(claim(&two, "2", visit, 1), ClaimAnswer::Taken { .. }));
    say(&two, TicketAdmitted { desk: "2".into() }.into());
    assert_eq!(claim(&two, "2", visit, 1), ClaimAnswer::Yours { epoch: 1 });
    say(&two, VisitClosed { desk: "2".into(), at: now() }.into());
    assert!(matches!(claim(&one, "1", visit, 1), ClaimAnswer::Taken { .. }), "whoever is gone is not called");
}

fn writes(desk: &Station, visit: intake::ids::VisitId, fact: intake::fact::Fact) {
    let subject = intake::event::Subject::Visit(visit);
    let scopes = vec![crate::world::site_scope()];
    desk.write(vec![intake::event::Draft { subject, fact, personal: None, scopes }]);
}

#[test]
fn who_was_sent_back_can_be_claimed_by_another_desk_and_who_is_away_only_with_the_paper() {
    let world = World::new();
    let hub = hub(&world, &world.handle.url());
    let kiosk = at_hub(&world, &hub, StationRole::Kiosk, "kiosk");
    let (one, two) =
        (at_hub(&world, &hub, StationRole::Counter, "one"), at_hub(&world, &hub, StationRole::Counter, "two"));
    let written = kiosk.write(vec![ticket(1)]);
    kiosk.sync();
    let visit = visit_of(&written[0]);
    let push = |desk: &Station| drop(engine::push_all(&desk.store, &desk.centre).unwrap());
    let (yours, taken) =
        (ClaimAnswer::Yours { epoch: 1 }, |by: &str| ClaimAnswer::Taken { by: Some(by.into()), epoch: 1 });
    assert_eq!(claim(&one, "1", visit, 0), yours);
    writes(&one, visit, TicketCalled { desk: "1".into(), at: now() }.into());
    writes(&one, visit, TicketReturned { desk: "1".into(), at: now() }.into());
    // The desk claims again before the hub has heard that the citizen left it: what it hears then ends the first turn only.
    assert_eq!(claim_again(&one, "1", visit, 1, 1), yours);
    push(&one);
    assert_eq!(claim(&two, "2", visit, 1), taken("1"));
    assert_eq!(claim(&one, "1", visit, 1), ClaimAnswer::Taken { by: None, epoch: 1 }, "the first turn is over");
    writes(&one, visit, TicketCalled { desk: "1".into(), at: now() }.into());
    writes(&one, visit, TicketReturned { desk: "1".into(), at: now() }.into());
    push(&one);
    assert_eq!(claim(&two, "2", visit, 1), yours);
    writes(&two, visit, TicketCalled { desk: "2".into(), at: now() }.into());
    writes(&two, visit, TicketParked { desk: "2".into(), at: now() }.into());
    push(&two);
    assert_eq!(claim_again(&one, "1", visit, 1, 2), taken("2"), "that desk waits for them");
    writes(&one, visit, TicketAdmitted { desk: "1".into() }.into());
    push(&one);
    assert_eq!(claim_again(&one, "1", visit, 1, 2), yours);
    assert_eq!(claim_again(&two, "2", visit, 1, 1), taken("1"), "one of the two gets them");
}

/// The hub dies; the one that stood by leads in under a minute, under a higher epoch, and gives no ticket away that the
/// first gave; the first comes back and follows.
#[test]
fn a_standby_takes_over_and_the_older_hub_follows_when_it_comes_back() {
    let world = World::new();
    let (first_dir, second_dir) = (world.dir.path().join("first"), world.dir.path().join("second"));
    let invited = || Some(world.handle.service().invite(&guest(StationRole::Hub)).unwrap());
    let url = world.handle.url();
    let first = opened(&first_dir, &url, invited());
    let first_address = first.address().to_string();
    let stands_by = Upstream {
        url: url.clone(),
        token: invited(),
        peers: vec![first.url()],
        stands_by: true,
        promote_after: Some(Duration::from_secs(2)),
        ..Upstream::default()
    };
    let second = opened_with(&second_dir, "127.0.0.1:0", stands_by);
    let kiosk = at_hub(&world, &first, StationRole::Kiosk, "kiosk");
    let mut one = at_hub(&world, &first, StationRole::Counter, "one");
    let mut two = at_hub(&world, &first, StationRole::Counter, "two");
    let written = kiosk.write(vec![ticket(1), ticket(2)]);
    kiosk.sync();
    let [a, b] = [visit_of(&written[0]), visit_of(&written[1])];
    assert_eq!(claim(&one, "1", a, 0), ClaimAnswer::Yours { epoch: 1 });
    // It called the number, and the hub died before it heard.
    let called = TicketCalled { desk: "1".into(), at: now() };
    let subject = intake::event::Subject::Visit(a);
    let scopes = vec![crate::world::site_scope()];
    one.write(vec![intake::event::Draft { subject, fact: called.into(), personal: None, scopes }]);
    wait_for("the standby to hear of the first", || (second.service().authority()?.epoch() == 1).then_some(()));
    let died = std::time::Instant::now();
    first.stop();
    wait_for("the standby's promotion", || second.service().authority()?.leads().then_some(()));
    assert!(died.elapsed() < Duration::from_secs(60));
    one.moved_to(&second.url());
    two.moved_to(&second.url());
    // Before it has heard both desks (or the grace is over) it gives nothing away.
    let answer = wait_for("its card at the second", || {
        two.centre.claim(&ClaimAsk { desk: "2".into(), epoch: 1, ..ask_for(a) }).ok()
    });
    assert!(matches!(answer, ClaimAnswer::Wait { epoch: 2, .. }), "{answer:?}");
    one.store.lock().unwrap().push_held_again();
    engine::push_all(&one.store, &one.centre).unwrap();
    // That the first desk pushed is not enough: it must also have said that it takes no older hub's answer any more.
    assert!(matches!(claim(&two, "2", b, 2), ClaimAnswer::Wait { .. }));
    let written = one.store.lock().unwrap().written(&crate::world::site_scope());
    let heard = ClaimAsk {
        request: IntentId(uuid::Uuid::now_v7()),
        visit: None,
        desk: "1".into(),
        turn: 0,
        epoch: 2,
        written,
        before: vec![],
    };
    assert_eq!(one.centre.claim(&heard).unwrap(), ClaimAnswer::Yours { epoch: 2 });
    assert_eq!(claim(&two, "2", a, 2), ClaimAnswer::Taken { by: Some("1".into()), epoch: 2 });
    assert_eq!(claim(&two, "2", b, 2), ClaimAnswer::Yours { epoch: 2 });
    // The first comes back, as if nothing had been.
    let back = Upstream { url, peers: vec![second.url()], ..Upstream::default() };
    let first = opened_with(&first_dir, &first_address, back);
    wait_for("the first to follow", || {
        let authority = first.service().authority()?;
        (!authority.leads() && authority.epoch() == 2).then_some(())
    });
    one.moved_to(&first.url());
    assert_eq!(claim(&one, "1", b, 2), ClaimAnswer::NotLeading { epoch: 2 });
    assert!(second.service().authority().unwrap().leads());
}

#[test]
fn a_station_that_turns_from_the_centre_to_a_hub_hears_of_its_neighbours_there() {
    let world = World::new();
    let hub = hub(&world, &world.handle.url());
    let mut kiosk = at_hub(&world, &hub, StationRole::Kiosk, "kiosk");
    for name in ["one", "two", "three"] {
        at_hub(&world, &hub, StationRole::Counter, name);
    }
    kiosk.moved_to(&world.handle.url());
    kiosk.sync();
    kiosk.moved_to(&hub.url());
    let ask = kiosk.store.lock().unwrap().pull_ask(0, 1 << 20).unwrap();
    let answer = kiosk.centre.pull(&ask).unwrap();
    assert!(answer.stations.len() >= 4, "the centre's number says nothing of the hub's roster");
    let again = kiosk.centre.pull(&sync::protocol::PullAsk { roster: answer.roster, ..ask }).unwrap();
    assert!(again.stations.is_empty(), "and the hub's own number does");
    kiosk.moved_to(&world.handle.url());
    let ask = kiosk.store.lock().unwrap().pull_ask(0, 1 << 20).unwrap();
    let back = kiosk.centre.pull(&sync::protocol::PullAsk { roster: answer.roster, ..ask }).unwrap();
    assert!(back.stations.len() >= 4, "nor a hub's number of the centre's roster");
}

#[test]
fn a_hub_hands_down_the_centres_receipts_for_what_it_had_from_the_centre() {
    let world = World::new();
    let hub = hub(&world, &world.handle.url());
    let mut kiosk = at_hub(&world, &hub, StationRole::Kiosk, "kiosk");
    kiosk.write((1..=3).map(ticket).collect());
    let segments = kiosk.store.lock().unwrap().to_push(64, &Default::default()).unwrap();
    // The centre's answer is lost, and the kiosk turns to the hub, which has the tickets from the centre already.
    kiosk.moved_to(&world.handle.url());
    kiosk.centre.push(&segments).unwrap();
    wait_for("the tickets at the hub", || (doings(&hub) == 3).then_some(()));
    kiosk.moved_to(&hub.url());
    wait_for("the receipts", || {
        kiosk.sync();
        (waiting(&kiosk) == 0).then_some(())
    });
}

#[test]
fn what_a_hub_tells_of_its_own_log_the_centre_has() {
    let world = World::new();
    let hub = hub(&world, &world.handle.url());
    let kiosk = at_hub(&world, &hub, StationRole::Kiosk, "kiosk");
    let counter = at_hub(&world, &hub, StationRole::Counter, "counter");
    let visit = visit_of(&kiosk.write(vec![ticket(1)])[0]);
    kiosk.sync();
    counter.sync();
    let World { handle, .. } = world;
    handle.stop();
    assert_eq!(claim(&counter, "1", visit, 0), ClaimAnswer::Yours { epoch: 1 });
    let claimed = |station: &Station| {
        station.sync();
        station.store.lock().unwrap().events_of_kind("TicketClaimed").unwrap().len()
    };
    assert_eq!(
        (claimed(&counter), claimed(&kiosk)),
        (0, 0),
        "a hub that is lost now takes no claim with it that others hold"
    );
}

#[test]
fn a_desk_is_heard_only_when_its_former_lives_are_known_too() {
    let world = World::new();
    let hub = hub(&world, &world.handle.url());
    let kiosk = at_hub(&world, &hub, StationRole::Kiosk, "kiosk");
    let one = at_hub(&world, &hub, StationRole::Counter, "one");
    let visit = visit_of(&kiosk.write(vec![ticket(1)])[0]);
    kiosk.sync();
    let epoch = hub.service().authority().unwrap().promote().unwrap();
    let life = intake::ids::Incarnation(uuid::Uuid::from_u128(9));
    let station = one.store.lock().unwrap().station();
    let former = sync::stream::StreamId { station, incarnation: life, scope: crate::world::site_scope() };
    let told = ClaimAsk { desk: "1".into(), epoch, ..ask_for(visit) };
    let not_yet = one.centre.claim(&ClaimAsk { before: vec![(former, 3)], ..told.clone() }).unwrap();
    assert!(matches!(not_yet, ClaimAnswer::Wait { .. }), "{not_yet:?}");
    assert_eq!(one.centre.claim(&told).unwrap(), ClaimAnswer::Yours { epoch });
}

#[test]
fn a_new_hub_in_the_place_of_a_lost_one_listens_first() {
    let world = World::new();
    let first = hub(&world, &world.handle.url());
    let kiosk = at_hub(&world, &first, StationRole::Kiosk, "kiosk");
    let one = at_hub(&world, &first, StationRole::Counter, "one");
    let mut two = at_hub(&world, &first, StationRole::Counter, "two");
    let visit = visit_of(&kiosk.write(vec![ticket(1)])[0]);
    kiosk.sync();
    assert_eq!(claim(&one, "1", visit, 0), ClaimAnswer::Yours { epoch: 1 });
    first.stop();
    std::fs::remove_dir_all(world.dir.path().join("hub")).unwrap();
    let second = hub(&world, &world.handle.url());
    two.moved_to(&second.url());
    let answer = two.centre.claim(&ClaimAsk { desk: "2".into(), epoch: 1, ..ask_for(visit) }).unwrap();
    // Or it has read in the log by now that another led, and stands by.
    assert!(matches!(answer, ClaimAnswer::Wait { .. } | ClaimAnswer::NotLeading { .. }), "{answer:?}");
}

#[test]
fn a_hub_that_hears_of_a_higher_epoch_from_one_that_stands_by_does_not_lead_in_it() {
    let world = World::new();
    let hub = hub(&world, &world.handle.url());
    let authority = hub.service().authority().unwrap();
    assert_eq!((authority.leads(), authority.epoch()), (true, 1));
    let other = intake::authority::Rank { epoch: 2, hub: intake::ids::StationId(uuid::Uuid::from_u128(7)) };
    central::hub::Vigil::new(None).look(authority, &[(other, false)], Duration::ZERO).unwrap();
    assert_eq!((authority.leads(), authority.epoch()), (false, 2));
    assert_eq!(authority.promote().unwrap(), 3);
}

#[test]
fn two_hubs_set_up_by_mistake_notice_each_other_and_one_yields() {
    let world = World::new();
    let invited = || Some(world.handle.service().invite(&guest(StationRole::Hub)).unwrap());
    let url = world.handle.url();
    let one = opened(&world.dir.path().join("one"), &url, invited());
    // Nobody told either of the other: each hears of the other's appointment through the centre.
    let two = opened(&world.dir.path().join("two"), &url, invited());
    wait_for("exactly one that leads", || {
        let (first, second) = (one.service().authority()?, two.service().authority()?);
        (first.leads() != second.leads()).then_some(())
    });
    let leads = |hub: &Handle| hub.service().authority().unwrap().leads();
    assert!(leads(&one) || leads(&two));
}

#[test]
fn a_stranger_cannot_pass_for_a_hub() {
    let world = World::new();
    let hub = hub(&world, &world.handle.url());
    let counter = at_hub(&world, &hub, StationRole::Counter, "counter");
    let key = counter.store.lock().unwrap().centre_sign_public();
    let stranger = sync::HttpCentre::new(&hub.url(), Box::new(now));
    let (status, _) = stranger.hub_status(&"00004".into(), &key).unwrap();
    assert!(status.leads);
    assert!(stranger.hub_status(&"00008".into(), &key).is_err(), "a hub of another site");
    let nonce = sync::wire::Fixed([7; 16]);
    assert_eq!(status.check(&nonce, &"00004".into(), &key).unwrap_err(), Refusal::BadSignature, "an old answer");
    let forged = sync::hub::HubStatus { epoch: 99, ..status };
    assert!(forged.check(&nonce, &"00004".into(), &key).is_err());
    assert!(world.stranger().hub_status(&"00004".into(), &key).is_err(), "the centre is no hub");
}

#[test]
fn a_hub_hands_attachments_through_to_the_centre_and_keeps_none() {
    let world = World::new();
    let hub = hub(&world, &world.handle.url());
    let counter = at_hub(&world, &hub, StationRole::Counter, "counter");
    let colleague = at_hub(&world, &hub, StationRole::Counter, "colleague");
    let (of, size) = attached(&counter, &taken_in(&counter, 1), &scan(300_000));
    counter.sync();
    wait_for("the centre's receipts", || {
        counter.sync();
        (waiting(&counter) == 0).then_some(())
    });
    assert_eq!(send_all(&counter, &mut Sender::open(&counter.store).unwrap()), 0);
    assert_eq!(counter.centre.held(&of), Ok(Held::Whole { bytes: size }));
    let centres = crate::place::store(world.dir.path()).blobs();
    let name = of.blob.to_string();
    assert_eq!(std::fs::metadata(centres.join(&name[..2]).join(&name)).unwrap().len(), size);
    assert!(!StorePath::new(world.dir.path().join("hub").join("hub.db")).blobs().exists());
    // A colleague of the site gets it through the hub, and hands over nothing in the other's name.
    let lying = part(&of, &sealed(&counter, &of), 0, 1_000);
    assert!(matches!(colleague.centre.put(&lying), Err(CentreFault::Refused(Refusal::NotFound { .. }))));
    wait_for("the event", || {
        colleague.sync();
        fetch(&colleague.store, &colleague.centre, &of).ok()
    });
    // With the centre away the hub says so, and the station keeps it.
    let (later, _) = attached(&counter, &taken_in(&counter, 2), &scan(5_000));
    counter.sync();
    world.handle.stop();
    assert!(matches!(counter.centre.held(&later), Err(CentreFault::Busy { .. })));
}
