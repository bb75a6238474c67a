//! Reading an emulated card's chip, within this process.

use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use hardware::chip::access::Access;
use hardware::chip::connection::{CardConnection, CardFault};
use hardware::chip::key::{Can, ChipKey, MrzKey};
use hardware::chip::lds::trust::{Provenance, TrustList};
use hardware::chip::read::{Believed, PartSize, Progress, Proof, ReadOptions, Step, read};
use hardware::chip::report::ChipReport;
use hardware::chip::security_infos::write_dg14;
use hardware::chip::{cipher::Cipher, curve::Curve, lds::passive::Verdict};
use hardware::emulator::card::profile::{ActiveKeyChoice, CardProfile, Forgery};
use hardware::emulator::card::{
    ActiveForgery, BasicAccess, CardContents, CardFaults, CardLoop, EmulatedCard, EmulatedReader,
};
use hardware::{ChipSpec, DeviceEventKind, DeviceState, Evidence, Fault, Supervisor};
use jiff::civil::{Date, date};

const TODAY: Date = date(2026, 11, 25);

/// The usual person's card, and a list that believes who signed it.
fn usual() -> (CardContents, TrustList) {
    card_of(&CardProfile::default(), ActiveForgery::None)
}

fn card_of(profile: &CardProfile, active: ActiveForgery) -> (CardContents, TrustList) {
    let (contents, authority) = CardContents::of_profile(profile, active).unwrap();
    let mut trust = TrustList::default();
    trust.add("csca.der", &authority, &Provenance::default());
    assert_eq!(trust.anchors.len(), 1);
    (contents, trust)
}

fn contents() -> CardContents {
    usual().0
}

pub fn can() -> ChipKey {
    ChipKey::Can(Can::new("000123").unwrap())
}

pub fn wrong_can() -> ChipKey {
    ChipKey::Can(Can::new("000124").unwrap())
}

fn zone() -> ChipKey {
    ChipKey::Mrz(MrzKey::new("001199000123", "990215", "390215").unwrap())
}

fn wrong_zone() -> ChipKey {
    ChipKey::Mrz(MrzKey::new("001199000124", "990215", "390215").unwrap())
}

/// Reads with nobody believed.
fn read_card(card: &EmulatedCard, key: &ChipKey) -> ChipReport {
    read_believing(card, key, &TrustList::default(), &ReadOptions::default())
}

fn read_believing(card: &EmulatedCard, key: &ChipKey, trust: &TrustList, options: &ReadOptions) -> ChipReport {
    let believed = Believed { trust, on: TODAY };
    read(&mut card.connect().unwrap(), key, options, &believed, &mut |_| {})
}

#[test]
fn a_card_is_read_by_its_number_and_by_its_zone() {
    for (key, access) in [(can(), Access::PaceCan), (zone(), Access::PaceMrz)] {
        let (contents, trust) = usual();
        let report = read_believing(&EmulatedCard::new(contents), &key, &trust, &ReadOptions::default());
        assert_eq!((report.fault, report.access), (None, Some(access)), "{:?}", report.detail);
        let holder = report.fields.unwrap();
        assert_eq!(holder.name.unwrap(), "Nguyễn Thị Mẫu");
        assert_eq!(holder.document_number.unwrap(), "199000123");
        assert_eq!(holder.warnings, []);
        let checks = report.checks.unwrap();
        assert_eq!((checks.verdict, checks.active, checks.chip), (Verdict::Genuine, Proof::Passed, Proof::Passed));
        assert_eq!(report.evidence, Some(Evidence::ChipAuthenticated));
        let names: Vec<_> = report.groups.iter().map(|group| group.name.as_str()).collect();
        assert_eq!(names, ["COM", "DG1", "DG2", "DG13", "DG14", "DG15", "SOD"]);
        assert!(report.face.is_some());
    }
}

#[test]
fn without_a_list_of_authorities_a_chip_is_read_and_no_more() {
    let report = read_card(&EmulatedCard::new(contents()), &can());
    let checks = report.checks.unwrap();
    assert_eq!((report.evidence, checks.verdict), (Some(Evidence::ChipRead), Verdict::Unproven));
    let json = serde_json::to_value(&checks).unwrap();
    assert_eq!(json["passive"]["chain"]["reason"], "no_list", "{json}");
    assert_eq!(json["active"]["outcome"], "passed");
}

#[test]
fn every_curve_and_cipher_of_pace_opens() {
    for curve in Curve::ALL {
        for cipher in [Cipher::TripleDes, Cipher::Aes128, Cipher::Aes192, Cipher::Aes256] {
            let card = EmulatedCard::new(contents().with_pace(&[(cipher, curve)]));
            assert_eq!(read_card(&card, &can()).access, Some(Access::PaceCan), "{cipher:?} {curve:?}");
        }
    }
    // Two curves of one way: the one that is meant is named.
    let both = contents().with_pace(&[(Cipher::Aes128, Curve::P384), (Cipher::Aes128, Curve::BrainpoolP256r1)]);
    assert_eq!(read_card(&EmulatedCard::new(both), &zone()).access, Some(Access::PaceMrz));
    let unordered = contents().with_unordered_card_access();
    assert_eq!(read_card(&EmulatedCard::new(unordered), &can()).access, Some(Access::PaceCan));
}

#[test]
fn a_card_that_knows_no_bac_opens_by_pace() {
    let card = EmulatedCard::new(contents().with_bac(BasicAccess::Unknown));
    assert_eq!(read_card(&card, &zone()).access, Some(Access::PaceMrz));
    let closed = EmulatedCard::new(contents().with_bac(BasicAccess::Unknown).with_pace(&[]));
    let report = read_card(&closed, &zone());
    assert_eq!((report.fault, report.key_refused), (Some(Fault::ChipUnreadable), false));
}

#[test]
fn short_and_long_parts_give_the_same_files() {
    let (contents, trust) = usual();
    let card = EmulatedCard::new(contents);
    let short = ReadOptions { parts: PartSize::Short, ..ReadOptions::default() };
    let [long, short] = [ReadOptions::default(), short].map(|options| read_believing(&card, &can(), &trust, &options));
    assert_eq!(long.groups, short.groups);
    assert_eq!((long.fault, short.fault), (None, None));
    assert!(short.commands > long.commands + 10, "{} {}", short.commands, long.commands);
}

#[test]
fn a_file_beyond_the_fifteenth_bit_is_read_whole() {
    let face = hardware::chip::tlv::write(0x75, &(0..50_000_u32).map(|at| ((at * 7) >> 3) as u8).collect::<Vec<_>>());
    for parts in [PartSize::Auto, PartSize::Short] {
        let card = EmulatedCard::new(contents().with_file(0x0102, face.clone()));
        let report =
            read_believing(&card, &can(), &TrustList::default(), &ReadOptions { parts, ..ReadOptions::default() });
        let dg2 = report.groups.iter().find(|group| group.name == "DG2").unwrap();
        assert_eq!(dg2.bytes, face.len());
        // It is whole, and not the one that was signed.
        assert_eq!((report.fault, report.detail.as_deref()), (Some(Fault::ChipForged), Some("DG2: HashDiffers")));
    }
}

#[test]
fn what_is_false_is_told_by_name() {
    let group = |group| Some(Forgery::Group { group });
    let cases = [
        (group(13), "DG13: HashDiffers"),
        (group(1), "DG1: HashDiffers"),
        (group(2), "DG2: HashDiffers"),
        (Some(Forgery::Signature), "signature: SignatureWrong"),
        (Some(Forgery::Stranger), "chain: NotIssued"),
        (Some(Forgery::ExpiredSigner), "chain: SignerNotValid"),
    ];
    for (forgery, detail) in cases {
        let profile = CardProfile { forgery, ..CardProfile::default() };
        let (contents, trust) = card_of(&profile, ActiveForgery::None);
        let report = read_believing(&EmulatedCard::new(contents), &can(), &trust, &ReadOptions::default());
        assert_eq!((report.fault, report.detail.as_deref()), (Some(Fault::ChipForged), Some(detail)));
        assert!(report.fields.is_none() && report.face.is_none() && report.evidence.is_none());
        assert_eq!(report.groups.len(), 7, "what was read is still told, by its hash");
    }
}

#[test]
fn a_copied_chip_is_told_whichever_key_it_should_have() {
    for active_key in [ActiveKeyChoice::P256, ActiveKeyChoice::Rsa] {
        let profile = CardProfile { active_key, ..CardProfile::default() };
        let (own, trust) = card_of(&profile, ActiveForgery::None);
        let options = ReadOptions::default();
        let report = read_believing(&EmulatedCard::new(own), &can(), &trust, &options);
        assert_eq!((report.fault, report.checks.unwrap().active), (None, Proof::Passed));
        let (copied, trust) = card_of(&profile, ActiveForgery::WrongKey);
        let report = read_believing(&EmulatedCard::new(copied), &can(), &trust, &options);
        assert_eq!(report.fault, Some(Fault::ChipClone));
        assert_eq!(report.detail.as_deref(), Some("active authentication"));
        assert!(report.fields.is_none() && report.evidence.is_none());
    }
}

#[test]
fn a_copy_cannot_go_on_under_the_chips_own_key_nor_leave_the_key_out() {
    let (contents, trust) = usual();
    let other = Curve::P256.secret(&mut hardware::chip::random::SystemRandomness).unwrap();
    let copies = [
        (contents.clone().with_chip_key(Curve::P256, other), "chip authentication"),
        (contents.clone().without_file(0x010E), "chip authentication"),
        (contents.without_file(0x010F), "active authentication"),
    ];
    for (copy, detail) in copies {
        let report = read_believing(&EmulatedCard::new(copy), &can(), &trust, &ReadOptions::default());
        assert_eq!((report.fault, report.detail.as_deref()), (Some(Fault::ChipClone), Some(detail)));
    }
}

#[test]
fn chip_authentication_works_with_every_curve_and_cipher() {
    for curve in Curve::ALL {
        for cipher in [Cipher::TripleDes, Cipher::Aes128, Cipher::Aes192, Cipher::Aes256] {
            let secret = curve.secret(&mut hardware::chip::random::SystemRandomness).unwrap();
            let dg14 = write_dg14(cipher, curve, &curve.multiply(&curve.generator(), &secret).unwrap());
            let card = EmulatedCard::new(contents().with_file(0x010E, dg14).with_chip_key(curve, secret));
            let report = read_card(&card, &can());
            // The key is right, and was never signed: both are told, and the second weighs more.
            assert_eq!(report.checks.unwrap().chip, Proof::Passed, "{cipher:?} {curve:?}");
            assert_eq!(report.detail.as_deref(), Some("DG14: HashDiffers"));
        }
    }
}

#[test]
fn a_chip_with_no_key_of_its_own_is_read_and_not_authenticated() {
    let profile = CardProfile { active_key: ActiveKeyChoice::None, ..CardProfile::default() };
    let (contents, trust) = card_of(&profile, ActiveForgery::None);
    let report = read_believing(&EmulatedCard::new(contents), &can(), &trust, &ReadOptions::default());
    assert_eq!(report.checks.unwrap().active, Proof::NotDone("chip_has_no_key"));
    // Chip authentication alone proves it too.
    assert_eq!((report.fault, report.evidence), (None, Some(Evidence::ChipAuthenticated)));
}

#[test]
fn progress_is_told_before_the_chip_is_opened_and_as_bytes_come() {
    let (contents, trust) = usual();
    let mut heard: Vec<Progress> = Vec::new();
    let believed = Believed { trust: &trust, on: TODAY };
    let card = EmulatedCard::new(contents);
    let mut connection = card.connect().unwrap();
    let report =
        read(&mut connection, &can(), &ReadOptions::default(), &believed, &mut |progress| heard.push(progress));
    assert_eq!(report.fault, None);
    assert_eq!(heard[0], Progress { step: Step::Opening, done: 0, of: 0 });
    assert!(heard.iter().any(|told| told.step == Step::Reading && 0 < told.done && told.done < told.of));
    assert_eq!(heard.last().unwrap().step, Step::Proving);
}

#[test]
fn nonsense_from_any_command_on_is_a_named_fault() {
    for (contents, key) in [(contents(), can()), (contents().with_pace(&[]), zone())] {
        let card = EmulatedCard::new(contents);
        let whole = read_card(&card, &key).commands;
        for at in 1..=whole {
            card.set_faults(CardFaults { garbage_at: Some(at), ..CardFaults::default() });
            let report = read_card(&card, &key);
            let named = [Fault::ChipUnreadable, Fault::ChipClone, Fault::ChipKeyKind];
            assert!(report.fault.is_some_and(|fault| named.contains(&fault)), "at {at}: {:?}", report.fault);
            assert!(!report.key_refused && report.fields.is_none());
        }
    }
}

/// A line that cuts one response short.
struct Cutting {
    card: CardLoop,
    at: u32,
    sent: u32,
    kept: fn(usize) -> usize,
}

impl CardConnection for Cutting {
    fn transmit(&mut self, command: &[u8], deadline: Instant) -> Result<Vec<u8>, CardFault> {
        let mut answer = self.card.transmit(command, deadline)?;
        self.sent += 1;
        if self.sent == self.at {
            answer.truncate((self.kept)(answer.len()));
        }
        Ok(answer)
    }

    fn answer_to_reset(&self) -> &[u8] {
        self.card.answer_to_reset()
    }

    fn takes_extended_length(&self) -> bool {
        false
    }
}

#[test]
fn a_response_that_is_cut_anywhere_is_a_named_fault() {
    let (contents, trust) = usual();
    let card = EmulatedCard::new(contents);
    let believed = Believed { trust: &trust, on: TODAY };
    let short = ReadOptions { parts: PartSize::Short, ..ReadOptions::default() };
    let whole = read_believing(&card, &can(), &trust, &short).commands;
    let cuts: [fn(usize) -> usize; 5] = [|_| 0, |_| 1, |length| length / 2, |length| length - 2, |length| length - 1];
    for at in 1..=whole {
        for kept in cuts {
            let mut line = Cutting { card: card.connect().unwrap(), at, sent: 0, kept };
            let report = read(&mut line, &can(), &ReadOptions::default(), &believed, &mut |_| {});
            let named = [Fault::ChipUnreadable, Fault::ChipClone];
            assert!(report.fault.is_some_and(|fault| named.contains(&fault)), "at {at}: {:?}", report.fault);
            assert!(!report.key_refused && report.fields.is_none(), "at {at}");
        }
    }
    assert_eq!(card.keys_refused(), 0);
}

#[test]
fn a_card_that_does_not_answer_in_time_is_told_so() {
    let card = EmulatedCard::new(contents());
    card.set_faults(CardFaults { slow: Duration::from_secs(5), ..CardFaults::default() });
    let options = ReadOptions { patience: Duration::from_millis(20), ..ReadOptions::default() };
    let report = read_believing(&card, &can(), &TrustList::default(), &options);
    assert_eq!((report.fault, report.key_refused), (Some(Fault::ChipTimeout), false));
}

#[test]
fn reports_show_no_personal_data_when_they_are_debugged() {
    let (contents, trust) = usual();
    let mut report = read_believing(&EmulatedCard::new(contents), &can(), &trust, &ReadOptions::default());
    // Hashes of keys that are drawn anew, and times, hold any four digits now and then.
    report.groups.iter_mut().for_each(|group| group.sha256.clear());
    (report.card_ms, report.host_ms) = (0.0, 0.0);
    let text = format!("{report:?}");
    for personal in ["Mẫu", "MAU", "199000123", "1999", "Hàng Trống"] {
        assert!(!text.contains(personal), "{personal} in {text}");
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

#[test]
fn a_supervised_reader_of_this_process_tells_its_cards_and_progress_and_reads_them() {
    let (contents, trust) = usual();
    let card = EmulatedCard::new(contents);
    card.withdraw();
    let (events, heard) = channel();
    let mut supervisor = Supervisor::new(events);
    let spec = ChipSpec { address: "emulator:chip-test".parse().unwrap(), trust: Arc::new(trust) };
    let reader = supervisor.chip("chip", spec).unwrap();
    let read = |key| reader.read(key, ReadOptions::default()).recv().unwrap();
    let wait_for = |kind: DeviceEventKind| {
        while heard.recv_timeout(Duration::from_secs(10)).unwrap().kind != kind {}
    };
    crate::eventually("no reader yet", || (reader.status().fault() == Some(Fault::ChipReaderAbsent)).then_some(()));
    assert_eq!(read(can()).fault, Some(Fault::ChipReaderAbsent));
    card.publish("chip-test");
    crate::eventually("a reader", || (reader.status().state == DeviceState::Ready).then_some(()));
    assert_eq!(read(can()).fault, Some(Fault::ChipNoCard));

    for _ in 0..20 {
        card.insert();
        wait_for(DeviceEventKind::CardInserted);
        assert_eq!(read(can()).evidence, Some(Evidence::ChipAuthenticated));
        wait_for(DeviceEventKind::ChipProgress(Progress { step: Step::Proving, done: 0, of: 0 }));
        card.withdraw();
        wait_for(DeviceEventKind::CardRemoved);
    }
    // A wrong key is shown once, however long the card then lies there.
    card.insert();
    wait_for(DeviceEventKind::CardInserted);
    assert_eq!(read(wrong_can()).fault, Some(Fault::ChipWrongKey));
    assert_eq!(card.keys_refused(), 1);
    EmulatedCard::retract("chip-test");
    wait_for(DeviceEventKind::CardRemoved);
    assert_eq!(card.keys_refused(), 1);
}

#[test]
fn a_reader_on_a_line_tells_its_cards_and_reads_them() {
    let reader = EmulatedReader::listen(([127, 0, 0, 1], 0).into()).unwrap();
    let (contents, trust) = usual();
    let card = EmulatedCard::new(contents);
    let (events, heard) = channel();
    let mut supervisor = Supervisor::new(events);
    let spec = ChipSpec { address: reader.address(), trust: Arc::new(trust) };
    let near = supervisor.chip("chip", spec).unwrap();
    let told = |wanted: DeviceEventKind| {
        crate::eventually(&format!("{wanted:?}"), || heard.try_iter().any(|event| event.kind == wanted).then_some(()));
    };
    crate::eventually("the reader is there", || near.status().works().then_some(()));
    let read = || near.read(can(), ReadOptions::default()).recv_timeout(Duration::from_secs(30)).unwrap();
    assert_eq!(read().fault, Some(Fault::ChipNoCard));
    reader.lay(card.clone());
    told(DeviceEventKind::CardInserted);
    let report = read();
    assert_eq!((report.fault, report.evidence), (None, Some(Evidence::ChipAuthenticated)), "{report:?}");
    card.set_faults(CardFaults { withdraw_at: Some(9), ..CardFaults::default() });
    reader.lay(card.clone());
    assert_eq!(read().fault, Some(Fault::ChipRemoved));
    reader.take();
    told(DeviceEventKind::CardRemoved);
    drop(reader);
    crate::eventually("the reader is missed", || {
        (near.status().fault() == Some(Fault::ChipReaderAbsent)).then_some(())
    });
}
