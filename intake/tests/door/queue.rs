//! The queue beyond the next call: away for a while, back to the queue, sent on, paused, several services in one visit.

use crate::hall::{Hall, counter};
use crate::{CERTIFIED_COPY, SINGLE_STATUS, printed, shuffle};
use intake::authority::{Verdict, judge, turn};
use intake::decide::{Answer, Effect, Input, Refused};
use intake::event::{Draft, Scope, Subject};
use intake::fact::OfficerAppointed;
use intake::ids::{Desk, OfficerId, ProcedureCode, VisitId};
use intake::queue::{PauseReason, Stage, TransferTo, Visit};
use intake::state::State;
use proptest::prelude::*;

fn visit(hall: &Hall, id: VisitId) -> &Visit {
    hall.state.visit(id).unwrap()
}

fn next(hall: &mut Hall, desk: &str) -> Result<Answer, Refused> {
    hall.now = hall.now.plus_ms(1_000);
    hall.does(&counter(desk), Input::CallNext)
}

fn at(hall: &mut Hall, desk: &str, input: Input) -> Result<Answer, Refused> {
    hall.now = hall.now.plus_ms(1_000);
    hall.does(&counter(desk), input)
}

fn to_desk(desk: &str) -> Input {
    Input::Transfer { to: TransferTo::Desk(Desk::new(desk)) }
}

fn to_service(procedure: &str) -> Input {
    Input::Transfer { to: TransferTo::Service(ProcedureCode::from(procedure)) }
}

/// An officer who works at a desk.
pub fn works_at(hall: &mut Hall, desk: &str) -> OfficerId {
    let officer = OfficerId::new(format!("officer-{desk}"));
    let here = counter(desk);
    let appointed = OfficerAppointed { site: here.site.clone(), roles: vec!["counter".into()] };
    let scopes = vec![Scope::site(&here.site)];
    let subject = Subject::Officer(officer.clone());
    hall.writes(here.station, Draft { subject, fact: appointed.into(), personal: None, scopes });
    hall.does(&here, Input::SignIn { officer: officer.clone() }).unwrap();
    officer
}

#[test]
fn who_is_away_for_a_while_is_called_again_by_the_desk_that_waits_and_by_no_other() {
    let mut hall = Hall::opens();
    let (first, second) = (printed(&mut hall, 1), printed(&mut hall, 2));
    assert_eq!(at(&mut hall, "3", Input::Park), Err(Refused::StepNotLegal), "nobody is there");
    next(&mut hall, "3").unwrap();
    at(&mut hall, "3", Input::Park).unwrap();
    assert_eq!(visit(&hall, first).stage, Stage::Parked);
    assert!(visit(&hall, first).parked_at(&Desk::new("3")).is_some());
    assert_eq!(next(&mut hall, "4"), Ok(Answer::Visit(second)), "another desk calls the next");
    at(&mut hall, "4", Input::Close).unwrap();
    assert_eq!(next(&mut hall, "4"), Ok(Answer::NobodyWaits));
    assert_eq!(next(&mut hall, "3"), Ok(Answer::NobodyWaits), "it is no call of the next");
    assert_eq!(at(&mut hall, "4", Input::TakeBack { visit: first }), Err(Refused::StepNotLegal));
    assert_eq!(at(&mut hall, "3", Input::TakeBack { visit: second }), Err(Refused::StepNotLegal));
    assert_eq!(at(&mut hall, "3", Input::TakeBack { visit: first }), Ok(Answer::Visit(first)));
    let Some(Effect::Call { desk, times, .. }) = hall.effects.last() else { panic!("it is called aloud") };
    assert_eq!((desk.as_str(), *times), ("3", 2));
    assert_eq!(visit(&hall, first).stage, Stage::Called);
    assert!(visit(&hall, first).parked.is_empty() && !visit(&hall, first).called_twice);
    at(&mut hall, "3", Input::Close).unwrap();
    assert_eq!(visit(&hall, first).stage, Stage::Closed);
}

#[test]
fn a_desk_that_serves_somebody_takes_nobody_back() {
    let mut hall = Hall::opens();
    let first = printed(&mut hall, 1);
    printed(&mut hall, 2);
    next(&mut hall, "3").unwrap();
    at(&mut hall, "3", Input::Park).unwrap();
    next(&mut hall, "3").unwrap();
    assert!(matches!(at(&mut hall, "3", Input::TakeBack { visit: first }), Err(Refused::DeskTaken(_))));
    at(&mut hall, "3", Input::Park).unwrap();
    assert_eq!(hall.state.visits().filter(|visit| visit.stage == Stage::Parked).count(), 2, "a desk waits for several");
}

#[test]
fn who_is_sent_back_waits_in_the_place_of_the_number_for_any_desk() {
    let mut hall = Hall::opens();
    let (first, second) = (printed(&mut hall, 1), printed(&mut hall, 2));
    assert_eq!(at(&mut hall, "3", Input::SendBack { visit: None }), Err(Refused::StepNotLegal));
    next(&mut hall, "3").unwrap();
    at(&mut hall, "3", Input::SendBack { visit: None }).unwrap();
    assert_eq!(next(&mut hall, "4"), Ok(Answer::Visit(first)));
    assert!(!visit(&hall, first).called_twice, "one desk after the other");
    // One for whom a desk waits can be sent back as well, by that desk.
    at(&mut hall, "4", Input::Park).unwrap();
    assert_eq!(at(&mut hall, "3", Input::SendBack { visit: Some(first) }), Err(Refused::StepNotLegal));
    at(&mut hall, "4", Input::SendBack { visit: Some(first) }).unwrap();
    assert_eq!(next(&mut hall, "3"), Ok(Answer::Visit(first)));
    assert_eq!(next(&mut hall, "4"), Ok(Answer::Visit(second)));
}

#[test]
fn a_named_desk_calls_who_was_sent_to_it_first_and_no_other_desk_does() {
    let mut hall = Hall::opens();
    let (first, second, third) = (printed(&mut hall, 1), printed(&mut hall, 2), printed(&mut hall, 3));
    assert_eq!(at(&mut hall, "3", to_desk("4")), Err(Refused::StepNotLegal), "nobody is there");
    for expected in [first, second] {
        assert_eq!(next(&mut hall, "3"), Ok(Answer::Visit(expected)));
        if expected == first {
            let nobody = at(&mut hall, "3", to_desk("4"));
            assert_eq!(nobody, Err(Refused::DeskNotStaffed(Desk::new("4"))));
            works_at(&mut hall, "4");
            at(&mut hall, "3", Input::Close).unwrap();
        }
    }
    assert_eq!(at(&mut hall, "3", to_desk("3")), Err(Refused::StepNotLegal), "they are there");
    at(&mut hall, "3", to_desk("4")).unwrap();
    assert_eq!(next(&mut hall, "3"), Ok(Answer::Visit(third)), "no other desk calls them");
    at(&mut hall, "3", Input::SendBack { visit: None }).unwrap();
    let fourth = printed(&mut hall, 4);
    assert_eq!(next(&mut hall, "4"), Ok(Answer::Visit(second)), "before its ordinary queue");
    at(&mut hall, "4", Input::Close).unwrap();
    assert_eq!(next(&mut hall, "4"), Ok(Answer::Visit(third)));
    assert_eq!(next(&mut hall, "3"), Ok(Answer::Visit(fourth)));
}

#[test]
fn a_desk_calls_who_was_sent_to_it_whatever_letters_it_calls() {
    let mut hall = Hall::opens();
    let visit = printed(&mut hall, 1);
    works_at(&mut hall, "4");
    next(&mut hall, "3").unwrap();
    at(&mut hall, "3", to_desk("4")).unwrap();
    let mut other = counter("4");
    other.calls = vec!["B".into()];
    assert_eq!(hall.does(&other, Input::CallNext), Ok(Answer::Visit(visit)));
}

#[test]
fn nobody_waits_for_a_desk_at_which_nobody_works_any_more() {
    for gone in
        [Input::Pause { reason: PauseReason::EndOfShift }, Input::SignOut { officer: OfficerId::new("officer-4") }]
    {
        let mut hall = Hall::opens();
        let (sent, parked) = (printed(&mut hall, 1), printed(&mut hall, 2));
        works_at(&mut hall, "4");
        next(&mut hall, "3").unwrap();
        at(&mut hall, "3", to_desk("4")).unwrap();
        assert_eq!(next(&mut hall, "4"), Ok(Answer::Visit(sent)));
        at(&mut hall, "4", to_desk("4")).unwrap_err();
        at(&mut hall, "4", Input::Park).unwrap();
        assert_eq!(next(&mut hall, "3"), Ok(Answer::Visit(parked)));
        at(&mut hall, "3", to_desk("4")).unwrap();
        assert_eq!(next(&mut hall, "5"), Ok(Answer::NobodyWaits));
        at(&mut hall, "4", gone).unwrap();
        assert_eq!(next(&mut hall, "5"), Ok(Answer::Visit(sent)), "whom the desk waited for");
        assert_eq!(next(&mut hall, "3"), Ok(Answer::Visit(parked)), "who was sent to it");
    }
}

#[test]
fn whoever_comes_with_the_paper_is_taken_by_any_desk() {
    let mut hall = Hall::opens();
    let (sent, parked) = (printed(&mut hall, 1), printed(&mut hall, 2));
    works_at(&mut hall, "4");
    next(&mut hall, "3").unwrap();
    at(&mut hall, "3", to_desk("4")).unwrap();
    next(&mut hall, "3").unwrap();
    at(&mut hall, "3", Input::Park).unwrap();
    // The desk that waits, or to which they were sent, has nothing to learn of the paper.
    let before = hall.events.len();
    at(&mut hall, "3", Input::Admit { visit: parked }).unwrap();
    at(&mut hall, "4", Input::Admit { visit: sent }).unwrap();
    assert_eq!(hall.events.len(), before);
    for (visit, desk) in [(sent, "5"), (parked, "6")] {
        assert_eq!(next(&mut hall, desk), Ok(Answer::NobodyWaits));
        at(&mut hall, desk, Input::Admit { visit }).unwrap();
        assert_eq!(next(&mut hall, desk), Ok(Answer::Visit(visit)));
    }
    assert_eq!(at(&mut hall, "3", Input::TakeBack { visit: parked }), Err(Refused::StepNotLegal));
}

#[test]
fn another_service_takes_the_place_of_the_one_that_was_wrong() {
    let mut hall = Hall::opens();
    let (first, second) = (printed(&mut hall, 1), printed(&mut hall, 2));
    next(&mut hall, "3").unwrap();
    assert_eq!(at(&mut hall, "3", to_service(SINGLE_STATUS)), Err(Refused::StepNotLegal), "they wait for it already");
    let unknown = Refused::ProcedureUnknown(ProcedureCode::from("9.999999"));
    assert_eq!(at(&mut hall, "3", to_service("9.999999")), Err(unknown));
    at(&mut hall, "3", to_service(CERTIFIED_COPY)).unwrap();
    assert_eq!(visit(&hall, first).procedure, ProcedureCode::from(CERTIFIED_COPY));
    assert_eq!(visit(&hall, first).services, [ProcedureCode::from(CERTIFIED_COPY)]);
    assert_eq!(next(&mut hall, "4"), Ok(Answer::Visit(first)), "in the place of the number");
    assert_eq!(next(&mut hall, "3"), Ok(Answer::Visit(second)));
}

#[test]
fn several_services_in_one_visit_are_kept_until_they_are_done() {
    let mut hall = Hall::opens();
    let id = printed(&mut hall, 1);
    let add = |procedure: &str| Input::AddService { procedure: ProcedureCode::from(procedure) };
    assert_eq!(at(&mut hall, "3", add(CERTIFIED_COPY)), Err(Refused::StepNotLegal), "nobody is there");
    next(&mut hall, "3").unwrap();
    assert!(matches!(at(&mut hall, "3", add("9.999999")), Err(Refused::ProcedureUnknown(_))));
    at(&mut hall, "3", add(CERTIFIED_COPY)).unwrap();
    let before = hall.events.len();
    at(&mut hall, "3", add(CERTIFIED_COPY)).unwrap();
    assert_eq!(hall.events.len(), before, "it is wanted once");
    assert_eq!(visit(&hall, id).services, [SINGLE_STATUS, CERTIFIED_COPY].map(ProcedureCode::from));
    // Sent on for the second, they still want the first.
    at(&mut hall, "3", to_service(CERTIFIED_COPY)).unwrap();
    assert_eq!(visit(&hall, id).procedure, ProcedureCode::from(CERTIFIED_COPY));
    assert_eq!(visit(&hall, id).services.len(), 2);
}

#[test]
fn a_paused_desk_calls_nobody_until_it_goes_on() {
    let mut hall = Hall::opens();
    let (first, second) = (printed(&mut hall, 1), printed(&mut hall, 2));
    let officer = works_at(&mut hall, "3");
    let pause = Input::Pause { reason: PauseReason::Break };
    assert_eq!(at(&mut hall, "3", Input::Resume), Err(Refused::StepNotLegal));
    next(&mut hall, "3").unwrap();
    assert!(matches!(at(&mut hall, "3", pause.clone()), Err(Refused::DeskTaken(_))), "not while somebody is there");
    at(&mut hall, "3", Input::Park).unwrap();
    at(&mut hall, "3", pause.clone()).unwrap();
    assert_eq!(hall.state.pause_of(&Desk::new("3")).map(|pause| pause.reason), Some(PauseReason::Break));
    assert_eq!(at(&mut hall, "3", pause.clone()), Err(Refused::StepNotLegal), "it is paused already");
    assert_eq!(next(&mut hall, "3"), Err(Refused::DeskPaused));
    assert_eq!(at(&mut hall, "3", Input::CallClaimed { visit: second }), Err(Refused::DeskPaused));
    assert_eq!(at(&mut hall, "3", Input::TakeBack { visit: first }), Err(Refused::DeskPaused));
    assert!(hall.state.is_staffed(&Desk::new("3"), hall.now.day()), "the officer comes back");
    let tomorrow = hall.now.plus_ms(86_400_000).day();
    assert!(
        !hall.state.is_staffed(&Desk::new("3"), tomorrow),
        "who went without signing out is not there the next day"
    );
    assert_eq!(next(&mut hall, "4"), Ok(Answer::Visit(second)), "others go on");
    at(&mut hall, "3", Input::Resume).unwrap();
    assert_eq!(at(&mut hall, "3", Input::TakeBack { visit: first }), Ok(Answer::Visit(first)));
    at(&mut hall, "3", Input::Close).unwrap();
    for ends in [Input::SignOut { officer: officer.clone() }, Input::SignIn { officer }] {
        at(&mut hall, "3", pause.clone()).unwrap();
        at(&mut hall, "3", ends).unwrap();
        assert_eq!(next(&mut hall, "3"), Ok(Answer::NobodyWaits), "it is paused no more");
    }
}

#[test]
fn one_desk_sends_back_and_another_that_had_called_too_says_nobody_came_in_either_order() {
    for back_first in [true, false] {
        let mut hall = Hall::opens();
        let id = printed(&mut hall, 1);
        let mut island = hall.clone();
        island.now = island.now.plus_ms(500);
        next(&mut island, "4").unwrap();
        next(&mut hall, "3").unwrap();
        hall.hears(&island);
        assert!(visit(&hall, id).called_twice);
        let mut says = [("3", Input::SendBack { visit: None }), ("4", Input::Miss)];
        if !back_first {
            says.reverse();
        }
        for (desk, input) in says {
            at(&mut hall, desk, input).unwrap();
        }
        assert_eq!(visit(&hall, id).stage, Stage::Waiting, "who is in the hall is not forgotten");
    }
}

#[test]
fn a_stay_away_is_not_lost_to_another_desk_that_had_called_too() {
    let mut hall = Hall::opens();
    let id = printed(&mut hall, 1);
    let mut island = hall.clone();
    next(&mut island, "4").unwrap();
    next(&mut hall, "3").unwrap();
    at(&mut hall, "3", Input::Park).unwrap();
    hall.hears(&island);
    assert!(visit(&hall, id).called_twice);
    at(&mut hall, "4", Input::Miss).unwrap();
    assert_eq!(visit(&hall, id).stage, Stage::Parked);
    assert_eq!(at(&mut hall, "3", Input::TakeBack { visit: id }), Ok(Answer::Visit(id)));
}

/// What the authority says to a desk, by the events that this hall knows.
fn verdict(hall: &Hall, id: VisitId, desk: &str) -> Verdict {
    let (history, desk) = (hall.state.history(&Subject::Visit(id)), Desk::new(desk));
    judge(history.iter(), &desk, turn(history.iter(), &desk))
}

#[test]
fn a_claim_ends_when_the_citizen_is_sent_back_or_on_and_not_while_they_are_away() {
    let ends: [(Input, bool); 4] = [
        (Input::SendBack { visit: None }, true),
        (to_service(CERTIFIED_COPY), true),
        (Input::Park, false),
        (Input::Miss, false),
    ];
    for (input, is_over) in ends {
        let mut hall = Hall::opens();
        let id = printed(&mut hall, 1);
        next(&mut hall, "3").unwrap();
        assert_eq!(verdict(&hall, id, "4"), Verdict::Taken(Some("3".into())));
        at(&mut hall, "3", input.clone()).unwrap();
        let expected = if is_over { Verdict::Yours(false) } else { Verdict::Taken(Some("3".into())) };
        assert_eq!(verdict(&hall, id, "4"), expected, "{input:?}");
        assert_eq!(verdict(&hall, id, "3"), Verdict::Yours(false), "for the desk itself it is a new turn");
        let history = hall.state.history(&Subject::Visit(id));
        assert_eq!(judge(history.iter(), &"3".into(), 0), Verdict::Taken(None), "the former turn is over");
        at(&mut hall, "5", Input::Admit { visit: id }).unwrap();
        assert_eq!(verdict(&hall, id, "4"), Verdict::Yours(false), "the paper opens every door");
    }
}

/// A day of two desks, in any order.
fn busy_day(script: &[u8]) -> Hall {
    let mut hall = Hall::opens();
    hall.leases(23, 1, 5);
    works_at(&mut hall, "3");
    works_at(&mut hall, "4");
    for (step, what) in script.iter().enumerate() {
        match what {
            0..7 => drop(printed(&mut hall, 10_000 + step as u128)),
            _ => anything(&mut hall, step, *what),
        }
    }
    hall
}

fn anything(hall: &mut Hall, step: usize, what: u8) {
    let desk = if step.is_multiple_of(2) { "3" } else { "4" };
    let other = if step.is_multiple_of(3) { "3" } else { "4" };
    let parked = hall.state.visits().find(|visit| !visit.parked.is_empty()).map(|visit| visit.id);
    let officer = OfficerId::new(format!("officer-{desk}"));
    let input = match what {
        7 | 8 => Input::Close,
        9 | 10 => Input::CallNext,
        11 | 12 => Input::Park,
        13 => Input::SendBack { visit: None },
        14 => Input::SendBack { visit: parked },
        15 => to_desk(other),
        16 => to_service(if step.is_multiple_of(4) { CERTIFIED_COPY } else { SINGLE_STATUS }),
        17 => Input::AddService { procedure: CERTIFIED_COPY.into() },
        18 => {
            Input::Pause { reason: if step.is_multiple_of(5) { PauseReason::EndOfShift } else { PauseReason::Break } }
        }
        19 => Input::Resume,
        20 => Input::SignOut { officer },
        21 => Input::SignIn { officer },
        22 => Input::Miss,
        _ => match parked {
            Some(visit) if what == 23 => Input::Admit { visit },
            Some(visit) => Input::TakeBack { visit },
            None => return,
        },
    };
    let _ = at(hall, desk, input);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Whatever the order of arrival: the same visits, the same pauses.
    #[test]
    fn a_busy_day_folds_alike_whatever_the_order_of_arrival(
        seed in any::<u64>(),
        script in prop::collection::vec(0u8..25, 1..90),
    ) {
        let hall = busy_day(&script);
        let mut shuffled = hall.events.clone();
        shuffle(&mut shuffled, seed);
        let mut other = State::default();
        for event in shuffled.iter().chain(&shuffled) {
            other.apply(event.clone());
        }
        prop_assert!(hall.state.visits().eq(other.visits()));
        prop_assert!(hall.state.officers().eq(other.officers()));
        for desk in ["3", "4"].map(Desk::new) {
            prop_assert_eq!(hall.state.pause_of(&desk), other.pause_of(&desk));
        }
    }

    /// Nobody waits for a desk for ever: whoever is in the hall is called at any desk to which they bring the paper, and the
    /// hub lets it. Whoever waits for any desk, any desk may claim.
    #[test]
    fn there_is_always_a_way_out(script in prop::collection::vec(0u8..25, 1..90)) {
        let mut hall = busy_day(&script);
        let in_the_hall: Vec<VisitId> = hall
            .state
            .visits()
            .filter(|visit| visit.paper.may_be_called() && !matches!(visit.stage, Stage::Closed | Stage::Called))
            .map(|visit| visit.id)
            .collect();
        for id in in_the_hall {
            let before = visit(&hall, id).clone();
            let free = matches!(verdict(&hall, id, "9"), Verdict::Yours(_));
            prop_assert_eq!(free, before.stage == Stage::Waiting, "{:?}", before);
            at(&mut hall, "9", Input::Admit { visit: id }).unwrap();
            prop_assert_eq!(verdict(&hall, id, "9"), Verdict::Yours(false));
            let order = hall.state.waiting_for(&Desk::new("9"), before.day, &counter("9").rules);
            prop_assert!(order.iter().any(|waiting| waiting.id == id), "{:?}", before);
        }
    }

    /// One desk at a time, and nobody is at two places.
    #[test]
    fn a_visit_is_where_its_stage_says(script in prop::collection::vec(0u8..25, 1..90)) {
        let hall = busy_day(&script);
        for visit in hall.state.visits() {
            let places = visit.desks.len() + visit.parked.len() + usize::from(visit.sent_to.is_some());
            let stage_says = match visit.stage {
                Stage::Called | Stage::Parked => places == 1,
                Stage::Waiting => visit.desks.is_empty() && visit.parked.is_empty(),
                Stage::Missed | Stage::Closed => places == 0,
            };
            prop_assert!(stage_says && !visit.called_twice, "{:?}", visit);
            prop_assert!(visit.services.contains(&visit.procedure));
        }
    }
}
