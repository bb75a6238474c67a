//! How long a counter takes to find dossiers among very many: by code, by a name without its marks, by number, by telephone; and to write the
//! record book of them all, and what that holds up.
//! Run with `--release`; the number of dossiers is the first argument, 100,000 without one.

use argon2::Argon2;
use argon2::password_hash::PasswordHasher;
use intake::event::{Draft, Scope, Subject};
use intake::fact::{CodeGiven, DossierAccepted, OfficerAppointed};
use intake::ids::{DossierId, IntentId, OfficerId, SiteCode, VisitId};
use intake::moment::Moment;
use intake::person::{Account, Contact, Evidence, Identity, Personal};
use serde_json::json;
use station::clock::{Clock, MachineClock};
use station::{Station, bridge};
use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;
use sync::store::{NewStation, Store};
use uuid::Uuid;

const DOSSIERS: usize = 100_000;
const AT_ONCE: usize = 1_000;
const RUNS: usize = 101;
const PIN: &str = "246810";
const SITE: &str = "00004";
const CONFIG: &str = r#"
[station]
role = "counter"
label = "Q3"
name = "Quầy 3"
site = "00004"
site_name = { vi = "Ba Đình", en = "Ba Dinh" }
parent_name = { vi = "Hà Nội", en = "Hanoi" }
agency = "H26.112.00"
desk = "3"
zone = { vi = "Khu A", en = "Zone A" }
place = "Hà Nội"
hotline = "1022"
[centre]
url = "http://127.0.0.1:9"
"#;
const SURNAMES: [&str; 10] = ["Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Huỳnh", "Phan", "Vũ", "Đặng", "Bùi"];
const MIDDLE: [&str; 8] = ["Văn", "Thị", "Đức", "Ngọc", "Minh", "Thanh", "Quốc", "Thuỳ"];
const GIVEN: [&str; 12] =
    ["Mẫu", "Đào", "Dương", "Thử", "Phương", "Hùng", "Lan", "Tuấn", "Ước", "Nghiêm", "Quỳnh", "Ánh"];

fn main() -> Result<(), Box<dyn Error>> {
    let wanted = std::env::args().nth(1).map_or(Ok(DOSSIERS), |text| text.parse())?;
    let folder = tempfile::tempdir()?;
    let clock = Arc::new(MachineClock::default());
    fill(folder.path(), clock.now(), wanted)?;
    let begun = Instant::now();
    let station = Station::open(folder.path(), clock)?;
    println!("opened with {wanted} dossiers in {:.1} s", begun.elapsed().as_secs_f64());
    bridge::call(&station, "counter_sign_in", &json!({ "officer": "demo", "pin": PIN }))?;
    let (found, first_ms) = search(&station, "001099")?;
    println!("the first search, which reads every name: {first_ms:.0} ms ({found} found)");
    let last = wanted - 1;
    for (what, words) in [
        ("the whole code", code(last)),
        ("half a code", format!("{last:06}")),
        ("a name, few bear it", "nghiem quoc phan".to_owned()),
        ("a name, very many bear it", "nguyen".to_owned()),
        ("a number", number(last)),
        ("a telephone", phone(last)),
        ("no words: the open ones", String::new()),
    ] {
        let mut times_ms = Vec::with_capacity(RUNS);
        let mut found = 0;
        for _ in 0..RUNS {
            let (count, ms) = search(&station, &words)?;
            found = count;
            times_ms.push(ms);
        }
        times_ms.sort_by(f64::total_cmp);
        println!("{what:<28} p50 {:>8.2} ms  max {:>8.2} ms  {found:>6} found", times_ms[RUNS / 2], times_ms[RUNS - 1]);
    }
    book(&station)?;
    station.stop();
    Ok(())
}

/// The record book of them all, and how long the slowest search beside it waited.
fn book(station: &Station) -> Result<(), Box<dyn Error>> {
    let begun = Instant::now();
    let writing = {
        let station = station.clone();
        std::thread::spawn(move || bridge::call(&station, "counter_book", &json!({ "from": "", "until": "" })))
    };
    let mut slowest_ms = 0.0_f64;
    while !writing.is_finished() {
        slowest_ms = slowest_ms.max(search(station, &code(0))?.1);
    }
    let book = writing.join().map_err(|_| "the book's thread ended badly")??;
    let (rows, pages, ms) = (&book["rows"], &book["pages"], begun.elapsed().as_secs_f64() * 1_000.0);
    println!("the book: {rows} rows on {pages} pages in {ms:.0} ms; the slowest search beside it {slowest_ms:.0} ms");
    Ok(())
}

fn search(station: &Station, words: &str) -> Result<(u64, f64), Box<dyn Error>> {
    let begun = Instant::now();
    let list = bridge::call(station, "counter_dossiers", &json!({ "words": words }))?;
    Ok((list["found"].as_u64().unwrap_or(0), begun.elapsed().as_secs_f64() * 1_000.0))
}

/// A counter's log with an account and so many accepted dossiers.
fn fill(folder: &Path, now: Moment, wanted: usize) -> Result<(), Box<dyn Error>> {
    let mut store = Store::create(folder, NewStation::centre("Quầy 3", SiteCode::new(SITE))?)?;
    store.append(now, None, vec![account()?], vec![], &[])?;
    let all: Vec<usize> = (0..wanted).collect();
    for batch in all.chunks(AT_ONCE) {
        store.append(now, None, batch.iter().map(|no| dossier(*no, now)).collect(), vec![], &[])?;
    }
    Ok(std::fs::write(folder.join("station.toml"), CONFIG)?)
}

fn account() -> Result<Draft, Box<dyn Error>> {
    let officer = OfficerId::new("demo");
    let pin_hash = Argon2::default().hash_password(PIN.as_bytes()).map_err(|fault| fault.to_string())?.to_string();
    let account = Account { officer: officer.clone(), name: "Cán bộ".into(), pin_hash };
    Ok(Draft {
        subject: Subject::Officer(officer),
        fact: OfficerAppointed { site: SiteCode::new(SITE), roles: vec!["counter".into()] }.into(),
        personal: Some(Personal { account: Some(account), ..Personal::default() }),
        scopes: vec![Scope::site(&SiteCode::new(SITE))],
    })
}

fn dossier(no: usize, at: Moment) -> Draft {
    let id = |kind: u128| Uuid::from_u128(kind << 96 | no as u128);
    let accepted = DossierAccepted {
        intent: IntentId(id(1)),
        visit: VisitId(id(2)),
        procedure: "1.004873".into(),
        agency: "H26.112.00".into(),
        site: SiteCode::new(SITE),
        desk: "3".into(),
        code: CodeGiven::Temporary { code: code(no) },
        papers: vec![],
        sets: 1,
        at,
        due: Some(at.plus_ms(no as i64 * 1_000)),
        calendar: "hanoi".into(),
        fee: None,
        fee_paid: false,
        slip: None,
        registered: false,
        authority: None,
    };
    let identity = Identity {
        number: number(no),
        old_number: None,
        name: name(no),
        birth: "1999-02-15".into(),
        sex: "Nữ".into(),
        residence: "Số 1 Phố Mẫu, phường Hoàn Kiếm, Hà Nội".into(),
        issued: None,
        extra: vec![],
        evidence: Evidence::Typed,
        warnings: vec![],
    };
    let contact = Contact { phone: phone(no), email: String::new() };
    Draft {
        subject: Subject::Dossier(DossierId(id(3))),
        fact: accepted.into(),
        personal: Some(Personal { identity: Some(identity), contact: Some(contact), ..Personal::default() }),
        scopes: vec![Scope::site(&SiteCode::new(SITE))],
    }
}

fn code(no: usize) -> String {
    format!("TẠM-Q3-261201-{no:06}")
}

fn number(no: usize) -> String {
    format!("001099{no:06}")
}

fn phone(no: usize) -> String {
    format!("0912{no:06}")
}

fn name(no: usize) -> String {
    let pick = |from: &[&'static str], every: usize| from[no / every % from.len()];
    format!("{} {} {}", pick(&SURNAMES, 1), pick(&MIDDLE, SURNAMES.len()), pick(&GIVEN, SURNAMES.len() * MIDDLE.len()))
}
