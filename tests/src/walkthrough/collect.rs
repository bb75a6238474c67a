//! Gathers the evidence: what came out on paper, the receipts, the machines' files.

use crate::fault::{Doing, Outcome};
use rusqlite::{Connection, OpenFlags};
use std::fs;
use std::path::{Path, PathBuf};

/// Copies the picture of every page that came out of the printer, as the dock kept it. None was torn in this play: one that
/// cannot be read is a finding.
///
/// # Errors
/// When a file cannot be copied.
pub fn paper(dock: &Path, evidence: &Path) -> Outcome<()> {
    let folder = made(&evidence.join("paper"))?;
    for file in files_below(dock, "png") {
        copy(&file, &folder.join(file.file_name().unwrap_or_default()))?;
    }
    Ok(())
}

/// Copies the counter's receipts.
///
/// # Errors
/// When a file cannot be copied.
pub fn receipts(counter: &Path, evidence: &Path) -> Outcome<()> {
    let folder = made(&evidence.join("receipts"))?;
    for file in files_below(&counter.join("receipts"), "pdf") {
        copy(&file, &folder.join(file.file_name().unwrap_or_default()))?;
    }
    Ok(())
}

/// Copies the SQLite files of the centre and of every station that has one, each as one whole file.
///
/// # Errors
/// When the centre has none, or a file cannot be copied.
pub fn databases(demo: &Path, evidence: &Path) -> Outcome<()> {
    for (machine, file) in machines(demo) {
        let place =
            if machine == "central" { evidence.join("central") } else { evidence.join("stations").join(&machine) };
        let copy = made(&place)?.join("log.db");
        let db = Connection::open_with_flags(&file, OpenFlags::SQLITE_OPEN_READ_ONLY).doing(file.display())?;
        // Takes in what still stands in the write-ahead log.
        db.execute("VACUUM INTO ?1", [copy.to_string_lossy()]).doing(format_args!("copying {}", file.display()))?;
    }
    Ok(())
}

/// The stations' SQLite files, by the stations' names.
pub fn station_files(demo: &Path) -> Vec<(String, PathBuf)> {
    machines(demo).into_iter().filter(|(machine, _)| machine != "central").collect()
}

fn machines(demo: &Path) -> Vec<(String, PathBuf)> {
    let names = ["central", "kiosk", "counter", "board", "dock"];
    let file = |name: &&str| Some((name.to_string(), files_below(&demo.join(name), "db").into_iter().next()?));
    names.iter().filter_map(file).collect()
}

/// The bytes that the printer got for a page, where the dock kept them.
pub fn job_of(dock: &Path, page: u64) -> Option<PathBuf> {
    let is_job = |file: &PathBuf| {
        let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let digits: String =
            stem.chars().rev().take_while(char::is_ascii_digit).collect::<Vec<_>>().into_iter().rev().collect();
        digits.parse() == Ok(page)
    };
    files_below(dock, "bin").into_iter().find(is_job)
}

/// Copies a file.
///
/// # Errors
/// When it cannot be copied.
pub fn copy(from: &Path, to: &Path) -> Outcome<()> {
    fs::copy(from, to).map(drop).doing(format_args!("copying {} to {}", from.display(), to.display()))
}

/// Writes a file.
///
/// # Errors
/// When it cannot be written.
pub fn write(file: &Path, bytes: &[u8]) -> Outcome<()> {
    fs::write(file, bytes).doing(format_args!("writing {}", file.display()))
}

fn made(folder: &Path) -> Outcome<PathBuf> {
    fs::create_dir_all(folder).doing(format_args!("making {}", folder.display()))?;
    Ok(folder.to_owned())
}

/// All files with an ending in a folder and the folders in it, by name.
fn files_below(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return vec![] };
    let mut files = Vec::new();
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        if path.is_dir() {
            files.extend(files_below(&path, ending));
        } else if path.extension().is_some_and(|found| found == ending) {
            files.push(path);
        }
    }
    files.sort();
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_found_by_the_number_of_its_page() {
        let dock = tempfile::tempdir().unwrap();
        fs::create_dir(dock.path().join("pages")).unwrap();
        for name in ["ticket-0002.bin", "ticket-0012.bin", "ticket-0002.png"] {
            fs::write(dock.path().join("pages").join(name), b"x").unwrap();
        }
        assert!(job_of(dock.path(), 2).unwrap().ends_with("ticket-0002.bin"));
        assert_eq!(job_of(dock.path(), 3), None);
    }
}
