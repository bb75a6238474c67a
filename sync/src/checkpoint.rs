//! Checkpoints: a position in a stream and the hash of the views there, signed by the station and countersigned by the centre.

use crate::stream::StreamId;
use crate::wire::{Hash, PublicKey, Signature, to_cbor};
use crate::{Refusal, sign};
use ed25519_dalek::SigningKey;
use intake::moment::Moment;
use serde::{Deserialize, Serialize};

/// A summary at which a stream may one day be cut.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Which stream.
    pub stream: StreamId,
    /// Up to and with this number.
    pub no: u64,
    /// The chain's hash there.
    pub hash: Hash,
    /// BLAKE3 over the station's views when it was made.
    pub views_hash: Hash,
    /// When it was made.
    pub made_at: Moment,
    /// By the station.
    pub signature: Signature,
    /// By the centre, over everything above and the station's signature.
    pub countersignature: Option<Signature>,
}

impl Checkpoint {
    /// Makes one, signed by the station.
    pub fn new(stream: StreamId, no: u64, hash: Hash, views_hash: Hash, made_at: Moment, key: &SigningKey) -> Self {
        let unsigned = crate::wire::Fixed([0; 64]);
        let mut checkpoint =
            Self { stream, no, hash, views_hash, made_at, signature: unsigned, countersignature: None };
        checkpoint.signature = sign::sign(key, &checkpoint.signed_bytes());
        checkpoint
    }

    /// The centre's agreement; the caller has compared the chain's hash.
    pub fn countersigned(mut self, centre: &SigningKey) -> Self {
        self.countersignature = Some(sign::sign(centre, &self.countersigned_bytes()));
        self
    }

    /// Checks the station's signature.
    pub fn check(&self, station: &PublicKey) -> Result<(), Refusal> {
        sign::check(station, &self.signed_bytes(), &self.signature)
    }

    /// Checks the centre's countersignature; one that is absent is refused.
    pub fn check_countersigned(&self, centre: &PublicKey) -> Result<(), Refusal> {
        let signature = self.countersignature.as_ref().ok_or(Refusal::BadSignature)?;
        sign::check(centre, &self.countersigned_bytes(), signature)
    }

    fn signed_bytes(&self) -> Vec<u8> {
        let Self { stream, no, hash, views_hash, made_at, .. } = self;
        sign::tagged("motcua/checkpoint/1", &to_cbor(&(stream, no, hash, views_hash, made_at)))
    }

    fn countersigned_bytes(&self) -> Vec<u8> {
        let mut bytes = sign::tagged("motcua/countersign/1", &self.signed_bytes());
        bytes.extend_from_slice(&self.signature.0);
        bytes
    }
}
