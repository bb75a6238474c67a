//! A demo centre on this machine: prepares it, starts its parts, restarts a window that broke, and ends them together.

use station::demo::{Lines, Plan};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// In this order: the dock plays the devices that the others look for.
const WINDOWS: [&str; 4] = ["dock", "board", "kiosk", "counter"];
/// How often the parts are looked after.
const LOOK: Duration = Duration::from_millis(300);

static ENDED: AtomicBool = AtomicBool::new(false);

/// Prints how each part of a demo is started.
pub fn prepare(data: &Path, lines: Lines) -> Result<(), String> {
    let plan = plan(data, lines)?;
    println!("{}", serde_json::to_string_pretty(&plan).map_err(|error| error.to_string())?);
    Ok(())
}

fn plan(data: &Path, lines: Lines) -> Result<Plan, String> {
    station::demo::prepare(data, lines, &beside("motcua-central")?).map_err(|problem| problem.to_string())
}

/// A program that was built beside this one.
fn beside(name: &str) -> Result<PathBuf, String> {
    let own = std::env::current_exe().map_err(|error| error.to_string())?;
    Ok(own.with_file_name(name))
}

/// Checks a station's store.
pub fn verify(data: &Path) -> Result<(), String> {
    let report = station::verify_ends(data).map_err(|problem| problem.to_string())?;
    report.seen.iter().for_each(|line| println!("{line}"));
    report.difference.map_or(Ok(()), Err)
}

/// Runs the demo until its windows are closed or it is interrupted.
pub fn run(data: &Path) -> Result<(), String> {
    let plan = plan(data, Lines::Tcp)?;
    end_with_us();
    let mut parts = Parts::default();
    let mut central = Command::new(beside("motcua-central")?);
    central.args(&plan.central.args).stdout(Stdio::piped());
    parts.central = Some(ready(central.spawn().map_err(|error| error.to_string())?)?);
    println!("The centre is open at {}. Demo account: demo, PIN 246810.", plan.central.listen);
    let own = std::env::current_exe().map_err(|error| error.to_string())?;
    for name in WINDOWS {
        let Some(station) = plan.stations.get(name) else { continue };
        let mut command = Command::new(&own);
        command.args(&station.args);
        parts.windows.push(Window::open(name, command)?);
    }
    println!("Close the windows, or press Ctrl+C here, to end the demo. Its records stay in {}.", data.display());
    while !ENDED.load(Ordering::Relaxed) && parts.look_after() {
        std::thread::park_timeout(LOOK);
    }
    Ok(())
}

/// Waits for the service's first line, which it prints when it listens.
fn ready(mut central: Child) -> Result<Child, String> {
    let stdout = central.stdout.take().ok_or("the centre has no output")?;
    let mut line = String::new();
    let read = BufReader::new(stdout).read_line(&mut line).map_err(|error| error.to_string())?;
    if read == 0 { Err("the centre ended before it listened".into()) } else { Ok(central) }
}

#[derive(Default)]
struct Parts {
    central: Option<Child>,
    windows: Vec<Window>,
}

struct Window {
    name: &'static str,
    command: Command,
    child: Option<Child>,
}

impl Window {
    fn open(name: &'static str, mut command: Command) -> Result<Self, String> {
        let child = command.spawn().map_err(|error| format!("{name}: {error}"))?;
        Ok(Self { name, command, child: Some(child) })
    }

    /// Starts it again when it broke; a window that was closed stays closed.
    fn look_after(&mut self) {
        let Some(child) = &mut self.child else { return };
        match child.try_wait() {
            Ok(Some(status)) if status.success() => self.child = None,
            Ok(Some(status)) => {
                eprintln!("motcua: the window {} ended with {status} and is started again", self.name);
                self.child = self.command.spawn().ok();
            }
            Ok(None) | Err(_) => {}
        }
    }
}

impl Parts {
    /// Whether a window is still open.
    fn look_after(&mut self) -> bool {
        self.windows.iter_mut().for_each(Window::look_after);
        self.windows.iter().any(|window| window.child.is_some())
    }
}

impl Drop for Parts {
    fn drop(&mut self) {
        let windows = self.windows.iter_mut().filter_map(|window| window.child.take());
        for mut child in windows.chain(self.central.take()) {
            terminate(&child);
            // It is waited for, so that the store is closed before the demo says that it has ended.
            let _ = child.wait();
        }
    }
}

fn terminate(child: &Child) {
    #[expect(unsafe_code, reason = "the standard library can only kill, and a service should be asked to stop")]
    // SAFETY: kill takes two numbers and touches no memory of ours; the child is not reaped, so the number is its.
    unsafe {
        libc::kill(child.id() as libc::pid_t, libc::SIGTERM);
    }
}

/// Ctrl+C and SIGTERM end the demo in order, so that no part outlives it.
fn end_with_us() {
    extern "C" fn end(_signal: libc::c_int) {
        ENDED.store(true, Ordering::Relaxed);
    }
    let handler = end as extern "C" fn(libc::c_int) as libc::sighandler_t;
    for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP] {
        #[expect(unsafe_code, reason = "a signal handler has no safe wrapper in the standard library")]
        // SAFETY: the handler only stores an atomic.
        unsafe {
            libc::signal(signal, handler);
        }
    }
}
