//! Enrolment at the centre: a one-time token becomes a station's identity.

use super::{Group, ReceiveFault, Store, StoreFault, roster};
use crate::Refusal;
use crate::centre::{Admission, group_key, new_token, token_hash};
use crate::protocol::{EnrolAsk, Enrolment, GroupKey, StationRole};
use crate::wire::{from_cbor, to_cbor};
use intake::event::Scope;
use intake::ids::SiteCode;
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

impl Store {
    /// Makes a one-time token. Only its hash is kept.
    ///
    /// # Errors
    /// [`StoreFault::Invalid`] at a station that is not the centre; store faults.
    pub fn invite(&mut self, invitation: &Invitation) -> Result<String, StoreFault> {
        for scope in invitation.scopes.iter().chain(&invitation.reads) {
            self.ensure_group(scope.as_str())?;
        }
        let token = new_token()?;
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
        let used: Admission = match used {
            Some(used) => from_cbor(&used).map_err(StoreFault::unreadable)?,
            None if now > invitation.expires_at || ask.role != invitation.role => return Err(Refusal::BadToken.into()),
            None => self.admit(ask, &invitation)?,
        };
        if !used.is_for(ask) {
            return Err(Refusal::BadToken.into());
        }
        let reads = used.reads(&invitation);
        for scope in &reads {
            self.ensure_group(scope.as_str())?;
        }
        let groups = self.groups_for(ask, &reads)?;
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

    fn admit(&self, ask: &EnrolAsk, invitation: &Invitation) -> Result<Admission, StoreFault> {
        let used = Admission::new(ask, invitation, &self.signing)?;
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
    fn groups_for(&self, ask: &EnrolAsk, reads: &[Scope]) -> Result<Vec<GroupKey>, ReceiveFault> {
        let key = |group: &Group| group_key(&group.card, group.private.get(&group.card.epoch), ask, reads);
        Ok(self.groups.values().map(key).collect::<Result<_, _>>()?)
    }
}
