//! The protocol over a real socket: signed requests, a clock that is a day off, replays, and a line that breaks.

use crate::house::*;
use intake::moment::Moment;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use sync::auth::{RequestGuard, RequestSignature};
use sync::engine::sync_once;
use sync::frame::{decode_push, encode_outcomes, encode_pull};
use sync::protocol::StationRole::Kiosk;
use sync::protocol::{Centre, path};
use sync::refusal::NextStep;
use sync::wire::{from_cbor, to_cbor};
use sync::{CentreFault, HttpCentre, Refusal, SyncFault};

const DAY_MS: i64 = 86_400_000;

/// A request as it came: path, headers, body.
struct Request {
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Request {
    fn read(line: &mut TcpStream) -> Option<Self> {
        let mut bytes = Vec::new();
        let end = loop {
            if let Some(at) = bytes.windows(4).position(|part| part == b"\r\n\r\n") {
                break at + 4;
            }
            let mut next = [0];
            line.read_exact(&mut next).ok()?;
            bytes.push(next[0]);
        };
        let head = String::from_utf8(bytes[..end].to_vec()).ok()?;
        let mut lines = head.lines();
        let path = lines.next()?.split(' ').nth(1)?.to_owned();
        let pair = |line: &str| line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.to_owned()));
        let headers: Vec<_> = lines.filter_map(pair).collect();
        let length = headers.iter().find(|(name, _)| name == "content-length")?.1.parse().ok()?;
        let mut body = vec![0; length];
        line.read_exact(&mut body).ok()?;
        Some(Self { path, headers, body })
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(it, _)| *it == name.to_lowercase()).map(|(_, value)| value.as_str())
    }
}

/// Serves on loopback until the process ends; the first `break_first` answers to a push are cut in the middle.
fn serve(centre: Arc<Seat>, break_first: u32) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (mut guard, mut breaks) = (RequestGuard::default(), break_first);
        for line in listener.incoming() {
            let mut line = line.unwrap();
            while let Some(request) = Request::read(&mut line) {
                let (status, body) = match answer(&centre, &mut guard, &request) {
                    Ok(body) => (200, body),
                    Err(refusal) => (refusal.http_status(), to_cbor(&refusal)),
                };
                let head = format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\n\r\n", body.len());
                line.write_all(head.as_bytes()).unwrap();
                if breaks > 0 && request.path == path::PUSH {
                    breaks -= 1;
                    line.write_all(&body[..body.len() / 2]).unwrap();
                    break;
                }
                line.write_all(&body).unwrap();
            }
        }
    });
    address
}

fn answer(centre: &Seat, guard: &mut RequestGuard, request: &Request) -> Result<Vec<u8>, Refusal> {
    let signature = RequestSignature::from_headers(|name| request.get(name))?;
    let station = signature.station;
    let card = centre.store().station_card(station).unwrap().ok_or(Refusal::UnknownStation { station })?;
    guard.check(&signature, "POST", &request.path, &request.body, &card.sign_public, NOON)?;
    let direct = Direct::new(centre);
    let refused = |fault: CentreFault| match fault {
        CentreFault::Refused(refusal) => refusal,
        other => panic!("{other}"),
    };
    match request.path.as_str() {
        path::HEADS => direct.heads(&from_cbor::<Vec<_>>(&request.body)?).map(|it| to_cbor(&it)).map_err(refused),
        path::PUSH => direct.push(&decode_push(&request.body)?.0).map(|it| encode_outcomes(&it)).map_err(refused),
        path::PULL => direct.pull(&from_cbor(&request.body)?).map(|it| encode_pull(&it)).map_err(refused),
        other => Err(Refusal::NotFound { what: other.to_owned() }),
    }
}

fn over_http(seat: &Seat, address: &str, clock: Moment) -> HttpCentre {
    HttpCentre::new(address, Box::new(move || clock)).signed(seat.store().signer())
}

#[test]
fn a_station_whose_clock_is_a_day_off_syncs_and_the_skew_is_known() {
    let centre = Arc::new(new_centre());
    let kiosk = enrol(&centre, Kiosk);
    let behind = NOON.plus_ms(-DAY_MS);
    kiosk.store().append(behind, None, vec![ticket(1)], vec![], &[]).unwrap();
    let http = over_http(&kiosk, &serve(centre.clone(), 0), behind);
    let outcome = sync_once(&kiosk.store, &http, &|| behind).unwrap();
    assert_eq!((outcome.pushed, outcome.centre_time), (1, Some(NOON)));
    assert_eq!(http.clock_offset_ms(), DAY_MS);
    assert_eq!(centre.store().events().unwrap().len(), 1);
}

#[test]
fn an_answer_cut_in_the_middle_is_worth_trying_again_and_doubles_nothing() {
    let centre = Arc::new(new_centre());
    let kiosk = enrol(&centre, Kiosk);
    kiosk.store().append(NOON, None, vec![ticket(1)], vec![], &[]).unwrap();
    let http = over_http(&kiosk, &serve(centre.clone(), 1), NOON);
    let cut = sync_once(&kiosk.store, &http, &|| NOON).unwrap_err();
    assert!(matches!(cut, SyncFault::Centre(CentreFault::Unreachable(_))), "{cut}");
    assert_eq!(cut.next_step(), NextStep::TryAgain);
    assert_eq!(kiosk.store().outbox().unwrap().waiting, 1);
    assert_eq!(sync_once(&kiosk.store, &http, &|| NOON).unwrap().pushed, 1);
    assert_eq!(centre.store().events().unwrap().len(), 1);
    assert_eq!(kiosk.store().outbox().unwrap().last_receipt.unwrap().receipt_no, 1);
}

#[test]
fn no_centre_is_unreachable_and_a_stranger_needs_a_person() {
    let (centre, elsewhere) = (Arc::new(new_centre()), new_centre());
    let kiosk = enrol(&elsewhere, Kiosk);
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let nobody = over_http(&kiosk, &format!("http://{closed}"), NOON);
    let fault = nobody.heads(&[site()]).unwrap_err();
    assert_eq!((fault.code(), fault.next_step()), ("CENTRE-UNREACHABLE", NextStep::TryAgain));
    let stranger = over_http(&kiosk, &serve(centre, 0), NOON);
    let fault = stranger.heads(&[site()]).unwrap_err();
    assert_eq!((fault.code(), fault.next_step()), ("SYNC-UNKNOWN-STATION", NextStep::AskPerson));
}

#[test]
fn a_request_is_taken_once_and_only_as_it_was_signed() {
    let centre = new_centre();
    let kiosk = enrol(&centre, Kiosk);
    let public = kiosk.store().card().sign_public;
    let request = kiosk.store().signer().sign("POST", path::PUSH, NOON, b"body").unwrap();
    let headers = request.headers();
    let get = |name: &str| headers.iter().find(|(it, _)| *it == name).map(|(_, value)| value.as_str());
    assert_eq!(RequestSignature::from_headers(get).unwrap(), request);
    let mut guard = RequestGuard::default();
    let mut check = |path: &str, body: &[u8], now| guard.check(&request, "POST", path, body, &public, now);
    assert_eq!(check(path::PULL, b"body", NOON), Err(Refusal::BadSignature));
    assert_eq!(check(path::PUSH, b"bodY", NOON), Err(Refusal::BadSignature));
    let late = NOON.plus_ms(5 * 60 * 1000 + 1);
    assert_eq!(check(path::PUSH, b"body", late), Err(Refusal::ClockSkew { server_time: late }));
    assert_eq!(check(path::PUSH, b"body", NOON.plus_ms(1000)), Ok(()));
    assert_eq!(check(path::PUSH, b"body", NOON.plus_ms(1000)), Err(Refusal::Replay));
    assert_eq!(check(path::PUSH, b"body", NOON.plus_ms(300_000)), Err(Refusal::Replay), "as long as its time counts");
}
