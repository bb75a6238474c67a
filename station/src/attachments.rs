//! `[attachments]` of the station's file: how much of the line scans may take, hour by hour of the civil day.

use hardware::RosterError;
use serde::{Deserialize, Serialize};
use sync::blob::budget::Budget;

const MEGABYTE: u64 = 1 << 20;
/// A day's scans of one station (docs/attachments.md) in two and a half hours.
const MB_PER_HOUR: u64 = 200;

/// `[attachments]` of the station's file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Attachments {
    /// Megabytes in each hour that `hours` does not name; zero: none is sent then.
    pub mb_per_hour: u64,
    /// Hours in which it is another.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hours: Vec<Hours>,
}

/// Some hours of the day.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hours {
    /// The first hour, from 0.
    pub from: u8,
    /// The hour before which they end, up to 24.
    pub to: u8,
    /// Megabytes in each of them.
    pub mb: u64,
}

impl Default for Attachments {
    fn default() -> Self {
        Self { mb_per_hour: MB_PER_HOUR, hours: Vec::new() }
    }
}

impl Attachments {
    /// Whether it is that of a file which says nothing.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// Bytes by hour.
    pub fn budget(&self) -> Budget {
        let at = |hour: usize| self.hours.iter().find(|part| part.holds(hour)).map_or(self.mb_per_hour, |part| part.mb);
        Budget(std::array::from_fn(|hour| at(hour).saturating_mul(MEGABYTE)))
    }

    /// Checks what the form alone does not tell.
    ///
    /// # Errors
    /// The line, and what to write instead.
    pub fn check(&self, text: &str) -> Result<(), RosterError> {
        for (at, part) in self.hours.iter().enumerate() {
            let Hours { from, to, .. } = *part;
            let mistake =
                |what: String, remedy: &str| RosterError { line: line_of(text, from), what, remedy: remedy.into() };
            if from >= to || to > 24 {
                let remedy = "Write from and to as hours of one day, such as { from = 7, to = 17, mb = 40 }; \
                              a night is two: { from = 20, to = 24, … } and { from = 0, to = 6, … }";
                return Err(mistake(format!("the hours from {from} to {to} are none of a day"), remedy));
            }
            if self.hours[..at].iter().any(|other| other.from < to && from < other.to) {
                let remedy = "Let each hour stand in one entry only";
                return Err(mistake(format!("the hours from {from} to {to} were named before"), remedy));
            }
        }
        Ok(())
    }
}

impl Hours {
    fn holds(&self, hour: usize) -> bool {
        (usize::from(self.from)..usize::from(self.to)).contains(&hour)
    }
}

/// The last line of the part that names this hour as a beginning; the part's own where none does.
fn line_of(text: &str, from: u8) -> usize {
    let beginning = format!("from={from}");
    let names = |line: &str| {
        let bare: String = line.chars().filter(|c| !c.is_whitespace()).collect();
        bare.match_indices(&beginning)
            .any(|(at, _)| !bare[at + beginning.len()..].starts_with(|c: char| c.is_ascii_digit()))
    };
    let mut lines = text.lines().enumerate().skip_while(|(_, line)| line.trim() != "[attachments]");
    let head = lines.next().map_or(0, |(at, _)| at);
    let within = lines.take_while(|(_, line)| !line.trim_start().starts_with('['));
    1 + within.filter(|(_, line)| names(line)).last().map_or(head, |(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Attachments {
        #[derive(Deserialize)]
        struct File {
            #[serde(default)]
            attachments: Attachments,
        }
        toml::from_str::<File>(text).unwrap().attachments
    }

    #[test]
    fn a_budget_is_by_hour_and_what_is_not_named_is_the_rest() {
        let parts = read(
            "[attachments]\nmb_per_hour = 500\nhours = [{ from = 7, to = 17, mb = 40 }, { from = 23, to = 24, mb = 0 }]",
        );
        assert_eq!(parts.check(""), Ok(()));
        let Budget(bytes) = parts.budget();
        assert_eq!((bytes[6], bytes[7], bytes[16], bytes[17]), (500 << 20, 40 << 20, 40 << 20, 500 << 20));
        assert_eq!(bytes[23], 0);
        assert_eq!(read("").budget(), Budget([200 << 20; 24]));
    }

    #[test]
    fn hours_that_are_none_or_named_twice_are_told_by_their_line() {
        let text = "[station]\n\n[attachments]\nhours = [\n  { from = 1, to = 6, mb = 9 },\n  { from = 17, to = 7, mb = 40 },\n]";
        let fault = read(text).check(text).unwrap_err();
        assert_eq!((fault.line, fault.what.as_str()), (6, "the hours from 17 to 7 are none of a day"));
        assert!(fault.remedy.contains("from = 20, to = 24"), "{}", fault.remedy);
        let text = text.replace("17, to = 7", "5, to = 25");
        assert_eq!(read(&text).check(&text).unwrap_err().line, 6);
        let text = text.replace("to = 25", "to = 7");
        let fault = read(&text).check(&text).unwrap_err();
        assert_eq!((fault.line, fault.what.as_str()), (6, "the hours from 5 to 7 were named before"));
        let text = "[attachments]\nhours = [{ from = 3, to = 3, mb = 1 }]";
        assert_eq!(read(text).check(text).unwrap_err().line, 2);
    }
}
