use crate::world::{NAME, World, code, dossier};
use central::http::Limits;
use intake::code::TemporaryCode;
use intake::event::{Draft, Subject};
use intake::fact::{CodeAssigned, CodeGiven};
use intake::ids::DossierId;
use serde_json::Value;
use sync::protocol::{Centre, PublicState, StationRole};
use sync::wire::from_cbor;

fn get(world: &World, code: &str, accept: &str) -> (u16, Vec<u8>) {
    let mut response = ureq::get(format!("{}/v1/public/{code}", world.handle.url()))
        .config()
        .http_status_as_error(false)
        .build()
        .header("Accept", accept)
        .call()
        .unwrap();
    (response.status().as_u16(), response.body_mut().read_to_vec().unwrap())
}

#[test]
fn a_dossier_shows_its_code_and_state_and_nothing_else() {
    let world = World::new();
    let counter = world.enrol(StationRole::Counter, "counter");
    counter.write(vec![dossier(CodeGiven::Official { code: code(7), sequence: 7 })]);
    counter.sync();
    let text = code(7).to_string();
    let (status, body) = get(&world, &text, "text/html");
    assert_eq!(status, 200);
    let shown: Value = serde_json::from_slice(&body).unwrap();
    let keys: Vec<_> = shown.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["as_of", "code", "status"], "as_of is the age of what is known");
    assert_eq!((&shown["code"], &shown["status"]), (&Value::from(text.as_str()), &Value::from(2)));
    assert!(!String::from_utf8(body).unwrap().contains(NAME));
    let (_, body) = get(&world, &text.to_lowercase(), "application/cbor");
    let state: PublicState = from_cbor(&body).unwrap();
    assert_eq!((state.code.as_str(), state.status), (text.as_str(), 2));
    assert_eq!(world.stranger().public_state(&text).unwrap(), Some(state));
}

#[test]
fn every_text_that_names_no_dossier_gets_the_same_answer() {
    let world = World::new();
    let unknown = get(&world, "H26.112.00-261123-9999", "*/*");
    assert_eq!(unknown.0, 404);
    for text in ["x", "%00", "%F0%9F%9A%AA", "H26.112.00-261123-0000", &"9".repeat(3000), "T%E1%BA%A0M-K2-7F3QXM-0007"]
    {
        assert_eq!(get(&world, text, "*/*"), unknown, "{text}");
    }
    assert_eq!(world.stranger().public_state("H26.112.00-261123-9999").unwrap(), None);
}

#[test]
fn a_temporary_code_names_its_dossier_for_ever_also_after_a_restart() {
    let world = World::new();
    let counter = world.enrol(StationRole::Counter, "counter");
    let incarnation = counter.store.lock().unwrap().incarnation();
    let temporary = TemporaryCode::new("Q3", incarnation, 1).unwrap().to_string();
    let accepted = counter.write(vec![dossier(CodeGiven::Temporary { code: temporary.clone() })]);
    counter.sync();
    let typed = temporary.replace('Ạ', "%E1%BA%A0");
    let shown = |world: &World| -> Value { serde_json::from_slice(&get(world, &typed, "*/*").1).unwrap() };
    assert_eq!(shown(&world)["code"], temporary);
    let Subject::Dossier(id) = accepted[0].subject else { panic!() };
    counter.write(vec![assigned(id, 9)]);
    counter.sync();
    assert_eq!(world.stranger().public_state(&temporary).unwrap().unwrap().code, code(9).to_string());
    assert_eq!(shown(&world)["code"], code(9).to_string(), "the paper's code leads to the official one");
    let world = world.restarted();
    assert_eq!(shown(&world)["code"], code(9).to_string());
    assert_eq!(get(&world, &code(9).to_string(), "*/*").0, 200);
}

fn assigned(id: DossierId, sequence: u32) -> Draft {
    Draft {
        subject: Subject::Dossier(id),
        fact: CodeAssigned { code: code(sequence), sequence }.into(),
        personal: None,
        scopes: vec![crate::world::site_scope(), crate::world::agency_scope()],
    }
}

#[test]
fn one_address_cannot_try_all_codes() {
    let world = World::with(Limits { stranger_burst: 5, stranger_per_second: 0.001, ..Limits::default() });
    let statuses: Vec<_> = (0..8).map(|_| get(&world, "x", "*/*").0).collect();
    assert_eq!(statuses, [404, 404, 404, 404, 404, 429, 429, 429]);
    let healthy = ureq::get(format!("{}/healthz", world.handle.url())).call().unwrap().status();
    assert_eq!(healthy.as_u16(), 200, "nobody else is kept waiting");
}

#[test]
fn health_tells_whether_the_store_takes_writes() {
    let world = World::new();
    let mut response = ureq::get(format!("{}/healthz", world.handle.url())).call().unwrap();
    let health: Value = serde_json::from_slice(&response.body_mut().read_to_vec().unwrap()).unwrap();
    assert_eq!(health["ok"], true);
    assert_eq!(health["store"], "writable");
    assert_eq!(health["version"], env!("CARGO_PKG_VERSION"));
}
