//! What is said to a site's hub besides the log: a desk claims a ticket before it calls it, and hubs tell who leads.

use crate::http::HttpCentre;
use crate::protocol::{StationCard, StationRole};
use crate::refusal::{CentreFault, Refusal};
use crate::sign;
use crate::stream::StreamId;
use crate::wire::{Fixed, PublicKey, Signature, to_cbor};
use ed25519_dalek::SigningKey;
use intake::authority::Rank;
use intake::ids::{Desk, IntentId, SiteCode, VisitId};
use intake::moment::Moment;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// POST: a [`ClaimAsk`], signed as every request of a station.
pub const CLAIM: &str = "/v1/claim";
/// POST: a nonce of 16 bytes; answered with a [`HubStatus`]. Not signed by the asker, who may not know anybody yet.
pub const STATUS: &str = "/v1/hub";
/// POST: a [`BoardAsk`], signed as every request of a station; answered with a [`BoardNews`].
pub const BOARD: &str = "/v1/board";
/// A board's heartbeat: a hub answers it at the latest after so long, in milliseconds, with news or without.
pub const BEAT_MS: u64 = 1_000;
/// A hub on the LAN answers in this, or the desk goes on by itself.
pub const PATIENCE: Duration = Duration::from_millis(700);

/// "May this desk call this number?"
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ClaimAsk {
    /// Names the request: the same again is the same right.
    pub request: IntentId,
    /// Which visit; none only lets itself be heard by a hub that was just promoted.
    pub visit: Option<VisitId>,
    /// Which desk.
    pub desk: Desk,
    /// How often the citizen has left this desk, as far as the desk's own log knows: a right that it was given before the last
    /// time is over, although the hub may not have heard of it yet.
    #[serde(default)]
    pub turn: u32,
    /// The highest epoch of a hub of this site that the desk has heard of: it takes no answer of a lower one any more.
    pub epoch: u64,
    /// How far the desk's own log of the site goes: a hub that holds it so far knows all that the desk called.
    pub written: Option<(StreamId, u64)>,
    /// The same of the former lives of its disk, where it had any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<(StreamId, u64)>,
}

/// The hub's answer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum ClaimAnswer {
    /// The desk may call it; nobody else will be told so.
    Yours {
        /// The hub's epoch.
        epoch: u64,
    },
    /// Another desk has it.
    Taken {
        /// Which, where it is known.
        by: Option<Desk>,
        /// The hub's epoch.
        epoch: u64,
    },
    /// The hub was promoted a moment ago and first listens to what the desks did under the one before.
    Wait {
        /// How long that may still take, in milliseconds.
        ms: u64,
        /// The hub's epoch.
        epoch: u64,
    },
    /// This one does not lead.
    NotLeading {
        /// The highest epoch that it has heard of.
        epoch: u64,
    },
}

/// "What is called now?", held open by the hub until that is something else than the board shows, or for a heartbeat.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct BoardAsk {
    /// The version that the board shows; 0 where it shows none.
    pub seen: u64,
    /// How long it may be held open, in milliseconds; at most [`BEAT_MS`].
    pub wait_ms: u64,
}

/// All that a board shows. It names no person: only numbers and desks, which everybody in the hall may hear.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct BoardNews {
    /// Names what is shown: the same calls, the same version, at whichever hub.
    pub version: u64,
    /// The latest call of each desk, the newest first.
    pub now: Vec<CalledNumber>,
    /// The last calls of all desks, each number and desk once, the newest first.
    pub recent: Vec<CalledNumber>,
}

/// A number that was called.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CalledNumber {
    /// The number, as it stands on the ticket.
    pub number: String,
    /// To which desk.
    pub desk: Desk,
    /// When, by the desk's clock.
    pub at: Moment,
    /// How often that desk has called it.
    pub times: u32,
}

impl BoardNews {
    /// News with the version that these calls have.
    pub fn of(now: Vec<CalledNumber>, recent: Vec<CalledNumber>) -> Self {
        let hash = blake3::hash(&to_cbor(&(&now, &recent)));
        let version = hash.as_bytes().first_chunk().map_or(1, |bytes| u64::from_be_bytes(*bytes)).max(1);
        Self { version, now, recent }
    }
}

/// A site's hub, as a desk sees it.
pub trait QueueAuthority {
    /// Claims a ticket; durable at the hub before it answers.
    ///
    /// # Errors
    /// [`CentreFault::Unreachable`] when no hub answers in [`PATIENCE`]; what a centre that is no hub refuses.
    fn claim(&self, ask: &ClaimAsk) -> Result<ClaimAnswer, CentreFault>;
}

/// Who a hub is and whether it leads: signed by the hub over the asker's nonce.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct HubStatus {
    /// The hub's card, signed by the centre.
    pub card: StationCard,
    /// Its epoch.
    pub epoch: u64,
    /// Whether it leads.
    pub leads: bool,
    /// By the hub, over nonce, epoch and whether it leads.
    pub signature: Signature,
}

impl HubStatus {
    /// Says it to one who asked with `nonce`.
    pub fn new(card: StationCard, epoch: u64, leads: bool, nonce: &Fixed<16>, key: &SigningKey) -> Self {
        let signature = sign::sign(key, &signed_bytes(nonce, epoch, leads));
        Self { card, epoch, leads, signature }
    }

    /// Believes it, if it is of a hub of this site, which the centre knows, and answers this nonce.
    ///
    /// # Errors
    /// [`Refusal::BadSignature`], [`Refusal::NotYourScope`].
    pub fn check(&self, nonce: &Fixed<16>, site: &SiteCode, centre: &PublicKey) -> Result<Rank, Refusal> {
        self.card.check(centre)?;
        sign::check(&self.card.sign_public, &signed_bytes(nonce, self.epoch, self.leads), &self.signature)?;
        if self.card.role != StationRole::Hub || self.card.site != *site {
            return Err(Refusal::NotYourScope { scope: format!("site:{}", self.card.site) });
        }
        Ok(Rank { epoch: self.epoch, hub: self.card.station })
    }
}

impl QueueAuthority for HttpCentre {
    fn claim(&self, ask: &ClaimAsk) -> Result<ClaimAnswer, CentreFault> {
        self.call_within(CLAIM, ask, PATIENCE)
    }
}

impl HttpCentre {
    /// Asks a hub for what is called; waits a heartbeat for something else than is shown.
    ///
    /// # Errors
    /// [`CentreFault::Unreachable`] when it does not answer in a heartbeat and [`PATIENCE`]; [`Refusal::NotFound`] at one that
    /// is no hub, or does not lead.
    pub fn board(&self, seen: u64) -> Result<BoardNews, CentreFault> {
        let ask = BoardAsk { seen, wait_ms: BEAT_MS };
        self.call_within(BOARD, &ask, PATIENCE + Duration::from_millis(BEAT_MS))
    }

    /// Asks whoever is there who they are, and believes only a hub of this site.
    ///
    /// # Errors
    /// [`CentreFault::Unreachable`]; [`Refusal`] of a status that is not to be believed.
    pub fn hub_status(&self, site: &SiteCode, centre: &PublicKey) -> Result<(HubStatus, Rank), CentreFault> {
        let nonce = Fixed(crate::wrap::random().map_err(|none| CentreFault::Unreachable(none.to_string()))?);
        let status: HubStatus = self.call_within(STATUS, &nonce, PATIENCE)?;
        let rank = status.check(&nonce, site, centre)?;
        Ok((status, rank))
    }
}

fn signed_bytes(nonce: &Fixed<16>, epoch: u64, leads: bool) -> Vec<u8> {
    sign::tagged("motcua/hub/1", &to_cbor(&(nonce, epoch, leads)))
}
