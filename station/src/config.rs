//! The station's file, `station.toml`: what this station is, where its centre is, and which devices it has.

use crate::api::{Problem, Role, Text};
use crate::attachments::Attachments;
use crate::limits::Limits;
use hardware::roster;
use hardware::{Address, DeviceEntry, RosterError};
use intake::ids::{AgencyCode, Desk, SiteCode};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// The name of the file in a station's folder.
pub const FILE: &str = "station.toml";

/// A station's file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// What the station is.
    pub station: StationPart,
    /// Where the centre is; without it, the station stands alone and shows what reaches it by other ways.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub centre: Option<CentrePart>,
    /// The site's hubs, where it has any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hub: Option<HubPart>,
    /// The account to which fees are transferred; without it, no code for a transfer is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<intake::vietqr::Account>,
    /// Its devices.
    #[serde(default, rename = "device", skip_serializing_if = "Vec::is_empty")]
    pub devices: Vec<DeviceEntry>,
    /// How long it may live apart before nothing new is begun.
    #[serde(default, skip_serializing_if = "Limits::is_default")]
    pub limits: Limits,
    /// How much of the line scans may take.
    #[serde(default, skip_serializing_if = "Attachments::is_default")]
    pub attachments: Attachments,
    /// What the dock plays, on a station that is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dock: Option<DockPart>,
}

/// What a station is.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StationPart {
    /// Its role.
    pub role: RoleName,
    /// A short label of one to four capital letters and digits; it stands in temporary dossier codes.
    pub label: String,
    /// Its name, as people read it.
    pub name: String,
    /// The commune or ward in which it stands.
    pub site: SiteCode,
    /// The centre's name.
    pub site_name: TextPart,
    /// Above it on forms.
    pub parent_name: TextPart,
    /// The authority whose dossier codes it draws.
    pub agency: AgencyCode,
    /// A kiosk's own letters.
    #[serde(default)]
    pub prefix: String,
    /// A counter's desk.
    #[serde(default = "no_desk")]
    pub desk: Desk,
    /// The letters that this desk calls; empty: all.
    #[serde(default)]
    pub calls: Vec<String>,
    /// Where people wait.
    pub zone: TextPart,
    /// The place before the date on forms, such as `Hà Nội`.
    pub place: String,
    /// Whom to call, such as `1022`.
    pub hotline: String,
    /// How many CSS pixels a millimetre of this screen has.
    #[serde(default = "px_per_mm")]
    pub px_per_mm: f64,
    /// A demo: invented people, accounts that are no secret.
    #[serde(default)]
    pub demo: bool,
}

/// Where the centre is.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CentrePart {
    /// Its address, such as `http://192.0.2.1:7400`.
    pub url: String,
    /// The file with the one-time token; read once, at the first start.
    #[serde(default)]
    pub token_file: Option<PathBuf>,
}

/// Where the site's hubs are.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HubPart {
    /// Their addresses: the one that leads, and those that stand by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub urls: Vec<String>,
    /// Whether they are looked for on the network too; unless said, where none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<bool>,
}

impl HubPart {
    /// Whether hubs are looked for on the network.
    pub fn searches(&self) -> bool {
        self.search.unwrap_or(self.urls.is_empty())
    }
}

/// What a dock plays.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DockPart {
    /// The ticket printer's far side.
    pub printer: Address,
    /// The scanners' far sides, by id.
    pub scanners: Vec<DockScannerPart>,
    /// The chip readers' far sides, by id.
    #[serde(default)]
    pub readers: Vec<DockScannerPart>,
    /// The cable between all stations and the centre: where they connect, and where the centre really is.
    pub cable_from: String,
    /// The centre's real address (`host:port`).
    pub cable_to: String,
    /// The counter's folder, whose receipts and phrases are shown.
    pub counter: PathBuf,
    /// The folder into which pages are put as they come out.
    pub pages: PathBuf,
}

/// A scanner, or a reader for chips, that a dock plays.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DockScannerPart {
    /// Its id.
    pub id: String,
    /// Its name.
    pub label: TextPart,
    /// Its far side.
    pub address: Address,
}

/// A text in both languages.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextPart {
    /// Vietnamese.
    pub vi: String,
    /// English.
    pub en: String,
}

impl TextPart {
    /// As the pages get it.
    pub fn text(&self) -> Text {
        Text::both(&self.vi, &self.en)
    }
}

/// A role's name in the file.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoleName {
    /// The kiosk in the hall.
    Kiosk,
    /// An officer's counter.
    Counter,
    /// The board on the wall.
    Board,
    /// The dock.
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

fn no_desk() -> Desk {
    Desk::new("")
}

fn px_per_mm() -> f64 {
    96.0 / 25.4
}

impl Config {
    /// Reads the file in a station's folder.
    ///
    /// # Errors
    /// `CONFIG-FAULT` with the file's place and, where the text is at fault, the line and what to write instead.
    pub fn read(folder: &Path) -> Result<Self, Problem> {
        let path = folder.join(FILE);
        let fault = |why: String| Problem::new("CONFIG-FAULT").with("file", path.display()).with("why", why);
        let text = std::fs::read_to_string(&path).map_err(|error| fault(error.to_string()))?;
        // Devices first: their mistakes are told better one by one than by the whole file's shape.
        roster::read(&text).map_err(|error| fault(error.to_string()))?;
        let config: Config =
            toml::from_str(&text).map_err(|error| fault(roster::of_toml(&text, &error).to_string()))?;
        config.check(&text).map_err(|error| fault(error.to_string()))?;
        Ok(config)
    }

    /// Writes the file into a station's folder.
    ///
    /// # Errors
    /// `CONFIG-FAULT` when it cannot be written.
    pub fn write(&self, folder: &Path) -> Result<(), Problem> {
        let path = folder.join(FILE);
        let fault = |why: String| Problem::new("CONFIG-FAULT").with("file", path.display()).with("why", why);
        let text = toml::to_string_pretty(self).map_err(|error| fault(error.to_string()))?;
        std::fs::write(&path, text).map_err(|error| fault(error.to_string()))
    }

    fn check(&self, text: &str) -> Result<(), RosterError> {
        self.attachments.check(text)?;
        let line = 1 + text.lines().take_while(|line| line.trim() != "[station]").count();
        let mistake = |what: &str, remedy: &str| RosterError { line, what: what.into(), remedy: remedy.into() };
        let prefix = &self.station.prefix;
        let kiosk = self.station.role == RoleName::Kiosk;
        if kiosk && (prefix.is_empty() || !prefix.chars().all(|letter| letter.is_ascii_uppercase())) {
            let remedy = "Write prefix = \"A\": one or more capital letters that no other kiosk of the site has";
            return Err(mistake("a kiosk needs `prefix`", remedy));
        }
        if self.station.role == RoleName::Counter && self.station.desk.as_str().is_empty() {
            return Err(mistake("a counter needs `desk`", "Write desk = \"1\": the number over the desk"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIOSK: &str = r#"
        [station]
        role = "kiosk"
        label = "K1"
        name = "Kiốt 1"
        site = "00004"
        site_name = { vi = "Ba Đình", en = "Ba Dinh" }
        parent_name = { vi = "Hà Nội", en = "Hanoi" }
        agency = "H26.112.00"
        prefix = "A"
        zone = { vi = "Khu A", en = "Zone A" }
        place = "Hà Nội"
        hotline = "1022"

        [[device]]
        id = "printer"
        kind = "ticket_printer"
        address = "tcp:127.0.0.1:9100"
        profile = "generic-80mm"
    "#;

    fn read(text: &str) -> Result<Config, Problem> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE), text).unwrap();
        Config::read(folder.path())
    }

    #[test]
    fn a_kiosk_is_read() {
        let config = read(KIOSK).unwrap();
        assert_eq!(config.station.prefix, "A");
        assert_eq!(config.devices.len(), 1);
    }

    #[test]
    fn a_fault_names_the_line_or_the_remedy() {
        let typo = read(&KIOSK.replace("prefix", "prefxi")).unwrap_err();
        assert_eq!(typo.code, "CONFIG-FAULT");
        assert!(typo.params["why"].contains("prefxi"), "{typo}");
        let missing = read(&KIOSK.replace("prefix = \"A\"", "")).unwrap_err();
        assert!(missing.params["why"].starts_with("line 2: a kiosk needs `prefix`"), "{missing}");
        assert!(missing.params["why"].contains("capital letters"), "{missing}");
        let hours = KIOSK
            .replace("[[device]]", "[attachments]\n        hours = [{ from = 8, to = 8, mb = 1 }]\n        [[device]]");
        let none = read(&hours).unwrap_err();
        assert!(none.params["why"].starts_with("line 16: the hours from 8 to 8"), "{none}");
        let far = read(&KIOSK.replace("tcp:127.0.0.1:9100", "lpt:1")).unwrap_err();
        assert!(far.params["why"].starts_with("line 18: `lpt:1` does not begin with"), "{far}");
    }
}
