//! From a tap on the kiosk to the last byte of the ticket on the printer's line.
//!
//! The kiosk is the real station with the real driver, synchronising with the real service beside it; only the finger and the
//! printer are played. Between two tickets a bare flush of the same disk is timed.

use super::centre::Centre;
use super::disk::Disk;
use super::figures::{Figure, Spread};
use super::{Ask, fresh};
use ::tests::fault::{Doing, Fault, Outcome, wait_for};
use hardware::emulator::Terminator;
use station::Station;
use station::api::{PaperState, TakeNumber};
use station::clock::MachineClock;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The figure that the peer's stands beside.
pub const NAME: &str = "tap_p50";

/// Marital status certificate.
const PROCEDURE: &str = "1.004873";
/// Tickets before the clock runs: letters drawn, caches warm, as in a hall that has been open for a minute.
const WARM_UP: usize = 20;
/// The goal of the median.
const GOAL_MS: f64 = 3.0;
/// What may come on top of three flushes at the 99th percentile.
const ON_TOP_MS: f64 = 5.0;
const PATIENCE: Duration = Duration::from_secs(20);

/// Measures tickets without and with a card.
///
/// # Errors
/// When the station, a device or the service does not work.
pub fn measure(ask: &Ask) -> Outcome<Vec<Figure>> {
    let folder = fresh(&ask.work, "tap")?;
    let centre = Centre::open(&folder, &ask.programs)?;
    let station = Station::open(&centre.kiosk, Arc::new(MachineClock::default())).doing("opening the kiosk")?;
    let mut hall = Hall { disk: Disk::in_folder(&centre.kiosk)?, centre, station, citizens: 0 };
    hall.wait_for_devices()?;
    hall.serve(WARM_UP, Card::None)?;
    hall.disk = Disk::in_folder(&hall.centre.kiosk)?;
    let plain = hall.serve(ask.tickets, Card::None)?;
    let flush = Spread::of(hall.disk.samples_ms());
    hall.serve(WARM_UP, Card::Held)?;
    hall.disk = Disk::in_folder(&hall.centre.kiosk)?;
    let sealed = hall.serve(ask.tickets, Card::Held)?;
    let sealed_flush = Spread::of(hall.disk.samples_ms());
    hall.all_arrived()?;
    hall.station.stop();
    let flushes = Figure::median(
        "flush",
        "ms",
        "one bare flush of the same disk (append 4 KiB, fdatasync), between the tickets",
        hall.disk.samples_ms(),
    );
    let mut figures = judged(&plain, &flush, NAME, "tap_p99", "a tap to the last byte of the ticket on the line");
    figures.extend(judged(
        &sealed,
        &sealed_flush,
        "tap_card_p50",
        "tap_card_p99",
        "the same with a card, whose holder is sealed into the event",
    ));
    figures.push(Figure::median("tap_answer", "ms", "a tap to the answer for the page, beside it", &plain.answer_ms));
    figures.push(flushes);
    figures.push(Figure::median("ticket_job", "bytes", "the ticket on the line, all of it", &plain.bytes));
    Ok(figures)
}

fn judged(taps: &Taps, flush: &Spread, p50: &'static str, p99: &'static str, what: &str) -> Vec<Figure> {
    let strict_ms = 3.0 * flush.p50 + ON_TOP_MS;
    vec![
        Figure::median(p50, "ms", what, &taps.line_ms).at_most(GOAL_MS).and_beside("a bare flush, p50", flush.p50),
        Figure::tail(p99, "ms", what, &taps.line_ms)
            .at_most_as(strict_ms, "3 bare flushes (median of this run) + 5 ms")
            .and_beside("3 bare flushes (p99 of this run) + 5 ms", 3.0 * flush.p99 + ON_TOP_MS)
            .and_beside("a bare flush, p99", flush.p99),
    ]
}

/// Whether a citizen holds a card before the scanner first.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Card {
    None,
    Held,
}

/// What was measured of some citizens.
#[derive(Default)]
struct Taps {
    line_ms: Vec<f64>,
    answer_ms: Vec<f64>,
    bytes: Vec<f64>,
}

struct Hall {
    centre: Centre,
    station: Station,
    disk: Disk,
    citizens: u64,
}

impl Hall {
    fn wait_for_devices(&self) -> Outcome<()> {
        wait_for("the kiosk's devices", PATIENCE, || {
            let view = self.station.kiosk_view().doing("looking at the kiosk")?;
            Ok((view.printer.state == "ready" && view.scanner.state == "ready").then_some(()))
        })
    }

    /// One citizen after the other.
    fn serve(&mut self, citizens: usize, card: Card) -> Outcome<Taps> {
        let mut taps = Taps::default();
        for _ in 0..citizens {
            self.citizens += 1;
            if card == Card::Held {
                self.hold_card()?;
            }
            self.tap(card, &mut taps)?;
            self.centre.printer.load_roll();
            drop(self.centre.printer.take_pages());
            self.disk.flush()?;
        }
        Ok(taps)
    }

    /// Holds a card that nobody held before, and waits until the kiosk has read it.
    fn hold_card(&self) -> Outcome<()> {
        let citizen = self.citizens;
        let payload =
            format!("00119{citizen:07}||Nguyễn Thị Mẫu {citizen}|15021999|Nữ|Số {citizen} Phố Mẫu, Hà Nội|10052021");
        let name = format!("Mẫu {citizen}");
        self.centre.scanner.put_card(payload.as_bytes(), Terminator::Cr);
        wait_for("the card to be read", PATIENCE, || {
            let view = self.station.kiosk_view().doing("looking at the kiosk")?;
            if let Some(problem) = view.card_problem {
                return Err(Fault::new("reading a card", problem));
            }
            Ok(view.card.filter(|card| card.name.ends_with(&name)).map(drop))
        })
    }

    fn tap(&self, card: Card, taps: &mut Taps) -> Outcome<()> {
        let ask = TakeNumber {
            intent: format!("00000000-0000-7000-8000-{:012x}", self.citizens),
            procedure: PROCEDURE.into(),
            use_card: card == Card::Held,
            priority: None,
            language: "vi".into(),
        };
        let begun = Instant::now();
        let ticket = self.station.kiosk_take_number(ask).doing("taking a number")?;
        let answered = begun.elapsed();
        let job = self.centre.line.next()?;
        taps.answer_ms.push(milliseconds(answered));
        taps.line_ms.push(milliseconds(job.at.saturating_duration_since(begun)));
        taps.bytes.push(job.bytes as f64);
        wait_for("the paper", PATIENCE, || {
            let shown = self.station.kiosk_ticket(&ticket.visit).doing("looking at the ticket")?;
            match shown.paper {
                PaperState::Printing => Ok(None),
                PaperState::Confirmed => Ok(Some(())),
                PaperState::Sent | PaperState::NotPrinted | PaperState::InDoubt => {
                    Err(Fault::new("printing a ticket", format_args!("{:?} {:?}", shown.paper, shown.problem)))
                }
            }
        })?;
        self.station.kiosk_leave().doing("leaving the kiosk")
    }

    /// What was measured counts only where it all reached the centre.
    fn all_arrived(&self) -> Outcome<()> {
        wait_for("the centre to have everything", Duration::from_secs(60), || {
            let waiting = self.station.waiting_for_receipt().doing("looking at what waits")?;
            if waiting > 0 { Err(Fault::new("sync", format_args!("{waiting} wait"))) } else { Ok(Some(())) }
        })
    }
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
