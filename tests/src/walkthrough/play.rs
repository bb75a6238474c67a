//! The script: who comes, what they want, when the cable is pulled and the power goes.

use super::collect;
use super::counter::{Accepted, Counter, Row, Typed};
use super::dock::{Dock, Page};
use super::kiosk::{Kiosk, Wish};
use super::report::{Citizen, Report};
use super::shots::Shots;
use super::stage::{Programs, Role, Stage};
use crate::checker;
use crate::fault::{Fault, Outcome, wait_for};
use crate::vietnam::Civil;
use crate::webdriver::{PATIENCE, Window};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Xác nhận tình trạng hôn nhân: three working days.
const MARITAL_STATUS: &str = "1.004873";
/// Chứng thực bản sao từ bản chính: done at once.
const CERTIFIED_COPY: &str = "2.000815";

/// Somebody who comes while every network is down.
struct Guest {
    who: &'static str,
    /// Which of the dock's good cards they hold.
    card: Option<usize>,
    /// The reason to go first that they touch.
    priority: Option<&'static str>,
    /// What the officer types, where no card was read.
    typed: Option<Typed>,
    /// Whether the counter's power goes while they stand at the desk.
    power_goes: bool,
}

/// Đăng ký thành lập hộ kinh doanh: four papers that may be asked for, and a fee that no source gives.
const BUSINESS: &str = "1.001612";

const GUESTS: [Guest; 3] = [
    Guest { who: "with a card", card: Some(2), priority: None, typed: None, power_goes: true },
    Guest { who: "elderly, with a card", card: Some(1), priority: None, typed: None, power_goes: false },
    Guest {
        who: "pregnant, without a card",
        card: None,
        priority: Some("pregnant"),
        typed: Some(Typed { name: "Trần Thị Thử", number: "001190000456" }),
        power_goes: false,
    },
];

/// All windows, with what they are for.
struct Hall {
    stage: Stage,
    dock: Dock,
    kiosk: Kiosk,
    counter: Counter,
    board: Window,
    shots: Shots,
    /// A picture of each page as it came out, by the number on it.
    pages: Vec<(String, Page)>,
}

/// Plays the job and fills the report.
pub fn play(programs: &Programs, out: &Path, report: &mut Report) -> Outcome<()> {
    let mut hall = report.step("open", || Hall::open(programs, out))?;
    online(&mut hall, report)?;
    offline(&mut hall, report)?;
    online_again(&mut hall, report)?;
    leave_behind(hall, out, report)
}

impl Hall {
    fn open(programs: &Programs, out: &Path) -> Outcome<Self> {
        let stage = Stage::set(programs.clone(), &out.join("demo"))?;
        let shots = Shots::new(&out.join("screens"))?;
        let dock = Dock { window: stage.open(Role::Dock)? };
        let kiosk = Kiosk { window: stage.open(Role::Kiosk)? };
        let counter = Counter { window: stage.open(Role::Counter)? };
        let board = stage.open(Role::Board)?;
        dock.wait_for_scanners()?;
        kiosk.wait_until_open()?;
        Ok(Self { stage, dock, kiosk, counter, board, shots, pages: vec![] })
    }

    /// A citizen takes a number, and the paper comes out.
    fn take_number(&mut self, wish: &Wish) -> Outcome<String> {
        let before = self.dock.pages()?.len();
        let number = self.kiosk.take_number(wish, &self.dock, &self.shots)?;
        let page = self.dock.wait_for_page(before)?;
        self.pages.push((number.clone(), page));
        Ok(number)
    }

    /// The board shows the called number with its desk, and the announcer says it.
    fn see_call(&self, number: &str) -> Outcome<()> {
        self.board.wait_for(&format!("{number} on the board"), PATIENCE, |board| {
            let shown: Vec<String> = board.run(
                "return [...document.querySelectorAll('[data-testid=board-number]')].map(e => e.innerText.trim())",
                &[],
            )?;
            Ok(shown.iter().any(|it| it == number).then_some(()))
        })?;
        if self.board.text("board-desk")?.is_empty() {
            return Err(Fault::new("the board", "names no desk"));
        }
        let words = spelled(number);
        self.dock.window.wait_for("the announcer", PATIENCE, |_| {
            let said = self.dock.view()?.spoken.iter().any(|phrase| phrase.text.contains(&words));
            Ok(said.then_some(()))
        })
    }

    /// Calls the next number and sees it called.
    fn call(&self) -> Outcome<Row> {
        let row = self.counter.call_next()?;
        self.see_call(&row.number)?;
        Ok(row)
    }

    fn card(&self, index: usize) -> Outcome<super::dock::Card> {
        let cards = self.dock.good_cards()?;
        cards
            .get(index)
            .cloned()
            .ok_or_else(|| Fault::new("the dock", format_args!("has only {} good cards", cards.len())))
    }
}

/// The first citizen's dossier and the second's instant one.
fn online(hall: &mut Hall, report: &mut Report) -> Outcome<()> {
    report.step("sign_in", || hall.counter.sign_in(&hall.shots))?;
    hall.shots.take(&hall.counter.window, "counter-waiting")?;
    let card = hall.card(0)?;
    let wish = Wish { procedure: MARITAL_STATUS, card: Some(&card.id), priority: None };
    let number = report.step("online_take_number", || hall.take_number(&wish))?;
    report.ticket_number.clone_from(&number);
    hall.shots.take(&hall.dock.window, "dock")?;
    report.step("online_reaches_counter", || hall.counter.wait_for_number(&number))?;
    hall.shots.take(&hall.counter.window, "counter-queue")?;
    report.step("online_call", || hall.call().and_then(|row| same(&number, &row.number)))?;
    hall.shots.take(&hall.counter.window, "counter-called")?;
    hall.shots.take(&hall.board, "board")?;
    let name = report.step("online_open_person", || hall.counter.open_person())?;
    same(&card.name, &name)?;
    hall.shots.take(&hall.counter.window, "counter-person")?;
    hall.dock.lay_card(&card.id, "counter")?;
    let holder = report.step("online_read_chip", || hall.counter.read_chip())?;
    same(&card.name, &holder)?;
    hall.counter.window.see("counter-person-photo")?;
    hall.shots.take(&hall.counter.window, "counter-chip")?;
    report.step("online_fill_in", || hall.counter.fill_in(None, &hall.shots))?;
    let accepted = report.step("online_accept", || hall.counter.accept())?;
    hall.shots.take(&hall.counter.window, "counter-accepted")?;
    report.dossier_code.clone_from(&accepted.code);
    report.due_at = accepted.due_iso().unwrap_or_default();
    report.citizens.push(citizen("with a card, online", MARITAL_STATUS, false, &number, &accepted));
    report.step("online_close", || hall.counter.close())?;
    report.step("online_work", || hall.counter.work_on(&accepted.code, &hall.shots))?;
    by_keys(hall, report)?;
    instant(hall, report)
}

/// A dossier of three papers and cash, by as few keys as can be.
fn by_keys(hall: &mut Hall, report: &mut Report) -> Outcome<()> {
    let card = hall.card(0)?;
    let wish = Wish { procedure: BUSINESS, card: Some(&card.id), priority: None };
    let number = report.step("keys_take_number", || hall.take_number(&wish))?;
    hall.counter.wait_for_number(&number)?;
    report.step("keys_call", || hall.call().and_then(|row| same(&number, &row.number)))?;
    let (accepted, keys) = report.step("keys_take_in", || hall.counter.take_in_by_keys(['1', '2', '4'], "100000"))?;
    report.keys_of_an_intake = keys;
    hall.shots.take(&hall.counter.window, "counter-accepted-by-keys")?;
    report.citizens.push(citizen("three papers and cash, by keys", BUSINESS, false, &number, &accepted));
    report.step("keys_close", || hall.counter.close())
}

/// Certified copies: done at the desk, no slip, the result handed over.
fn instant(hall: &mut Hall, report: &mut Report) -> Outcome<()> {
    let wish = Wish { procedure: CERTIFIED_COPY, card: None, priority: None };
    let number = report.step("instant_take_number", || hall.take_number(&wish))?;
    hall.counter.wait_for_number(&number)?;
    report.step("instant_call", || hall.call().and_then(|row| same(&number, &row.number)))?;
    report.step("instant_look_where_to_send", || hall.counter.look_where_to_send(&hall.shots))?;
    let typed = Typed { name: "Phạm Thị Mẫu", number: "001190000321" };
    report.step("instant_fill_in", || hall.counter.fill_in(Some(typed), &hall.shots))?;
    let accepted = report.step("instant_accept", || hall.counter.accept())?;
    if accepted.receipt_file.is_some() {
        return Err(Fault::new("an instant procedure", "gave a slip that nobody asked for"));
    }
    report.step("instant_return", || hall.counter.return_result())?;
    hall.shots.take(&hall.counter.window, "counter-returned")?;
    report.citizens.push(citizen("instant procedure, online", CERTIFIED_COPY, false, &number, &accepted));
    report.step("instant_close", || hall.counter.close())
}

/// Three citizens with every network down; the power of the counter goes while one of them is served.
fn offline(hall: &mut Hall, report: &mut Report) -> Outcome<()> {
    report.step("cut", || hall.dock.set_cable(false))?;
    let cut = Instant::now();
    report.step("cut_is_noticed", || hall.counter.wait_for_network(false))?;
    let code = report.dossier_code.clone();
    report.step("offline_look_up_says_so", || hall.kiosk.look_up_in_vain(&code, &hall.shots))?;
    let mut waiting = Vec::new();
    for (index, guest) in GUESTS.iter().enumerate() {
        let card = guest.card.map(|index| hall.card(index)).transpose()?;
        let card_id = card.as_ref().map(|card| card.id.as_str());
        let wish = Wish { procedure: MARITAL_STATUS, card: card_id, priority: guest.priority };
        let number = report.step(&format!("offline_{}_take_number", index + 1), || hall.take_number(&wish))?;
        waiting.push(Waiting { number, guest, name: card.map(|card| card.name) });
    }
    hall.shots.take(&hall.dock.window, "dock-offline")?;
    for (index, citizen) in waiting.iter().enumerate() {
        report.step(&format!("offline_{}_admit_from_paper", index + 1), || admit(hall, &citizen.number))?;
    }
    hall.shots.take(&hall.counter.window, "counter-offline")?;
    for index in 0..waiting.len() {
        serve_offline(hall, report, index, &waiting)?;
    }
    report.offline_minutes = cut.elapsed().as_secs_f64() / 60.0;
    Ok(())
}

/// Somebody in the hall while the networks are down.
struct Waiting {
    number: String,
    guest: &'static Guest,
    /// The name on their card.
    name: Option<String>,
}

/// The counter learns of a number from its paper alone.
fn admit(hall: &Hall, number: &str) -> Outcome<()> {
    let page = hall.pages.iter().find(|(known, _)| known == number).map(|(_, page)| page.no);
    let page = page.ok_or_else(|| Fault::new("the dock", format_args!("no page of {number}")))?;
    hall.dock.show_page(page, "counter")?;
    same("paper", &hall.counter.wait_for_number(number)?.came_by)
}

fn serve_offline(hall: &mut Hall, report: &mut Report, index: usize, waiting: &[Waiting]) -> Outcome<()> {
    let step = |what: &str| format!("offline_{}_{what}", index + 1);
    let row = report.step(&step("call"), || hall.call())?;
    let citizen_at_desk = waiting.iter().find(|citizen| citizen.number == row.number);
    let at_desk = citizen_at_desk.ok_or_else(|| Fault::new("the counter", format_args!("called {}", row.number)))?;
    if index == 0 && row.priority.is_none() {
        return Err(Fault::new("the counter", "did not call first who goes first"));
    }
    if at_desk.guest.power_goes {
        report.step(&step("kill_counter"), || hall.kill_counter(&row.number))?;
        report.kills += 1;
    }
    if let Some(name) = &at_desk.name {
        let seen = report.step(&step("open_person"), || hall.counter.open_person())?;
        same(name, &seen)?;
    }
    report.step(&step("fill_in"), || hall.counter.fill_in(at_desk.guest.typed, &hall.shots))?;
    let accepted = report.step(&step("accept"), || hall.counter.accept())?;
    if accepted.receipt_file.is_none() {
        return Err(Fault::new("an offline dossier", "has no receipt"));
    }
    hall.shots.take(&hall.counter.window, "counter-accepted-offline")?;
    report.citizens.push(citizen(at_desk.guest.who, MARITAL_STATUS, true, &row.number, &accepted));
    report.step(&step("close"), || hall.counter.close())
}

impl Hall {
    /// The counter's power goes between ticket and acceptance, and comes back; the same citizen stands there.
    fn kill_counter(&mut self, number: &str) -> Outcome<()> {
        // The window of the killed app is dropped with it; until the next one is open there is none.
        self.counter.window.kill_app()?;
        self.counter.window = self.stage.open(Role::Counter)?;
        self.counter.sign_in(&self.shots)?;
        let current =
            self.counter.window.wait_for("the citizen at the desk", PATIENCE, |_| Ok(self.counter.view()?.current))?;
        same(number, &current.row.number)?;
        self.counter.window.see("counter-intake")?;
        self.shots.take(&self.counter.window, "counter-after-crash")
    }
}

/// The cable is back: everything arrives, and the public can see it.
fn online_again(hall: &mut Hall, report: &mut Report) -> Outcome<()> {
    report.step("mend", || hall.dock.set_cable(true))?;
    report.step("mend_is_noticed", || hall.counter.wait_for_network(true))?;
    let files = collect::station_files(&hall.stage.folder);
    report.step("everything_arrives", || {
        wait_for("everything to arrive", PATIENCE * 3, || {
            let waiting: Vec<u64> =
                files.iter().map(|(_, file)| checker::without_receipt(file)).collect::<Outcome<_>>()?;
            Ok((waiting.iter().sum::<u64>() == 0).then_some(()))
        })
    })?;
    hall.shots.take(&hall.counter.window, "counter-online-again")?;
    for citizen in &mut report.citizens {
        let answer = hall.stage.get(&format!("v1/public/{}", citizen.code))?;
        citizen.status =
            serde_json::from_str::<serde_json::Value>(&answer).ok().and_then(|state| state["status"].as_u64());
        if citizen.status.is_none() {
            return Err(Fault::new(format_args!("the public look-up of {}", citizen.code), answer));
        }
    }
    let code = report.dossier_code.clone();
    let state = report.step("look_up_at_kiosk", || hall.kiosk.look_up(&code, &hall.shots))?;
    if state.is_empty() { Err(Fault::new("the look-up", "shows no state")) } else { Ok(()) }
}

/// Closes everything, gathers the evidence and has it judged.
fn leave_behind(hall: Hall, out: &Path, report: &mut Report) -> Outcome<()> {
    let evidence = out.join("evidence");
    let demo = hall.stage.folder.clone();
    let first = hall.pages.iter().find(|(number, _)| *number == report.ticket_number).map(|(_, page)| page.clone());
    let Hall { mut stage, dock, kiosk, counter, board, .. } = hall;
    stage.central_runs()?;
    report.step("close_everything", || {
        drop((kiosk, counter, board, dock));
        stage.strike()
    })?;
    collect::paper(&demo.join("dock"), &evidence)?;
    collect::receipts(&demo.join("counter"), &evidence)?;
    collect::databases(&demo, &evidence)?;
    let first = first.ok_or_else(|| Fault::new("the evidence", "no page of the first ticket"))?;
    collect::write(&out.join("ticket.png"), &first.picture()?)?;
    let job = collect::job_of(&demo.join("dock"), first.no);
    let job = job.ok_or_else(|| Fault::new("the evidence", "the dock kept no bytes of the first ticket"))?;
    collect::copy(&job, &out.join("ticket.bin"))?;
    collect::copy(&receipt_of(&evidence, &report.dossier_code)?, &out.join("receipt.pdf"))?;
    let verdict = report.step("check", || checker::check(&evidence))?;
    report.events_station = verdict.events_station;
    report.events_central = verdict.events_central;
    report.lost = Some(verdict.lost);
    report.doubled = Some(verdict.doubled);
    report.findings = verdict.findings;
    same_count("tickets", report.citizens.len(), verdict.tickets)?;
    same_count("dossiers", report.citizens.len(), verdict.dossiers)
}

/// A number as it is to be heard, letter by letter and digit by digit: `A105` is "A một không năm".
fn spelled(number: &str) -> String {
    const DIGITS: [&str; 10] = ["không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"];
    let word = |sign: char| sign.to_digit(10).map_or_else(|| sign.to_string(), |digit| DIGITS[digit as usize].into());
    number.chars().map(word).collect::<Vec<String>>().join(" ")
}

fn receipt_of(evidence: &Path, code: &str) -> Outcome<PathBuf> {
    let entries = fs::read_dir(evidence.join("receipts")).map_err(|why| Fault::new("the receipts", why))?;
    let mut files = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let found = files.find(|file| file.file_stem().is_some_and(|stem| stem == code));
    found.ok_or_else(|| Fault::new("the evidence", format_args!("no receipt of {code}")))
}

fn citizen(who: &str, procedure: &str, offline: bool, number: &str, accepted: &Accepted) -> Citizen {
    Citizen {
        who: who.into(),
        procedure: procedure.into(),
        offline,
        number: number.into(),
        code: accepted.code.clone(),
        due_at: accepted.due_iso(),
        receipt: accepted.receipt_file.as_ref().map(|file| file.rsplit('/').next().unwrap_or_default().to_owned()),
        status: None,
    }
}

impl Accepted {
    /// When the result is promised, as ISO 8601.
    fn due_iso(&self) -> Option<String> {
        #[expect(clippy::cast_possible_truncation, reason = "milliseconds of this century fit both kinds exactly")]
        self.due_at.map(|ms| Civil::at(ms as i64).iso())
    }
}

fn same(expected: &str, seen: &str) -> Outcome<()> {
    if expected == seen {
        Ok(())
    } else {
        Err(Fault::new("the play", format_args!("expected {expected:?}, saw {seen:?}")))
    }
}

fn same_count(what: &str, expected: usize, seen: usize) -> Outcome<()> {
    if expected == seen {
        Ok(())
    } else {
        Err(Fault::new("the centre", format_args!("{expected} {what} were made, it knows {seen}")))
    }
}
