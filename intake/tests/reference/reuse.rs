//! What earlier dossiers offer for a procedure: a table by hand, and what holds of any dossiers.

use super::at;
use intake::catalogue::Catalogue;
use intake::fact::{Consent, PaperTaken, Reused};
use intake::ids::{AgencyCode, DossierId, ProcedureCode, SiteCode};
use intake::moment::Moment;
use intake::reuse::{EarlierDossier, Offer, Until, best, offers};
use jiff::civil::{Date, date};
use proptest::prelude::*;
use uuid::Uuid;

const MARRIAGE: &str = "1.000894";
const MARITAL_STATUS: &str = "1.004873";
const BIRTH: &str = "1.001193";
const TEMPORARY: &str = "1.004194";
const PERMANENT: &str = "1.004222";
const TODAY: Date = date(2026, 11, 23);

fn paper(id: &str, original: u16, copies: u16) -> PaperTaken {
    PaperTaken { id: id.into(), original, certified: 0, copies, reused: None }
}

/// A dossier of a status, taken in then, with its result at `result`.
fn dossier(no: u128, procedure: &str, status: u8, taken_in: &str, result: Option<&str>) -> EarlierDossier {
    EarlierDossier {
        dossier: DossierId(Uuid::from_u128(no)),
        code: format!("H26.112.00-260101-{no:04}"),
        procedure: ProcedureCode::from(procedure),
        agency: AgencyCode::from("H26.112.00"),
        site: SiteCode::from("00004"),
        at: at(taken_in),
        status,
        papers: vec![paper("to-khai", 1, 0)],
        result_at: result.map(at),
    }
}

fn with(mut dossier: EarlierDossier, paper: PaperTaken) -> EarlierDossier {
    dossier.papers.push(paper);
    dossier
}

fn offered(procedure: &str, earlier: &[EarlierDossier]) -> Vec<Offer> {
    let catalogue = Catalogue::embedded().unwrap();
    offers(catalogue.get(&ProcedureCode::from(procedure)).unwrap(), &catalogue, earlier, TODAY)
}

/// Of each offer: the paper, the dossier's number, whether it is a result, until when, whether it is expired.
fn table(procedure: &str, earlier: &[EarlierDossier]) -> Vec<(String, u128, bool, Until, bool)> {
    let row = |offer: Offer| (offer.paper, offer.from.0.as_u128(), offer.result, offer.until, offer.expired);
    offered(procedure, earlier).into_iter().map(row).collect()
}

#[test]
fn a_result_is_offered_where_another_procedure_asks_for_its_kind() {
    let granted = "2026-10-05 10:00";
    let day = Until::Day(date(2027, 4, 5));
    let row = ("xac-nhan-hon-nhan".to_owned(), 1, true, day, false);
    for (status, expected) in [
        (9, vec![row.clone()]),
        (10, vec![row]),
        // Without a result, or taken back, or stopped after it was accepted.
        (2, vec![]),
        (4, vec![]),
        (7, vec![]),
        (8, vec![]),
    ] {
        let result = (status > 8).then_some(granted);
        let earlier = dossier(1, MARITAL_STATUS, status, "2026-10-01 09:00", result);
        assert_eq!(table(MARRIAGE, &[earlier]), expected, "status {status}");
    }
}

#[test]
fn a_result_lapses_after_its_months_and_is_shown_as_expired() {
    for (granted, last, expired) in [
        ("2026-05-23 10:00", date(2026, 11, 23), false),
        ("2026-05-22 23:59", date(2026, 11, 22), true),
        // Six months from the last of August end with February.
        ("2026-08-31 10:00", date(2027, 2, 28), false),
    ] {
        let earlier = dossier(1, MARITAL_STATUS, 10, "2026-05-01 09:00", Some(granted));
        let found = table(MARRIAGE, &[earlier]);
        assert_eq!(found, [("xac-nhan-hon-nhan".to_owned(), 1, true, Until::Day(last), expired)], "{granted}");
    }
}

#[test]
fn what_was_handed_in_is_offered_if_it_was_kept_and_is_worth_as_much() {
    let house = |copies, original| {
        with(dossier(1, TEMPORARY, 10, "2026-01-05 09:00", None), paper("cho-o-hop-phap", original, copies))
    };
    let row = |from| ("cho-o-hop-phap".to_owned(), from, false, Until::Unknown, false);
    assert_eq!(table(PERMANENT, &[house(1, 0)]), [row(1)]);
    assert_eq!(table(PERMANENT, &[house(0, 1)]), [row(1)], "an original stands for a copy");
    assert_eq!(table(PERMANENT, &[house(0, 0)]), [], "nothing was kept");
    // A copy stands for no original.
    let marriage = |original, copies| {
        with(dossier(1, MARRIAGE, 10, "2026-11-02 09:00", None), paper("xac-nhan-hon-nhan", original, copies))
    };
    assert_eq!(table(MARRIAGE, &[marriage(0, 1)]), []);
    let at_latest = Until::AtLatest(date(2027, 5, 2));
    assert_eq!(table(MARRIAGE, &[marriage(1, 0)]), [("xac-nhan-hon-nhan".to_owned(), 1, false, at_latest, false)]);
}

#[test]
fn only_dossiers_whose_papers_stand_are_asked() {
    for (status, stands) in [
        (1, false),
        (2, true),
        (3, false),
        (4, true),
        (5, false),
        (6, false),
        (7, false),
        (8, false),
        (9, true),
        (10, true),
    ] {
        let earlier = with(dossier(1, TEMPORARY, status, "2026-01-05 09:00", None), paper("cho-o-hop-phap", 0, 1));
        assert_eq!(!table(PERMANENT, &[earlier]).is_empty(), stands, "status {status}");
    }
}

#[test]
fn what_was_shown_or_itself_taken_over_or_is_written_anew_is_never_offered() {
    let shown = with(dossier(1, MARITAL_STATUS, 4, "2026-11-01 09:00", None), paper("giay-to-tuy-than", 1, 0));
    assert_eq!(table(BIRTH, std::slice::from_ref(&shown)), [], "an identity card was given back");
    assert_eq!(table(MARITAL_STATUS, &[shown]), [], "a form is filled in each time");
    let reused = Reused {
        from: DossierId(Uuid::from_u128(9)),
        code: "H26.112.00-250101-0009".into(),
        result: false,
        consent: Consent::SaidAtDesk,
    };
    let second_hand = PaperTaken { reused: Some(reused), ..paper("cho-o-hop-phap", 0, 0) };
    assert_eq!(table(PERMANENT, &[with(dossier(1, TEMPORARY, 10, "2026-01-05 09:00", None), second_hand)]), []);
    assert_eq!(table("1.013225", &[dossier(1, MARITAL_STATUS, 10, "2026-11-01 09:00", Some("2026-11-02 09:00"))]), []);
}

#[test]
fn of_several_the_best_comes_first() {
    let result = |no, granted| dossier(no, MARITAL_STATUS, 10, "2026-01-05 09:00", Some(granted));
    let handed_in = with(dossier(4, MARRIAGE, 4, "2026-11-20 09:00", None), paper("xac-nhan-hon-nhan", 1, 0));
    let all = [result(1, "2026-02-01 09:00"), handed_in, result(2, "2026-09-01 09:00"), result(3, "2026-08-01 09:00")];
    let found = offered(MARRIAGE, &all);
    let order: Vec<u128> = found.iter().map(|offer| offer.from.0.as_u128()).collect();
    assert_eq!(order, [2, 3, 4, 1], "results, newest first, then what was handed in, then what is expired");
    assert_eq!(best(found).len(), 1);
    // What is dated after today is no paper of today.
    assert_eq!(table(MARRIAGE, &[result(5, "2026-11-24 09:00")]), []);
}

fn any_dossier() -> impl Strategy<Value = EarlierDossier> {
    let procedures =
        prop::sample::select(vec![MARRIAGE, MARITAL_STATUS, BIRTH, TEMPORARY, PERMANENT, "1.013225", "9.999999"]);
    let ids = prop::sample::select(vec![
        "to-khai",
        "giay-to-tuy-than",
        "xac-nhan-hon-nhan",
        "cho-o-hop-phap",
        "ket-hon",
        "khac",
    ]);
    let papers = prop::collection::vec((ids, 0..3_u16, 0..3_u16).prop_map(|(id, o, c)| paper(id, o, c)), 0..5);
    let day_ms = 86_400_000_i64;
    (1..50_u128, procedures, 0..12_u8, -400..30_i64, papers, prop::option::of(-400..30_i64)).prop_map(
        move |(no, procedure, status, taken_in, papers, result)| {
            let today = at("2026-11-23 12:00");
            let moment = |days: i64| Moment(today.0 + days * day_ms);
            EarlierDossier {
                papers,
                at: moment(taken_in),
                result_at: result.map(moment),
                ..dossier(no, procedure, status, "2026-01-01 09:00", None)
            }
        },
    )
}

proptest! {
    #[test]
    fn whatever_was_handed_in_an_offer_names_a_needed_paper_and_a_dossier_that_stands(
        earlier in prop::collection::vec(any_dossier(), 0..8),
        procedure in prop::sample::select(vec![MARRIAGE, MARITAL_STATUS, BIRTH, TEMPORARY, PERMANENT]),
    ) {
        let catalogue = Catalogue::embedded().unwrap();
        let needed = catalogue.get(&ProcedureCode::from(procedure)).unwrap().papers.value().unwrap();
        let found = offered(procedure, &earlier);
        for offer in &found {
            prop_assert!(needed.iter().any(|needed| needed.id == offer.paper && needed.kind.is_some()));
            let stands = |known: &&EarlierDossier| known.dossier == offer.from && [2, 4, 9, 10].contains(&known.status);
            prop_assert!(earlier.iter().filter(stands).any(|known| known.code == offer.code));
            prop_assert!(offer.at.day() <= TODAY);
            let over = matches!(offer.until, Until::Day(last) | Until::AtLatest(last) if last < TODAY);
            prop_assert_eq!(offer.expired, over);
        }
        // The order in which dossiers are told changes nothing, and of each paper the best is the first.
        let turned: Vec<EarlierDossier> = earlier.iter().rev().cloned().collect();
        let key = |offer: &Offer| (offer.paper.clone(), offer.expired, offer.result, offer.at, offer.from);
        prop_assert_eq!(found.iter().map(key).collect::<Vec<_>>(), offered(procedure, &turned).iter().map(key).collect::<Vec<_>>());
        for chosen in best(found.clone()) {
            prop_assert_eq!(Some(&chosen), found.iter().find(|offer| offer.paper == chosen.paper));
        }
    }
}
