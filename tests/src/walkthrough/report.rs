//! What the walkthrough leaves behind for whoever asks whether the main job runs.

use crate::checker::Finding;
use crate::fault::{Doing, Outcome};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

/// `report.json`. Numbers of events count each event once, whatever the streams that it stands in.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Report {
    /// Why it stopped, when it did.
    pub failure: Option<String>,
    /// The first citizen's number.
    pub ticket_number: String,
    /// The first citizen's dossier code.
    pub dossier_code: String,
    /// When the first citizen's result is promised, in Vietnam's time.
    pub due_at: String,
    /// Events that the stations wrote.
    pub events_station: usize,
    /// The stations' events that the centre holds.
    pub events_central: usize,
    /// What is missing, by the independent checker.
    pub lost: Option<usize>,
    /// What is there twice, by the independent checker.
    pub doubled: Option<usize>,
    /// What else the checker found.
    pub findings: Vec<Finding>,
    /// How long every network was down.
    pub offline_minutes: f64,
    /// How many keys an intake of a scanned card, three papers and cash took, from the call to the receipt.
    pub keys_of_an_intake: usize,
    /// How many times an app was ended with SIGKILL.
    pub kills: u32,
    /// Milliseconds of each step, in the order of the play.
    pub steps: BTreeMap<String, u64>,
    /// What each citizen went home with.
    pub citizens: Vec<Citizen>,
}

/// What a citizen went home with. No names: the report may be shown to anyone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Citizen {
    /// What is special about them.
    pub who: String,
    /// What they came for.
    pub procedure: String,
    /// Whether every network was down.
    pub offline: bool,
    /// The number on the ticket.
    pub number: String,
    /// The dossier's code.
    pub code: String,
    /// When the result is promised, where it is.
    pub due_at: Option<String>,
    /// The receipt's file, where there is one.
    pub receipt: Option<String>,
    /// What the public look-up says at the end.
    pub status: Option<u64>,
}

impl Report {
    /// Does a step and notes how long it took, with its place in the play.
    ///
    /// # Errors
    /// The step's, with its name before it.
    pub fn step<T>(&mut self, name: &str, step: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
        let place = format!("{:02}_{name}", self.steps.len() + 1);
        eprintln!("  {place}");
        let start = Instant::now();
        let done = step().doing(name);
        self.steps.insert(place, u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX));
        done
    }

    /// Writes it.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, file: &Path) -> Outcome<()> {
        let text = serde_json::to_string_pretty(self).doing("writing the report")?;
        std::fs::write(file, text).doing(format_args!("writing {}", file.display()))
    }

    /// What is missing in a report of a walkthrough that says it went well.
    pub fn gaps(&self) -> Vec<&'static str> {
        let checks = [
            (self.ticket_number.is_empty(), "no ticket number"),
            (self.dossier_code.is_empty(), "no dossier code"),
            (self.due_at.is_empty(), "no due date"),
            (self.events_station == 0, "no events at the stations"),
            (self.events_station != self.events_central, "the centre holds another number of events than the stations"),
            (self.lost != Some(0), "something was lost"),
            (self.doubled != Some(0), "something was doubled"),
            (!self.findings.is_empty(), "the checker found something"),
            (self.offline_minutes <= 0.0, "no time without network"),
            (self.kills == 0, "nothing was killed"),
            (self.citizens.iter().filter(|citizen| citizen.offline).count() < 3, "fewer than three citizens offline"),
            (self.citizens.iter().any(|citizen| citizen.code.is_empty()), "a citizen without a dossier"),
        ];
        checks.iter().filter(|(wrong, _)| *wrong).map(|(_, what)| *what).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::Fault;

    #[test]
    fn steps_keep_their_order_and_their_names() {
        let mut report = Report::default();
        report.step("b", || Ok(())).unwrap();
        report.step("a", || Ok(())).unwrap();
        let fault = report.step("d", || Err::<(), _>(Fault("no".into()))).unwrap_err();
        assert_eq!(fault.0, "d: no");
        assert_eq!(report.steps.keys().map(String::as_str).collect::<Vec<_>>(), ["01_b", "02_a", "03_d"]);
    }

    #[test]
    fn an_empty_report_is_full_of_gaps() {
        assert!(Report::default().gaps().len() > 8);
    }
}
