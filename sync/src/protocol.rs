//! What stations and the centre say to each other: CBOR messages, one trait that both ends implement, and the paths.
//!
//! Every call can be repeated: a push that was already taken answers with the same receipt, an enrolment repeated with
//! the same key gives the same station, a lease is asked for under a request id.

use crate::checkpoint::Checkpoint;
use crate::grant::Grant;
use crate::refusal::CentreFault;
use crate::stream::{Heads, StreamId};
use crate::wire::{Bytes, Hash, PublicKey, Signature, to_cbor};
use crate::{Refusal, sign};
use intake::event::Scope;
use intake::ids::{AgencyCode, Incarnation, SiteCode, StationId};
use intake::moment::Moment;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Paths under the centre's address. All are POST with a CBOR body, but the last.
pub mod path {
    pub const ENROL: &str = "/v1/enrol";
    pub const HEADS: &str = "/v1/heads";
    /// Frames of segments; answered with frames of outcomes.
    pub const PUSH: &str = "/v2/push";
    /// CBOR; answered with frames.
    pub const PULL: &str = "/v2/pull";
    pub const LEASE: &str = "/v1/lease";
    pub const CHECKPOINT: &str = "/v1/checkpoint";
    /// GET; the dossier code follows. Public: no signature is asked for.
    pub const PUBLIC_STATE: &str = "/v1/public/";
    /// The content type of bodies that are one message.
    pub const CBOR: &str = "application/cbor";
    /// The content type of bodies in frames.
    pub const FRAMES: &str = "application/x-motcua-frames";
}

/// The largest body of a request or an answer, in bytes.
pub const MAX_BODY_BYTES: usize = 8 << 20;
/// The longest that a pull may wait for news, in milliseconds.
pub const MAX_WAIT_MS: u64 = 30_000;

/// The centre, as a station sees it. The client and the service both implement it.
pub trait Centre {
    /// Turns a one-time token into a station identity. Not signed: the station has no identity yet.
    fn enrol(&self, ask: &EnrolAsk) -> Result<Enrolment, CentreFault>;
    /// How far the centre holds the streams of these scopes.
    fn heads(&self, scopes: &[Scope]) -> Result<Heads, CentreFault>;
    /// Hands over segments; the answer says of each, in order, what became of it. One that is refused holds up no other.
    /// An answer may be shorter than the push: what it does not name is to be pushed again.
    fn push(&self, segments: &[SegmentWithGrants]) -> Result<Vec<SegmentOutcome>, CentreFault>;
    /// Asks for what lies beyond the given heads; waits up to `wait_ms` when there is nothing.
    fn pull(&self, ask: &PullAsk) -> Result<PullAnswer, CentreFault>;
    /// [`Centre::push`], and `meanwhile` once beside it: while the answer is awaited where the line allows it.
    fn push_meanwhile(
        &self,
        segments: &[SegmentWithGrants],
        meanwhile: &mut dyn FnMut(),
    ) -> Result<Vec<SegmentOutcome>, CentreFault> {
        let answer = self.push(segments);
        meanwhile();
        answer
    }
    /// [`Centre::pull`], and `meanwhile` once beside it.
    fn pull_meanwhile(&self, ask: &PullAsk, meanwhile: &mut dyn FnMut()) -> Result<PullAnswer, CentreFault> {
        let answer = self.pull(ask);
        meanwhile();
        answer
    }
    /// Asks for dossier numbers. The lease itself arrives as an event in the centre's stream.
    fn lease(&self, ask: &LeaseAsk) -> Result<(), CentreFault>;
    /// Hands over a checkpoint and gets it back countersigned.
    fn checkpoint(&self, checkpoint: &Checkpoint) -> Result<Checkpoint, CentreFault>;
    /// What the public may know of a dossier: its code and state, nothing else.
    fn public_state(&self, code: &str) -> Result<Option<PublicState>, CentreFault>;
}

/// A station's first request.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct EnrolAsk {
    /// The one-time token from the invitation.
    pub token: String,
    /// What people call the station, such as "Kiosk 1".
    pub label: String,
    /// What the station is.
    pub role: StationRole,
    /// Ed25519: checks the station's signatures.
    pub sign_public: PublicKey,
    /// X25519: wraps what is meant for this station only.
    pub wrap_public: PublicKey,
}

/// A station's identity as the centre gives it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Enrolment {
    /// The station's own card (identity, site, scopes).
    pub card: StationCard,
    /// The first life of its disk.
    pub incarnation: Incarnation,
    /// Reader groups: public keys of all, private keys of those whose member the station is.
    pub groups: Vec<GroupKey>,
    /// Ed25519: checks cards, receipts and countersignatures.
    pub centre_sign_public: PublicKey,
    /// The other stations known so far.
    pub stations: Vec<StationCard>,
    /// The centre's clock.
    pub time: Moment,
}

/// What a station is; decides what it may write and read.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StationRole {
    /// In the hall, for citizens: seals, reads nothing back.
    Kiosk,
    /// An officer's desk.
    Counter,
    /// The waiting-hall board.
    Board,
    /// A partner shop's desk.
    Agent,
    /// The site's own copy of the centre.
    Hub,
    /// The central service: writes settings and leases for any scope.
    Centre,
}

/// Who a station is, signed by the centre, so that nobody on the way can invent one.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct StationCard {
    /// Its identity.
    pub station: StationId,
    /// What people call it.
    pub label: String,
    /// What it is.
    pub role: StationRole,
    /// Where it stands.
    pub site: SiteCode,
    /// The scopes that it works in: its events' home is one of these, and it pulls these.
    pub scopes: Vec<Scope>,
    /// Which of the station's signing keys this is, from 0; renewal makes the next.
    pub key_no: u32,
    /// Ed25519.
    pub sign_public: PublicKey,
    /// By the centre, over all of the above.
    pub signature: Signature,
}

/// A reader group's public key, signed by the centre.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct GroupCard {
    /// The group's name: a scope's name, or "recovery".
    pub name: String,
    /// From 1; revoking a member begins the next.
    pub epoch: u32,
    /// X25519.
    pub public: PublicKey,
    /// By the centre, over all of the above.
    pub signature: Signature,
}

/// A group as one station gets it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct GroupKey {
    /// The public part.
    pub card: GroupCard,
    /// The private key, wrapped to the station's `wrap_public`; absent for those who are not members.
    pub private: Option<WrappedKey>,
}

/// A 32-byte key wrapped by HPKE.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct WrappedKey {
    /// The encapsulated key (X25519).
    pub enc: Fixed32,
    /// The key and its tag.
    pub wrapped: Bytes,
}

/// Thirty-two bytes that are no hash and no long-lived key.
pub type Fixed32 = crate::wire::Fixed<32>;

/// A segment as its station signed it, with the grants of its events beside it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SegmentWithGrants {
    /// The segment's bytes (docs/format.md).
    pub segment: Bytes,
    /// Content keys of the sealed parts, wrapped to reader groups.
    pub grants: Vec<Grant>,
}

/// What became of one pushed segment.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum SegmentOutcome {
    /// The centre holds it durably.
    Receipt(Receipt),
    /// A hub holds it durably, and the centre does not yet: the receipt will come with a pull.
    Held {
        /// Which stream.
        stream: StreamId,
        /// Up to and with this number.
        no: u64,
        /// The chain's hash there, as the hub computed it.
        hash: Hash,
    },
    /// It was not taken.
    Refused(Refusal),
}

/// The centre's word that it holds a stream durably up to `no`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Receipt {
    /// The centre's own running number.
    pub receipt_no: u64,
    /// Which stream.
    pub stream: StreamId,
    /// Up to and with this number.
    pub no: u64,
    /// The chain's hash there, as the centre computed it.
    pub hash: Hash,
    /// When the centre took it.
    pub at: Moment,
    /// By the centre, over all of the above.
    pub signature: Signature,
}

/// "What is there beyond what I have?"
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PullAsk {
    /// What the asker holds.
    pub heads: Heads,
    /// The scopes that it wants; must be its own.
    pub scopes: Vec<Scope>,
    /// How long to wait when there is nothing, at most [`MAX_WAIT_MS`].
    pub wait_ms: u64,
    /// About how many bytes of segments the answer may hold; one segment always fits.
    pub limit_bytes: u64,
    /// The roster (cards of stations and groups) that the asker holds; 0 for none.
    pub roster: u64,
    /// How far the asker has the centre's receipts of its own streams, where it wrote more than that.
    pub receipted: Vec<(StreamId, u64)>,
    /// And the streams of a station whose disk was put back, wherever they stand: must be the asker itself, or of a hub's site.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own: Option<StationId>,
}

/// What lies beyond.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PullAnswer {
    /// Segments as they came, each stream's in order.
    pub segments: Vec<SegmentWithGrants>,
    /// Cards of stations of these scopes that came after the asker's roster.
    pub stations: Vec<StationCard>,
    /// Groups that came after the asker's roster.
    pub groups: Vec<GroupCard>,
    /// The roster as it now stands.
    pub roster: u64,
    /// The centre's receipts that the asker does not have yet.
    pub receipts: Vec<Receipt>,
    /// There is more than this answer holds.
    pub more: bool,
    /// The centre's clock.
    pub time: Moment,
}

/// "Lease me dossier numbers."
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LeaseAsk {
    /// Names the request: the same id is the same lease.
    pub request: Uuid,
    /// Whose numbers.
    pub agency: AgencyCode,
    /// The civil day in Vietnam that the codes carry.
    pub day: Date,
    /// How many.
    pub count: u32,
    /// For whom, where a hub asks for one of its stations.
    pub to: Option<StationId>,
}

/// What the public may know of a dossier (TT 01/2018 Art 16: code and level of completion).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PublicState {
    /// The dossier's code.
    pub code: String,
    /// The national status code, 1 to 10 (domain.md 1.6).
    pub status: u8,
    /// When the centre last heard of a change.
    pub as_of: Moment,
}

impl PullAnswer {
    /// The same with no segments, for the head of a framed answer.
    pub(crate) fn clone_without_segments(&self) -> Self {
        let Self { stations, groups, roster, receipts, more, time, .. } = self;
        let (stations, groups, receipts) = (stations.clone(), groups.clone(), receipts.clone());
        Self { segments: Vec::new(), stations, groups, roster: *roster, receipts, more: *more, time: *time }
    }
}

impl StationCard {
    /// The bytes that the centre signs.
    pub fn signed_bytes(&self) -> Vec<u8> {
        let Self { station, label, role, site, scopes, key_no, sign_public, .. } = self;
        sign::tagged("motcua/station/1", &to_cbor(&(station, label, role, site, scopes, key_no, sign_public)))
    }

    /// Checks the centre's signature.
    pub fn check(&self, centre: &PublicKey) -> Result<(), Refusal> {
        sign::check(centre, &self.signed_bytes(), &self.signature)
    }

    /// May an event of this station have its home in `scope`?
    pub fn may_write(&self, scope: &Scope) -> bool {
        self.may_read(scope)
    }

    /// Does it work in one of these scopes?
    pub fn works_in(&self, scopes: &[Scope]) -> bool {
        self.scopes.iter().any(|scope| scopes.contains(scope))
    }

    /// May this station pull `scope`?
    pub fn may_read(&self, scope: &Scope) -> bool {
        match self.role {
            StationRole::Centre => true,
            // It works for authorities and reads nobody's dossiers but those that it took in.
            StationRole::Agent => *scope == Scope::agent(self.station),
            _ => self.scopes.contains(scope),
        }
    }

    /// The scopes that it pulls.
    pub fn readable(&self) -> Vec<Scope> {
        self.scopes.iter().filter(|scope| self.may_read(scope)).cloned().collect()
    }
}

impl GroupCard {
    /// The bytes that the centre signs.
    pub fn signed_bytes(&self) -> Vec<u8> {
        sign::tagged("motcua/group/1", &to_cbor(&(&self.name, self.epoch, &self.public)))
    }

    /// Checks the centre's signature.
    pub fn check(&self, centre: &PublicKey) -> Result<(), Refusal> {
        sign::check(centre, &self.signed_bytes(), &self.signature)
    }
}

impl Receipt {
    /// The bytes that the centre signs.
    pub fn signed_bytes(&self) -> Vec<u8> {
        let Self { receipt_no, stream, no, hash, at, .. } = self;
        sign::tagged("motcua/receipt/1", &to_cbor(&(receipt_no, stream, no, hash, at)))
    }

    /// Checks the centre's signature.
    pub fn check(&self, centre: &PublicKey) -> Result<(), Refusal> {
        sign::check(centre, &self.signed_bytes(), &self.signature)
    }
}
