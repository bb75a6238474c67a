//! The door in small: a kiosk and a counter, decided and folded with no disk, no network and no clock.

mod amend;
mod carriage;
mod hall;
mod money;
mod queue;
mod reuse;
mod work;

use hall::{Hall, at, counter, identity, kiosk};
use intake::decide::{AcceptDossier, Answer, Effect, Input, Refused, Reuse};
use intake::dossier::{Slip, Status};
use intake::fact::{CodeGiven, Fact, PaperOutcome, PaperTaken};
use intake::ids::{Desk, IntentId, JobId, ProcedureCode, VisitId};
use intake::person::Contact;
use intake::queue::{Paper, Priority, Stage};
use intake::state::{State, fold_subject};
use proptest::prelude::*;
use uuid::Uuid;

const SINGLE_STATUS: &str = "1.004873";
const CERTIFIED_COPY: &str = "2.000815";

fn take(hall: &mut Hall, intent: u128, identified: bool) -> Result<Answer, Refused> {
    hall.does(
        &kiosk("A"),
        Input::TakeNumber {
            intent: IntentId(Uuid::from_u128(intent)),
            procedure: ProcedureCode::from(SINGLE_STATUS),
            identity: identified.then(|| Box::new(identity("1999-02-15"))),
            priority: None,
            language: "vi".into(),
        },
    )
}

fn ticket(hall: &mut Hall, intent: u128) -> VisitId {
    let Ok(Answer::Visit(visit)) = take(hall, intent, true) else { panic!("a number is given") };
    visit
}

fn job_of(hall: &Hall, visit: VisitId) -> JobId {
    hall.state.visit(visit).unwrap().job
}

fn report(hall: &mut Hall, visit: VisitId, outcome: PaperOutcome) {
    let job = job_of(hall, visit);
    hall.does(&kiosk("A"), Input::PaperReported { visit, job, outcome, fault: None }).unwrap();
}

fn printed(hall: &mut Hall, intent: u128) -> VisitId {
    let visit = ticket(hall, intent);
    report(hall, visit, PaperOutcome::Confirmed);
    visit
}

fn accept(procedure: &str, papers: &[&str]) -> AcceptDossier {
    let taken = |id: &&str| PaperTaken { id: (*id).to_owned(), original: 1, certified: 0, copies: 0, reused: None };
    AcceptDossier {
        intent: IntentId(Uuid::from_u128(900)),
        draft: None,
        procedure: ProcedureCode::from(procedure),
        authority: None,
        applicant: identity("1999-02-15"),
        contact: Contact::default(),
        papers: papers.iter().map(taken).collect(),
        reuse: Reuse::default(),
        sets: 1,
        pages: Some(3),
        copies: Some(2),
        amount: None,
        fee_paid: true,
        slip: false,
        note: String::new(),
    }
}

/// Every paper that the catalogue asks for without a condition.
fn needed(hall: &Hall, procedure: &str) -> Vec<String> {
    let found = hall.catalogue.get(&ProcedureCode::from(procedure)).unwrap();
    let papers = found.papers.value().unwrap().iter();
    papers.filter(|paper| !paper.only_if_applicable).map(|paper| paper.id.clone()).collect()
}

fn accept_whole(hall: &mut Hall, procedure: &str) -> Result<Answer, Refused> {
    let papers = needed(hall, procedure);
    let papers: Vec<&str> = papers.iter().map(String::as_str).collect();
    hall.does(&counter("3"), Input::Accept(Box::new(accept(procedure, &papers))))
}

#[test]
fn numbers_count_from_one_each_day_under_the_kiosks_own_letter() {
    let mut hall = Hall::opens();
    let first = ticket(&mut hall, 1);
    let second = ticket(&mut hall, 2);
    assert_eq!(hall.state.visit(first).unwrap().number.to_string(), "A001");
    assert_eq!(hall.state.visit(second).unwrap().number.to_string(), "A002");
    hall.now = at(24, 8, 0);
    let tomorrow = ticket(&mut hall, 3);
    assert_eq!(hall.state.visit(tomorrow).unwrap().number.to_string(), "A001");
}

#[test]
fn the_same_press_of_a_button_gives_one_number() {
    let mut hall = Hall::opens();
    let first = ticket(&mut hall, 1);
    let again = take(&mut hall, 1, true).unwrap();
    assert_eq!(again, Answer::Already(intake::event::Subject::Visit(first)));
    assert_eq!(hall.state.visits().count(), 1);
}

#[test]
fn a_clock_set_back_a_day_doubles_no_number() {
    let mut hall = Hall::opens();
    ticket(&mut hall, 1);
    hall.now = hall.now.plus_ms(-86_400_000);
    let second = ticket(&mut hall, 2);
    let visit = hall.state.visit(second).unwrap();
    assert_eq!(visit.number.to_string(), "A002");
    assert_eq!(visit.day.to_string(), "2026-11-23");
}

#[test]
fn a_ticket_whose_paper_did_not_come_out_is_not_called() {
    for (outcome, called) in [
        (PaperOutcome::Confirmed, true),
        (PaperOutcome::SentUnconfirmed, true),
        (PaperOutcome::NotPrinted, false),
        (PaperOutcome::Unknown, false),
    ] {
        let mut hall = Hall::opens();
        let visit = ticket(&mut hall, 1);
        assert_eq!(hall.does(&counter("3"), Input::CallNext), Ok(Answer::NobodyWaits), "nothing is known yet");
        report(&mut hall, visit, outcome);
        let answer = hall.does(&counter("3"), Input::CallNext).unwrap();
        assert_eq!(answer == Answer::Visit(visit), called, "{outcome:?}");
    }
}

#[test]
fn paper_in_doubt_is_called_once_a_person_saw_it_or_a_counter_scanned_it() {
    let mut hall = Hall::opens();
    let seen = ticket(&mut hall, 1);
    let scanned = ticket(&mut hall, 2);
    report(&mut hall, seen, PaperOutcome::Unknown);
    report(&mut hall, scanned, PaperOutcome::Unknown);
    hall.does(&counter("3"), Input::SettlePaper { visit: seen, came_out: true }).unwrap();
    hall.does(&counter("3"), Input::Admit { visit: scanned }).unwrap();
    assert_eq!(hall.does(&counter("3"), Input::CallNext), Ok(Answer::Visit(seen)));
    hall.does(&counter("3"), Input::Close).unwrap();
    assert_eq!(hall.does(&counter("3"), Input::CallNext), Ok(Answer::Visit(scanned)));
}

#[test]
fn a_copy_says_that_it_is_one_only_when_the_first_may_be_out() {
    for (outcome, says_copy) in [(PaperOutcome::NotPrinted, false), (PaperOutcome::Unknown, true)] {
        let mut hall = Hall::opens();
        let visit = ticket(&mut hall, 1);
        report(&mut hall, visit, outcome);
        hall.does(&kiosk("A"), Input::CopyTicket { visit }).unwrap();
        let Some(Effect::PrintTicket { copy, .. }) = hall.effects.last() else { panic!("a copy is printed") };
        assert_eq!(*copy, says_copy);
        assert_eq!(hall.state.visit(visit).unwrap().paper, Paper::Printing);
    }
}

#[test]
fn an_old_citizen_goes_first_and_nobody_starves() {
    let mut hall = Hall::opens();
    let ordinary = printed(&mut hall, 1);
    let mut old = Vec::new();
    for intent in 2..7 {
        let answer = hall.does(
            &kiosk("A"),
            Input::TakeNumber {
                intent: IntentId(Uuid::from_u128(intent)),
                procedure: ProcedureCode::from(SINGLE_STATUS),
                identity: Some(Box::new(identity("1948"))),
                priority: None,
                language: "vi".into(),
            },
        );
        let Ok(Answer::Visit(visit)) = answer else { panic!("a number is given") };
        report(&mut hall, visit, PaperOutcome::Confirmed);
        assert_eq!(hall.state.visit(visit).unwrap().priority, Some(Priority::Elderly));
        old.push(visit);
    }
    let mut called = Vec::new();
    for _ in 0..6 {
        hall.now = hall.now.plus_ms(60_000);
        let Ok(Answer::Visit(visit)) = hall.does(&counter("3"), Input::CallNext) else { panic!("somebody waits") };
        called.push(visit);
        hall.does(&counter("3"), Input::Close).unwrap();
    }
    assert_eq!(called, [old[0], old[1], old[2], ordinary, old[3], old[4]]);
}

#[test]
fn a_dossier_is_accepted_with_a_leased_code_and_a_promise() {
    let mut hall = Hall::opens();
    hall.leases(23, 1, 50);
    printed(&mut hall, 1);
    hall.does(&counter("3"), Input::CallNext).unwrap();
    let Ok(Answer::Dossier(id)) = accept_whole(&mut hall, SINGLE_STATUS) else { panic!("it is accepted") };
    let dossier = hall.state.dossier(id).unwrap();
    assert_eq!(dossier.code.text(), "H26.112.00-261123-0001");
    assert_eq!(dossier.status, Status::Accepted);
    assert!(matches!(dossier.slip, Slip::Owed(_)));
    // Monday 23 November at 10:00 and three working days of eight hours, shifts 07:00-11:30 and 13:30-17:00.
    assert_eq!(dossier.due.unwrap().to_string(), "2026-11-26T10:00:00+07:00");
    assert!(matches!(hall.effects.last(), Some(Effect::MakeSlip { .. })));
}

#[test]
fn without_a_lease_the_code_does_not_look_official_and_keeps_naming_the_dossier() {
    let mut hall = Hall::opens();
    printed(&mut hall, 1);
    hall.does(&counter("3"), Input::CallNext).unwrap();
    let Ok(Answer::Dossier(id)) = accept_whole(&mut hall, SINGLE_STATUS) else { panic!("it is accepted") };
    let temporary = hall.state.dossier(id).unwrap().code.text();
    assert!(temporary.starts_with("TẠM-Q3-"), "{temporary}");

    hall.leases(23, 7, 10);
    hall.does(&counter("3"), Input::AssignCodes).unwrap();
    let dossier = hall.state.dossier(id).unwrap();
    assert_eq!(dossier.code.text(), "H26.112.00-261123-0007");
    assert!(dossier.goes_by(&temporary));
    hall.does(&counter("3"), Input::AssignCodes).unwrap();
    assert_eq!(hall.state.free_codes(counter("3").station, &dossier_agency(), at(23, 9, 0).day()).count(), 9);
}

fn dossier_agency() -> intake::ids::AgencyCode {
    hall::AGENCY.into()
}

#[test]
fn an_instant_procedure_gives_a_slip_on_request_only_and_is_returned_the_same_day() {
    let mut hall = Hall::opens();
    hall.leases(23, 1, 50);
    printed(&mut hall, 1);
    hall.does(&counter("3"), Input::CallNext).unwrap();
    let Ok(Answer::Dossier(id)) = accept_whole(&mut hall, CERTIFIED_COPY) else { panic!("it is accepted") };
    let dossier = hall.state.dossier(id).unwrap();
    assert_eq!(dossier.slip, Slip::NotGiven);
    // Two copies of three pages: 2 x (2,000 + 2,000 + 1,000).
    assert_eq!(dossier.fee.unwrap().0, 10_000);
    hall.does(&counter("3"), Input::Return { dossier: id }).unwrap();
    let dossier = hall.state.dossier(id).unwrap();
    assert_eq!(dossier.status, Status::Returned);
    assert_eq!(hall.does(&counter("3"), Input::Return { dossier: id }), Err(Refused::StepNotLegal));
}

#[test]
fn what_is_missing_is_named_and_nothing_is_written() {
    let mut hall = Hall::opens();
    printed(&mut hall, 1);
    let before = hall.events.len();
    assert_eq!(hall.does(&counter("3"), Input::Recall), Err(Refused::StepNotLegal));
    assert_eq!(accept_whole(&mut hall, SINGLE_STATUS), Err(Refused::StepNotLegal), "nobody was called");
    hall.does(&counter("3"), Input::CallNext).unwrap();
    let no_papers = hall.does(&counter("3"), Input::Accept(Box::new(accept(SINGLE_STATUS, &[]))));
    assert!(matches!(no_papers, Err(Refused::PapersMissing(_))), "{no_papers:?}");
    let mut nameless = accept(SINGLE_STATUS, &[]);
    nameless.applicant.name = " ".into();
    assert_eq!(hall.does(&counter("3"), Input::Accept(Box::new(nameless))), Err(Refused::ApplicantIncomplete("name")));
    let unknown = hall.does(&counter("3"), Input::Accept(Box::new(accept("9.999999", &[]))));
    assert_eq!(unknown, Err(Refused::ProcedureUnknown(ProcedureCode::from("9.999999"))));
    assert_eq!(hall.events.len(), before + 1, "only the call was written");
}

#[test]
fn a_desk_serves_one_citizen_at_a_time() {
    let mut hall = Hall::opens();
    let first = printed(&mut hall, 1);
    printed(&mut hall, 2);
    hall.does(&counter("3"), Input::CallNext).unwrap();
    assert!(matches!(hall.does(&counter("3"), Input::CallNext), Err(Refused::DeskTaken(_))));
    hall.does(&counter("3"), Input::Miss).unwrap();
    assert_eq!(hall.state.visit(first).unwrap().stage, Stage::Missed);
    assert!(matches!(hall.does(&counter("3"), Input::CallNext), Ok(Answer::Visit(_))));
}

#[test]
fn two_desks_that_could_not_hear_each_other_are_found_and_shown() {
    let mut hall = Hall::opens();
    let visit = printed(&mut hall, 1);
    let mut island = hall.clone();
    island.does(&counter("4"), Input::CallNext).unwrap();
    hall.does(&counter("3"), Input::CallNext).unwrap();
    hall.hears(&island);
    let healed = hall.state.visit(visit).unwrap();
    assert!(healed.called_twice);
    assert_eq!(healed.calls.len(), 2);
    // Each desk goes on as if alone: one of them will find that nobody came.
    hall.does(&counter("4"), Input::Miss).unwrap();
    assert!(accept_whole(&mut hall, SINGLE_STATUS).is_ok(), "desk 3 keeps its citizen");
    hall.does(&counter("3"), Input::Close).unwrap();
    assert_eq!(hall.state.visit(visit).unwrap().stage, Stage::Closed);
}

#[test]
fn a_log_that_once_met_a_clock_far_ahead_does_not_keep_the_station_in_the_future() {
    let mut hall = Hall::opens();
    hall.now = at(29, 10, 0);
    ticket(&mut hall, 1);
    hall.now = at(23, 10, 0);
    let today = printed(&mut hall, 2);
    let visit = hall.state.visit(today).unwrap();
    assert_eq!((visit.day.to_string().as_str(), visit.number.to_string().as_str()), ("2026-11-23", "A001"));
    assert_eq!(hall.does(&counter("3"), Input::CallNext), Ok(Answer::Visit(today)));
}

#[test]
fn a_clock_that_was_ahead_and_is_found_right_is_believed_at_once() {
    let mut hall = Hall::opens();
    hall.now = at(24, 9, 0);
    ticket(&mut hall, 1);
    hall.now = at(23, 10, 0);
    let mut checked = kiosk("A");
    checked.clock_is_right = true;
    let wish = Input::TakeNumber {
        intent: IntentId(Uuid::from_u128(2)),
        procedure: ProcedureCode::from(SINGLE_STATUS),
        identity: None,
        priority: None,
        language: "vi".into(),
    };
    let Ok(Answer::Visit(visit)) = hall.does(&checked, wish) else { panic!("a number is given") };
    assert_eq!(hall.state.visit(visit).unwrap().day.to_string(), "2026-11-23");
}

#[test]
fn a_restored_disk_gives_no_number_and_no_code_that_a_former_life_may_have_given() {
    let mut hall = Hall::opens();
    hall.leases(23, 1, 50);
    printed(&mut hall, 1);
    let restored = kiosk("A");
    hall.does(&restored, Input::LeaveOutNumbers).unwrap();
    hall.does(&restored, Input::LeaveOutNumbers).unwrap();
    let wish = Input::TakeNumber {
        intent: IntentId(Uuid::from_u128(2)),
        procedure: ProcedureCode::from(SINGLE_STATUS),
        identity: None,
        priority: None,
        language: "vi".into(),
    };
    let Ok(Answer::Visit(visit)) = hall.does(&restored, wish) else { panic!("a number is given") };
    assert_eq!(hall.state.visit(visit).unwrap().number.to_string(), "A502");

    hall.does(&counter("3"), Input::CallNext).unwrap();
    let mut desk = counter("3");
    desk.knows_its_past = false;
    let papers = needed(&hall, SINGLE_STATUS);
    let papers: Vec<&str> = papers.iter().map(String::as_str).collect();
    let accepted = hall.does(&desk, Input::Accept(Box::new(accept(SINGLE_STATUS, &papers))));
    let Ok(Answer::Dossier(id)) = accepted else { panic!("it is accepted") };
    assert!(matches!(hall.state.dossier(id).unwrap().code, CodeGiven::Temporary { .. }));
    // Having heard the centre it still cannot know which of the old numbers stand on a paper.
    hall.does(&counter("3"), Input::GiveUpCodes).unwrap();
    let free = |hall: &Hall| hall.state.free_codes(desk.station, &desk.agency, hall.now.day()).count();
    assert_eq!(free(&hall), 0);
    hall.leases(23, 51, 10);
    assert_eq!(free(&hall), 10, "new ones are surely free");
}

#[test]
fn who_missed_the_call_and_comes_with_the_paper_waits_again() {
    let mut hall = Hall::opens();
    let visit = printed(&mut hall, 1);
    hall.does(&counter("3"), Input::CallNext).unwrap();
    hall.does(&counter("3"), Input::Miss).unwrap();
    assert_eq!(hall.does(&counter("3"), Input::CallNext), Ok(Answer::NobodyWaits));
    hall.does(&counter("3"), Input::Admit { visit }).unwrap();
    assert_eq!(hall.does(&counter("3"), Input::CallNext), Ok(Answer::Visit(visit)));
}

#[test]
fn a_paper_that_is_long_overdue_can_be_asked_for_again() {
    let mut hall = Hall::opens();
    let visit = ticket(&mut hall, 1);
    assert_eq!(hall.does(&counter("3"), Input::CopyTicket { visit }), Err(Refused::StepNotLegal));
    hall.now = hall.now.plus_ms(intake::decide::PAPER_OVERDUE_MS);
    assert!(hall.does(&counter("3"), Input::CopyTicket { visit }).is_ok());
}

#[test]
fn a_ticket_of_another_day_is_not_admitted() {
    let mut hall = Hall::opens();
    let visit = printed(&mut hall, 1);
    hall.now = at(24, 8, 0);
    assert!(matches!(hall.does(&counter("3"), Input::Admit { visit }), Err(Refused::TicketOld(_))));
}

#[test]
fn a_newer_kind_of_fact_is_kept_as_it_came() {
    let fact = Fact::decode("CarriedByDrone", &[0xa1, 0x61, 0x78, 0x01]);
    assert_eq!(fact.kind(), "CarriedByDrone");
    assert_eq!(fact.encode(), [0xa1, 0x61, 0x78, 0x01]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever the order of arrival, every machine folds the same rows, and an event twice changes nothing.
    #[test]
    fn the_order_of_arrival_does_not_matter(seed in any::<u64>(), script in prop::collection::vec(0u8..10, 1..60)) {
        let mut hall = Hall::opens();
        hall.leases(23, 1, 5);
        play(&mut hall, &script);
        let mut shuffled = hall.events.clone();
        shuffle(&mut shuffled, seed);
        let mut other = State::default();
        for event in shuffled.iter().chain(&shuffled) {
            other.apply(event.clone());
        }
        prop_assert!(hall.state.visits().eq(other.visits()));
        prop_assert!(hall.state.dossiers().eq(other.dossiers()));
        for event in &hall.events {
            let of_subject = |events: &[intake::event::Event]| -> Vec<_> {
                events.iter().filter(|known| known.subject == event.subject).cloned().collect()
            };
            let row = fold_subject(&event.subject, &of_subject(&hall.events));
            prop_assert_eq!(&row, &fold_subject(&event.subject, &of_subject(&shuffled)));
        }
    }

    /// No number and no code twice, and only paper that is out is called, whatever people do.
    #[test]
    fn nothing_is_doubled(script in prop::collection::vec(0u8..10, 1..120)) {
        let mut hall = Hall::opens();
        hall.leases(23, 1, 5);
        play(&mut hall, &script);
        let numbers: Vec<_> = hall.state.visits().map(|visit| (visit.day, visit.number.clone())).collect();
        prop_assert_eq!(numbers.iter().collect::<std::collections::BTreeSet<_>>().len(), numbers.len());
        let codes: Vec<_> = hall.state.dossiers().map(|dossier| dossier.code.text()).collect();
        prop_assert_eq!(codes.iter().collect::<std::collections::BTreeSet<_>>().len(), codes.len());
        for visit in hall.state.visits() {
            let may = matches!(visit.paper, Paper::Confirmed | Paper::Sent);
            prop_assert!(visit.calls.is_empty() || may, "{:?}", visit);
        }
        let official = hall.state.dossiers().filter(|d| matches!(d.code, CodeGiven::Official { .. })).count();
        prop_assert!(official <= 5);
    }
}

/// People doing things in any order; what is not possible is refused and changes nothing.
fn play(hall: &mut Hall, script: &[u8]) {
    let outcomes =
        [PaperOutcome::Confirmed, PaperOutcome::SentUnconfirmed, PaperOutcome::NotPrinted, PaperOutcome::Unknown];
    for (step, what) in script.iter().enumerate() {
        hall.now = hall.now.plus_ms(if step % 7 == 6 { -30_000 } else { 20_000 });
        let last = hall.state.visits().last().map(|visit| visit.id);
        let desk = counter(if step % 2 == 0 { "3" } else { "4" });
        match (what, last) {
            (0 | 1, _) => drop(take(hall, 1_000 + step as u128, step % 2 == 0)),
            (2 | 3, Some(visit)) => report(hall, visit, outcomes[step % 4]),
            (4, Some(visit)) => drop(hall.does(&desk, Input::SettlePaper { visit, came_out: step % 3 == 0 })),
            (5, _) => drop(hall.does(&desk, Input::CallNext)),
            (6, _) => {
                let papers = needed(hall, SINGLE_STATUS);
                let papers: Vec<&str> = papers.iter().map(String::as_str).collect();
                let mut ask = accept(SINGLE_STATUS, &papers);
                ask.intent = IntentId(Uuid::from_u128(5_000 + step as u128));
                drop(hall.does(&desk, Input::Accept(Box::new(ask))));
            }
            (9, _) => {
                let mut ask = accept(SINGLE_STATUS, &[]);
                ask.intent = IntentId(Uuid::from_u128(9_000 + step as u128));
                drop(hall.does(&desk, Input::Register(Box::new(ask))));
            }
            (7, _) => drop(hall.does(&desk, Input::Close)),
            (8, _) => {
                let dossier = hall.state.dossiers().last().map(|dossier| dossier.id);
                if let Some(dossier) = dossier {
                    let (order, note) = (work::any_order(step), "Lý do".to_owned());
                    drop(hall.does(&desk, Input::Work { dossier, order, note }));
                }
            }
            _ => {}
        }
    }
}

fn shuffle<T>(items: &mut [T], mut seed: u64) {
    for index in (1..items.len()).rev() {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        items.swap(index, (seed >> 33) as usize % (index + 1));
    }
}

#[test]
fn desks_of_an_island_split_the_letters_among_them() {
    let mut hall = Hall::opens();
    printed(&mut hall, 1);
    let mut other = counter("4");
    other.calls = vec!["B".into()];
    assert_eq!(hall.does(&other, Input::CallNext), Ok(Answer::NobodyWaits));
    assert_eq!(other.desk, Desk::new("4"));
}
