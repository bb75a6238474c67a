//! The chip of the card on a counter's reader: read when the officer asks, shown while it goes on. What it says is kept in memory only, until the
//! citizen leaves.

use crate::api::{ChipView, Problem};
use crate::core::{Station, lock};
use crate::people;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hardware::chip::key::{Can, ChipKey};
use hardware::chip::lds::dg2::{Face, FaceFormat};
use hardware::chip::lds::face::{self, Pixels};
use hardware::chip::lds::trust::TrustList;
use hardware::chip::read::{Progress, ReadOptions, Step};
use hardware::chip::report::ChipReport;
use intake::ids::VisitId;
use serde::Deserialize;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::Receiver;

/// The folder in a station's folder that holds the authorities whose signatures are believed, unless the file names another.
pub(crate) const AUTHORITIES: &str = "csca";

/// The reader of a counter, as the officer's session sees it.
#[derive(Default)]
pub(crate) struct Chip {
    reading: Reading,
    /// The face on the chip, as a data URL.
    photo: Option<String>,
}

/// What the reader is at.
#[derive(Default)]
enum Reading {
    #[default]
    Idle,
    /// For this visit, so far.
    Going(VisitId, Option<Progress>),
    Done,
    Failed(Problem),
}

impl Chip {
    /// A read has come so far.
    pub(crate) fn progressed(&mut self, progress: Progress) {
        if let Reading::Going(_, so_far) = &mut self.reading {
            *so_far = Some(progress);
        }
    }

    /// What the page shows.
    pub(crate) fn view(&self, number_known: bool) -> ChipView {
        let idle = ChipView { state: "idle".into(), step: None, percent: 0, number_known, problem: None };
        match &self.reading {
            Reading::Idle => idle,
            Reading::Going(_, so_far) => ChipView {
                state: "reading".into(),
                step: Some(step(so_far.map_or(Step::Opening, |progress| progress.step)).into()),
                percent: so_far.map_or(0, percent),
                ..idle
            },
            Reading::Done => ChipView { state: "read".into(), percent: 100, ..idle },
            Reading::Failed(problem) => ChipView { state: "failed".into(), problem: Some(problem.clone()), ..idle },
        }
    }
}

fn step(step: Step) -> &'static str {
    match step {
        Step::Opening => "opening",
        Step::Reading => "reading",
        Step::Proving => "proving",
    }
}

/// Opening and proving take a tenth each; the files what is between, each beginning anew.
fn percent(progress: Progress) -> u32 {
    match progress.step {
        Step::Opening => 5,
        Step::Reading => {
            let part = (progress.done * 80).checked_div(progress.of).unwrap_or(0);
            10 + u32::try_from(part).unwrap_or(0).min(80)
        }
        Step::Proving => 95,
    }
}

/// The authorities that this station believes; none where there is no list.
pub(crate) fn authorities(folder: &Path) -> Arc<TrustList> {
    if !folder.is_dir() {
        return Arc::default();
    }
    let list = TrustList::read(folder).unwrap_or_else(|error| {
        tracing::error!(folder = %folder.display(), %error, "the list of authorities cannot be read: no chip is proved genuine");
        TrustList::default()
    });
    Arc::new(list)
}

impl Station {
    /// Reads the chip of the card on the reader, for the person at the desk. Answers as soon as the read has begun; the view tells how it goes.
    ///
    /// `can` opens the chip; without it, the number of the card that was scanned does.
    ///
    /// # Errors
    /// `CARD-CHIP-NUMBER-NEEDED` when nothing is known that could open it, `DEVICE-NOT-SET` with no reader, `STEP-NOT-LEGAL` when nobody is there,
    /// `SIGN-IN-NEEDED`.
    pub fn counter_read_chip(&self, can: Option<&str>) -> Result<(), Problem> {
        self.officer()?;
        let visit = self.present().ok_or_else(|| Problem::new("STEP-NOT-LEGAL"))?.id;
        let reader = self.devices.chip().ok_or_else(|| Problem::new("DEVICE-NOT-SET").with("device", "chip"))?;
        let typed = can.map(str::trim).filter(|digits| !digits.is_empty()).map(str::to_owned);
        let digits = typed.or_else(|| self.number_at_desk(visit).and_then(|number| can_of(&number)));
        let can =
            digits.and_then(|digits| Can::new(&digits).ok()).ok_or_else(|| Problem::new("CARD-CHIP-NUMBER-NEEDED"))?;
        {
            let mut session = lock(&self.session);
            if matches!(session.chip.reading, Reading::Going(..)) {
                return Ok(());
            }
            session.chip = Chip { reading: Reading::Going(visit, None), photo: None };
        }
        self.await_chip(visit, reader.read(ChipKey::Can(can), ReadOptions::default()));
        self.notices.tell();
        Ok(())
    }

    /// The face on the chip that was read for the person at the desk, as a data URL.
    ///
    /// # Errors
    /// `SIGN-IN-NEEDED`.
    pub fn counter_chip_photo(&self) -> Result<Option<String>, Problem> {
        self.officer()?;
        Ok(lock(&self.session).chip.photo.clone())
    }

    /// What the page shows of the reader; none where this counter has none.
    pub(crate) fn chip_view(&self) -> Option<ChipView> {
        self.devices.chip()?;
        let known = self.present().is_some_and(|visit| self.number_at_desk(visit.id).is_some());
        Some(lock(&self.session).chip.view(known))
    }

    /// The number of the person at the desk, where a card told it or the record is open.
    fn number_at_desk(&self, visit: VisitId) -> Option<String> {
        let session = lock(&self.session);
        session.person.as_ref().filter(|(of, _)| *of == visit).map(|(_, person)| person.number.clone())
    }

    fn await_chip(&self, visit: VisitId, report: Receiver<ChipReport>) {
        let station = self.clone();
        let wait = move || {
            // A reader's thread that ended answers nothing any more.
            let report = report.recv().unwrap_or_else(|_| ChipReport::refused(hardware::Fault::ChipReaderAbsent));
            station.chip_was_read(visit, &report);
            station.notices.tell();
        };
        if let Err(error) = std::thread::Builder::new().name("chip".into()).spawn(wait) {
            tracing::error!(%error, "no thread to wait for a chip");
            lock(&self.session).chip.reading = Reading::Failed(Problem::new("STATION-FAULT").with("why", error));
        }
    }

    /// A read ended. Where its citizen has left meanwhile, it is forgotten.
    fn chip_was_read(&self, visit: VisitId, report: &ChipReport) {
        let at_desk = self.present().is_some_and(|present| present.id == visit);
        let mut session = lock(&self.session);
        if !at_desk || !matches!(session.chip.reading, Reading::Going(of, _) if of == visit) {
            return;
        }
        let Some(mut identity) = people::chip_identity(report) else {
            session.chip.reading = Reading::Failed(failure(report));
            return;
        };
        let scanned = session.person.as_ref().filter(|(of, _)| *of == visit).map(|(_, person)| person.number.clone());
        if scanned.is_some_and(|number| number != identity.number) {
            identity.warnings.push("CARD-CHIP-WARNING-OTHER".into());
        }
        session.chip = Chip { reading: Reading::Done, photo: report.face.as_ref().and_then(photo) };
        session.person = Some((visit, people::person(&identity)));
    }
}

fn failure(report: &ChipReport) -> Problem {
    let code = report.fault.unwrap_or(hardware::Fault::ChipUnreadable).code();
    let problem = Problem::new(code);
    match &report.detail {
        Some(detail) => problem.with("why", detail),
        None => problem,
    }
}

/// What opens the chip of a card with this number, as far as is known.
fn can_of(number: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Rule {
        can_last_digits: usize,
    }
    let rule: Rule = serde_json::from_str(include_str!("../../fixtures/cards/chip_access.json")).ok()?;
    number.len().checked_sub(rule.can_last_digits).and_then(|from| number.get(from..)).map(str::to_owned)
}

/// A face that a window can show: JPEG as it is, JPEG 2000 as PNG.
fn photo(face: &Face) -> Option<String> {
    let (kind, bytes) = match face.format {
        FaceFormat::Jpeg => ("jpeg", face.image.clone()),
        FaceFormat::Jpeg2000 => ("png", png_of(&face::decode(&face.image).ok()?)?),
    };
    Some(format!("data:image/{kind};base64,{}", STANDARD.encode(bytes)))
}

fn png_of(pixels: &Pixels) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, pixels.width, pixels.height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header().ok()?.write_image_data(&pixels.rgb).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_that_opens_a_chip_is_data() {
        assert_eq!(can_of("001199000123").as_deref(), Some("000123"));
        assert_eq!(can_of("123"), None);
    }

    #[test]
    fn a_read_is_shown_as_it_goes() {
        let mut chip = Chip::default();
        assert_eq!(chip.view(true).state, "idle");
        chip.reading = Reading::Going(VisitId(uuid::Uuid::nil()), None);
        assert_eq!(chip.view(true).step.as_deref(), Some("opening"));
        chip.progressed(Progress { step: Step::Reading, done: 500, of: 1000 });
        assert_eq!((chip.view(true).step.as_deref(), chip.view(true).percent), (Some("reading"), 50));
        chip.reading = Reading::Failed(Problem::new("CHIP-REMOVED"));
        assert_eq!(chip.view(false).problem.unwrap().code, "CHIP-REMOVED");
    }
}
