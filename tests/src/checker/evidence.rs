//! Evidence: what lies in the folder, read and not yet judged.

use super::book::Book;
use super::{paper, tables};
use crate::fault::{Doing, Fault, Outcome};
use crate::vietnam::Civil;
use std::fs;
use std::path::{Path, PathBuf};

/// All that there is to compare.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// The centre's file.
    pub centre: Book,
    /// The stations' files.
    pub stations: Vec<Book>,
    /// Pages that came out of ticket printers.
    pub papers: Vec<Paper>,
    /// Receipts.
    pub receipts: Vec<Receipt>,
}

/// A page that came out of a ticket printer.
#[derive(Clone, Debug)]
pub struct Paper {
    /// Its file's name.
    pub name: String,
    /// What its QR codes say.
    pub qr_texts: Vec<String>,
}

/// A receipt (Giấy tiếp nhận hồ sơ và hẹn trả kết quả).
#[derive(Clone, Debug)]
pub struct Receipt {
    /// Its file's name.
    pub name: String,
    /// BLAKE3 of the file, in hexadecimal.
    pub hash: String,
    /// The text on its pages.
    pub text: String,
    /// What its QR codes say.
    pub qr_texts: Vec<String>,
}

impl Evidence {
    /// Reads a folder.
    ///
    /// # Errors
    /// When the centre's file or every station's is missing or cannot be read, or a tool is not there.
    pub fn read(folder: &Path) -> Outcome<Self> {
        let centre = database(&folder.join("central"))?;
        let mut stations = Vec::new();
        for station in entries(&folder.join("stations"))? {
            stations.push(tables::read(&file_name(&station), &database(&station)?)?);
        }
        if stations.is_empty() {
            return Err(Fault::new("evidence", "no station's file"));
        }
        Ok(Self {
            centre: tables::read("centre", &centre)?,
            stations,
            papers: with_ending(&folder.join("paper"), "png")?
                .iter()
                .map(|file| Paper::read(file))
                .collect::<Outcome<_>>()?,
            receipts: with_ending(&folder.join("receipts"), "pdf")?
                .iter()
                .map(|file| Receipt::read(file))
                .collect::<Outcome<_>>()?,
        })
    }
}

impl Paper {
    fn read(file: &Path) -> Outcome<Self> {
        Ok(Self { name: file_name(file), qr_texts: paper::qr_texts(file)? })
    }

    /// Whether the page was torn off before it was cut, which its file's name tells.
    pub fn is_torn(&self) -> bool {
        self.name.contains("torn")
    }
}

impl Receipt {
    fn read(file: &Path) -> Outcome<Self> {
        let bytes = fs::read(file).doing(format_args!("reading {}", file.display()))?;
        // A file that is no PDF any more is evidence too: nothing can be read in it.
        let text = paper::pdf_text(file).unwrap_or_default();
        let scratch = tempfile::tempdir().doing("a scratch folder")?;
        let qr_texts = paper::pdf_qr_texts(file, scratch.path()).unwrap_or_default();
        Ok(Self { name: file_name(file), hash: blake3::hash(&bytes).to_string(), text, qr_texts })
    }

    /// Whether it is the receipt of the dossier with this code.
    pub fn tells(&self, code: &str) -> bool {
        let borders = |text: &str, at: usize| {
            let around = [text[..at].chars().next_back(), text[at + code.len()..].chars().next()];
            around.iter().flatten().all(|char| !char.is_alphanumeric())
        };
        !code.is_empty() && self.text.match_indices(code).any(|(at, _)| borders(&self.text, at))
    }

    /// Whether it promises the result at `due_ms`, to the minute; `None` asks for nothing.
    ///
    /// # Errors
    /// When the paper says something else, naming what was looked for.
    pub fn promises(&self, due_ms: Option<i64>) -> Outcome<()> {
        let Some(due_ms) = due_ms else { return Ok(()) };
        let forms = due_forms(due_ms);
        let text = self.text.split_whitespace().collect::<Vec<_>>().join(" ");
        if forms.iter().any(|form| text.contains(form)) {
            Ok(())
        } else {
            Err(Fault::new("it does not promise", forms.join(" / ")))
        }
    }
}

/// The ways in which a form writes a time.
fn due_forms(due_ms: i64) -> [String; 4] {
    let Civil { year, month, day, hour, minute, .. } = Civil::at(due_ms);
    [
        format!("{hour:02} giờ {minute:02} phút, ngày {day:02} tháng {month:02} năm {year}"),
        format!("{hour:02} giờ {minute:02} phút ngày {day:02} tháng {month:02} năm {year}"),
        format!("{hour:02}:{minute:02}, {day:02}/{month:02}/{year}"),
        format!("{hour:02}:{minute:02} {day:02}/{month:02}/{year}"),
    ]
}

fn database(folder: &Path) -> Outcome<PathBuf> {
    let found = with_ending(folder, "db")?.into_iter().next();
    found.ok_or_else(|| Fault::new(folder.display(), "no SQLite file (*.db)"))
}

fn with_ending(folder: &Path, ending: &str) -> Outcome<Vec<PathBuf>> {
    let all = entries(folder)?;
    Ok(all.into_iter().filter(|file| file.extension().is_some_and(|found| found == ending)).collect())
}

/// What is in a folder, by name; nothing when there is no such folder.
fn entries(folder: &Path) -> Outcome<Vec<PathBuf>> {
    if !folder.exists() {
        return Ok(vec![]);
    }
    let entries = fs::read_dir(folder).doing(format_args!("reading {}", folder.display()))?;
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    Ok(paths)
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_promise_is_compared_to_the_minute() {
        // 2026-11-26 16:30 in Vietnam.
        let due_ms = 1_795_685_400_000;
        let receipt =
            |text: &str| Receipt { name: String::new(), hash: String::new(), text: text.into(), qr_texts: vec![] };
        assert_eq!(receipt("trả: 16 giờ 30 phút,\n   ngày 26 tháng 11 năm 2026").promises(Some(due_ms)), Ok(()));
        assert!(receipt("trả: 16 giờ 31 phút, ngày 26 tháng 11 năm 2026").promises(Some(due_ms)).is_err());
        assert_eq!(receipt("").promises(None), Ok(()));
    }

    #[test]
    fn a_code_is_found_whole_or_not_at_all() {
        let receipt = Receipt {
            name: String::new(),
            hash: String::new(),
            text: "Mã hồ sơ: H26.1-261123-00012.".into(),
            qr_texts: vec![],
        };
        assert!(receipt.tells("H26.1-261123-00012"));
        assert!(!receipt.tells("H26.1-261123-0001"));
    }
}
