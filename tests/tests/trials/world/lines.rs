//! Lines that are neither whole nor cut: one that comes and goes, and one that carries one way only.

use super::alone::alone;
use super::network::{CENTRE, HUB};
use super::site::{Site, Wanted};
use crate::random_cuts::Dice;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use tests::fault::wait_for;

/// The longest that the line stays as it is while it flaps.
const FLAP: Duration = Duration::from_millis(900);
/// How often it changes; at the end it is up.
const FLAPS: u32 = 30;

#[test]
fn a_line_that_comes_and_goes_loses_and_doubles_nothing() {
    alone("world::lines::a_line_that_comes_and_goes_loses_and_doubles_nothing", flapping);
}

fn flapping() {
    let mut site = Site::open(Wanted::default());
    let mut dice = Dice::thrown("a line that flaps");
    let (network, flaps) = (site.network, AtomicU32::new(0));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for flap in 1..=FLAPS {
                network.set_up("centre", flap.is_multiple_of(2));
                std::thread::park_timeout(dice.up_to(FLAP));
                flaps.store(flap, Ordering::Relaxed);
            }
        });
        while flaps.load(Ordering::Relaxed) < FLAPS {
            site.serve();
        }
    });
    let verdict = site.judge();
    println!(
        "the line changed {FLAPS} times; {} dossiers, {} events at both ends",
        verdict.dossiers, verdict.events_central
    );
}

#[test]
fn a_line_that_carries_one_way_only_loses_and_doubles_nothing() {
    alone("world::lines::a_line_that_carries_one_way_only_loses_and_doubles_nothing", one_way);
}

/// First what the hub says arrives and no answer does; then nothing that the hub says.
fn one_way() {
    let mut site = Site::open(Wanted::default());
    site.serve();
    site.wait_until_synced();
    let before = site.events_at_centre();

    site.network.set_deaf(HUB, true);
    let since = Instant::now();
    site.serve();
    let arrived = wait_for("what the hub says", crate::centre::PATIENCE, || {
        let held = site.events_at_centre();
        Ok((held > before).then_some(held))
    });
    let arrived = arrived.unwrap();
    assert_ne!(site.counter()["sync"]["waiting"], 0, "no receipt can have come");
    site.serve();
    println!("{} events arrived of which the site heard nothing for {:?}", arrived - before, since.elapsed());
    site.network.set_deaf(HUB, false);
    site.wait_until_synced();

    let before = site.events_at_centre();
    site.network.set_deaf(CENTRE, true);
    site.serve();
    site.serve();
    assert_eq!(site.events_at_centre(), before, "the line carried the other way too");
    assert_ne!(site.counter()["sync"]["waiting"], 0);
    site.network.set_deaf(CENTRE, false);
    site.judge();
}
