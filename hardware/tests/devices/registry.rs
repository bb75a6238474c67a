//! Finding, claiming and noticing devices.

use std::process::Command;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use hardware::emulator::{EmulatedPrinter, EmulatedScanner, LineSpec, PrinterModel};
use hardware::registry::{ClaimError, Claims, PlugEvent, Watch, WatchPlaces, claim, discover, watch};
use hardware::transport::{self, LineError};
use hardware::{Address, DeviceState, PrinterSpec, Profile, Supervisor};

use crate::cupsd::soon;
use crate::eventually;

const TOOL: &str = env!("CARGO_BIN_EXE_motcua-hw");

fn next(events: &Receiver<PlugEvent>) -> PlugEvent {
    events.recv_timeout(Duration::from_secs(20)).unwrap()
}

fn only(folder: &std::path::Path) -> WatchPlaces {
    WatchPlaces { folders: vec![folder.to_owned()], usb: false, readers: false }
}

#[test]
fn a_line_that_appears_and_disappears_is_told_once_each() {
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("ttyTICKET");
    let (_watch, events) = watch(&only(folder.path())).unwrap();
    for _ in 0..3 {
        let spec = LineSpec::Pty { link: Some(link.clone()) };
        let far = EmulatedPrinter::start(&spec, PrinterModel::default(), None).unwrap();
        assert_eq!(next(&events), PlugEvent::Plugged(Address::serial(&link)));
        drop(far);
        std::fs::remove_file(&link).ok();
        assert_eq!(next(&events), PlugEvent::Unplugged(Address::serial(&link)));
    }
    assert!(events.try_recv().is_err());
}

#[test]
fn a_folder_that_comes_later_is_watched_when_it_is_there() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("by-id");
    let (_watch, events) = watch(&only(&folder)).unwrap();
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("usb-Epson"), "").unwrap();
    assert_eq!(next(&events), PlugEvent::Plugged(Address::serial(folder.join("usb-Epson"))));
}

#[test]
fn watchers_end_with_their_watch() {
    let threads = || std::fs::read_dir("/proc/self/task").unwrap().flatten().filter(is_watcher).count();
    let folder = tempfile::tempdir().unwrap();
    for _ in 0..5 {
        // Everything that can be watched, whether it is there or not.
        let places = WatchPlaces { usb: true, readers: true, ..only(folder.path()) };
        drop(Watch::start(&places, |_| {}).unwrap());
    }
    // Other tests watch at the same time; none of theirs watches readers.
    eventually("no watcher of readers is left", || (threads() == 0).then_some(()));
}

fn is_watcher(task: &std::fs::DirEntry) -> bool {
    std::fs::read_to_string(task.path().join("comm")).is_ok_and(|name| name.trim() == "plug-readers")
}

#[test]
fn a_device_that_is_plugged_in_ends_the_back_off() {
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("ttyTICKET");
    let mut supervisor = Supervisor::new(channel().0);
    let mut spec = PrinterSpec::new(Address::serial(&link), Profile::named("generic-80mm").unwrap());
    spec.patience = Duration::from_millis(300);
    let printer = supervisor.printer("ticket", spec).unwrap();
    supervisor.watch(&only(folder.path())).unwrap();
    eventually("it is missed", || (printer.status().state == DeviceState::Absent).then_some(()));
    let far = EmulatedPrinter::start(&LineSpec::Pty { link: Some(link) }, PrinterModel::default(), None).unwrap();
    eventually("it is found", || (printer.status().state == DeviceState::Ready).then_some(()));
    supervisor.stop();
    drop(far);
}

#[test]
fn a_serial_line_is_held_by_one_at_a_time_and_free_after() {
    let far = EmulatedPrinter::start(&LineSpec::Pty { link: None }, PrinterModel::default(), None).unwrap();
    let address = far.line().address();
    let first = transport::open(&address, soon()).unwrap();
    assert_eq!(transport::open(&address, soon()).err(), Some(LineError::InUse));
    drop(first);
    assert!(transport::open(&address, soon()).is_ok());
}

#[test]
fn a_line_that_another_process_holds_is_named_and_free_when_that_is_killed() {
    let far = EmulatedScanner::start(&LineSpec::Pty { link: None }).unwrap();
    let address = far.line().address();
    let mut scan = Command::new(TOOL);
    let mut other = scan.args(["scan", &address.to_string(), "--timeout-ms", "600000"]).spawn().unwrap();
    let holder = eventually("it is held", || Claims::system().holder(&address));
    assert_eq!(holder.pid, other.id());
    assert!(holder.program.starts_with("motcua-hw"), "{holder}");
    let Err(ClaimError::Held(named)) = claim(&address) else { panic!("claimed twice") };
    assert_eq!(named, holder);
    let second = Command::new(TOOL).args(["scan", &address.to_string(), "--timeout-ms", "1"]).output().unwrap();
    assert_eq!(second.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&second.stdout).contains("SCAN-IN-USE"));
    // SIGKILL: nothing of its own cleans up.
    other.kill().unwrap();
    other.wait().unwrap();
    assert!(claim(&address).is_ok());
}

#[test]
fn discovery_is_a_value_whatever_is_missing() {
    let began = Instant::now();
    let discovery = discover(Duration::from_secs(20));
    assert!(began.elapsed() < Duration::from_secs(120));
    for found in &discovery.devices {
        assert_eq!(found.address.to_string().parse::<Address>().as_ref(), Ok(&found.address));
    }
    for unseen in &discovery.unseen {
        assert!(["cups", "pcsc", "sane"].contains(&unseen.place) && !unseen.why.is_empty(), "{unseen:?}");
    }
}

/// The tool shows the queues of a real spooler, their state, and the scanners of SANE's test backend.
#[test]
fn the_tool_lists_queues_and_scanners_as_a_table_and_as_json() {
    let cupsd = crate::cupsd::Cupsd::start();
    cupsd.queue("TICKETS", 9);
    cupsd.queue("PAUSED", 9);
    cupsd.tool("/usr/sbin/cupsdisable", &["PAUSED"]);
    let sane = tempfile::tempdir().unwrap();
    std::fs::write(sane.path().join("dll.conf"), "test\n").unwrap();
    std::fs::write(sane.path().join("test.conf"), "number_of_devices 2\n").unwrap();
    let run = |arguments: &[&str]| {
        let mut tool = Command::new(TOOL);
        tool.arg("list").args(arguments).env("CUPS_SERVER", cupsd.name()).env("SANE_CONFIG_DIR", sane.path());
        let output = tool.output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    let list: serde_json::Value = serde_json::from_str(&run(&["--json"])).unwrap();
    let device = |address: &str| {
        let devices = list["devices"].as_array().unwrap();
        devices
            .iter()
            .find(|device| device["address"] == address)
            .unwrap_or_else(|| panic!("{address} in {list}"))
            .clone()
    };
    assert_eq!(device("cups:TICKETS")["access"]["is"], "free");
    assert_eq!(device("cups:PAUSED")["access"]["is"], "unavailable");
    assert_eq!(device("sane:test:1")["model"], "frontend-tester");
    assert!(list["printer_profiles"].as_array().unwrap().contains(&"generic-80mm".into()));
    let table = run(&[]);
    for words in ["cups:TICKETS", "the queue is stopped", "sane:test:0", "generic-80mm"] {
        assert!(table.contains(words), "{words} in {table}");
    }
}
