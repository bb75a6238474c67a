//! A chip reader of the system's own service, which is ended and run again; and a card in it, which is taken out and put back.

use std::sync::Arc;
use std::sync::mpsc::channel;

use hardware::chip::key::{Can, ChipKey};
use hardware::chip::lds::trust::TrustList;
use hardware::chip::read::ReadOptions;
use hardware::emulator::card::profile::CardProfile;
use hardware::emulator::card::{ActiveForgery, CardContents, EmulatedCard};
use hardware::{Address, ChipHandle, ChipSpec, Fault, Supervisor};

use super::{ANSWER_WITHIN, Class};
use crate::pcsc_service::{self, READER, VPCD};

/// A supervised reader, its service, and a card that lies in it.
struct Reader {
    near: ChipHandle,
    _supervisor: Supervisor,
    card: EmulatedCard,
    service: pcsc_service::Service,
}

impl Reader {
    fn new() -> Self {
        let service = pcsc_service::Service::start();
        let (contents, _) = CardContents::of_profile(&CardProfile::default(), ActiveForgery::None).unwrap();
        let card = EmulatedCard::new(contents);
        card.lie_in_vpcd(VPCD).unwrap();
        let mut supervisor = Supervisor::new(channel().0);
        let address = Address::Pcsc { reader: READER.to_owned() };
        let near = supervisor.chip("chip", ChipSpec { address, trust: Arc::new(TrustList::default()) }).unwrap();
        Self { near, _supervisor: supervisor, card, service }
    }

    /// What a whole read ends with. The right key is never refused: a card gives only so many tries.
    fn read(&self) -> Option<Fault> {
        let key = ChipKey::Can(Can::new("000123").unwrap());
        let report = self.near.read(key, ReadOptions::default()).recv_timeout(ANSWER_WITHIN).unwrap();
        assert_eq!(self.card.keys_refused(), 0);
        report.fault
    }

    fn serves(&self) -> bool {
        self.near.status().works() && self.read().is_none()
    }
}

pub struct Service {
    reader: Reader,
    ends: usize,
}

impl Service {
    pub fn new() -> Self {
        Self { reader: Reader::new(), ends: 0 }
    }
}

impl Class for Service {
    fn name(&self) -> &'static str {
        "chip reader whose service ended"
    }

    /// As a crash would, and kindly, in turns.
    fn unplug(&mut self) {
        self.ends += 1;
        self.reader.service.end(if self.ends % 2 == 1 { "-KILL" } else { "-TERM" });
    }

    fn plug(&mut self) {
        self.reader.service.run();
    }

    fn is_missed(&mut self) -> bool {
        self.reader.near.status().fault() == Some(Fault::ChipServiceDown)
    }

    fn serves(&mut self) -> bool {
        self.reader.serves()
    }
}

pub struct Card {
    reader: Reader,
}

impl Card {
    pub fn new() -> Self {
        Self { reader: Reader::new() }
    }
}

impl Class for Card {
    fn name(&self) -> &'static str {
        "chip reader whose card was taken out"
    }

    fn unplug(&mut self) {
        self.reader.card.withdraw();
    }

    fn plug(&mut self) {
        self.reader.card.insert();
    }

    fn is_missed(&mut self) -> bool {
        self.reader.read() == Some(Fault::ChipNoCard)
    }

    fn serves(&mut self) -> bool {
        self.reader.serves()
    }
}
