//! The counter's window: an officer's keyboard.

use super::shots::Shots;
use crate::fault::{Fault, Outcome};
use crate::webdriver::{Key, PATIENCE, Window};
use serde::Deserialize;
use serde_json::json;

/// The demo account that the first screen names.
const OFFICER: &str = "demo";
/// Its PIN.
const PIN: &str = "246810";
/// More steps from one missing thing to the next than any dossier has.
const MOST_STEPS: usize = 40;

/// The counter.
#[derive(Debug)]
pub struct Counter {
    /// Its window.
    pub window: Window,
}

/// What the officer types where no card was read. Invented.
#[derive(Debug, Clone, Copy)]
pub struct Typed {
    /// Full name.
    pub name: &'static str,
    /// Twelve digits.
    pub number: &'static str,
}

/// What the counter's page shows, as far as the play needs it.
#[derive(Debug, Clone, Deserialize)]
pub struct View {
    /// Who waits, in calling order.
    pub queue: Vec<Row>,
    /// Who stands at the desk.
    pub current: Option<Current>,
    /// What has reached the centre.
    pub sync: Sync,
}

/// A ticket.
#[derive(Debug, Clone, Deserialize)]
pub struct Row {
    /// The number.
    pub number: String,
    /// Why they go first.
    pub priority: Option<String>,
    /// `network` or `paper`.
    pub came_by: String,
}

/// Who stands at the desk.
#[derive(Debug, Clone, Deserialize)]
pub struct Current {
    /// Their ticket.
    pub row: Row,
    /// The person, once the record is open.
    pub person: Option<Person>,
    /// Their dossiers.
    pub accepted: Vec<Accepted>,
}

/// The person at the desk.
#[derive(Debug, Clone, Deserialize)]
pub struct Person {
    /// The name.
    pub name: String,
    /// How well it is proved.
    pub evidence: String,
}

/// A dossier that was accepted.
#[derive(Debug, Clone, Deserialize)]
pub struct Accepted {
    /// Its code.
    pub code: String,
    /// When the result is promised.
    pub due_at: Option<f64>,
    /// The receipt's file.
    pub receipt_file: Option<String>,
    /// The national status.
    pub status: u64,
}

/// What has reached the centre.
#[derive(Debug, Clone, Deserialize)]
pub struct Sync {
    /// Whether the centre answers.
    pub online: bool,
}

impl Counter {
    /// What it shows.
    ///
    /// # Errors
    /// When the window is gone.
    pub fn view(&self) -> Outcome<View> {
        self.window.invoke("counter_view", &json!({}))
    }

    /// Signs in with the demo account.
    ///
    /// # Errors
    /// When the counter does not let the officer in.
    pub fn sign_in(&self, shots: &Shots) -> Outcome<()> {
        let officer = format!("counter-officer-{OFFICER}");
        self.window.see(&officer)?;
        shots.take(&self.window, "counter-sign-in")?;
        self.window.click(&officer)?;
        self.window.type_into("counter-pin", PIN)?;
        self.window.press(&[Key::Enter])?;
        self.window.see("counter-call-next")
    }

    /// Waits until a number waits, whether the network or its paper brought it.
    ///
    /// # Errors
    /// When it does not come in time.
    pub fn wait_for_number(&self, number: &str) -> Outcome<Row> {
        self.window.wait_for(&format!("number {number} in the queue"), PATIENCE, |_| {
            Ok(self.view()?.queue.into_iter().find(|row| row.number == number))
        })
    }

    /// Calls the next number (F2) and gives its ticket.
    ///
    /// # Errors
    /// When nobody comes.
    pub fn call_next(&self) -> Outcome<Row> {
        self.window.press(&[Key::F(2)])?;
        let row = self.window.wait_for("the called number", PATIENCE, |_| Ok(self.view()?.current.map(|it| it.row)))?;
        self.window.see("counter-intake")?;
        Ok(row)
    }

    /// Opens the record of who stands there (F8) and gives the name.
    ///
    /// # Errors
    /// When it does not open.
    pub fn open_person(&self) -> Outcome<String> {
        self.window.press(&[Key::F(8)])?;
        self.window.text("counter-person-name")
    }

    /// Reads the chip of the card on the reader (F7), and gives the holder once the chip has proved itself.
    ///
    /// # Errors
    /// When it does not in time.
    pub fn read_chip(&self) -> Outcome<String> {
        self.window.press(&[Key::F(7)])?;
        self.window.wait_for("a chip that proves itself", PATIENCE, |_| {
            let person = self.view()?.current.and_then(|current| current.person);
            Ok(person.filter(|person| person.evidence == "chip_authenticated").map(|person| person.name))
        })
    }

    /// A whole intake of who was just called and whose card was scanned, three papers and cash, by the fewest keys; gives the
    /// dossier and how many keys it took, that of the call counted and a chord as all its keys.
    ///
    /// # Errors
    /// When a key does not do what it says.
    pub fn take_in_by_keys(&self, papers: [char; 3], amount: &str) -> Outcome<(Accepted, usize)> {
        let call_and_chord = 3;
        self.open_person()?;
        self.window.press(&[Key::Enter])?;
        self.window.wait_for("the papers", PATIENCE, |_| Ok(self.focus()?.starts_with("paper-").then_some(())))?;
        papers.iter().try_for_each(|paper| self.window.press(&[Key::Char(*paper)]))?;
        self.window.press(&[Key::Enter])?;
        self.window.see("counter-accept")?;
        self.window.press(&[Key::Char('4')])?;
        self.window.wait_for("the amount", PATIENCE, |_| Ok((self.focus()? == "counter-amount").then_some(())))?;
        amount.chars().try_for_each(|digit| self.window.press(&[Key::Char(digit)]))?;
        let accepted = self.accept()?;
        let open_next_next_fee = 4;
        Ok((accepted, call_and_chord + open_next_next_fee + papers.len() + amount.len()))
    }

    /// Looks at where the citizen could be sent on to (Shift+F2), and sends them nowhere.
    ///
    /// # Errors
    /// When the page does not open or close.
    pub fn look_where_to_send(&self, shots: &Shots) -> Outcome<()> {
        self.window.press(&[Key::Shift, Key::F(2)])?;
        self.window.see("counter-transfer-page")?;
        shots.take(&self.window, "counter-transfer")?;
        self.window.press(&[Key::Escape])?;
        self.window.see("counter-intake")
    }

    /// Fills in what is missing, by keyboard alone: Enter leads from one missing thing to the next.
    ///
    /// # Errors
    /// When Enter leads nowhere, or nothing is known that could be filled in.
    pub fn fill_in(&self, typed: Option<Typed>, shots: &Shots) -> Outcome<()> {
        for _ in 0..MOST_STEPS {
            self.window.press(&[Key::Enter])?;
            let place = self.focus()?;
            let typed = || {
                typed.ok_or_else(|| Fault::new("the intake", format_args!("{place} is empty, though a card was read")))
            };
            match place.as_str() {
                "counter-section-5" => {
                    shots.take(&self.window, "counter-review")?;
                    return Ok(());
                }
                "applicant-name" => self.window.type_into(&place, typed()?.name)?,
                "applicant-number" => self.window.type_into(&place, typed()?.number)?,
                "counter-pages" => self.window.type_into(&place, "2")?,
                paper if paper.starts_with("paper-") => {
                    self.window.press(&[Key::Space])?;
                    shots.take(&self.window, "counter-papers")?;
                }
                elsewhere => return Err(Fault::new("the intake", format_args!("Enter led to {elsewhere:?}"))),
            }
        }
        Err(Fault::new("the intake", "something stays missing"))
    }

    /// Accepts the dossier (Ctrl+Enter) and gives what the citizen is told.
    ///
    /// # Errors
    /// When it is not accepted.
    pub fn accept(&self) -> Outcome<Accepted> {
        let before = self.accepted()?.len();
        self.window.press(&[Key::Control, Key::Enter])?;
        self.window.see("counter-accepted")?;
        let accepted = self.window.wait_for("the dossier", PATIENCE, |_| {
            let accepted = self.accepted()?;
            Ok((accepted.len() > before).then(|| accepted.last().cloned()).flatten())
        })?;
        if accepted.receipt_file.is_some() {
            self.window.see("counter-receipt")?;
        }
        let shown = self.window.text("counter-code")?;
        if shown == accepted.code {
            Ok(accepted)
        } else {
            Err(Fault::new("the accepted dossier", format_args!("shows {shown}")))
        }
    }

    /// Hands the result of an instant procedure over (F10).
    ///
    /// # Errors
    /// When it is not returned.
    pub fn return_result(&self) -> Outcome<()> {
        self.window.see("counter-return")?;
        self.window.press(&[Key::F(10)])?;
        self.window.wait_for("the result to be returned", PATIENCE, |window| {
            Ok((!window.shows("counter-return")?).then_some(()))
        })?;
        let status = self.accepted()?.last().map_or(0, |accepted| accepted.status);
        if status == 10 { Ok(()) } else { Err(Fault::new("the returned result", format_args!("has status {status}"))) }
    }

    /// Ends the visit (F9).
    ///
    /// # Errors
    /// When it does not end.
    pub fn close(&self) -> Outcome<()> {
        self.window.press(&[Key::F(9)])?;
        // The page is asked, not the station: it takes the next key only when it has heard the answer.
        self.window.see("counter-call-next-large")?;
        match self.view()?.current {
            None => Ok(()),
            Some(current) => {
                Err(Fault::new("the visit that was closed", format_args!("{} still stands there", current.row.number)))
            }
        }
    }

    /// Finds a dossier among all (F5), opens it, looks at what could be asked for, takes a transfer and looks at the till.
    ///
    /// # Errors
    /// When it is not found, or a page does not come.
    pub fn work_on(&self, code: &str, shots: &Shots) -> Outcome<()> {
        self.window.press(&[Key::F(5)])?;
        self.window.see("dossiers-count")?;
        shots.take(&self.window, "counter-dossiers")?;
        self.window.type_into("dossier-search", code)?;
        self.window.press(&[Key::Enter])?;
        self.window.click(&format!("dossier-{code}"))?;
        self.window.see("dossier-status")?;
        shots.take(&self.window, "counter-dossier")?;
        self.window.press(&[Key::Char('0')])?;
        self.window.see("amend-reason")?;
        shots.take(&self.window, "counter-dossier-amend")?;
        self.window.press(&[Key::Escape])?;
        self.window.click("order-ask_papers")?;
        self.window.see("order-lacks")?;
        shots.take(&self.window, "counter-dossier-papers")?;
        self.window.click("order-cancel")?;
        self.window.type_into("money-amount", "15000")?;
        self.window.click("money-transfer")?;
        self.window.see("payment-qr")?;
        shots.take(&self.window, "counter-dossier-money")?;
        self.window.click("payment-confirm")?;
        self.window.see("payment-refund")?;
        // The way back is a key: the button may have scrolled out of sight.
        self.window.press(&[Key::Escape])?;
        self.window.see("counter-till")?;
        shots.take(&self.window, "counter-till")?;
        self.window.press(&[Key::F(5)])?;
        self.window.see("counter-call-next-large")?;
        self.window.press(&[Key::F(5)])?;
        self.window.click("book-write")?;
        self.window.see("book-written")?;
        shots.take(&self.window, "counter-book")?;
        self.window.press(&[Key::F(5)])?;
        self.window.see("counter-call-next-large")?;
        self.window.press(&[Key::Shift, Key::F(4)])?;
        self.window.see("counter-pause-page")?;
        shots.take(&self.window, "counter-pause")?;
        self.window.press(&[Key::Escape])?;
        self.window.see("counter-call-next-large")
    }

    /// Waits until the counter knows whether the centre answers.
    ///
    /// # Errors
    /// When it does not notice in time.
    pub fn wait_for_network(&self, online: bool) -> Outcome<()> {
        self.window.wait_for(if online { "the network" } else { "the cut" }, PATIENCE * 3, |_| {
            Ok((self.view()?.sync.online == online).then_some(()))
        })
    }

    fn accepted(&self) -> Outcome<Vec<Accepted>> {
        Ok(self.view()?.current.map_or_else(Vec::new, |current| current.accepted))
    }

    /// Where the officer writes now, once the page has moved the focus.
    fn focus(&self) -> Outcome<String> {
        let settled = "const done = arguments[arguments.length - 1]; \
             setTimeout(() => requestAnimationFrame(() => done(document.activeElement?.dataset.testid ?? '')))";
        self.window.run_async(settled, &[])
    }
}
