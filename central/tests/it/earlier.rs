//! A person's earlier dossiers: found by who has the person's number before them, anywhere in the city, until they are forgotten.

use crate::world::{Station, World, code, dossier, guest, identity};
use intake::event::{Draft, Subject};
use intake::fact::{CodeGiven, GrantsDestroyed};
use intake::ids::AgencyCode;
use sync::earlier::{Earlier, EarlierAnswer, EarlierAsk};
use sync::protocol::StationRole;
use sync::{CentreFault, Refusal};

/// A desk at another site, which pulls nothing of the first one's.
fn desk_of_another_site(world: &World) -> Station {
    let mut elsewhere = guest(StationRole::Counter);
    (elsewhere.site, elsewhere.agency) = ("00070".into(), Some(AgencyCode::from("H26.7.00")));
    world.enrol_as(elsewhere, "elsewhere")
}

fn ask(station: &Station, number: &str) -> EarlierAnswer {
    let tags = station.store.lock().unwrap().tags_of(&[number]);
    station.centre.earlier(&EarlierAsk { tags }).unwrap()
}

fn taken(station: &Station, sequence: u32) -> Subject {
    let taken = dossier(CodeGiven::Official { code: code(sequence), sequence });
    station.write(vec![taken])[0].subject.clone()
}

#[test]
fn what_was_handed_in_at_one_commune_is_found_at_another_by_who_has_the_number() {
    let world = World::new();
    let (counter, elsewhere) = (world.enrol(StationRole::Counter, "counter"), desk_of_another_site(&world));
    let number = identity().number;
    assert_eq!(ask(&elsewhere, &number), EarlierAnswer::default());
    let (first, second) = (taken(&counter, 1), taken(&counter, 2));
    counter.sync();
    counter.sync();
    let found = ask(&elsewhere, &number);
    let mut subjects: Vec<Subject> = found.dossiers.iter().map(|found| Subject::Dossier(found.dossier)).collect();
    subjects.sort();
    let mut written = vec![first.clone(), second.clone()];
    written.sort();
    assert_eq!(subjects, written, "each once, though it stands in two streams");
    assert_eq!(found.dossiers[0].site.as_str(), "00004");
    assert!(!found.more);
    assert_eq!(ask(&elsewhere, "001199000999"), EarlierAnswer::default());
    // What was taken in here is found here with no centre, and what others took in is not.
    let here = |station: &Station| {
        let store = station.store.lock().unwrap();
        store.earlier(&store.tags_of(&[&number])).unwrap().dossiers.len()
    };
    assert_eq!((here(&counter), here(&elsewhere)), (2, 0));

    let order = GrantsDestroyed { subject: first.to_string(), order: "77/QĐ".into() };
    let scopes = counter.scopes();
    counter.write(vec![Draft { subject: first, fact: order.into(), personal: None, scopes }]);
    counter.sync();
    let left = ask(&elsewhere, &number).dossiers;
    assert_eq!(left.iter().map(|left| Subject::Dossier(left.dossier)).collect::<Vec<_>>(), [second]);
    assert_eq!(here(&counter), 1);
}

#[test]
fn only_officers_desks_ask_for_a_persons_dossiers() {
    let world = World::new();
    for role in [StationRole::Kiosk, StationRole::Agent, StationRole::Board] {
        let station = world.enrol(role, &format!("{role:?}"));
        assert!(station.store.lock().unwrap().tags_of(&["001199000123"]).is_empty(), "{role:?} makes tags");
        let refused = station.centre.earlier(&EarlierAsk { tags: vec![] });
        assert!(matches!(refused, Err(CentreFault::Refused(Refusal::NotYourScope { .. }))), "{role:?}: {refused:?}");
    }
    let counter = world.enrol(StationRole::Counter, "counter");
    let tag = counter.store.lock().unwrap().tags_of(&["001199000123"])[0];
    let refused = counter.centre.earlier(&EarlierAsk { tags: vec![tag; 3] });
    assert!(matches!(refused, Err(CentreFault::Refused(Refusal::Malformed { .. }))), "{refused:?}");
}
