use crate::world::{World, now, quick, ticket, wait_for};
use central::http::Limits;
use std::collections::VecDeque;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};
use sync::protocol::{StationRole, path};

fn connect(world: &World) -> TcpStream {
    let stream = TcpStream::connect(world.handle.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream
}

/// Reads until the other side hangs up.
fn until_closed(mut stream: TcpStream) -> String {
    let mut bytes = vec![];
    match stream.read_to_end(&mut bytes) {
        Ok(_) => {}
        Err(fault) => assert_eq!(fault.kind(), ErrorKind::ConnectionReset, "still open: {fault}"),
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn those_who_dawdle_do_not_hold_up_the_others() {
    let world = World::with(Limits { max_working: 2, ..quick() });
    let kiosk = world.enrol(StationRole::Kiosk, "kiosk");
    let mut dawdlers: Vec<_> = (0..60).map(|_| connect(&world)).collect();
    for (number, dawdler) in dawdlers.iter_mut().enumerate() {
        let begun: &[u8] = match number % 3 {
            0 => b"",
            1 => b"POST /v2/push HTTP/1.1\r\nHost: x\r\nX-A: ",
            _ => b"POST /v2/push HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\nsome",
        };
        dawdler.write_all(begun).unwrap();
    }
    kiosk.write(vec![ticket(1)]);
    kiosk.sync();
    assert_eq!(world.handle.service().counts().unwrap().events, 1, "served while sixty others dawdle");
    for (number, dawdler) in dawdlers.into_iter().enumerate() {
        let answer = until_closed(dawdler);
        assert!(number % 3 != 2 || answer.starts_with("HTTP/1.1 408"), "{number}: {answer}");
    }
}

#[test]
fn those_who_do_not_listen_are_let_go() {
    let limits = Limits { write_wait: Duration::from_millis(300), max_connections: 1, ..quick() };
    let world = World::with(limits);
    let kiosk = world.enrol(StationRole::Kiosk, "kiosk");
    let mut deaf = connect(&world);
    // A station's, so that its place is not simply given to the next one.
    let body = sync::wire::to_cbor(&vec![crate::world::site_scope()]);
    let signed = kiosk.signer().sign("POST", path::HEADS, now(), &body).unwrap();
    let mut head = format!("POST {} HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n", path::HEADS, body.len());
    signed.headers().iter().for_each(|(name, value)| head += &format!("{name}: {value}\r\n"));
    deaf.write_all(&[head.as_bytes(), b"\r\n", &body].concat()).unwrap();
    let mut status = [0; 12];
    deaf.read_exact(&mut status).unwrap();
    assert_eq!(&status, b"HTTP/1.1 200");
    // Requests whose answers are never read: both sides' buffers fill and the answers stand still.
    let request = b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n".repeat(100);
    deaf.set_write_timeout(Some(Duration::from_millis(200))).unwrap();
    let begun = Instant::now();
    while deaf.write_all(&request).is_ok() && begun.elapsed() < Duration::from_secs(20) {}
    // The only place is free again when the service has given up on the deaf one.
    let health = format!("{}/healthz", world.handle.url());
    let ask = || ureq::get(&health).config().timeout_global(Some(Duration::from_secs(5))).build().call();
    let status = wait_for("a free place", || Some(ask().ok()?.status().as_u16()));
    assert_eq!(status, 200);
}

#[test]
fn stopping_takes_no_more_and_finishes_what_was_begun() {
    let world = World::with(Limits { body_wait: Duration::from_secs(10), ..quick() });
    let address = world.handle.address();
    let mut begun = connect(&world);
    begun.write_all(b"POST /v2/push HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n").unwrap();
    // The service says so when it has begun to read the body.
    let mut go_on = [0; 25];
    begun.read_exact(&mut go_on).unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    let World { dir, handle } = world;
    let stopping = std::thread::spawn(move || handle.stop());
    wait_for("the listener to close", || TcpStream::connect(address).is_err().then_some(()));
    begun.write_all(b"abcd").unwrap();
    let answer = until_closed(begun);
    assert!(answer.starts_with("HTTP/1.1 401"), "answered: {answer}");
    stopping.join().unwrap();
    drop(dir);
}

/// Connections that say nothing, far more than the centre takes (`MOTCUA_STRANGERS`, 2,000): each that comes too many pushes
/// out the oldest of them and no station's.
#[test]
fn thousands_that_say_nothing_hold_up_nobody() {
    let strangers = std::env::var("MOTCUA_STRANGERS").map_or(2_000, |count| count.parse().unwrap());
    let world = World::with(Limits { max_connections: 200, ..Limits::default() });
    let kiosk = world.enrol(StationRole::Kiosk, "kiosk");
    kiosk.write(vec![ticket(0)]);
    kiosk.sync();
    let (mut longest, mut visits) = (Duration::ZERO, 0);
    std::thread::scope(|scope| {
        let crowd = scope.spawn(|| {
            let mut open = VecDeque::new();
            for _ in 0..strangers {
                open.push_back(connect(&world));
                if open.len() > 500 {
                    open.pop_front();
                }
            }
            open.len()
        });
        while !crowd.is_finished() {
            visits += 1;
            let since = Instant::now();
            kiosk.write(vec![ticket(visits)]);
            kiosk.sync();
            longest = longest.max(since.elapsed());
        }
        assert_eq!(crowd.join().unwrap(), 500);
    });
    println!("{visits} records were pushed meanwhile, the slowest in {longest:?}");
    assert!(visits > 10 && longest < Duration::from_secs(5), "{visits} in at most {longest:?}");
    assert_eq!(world.handle.service().counts().unwrap().events, u64::from(visits) + 1);
    // A newcomer is served as well.
    let counter = world.enrol(StationRole::Counter, "counter");
    counter.sync();
}
