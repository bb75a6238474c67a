//! Ends and restarts the card readers' service, and takes a card out and puts it in, again and again; reads the card after each, and tells how long
//! each return takes and what is left behind. Needs root, pcscd and vpcd, and no other pcscd:
//! `cargo run --release -p hardware --example chip_soak -- 1000`.

use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use hardware::chip::key::{Can, ChipKey};
use hardware::chip::lds::trust::TrustList;
use hardware::chip::read::ReadOptions;
use hardware::emulator::card::profile::CardProfile;
use hardware::emulator::card::{ActiveForgery, CardContents, EmulatedCard};
use hardware::{ChipHandle, ChipSpec, Fault, Supervisor};
use serde_json::json;

type Done<T> = Result<T, Box<dyn std::error::Error>>;

/// A service that is ended with this program.
struct Service(Option<Child>);

impl Service {
    fn run() -> Done<Self> {
        let mut command = Command::new("pcscd");
        command.arg("--foreground").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Ok(Self(Some(command.spawn()?)))
    }

    fn end(&mut self, signal: &str) -> Done<()> {
        // Taken, so that a number that may be another program's by now is never signalled.
        let Some(mut child) = self.0.take() else { return Ok(()) };
        Command::new("kill").args([signal, &child.id().to_string()]).status()?;
        child.wait()?;
        Ok(())
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // There is nobody left to tell.
        let _ = self.end("-TERM");
    }
}

fn main() -> Done<()> {
    let rounds = std::env::args().nth(1).map_or(Ok(1000), |text| text.parse())?;
    let mut service = Service::run()?;
    let (contents, _) = CardContents::of_profile(&CardProfile::default(), ActiveForgery::None)?;
    let card = EmulatedCard::new(contents);
    card.lie_in_vpcd("127.0.0.1:35963")?;
    let mut supervisor = Supervisor::new(channel().0);
    let spec = ChipSpec { address: "pcsc:Virtual PCD 00 00".parse()?, trust: Arc::new(TrustList::default()) };
    let reader = supervisor.chip("chip", spec)?;
    // What is made once at the begin is no growth.
    restarts(&mut service, &reader, 5)?;
    changes(&card, &reader, 5)?;
    let before = held()?;
    for (class, times) in [
        ("service_restart", restarts(&mut service, &reader, rounds)?),
        ("card_in_and_out", changes(&card, &reader, rounds)?),
    ] {
        let (median, most) = (times[times.len() / 2].as_millis(), times[times.len() - 1].as_millis());
        println!("{}", json!({ "class": class, "rounds": rounds, "back_ms_median": median, "back_ms_most": most }));
    }
    println!("{}", json!({ "before": before, "after": held()?, "keys_refused": card.keys_refused() }));
    Ok(())
}

/// How long after each start of the service the card could be read again, in order of length.
fn restarts(service: &mut Service, reader: &ChipHandle, rounds: usize) -> Done<Vec<Duration>> {
    let mut times = Vec::new();
    for round in 0..rounds {
        service.end(if round % 2 == 0 { "-KILL" } else { "-TERM" })?;
        until(reader, |fault| fault == Some(Fault::ChipServiceDown))?;
        *service = Service::run()?;
        times.push(until(reader, |fault| fault.is_none())?);
    }
    times.sort();
    Ok(times)
}

/// How long after each return of the card it could be read again.
fn changes(card: &EmulatedCard, reader: &ChipHandle, rounds: usize) -> Done<Vec<Duration>> {
    let mut times = Vec::new();
    for _ in 0..rounds {
        card.withdraw();
        until(reader, |fault| fault == Some(Fault::ChipNoCard))?;
        card.insert();
        times.push(until(reader, |fault| fault.is_none())?);
    }
    times.sort();
    Ok(times)
}

/// Reads until the outcome is so, and tells how long that took.
fn until(reader: &ChipHandle, so: impl Fn(Option<Fault>) -> bool) -> Done<Duration> {
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(30) {
        let key = ChipKey::Can(Can::new("000123")?);
        if so(reader.read(key, ReadOptions::default()).recv()?.fault) {
            return Ok(began.elapsed());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Err("not in 30 s".into())
}

/// Threads, descriptors and resident memory of this process.
fn held() -> Done<serde_json::Value> {
    let count = |folder: &str| std::fs::read_dir(folder).map(Iterator::count);
    let pages = std::fs::read_to_string("/proc/self/statm")?;
    let resident: u64 = pages.split(' ').nth(1).unwrap_or("0").parse()?;
    let (threads, descriptors) = (count("/proc/self/task")?, count("/proc/self/fd")?);
    Ok(json!({ "threads": threads, "descriptors": descriptors, "resident_kb": resident * 4 }))
}
