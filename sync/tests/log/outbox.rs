//! The outbox record by record, the final check of both ends, and the way out of quarantine.

use crate::house::*;
use intake::moment::Moment;
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::sync::Mutex;
use sync::checkpoint::Checkpoint;
use sync::compare::{Difference, compare};
use sync::engine::push_all;
use sync::protocol::StationRole::{Counter, Kiosk};
use sync::protocol::*;
use sync::segment::Segment;
use sync::store::{ItemState, Store};
use sync::stream::Heads;
use sync::{CentreFault, Refusal};

fn write(seat: &Seat, tickets: std::ops::RangeInclusive<u32>) {
    seat.store().append(NOON, None, tickets.map(ticket).collect(), vec![], &[]).unwrap();
}

fn states(seat: &Seat) -> Vec<ItemState> {
    let items = seat.store().outbox_items(false, None, 100).unwrap();
    items.into_iter().map(|item| item.state).collect()
}

fn difference(seat: &Seat, centre: &Seat) -> Option<Difference> {
    compare(&seat.store, &Direct::new(centre)).unwrap().difference
}

fn edit(seat: &Seat, change: &str) {
    let db = Connection::open(seat.dir.path().join("log.db")).unwrap();
    assert!(db.execute(change, []).unwrap() > 0, "{change}");
}

#[test]
fn a_record_is_confirmed_by_the_receipt_that_was_the_first_to_cover_it() {
    let centre = new_centre();
    let kiosk = enrol(&centre, Kiosk);
    write(&kiosk, 1..=2);
    assert_eq!(states(&kiosk), [ItemState::Waiting, ItemState::Waiting]);
    sync(&kiosk, &centre);
    let first = kiosk.store().outbox().unwrap().last_receipt.unwrap();
    write(&kiosk, 3..=3);
    sync(&kiosk, &centre);
    let second = kiosk.store().outbox().unwrap().last_receipt.unwrap();
    assert!(second.receipt_no > first.receipt_no);
    let by = |receipt: &Receipt| ItemState::Confirmed { receipt_no: Some(receipt.receipt_no), at: Some(receipt.at) };
    assert_eq!(states(&kiosk), [by(&second), by(&first), by(&first)]);
    assert_eq!(kiosk.store().outbox_items(true, None, 100).unwrap(), []);
}

#[test]
fn pages_of_the_outbox_meet_without_a_gap_or_a_repeat() {
    let centre = new_centre();
    let kiosk = enrol(&centre, Kiosk);
    write(&kiosk, 1..=25);
    let mut seen = Vec::new();
    let mut before = None;
    loop {
        let page = kiosk.store().outbox_items(true, before, 10).unwrap();
        let Some(last) = page.last() else { break };
        assert!(page.len() <= 10);
        before = Some(last.row);
        seen.extend(page.into_iter().map(|item| item.subject));
    }
    let wanted: Vec<String> = (1..=25).rev().map(|number| format!("visit:{}", visit(number))).collect();
    assert_eq!(seen, wanted);
}

#[test]
fn a_lost_answer_is_said_to_be_one_until_the_receipt_comes() {
    let centre = new_centre();
    let kiosk = enrol(&centre, Kiosk);
    write(&kiosk, 1..=1);
    let line = Direct::new(&centre);
    *line.lose_answers.lock().unwrap() = 1;
    push_all(&kiosk.store, &line).unwrap_err();
    write(&kiosk, 2..=2);
    assert_eq!(states(&kiosk), [ItemState::Waiting, ItemState::Unanswered]);
    // The centre does hold it, and it is still not "synced": nobody here knows.
    let found = difference(&kiosk, &centre);
    assert!(matches!(found, Some(Difference::MissingThere { here: 2, there: 1, .. })), "{found:?}");
    push_all(&kiosk.store, &line).unwrap();
    assert!(states(&kiosk).iter().all(|state| matches!(state, ItemState::Confirmed { .. })));
    assert_eq!(difference(&kiosk, &centre), None);
}

#[test]
fn what_a_hub_holds_is_not_confirmed() {
    let centre = new_centre();
    let kiosk = enrol(&centre, Kiosk);
    write(&kiosk, 1..=1);
    let hold = |outcomes: Vec<SegmentOutcome>| {
        let held = |outcome| match outcome {
            SegmentOutcome::Receipt(it) => SegmentOutcome::Held { stream: it.stream, no: it.no, hash: it.hash },
            other => other,
        };
        outcomes.into_iter().map(held).collect()
    };
    push_all(&kiosk.store, &Between { push: &hold, ..Between::new(&centre) }).unwrap();
    assert_eq!(states(&kiosk), [ItemState::Held]);
    assert_eq!(difference(&kiosk, &centre), Some(Difference::NotConfirmed { waiting: 1 }));
}

#[test]
fn a_refused_record_says_why_and_a_new_life_or_a_better_centre_frees_it() {
    let centre = new_centre();
    let kiosk = enrol(&centre, Kiosk);
    write(&kiosk, 1..=1);
    let refuse = |outcomes: Vec<SegmentOutcome>| {
        outcomes.iter().map(|_| SegmentOutcome::Refused(Refusal::malformed("a test"))).collect()
    };
    push_all(&kiosk.store, &Between { push: &refuse, ..Between::new(&centre) }).unwrap();
    assert_eq!(states(&kiosk), [ItemState::Refused(Refusal::malformed("a test"))]);
    assert_eq!(kiosk.store().refused_streams().len(), 1);
    assert_eq!(difference(&kiosk, &centre), Some(Difference::NotConfirmed { waiting: 1 }));
    // Written again into new streams under the same event ids: nothing is doubled.
    kiosk.store().new_incarnation().unwrap();
    assert_eq!(states(&kiosk), [ItemState::Waiting]);
    sync(&kiosk, &centre);
    // This centre had taken it, whatever the answer said: the former stream comes back, and wants its receipt too.
    sync(&kiosk, &centre);
    assert_eq!(kiosk.store().refused_streams(), []);
    assert!(matches!(states(&kiosk)[..], [ItemState::Confirmed { .. }]));
    assert_eq!(centre.store().events().unwrap().len(), 1);
}

#[test]
fn receipts_of_a_centre_that_was_restored_are_worth_nothing() {
    let centre = new_centre();
    let kiosk = enrol(&centre, Kiosk);
    write(&kiosk, 1..=3);
    sync(&kiosk, &centre);
    let (stream, _) = kiosk.store().written(&site()).unwrap();
    kiosk.store().push_again_from(&stream, 1).unwrap();
    assert_eq!(states(&kiosk)[..2], [ItemState::Waiting, ItemState::Waiting]);
    assert_eq!(kiosk.store().outbox().unwrap().waiting, 2);
}

#[test]
fn each_kind_of_disagreement_of_two_ends_is_named() {
    let set = || {
        let centre = new_centre();
        let (kiosk, counter) = (enrol(&centre, Kiosk), enrol(&centre, Counter));
        write(&kiosk, 1..=3);
        sync(&kiosk, &centre);
        sync(&counter, &centre);
        assert_eq!((difference(&kiosk, &centre), difference(&counter, &centre)), (None, None));
        (centre, kiosk, counter)
    };
    let (centre, kiosk, _) = set();
    edit(&centre, "UPDATE stream SET hash = zeroblob(32)");
    assert!(matches!(difference(&kiosk, &centre), Some(Difference::OtherHistory { no: 3, .. })));

    let (centre, kiosk, _) = set();
    edit(&centre, "UPDATE stream SET head = 2, hash = (SELECT hash FROM place WHERE no = 2)");
    assert!(matches!(difference(&kiosk, &centre), Some(Difference::MissingThere { here: 3, there: 2, .. })));

    let (centre, kiosk, counter) = set();
    write(&kiosk, 4..=4);
    assert!(matches!(difference(&kiosk, &centre), Some(Difference::MissingThere { here: 4, there: 3, .. })));
    sync(&kiosk, &centre);
    let found = difference(&counter, &centre).unwrap();
    assert!(matches!(found, Difference::MissingHere { here: 3, there: 4, .. }), "{found}");
    assert!(found.to_string().contains("3 here, 4 at the other end"), "{found}");
}

#[test]
fn receipts_and_keys_that_were_changed_on_the_disk_are_named() {
    let receipt = format!("UPDATE receipt SET bytes = {}", changed("bytes", "length(bytes)"));
    let changes = [
        ("UPDATE stream SET receipted = 99", "receipt"),
        ("DELETE FROM receipt", "receipt"),
        (&receipt, "receipt"),
        ("UPDATE receipt SET bytes = x'00'", "receipt"),
        ("DELETE FROM content_grant", "grant"),
    ];
    for (change, name) in changes {
        let centre = new_centre();
        let kiosk = enrol(&centre, Kiosk);
        write(&kiosk, 1..=2);
        sync(&kiosk, &centre);
        assert_whole(&kiosk);
        edit(&kiosk, change);
        let found = kiosk.store().verify().unwrap().difference;
        assert!(found.as_ref().is_some_and(|it| it.starts_with(name)), "{change}: {found:?}");
    }
}

/// A centre that hands down one stream's segments with a bit turned, until it is mended.
struct Bad<'a> {
    inner: Direct<'a>,
    stream: Mutex<Option<sync::stream::StreamId>>,
}

impl Centre for Bad<'_> {
    fn enrol(&self, ask: &EnrolAsk) -> Result<Enrolment, CentreFault> {
        self.inner.enrol(ask)
    }
    fn heads(&self, scopes: &[intake::event::Scope]) -> Result<Heads, CentreFault> {
        self.inner.heads(scopes)
    }
    fn push(&self, segments: &[SegmentWithGrants]) -> Result<Vec<SegmentOutcome>, CentreFault> {
        self.inner.push(segments)
    }
    fn pull(&self, ask: &PullAsk) -> Result<PullAnswer, CentreFault> {
        let mut answer = self.inner.pull(ask)?;
        let bad = self.stream.lock().unwrap();
        for push in &mut answer.segments {
            let of = Segment::parse(&push.segment.0).unwrap().header.stream;
            if Some(of) == *bad {
                let mut bytes = push.segment.0.to_vec();
                *bytes.last_mut().unwrap() ^= 1;
                push.segment = bytes.into();
            }
        }
        Ok(answer)
    }
    fn lease(&self, ask: &LeaseAsk) -> Result<(), CentreFault> {
        self.inner.lease(ask)
    }
    fn checkpoint(&self, checkpoint: &Checkpoint) -> Result<Checkpoint, CentreFault> {
        self.inner.checkpoint(checkpoint)
    }
    fn public_state(&self, code: &str) -> Result<Option<PublicState>, CentreFault> {
        self.inner.public_state(code)
    }
}

#[test]
fn one_bad_record_of_a_thousand_stops_no_other_stream_and_the_way_out_heals_it() {
    let centre = new_centre();
    let kiosks: Vec<Seat> = (0..20).map(|_| enrol(&centre, Kiosk)).collect();
    for (kiosk, first) in kiosks.iter().zip((1..).step_by(50)) {
        write(kiosk, first..=first + 49);
        sync(kiosk, &centre);
    }
    let (bad, _) = kiosks[7].store().written(&site()).unwrap();
    let line = Bad { inner: Direct::new(&centre), stream: Mutex::new(Some(bad.clone())) };
    let counter = enrol(&centre, Counter);
    let clock = || NOON;
    sync::engine::sync_once(&counter.store, &line, &clock).unwrap();
    let of: BTreeMap<_, usize> = counter.store().events().unwrap().iter().fold(BTreeMap::new(), |mut of, event| {
        *of.entry(event.station).or_default() += 1;
        of
    });
    assert_eq!(of.len(), 19, "all others arrive");
    assert!(of.values().all(|count| *count == 50));
    let aside = counter.store().put_aside().unwrap();
    assert_eq!(aside.len(), 1, "the same bytes again are kept once");
    let found = &aside[0];
    assert_eq!((found.stream.as_ref(), found.at), (Some(&bad), Moment(NOON.0)));
    assert_eq!(found.of.as_ref().map(|card| card.station), Some(bad.station));
    assert_eq!(found.refusal, Refusal::BadSignature);
    let bytes = counter.store().put_aside_bytes(found.row).unwrap().unwrap();
    assert_eq!(bytes.len() as u64, found.size_bytes);

    *line.stream.lock().unwrap() = None;
    assert!(counter.store().ask_again(found.row).unwrap());
    assert!(!counter.store().ask_again(found.row).unwrap(), "it is gone");
    sync::engine::pull_once(&counter.store, &line, &clock, 0).unwrap();
    assert_eq!(counter.store().events().unwrap().len(), 1000);
    assert_eq!(counter.store().put_aside().unwrap(), []);
    assert_whole(&counter);
    assert_eq!(difference(&counter, &centre), None);
}

#[test]
fn a_store_of_an_earlier_version_gains_what_the_outbox_needs() {
    let centre = new_centre();
    let kiosk = enrol(&centre, Kiosk);
    write(&kiosk, 1..=1);
    sync(&kiosk, &centre);
    let dir = kiosk.close();
    let db = Connection::open(dir.path().join("log.db")).unwrap();
    db.execute_batch("DROP TABLE receipt_got; DROP TABLE dossier_code; PRAGMA user_version = 2").unwrap();
    drop(db);
    let store = Store::open(dir.path()).unwrap();
    let items = store.outbox_items(false, None, 10).unwrap();
    assert_eq!(items[0].state, ItemState::Confirmed { receipt_no: None, at: None }, "its receipt was not kept then");
}
