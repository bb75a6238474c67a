//! How fast the store takes in and gives out records of 3 KB, beside a bare COPY of the same records as jsonb into the same
//! database. `MOTCUA_EVENTS` says how many (400): figures are worth something from 100,000 on, in a release build.

use crate::cluster;
use crate::place;
use crate::world::{Station, World, code, dossier, now, site_scope};
use central::store::{CentreStore, Postgres};
use intake::event::Draft;
use intake::fact::{CodeGiven, Fact};
use std::io::Write;
use std::time::Instant;
use sync::protocol::{PullAsk, SegmentOutcome, SegmentWithGrants, StationRole};
use sync::stream::Heads;

const STATIONS: usize = 4;
/// What the engine sends in one push, at most: segments, and their bytes.
const PUSH: usize = 64;
const PUSH_BYTES: usize = 1 << 20;

#[test]
fn what_was_pushed_in_bulk_comes_back_as_it_was() {
    let count: usize = std::env::var("MOTCUA_EVENTS").ok().and_then(|text| text.parse().ok()).unwrap_or(400);
    let world = World::new();
    let stations: Vec<Station> =
        (0..STATIONS).map(|at| world.enrol(StationRole::Counter, &format!("counter-{at}"))).collect();
    let mut json_bytes = 0;
    let mut documents = Vec::new();
    let pushes: Vec<Vec<SegmentWithGrants>> = stations
        .iter()
        .enumerate()
        .map(|(at, station)| {
            let share = count / STATIONS;
            for begin in (0..share).step_by(200) {
                let drafts: Vec<Draft> = (begin..share.min(begin + 200)).map(|n| record(at * share + n)).collect();
                for draft in &drafts {
                    let document = document(draft);
                    json_bytes += document.len();
                    documents.push(document);
                }
                station.write(drafts);
            }
            let mut store = station.store.lock().unwrap();
            store.segments_beyond(&Heads::default(), &[site_scope()], u64::MAX).unwrap().0
        })
        .collect();
    let url = cluster::database(&place::name(world.dir.path()));
    let store = Postgres::open(&url, &world.dir.path().join("nodes.key"), &"00000".into()).unwrap();
    let packed: usize = pushes.iter().flatten().map(|push| push.segment.0.len()).sum();

    let bare = bare_copy(&url, &documents);
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for (at, pushes) in pushes.iter().enumerate() {
            let store = &store;
            scope.spawn(move || {
                let mut rest = pushes.as_slice();
                while !rest.is_empty() {
                    let (batch, after) = rest.split_at(as_engine(rest));
                    rest = after;
                    let outcomes = store.push(now(), batch).unwrap();
                    let refused = outcomes.iter().find(|outcome| !matches!(outcome, SegmentOutcome::Receipt(_)));
                    assert_eq!(refused, None, "station {at}");
                }
            });
        }
    });
    let taken = begun.elapsed().as_secs_f64();
    let (pulled, given) = pull_all(&store, 4 << 20);
    assert!(pull_all(&store, 100_000).0 == pulled, "in many small answers it is the same");
    let mut sent: Vec<_> = pushes.into_iter().flatten().collect();
    let key = |push: &SegmentWithGrants| push.segment.0.clone();
    sent.sort_by_key(key);
    let mut back = pulled;
    back.sort_by_key(key);
    assert!(sent.iter().eq(back.iter()), "{} segments went in, {} came back", sent.len(), back.len());
    assert_eq!(store.counts().unwrap().events, documents.len() as u64);
    assert_eq!(store.verify().unwrap().difference, None);
    let rate = |seconds: f64| documents.len() as f64 / seconds;
    println!(
        "{} records of {} bytes as JSON, {} packed: a bare COPY as jsonb {:.0} records/s, taken in {:.0} records/s, \
         pulled {:.0} records/s; tables {} bytes a record, jsonb {}",
        documents.len(),
        json_bytes / documents.len(),
        packed / documents.len(),
        rate(bare.0),
        rate(taken),
        rate(given),
        size(&url, &["segment", "event", "stream", "dossier_code"]) / documents.len() as i64,
        bare.1 / documents.len() as i64,
    );
}

/// A dossier as the counters write it, with as many papers and answers as make 3 KB of JSON.
fn record(number: usize) -> Draft {
    const CATALOGUE: &str = include_str!("../../../fixtures/procedures/catalogue.json");
    let sequence = number as u32 + 1;
    let mut draft = dossier(CodeGiven::Official { code: code(1 + sequence % 9_000), sequence });
    draft.scopes = vec![site_scope()];
    let answers = draft.personal.as_mut().and_then(|personal| personal.identity.as_mut()).unwrap();
    let letters: Vec<char> =
        CATALOGUE.chars().skip(number * 379 % (CATALOGUE.chars().count() - 2_100)).take(2_050).collect();
    answers.number = format!("{:012}", 1_199_000_123_u64 + number as u64);
    answers.extra = letters.chunks(95).map(|line| line.iter().collect()).collect();
    draft
}

/// How many of these segments the engine would send in one push.
fn as_engine(segments: &[SegmentWithGrants]) -> usize {
    let mut bytes = 0;
    let fits = |push: &&SegmentWithGrants| {
        bytes += push.segment.0.len();
        bytes <= PUSH_BYTES
    };
    segments.iter().take(PUSH).take_while(fits).count().max(1)
}

/// The same as a row of another design would hold it.
fn document(draft: &Draft) -> String {
    let Fact::DossierAccepted(accepted) = &draft.fact else { panic!("another fact") };
    let subject = draft.subject.to_string();
    serde_json::json!({ "subject": subject, "scopes": draft.scopes, "accepted": accepted, "personal": draft.personal })
        .to_string()
}

/// Seconds for one COPY of the documents into a table without an index, durable, and the bytes that it takes.
fn bare_copy(url: &str, documents: &[String]) -> (f64, i64) {
    let mut client = cluster::connect(url).unwrap();
    client.batch_execute("CREATE TABLE bare (document jsonb)").unwrap();
    let begun = Instant::now();
    let mut copy = client.copy_in("COPY bare FROM STDIN").unwrap();
    for document in documents {
        copy.write_all(document.replace('\\', "\\\\").as_bytes()).unwrap();
        copy.write_all(b"\n").unwrap();
    }
    assert_eq!(copy.finish().unwrap(), documents.len() as u64);
    let seconds = begun.elapsed().as_secs_f64();
    let bytes = size(url, &["bare"]);
    client.batch_execute("DROP TABLE bare").unwrap();
    (seconds, bytes)
}

fn size(url: &str, tables: &[&str]) -> i64 {
    let mut client = cluster::connect(url).unwrap();
    let query = "SELECT sum(pg_total_relation_size(name::regclass))::bigint FROM unnest($1::text[]) AS t (name)";
    client.query_one(query, &[&tables]).unwrap().get(0)
}

/// Everything of the site, pulled as a new station pulls it, and the seconds that the store took.
fn pull_all(store: &Postgres, limit_bytes: u64) -> (Vec<SegmentWithGrants>, f64) {
    let mut heads = Heads::default();
    let mut all = Vec::new();
    let begun = Instant::now();
    loop {
        let ask = PullAsk {
            heads: heads.clone(),
            scopes: vec![site_scope()],
            wait_ms: 0,
            limit_bytes,
            roster: 0,
            receipted: vec![],
            own: None,
        };
        let answer = store.pull(now(), &ask).unwrap();
        for push in &answer.segments {
            let header = sync::segment::Segment::parse(&push.segment.0).unwrap().header;
            let (no, hash) = (header.last_no(), header.last);
            heads.0.retain(|(stream, _)| *stream != header.stream);
            heads.0.push((header.stream, sync::stream::Head { no, hash }));
        }
        all.extend(answer.segments);
        if !answer.more {
            return (all, begun.elapsed().as_secs_f64());
        }
    }
}
