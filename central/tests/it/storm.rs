//! Many stations catch up at once, and one goes on working.

use crate::world::{Station, World, now, ticket, wait_for};
use central::http::Limits;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;
use sync::protocol::{StationRole, path};
use sync::wire::from_cbor;
use sync::{CentreFault, Refusal, SyncFault, engine};

const STATIONS: u32 = 8;
const BACKLOG: u32 = 150;

/// Pushes until all is taken, coming again when the centre says that it is busy. How often it was.
fn catch_up(station: &Station) -> u32 {
    let mut busy = 0;
    wait_for("a station to catch up", || match engine::push_all(&station.store, &station.centre) {
        Ok(outcome) => {
            assert!(outcome.refused.is_empty(), "{:?}", outcome.refused);
            Some(())
        }
        Err(SyncFault::Centre(CentreFault::Busy { retry_after_ms })) => {
            assert!(retry_after_ms > 0);
            busy += 1;
            None
        }
        Err(fault) => panic!("{fault}"),
    });
    busy
}

#[test]
fn those_who_catch_up_do_not_hold_up_who_works_and_nothing_is_lost() {
    let world = World::with(Limits { stranger_burst: 1_000, max_bulk: 2, bulk_share: 1, ..Limits::default() });
    let live = world.enrol(StationRole::Kiosk, "live");
    let storm: Vec<Station> = (0..STATIONS).map(|no| world.enrol(StationRole::Kiosk, &format!("late{no}"))).collect();
    for station in &storm {
        station.write((1..=BACKLOG).map(ticket).collect());
    }
    let over = AtomicBool::new(false);
    let pushed = std::thread::scope(|scope| {
        let late: Vec<_> = storm.iter().map(|station| scope.spawn(|| catch_up(station))).collect();
        let working = scope.spawn(|| {
            let mut slowest = std::time::Duration::ZERO;
            let mut pushed = 0;
            while !over.load(Ordering::SeqCst) {
                live.write(vec![ticket(pushed + 1)]);
                let begun = Instant::now();
                let outcome = engine::push_all(&live.store, &live.centre).expect("what happens now is never sent away");
                slowest = slowest.max(begun.elapsed());
                pushed += outcome.pushed as u32;
            }
            println!("{pushed} live pushes, the slowest {slowest:?}");
            pushed
        });
        let busy: u32 = late.into_iter().map(|thread| thread.join().unwrap()).sum();
        println!("{busy} times busy");
        over.store(true, Ordering::SeqCst);
        working.join().unwrap()
    });
    assert!(pushed > 0);
    let events = world.handle.service().counts().unwrap().events;
    assert_eq!(events, u64::from(STATIONS * BACKLOG + pushed));
    assert_eq!(world.handle.service().verify().unwrap().difference, None);
}

#[test]
fn ten_megabytes_are_refused_before_one_byte_of_them_is_read() {
    let world = World::new();
    let kiosk = world.enrol(StationRole::Kiosk, "kiosk");
    let signed = kiosk.signer().sign("POST", path::PUSH, now(), b"").unwrap();
    let mut line = TcpStream::connect(world.handle.address()).unwrap();
    let mut head = format!("POST {} HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n", path::PUSH, 10 << 20);
    signed.headers().iter().for_each(|(name, value)| head += &format!("{name}: {value}\r\n"));
    line.write_all(format!("{head}Connection: close\r\n\r\n").as_bytes()).unwrap();
    let mut answer = Vec::new();
    line.read_to_end(&mut answer).unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 413 "), "{}", String::from_utf8_lossy(&answer));
    let at = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
    let refusal: Refusal = from_cbor(&answer[at..]).unwrap();
    assert_eq!(refusal, Refusal::TooLarge { what: "request".into(), limit_bytes: 8 << 20 });
    // And the next one does not notice.
    kiosk.write(vec![ticket(1)]);
    kiosk.sync();
}
