//! One citizen from the kiosk to the centre, and what each may read.

use crate::house::*;
use intake::event::Subject;
use intake::fact::Fact;
use sync::carried::BUDGET_BYTES;
use sync::engine::{check_heads, push_all};
use sync::protocol::StationRole::{Counter, Kiosk};
use sync::store::{EffectDraft, Opened};
use sync::{CentreFault, SyncFault};
use uuid::Uuid;

#[test]
fn a_ticket_travels_and_each_reads_what_is_theirs() {
    let centre = new_centre();
    let (kiosk, counter) = (enrol(&centre, Kiosk), enrol(&centre, Counter));
    let issued = kiosk.store().append(NOON, None, vec![ticket(1)], vec![], &[]).unwrap();
    let id = issued[0].id;
    assert!(issued[0].has_personal);
    assert_eq!(kiosk.store().personal(id).unwrap(), Opened::NotOurs);

    assert_eq!(sync(&kiosk, &centre).pushed, 1);
    let received = sync(&counter, &centre).received;
    assert_eq!(received, issued);
    assert_eq!(counter.store().personal(id).unwrap(), Opened::Personal(someone()));
    assert_eq!(centre.store().personal(id).unwrap(), Opened::Personal(someone()));
    for seat in [&kiosk, &counter, &centre] {
        assert_whole(seat);
        assert_eq!(views(seat), views(&kiosk));
    }
}

#[test]
fn a_lost_answer_doubles_nothing_and_the_receipt_is_the_same() {
    let centre = new_centre();
    let kiosk = enrol(&centre, Kiosk);
    kiosk.store().append(NOON, None, vec![ticket(1), ticket(2)], vec![], &[]).unwrap();
    let lossy = Direct::new(&centre);
    *lossy.lose_answers.lock().unwrap() = 1;
    let lost = push_all(&kiosk.store, &lossy);
    assert!(matches!(lost, Err(SyncFault::Centre(CentreFault::Unreachable(_)))));
    assert_eq!(kiosk.store().outbox().unwrap().waiting, 2);
    push_all(&kiosk.store, &lossy).unwrap();
    let outbox = kiosk.store().outbox().unwrap();
    assert_eq!((outbox.waiting, outbox.oldest), (0, None));
    assert_eq!(outbox.last_receipt.unwrap().receipt_no, 1);
    assert_eq!(centre.store().events().unwrap(), kiosk.store().events().unwrap());
}

#[test]
fn a_person_is_forgotten_everywhere_and_the_chains_stay_whole() {
    let centre = new_centre();
    let (kiosk, counter, late) = (enrol(&centre, Kiosk), enrol(&centre, Counter), enrol(&centre, Counter));
    let id = kiosk.store().append(NOON, None, vec![ticket(1)], vec![], &[]).unwrap()[0].id;
    let other = kiosk.store().append(NOON, None, vec![ticket(2)], vec![], &[]).unwrap()[0].id;
    sync(&kiosk, &centre);
    sync(&counter, &centre);
    assert_eq!(counter.store().personal(id).unwrap(), Opened::Personal(someone()));

    counter.store().forget(NOON, None, &Subject::Visit(visit(1)), "QĐ 12/2026").unwrap();
    assert_eq!(counter.store().personal(id).unwrap(), Opened::Erased);
    for seat in [&counter, &kiosk, &late, &counter] {
        sync(seat, &centre);
    }
    for seat in [&centre, &kiosk, &counter, &late] {
        assert_eq!(seat.store().personal(id).unwrap(), Opened::Erased);
        assert_whole(seat);
        let before = seat.store().views_hash().unwrap();
        seat.store().rebuild_views().unwrap();
        assert_eq!(seat.store().views_hash().unwrap(), before);
        assert_eq!(before, centre.store().views_hash().unwrap());
    }
    assert_eq!(late.store().personal(other).unwrap(), Opened::Personal(someone()), "nobody else is forgotten");
}

#[test]
fn what_a_member_seals_goes_on_under_the_same_key() {
    let centre = new_centre();
    let counter = enrol(&centre, Counter);
    let first = counter.store().append(NOON, None, vec![ticket(1)], vec![], &[]).unwrap();
    let mut again = called(1, "3");
    again.personal = Some(someone());
    again.scopes.push(agency());
    let second = counter.store().append(NOON, None, vec![again], vec![], &[]).unwrap();
    for event in first.iter().chain(&second) {
        assert_eq!(counter.store().personal(event.id).unwrap(), Opened::Personal(someone()));
    }
    let pushes = counter.store().to_push(10, &Default::default()).unwrap();
    let keys: std::collections::BTreeSet<_> =
        pushes.iter().flat_map(|push| &push.grants).map(|grant| grant.key).collect();
    assert_eq!(keys.len(), 1);
}

#[test]
fn a_kiosk_makes_a_new_key_each_time() {
    let centre = new_centre();
    let kiosk = enrol(&centre, Kiosk);
    for _ in 0..2 {
        kiosk.store().append(NOON, None, vec![ticket(1)], vec![], &[]).unwrap();
    }
    let pushes = kiosk.store().to_push(10, &Default::default()).unwrap();
    let keys: std::collections::BTreeSet<_> =
        pushes.iter().flat_map(|push| &push.grants).map(|grant| grant.key).collect();
    assert_eq!(keys.len(), 2);
}

#[test]
fn paper_carries_a_ticket_and_healing_finds_the_same_event() {
    let centre = new_centre();
    let (kiosk, counter) = (enrol(&centre, Kiosk), enrol(&centre, Counter));
    sync(&counter, &centre);
    let issued = kiosk.store().append(NOON, None, vec![ticket(7)], vec![], &[]).unwrap().remove(0);
    let paper = kiosk.store().carry(issued.id).unwrap();
    assert!(paper.len() <= BUDGET_BYTES, "{} bytes on paper", paper.len());

    for _ in 0..2 {
        assert_eq!(counter.store().admit_carried(&paper).unwrap(), issued);
    }
    assert_eq!(counter.store().personal(issued.id).unwrap(), Opened::Personal(someone()));
    assert_eq!(counter.store().events().unwrap().len(), 1);
    assert_whole(&counter);
    let on_paper = counter.store().views_hash().unwrap();

    sync(&kiosk, &centre);
    assert_eq!(sync(&counter, &centre).received, [], "the same event is not new");
    assert_eq!(counter.store().views_hash().unwrap(), on_paper);
    assert_eq!(kiosk.store().views_hash().unwrap(), on_paper);
    assert_whole(&counter);
}

#[test]
fn what_is_owed_survives_and_is_done_with_the_event_that_tells() {
    let centre = new_centre();
    let kiosk = enrol(&centre, Kiosk);
    let id = Uuid::from_u128(5);
    let effect = EffectDraft { id, kind: "print".into(), body: b"Nguyen Thi Mau".to_vec() };
    kiosk.store().append(NOON, None, vec![ticket(1)], vec![effect.clone(), effect.clone()], &[]).unwrap();
    let dir = kiosk.close();
    let file = [std::fs::read(dir.path().join("log.db")), std::fs::read(dir.path().join("log.db-wal"))];
    let plain = file.iter().flatten().any(|bytes| bytes.windows(14).any(|part| part == b"Nguyen Thi Mau"));
    assert!(!plain, "what is owed is not readable on the disk");

    let mut store = sync::Store::open(dir.path()).unwrap();
    let owed = store.effects_owed().unwrap();
    assert_eq!((owed.len(), owed[0].started, owed[0].body.as_slice()), (1, false, effect.body.as_slice()));
    store.effect_started(id).unwrap();
    assert!(store.effects_owed().unwrap()[0].started);
    store.append(NOON, None, vec![called(1, "2")], vec![], &[id]).unwrap();
    assert_eq!(store.effects_owed().unwrap(), []);
    store.append(NOON, None, vec![], vec![effect], &[]).unwrap();
    assert_eq!(store.effects_owed().unwrap(), [], "the same effect is owed once");
}

#[test]
fn a_checkpoint_is_countersigned_and_kept() {
    let centre = new_centre();
    let kiosk = enrol(&centre, Kiosk);
    kiosk.store().append(NOON, None, vec![ticket(1)], vec![], &[]).unwrap();
    let (stream, _) = kiosk.store().heads(&[site()]).unwrap().0.remove(0);
    let checkpoint = kiosk.store().make_checkpoint(NOON, &stream).unwrap();
    let early = centre.store().countersign(&checkpoint).unwrap_err();
    assert_eq!(early.code(), "SYNC-FORK", "the centre signs nothing that it does not hold");
    sync(&kiosk, &centre);
    let signed = centre.store().countersign(&checkpoint).unwrap();
    kiosk.store().keep_checkpoint(&signed).unwrap();
    let forged = sync::checkpoint::Checkpoint { no: 0, ..signed };
    assert_eq!(kiosk.store().keep_checkpoint(&forged).unwrap_err().code(), "SYNC-BAD-SIGNATURE");
}

#[test]
fn settings_of_the_centre_arrive_and_a_kiosk_cannot_make_one() {
    let centre = new_centre();
    let (kiosk, counter) = (enrol(&centre, Kiosk), enrol(&centre, Counter));
    let published = |version: &str| intake::event::Draft {
        subject: Subject::Setting("calendar".into()),
        fact: Fact::from(intake::fact::SettingPublished { version: version.into(), from: NOON, body: String::new() }),
        personal: None,
        scopes: vec![site()],
    };
    centre.store().append(NOON, None, vec![published("1"), published("2")], vec![], &[]).unwrap();
    sync(&counter, &centre);
    let settings = counter.store().settings().unwrap();
    assert!(matches!(&settings[..], [one] if matches!(&one.fact, Fact::SettingPublished(it) if it.version == "2")));

    kiosk.store().append(NOON, None, vec![published("3")], vec![], &[]).unwrap();
    let refused = sync(&kiosk, &centre).refused;
    assert_eq!(refused[0].1.code(), "SYNC-NOT-YOUR-SCOPE");
    assert_eq!(centre.store().quarantine().unwrap().len(), 1);
    assert_eq!(check_heads(&kiosk.store, &Direct::new(&centre)).unwrap(), None);
}
