//! PostgreSQL: many nodes over one database. Only this folder knows its SQL.
//!
//! Whoever adds to a stream holds its row, so its numbers are given in the order in which they become visible, and a reader
//! that asks by heads skips nothing, however late another transaction commits.

mod db;
mod grants;
mod identity;
mod leases;
mod listen;
mod office;
mod people;
mod pool;
mod prepare;
mod pull;
mod push;
mod rows;
mod schema;
mod segments;
mod streams;
mod verify;

use super::{CentreStore, Counts};
use crate::news::News;
use db::Db;
use identity::Identity;
use intake::event::{Draft, Event, Scope, Subject};
use intake::ids::{SiteCode, StationId};
use intake::moment::Moment;
use pool::{Pool, store_fault, stored};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};
use sync::checkpoint::Checkpoint;
use sync::earlier::Tag;
use sync::protocol::WrappedKey;
use sync::protocol::{
    EnrolAsk, Enrolment, LeaseAsk, PublicState, PullAnswer, PullAsk, SegmentOutcome, SegmentWithGrants, StationCard,
};
use sync::segment::Segment;
use sync::store::{Invitation, ReceiveFault, StoreFault, VerifyReport};
use sync::stream::Heads;
use sync::wrap::Secret;

/// The log in a PostgreSQL database, as one of the nodes that share it.
pub struct Postgres {
    pool: Pool,
    identity: Identity,
    news: Arc<News>,
    exchange: listen::Exchange,
    cards: RwLock<HashMap<StationId, StationCard>>,
}

impl Postgres {
    /// Is this the address of a database?
    pub fn is_address(url: &str) -> bool {
        url.parse::<postgres::Config>().is_ok()
    }

    /// Opens the log of the database at `url`, and makes it where there is none. `key` is the file with the nodes' key,
    /// made when the log is; a second node needs a copy of it.
    ///
    /// # Errors
    /// [`StoreFault::KeyMissing`], [`StoreFault::KeyWrong`], [`StoreFault::NewerVersion`], [`StoreFault::Io`].
    pub fn open(url: &str, key: &Path, site: &SiteCode) -> Result<Self, StoreFault> {
        let config: postgres::Config =
            url.parse().map_err(|_| StoreFault::Invalid("not the address of a PostgreSQL database".into()))?;
        let pool = Pool::new(config);
        let mut client = pool.connect().map_err(|error| store_fault(&error))?;
        schema::migrate(&mut client)?;
        drop(client);
        let identity = Identity::load_or_make(&pool, key, site)?;
        let news = Arc::default();
        let exchange = listen::Exchange::start(&pool, &news)?;
        Ok(Self { pool, identity, news, exchange, cards: RwLock::default() })
    }

    /// The cards of stations, as far as there are such stations. A card is never changed, so each is read once.
    fn cards(&self, of: BTreeSet<StationId>) -> Result<BTreeMap<StationId, StationCard>, StoreFault> {
        let known = self.cards.read().unwrap_or_else(PoisonError::into_inner);
        let mut cards: BTreeMap<_, _> = of.iter().filter_map(|id| Some((*id, known.get(id)?.clone()))).collect();
        drop(known);
        let missing: Vec<StationId> = of.into_iter().filter(|id| !cards.contains_key(id)).collect();
        if missing.is_empty() {
            return Ok(cards);
        }
        let found = self.pool.transact(|db| office::cards(db, &missing)).map_err(stored)?;
        let mut known = self.cards.write().unwrap_or_else(PoisonError::into_inner);
        known.extend(found.iter().map(|card| (card.station, card.clone())));
        cards.extend(found.into_iter().map(|card| (card.station, card)));
        Ok(cards)
    }
}

impl CentreStore for Postgres {
    fn station_card(&self, station: StationId) -> Result<Option<StationCard>, StoreFault> {
        Ok(self.cards(BTreeSet::from([station]))?.remove(&station))
    }

    fn ensure_group(&self, name: &str) -> Result<(), StoreFault> {
        self.pool.transact(|db| office::ensure_group(db, &self.identity, name)).map_err(stored)
    }

    fn invite(&self, invitation: &Invitation) -> Result<String, StoreFault> {
        let token = sync::centre::new_token()?;
        self.pool.transact(|db| office::invite(db, &self.identity, &token, invitation)).map_err(stored)?;
        Ok(token)
    }

    fn enrol(&self, now: Moment, ask: &EnrolAsk) -> Result<Enrolment, ReceiveFault> {
        let enrolment = self.pool.transact(|db| office::enrol(db, &self.identity, now, ask))?;
        // Those who wait hear of their new neighbour with the next answer.
        self.exchange.spread(enrolment.card.scopes.iter().cloned().collect());
        Ok(enrolment)
    }

    fn publish(&self, now: Moment, draft: Draft) -> Result<(), StoreFault> {
        let scopes = draft.scopes.iter().cloned().collect();
        self.pool.transact(|db| office::publish(db, &self.identity, now, draft.clone())).map_err(stored)?;
        self.exchange.spread(scopes);
        Ok(())
    }

    fn lease(&self, now: Moment, to: &StationCard, ask: &LeaseAsk) -> Result<(), ReceiveFault> {
        let scopes = self.pool.transact(|db| leases::lease(db, &self.identity, now, to, ask))?;
        self.exchange.spread(scopes);
        Ok(())
    }

    fn push(&self, now: Moment, segments: &[SegmentWithGrants]) -> Result<Vec<SegmentOutcome>, StoreFault> {
        let header = |push: &SegmentWithGrants| Some(Segment::parse(&push.segment.0).ok()?.header.stream.station);
        let cards = self.cards(segments.iter().filter_map(header).collect())?;
        // What costs time is done before any row is held.
        let prepared = prepare::prepare(segments, &cards);
        let mut tried = false;
        let take = |db: &mut Db| {
            let search = std::mem::replace(&mut tried, true);
            push::take(db, &self.identity, now, &prepared, segments, search)
        };
        let (outcomes, scopes) = self.pool.transact(take).map_err(stored)?;
        // Told again for what was held already: the node that took it may have died before it told anybody.
        self.exchange.spread(scopes);
        Ok(outcomes)
    }

    fn heads(&self, scopes: &[Scope]) -> Result<Heads, StoreFault> {
        self.pool.transact(|db| rows::heads(db, scopes)).map_err(stored)
    }

    fn pull(&self, now: Moment, ask: &PullAsk) -> Result<PullAnswer, StoreFault> {
        let mut answer = self.pool.transact(|db| pull::answer(db, &self.identity, now, ask)).map_err(stored)?;
        if !answer.receipts.is_empty() {
            let settled = self.pool.transact(|db| pull::settled_receipts(db, &answer.receipts));
            answer.receipts = settled.map_err(stored)?;
        }
        Ok(answer)
    }

    fn countersign(&self, checkpoint: &Checkpoint) -> Result<Checkpoint, ReceiveFault> {
        self.pool.transact(|db| office::countersign(db, &self.identity, checkpoint))
    }

    fn public_state(&self, code: &str) -> Result<Option<PublicState>, StoreFault> {
        self.pool.transact(|db| office::public_state(db, code)).map_err(stored)
    }

    fn counts(&self) -> Result<Counts, StoreFault> {
        self.pool.transact(office::counts).map_err(stored)
    }

    fn events(&self) -> Result<Vec<Event>, StoreFault> {
        self.pool.transact(segments::events).map_err(stored)
    }

    fn of_person(&self, tags: &[Tag]) -> Result<Vec<Subject>, StoreFault> {
        self.pool.transact(|db| people::of_person(db, tags)).map_err(stored)
    }

    fn history(&self, subject: &Subject) -> Result<Vec<Event>, StoreFault> {
        self.pool.transact(|db| segments::history(db, subject)).map_err(stored)
    }

    fn streams(&self) -> Result<Heads, StoreFault> {
        self.pool.transact(rows::all_heads).map_err(stored)
    }

    fn verify(&self) -> Result<VerifyReport, StoreFault> {
        self.pool.transact(verify::verify).map_err(stored)
    }

    fn check_writable(&self) -> Result<(), StoreFault> {
        self.pool.transact(office::check_writable).map_err(stored)
    }

    fn limit_bytes(&self, _: u64) -> Result<(), StoreFault> {
        Err(StoreFault::Invalid("the size of a PostgreSQL database is its own administrator's to limit".into()))
    }

    fn open_for_recovery(&self, info: &[u8], wrapped: &WrappedKey) -> Result<Option<Secret>, StoreFault> {
        let opened = self.pool.transact(|db| {
            for row in db.query("SELECT card, private FROM reader_group WHERE name = 'recovery'", &[])? {
                let private = self.identity.open_group(&sync::wire::from_cbor(row.get(0))?, row.get(1))?;
                if let Some(secret) = sync::wrap::unwrap_with(&private, info, wrapped) {
                    return Ok(Some(secret));
                }
            }
            Ok(None)
        });
        opened.map_err(stored)
    }

    fn news(&self) -> &Arc<News> {
        &self.news
    }
}
