//! Sync, measured: the same records as a peer carries, through the shipping engine over TLS to a centre in its own process.
//!
//! `records N`: the records as the peer gets them, a line of JSON each. `ours N PROGRAM`: pushed and pulled with SQLite at the
//! centre. `postgres N PROGRAM RECORDS`: the same with PostgreSQL, and a bare COPY of the records beside it. `table FILE`:
//! medians of what was printed. scripts/bench-sync.sh runs all of it.

use intake::catalogue::Catalogue;
use intake::event::{Draft, Scope, Subject};
use intake::fact::{CodeGiven, DossierAccepted};
use intake::ids::{DossierId, IntentId, VisitId};
use intake::moment::Moment;
use intake::person::{Evidence, Identity, Personal};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::Instant;
use sync::HttpCentre;
use sync::engine::{pull_all, push_all};
use sync::frame::{encode_pull, encode_push};
use sync::protocol::{Centre, SegmentWithGrants, StationRole};
use sync::segment::Segment;
use sync::store::{EnrolKeys, NewStation, Store};
use uuid::Uuid;

type Fault = Box<dyn std::error::Error>;

const FAMILY: [&str; 12] = ["Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Phan", "Vũ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô"];
const MIDDLE: [&str; 10] = ["Thị", "Văn", "Đức", "Minh", "Thu", "Hữu", "Ngọc", "Quang", "Thanh", "Xuân"];
const GIVEN: [&str; 14] =
    ["Anh", "Bình", "Châu", "Dũng", "Giang", "Hà", "Hùng", "Lan", "Mai", "Nam", "Oanh", "Phúc", "Thảo", "Yến"];
const STREET: [&str; 8] =
    ["Hàng Trống", "Đội Cấn", "Kim Mã", "Láng Hạ", "Bạch Mai", "Tây Sơn", "Xuân Thủy", "Nguyễn Trãi"];

fn now() -> Moment {
    central::clock::system()()
}

fn pick<'a>(from: &[&'a str], number: u64) -> &'a str {
    from[(number % from.len() as u64) as usize]
}

/// A well-mixed number of a record (splitmix64), so that records differ as real ones do.
fn mixed(number: u64) -> u64 {
    let state = number.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(0xD1B5_4A32_D192_ED03);
    let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB)
}

fn identity(number: u64) -> Identity {
    let dice = mixed(number);
    Identity {
        number: format!("001{:09}", dice % 1_000_000_000),
        old_number: Some(format!("01{:07}", dice / 7 % 10_000_000)),
        name: format!("{} {} {}", pick(&FAMILY, dice), pick(&MIDDLE, dice / 12), pick(&GIVEN, dice / 120)),
        birth: format!("{}-{:02}-{:02}", 1950 + dice % 55, 1 + dice / 55 % 12, 1 + dice / 660 % 28),
        sex: if dice.is_multiple_of(2) { "Nam" } else { "Nữ" }.into(),
        residence: format!("Số {} phố {}, Hà Nội", 1 + dice / 3 % 300, pick(&STREET, dice / 5)),
        issued: Some(format!("2021-{:02}-{:02}", 1 + dice / 9 % 12, 1 + dice / 11 % 28)),
        extra: vec![],
        evidence: Evidence::Qr,
        warnings: vec![],
    }
}

/// What is written of a dossier in words: what the catalogue says of its procedure, filled up to about 3 KB as JSON.
fn words(catalogue: &Catalogue, number: u64) -> Value {
    let procedures = catalogue.procedures();
    let procedure = &procedures[(mixed(number) % procedures.len() as u64) as usize];
    let papers: Vec<Value> = procedure
        .papers
        .value()
        .into_iter()
        .flatten()
        .map(|paper| json!({ "giay_to": paper.name_vi, "ban_chinh": 1, "ban_sao": 0, "trang": 1 + mixed(number) % 9 }))
        .collect();
    let person = identity(number);
    let history: Vec<Value> = (0..)
        .map(|step| {
            let dice = mixed(number * 31 + step);
            json!({
                "buoc": step,
                "luc": format!("2026-11-{:02}T{:02}:{:02}:{:02}+07:00", 1 + dice % 28, 7 + dice / 28 % 10, dice / 280 % 60, dice / 16_800 % 60),
                "can_bo": format!("{} {}", pick(&FAMILY, dice / 3), pick(&GIVEN, dice / 5)),
                "viec": procedure.name_vi,
                "ghi_chu": format!("{} phố {}, điện thoại 09{:08}", 1 + dice / 3 % 300, pick(&STREET, dice / 9), dice / 7 % 100_000_000),
            })
        })
        .scan(0_usize, |size, step| {
            *size += step.to_string().len();
            (*size < 2_000).then_some(step)
        })
        .collect();
    json!({
        "thu_tuc": procedure.code,
        "ten_thu_tuc": procedure.name_vi,
        "nguoi_nop": { "so_dinh_danh": person.number, "ho_ten": person.name, "ngay_sinh": person.birth, "noi_cu_tru": person.residence },
        "giay_to": papers,
        "qua_trinh": history,
    })
}

fn draft(catalogue: &Catalogue, number: u64) -> Draft {
    let accepted = DossierAccepted {
        intent: IntentId(Uuid::now_v7()),
        visit: VisitId(Uuid::now_v7()),
        procedure: "1.004873".into(),
        agency: "H26.112.00".into(),
        site: "00004".into(),
        desk: "3".into(),
        code: CodeGiven::Temporary { code: format!("TẠM-Q3-{number}") },
        papers: vec![],
        sets: 1,
        at: now(),
        due: None,
        calendar: "hanoi".into(),
        fee: None,
        fee_paid: false,
        slip: None,
    };
    // All the words are personal here, and so are sealed: nothing is left out that the peer carries.
    let personal = Personal {
        identity: Some(identity(number)),
        note: Some(words(catalogue, number).to_string()),
        ..Personal::default()
    };
    Draft {
        subject: Subject::Dossier(DossierId(Uuid::now_v7())),
        fact: accepted.into(),
        personal: Some(personal),
        scopes: vec![Scope::site(&"00004".into())],
    }
}

/// The centre, in a process of its own.
struct Running {
    child: Child,
    url: String,
}

impl Running {
    fn start(program: &str, store: &str, key: &Path) -> Result<Self, Fault> {
        let mut child = Command::new(program)
            .args(["serve", "--listen", "127.0.0.1:0", "--tls-name", "localhost", "--store", store, "--key"])
            .arg(key)
            .env("MOTCUA_LOG", "error")
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().ok_or("no output")?).read_line(&mut line)?;
        let said: Value = serde_json::from_str(&line)?;
        Ok(Self { child, url: said["listening"].as_str().ok_or("no address")?.to_owned() })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn peak_kib(process: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

fn enrol(
    program: &str,
    url: &str,
    store: &str,
    key: &Path,
    dir: &Path,
    label: &str,
) -> Result<(Mutex<Store>, HttpCentre), Fault> {
    let invited = Command::new(program)
        .args([
            "invite",
            "--site",
            "00004",
            "--role",
            "counter",
            "--label",
            label,
            "--agency",
            "H26.112.00",
            "--store",
            store,
            "--key",
        ])
        .arg(key)
        .output()?;
    let typed = String::from_utf8(invited.stdout)?;
    let (centre, token, authority) = HttpCentre::first_met(url, typed.trim(), Box::new(now))?;
    std::fs::create_dir_all(dir)?;
    let keys = EnrolKeys::load_or_new(dir)?;
    let enrolment = centre.enrol(&keys.ask(&token, label, StationRole::Counter)?)?;
    let new = NewStation::from_enrolment(keys, enrolment)?.trusting(authority.clone());
    let store = Store::create(dir, new)?;
    let centre = HttpCentre::new(url, Box::new(now)).trusting(authority.as_deref()).signed(store.signer());
    Ok((Mutex::new(store), centre))
}

/// Writes the records at a station, pushes them, and lets a new station catch up with all of them.
fn ours(who: &str, records: u64, program: &str, store_url: &str, dir: &Path) -> Result<Value, Fault> {
    let key = dir.join("nodes.key");
    let running = Running::start(program, store_url, &key)?;
    let (store, centre) = enrol(program, &running.url, store_url, &key, &dir.join("one"), "Quầy 1")?;
    let catalogue = Catalogue::embedded()?;
    let begun = Instant::now();
    for from in (0..records).step_by(500) {
        let drafts = (from..records.min(from + 500)).map(|number| draft(&catalogue, number)).collect();
        store.lock().map_err(|_| "a lock")?.append(now(), None, drafts, vec![], &[])?;
    }
    let written = begun.elapsed().as_secs_f64();
    let begun = Instant::now();
    let outcome = push_all(&store, &centre)?;
    let pushed = begun.elapsed().as_secs_f64();
    if outcome.pushed != records || !outcome.refused.is_empty() {
        return Err(format!("{} of {records} were confirmed, {:?}", outcome.pushed, outcome.refused).into());
    }
    let shares = shares(&store)?;
    let mut reader = Command::new(std::env::current_exe()?);
    reader.args(["reader", program, store_url, &running.url]).arg(dir);
    let read: Value = serde_json::from_slice(&reader.output()?.stdout)?;
    Ok(json!({
        "who": who,
        "records": records,
        "write_seconds": written,
        "push": { "seconds": pushed, "bytes": shares["wire"].as_f64().map(|bytes| bytes * records as f64) },
        "pull": read,
        "shares": shares,
        "peak_client_kib": peak_kib("self"),
        "peak_server_kib": peak_kib(&running.child.id().to_string()),
    }))
}

/// A new station, in a process of its own, catches up with all records; then it folds its views once more.
fn reader(program: &str, store_url: &str, url: &str, dir: &Path) -> Result<Value, Fault> {
    let (store, centre) = enrol(program, url, store_url, &dir.join("nodes.key"), &dir.join("two"), "Quầy 2")?;
    let ask = store.lock().map_err(|_| "a lock")?.pull_ask(0, 2 << 20)?;
    let first = centre.pull(&ask)?;
    let in_first: u64 = counts(&first.segments).sum();
    let bytes = encode_pull(&first).len() as u64;
    drop(first);
    let mut held = 0;
    let begun = Instant::now();
    pull_all(&store, &centre, &now, &mut |round| held += round.received.len() as u64)?;
    let seconds = begun.elapsed().as_secs_f64();
    let peak = peak_kib("self");
    let begun = Instant::now();
    store.lock().map_err(|_| "a lock")?.rebuild_views()?;
    Ok(json!({
        "held": held,
        "seconds": seconds,
        "bytes_a_record": bytes as f64 / in_first.max(1) as f64,
        "peak_kib": peak,
        "rebuild_seconds": begun.elapsed().as_secs_f64(),
    }))
}

fn counts(segments: &[SegmentWithGrants]) -> impl Iterator<Item = u64> {
    segments.iter().map(|push| Segment::parse(&push.segment.0).map_or(0, |it| it.header.count))
}

/// Where a pushed record's bytes come from: all of them, its grants on the wire, its segment, and in that its sealed text.
fn shares(store: &Mutex<Store>) -> Result<Value, Fault> {
    let mut store = store.lock().map_err(|_| "a lock")?;
    let scopes = store.card().scopes.clone();
    let (segments, _) = store.segments_beyond(&Default::default(), &scopes, 2 << 20)?;
    let of = counts(&segments).sum::<u64>().max(1) as f64;
    let packed: usize = segments.iter().map(|push| push.segment.0.len()).sum();
    let (mut sealed, mut plain) = (0, 0);
    for push in &segments {
        for (bytes, record, _) in Segment::parse(&push.segment.0)?.events()? {
            plain += bytes.len();
            sealed += record.sealed.map_or(0, |sealed| sealed.encode().len());
        }
    }
    let wire = encode_push(&segments).len();
    let each = |bytes: usize| (bytes as f64 / of).round();
    Ok(
        json!({ "wire": each(wire), "grants": each(wire - packed), "sealed": each(sealed), "segment": each(packed), "event": each(plain) }),
    )
}

/// A PostgreSQL of our own; gone when the shell's input ends.
fn cluster(port: u16) -> Result<Child, Fault> {
    const SCRIPT: &str = r#"
set -eu
bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1)
dir=$(mktemp -d /tmp/motcua-pg.XXXXXX)
trap 'rm -rf "$dir"' EXIT
"$bin/initdb" -D "$dir/data" -A trust -U postgres -E UTF8 --locale=C.UTF-8 -N >/dev/null 2>&1
printf "listen_addresses='127.0.0.1'\nport=%s\nunix_socket_directories='%s'\n" "$1" "$dir" >>"$dir/data/postgresql.conf"
"$bin/postgres" -D "$dir/data" >"$dir/log" 2>&1 &
server=$!
cat >/dev/null || true
kill -INT "$server" && wait "$server" || true
"#;
    let is_root = Command::new("id").arg("-u").output()?.stdout.starts_with(b"0\n");
    let mut shell = if is_root { Command::new("runuser") } else { Command::new("sh") };
    if is_root {
        shell.args(["-u", "postgres", "--", "sh"]);
    }
    Ok(shell.args(["-c", SCRIPT, "sh", &port.to_string()]).stdin(Stdio::piped()).current_dir("/").spawn()?)
}

fn bare_copy(url: &str, records: &str) -> Result<f64, Fault> {
    let mut client = loop {
        match postgres::Client::connect(url, postgres::NoTls) {
            Ok(client) => break client,
            Err(_) => std::thread::park_timeout(std::time::Duration::from_millis(50)),
        }
    };
    client.batch_execute("CREATE TABLE bare (id bigserial PRIMARY KEY, body jsonb NOT NULL)")?;
    let text = std::fs::read(records)?;
    let begun = Instant::now();
    let mut copy =
        client.copy_in("COPY bare (body) FROM STDIN WITH (FORMAT csv, QUOTE E'\\x01', DELIMITER E'\\x02')")?;
    copy.write_all(&text)?;
    copy.finish()?;
    Ok(begun.elapsed().as_secs_f64())
}

fn table(file: &str) -> Result<(), Fault> {
    let mut figures: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for line in std::fs::read_to_string(file)?.lines() {
        let run: Value = serde_json::from_str(line)?;
        let (who, records) = (run["who"].as_str().unwrap_or("?"), run["records"].as_f64().unwrap_or(0.0));
        let mut put = |what: &str, value: Option<f64>| {
            if let Some(value) = value {
                figures.entry(format!("{who}: {what}")).or_default().push(value);
            }
        };
        put("push, records/s", run["push"]["seconds"].as_f64().map(|seconds| records / seconds));
        put("pull, records/s", run["pull"]["seconds"].as_f64().map(|seconds| records / seconds));
        put("rebuild, records/s", run["pull"]["rebuild_seconds"].as_f64().map(|seconds| records / seconds));
        put("push, bytes a record", run["push"]["bytes"].as_f64().map(|bytes| bytes / records));
        put("pull, bytes a record", bytes_a_record(&run["pull"], records));
        put("peak memory of the reader, MiB", run["pull"]["peak_kib"].as_f64().map(|kib| kib / 1024.0));
        put("peak memory of the client, MiB", run["peak_client_kib"].as_f64().map(|kib| kib / 1024.0));
        put("peak memory of the server, MiB", run["peak_server_kib"].as_f64().map(|kib| kib / 1024.0));
        put("bare COPY as jsonb, records/s", run["bare_copy_seconds"].as_f64().map(|seconds| records / seconds));
    }
    println!("| | median | least | most |\n|---|---|---|---|");
    for (what, mut values) in figures {
        values.sort_by(f64::total_cmp);
        println!("| {what} | {:.0} | {:.0} | {:.0} |", values[values.len() / 2], values[0], values[values.len() - 1]);
    }
    Ok(())
}

/// As it was reckoned, or of all bytes that came.
fn bytes_a_record(pull: &Value, records: f64) -> Option<f64> {
    pull["bytes_a_record"].as_f64().or_else(|| Some(pull["bytes"].as_f64()? / records))
}

fn main() -> Result<(), Fault> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize| -> Result<u64, Fault> { Ok(arguments.get(at).ok_or("how many?")?.parse()?) };
    let text = |at: usize| arguments.get(at).map(String::as_str).ok_or("an argument is missing");
    match text(0)? {
        "records" => {
            let catalogue = Catalogue::embedded()?;
            let mut out = std::io::BufWriter::new(std::io::stdout().lock());
            for record in 0..number(1)? {
                writeln!(out, "{}", words(&catalogue, record))?;
            }
        }
        "ours" => {
            let dir = tempfile::tempdir()?;
            let store = format!("sqlite:{}", dir.path().join("central.db").display());
            println!("{}", ours("sqlite", number(1)?, text(2)?, &store, dir.path())?);
        }
        "postgres" => {
            let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
            let mut cluster = cluster(port)?;
            let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
            let bare = bare_copy(&url, text(3)?)?;
            let dir = tempfile::tempdir()?;
            let mut figures = ours("postgres", number(1)?, text(2)?, &url, dir.path())?;
            figures["bare_copy_seconds"] = json!(bare);
            println!("{figures}");
            drop(cluster.stdin.take());
            cluster.wait()?;
        }
        "reader" => println!("{}", reader(text(1)?, text(2)?, text(3)?, Path::new(text(4)?))?),
        "table" => table(text(1)?)?,
        other => return Err(format!("what is {other}?").into()),
    }
    Ok(())
}
