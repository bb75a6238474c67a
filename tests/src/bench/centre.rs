//! A demo centre for measuring: the real central service, and a kiosk whose devices are emulated on TCP lines.

use super::line::{JobEnd, RecordedLine};
use ::tests::fault::{Doing, Fault, Outcome, wait_for};
use hardware::Address;
use hardware::DeviceRole;
use hardware::emulator::{EmulatedPrinter, EmulatedScanner, LineSpec, PrinterModel};
use station::api::{PaperState, TakeNumber, TicketShown};
use station::demo::{Lines, Plan};
use station::{Config, Station};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(30);

/// A running centre with a kiosk's folder; it ends when this is dropped.
pub struct Centre {
    /// What was prepared.
    pub plan: Plan,
    /// The kiosk's folder.
    pub kiosk: PathBuf,
    /// The kiosk's printer, behind the line.
    pub printer: EmulatedPrinter,
    /// The kiosk's scanner.
    pub scanner: EmulatedScanner,
    /// The line to the printer.
    pub line: RecordedLine,
    central: Child,
}

impl Centre {
    /// Prepares a demo centre in `folder` and starts its service.
    ///
    /// # Errors
    /// When a program is missing or does not start.
    pub fn open(folder: &Path, programs: &Path) -> Outcome<Self> {
        let program = programs.join("motcua-central");
        let plan = station::demo::prepare(folder, Lines::Tcp, &program).doing("preparing a demo centre")?;
        let printer = EmulatedPrinter::start(&LineSpec::free_port(), PrinterModel::default(), None);
        let printer = printer.doing("starting the emulated printer")?;
        let scanner = EmulatedScanner::start(&LineSpec::free_port()).doing("starting the emulated scanner")?;
        let line = RecordedLine::lay(Some(socket(&printer.line().address())?), JobEnd::CONFIRMED)?;
        let kiosk = plan.stations.get("kiosk").map(|kiosk| kiosk.folder.clone());
        let kiosk = kiosk.ok_or_else(|| Fault::new("preparing a demo centre", "it has no kiosk"))?;
        connect(&kiosk, &plan, line.address, scanner.line().address())?;
        let central = start(&program, &plan, folder)?;
        Ok(Self { plan, kiosk, printer, scanner, line, central })
    }
}

impl Centre {
    /// The citizen of this count takes a number at the kiosk, and its paper comes out of a printer that never runs dry.
    ///
    /// # Errors
    /// When no number is given, or no paper comes.
    pub fn ticket(&self, kiosk: &Station, procedure: &str, citizen: u64) -> Outcome<TicketShown> {
        let ask = TakeNumber {
            intent: format!("00000000-0000-7000-8000-{citizen:012x}"),
            procedure: procedure.into(),
            use_card: false,
            priority: None,
            language: "vi".into(),
        };
        let ticket = kiosk.kiosk_take_number(ask).doing("taking a number")?;
        wait_for("the paper", PATIENCE, || {
            let shown = kiosk.kiosk_ticket(&ticket.visit).doing("looking at the ticket")?;
            match shown.paper {
                PaperState::Printing => Ok(None),
                PaperState::Confirmed => Ok(Some(())),
                other => Err(Fault::new("printing a ticket", format_args!("{other:?} {:?}", shown.problem))),
            }
        })?;
        kiosk.kiosk_leave().doing("leaving the kiosk")?;
        self.printer.load_roll();
        drop(self.printer.take_pages());
        Ok(ticket)
    }
}

impl Drop for Centre {
    fn drop(&mut self) {
        // Both fail only when it has already ended.
        let _ = self.central.kill();
        let _ = self.central.wait();
    }
}

fn socket(address: &Address) -> Outcome<SocketAddr> {
    let text = address.to_string();
    text.strip_prefix("tcp:").unwrap_or(&text).parse().doing(format_args!("the address {text}"))
}

/// Connects the kiosk to its devices' lines and, with no cable between, to the service.
fn connect(kiosk: &Path, plan: &Plan, printer: SocketAddr, scanner: Address) -> Outcome<()> {
    let mut config = Config::read(kiosk).doing("reading the kiosk's file")?;
    for device in &mut config.devices {
        match device.kind {
            DeviceRole::TicketPrinter => device.address = Some(Address::tcp("127.0.0.1", printer.port())),
            DeviceRole::CardScanner => device.address = Some(scanner.clone()),
            _ => {}
        }
    }
    if let Some(centre) = &mut config.centre {
        centre.url = format!("http://{}", plan.central.listen);
    }
    config.write(kiosk).doing("writing the kiosk's file")
}

/// Starts the service and waits for its first line, which it prints when it listens.
fn start(program: &Path, plan: &Plan, folder: &Path) -> Outcome<Child> {
    let log = File::create(folder.join("central.log")).doing("making the service's log")?;
    let mut central = Command::new(program)
        .args(&plan.central.args)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(log)
        .spawn()
        .doing("starting motcua-central")?;
    let mut line = String::new();
    if let Some(out) = central.stdout.take() {
        BufReader::new(out).read_line(&mut line).doing("reading what motcua-central says")?;
    }
    if line.is_empty() { Err(Fault::new("starting motcua-central", "it ended")) } else { Ok(central) }
}
