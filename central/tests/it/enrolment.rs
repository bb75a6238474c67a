use crate::world::{AGENCY, SITE, World, enrol_at, guest, ticket};
use sync::protocol::{Centre, StationRole};
use sync::store::EnrolKeys;
use sync::wrap::{new_secret, wrap_public};
use sync::{CentreFault, Refusal};

fn bad_token<T: std::fmt::Debug>(result: Result<T, CentreFault>) {
    assert_eq!(result.unwrap_err(), CentreFault::Refused(Refusal::BadToken));
}

#[test]
fn a_token_makes_one_station_however_often_the_answer_is_lost() {
    let world = World::new();
    let token = world.handle.service().invite(&guest(StationRole::Counter)).unwrap();
    let dir = world.dir.path().join("counter");
    let (_, first) = enrol_at(&world.stranger(), &dir, &token, StationRole::Counter).unwrap();
    let (_, again) = enrol_at(&world.stranger(), &dir, &token, StationRole::Counter).unwrap();
    assert_eq!(first.card, again.card);
    assert_eq!(first.incarnation, again.incarnation);
    assert_eq!(first.card.site.as_str(), SITE);
    first.card.check(&first.centre_sign_public).unwrap();
    let world = world.restarted();
    let (_, later) = enrol_at(&world.stranger(), &dir, &token, StationRole::Counter).unwrap();
    assert_eq!(first.card, later.card);
}

#[test]
fn a_token_is_worth_nothing_to_anybody_else() {
    let world = World::new();
    let token = world.handle.service().invite(&guest(StationRole::Counter)).unwrap();
    let dir = |name| world.dir.path().join(name);
    let stranger = world.stranger();
    bad_token(enrol_at(&stranger, &dir("wrong-role"), &token, StationRole::Kiosk).map(|_| ()));
    bad_token(enrol_at(&stranger, &dir("no-such"), "0123456789abcdef", StationRole::Counter).map(|_| ()));
    bad_token(enrol_at(&stranger, &dir("empty"), "", StationRole::Counter).map(|_| ()));
    enrol_at(&stranger, &dir("first"), &token, StationRole::Counter).unwrap();
    bad_token(enrol_at(&stranger, &dir("second"), &token, StationRole::Counter).map(|_| ()));
}

#[test]
fn one_who_saw_the_request_cannot_have_the_keys_wrapped_to_himself() {
    let world = World::new();
    let token = world.handle.service().invite(&guest(StationRole::Counter)).unwrap();
    let dir = world.dir.path().join("counter");
    std::fs::create_dir_all(&dir).unwrap();
    let mut ask = EnrolKeys::load_or_new(&dir).unwrap().ask(&token, "", StationRole::Counter).unwrap();
    world.stranger().enrol(&ask).unwrap();
    ask.wrap_public = wrap_public(&new_secret().unwrap()).unwrap();
    bad_token(world.stranger().enrol(&ask));
}

#[test]
fn a_kiosk_gets_public_keys_only_and_a_counter_reads_its_site() {
    let world = World::new();
    let enrolled = |role, name: &str| {
        let token = world.handle.service().invite(&guest(role)).unwrap();
        enrol_at(&world.stranger(), &world.dir.path().join(name), &token, role).unwrap().1
    };
    let readable = |role, name: &str| {
        let groups = enrolled(role, name).groups;
        let mut names: Vec<_> =
            groups.into_iter().filter(|group| group.private.is_some()).map(|group| group.card.name).collect();
        names.sort();
        names
    };
    assert_eq!(readable(StationRole::Kiosk, "kiosk"), Vec::<String>::new());
    assert_eq!(readable(StationRole::Board, "board"), Vec::<String>::new());
    assert_eq!(
        readable(StationRole::Counter, "counter"),
        [format!("agency:{AGENCY}"), "people".into(), format!("site:{SITE}")]
    );
    let known = enrolled(StationRole::Kiosk, "second-kiosk");
    let names: Vec<_> = known.groups.iter().map(|group| group.card.name.as_str()).collect();
    for name in [&format!("agency:{AGENCY}"), &format!("site:{SITE}"), "recovery"] {
        assert!(names.contains(&name), "{name}: a kiosk must be able to seal to it");
    }
    assert!(known.stations.iter().any(|card| card.role == StationRole::Counter), "it learns its neighbours");
}

#[test]
fn a_station_enrolled_before_a_restart_is_known_after_it() {
    let world = World::new();
    let mut kiosk = world.enrol(StationRole::Kiosk, "kiosk");
    let world = world.restarted();
    kiosk.moved_to(&world.handle.url());
    kiosk.write(vec![ticket(1)]);
    kiosk.sync();
    assert_eq!(world.handle.service().counts().unwrap().events, 1);
}
