//! Deterministic simulation: the shipping decisions, log, sealing, sync and centre in one thread, under a seeded scheduler, over
//! disks that forget and tear, lines that lose and double, clocks that jump. docs/simulation.md.
//!
//! `MOTCUA_SEED=n MOTCUA_STEPS=n` runs one seed and prints how it went; `MOTCUA_SEEDS=n` how many are run (200), from
//! `MOTCUA_SEED` on where both are given.

mod hub;
mod line;
mod node;
mod vfs;
mod world;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use world::World;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// How a seed went.
struct Ran {
    trace: String,
    counts: BTreeMap<&'static str, u64>,
}

/// Runs a seed; on a broken promise says which, when, what came before, and how to see it again.
fn run(seed: u64, steps: u64) -> Result<Ran, String> {
    let mut world = World::new(seed);
    let tell = |world: &World, step: u64, broken: String| {
        format!(
            "seed {seed}, step {step}: {broken}\n  {}\nagain: make simulate SEED={seed} STEPS={steps}",
            world.log.join("\n  ")
        )
    };
    for step in 1..=steps {
        if let Err(broken) = world.step(step) {
            return Err(tell(&world, step, broken));
        }
    }
    if let Err(broken) = world.heal() {
        return Err(tell(&world, steps, broken));
    }
    Ok(Ran { trace: world.trace(), counts: std::mem::take(&mut world.counts) })
}

#[test]
fn whatever_happens_every_promise_is_kept() {
    let (first, steps) = (number("MOTCUA_SEED").unwrap_or(1), number("MOTCUA_STEPS").unwrap_or(2_000));
    let alone = if std::env::var("MOTCUA_SEED").is_ok() { 1 } else { 200 };
    let seeds = number("MOTCUA_SEEDS").unwrap_or(alone);
    let (next, broken, counts) = (AtomicU64::new(first), Mutex::new(None), Mutex::new(BTreeMap::new()));
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while broken.lock().unwrap().is_none() {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + seeds {
                        break;
                    }
                    match run(seed, steps) {
                        Ok(ran) => {
                            let mut all = counts.lock().unwrap();
                            for (what, count) in ran.counts {
                                *all.entry(what).or_insert(0) += count;
                            }
                        }
                        Err(told) => drop(broken.lock().unwrap().get_or_insert(told)),
                    }
                }
            });
        }
    });
    if let Some(told) = broken.into_inner().unwrap() {
        panic!("{told}");
    }
    let counts: BTreeMap<&str, u64> = counts.into_inner().unwrap();
    println!("{seeds} seeds of {steps} steps: {counts:?}");
    let happened = |what: &str| counts.get(what).copied().unwrap_or(0);
    if steps >= 1_000 && seeds >= 10 {
        let queue = ["call", "call by claim", "parked", "taken back", "sent back", "sent on", "paper admitted"];
        for what in ["number", "dossier", "sync", "power cut", "lease"].iter().chain(&queue) {
            assert!(happened(what) > 0, "nothing of it happened: {what}");
        }
    }
}

#[test]
fn the_same_seed_is_the_same_run() {
    let once = run(7, 400).map(|ran| ran.trace);
    assert_eq!(once, run(7, 400).map(|ran| ran.trace));
    assert_ne!(once, run(8, 400).map(|ran| ran.trace));
}
