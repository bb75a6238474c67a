//! Where the centre keeps its log: one trait, and an implementation a kind of database. Nothing here assumes to be the only
//! node on its database, but for SQLite, whose file lets one process in.

mod dossiers;
mod lease_rules;
mod postgres;
mod sqlite;

pub use postgres::Postgres;
pub use sqlite::Sqlite;

use crate::news::News;
use intake::event::{Draft, Event, Scope, Subject};
use intake::ids::StationId;
use intake::moment::Moment;
use std::sync::Arc;
use sync::Refusal;
use sync::blob::protocol::Blobs;
use sync::checkpoint::Checkpoint;
use sync::earlier::{Earlier, Tag};
use sync::protocol::WrappedKey;
use sync::protocol::{
    EnrolAsk, Enrolment, LeaseAsk, PublicState, PullAnswer, PullAsk, SegmentOutcome, SegmentWithGrants, StationCard,
};
use sync::store::{Invitation, ReceiveFault, StoreFault, VerifyReport};
use sync::stream::Heads;
use sync::wrap::Secret;

pub use lease_rules::{AHEAD_DAYS, BACK_DAYS, MAX_COUNT};

/// What the store holds, in numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    /// Events, each once.
    pub events: u64,
    /// Streams.
    pub streams: u64,
    /// Stations, the centre among them.
    pub stations: u64,
    /// The size of the database, in bytes.
    pub bytes: u64,
}

/// The centre's log and what is reckoned from it. Every call is one transaction, durable when it returns; who may ask what
/// is for the service to check.
///
/// # Errors
/// Each method: [`StoreFault`] when the database cannot do it (then nothing was done, and the same may work later), and a
/// [`Refusal`] for what will not be taken whenever it is tried.
pub trait CentreStore: Send + Sync {
    /// A station's card, by which its signatures are checked.
    fn station_card(&self, station: StationId) -> Result<Option<StationCard>, StoreFault>;
    /// Makes the group of readers of this name where there is none.
    fn ensure_group(&self, name: &str) -> Result<(), StoreFault>;
    /// Makes a one-time token.
    fn invite(&self, invitation: &Invitation) -> Result<String, StoreFault>;
    /// Turns a token into a station; the same token with the same keys gives the same station again.
    fn enrol(&self, now: Moment, ask: &EnrolAsk) -> Result<Enrolment, ReceiveFault>;
    /// Writes an event of the centre's own.
    fn publish(&self, now: Moment, draft: Draft) -> Result<(), StoreFault>;
    /// Leases the next block of an agency's day, in the centre's log; the same request again changes nothing.
    fn lease(&self, now: Moment, to: &StationCard, ask: &LeaseAsk) -> Result<(), ReceiveFault>;
    /// Takes in segments, each for itself, and says what became of each.
    fn push(&self, now: Moment, segments: &[SegmentWithGrants]) -> Result<Vec<SegmentOutcome>, StoreFault>;
    /// How far the streams of these scopes are held.
    fn heads(&self, scopes: &[Scope]) -> Result<Heads, StoreFault>;
    /// What lies beyond the asker's heads; does not wait.
    fn pull(&self, now: Moment, ask: &PullAsk) -> Result<PullAnswer, StoreFault>;
    /// Signs a checkpoint whose chain is the one held here.
    fn countersign(&self, checkpoint: &Checkpoint) -> Result<Checkpoint, ReceiveFault>;
    /// What the public may know of the dossier that goes by a code, as a person types it.
    fn public_state(&self, code: &str) -> Result<Option<PublicState>, StoreFault>;
    /// What is held, in numbers.
    fn counts(&self) -> Result<Counts, StoreFault>;
    /// Every event once, in canonical order.
    fn events(&self) -> Result<Vec<Event>, StoreFault>;
    /// The dossiers beside which one of these tags stands.
    fn of_person(&self, tags: &[Tag]) -> Result<Vec<Subject>, StoreFault>;
    /// What happened to a subject, in canonical order.
    fn history(&self, subject: &Subject) -> Result<Vec<Event>, StoreFault>;
    /// How far every stream goes.
    fn streams(&self) -> Result<Heads, StoreFault>;
    /// Re-hashes every chain, checks every signature, folds anew and compares.
    fn verify(&self) -> Result<VerifyReport, StoreFault>;
    /// Does the database take writes? Cheap; asked often.
    fn check_writable(&self) -> Result<(), StoreFault>;
    /// Never lets the log grow beyond so many bytes, where the database is a file of ours.
    fn limit_bytes(&self, bytes: u64) -> Result<(), StoreFault>;
    /// Opens a key that was wrapped to the centre's own group; none where this is not the centre, or it was another's.
    fn open_for_recovery(&self, info: &[u8], wrapped: &WrappedKey) -> Result<Option<Secret>, StoreFault>;
    /// The queue's authority, at a site's hub.
    fn authority(&self) -> Option<&crate::hub::Authority> {
        None
    }
    /// What the hall's boards show, at a site's hub.
    fn hall(&self) -> Option<&crate::hub::Hall> {
        None
    }
    /// Who keeps attachments, at a site's hub: its centre.
    fn upstream_blobs(&self) -> Option<&dyn Blobs> {
        None
    }
    /// Who knows the whole city's dossiers, at a site's hub: its centre.
    fn upstream_earlier(&self) -> Option<&dyn Earlier> {
        None
    }
    /// Those who wait for news are told by it, whichever node it came in at.
    fn news(&self) -> &Arc<News>;
}

/// A refusal as an outcome, or what came of it.
fn outcome<T>(taken: Result<T, Refusal>, of: impl FnOnce(T) -> SegmentOutcome) -> SegmentOutcome {
    taken.map_or_else(SegmentOutcome::Refused, of)
}
