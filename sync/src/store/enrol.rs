//! Enrolment at the centre: a one-time token becomes a station's identity.

use super::keyring::{member_info, new_uuid};
use super::{Group, ReceiveFault, Store, StoreFault, roster};
use crate::Refusal;
use crate::protocol::{EnrolAsk, Enrolment, GroupKey, StationCard, StationRole};
use crate::sign::sign;
use crate::wire::{Fixed, PublicKey, from_cbor, hex, to_cbor};
use crate::wrap::{random, wrap_to};
use intake::event::Scope;
use intake::ids::{Incarnation, SiteCode, StationId};
use intake::moment::Moment;
use rusqlite::{OptionalExtension, params};
use serde::{Deserialize, Serialize};

/// What a station will be, decided before it exists.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Invitation {
    /// What people will call it; the station may choose another name.
    pub label: String,
    /// What it will be.
    pub role: StationRole,
    /// Where it will stand.
    pub site: SiteCode,
    /// The scopes in which it will write and which it will pull.
    pub scopes: Vec<Scope>,
    /// The groups whose member it will be: what it can read. A kiosk reads nothing.
    pub reads: Vec<Scope>,
    /// After this the token is worth nothing.
    pub expires_at: Moment,
}

/// What an invitation was used for.
#[derive(Serialize, Deserialize)]
struct Used {
    card: StationCard,
    incarnation: Incarnation,
    /// An enrolment is not signed: whoever saw the token and the public key could else have the keys wrapped to himself.
    wrap_public: PublicKey,
}

impl Store {
    /// Makes a one-time token. Only its hash is kept.
    ///
    /// # Errors
    /// [`StoreFault::Invalid`] at a station that is not the centre; store faults.
    pub fn invite(&mut self, invitation: &Invitation) -> Result<String, StoreFault> {
        for scope in invitation.scopes.iter().chain(&invitation.reads) {
            self.ensure_group(scope.as_str())?;
        }
        let token = hex(&random::<16>()?);
        self.db.execute(
            "INSERT INTO invitation (token, invitation) VALUES (?1, ?2)",
            params![token_hash(&token), to_cbor(invitation)],
        )?;
        Ok(token)
    }

    /// Turns a token into an identity. The same station asking again gets the same answer.
    ///
    /// # Errors
    /// [`Refusal::BadToken`] when the token is unknown, expired, another station's, or for another role; store faults.
    pub fn enrol(&mut self, now: Moment, ask: &EnrolAsk) -> Result<Enrolment, ReceiveFault> {
        let row: Option<(Vec<u8>, Option<Vec<u8>>)> = self
            .db
            .query_row("SELECT invitation, used FROM invitation WHERE token = ?1", [token_hash(&ask.token)], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()?;
        let (invitation, used) = row.ok_or(Refusal::BadToken)?;
        let invitation: Invitation = from_cbor(&invitation).map_err(StoreFault::unreadable)?;
        let used = match used {
            Some(used) => from_cbor(&used).map_err(StoreFault::unreadable)?,
            None if now > invitation.expires_at || ask.role != invitation.role => return Err(Refusal::BadToken.into()),
            None => self.admit(ask, &invitation)?,
        };
        if used.card.sign_public != ask.sign_public || used.wrap_public != ask.wrap_public {
            return Err(Refusal::BadToken.into());
        }
        let groups = self.groups_for(ask, &invitation)?;
        let (stations, _, _) = self.roster_beyond(0, &used.card.scopes)?;
        Ok(Enrolment {
            card: used.card,
            incarnation: used.incarnation,
            groups,
            centre_sign_public: self.centre,
            stations,
            time: now,
        })
    }

    fn admit(&self, ask: &EnrolAsk, invitation: &Invitation) -> Result<Used, StoreFault> {
        let label = if ask.label.trim().is_empty() { &invitation.label } else { &ask.label };
        let mut card = StationCard {
            station: StationId(new_uuid()?),
            label: label.chars().take(80).collect(),
            role: invitation.role,
            site: invitation.site.clone(),
            scopes: invitation.scopes.clone(),
            key_no: 0,
            sign_public: ask.sign_public,
            signature: Fixed([0; 64]),
        };
        card.signature = sign(&self.signing, &card.signed_bytes());
        let used = Used { card, incarnation: Incarnation(new_uuid()?), wrap_public: ask.wrap_public };
        let all = self.db.unchecked_transaction()?;
        roster::put_station(&all, &used.card)?;
        all.execute(
            "UPDATE invitation SET used = ?2 WHERE token = ?1",
            params![token_hash(&ask.token), to_cbor(&used)],
        )?;
        all.commit()?;
        Ok(used)
    }

    /// All groups' public keys, and the private ones of those that the station may read.
    fn groups_for(&self, ask: &EnrolAsk, invitation: &Invitation) -> Result<Vec<GroupKey>, ReceiveFault> {
        let wrap = |group: &Group| -> Result<GroupKey, ReceiveFault> {
            let card = group.card.clone();
            let member = invitation.reads.iter().any(|scope| scope.as_str() == card.name);
            let private = match group.private.get(&card.epoch) {
                Some(private) if member => {
                    Some(wrap_to(&ask.wrap_public, &member_info(&card, &ask.sign_public), private)?)
                }
                _ => None,
            };
            Ok(GroupKey { card, private })
        };
        self.groups.values().map(wrap).collect()
    }
}

fn token_hash(token: &str) -> [u8; 32] {
    *blake3::hash(token.trim().as_bytes()).as_bytes()
}
