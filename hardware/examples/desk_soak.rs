//! Unplugs and replugs a text display and a rating pad again and again, and tells how long each takes to be back and what is left behind:
//! `cargo run --release -p hardware --example desk_soak -- 1000`.

use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use hardware::display::DisplayProfile;
use hardware::emulator::{EmulatedDisplay, EmulatedPad, Faults, Line, LineSpec};
use hardware::rating::PadProfile;
use hardware::{DeviceStatus, Supervisor};
use serde_json::json;

type Done<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> Done<()> {
    let rounds = std::env::args().nth(1).map_or(Ok(1000), |text| text.parse())?;
    let display = EmulatedDisplay::start(&LineSpec::free_port(), 20, 2, None)?;
    let profile = PadProfile::named("byte-3-lamp")?;
    let pad = EmulatedPad::start(&LineSpec::free_port(), profile.clone())?;
    let mut supervisor = Supervisor::new(channel().0);
    let shown = supervisor.display("display", display.line().address(), DisplayProfile::named("vfd-2x20")?)?;
    let asked = supervisor.rating_pad("pad", pad.line().address(), profile)?;
    // What is made once at the begin is no growth.
    replug(display.line(), 10, || shown.status())?;
    replug(pad.line(), 10, || asked.status())?;
    let before = held()?;
    for (class, times) in [
        ("display", replug(display.line(), rounds, || shown.status())?),
        ("pad", replug(pad.line(), rounds, || asked.status())?),
    ] {
        let (median, most) = (times[times.len() / 2].as_millis(), times[times.len() - 1].as_millis());
        println!("{}", json!({ "class": class, "rounds": rounds, "back_ms_median": median, "back_ms_most": most }));
    }
    println!("{}", json!({ "before": before, "after": held()? }));
    Ok(())
}

/// How long the device took to be back each time, in order of length.
fn replug(line: &Line, rounds: u32, status: impl Fn() -> DeviceStatus) -> Done<Vec<Duration>> {
    let mut times = Vec::new();
    until(|| status().works())?;
    for _ in 0..rounds {
        line.set_faults(Faults { refuse: true, ..Faults::default() });
        until(|| !status().works())?;
        line.set_faults(Faults::default());
        let began = Instant::now();
        until(|| status().works())?;
        times.push(began.elapsed());
    }
    times.sort();
    Ok(times)
}

fn until(so: impl Fn() -> bool) -> Done<()> {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !so() {
        if Instant::now() > deadline {
            return Err("not in 30 s".into());
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    Ok(())
}

/// Threads, descriptors and resident memory of this process.
fn held() -> Done<serde_json::Value> {
    let count = |folder: &str| std::fs::read_dir(folder).map(Iterator::count);
    let pages = std::fs::read_to_string("/proc/self/statm")?;
    let resident: u64 = pages.split(' ').nth(1).unwrap_or("0").parse()?;
    let (threads, descriptors) = (count("/proc/self/task")?, count("/proc/self/fd")?);
    Ok(json!({ "threads": threads, "descriptors": descriptors, "resident_kb": resident * 4 }))
}
