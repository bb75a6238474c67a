//! Sync, measured: the same records as a peer carries, through the shipping engine over TLS to a centre in its own process.
//!
//! `records N`: the records as the peer gets them, a line of JSON each. `ours N PROGRAM`: pushed and pulled with SQLite at the
//! centre. `postgres N PROGRAM RECORDS`: the same with PostgreSQL, and a bare COPY of the records beside it. `table FILE`:
//! medians of what was printed. scripts/bench-sync.sh runs all of it. `city PROGRAM STATIONS SITES BACKLOG sqlite|postgres`: a day of
//! the city, scaled ([`city`]); scripts/bench-city.sh.

mod city;
mod house;
mod records;

use house::{Fault, Running, cluster, enrol, now, peak_kib};
use intake::catalogue::Catalogue;
use records::{draft, words};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::time::Instant;
use sync::engine::{pull_all, push_all};
use sync::frame::{encode_pull, encode_push};
use sync::protocol::{Centre, SegmentWithGrants};
use sync::segment::Segment;
use sync::store::Store;

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

fn wait_for_postgres(url: &str) -> postgres::Client {
    loop {
        match postgres::Client::connect(url, postgres::NoTls) {
            Ok(client) => return client,
            Err(_) => std::thread::park_timeout(std::time::Duration::from_millis(50)),
        }
    }
}

fn bare_copy(url: &str, records: &str) -> Result<f64, Fault> {
    let mut client = wait_for_postgres(url);
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
        "city" => {
            let plan = city::Plan { stations: number(2)?, sites: number(3)?, backlog: number(4)? };
            let dir = tempfile::tempdir()?;
            match text(5)? {
                "sqlite" => {
                    let store = format!("sqlite:{}", dir.path().join("central.db").display());
                    println!("{}", city::day(text(1)?, &store, dir.path(), plan)?);
                }
                _ => {
                    let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
                    let mut cluster = cluster(port)?;
                    let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
                    wait_for_postgres(&url);
                    println!("{}", city::day(text(1)?, &url, dir.path(), plan)?);
                    drop(cluster.stdin.take());
                    cluster.wait()?;
                }
            }
        }
        "table" => table(text(1)?)?,
        other => return Err(format!("what is {other}?").into()),
    }
    Ok(())
}
