//! Reading an emulated card's chip, within this process.

use std::time::Duration;

use hardware::chip::access::Access;
use hardware::chip::key::{Can, ChipKey, MrzKey};
use hardware::chip::read::{Proof, ReadOptions, read};
use hardware::chip::report::ChipReport;
use hardware::emulator::card::profile::CardProfile;
use hardware::emulator::card::{ActiveForgery, BasicAccess, CardContents, CardFaults, EmulatedCard};
use hardware::{Evidence, Fault};

fn contents() -> CardContents {
    CardContents::of_profile(&CardProfile::default(), ActiveForgery::None).unwrap().0
}

fn can() -> ChipKey {
    ChipKey::Can(Can::new("000123").unwrap())
}

fn wrong_can() -> ChipKey {
    ChipKey::Can(Can::new("000124").unwrap())
}

fn zone() -> ChipKey {
    ChipKey::Mrz(MrzKey::new("001199000123", "990215", "390215").unwrap())
}

fn wrong_zone() -> ChipKey {
    ChipKey::Mrz(MrzKey::new("001199000124", "990215", "390215").unwrap())
}

fn read_card(card: &EmulatedCard, key: &ChipKey) -> ChipReport {
    read_with(card, key, &ReadOptions::default())
}

fn read_with(card: &EmulatedCard, key: &ChipKey, options: &ReadOptions) -> ChipReport {
    read(&mut card.connect().unwrap(), key, options, &mut |_| {})
}

#[test]
fn a_card_is_read_by_its_number_and_by_its_zone() {
    for (key, access) in [(can(), Access::PaceCan), (zone(), Access::PaceMrz)] {
        let report = read_card(&EmulatedCard::new(contents()), &key);
        assert_eq!((report.fault, report.access), (None, Some(access)), "{:?}", report.detail);
        let fields = report.fields.unwrap();
        assert_eq!(fields.details.unwrap().name.unwrap(), "Nguyễn Thị Mẫu");
        assert_eq!(fields.zone.unwrap().document_number, "199000123");
        let checks = report.checks.unwrap();
        assert_eq!((checks.active, checks.chip), (Proof::Passed, Proof::Passed));
        let names: Vec<_> = report.groups.iter().map(|group| group.name.as_str()).collect();
        assert_eq!(names, ["COM", "DG1", "DG2", "DG13", "DG14", "DG15", "SOD"]);
    }
}

#[test]
fn a_card_without_pace_is_read_by_bac_and_only_by_its_zone() {
    let card = EmulatedCard::new(contents().with_pace(&[]));
    let report = read_card(&card, &zone());
    assert_eq!((report.fault, report.access), (None, Some(Access::Bac)), "{:?}", report.detail);
    let report = read_card(&card, &can());
    assert_eq!((report.fault, report.key_refused), (Some(Fault::ChipKeyKind), false));
    assert_eq!(card.keys_refused(), 0);
}

#[test]
fn a_wrong_key_is_shown_once() {
    let only_bac = contents().with_pace(&[]);
    for (contents, key) in [(contents(), wrong_can()), (contents(), wrong_zone()), (only_bac, wrong_zone())] {
        let card = EmulatedCard::new(contents);
        let report = read_card(&card, &key);
        assert_eq!((report.fault, report.key_refused), (Some(Fault::ChipWrongKey), true));
        assert_eq!((card.keys_shown(), card.keys_refused()), (1, 1));
        assert!(report.fields.is_none() && report.evidence.is_none());
    }
}

#[test]
fn a_card_taken_away_at_any_command_is_removed_and_never_a_wrong_key() {
    for (contents, key) in [(contents(), can()), (contents().with_pace(&[]), zone())] {
        let card = EmulatedCard::new(contents);
        let whole = read_card(&card, &key).commands;
        assert!(whole > 20, "{whole}");
        for at in 1..=whole {
            card.insert();
            card.set_faults(CardFaults { withdraw_at: Some(at), ..CardFaults::default() });
            let report = read_card(&card, &key);
            assert_eq!((report.fault, report.key_refused), (Some(Fault::ChipRemoved), false), "at {at}");
            assert_eq!(report.commands, at);
        }
        assert_eq!(card.keys_refused(), 0);
    }
}
