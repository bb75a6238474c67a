//! How long a counter takes to find dossiers among very many: by code, by a name without its marks, by number, by telephone.
//! Run with `--release`; the number of dossiers is the first argument, 100,000 without one. Names are read in the background
//! from the start on: how long that takes, what a search takes meanwhile, and how much of it is the opening of keys.

use argon2::Argon2;
use argon2::password_hash::PasswordHasher;
use intake::event::{Draft, Scope, Subject};
use intake::fact::{CodeGiven, DossierAccepted, OfficerAppointed};
use intake::ids::{DossierId, EventId, IntentId, OfficerId, SiteCode, VisitId};
use intake::moment::Moment;
use intake::person::{Account, Contact, Evidence, Identity, Personal};
use serde_json::json;
use station::clock::{Clock, MachineClock};
use station::{Station, bridge};
use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use sync::store::{NewStation, Store};
use uuid::Uuid;

const DOSSIERS: usize = 100_000;
const AT_ONCE: usize = 1_000;
const RUNS: usize = 201;
/// How many sealed parts are opened to see what takes the time.
const OPENED: usize = 1_000;
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
    let last_events = fill(folder.path(), clock.now(), wanted)?;
    opening(folder.path(), &last_events)?;
    let begun = Instant::now();
    let station = Station::open(folder.path(), clock)?;
    println!("opened with {wanted} dossiers in {:.1} s", begun.elapsed().as_secs_f64());
    bridge::call(&station, "counter_sign_in", &json!({ "officer": "demo", "pin": PIN }))?;
    let last = wanted - 1;
    let still = station.still_reading();
    time("meanwhile: the whole code", || search(&station, &code(last)))?;
    println!("  {still} names were still to be read before these searches, {} after them", station.still_reading());
    while station.still_reading() > 0 {
        // Nothing is told of it: a look now and then.
        station.notices().wait_beyond(u64::MAX, Duration::from_millis(20));
    }
    println!("every name is read {:.1} s after the start began", begun.elapsed().as_secs_f64());
    println!("names and codes take {:.1} MiB of memory", station.bytes_of_names() as f64 / f64::from(1 << 20));
    for (what, words) in [
        ("the whole code", code(last)),
        ("half a code", format!("{last:06}")),
        ("a name, few bear it", "nghiem quoc phan".to_owned()),
        ("a name, very many bear it", "nguyen".to_owned()),
        ("a part of all codes", "tạm-q3".to_owned()),
        ("a number", number(last)),
        ("a telephone", phone(last)),
        ("no words: the open ones", String::new()),
    ] {
        time(what, || search(&station, &words))?;
    }
    station.stop();
    Ok(())
}

/// Tells how long a search takes: the first one, which may open the keys of the rows that it shows, and all of them.
fn time(what: &str, mut search: impl FnMut() -> Result<(u64, f64), Box<dyn Error>>) -> Result<(), Box<dyn Error>> {
    let (found, first_ms) = search()?;
    let mut times_ms = vec![first_ms];
    for _ in 1..RUNS {
        times_ms.push(search()?.1);
    }
    times_ms.sort_by(f64::total_cmp);
    let [p50, p99, max] = [RUNS / 2, RUNS * 99 / 100, RUNS - 1].map(|place| times_ms[place]);
    println!("{what:<28} first {first_ms:>7.2}  p50 {p50:>7.2}  p99 {p99:>7.2}  max {max:>7.2} ms  {found:>6} found");
    Ok(())
}

/// What of reading a name is the look into the store, and what the opening of its key and its text.
fn opening(folder: &Path, events: &[EventId]) -> Result<(), Box<dyn Error>> {
    let store = Store::open(folder)?;
    let begun = Instant::now();
    let sealed: Vec<_> = events.iter().take(OPENED).map(|event| store.sealed_part(*event)).collect::<Result<_, _>>()?;
    let looked = begun.elapsed();
    let begun = Instant::now();
    let opened = sealed.iter().flatten().filter_map(sync::store::SealedPart::open).count();
    let each_us = |time: Duration| time.as_secs_f64() * 1e6 / sealed.len() as f64;
    let (looked_us, opened_us) = (each_us(looked), each_us(begun.elapsed()));
    println!("reading one of {opened} names: {looked_us:.0} us in the store, {opened_us:.0} us opening");
    Ok(())
}

fn search(station: &Station, words: &str) -> Result<(u64, f64), Box<dyn Error>> {
    let begun = Instant::now();
    let list = bridge::call(station, "counter_dossiers", &json!({ "words": words }))?;
    Ok((list["found"].as_u64().unwrap_or(0), begun.elapsed().as_secs_f64() * 1_000.0))
}

/// A counter's log with an account and so many accepted dossiers; gives the events of the last of them.
fn fill(folder: &Path, now: Moment, wanted: usize) -> Result<Vec<EventId>, Box<dyn Error>> {
    let mut store = Store::create(folder, NewStation::centre("Quầy 3", SiteCode::new(SITE))?)?;
    store.append(now, None, vec![account()?], vec![], &[])?;
    let all: Vec<usize> = (0..wanted).collect();
    let mut last = Vec::new();
    for batch in all.chunks(AT_ONCE) {
        last = store.append(now, None, batch.iter().map(|no| dossier(*no, now)).collect(), vec![], &[])?;
    }
    std::fs::write(folder.join("station.toml"), CONFIG)?;
    Ok(last.into_iter().map(|event| event.id).collect())
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
        authority: None,
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
