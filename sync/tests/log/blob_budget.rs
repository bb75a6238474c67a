//! The budget: never over it in any hour, nothing starves, records go first.

use intake::moment::Moment;
use proptest::prelude::*;
use std::collections::BTreeMap;
use sync::blob::BlobId;
use sync::blob::budget::{Budget, Choice, PATIENCE_MS, Spent, Waiting, choose};
use sync::wire::Fixed;

const HOUR_MS: i64 = 3_600_000;
const START: i64 = 1_795_410_000_000;

fn blob(number: u64) -> BlobId {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    BlobId(Fixed(bytes))
}

fn waiting(number: u64, left: u64, since: i64, urgent: bool) -> Waiting {
    Waiting { blob: blob(number), left, since: Moment(since), urgent }
}

/// The civil hour in Vietnam, worked out here by itself.
fn civil_hour(now: i64) -> usize {
    ((now / HOUR_MS + 7) % 24) as usize
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_hour_costs_more_than_its_budget_however_the_clock_moves(
        hours in prop::array::uniform24(0u64..600_000),
        steps in prop::collection::vec((-3 * HOUR_MS..3 * HOUR_MS, any::<bool>()), 1..200),
    ) {
        let budget = Budget(hours);
        let (mut spent, mut now) = (Spent::default(), START);
        let mut cost: BTreeMap<i64, u64> = BTreeMap::new();
        for (step, records_wait) in steps {
            // Several in a row within an hour, then on or back.
            now = (now + if step % 3 == 0 { step } else { 1_000 }).clamp(START - 30 * HOUR_MS, START + 30 * HOUR_MS);
            match choose(&budget, &spent, Moment(now), records_wait, &[waiting(1, u64::MAX, START, false)]) {
                Choice::Send { bytes, .. } => {
                    prop_assert!(!records_wait && bytes > 0);
                    spent.charge(Moment(now), bytes);
                    *cost.entry(now.div_euclid(HOUR_MS)).or_default() += bytes;
                }
                Choice::Defer { until } => prop_assert!(records_wait || until.0 > now),
                Choice::Rest => prop_assert!(false, "something waits"),
            }
        }
        for (hour, bytes) in cost {
            prop_assert!(bytes <= hours[civil_hour(hour * HOUR_MS)]);
        }
    }

    #[test]
    fn a_large_old_scan_is_sent_though_small_urgent_ones_never_cease(size in 1u64..2_000_000, rate in 50_000u64..200_000) {
        let budget = Budget([rate; 24]);
        let mut spent = Spent::default();
        let mut large = waiting(0, size, START, false);
        // More small ones come in each hour than the budget can carry.
        let mut small: Vec<Waiting> = Vec::new();
        // After its patience it is the oldest: the budget's hours and it are all that count.
        let bound = PATIENCE_MS / HOUR_MS + (size / rate) as i64 + 2;
        for hour in 0..bound {
            let now = START + hour * HOUR_MS;
            small.extend((0..20).map(|one| waiting(1 + hour as u64 * 20 + one, 20_000, now, true)));
            loop {
                let all: Vec<Waiting> = small.iter().copied().chain([large]).collect();
                let Choice::Send { blob, bytes } = choose(&budget, &spent, Moment(now), false, &all) else { break };
                spent.charge(Moment(now), bytes);
                let sent = if blob == large.blob { &mut large } else {
                    small.iter_mut().find(|one| one.blob == blob).unwrap()
                };
                sent.left -= bytes;
                small.retain(|one| one.left > 0);
            }
        }
        prop_assert_eq!(large.left, 0, "after {} hours", bound);
    }
}

#[test]
fn urgent_goes_before_small_before_old() {
    let budget = Budget([u64::MAX; 24]);
    let first = |all: &[Waiting]| match choose(&budget, &Spent::default(), Moment(START), false, all) {
        Choice::Send { blob, .. } => blob,
        other => panic!("{other:?}"),
    };
    let (old, small) = (waiting(1, 900, START - HOUR_MS, false), waiting(2, 100, START, false));
    let urgent = waiting(3, 5_000, START, true);
    let forgotten = waiting(4, 9_000, START - PATIENCE_MS, false);
    assert_eq!(first(&[old, small]), small.blob);
    assert_eq!(first(&[old, small, urgent]), urgent.blob);
    assert_eq!(first(&[old, small, urgent, forgotten]), forgotten.blob);
}

#[test]
fn nothing_to_send_is_rest_and_an_hour_without_budget_waits_for_the_next() {
    let mut hours = [0; 24];
    hours[civil_hour(START) + 1] = 10;
    let budget = Budget(hours);
    let ask = |now, all: &[Waiting]| choose(&budget, &Spent::default(), Moment(now), false, all);
    assert_eq!(ask(START, &[]), Choice::Rest);
    let one = waiting(1, 100, START, false);
    let Choice::Defer { until } = ask(START, &[one]) else { panic!("no budget in this hour") };
    assert_eq!(ask(until.0 - 1, &[one]), Choice::Defer { until });
    assert_eq!(ask(until.0, &[one]), Choice::Send { blob: one.blob, bytes: 10 });
}
