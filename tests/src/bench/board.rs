//! From a call at the counter to the board on the wall: through the desk's log, the hub's, and back over the line that it holds open.
//!
//! Stations and board are the real ones, in this process; centre and hub are the real program, each in a process of its own.

use super::centre::Centre;
use super::disk::Disk;
use super::figures::{Figure, Spread};
use super::{Ask, fresh, straight_to_the_centre};
use ::tests::fault::{Doing, Fault, Outcome, wait_for};
use ::tests::site::SiteHub;
use station::clock::MachineClock;
use station::{Hall, Station};
use std::sync::Arc;
use std::time::{Duration, Instant};

const PROCEDURE: &str = "1.004873";
const WARM_UP: usize = 10;
const CALLS: usize = 200;
/// The goal of the 99th percentile.
const GOAL_MS: f64 = 100.0;
const PATIENCE: Duration = Duration::from_secs(20);

/// Measures calls.
///
/// # Errors
/// When a station, the hub or the service does not work.
pub fn measure(ask: &Ask) -> Outcome<Vec<Figure>> {
    let folder = fresh(&ask.work, "board")?;
    let centre = Centre::open(&folder, &ask.programs)?;
    let hub = SiteHub::start(&ask.programs.join("motcua-central"), &centre.plan, &folder.join("hub"))?;
    for name in ["kiosk", "counter"] {
        let folder = &centre.plan.stations[name].folder;
        hub.serves(folder)?;
        straight_to_the_centre(folder, &centre.plan)?;
    }
    let board = hub.tells_board(&centre.plan)?;
    let open = |name: &str| Station::open(&centre.plan.stations[name].folder, Arc::new(MachineClock::default()));
    let (kiosk, counter) = (open("kiosk").doing("opening the kiosk")?, open("counter").doing("opening the counter")?);
    let board = Hall::open(&board, Arc::new(MachineClock::default())).doing("opening the board")?;
    wait_for("the sign-in", PATIENCE, || Ok(counter.counter_sign_in("demo", "246810").ok()))?;
    wait_for("the board to hear the hub", PATIENCE, || Ok((!board.board_view().stale).then_some(())))?;
    let mut hall = Desks { centre, kiosk, counter, board, taken: 0 };
    hall.call(WARM_UP)?;
    let mut disk = Disk::in_folder(&hall.centre.kiosk)?;
    let mut samples = Vec::with_capacity(CALLS);
    for _ in 0..CALLS {
        samples.extend(hall.call(1)?);
        disk.flush()?;
    }
    hall.kiosk.stop();
    hall.counter.stop();
    let flush = Spread::of(disk.samples_ms());
    let what = "a call at the counter to the board that shows it, by the hub";
    Ok(vec![
        Figure::median("board_p50", "ms", what, &samples).and_beside("a bare flush, p50", flush.p50),
        Figure::tail("board_p99", "ms", what, &samples).at_most(GOAL_MS).and_beside("a bare flush, p99", flush.p99),
    ])
}

struct Desks {
    centre: Centre,
    kiosk: Station,
    counter: Station,
    board: Hall,
    taken: u64,
}

impl Desks {
    /// Takes numbers and calls each; gives the milliseconds from each call to the board.
    fn call(&mut self, numbers: usize) -> Outcome<Vec<f64>> {
        (0..numbers).map(|_| self.call_one()).collect()
    }

    fn call_one(&mut self) -> Outcome<f64> {
        let number = self.take_number()?;
        wait_for("the number at the counter", PATIENCE, || {
            let view = self.counter.counter_view().doing("looking at the counter")?;
            Ok(view.queue.iter().any(|row| row.number == number).then_some(()))
        })?;
        let mut seen = self.board.notices().wait_beyond(0, Duration::ZERO);
        let begun = Instant::now();
        let called = self.counter.counter_call_next().doing("calling")?;
        let called = called.ok_or_else(|| Fault::new("calling", "nobody waits"))?;
        while !self.board.board_view().now.iter().any(|call| call.number == called.number) {
            if begun.elapsed() > PATIENCE {
                return Err(Fault::new("the board", format_args!("does not show {}", called.number)));
            }
            seen = self.board.notices().wait_beyond(seen, Duration::from_millis(50));
        }
        let shown = begun.elapsed();
        self.counter.counter_no_show().doing("sending them away")?;
        Ok(shown.as_secs_f64() * 1_000.0)
    }

    fn take_number(&mut self) -> Outcome<String> {
        self.taken += 1;
        let ticket = self.centre.ticket(&self.kiosk, PROCEDURE, self.taken)?;
        Ok(ticket.number)
    }
}
