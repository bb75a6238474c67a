//! A whole read: open the chip, fetch the files, let the chip prove that it is no copy.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde::Serialize;
use zeroize::Zeroizing;

use super::access::{self, Access};
use super::apdu::{Command, StatusWord};
use super::chip_authentication;
use super::connection::CardConnection;
use super::exchange::{Exchange, ReadError};
use super::files::{self, Content};
use super::key::ChipKey;
use super::lds::{DataGroup, LdsFile, com, dg15};
use super::random::{Randomness, draw};
use super::security_infos::SecurityInfos;
use super::{active, random};

/// How large parts are in which files are fetched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PartSize {
    /// Large where the card says that it knows extended lengths, and the reader passes them on.
    #[default]
    Auto,
    /// What every reader can take.
    Short,
}

/// How a chip is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadOptions {
    /// How long the whole may take. PACE alone took seven seconds on some cards in the field.
    pub time: Duration,
    /// How long a card may take for one answer.
    pub patience: Duration,
    /// How large parts are.
    pub parts: PartSize,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self { time: Duration::from_secs(60), patience: Duration::from_secs(15), parts: PartSize::Auto }
    }
}

/// What is being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// The key is shown to the chip; this can take seconds.
    Opening,
    /// Files are fetched.
    Reading,
    /// The chip proves that it is no copy.
    Proving,
}

/// How far a read has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// What is being done.
    pub step: Step,
    /// Bytes of the present file that are there.
    pub done: usize,
    /// Bytes of the present file; zero when nothing is fetched.
    pub of: usize,
}

/// What became of a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", content = "why", rename_all = "snake_case")]
pub enum Proof {
    /// The chip proved it.
    Passed,
    /// It tried and was wrong, or refused: a copy.
    Failed,
    /// It was not asked, for this reason.
    NotDone(&'static str),
}

/// The chip's contents, before anything of them is believed. Files are wiped when this is dropped.
pub struct ChipContents {
    /// How it was opened.
    pub access: Access,
    /// Files by name.
    pub files: BTreeMap<LdsFile, Zeroizing<Vec<u8>>>,
    /// Files that the chip keeps to itself.
    pub protected: Vec<LdsFile>,
    /// Whether the chip signed what it could not know before.
    pub active: Proof,
    /// Whether the chip went on with a session under its own key.
    pub chip: Proof,
}

/// The files in the order in which they are fetched: the small ones first, so that a card that is taken away early has told most.
const GROUPS: [DataGroup; 5] = [DataGroup::DG14, DataGroup::DG15, DataGroup::DG1, DataGroup::DG13, DataGroup::DG2];

/// Reads everything that a chip lets be read.
///
/// # Errors
/// [`ReadError`]. A removed card is never a wrong key.
pub fn contents(
    exchange: &mut Exchange<'_>,
    key: &ChipKey,
    parts: PartSize,
    random: &mut dyn Randomness,
    told: &mut dyn FnMut(Progress),
) -> Result<ChipContents, ReadError> {
    told(Progress { step: Step::Opening, done: 0, of: 0 });
    let access = access::open(exchange, key, random)?;
    let not_yet = Proof::NotDone("not_asked");
    let mut contents =
        ChipContents { access, files: BTreeMap::new(), protected: Vec::new(), active: not_yet, chip: not_yet };
    let chunk = chunk(exchange, parts);
    contents.fetch(exchange, LdsFile::Com, chunk, told)?;
    contents.fetch(exchange, LdsFile::Sod, chunk, told)?;
    for group in contents.groups() {
        contents.fetch(exchange, LdsFile::Group(group), chunk, told)?;
    }
    told(Progress { step: Step::Proving, done: 0, of: 0 });
    contents.prove(exchange, random)?;
    Ok(contents)
}

fn chunk(exchange: &Exchange<'_>, parts: PartSize) -> usize {
    let extended = parts == PartSize::Auto && files::says_extended_length(exchange.answer_to_reset());
    if extended { files::LONG_CHUNK } else { files::SHORT_CHUNK }
}

impl ChipContents {
    /// The bytes of a file.
    #[must_use]
    pub fn file(&self, file: LdsFile) -> Option<&[u8]> {
        self.files.get(&file).map(|bytes| &bytes[..])
    }

    fn fetch(
        &mut self,
        exchange: &mut Exchange<'_>,
        file: LdsFile,
        chunk: usize,
        told: &mut dyn FnMut(Progress),
    ) -> Result<(), ReadError> {
        let id = u16::from_be_bytes(file.identifier());
        let mut progress = |done, of| told(Progress { step: Step::Reading, done, of });
        match files::read(exchange, id, chunk, &mut progress)? {
            Content::Present(bytes) => {
                self.files.insert(file, Zeroizing::new(bytes));
            }
            Content::Protected => self.protected.push(file),
            Content::Absent => {}
        }
        Ok(())
    }

    /// The groups to fetch: those of ours that EF.COM lists. A list that cannot be read leaves out nothing.
    fn groups(&self) -> Vec<DataGroup> {
        let listed = self.file(LdsFile::Com).and_then(|bytes| com::parse(bytes).ok());
        let is_listed = |group: &DataGroup| listed.as_ref().is_none_or(|com| com.groups.contains(group));
        GROUPS.into_iter().filter(is_listed).collect()
    }

    fn prove(&mut self, exchange: &mut Exchange<'_>, random: &mut dyn Randomness) -> Result<(), ReadError> {
        let infos = self.file(LdsFile::Group(DataGroup::DG14)).and_then(SecurityInfos::parse).unwrap_or_default();
        self.active = self.prove_by_signature(exchange, infos.active_hash_bytes, random)?;
        self.chip = prove_by_agreement(exchange, &infos, random)?;
        Ok(())
    }

    fn prove_by_signature(
        &self,
        exchange: &mut Exchange<'_>,
        hash_bytes: Option<usize>,
        random: &mut dyn Randomness,
    ) -> Result<Proof, ReadError> {
        let Some(dg15) = self.file(LdsFile::Group(DataGroup::DG15)) else {
            return Ok(Proof::NotDone("chip_has_no_key"));
        };
        let Ok(key) = dg15::parse(dg15) else { return Ok(Proof::NotDone("key_of_unknown_kind")) };
        let challenge = draw(random, 8)?;
        let response = exchange.send(&Command::new([0x00, 0x88, 0x00, 0x00], &challenge, Some(0x100)))?;
        let signed = response.status == StatusWord::OK;
        let right = signed && active::verifies(&key, &challenge, &response.data, hash_bytes);
        Ok(if right { Proof::Passed } else { Proof::Failed })
    }
}

/// The agreement, and one answer in the session that follows it.
fn prove_by_agreement(
    exchange: &mut Exchange<'_>,
    infos: &SecurityInfos,
    random: &mut dyn Randomness,
) -> Result<Proof, ReadError> {
    let Some(key) = infos.chip_keys.first() else { return Ok(Proof::NotDone("chip_has_no_key")) };
    let done = chip_authentication::agree(exchange, key, random)
        .and_then(|()| exchange.send(&Command::select_file(u16::from_be_bytes(LdsFile::Com.identifier()))));
    match done {
        Ok(_) => Ok(Proof::Passed),
        // A card that was lost proves nothing, and is no copy for it.
        Err(error @ (ReadError::Card(_) | ReadError::Chance(_))) => Err(error),
        Err(_) => Ok(Proof::Failed),
    }
}

/// Reads a chip with the system's randomness.
///
/// # Errors
/// As [`contents`].
pub fn read(
    card: &mut dyn CardConnection,
    key: &ChipKey,
    options: &ReadOptions,
    told: &mut dyn FnMut(Progress),
) -> super::report::ChipReport {
    let begun = Instant::now();
    let mut exchange = Exchange::new(card, begun + options.time, options.patience);
    let read = contents(&mut exchange, key, options.parts, &mut random::SystemRandomness, told);
    super::report::ChipReport::of(read, &exchange, begun)
}
