//! A demo centre in a folder: the real central service as a process, and in this process what outlives a station's
//! death: its cable, its printer, its scanners, the board.

use hardware::Address;
use hardware::DeviceRole;
use hardware::board::BoardListener;
use hardware::emulator::card::EmulatedReader;
use hardware::emulator::{EmulatedPrinter, EmulatedScanner, LineSpec, PrinterModel, Terminator};
use serde_json::Value;
use station::cable::Cable;
use station::config::{Config, DockPart};
use station::demo::{Lines, Plan, prepare};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use tests::fault::{Doing, Fault, Outcome};
use tests::place::Place;

/// The longest that anything is waited for: two cores may be busy with a build.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A card of the demo: an invented person.
pub const ADULT: &str =
    "001199000123|012345678|Nguyễn Thị Mẫu|15021999|Nữ|Số 1 Phố Mẫu, Hàng Trống, Hoàn Kiếm, Hà Nội|10052021";
/// The demo's account.
pub const OFFICER: &str = "demo";
/// Its PIN, which stands on the demo's first screen.
pub const PIN: &str = "246810";

/// A program that was built beside this test.
pub fn program(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_BIN_EXE_motcua-check")).parent().unwrap();
    let program = folder.join(name);
    let how = "build it first: cargo build --features station/crash-points -p station -p central -p motcua";
    assert!(program.exists(), "{} is missing; {how}", program.display());
    program
}

/// A demo centre; all of it ends when this is dropped.
pub struct Centre {
    pub folder: TempDir,
    pub cable: Cable,
    pub printer: EmulatedPrinter,
    pub kiosk_scanner: EmulatedScanner,
    pub counter_scanner: EmulatedScanner,
    pub chip_reader: EmulatedReader,
    /// Heard by nobody here; a counter without its board would try to reach it again and again.
    _board: BoardListener,
    pub plan: Plan,
    service: Child,
}

/// Where a centre and its stations are.
#[derive(Clone, Debug, Default)]
pub struct Places {
    pub centre: Place,
    pub kiosk: Place,
    pub counter: Place,
}

impl Centre {
    /// Prepares it and waits until the service answers.
    pub fn open() -> Self {
        // Another test may take a port between its choice and its use.
        let open = || Self::try_open(&Places::default(), None);
        let tried = (0..3).map(|_| open()).find(Result::is_ok);
        tried.unwrap_or_else(open).unwrap()
    }

    /// The same over several places; the service listens at this address beyond its machine, and so speaks TLS.
    pub fn open_over(places: &Places, listen: &str) -> Self {
        Self::try_open(places, Some(listen)).unwrap()
    }

    fn try_open(places: &Places, listen: Option<&str>) -> Outcome<Self> {
        let folder = tempfile::tempdir().doing("a folder")?;
        if let Some(listen) = listen {
            // Once before: the invitations name the authority that it makes.
            let store = folder.path().join("central").join("central.db");
            std::fs::create_dir_all(folder.path().join("central")).doing("a folder")?;
            end(&mut serve(&places.centre, &serving(listen, &store))?);
        }
        let prepared =
            places.centre.run(|| prepare(folder.path(), Lines::Tcp, &program("motcua-central")).doing("preparing"));
        let mut plan = prepared?;
        if let Some(listen) = listen {
            plan.central.args = serving(listen, &plan.central.store);
        }
        let config = |role: &str| Config::read(&folder.path().join(role)).doing(role);
        let dock = config("dock")?.dock.ok_or_else(|| Fault::new("dock", "no part for it"))?;
        let board = device(&config("board")?, DeviceRole::Board)?;
        let service = serve(&places.centre, &plan.central.args)?;
        let (kiosk, counter) = (&places.kiosk, &places.counter);
        Ok(Self {
            cable: Cable::lay(&dock.cable_from, &dock.cable_to).doing("the cable")?,
            printer: {
                let line = far_side(&dock.printer)?;
                kiosk.run(|| EmulatedPrinter::start(&line, PrinterModel::default(), None)).doing("the printer")?
            },
            kiosk_scanner: kiosk.run(|| scanner(&dock, 0))?,
            counter_scanner: counter.run(|| scanner(&dock, 1))?,
            chip_reader: counter.run(|| chip_reader(&dock))?,
            _board: {
                let line = far_side(&board)?;
                counter.run(|| BoardListener::listen(&line, None)).doing("the board")?
            },
            folder,
            plan,
            service,
        })
    }

    /// Ends the service, so that its file can be opened.
    pub fn end_service(&mut self) {
        end(&mut self.service);
    }

    /// A station's folder.
    pub fn station(&self, role: &str) -> PathBuf {
        self.folder.path().join(role)
    }

    /// Holds a code before the kiosk's scanner.
    pub fn scan_at_kiosk(&self, payload: &[u8]) {
        self.kiosk_scanner.put_card(payload, Terminator::CrLf);
    }

    /// Holds a code before the counter's scanner.
    pub fn scan_at_counter(&self, payload: &[u8]) {
        self.counter_scanner.put_card(payload, Terminator::CrLf);
    }
}

impl Drop for Centre {
    fn drop(&mut self) {
        end(&mut self.service);
    }
}

fn end(service: &mut Child) {
    // Both fail only when it has already ended.
    let _ = service.kill();
    let _ = service.wait();
}

fn serving(listen: &str, store: &Path) -> Vec<String> {
    let store = format!("sqlite:{}", store.display());
    ["serve", "--listen", listen, "--store", &store].map(str::to_owned).to_vec()
}

/// Starts motcua-central and waits until it says where it listens.
pub fn serve(place: &Place, arguments: &[String]) -> Outcome<Child> {
    let mut command = place.command(program("motcua-central"));
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut service = place.run(|| command.spawn()).doing("starting motcua-central")?;
    let mut line = String::new();
    if let Some(said) = service.stdout.take() {
        BufReader::new(said).read_line(&mut line).doing("what motcua-central says")?;
    }
    match serde_json::from_str::<Value>(&line) {
        Ok(said) if said["listening"].is_string() => Ok(service),
        _ => {
            end(&mut service);
            Err(Fault::new("motcua-central does not listen", line))
        }
    }
}

fn device(config: &Config, kind: DeviceRole) -> Outcome<Address> {
    let found = config.devices.iter().find(|part| part.kind == kind).and_then(|part| part.address.clone());
    found.ok_or_else(|| Fault::new("a device", "has no address"))
}

fn far_side(address: &Address) -> Outcome<LineSpec> {
    match address {
        Address::Tcp { host, port } => format!("tcp:{host}:{port}").parse().doing("an address"),
        other => Err(Fault::new("an address", other)),
    }
}

fn chip_reader(dock: &DockPart) -> Outcome<EmulatedReader> {
    let address = dock.readers[0].address.to_string();
    let at = address.strip_prefix("tcp:").unwrap_or(&address).parse().doing("the chip reader's address")?;
    EmulatedReader::listen(at).doing("the chip reader")
}

fn scanner(dock: &DockPart, at: usize) -> Outcome<EmulatedScanner> {
    EmulatedScanner::start(&far_side(&dock.scanners[at].address)?).doing("a scanner")
}
