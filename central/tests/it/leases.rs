use crate::world::{AGENCY, Station, World, now};
use central::clock::Clock;
use central::service::{AHEAD_DAYS, BACK_DAYS, MAX_COUNT, Service};
use central::store_path::StorePath;
use intake::fact::Fact;
use intake::moment::Moment;
use jiff::ToSpan;
use jiff::civil::Date;
use proptest::prelude::*;
use std::collections::HashSet;
use std::sync::Arc;
use sync::protocol::{Centre, LeaseAsk, StationCard, StationRole};
use sync::store::EnrolKeys;
use sync::{CentreFault, Refusal};
use uuid::Uuid;

fn ask(day: Date, count: u32) -> LeaseAsk {
    LeaseAsk { request: Uuid::now_v7(), agency: AGENCY.into(), day, count, to: None }
}

/// Every number that was leased, as (day, number); a number that was leased twice fails the test.
fn leased(events: &[intake::event::Event]) -> HashSet<(Date, u32)> {
    let mut numbers = HashSet::new();
    for event in events {
        let Fact::CodesLeased(lease) = &event.fact else { continue };
        for number in lease.first..lease.first + lease.count {
            assert!(numbers.insert((lease.day, number)), "{} of {} was leased twice", number, lease.day);
        }
    }
    numbers
}

#[test]
fn a_lease_comes_back_as_an_event_and_a_repeat_changes_nothing() {
    let world = World::new();
    let counter = world.enrol(StationRole::Counter, "counter");
    let ask = ask(now().day(), 20);
    counter.centre.lease(&ask).unwrap();
    counter.centre.lease(&ask).unwrap();
    let events = counter.sync();
    assert_eq!(events.len(), 1);
    let Fact::CodesLeased(lease) = &events[0].fact else { panic!("{:?}", events[0]) };
    assert_eq!((lease.first, lease.count, lease.to), (1, 20, counter.signer().station()));
    let world = world.restarted();
    let mut counter = counter;
    counter.moved_to(&world.handle.url());
    counter.centre.lease(&ask).unwrap();
    assert!(counter.sync().is_empty(), "not even after a restart");
}

#[test]
fn a_request_id_belongs_to_who_used_it_first() {
    let world = World::new();
    let (one, other) = (world.enrol(StationRole::Counter, "one"), world.enrol(StationRole::Counter, "other"));
    let ask = ask(now().day(), 5);
    one.centre.lease(&ask).unwrap();
    assert!(matches!(other.centre.lease(&ask), Err(CentreFault::Refused(Refusal::Malformed { .. }))));
}

#[test]
fn many_at_once_never_get_the_same_number() {
    let world = World::new();
    let stations: Vec<Station> =
        (0..4).map(|number| world.enrol(StationRole::Counter, &format!("counter-{number}"))).collect();
    let day = now().day();
    std::thread::scope(|scope| {
        for station in &stations {
            for _ in 0..2 {
                scope.spawn(move || {
                    for count in 1..=10 {
                        station.centre.lease(&ask(day, count)).unwrap();
                    }
                });
            }
        }
    });
    let numbers = leased(&stations[0].sync());
    assert_eq!(numbers.len(), 4 * 2 * 55);
    assert_eq!(numbers.iter().map(|(_, number)| number).max(), Some(&(4 * 2 * 55)), "and none is skipped");
}

#[test]
fn what_may_not_be_leased_is_named() {
    let world = World::new();
    let counter = world.enrol(StationRole::Counter, "counter");
    let kiosk = world.enrol(StationRole::Kiosk, "kiosk");
    let today = now().day();
    let refused = |station: &Station, ask: &LeaseAsk| match station.centre.lease(ask) {
        Err(CentreFault::Refused(refusal)) => refusal.code(),
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(&kiosk, &ask(today, 1)), "SYNC-NOT-YOUR-SCOPE");
    let elsewhere = LeaseAsk { agency: "H26.113.00".into(), ..ask(today, 1) };
    assert_eq!(refused(&counter, &elsewhere), "SYNC-NOT-YOUR-SCOPE");
    assert_eq!(refused(&counter, &ask(today, 0)), "SYNC-MALFORMED");
    assert_eq!(refused(&counter, &ask(today, MAX_COUNT + 1)), "SYNC-TOO-LARGE");
    assert_eq!(refused(&counter, &ask(today + (AHEAD_DAYS + 1).days(), 1)), "SYNC-MALFORMED");
    assert_eq!(refused(&counter, &ask(today - (BACK_DAYS + 1).days(), 1)), "SYNC-MALFORMED");
    counter.centre.lease(&ask(today - BACK_DAYS.days(), 1)).unwrap();
    counter.centre.lease(&ask(today + AHEAD_DAYS.days(), MAX_COUNT)).unwrap();
    for _ in 0..9 {
        counter.centre.lease(&ask(today + AHEAD_DAYS.days(), MAX_COUNT)).unwrap();
    }
    assert_eq!(refused(&counter, &ask(today + AHEAD_DAYS.days(), 1)), "SYNC-TOO-LARGE", "one station cannot take all");
}

/// A centre with no HTTP, at a time of our own.
struct Still {
    _dir: tempfile::TempDir,
    store: StorePath,
    clock: Clock,
    service: Option<Arc<Service>>,
}

const NOON: Moment = Moment(1_795_410_000_000);

impl Still {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = crate::place::store(dir.path());
        let mut still = Self { _dir: dir, store, clock: Arc::new(|| NOON), service: None };
        still.reopen();
        still
    }

    fn reopen(&mut self) {
        self.service = None;
        let opened = self.store.open(&"00000".into()).map(|store| Service::over(store, Arc::clone(&self.clock)));
        self.service = Some(opened.unwrap());
    }

    fn service(&self) -> &Arc<Service> {
        self.service.as_ref().unwrap()
    }

    fn counter(&self, name: &str) -> StationCard {
        let token = self.service().invite(&crate::world::guest(StationRole::Counter)).unwrap();
        let dir = self._dir.path().join(name);
        std::fs::create_dir_all(&dir).unwrap();
        let ask = EnrolKeys::load_or_new(&dir).unwrap().ask(&token, name, StationRole::Counter).unwrap();
        self.service().enrol(&ask).unwrap().card
    }
}

#[derive(Debug, Clone)]
enum Step {
    Ask { station: usize, day: i32, count: u32 },
    Repeat(usize),
    Restart,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        8 => (0..3_usize, -31..9, 0..520_u32).prop_map(|(station, day, count)| Step::Ask { station, day, count }),
        2 => (0..20_usize).prop_map(Step::Repeat),
        1 => Just(Step::Restart),
    ];
    proptest::collection::vec(step, 1..25)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn whatever_is_asked_numbers_never_overlap(steps in steps()) {
        let mut still = Still::new();
        let cards: Vec<_> = (0..3).map(|number| still.counter(&format!("c{number}"))).collect();
        let mut asked: Vec<(usize, LeaseAsk)> = vec![];
        let mut granted = 0_usize;
        for step in steps {
            match step {
                Step::Ask { station, day, count } => {
                    let ask = ask(NOON.day() + day.days(), count);
                    if still.service().for_station(cards[station].clone()).lease(&ask).is_ok() {
                        granted += count as usize;
                        asked.push((station, ask));
                    }
                }
                Step::Repeat(which) => {
                    if let Some((station, ask)) = asked.get(which) {
                        still.service().for_station(cards[*station].clone()).lease(ask).unwrap();
                    }
                }
                Step::Restart => still.reopen(),
            }
        }
        let export = still.service().export().unwrap();
        let mut numbers = HashSet::new();
        for event in &export.events {
            let first = event.body["first"].as_u64().unwrap();
            for number in first..first + event.body["count"].as_u64().unwrap() {
                prop_assert!(numbers.insert((event.body["day"].to_string(), number)));
            }
        }
        prop_assert_eq!(numbers.len(), granted);
    }
}
