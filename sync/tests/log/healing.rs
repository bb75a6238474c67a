//! What happens when machines were apart, disks were restored, or somebody tells another history.

use crate::house::*;
use proptest::prelude::*;
use std::path::Path;
use std::sync::Mutex;
use sync::engine::push_all;
use sync::protocol::StationRole::{Counter, Hub, Kiosk};
use sync::protocol::*;
use sync::segment::Segment;
use sync::store::Store;
use tempfile::TempDir;

fn copy(from: &Path, to: &Path) {
    for file in std::fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
}

fn numbers(seat: &Seat) -> Vec<String> {
    let mut rows: Vec<String> = seat.store().view_rows("visit").unwrap().into_iter().map(|(id, _)| id).collect();
    rows.sort();
    rows
}

#[test]
fn a_restored_copy_begins_a_new_life_and_nothing_is_lost_or_doubled() {
    let centre = new_centre();
    let kiosk = enrol(&centre, Kiosk);
    kiosk.store().append(NOON, None, vec![ticket(1)], vec![], &[]).unwrap();
    sync(&kiosk, &centre);
    kiosk.store().append(NOON, None, vec![ticket(2)], vec![], &[]).unwrap();
    let first_life = kiosk.store().incarnation();
    let backup = kiosk.close();
    let restored = TempDir::new().unwrap();
    copy(backup.path(), restored.path());

    // The copy and the original both go on.
    let original = Seat { store: Mutex::new(Store::open(backup.path()).unwrap()), dir: backup };
    let copy = Seat { store: Mutex::new(Store::open(restored.path()).unwrap()), dir: restored };
    assert_eq!(original.store().incarnation(), first_life);
    assert_ne!(copy.store().incarnation(), first_life);
    original.store().append(NOON, None, vec![ticket(3)], vec![], &[]).unwrap();
    copy.store().append(NOON, None, vec![ticket(4)], vec![], &[]).unwrap();
    assert_eq!(sync(&copy, &centre).refused, []);
    assert_eq!(sync(&original, &centre).refused, []);
    sync(&copy, &centre);
    assert_eq!(centre.store().events().unwrap().len(), 4);
    assert_eq!(numbers(&centre).len(), 4);
    for seat in [&copy, &original, &centre] {
        assert_whole(seat);
    }
    assert_eq!(views(&copy), views(&centre));
}

#[test]
fn a_file_restored_in_place_is_found_by_the_centre_and_its_new_events_are_saved() {
    let centre = new_centre();
    let kiosk = enrol(&centre, Kiosk);
    kiosk.store().append(NOON, None, vec![ticket(1)], vec![], &[]).unwrap();
    sync(&kiosk, &centre);
    let dir = kiosk.close();
    let saved = std::fs::read(dir.path().join("log.db")).unwrap();

    let mut store = Store::open(dir.path()).unwrap();
    store.append(NOON, None, vec![ticket(2), ticket(3)], vec![], &[]).unwrap();
    let kiosk = Seat { store: Mutex::new(store), dir };
    sync(&kiosk, &centre);
    let dir = kiosk.close();
    // Written over in place: the same file number and birth, so only the centre can know.
    std::fs::write(dir.path().join("log.db"), saved).unwrap();
    let mut store = Store::open(dir.path()).unwrap();
    let before = store.incarnation();
    store.append(NOON, None, vec![ticket(4)], vec![], &[]).unwrap();
    let kiosk = Seat { store: Mutex::new(store), dir };

    let outcome = sync(&kiosk, &centre);
    assert!(outcome.new_incarnation.is_some_and(|new| new != before));
    assert_eq!(outcome.refused, []);
    assert_eq!(outcome.received.len(), 2, "what the copy had lost comes back");
    assert_eq!(kiosk.store().outbox().unwrap().waiting, 0);
    assert_eq!(numbers(&centre).len(), 4);
    assert_eq!(numbers(&kiosk), numbers(&centre));
    assert_whole(&kiosk);
    assert_whole(&centre);
}

#[test]
fn two_copies_that_wrote_the_same_number_of_events_fork_and_both_are_saved() {
    let centre = new_centre();
    let kiosk = enrol(&centre, Kiosk);
    kiosk.store().append(NOON, None, vec![ticket(1)], vec![], &[]).unwrap();
    sync(&kiosk, &centre);
    let dir = kiosk.close();
    let saved = std::fs::read(dir.path().join("log.db")).unwrap();
    let mut store = Store::open(dir.path()).unwrap();
    store.append(NOON, None, vec![ticket(2)], vec![], &[]).unwrap();
    let kiosk = Seat { store: Mutex::new(store), dir };
    sync(&kiosk, &centre);
    let dir = kiosk.close();
    std::fs::write(dir.path().join("log.db"), saved).unwrap();
    let mut store = Store::open(dir.path()).unwrap();
    store.append(NOON, None, vec![ticket(3)], vec![], &[]).unwrap();
    let kiosk = Seat { store: Mutex::new(store), dir };
    // Heads are equal in number: the push meets the fork.
    let outcome = push_all(&kiosk.store, &Direct::new(&centre)).unwrap();
    assert!(outcome.new_incarnation.is_some());
    sync(&kiosk, &centre);
    assert_eq!(numbers(&centre).len(), 3);
    assert_eq!(numbers(&kiosk), numbers(&centre));
    assert_whole(&centre);
}

#[test]
fn a_centre_restored_from_a_backup_gets_again_what_it_lost() {
    let centre = new_centre();
    let kiosk = enrol(&centre, Kiosk);
    kiosk.store().append(NOON, None, vec![ticket(1)], vec![], &[]).unwrap();
    sync(&kiosk, &centre);
    let dir = centre.close();
    let backup = TempDir::new().unwrap();
    copy(dir.path(), backup.path());
    let centre = Seat { store: Mutex::new(Store::open(dir.path()).unwrap()), dir };
    for number in 2..5 {
        kiosk.store().append(NOON, None, vec![ticket(number)], vec![], &[]).unwrap();
        sync(&kiosk, &centre);
    }
    assert_eq!(kiosk.store().outbox().unwrap().waiting, 0);

    let restored = Seat { store: Mutex::new(Store::open(backup.path()).unwrap()), dir: backup };
    kiosk.store().append(NOON, None, vec![ticket(5)], vec![], &[]).unwrap();
    assert_eq!(sync(&kiosk, &restored).refused, []);
    assert_eq!(numbers(&restored).len(), 5);
    assert_eq!(restored.store().events().unwrap(), kiosk.store().events().unwrap());
    assert_whole(&restored);
}

#[test]
fn a_gap_is_refused_and_not_kept_and_one_bad_stream_blocks_no_other() {
    let centre = new_centre();
    let (kiosk, other) = (enrol(&centre, Kiosk), enrol(&centre, Kiosk));
    let mut pushes = Vec::new();
    for number in 1..4 {
        kiosk.store().append(NOON, None, vec![ticket(number)], vec![], &[]).unwrap();
        pushes = kiosk.store().to_push(10, &Default::default()).unwrap();
    }
    assert_eq!(pushes.len(), 3);
    let gap = centre.store().receive(NOON, &pushes[2].segment.0, &[]).unwrap_err();
    assert_eq!(gap.to_string(), sync::Refusal::Gap { have: 0, want: 3 }.to_string());
    assert_eq!(centre.store().quarantine().unwrap(), []);

    other.store().append(NOON, None, vec![ticket(9)], vec![], &[]).unwrap();
    assert_eq!(sync(&other, &centre).pushed, 1);
    for push in pushes.iter().chain(&pushes) {
        centre.store().take_push(NOON, std::slice::from_ref(push)).unwrap();
    }
    assert_eq!(centre.store().events().unwrap().len(), 4);
    assert_whole(&centre);
}

#[test]
fn a_station_that_is_not_known_is_refused() {
    let (centre, elsewhere) = (new_centre(), new_centre());
    let stranger = enrol(&elsewhere, Counter);
    stranger.store().append(NOON, None, vec![ticket(1)], vec![], &[]).unwrap();
    let refused = push_all(&stranger.store, &Direct::new(&centre)).unwrap().refused;
    assert_eq!(refused[0].1.code(), "SYNC-UNKNOWN-STATION");
    assert_eq!(centre.store().quarantine().unwrap().len(), 1);
}

#[test]
fn a_stream_that_is_refused_on_pulling_is_set_aside_and_asked_for_again() {
    let centre = new_centre();
    let (kiosk, other, counter) = (enrol(&centre, Kiosk), enrol(&centre, Kiosk), enrol(&centre, Counter));
    for (seat, number) in [(&kiosk, 1), (&other, 2)] {
        seat.store().append(NOON, None, vec![ticket(number)], vec![], &[]).unwrap();
        sync(seat, &centre);
    }
    let good = Direct::new(&centre);
    // Somebody on the way spoils what one station wrote.
    let station = kiosk.store().station();
    let spoil = |mut answer: PullAnswer| {
        for push in &mut answer.segments {
            if Segment::parse(&push.segment.0).unwrap().header.stream.station == station {
                let last = push.segment.0.len() - 1;
                push.segment.0[last] ^= 1;
            }
        }
        answer
    };
    let bad = Between { pull: &spoil, ..Between::new(&centre) };
    let clock = || NOON;
    let first = sync::engine::pull_once(&counter.store, &bad, &clock, 0).unwrap();
    assert_eq!((first.received.len(), first.refused.len()), (1, 1), "the other stream is not blocked");
    let second = sync::engine::pull_once(&counter.store, &bad, &clock, 0).unwrap();
    assert_eq!((second.segments, second.refused.len()), (0, 0), "no spinning on what is refused");
    assert_eq!(sync::engine::sync_once(&counter.store, &good, &clock).unwrap().received.len(), 1);
    assert_eq!(counter.store().quarantine().unwrap().len(), 1);
    assert_whole(&counter);
}

#[test]
fn an_event_in_two_scopes_is_one_event() {
    let centre = new_centre();
    let counter = enrol(&centre, Counter);
    let mut both = ticket(1);
    both.scopes.push(agency());
    counter.store().append(NOON, None, vec![both], vec![], &[]).unwrap();
    assert_eq!(counter.store().outbox().unwrap().waiting, 1);
    assert_eq!(sync(&counter, &centre).pushed, 2);
    assert_eq!(centre.store().heads(&[site(), agency()]).unwrap().0.len(), 2);
    assert_eq!(centre.store().events().unwrap().len(), 1);
    assert_whole(&centre);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Whatever the order in which the segments of three stations arrive (and come again), the views are the same bytes.
    #[test]
    fn the_order_of_arrival_does_not_matter(order in Just((0..9_usize).collect::<Vec<_>>()).prop_shuffle()) {
        let centre = new_centre();
        let seats = [enrol(&centre, Kiosk), enrol(&centre, Counter), enrol(&centre, Counter)];
        for round in 0..3_u32 {
            for (at, seat) in seats.iter().enumerate() {
                let now = NOON.plus_ms(i64::from(round * 10) - at as i64);
                let draft = if at == 0 { ticket(round + 1) } else { called(round + 1, &at.to_string()) };
                seat.store().append(now, None, vec![draft], vec![], &[]).unwrap();
                seat.store().to_push(9, &Default::default()).unwrap();
            }
        }
        let pushes: Vec<SegmentWithGrants> =
            seats.iter().flat_map(|seat| seat.store().to_push(9, &Default::default()).unwrap()).collect();
        prop_assert_eq!(pushes.len(), 9);
        let straight = enrol(&centre, Hub);
        let shuffled = enrol(&centre, Hub);
        for seat in [&straight, &shuffled] {
            sync(seat, &centre);
        }
        for push in &pushes {
            straight.store().receive(NOON, &push.segment.0, &push.grants).unwrap();
        }
        // Each stream's own order is kept by asking again for what came too early.
        for _ in 0..3 {
            for at in &order {
                let _ = shuffled.store().receive(NOON, &pushes[*at].segment.0, &pushes[*at].grants);
            }
        }
        prop_assert_eq!(straight.store().events().unwrap().len(), 9);
        prop_assert_eq!(views(&straight), views(&shuffled));
        assert_whole(&shuffled);
    }
}
