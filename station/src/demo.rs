//! A demo centre on one machine: folders and files for every station, invitations and the account, nothing by hand.

use crate::api::Problem;
use crate::config::{CentrePart, Config, DockPart, DockScannerPart, RoleName, StationPart, TextPart};
use hardware::{Address, DeviceEntry, DeviceRole};
use intake::ids::{AgencyCode, Desk, SiteCode};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What the demo is, from `fixtures/demo/site.json`.
#[derive(Deserialize)]
struct Site {
    site: SiteCode,
    agency: AgencyCode,
    site_name: TextPart,
    parent_name: TextPart,
    zone: TextPart,
    place: String,
    hotline: String,
    account: intake::vietqr::Account,
    officer: String,
    officer_name: String,
    pin: String,
}

/// How to start the parts of a demo.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Plan {
    /// The central service.
    pub central: CentralPlan,
    /// The windows: `kiosk`, `counter`, `board`, `dock`.
    pub stations: BTreeMap<String, StationPlan>,
}

/// How to start the central service.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CentralPlan {
    /// Where it listens.
    pub listen: String,
    /// Its store.
    pub store: PathBuf,
    /// The arguments of `motcua-central`.
    pub args: Vec<String>,
}

/// How to start a window.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StationPlan {
    /// Its folder.
    pub folder: PathBuf,
    /// The arguments of `motcua`.
    pub args: Vec<String>,
}

/// How a demo's devices are connected.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lines {
    /// Over TCP on this machine.
    Tcp,
    /// Over ptys, as serial lines: no network at all.
    Serial,
}

struct Places {
    listen: String,
    cable: String,
    printer: Address,
    kiosk_scanner: Address,
    counter_scanner: Address,
    board: Address,
    /// Over TCP in any case: a card's chip is no serial line.
    chip: Address,
}

/// Prepares a demo in `folder`, by the program of the central service; an existing one keeps its records and gets new
/// addresses.
///
/// # Errors
/// `CONFIG-FAULT` when a file cannot be written or no port is free.
pub fn prepare(folder: &Path, lines: Lines, central: &Path) -> Result<Plan, Problem> {
    let fault = |why: String| Problem::new("CONFIG-FAULT").with("file", folder.display()).with("why", why);
    let io = |error: std::io::Error| fault(error.to_string());
    std::fs::create_dir_all(folder).map_err(io)?;
    let folder = folder.canonicalize().map_err(io)?;
    let site: Site = serde_json::from_str(include_str!("../../fixtures/demo/site.json"))
        .map_err(|error| fault(error.to_string()))?;
    let places = places(&folder, lines).map_err(io)?;
    for name in ["central", "kiosk", "counter", "board", "dock"] {
        std::fs::create_dir_all(folder.join(name)).map_err(io)?;
    }
    // Only the demo's own authority is believed: its cards are emulated.
    crate::roles::write_demo_authority(&folder.join("counter").join(crate::chip::AUTHORITIES)).map_err(fault)?;
    for (name, config) in stations(&site, &places, &folder) {
        config.write(&folder.join(name))?;
    }
    let store = format!("sqlite:{}", folder.join("central").join("central.db").display());
    invite(&folder, &site, central, &store).map_err(|error| fault(format!("{}: {error}", central.display())))?;
    Ok(plan(&folder, &places, &store))
}

fn places(folder: &Path, lines: Lines) -> std::io::Result<Places> {
    // All ports are held until all are known, so that no two are the same.
    let held: Vec<TcpListener> = (0..7).map(|_| TcpListener::bind("127.0.0.1:0")).collect::<Result<_, _>>()?;
    let ports: Vec<u16> = held.iter().map(|held| held.local_addr().map(|at| at.port())).collect::<Result<_, _>>()?;
    let device = |port: u16, name: &str| match lines {
        Lines::Tcp => Address::tcp("127.0.0.1", port),
        Lines::Serial => Address::serial(folder.join(format!("line-{name}"))),
    };
    Ok(Places {
        listen: format!("127.0.0.1:{}", ports[0]),
        cable: format!("127.0.0.1:{}", ports[1]),
        printer: device(ports[2], "printer"),
        kiosk_scanner: device(ports[3], "kiosk-scanner"),
        counter_scanner: device(ports[4], "counter-scanner"),
        board: device(ports[5], "board"),
        chip: Address::tcp("127.0.0.1", ports[6]),
    })
}

fn stations(site: &Site, places: &Places, folder: &Path) -> Vec<(&'static str, Config)> {
    let centre = CentrePart { url: format!("http://{}", places.cable), token_file: Some("invitation".into()) };
    let device = |id: &str, kind, address: Option<&Address>| DeviceEntry {
        id: id.into(),
        kind,
        address: address.cloned(),
        profile: (kind == DeviceRole::TicketPrinter).then(|| "generic-80mm".into()),
        folder: (kind == DeviceRole::Announcer).then(|| "voice".into()),
        clips: None,
        required: kind == DeviceRole::TicketPrinter,
    };
    let kiosk = Config {
        station: StationPart { prefix: "A".into(), ..part(site, RoleName::Kiosk, "K1", "Kiốt 1") },
        centre: Some(centre.clone()),
        hub: None,
        account: None,
        devices: vec![
            device("printer", DeviceRole::TicketPrinter, Some(&places.printer)),
            device("scanner", DeviceRole::CardScanner, Some(&places.kiosk_scanner)),
        ],
        limits: crate::limits::Limits::default(),
        attachments: crate::attachments::Attachments::default(),
        dock: None,
    };
    let counter = Config {
        station: StationPart { desk: Desk::new("3"), ..part(site, RoleName::Counter, "Q3", "Quầy 3") },
        centre: Some(centre),
        hub: None,
        account: Some(site.account.clone()),
        devices: vec![
            device("scanner", DeviceRole::CardScanner, Some(&places.counter_scanner)),
            device("chip", DeviceRole::ChipReader, Some(&places.chip)),
            device("board", DeviceRole::Board, Some(&places.board)),
            device("announcer", DeviceRole::Announcer, None),
        ],
        limits: crate::limits::Limits::default(),
        attachments: crate::attachments::Attachments::default(),
        dock: None,
    };
    let board = Config {
        station: part(site, RoleName::Board, "B1", "Bảng sảnh"),
        centre: None,
        hub: None,
        account: None,
        devices: vec![device("board", DeviceRole::Board, Some(&places.board))],
        limits: crate::limits::Limits::default(),
        attachments: crate::attachments::Attachments::default(),
        dock: None,
    };
    let scanner = |id: &str, vi: &str, en: &str, address: &Address| DockScannerPart {
        id: id.into(),
        label: TextPart { vi: vi.into(), en: en.into() },
        address: address.clone(),
    };
    let dock = Config {
        station: part(site, RoleName::Dock, "D1", "Bàn thiết bị"),
        centre: None,
        hub: None,
        account: None,
        devices: vec![],
        limits: crate::limits::Limits::default(),
        attachments: crate::attachments::Attachments::default(),
        dock: Some(DockPart {
            printer: places.printer.clone(),
            scanners: vec![
                scanner("kiosk-scanner", "Khe đọc của kiốt", "The kiosk's scanner", &places.kiosk_scanner),
                scanner("counter-scanner", "Máy đọc của quầy 3", "Desk 3's scanner", &places.counter_scanner),
            ],
            readers: vec![scanner("counter-chip", "Máy đọc chip của quầy 3", "Desk 3's chip reader", &places.chip)],
            cable_from: places.cable.clone(),
            cable_to: places.listen.clone(),
            counter: folder.join("counter"),
            pages: "paper".into(),
        }),
    };
    vec![("kiosk", kiosk), ("counter", counter), ("board", board), ("dock", dock)]
}

fn part(site: &Site, role: RoleName, label: &str, name: &str) -> StationPart {
    StationPart {
        role,
        label: label.into(),
        name: name.into(),
        site: site.site.clone(),
        site_name: site.site_name.clone(),
        parent_name: site.parent_name.clone(),
        agency: site.agency.clone(),
        prefix: String::new(),
        desk: Desk::new(""),
        calls: vec![],
        zone: site.zone.clone(),
        place: site.place.clone(),
        hotline: site.hotline.clone(),
        px_per_mm: 96.0 / 25.4,
        demo: true,
    }
}

/// Invites the stations and sets up the account, once, as an administrator would: by the central service's own program.
fn invite(folder: &Path, site: &Site, central: &Path, store: &str) -> std::io::Result<()> {
    let place = ["--store", store, "--site", site.site.as_str()];
    for (name, label) in [("kiosk", "Kiốt 1"), ("counter", "Quầy 3")] {
        let file = folder.join(name).join("invitation");
        if !file.exists() {
            let who = ["--role", name, "--label", label, "--agency", site.agency.as_str()];
            std::fs::write(file, ask(central, "invite", &[&place[..], &who[..]].concat(), "")?)?;
        }
    }
    let appointed = folder.join("central").join("account-is-set-up");
    if !appointed.exists() {
        let who = ["--officer", &site.officer, "--name", &site.officer_name, "--pin-stdin"];
        ask(central, "appoint", &[&place[..], &who[..]].concat(), &site.pin)?;
        std::fs::write(appointed, "")?;
    }
    Ok(())
}

fn ask(central: &Path, what: &str, arguments: &[&str], input: &str) -> std::io::Result<String> {
    let mut command = Command::new(central);
    command.arg(what).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut asked = command.spawn()?;
    if let Some(mut stdin) = asked.stdin.take() {
        stdin.write_all(input.as_bytes())?;
    }
    let answer = asked.wait_with_output()?;
    if !answer.status.success() {
        return Err(std::io::Error::other(format!("{} {what} ended with {}", central.display(), answer.status)));
    }
    Ok(String::from_utf8_lossy(&answer.stdout).trim().to_owned())
}

fn plan(folder: &Path, places: &Places, store: &str) -> Plan {
    let args = ["serve", "--listen", &places.listen, "--store", store].map(str::to_owned).to_vec();
    let store = folder.join("central").join("central.db");
    let station = |role: &str| {
        let folder = folder.join(role);
        let args = vec!["--role".into(), role.into(), "--data".into(), folder.display().to_string()];
        (role.to_owned(), StationPlan { folder, args })
    };
    let stations = ["kiosk", "counter", "board", "dock"].map(station).into_iter().collect();
    Plan { central: CentralPlan { listen: places.listen.clone(), store, args }, stations }
}
