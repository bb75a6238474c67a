//! The system's own PC/SC service with vpcd's reader, which we did not write, and our card in it.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use hardware::chip::lds::trust::{Provenance, TrustList};
use hardware::chip::pcsc::{PcscCard, Slot, wait_for};
use hardware::chip::read::{Believed, Proof, ReadOptions, read};
use hardware::chip::report::ChipReport;
use hardware::emulator::card::profile::CardProfile;
use hardware::emulator::card::{ActiveForgery, CardContents, CardFaults, EmulatedCard};
use hardware::{Address, ChipHandle, ChipSpec, DeviceEvent, DeviceEventKind, DeviceState, Evidence, Fault, Supervisor};
use jiff::civil::date;
use serde_json::Value;

use crate::chip::{can, wrong_can};
use crate::eventually;
use crate::pcsc_service::{READER, Service, VPCD};

fn usual() -> (EmulatedCard, Arc<TrustList>) {
    let (contents, authority) = CardContents::of_profile(&CardProfile::default(), ActiveForgery::None).unwrap();
    let mut trust = TrustList::default();
    trust.add("csca.der", &authority, &Provenance::default());
    (EmulatedCard::new(contents), Arc::new(trust))
}

/// The card in the reader, from when the service sees it.
fn lie(card: &EmulatedCard) {
    card.lie_in_vpcd(VPCD).unwrap();
    wait_for_card();
}

fn wait_for_card() {
    wait_for(Slot::Full, READER, soon()).unwrap();
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(20)
}

fn wait_for_no_card() {
    wait_for(Slot::Empty, READER, soon()).unwrap();
}

/// Takes the card out, if it is in, and puts it in again; each time until the service has noticed.
fn put_in_again(card: &EmulatedCard) {
    card.withdraw();
    wait_for_no_card();
    card.insert();
    wait_for_card();
}

fn connect() -> Result<PcscCard, Fault> {
    PcscCard::connect(READER, soon()).map_err(|fault| fault.fault())
}

fn read_with(key: &hardware::chip::key::ChipKey, trust: &TrustList) -> ChipReport {
    let believed = Believed { trust, on: date(2026, 11, 25) };
    match connect() {
        Ok(mut card) => read(&mut card, key, &ReadOptions::default(), &believed, &mut |_| {}),
        Err(fault) => ChipReport::refused(fault),
    }
}

#[test]
fn a_card_is_read_through_the_service() {
    let _service = Service::start();
    assert_eq!(read_with(&can(), &TrustList::default()).fault, Some(Fault::ChipNoCard));
    let (card, trust) = usual();
    lie(&card);
    let report = read_with(&can(), &trust);
    assert_eq!((report.fault, report.evidence), (None, Some(Evidence::ChipAuthenticated)), "{:?}", report.detail);
    assert_eq!(report.checks.unwrap().chip, Proof::Passed);
    let report = read_with(&wrong_can(), &trust);
    assert_eq!((report.fault, report.key_refused), (Some(Fault::ChipWrongKey), true));
    assert_eq!((card.keys_shown(), card.keys_refused()), (2, 1));
}

#[test]
fn a_card_in_use_is_nobody_elses_and_is_free_at_once_afterwards() {
    let _service = Service::start();
    let (card, trust) = usual();
    lie(&card);
    let held = connect().unwrap();
    assert_eq!(connect().err(), Some(Fault::ChipReaderBusy));
    drop(held);
    assert_eq!(read_with(&can(), &trust).fault, None);
    let absent = PcscCard::connect("No such reader", Instant::now() + Duration::from_secs(5));
    assert_eq!(absent.err().map(|fault| fault.fault()), Some(Fault::ChipReaderAbsent));
}

#[test]
fn a_card_taken_away_through_the_service_is_removed_and_read_once_it_is_back() {
    let _service = Service::start();
    let (card, trust) = usual();
    lie(&card);
    let whole = read_with(&can(), &trust).commands;
    for at in [1, 2, 7, 8, 9, whole / 2, whole] {
        card.set_faults(CardFaults { withdraw_at: Some(at), ..CardFaults::default() });
        put_in_again(&card);
        let report = read_with(&can(), &trust);
        assert_eq!(
            (report.fault, report.key_refused),
            (Some(Fault::ChipRemoved), false),
            "at {at}: {:?}",
            report.detail
        );
    }
    assert_eq!(card.keys_refused(), 0);
    card.set_faults(CardFaults::default());
    put_in_again(&card);
    assert_eq!(read_with(&can(), &trust).fault, None);
}

#[test]
fn a_service_that_ends_is_told_and_the_next_read_after_its_return_works() {
    let mut service = Service::start();
    let (card, trust) = usual();
    lie(&card);
    for signal in ["-TERM", "-KILL"] {
        let mut held = connect().unwrap();
        service.end(signal);
        let deadline = soon();
        let lost = hardware::chip::connection::CardConnection::transmit(&mut held, &[0, 0x84, 0, 0, 8], deadline);
        assert_eq!(lost.err().map(|fault| fault.fault()), Some(Fault::ChipServiceDown), "{signal}");
        drop(held);
        assert_eq!(read_with(&can(), &trust).fault, Some(Fault::ChipServiceDown), "{signal}");
        service.run();
        service.wait_for_reader();
        wait_for_card();
        assert_eq!(read_with(&can(), &trust).fault, None, "{signal}");
    }
    assert_eq!(card.keys_refused(), 0);
}

struct Supervised {
    _supervisor: Supervisor,
    reader: ChipHandle,
    events: Receiver<DeviceEvent>,
}

fn supervised(trust: &Arc<TrustList>) -> Supervised {
    let (events, heard) = channel();
    let mut supervisor = Supervisor::new(events);
    let spec = ChipSpec { address: Address::Pcsc { reader: READER.to_owned() }, trust: trust.clone() };
    let reader = supervisor.chip("chip", spec).unwrap();
    Supervised { _supervisor: supervisor, reader, events: heard }
}

impl Supervised {
    fn wait_for(&self, kind: &DeviceEventKind) {
        let deadline = Instant::now() + Duration::from_secs(20);
        while Instant::now() < deadline {
            if let Ok(event) = self.events.recv_timeout(Duration::from_secs(1))
                && event.kind == *kind
            {
                return;
            }
        }
        panic!("never: {kind:?}");
    }

    fn wait_for_state(&self, state: DeviceState, fault: Option<Fault>) {
        let status = || self.reader.status();
        eventually("the reader is so", || (status().state == state && status().fault() == fault).then_some(()));
    }
}

#[test]
fn a_supervised_reader_tells_cards_reads_them_and_outlives_its_service() {
    let mut service = Service::start();
    let (card, trust) = usual();
    let supervised = supervised(&trust);
    supervised.wait_for_state(DeviceState::Ready, None);
    let read = || supervised.reader.read(can(), ReadOptions::default()).recv().unwrap();
    assert_eq!(read().fault, Some(Fault::ChipNoCard));

    card.lie_in_vpcd(VPCD).unwrap();
    supervised.wait_for(&DeviceEventKind::CardInserted);
    let report = read();
    assert_eq!((report.fault, report.evidence), (None, Some(Evidence::ChipAuthenticated)), "{:?}", report.detail);
    card.withdraw();
    supervised.wait_for(&DeviceEventKind::CardRemoved);
    card.insert();
    supervised.wait_for(&DeviceEventKind::CardInserted);

    for signal in ["-KILL", "-TERM"] {
        service.end(signal);
        supervised.wait_for_state(DeviceState::Faulted, Some(Fault::ChipServiceDown));
        assert_eq!(read().fault, Some(Fault::ChipServiceDown));
        service.run();
        supervised.wait_for(&DeviceEventKind::CardInserted);
        supervised.wait_for_state(DeviceState::Ready, None);
        assert_eq!(read().fault, None, "{signal}");
    }
    assert_eq!(card.keys_refused(), 0);
}

/// Halts the service in the midst of what it does. A signal that was sent has not yet halted every thread: they are waited for.
fn halt(service: &Service) {
    service.signal("-STOP");
    let is_halted = |task: std::fs::DirEntry| {
        let stat = std::fs::read_to_string(task.path().join("stat")).unwrap_or_default();
        stat.rsplit(") ").next().is_some_and(|rest| rest.starts_with('T'))
    };
    eventually("every thread of the service is halted", || {
        let mut tasks = std::fs::read_dir(format!("/proc/{}/task", service.id())).unwrap().flatten();
        tasks.all(is_halted).then_some(())
    });
}

#[test]
fn a_service_that_hangs_holds_nobody_up_and_works_again_once_it_goes_on() {
    let service = Service::start();
    let (card, trust) = usual();
    lie(&card);
    let supervised = supervised(&trust);
    supervised.wait_for_state(DeviceState::Ready, None);
    let mut held = connect().unwrap();
    halt(&service);
    let late = |held: &mut PcscCard| {
        let deadline = Instant::now() + Duration::from_millis(300);
        hardware::chip::connection::CardConnection::transmit(held, &[0, 0x84, 0, 0, 8], deadline).err()
    };
    assert_eq!(late(&mut held).map(|fault| fault.fault()), Some(Fault::ChipTimeout));
    assert_eq!(late(&mut held).map(|fault| fault.fault()), Some(Fault::ChipTimeout), "once lost, always lost");
    drop(held);
    let short = PcscCard::connect(READER, Instant::now() + Duration::from_millis(300));
    assert_eq!(short.err().map(|fault| fault.fault()), Some(Fault::ChipTimeout));
    supervised.wait_for_state(DeviceState::Faulted, Some(Fault::ChipServiceDown));
    let options = ReadOptions { time: Duration::from_millis(300), ..ReadOptions::default() };
    let report = supervised.reader.read(can(), options).recv().unwrap();
    assert_eq!((report.fault, report.key_refused), (Some(Fault::ChipTimeout), false));
    service.signal("-CONT");
    supervised.wait_for_state(DeviceState::Ready, None);
    let read = || supervised.reader.read(can(), ReadOptions::default()).recv().unwrap().fault;
    eventually("the card is read", || read().is_none().then_some(()));
    assert_eq!(card.keys_refused(), 0);
}

#[test]
fn the_tool_reads_a_card_that_the_tool_is() {
    let _service = Service::start();
    let folder = tempfile::tempdir().unwrap();
    let csca = folder.path().to_str().unwrap();
    let mut emulator = crate::cli::Emulator::start_card(&["--csca-out", csca, "--unordered"]);
    wait_for_card();
    let address = format!("pcsc:{READER}");
    let (code, answer) = crate::cli::run(&["chip", &address, "--can", "000123", "--csca", csca]);
    assert_eq!((code, &answer["evidence"]), (0, &Value::from("chip_authenticated")), "{answer}");
    assert_eq!(answer["fields"]["name"], "Nguyễn Thị Mẫu");
    let zone = ["--doc", "001199000123", "--birth", "990215", "--expiry", "390215"];
    let (code, answer) = crate::cli::run(&[&["chip", &address][..], &zone].concat());
    assert_eq!((code, &answer["evidence"], &answer["access"]), (0, &"chip_read".into(), &"pace_mrz".into()));
    let (code, answer) = crate::cli::run(&["chip", &address, "--can", "000124"]);
    assert_eq!((code, &answer["fault"], &answer["key_refused"]), (7, &"CHIP-WRONG-KEY".into(), &true.into()));
    emulator.tell("withdraw");
    let told = emulator.next();
    assert_eq!((&told["present"], &told["keys_refused"]), (&false.into(), &1.into()));
    // The card's process ends: the card is gone, as if it had been taken away.
    wait_for_no_card();
    emulator.tell("insert");
    wait_for_card();
    let mut held = connect().unwrap();
    drop(emulator);
    let deadline = soon();
    let lost = hardware::chip::connection::CardConnection::transmit(&mut held, &[0, 0x84, 0, 0, 8], deadline);
    assert_eq!(lost.err().map(|fault| fault.fault()), Some(Fault::ChipRemoved));
    let (code, answer) = crate::cli::run(&["chip", &address, "--can", "000123"]);
    assert_eq!((code, &answer["fault"]), (3, &"CHIP-NO-CARD".into()));
}

#[test]
fn the_tool_tells_a_false_card_and_a_wrong_call() {
    let _service = Service::start();
    let folder = tempfile::tempdir().unwrap();
    let csca = folder.path().to_str().unwrap();
    for (forge, fault) in [("dg13", "CHIP-FORGED"), ("sod", "CHIP-FORGED"), ("aa", "CHIP-CLONE")] {
        let emulator = crate::cli::Emulator::start_card(&["--csca-out", csca, "--forge", forge]);
        wait_for_card();
        let (code, answer) = crate::cli::run(&["chip", &format!("pcsc:{READER}"), "--can", "000123", "--csca", csca]);
        assert_eq!((code, &answer["fault"], &answer["fields"]), (8, &fault.into(), &Value::Null), "{forge}");
        drop(emulator);
        wait_for_no_card();
    }
    assert_eq!(crate::cli::run(&["chip", "tcp:127.0.0.1:9", "--can", "000123"]).0, 2);
    assert_eq!(crate::cli::run(&["chip", "pcsc:x", "--can", "12"]).0, 2);
    assert_eq!(crate::cli::run(&["chip", "pcsc:x"]).0, 2);
}
