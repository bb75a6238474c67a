//! Who decides, and what stands on a dossier put right.

use crate::hall::{AGENCY, Hall, at, counter, identity};
use crate::{SINGLE_STATUS, accept, accept_whole, needed, printed};
use intake::calendar::{Announcements, Calendar, Calendars};
use intake::decide::{AmendDossier, Answer, Here, Input, Money, Order, Refused};
use intake::dossier::{Amends, Dossier, Fault, FormOf, PaperAsked, Status, Step};
use intake::event::{Event, Scope, Subject};
use intake::fact::PaperTaken;
use intake::fee::Dong;
use intake::ids::{Desk, DossierId, IntentId};
use intake::jurisdiction::AuthorityId;
use intake::payment::{PaidBy, Till, takings};
use intake::person::Contact;
use intake::state::State;
use proptest::prelude::*;
use uuid::Uuid;

/// The agency of phường Hoàn Kiếm, as the table has it.
const THERE: &str = "H26.7.00";

/// What is put right; what is left out stays.
#[derive(Clone, Copy, Debug, Default)]
pub struct Amend {
    pub name: Option<&'static str>,
    pub sets: Option<u16>,
    pub authority: Option<&'static str>,
    pub unsaid: bool,
}

pub fn police() -> AuthorityId {
    "commune_police:00004".parse().unwrap()
}

pub fn amends(hall: &mut Hall, desk: &str, dossier: DossierId, amend: Amend) -> Result<Answer, Refused> {
    amends_at(hall, &counter(desk), dossier, amend)
}

fn amends_at(hall: &mut Hall, here: &Here, dossier: DossierId, amend: Amend) -> Result<Answer, Refused> {
    let known = hall.state.dossier(dossier).unwrap().clone();
    let mut applicant = identity("1999-02-15");
    applicant.name = amend.name.unwrap_or(&applicant.name).to_owned();
    let ask = AmendDossier {
        dossier,
        applicant,
        contact: Contact::default(),
        applicant_changed: amend.name.is_some(),
        papers: known.papers.clone(),
        sets: amend.sets.unwrap_or(known.sets),
        authority: amend.authority.map(|id| id.parse().unwrap()).or(known.authority),
        reason: if amend.unsaid { " ".into() } else { "Ghi sai.".into() },
    };
    hall.does(here, Input::Amend(Box::new(ask)))
}

/// Desk 7 of the other ward.
pub fn there() -> Here {
    Here { site: "00070".into(), agency: THERE.into(), ..counter("7") }
}

fn accepted() -> (Hall, DossierId) {
    let mut hall = Hall::opens();
    printed(&mut hall, 1);
    hall.does(&counter("3"), Input::CallNext).unwrap();
    let Ok(Answer::Dossier(dossier)) = accept_whole(&mut hall, SINGLE_STATUS) else { panic!("it is accepted") };
    (hall, dossier)
}

fn now(hall: &Hall, dossier: DossierId) -> Dossier {
    hall.state.dossier(dossier).unwrap().clone()
}

pub fn works(hall: &mut Hall, here: &Here, dossier: DossierId, order: Order) -> Result<Answer, Refused> {
    hall.does(here, Input::Work { dossier, order, note: "Lý do".into() })
}

fn of_dossier(hall: &Hall, dossier: DossierId) -> Vec<Event> {
    hall.events.iter().filter(|event| event.subject == Subject::Dossier(dossier)).cloned().collect()
}

#[test]
fn an_address_that_is_sure_sends_the_dossier_where_it_is_decided() {
    let mut hall = Hall::opens();
    printed(&mut hall, 1);
    hall.does(&counter("3"), Input::CallNext).unwrap();
    let papers = needed(&hall, SINGLE_STATUS);
    let mut ask = accept(SINGLE_STATUS, &papers.iter().map(String::as_str).collect::<Vec<_>>());
    ask.applicant.residence = "Số 5, phường Hoàn Kiếm, Hà Nội".into();
    let Ok(Answer::Dossier(dossier)) = hall.does(&counter("3"), Input::Accept(Box::new(ask))) else { panic!() };
    let known = now(&hall, dossier);
    assert_eq!((known.agency.as_str(), known.authority.unwrap().to_string()), (THERE, "commune:00070".into()));
    let first = of_dossier(&hall, dossier)[0].clone();
    assert_eq!(first.scopes, [Scope::site(&"00004".into()), Scope::agency(&THERE.into())]);

    // This desk serves the citizen and decides nothing; the other decides, and all that it does is told here too.
    assert_eq!(works(&mut hall, &counter("3"), dossier, Order::TakeOver), Err(Refused::StepNotLegal));
    assert_eq!(works(&mut hall, &counter("3"), dossier, Order::Finish { number: None }), Err(Refused::StepNotLegal));
    works(&mut hall, &there(), dossier, Order::TakeOver).unwrap();
    works(&mut hall, &there(), dossier, Order::Finish { number: None }).unwrap();
    let last = of_dossier(&hall, dossier).pop().unwrap();
    let told = [Scope::site(&"00070".into()), Scope::agency(&THERE.into()), Scope::site(&"00004".into())];
    assert_eq!(last.scopes, told);
    hall.does(&counter("3"), Input::Return { dossier }).unwrap();
    assert_eq!(now(&hall, dossier).status, Status::Returned);
}

#[test]
fn an_authority_that_does_not_decide_on_the_procedure_is_refused() {
    let mut hall = Hall::opens();
    printed(&mut hall, 1);
    hall.does(&counter("3"), Input::CallNext).unwrap();
    for id in [police(), "commune:99999".parse().unwrap()] {
        let ask = intake::decide::AcceptDossier { authority: Some(id.clone()), ..accept(SINGLE_STATUS, &["to-khai"]) };
        let papers = needed(&hall, SINGLE_STATUS);
        let papers =
            papers.iter().map(|id| PaperTaken { id: id.clone(), original: 1, certified: 0, copies: 0, reused: None });
        let ask = intake::decide::AcceptDossier { papers: papers.collect(), ..ask };
        assert_eq!(hall.does(&counter("3"), Input::Accept(Box::new(ask))), Err(Refused::AuthorityNotFit(id)));
    }
}

#[test]
fn what_is_put_right_leaves_a_trail_and_a_receipt_given_anew() {
    let (mut hall, dossier) = accepted();
    let before = now(&hall, dossier);
    let none = Amend::default();
    assert_eq!(amends(&mut hall, "3", dossier, none), Err(Refused::NothingAmended));
    let unsaid = Amend { sets: Some(2), unsaid: true, ..none };
    assert_eq!(amends(&mut hall, "3", dossier, unsaid), Err(Refused::ReasonMissing));
    amends(&mut hall, "3", dossier, Amend { sets: Some(2), name: Some("Nguyễn Thị Mẫu Đơn"), ..none }).unwrap();
    amends(&mut hall, "3", dossier, Amend { sets: Some(3), ..none }).unwrap();
    let after = now(&hall, dossier);
    assert_eq!((after.sets, after.due, &after.code), (3, before.due, &before.code));
    let said: Vec<_> = after.amended.iter().map(|amended| amended.amends.clone()).collect();
    assert_eq!(said, [vec![Amends::Applicant, Amends::Sets], vec![Amends::Sets]]);
    let forms: Vec<_> = after.forms.iter().map(|form| form.of.clone()).collect();
    let anew: Vec<_> = forms.iter().filter(|of| matches!(of, FormOf::Reissue(_))).collect();
    assert_eq!(anew, [&FormOf::Reissue(1), &FormOf::Reissue(2)]);
    assert!(after.conflicts.is_empty());
}

#[test]
fn nobody_loses_a_dossier_that_they_work_on_and_nothing_is_put_right_after_its_end() {
    let (mut hall, dossier) = accepted();
    works(&mut hall, &counter("3"), dossier, Order::TakeOver).unwrap();
    let away = Amend { authority: Some("commune:00070"), ..Amend::default() };
    assert_eq!(amends(&mut hall, "3", dossier, away), Err(Refused::StepNotLegal));
    amends(&mut hall, "3", dossier, Amend { sets: Some(2), ..Amend::default() }).unwrap();
    works(&mut hall, &counter("3"), dossier, Order::Withdraw).unwrap();
    let late = Amend { sets: Some(4), ..Amend::default() };
    assert_eq!(amends(&mut hall, "3", dossier, late), Err(Refused::StepNotLegal));
}

#[test]
fn of_two_that_put_the_same_right_without_hearing_each_other_one_counts_and_the_other_is_shown() {
    let (mut hall, dossier) = accepted();
    let mut other = hall.clone();
    other.dice = 1 << 90;
    amends(&mut hall, "3", dossier, Amend { sets: Some(2), ..Amend::default() }).unwrap();
    other.now = other.now.plus_ms(1000);
    amends(&mut other, "5", dossier, Amend { sets: Some(9), ..Amend::default() }).unwrap();
    hall.hears(&other);
    let known = now(&hall, dossier);
    assert_eq!((known.sets, known.conflicts.len(), known.amended.len()), (2, 1, 1));
    let event = known.conflicts[0];
    hall.does(&counter("3"), Input::Settle { dossier, event, note: "Hai bộ là đúng.".into() }).unwrap();
    assert!(now(&hall, dossier).conflicts.is_empty());
}

/// The number is this desk's, whoever decides: the next dossier gets the next one.
#[test]
fn a_number_is_used_up_by_a_dossier_that_another_authority_decides() {
    let mut hall = Hall::opens();
    hall.leases(23, 1, 5);
    let mut codes = std::collections::BTreeSet::new();
    for no in 0..4_u128 {
        printed(&mut hall, 1 + no);
        hall.does(&counter("3"), Input::CallNext).unwrap();
        let papers = needed(&hall, SINGLE_STATUS);
        let mut ask = accept(SINGLE_STATUS, &papers.iter().map(String::as_str).collect::<Vec<_>>());
        ask.intent = IntentId(Uuid::from_u128(900 + no));
        ask.authority = (no % 2 == 0).then(|| "commune:00070".parse().unwrap());
        let Ok(Answer::Dossier(dossier)) = hall.does(&counter("3"), Input::Accept(Box::new(ask))) else { panic!() };
        codes.insert(now(&hall, dossier).code.text());
        hall.does(&counter("3"), Input::Close).unwrap();
    }
    assert_eq!(
        codes.into_iter().map(|code| code[18..].to_owned()).collect::<Vec<_>>(),
        ["0001", "0002", "0003", "0004"]
    );
}

/// The table of working days changes after a promise: which promises that touches is told, and only while they are to be kept.
#[test]
fn a_changed_calendar_shows_which_promises_it_touches() {
    let (mut hall, dossier) = accepted();
    let known = now(&hall, dossier);
    let here = counter("3");
    assert_eq!(here.promise_touched(&known), None);
    // 24 November becomes a holiday, as announced: three working days end a day later.
    let table =
        include_str!("../../../fixtures/calendars/hanoi.json").replacen("hanoi-2026-11-23", "hanoi-2026-12-01", 1);
    let table = Calendar::parse(&table, Announcements::Counted).unwrap();
    let changed = Calendars::new([("hanoi".to_owned(), table)].into(), "[]", "hanoi").unwrap();
    let later = Here { calendars: changed.into(), ..here };
    assert_eq!((known.due, later.promise_touched(&known)), (Some(at(26, 10, 0)), Some(at(27, 10, 0))));
    works(&mut hall, &counter("3"), dossier, Order::Finish { number: None }).unwrap();
    assert_eq!(later.promise_touched(&now(&hall, dossier)), None);
}

/// The events that stand in the stream of an authority.
fn heard_by(events: &[Event], agency: &str) -> Vec<Event> {
    events.iter().filter(|event| event.scopes.contains(&Scope::agency(&agency.into()))).cloned().collect()
}

/// A dossier that has a temporary code, was paid for, whose papers were asked for and brought, and which then got its code.
fn lived_in() -> (Hall, DossierId) {
    let (mut hall, dossier) = accepted();
    let money = Money::Take { amount: Dong(15_000), by: PaidBy::Cash };
    hall.does(&counter("3"), Input::Money { dossier, money, note: String::new() }).unwrap();
    let asked = PaperAsked { id: "Bản án ly hôn".into(), fault: Fault::Missing };
    works(&mut hall, &counter("3"), dossier, Order::AskPapers { papers: vec![asked], bring_by: None }).unwrap();
    hall.now = at(24, 9, 0);
    let brought = PaperTaken { id: "Bản án ly hôn".into(), original: 1, certified: 0, copies: 0, reused: None };
    works(&mut hall, &counter("3"), dossier, Order::PapersBrought { papers: vec![brought] }).unwrap();
    hall.leases(23, 1, 5);
    hall.does(&counter("3"), Input::AssignCodes).unwrap();
    (hall, dossier)
}

#[test]
fn an_authority_that_heard_nothing_of_it_before_goes_on_as_if_it_had_heard_everything() {
    let (mut hall, dossier) = lived_in();
    amends(&mut hall, "3", dossier, Amend { authority: Some("commune:00070"), ..Amend::default() }).unwrap();
    works(&mut hall, &counter("3"), dossier, Order::Forward).unwrap();
    let here = now(&hall, dossier);
    assert!(here.alias.is_some() && here.payments.sum() == Dong(15_000) && here.times(Step::AskSupplement) == 1);
    let theirs = heard_by(&of_dossier(&hall, dossier), THERE);
    assert_eq!(theirs.len(), 2);
    assert_eq!(Dossier::fold(dossier, theirs.iter()).unwrap(), here);

    // So that nothing is asked for, taken or promised twice there.
    let mut other = Hall { state: State::default(), events: vec![], ..hall.clone() };
    theirs.into_iter().for_each(|event| other.state.apply(event));
    works(&mut other, &there(), dossier, Order::TakeOver).unwrap();
    let again = Order::AskPapers { papers: vec![PaperAsked { id: "x".into(), fault: Fault::Missing }], bring_by: None };
    assert_eq!(works(&mut other, &there(), dossier, again), Err(Refused::PapersAskedBefore));
    // And handed on once more before anybody worked on it, the third has it whole as well.
    let mut back = Hall { state: State::default(), events: vec![], ..hall.clone() };
    heard_by(&of_dossier(&hall, dossier), THERE).into_iter().for_each(|event| back.state.apply(event));
    let home = Amend { authority: Some("commune:00004"), ..Amend::default() };
    back.now = back.now.plus_ms(60_000);
    amends_at(&mut back, &there(), dossier, home).unwrap();
    let third = heard_by(&back.events, AGENCY);
    let known = Dossier::fold(dossier, third.iter()).unwrap();
    assert_eq!((known.alias, known.payments, known.history.len()), (here.alias, here.payments, here.history.len()));
    assert_eq!(known.agency.as_str(), AGENCY);
}

/// Two desks that did not hear each other: one corrects the sets, the other names another authority. What officers agree at the place
/// of intake reaches that authority too, and it lets go.
#[test]
fn an_authority_that_was_named_in_vain_hears_that_it_was_settled() {
    let (mut hall, dossier) = accepted();
    let mut other = hall.clone();
    other.dice = 1 << 90;
    amends(&mut hall, "3", dossier, Amend { sets: Some(2), ..Amend::default() }).unwrap();
    other.now = other.now.plus_ms(1000);
    amends(&mut other, "5", dossier, Amend { authority: Some("commune:00070"), ..Amend::default() }).unwrap();
    hall.hears(&other);
    let mut all: Vec<Event> = hall.state.history(&Subject::Dossier(dossier)).to_vec();
    assert!(Dossier::fold(dossier, heard_by(&all, THERE).iter()).is_some(), "until then it has the dossier");
    let event = now(&hall, dossier).conflicts[0];
    hall.does(&counter("3"), Input::Settle { dossier, event, note: "Phường Ba Đình giải quyết.".into() }).unwrap();
    all = hall.state.history(&Subject::Dossier(dossier)).to_vec();
    assert_eq!(Dossier::fold(dossier, heard_by(&all, THERE).iter()), None);
    assert_eq!(now(&hall, dossier).agency.as_str(), AGENCY);
}

/// A desk that sends on by what it knew does not take a dossier away from whom it was given to meanwhile.
#[test]
fn sent_on_to_whom_it_stood_with_before_is_shown_and_does_not_count() {
    let (mut hall, dossier) = accepted();
    amends(&mut hall, "3", dossier, Amend { authority: Some("commune:00004"), ..Amend::default() }).unwrap();
    let mut other = hall.clone();
    other.dice = 1 << 90;
    hall.now = hall.now.plus_ms(1000);
    amends(&mut hall, "3", dossier, Amend { authority: Some("commune:00070"), ..Amend::default() }).unwrap();
    other.now = other.now.plus_ms(2000);
    works(&mut other, &counter("5"), dossier, Order::Forward).unwrap();
    hall.hears(&other);
    let known = now(&hall, dossier);
    assert_eq!((known.agency.as_str(), known.authority.unwrap().to_string()), (THERE, "commune:00070".to_owned()));
    assert_eq!((known.forwarded_to, known.conflicts.len()), (None, 1));
}

/// An authority without a code works on paper at the desk that took the dossier in, whoever names it.
#[test]
fn an_authority_without_a_code_gives_the_dossier_back_to_where_it_was_taken_in() {
    let mut hall = Hall::opens();
    hall.leases(23, 1, 5);
    printed(&mut hall, 1);
    hall.does(&counter("3"), Input::CallNext).unwrap();
    let Ok(Answer::Dossier(dossier)) = accept_whole(&mut hall, SINGLE_STATUS) else { panic!() };
    amends(&mut hall, "3", dossier, Amend { authority: Some("commune:00070"), ..Amend::default() }).unwrap();
    hall.now = hall.now.plus_ms(60_000);
    amends_at(&mut hall, &there(), dossier, Amend { authority: Some("commune:00025"), ..Amend::default() }).unwrap();
    let known = now(&hall, dossier);
    assert_eq!((known.agency.as_str(), known.authority.unwrap().to_string()), (AGENCY, "commune:00025".to_owned()));
}

/// Desks of two wards may have one number: each counts its own money.
#[test]
fn money_that_another_ward_took_at_a_desk_of_the_same_number_is_not_in_this_till() {
    let (mut hall, dossier) = accepted();
    let take = || Money::Take { amount: Dong(15_000), by: PaidBy::Cash };
    let there = Here { desk: Desk::new("3"), label: "Q9".into(), ..there() };
    hall.does(&there, Input::Money { dossier, money: take(), note: String::new() }).unwrap();
    let till = |site: &str| {
        let home = Scope::site(&site.into());
        let day = hall.now.day();
        takings(hall.state.dossiers().map(|known| &known.payments), &Till { home: &home, desk: &Desk::new("3"), day })
    };
    assert_eq!((till("00004").in_till(), till("00070").in_till()), (Dong(0), Dong(15_000)));
}

proptest! {
    /// Amendments, steps and settled conflicts in whatever order they arrive fold to the same dossier.
    #[test]
    fn amendments_fold_alike_in_every_order(plan in prop::collection::vec((0_usize..6, 1_u16..5), 1..8), turn in 0_usize..97) {
        let (mut hall, dossier) = accepted();
        for (what, sets) in plan {
            hall.now = hall.now.plus_ms(60_000);
            let none = Amend::default();
            let _legal_or_not = match what {
                0 => amends(&mut hall, "3", dossier, Amend { sets: Some(sets), ..none }),
                1 => amends(&mut hall, "5", dossier, Amend { name: Some("Trần Văn Khác"), ..none }),
                2 => amends(&mut hall, "3", dossier, Amend { authority: Some("commune:00070"), ..none }),
                3 => works(&mut hall, &counter("3"), dossier, Order::Forward),
                4 => works(&mut hall, &there(), dossier, Order::TakeOver),
                _ => works(&mut hall, &counter("3"), dossier, Order::Withdraw),
            };
        }
        let mut events = of_dossier(&hall, dossier);
        let whole = intake::state::fold_subject(&Subject::Dossier(dossier), &events);
        let middle = turn % events.len();
        events.rotate_left(middle);
        prop_assert_eq!(&intake::state::fold_subject(&Subject::Dossier(dossier), &events), &whole);
        // And the other ward's share of it folds at every cut.
        let theirs = heard_by(&of_dossier(&hall, dossier), THERE);
        for cut in 0..=theirs.len() {
            let folded = Dossier::fold(dossier, theirs[..cut].iter());
            prop_assert_eq!(folded.is_some(), theirs[..cut].iter().any(|event| event.fact.kind() == "DossierAmended"));
        }
    }
}

#[test]
fn a_draft_keeps_the_authority_that_was_told_when_it_was_taken_down() {
    let mut hall = Hall::opens();
    printed(&mut hall, 1);
    hall.does(&counter("3"), Input::CallNext).unwrap();
    let mut ask = accept(SINGLE_STATUS, &[]);
    ask.authority = Some("commune:00070".parse().unwrap());
    let Ok(Answer::Dossier(draft)) = hall.does(&counter("3"), Input::Register(Box::new(ask))) else { panic!() };
    hall.now = at(23, 11, 0);
    let papers = needed(&hall, SINGLE_STATUS);
    let mut whole = accept(SINGLE_STATUS, &papers.iter().map(String::as_str).collect::<Vec<_>>());
    (whole.draft, whole.intent) = (Some(draft), IntentId(Uuid::from_u128(901)));
    hall.does(&counter("3"), Input::Accept(Box::new(whole))).unwrap();
    assert_eq!(now(&hall, draft).agency.as_str(), THERE);
}
