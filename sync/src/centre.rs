//! What a centre does with its keys and no store: admits stations, makes groups of readers, writes its own events. Every
//! kind of store of a centre uses these, so that all of them admit and write alike.

use crate::Refusal;
use crate::grant::{Grant, KeyId, RECOVERY};
use crate::protocol::{EnrolAsk, GroupCard, GroupKey, Receipt, StationCard, StationRole};
use crate::record::{MAX_EVENT_BYTES, Record};
use crate::seal::{Binding, Sealed};
use crate::sign::{sign, tagged};
use crate::store::{Invitation, StoreFault};
use crate::stream::{Head, StreamId};
use crate::wire::{Fixed, PublicKey, hex, to_cbor};
use crate::wrap::{self, Secret, new_secret, random, wrap_to};
use ed25519_dalek::SigningKey;
use intake::event::{Draft, Hlc, Scope};
use intake::ids::{EventId, Incarnation, StationId};
use intake::moment::Moment;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use uuid::Uuid;
use zeroize::Zeroizing;

/// What a token was used for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Admission {
    /// The station's card.
    pub card: StationCard,
    /// The first life of its disk.
    pub incarnation: Incarnation,
    /// An enrolment is not signed: whoever saw the token and the public key could else have the keys wrapped to himself.
    pub wrap_public: PublicKey,
}

impl Admission {
    /// Makes a station of an invitation's guest.
    ///
    /// # Errors
    /// [`StoreFault::Io`] when there is no randomness.
    pub fn new(ask: &EnrolAsk, invitation: &Invitation, centre: &SigningKey) -> Result<Self, StoreFault> {
        let label = if ask.label.trim().is_empty() { &invitation.label } else { &ask.label };
        let station = StationId(new_uuid()?);
        let own = (invitation.role == StationRole::Agent).then(|| Scope::agent(station));
        let mut card = StationCard {
            station,
            label: label.chars().take(80).collect(),
            role: invitation.role,
            site: invitation.site.clone(),
            scopes: own.into_iter().chain(invitation.scopes.iter().cloned()).collect(),
            key_no: 0,
            sign_public: ask.sign_public,
            signature: Fixed([0; 64]),
        };
        card.signature = sign(centre, &card.signed_bytes());
        Ok(Self { card, incarnation: Incarnation(new_uuid()?), wrap_public: ask.wrap_public })
    }

    /// The groups whose member the station is: those of the invitation, and a branch agent's own.
    pub fn reads(&self, invitation: &Invitation) -> Vec<Scope> {
        let own = (self.card.role == StationRole::Agent).then(|| Scope::agent(self.card.station));
        own.into_iter().chain(invitation.reads.iter().cloned()).collect()
    }

    /// Was it for the one who asks now?
    pub fn is_for(&self, ask: &EnrolAsk) -> bool {
        self.card.sign_public == ask.sign_public && self.wrap_public == ask.wrap_public
    }
}

/// A group as one station gets it: with its private key, wrapped to the station, where it is among those that it `reads`.
///
/// # Errors
/// [`Refusal::Malformed`] when the station's key cannot be wrapped to.
pub fn group_key(
    card: &GroupCard,
    private: Option<&Secret>,
    ask: &EnrolAsk,
    reads: &[Scope],
) -> Result<GroupKey, Refusal> {
    let member = reads.iter().any(|scope| scope.as_str() == card.name);
    let wrapped = private
        .filter(|_| member)
        .map(|private| wrap_to(&ask.wrap_public, &member_info(card, &ask.sign_public), private));
    Ok(GroupKey { card: card.clone(), private: wrapped.transpose()? })
}

/// Binds a group's private key to the member for whom it is wrapped.
pub(crate) fn member_info(group: &GroupCard, member: &PublicKey) -> Vec<u8> {
    tagged("motcua/member/1", &to_cbor(&(&group.name, group.epoch, &group.public, member)))
}

/// A new group of epoch 1, signed by the centre, and its private key.
///
/// # Errors
/// [`StoreFault::Io`] when there is no randomness.
pub fn new_group(name: &str, centre: &SigningKey) -> Result<(GroupCard, Secret), StoreFault> {
    let private = new_secret()?;
    let public = wrap::wrap_public(&private).ok_or_else(|| StoreFault::Io("no key could be made".into()))?;
    let mut card = GroupCard { name: name.to_owned(), epoch: 1, public, signature: Fixed([0; 64]) };
    card.signature = sign(centre, &card.signed_bytes());
    Ok((card, private))
}

/// A new one-time token.
///
/// # Errors
/// [`StoreFault::Io`] when there is no randomness.
pub fn new_token() -> Result<String, StoreFault> {
    Ok(hex(&random::<16>()?))
}

/// What is kept of a token.
pub fn token_hash(token: &str) -> [u8; 32] {
    *blake3::hash(token.trim().as_bytes()).as_bytes()
}

/// A random UUID (version 4).
///
/// # Errors
/// [`StoreFault::Io`] when there is no randomness.
pub fn new_uuid() -> Result<Uuid, StoreFault> {
    Ok(uuid::Builder::from_random_bytes(random()?).into_uuid())
}

/// The centre's receipt for all that is held of a stream.
pub fn receipt(receipt_no: u64, stream: StreamId, head: Head, at: Moment, centre: &SigningKey) -> Receipt {
    let mut receipt = Receipt { receipt_no, stream, no: head.no, hash: head.hash, at, signature: Fixed([0; 64]) };
    receipt.signature = sign(centre, &receipt.signed_bytes());
    receipt
}

/// An event of the centre's own, and the grants of its sealed part: under a key of its own, to the groups of its scopes
/// and to recovery.
///
/// # Errors
/// [`StoreFault::Invalid`] for a draft that stands nowhere or is too large; [`StoreFault::Io`] when there is no randomness.
pub fn own_event(
    card: &StationCard,
    incarnation: Incarnation,
    at: Hlc,
    draft: Draft,
    groups: &[GroupCard],
) -> Result<(Record, Vec<Grant>), StoreFault> {
    let Draft { subject, fact, personal, scopes } = draft;
    if scopes.is_empty() {
        return Err(StoreFault::Invalid("an event must stand in a scope".into()));
    }
    let mut record = Record {
        id: EventId(uuid::Builder::from_unix_timestamp_millis(at.wall().0.max(0) as u64, &random()?).into_uuid()),
        at,
        station: card.station,
        incarnation,
        officer: None,
        subject,
        scopes,
        kind: fact.kind().to_owned(),
        body: fact.encode(),
        sealed: None,
    };
    let mut grants = Vec::new();
    if let Some(personal) = &personal {
        let (id, secret) = (KeyId(new_uuid()?), new_secret()?);
        let plain = Zeroizing::new(to_cbor(personal));
        let (station, home) = (record.station, record.home());
        let binding = Binding { event: record.id, station, incarnation, home, kind: &record.kind };
        record.sealed = Some(Sealed::seal(id, &secret, &binding, &plain)?);
        let readers: BTreeSet<&str> = record.scopes.iter().map(Scope::as_str).chain([RECOVERY]).collect();
        let subject = record.subject.to_string();
        for group in groups.iter().filter(|group| readers.contains(group.name.as_str())) {
            let unusable = |refusal: Refusal| StoreFault::Invalid(refusal.to_string());
            grants.push(Grant::new(id, &subject, group, &secret).map_err(unusable)?);
        }
    }
    let size = record.encode().len();
    if size > MAX_EVENT_BYTES {
        Err(StoreFault::Invalid(format!("an event of {size} bytes")))
    } else {
        Ok((record, grants))
    }
}
