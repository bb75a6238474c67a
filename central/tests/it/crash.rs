use crate::command_line::Running;
use crate::world::{Station, enrol_at, ticket, wait_for};
use std::collections::HashSet;
use std::sync::Mutex;
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
