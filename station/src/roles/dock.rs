//! The dock: plays the hardware of a demo. The stations' drivers are the production ones; only the far side is played.

mod readers;

pub(crate) use readers::write_demo_authority;

use super::board::far_side;
use crate::api::{
    About, DockCable, DockCard, DockPage, DockPhrase, DockPrinter, DockPrinterChange, DockReceipt, DockScanner,
    DockView, Problem, Text,
};
use crate::cable::Cable;
use crate::clock::Clock;
use crate::config::{Config, DockPart};
use crate::core::lock;
use crate::notices::Notices;
use crate::{devices, roles, slips};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hardware::emulator::{EmulatedPrinter, EmulatedScanner, Garbage, Page, PrinterModel, Terminator};
use intake::moment::Moment;
use readers::{ChipDefect, Reader};
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};

/// How many pages the window shows.
const SHOWN_PAGES: usize = 6;
/// The one emulated printer.
const PRINTER: &str = "kiosk-printer";
/// The one cable.
const CABLE: &str = "centre";
/// Where a slip is torn on demand: past every question that is asked before it, in the midst of its dots.
const TEAR_BYTES: u64 = 4_000;
/// A roll that is near its end, in millimetres.
const NEAR_END_MM: u32 = 2_000;

/// A running dock.
#[derive(Clone)]
pub struct Dock {
    inner: Arc<Inner>,
}

struct Inner {
    config: Config,
    part: DockPart,
    clock: Arc<dyn Clock>,
    printer: EmulatedPrinter,
    scanners: Vec<(String, Text, EmulatedScanner)>,
    readers: Vec<Reader>,
    cable: Cable,
    cards: Vec<Card>,
    pages: Mutex<Vec<Slip>>,
    notices: Notices,
}

/// A page that came out, read and encoded once.
struct Slip {
    shown: DockPage,
    code: Option<String>,
}

#[derive(Clone, Deserialize)]
struct Card {
    id: String,
    label: Text,
    payload: String,
    defect: Option<Text>,
    /// What is wrong with its chip.
    #[serde(default)]
    chip: Option<ChipDefect>,
}

impl Dock {
    /// Opens the dock in `folder`: starts what its file's `[dock]` part names.
    ///
    /// # Errors
    /// `CONFIG-FAULT` when a place is taken or the part is missing.
    pub fn open(folder: &Path, clock: Arc<dyn Clock>) -> Result<Self, Problem> {
        let config = Config::read(folder)?;
        let fault = |why: String| Problem::new("CONFIG-FAULT").with("file", "station.toml").with("why", why);
        let part = config.dock.clone().ok_or_else(|| fault("a dock needs a [dock] part".into()))?;
        let io = |error: std::io::Error| fault(error.to_string());
        std::fs::create_dir_all(folder.join(&part.pages)).map_err(io)?;
        let spec = |address| far_side(address).ok_or_else(|| fault(format!("nothing can be played on {address}")));
        let (watcher, pages) = channel();
        let printer =
            EmulatedPrinter::start(&spec(&part.printer)?, PrinterModel::default(), Some(watcher)).map_err(io)?;
        let mut scanners = Vec::with_capacity(part.scanners.len());
        for scanner in &part.scanners {
            let played = EmulatedScanner::start(&spec(&scanner.address)?).map_err(io)?;
            scanners.push((scanner.id.clone(), scanner.label.text(), played));
        }
        let readers = part.readers.iter().map(Reader::start).collect::<Result<_, _>>().map_err(io)?;
        let cable = Cable::lay(&part.cable_from, &part.cable_to).map_err(io)?;
        let cards = serde_json::from_str(include_str!("../../../fixtures/demo/cards.json"));
        let inner = Inner {
            cards: cards.map_err(|error| fault(error.to_string()))?,
            config,
            clock,
            printer,
            scanners,
            readers,
            cable,
            pages: Mutex::default(),
            notices: Notices::default(),
            part,
        };
        let dock = Self { inner: Arc::new(inner) };
        dock.collect(folder.to_owned(), pages).map_err(io)?;
        Ok(dock)
    }

    /// Keeps what comes out of the printer: in the window, and as files.
    fn collect(&self, folder: PathBuf, pages: Receiver<Page>) -> std::io::Result<()> {
        let dock = self.clone();
        let body = move || {
            for page in pages.into_iter().filter(|page| !page.blank) {
                let name = folder.join(&dock.inner.part.pages).join(format!("{PRINTER}-{:04}", page.number));
                let kept = std::fs::write(name.with_extension("bin"), &page.raw)
                    .and_then(|()| std::fs::write(name.with_extension("png"), &page.png));
                if let Err(error) = kept {
                    tracing::warn!(%error, "a page is not kept as a file");
                }
                lock(&dock.inner.pages).push(slip(&page, dock.inner.clock.now()));
                dock.inner.notices.tell();
            }
        };
        std::thread::Builder::new().name("pages".into()).spawn(body).map(drop)
    }

    /// What the window needs to know.
    pub fn about(&self) -> About {
        roles::about(&self.inner.config, self.inner.clock.now())
    }

    /// The notices of this dock.
    pub fn notices(&self) -> &Notices {
        &self.inner.notices
    }

    /// The dock.
    pub fn dock_view(&self) -> DockView {
        let inner = &self.inner;
        DockView {
            cards: inner.cards.iter().map(card).collect(),
            scanners: inner.scanners.iter().map(scanner).collect(),
            readers: inner.readers.iter().map(Reader::view).collect(),
            printers: vec![self.printer()],
            cables: vec![DockCable {
                id: CABLE.into(),
                label: Text::both("Cáp mạng tới trung tâm", "Network cable to the centre"),
                up: inner.cable.is_up(),
            }],
            spoken: spoken(&inner.part.counter.join(devices::SPOKEN)),
            receipts: receipts(&inner.part.counter.join(slips::FOLDER)),
        }
    }

    fn printer(&self) -> DockPrinter {
        let printer = &self.inner.printer;
        let faults = printer.line().faults();
        let pages = lock(&self.inner.pages);
        let shown = pages.iter().rev().take(SHOWN_PAGES);
        DockPrinter {
            id: PRINTER.into(),
            label: Text::both("Máy in phiếu của kiốt", "The kiosk's ticket printer"),
            paper_mm_left: printer.paper_mm(),
            cover_open: printer.is_cover_open(),
            near_end: printer.paper_mm() <= NEAR_END_MM,
            stalled: faults.stall,
            jammed: printer.is_cutter_jammed(),
            hot: printer.is_head_hot(),
            junk: faults.garbage.is_some(),
            line_up: !faults.refuse,
            pages: shown.map(|slip| slip.shown.clone()).collect(),
        }
    }

    /// Holds a card before a scanner.
    ///
    /// # Errors
    /// `INPUT-REFUSED` when there is no such card or scanner.
    pub fn dock_put_card(&self, scanner: &str, card: &str) -> Result<(), Problem> {
        let found = self.inner.cards.iter().find(|known| known.id == card).ok_or_else(|| none("card", card))?;
        self.scan(scanner, &found.payload)
    }

    /// Holds a printed page before a scanner, which reads the code on it.
    ///
    /// # Errors
    /// `INPUT-REFUSED` when there is no such page or scanner, or no code can be read on the page.
    pub fn dock_show_ticket(&self, scanner: &str, page: u32) -> Result<(), Problem> {
        let text = {
            let pages = lock(&self.inner.pages);
            let found = pages.iter().find(|slip| slip.shown.no == page);
            found.and_then(|slip| slip.code.clone()).ok_or_else(|| none("page with a code", &page.to_string()))?
        };
        self.scan(scanner, &text)
    }

    fn scan(&self, scanner: &str, text: &str) -> Result<(), Problem> {
        let found = self.inner.scanners.iter().find(|(id, _, _)| id == scanner);
        let (_, _, played) = found.ok_or_else(|| none("scanner", scanner))?;
        played.put_card(text.as_bytes(), Terminator::CrLf);
        Ok(())
    }

    /// Lays a card into a reader for chips; one that lay there is taken away.
    ///
    /// # Errors
    /// `INPUT-REFUSED` when there is no such reader, or no such card with a chip.
    pub fn dock_lay_card(&self, reader: &str, card: &str) -> Result<(), Problem> {
        let found = self.inner.cards.iter().find(|known| known.id == card).ok_or_else(|| none("card", card))?;
        self.reader(reader)?.lay(found)?;
        self.inner.notices.tell();
        Ok(())
    }

    /// Takes the card out of a reader, whatever it is at.
    ///
    /// # Errors
    /// `INPUT-REFUSED` when there is no such reader.
    pub fn dock_take_card(&self, reader: &str) -> Result<(), Problem> {
        self.reader(reader)?.take();
        self.inner.notices.tell();
        Ok(())
    }

    fn reader(&self, id: &str) -> Result<&Reader, Problem> {
        self.inner.readers.iter().find(|reader| reader.is(id)).ok_or_else(|| none("reader", id))
    }

    /// Does something to the printer.
    ///
    /// # Errors
    /// `INPUT-REFUSED` when there is no such printer or roll.
    pub fn dock_printer(&self, id: &str, change: DockPrinterChange) -> Result<(), Problem> {
        if id != PRINTER {
            return Err(none("printer", id));
        }
        let printer = &self.inner.printer;
        if let Some(open) = change.cover_open {
            printer.set_cover_open(open);
        }
        match change.roll.as_deref() {
            None => {}
            Some("full") => printer.load_roll(),
            Some("near_end") => printer.set_paper_mm(NEAR_END_MM),
            Some("empty") => printer.set_paper_mm(0),
            Some(other) => return Err(none("roll", other)),
        }
        if let Some(jammed) = change.jammed {
            printer.set_cutter_jammed(jammed);
        }
        if let Some(hot) = change.hot {
            printer.set_head_hot(hot);
        }
        let mut faults = printer.line().faults();
        if change.tear_next == Some(true) {
            faults.cut_after_bytes = Some(TEAR_BYTES);
        }
        faults.stall = change.stalled.unwrap_or(faults.stall);
        faults.garbage = match change.junk {
            Some(junk) => junk.then_some(Garbage::Instead),
            None => faults.garbage,
        };
        faults.refuse = change.line_up.map_or(faults.refuse, |up| !up);
        printer.line().set_faults(faults);
        self.inner.notices.tell();
        Ok(())
    }

    /// Plugs a cable in, or pulls it.
    ///
    /// # Errors
    /// `INPUT-REFUSED` when there is no such cable.
    pub fn dock_cable(&self, id: &str, up: bool) -> Result<(), Problem> {
        if id != CABLE {
            return Err(none("cable", id));
        }
        self.inner.cable.set_up(up);
        self.inner.notices.tell();
        Ok(())
    }
}

fn none(what: &str, which: &str) -> Problem {
    Problem::new("INPUT-REFUSED").with("why", format!("no {what} {which}"))
}

fn card(card: &Card) -> DockCard {
    let fields: Vec<&str> = card.payload.split('|').collect();
    DockCard {
        id: card.id.clone(),
        label: card.label.clone(),
        name: fields.get(2).copied().unwrap_or_default().into(),
        masked_number: fields.first().map(|number| hardware::masked(number)).unwrap_or_default(),
        defect: card.defect.clone(),
        has_chip: readers::has_chip(card),
    }
}

fn scanner((id, label, played): &(String, Text, EmulatedScanner)) -> DockScanner {
    DockScanner { id: id.clone(), label: label.clone(), connected: played.line().connections() > 0 }
}

fn slip(page: &Page, at: Moment) -> Slip {
    let code = read_qr(page);
    let shown = DockPage {
        no: page.number as u32,
        png: format!("data:image/png;base64,{}", STANDARD.encode(&page.png)),
        at: at.0,
        // A slip that was torn off holds no whole code.
        torn: code.is_none(),
    };
    Slip { shown, code }
}

/// Reads the code on a page as a scanner would: from its dots.
fn read_qr(page: &Page) -> Option<String> {
    if let Some(native) = page.qr_texts.first() {
        return Some(native.clone());
    }
    let mut reader = png::Decoder::new(std::io::Cursor::new(&page.png)).read_info().ok()?;
    let mut dots = vec![0; reader.output_buffer_size()?];
    let info = reader.next_frame(&mut dots).ok()?;
    let line_bytes = info.line_size;
    let shade = |x: usize, y: usize| if dots[y * line_bytes + x / 8] >> (7 - x % 8) & 1 == 1 { 255 } else { 0 };
    let (width, height) = (info.width as usize, info.height as usize);
    let mut picture = rqrr::PreparedImage::prepare_from_greyscale(width, height, shade);
    picture.detect_grids().iter().find_map(|grid| grid.decode().ok().map(|(_, text)| text))
}

fn spoken(file: &Path) -> Vec<DockPhrase> {
    #[derive(Deserialize)]
    struct Line {
        text: String,
        at: i64,
    }
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let lines = text.lines().rev().take(8).filter_map(|line| serde_json::from_str::<Line>(line).ok());
    lines.map(|line| DockPhrase { text: line.text, at: line.at }).collect()
}

fn receipts(folder: &Path) -> Vec<DockReceipt> {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let pdf = files.filter(|file| file.path().extension().is_some_and(|ending| ending == "pdf"));
    let mut receipts: Vec<DockReceipt> = pdf
        .filter_map(|file| {
            let meta = file.metadata().ok()?;
            let since = meta.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
            Some(DockReceipt {
                file: file.file_name().to_string_lossy().into_owned(),
                bytes: meta.len() as u32,
                at: since.as_millis() as i64,
            })
        })
        .collect();
    receipts.sort_by_key(|receipt| std::cmp::Reverse(receipt.at));
    receipts
}
