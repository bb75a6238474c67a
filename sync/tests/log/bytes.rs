//! Decoders: every cut, every flipped bit and every garbage is a named refusal, and nothing of it is kept.

use crate::house::*;
use proptest::prelude::*;
use sync::carried::Carried;
use sync::protocol::StationRole::{Counter, Kiosk};
use sync::record::Record;
use sync::segment::{MAX_UNPACKED_BYTES, Segment, make};
use sync::stream::{Head, StreamId};
use sync::{ReceiveFault, Refusal};

/// A segment of two tickets, and one of them on paper.
fn specimens() -> (Seat, Vec<u8>, Vec<u8>) {
    let centre = new_centre();
    let kiosk = enrol(&centre, Kiosk);
    let events = kiosk.store().append(NOON, None, vec![ticket(1), ticket(2)], vec![], &[]).unwrap();
    let segment = kiosk.store().to_push(1, &Default::default()).unwrap().remove(0).segment.0;
    let paper = kiosk.store().carry(events[0].id).unwrap();
    (centre, segment, paper)
}

#[test]
fn a_segment_cut_anywhere_is_truncated() {
    let (_, segment, _) = specimens();
    for at in 0..segment.len() {
        let refusal = Segment::parse(&segment[..at]).map(|_| ()).unwrap_err();
        assert_eq!(refusal, Refusal::Truncated, "cut at {at} of {}", segment.len());
    }
    let longer = [segment.as_slice(), &[0]].concat();
    assert_eq!(Segment::parse(&longer).map(|_| ()).unwrap_err().code(), "SYNC-MALFORMED");
}

#[test]
fn a_carried_event_cut_anywhere_is_refused() {
    let (centre, _, paper) = specimens();
    for at in 0..paper.len() {
        assert!(matches!(centre.store().admit_carried(&paper[..at]), Err(ReceiveFault::Refused(_))), "cut at {at}");
    }
    assert_eq!(centre.store().events().unwrap(), []);
}

#[test]
fn a_flipped_bit_anywhere_is_refused_and_nothing_is_kept() {
    let (centre, segment, paper) = specimens();
    for at in 0..segment.len() {
        let mut bad = segment.clone();
        bad[at] ^= 1 << (at % 8);
        let taken = centre.store().receive(NOON, &bad, &[]);
        assert!(matches!(taken, Err(ReceiveFault::Refused(_))), "bit in byte {at}");
    }
    for at in 0..paper.len() {
        let mut bad = paper.clone();
        bad[at] ^= 1 << (at % 8);
        assert!(matches!(centre.store().admit_carried(&bad), Err(ReceiveFault::Refused(_))), "bit in byte {at}");
    }
    assert_eq!(centre.store().events().unwrap(), []);
    let quarantined = centre.store().quarantine().unwrap();
    assert!(!quarantined.is_empty() && quarantined.len() <= 256, "bounded: {}", quarantined.len());
    assert_eq!(centre.store().receive(NOON, &segment, &[]).unwrap().len(), 2, "the good one is still welcome");
    assert_whole(&centre);
}

#[test]
fn a_bomb_is_refused_before_it_unpacks() {
    let (station, incarnation) =
        (intake::ids::StationId(uuid::Uuid::nil()), intake::ids::Incarnation(uuid::Uuid::nil()));
    let stream = StreamId { station, incarnation, scope: site() };
    let key = ed25519_dalek::SigningKey::from_bytes(&[7; 32]);
    let bomb = make(&stream, 0, stream.start(), &[vec![0; MAX_UNPACKED_BYTES]], &key);
    assert_eq!(bomb.unwrap_err().code(), "SYNC-TOO-LARGE", "none is made");
    let events = vec![vec![0; 60 << 10]; 60];
    let legal = make(&stream, 0, Head { no: 0, ..stream.start() }, &events, &key).unwrap();
    assert!(legal.len() < 10_000, "zeros pack well");
    assert_eq!(Segment::parse(&legal).unwrap().events().unwrap_err().code(), "SYNC-MALFORMED", "no event is all zeros");
}

#[test]
fn a_newer_event_version_is_told_apart_from_garbage() {
    let newer = sync::wire::to_cbor(&(2_u8, "something", "else"));
    assert_eq!(Record::decode(&newer), Err(Refusal::Version { got: 2 }));
    assert_eq!(Record::decode(&[]), Err(Refusal::Truncated));
}

#[test]
fn only_a_newer_version_number_is_a_version_refusal() {
    let (_, mut segment, _) = specimens();
    segment[4] = 2;
    assert_eq!(Segment::parse(&segment).map(|_| ()).unwrap_err(), Refusal::Version { got: 2 });
    segment[0] = b'X';
    assert_eq!(Segment::parse(&segment).map(|_| ()).unwrap_err(), Refusal::BadMagic);
}

#[test]
fn a_sealed_part_moved_to_another_event_does_not_open() {
    let centre = new_centre();
    let (kiosk, counter) = (enrol(&centre, Kiosk), enrol(&centre, Counter));
    kiosk.store().append(NOON, None, vec![ticket(1), ticket(2)], vec![], &[]).unwrap();
    let push = kiosk.store().to_push(1, &Default::default()).unwrap().remove(0);
    // The grants of the two tickets, exchanged: each opens, and each for the wrong key.
    let mut grants = push.grants.clone();
    let keys: Vec<_> = grants.iter().map(|grant| grant.key).collect();
    grants.iter_mut().zip(keys.iter().rev()).for_each(|(grant, key)| grant.key = *key);
    sync(&counter, &centre);
    let events = counter.store().receive(NOON, &push.segment.0, &grants).unwrap();
    for event in &events {
        assert_eq!(counter.store().personal(event.id).unwrap(), sync::store::Opened::NotOurs);
    }
    counter.store().receive(NOON, &push.segment.0, &push.grants).unwrap();
    for event in &events {
        let opened = counter.store().personal(event.id).unwrap();
        assert_eq!(opened, sync::store::Opened::Personal(someone()), "good grants that come later are taken");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn decoders_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = Record::decode(&bytes);
        let _ = Segment::parse(&bytes).and_then(|segment| segment.events());
        let _ = Carried::parse(&bytes);
        let framed = [b"MCSG\x01".as_slice(), &bytes].concat();
        let _ = Segment::parse(&framed).and_then(|segment| segment.events());
        let framed = [b"MCC\x01".as_slice(), &bytes].concat();
        prop_assert!(Carried::parse(&framed).is_err());
    }

    #[test]
    fn what_decodes_is_what_was_encoded(
        id in any::<u128>(), at in any::<u64>(), kind in "[A-Z][a-z]{0,12}",
        body in proptest::collection::vec(any::<u8>(), 0..200), officer in proptest::option::of("[a-z]{1,8}"),
    ) {
        let record = Record {
            id: intake::ids::EventId(uuid::Uuid::from_u128(id)), at: intake::event::Hlc(at),
            station: intake::ids::StationId(uuid::Uuid::from_u128(!id)),
            incarnation: intake::ids::Incarnation(uuid::Uuid::nil()),
            officer: officer.map(intake::ids::OfficerId::new),
            subject: intake::event::Subject::Visit(visit(3)), scopes: vec![site(), agency()], kind, body, sealed: None,
        };
        let bytes = record.encode();
        prop_assert_eq!(Record::decode(&bytes).unwrap(), record);
        for at in 0..bytes.len() {
            prop_assert!(Record::decode(&bytes[..at]).is_err());
        }
    }
}
