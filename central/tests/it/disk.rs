use crate::world::{World, ticket};
use central::Options;
use sync::engine::{self, SyncFault};
use sync::protocol::StationRole;
use sync::{CentreFault, NextStep};

/// A full disk at the centre: stations are told to come again, keep all they have, and lose nothing.
#[test]
fn a_full_disk_takes_nothing_half_and_loses_nothing() {
    let world = World::run(Options { max_store_bytes: Some(400 << 10), ..Options::default() });
    let mut kiosk = world.enrol(StationRole::Kiosk, "kiosk");
    let refused = (1..2_000).find_map(|sequence| {
        kiosk.write(vec![ticket(sequence)]);
        engine::push_all(&kiosk.store, &kiosk.centre).err()
    });
    let refused = refused.unwrap();
    assert!(matches!(refused, SyncFault::Centre(CentreFault::Busy { .. })), "{refused:?}");
    assert_eq!(refused.next_step(), NextStep::TryAgain);
    let health = ureq::get(format!("{}/healthz", world.handle.url())).config().http_status_as_error(false).build();
    let mut health = health.call().unwrap();
    assert_eq!(health.status().as_u16(), 503);
    assert!(health.body_mut().read_to_string().unwrap().contains("STORE-DISK-FULL"));
    assert_eq!(world.handle.service().verify().unwrap().difference, None);

    let world = world.restarted();
    kiosk.moved_to(&world.handle.url());
    kiosk.sync();
    let written = kiosk.store.lock().unwrap().events().unwrap().len() as u64;
    assert_eq!(world.handle.service().counts().unwrap().events, written);
    assert_eq!(world.handle.service().check_writable(), Ok(()));
}
