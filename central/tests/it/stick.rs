//! What a station wrote is carried to the centre on a stick, and the receipts back.

use crate::world::{NAME, Station, World, now, ticket};
use sync::protocol::StationRole;
use sync::stick::StickFault;
use sync::{CentreFault, Refusal};

fn stick(station: &Station) -> Vec<u8> {
    station.store.lock().unwrap().write_stick(now(), Vec::new()).unwrap().0
}

fn refusal(taken: Result<central::service::Carried, central::service::NotCarried>) -> Refusal {
    match taken.map(|_| ()).unwrap_err() {
        central::service::NotCarried::Stick(StickFault::Refused(refusal)) => refusal,
        central::service::NotCarried::Centre(CentreFault::Refused(refusal)) => refusal,
        other => panic!("{other}"),
    }
}

#[test]
fn what_no_network_carried_is_carried_by_hand_and_the_outbox_empties() {
    let world = World::new();
    let kiosk = world.enrol(StationRole::Kiosk, "kiosk");
    kiosk.write((1..=5).map(ticket).collect());
    let bytes = stick(&kiosk);
    let whole = |marker: &str| bytes.windows(marker.len()).any(|part| part == marker.as_bytes());
    assert!(!whole(NAME) && !whole("visit:") && !whole("site:"), "a stick that is lost tells nothing");
    let carried = world.handle.service().take_stick(bytes.as_slice()).unwrap();
    assert!(carried.refused.is_empty() && carried.segments > 0);
    assert_eq!(world.handle.service().counts().unwrap().events, 5);
    assert_eq!(kiosk.store.lock().unwrap().take_stick_receipts(&carried.receipts).unwrap(), []);
    assert_eq!(kiosk.store.lock().unwrap().outbox().unwrap().waiting, 0);
    // Once more, and after the network came back: nothing changes.
    world.handle.service().take_stick(bytes.as_slice()).unwrap();
    kiosk.sync();
    assert_eq!(world.handle.service().counts().unwrap().events, 5);
    assert_eq!(world.handle.service().verify().unwrap().difference, None);
}

#[test]
fn a_stick_that_was_cut_or_changed_anywhere_is_named_and_the_whole_one_heals_it() {
    let world = World::new();
    let kiosk = world.enrol(StationRole::Kiosk, "kiosk");
    kiosk.write(vec![ticket(1)]);
    let bytes = stick(&kiosk);
    for cut in (0..bytes.len()).step_by(11).chain([bytes.len() - 1]) {
        let refused = refusal(world.handle.service().take_stick(&bytes[..cut]));
        assert_eq!(refused, Refusal::Truncated, "cut at {cut}");
    }
    for at in (0..bytes.len()).step_by(13) {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        assert!(world.handle.service().take_stick(changed.as_slice()).is_err(), "changed at {at}");
    }
    world.handle.service().take_stick(bytes.as_slice()).unwrap();
    assert_eq!(world.handle.service().counts().unwrap().events, 1);
}

#[test]
fn another_centre_does_not_open_it() {
    let (world, other) = (World::new(), World::new());
    let kiosk = world.enrol(StationRole::Kiosk, "kiosk");
    kiosk.write(vec![ticket(1)]);
    let refused = refusal(other.handle.service().take_stick(stick(&kiosk).as_slice()));
    assert!(matches!(refused, Refusal::UnknownStation { .. }), "{refused:?}");
}
