//! What a check works with: the device's bare line, the profile, and the person beside it.

use std::time::{Duration, Instant};

use super::{Outcome, Person, Step, Unmet};
use crate::address::Address;
use crate::printer::Profile;
use crate::transport::{self, Transport};

/// How long opening a line may take.
const OPEN_WITHIN: Duration = Duration::from_secs(3);
/// How long a device may take to answer before it counts as silent.
pub(super) const ANSWER_WITHIN: Duration = Duration::from_secs(2);

/// A device under test.
pub struct Bench<'a> {
    pub(super) address: Address,
    profile: Option<Profile>,
    person: Option<&'a mut dyn Person>,
    pub(super) hands_within: Duration,
    /// Whether a status check failed: the driver would not print then.
    pub(super) status_is_wrong: bool,
    /// Millimetres a second of the calibration page.
    pub(super) speed: Option<f64>,
}

impl<'a> Bench<'a> {
    pub(super) fn new(
        address: Address,
        profile: Option<Profile>,
        person: Option<&'a mut dyn Person>,
        hands_within: Duration,
    ) -> Self {
        Self { address, profile, person, hands_within, status_is_wrong: false, speed: None }
    }

    /// What the device claims.
    pub(super) fn profile(&self) -> Result<Profile, Unmet> {
        self.profile.clone().ok_or_else(|| Unmet::NotApplicable("no profile was named".to_owned()))
    }

    /// The profile, where it claims something.
    pub(super) fn claims(&self, claim: fn(&Profile) -> bool, what: &str) -> Result<Profile, Unmet> {
        let profile = self.profile()?;
        if claim(&profile) {
            Ok(profile)
        } else {
            Err(Unmet::NotApplicable(format!("profile {} does not claim {what}", profile.name)))
        }
    }

    /// Opens the line.
    pub(super) fn open(&self) -> Result<Raw, Unmet> {
        let line = transport::open(&self.address, Instant::now() + OPEN_WITHIN);
        line.map(|line| Raw { line })
            .map_err(|error| Unmet::Failed(format!("{} cannot be opened: {error}", self.address)))
    }

    /// Asks the person to do something.
    pub(super) fn please(&mut self, step: &Step) -> Result<(), Unmet> {
        let Some(person) = &mut self.person else {
            return Err(Unmet::NotApplicable("needs a person beside the device (--interactive)".to_owned()));
        };
        if person.please(step) { Ok(()) } else { Err(Unmet::Failed(format!("the person says no: {step:?}"))) }
    }
}

/// An open line, byte by byte.
pub(super) struct Raw {
    line: Box<dyn Transport>,
}

impl Raw {
    pub(super) fn send(&mut self, bytes: &[u8]) -> Result<(), String> {
        // Ten bits a byte at the line's speed, twice over.
        let time = self.line.baud().map_or(0.0, |baud| bytes.len() as f64 * 20.0 / f64::from(baud));
        let deadline = Instant::now() + ANSWER_WITHIN + Duration::from_secs_f64(time);
        self.line.write_all(bytes, deadline).map_err(|short| format!("{short}"))
    }

    /// Everything that arrives until it is enough, or time is up.
    pub(super) fn read(&mut self, within: Duration, enough: impl Fn(&[u8]) -> bool) -> Result<Vec<u8>, String> {
        let deadline = Instant::now() + within;
        let mut read = Vec::new();
        let mut buffer = [0; 512];
        while !enough(&read) && Instant::now() < deadline {
            let count = self.line.read_some(&mut buffer, deadline).map_err(|error| format!("{error}"))?;
            read.extend(&buffer[..count]);
        }
        Ok(read)
    }

    /// Sends a question and takes so many bytes of answer.
    pub(super) fn ask(&mut self, question: &[u8], count: usize) -> Result<Vec<u8>, String> {
        self.send(question)?;
        self.read(ANSWER_WITHIN, |read| read.len() >= count)
    }
}

/// Bytes as a person reads them.
pub(super) fn hex(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return "nothing".to_owned();
    }
    bytes.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(" ")
}

/// The middle of the times that a question takes to be answered.
pub(super) fn median_answer(times: usize, mut ask: impl FnMut() -> Result<(), String>) -> Result<Duration, String> {
    let mut took = Vec::new();
    for _ in 0..times {
        let began = Instant::now();
        ask()?;
        took.push(began.elapsed());
    }
    took.sort();
    took.get(times / 2).copied().ok_or_else(|| "never asked".to_owned())
}

/// The longest middle answer of a device that a person waits for.
const PROMPT: Duration = Duration::from_millis(250);

/// Whether answers are prompt.
pub(super) fn prompt(median: Duration) -> Outcome {
    let told = format!("median {} ms, at most {} ms", median.as_millis(), PROMPT.as_millis());
    if median <= PROMPT { Ok(told) } else { Err(Unmet::Failed(told)) }
}
