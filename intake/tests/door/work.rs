//! The legal routes of a dossier, from the desk to the returned result, decided and folded.

use crate::amend::{Amend, amends, police};
use crate::hall::{AGENCY, Hall, at, counter};
use crate::{CERTIFIED_COPY, SINGLE_STATUS, accept, accept_whole, needed, printed};
use intake::decide::{Answer, Effect, Input, Order, Refused};
use intake::dossier::{Abroad, Detail, Dossier, Fault, FormOf, Ground, PaperAsked, ReturnBy, Status, Step, Timeliness};
use intake::event::Subject;
use intake::fact::PaperTaken;
use intake::fee::Dong;
use intake::ids::{DossierId, IntentId};
use uuid::Uuid;

/// One of every kind of order, by number.
pub fn any_order(which: usize) -> Order {
    match which % 12 {
        0 => ask_for("to-khai"),
        1 => Order::PapersBrought { papers: vec![taken("to-khai")] },
        2 => Order::Refuse { ground: Ground::NotEligible },
        3 => Order::Forward,
        4 => Order::TakeOver,
        5 => Order::AskDuty { amount: Dong(15_000) },
        6 => Order::DutyMet,
        7 => Order::Withdraw,
        8 => Order::Stop { ground: Ground::Other },
        9 => Order::Finish { number: Some("12/XN-UBND".into()) },
        10 => Order::Return { by: ReturnBy::Desk },
        _ => Order::Reappoint { due: at(30, 10, 0), ground: Ground::AwaitsOthers },
    }
}

fn ask_for(paper: &str) -> Order {
    Order::AskPapers { papers: vec![PaperAsked { id: paper.into(), fault: Fault::Missing }], bring_by: None }
}

fn taken(id: &str) -> PaperTaken {
    PaperTaken { id: id.into(), original: 1, certified: 0, copies: 0, reused: None }
}

/// A citizen stands at desk 3.
fn at_the_desk() -> Hall {
    let mut hall = Hall::opens();
    printed(&mut hall, 1);
    hall.does(&counter("3"), Input::CallNext).unwrap();
    hall
}

fn accepted(procedure: &str) -> (Hall, DossierId) {
    let mut hall = at_the_desk();
    let Ok(Answer::Dossier(dossier)) = accept_whole(&mut hall, procedure) else { panic!("it is accepted") };
    (hall, dossier)
}

fn registered() -> (Hall, DossierId) {
    let mut hall = at_the_desk();
    let ask = accept(SINGLE_STATUS, &[]);
    let Ok(Answer::Dossier(dossier)) = hall.does(&counter("3"), Input::Register(Box::new(ask))) else {
        panic!("it is taken down")
    };
    (hall, dossier)
}

fn works(hall: &mut Hall, dossier: DossierId, order: Order) -> Result<Answer, Refused> {
    hall.does(&counter("3"), Input::Work { dossier, order, note: "Lý do".into() })
}

fn now(hall: &Hall, dossier: DossierId) -> &Dossier {
    hall.state.dossier(dossier).unwrap()
}

#[test]
fn a_dossier_that_lacks_papers_is_taken_down_asked_for_and_accepted_under_the_same_code() {
    let (mut hall, dossier) = registered();
    let code = now(&hall, dossier).code.clone();
    works(&mut hall, dossier, ask_for("to-khai")).unwrap();
    assert_eq!(now(&hall, dossier).status, Status::SupplementAsked);
    let job = now(&hall, dossier).forms[0].job;
    assert_eq!(hall.effects.last(), Some(&Effect::MakeSlip { job, dossier }));
    // It cannot go on without being accepted, for then nobody would promise a day.
    let brought = Order::PapersBrought { papers: vec![taken("to-khai")] };
    assert_eq!(works(&mut hall, dossier, brought), Err(Refused::StepNotLegal));

    hall.now = at(24, 9, 0);
    hall.does(&counter("3"), Input::Close).unwrap();
    let papers = needed(&hall, SINGLE_STATUS);
    let papers: Vec<&str> = papers.iter().map(String::as_str).collect();
    let mut ask = accept(SINGLE_STATUS, &papers);
    (ask.intent, ask.draft) = (IntentId(Uuid::from_u128(901)), Some(dossier));
    assert_eq!(hall.does(&counter("3"), Input::Accept(Box::new(ask.clone()))), Err(Refused::StepNotLegal));
    printed(&mut hall, 2);
    hall.does(&counter("3"), Input::CallNext).unwrap();
    assert_eq!(hall.does(&counter("3"), Input::Accept(Box::new(ask.clone()))), Ok(Answer::Dossier(dossier)));
    let known = now(&hall, dossier);
    assert_eq!((known.status, &known.code), (Status::Accepted, &code));
    assert_eq!(known.due, Some(at(27, 9, 0)), "three working days from when it was complete");
    assert_eq!(hall.state.dossiers().count(), 1);
    // The same press again is the same acceptance; another one is no second acceptance.
    let again = hall.does(&counter("3"), Input::Accept(Box::new(ask.clone())));
    assert_eq!(again, Ok(Answer::Already(Subject::Dossier(dossier))));
    ask.intent = IntentId(Uuid::from_u128(902));
    assert_eq!(hall.does(&counter("3"), Input::Accept(Box::new(ask))), Err(Refused::StepNotLegal));
    assert!(now(&hall, dossier).conflicts.is_empty());
}

#[test]
fn a_refusal_says_why_and_ends_it() {
    let (mut hall, dossier) = registered();
    let order = Order::Refuse { ground: Ground::NotCompetent };
    let unsaid = Input::Work { dossier, order: order.clone(), note: "  ".into() };
    assert_eq!(hall.does(&counter("3"), unsaid), Err(Refused::ReasonMissing));
    works(&mut hall, dossier, order).unwrap();
    let known = now(&hall, dossier);
    assert_eq!(known.status, Status::NotAccepted);
    assert_eq!(known.history[0].detail, Some(Detail::Refused { ground: Ground::NotCompetent }));
    assert_eq!((known.due, known.timeliness(hall.now)), (None, None));
    assert_eq!(works(&mut hall, dossier, Order::Withdraw), Err(Refused::StepNotLegal));
}

#[test]
fn papers_are_asked_for_once_and_the_clock_starts_anew() {
    let (mut hall, dossier) = accepted(SINGLE_STATUS);
    assert_eq!(now(&hall, dossier).due, Some(at(26, 10, 0)));
    assert_eq!(
        works(&mut hall, dossier, Order::AskPapers { papers: vec![], bring_by: None }),
        Err(Refused::NothingAsked)
    );
    works(&mut hall, dossier, Order::TakeOver).unwrap();
    hall.now = at(24, 10, 0);
    works(&mut hall, dossier, ask_for("giay-khac")).unwrap();
    hall.now = at(25, 15, 0);
    works(&mut hall, dossier, Order::PapersBrought { papers: vec![taken("giay-khac")] }).unwrap();
    let known = now(&hall, dossier);
    assert_eq!(known.status, Status::Processing, "it goes on where it stood");
    assert_eq!(known.due, Some(at(30, 15, 0)), "three working days from the afternoon of the 25th");
    assert!(known.papers.iter().any(|paper| paper.id == "giay-khac"));
    assert_eq!(works(&mut hall, dossier, ask_for("nua")), Err(Refused::PapersAskedBefore));
}

#[test]
fn a_promise_is_moved_once_with_an_apology() {
    let (mut hall, dossier) = accepted(SINGLE_STATUS);
    let was = now(&hall, dossier).due.unwrap();
    let to = |due| Order::Reappoint { due, ground: Ground::AwaitsOthers };
    assert_eq!(works(&mut hall, dossier, to(was)), Err(Refused::DayNotFit(was)));
    let sunday = at(29, 10, 0);
    assert_eq!(works(&mut hall, dossier, to(sunday)), Err(Refused::DayNotFit(sunday)));
    let closing = at(30, 17, 0);
    works(&mut hall, dossier, to(closing)).unwrap();
    let known = now(&hall, dossier);
    assert_eq!((known.due, known.status), (Some(closing), Status::Accepted));
    assert_eq!(known.forms.iter().map(|form| form.of.clone()).collect::<Vec<_>>(), [FormOf::Step(Step::Reappoint)]);
    let later = hall.now.plus_ms(20 * 86_400_000);
    assert_eq!(works(&mut hall, dossier, to(later)), Err(Refused::ReappointedBefore));
}

#[test]
fn what_comes_after_three_goes_on_the_next_morning() {
    // Accepted when; to be with the authority by.
    let cases = [
        (at(23, 10, 0), at(23, 17, 0)),
        (at(23, 15, 0), at(23, 17, 0)),
        (at(23, 15, 1), at(24, 7, 0)),
        (at(23, 18, 0), at(24, 7, 0)),
        (at(27, 16, 0), at(30, 7, 0)),
        (at(28, 9, 0), at(30, 7, 0)),
    ];
    for (when, by) in cases {
        let mut hall = Hall::opens();
        hall.now = when;
        printed(&mut hall, 1);
        hall.does(&counter("3"), Input::CallNext).unwrap();
        let Ok(Answer::Dossier(dossier)) = accept_whole(&mut hall, SINGLE_STATUS) else { panic!("accepted") };
        assert_eq!(works(&mut hall, dossier, Order::Forward), Err(Refused::AuthorityNotTold));
        let told = Amend { authority: Some("commune_police:00004"), ..Amend::default() };
        assert_eq!(amends(&mut hall, "3", dossier, told), Err(Refused::AuthorityNotFit(police())));
        // A commune whose code is not known: its dossiers stay with this desk's agency and go there on paper.
        let told = Amend { authority: Some("commune:00025"), ..Amend::default() };
        amends(&mut hall, "3", dossier, told).unwrap();
        works(&mut hall, dossier, Order::Forward).unwrap();
        let known = now(&hall, dossier);
        let carried = known.history.last().unwrap().detail.clone();
        assert_eq!(
            carried,
            Some(Detail::Forwarded {
                to: AGENCY.into(),
                authority: Some("commune:00025".parse().unwrap()),
                not_later_than: by
            }),
            "{when}"
        );
        assert_eq!((known.status, known.abroad()), (Status::Accepted, Some(Abroad::Awaited)));
        works(&mut hall, dossier, Order::TakeOver).unwrap();
        assert_eq!(now(&hall, dossier).abroad(), Some(Abroad::Processing));
        works(&mut hall, dossier, Order::Finish { number: None }).unwrap();
        works(&mut hall, dossier, Order::Return { by: ReturnBy::Post }).unwrap();
        assert_eq!(now(&hall, dossier).abroad(), Some(Abroad::Returned));
    }
}

#[test]
fn a_payment_is_asked_for_and_the_dossier_goes_on() {
    let (mut hall, dossier) = accepted(SINGLE_STATUS);
    works(&mut hall, dossier, Order::AskDuty { amount: Dong(15_000) }).unwrap();
    assert_eq!(works(&mut hall, dossier, Order::Finish { number: None }), Err(Refused::StepNotLegal));
    works(&mut hall, dossier, Order::DutyMet).unwrap();
    assert_eq!(now(&hall, dossier).status, Status::Accepted);
    assert_eq!(works(&mut hall, dossier, Order::DutyMet), Err(Refused::StepNotLegal));
}

#[test]
fn withdrawn_and_stopped_dossiers_stay_so() {
    for (order, status) in
        [(Order::Withdraw, Status::Withdrawn), (Order::Stop { ground: Ground::PapersNotBrought }, Status::Stopped)]
    {
        let (mut hall, dossier) = accepted(SINGLE_STATUS);
        works(&mut hall, dossier, order).unwrap();
        assert_eq!(now(&hall, dossier).status, status);
        for which in 0..12 {
            assert!(works(&mut hall, dossier, any_order(which)).is_err(), "{which} after {status:?}");
        }
    }
}

#[test]
fn how_a_promise_was_kept() {
    for (finished, expected) in
        [(at(25, 16, 0), Timeliness::Early), (at(26, 10, 0), Timeliness::OnTime), (at(26, 10, 1), Timeliness::Overdue)]
    {
        let (mut hall, dossier) = accepted(SINGLE_STATUS);
        assert_eq!(now(&hall, dossier).timeliness(hall.now), Some(Timeliness::Running));
        assert_eq!(now(&hall, dossier).timeliness(at(27, 7, 0)), Some(Timeliness::Overdue));
        hall.now = finished;
        works(&mut hall, dossier, Order::Finish { number: None }).unwrap();
        assert_eq!(now(&hall, dossier).timeliness(at(30, 7, 0)), Some(expected));
    }
}

#[test]
fn two_officers_who_could_not_hear_each_other_are_both_shown() {
    let (mut hall, dossier) = accepted(CERTIFIED_COPY);
    let mut other = Hall::opens();
    other.hears(&hall);
    (other.now, other.dice) = (hall.now.plus_ms(1_000), hall.dice + 1_000);
    works(&mut hall, dossier, Order::Withdraw).unwrap();
    other.does(&counter("4"), Input::Work { dossier, order: Order::TakeOver, note: String::new() }).unwrap();
    hall.hears(&other);
    other.hears(&hall);
    assert_eq!(now(&hall, dossier), now(&other, dossier));
    let [event] = now(&hall, dossier).conflicts[..] else { panic!("the later one is for a person to settle") };
    let settle = |note: &str| Input::Settle { dossier, event, note: note.into() };
    assert_eq!(hall.does(&counter("3"), settle(" ")), Err(Refused::ReasonMissing));
    hall.does(&counter("3"), settle("Công dân đã rút hồ sơ")).unwrap();
    assert!(now(&hall, dossier).conflicts.is_empty());
    assert_eq!(hall.does(&counter("3"), settle("lại")), Err(Refused::StepNotLegal));
    other.hears(&hall);
    assert_eq!(now(&hall, dossier), now(&other, dossier));
}
