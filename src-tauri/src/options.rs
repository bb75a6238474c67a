//! The command line.

use clap::{Parser, Subcommand, ValueEnum};
use station::api::Role;
use station::demo::Lines;
use std::path::PathBuf;

/// Một Cửa, the one-stop door: a kiosk, a counter, the board on the wall, and the dock that plays the hardware of a demo.
#[derive(Parser)]
#[command(version, after_help = GUIDE, subcommand_negates_reqs = true)]
pub struct Options {
    #[command(subcommand)]
    pub order: Option<Order>,
    /// Which window to open.
    #[arg(long, value_enum)]
    pub role: Option<RoleName>,
    /// The station's folder; its file station.toml says what the station is. One window a folder.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
}

const GUIDE: &str = "\
Try it, with nothing to configure:
  motcua demo

A station for real has a folder with a station.toml:
  motcua --role kiosk --data /srv/motcua/kiosk-1

station.toml (everything that a kiosk needs):
  [station]
  role = \"kiosk\"
  label = \"K1\"
  name = \"Kiốt 1\"
  site = \"00004\"
  site_name = { vi = \"…\", en = \"…\" }
  parent_name = { vi = \"…\", en = \"…\" }
  agency = \"H26.112.00\"
  prefix = \"A\"
  zone = { vi = \"Khu A\", en = \"Zone A\" }
  place = \"Hà Nội\"
  hotline = \"1022\"
  [centre]
  url = \"http://192.0.2.1:8600\"
  token_file = \"invitation\"        # made by: motcua-central invite …
  [[device]]
  id = \"printer\"
  kind = \"ticket_printer\"          # card_scanner, board, announcer
  address = \"serial:/dev/ttyUSB0?baud=115200\"
  profile = \"generic-80mm\"

MOTCUA_LOG sets what is logged to standard error, such as MOTCUA_LOG=info.";

/// What else the program can do.
#[derive(Subcommand)]
pub enum Order {
    /// Open a whole demo centre on this machine: the central service, a kiosk, a counter, the board and the dock.
    Demo {
        /// Where its folders are; records stay there from one demo to the next.
        #[arg(long, value_name = "DIR", default_value = "target/demo")]
        data: PathBuf,
    },
    /// Write the folders of a demo centre, start nothing, and print how each part is started (JSON).
    PrepareDemo {
        /// Where its folders are.
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
        /// How devices are connected.
        #[arg(long, value_enum, default_value = "tcp")]
        lines: LinesName,
    },
    /// Check a station's store: every chain, every signature, the views rebuilt and compared.
    Verify {
        /// The station's folder.
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
    },
    Due(crate::due::DueArgs),
    /// Say which procedure each line on standard input asks for, in a citizen's own words; see docs/finder.md.
    Find {
        /// Answer in JSON, a line each.
        #[arg(long)]
        json: bool,
        /// Count how well these questions are answered instead (JSON Lines).
        #[arg(long, value_name = "QUESTIONS", conflicts_with = "json")]
        check: Option<PathBuf>,
        /// What people call the procedures; without it, what is shipped.
        #[arg(long, value_name = "FILE")]
        data: Option<PathBuf>,
    },
    /// Write the typed bindings of the commands for the pages.
    #[command(hide = true)]
    Bindings {
        /// The TypeScript file.
        file: PathBuf,
    },
}

#[derive(Clone, Copy, ValueEnum)]
pub enum RoleName {
    Kiosk,
    Counter,
    Board,
    Dock,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Role {
        match name {
            RoleName::Kiosk => Role::Kiosk,
            RoleName::Counter => Role::Counter,
            RoleName::Board => Role::Board,
            RoleName::Dock => Role::Dock,
        }
    }
}

#[derive(Clone, Copy, ValueEnum)]
pub enum LinesName {
    /// TCP on this machine.
    Tcp,
    /// Ptys, as serial lines.
    Serial,
}

impl From<LinesName> for Lines {
    fn from(name: LinesName) -> Lines {
        match name {
            LinesName::Tcp => Lines::Tcp,
            LinesName::Serial => Lines::Serial,
        }
    }
}
