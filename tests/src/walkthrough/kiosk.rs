//! The kiosk's window: a citizen's fingers.

use super::dock::Dock;
use super::shots::Shots;
use crate::fault::{Fault, Outcome};
use crate::webdriver::{PATIENCE, Window};
use serde::Deserialize;
use serde_json::json;

/// The kiosk.
#[derive(Debug)]
pub struct Kiosk {
    /// Its window.
    pub window: Window,
}

/// What a citizen wants, and what they have with them.
#[derive(Debug, Clone)]
pub struct Wish<'a> {
    /// The procedure's national code.
    pub procedure: &'a str,
    /// The id of the card that they hold before the scanner.
    pub card: Option<&'a str>,
    /// The reason to go first that they touch.
    pub priority: Option<&'a str>,
}

#[derive(Deserialize)]
struct Tile {
    code: String,
    field: String,
}

impl Kiosk {
    /// Waits until a number can be taken.
    ///
    /// # Errors
    /// When the kiosk does not open in time.
    pub fn wait_until_open(&self) -> Outcome<()> {
        self.window.wait_for("the kiosk to open", PATIENCE, |window| {
            let can: bool = window.run(
                "const e = document.querySelector('[data-testid=kiosk-take-number]'); return e !== null && !e.disabled",
                &[],
            )?;
            Ok(can.then_some(()))
        })
    }

    /// Takes a number as a citizen does, from the first screen back to it; gives the number.
    ///
    /// # Errors
    /// When a screen does not come, or no paper does.
    pub fn take_number(&self, wish: &Wish, dock: &Dock, shots: &Shots) -> Outcome<String> {
        let window = &self.window;
        self.wait_until_open()?;
        shots.take(window, "kiosk-home")?;
        window.click("kiosk-take-number")?;
        window.see("kiosk-no-card")?;
        shots.take(window, "kiosk-card")?;
        match wish.card {
            Some(card) => {
                dock.put_card(card, "kiosk")?;
                window.see("kiosk-card-name")?;
            }
            None => window.click("kiosk-no-card")?,
        }
        let field = self.field_of(wish.procedure)?;
        window.wait_for("the fields", PATIENCE, |window| Ok(window.shows_any("kiosk-field-")?.then_some(())))?;
        shots.take(window, "kiosk-fields")?;
        self.click_on_pages(&format!("kiosk-field-{field}"))?;
        window
            .wait_for("the procedures", PATIENCE, |window| Ok(window.shows_any("kiosk-procedure-")?.then_some(())))?;
        shots.take(window, "kiosk-procedures")?;
        self.click_on_pages(&format!("kiosk-procedure-{}", wish.procedure))?;
        window.see("kiosk-confirm")?;
        if let Some(priority) = wish.priority {
            window.click(&format!("kiosk-priority-{priority}"))?;
        }
        shots.take(window, "kiosk-confirm")?;
        window.click("kiosk-confirm")?;
        window.see("kiosk-number")?;
        shots.take(window, "kiosk-printing")?;
        let paper: String = window.wait_for("the paper", PATIENCE, |window| {
            let paper: String =
                window.run("return document.querySelector('[data-testid=kiosk-done]').dataset.paper", &[])?;
            Ok((paper != "printing").then_some(paper))
        })?;
        shots.take(window, "kiosk-done")?;
        let number = window.text("kiosk-number")?;
        if paper != "confirmed" && paper != "sent" {
            return Err(Fault::new(format_args!("the paper of {number}"), paper));
        }
        window.click("kiosk-finish")?;
        window.see("kiosk-take-number")?;
        Ok(number)
    }

    /// Looks a dossier up as a citizen does; gives what the screen says of its state.
    ///
    /// # Errors
    /// When the kiosk does not find it.
    pub fn look_up(&self, code: &str, shots: &Shots) -> Outcome<String> {
        let window = &self.window;
        self.ask_for(code)?;
        shots.take(window, "kiosk-code")?;
        window.click("kiosk-find")?;
        window.see("kiosk-state")?;
        shots.take(window, "kiosk-state")?;
        if window.text("kiosk-state-code")? != code {
            return Err(Fault::new("the look-up", "shows another code"));
        }
        let state = window.text("kiosk-state")?;
        window.click("kiosk-finish")?;
        window.see("kiosk-take-number")?;
        Ok(state)
    }

    /// Looks a dossier up while no network is there: the kiosk says so, and nothing else breaks.
    ///
    /// # Errors
    /// When the kiosk says something else.
    pub fn look_up_in_vain(&self, code: &str, shots: &Shots) -> Outcome<()> {
        let window = &self.window;
        self.ask_for(code)?;
        window.click("kiosk-find")?;
        window.see("kiosk-problem")?;
        shots.take(window, "kiosk-offline")?;
        let problem = window.text("problem-code")?;
        window.click("kiosk-home")?;
        window.see("kiosk-take-number")?;
        if problem == "NET-CENTRE-DOWN" { Ok(()) } else { Err(Fault::new("the look-up without a network", problem)) }
    }

    fn ask_for(&self, code: &str) -> Outcome<()> {
        self.window.click("kiosk-look-up")?;
        self.window.see("kiosk-code-entry")?;
        code.to_lowercase().chars().try_for_each(|key| self.window.click(&format!("key-{key}")))
    }

    /// The field under which a procedure stands.
    fn field_of(&self, procedure: &str) -> Outcome<String> {
        let tiles: Vec<Tile> = self.window.invoke("kiosk_procedures", &json!({ "field": null, "words": procedure }))?;
        let tiles = if tiles.iter().any(|tile| tile.code == procedure) {
            tiles
        } else {
            self.window.invoke("kiosk_procedures", &json!({ "field": null, "words": null }))?
        };
        let found = tiles.into_iter().find(|tile| tile.code == procedure);
        found.map(|tile| tile.field).ok_or_else(|| Fault::new("the kiosk", format_args!("does not offer {procedure}")))
    }

    /// Touches a tile, turning pages until it is there.
    fn click_on_pages(&self, testid: &str) -> Outcome<()> {
        for _ in 0..20 {
            if self.window.shows(testid)? {
                return self.window.click(testid);
            }
            if !self.window.shows("kiosk-page-next")? {
                break;
            }
            self.window.click("kiosk-page-next")?;
        }
        Err(Fault::new("the kiosk", format_args!("no page has {testid}")))
    }
}
