//! The dock's window: a hand that holds cards and tickets before scanners, tears papers off and pulls cables.

use crate::base64;
use crate::fault::{Fault, Outcome};
use crate::webdriver::{PATIENCE, Window};
use serde::Deserialize;
use serde_json::json;

/// The cable between all stations and the centre.
pub const CENTRE_CABLE: &str = "centre";

/// The dock.
#[derive(Debug)]
pub struct Dock {
    /// Its window.
    pub window: Window,
}

/// What the dock's page shows, as far as the play needs it.
#[derive(Debug, Clone, Deserialize)]
pub struct View {
    /// Cards that can be put before scanners.
    pub cards: Vec<Card>,
    /// Scanners.
    pub scanners: Vec<Scanner>,
    /// The chip readers.
    pub readers: Vec<Reader>,
    /// Printers.
    pub printers: Vec<Printer>,
    /// Cables.
    pub cables: Vec<Cable>,
    /// What the announcer said.
    pub spoken: Vec<Phrase>,
}

/// A card.
#[derive(Debug, Clone, Deserialize)]
pub struct Card {
    /// Its id.
    pub id: String,
    /// Its holder.
    pub name: String,
    /// What is wrong with it, where something is.
    pub defect: Option<serde_json::Value>,
}

/// A scanner.
#[derive(Debug, Clone, Deserialize)]
pub struct Scanner {
    /// Its id.
    pub id: String,
    /// Whether a station holds its line open.
    pub connected: bool,
}

/// A printer.
#[derive(Debug, Clone, Deserialize)]
pub struct Printer {
    /// What came out of it.
    pub pages: Vec<Page>,
}

/// A reader for chips.
#[derive(Debug, Clone, Deserialize)]
pub struct Reader {
    /// Its id.
    pub id: String,
}

/// A page that came out.
#[derive(Debug, Clone, Deserialize)]
pub struct Page {
    /// Counts from the first.
    pub no: u64,
    /// What it shows, as a data URL.
    pub png: String,
}

/// A cable.
#[derive(Debug, Clone, Deserialize)]
pub struct Cable {
    /// Its id.
    pub id: String,
    /// Whether it is plugged in.
    pub up: bool,
}

/// What the announcer said.
#[derive(Debug, Clone, Deserialize)]
pub struct Phrase {
    /// The words.
    pub text: String,
}

impl Dock {
    /// What it shows.
    ///
    /// # Errors
    /// When the window is gone.
    pub fn view(&self) -> Outcome<View> {
        self.window.invoke("dock_view", &json!({}))
    }

    /// The id of the scanner of a station.
    ///
    /// # Errors
    /// When there is none.
    pub fn scanner_of(&self, station: &str) -> Outcome<String> {
        let found = self.view()?.scanners.into_iter().find(|scanner| scanner.id.contains(station));
        found
            .map(|scanner| scanner.id)
            .ok_or_else(|| Fault::new("the dock", format_args!("no scanner of the {station}")))
    }

    /// The cards with no defect, in the dock's order.
    ///
    /// # Errors
    /// When the window is gone.
    pub fn good_cards(&self) -> Outcome<Vec<Card>> {
        Ok(self.view()?.cards.into_iter().filter(|card| card.defect.is_none()).collect())
    }

    /// Waits until stations hold the lines of all scanners open.
    ///
    /// # Errors
    /// When they do not in time.
    pub fn wait_for_scanners(&self) -> Outcome<()> {
        self.window.wait_for("the scanners", PATIENCE, |_| {
            Ok(self.view()?.scanners.iter().all(|scanner| scanner.connected).then_some(()))
        })
    }

    /// Holds a card before a station's scanner.
    ///
    /// # Errors
    /// When the dock cannot.
    pub fn put_card(&self, card: &str, station: &str) -> Outcome<()> {
        let scanner = self.scanner_of(station)?;
        self.window.click(&format!("dock-put-{card}-{scanner}"))
    }

    /// Lays a card on a station's reader for chips.
    ///
    /// # Errors
    /// When the dock cannot.
    pub fn lay_card(&self, card: &str, station: &str) -> Outcome<()> {
        let found = self.view()?.readers.into_iter().find(|reader| reader.id.contains(station));
        let reader = found.ok_or_else(|| Fault::new("the dock", format_args!("no chip reader of the {station}")))?;
        self.window.click(&format!("dock-lay-{card}-{}", reader.id))
    }

    /// Holds a printed page before a station's scanner.
    ///
    /// # Errors
    /// When the dock cannot.
    pub fn show_page(&self, no: u64, station: &str) -> Outcome<()> {
        let scanner = self.scanner_of(station)?;
        self.window.click(&format!("dock-show-{no}-{scanner}"))
    }

    /// Every page that came out, oldest first.
    ///
    /// # Errors
    /// When the window is gone.
    pub fn pages(&self) -> Outcome<Vec<Page>> {
        let mut pages: Vec<Page> = self.view()?.printers.into_iter().flat_map(|printer| printer.pages).collect();
        pages.sort_by_key(|page| page.no);
        Ok(pages)
    }

    /// Waits until more than `before` pages came out, and gives the newest.
    ///
    /// # Errors
    /// When none comes out in time.
    pub fn wait_for_page(&self, before: usize) -> Outcome<Page> {
        self.window.wait_for("a page out of the printer", PATIENCE, |_| {
            let pages = self.pages()?;
            Ok((pages.len() > before).then(|| pages.last().cloned()).flatten())
        })
    }

    /// Pulls the cable to the centre, or plugs it in.
    ///
    /// # Errors
    /// When the dock cannot.
    pub fn set_cable(&self, up: bool) -> Outcome<()> {
        self.window.click(&format!("dock-cable-{CENTRE_CABLE}"))?;
        self.window.wait_for("the cable", PATIENCE, |_| {
            Ok(self.view()?.cables.iter().any(|cable| cable.id == CENTRE_CABLE && cable.up == up).then_some(()))
        })
    }
}

impl Page {
    /// The picture's bytes.
    ///
    /// # Errors
    /// When the dock gave something else.
    pub fn picture(&self) -> Outcome<Vec<u8>> {
        base64::data_url(&self.png)
    }
}
