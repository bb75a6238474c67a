//! Catalogue, code and languages hold together: every code that a part can give has its sentences, and none is orphaned.

use hardware::scanner::CardError;
use hardware::scanner::card::CardField;
use intake::decide::Refused;
use intake::ids::ProcedureCode;
use serde_json::{Map, Value};
use station::problem::CATALOGUE;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn catalogue() -> Map<String, Value> {
    serde_json::from_str(CATALOGUE).unwrap()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path());
    let below = entries.filter(|path| path.file_name().is_some_and(|name| name != "node_modules"));
    below
        .flat_map(|path| if path.is_dir() { files(&path, ending) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|found| found == ending))
        .collect()
}

/// Every text in quotation marks that looks like a code of one of the catalogue's families.
fn quoted(text: &str, families: &BTreeSet<String>) -> Vec<String> {
    let is_code = |text: &&str| {
        text.contains('-')
            && text.chars().all(|char| char.is_ascii_uppercase() || char == '-')
            && !text.ends_with('-')
            && text.split('-').next().is_some_and(|family| families.contains(family))
    };
    text.split(['"', '`', '\'']).filter(is_code).map(str::to_owned).collect()
}

fn families() -> BTreeSet<String> {
    catalogue().keys().filter_map(|code| code.split('-').next().map(str::to_owned)).collect()
}

fn codes_in(folders: &[&str], ending: &str) -> BTreeSet<String> {
    let families = families();
    let all = folders.iter().flat_map(|folder| files(&root().join(folder), ending));
    all.flat_map(|file| quoted(&fs::read_to_string(file).unwrap(), &families)).collect()
}

#[test]
fn every_code_of_devices_decisions_and_cards_is_in_the_catalogue() {
    let catalogue = catalogue();
    let devices = hardware::Fault::ALL.iter().map(|fault| fault.code());
    let cards = [CardError::NotId, CardError::Cut, CardError::Field(CardField::Name), CardError::Encoding];
    let refusals = [
        Refused::ProcedureUnknown(ProcedureCode::new("1.0")),
        Refused::StepNotLegal,
        Refused::PapersMissing("a".into()),
        Refused::ApplicantIncomplete("name"),
        Refused::TicketOld(intake::moment::Moment(0).day()),
        Refused::TicketServed,
    ];
    let codes =
        devices.chain(cards.into_iter().map(|card| card.code())).chain(refusals.iter().map(|refused| refused.code()));
    for code in codes {
        assert!(catalogue.contains_key(code), "{code} has no sentences");
    }
}

#[test]
fn every_code_that_the_station_names_is_in_the_catalogue_and_none_is_there_for_nothing() {
    let catalogue: BTreeSet<String> = catalogue().keys().cloned().collect();
    let station = codes_in(&["station/src", "src-tauri/src"], "rs");
    let unknown: Vec<_> = station.difference(&catalogue).collect();
    assert_eq!(unknown, Vec::<&String>::new(), "codes without sentences");
    let mut used = &station | &codes_in(&["hardware/src", "intake/src", "sync/src", "central/src"], "rs");
    used.extend(codes_in(&["ui/src"], "ts"));
    used.extend(codes_in(&["ui/src"], "svelte"));
    let idle: Vec<_> = catalogue.difference(&used).collect();
    assert_eq!(idle, Vec::<&String>::new(), "sentences that nobody says");
}

/// What every citizen can meet at a kiosk whose machine, paper or card is not right.
const FOR_CITIZENS: [&str; 22] = [
    "CARD-QR-NOT-ID",
    "CARD-QR-CUT",
    "CARD-QR-FIELD",
    "SCAN-ENCODING",
    "SCAN-TOO-LONG",
    "SCAN-LINE-LOST",
    "SCAN-ABSENT",
    "PRINT-PAPER-OUT",
    "PRINT-COVER-OPEN",
    "PRINT-LINE-LOST",
    "PRINT-ABSENT",
    "PRINT-JUNK",
    "PRINT-NO-ANSWER",
    "PRINT-IN-DOUBT",
    "PRINT-NOT-PRINTED",
    "DISK-FULL",
    "STATION-SECOND-INSTANCE",
    "STORE-NEWER-VERSION",
    "STORE-DAMAGED",
    "STORE-KEY-MISSING",
    "CLOCK-SET-BACK",
    "NET-CENTRE-DOWN",
];

#[test]
fn every_code_speaks_both_languages_to_whom_it_concerns() {
    for (code, entry) in catalogue() {
        assert!(entry["meaning"].as_str().is_some_and(|meaning| !meaning.is_empty()), "{code}: no meaning");
        for whom in ["citizen", "officer", "next"] {
            let [vi, en] = ["vi", "en"].map(|language| entry[whom][language].as_str().unwrap_or_default());
            assert_eq!(vi.is_empty(), en.is_empty(), "{code}: {whom} lacks a language");
            assert_eq!(holes(vi), holes(en), "{code}: {whom} names other values in the other language");
            assert!(vi.is_empty() || vi != en, "{code}: {whom} is not translated");
            let wanted = whom == "officer" || whom == "citizen" && FOR_CITIZENS.contains(&code.as_str());
            assert!(!wanted || !vi.is_empty(), "{code}: nothing for the {whom}");
        }
    }
}

/// The placeholders of a sentence, such as `{number}`.
fn holes(sentence: &str) -> BTreeSet<&str> {
    sentence.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect()
}
