//! Money at the desk: every receipt has a number of its own, and the till comes out even.

use crate::hall::{Hall, at, counter};
use crate::{CERTIFIED_COPY, SINGLE_STATUS, accept_whole, printed};
use intake::decide::{Answer, Input, Money, Refused};
use intake::event::Scope;
use intake::fact::Fact;
use intake::fee::Dong;
use intake::ids::{Desk, DossierId};
use intake::payment::{PaidBy, Payment, Payments, ReceiptNo, Stands, Till, takings};

fn accepted(procedure: &str) -> (Hall, DossierId) {
    let mut hall = Hall::opens();
    printed(&mut hall, 1);
    hall.does(&counter("3"), Input::CallNext).unwrap();
    let Ok(Answer::Dossier(dossier)) = accept_whole(&mut hall, procedure) else { panic!("it is accepted") };
    (hall, dossier)
}

fn money(hall: &mut Hall, dossier: DossierId, money: Money) -> Result<Answer, Refused> {
    hall.does(&counter("3"), Input::Money { dossier, money, note: "Thu nhầm".into() })
}

fn payments(hall: &Hall, dossier: DossierId) -> &Payments {
    &hall.state.dossier(dossier).unwrap().payments
}

#[test]
fn a_fee_that_is_paid_with_the_acceptance_has_its_receipt() {
    let (hall, dossier) = accepted(CERTIFIED_COPY);
    let [paid] = &payments(&hall, dossier).all[..] else { panic!("one payment") };
    assert_eq!((paid.amount, paid.by, paid.stands), (Dong(10_000), PaidBy::Cash, Stands::Paid), "3 pages, 2 copies");
    assert_eq!(paid.receipt.number, 1);
    assert!(paid.receipt.series.starts_with("Q3-"), "{}", paid.receipt);
}

#[test]
fn a_transfer_is_announced_until_it_is_confirmed_and_money_is_given_back_once() {
    let (mut hall, dossier) = accepted(SINGLE_STATUS);
    let before = payments(&hall, dossier).all.len();
    let take = Money::Take { amount: Dong(15_000), by: PaidBy::Transfer };
    money(&mut hall, dossier, take).unwrap();
    let receipt = payments(&hall, dossier).all[before].receipt.clone();
    let stands = |hall: &Hall| payments(hall, dossier).of(&receipt).unwrap().stands;
    assert_eq!(stands(&hall), Stands::Announced);
    let refund = Money::Refund { receipt: receipt.clone() };
    assert_eq!(money(&mut hall, dossier, refund.clone()), Err(Refused::StepNotLegal), "it has not arrived");
    money(&mut hall, dossier, Money::Confirm { receipt: receipt.clone() }).unwrap();
    assert_eq!(stands(&hall), Stands::Paid);
    let unsaid = Input::Money { dossier, money: refund.clone(), note: " ".into() };
    assert_eq!(hall.does(&counter("3"), unsaid), Err(Refused::ReasonMissing));
    money(&mut hall, dossier, refund.clone()).unwrap();
    assert_eq!(money(&mut hall, dossier, refund), Err(Refused::StepNotLegal));
    assert_eq!(
        money(&mut hall, dossier, Money::Take { amount: Dong(0), by: PaidBy::Cash }),
        Err(Refused::StepNotLegal)
    );
}

#[test]
fn receipts_count_from_one_in_each_life_of_each_station_and_the_till_is_counted() {
    let (mut hall, dossier) = accepted(SINGLE_STATUS);
    let first = payments(&hall, dossier).all.len() as u32;
    for (amount, by) in [(8_000, PaidBy::Cash), (20_000, PaidBy::Transfer), (5_000, PaidBy::Cash)] {
        money(&mut hall, dossier, Money::Take { amount: Dong(amount), by }).unwrap();
    }
    let own = payments(&hall, dossier).all[0].receipt.series.clone();
    let numbers: Vec<u32> = payments(&hall, dossier).all.iter().map(|payment| payment.receipt.number).collect();
    assert_eq!(numbers, (1..=first + 3).collect::<Vec<_>>());
    let mut other = counter("4");
    other.label = "Q4".into();
    hall.does(
        &other,
        Input::Money { dossier, money: Money::Take { amount: Dong(1_000), by: PaidBy::Cash }, note: String::new() },
    )
    .unwrap();
    let theirs = |payment: &&Payment| payment.receipt.series.starts_with("Q4-");
    let theirs: Vec<u32> =
        payments(&hall, dossier).all.iter().filter(theirs).map(|payment| payment.receipt.number).collect();
    assert_eq!(theirs, [1]);
    let back = ReceiptNo { series: own.clone(), number: first + 3 };
    money(&mut hall, dossier, Money::Refund { receipt: back }).unwrap();

    let all = || hall.state.dossiers().map(|dossier| &dossier.payments);
    let home = Scope::site(&"00004".into());
    let till = |day| takings(all(), &Till { home: &home, desk: &Desk::new("3"), day });
    let at_acceptance = if first == 1 { payments(&hall, dossier).all[0].amount.0 } else { 0 };
    let today = till(at(23, 10, 0).day());
    assert_eq!((today.receipts, today.in_till()), (first + 3, Dong(8_000 + at_acceptance)));
    assert_eq!((today.announced, today.transfers), (Dong(20_000), Dong(0)));
    assert_eq!(till(at(24, 10, 0).day()).receipts, 0);
    hall.does(&counter("3"), Input::CloseTill { counted: Dong(8_000) }).unwrap();
    let Some(Fact::TillClosed(closed)) = hall.events.last().map(|event| &event.fact) else { panic!("it is closed") };
    assert_eq!((closed.expected, closed.counted), (Dong(8_000 + at_acceptance), Dong(8_000)));
}
