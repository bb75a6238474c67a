//! Frames: how batches travel. `"MCFR" version(2)`, then frames of `kind(1) length(4) payload`, and an end frame, so that
//! whoever reads knows whether all has come. Whole frames of bytes that were cut are good: the rest is asked for again.

use crate::Refusal;
use crate::grant::{Grant, KeyId};
use crate::protocol::{PullAnswer, SegmentOutcome, SegmentWithGrants, WrappedKey};
use crate::segment::MAX_SEGMENT_BYTES;
use crate::wire::{Bytes, Fixed, from_cbor, to_cbor};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The version of the framing.
pub const FRAME_VERSION: u8 = 2;
/// The largest payload: a segment with the grants of its events.
pub const MAX_FRAME_BYTES: usize = MAX_SEGMENT_BYTES + (2 << 20);

const MAGIC: &[u8; 4] = b"MCFR";
/// Of a kind that is not known here a frame with this bit may be left out; without it the bytes are refused.
const SKIPPABLE: u8 = 0x80;
const END: u8 = 0;
const SEGMENT: u8 = 1;
const OUTCOME: u8 = 2;
const HEAD: u8 = 3;

/// The frames of some bytes: those that came whole, and whether the end came too.
#[derive(Debug)]
pub struct Frames<'a> {
    frames: Vec<(u8, &'a [u8])>,
    /// The end frame was seen.
    pub complete: bool,
}

/// Grants, with each group's name and epoch said once, and each key once. Whose a key is, the segment's events say.
#[derive(Serialize, Deserialize)]
struct GrantTable(Vec<(String, u32)>, Vec<(KeyId, Vec<Wrapped>)>);

/// A group's place in the table, and `enc || wrapped`.
type Wrapped = (u16, Bytes);

/// Starts a body.
fn begin() -> Vec<u8> {
    [MAGIC.as_slice(), &[FRAME_VERSION]].concat()
}

fn put(body: &mut Vec<u8>, kind: u8, payload: &[u8]) {
    body.push(kind);
    // A payload is bounded by what it holds: a segment of 1 MiB, or a small message.
    body.extend_from_slice(&(payload.len() as u32).to_be_bytes());
    body.extend_from_slice(payload);
}

/// A push: segments in order.
pub fn encode_push(segments: &[SegmentWithGrants]) -> Vec<u8> {
    let mut body = begin();
    segments.iter().for_each(|segment| put(&mut body, SEGMENT, &segment_payload(segment)));
    put(&mut body, END, &[]);
    body
}

/// The segments of a push. Those that came whole before a cut are given, and whether all came.
///
/// # Errors
/// [`Refusal::BadMagic`], [`Refusal::Version`], [`Refusal::TooLarge`], [`Refusal::Malformed`].
pub fn decode_push(bytes: &[u8]) -> Result<(Vec<SegmentWithGrants>, bool), Refusal> {
    let frames = Frames::parse(bytes)?;
    let segments = frames.of(SEGMENT).map(segment_of).collect::<Result<_, _>>()?;
    Ok((segments, frames.complete))
}

/// What became of each segment of a push, in order.
pub fn encode_outcomes(outcomes: &[SegmentOutcome]) -> Vec<u8> {
    let mut body = begin();
    outcomes.iter().for_each(|outcome| put(&mut body, OUTCOME, &to_cbor(outcome)));
    put(&mut body, END, &[]);
    body
}

/// The outcomes that came whole.
///
/// # Errors
/// See [`decode_push`].
pub fn decode_outcomes(bytes: &[u8]) -> Result<Vec<SegmentOutcome>, Refusal> {
    Frames::parse(bytes)?.of(OUTCOME).map(from_cbor).collect()
}

/// The answer to a pull: what is not segments first, then segment by segment.
pub fn encode_pull(answer: &PullAnswer) -> Vec<u8> {
    let mut body = begin();
    put(&mut body, HEAD, &to_cbor(&answer.clone_without_segments()));
    answer.segments.iter().for_each(|segment| put(&mut body, SEGMENT, &segment_payload(segment)));
    put(&mut body, END, &[]);
    body
}

/// An answer to a pull, as far as it came whole; one that was cut says that there is more.
///
/// # Errors
/// See [`decode_push`]; [`Refusal::Truncated`] when not even the head came.
pub fn decode_pull(bytes: &[u8]) -> Result<PullAnswer, Refusal> {
    let frames = Frames::parse(bytes)?;
    let mut answer: PullAnswer = from_cbor(frames.of(HEAD).next().ok_or(Refusal::Truncated)?)?;
    answer.segments = frames.of(SEGMENT).map(segment_of).collect::<Result<_, _>>()?;
    answer.more |= !frames.complete;
    Ok(answer)
}

impl<'a> Frames<'a> {
    /// Takes bytes apart. A cut is no fault: what came whole is given.
    ///
    /// # Errors
    /// [`Refusal::BadMagic`], [`Refusal::Version`]; [`Refusal::TooLarge`] for a frame beyond [`MAX_FRAME_BYTES`];
    /// [`Refusal::Malformed`] for a kind that must be known and is not, and for bytes after the end.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Refusal> {
        let mut rest = after_magic(bytes)?;
        let mut frames = Vec::new();
        while let Some((&kind, after)) = rest.split_first() {
            let Some((length, after)) = after.split_first_chunk::<4>() else { break };
            let length = u32::from_be_bytes(*length) as usize;
            if length > MAX_FRAME_BYTES {
                return Err(Refusal::TooLarge { what: "frame".into(), limit_bytes: MAX_FRAME_BYTES as u64 });
            }
            if !matches!(kind, END | SEGMENT | OUTCOME | HEAD) && kind & SKIPPABLE == 0 {
                return Err(Refusal::malformed(format!("a frame of kind {kind}")));
            }
            let Some((payload, after)) = after.split_at_checked(length) else { break };
            if kind == END {
                return if after.is_empty() && length == 0 {
                    Ok(Self { frames, complete: true })
                } else {
                    Err(Refusal::malformed("bytes after the end"))
                };
            }
            frames.push((kind, payload));
            rest = after;
        }
        Ok(Self { frames, complete: false })
    }

    fn of(&self, wanted: u8) -> impl Iterator<Item = &'a [u8]> {
        self.frames.iter().filter(move |(kind, _)| *kind == wanted).map(|(_, payload)| *payload)
    }
}

fn after_magic(bytes: &[u8]) -> Result<&[u8], Refusal> {
    let cut = &bytes[..bytes.len().min(MAGIC.len())];
    if !MAGIC.starts_with(cut) {
        return Err(Refusal::BadMagic);
    }
    match bytes.get(MAGIC.len()) {
        None => Err(Refusal::Truncated),
        Some(&FRAME_VERSION) => Ok(&bytes[MAGIC.len() + 1..]),
        Some(&got) => Err(Refusal::Version { got: got.into() }),
    }
}

/// `segment length(4) segment`, then the grants' table.
fn segment_payload(push: &SegmentWithGrants) -> Vec<u8> {
    let mut payload = (push.segment.0.len() as u32).to_be_bytes().to_vec();
    payload.extend_from_slice(&push.segment.0);
    payload.extend_from_slice(&to_cbor(&table_of(&push.grants)));
    payload
}

fn segment_of(payload: &[u8]) -> Result<SegmentWithGrants, Refusal> {
    let malformed = || Refusal::malformed("a segment's frame");
    let (length, rest) = payload.split_first_chunk::<4>().ok_or_else(malformed)?;
    let (segment, table) = rest.split_at_checked(u32::from_be_bytes(*length) as usize).ok_or_else(malformed)?;
    let table: GrantTable = from_cbor(table).map_err(|_| malformed())?;
    Ok(SegmentWithGrants { segment: segment.to_vec().into(), grants: grants_of(table)? })
}

fn table_of(grants: &[Grant]) -> GrantTable {
    let mut groups: Vec<(String, u32)> = Vec::new();
    let mut keys: BTreeMap<KeyId, Vec<Wrapped>> = BTreeMap::new();
    for Grant { key, group, epoch, wrapped, .. } in grants {
        let found = groups.iter().position(|(name, of)| name == group && of == epoch);
        let index = found.unwrap_or_else(|| {
            groups.push((group.clone(), *epoch));
            groups.len() - 1
        });
        let both = [wrapped.enc.0.as_slice(), &wrapped.wrapped.0].concat();
        keys.entry(*key).or_default().push((index as u16, both.into()));
    }
    GrantTable(groups, keys.into_iter().collect())
}

fn grants_of(GrantTable(groups, keys): GrantTable) -> Result<Vec<Grant>, Refusal> {
    let mut grants = Vec::new();
    for (key, wrapped) in keys {
        for (index, both) in wrapped {
            let (group, epoch) =
                groups.get(usize::from(index)).ok_or_else(|| Refusal::malformed("a grant to no group"))?.clone();
            let (enc, wrapped) = both.0.split_first_chunk::<32>().ok_or_else(|| Refusal::malformed("a grant"))?;
            let wrapped = WrappedKey { enc: Fixed(*enc), wrapped: wrapped.to_vec().into() };
            grants.push(Grant { key, subject: String::new(), group, epoch, wrapped });
        }
    }
    Ok(grants)
}
