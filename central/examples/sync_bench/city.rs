//! A day of the city, scaled to one machine: live work at rising rates, and everybody who comes back at once after a day without
//! the centre while a few go on working. Stations' disks are in memory, so that the one real disk is the centre's.

use crate::house::{Fault, Running, now, peak_kib};
use crate::records::draft_at;
use intake::catalogue::Catalogue;
use intake::ids::SiteCode;
use intake::units::Units;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use sync::engine::{pull_all, push_all};
use sync::pauses::Pauses;
use sync::protocol::{Centre, StationRole};
use sync::store::{EnrolKeys, NewStation, Store};
use sync::{CentreFault, HttpCentre};

/// Dossiers a second at the city's peak: 3,764 stations and agents, 300 a day each, a fifth of them in ten minutes.
const PEAK: f64 = 3_764.0 * 300.0 / 5.0 / 600.0;
/// Multiples of the peak that are offered.
const OFFERED: [f64; 4] = [0.5, 1.0, 2.0, 4.0];
/// How long each is.
const LIVE: Duration = Duration::from_secs(10);
/// Stations that go on working while all others catch up, and how often each writes.
const WORKING: usize = 8;
const EVERY: Duration = Duration::from_millis(500);

/// What is played.
pub struct Plan {
    /// Stations that take part.
    pub stations: u64,
    /// Communes and wards over which they are spread.
    pub sites: u64,
    /// What each has written while it heard nobody.
    pub backlog: u64,
}

struct Seat {
    store: Mutex<Store>,
    centre: HttpCentre,
    site: SiteCode,
}

/// Plays it; the figures.
pub fn day(program: &str, store: &str, dir: &Path, plan: Plan) -> Result<Value, Fault> {
    let running = Running::start(program, store, &dir.join("nodes.key"))?;
    let server = running.child.id().to_string();
    let disks = tempfile::Builder::new().tempdir_in("/dev/shm")?;
    let units = Units::embedded()?;
    let sites: Vec<SiteCode> = units.all().iter().take(plan.sites as usize).map(|unit| unit.code.clone()).collect();
    let seats: Vec<Seat> = (0..plan.stations + WORKING as u64)
        .map(|at| enrol(program, &running.url, store, dir, disks.path(), at, &sites[at as usize % sites.len()]))
        .collect::<Result<_, _>>()?;
    let (working, others) = seats.split_at(WORKING);
    let catalogue = Catalogue::embedded()?;
    let number = AtomicU64::new(0);
    let live: Vec<Value> = OFFERED.iter().map(|times| offered(others, &catalogue, &number, times * PEAK)).collect();
    let before = peak_kib(&server);

    // A day apart.
    let written = Instant::now();
    spread(others, |seat| {
        for _ in 0..plan.backlog.div_ceil(100) {
            let next = || draft_at(&catalogue, number.fetch_add(1, Ordering::Relaxed), &seat.site);
            let drafts = (0..plan.backlog.min(100)).map(|_| next()).collect();
            seat.store.lock().map_err(|_| "a lock")?.append(now(), None, drafts, vec![], &[])?;
        }
        Ok(())
    })?;
    let written = written.elapsed().as_secs_f64();
    let (over, begun) = (AtomicBool::new(false), Instant::now());
    let (caught_up, beside) = std::thread::scope(|scope| {
        let beside: Vec<_> = working
            .iter()
            .map(|seat| scope.spawn(|| work(seat, &catalogue, &number, EVERY, || over.load(Ordering::Relaxed))))
            .collect();
        let comes: Vec<_> = others.iter().map(|seat| scope.spawn(|| come_back(seat, begun))).collect();
        let ends: Result<Vec<f64>, Fault> =
            comes.into_iter().map(|thread| thread.join().map_err(|_| "a station failed")?).collect();
        over.store(true, Ordering::Relaxed);
        let beside: Vec<f64> = beside.into_iter().flat_map(|thread| thread.join().unwrap_or_default()).collect();
        ends.map(|ends| (ends, beside))
    })?;
    let records = plan.backlog * plan.stations;
    let whole = caught_up.iter().copied().fold(0.0, f64::max);
    Ok(json!({
        "stations": plan.stations, "sites": plan.sites, "backlog": plan.backlog,
        "live": live,
        "write_seconds": written,
        "catch_up": {
            "seconds": whole, "records_a_second": records as f64 / whole, "station_seconds": quantiles(caught_up),
            "live_beside_ms": quantiles(beside.into_iter().map(|s| s * 1_000.0).collect()),
        },
        "peak_server_kib": { "before_catch_up": before, "after": peak_kib(&server) },
    }))
}

/// Live work at so many records a second over all stations: each is due at its time, whether the one before was answered or not.
fn offered(seats: &[Seat], catalogue: &Catalogue, number: &AtomicU64, rate: f64) -> Value {
    let every = Duration::from_secs_f64(seats.len() as f64 / rate);
    let begun = Instant::now();
    let waited: Vec<f64> = std::thread::scope(|scope| {
        let threads: Vec<_> = seats
            .iter()
            .enumerate()
            .map(|(at, seat)| {
                scope.spawn(move || {
                    until(begun + every.mul_f64(at as f64 / seats.len() as f64));
                    work(seat, catalogue, number, every, || begun.elapsed() >= LIVE)
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap_or_default()).collect()
    });
    let served = waited.len() as f64 / begun.elapsed().as_secs_f64();
    let ms = waited.into_iter().map(|seconds| seconds * 1_000.0).collect();
    json!({ "offered_a_second": rate, "served_a_second": served, "ms": quantiles(ms) })
}

/// One station at work: how long after it was due each record was confirmed, in seconds.
fn work(seat: &Seat, catalogue: &Catalogue, number: &AtomicU64, every: Duration, over: impl Fn() -> bool) -> Vec<f64> {
    let mut due = Instant::now();
    let mut waited = Vec::new();
    while !over() {
        until(due);
        let record = draft_at(catalogue, number.fetch_add(1, Ordering::Relaxed), &seat.site);
        let taken = seat.store.lock().map(|mut store| store.append(now(), None, vec![record], vec![], &[]));
        // What fails stays in the outbox and goes with the next one; the time runs on.
        if matches!(taken, Ok(Ok(_))) && push_all(&seat.store, &seat.centre).is_ok() {
            waited.push(due.elapsed().as_secs_f64());
            due += every;
        }
    }
    waited
}

/// Waits until then. A park may end early, when something else had unparked this thread.
fn until(due: Instant) {
    while let Some(left) = due.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) {
        std::thread::park_timeout(left);
    }
}

/// Pushes what was written apart and pulls what the others of the site wrote; seconds since all began.
fn come_back(seat: &Seat, begun: Instant) -> Result<f64, Fault> {
    let mut pauses = Pauses::new(Duration::from_millis(250), Duration::from_secs(5));
    loop {
        let pushed = push_all(&seat.store, &seat.centre);
        let done = pushed.and_then(|_| pull_all(&seat.store, &seat.centre, &now, &mut |_| {}));
        match done {
            Ok(_) => return Ok(begun.elapsed().as_secs_f64()),
            Err(fault) => {
                let dice = sync::wrap::random().map(u64::from_le_bytes).unwrap_or(u64::MAX / 2);
                std::thread::park_timeout(pauses.after(fault.retry_after(), dice));
            }
        }
    }
}

/// Does it for every seat, on as many threads as there are cores.
fn spread(seats: &[Seat], act: impl Fn(&Seat) -> Result<(), Fault> + Sync) -> Result<(), Fault> {
    let next = AtomicU64::new(0);
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        let run = || {
            while let Some(seat) = seats.get(next.fetch_add(1, Ordering::Relaxed) as usize) {
                act(seat)?;
            }
            Ok(())
        };
        let threads: Vec<_> = (0..cores).map(|_| scope.spawn(run)).collect();
        threads.into_iter().try_for_each(|thread| thread.join().map_err(|_| "a thread failed")?)
    })
}

fn enrol(
    program: &str,
    url: &str,
    store: &str,
    dir: &Path,
    disks: &Path,
    at: u64,
    site: &SiteCode,
) -> Result<Seat, Fault> {
    let asked = ["invite", "--site", site.as_str(), "--role", "counter", "--label", "x", "--agency", "H26.112.00"];
    let invited =
        Command::new(program).args(asked).args(["--store", store, "--key"]).arg(dir.join("nodes.key")).output()?;
    let typed = String::from_utf8(invited.stdout)?;
    let (centre, token, authority) = HttpCentre::first_met(url, typed.trim(), Box::new(now))?;
    let place = disks.join(format!("s{at}"));
    std::fs::create_dir_all(&place)?;
    let keys = EnrolKeys::load_or_new(&place)?;
    let ask = keys.ask(&token, "x", StationRole::Counter)?;
    // A centre admits strangers from one address two a second, after the first sixty.
    let enrolment = loop {
        match centre.enrol(&ask) {
            Err(CentreFault::Busy { retry_after_ms }) => {
                std::thread::park_timeout(Duration::from_millis(retry_after_ms))
            }
            enrolled => break enrolled?,
        }
    };
    let new = NewStation::from_enrolment(keys, enrolment)?.trusting(authority.clone());
    let store = Store::create(&*place, new)?;
    let centre = HttpCentre::new(url, Box::new(now)).trusting(authority.as_deref()).signed(store.signer());
    Ok(Seat { store: Mutex::new(store), centre, site: site.clone() })
}

fn quantiles(mut values: Vec<f64>) -> Value {
    values.sort_by(f64::total_cmp);
    let at = |part: f64| values.get(((values.len() as f64 - 1.0) * part).round() as usize).copied();
    json!({ "n": values.len(), "p50": at(0.5), "p99": at(0.99), "max": values.last() })
}
