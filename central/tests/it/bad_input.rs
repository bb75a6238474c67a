use crate::world::{Station, World, now, quick, site_scope, ticket};
use intake::event::Scope;
use intake::fact::{CodesLeased, Fact};
use intake::ids::LeaseId;
use intake::moment::Moment;
use sync::auth::RequestSignature;
use sync::frame::encode_push;
use sync::http::HttpCentre;
use sync::protocol::{Centre, PullAsk, SegmentOutcome, SegmentWithGrants, StationRole, path};
use sync::stream::Heads;
use sync::wire::{Bytes, from_cbor, to_cbor};
use sync::{CentreFault, Refusal};
use uuid::Uuid;

/// Posts a body with these headers: status, and the refusal if it is one.
fn post(world: &World, path: &str, headers: &[(&str, String)], body: &[u8]) -> (u16, Option<Refusal>) {
    let mut request = ureq::post(format!("{}{path}", world.handle.url())).config().http_status_as_error(false).build();
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    let mut response = request.send(body).unwrap();
    let bytes = response.body_mut().read_to_vec().unwrap();
    (response.status().as_u16(), from_cbor(&bytes).ok())
}

fn sign(station: &Station, path: &str, time: Moment, body: &[u8]) -> RequestSignature {
    station.signer().sign("POST", path, time, body).unwrap()
}

/// A correctly signed body of any bytes.
fn post_signed(world: &World, station: &Station, path: &str, body: &[u8]) -> (u16, Option<Refusal>) {
    post(world, path, &sign(station, path, now(), body).headers(), body)
}

fn heads_body() -> Vec<u8> {
    to_cbor(&vec![site_scope()])
}

#[test]
fn a_request_is_taken_once() {
    let world = World::new();
    let kiosk = world.enrol(StationRole::Kiosk, "kiosk");
    let body = heads_body();
    let headers = sign(&kiosk, path::HEADS, now(), &body).headers();
    assert_eq!(post(&world, path::HEADS, &headers, &body).0, 200);
    assert_eq!(post(&world, path::HEADS, &headers, &body), (401, Some(Refusal::Replay)));
}

#[test]
fn a_signature_is_for_one_path_one_body_and_one_station() {
    let world = World::new();
    let kiosk = world.enrol(StationRole::Kiosk, "kiosk");
    let other = world.enrol(StationRole::Kiosk, "other");
    let body = heads_body();
    let refused = (401, Some(Refusal::BadSignature));
    let headers = sign(&kiosk, path::HEADS, now(), &body).headers();
    assert_eq!(post(&world, path::PULL, &headers, &body), refused);
    assert_eq!(post(&world, path::HEADS, &headers, b"\x80"), refused);
    let mut stolen = sign(&kiosk, path::HEADS, now(), &body);
    stolen.station = other.signer().station();
    assert_eq!(post(&world, path::HEADS, &stolen.headers(), &body), refused);
    assert_eq!(post(&world, path::HEADS, &[], &body), refused);
    for at in 0..4 {
        let mut headers = sign(&kiosk, path::HEADS, now(), &body).headers();
        headers[at].1 = "x".into();
        assert_eq!(post(&world, path::HEADS, &headers, &body), refused, "{}", headers[at].0);
    }
}

#[test]
fn a_station_that_was_never_enrolled_is_named_so() {
    let (world, elsewhere) = (World::new(), World::new());
    let stranger = elsewhere.enrol(StationRole::Kiosk, "kiosk");
    let (status, refusal) = post_signed(&world, &stranger, path::HEADS, &heads_body());
    assert_eq!(status, 401);
    assert_eq!(refusal, Some(Refusal::UnknownStation { station: stranger.signer().station() }));
}

#[test]
fn a_clock_that_is_off_is_told_the_time_and_then_syncs() {
    let world = World::new();
    let mut kiosk = world.enrol(StationRole::Kiosk, "kiosk");
    let body = heads_body();
    let yesterday = now().plus_ms(-86_400_000);
    let (status, refusal) = post(&world, path::HEADS, &sign(&kiosk, path::HEADS, yesterday, &body).headers(), &body);
    assert_eq!(status, 401);
    assert!(matches!(refusal, Some(Refusal::ClockSkew { server_time }) if server_time.0.abs_diff(now().0) < 60_000));
    let slow = Box::new(|| now().plus_ms(-86_400_000));
    kiosk.centre = HttpCentre::new(&world.handle.url(), slow).signed(kiosk.signer());
    kiosk.write(vec![ticket(1)]);
    kiosk.sync();
    assert!(kiosk.centre.clock_offset_ms().abs_diff(86_400_000) < 60_000);
}

#[test]
fn bytes_that_are_no_message_are_named() {
    let world = World::new();
    let kiosk = world.enrol(StationRole::Kiosk, "kiosk");
    kiosk.write(vec![ticket(1)]);
    let segments = kiosk.store.lock().unwrap().to_push(1, &Default::default()).unwrap();
    let whole = encode_push(&segments);
    let refused = |bytes: &[u8]| post_signed(&world, &kiosk, path::PUSH, bytes);
    for cut in (0..whole.len()).step_by(7).chain([whole.len() - 1]) {
        assert_eq!(refused(&whole[..cut]), (422, Some(Refusal::Truncated)), "a push cut at {cut}");
    }
    assert_eq!(refused(b"{\"json\":1}"), (422, Some(Refusal::BadMagic)));
    assert_eq!(refused(b"MCFR\x03"), (422, Some(Refusal::Version { got: 3 })));
    assert!(matches!(refused(b"MCFR\x02\x21\0\0\0\0"), (422, Some(Refusal::Malformed { .. }))), "an unknown kind");
    assert!(matches!(refused(b"MCFR\x02\x01\xff\0\0\0"), (422 | 413, Some(Refusal::TooLarge { .. }))));
    assert!(matches!(refused(&[whole.as_slice(), b"x"].concat()), (422, Some(Refusal::Malformed { .. }))));
    for at in (0..segments[0].segment.0.len()).step_by(7) {
        let cut = SegmentWithGrants { segment: Bytes(segments[0].segment.0[..at].to_vec()), grants: vec![] };
        let outcomes = kiosk.centre.push(&[cut]).unwrap();
        assert_eq!(outcomes, [SegmentOutcome::Refused(Refusal::Truncated)], "cut at {at}");
    }
    assert_eq!(world.handle.service().counts().unwrap().events, 0);
    assert_eq!(post_signed(&world, &kiosk, path::PUSH, &whole).0, 200, "and then all is well");
}

#[test]
fn too_large_is_refused_before_it_is_read() {
    let world = World::with(central::http::Limits { max_body_bytes: 1000, ..quick() });
    let kiosk = world.enrol(StationRole::Kiosk, "kiosk");
    let (status, refusal) = post_signed(&world, &kiosk, path::PUSH, &vec![0; 1001]);
    assert_eq!(status, 413);
    assert_eq!(refusal, Some(Refusal::TooLarge { what: "request".into(), limit_bytes: 1000 }));
    // Chunked: the length is not told, so it is found out while reading.
    let mut chunks = std::io::repeat(0).take(5000);
    use std::io::Read;
    let response = ureq::post(format!("{}{}", world.handle.url(), path::PUSH))
        .config()
        .http_status_as_error(false)
        .build()
        .send(ureq::SendBody::from_reader(&mut chunks))
        .unwrap();
    assert_eq!(response.status().as_u16(), 413);
}

#[test]
fn a_path_that_is_none_of_ours_is_named() {
    let world = World::new();
    let (status, refusal) = post(&world, "/v9/push", &[], b"");
    assert_eq!((status, refusal), (404, Some(Refusal::NotFound { what: "path".into() })));
    assert_eq!(post(&world, "/healthz", &[], b"").0, 405);
}

#[test]
fn nobody_pulls_or_pushes_what_is_not_theirs() {
    let world = World::new();
    let kiosk = world.enrol(StationRole::Kiosk, "kiosk");
    let counter = world.enrol(StationRole::Counter, "counter");
    let not_yours = |scope: &Scope| CentreFault::Refused(Refusal::NotYourScope { scope: scope.0.clone() });
    for scope in [crate::world::agency_scope(), Scope("site:00008".into()), Scope("centre".into())] {
        let ask = PullAsk {
            heads: Heads::default(),
            scopes: vec![scope.clone()],
            wait_ms: 0,
            limit_bytes: 1,
            roster: 0,
            receipted: vec![],
            own: None,
        };
        assert_eq!(kiosk.centre.pull(&ask).unwrap_err(), not_yours(&scope));
        assert_eq!(kiosk.centre.heads(std::slice::from_ref(&scope)).unwrap_err(), not_yours(&scope));
    }
    kiosk.write(vec![ticket(1)]);
    let segments = kiosk.store.lock().unwrap().to_push(1, &Default::default()).unwrap();
    let outcomes = counter.centre.push(&segments).unwrap();
    let refused = Refusal::NotYourScope { scope: site_scope().0 };
    assert_eq!(outcomes, [SegmentOutcome::Refused(refused)], "another's stream");
}

#[test]
fn a_station_cannot_speak_for_the_centre() {
    let world = World::new();
    let counter = world.enrol(StationRole::Counter, "counter");
    let me = counter.signer().station();
    let mut forged = ticket(1);
    forged.subject = intake::event::Subject::Lease(LeaseId(Uuid::now_v7()));
    forged.personal = None;
    forged.fact = Fact::CodesLeased(CodesLeased {
        agency: crate::world::AGENCY.into(),
        day: now().day(),
        first: 1,
        count: 500,
        to: me,
    });
    counter.write(vec![forged]);
    let segments = counter.store.lock().unwrap().to_push(1, &Default::default()).unwrap();
    let outcomes = counter.centre.push(&segments).unwrap();
    let forged = |it: &SegmentOutcome| {
        matches!(it, SegmentOutcome::Refused(Refusal::Malformed { .. } | Refusal::NotYourScope { .. }))
    };
    assert!(!outcomes.is_empty() && outcomes.iter().all(forged), "{outcomes:?}");
    assert_eq!(world.handle.service().counts().unwrap().events, 0);
}

#[test]
fn the_door_is_shut_to_those_without_the_key() {
    let world = World::new();
    let order = br#"{"order":"export"}"#;
    assert_eq!(post(&world, "/v1/order", &[], order).0, 403);
    assert_eq!(post(&world, "/v1/order", &[("Authorization", "Bearer 00".into())], order).0, 403);
}
