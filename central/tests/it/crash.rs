use crate::blobs::{attached, part, scan, sealed, taken_in};
use crate::command_line::Running;
use crate::world::{Station, enrol_at, ticket, wait_for};
use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use sync::blob::protocol::{Blobs, GetAsk, Held, MAX_PART_BYTES, Named};
use sync::engine;
use sync::protocol::StationRole;

/// Stations push as fast as they can; the service is killed in the midst; what it acknowledged must be there.
#[test]
fn what_was_acknowledged_survives_a_kill() {
    let dir = tempfile::tempdir().unwrap();
    let mut running = Running::start(dir.path());
    let stations: Vec<Station> = (0..3)
        .map(|number| {
            let token = running.invite("kiosk", &format!("Kiosk {number}"));
            let place = dir.path().join(format!("kiosk-{number}"));
            let (keys, enrolment) = enrol_at(&running.stranger(), &place, &token, StationRole::Kiosk).unwrap();
            Station::create(&place, keys, enrolment, &running.url)
        })
        .collect();
    let mut stations = stations;
    let acknowledged: Mutex<HashSet<String>> = Mutex::default();
    for round in 0..3 {
        let before = acknowledged.lock().unwrap().len();
        std::thread::scope(|scope| {
            for station in &stations {
                scope.spawn(|| push_until_broken(station, &acknowledged));
            }
            wait_for("a storm", || (acknowledged.lock().unwrap().len() >= before + 40).then_some(()));
            running.kill();
        });
        running = Running::start(dir.path());
        let held = running.event_ids();
        let lost: Vec<_> = acknowledged.lock().unwrap().difference(&held).cloned().collect();
        assert!(lost.is_empty(), "round {round}: lost {lost:?}");
        for station in &mut stations {
            station.moved_to(&running.url);
        }
    }
    for station in &stations {
        station.sync();
    }
    let written: HashSet<String> =
        stations.iter().flat_map(|it| it.store.lock().unwrap().events().unwrap()).map(|it| it.id.to_string()).collect();
    assert_eq!(running.event_ids(), written, "nothing lost, nothing doubled, nothing invented");
    assert!(running.run(&["verify"], "").0, "the log verifies");
}

fn push_until_broken(station: &Station, acknowledged: &Mutex<HashSet<String>>) {
    for sequence in 1..100_000 {
        let written = station.write(vec![ticket(sequence)]);
        if engine::push_all(&station.store, &station.centre).is_err() {
            return;
        }
        acknowledged.lock().unwrap().extend(written.iter().map(|event| event.id.to_string()));
    }
}

/// The centre is killed again and again in the midst of an upload: each part that it acknowledged is there, and the scan
/// comes whole.
#[test]
fn an_upload_goes_on_where_a_killed_centre_acknowledged_it() {
    let dir = tempfile::tempdir().unwrap();
    let mut running = Running::start(dir.path());
    let place = dir.path().join("counter");
    let token = running.invite("counter", "Quầy 3");
    let (keys, enrolment) = enrol_at(&running.stranger(), &place, &token, StationRole::Counter).unwrap();
    let mut counter = Station::create(&place, keys, enrolment, &running.url);
    let (of, size) = attached(&counter, &taken_in(&counter, 1), &scan(4_000_000));
    counter.sync();
    let whole = sealed(&counter, &of);
    let acknowledged = AtomicU64::new(0);
    for round in 1..=3 {
        let before = acknowledged.load(Ordering::Relaxed);
        std::thread::scope(|scope| {
            scope.spawn(|| put_until_broken(&counter, &of, &whole, &acknowledged));
            wait_for("some parts", || (acknowledged.load(Ordering::Relaxed) > before + 600_000).then_some(()));
            running.kill();
        });
        running = Running::start(dir.path());
        counter.moved_to(&running.url);
        let (Held::Part { bytes } | Held::Whole { bytes }) = counter.centre.held(&of).unwrap();
        let acknowledged = acknowledged.load(Ordering::Relaxed);
        assert!(bytes >= acknowledged, "round {round}: {bytes} of {acknowledged} acknowledged bytes");
    }
    put_until_broken(&counter, &of, &whole, &acknowledged);
    assert_eq!(counter.centre.held(&of).unwrap(), Held::Whole { bytes: size });
    let mut got = Vec::new();
    while got.len() < whole.len() {
        got.extend(counter.centre.get(&GetAsk { of: of.clone(), offset: got.len() as u64 }).unwrap().0);
    }
    assert!(got == whole);
}

/// Hands over part after part until all is there or the centre is gone.
fn put_until_broken(counter: &Station, of: &Named, whole: &[u8], acknowledged: &AtomicU64) {
    let Ok(mut held) = counter.centre.held(of) else { return };
    while let Held::Part { bytes } = held {
        acknowledged.fetch_max(bytes, Ordering::Relaxed);
        let begin = bytes as usize;
        let part = part(of, whole, begin, MAX_PART_BYTES.min(whole.len() - begin));
        let Ok(next) = counter.centre.put(&part) else { return };
        held = next;
    }
}
