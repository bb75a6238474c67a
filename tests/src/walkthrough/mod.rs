//! The walkthrough: the main job, played on real windows online, then with every network cut, then online again.
//!
//! It leaves `report.json`, `ticket.bin`, `ticket.png`, `receipt.pdf`, `screens/*.png` and `evidence/` in its folder, the report also
//! when something went wrong.

mod collect;
mod counter;
mod dock;
mod kiosk;
mod play;
mod report;
mod shots;
mod stage;

pub use report::{Citizen, Report};
pub use stage::Programs;

use crate::fault::{Doing, Fault, Outcome};
use std::fs;
use std::path::{Path, PathBuf};

/// What to play with, and where to leave what it shows.
#[derive(Debug, Clone)]
pub struct Ask {
    /// The folder for what is left behind; what an earlier play left there is removed.
    pub out: PathBuf,
    /// The folder of the programs.
    pub programs: PathBuf,
}

/// Plays the job and writes the report.
///
/// # Errors
/// When the folder cannot be made or the report cannot be written. A play that went wrong is a report with a failure.
pub fn walk_through(ask: &Ask) -> Outcome<Report> {
    clear(&ask.out)?;
    let mut report = Report::default();
    let played = Programs::in_folder(&ask.programs).and_then(|programs| play::play(&programs, &ask.out, &mut report));
    let judged = played.and_then(|()| match report.gaps().as_slice() {
        [] => Ok(()),
        gaps => Err(Fault::new("the walkthrough", gaps.join("; "))),
    });
    report.failure = judged.err().map(|fault| fault.0);
    report.write(&ask.out.join("report.json"))?;
    Ok(report)
}

/// Removes what an earlier play left, and nothing else: the folder may be any.
fn clear(out: &Path) -> Outcome<()> {
    fs::create_dir_all(out).doing(format_args!("making {}", out.display()))?;
    for folder in ["screens", "evidence", "demo"] {
        let path = out.join(folder);
        if path.exists() {
            fs::remove_dir_all(&path).doing(format_args!("removing {}", path.display()))?;
        }
    }
    for file in ["report.json", "ticket.bin", "ticket.png", "receipt.pdf"] {
        let path = out.join(file);
        if path.exists() {
            fs::remove_file(&path).doing(format_args!("removing {}", path.display()))?;
        }
    }
    Ok(())
}
