//! The chip of the card on the counter's reader: what it proves is kept with the applicant, and what it does not is told.

use crate::centre::ADULT;
use crate::citizen::{MARITAL_STATUS, Wish, accept, call, leave, take_number};
use crate::hall::Hall;
use hardware::emulator::card::profile::{CardProfile, Forgery};
use hardware::emulator::card::{ActiveForgery, CardContents, CardFaults, EmulatedCard};
use intake::fact::Fact;
use intake::person::Evidence;
use serde_json::{Value, json};
use sync::store::{Opened, Store};

const MAU: &str = "Nguyễn Thị Mẫu";

fn card(profile: &CardProfile, active: ActiveForgery) -> EmulatedCard {
    EmulatedCard::new(CardContents::of_profile(profile, active).unwrap().0)
}

/// A citizen with no card at the kiosk is called to the desk.
fn come(hall: &mut Hall) -> String {
    let (visit, _) = take_number(hall, Wish { procedure: MARITAL_STATUS, card: false });
    call(hall, &visit);
    visit
}

/// Presses the key and waits for the end of the read.
fn read(hall: &mut Hall, can: Value) -> Value {
    hall.counter.must("counter_read_chip", &json!({ "can": can }));
    hall.look("counter", "counter_view", &json!({}), |view| {
        let state = view["chip"]["state"].as_str().unwrap();
        ["read", "failed"].contains(&state).then(|| view.clone())
    })
}

fn until_the_reader_is_there(hall: &mut Hall) {
    hall.look("counter", "counter_view", &json!({}), |view| {
        let devices = view["devices"].as_array().unwrap();
        devices.iter().any(|device| device["kind"] == "chip_reader" && device["state"] == "ready").then_some(())
    });
}

#[test]
fn a_genuine_chip_is_kept_as_evidence_of_the_applicant() {
    let mut hall = Hall::open();
    until_the_reader_is_there(&mut hall);
    hall.centre.chip_reader.lay(card(&CardProfile::default(), ActiveForgery::None));
    let visit = come(&mut hall);
    let refused = hall.counter.refused("counter_read_chip", &json!({ "can": null }));
    assert_eq!(refused.code, "CARD-CHIP-NUMBER-NEEDED");
    // The card's QR code tells the number that opens its chip.
    hall.centre.scan_at_counter(ADULT.as_bytes());
    hall.look("counter", "counter_view", &json!({}), |view| (view["chip"]["number_known"] == true).then_some(()));
    let view = read(&mut hall, Value::Null);
    let person = &view["current"]["person"];
    assert_eq!((&person["evidence"], &person["name"]), (&"chip_authenticated".into(), &MAU.into()), "{}", view["chip"]);
    assert_eq!(person["warnings"], json!([]));
    let photo = hall.counter.must("counter_chip_photo", &json!({}));
    assert!(photo.as_str().unwrap().starts_with("data:image/"), "{photo}");
    accept(&mut hall, &visit, MARITAL_STATUS);
    leave(&mut hall);
    assert!(hall.counter.must("counter_chip_photo", &json!({})).is_null(), "the face outlived the visit");
    assert_eq!(hall.counter.must("counter_view", &json!({}))["chip"]["state"], "idle");
    hall.counter.stop();
    assert_eq!(applicants_evidence(&hall), [Evidence::ChipAuthenticated]);
}

/// What is kept, sealed, with each dossier that was accepted.
fn applicants_evidence(hall: &Hall) -> Vec<Evidence> {
    let store = Store::open(&hall.counter.folder).unwrap();
    let accepted = store.events().unwrap().into_iter().filter(|event| matches!(event.fact, Fact::DossierAccepted(_)));
    let evidence = accepted.map(|event| match store.personal(event.id).unwrap() {
        Opened::Personal(personal) => personal.identity.unwrap().evidence,
        other => panic!("{other:?}"),
    });
    evidence.collect()
}

#[test]
fn what_a_chip_cannot_prove_is_told_by_its_code_and_the_work_goes_on() {
    let mut hall = Hall::open();
    until_the_reader_is_there(&mut hall);
    let visit = come(&mut hall);
    let reader = |hall: &Hall, card: EmulatedCard| hall.centre.chip_reader.lay(card);
    assert_eq!(read(&mut hall, json!("000123"))["chip"]["problem"]["code"], "CHIP-NO-CARD");
    let forged = CardProfile { forgery: Some(Forgery::Group { group: 13 }), ..CardProfile::default() };
    let slow_to_leave = card(&CardProfile::default(), ActiveForgery::None);
    slow_to_leave.set_faults(CardFaults { withdraw_at: Some(12), ..CardFaults::default() });
    for (card, can, code) in [
        (card(&CardProfile::default(), ActiveForgery::None), "000124", "CHIP-WRONG-KEY"),
        (card(&CardProfile::default(), ActiveForgery::WrongKey), "000123", "CHIP-CLONE"),
        (card(&forged, ActiveForgery::None), "000123", "CHIP-FORGED"),
        (slow_to_leave, "000123", "CHIP-REMOVED"),
    ] {
        reader(&hall, card.clone());
        let view = read(&mut hall, json!(can));
        assert_eq!(view["chip"]["problem"]["code"], code);
        assert!(view["current"]["person"].is_null(), "{code}: believed all the same");
        assert!(card.keys_shown() <= 1, "{code}: a key was shown again");
    }
    // A chip of somebody else than the scanned card.
    hall.centre.scan_at_counter(ADULT.as_bytes());
    hall.look("counter", "counter_view", &json!({}), |view| (view["chip"]["number_known"] == true).then_some(()));
    let other =
        CardProfile { number: "001190000987".into(), name: "Vũ Thị Ví Dụ".into(), ..CardProfile::default() };
    reader(&hall, card(&other, ActiveForgery::None));
    let view = read(&mut hall, json!("000987"));
    let warnings = view["current"]["person"]["warnings"].as_array().unwrap();
    assert!(warnings.contains(&"CARD-CHIP-WARNING-OTHER".into()), "{}", view["current"]["person"]);
    accept(&mut hall, &visit, MARITAL_STATUS);
    leave(&mut hall);
    hall.counter.stop();
    // The applicant that was written is not whose chip it was.
    assert_eq!(applicants_evidence(&hall), [Evidence::Typed]);
}
