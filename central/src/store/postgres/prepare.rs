//! What a push costs before any row is held: signatures and chains, the digests of its events, the grants that fit and the
//! codes that its dossiers go by. On as many cores as there are.

use intake::ids::StationId;
use std::collections::BTreeMap;
use sync::Refusal;
use sync::checked::{Checked, check_all};
use sync::protocol::{SegmentWithGrants, StationCard};
use sync::wire::{Fixed, Hash};

/// Below so many packed bytes of a batch, starting a thread costs more than it saves.
const WORTH_A_THREAD: usize = 64 << 10;

/// A segment that is in order, and what its rows will hold.
pub(super) struct Prepared<'a> {
    pub(super) checked: Checked,
    /// The segment as it came.
    pub(super) bytes: &'a [u8],
    /// The BLAKE3 digest of each event's bytes.
    pub(super) digests: Vec<Hash>,
    /// What each event is about, in text.
    pub(super) subjects: Vec<String>,
    /// Codes, and the dossier that each names.
    pub(super) codes: BTreeMap<String, String>,
}

/// Checks segments and prepares their rows. `cards` holds those of the stations that the segments say they are of.
pub(super) fn prepare<'a>(
    pushes: &'a [SegmentWithGrants],
    cards: &BTreeMap<StationId, StationCard>,
) -> Vec<Result<Prepared<'a>, Refusal>> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let each = |part: &'a [SegmentWithGrants]| -> Vec<_> { part.iter().map(|push| prepare_one(push, cards)).collect() };
    let bytes: usize = pushes.iter().map(|push| push.segment.0.len()).sum();
    if pushes.len() < 2 || cores < 2 || bytes < WORTH_A_THREAD {
        return each(pushes);
    }
    std::thread::scope(|scope| {
        let parts = pushes.chunks(pushes.len().div_ceil(cores));
        let started: Vec<_> = parts.map(|part| (part, scope.spawn(move || each(part)))).collect();
        // A thread that could not end is no reason to refuse: its part is done here.
        started.into_iter().flat_map(|(part, thread)| thread.join().unwrap_or_else(|_| each(part))).collect()
    })
}

fn prepare_one<'a>(
    push: &'a SegmentWithGrants,
    cards: &BTreeMap<StationId, StationCard>,
) -> Result<Prepared<'a>, Refusal> {
    let checked =
        check_all(std::slice::from_ref(push), cards).pop().unwrap_or(Err(Refusal::malformed("no segment")))?;
    let digest = |bytes: &[u8]| Fixed(*blake3::hash(bytes).as_bytes());
    let digests = checked.events.iter().map(|(bytes, ..)| digest(bytes)).collect();
    let subjects: Vec<String> = checked.events.iter().map(|(_, record, _)| record.subject.to_string()).collect();
    let named = checked.events.iter().zip(&subjects).flat_map(|((_, record, _), subject)| {
        record.code_given().into_iter().map(|code| (code, subject.clone())).collect::<Vec<_>>()
    });
    let codes = named.collect();
    Ok(Prepared { bytes: &push.segment.0, digests, subjects, codes, checked })
}
