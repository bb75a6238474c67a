//! Batches in frames: cut anywhere, repeated, reordered, with one bad segment in the midst.

use crate::house::*;
use proptest::prelude::*;
use sync::Refusal;
use sync::frame::{Frames, decode_outcomes, decode_pull, decode_push, encode_outcomes, encode_pull, encode_push};
use sync::protocol::StationRole::{Counter, Hub, Kiosk};
use sync::protocol::*;
use sync::stream::Heads;
use sync::wire::Fixed;

/// A pull's answer with the segments of three stations.
fn answer() -> (Seat, PullAnswer) {
    let centre = new_centre();
    for (at, role) in [Kiosk, Counter, Kiosk].into_iter().enumerate() {
        let seat = enrol(&centre, role);
        for number in 1..=3 {
            let draft = ticket(at as u32 * 10 + number);
            seat.store().append(NOON, None, vec![draft], vec![], &[]).unwrap();
            seat.store().to_push(9, &Default::default()).unwrap();
        }
        sync(&seat, &centre);
    }
    let ask = PullAsk {
        heads: Heads::default(),
        scopes: vec![site()],
        wait_ms: 0,
        limit_bytes: 1 << 20,
        roster: 0,
        receipted: vec![],
        own: None,
    };
    let mut answer = centre.store().pull_answer(NOON, &ask).unwrap();
    assert_eq!(answer.segments.len(), 9);
    // On the wire a grant does not say whose it is: the events do.
    answer.segments.iter_mut().flat_map(|push| &mut push.grants).for_each(|grant| grant.subject.clear());
    (centre, answer)
}

#[test]
fn whatever_was_framed_comes_out_the_same() {
    let (_centre, answer) = answer();
    assert_eq!(decode_pull(&encode_pull(&answer)).unwrap(), answer);
    assert_eq!(decode_push(&encode_push(&answer.segments)).unwrap(), (answer.segments.clone(), true));
    let refused = SegmentOutcome::Refused(Refusal::Gap { have: 1, want: 3 });
    let outcomes = [refused.clone(), refused];
    assert_eq!(decode_outcomes(&encode_outcomes(&outcomes)).unwrap(), outcomes);
}

#[test]
fn an_answer_cut_at_any_byte_gives_its_whole_segments_and_the_rest_is_asked_for_again() {
    let (centre, answer) = answer();
    let whole = encode_pull(&answer);
    let mut seen = std::collections::BTreeSet::new();
    for cut in 0..whole.len() {
        match decode_pull(&whole[..cut]) {
            Ok(some) => {
                assert!(some.more, "a cut answer says that there is more");
                assert_eq!(some.segments, answer.segments[..some.segments.len()]);
                seen.insert(some.segments.len());
            }
            Err(refusal) => assert_eq!(refusal, Refusal::Truncated, "cut at {cut}"),
        }
    }
    assert_eq!(seen.len(), 10, "each number of whole segments was seen");
    // A reader whose answers are cut in the midst of each third segment ends with all of them.
    let reader = enrol(&centre, Hub);
    let cutting = Between { pull: &cut, ..Between::new(&centre) };
    while sync::engine::pull_once(&reader.store, &cutting, &|| NOON, 0).unwrap().more {}
    assert_eq!(views(&reader), views(&centre));
    assert_whole(&reader);
}

#[test]
fn one_bad_segment_in_a_batch_holds_up_no_other_and_leaves_nothing_behind() {
    let (centre, answer) = answer();
    let mut pushes = answer.segments.clone();
    let bad = pushes[4].segment.0.len() - 1;
    pushes[4].segment.0[bad] ^= 1;
    let unknown = new_centre().store().take_push(NOON, &pushes).unwrap();
    assert!(unknown.iter().all(|it| matches!(it, Err(Refusal::UnknownStation { .. }))));
    // The reader knows the stations' cards, and no event yet.
    let reader = enrol(&centre, Hub);
    let no_segments = |answer| PullAnswer { segments: vec![], more: false, ..answer };
    let empty = Between { pull: &no_segments, ..Between::new(&centre) };
    sync::engine::pull_once(&reader.store, &empty, &|| NOON, 0).unwrap();
    let taken = reader.store().receive_all(NOON, &pushes).unwrap();
    let kinds: Vec<_> = taken.iter().map(|it| it.as_ref().err().map(Refusal::code)).collect();
    let mut expected = vec![None; 9];
    expected[4] = Some("SYNC-BAD-SIGNATURE");
    // The one after it in the same stream is early, and comes again.
    expected[5] = Some("SYNC-GAP");
    assert_eq!(kinds, expected);
    assert_eq!(reader.store().events().unwrap().len(), 7);
    assert_eq!(reader.store().quarantine().unwrap().len(), 1, "a gap is not put aside");
    assert_whole(&reader);
    reader.store().receive_all(NOON, &answer.segments).unwrap();
    assert_eq!(views(&reader), views(&centre));
}

#[test]
fn a_batch_is_one_flush_and_its_receipts_are_kept_whole() {
    let centre = new_centre();
    let kiosk = enrol(&centre, Kiosk);
    for number in 1..=20 {
        kiosk.store().append(NOON, None, vec![ticket(number)], vec![], &[]).unwrap();
        kiosk.store().to_push(1, &Default::default()).unwrap();
    }
    let pushes = kiosk.store().to_push(64, &Default::default()).unwrap();
    assert!(pushes.len() > 1);
    let taken = centre.store().take_push(NOON, &pushes).unwrap();
    let receipts: Vec<_> = taken.into_iter().map(|it| it.unwrap().receipt).collect();
    assert!(receipts.iter().all(|receipt| receipt.no == 20), "each covers all that the batch brought");
    assert_eq!(kiosk.store().note_receipts(&receipts).unwrap(), vec![]);
    assert_eq!(kiosk.store().outbox().unwrap().waiting, 0);
}

#[test]
fn what_a_hub_holds_waits_for_the_centres_receipt_and_is_not_sent_there_again() {
    let centre = new_centre();
    let kiosk = enrol(&centre, Kiosk);
    kiosk.store().append(NOON, None, vec![ticket(1)], vec![], &[]).unwrap();
    let hub = Between { push: &held, ..Between::new(&centre) };
    let outcome = sync::engine::push_all(&kiosk.store, &hub).unwrap();
    assert_eq!((outcome.pushed, outcome.held), (0, 1));
    assert_eq!(kiosk.store().outbox().unwrap().waiting, 1, "the centre has not confirmed it");
    assert!(kiosk.store().to_push(9, &Default::default()).unwrap().is_empty());
    // The centre has it by now: its receipt comes down with the next answer to a pull.
    sync::engine::pull_once(&kiosk.store, &hub, &|| NOON, 0).unwrap();
    assert_eq!(kiosk.store().outbox().unwrap().waiting, 0);
}

#[test]
fn a_receipt_of_another_chain_is_not_kept() {
    let centre = new_centre();
    let kiosk = enrol(&centre, Kiosk);
    kiosk.store().append(NOON, None, vec![ticket(1)], vec![], &[]).unwrap();
    let pushes = kiosk.store().to_push(9, &Default::default()).unwrap();
    let mut receipt = centre.store().take_push(NOON, &pushes).unwrap().remove(0).unwrap().receipt;
    receipt.hash = Fixed([7; 32]);
    let refused = kiosk.store().note_receipts(&[receipt]).unwrap();
    assert_eq!(refused[0].1, Refusal::BadSignature);
    assert_eq!(kiosk.store().outbox().unwrap().waiting, 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn the_parser_of_frames_never_panics_and_names_what_is_wrong(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = Frames::parse(&bytes);
        let begun = [b"MCFR\x01".as_slice(), &bytes].concat();
        let _ = Frames::parse(&begun);
        let _ = decode_push(&begun);
        let _ = decode_pull(&begun);
        let _ = decode_outcomes(&begun);
    }
}

/// A line that breaks in the midst of every third segment.
fn cut(answer: PullAnswer) -> PullAnswer {
    let some = PullAnswer { segments: answer.segments.iter().take(3).cloned().collect(), ..answer };
    let whole = encode_pull(&some);
    let cut = if some.segments.len() < 3 { whole.len() } else { whole.len() - 40 };
    decode_pull(&whole[..cut]).unwrap()
}

/// A hub's answer to a push: it holds what the centre gave receipts for.
fn held(outcomes: Vec<SegmentOutcome>) -> Vec<SegmentOutcome> {
    let hold = |outcome| match outcome {
        SegmentOutcome::Receipt(Receipt { stream, no, hash, .. }) => SegmentOutcome::Held { stream, no, hash },
        other => other,
    };
    outcomes.into_iter().map(hold).collect()
}
