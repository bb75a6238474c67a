//! What is left behind: paper, receipts, the machines' files; judged by the checker, which shares no code with the system.

use crate::centre::{Centre, PATIENCE};
use crate::hall::Hall;
use crate::process::verify;
use ciborium::Value;
use hardware::emulator::EmulatedPrinter;
use rusqlite::{Connection, OpenFlags};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use tests::checker::{self, Verdict};
use tests::fault::wait_for;

/// A folder of evidence.
pub struct Evidence {
    pub folder: PathBuf,
    pages: usize,
}

impl Evidence {
    /// An empty one.
    pub fn new(folder: PathBuf) -> Self {
        fs::create_dir_all(folder.join("paper")).unwrap();
        Self { folder, pages: 0 }
    }

    /// Takes what lies in the printer's tray; gives the codes on it. A slip with no readable code is a torn one.
    pub fn collect(&mut self, printer: &EmulatedPrinter) -> Vec<String> {
        let mut codes = Vec::new();
        for page in printer.take_pages().into_iter().filter(|page| !page.blank) {
            self.pages += 1;
            let file = self.folder.join("paper").join(format!("page-{:04}.png", self.pages));
            fs::write(&file, &page.png).unwrap();
            match checker::paper::qr_texts(&file).unwrap().into_iter().next() {
                Some(code) => codes.push(code),
                None => fs::rename(&file, file.with_extension("torn.png")).unwrap(),
            }
        }
        codes
    }
}

/// Waits until the centre has everything, ends the stations, and judges. `verify` of each store must be clean.
pub fn judge(hall: &mut Hall) -> Verdict {
    let files = ["kiosk", "counter"].map(|role| hall.centre.station(role).join("log.db"));
    for (post, file) in [&mut hall.kiosk, &mut hall.counter].into_iter().zip(&files) {
        drop(post.killer());
        let waiting =
            wait_for("the centre's receipt", PATIENCE, || Ok((checker::without_receipt(file)? == 0).then_some(())));
        waiting.unwrap_or_else(|fault| panic!("{}: {fault}", file.display()));
        post.stop();
        verify(&post.folder).unwrap_or_else(|difference| panic!("{}: {difference}", post.folder.display()));
    }
    hall.evidence.collect(&hall.centre.printer);
    gather(&hall.centre, &hall.evidence.folder);
    once_a_job(&hall.evidence.folder.join("central").join("log.db"));
    checker::check(&hall.evidence.folder).unwrap()
}

/// Copies files and receipts.
pub fn gather(centre: &Centre, evidence: &Path) {
    copy(&centre.station("central").join("central.db"), &evidence.join("central"));
    for role in ["kiosk", "counter"] {
        copy(&centre.station(role).join("log.db"), &evidence.join("stations").join(role));
    }
    let receipts = evidence.join("receipts");
    fs::create_dir_all(&receipts).unwrap();
    for file in fs::read_dir(centre.station("counter").join("receipts")).into_iter().flatten().flatten() {
        if file.path().extension().is_some_and(|ending| ending == "pdf") {
            fs::copy(file.path(), receipts.join(file.file_name())).unwrap();
        }
    }
}

fn copy(file: &Path, folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    let db = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    // Takes in what still stands in the write-ahead log.
    db.execute("VACUUM INTO ?1", [folder.join("log.db").to_string_lossy()]).unwrap();
}

/// A paper's fate is told once, a receipt is written once: no job stands in two events of a kind.
pub fn once_a_job(file: &Path) {
    let mut seen: BTreeMap<(String, Vec<u8>), usize> = BTreeMap::new();
    for (kind, body) in events(file).into_iter().filter(|(kind, _)| kind == "PaperReported" || kind == "SlipMade") {
        let job = field(&body, "job").and_then(|job| job.as_bytes().cloned());
        *seen.entry((kind, job.expect("a job"))).or_default() += 1;
    }
    for ((kind, _), count) in seen {
        assert_eq!(count, 1, "{count} {kind} of one job");
    }
}

/// Every event of a file: its kind and its open part.
pub fn events(file: &Path) -> Vec<(String, Value)> {
    let db = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let mut select = db.prepare("SELECT kind, bytes FROM event ORDER BY row").unwrap();
    let rows = select.query_map([], |row| Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?))).unwrap();
    let body = |bytes: &[u8]| {
        let form: Value = ciborium::from_reader(bytes).unwrap();
        ciborium::from_reader(form.as_array().unwrap()[9].as_bytes().unwrap().as_slice()).unwrap()
    };
    rows.map(Result::unwrap).map(|(kind, bytes): (String, Vec<u8>)| (kind, body(&bytes))).collect()
}

/// A field of an event's open part.
pub fn field<'a>(body: &'a Value, name: &str) -> Option<&'a Value> {
    body.as_map()?.iter().find(|(key, _)| key.as_text() == Some(name)).map(|(_, value)| value)
}
