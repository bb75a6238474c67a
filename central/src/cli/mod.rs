//! The command line.

mod ask;
mod serving;
mod tls;

use central::blobs::BlobPlace;
use central::invitation::Guest;
use central::order::Order;
use central::service::Appointment;
use central::store_path::StorePath;
use clap::{Args, Parser, Subcommand, ValueEnum};
use intake::ids::{AgencyCode, OfficerId, SiteCode};
use serde_json::Value;
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use sync::protocol::StationRole;

/// What went wrong, for a person to read.
pub(crate) type Fault = Box<dyn std::error::Error>;

/// The central service of Một Cửa: the log to which all kiosks, counters and boards report.
#[derive(Parser)]
#[command(version, after_long_help = GUIDE)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

const GUIDE: &str = "\
A first morning:
  1. Start the service. It makes its log and its own keys where there are none.
       motcua-central serve --listen 127.0.0.1:8600 --store sqlite:/var/lib/motcua/central.db
  2. Invite a station and type the token that is printed into it. A token works once, within seven days.
       motcua-central invite --store sqlite:/var/lib/motcua/central.db --site 00004 --role kiosk \\
           --label 'Kiosk 1' --agency H26.112.00
       motcua-central invite --store sqlite:/var/lib/motcua/central.db --site 00004 --role counter \\
           --label 'Quầy 3' --agency H26.112.00
  3. Give an officer an account; the PIN is read from standard input.
       motcua-central appoint --store sqlite:/var/lib/motcua/central.db --site 00004 --officer lan --name 'Trần Thị Lan' --pin-stdin
     Several nodes share one PostgreSQL database (docs/scaling.md): --store postgres://motcua@db/motcua --key /etc/motcua/nodes.key
  4. Look whether all is well: GET /healthz (JSON), GET /metrics (Prometheus).
     A citizen's look-up, code and state only: GET /v1/public/H26.112.00-261123-0001

invite, appoint, verify and export work whether the service runs or not: they find the running one by the file
central.db.door.json beside the store, which only the service's user can read.

Beside the database stand its lock and its key. Keep a copy of the key elsewhere: without it the log's sealed parts cannot
be read again. On a network stations reach it over TLS 1.3, under the names that you say (on 127.0.0.1 it speaks plain http):
       motcua-central serve --listen 0.0.0.0:8600 --tls-name centre.example --store sqlite:/var/lib/motcua/central.db
At the first start it makes an authority of its own, central.db.ca.pem and central.db.ca-key.pem (keep a copy of both:
under another authority every station is to be enrolled again), and under it certificates that it renews by itself. A
token then ends in .FINGERPRINT: a station whose address begins with https:// trusts that authority and no other, from
its first word on. Or give a certificate of yours: --tls-cert chain.pem --tls-key key.pem; stations trust the chain's
last certificate. A hub speaks http unless it is given a certificate under the centre's authority.

MOTCUA_LOG sets what is logged to standard error, such as MOTCUA_LOG=debug (each request: path, status, milliseconds).";

#[derive(Subcommand)]
enum Command {
    /// Answer the stations until told to stop (SIGTERM, SIGINT); requests that were begun are finished.
    Serve(Box<Serve>),
    /// Print a one-time token that turns a machine into a station.
    Invite(Invite),
    /// Set up an officer's account, or give an account a new PIN.
    Appoint(Appoint),
    /// Make a site's hub that runs lead the queue from now on, under a higher epoch; the one before follows.
    Promote(Stored),
    /// Take in what a station wrote onto a stick (motcua-station --stick FILE), and write the receipts for the way back.
    Carry(Carry),
    /// Check the whole log: every chain, every signature, every view. Exits with 1 when something differs.
    Verify(Stored),
    /// Print the open part of every event, for an auditor or a checker; nothing sealed is shown.
    Export(Export),
}

#[derive(Args)]
struct Stored {
    /// Where the log is: sqlite:FILE, or postgres://USER@HOST/DATABASE for several nodes on one database.
    #[arg(long, value_name = "sqlite:FILE|postgres://...")]
    store: StorePath,
    /// With PostgreSQL: the file with the key that all nodes share; the first node makes it, the others need a copy.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
}

impl Stored {
    fn place(&self) -> StorePath {
        self.store.clone().with_key(self.key.clone())
    }
}

#[derive(Args)]
struct Serve {
    #[command(flatten)]
    stored: Stored,
    /// Where to listen; port 0 takes a free one. The address is printed as the first line, in JSON.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8600")]
    listen: SocketAddr,
    #[command(flatten)]
    tls: tls::TlsArguments,
    /// The site where the centre itself is counted to stand, when its log is made; with --upstream, the hub's site.
    #[arg(long, default_value = "00000", value_parser = site)]
    site: SiteCode,
    /// Be a site's hub: its stations sync with it, and it relays to the centre at this address.
    #[arg(long, value_name = "URL")]
    upstream: Option<String>,
    /// With --upstream, at the first start: a one-time token, from `motcua-central invite --role hub` at the centre.
    #[arg(long, requires = "upstream")]
    token: Option<String>,
    /// A JSON list of invitations to make at the start, [{"site","role","label","agency"}]; each token is printed as a line of JSON.
    #[arg(long, value_name = "FILE.json")]
    invite_file: Option<PathBuf>,
    /// With --upstream: another hub of this site, by its address; may be given again.
    #[arg(long, value_name = "URL", requires = "upstream")]
    peer: Vec<String>,
    /// With --upstream: begin as a hub that stands by.
    #[arg(long, requires = "upstream")]
    standby: bool,
    /// With --upstream: lead when no hub that leads was heard for so many seconds.
    #[arg(long, value_name = "SECONDS", requires = "upstream")]
    promote_after: Option<u64>,
    /// With --upstream: do not tell the local network of this hub (multicast DNS), nor look for the site's others there.
    #[arg(long, requires = "upstream")]
    no_mdns: bool,
    /// Where attachments are kept: a folder (beside the log unless said), or s3://BUCKET[/PREFIX]; for S3 keys, region and
    /// endpoint are read from the environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, AWS_ENDPOINT_URL, AWS_ALLOW_HTTP.
    #[arg(long, value_name = "FOLDER|s3://...", conflicts_with = "upstream")]
    blobs: Option<BlobPlace>,
    /// The most connections at once; see also `ulimit -n`.
    #[arg(long, default_value_t = 4096)]
    max_connections: usize,
    /// Never let the log grow beyond so many MiB; stations keep what is not taken, and /healthz says so.
    #[arg(long, value_name = "MIB")]
    max_store_mib: Option<u64>,
}

#[derive(Args)]
struct Invite {
    #[command(flatten)]
    stored: Stored,
    /// The commune or ward, by its five-digit code (QĐ 19/2025/QĐ-TTg).
    #[arg(long, value_parser = site)]
    site: SiteCode,
    /// What the station is: it decides what it may write and read.
    #[arg(long)]
    role: Role,
    /// What people call it, such as 'Kiosk 1'.
    #[arg(long)]
    label: String,
    /// The authority whose dossiers it takes in, by its electronic identification code.
    #[arg(long, value_parser = agency)]
    agency: Option<AgencyCode>,
}

#[derive(Args)]
struct Appoint {
    #[command(flatten)]
    stored: Stored,
    /// The account's name: a-z 0-9 . - _
    #[arg(long)]
    officer: String,
    /// The officer's name, as colleagues read it.
    #[arg(long)]
    name: String,
    /// Where they work.
    #[arg(long, value_parser = site)]
    site: SiteCode,
    /// Read the PIN (4 to 12 digits) from standard input; it is hashed here and kept nowhere.
    #[arg(long, required = true)]
    pin_stdin: bool,
}

#[derive(Args)]
struct Carry {
    #[command(flatten)]
    stored: Stored,
    /// The stick's file.
    file: PathBuf,
    /// Where the receipts go.
    #[arg(long, value_name = "FILE")]
    receipts: PathBuf,
}

#[derive(Args)]
struct Export {
    #[command(flatten)]
    stored: Stored,
    /// As one JSON document: {"version","events","streams"}.
    #[arg(long, required = true)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Role {
    /// In the hall, for citizens: seals, reads nothing back.
    Kiosk,
    /// An officer's desk.
    Counter,
    /// The waiting-hall board.
    Board,
    /// A partner shop's desk.
    Agent,
    /// The site's own copy of the centre.
    Hub,
}

/// Does what the command line says.
pub(crate) fn run(arguments: Arguments) -> Result<ExitCode, Fault> {
    match arguments.command {
        Command::Serve(serve) => serving::run(*serve),
        Command::Invite(invite) => {
            let Invite { stored, site, role, label, agency } = invite;
            let guest = Guest { site, role: role.into(), label, agency };
            let answer = ask::ask(&stored.place(), &Order::Invite(guest))?;
            say(answer["token"].as_str().unwrap_or_default())
        }
        Command::Appoint(appoint) => {
            let store = appoint.stored.place();
            let answer = ask::ask(&store, &Order::Appoint(appointment(appoint)?))?;
            say(&answer.to_string())
        }
        Command::Promote(stored) => say(&ask::ask_existing(&stored.place(), &Order::Promote)?.to_string()),
        Command::Carry(Carry { stored, file, receipts }) => {
            // The service may run in another folder.
            let whole = |path: PathBuf| std::path::absolute(path);
            let order = Order::Carry { file: whole(file)?, receipts: whole(receipts)? };
            say(&ask::ask_existing(&stored.place(), &order)?.to_string())
        }
        Command::Verify(stored) => {
            let report = ask::ask_existing(&stored.place(), &Order::Verify)?;
            say(&report.to_string())?;
            Ok(if report["difference"] == Value::Null { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        Command::Export(export) => say(&ask::ask_existing(&export.stored.place(), &Order::Export)?.to_string()),
    }
}

fn say(line: &str) -> Result<ExitCode, Fault> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

fn appointment(appoint: Appoint) -> Result<Appointment, Fault> {
    let mut pin = String::new();
    std::io::stdin().take(64).read_to_string(&mut pin)?;
    Ok(Appointment {
        officer: OfficerId::new(appoint.officer),
        name: appoint.name,
        site: appoint.site,
        pin_hash: central::pin::hash(pin.trim())?,
    })
}

fn site(text: &str) -> Result<SiteCode, String> {
    let fits = text.len() == 5 && text.bytes().all(|digit| digit.is_ascii_digit());
    if fits { Ok(SiteCode::new(text)) } else { Err("a site's code is five digits, such as 00004".into()) }
}

fn agency(text: &str) -> Result<AgencyCode, String> {
    Ok(AgencyCode::new(text))
}

impl From<Role> for StationRole {
    fn from(role: Role) -> Self {
        match role {
            Role::Kiosk => Self::Kiosk,
            Role::Counter => Self::Counter,
            Role::Board => Self::Board,
            Role::Agent => Self::Agent,
            Role::Hub => Self::Hub,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent_and_teaches() {
        Arguments::command().debug_assert();
        let help = Arguments::command().render_long_help().to_string();
        for word in ["serve", "invite", "appoint", "verify", "export", "/healthz", "door.json", "MOTCUA_LOG"] {
            assert!(help.contains(word), "{word}");
        }
    }
}
