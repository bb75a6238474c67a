//! What the decrees set in numbers for the way of a dossier: dated data, for a decree is amended before software is.

use jiff::civil::{Date, Time};
use serde::{Deserialize, Serialize};

/// What a request for more papers does to the time limit.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SupplementClock {
    /// The whole limit counts anew from when the dossier is complete.
    Restart,
    /// The time in which the citizen was awaited does not count.
    Pause,
}

/// The rules from a day on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkflowRules {
    /// The first day.
    pub from: Date,
    /// What a supplement does to the time limit.
    pub supplement_clock: SupplementClock,
    /// How often papers may be asked for.
    pub supplements_at_most: u32,
    /// What was taken in by then goes to the competent authority on the same day.
    pub forward_until: Time,
    /// Within how many working days a dossier that is not eligible is sent back.
    pub return_notice_working_days: u16,
    /// How many days before the promised one an apology with a new day is due at the latest.
    pub apology_days_before: u16,
    /// How often a promise may be changed.
    pub reappointments_at_most: u32,
    /// Who says so.
    pub source: String,
    /// What is only assumed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assumption: Option<String>,
}

/// What is wrong with the rules.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RulesFault {
    /// Not the JSON of such rows.
    #[error("the rules of the workflow cannot be read: {0}")]
    Unreadable(String),
    /// There is no row.
    #[error("there are no rules of the workflow")]
    Empty,
    /// Two rows begin on one day.
    #[error("two rows of the workflow's rules begin on {0}")]
    Twice(Date),
}

/// The rules of all days.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Workflow(Vec<WorkflowRules>);

impl Workflow {
    /// Reads and checks the rows.
    ///
    /// # Errors
    /// They are not such rows, there is none, or two begin on one day.
    pub fn parse(json: &str) -> Result<Self, RulesFault> {
        let mut rows: Vec<WorkflowRules> =
            serde_json::from_str(json).map_err(|fault| RulesFault::Unreadable(fault.to_string()))?;
        rows.sort_by_key(|row| row.from);
        if rows.is_empty() {
            return Err(RulesFault::Empty);
        }
        match rows.windows(2).find(|pair| pair[0].from == pair[1].from) {
            Some(pair) => Err(RulesFault::Twice(pair[0].from)),
            None => Ok(Self(rows)),
        }
    }

    /// The rules that are built in.
    ///
    /// # Errors
    /// The data that is built in does not hold together.
    pub fn embedded() -> Result<Self, RulesFault> {
        Self::parse(include_str!("../../fixtures/workflow/rules.json"))
    }

    /// The rules on a day; before the first row, that row.
    pub fn on(&self, day: Date) -> &WorkflowRules {
        self.0.iter().rev().find(|row| row.from <= day).unwrap_or(&self.0[0])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn the_row_that_began_last_counts() {
        let workflow = Workflow::embedded().unwrap();
        assert!(workflow.on(date(2026, 11, 23)).source.contains("118/2025"));
        assert!(workflow.on(date(2025, 6, 30)).source.contains("61/2018"));
        assert!(workflow.on(date(2001, 1, 1)).source.contains("61/2018"));
    }

    #[test]
    fn rows_that_do_not_hold_together_are_named() {
        assert!(matches!(Workflow::parse("{}"), Err(RulesFault::Unreadable(_))));
        assert_eq!(Workflow::parse("[]"), Err(RulesFault::Empty));
        let row = serde_json::to_string(&Workflow::embedded().unwrap().0[0]).unwrap();
        let twice = format!("[{row},{row}]");
        assert_eq!(Workflow::parse(&twice), Err(RulesFault::Twice(date(2018, 6, 21))));
    }
}
