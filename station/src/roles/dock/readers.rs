//! The dock's readers for chips, and the cards that are laid into them.

use super::{Card, none};
use crate::api::{DockReader, Problem, Text};
use crate::config::DockScannerPart;
use hardware::emulator::card::profile::{CardProfile, Forgery};
use hardware::emulator::card::{ActiveForgery, CardContents, EmulatedCard, EmulatedReader};
use hardware::scanner::{BirthDate, CardQr, Sex};
use hardware::{Address, DeviceRole};
use serde::Deserialize;
use std::io;
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

/// How long an emulated chip takes for an answer: enough to see how a read goes on.
const ANSWER_TIME: Duration = Duration::from_millis(15);

/// What is wrong with a chip, on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ChipDefect {
    /// It is a copy: it has not the key that was signed.
    Copy,
    /// What it says was changed after it was signed.
    Forged,
}

/// A reader and what lies in it.
pub(super) struct Reader {
    id: String,
    label: Text,
    played: EmulatedReader,
    laid: Mutex<Option<String>>,
}

impl Reader {
    pub(super) fn start(part: &DockScannerPart) -> io::Result<Self> {
        let Address::Tcp { host, port } = &part.address else {
            let role = DeviceRole::ChipReader.name();
            return Err(io::Error::other(format!("a {role} cannot be played on {}", part.address)));
        };
        let at = format!("{host}:{port}").parse().map_err(io::Error::other)?;
        let played = EmulatedReader::listen(at)?;
        Ok(Self { id: part.id.clone(), label: part.label.text(), played, laid: Mutex::default() })
    }

    pub(super) fn view(&self) -> DockReader {
        let card = crate::core::lock(&self.laid).clone().filter(|_| self.played.is_laid());
        DockReader { id: self.id.clone(), label: self.label.clone(), card }
    }

    pub(super) fn is(&self, id: &str) -> bool {
        self.id == id
    }

    pub(super) fn lay(&self, card: &Card) -> Result<(), Problem> {
        let contents = contents(card).ok_or_else(|| none("card with a chip", &card.id))?;
        let chip = EmulatedCard::new(contents);
        chip.set_faults(hardware::emulator::card::CardFaults { slow: ANSWER_TIME, ..Default::default() });
        self.played.lay(chip);
        *crate::core::lock(&self.laid) = Some(card.id.clone());
        Ok(())
    }

    pub(super) fn take(&self) {
        self.played.take();
    }
}

/// Whether a demo card has a chip: it is the card of a person whose birth is known to the day.
pub(super) fn has_chip(card: &Card) -> bool {
    profile(card).is_some()
}

fn contents(card: &Card) -> Option<CardContents> {
    let profile = profile(card)?;
    let active = if card.chip == Some(ChipDefect::Copy) { ActiveForgery::WrongKey } else { ActiveForgery::None };
    CardContents::of_profile(&profile, active).ok().map(|(contents, _)| contents)
}

fn profile(card: &Card) -> Option<CardProfile> {
    let qr = CardQr::parse(&card.payload).ok()?;
    let BirthDate::Full { date: birth } = qr.birth else { return None };
    let usual = CardProfile::default();
    Some(CardProfile {
        number: qr.number.digits().to_owned(),
        name: qr.name.clone(),
        birth,
        female: qr.sex == Sex::Female,
        residence: qr.residence.clone(),
        issued: qr.issued.unwrap_or(usual.issued),
        old_number: qr.old_number.clone(),
        forgery: (card.chip == Some(ChipDefect::Forged)).then_some(Forgery::Group { group: 13 }),
        ..usual
    })
}

/// Writes the certificate of whoever signed the demo's cards into the folder of a station that is to believe them.
pub(crate) fn write_demo_authority(folder: &Path) -> Result<(), String> {
    let (_, authority) =
        CardContents::of_profile(&CardProfile::default(), ActiveForgery::None).map_err(|error| error.to_string())?;
    let write = || {
        std::fs::create_dir_all(folder)?;
        std::fs::write(folder.join("demo_2026-11-23.cer"), authority)
    };
    write().map_err(|error: io::Error| error.to_string())
}
