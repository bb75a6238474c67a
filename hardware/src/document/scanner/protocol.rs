//! What `scanimage` says: its list of devices, what a device can do (`-A`), and the lines of a scan under way. Pure; total.
//!
//! In batch mode an error may still end with exit code 0, so that its words count, and its exit code only where there are none.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::status::Fault;

/// SANE's status, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SaneStatus {
    /// 0
    Good,
    /// 1
    Unsupported,
    /// 2
    Cancelled,
    /// 3
    DeviceBusy,
    /// 4
    Invalid,
    /// 5: a page that ended well.
    EndOfFile,
    /// 6
    Jammed,
    /// 7
    NoDocuments,
    /// 8
    CoverOpen,
    /// 9
    IoError,
    /// 10
    NoMemory,
    /// 11
    AccessDenied,
}

/// Every status with the words that SANE has for it in the C locale, at the place of its number.
const STATUSES: [(SaneStatus, &str); 12] = [
    (SaneStatus::Good, "Success"),
    (SaneStatus::Unsupported, "Operation not supported"),
    (SaneStatus::Cancelled, "Operation was canceled"),
    (SaneStatus::DeviceBusy, "Device busy"),
    (SaneStatus::Invalid, "Invalid argument"),
    (SaneStatus::EndOfFile, "End of file reached"),
    (SaneStatus::Jammed, "Document feeder jammed"),
    (SaneStatus::NoDocuments, "Document feeder out of documents"),
    (SaneStatus::CoverOpen, "Scanner cover is open"),
    (SaneStatus::IoError, "Error during device I/O"),
    (SaneStatus::NoMemory, "Out of memory"),
    (SaneStatus::AccessDenied, "Access to resource has been denied"),
];

impl SaneStatus {
    /// The status of a number, as in an exit code.
    #[must_use]
    pub fn of_number(number: u32) -> Option<Self> {
        STATUSES.get(usize::try_from(number).ok()?).map(|(status, _)| *status)
    }

    fn of_words(words: &str) -> Option<Self> {
        STATUSES.iter().find(|(_, known)| words.eq_ignore_ascii_case(known)).map(|(status, _)| *status)
    }

    /// The fault of a scan that ended so; none where a page ends so.
    #[must_use]
    pub const fn fault(self) -> Option<Fault> {
        Some(match self {
            Self::Good | Self::EndOfFile => return None,
            Self::DeviceBusy => Fault::DocumentScannerBusy,
            Self::Jammed => Fault::DocumentScannerJam,
            Self::NoDocuments => Fault::DocumentScannerEmpty,
            Self::CoverOpen => Fault::DocumentScannerCoverOpen,
            Self::AccessDenied => Fault::DocumentScannerDenied,
            Self::Unsupported | Self::Invalid => Fault::DocumentScannerOption,
            Self::Cancelled | Self::IoError | Self::NoMemory => Fault::DocumentScannerFailed,
        })
    }
}

/// A line of a scan under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// A page begins; the number is scanimage's own.
    Started(u32),
    /// So much of the page is read.
    Progress(u8),
    /// A page ended with this status; a good one with [`SaneStatus::EndOfFile`].
    Ended(SaneStatus),
    /// Something failed.
    Failed(Fault),
}

/// What a line of scanimage's standard error says, where it says something that counts.
#[must_use]
pub fn word(line: &str) -> Option<Word> {
    let line = line.trim();
    if let Some(percent) = line.strip_prefix("Progress: ") {
        let whole: u8 = percent.split(['.', '%']).next()?.parse().ok()?;
        return Some(Word::Progress(whole.min(100)));
    }
    if let Some(number) = line.strip_prefix("Scanning page ") {
        return number.trim().parse().ok().map(Word::Started);
    }
    if let Some(rest) = line.strip_prefix("Scanned page ") {
        let (_, status) = rest.split_once("(scanner status = ")?;
        return status.trim_end_matches(')').parse().ok().and_then(SaneStatus::of_number).map(Word::Ended);
    }
    complaint(line.split_once(": ")?.1).map(Word::Failed)
}

/// What a complaint, without the program's name before it, means.
fn complaint(text: &str) -> Option<Fault> {
    const OPTION: [&str; 5] =
        ["unrecognized option", "setting of option", "attempted to set", "option ", "ambiguous option"];
    if text.starts_with("no SANE devices found") {
        return Some(Fault::DocumentScannerAbsent);
    }
    let status = text.rsplit_once(": ").and_then(|(_, words)| SaneStatus::of_words(words));
    if text.starts_with("open of device") {
        // A device that is not there is an invalid argument to SANE.
        return Some(match status {
            Some(SaneStatus::DeviceBusy) => Fault::DocumentScannerBusy,
            Some(SaneStatus::AccessDenied) => Fault::DocumentScannerDenied,
            _ => Fault::DocumentScannerAbsent,
        });
    }
    if OPTION.iter().any(|begin| text.starts_with(begin)) {
        return Some(Fault::DocumentScannerOption);
    }
    status.and_then(SaneStatus::fault)
}

/// A scanner that SANE found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FoundScanner {
    /// Its name, such as `test:0`; the address is `sane:` and this.
    pub device: String,
    /// Who made it.
    pub maker: String,
    /// Its model.
    pub model: String,
    /// What SANE calls its kind.
    pub kind: String,
}

/// The format of a list that [`found`] reads.
pub const LIST_FORMAT: &str = "%d\t%v\t%m\t%t%n";

/// The scanners of a list in [`LIST_FORMAT`].
#[must_use]
pub fn found(list: &str) -> Vec<FoundScanner> {
    let scanner = |line: &str| match line.split('\t').collect::<Vec<_>>()[..] {
        [device, maker, model, kind] if !device.is_empty() => Some(FoundScanner {
            device: device.to_owned(),
            maker: maker.to_owned(),
            model: model.to_owned(),
            kind: kind.to_owned(),
        }),
        _ => None,
    };
    list.lines().filter_map(scanner).collect()
}

/// Which values an option takes.
#[derive(Clone, Debug, PartialEq)]
pub enum Constraint {
    /// From `low` to `high`.
    Range {
        /// The least.
        low: f64,
        /// The greatest.
        high: f64,
    },
    /// One of these.
    List(Vec<String>),
    /// Whatever it is, or nothing.
    Any,
}

impl Constraint {
    /// Whether a number is among the values.
    #[must_use]
    pub fn takes(&self, number: f64) -> bool {
        match self {
            Self::Range { low, high } => (*low..=*high).contains(&number),
            Self::List(values) => values.iter().any(|value| value.parse() == Ok(number)),
            Self::Any => true,
        }
    }

    /// The greatest number of a range.
    #[must_use]
    pub fn most(&self) -> Option<f64> {
        match self {
            Self::Range { high, .. } => Some(*high),
            Self::List(values) => values.iter().filter_map(|value| value.parse::<f64>().ok()).reduce(f64::max),
            Self::Any => None,
        }
    }

    fn parse(text: &str) -> Self {
        let text = text.trim();
        let first = text.split(" (in steps").next().unwrap_or(text);
        if let Some((low, high)) = first.split_once("..")
            && let (Ok(low), Ok(high)) = (without_unit(low).parse(), without_unit(high).parse())
        {
            return Self::Range { low, high };
        }
        if first.is_empty() || first.starts_with('<') || first.starts_with('[') {
            return Self::Any;
        }
        let values = first.split('|').map(|value| {
            let bare = without_unit(value);
            // A unit is only cut off a number: a source may end with the letters of one.
            if bare.parse::<f64>().is_ok() { bare.to_owned() } else { value.to_owned() }
        });
        Self::List(values.collect())
    }
}

fn without_unit(text: &str) -> &str {
    let text = text.trim();
    ["dpi", "mm", "us", "pel", "bit", "%"].iter().find_map(|unit| text.strip_suffix(unit)).unwrap_or(text)
}

/// What a device can do: its options by name without hyphens, those that can be set now and those that another option must wake.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Capabilities {
    options: BTreeMap<String, Constraint>,
    asleep: BTreeSet<String>,
}

impl Capabilities {
    /// Reads what `scanimage -A` tells.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let (mut options, mut asleep) = (BTreeMap::new(), BTreeSet::new());
        for (name, values) in text.lines().filter_map(option) {
            if values.ends_with("[inactive]") || values.ends_with("[read-only]") {
                asleep.insert(name.to_owned());
            } else {
                let values = values.rsplit_once(" [").map_or(values, |(before, _)| before);
                options.insert(name.to_owned(), Constraint::parse(values));
            }
        }
        Self { options, asleep }
    }

    /// Whether the device has an option, even if it cannot be set before another.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.options.contains_key(name) || self.asleep.contains(name)
    }

    /// The values of an option; none when the device has no such option, or not now.
    #[must_use]
    pub fn option(&self, name: &str) -> Option<&Constraint> {
        self.options.get(name)
    }

    /// The value of a list that satisfies `fits`, which is handed it in small letters.
    #[must_use]
    pub fn value(&self, name: &str, fits: impl Fn(&str) -> bool) -> Option<&str> {
        match self.option(name)? {
            Constraint::List(values) => {
                values.iter().find(|value| fits(&value.to_ascii_lowercase())).map(String::as_str)
            }
            _ => None,
        }
    }
}

/// The name and what stands behind it in `    --mode Gray|Color [Gray]` or `    -x 0..200mm (in steps of 1) [80]`; none for prose.
fn option(line: &str) -> Option<(&str, &str)> {
    let rest = line.strip_prefix("    -")?;
    let rest = rest.strip_prefix('-').unwrap_or(rest);
    let (name, values) = rest.split_at(rest.find([' ', '[']).unwrap_or(rest.len()));
    (!name.is_empty() && !name.starts_with('-')).then(|| (name, values.trim()))
}

/// Cuts a stream into lines at CR and LF; what is longer than 4 kB is cut there.
#[derive(Clone, Debug, Default)]
pub struct LineCutter {
    waiting: Vec<u8>,
}

impl LineCutter {
    const LONGEST: usize = 4096;

    /// Takes bytes as they arrive; gives the lines that they complete, without empty ones.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<String> {
        bytes.iter().filter_map(|byte| self.push_byte(*byte)).collect()
    }

    /// What waits for its end.
    pub fn end(&mut self) -> Option<String> {
        let line = std::mem::take(&mut self.waiting);
        (!line.is_empty()).then(|| String::from_utf8_lossy(&line).into_owned())
    }

    fn push_byte(&mut self, byte: u8) -> Option<String> {
        if matches!(byte, b'\r' | b'\n') {
            return self.end();
        }
        self.waiting.push(byte);
        if self.waiting.len() >= Self::LONGEST { self.end() } else { None }
    }
}

#[cfg(test)]
#[path = "protocol_tests.rs"]
mod tests;
