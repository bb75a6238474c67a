use crate::world::{NAME, Station, World, agency_scope, code, dossier, guest, site_scope, ticket};
use central::order::Order;
use intake::dossier::Step;
use intake::event::{Draft, Event, Scope};
use intake::fact::{CodeGiven, DossierStepped};
use std::time::{Duration, Instant};
use sync::engine;
use sync::protocol::{Centre, PullAsk, Receipt, SegmentOutcome, StationRole};
use sync::store::{Opened, Store};
use sync::stream::Heads;
use sync::{CentreFault, Refusal};

fn name_in(store: &Store, event: &Event) -> Option<String> {
    match store.personal(event.id).unwrap() {
        Opened::Personal(personal) => personal.identity.map(|identity| identity.name),
        _ => None,
    }
}

#[test]
fn what_a_kiosk_seals_the_counter_reads_and_the_restarted_kiosk_does_not() {
    let world = World::new();
    let counter = world.enrol(StationRole::Counter, "counter");
    let kiosk = world.enrol(StationRole::Kiosk, "kiosk");
    let written = kiosk.write(vec![ticket(1)]);
    kiosk.sync();
    let received = counter.sync();
    assert_eq!(received, written);
    assert_eq!(name_in(&counter.store.lock().unwrap(), &received[0]).as_deref(), Some(NAME));
    let kiosk_dir = kiosk.dir.clone();
    drop(kiosk);
    let reopened = Store::open(kiosk_dir).unwrap();
    assert!(matches!(reopened.personal(written[0].id).unwrap(), Opened::NotOurs));
    world.handle.stop();
    if let Some(centre) = crate::place::opened(world.dir.path()) {
        assert_eq!(name_in(&centre, &written[0]).as_deref(), Some(NAME));
    }
}

/// The receipt for the one segment of a push.
fn receipt_of(mut outcomes: Vec<SegmentOutcome>) -> Receipt {
    match (outcomes.pop(), outcomes.pop()) {
        (Some(SegmentOutcome::Receipt(receipt)), None) => receipt,
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_request_can_be_repeated() {
    let world = World::new();
    let kiosk = world.enrol(StationRole::Kiosk, "kiosk");
    kiosk.write((1..=3).map(ticket).collect());
    let segments = kiosk.store.lock().unwrap().to_push(10, &Default::default()).unwrap();
    let first = receipt_of(kiosk.centre.push(&segments).unwrap());
    let again = receipt_of(kiosk.centre.push(&segments).unwrap());
    assert_eq!(first, again, "the same receipt");
    let ask = PullAsk {
        heads: Heads::default(),
        scopes: kiosk.scopes(),
        wait_ms: 0,
        limit_bytes: 1 << 20,
        roster: 0,
        receipted: vec![],
        own: None,
    };
    let one = kiosk.centre.pull(&ask).unwrap();
    assert_eq!(one.segments, kiosk.centre.pull(&ask).unwrap().segments);
    assert_eq!(kiosk.centre.heads(&kiosk.scopes()).unwrap(), kiosk.centre.heads(&kiosk.scopes()).unwrap());
    assert_eq!(world.handle.service().counts().unwrap().events, 3);
}

#[test]
fn a_receipt_is_signed_and_survives_a_restart() {
    let world = World::new();
    let mut kiosk = world.enrol(StationRole::Kiosk, "kiosk");
    kiosk.write(vec![ticket(1)]);
    let segments = kiosk.store.lock().unwrap().to_push(10, &Default::default()).unwrap();
    let before = receipt_of(kiosk.centre.push(&segments).unwrap());
    before.check(&kiosk.store.lock().unwrap().centre_sign_public()).unwrap();
    let world = world.restarted();
    kiosk.moved_to(&world.handle.url());
    assert_eq!(receipt_of(kiosk.centre.push(&segments).unwrap()), before);
}

#[test]
fn a_checkpoint_comes_back_countersigned_to_its_own_station_only() {
    let world = World::new();
    let (kiosk, other) = (world.enrol(StationRole::Kiosk, "kiosk"), world.enrol(StationRole::Kiosk, "other"));
    kiosk.write((1..=3).map(ticket).collect());
    kiosk.sync();
    let mut store = kiosk.store.lock().unwrap();
    let (stream, _) = store.heads(&[site_scope()]).unwrap().0[0].clone();
    let checkpoint = store.make_checkpoint(crate::world::now(), &stream).unwrap();
    let signed = kiosk.centre.checkpoint(&checkpoint).unwrap();
    signed.check_countersigned(&store.centre_sign_public()).unwrap();
    assert_eq!(kiosk.centre.checkpoint(&checkpoint).unwrap(), signed, "repeated");
    assert!(other.centre.checkpoint(&checkpoint).is_err(), "not another's");
    let mut lie = checkpoint;
    lie.hash = sync::wire::Fixed([7; 32]);
    assert!(kiosk.centre.checkpoint(&lie).is_err(), "not another history");
}

#[test]
fn a_waiting_counter_hears_at_once() {
    let world = World::new();
    let counter = world.enrol(StationRole::Counter, "counter");
    let kiosk = world.enrol(StationRole::Kiosk, "kiosk");
    counter.sync();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            let outcome = engine::pull_once(&counter.store, &counter.centre, &crate::world::now, 30_000).unwrap();
            (outcome.received, Instant::now())
        });
        crate::world::wait_for("the pull to wait", || (metric(&world, "motcua_pulls_waiting ") == 1).then_some(()));
        let written = kiosk.write(vec![ticket(1)]);
        let begun = Instant::now();
        kiosk.sync();
        let (received, heard) = waiting.join().unwrap();
        assert_eq!(received, written);
        let took = heard.saturating_duration_since(begun);
        println!("heard {took:?} after the push began");
        assert!(took < Duration::from_secs(5), "it was woken, not timed out: {took:?}");
    });
}

#[test]
fn a_pull_with_no_news_ends_when_its_time_is_over() {
    let world = World::new();
    let counter = world.enrol(StationRole::Counter, "counter");
    counter.sync();
    let outcome = engine::pull_once(&counter.store, &counter.centre, &crate::world::now, 50).unwrap();
    assert!(outcome.received.is_empty());
}

#[test]
fn stopping_answers_those_who_wait() {
    let world = World::new();
    let counter = world.enrol(StationRole::Counter, "counter");
    counter.sync();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| engine::pull_once(&counter.store, &counter.centre, &crate::world::now, 30_000));
        crate::world::wait_for("the pull to wait", || (metric(&world, "motcua_pulls_waiting ") == 1).then_some(()));
        let begun = Instant::now();
        let World { dir, handle } = world;
        handle.stop();
        assert!(waiting.join().unwrap().unwrap().received.is_empty(), "an answer, not a broken line");
        assert!(begun.elapsed() < Duration::from_secs(10));
        drop(dir);
    });
}

#[test]
fn the_export_shows_the_open_part_and_the_log_verifies() {
    let world = World::new();
    let counter = world.enrol(StationRole::Counter, "counter");
    let written = counter.write(vec![dossier(CodeGiven::Official { code: crate::world::code(1), sequence: 1 })]);
    counter.sync();
    let export = Order::Export.carry_out(world.handle.service()).unwrap();
    let events = export["events"].as_array().unwrap();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["id"], written[0].id.to_string());
    assert_eq!(events[0]["kind"], "DossierAccepted");
    assert_eq!(events[0]["body"]["agency"], crate::world::AGENCY);
    assert_eq!(events[0]["body"]["code"]["official"]["code"], crate::world::code(1).to_string());
    assert!(events[0]["body"]["visit"].as_str().unwrap().parse::<uuid::Uuid>().is_ok(), "ids are text");
    assert_eq!(events[0]["has_personal"], true);
    assert!(!export.to_string().contains(NAME));
    let scopes: Vec<_> = export["streams"].as_array().unwrap().iter().map(|stream| &stream["scope"]).collect();
    assert_eq!(scopes.len(), 2, "one event, two streams: {scopes:?}");
    let report = Order::Verify.carry_out(world.handle.service()).unwrap();
    assert_eq!(report["difference"], serde_json::Value::Null);
    assert_eq!(report["events"], 1);
}

#[test]
fn the_metrics_count_what_happened() {
    let world = World::new();
    let kiosk = world.enrol(StationRole::Kiosk, "kiosk");
    kiosk.write(vec![ticket(1)]);
    kiosk.sync();
    assert_eq!(metric(&world, "motcua_events "), 1);
    assert_eq!(metric(&world, "motcua_receipts_total "), 1);
    assert_eq!(metric(&world, "motcua_requests_total{path=\"/v2/push\",status=\"200\"} "), 1);
    assert!(metric(&world, "motcua_stations ") >= 2);
    assert!(metric(&world, "motcua_store_bytes ") > 0);
}

#[test]
fn an_old_log_is_served_from_the_first_event() {
    let world = World::new();
    let kiosk = world.enrol(StationRole::Kiosk, "kiosk");
    kiosk.write((1..=30).map(ticket).collect());
    kiosk.sync();
    let late = world.enrol(StationRole::Counter, "late");
    assert_eq!(late.sync().len(), 30);
    assert_eq!(late.store.lock().unwrap().heads(&[site_scope()]).unwrap().0[0].1.no, 30);
}

fn metric(world: &World, line: &str) -> u64 {
    let text =
        ureq::get(format!("{}/metrics", world.handle.url())).call().unwrap().body_mut().read_to_string().unwrap();
    let found = text.lines().find_map(|each| each.strip_prefix(line));
    found.map_or(0, |value| value.parse().unwrap())
}

/// Phi địa giới: the desk that took it in is of another commune and another authority, and in nobody's roster there.
#[test]
fn a_dossier_of_another_authority_reaches_its_officers_who_know_nothing_of_the_desk() {
    let world = World::new();
    let mut theirs = guest(StationRole::Counter);
    (theirs.site, theirs.agency) = ("00070".into(), Some("H26.7.00".into()));
    let (elsewhere, here) = (world.enrol_as(theirs, "elsewhere"), world.enrol(StationRole::Counter, "here"));
    elsewhere.sync();
    here.sync();
    let agency = Scope::agency(&"H26.7.00".into());
    let taken = dossier(CodeGiven::Official { code: code(1), sequence: 1 });
    let written = here.write(vec![Draft { scopes: vec![site_scope(), agency.clone()], ..taken }]);
    here.sync();
    assert_eq!(elsewhere.sync(), written);
    let opened = elsewhere.store.lock().unwrap().personal(written[0].id).unwrap();
    assert!(matches!(opened, Opened::Personal(_)), "{opened:?}");
}

/// A branch agent holds what it took in and nothing else; the authority's officers have it too.
#[test]
fn an_agent_holds_its_own_dossiers_only_and_the_authority_has_them_too() {
    let world = World::new();
    let counter = world.enrol(StationRole::Counter, "counter");
    let (agent, other) = (world.enrol(StationRole::Agent, "agent"), world.enrol(StationRole::Agent, "other"));
    let own = Scope::agent(agent.store.lock().unwrap().card().station);
    let taken = |sequence| dossier(CodeGiven::Official { code: code(sequence), sequence });
    let by_agent = agent.write(vec![Draft { scopes: vec![own.clone(), agency_scope()], ..taken(1) }]);
    let at_desk = counter.write(vec![taken(2), ticket(1)]);
    agent.sync();
    counter.sync();
    assert_eq!(counter.sync(), []);
    assert!(agent.sync().is_empty() && other.sync().is_empty(), "an agent heard of what others took in");
    let held = |station: &Station| station.store.lock().unwrap().events().unwrap();
    assert_eq!(held(&counter).len(), by_agent.len() + at_desk.len());
    assert_eq!((held(&agent), held(&other).len()), (by_agent.clone(), 0));
    let opened = |station: &Station| station.store.lock().unwrap().personal(by_agent[0].id).unwrap();
    assert!(matches!((opened(&agent), opened(&counter)), (Opened::Personal(_), Opened::Personal(_))));
    // An officer's step on it reaches the agent, who knows nothing of that desk; a kiosk writes nothing there.
    let step = DossierStepped { step: Step::Process, at: crate::world::now(), detail: None, form: None };
    let scopes = vec![site_scope(), agency_scope(), own.clone()];
    let step = Draft { subject: by_agent[0].subject.clone(), fact: step.into(), personal: None, scopes };
    let stepped = counter.write(vec![step]);
    counter.sync();
    assert_eq!(agent.sync(), stepped);
    let kiosk = world.enrol(StationRole::Kiosk, "kiosk");
    kiosk.write(vec![Draft { scopes: vec![site_scope(), own.clone()], ..ticket(2) }]);
    let outcome = engine::push_all(&kiosk.store, &kiosk.centre).unwrap();
    let not_theirs = |(_, refusal): &(_, Refusal)| matches!(refusal, Refusal::NotYourScope { .. });
    assert!(!outcome.refused.is_empty() && outcome.refused.iter().all(not_theirs), "{:?}", outcome.refused);
    // Nor does it get what it asks for by name.
    let mut ask = agent.store.lock().unwrap().pull_ask(0, 1 << 20).unwrap();
    assert_eq!(ask.scopes, [own]);
    let others = other.store.lock().unwrap().card().station;
    let of_another = PullAsk { own: Some(others), ..ask.clone() };
    let refused = agent.centre.pull(&of_another);
    assert!(matches!(refused, Err(CentreFault::Refused(Refusal::NotYourScope { .. }))), "{refused:?}");
    ask.scopes = vec![agency_scope()];
    assert!(matches!(agent.centre.pull(&ask), Err(CentreFault::Refused(Refusal::NotYourScope { .. }))));
}
