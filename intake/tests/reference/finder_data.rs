//! What the finder's data may not hold: every fault has its name.

use intake::catalogue::Catalogue;
use intake::finder::{Data, DataFault, Finder};
use intake::ids::ProcedureCode;
use serde_json::{Value, json};

const SHIPPED: &str = include_str!("../../../fixtures/finder/words.json");

fn changed(change: impl FnOnce(&mut Value)) -> Result<Data, DataFault> {
    let mut document: Value = serde_json::from_str(SHIPPED).unwrap();
    change(&mut document);
    Data::parse(&document.to_string())
}

fn refused(change: impl FnOnce(&mut Value)) -> DataFault {
    changed(change).unwrap_err()
}

fn unfit(change: impl FnOnce(&mut Value)) -> DataFault {
    let catalogue = Catalogue::embedded().unwrap();
    Finder::new(&catalogue, &changed(change).unwrap()).unwrap_err()
}

#[test]
fn data_that_does_not_hold_together_is_refused() {
    let code = |text: &str| ProcedureCode::from(text);
    assert!(matches!(Data::parse("[]"), Err(DataFault::Unreadable(_))));
    assert!(matches!(refused(|it| it["comment"] = json!("x")), DataFault::Unreadable(_)));
    assert_eq!(refused(|it| it["version"] = json!(" ")), DataFault::NoVersion);
    assert_eq!(refused(|it| it["procedures"][0]["phrases"] = json!([])), DataFault::NoPhrases("1.000080".into()));
    assert_eq!(
        refused(|it| it["procedures"][0]["phrases"][0] = json!("?!")),
        DataFault::Text { place: "1.000080".into(), text: "?!".into() }
    );
    assert_eq!(
        refused(|it| it["vague"][0]["phrases"][0] = json!("hoa\u{300}")),
        DataFault::Text { place: "civil-status".into(), text: "hoa\u{300}".into() }
    );
    assert_eq!(
        refused(|it| it["stop_words"][0] = json!("")),
        DataFault::Text { place: "stop_words".into(), text: String::new() }
    );
    assert_eq!(refused(|it| it["procedures"][1]["code"] = json!("1.000080")), DataFault::Twice("1.000080".into()));
    assert_eq!(refused(|it| it["concepts"][1]["id"] = json!("foreign")), DataFault::Twice("foreign".into()));
    assert_eq!(
        refused(|it| it["procedures"][1]["phrases"][0] = it["procedures"][0]["phrases"][0].clone()),
        shared(&code("1.000080"), &code("1.000094"))
    );
    assert_eq!(
        refused(|it| it["procedures"][0]["needs"] = json!(["tomato"])),
        DataFault::NoConcept { code: code("1.000080"), concept: "tomato".into() }
    );
    assert_eq!(refused(|it| it["vague"][0]["codes"] = json!([])), DataFault::Codes("civil-status".into()));
    let many: Vec<Value> = (0..129).map(|no| json!({"id": no.to_string(), "words": ["a"]})).collect();
    assert_eq!(
        refused(|it| {
            it["concepts"] = json!(many);
        }),
        DataFault::TooManyConcepts(129)
    );
}

fn shared(first: &ProcedureCode, second: &ProcedureCode) -> DataFault {
    let document: Value = serde_json::from_str(SHIPPED).unwrap();
    let phrase = document["procedures"][0]["phrases"][0].as_str().unwrap().to_owned();
    DataFault::Shared { phrase, first: first.clone(), second: second.clone() }
}

#[test]
fn data_and_catalogue_speak_of_the_same_procedures() {
    let code = |text: &str| ProcedureCode::from(text);
    assert_eq!(unfit(|it| it["procedures"][0]["code"] = json!("9.999999")), DataFault::NoProcedure(code("9.999999")));
    assert_eq!(unfit(|it| it["vague"][0]["codes"][0] = json!("9.999998")), DataFault::NoProcedure(code("9.999998")));
    assert_eq!(
        unfit(|it| drop(it["procedures"].as_array_mut().map(|all| all.remove(0)))),
        DataFault::Missing(code("1.000080"))
    );
}

#[test]
fn an_officers_change_is_heard() {
    let catalogue = Catalogue::embedded().unwrap();
    let data = changed(|it| {
        let names = it["procedures"].as_array_mut().unwrap().iter_mut().find(|names| names["code"] == "1.000280");
        names.unwrap()["phrases"].as_array_mut().unwrap().push(json!("giấy chuồn chuồn"));
    });
    let finder = Finder::new(&catalogue, &data.unwrap()).unwrap();
    assert_eq!(finder.find("xin giấy chuồn chuồn").candidates[0].code.as_str(), "1.000280");
}
