//! Papers that go from one office to another: each on one record, missed until somebody says that they came.

use crate::amend::{there, works};
use crate::hall::{Hall, counter};
use crate::{SINGLE_STATUS, accept, needed, printed};
use intake::decide::{Answer, Here, Input, Order, Refused};
use intake::dossier::{Carriage, ManifestNo, Office};
use intake::event::{Scope, Subject};
use intake::fact::Fact;
use intake::ids::{DossierId, IntentId};
use intake::state::State;
use proptest::prelude::*;
use uuid::Uuid;

/// Dossiers taken in at desk 3 that phường Hoàn Kiếm decides, all of them sent on.
fn forwarded(count: u128) -> (Hall, Vec<DossierId>) {
    let mut hall = Hall::opens();
    let papers = needed(&hall, SINGLE_STATUS);
    let papers: Vec<&str> = papers.iter().map(String::as_str).collect();
    let mut dossiers = vec![];
    for no in 1..=count {
        printed(&mut hall, no);
        hall.does(&counter("3"), Input::CallNext).unwrap();
        let mut ask = accept(SINGLE_STATUS, &papers);
        ask.intent = IntentId(Uuid::from_u128(900 + no));
        ask.applicant.residence = "Số 5, phường Hoàn Kiếm, Hà Nội".into();
        let Ok(Answer::Dossier(id)) = hall.does(&counter("3"), Input::Accept(Box::new(ask))) else { panic!() };
        assert_eq!(hall.state.dossier(id).unwrap().to_hand_over(&"00004".into()), None, "it was not sent on yet");
        works(&mut hall, &counter("3"), id, Order::Forward).unwrap();
        hall.does(&counter("3"), Input::Close).unwrap();
        dossiers.push(id);
    }
    (hall, dossiers)
}

fn to_there() -> Office {
    "commune:00070".parse().unwrap()
}

fn hands_over(hall: &mut Hall, here: &Here, to: Office, dossiers: &[DossierId]) -> Result<ManifestNo, Refused> {
    let dossiers = dossiers.iter().map(|id| (*id, 3)).collect();
    match hall.does(here, Input::HandOver { to, dossiers })? {
        Answer::HandedOver(manifest) => Ok(manifest),
        other => panic!("{other:?}"),
    }
}

fn receives(hall: &mut Hall, here: &Here, dossiers: &[DossierId]) -> Result<Answer, Refused> {
    hall.does(here, Input::ReceivePapers { dossiers: dossiers.to_vec() })
}

fn carriages(hall: &Hall, dossier: DossierId) -> &[Carriage] {
    &hall.state.dossier(dossier).unwrap().carriages
}

#[test]
fn what_is_handed_over_is_missed_until_it_is_confirmed_and_the_result_comes_back_the_same_way() {
    let (mut hall, all) = forwarded(2);
    let (first, second) = (all[0], all[1]);
    assert_eq!(hands_over(&mut hall, &counter("3"), to_there(), &[]), Err(Refused::NothingHandedOver));
    assert_eq!(hands_over(&mut hall, &counter("3"), to_there(), &[first, first]), Err(Refused::StepNotLegal));
    let wrong: Office = "commune:00226".parse().unwrap();
    assert_eq!(hands_over(&mut hall, &counter("3"), wrong, &all), Err(Refused::StepNotLegal));
    assert_eq!(receives(&mut hall, &there(), &[first]), Err(Refused::StepNotLegal), "nothing was sent");
    let manifest = hands_over(&mut hall, &counter("3"), to_there(), &all).unwrap();
    assert_eq!(manifest.number, 1);
    assert!(manifest.to_string().starts_with("BG-Q3-"), "{manifest}");
    assert_eq!(hands_over(&mut hall, &counter("4"), to_there(), &[first]), Err(Refused::StepNotLegal), "it went");
    let last = hall.events.last().unwrap();
    let told = [Scope::site(&"00004".into()), Scope::agency(&"H26.7.00".into())];
    assert_eq!((&last.subject, &last.scopes[..]), (&Subject::Dossier(second), &told[..]));

    // Who sent cannot say that it came; who receives says it once, and twice is no fault.
    assert_eq!(receives(&mut hall, &counter("3"), &[first]), Err(Refused::StepNotLegal));
    receives(&mut hall, &there(), &[first]).unwrap();
    let written = hall.events.len();
    receives(&mut hall, &there(), &[first]).unwrap();
    assert_eq!(hall.events.len(), written);
    assert!(carriages(&hall, first)[0].received.is_some());
    assert_eq!(hall.state.dossier(second).unwrap().on_their_way().count(), 1, "the other one is missing");

    works(&mut hall, &there(), first, Order::TakeOver).unwrap();
    let back = Office::Site("00004".into());
    assert_eq!(hands_over(&mut hall, &there(), back.clone(), &[first]), Err(Refused::StepNotLegal), "no result yet");
    works(&mut hall, &there(), first, Order::Finish { number: None }).unwrap();
    let manifest = hands_over(&mut hall, &there(), back, &[first]).unwrap();
    assert!(manifest.series.starts_with("Q7-"), "{manifest}");
    receives(&mut hall, &counter("4"), &[first]).unwrap();
    assert_eq!(hall.state.dossier(first).unwrap().on_their_way().count(), 0);
}

#[test]
fn records_count_from_one_in_each_life_of_each_station() {
    let (mut hall, all) = forwarded(4);
    let one = |hall: &mut Hall, here: &Here, id| hands_over(hall, here, to_there(), &[id]).unwrap();
    let mut reborn = counter("3");
    reborn.incarnation = intake::ids::Incarnation(Uuid::from_u128(77));
    let numbers = [
        one(&mut hall, &counter("3"), all[0]),
        one(&mut hall, &counter("3"), all[1]),
        one(&mut hall, &counter("4"), all[2]),
        one(&mut hall, &reborn, all[3]),
    ];
    assert_eq!(numbers.each_ref().map(|manifest| manifest.number), [1, 2, 1, 1]);
    let series: std::collections::BTreeSet<_> = numbers.iter().map(|manifest| &manifest.series).collect();
    assert_eq!(series.len(), 3, "{series:?}");
}

#[test]
fn two_desks_that_confirm_at_once_are_no_conflict_and_the_first_word_counts() {
    let (mut hall, all) = forwarded(1);
    hands_over(&mut hall, &counter("3"), to_there(), &all).unwrap();
    let mut other = hall.clone();
    let beside = Here { station: counter("8").station, ..there() };
    receives(&mut hall, &there(), &all).unwrap();
    other.now = other.now.plus_ms(60_000);
    receives(&mut other, &beside, &all).unwrap();
    let first = carriages(&hall, all[0]).to_vec();
    hall.hears(&other);
    let known = hall.state.dossier(all[0]).unwrap();
    assert_eq!((&known.carriages, known.conflicts.len()), (&first, 0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever was heard first, also the confirmation before the sending, every machine misses the same papers; and whatever is
    /// not heard yet breaks nothing.
    #[test]
    fn papers_on_their_way_are_the_same_on_every_machine(
        order in Just((0..40_usize).collect::<Vec<_>>()).prop_shuffle(), heard in 0..40_usize, came in 0..3_usize,
    ) {
        let (mut hall, all) = forwarded(2);
        hands_over(&mut hall, &counter("3"), to_there(), &all).unwrap();
        if came > 0 {
            // A clock that is behind: the confirmation stands before the sending in every log.
            hall.now = hall.now.plus_ms(-3_600_000);
            receives(&mut hall, &there(), &all[..came]).unwrap();
        }
        let shuffled: Vec<_> = order.iter().filter_map(|at| hall.events.get(*at)).collect();
        let mut other = State::default();
        for event in &shuffled[..heard.min(shuffled.len())] {
            other.apply((*event).clone());
        }
        for event in hall.events.iter() {
            other.apply(event.clone());
        }
        prop_assert!(hall.state.dossiers().eq(other.dossiers()));
        let missing = other.dossiers().flat_map(|dossier| dossier.on_their_way()).count();
        prop_assert_eq!(missing, 2 - came);
        let sent = hall.events.iter().filter(|event| matches!(event.fact, Fact::PapersSent(_))).count();
        prop_assert_eq!(sent, 2);
    }
}
