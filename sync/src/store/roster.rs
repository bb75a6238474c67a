//! The roster: cards of stations and of groups, signed by the centre.

use super::{Group, ReceiveFault, Store, StoreFault, meta};
use crate::protocol::{GroupCard, PullAnswer, StationCard, StationRole};
use crate::sign::tagged;
use crate::wire::{from_cbor, to_cbor};
use crate::wrap::{self, Secret};
use intake::event::Scope;
use intake::ids::StationId;
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::BTreeMap;
use zeroize::Zeroizing;

impl Store {
    /// Takes in the cards of an answer. Cards that the centre did not sign are refused.
    ///
    /// # Errors
    /// [`crate::Refusal::BadSignature`]; store faults.
    pub fn note_roster(&mut self, answer: &PullAnswer) -> Result<(), ReceiveFault> {
        // Who sends from elsewhere comes with the segments, whether the roster has changed or not.
        if answer.stations.is_empty() && meta::get::<u64>(&self.db, "roster_of_centre")? == Some(answer.roster) {
            return Ok(());
        }
        answer.stations.iter().try_for_each(|card| card.check(&self.centre))?;
        answer.groups.iter().try_for_each(|card| card.check(&self.centre))?;
        let all = self.db.unchecked_transaction()?;
        for card in &answer.stations {
            put_station(&all, card)?;
        }
        for card in &answer.groups {
            put_group(&all, card, None, &self.station_key)?;
        }
        meta::put(&all, "roster_of_centre", &answer.roster)?;
        all.commit()?;
        // A station that was not known may be known now.
        self.aside.clear();
        for card in &answer.groups {
            note_current(&mut self.groups, card, None);
        }
        Ok(())
    }

    /// Keeps a station's card that the centre signed.
    ///
    /// # Errors
    /// [`crate::Refusal::BadSignature`]; store faults.
    pub fn note_station(&mut self, card: &StationCard) -> Result<(), ReceiveFault> {
        card.check(&self.centre)?;
        Ok(put_station(&self.db, card)?)
    }

    /// The group's card; makes the group when there is none yet. Only at the centre, which signs it.
    ///
    /// # Errors
    /// [`StoreFault::Invalid`] at a station that is not the centre; store faults.
    pub fn ensure_group(&mut self, name: &str) -> Result<GroupCard, StoreFault> {
        if let Some(group) = self.groups.get(name) {
            return Ok(group.card.clone());
        }
        if self.card.sign_public != self.centre {
            return Err(StoreFault::Invalid("only the centre makes groups".into()));
        }
        let (card, private) = crate::centre::new_group(name, &self.signing)?;
        let all = self.db.unchecked_transaction()?;
        put_group(&all, &card, Some(&private), &self.station_key)?;
        all.commit()?;
        note_current(&mut self.groups, &card, Some(private));
        Ok(card)
    }

    /// A station's card, by which its signatures are checked.
    ///
    /// # Errors
    /// Store faults.
    pub fn station_card(&self, station: StationId) -> Result<Option<StationCard>, StoreFault> {
        station_card(&self.db, station)
    }

    /// The first number of this end's roster. A station may turn from one end to another at any time, and each end counts for
    /// itself: a hub's numbers are told from the centre's and from another hub's.
    fn roster_base(&self) -> u64 {
        if self.card.role != StationRole::Hub {
            return 0;
        }
        let hash = blake3::hash(self.card.station.0.as_bytes());
        let mark = hash.as_bytes().first_chunk().map_or(1, |bytes| u32::from_be_bytes(*bytes)).max(1);
        u64::from(mark) << 32
    }

    /// Cards of stations that work in one of `scopes` (and the centre's), and of groups, added after `roster`; all of them,
    /// where that is another end's number.
    pub(super) fn roster_beyond(
        &self,
        roster: u64,
        scopes: &[Scope],
    ) -> Result<(Vec<StationCard>, Vec<GroupCard>, u64), StoreFault> {
        let (base, last) = (self.roster_base(), last_roster(&self.db)?);
        let roster = roster.checked_sub(base).filter(|held| *held <= last).unwrap_or(0);
        let stations: Vec<StationCard> = cards(&self.db, "SELECT card FROM station WHERE roster > ?1", roster)?;
        let concerns = |card: &StationCard| card.sign_public == self.centre || card.works_in(scopes);
        let stations = stations.into_iter().filter(concerns).collect();
        let groups = cards(&self.db, "SELECT card FROM reader_group WHERE roster > ?1 ORDER BY name, epoch", roster)?;
        Ok((stations, groups, base + last))
    }
}

pub(super) fn station_card(db: &Connection, station: StationId) -> Result<Option<StationCard>, StoreFault> {
    let card: Option<Vec<u8>> = db
        .prepare_cached("SELECT card FROM station WHERE id = ?1")?
        .query_row([station.0], |row| row.get(0))
        .optional()?;
    card.map(|bytes| from_cbor(&bytes)).transpose().map_err(StoreFault::unreadable)
}

/// Keeps a card; one that is already held changes nothing.
pub(super) fn put_station(db: &Connection, card: &StationCard) -> Result<(), StoreFault> {
    let next = last_roster(db)? + 1;
    db.execute(
        "INSERT INTO station (id, card, roster) VALUES (?1, ?2, ?3)
         ON CONFLICT (id) DO UPDATE SET card = excluded.card, roster = excluded.roster WHERE card <> excluded.card",
        params![card.station.0, to_cbor(card), next as i64],
    )?;
    Ok(())
}

/// Keeps a group's card, and its private key where we are a member.
pub(super) fn put_group(
    db: &Connection,
    card: &GroupCard,
    private: Option<&Secret>,
    station_key: &Secret,
) -> Result<(), StoreFault> {
    let wrapped = private
        .map(|key| wrap::encrypt(station_key, &private_aad(&card.name, card.epoch), key.as_slice()))
        .transpose()?;
    let next = last_roster(db)? + 1;
    db.execute(
        "INSERT INTO reader_group (name, epoch, card, private, roster) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (name, epoch) DO NOTHING",
        params![card.name, card.epoch, to_cbor(card), wrapped, next as i64],
    )?;
    Ok(())
}

/// All groups, each in rising order of epochs, with the private keys that we hold.
pub(super) fn groups(db: &Connection, key: &Secret) -> Result<Vec<(GroupCard, Option<Secret>)>, StoreFault> {
    let mut select = db.prepare("SELECT card, private FROM reader_group ORDER BY name, epoch")?;
    let rows = select.query_map([], |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, Option<Vec<u8>>>(1)?)))?;
    let mut groups = Vec::new();
    for row in rows {
        let (card, wrapped) = row?;
        let card: GroupCard = from_cbor(&card).map_err(StoreFault::unreadable)?;
        let private = wrapped.map(|it| open_private(key, &card, &it)).transpose()?;
        groups.push((card, private));
    }
    Ok(groups)
}

fn open_private(key: &Secret, card: &GroupCard, wrapped: &[u8]) -> Result<Secret, StoreFault> {
    let opened = wrap::decrypt(key, &private_aad(&card.name, card.epoch), wrapped).ok_or(StoreFault::KeyWrong)?;
    let bytes = opened.as_slice().try_into().map_err(|_| StoreFault::Damaged(format!("the key of {}", card.name)))?;
    Ok(Zeroizing::new(bytes))
}

fn private_aad(name: &str, epoch: u32) -> Vec<u8> {
    tagged("motcua/group-key/1", &to_cbor(&(name, epoch)))
}

fn note_current(groups: &mut BTreeMap<String, Group>, card: &GroupCard, private: Option<Secret>) {
    let new = || Group { card: card.clone(), private: BTreeMap::new() };
    let group = groups.entry(card.name.clone()).or_insert_with(new);
    if card.epoch >= group.card.epoch {
        group.card = card.clone();
    }
    group.private.extend(private.map(|key| (card.epoch, key)));
}

fn last_roster(db: &Connection) -> Result<u64, StoreFault> {
    let last: i64 = db.query_row(
        "SELECT max(ifnull((SELECT max(roster) FROM station), 0), ifnull((SELECT max(roster) FROM reader_group), 0))",
        [],
        |row| row.get(0),
    )?;
    Ok(last as u64)
}

fn cards<T: serde::de::DeserializeOwned>(db: &Connection, sql: &str, roster: u64) -> Result<Vec<T>, StoreFault> {
    let mut select = db.prepare_cached(sql)?;
    let rows = select.query_map([roster as i64], |row| row.get::<_, Vec<u8>>(0))?;
    rows.map(|bytes| from_cbor(&bytes?).map_err(StoreFault::unreadable)).collect()
}
