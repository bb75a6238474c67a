//! What only many nodes on one database can do wrong.

use crate::cluster;
use crate::place;
use crate::world::{Station, World, code, dossier, enrol_at, guest, now, site_scope, ticket, wait_for};
use central::{Handle, Options, serve};
use intake::fact::CodeGiven;
use std::collections::BTreeSet;
use std::net::TcpListener;
use std::sync::atomic::{AtomicBool, Ordering};
use sync::engine;
use sync::protocol::{Centre, PullAsk, StationRole};
use sync::stream::Heads;

/// A second node on the world's database.
fn another_node(world: &World) -> Handle {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    serve(listener, &place::store(world.dir.path()), Options::default()).unwrap()
}

fn enrol(world: &World, role: StationRole, name: &str, at: &Handle) -> Station {
    let token = world.handle.service().invite(&guest(role)).unwrap();
    let dir = world.dir.path().join(name);
    let (keys, enrolment) = enrol_at(&world.stranger(), &dir, &token, role).unwrap();
    Station::create(&dir, keys, enrolment, &at.url())
}

#[test]
fn what_one_node_took_in_another_tells_to_those_who_wait_there() {
    let world = World::new();
    let other = another_node(&world);
    let kiosk = enrol(&world, StationRole::Kiosk, "kiosk", &world.handle);
    let counter = enrol(&world, StationRole::Counter, "counter", &other);
    counter.sync();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| engine::pull_once(&counter.store, &counter.centre, &now, 20_000).unwrap());
        kiosk.write(vec![ticket(1)]);
        kiosk.sync();
        assert_eq!(waiting.join().unwrap().received.len(), 1);
    });
    assert_eq!(other.service().verify().unwrap().difference, None);
}

/// One transaction takes numbers and commits late, another commits later numbers first: a puller who asks all the while
/// must miss nothing.
#[test]
fn a_puller_skips_nothing_however_late_another_transaction_commits() {
    let world = World::new();
    let (slow, quick) = (
        enrol(&world, StationRole::Kiosk, "slow", &world.handle),
        enrol(&world, StationRole::Kiosk, "quick", &world.handle),
    );
    for station in [&slow, &quick] {
        station.write(vec![ticket(1)]);
        station.sync();
    }
    let reader = enrol(&world, StationRole::Counter, "reader", &world.handle);
    reader.sync();
    slow.write(vec![ticket(2)]);
    quick.write(vec![ticket(2)]);
    let mut held = cluster::connect(&cluster::database(&place_name(&world))).unwrap();
    let mut late = held.transaction().unwrap();
    // What the slow push needs is held by somebody else, so it commits last although it began first.
    let id = slow.signer().station().0;
    late.query("SELECT 1 FROM stream WHERE station = $1 FOR UPDATE", &[&id]).unwrap();
    std::thread::scope(|scope| {
        let pushing = scope.spawn(|| slow.sync());
        quick.sync();
        let first: usize = wait_for("the quick one's", || Some(reader.sync().len()).filter(|got| *got > 0));
        assert_eq!(first, 1);
        late.rollback().unwrap();
        pushing.join().unwrap();
    });
    assert_eq!(reader.sync().len(), 1, "the late one's is not skipped");
    assert_eq!(world.handle.service().counts().unwrap().events, 4);
}

/// Two nodes take in the same dossiers' events from two stations in opposite orders, over and over.
#[test]
fn nodes_that_write_the_same_rows_in_other_orders_lose_and_double_nothing() {
    let world = World::new();
    let other = another_node(&world);
    let stations: Vec<Station> = (0..6)
        .map(|at| {
            let node = if at % 2 == 0 { &world.handle } else { &other };
            enrol(&world, StationRole::Counter, &format!("counter-{at}"), node)
        })
        .collect();
    let mut written = BTreeSet::new();
    for (at, station) in stations.iter().enumerate() {
        for round in 0..10 {
            let sequence = 1 + at as u32 * 100 + round;
            let given = CodeGiven::Official { code: code(sequence), sequence };
            let events = station.write(vec![dossier(given), ticket(at as u32 * 100 + round)]);
            written.extend(events.into_iter().map(|event| event.id.to_string()));
        }
    }
    std::thread::scope(|scope| {
        for station in &stations {
            scope.spawn(|| {
                // Each pushes everything again and again: repeats are welcome on any node.
                for _ in 0..3 {
                    let segments = station.store.lock().unwrap().to_push(64, &Default::default()).unwrap();
                    station.centre.push(&segments).unwrap();
                }
                station.sync();
            });
        }
    });
    let export = world.handle.service().export().unwrap();
    let held: BTreeSet<String> = export.events.into_iter().map(|event| event.id).collect();
    assert!(written.is_subset(&held));
    assert_eq!(world.handle.service().counts().unwrap().events, written.len() as u64);
    assert_eq!(world.handle.service().verify().unwrap().difference, None);
    for station in &stations {
        station.sync();
        assert_eq!(station.store.lock().unwrap().outbox().unwrap().waiting, 0);
    }
}

/// The database says 40001 or breaks the line in the midst of a push: nothing is lost, and the station needs no hand.
#[test]
fn a_transaction_that_the_database_gave_up_is_tried_again() {
    let world = World::new();
    let kiosk = enrol(&world, StationRole::Kiosk, "kiosk", &world.handle);
    let mut breaker = cluster::connect(&cluster::database(&place_name(&world))).unwrap();
    // Every third insert of a segment fails as a serialisation failure does.
    breaker
        .batch_execute(
            "CREATE SEQUENCE fault;
             CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
               IF nextval('fault') % 3 <> 0 THEN RAISE EXCEPTION 'given up' USING ERRCODE = '40001'; END IF;
               RETURN NEW; END $$;
             CREATE TRIGGER fail BEFORE INSERT ON segment FOR EACH ROW EXECUTE FUNCTION fail();",
        )
        .unwrap();
    for number in 1..=10 {
        kiosk.write(vec![ticket(number)]);
        kiosk.sync();
    }
    breaker.batch_execute("DROP TRIGGER fail ON segment").unwrap();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                let killed = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                              WHERE application_name = 'motcua-central' AND datname = current_database()";
                breaker.execute(killed, &[]).unwrap();
                std::thread::park_timeout(std::time::Duration::from_millis(30));
            }
        });
        for number in 11..=40 {
            kiosk.write(vec![ticket(number)]);
            wait_for("a push that got through", || engine::push_all(&kiosk.store, &kiosk.centre).ok());
        }
        done.store(true, Ordering::Relaxed);
    });
    kiosk.sync();
    assert_eq!(world.handle.service().counts().unwrap().events, 40);
    assert_eq!(world.handle.service().verify().unwrap().difference, None);
}

#[test]
fn leases_of_two_nodes_never_overlap_and_receipts_have_one_row_of_numbers() {
    let world = World::new();
    let other = another_node(&world);
    let (one, two) =
        (enrol(&world, StationRole::Counter, "one", &world.handle), enrol(&world, StationRole::Counter, "two", &other));
    let day = now().day();
    std::thread::scope(|scope| {
        for station in [&one, &two] {
            scope.spawn(|| {
                for _ in 0..20 {
                    let request = uuid::Uuid::now_v7();
                    let ask = sync::protocol::LeaseAsk {
                        request,
                        agency: crate::world::AGENCY.into(),
                        day,
                        count: 7,
                        to: None,
                    };
                    station.centre.lease(&ask).unwrap();
                    station.centre.lease(&ask).unwrap();
                }
            });
        }
    });
    let export = world.handle.service().export().unwrap();
    let leases: Vec<u64> = export.events.iter().map(|event| event.body["first"].as_u64().unwrap()).collect();
    let numbers: BTreeSet<u64> = leases.iter().flat_map(|first| *first..*first + 7).collect();
    assert_eq!((leases.len(), numbers.len()), (40, 280), "none twice");
    assert_eq!(numbers.last(), Some(&280), "and none left out");
    let mut receipts = BTreeSet::new();
    for station in [&one, &two] {
        station.write(vec![ticket(1)]);
        station.sync();
        receipts.insert(station.store.lock().unwrap().outbox().unwrap().last_receipt.unwrap().receipt_no);
    }
    assert_eq!(receipts.len(), 2);
}

#[test]
fn another_nodes_key_file_opens_nothing_and_a_missing_one_is_named() {
    let world = World::new();
    let url = cluster::database(&place_name(&world));
    let elsewhere = tempfile::tempdir().unwrap();
    let key = elsewhere.path().join("nodes.key");
    let open = || central::store::Postgres::open(&url, &key, &"00000".into()).map(drop).unwrap_err().code();
    assert_eq!(open(), "STORE-KEY-MISSING");
    sync::store::write_key_file(&key, &sync::wrap::new_secret().unwrap()).unwrap();
    assert_eq!(open(), "STORE-KEY-WRONG");
}

#[test]
fn a_database_of_a_newer_version_is_left_alone() {
    let world = World::new();
    let mut client = cluster::connect(&cluster::database(&place_name(&world))).unwrap();
    client.execute("INSERT INTO motcua_version VALUES (99)", &[]).unwrap();
    let opened = place::store(world.dir.path()).open(&"00000".into());
    assert_eq!(opened.map(drop).unwrap_err().code(), "STORE-NEWER-VERSION");
}

/// What is changed in the database behind the service's back is named.
#[test]
fn whatever_is_changed_in_the_database_verify_names_it() {
    let changes = [
        ("UPDATE stream SET head = head - 1", "stream"),
        ("DELETE FROM event WHERE no = 2", "event"),
        ("UPDATE event SET kind = 'Other' WHERE no = 1", "event"),
        (
            "UPDATE segment SET bytes = set_byte(bytes, length(bytes) - 1, 255 - get_byte(bytes, length(bytes) - 1))",
            "segment",
        ),
        ("DELETE FROM segment", "stream"),
        ("UPDATE event SET digest = set_byte(digest, 0, 255 - get_byte(digest, 0)) WHERE no = 3", "event"),
        ("UPDATE event SET no = 7 WHERE no = 3", "stream"),
        ("UPDATE stream SET firsts = firsts + 1", "counts"),
        (
            "INSERT INTO event SELECT 'site:99999', id, station, incarnation, no, subject, kind, digest FROM event",
            "event",
        ),
    ];
    for (change, named) in changes {
        let world = World::new();
        let kiosk = enrol(&world, StationRole::Kiosk, "kiosk", &world.handle);
        kiosk.write((1..=3).map(ticket).collect());
        kiosk.sync();
        assert_eq!(world.handle.service().verify().unwrap().difference, None);
        let mut client = cluster::connect(&cluster::database(&place_name(&world))).unwrap();
        client.execute(change, &[]).unwrap();
        let difference = world.handle.service().verify().unwrap().difference.expect(change);
        assert!(difference.contains(named), "{change}: {difference}");
    }
}

#[test]
fn a_person_who_was_forgotten_has_no_grant_left_anywhere() {
    let world = World::new();
    let counter = enrol(&world, StationRole::Counter, "counter", &world.handle);
    let written = counter.write(vec![dossier(CodeGiven::Official { code: code(1), sequence: 1 })]);
    counter.sync();
    let grants = |client: &mut postgres::Client| -> usize {
        let rows = client.query("SELECT grants FROM segment", &[]).unwrap();
        rows.iter().map(|row| sync::wire::from_cbor::<Vec<sync::grant::Grant>>(row.get(0)).unwrap().len()).sum()
    };
    let mut client = cluster::connect(&cluster::database(&place_name(&world))).unwrap();
    assert!(grants(&mut client) > 0);
    let push = counter.store.lock().unwrap().to_push(1, &Default::default()).unwrap();
    assert!(push.is_empty());
    counter.store.lock().unwrap().forget(now(), None, &written[0].subject, "yêu cầu của người dân").unwrap();
    counter.sync();
    assert_eq!(grants(&mut client), 0, "in the site's stream and in the agency's");
    let ask = PullAsk {
        heads: Heads::default(),
        scopes: vec![site_scope()],
        wait_ms: 0,
        limit_bytes: 1 << 20,
        roster: 0,
        receipted: vec![],
        own: None,
    };
    assert!(counter.centre.pull(&ask).unwrap().segments.iter().all(|push| push.grants.is_empty()));
    assert_eq!(world.handle.service().verify().unwrap().difference, None);
}

/// A grant that was brought and is not committed yet does not outlive the order to forget its person.
#[test]
fn who_forgets_a_person_waits_for_those_who_are_bringing_grants() {
    let world = World::new();
    let (bringing, forgetting) = (
        enrol(&world, StationRole::Counter, "bringing", &world.handle),
        enrol(&world, StationRole::Counter, "forgetting", &world.handle),
    );
    let written = forgetting.write(vec![dossier(CodeGiven::Official { code: code(1), sequence: 1 })]);
    forgetting.sync();
    let mut draft = dossier(CodeGiven::Official { code: code(1), sequence: 1 });
    draft.subject = written[0].subject.clone();
    bringing.write(vec![draft]);
    let mut client = cluster::connect(&cluster::database(&place_name(&world))).unwrap();
    // The one who brings stops after everything was read, just before its segment is written.
    let station = bringing.signer().station().0;
    client
        .batch_execute(&format!(
            "SELECT pg_advisory_lock(1);
             CREATE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
               PERFORM pg_advisory_xact_lock(1); RETURN NEW; END $$;
             CREATE TRIGGER stop BEFORE INSERT ON segment FOR EACH ROW WHEN (NEW.station = '{station}')
               EXECUTE FUNCTION stop();"
        ))
        .unwrap();
    let waiting = |client: &mut postgres::Client| -> i64 {
        let count =
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'advisory' AND datname = current_database()";
        client.query_one(count, &[]).unwrap().get(0)
    };
    std::thread::scope(|scope| {
        let brought = scope.spawn(|| bringing.sync());
        wait_for("the one who brings", || (waiting(&mut client) == 1).then_some(()));
        let forgot = scope.spawn(|| {
            forgetting.store.lock().unwrap().forget(now(), None, &written[0].subject, "yêu cầu của người dân").unwrap();
            forgetting.sync();
        });
        wait_for("the one who forgets", || (waiting(&mut client) == 2 || forgot.is_finished()).then_some(()));
        client.batch_execute("SELECT pg_advisory_unlock(1)").unwrap();
        brought.join().unwrap();
        forgot.join().unwrap();
    });
    let rows = client.query("SELECT grants FROM segment", &[]).unwrap();
    let held: Vec<_> =
        rows.iter().flat_map(|row| sync::wire::from_cbor::<Vec<sync::grant::Grant>>(row.get(0)).unwrap()).collect();
    let left = held.iter().filter(|grant| grant.subject == written[0].subject.to_string()).count();
    assert_eq!(left, 0);
    assert_eq!(world.handle.service().verify().unwrap().difference, None);
}

/// What is held under an id already, and says something else, is refused; nothing of the segment is written.
#[test]
fn two_events_under_one_id_are_not_both_taken() {
    let world = World::new();
    let kiosk = enrol(&world, StationRole::Kiosk, "kiosk", &world.handle);
    kiosk.write(vec![ticket(1), ticket(2)]);
    kiosk.sync();
    let mut client = cluster::connect(&cluster::database(&place_name(&world))).unwrap();
    let held: uuid::Uuid = client.query_one("SELECT id FROM event WHERE no = 1", &[]).unwrap().get(0);
    // As if another had written something under the id of what comes next.
    let next = kiosk.write(vec![ticket(3)])[0].id.0;
    client.execute("UPDATE event SET id = $1 WHERE id = $2", &[&next, &held]).unwrap();
    let outcome = engine::push_all(&kiosk.store, &kiosk.centre).unwrap();
    assert!(format!("{:?}", outcome.refused).contains("Fork"), "{:?}", outcome.refused);
    client.execute("UPDATE event SET id = $1 WHERE id = $2", &[&held, &next]).unwrap();
    assert_eq!(world.handle.service().counts().unwrap().events, 2);
    assert_eq!(world.handle.service().verify().unwrap().difference, None);
}

/// The database's name.
fn place_name(world: &World) -> String {
    place::name(world.dir.path())
}
