//! The catalogue that is shipped, and what a catalogue may not hold.

use intake::catalogue::{Authority, Catalogue, CatalogueFault, Field, FormSet, Procedure, TimeLimit, Validity};
use intake::ids::ProcedureCode;
use jiff::civil::time;
use serde_json::{Value, json};

const SHIPPED: &str = include_str!("../../../fixtures/procedures/catalogue.json");

fn get<'a>(catalogue: &'a Catalogue, code: &str) -> &'a Procedure {
    catalogue.get(&ProcedureCode::from(code)).unwrap()
}

#[test]
fn the_shipped_catalogue_is_whole() {
    let catalogue = Catalogue::embedded().unwrap();
    assert_eq!(catalogue.procedures().len(), 151);
    // A kiosk's first screen holds eight tiles; it shows no field for which it gives no numbers.
    let shown = |field: &&Field| catalogue.in_field(&field.id).any(|it| it.kiosk);
    assert_eq!(catalogue.fields().iter().filter(shown).count(), 8);
    for field in catalogue.fields() {
        assert!(catalogue.in_field(&field.id).count() > 0, "{}", field.id);
        assert!(catalogue.field(&field.id).is_some());
    }
    for procedure in catalogue.procedures() {
        assert!(procedure.name_en.is_some(), "{}", procedure.code);
        assert!(!procedure.name_source.is_empty(), "{}", procedure.code);
        assert_eq!(procedure.slip_on_request, procedure.is_instant(), "{}", procedure.code);
    }
    let popular: Vec<u16> = catalogue.procedures().iter().filter_map(|it| it.popular).collect();
    assert!(popular.windows(2).all(|pair| pair[0] < pair[1]), "{popular:?}");
}

#[test]
fn the_certificate_of_marital_status_takes_three_working_days() {
    let catalogue = Catalogue::embedded().unwrap();
    let procedure = get(&catalogue, "1.004873");
    assert_eq!(procedure.time_limit.value(), Some(&TimeLimit::WorkingDays { days: 3 }));
    assert_eq!(procedure.authority.value(), Some(&Authority::Commune));
    assert_eq!(procedure.form_set, FormSet::Tt03);
    assert!(!procedure.slip_on_request && procedure.kiosk);
    let papers = procedure.papers.value().unwrap();
    assert_eq!(papers[0].id, "to-khai");
    assert_eq!(papers[0].original, 1);
    assert!(papers[1].only_presented);
    assert!(papers[2].only_if_applicable);
    assert_eq!(procedure.limit_cases[0].limit.value(), None);
}

#[test]
fn papers_of_one_kind_are_known_across_procedures_and_how_long_they_are_good() {
    let catalogue = Catalogue::embedded().unwrap();
    let confirmation = catalogue.kind("xac-nhan-hon-nhan").unwrap();
    assert_eq!(confirmation.validity.value(), Some(&Validity::Months { months: 6 }));
    assert!(confirmation.validity.source().unwrap().contains("NĐ 123/2015"));
    assert_eq!(get(&catalogue, "1.004873").result.as_deref(), Some("xac-nhan-hon-nhan"));
    // Each kind is asked for or given somewhere, and whoever stands at the desk is proved anew each time.
    let named = |kind: &str| {
        let papers =
            |it: &Procedure| it.papers.value().is_some_and(|all| all.iter().any(|it| it.kind.as_deref() == Some(kind)));
        catalogue.procedures().iter().any(|it| it.result.as_deref() == Some(kind) || papers(it))
    };
    assert!(catalogue.kinds().iter().all(|kind| named(&kind.id)));
    assert!(catalogue.procedures().iter().all(|it| it.result.as_deref() != Some("can-cuoc")));
}

#[test]
fn certified_copies_are_made_on_the_spot() {
    let catalogue = Catalogue::embedded().unwrap();
    let procedure = get(&catalogue, "2.000815");
    let cutoff = TimeLimit::Instant { same_day_cutoff: time(15, 0, 0, 0) };
    assert_eq!(procedure.time_limit.value(), Some(&cutoff));
    assert!(procedure.is_instant() && procedure.slip_on_request);
    let many = &procedure.limit_cases[0];
    assert!(many.slip_required);
    assert_eq!(many.limit.value(), Some(&TimeLimit::WorkingDays { days: 2 }));
}

#[test]
fn the_police_use_their_own_forms() {
    let catalogue = Catalogue::embedded().unwrap();
    assert_eq!(get(&catalogue, "1.004222").form_set, FormSet::PoliceResidence);
    assert_eq!(get(&catalogue, "2.000200").form_set, FormSet::PoliceIdentity);
}

#[test]
fn what_no_source_gives_is_unknown() {
    let catalogue = Catalogue::embedded().unwrap();
    let permit = get(&catalogue, "1.013225");
    assert!(!permit.papers.is_known() && !permit.time_limit.is_known() && !permit.fee.is_known());
    assert!(!permit.is_instant());
}

#[test]
fn procedures_are_found_by_words_and_codes() {
    let catalogue = Catalogue::embedded().unwrap();
    let cases = [
        ("tinh trang hon nhan", "1.004873"),
        ("tình trạng hôn", "1.004873"),
        ("ban sao chung thuc", "2.000815"),
        ("1.004873", "1.004873"),
        ("1004873", "1.004873"),
        ("004873", "1.004873"),
        ("marital", "1.004873"),
        ("đăng ký khai sinh", "1.001193"),
        ("đăng ký kết hôn", "1.000894"),
        ("thường trú", "1.004222"),
        ("sinh khai", "1.001193"),
    ];
    for (words, code) in cases {
        let found = catalogue.search(words);
        assert_eq!(found.first().map(|it| it.code.as_str()), Some(code), "{words}");
    }
    assert!(catalogue.search("tomato").is_empty());
    assert_eq!(catalogue.search("").len(), catalogue.procedures().len());
    assert_eq!(catalogue.search("")[0].popular, Some(1));
}

fn refused(change: impl FnOnce(&mut Value)) -> CatalogueFault {
    let mut document: Value = serde_json::from_str(SHIPPED).unwrap();
    change(&mut document);
    Catalogue::parse(&document.to_string()).unwrap_err()
}

#[test]
fn a_catalogue_that_does_not_hold_together_is_refused() {
    let code = |text: &str| ProcedureCode::from(text);
    let first = code("1.000080");
    assert!(matches!(Catalogue::parse("[]"), Err(CatalogueFault::Unreadable(_))));
    assert_eq!(refused(|it| it["procedures"][0]["code"] = json!("1.41")), CatalogueFault::Code(code("1.41")));
    assert_eq!(refused(|it| it["procedures"][1]["code"] = json!("1.000080")), CatalogueFault::Twice(first.clone()));
    assert_eq!(
        refused(|it| it["procedures"][0]["field"] = json!("tomato")),
        CatalogueFault::NoField { code: first.clone(), field: "tomato".into() }
    );
    assert_eq!(
        refused(|it| it["fields"][1]["id"] = it["fields"][0]["id"].clone()),
        CatalogueFault::FieldTwice("ho-tich".into())
    );
    let known = |value: Value| json!({"known": {"value": value, "source": "x", "as_of": "2026-11-23"}});
    assert_eq!(
        refused(|it| it["procedures"][0]["time_limit"] = known(json!({"working_days": {"days": 0}}))),
        CatalogueFault::Limit(first.clone())
    );
    assert_eq!(
        refused(|it| it["procedures"][0]["fee"] = known(json!([{"rule": {"flat": {"amount": -1}}}]))),
        CatalogueFault::Fee(first.clone())
    );
    let paper = json!({"id": "a", "name_vi": "A", "name_en": "A"});
    assert_eq!(
        refused(|it| it["procedures"][0]["papers"] = known(json!([paper, paper]))),
        CatalogueFault::Paper { code: first.clone(), paper: "a".into() }
    );
    assert_eq!(
        refused(|it| it["procedures"][0]["result"] = json!("tomato")),
        CatalogueFault::NoKind { code: first.clone(), kind: "tomato".into() }
    );
    assert_eq!(
        refused(|it| it["kinds"][1]["id"] = it["kinds"][0]["id"].clone()),
        CatalogueFault::KindTwice("can-cuoc".into())
    );
    assert_eq!(
        refused(|it| it["kinds"][0]["validity"] = known(json!({"months": {"months": 0}}))),
        CatalogueFault::Validity("can-cuoc".into())
    );
    assert_eq!(refused(|it| it["procedures"][0]["name_vi"] = json!("Hoa\u{300}")), CatalogueFault::Name(first));
    assert!(matches!(refused(|it| it["procedures"][0]["free_of_charge"] = json!(true)), CatalogueFault::Unreadable(_)));
}
